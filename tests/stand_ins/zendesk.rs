//! Zendesk's habits: basic authentication by `address/token:key`, an envelope per resource, cursors in brackets, a search
//! besides the list, a delete that leaves the record with `active: false`, memberships that are objects of their own.

use std::collections::BTreeMap;

use base64::Engine as _;
use serde_json::{Map, Value, json};

use super::server::{Answer, Api, Request, alike, object};

/// Who may call.
pub(crate) const USER: &str = "admin@acme.example/token";
/// The key of that user.
pub(crate) const KEY: &str = "zendesk-key";
/// Records of a page at most.
const MAX_SIZE: usize = 100;
/// What clients may write into a user.
const WRITABLE: [&str; 14] = [
    "name",
    "email",
    "external_id",
    "role",
    "suspended",
    "phone",
    "alias",
    "locale",
    "time_zone",
    "details",
    "notes",
    "organization_id",
    "tags",
    "user_fields",
];

/// Zendesk.
#[derive(Debug, Default)]
pub(crate) struct Zendesk {
    users: BTreeMap<u64, Map<String, Value>>,
    groups: BTreeMap<u64, Map<String, Value>>,
    memberships: BTreeMap<u64, (u64, u64)>,
    last: u64,
}

impl Api for Zendesk {
    fn base(&self) -> &'static str {
        "/api/v2"
    }

    fn answer(&mut self, request: &Request) -> Answer {
        let wanted = base64::engine::general_purpose::STANDARD.encode(format!("{USER}:{KEY}"));
        if request.header("authorization") != Some(&format!("Basic {wanted}")) {
            return Answer::json(401, json!({ "error": "Couldn't authenticate you" }));
        }
        let number = |text: &str| text.parse::<u64>().unwrap_or(0);
        let Some(segments) = request.segments("/api/v2") else { return not_found() };
        match (request.method.as_str(), segments.as_slice()) {
            ("GET", ["users"]) => page("users", self.users.values().filter(|user| user["active"] == true), request),
            ("GET", ["users", "search"]) => self.search(request),
            ("POST", ["users"]) => self.create(request),
            ("POST", ["users", "create_or_update"]) => self.create_or_update(request),
            ("GET", ["users", id]) => show("user", self.users.get(&number(id))),
            ("PUT", ["users", id]) => self.change(number(id), request),
            ("DELETE", ["users", id]) => self.delete(number(id)),
            ("GET", ["groups"]) => page("groups", self.groups.values(), request),
            ("POST", ["groups"]) => self.write_group(None, request),
            ("GET", ["groups", id]) => show("group", self.groups.get(&number(id))),
            ("PUT", ["groups", id]) => self.write_group(Some(number(id)), request),
            ("DELETE", ["groups", id]) => self.delete_group(number(id)),
            ("GET", ["groups", id, "memberships"]) => self.list_memberships(|(_, group)| group == number(id), request),
            ("GET", ["users", id, "group_memberships"]) => {
                self.list_memberships(|(user, _)| user == number(id), request)
            }
            ("POST", ["group_memberships"]) => self.join(request),
            ("DELETE", ["group_memberships", id]) => match self.memberships.remove(&number(id)) {
                Some(_) => Answer::empty(204),
                None => not_found(),
            },
            _ => not_found(),
        }
    }
}

fn not_found() -> Answer {
    Answer::json(404, json!({ "error": "RecordNotFound", "description": "Not found" }))
}

fn invalid(field: &str, error: &str, text: &str) -> Answer {
    let mut details = Map::new();
    details.insert(field.to_owned(), json!([{ "description": text, "error": error }]));
    let description = "Record validation errors";
    Answer::json(422, json!({ "error": "RecordInvalid", "description": description, "details": details }))
}

fn show(envelope: &str, record: Option<&Map<String, Value>>) -> Answer {
    record.map_or_else(not_found, |record| Answer::json(200, wrap(envelope, json!(record))))
}

fn wrap(envelope: &str, value: Value) -> Value {
    Value::Object(Map::from_iter([(envelope.to_owned(), value)]))
}

