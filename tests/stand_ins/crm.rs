//! The habits of a CRM with roles and permission sets: an envelope `data` around everything, ids with a prefix, roles that
//! stand in an agent's record and are replaced with it, permission sets that are given and taken by calls of their own, of
//! which licenses have seats.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::server::{Answer, Api, Request, alike};

/// The token that it takes.
pub(crate) const TOKEN: &str = "crm-token";
/// Records of a page at most.
const MAX_PAGE: usize = 50;
/// What clients may write into an agent.
const FIELDS: [&str; 9] = [
    "email",
    "first_name",
    "last_name",
    "display_name",
    "job_title",
    "phone",
    "external_ref",
    "department",
    "reports_to",
];
/// The roles: id, name, what they are for.
const ROLES: [(&str, &str, &str); 3] = [
    ("rol_agent", "Agent", "Works on tickets."),
    ("rol_lead", "Team lead", "Sees the tickets of a team."),
    ("rol_admin", "Administrator", "Changes the settings."),
];
/// The permission sets: id, label, kind, what they are for.
const PERMISSION_SETS: [(&str, &str, &str, &str); 4] = [
    ("set_voice", "Voice", "license", "A seat of the telephone module."),
    ("set_mobile", "Mobile", "license", "A seat of the mobile app."),
    ("set_export", "Export", "permission", "May export contacts."),
    ("set_merge", "Merge", "permission", "May merge tickets."),
];
/// Seats of each license.
const SEATS: usize = 2;

#[derive(Debug, Default)]
struct Team {
    record: Map<String, Value>,
    members: BTreeSet<String>,
}

#[derive(Debug, Default)]
struct Agent {
    record: Map<String, Value>,
    roles: BTreeSet<String>,
    permission_sets: BTreeSet<String>,
}

/// The CRM.
#[derive(Debug, Default)]
pub(crate) struct Crm {
    agents: BTreeMap<String, Agent>,
    teams: BTreeMap<String, Team>,
    last: u64,
}

impl Api for Crm {
    fn base(&self) -> &'static str {
        "/api/2"
    }

    fn answer(&mut self, request: &Request) -> Answer {
        if request.header("authorization") != Some(&format!("Token {TOKEN}")) {
            return refused(401, "unauthorized", "The token is not valid.");
        }
        let Some(segments) = request.segments("/api/2") else { return not_found() };
        match (request.method.as_str(), segments.as_slice()) {
            ("GET", ["agents"]) => self.list(request),
            ("POST", ["agents"]) => self.write(None, request),
            ("GET", ["agents", id]) => {
                self.agents.get(*id).map_or_else(not_found, |agent| data(200, &self.agent(agent)))
            }
            ("PATCH", ["agents", id]) => self.write(Some(id), request),
            ("DELETE", ["agents", id]) => self.delete(id),
            ("PUT", ["agents", id, "permission_sets", set]) => self.give(id, set),
            ("DELETE", ["agents", id, "permission_sets", set]) => {
                let agent = self.agents.get_mut(*id);
                if agent.is_some_and(|agent| agent.permission_sets.remove(*set)) {
                    Answer::empty(204)
                } else {
                    not_found()
                }
            }
            ("GET", ["teams"]) => {
                let name = request.parameter("name");
                let is_asked = |team: &&Team| name.is_none_or(|name| alike(&team.record["name"], name));
                page(self.teams.values().filter(is_asked).map(|team| self.team(team)).collect(), request)
            }
            ("POST", ["teams"]) => self.write_team(None, request),
            ("GET", ["teams", id]) => self.teams.get(*id).map_or_else(not_found, |team| data(200, &self.team(team))),
            ("PATCH", ["teams", id]) => self.write_team(Some(id), request),
            ("DELETE", ["teams", id]) => {
                if self.teams.remove(*id).is_some() {
                    Answer::empty(204)
                } else {
                    not_found()
                }
            }
            ("GET", ["roles"]) => page(ROLES.iter().map(role).collect(), request),
            ("GET", ["roles", id]) => {
                ROLES.iter().find(|role| role.0 == *id).map_or_else(not_found, |found| data(200, &role(found)))
            }
            ("GET", ["permission_sets"]) => {
                let kind = request.parameter("kind");
                let asked = PERMISSION_SETS.iter().filter(|set| kind.is_none_or(|kind| set.2 == kind));
                page(asked.map(permission_set).collect(), request)
            }
            ("GET", ["permission_sets", id]) => {
                let set = PERMISSION_SETS.iter().find(|set| set.0 == *id);
                set.map_or_else(not_found, |set| data(200, &permission_set(set)))
            }
            _ => not_found(),
        }
    }
}

