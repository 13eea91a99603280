//! Redmine's habits: `.json` at the end of every path, an envelope per resource, 204 without a body for changes, a list that
//! hides everybody who is not active unless `status=` is given (empty for all), a substring search, groups without pages.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::server::{Answer, Api, Request, alike, object};

/// The key that it takes.
pub(crate) const KEY: &str = "redmine-key";
/// Records of a page at most.
const MAX_LIMIT: usize = 100;
/// The custom fields that its administrator made.
const CUSTOM_FIELDS: [(u64, &str); 2] = [(1, "External id"), (2, "Department")];

#[derive(Debug, Default)]
struct Group {
    name: String,
    users: BTreeSet<u64>,
}

/// Redmine.
#[derive(Debug, Default)]
pub(crate) struct Redmine {
    users: BTreeMap<u64, Map<String, Value>>,
    groups: BTreeMap<u64, Group>,
    last: u64,
}

impl Api for Redmine {
    fn base(&self) -> &'static str {
        ""
    }

    fn answer(&mut self, request: &Request) -> Answer {
        if request.header("x-redmine-api-key") != Some(KEY) {
            return Answer::empty(401);
        }
        let Some(path) = request.path.strip_suffix(".json") else { return Answer::empty(404) };
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let number = |text: &str| text.parse::<u64>().unwrap_or(0);
        match (request.method.as_str(), segments.as_slice()) {
            ("GET", ["users"]) => self.list(request),
            ("POST", ["users"]) => self.create(request),
            ("GET", ["users", id]) => self.show(number(id), request),
            ("PUT", ["users", id]) => self.change(number(id), request),
            ("DELETE", ["users", id]) => self.delete(number(id)),
            ("GET", ["groups"]) => self.list_groups(),
            ("POST", ["groups"]) => self.create_group(request),
            ("GET", ["groups", id]) => self.show_group(number(id), request),
            ("PUT", ["groups", id]) => self.change_group(number(id), request),
            ("DELETE", ["groups", id]) => found(self.groups.remove(&number(id)).is_some()),
            ("POST", ["groups", id, "users"]) => self.add(number(id), request),
            ("DELETE", ["groups", id, "users", user]) => self.take_out(number(id), number(user)),
            _ => Answer::empty(404),
        }
    }
}

fn found(is_there: bool) -> Answer {
    Answer::empty(if is_there { 204 } else { 404 })
}

fn refused(errors: &[String]) -> Answer {
    Answer::json(422, json!({ "errors": errors }))
}

impl Redmine {
    fn list(&self, request: &Request) -> Answer {
        let status = request.parameter("status").unwrap_or("1");
        let wanted = status.parse::<u64>().ok();
        let name = request.parameter("name").unwrap_or_default().to_lowercase();
        let holds = |user: &Map<String, Value>, field: &str| {
            user.get(field).and_then(Value::as_str).is_some_and(|text| text.to_lowercase().contains(&name))
        };
        let chosen = self.users.values().filter(|user| {
            let in_state = matches!(status, "" | "*") || user["status"].as_u64() == wanted;
            in_state && ["login", "firstname", "lastname", "mail"].iter().any(|field| holds(user, field))
        });
        let chosen: Vec<&Map<String, Value>> = chosen.collect();
        let offset = request.number("offset").unwrap_or(0);
        let limit = request.number("limit").unwrap_or(25).clamp(1, MAX_LIMIT);
        let page: Vec<_> = chosen.iter().skip(offset).take(limit).collect();
        Answer::json(200, json!({ "users": page, "total_count": chosen.len(), "offset": offset, "limit": limit }))
    }

    fn show(&self, id: u64, request: &Request) -> Answer {
        let Some(user) = self.users.get(&id) else { return Answer::empty(404) };
        let mut user = json!(user);
        if request.parameter("include").is_some_and(|include| include.split(',').any(|part| part == "groups")) {
            let groups = self.groups.iter().filter(|(_, group)| group.users.contains(&id));
            user["groups"] = groups.map(|(id, group)| json!({ "id": id, "name": group.name })).collect();
        }
        Answer::json(200, json!({ "user": user }))
    }

    fn create(&mut self, request: &Request) -> Answer {
        let Some(sent) = object(&request.body, "user") else { return Answer::empty(400) };
        let id = self.last + 1;
        let mut user = Map::new();
        user.insert("id".to_owned(), json!(id));
        for field in ["login", "firstname", "lastname", "mail"] {
            user.insert(field.to_owned(), json!(""));
        }
        user.insert("admin".to_owned(), json!(false));
        user.insert("status".to_owned(), json!(1));
        user.insert("created_on".to_owned(), json!(request.now));
        let fields = CUSTOM_FIELDS.iter().map(|(id, name)| json!({ "id": id, "name": name, "value": "" }));
        user.insert("custom_fields".to_owned(), fields.collect());
        if let Err(errors) = self.write(&mut user, sent, request) {
            return refused(&errors);
        }
        self.last = id;
        let shown = json!({ "user": user });
        self.users.insert(id, user);
        Answer::json(201, shown)
    }

    fn change(&mut self, id: u64, request: &Request) -> Answer {
        let Some(mut user) = self.users.get(&id).cloned() else { return Answer::empty(404) };
        let Some(sent) = object(&request.body, "user") else { return Answer::empty(400) };
        match self.write(&mut user, sent, request) {
            Ok(()) => found(self.users.insert(id, user).is_some()),
            Err(errors) => refused(&errors),
        }
    }

