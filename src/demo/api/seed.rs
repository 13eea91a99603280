//! The made-up company: 200 people in 12 teams, the same at every start.
//!
//! Mail addresses end in the reserved `.example`; telephone numbers are from the ranges that the national regulators
//! keep free for fiction.

use super::directory::{Directory, Team};
use super::person::{Person, State};

/// How many people work there.
const PEOPLE: u64 = 200;
/// 2016-01-04 08:00:00 UTC, the first day.
const FIRST_DAY: i64 = 1_451_894_400;
/// Somebody new every fortnight and a day.
const BETWEEN: i64 = 15 * 86_400 + 97;

const GIVEN: [&str; 40] = [
    "Ada", "Bruno", "Clara", "Dmitri", "Elena", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Katarina", "Liam", "Mei",
    "Noah", "Olga", "Pavel", "Quentin", "Rosa", "Samir", "Tereza", "Ulrich", "Vera", "Wanda", "Xenia", "Yusuf", "Zoe",
    "Anders", "Birgit", "Cormac", "Daphne", "Emeka", "Fiona", "Gustav", "Hana", "Ivan", "Judith", "Kofi", "Lucia",
    "Marek", "Niamh",
];

const FAMILY: [&str; 50] = [
    "Byrne",
    "Castillo",
    "Dvorak",
    "Eriksen",
    "Fischer",
    "Garnier",
    "Hartley",
    "Ivanova",
    "Jensen",
    "Keller",
    "Lindqvist",
    "Moreau",
    "Novak",
    "Okafor",
    "Petrov",
    "Quinn",
    "Rossi",
    "Schneider",
    "Takahashi",
    "Ueda",
    "Varga",
    "Weber",
    "Xu",
    "Yilmaz",
    "Zimmer",
    "Abbott",
    "Bianchi",
    "Conti",
    "Dubois",
    "Engel",
    "Ferrari",
    "Gruber",
    "Horvat",
    "Ibrahim",
    "Janssen",
    "Kovacs",
    "Lefebvre",
    "Meyer",
    "Nielsen",
    "Olsen",
    "Popescu",
    "Reyes",
    "Silva",
    "Tanaka",
    "Urban",
    "Vogel",
    "Walsh",
    "Adeyemi",
    "Yamada",
    "Zanetti",
];

/// Name, cost centre, the jobs below the head.
const DEPARTMENTS: [(&str, &str, [&str; 3]); 8] = [
    ("Engineering", "CC-100", ["Software Engineer", "Senior Software Engineer", "Test Engineer"]),
    ("Sales", "CC-200", ["Account Manager", "Sales Engineer", "Sales Assistant"]),
    ("Marketing", "CC-210", ["Content Editor", "Campaign Manager", "Designer"]),
    ("Finance", "CC-300", ["Accountant", "Controller", "Payroll Clerk"]),
    ("People and Culture", "CC-310", ["Recruiter", "People Partner", "Training Coordinator"]),
    ("Customer Support", "CC-400", ["Support Agent", "Senior Support Agent", "Support Engineer"]),
    ("Legal", "CC-500", ["Counsel", "Paralegal", "Contract Manager"]),
    ("Operations", "CC-600", ["System Administrator", "Facility Manager", "Buyer"]),
];

/// Language, time zone, and the telephone number up to its last three digits.
const OFFICES: [(&str, &str, &str); 4] = [
    ("en_GB", "Europe/London", "+44 20 7946 0"),
    ("de_DE", "Europe/Berlin", "+49 30 23125 "),
    ("en_IE", "Europe/Dublin", "+353 20 915 0"),
    ("fr_FR", "Europe/Paris", "+33 1 99 00 1"),
];

/// Teams beside the departments: name, first person, one in how many, and the end.
const OTHER_TEAMS: [(&str, u64, usize, u64); 4] = [
    ("Everybody", 0, 1, PEOPLE),
    ("Heads of Department", 0, 1, 8),
    ("First Aid", 5, 23, PEOPLE),
    ("Remote Access", 1, 3, PEOPLE),
];

/// The company on its first day of the demo.
pub(super) fn company() -> Directory {
    let mut directory = Directory::default();
    for index in 0..PEOPLE {
        let person = person(directory.next_number(), index);
        directory.people.insert(person.no, person);
    }
    let departments = DEPARTMENTS.iter().zip(0..).map(|((name, ..), first)| (*name, first, DEPARTMENTS.len(), PEOPLE));
    for (name, first, step, end) in departments.chain(OTHER_TEAMS) {
        let no = directory.next_number();
        let team = Team {
            no,
            name: name.to_owned(),
            ext_ref: None,
            created: moment(0),
            changed: moment(0),
            revision: 1,
            people: (first..end).step_by(step).map(|index| index + 1).collect(),
        };
        directory.teams.insert(no, team);
    }
    directory
}

/// The person number `no`, who came as number `index`, counted from 0.
fn person(no: u64, index: u64) -> Person {
    let given = pick(&GIVEN, index);
    // Forty steps of seven come back to the same given name with another family name.
    let family = pick(&FAMILY, index * 7 + index / 40);
    let (department, cost_centre, jobs) = *pick(&DEPARTMENTS, index);
    let (lang, time_zone, phone) = *pick(&OFFICES, index / 3);
    let head = index < 8;
    let login = format!("{}.{}@hartwell.example", given.to_lowercase(), family.to_lowercase());
    let text = |text: &str| Some(text.to_owned());
    Person {
        no,
        mail: Some(login.clone()),
        login,
        given_name: text(given),
        family_name: text(family),
        shown_name: Some(format!("{given} {family}")),
        job: Some(if head { format!("Head of {department}") } else { (*pick(&jobs, index / 8)).to_owned() }),
        mail2: (index % 4 == 2).then(|| format!("{}{index}@home.example", given.to_lowercase())),
        phone_office: Some(format!("{phone}{index:03}")),
        phone_mobile: index.is_multiple_of(5).then(|| format!("+44 7700 900{index:03}")),
        lang: text(lang),
        time_zone: text(time_zone),
        dept: text(department),
        cost_centre: text(cost_centre),
        staff_no: Some(format!("S-{}", 1000 + no)),
        boss: match index {
            0 => None,
            1..8 => Some(1),
            _ => Some(index % 8 + 1),
        },
        hr_ref: Some(format!("hr-{:06}", 480_000 + index * 37)),
        state: match index {
            _ if index % 67 == 66 => State::Locked,
            _ if index % 20 == 19 => State::Disabled,
            _ => State::Active,
        },
        created: moment(index),
        changed: moment(index),
        revision: 1,
        ..Person::default()
    }
}

/// The entry at `index`, from the start again after the last.
fn pick<T>(table: &[T], index: u64) -> &T {
    let length = table.len() as u64;
    let index = usize::try_from(index % length).unwrap_or_default();
    &table[index]
}

/// When person number `index` came, as records show it.
fn moment(index: u64) -> String {
    let index = i64::try_from(index).unwrap_or_default();
    let moment = jiff::Timestamp::from_second(FIRST_DAY + index * BETWEEN).unwrap_or_default();
    moment.strftime("%Y-%m-%d %H:%M:%S").to_string()
}
