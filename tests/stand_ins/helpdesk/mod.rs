//! An ordinary REST API of nobody in particular, described by an OpenAPI document that it serves itself: `data` around every
//! answer, pages by number, a search that finds more than was asked for, endpoints that suspend and that change members.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::server::{Answer, Api, Request, alike};

/// The key that it takes.
pub(crate) const KEY: &str = "helpdesk-key";
/// The document that describes it, but for the address.
const DOCUMENT: &str = include_str!("openapi.yaml");
/// Records of a page, where nobody says, and at most.
const PER_PAGE: (usize, usize) = (25, 100);
/// What a user may be.
const ROLES: [&str; 3] = ["agent", "lead", "admin"];
/// Who is there from the beginning: login, names, role, state.
const PEOPLE: [[&str; 5]; 3] = [
    ["ada", "Ada", "Byrne", "admin", "active"],
    ["bo", "Bo", "Nygaard", "agent", "active"],
    ["cleo", "Cleo", "Marsh", "agent", "suspended"],
];
/// When they came.
const FOUNDED: &str = "2026-01-05T09:00:00Z";

#[derive(Debug)]
struct Team {
    name: String,
    created: String,
    members: BTreeSet<u64>,
}

/// The API.
#[derive(Debug)]
pub(crate) struct Helpdesk {
    users: BTreeMap<u64, Map<String, Value>>,
    teams: BTreeMap<u64, Team>,
    last: u64,
}

impl Default for Helpdesk {
    fn default() -> Self {
        let users = (1..).zip(PEOPLE).map(|(id, [login, first, last, role, state])| {
            let user = json!({
                "id": id, "login": login, "firstName": first, "lastName": last,
                "email": format!("{login}@acme.example"), "phone": null, "role": role, "state": state,
                "signature": format!("{first}, Acme"), "createdAt": FOUNDED, "updatedAt": FOUNDED
            });
            (id, user.as_object().cloned().unwrap_or_default())
        });
        let team = Team { name: "Support".to_owned(), created: FOUNDED.to_owned(), members: [1, 2].into() };
        Self { users: users.collect(), teams: [(4, team)].into(), last: 4 }
    }
}

impl Api for Helpdesk {
    fn base(&self) -> &'static str {
        "/v1"
    }

    fn answer(&mut self, request: &Request) -> Answer {
        let Some(segments) = request.segments(self.base()) else { return missing() };
        let method = request.method.as_str();
        if let ("GET", ["openapi.json"]) = (method, segments.as_slice()) {
            return Answer::json(200, document(request.header("host").unwrap_or("localhost")));
        }
        if request.header("x-api-key") != Some(KEY) {
            return refused(401, "BAD_KEY", "The X-Api-Key header holds no key of this API.");
        }
        let number = |text: &str| text.parse::<u64>().unwrap_or(0);
        match (method, segments.as_slice()) {
            ("GET", ["users"]) => self.list_users(request),
            ("POST", ["users"]) => self.create_user(request),
            ("GET", ["users", id]) => self.user(number(id)),
            ("PATCH", ["users", id]) => self.change_user(number(id), request),
            ("DELETE", ["users", id]) => self.delete_user(number(id)),
            ("POST", ["users", id, "suspend"]) => self.set_state(number(id), "suspended", request),
            ("POST", ["users", id, "reactivate"]) => self.set_state(number(id), "active", request),
            ("GET", ["teams"]) => self.list_teams(request),
            ("POST", ["teams"]) => self.create_team(request),
            ("GET", ["teams", id]) => self.team(number(id)),
            ("PATCH", ["teams", id]) => self.rename_team(number(id), request),
            ("DELETE", ["teams", id]) => done(self.teams.remove(&number(id)).is_some()),
            ("GET", ["teams", id, "members"]) => self.members(number(id), request),
            ("POST", ["teams", id, "members"]) => self.add(number(id), request),
            ("DELETE", ["teams", id, "members", user]) => self.take_out(number(id), number(user)),
            _ => missing(),
        }
    }
}

/// The document, with the address that it was asked for at.
pub(crate) fn document(host: &str) -> Value {
    let mut document: Value = serde_saphyr::from_str(DOCUMENT).unwrap_or_default();
    document["servers"][0]["url"] = json!(format!("http://{host}/v1"));
    document
}

fn refused(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(status, json!({ "error": { "code": code, "message": message } }))
}

fn missing() -> Answer {
    refused(404, "NOT_FOUND", "There is nothing at this address.")
}

fn done(found: bool) -> Answer {
    if found { Answer::empty(204) } else { missing() }
}

/// One page of records.
fn page(records: &[Value], request: &Request) -> Answer {
    let number = request.number("page").unwrap_or(1).max(1);
    let size = request.number("perPage").unwrap_or(PER_PAGE.0).clamp(1, PER_PAGE.1);
    let data: Vec<&Value> = records.iter().skip((number - 1) * size).take(size).collect();
    Answer::json(200, json!({ "data": data, "meta": { "page": number, "perPage": size, "total": records.len() } }))
}

impl Helpdesk {
    fn list_users(&self, request: &Request) -> Answer {
        let wanted = request.parameter("q").unwrap_or_default().to_lowercase();
        let holds = |user: &Map<String, Value>, field: &str| {
            user[field].as_str().is_some_and(|text| text.to_lowercase().contains(&wanted))
        };
        let found = self.users.values().filter(|user| holds(user, "login") || holds(user, "email"));
        page(&found.map(|user| json!(user)).collect::<Vec<_>>(), request)
    }

    fn user(&self, id: u64) -> Answer {
        self.users.get(&id).map_or_else(missing, |user| Answer::json(200, json!({ "data": user })))
    }

