//! The people and teams that the API keeps.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use super::fault::Fault;
use super::person::{Person, State};

/// A team as the directory keeps it.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Team {
    pub(super) no: u64,
    pub(super) name: String,
    pub(super) ext_ref: Option<String>,
    pub(super) created: String,
    pub(super) changed: String,
    pub(super) revision: u64,
    /// Shown page by page, at a path of its own.
    #[serde(skip)]
    pub(super) people: BTreeSet<u64>,
}

/// Everybody and every team, by number.
#[derive(Debug, Default)]
pub(super) struct Directory {
    pub(super) people: BTreeMap<u64, Person>,
    pub(super) teams: BTreeMap<u64, Team>,
    last: u64,
}

/// Form fields in the order sent.
pub(super) type Fields = Vec<(String, String)>;

impl Directory {
    /// The next number; people and teams share the row.
    pub(super) fn next_number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// A person as the API shows it.
    ///
    /// # Errors
    /// [`Fault::NoPerson`].
    pub(super) fn show_person(&self, no: u64) -> Result<Value, Fault> {
        self.people.get(&no).map(|person| self.person_value(person)).ok_or(Fault::NoPerson)
    }

    /// A person with its teams.
    pub(super) fn person_value(&self, person: &Person) -> Value {
        let teams = self.teams.values().filter(|team| team.people.contains(&person.no));
        let teams: Vec<Value> = teams.map(|team| json!({ "no": team.no, "name": team.name })).collect();
        let mut value = json!(person);
        value["teams"] = Value::Array(teams);
        value
    }

    /// Makes a person; gives its number.
    ///
    /// # Errors
    /// What [`Person::set`] refuses, a missing or taken login, a boss who does not exist.
    pub(super) fn create_person(&mut self, fields: &Fields, now: &str) -> Result<u64, Fault> {
        let mut person = Person { created: now.to_owned(), changed: now.to_owned(), revision: 1, ..Person::default() };
        self.fill_person(&mut person, fields)?;
        person.no = self.next_number();
        let no = person.no;
        self.people.insert(no, person);
        Ok(no)
    }

    /// Changes a person.
    ///
    /// # Errors
    /// As [`Directory::create_person`], and [`Fault::NoPerson`].
    pub(super) fn change_person(&mut self, no: u64, fields: &Fields, now: &str) -> Result<(), Fault> {
        let mut person = self.people.get(&no).ok_or(Fault::NoPerson)?.clone();
        self.fill_person(&mut person, fields)?;
        touch(&mut person.changed, &mut person.revision, now);
        self.people.insert(no, person);
        Ok(())
    }

    /// Writes fields into a person and holds the result against all others.
    fn fill_person(&self, person: &mut Person, fields: &Fields) -> Result<(), Fault> {
        for (field, value) in fields {
            person.set(field, value)?;
        }
        if person.login.is_empty() {
            return Err(Fault::Missing("login"));
        }
        let login = person.login.to_lowercase();
        if self.people.values().any(|other| other.no != person.no && other.login.to_lowercase() == login) {
            return Err(Fault::Taken("login", person.login.clone()));
        }
        if person.boss.is_some_and(|boss| !self.people.contains_key(&boss)) {
            return Err(Fault::Unfit("boss", "a person's number"));
        }
        Ok(())
    }

    /// Sets a person's state.
    ///
    /// # Errors
    /// [`Fault::NoPerson`].
    pub(super) fn set_state(&mut self, no: u64, state: State, now: &str) -> Result<(), Fault> {
        let person = self.people.get_mut(&no).ok_or(Fault::NoPerson)?;
        person.state = state;
        touch(&mut person.changed, &mut person.revision, now);
        Ok(())
    }

    /// Sets a person's password.
    ///
    /// # Errors
    /// [`Fault::NoPerson`].
    pub(super) fn set_password(&mut self, no: u64, password: &str, now: &str) -> Result<(), Fault> {
        let person = self.people.get_mut(&no).ok_or(Fault::NoPerson)?;
        person.set_password(password);
        touch(&mut person.changed, &mut person.revision, now);
        Ok(())
    }

    /// Removes a person, and every trace of the number.
    ///
    /// # Errors
    /// [`Fault::NoPerson`].
    pub(super) fn delete_person(&mut self, no: u64) -> Result<(), Fault> {
        self.people.remove(&no).ok_or(Fault::NoPerson)?;
        for team in self.teams.values_mut() {
            team.people.remove(&no);
        }
        for person in self.people.values_mut().filter(|person| person.boss == Some(no)) {
            person.boss = None;
        }
        Ok(())
    }

    /// Makes a team; gives its number.
    ///
    /// # Errors
    /// A field that teams do not have, a missing or taken name.
    pub(super) fn create_team(&mut self, fields: &Fields, now: &str) -> Result<u64, Fault> {
        let mut team = Team { created: now.to_owned(), changed: now.to_owned(), revision: 1, ..Team::default() };
        self.fill_team(&mut team, fields)?;
        team.no = self.next_number();
        let no = team.no;
        self.teams.insert(no, team);
        Ok(no)
    }

    /// Changes a team.
    ///
    /// # Errors
    /// As [`Directory::create_team`], and [`Fault::NoTeam`].
    pub(super) fn change_team(&mut self, no: u64, fields: &Fields, now: &str) -> Result<(), Fault> {
        let mut team = self.teams.get(&no).ok_or(Fault::NoTeam)?.clone();
        self.fill_team(&mut team, fields)?;
        touch(&mut team.changed, &mut team.revision, now);
        self.teams.insert(no, team);
        Ok(())
    }

    /// Writes fields into a team and holds the result against all others.
    fn fill_team(&self, team: &mut Team, fields: &Fields) -> Result<(), Fault> {
        for (field, value) in fields {
            match field.as_str() {
                "name" => value.clone_into(&mut team.name),
                "ext_ref" => team.ext_ref = (!value.is_empty()).then(|| value.clone()),
                other => return Err(Fault::Unknown(other.to_owned())),
            }
        }
        if team.name.is_empty() {
            return Err(Fault::Missing("name"));
        }
        let name = team.name.to_lowercase();
        if self.teams.values().any(|other| other.no != team.no && other.name.to_lowercase() == name) {
            return Err(Fault::Taken("name", team.name.clone()));
        }
        Ok(())
    }

    /// Adds a person to a team; again is fine.
    ///
    /// # Errors
    /// [`Fault::NoTeam`], [`Fault::NoPerson`].
    pub(super) fn add_member(&mut self, team: u64, person: u64, now: &str) -> Result<(), Fault> {
        let team = self.teams.get_mut(&team).ok_or(Fault::NoTeam)?;
        if !self.people.contains_key(&person) {
            return Err(Fault::NoPerson);
        }
        if team.people.insert(person) {
            touch(&mut team.changed, &mut team.revision, now);
        }
        Ok(())
    }

    /// Takes a person out of a team.
    ///
    /// # Errors
    /// [`Fault::NoTeam`], [`Fault::NoMember`].
    pub(super) fn remove_member(&mut self, team: u64, person: u64, now: &str) -> Result<(), Fault> {
        let team = self.teams.get_mut(&team).ok_or(Fault::NoTeam)?;
        if !team.people.remove(&person) {
            return Err(Fault::NoMember);
        }
        touch(&mut team.changed, &mut team.revision, now);
        Ok(())
    }
}

/// Notes a change.
fn touch(changed: &mut String, revision: &mut u64, now: &str) {
    now.clone_into(changed);
    *revision += 1;
}