fn refused(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(status, json!({ "error": { "code": code, "message": message } }))
}

fn not_found() -> Answer {
    refused(404, "not_found", "There is nothing here.")
}

fn invalid(message: &str) -> Answer {
    refused(422, "invalid", message)
}

fn data(status: u16, record: &Value) -> Answer {
    Answer::json(status, json!({ "data": record }))
}

fn role((id, name, about): &(&str, &str, &str)) -> Value {
    json!({ "id": id, "name": name, "about": about })
}

fn permission_set((id, label, kind, about): &(&str, &str, &str, &str)) -> Value {
    json!({ "id": id, "label": label, "kind": kind, "about": about })
}

fn page(records: Vec<Value>, request: &Request) -> Answer {
    let size = request.number("per_page").unwrap_or(MAX_PAGE).clamp(1, MAX_PAGE);
    let first = (request.number("page").unwrap_or(1).max(1) - 1) * size;
    let total = records.len();
    let records: Vec<Value> = records.into_iter().skip(first).take(size).collect();
    Answer::json(200, json!({ "data": records, "total": total }))
}

/// The ids in a list of `{id}`.
fn ids(list: &Value) -> BTreeSet<String> {
    let elements = list.as_array().into_iter().flatten();
    elements.filter_map(|element| element["id"].as_str()).map(str::to_owned).collect()
}