/// A page behind the cursor; the cursor is the last id of the page before, in a coat.
fn page<'a>(envelope: &str, records: impl Iterator<Item = &'a Map<String, Value>>, request: &Request) -> Answer {
    let size = request.number("page[size]").unwrap_or(MAX_SIZE).clamp(1, MAX_SIZE);
    let after = match request.parameter("page[after]") {
        None => 0,
        Some(cursor) => match cursor.strip_prefix("after-").and_then(|id| id.parse::<u64>().ok()) {
            Some(id) => id,
            None => return Answer::json(400, json!({ "error": "InvalidPaginationParameter" })),
        },
    };
    let mut rest = records.filter(|record| record["id"].as_u64().is_some_and(|id| id > after));
    let records: Vec<_> = rest.by_ref().take(size).collect();
    let has_more = rest.next().is_some();
    let last = records.last().map(|record| format!("after-{}", record["id"]));
    let host = request.header("host").unwrap_or_default();
    let next = last.as_ref().filter(|_| has_more);
    let next = next.map(|cursor| format!("http://{host}{}?page[size]={size}&page[after]={cursor}", request.path));
    let meta = json!({ "has_more": has_more, "after_cursor": last, "before_cursor": null });
    let mut body = wrap(envelope, json!(records));
    body["meta"] = meta;
    body["links"] = json!({ "prev": null, "next": next });
    Answer::json(200, body)
}

impl Zendesk {
    fn next(&mut self) -> u64 {
        self.last += 1;
        // As large as Zendesk's own: beyond 32 bits.
        360_000_000_000 + self.last
    }

    fn search(&self, request: &Request) -> Answer {
        let users = self.users.values().filter(|user| user["active"] == true);
        let query = request.parameter("query").map(|query| query.strip_prefix("email:").unwrap_or(query));
        let external = request.parameter("external_id");
        let found = users.filter(|user| {
            query.is_none_or(|query| {
                let query = query.trim_matches('"').to_lowercase();
                ["email", "name"].iter().any(|f| user[*f].as_str().is_some_and(|t| t.to_lowercase().contains(&query)))
            }) && external.is_none_or(|wanted| alike(&user["external_id"], wanted))
        });
        let found: Vec<_> = found.take(MAX_SIZE).collect();
        let count = found.len();
        Answer::json(200, json!({ "users": found, "next_page": null, "previous_page": null, "count": count }))
    }

    fn create(&mut self, request: &Request) -> Answer {
        let Some(sent) = object(&request.body, "user") else { return invalid("base", "Missing", "user is missing") };
        let mut user = Map::new();
        for field in WRITABLE {
            user.insert(field.to_owned(), Value::Null);
        }
        let defaults = [("role", json!("end-user")), ("suspended", json!(false)), ("active", json!(true))];
        user.extend(defaults.into_iter().map(|(name, value)| (name.to_owned(), value)));
        user.extend(
            [("verified", json!(false)), ("shared", json!(false))].map(|(name, value)| (name.to_owned(), value)),
        );
        user.insert("tags".to_owned(), json!([]));
        user.insert("user_fields".to_owned(), json!({}));
        user.insert("locale".to_owned(), json!("en-US"));
        user.insert("created_at".to_owned(), json!(request.now));
        if let Err(refusal) = self.write(&mut user, sent, &request.now) {
            return refusal;
        }
        let id = self.next();
        user.shift_insert(0, "id".to_owned(), json!(id));
        let shown = wrap("user", json!(user));
        self.users.insert(id, user);
        Answer::json(201, shown)
    }

    fn create_or_update(&mut self, request: &Request) -> Answer {
        let sent = &request.body["user"];
        let known = self.users.iter().find(|(_, user)| {
            let same = |field: &str| sent[field].as_str().is_some_and(|wanted| alike(&user[field], wanted));
            same("external_id") || same("email")
        });
        match known.map(|(id, _)| *id) {
            Some(id) => self.change(id, request),
            None => self.create(request),
        }
    }

    fn change(&mut self, id: u64, request: &Request) -> Answer {
        let Some(mut user) = self.users.get(&id).filter(|user| user["active"] == true).cloned() else {
            return not_found();
        };
        let Some(sent) = object(&request.body, "user") else { return invalid("base", "Missing", "user is missing") };
        if let Err(refusal) = self.write(&mut user, sent, &request.now) {
            return refusal;
        }
        let shown = wrap("user", json!(user));
        self.users.insert(id, user);
        Answer::json(200, shown)
    }