    fn delete(&mut self, id: u64) -> Answer {
        for group in self.groups.values_mut() {
            group.users.remove(&id);
        }
        found(self.users.remove(&id).is_some())
    }

    /// Writes what was sent; fields that it does not know are passed over, as Redmine does.
    fn write(
        &self,
        user: &mut Map<String, Value>,
        sent: &Map<String, Value>,
        request: &Request,
    ) -> Result<(), Vec<String>> {
        for field in ["login", "firstname", "lastname", "mail", "status", "admin"] {
            if let Some(value) = sent.get(field) {
                user.insert(field.to_owned(), if value.is_null() { json!("") } else { value.clone() });
            }
        }
        for field in sent.get("custom_fields").and_then(Value::as_array).into_iter().flatten() {
            let own = user.get_mut("custom_fields").and_then(Value::as_array_mut).into_iter().flatten();
            for own in own.filter(|own| own["id"] == field["id"]) {
                own["value"] = if field["value"].is_null() { json!("") } else { field["value"].clone() };
            }
        }
        user.insert("updated_on".to_owned(), json!(request.now));
        let blank = [("login", "Login"), ("firstname", "First name"), ("lastname", "Last name"), ("mail", "Email")];
        let blank = blank.iter().filter(|(field, _)| user[*field].as_str().is_none_or(str::is_empty));
        let mut errors: Vec<String> = blank.map(|(_, label)| format!("{label} cannot be blank")).collect();
        if sent.get("password").and_then(Value::as_str).is_some_and(|password| password.chars().count() < 8) {
            errors.push("Password is too short (minimum is 8 characters)".to_owned());
        }
        for (field, label) in [("login", "Login"), ("mail", "Email")] {
            let value = user[field].as_str().unwrap_or_default();
            if self.users.values().any(|other| other["id"] != user["id"] && alike(&other[field], value)) {
                errors.push(format!("{label} has already been taken"));
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    fn list_groups(&self) -> Answer {
        let groups = self.groups.iter().map(|(id, group)| json!({ "id": id, "name": group.name }));
        Answer::json(200, json!({ "groups": groups.collect::<Vec<_>>() }))
    }

    fn show_group(&self, id: u64, request: &Request) -> Answer {
        let Some(group) = self.groups.get(&id) else { return Answer::empty(404) };
        let mut shown = json!({ "id": id, "name": group.name });
        if request.parameter("include").is_some_and(|include| include.split(',').any(|part| part == "users")) {
            let users = group.users.iter().filter_map(|id| self.users.get(id));
            let name = |user: &Map<String, Value>| {
                format!("{} {}", user["firstname"].as_str().unwrap_or(""), user["lastname"].as_str().unwrap_or(""))
            };
            shown["users"] = users.map(|user| json!({ "id": user["id"], "name": name(user) })).collect();
        }
        Answer::json(200, json!({ "group": shown }))
    }

    fn group_name(&self, own: u64, request: &Request) -> Result<Option<String>, Answer> {
        let Some(name) = object(&request.body, "group").and_then(|group| group.get("name")) else { return Ok(None) };
        let name = name.as_str().unwrap_or_default().to_owned();
        if name.is_empty() {
            return Err(refused(&["Name cannot be blank".to_owned()]));
        }
        if self.groups.iter().any(|(id, group)| *id != own && group.name.to_lowercase() == name.to_lowercase()) {
            return Err(refused(&["Name has already been taken".to_owned()]));
        }
        Ok(Some(name))
    }

    fn create_group(&mut self, request: &Request) -> Answer {
        let name = match self.group_name(0, request) {
            Ok(Some(name)) => name,
            Ok(None) => return refused(&["Name cannot be blank".to_owned()]),
            Err(refusal) => return refusal,
        };
        let ids = request.body["group"]["user_ids"].as_array().into_iter().flatten().filter_map(Value::as_u64);
        let users: BTreeSet<u64> = ids.filter(|id| self.users.contains_key(id)).collect();
        self.last += 1;
        let shown = json!({ "group": { "id": self.last, "name": name } });
        self.groups.insert(self.last, Group { name, users });
        Answer::json(201, shown)
    }

    fn change_group(&mut self, id: u64, request: &Request) -> Answer {
        let name = match self.group_name(id, request) {
            Ok(name) => name,
            Err(refusal) => return refusal,
        };
        let Some(group) = self.groups.get_mut(&id) else { return Answer::empty(404) };
        if let Some(name) = name {
            group.name = name;
        }
        Answer::empty(204)
    }

    fn add(&mut self, id: u64, request: &Request) -> Answer {
        let user = request.body["user_id"].as_u64().unwrap_or(0);
        let known = self.users.contains_key(&user);
        let Some(group) = self.groups.get_mut(&id) else { return Answer::empty(404) };
        if !known || !group.users.insert(user) {
            return refused(&["User is invalid".to_owned()]);
        }
        Answer::empty(204)
    }

    fn take_out(&mut self, id: u64, user: u64) -> Answer {
        let Some(group) = self.groups.get_mut(&id) else { return Answer::empty(404) };
        Answer::empty(if group.users.remove(&user) { 204 } else { 404 })
    }
}