    fn create_user(&mut self, request: &Request) -> Answer {
        let id = self.last + 1;
        let user = json!({
            "id": id, "login": "", "firstName": "", "lastName": "", "email": "", "phone": null, "role": "",
            "state": "active", "signature": null, "createdAt": request.now, "updatedAt": request.now
        });
        let user = user.as_object().cloned().unwrap_or_default();
        match self.written(user, request) {
            Ok(user) => {
                self.last = id;
                let shown = json!({ "data": user });
                self.users.insert(id, user);
                Answer::json(201, shown)
            }
            Err(refusal) => refusal,
        }
    }

    fn change_user(&mut self, id: u64, request: &Request) -> Answer {
        let Some(user) = self.users.get(&id).cloned() else { return missing() };
        match self.written(user, request) {
            Ok(user) => {
                self.users.insert(id, user);
                self.user(id)
            }
            Err(refusal) => refusal,
        }
    }

    fn delete_user(&mut self, id: u64) -> Answer {
        for team in self.teams.values_mut() {
            team.members.remove(&id);
        }
        done(self.users.remove(&id).is_some())
    }

    fn set_state(&mut self, id: u64, state: &str, request: &Request) -> Answer {
        if let Some(user) = self.users.get_mut(&id) {
            user["state"] = json!(state);
            user["updatedAt"] = json!(request.now);
        }
        self.user(id)
    }

    /// A user with what was sent. What nobody may write is passed over.
    fn written(&self, mut user: Map<String, Value>, request: &Request) -> Result<Map<String, Value>, Answer> {
        for field in ["login", "firstName", "lastName", "email", "phone", "role", "signature"] {
            let Some(value) = request.body.get(field) else { continue };
            let may_be_null = matches!(field, "phone" | "signature");
            let is_fine = value.is_string() || may_be_null && value.is_null();
            if !is_fine {
                return Err(refused(422, "BAD_FIELD", &format!("`{field}` must be a text.")));
            }
            user[field] = value.clone();
        }
        for field in ["login", "email"] {
            if user[field] == "" {
                return Err(refused(422, "MISSING_FIELD", &format!("`{field}` must be given.")));
            }
            let value = user[field].as_str().unwrap_or_default();
            if self.users.values().any(|other| other["id"] != user["id"] && alike(&other[field], value)) {
                return Err(refused(409, "TAKEN", &format!("Somebody has the {field} {value} already.")));
            }
        }
        if !ROLES.iter().any(|role| user["role"] == *role) {
            return Err(refused(422, "BAD_FIELD", &format!("`role` must be one of {}.", ROLES.join(", "))));
        }
        user["updatedAt"] = json!(request.now);
        Ok(user)
    }

    fn list_teams(&self, request: &Request) -> Answer {
        let wanted = request.parameter("name");
        let found = self.teams.iter().filter(|(_, team)| wanted.is_none_or(|wanted| team.name == wanted));
        page(&found.map(|(id, team)| shown(*id, team)).collect::<Vec<_>>(), request)
    }

    fn team(&self, id: u64) -> Answer {
        self.teams.get(&id).map_or_else(missing, |team| Answer::json(200, json!({ "data": shown(id, team) })))
    }

    /// The name that was sent, if it may be one.
    fn name(&self, own: u64, request: &Request) -> Result<String, Answer> {
        let Some(name) = request.body["name"].as_str().filter(|name| !name.is_empty()) else {
            return Err(refused(422, "MISSING_FIELD", "`name` must be given."));
        };
        if self.teams.iter().any(|(id, team)| *id != own && team.name == name) {
            return Err(refused(409, "TAKEN", &format!("There is a team {name} already.")));
        }
        Ok(name.to_owned())
    }

    fn create_team(&mut self, request: &Request) -> Answer {
        match self.name(0, request) {
            Ok(name) => {
                self.last += 1;
                let team = Team { name, created: request.now.clone(), members: BTreeSet::new() };
                let shown = json!({ "data": shown(self.last, &team) });
                self.teams.insert(self.last, team);
                Answer::json(201, shown)
            }
            Err(refusal) => refusal,
        }
    }

    fn rename_team(&mut self, id: u64, request: &Request) -> Answer {
        if !self.teams.contains_key(&id) {
            return missing();
        }
        match self.name(id, request) {
            Ok(name) => {
                if let Some(team) = self.teams.get_mut(&id) {
                    team.name = name;
                }
                self.team(id)
            }
            Err(refusal) => refusal,
        }
    }

    fn members(&self, id: u64, request: &Request) -> Answer {
        let Some(team) = self.teams.get(&id) else { return missing() };
        let users = team.members.iter().filter_map(|id| self.users.get(id));
        let members: Vec<Value> = users.map(|user| json!({ "id": user["id"], "login": user["login"] })).collect();
        page(&members, request)
    }

    fn add(&mut self, id: u64, request: &Request) -> Answer {
        let user = request.body["userId"].as_u64().unwrap_or(0);
        let known = self.users.contains_key(&user);
        let Some(team) = self.teams.get_mut(&id) else { return missing() };
        if !known {
            return refused(422, "BAD_FIELD", "`userId` must be the id of a user.");
        }
        team.members.insert(user);
        Answer::empty(204)
    }

    fn take_out(&mut self, id: u64, user: u64) -> Answer {
        done(self.teams.get_mut(&id).is_some_and(|team| team.members.remove(&user)))
    }
}

fn shown(id: u64, team: &Team) -> Value {
    json!({ "id": id, "name": team.name, "createdAt": team.created })
}