/// The name that an agent goes by: the one that was given, else its parts.
fn name_of(record: &Map<String, Value>) -> Option<String> {
    let part = |field: &str| record[field].as_str().filter(|text| !text.is_empty());
    if let Some(name) = part("display_name") {
        return Some(name.to_owned());
    }
    let parts: Vec<&str> = [part("first_name"), part("last_name")].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

impl Crm {
    fn next(&mut self, prefix: &str) -> String {
        self.last += 1;
        format!("{prefix}_{:06}", self.last)
    }

    /// An agent as it is shown.
    fn agent(&self, agent: &Agent) -> Value {
        let mut shown = agent.record.clone();
        let manager = agent.record["reports_to"].as_str().and_then(|id| self.agents.get(id));
        shown.insert("reports_to_name".to_owned(), json!(manager.and_then(|manager| name_of(&manager.record))));
        let roles = ROLES.iter().filter(|role| agent.roles.contains(role.0));
        shown.insert("roles".to_owned(), roles.map(|(id, name, _)| json!({ "id": id, "name": name })).collect());
        let sets = PERMISSION_SETS.iter().filter(|set| agent.permission_sets.contains(set.0));
        let sets = sets.map(|(id, label, kind, _)| json!({ "id": id, "label": label, "kind": kind }));
        shown.insert("permission_sets".to_owned(), sets.collect());
        let id = agent.record["id"].as_str().unwrap_or_default();
        let teams = self.teams.values().filter(|team| team.members.contains(id));
        let teams = teams.map(|team| json!({ "id": team.record["id"], "name": team.record["name"] }));
        shown.insert("teams".to_owned(), teams.collect());
        Value::Object(shown)
    }

    fn list(&self, request: &Request) -> Answer {
        let asked = self.agents.values().filter(|agent| {
            let is = |field: &str| request.parameter(field).is_none_or(|wanted| alike(&agent.record[field], wanted));
            is("email") && is("external_ref")
        });
        page(asked.map(|agent| self.agent(agent)).collect(), request)
    }

    /// Makes an agent, or changes the fields that are sent.
    fn write(&mut self, id: Option<&str>, request: &Request) -> Answer {
        let mut agent = match id {
            None => {
                let mut record: Map<String, Value> =
                    FIELDS.map(|field| (field.to_owned(), Value::Null)).into_iter().collect();
                record.insert("status".to_owned(), json!("enabled"));
                record.insert("created_at".to_owned(), json!(request.now));
                Agent { record, ..Agent::default() }
            }
            Some(id) => match self.agents.get(id) {
                Some(Agent { record, roles, permission_sets }) => {
                    Agent { record: record.clone(), roles: roles.clone(), permission_sets: permission_sets.clone() }
                }
                None => return not_found(),
            },
        };
        for field in FIELDS.iter().chain(&["status"]) {
            if let Some(value) = request.body.get(field) {
                agent.record.insert((*field).to_owned(), value.clone());
            }
        }
        if let Some(roles) = request.body.get("roles") {
            agent.roles = ids(roles);
        }
        agent.record.insert("updated_at".to_owned(), json!(request.now));
        if let Err(refusal) = self.check(&agent, id) {
            return refusal;
        }
        let new = id.map_or_else(|| self.next("agt"), str::to_owned);
        agent.record.shift_insert(0, "id".to_owned(), json!(new));
        let shown = self.agent(&agent);
        self.agents.insert(new, agent);
        data(if id.is_none() { 201 } else { 200 }, &shown)
    }

    /// What the CRM wants of an agent.
    fn check(&self, agent: &Agent, id: Option<&str>) -> Result<(), Answer> {
        let Some(email) = agent.record["email"].as_str().filter(|email| !email.is_empty()) else {
            return Err(invalid("email cannot be empty"));
        };
        if self.agents.iter().any(|(other, it)| Some(other.as_str()) != id && alike(&it.record["email"], email)) {
            return Err(refused(409, "taken", &format!("{email} belongs to another agent")));
        }
        if let Some(unknown) = agent.roles.iter().find(|role| ROLES.iter().all(|known| known.0 != role.as_str())) {
            return Err(invalid(&format!("there is no role {unknown}")));
        }
        match agent.record["reports_to"].as_str() {
            Some(manager) if !self.agents.contains_key(manager) => {
                Err(invalid(&format!("there is no agent {manager}")))
            }
            Some(manager) if Some(manager) == id => Err(invalid("an agent does not report to itself")),
            Some(_) | None => Ok(()),
        }
    }

    fn delete(&mut self, id: &str) -> Answer {
        if self.agents.remove(id).is_none() {
            return not_found();
        }
        for team in self.teams.values_mut() {
            team.members.remove(id);
        }
        for agent in self.agents.values_mut().filter(|agent| agent.record["reports_to"] == id) {
            agent.record.insert("reports_to".to_owned(), Value::Null);
        }
        Answer::empty(204)
    }

    fn give(&mut self, id: &str, set: &str) -> Answer {
        let Some((.., kind, _)) = PERMISSION_SETS.iter().find(|known| known.0 == set) else { return not_found() };
        let others = self.agents.iter().filter(|(other, agent)| *other != id && agent.permission_sets.contains(set));
        if *kind == "license" && others.count() >= SEATS {
            return refused(409, "no_seats", &format!("all {SEATS} seats of {set} are taken"));
        }
        let Some(agent) = self.agents.get_mut(id) else { return not_found() };
        agent.permission_sets.insert(set.to_owned());
        Answer::empty(204)
    }

    /// A team as it is shown.
    fn team(&self, team: &Team) -> Value {
        let mut shown = team.record.clone();
        let members = team.members.iter().filter_map(|id| self.agents.get(id));
        let members = members.map(|agent| json!({ "id": agent.record["id"], "name": name_of(&agent.record) }));
        shown.insert("members".to_owned(), members.collect());
        Value::Object(shown)
    }

    fn write_team(&mut self, id: Option<&str>, request: &Request) -> Answer {
        let (mut record, mut members) = match id.map(|id| self.teams.get(id)) {
            None => (Map::from_iter([("created_at".to_owned(), json!(request.now))]), BTreeSet::new()),
            Some(Some(team)) => (team.record.clone(), team.members.clone()),
            Some(None) => return not_found(),
        };
        for field in ["name", "external_ref"] {
            if let Some(value) = request.body.get(field) {
                record.insert(field.to_owned(), value.clone());
            }
        }
        if let Some(sent) = request.body.get("members") {
            members = ids(sent);
        }
        record.insert("updated_at".to_owned(), json!(request.now));
        let Some(name) = record.get("name").and_then(Value::as_str).filter(|name| !name.is_empty()) else {
            return invalid("name cannot be empty");
        };
        if self.teams.iter().any(|(other, team)| Some(other.as_str()) != id && alike(&team.record["name"], name)) {
            return refused(409, "taken", &format!("{name} is the name of another team"));
        }
        if let Some(unknown) = members.iter().find(|member| !self.agents.contains_key(*member)) {
            return invalid(&format!("there is no agent {unknown}"));
        }
        let new = id.map_or_else(|| self.next("team"), str::to_owned);
        record.insert("id".to_owned(), json!(new));
        let team = Team { record, members };
        let shown = self.team(&team);
        self.teams.insert(new, team);
        data(if id.is_none() { 201 } else { 200 }, &shown)
    }
}