    fn write(&self, user: &mut Map<String, Value>, sent: &Map<String, Value>, now: &str) -> Result<(), Answer> {
        for (name, value) in sent.iter().filter(|(name, _)| WRITABLE.contains(&name.as_str())) {
            user.insert(name.clone(), value.clone());
        }
        user.insert("updated_at".to_owned(), json!(now));
        if user["name"].as_str().is_none_or(str::is_empty) {
            return Err(invalid("name", "BlankValue", "Name: is too short (minimum one character)"));
        }
        if !matches!(user["role"].as_str(), Some("end-user" | "agent" | "admin")) {
            return Err(invalid("role", "InvalidValue", "Role: is not valid"));
        }
        let others = || self.users.values().filter(|other| other["id"] != user.get("id").cloned().unwrap_or_default());
        for (field, label) in [("email", "Email"), ("external_id", "External")] {
            let Some(value) = user[field].as_str() else { continue };
            if others().any(|other| other["active"] == true && alike(&other[field], value)) {
                let text = format!("{label}: {value} is already being used by another user");
                return Err(invalid(field, "DuplicateValue", &text));
            }
        }
        Ok(())
    }

    fn delete(&mut self, id: u64) -> Answer {
        let Some(user) = self.users.get_mut(&id).filter(|user| user["active"] == true) else { return not_found() };
        user.insert("active".to_owned(), json!(false));
        let shown = wrap("user", json!(user));
        self.memberships.retain(|_, (user, _)| *user != id);
        Answer::json(200, shown)
    }

    fn write_group(&mut self, id: Option<u64>, request: &Request) -> Answer {
        let mut group = match id {
            None => Map::from_iter([("created_at".to_owned(), json!(request.now))]),
            Some(id) => match self.groups.get(&id) {
                Some(group) => group.clone(),
                None => return not_found(),
            },
        };
        for field in ["name", "description"] {
            let sent = request.body["group"].get(field).cloned();
            group.insert(field.to_owned(), sent.or_else(|| group.get(field).cloned()).unwrap_or_default());
        }
        group.insert("updated_at".to_owned(), json!(request.now));
        if group["name"].as_str().is_none_or(str::is_empty) {
            return invalid("name", "BlankValue", "Name: cannot be blank");
        }
        let name = group["name"].as_str().unwrap_or_default();
        if self.groups.iter().any(|(other, group)| Some(*other) != id && alike(&group["name"], name)) {
            return invalid("name", "DuplicateValue", "Name: has already been taken");
        }
        let id = id.unwrap_or_else(|| self.next());
        group.insert("id".to_owned(), json!(id));
        let shown = wrap("group", json!(group));
        let status = if self.groups.insert(id, group).is_some() { 200 } else { 201 };
        Answer::json(status, shown)
    }

    fn delete_group(&mut self, id: u64) -> Answer {
        self.memberships.retain(|_, (_, group)| *group != id);
        if self.groups.remove(&id).is_some() { Answer::empty(204) } else { not_found() }
    }

    fn list_memberships(&self, wanted: impl Fn((u64, u64)) -> bool, request: &Request) -> Answer {
        let found = self.memberships.iter().filter(|(_, pair)| wanted(**pair));
        let found = found.map(|(id, (user, group))| {
            let fields = [("id", *id), ("user_id", *user), ("group_id", *group)];
            fields.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect::<Map<_, _>>()
        });
        page("group_memberships", found.collect::<Vec<_>>().iter(), request)
    }

    fn join(&mut self, request: &Request) -> Answer {
        let sent = &request.body["group_membership"];
        let pair = (sent["user_id"].as_u64().unwrap_or(0), sent["group_id"].as_u64().unwrap_or(0));
        let user = self.users.get(&pair.0).filter(|user| user["active"] == true);
        let Some(user) = user else { return invalid("user", "InvalidValue", "User: is not valid") };
        if !self.groups.contains_key(&pair.1) {
            return invalid("group", "InvalidValue", "Group: is not valid");
        }
        if user["role"] == "end-user" {
            return invalid("user_id", "InvalidValue", "User: end users cannot be in groups");
        }
        if self.memberships.values().any(|other| *other == pair) {
            return invalid("user_id", "DuplicateValue", "User: has already been taken");
        }
        let id = self.next();
        self.memberships.insert(id, pair);
        Answer::json(201, json!({ "group_membership": { "id": id, "user_id": pair.0, "group_id": pair.1 } }))
    }
}
