//! A request to the API, what it does to the directory, and the answer.

use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::KEY;
use super::directory::{Directory, Fields};
use super::fault::Fault;
use super::person::State;

/// Records of a page when the request does not say.
const PAGE_SIZE: usize = 20;
/// Records of a page at most.
const MAX_PAGE_SIZE: usize = 100;

/// A request, as far as the API looks at it.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: Fields,
    pub(super) key: Option<String>,
    pub(super) body: Bytes,
    /// The time of the request, as records show it.
    pub(super) now: String,
}

/// What the API answers when it does not refuse.
#[derive(Debug, PartialEq)]
pub(super) enum Answer {
    /// JSON with a status.
    Value(StatusCode, Value),
    /// 204.
    Done,
}

impl Request {
    /// A request as it came over the wire, at the present time.
    pub(super) fn new(parts: &http::request::Parts, body: Bytes) -> Self {
        let key = parts.headers.get("x-staff-key").and_then(|value| value.to_str().ok()).map(str::to_owned);
        Self {
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            query: pairs(parts.uri.query().unwrap_or_default().as_bytes()),
            key,
            body,
            now: jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S").to_string(),
        }
    }

    /// The body's form fields.
    fn form(&self) -> Fields {
        pairs(&self.body)
    }

    /// A query parameter that has a value.
    fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// A query parameter that is a number.
    fn number(&self, name: &str) -> Option<usize> {
        self.parameter(name)?.parse().ok()
    }

    /// The page asked for: its rows, its place, and the count of all.
    fn page(&self, rows: &[Value]) -> Answer {
        let size = self.number("size").unwrap_or(PAGE_SIZE).clamp(1, MAX_PAGE_SIZE);
        let page = self.number("page").unwrap_or(0);
        let shown: Vec<&Value> = rows.iter().skip(page.saturating_mul(size)).take(size).collect();
        Answer::Value(StatusCode::OK, json!({ "rows": shown, "page": page, "size": size, "count": rows.len() }))
    }
}

/// Names and values of a form or a query, decoded.
fn pairs(text: &[u8]) -> Fields {
    form_urlencoded::parse(text).into_owned().collect()
}

/// Carries out a request.
///
/// # Errors
/// See [`Fault`].
pub(super) fn answer(directory: &mut Directory, request: &Request) -> Result<Answer, Fault> {
    if request.key.as_deref() != Some(KEY) {
        return Err(Fault::Key);
    }
    let path = request.path.strip_prefix("/api/").ok_or(Fault::NoPage)?;
    let segments: Vec<&str> = path.split('/').collect();
    match segments.as_slice() {
        ["people"] => people(directory, request),
        ["people", no, rest @ ..] => person(directory, request, number(no).ok_or(Fault::NoPerson)?, rest),
        ["teams"] => teams(directory, request),
        ["teams", no, rest @ ..] => team(directory, request, number(no).ok_or(Fault::NoTeam)?, rest),
        ["door"] if request.method == Method::POST => door(directory, request),
        _ => Err(Fault::NoPage),
    }
}

/// A record's number in a path; digits only, as the API writes them.
fn number(segment: &str) -> Option<u64> {
    segment.parse().ok().filter(|no: &u64| no.to_string() == segment)
}

/// `/people`
fn people(directory: &mut Directory, request: &Request) -> Result<Answer, Fault> {
    match request.method {
        Method::GET => {
            let same = |wanted: Option<&str>, value: Option<&str>| {
                wanted.is_none_or(|wanted| value.is_some_and(|value| value.to_lowercase() == wanted.to_lowercase()))
            };
            let (login, mail, hr_ref) =
                (request.parameter("login"), request.parameter("mail"), request.parameter("hr_ref"));
            let found = directory.people.values().filter(|person| {
                same(login, Some(&person.login))
                    && (same(mail, person.mail.as_deref()) || same(mail, person.mail2.as_deref()))
                    && hr_ref.is_none_or(|wanted| person.hr_ref.as_deref() == Some(wanted))
            });
            let rows: Vec<Value> = found.map(|person| directory.person_value(person)).collect();
            Ok(request.page(&rows))
        }
        Method::POST => {
            let no = directory.create_person(&request.form(), &request.now)?;
            Ok(Answer::Value(StatusCode::CREATED, json!({ "person": directory.show_person(no)? })))
        }
        _ => Err(Fault::Method),
    }
}

/// `/people/{no}` and below
fn person(directory: &mut Directory, request: &Request, no: u64, rest: &[&str]) -> Result<Answer, Fault> {
    match (&request.method, rest) {
        (&Method::GET, []) => {}
        (&Method::POST, []) => directory.change_person(no, &request.form(), &request.now)?,
        (&Method::DELETE, []) => return directory.delete_person(no).map(|()| Answer::Done),
        (&Method::POST, ["disable"]) => {
            return directory.set_state(no, State::Disabled, &request.now).map(|()| Answer::Done);
        }
        (&Method::POST, ["enable"]) => {
            return directory.set_state(no, State::Active, &request.now).map(|()| Answer::Done);
        }
        (&Method::PUT, ["password"]) => {
            let body: Value = serde_json::from_slice(&request.body).map_err(|_| Fault::Unreadable)?;
            let password = body["new_password"].as_str().ok_or(Fault::Missing("new_password"))?;
            return directory.set_password(no, password, &request.now).map(|()| Answer::Done);
        }
        (_, [] | ["disable" | "enable" | "password"]) => return Err(Fault::Method),
        _ => return Err(Fault::NoPage),
    }
    Ok(Answer::Value(StatusCode::OK, json!({ "person": directory.show_person(no)? })))
}

/// `/teams`
fn teams(directory: &mut Directory, request: &Request) -> Result<Answer, Fault> {
    match request.method {
        Method::GET => {
            let name = request.parameter("name").map(str::to_lowercase);
            let found = directory.teams.values();
            let found = found.filter(|team| name.as_ref().is_none_or(|wanted| team.name.to_lowercase() == *wanted));
            let rows: Vec<Value> = found.map(|team| json!(team)).collect();
            Ok(request.page(&rows))
        }
        Method::POST => {
            let no = directory.create_team(&request.form(), &request.now)?;
            Ok(Answer::Value(StatusCode::CREATED, json!({ "team": directory.teams.get(&no) })))
        }
        _ => Err(Fault::Method),
    }
}

/// `/teams/{no}` and below
fn team(directory: &mut Directory, request: &Request, no: u64, rest: &[&str]) -> Result<Answer, Fault> {
    match (&request.method, rest) {
        (&Method::GET, []) => {}
        (&Method::POST, []) => directory.change_team(no, &request.form(), &request.now)?,
        (&Method::DELETE, []) => {
            return directory.teams.remove(&no).map(|_| Answer::Done).ok_or(Fault::NoTeam);
        }
        (&Method::GET, ["people"]) => {
            let people = &directory.teams.get(&no).ok_or(Fault::NoTeam)?.people;
            let people = people.iter().filter_map(|person| directory.people.get(person));
            let row = |person: &super::person::Person| json!({ "no": person.no, "login": person.login, "shown_name": person.shown_name });
            return Ok(request.page(&people.map(row).collect::<Vec<_>>()));
        }
        (&Method::PUT, ["people", person]) => {
            let person = number(person).ok_or(Fault::NoPerson)?;
            return directory.add_member(no, person, &request.now).map(|()| Answer::Done);
        }
        (&Method::DELETE, ["people", person]) => {
            let person = number(person).ok_or(Fault::NoMember)?;
            return directory.remove_member(no, person, &request.now).map(|()| Answer::Done);
        }
        (_, [] | ["people"] | ["people", _]) => return Err(Fault::Method),
        _ => return Err(Fault::NoPage),
    }
    let team = directory.teams.get(&no).ok_or(Fault::NoTeam)?;
    Ok(Answer::Value(StatusCode::OK, json!({ "team": team })))
}

/// `/door`
fn door(directory: &Directory, request: &Request) -> Result<Answer, Fault> {
    let form = request.form();
    let field = |name: &'static str| {
        form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).ok_or(Fault::Missing(name))
    };
    let (login, password) = (field("login")?.to_lowercase(), field("password")?);
    let person = directory.people.values().find(|person| person.login.to_lowercase() == login);
    if person.is_some_and(|person| person.opens_with(password)) { Ok(Answer::Done) } else { Err(Fault::Door) }
}
