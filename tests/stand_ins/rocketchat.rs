//! Rocket.Chat's habits: a login whose token and user id go into two headers, RPC over GET and POST, addresses as a list on
//! read and one field on write, roles by name with members by username, refusals with 400 and sometimes with 200.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::server::{Answer, Api, Request, alike};

/// Who may log in.
pub(crate) const USER: &str = "scim-bot";
/// That user's password.
pub(crate) const PASSWORD: &str = "rocket-password";
/// Calls after which a token is worth nothing any more.
const TOKEN_CALLS: usize = 100;
/// Records of a page at most.
const MAX_COUNT: usize = 100;

#[derive(Debug)]
struct Role {
    name: String,
    description: String,
    users: BTreeSet<String>,
}

/// Rocket.Chat.
#[derive(Debug, Default)]
pub(crate) struct RocketChat {
    users: BTreeMap<String, Map<String, Value>>,
    roles: BTreeMap<String, Role>,
    last: u64,
    token: Option<(String, usize)>,
}

impl Api for RocketChat {
    fn base(&self) -> &'static str {
        "/api/v1"
    }

    fn answer(&mut self, request: &Request) -> Answer {
        let Some(segments) = request.segments("/api/v1") else { return Answer::empty(404) };
        let call = segments.join("/");
        if call == "login" {
            return self.log_in(request);
        }
        if !self.is_logged_in(request) {
            let message = "You must be logged in to do this.";
            return Answer::json(401, json!({ "status": "error", "message": message }));
        }
        let body = &request.body;
        match (request.method.as_str(), call.as_str()) {
            ("GET", "users.list") => self.list(request),
            ("GET", "users.info") => self.info(request),
            ("POST", "users.create") => self.create(request),
            ("POST", "users.update") => self.update(request),
            ("POST", "users.setActiveStatus") => self.set_active(body),
            ("POST", "users.delete") => self.delete(body),
            ("GET", "roles.list") => self.list_roles(),
            ("POST", "roles.create") => self.create_role(body),
            ("POST", "roles.update") => self.update_role(body),
            ("POST", "roles.delete") => self.delete_role(body),
            ("POST", "roles.addUserToRole") => self.add(body),
            ("POST", "roles.removeUserFromRole") => self.take_out(body),
            ("GET", "roles.getUsersInRole") => self.members(request),
            _ => Answer::empty(404),
        }
    }
}

fn done(mut body: Value) -> Answer {
    body["success"] = json!(true);
    Answer::json(200, body)
}

fn refused(error: &str, kind: &str) -> Answer {
    Answer::json(400, json!({ "success": false, "error": format!("{error} [{kind}]"), "errorType": kind }))
}

fn no_user() -> Answer {
    refused("The required \"userId\" or \"username\" param provided does not match any users", "error-invalid-user")
}

/// The records of a page, with the number of all.
fn page(name: &str, records: &[Value], request: &Request) -> Answer {
    let offset = request.number("offset").unwrap_or(0);
    let count = request.number("count").unwrap_or(50).min(MAX_COUNT);
    let shown: Vec<&Value> = records.iter().skip(offset).take(count).collect();
    let mut body = json!({ "count": shown.len(), "offset": offset, "total": records.len() });
    body[name] = json!(shown);
    done(body)
}

impl RocketChat {
    /// A string id: 17 letters and digits.
    fn next(&mut self) -> String {
        self.last += 1;
        format!("rc{:015}", self.last)
    }

    fn log_in(&mut self, request: &Request) -> Answer {
        if request.body["user"] != USER || request.body["password"] != PASSWORD {
            return Answer::json(401, json!({ "status": "error", "error": 403, "message": "Unauthorized" }));
        }
        self.last += 1;
        let token = format!("token-{}", self.last);
        self.token = Some((token.clone(), TOKEN_CALLS));
        Answer::json(200, json!({ "status": "success", "data": { "authToken": token, "userId": "botid" } }))
    }

    fn is_logged_in(&mut self, request: &Request) -> bool {
        let Some((token, left)) = &mut self.token else { return false };
        let fits = request.header("x-auth-token") == Some(token) && request.header("x-user-id") == Some("botid");
        if !fits || *left == 0 {
            return false;
        }
        *left -= 1;
        true
    }

    fn shown(&self, user: &Map<String, Value>) -> Value {
        let mut shown = json!(user);
        let id = user["_id"].as_str().unwrap_or_default();
        let roles = self.roles.values().filter(|role| role.users.contains(id));
        shown["roles"] = roles.map(|role| json!(role.name)).collect();
        shown
    }

    fn list(&self, request: &Request) -> Answer {
        let query: Map<String, Value> = match request.parameter("query").map(serde_json::from_str) {
            None => Map::new(),
            Some(Ok(query)) => query,
            Some(Err(_)) => return refused("Invalid query parameter provided", "error-invalid-query"),
        };
        let fits = |user: &&Map<String, Value>| {
            query.iter().all(|(field, wanted)| match field.as_str() {
                "emails.address" => user["emails"]
                    .as_array()
                    .is_some_and(|emails| emails.iter().any(|email| email["address"] == *wanted)),
                field => user.get(field) == Some(wanted),
            })
        };
        let users: Vec<Value> = self.users.values().filter(fits).map(|user| self.shown(user)).collect();
        page("users", &users, request)
    }

    /// The id of the user with this username, in any case.
    fn by_username(&self, username: &str) -> Option<String> {
        self.users.iter().find(|(_, user)| alike(&user["username"], username)).map(|(id, _)| id.clone())
    }

    fn info(&self, request: &Request) -> Answer {
        let id = match (request.parameter("userId"), request.parameter("username")) {
            (Some(id), _) => Some(id.to_owned()),
            (None, Some(username)) => self.by_username(username),
            (None, None) => None,
        };
        match id.and_then(|id| self.users.get(&id)) {
            Some(user) => done(json!({ "user": self.shown(user) })),
            None => refused("User not found.", "error-invalid-user"),
        }
    }

    fn create(&mut self, request: &Request) -> Answer {
        for field in ["name", "email", "username", "password"] {
            if request.body[field].as_str().is_none_or(str::is_empty) {
                return refused(&format!("The '{field}' field is required"), "error-invalid-params");
            }
        }
        let id = self.next();
        let mut user = Map::from_iter([("_id".to_owned(), json!(id)), ("createdAt".to_owned(), json!(request.now))]);
        user.insert("type".to_owned(), json!("user"));
        user.insert("active".to_owned(), request.body.get("active").cloned().unwrap_or(json!(true)));
        if let Err(refusal) = self.write(&mut user, &request.body, &request.now) {
            return refusal;
        }
        let shown = json!({ "user": self.shown(&user) });
        self.users.insert(id, user);
        done(shown)
    }

    fn update(&mut self, request: &Request) -> Answer {
        let id = request.body["userId"].as_str().unwrap_or_default();
        let Some(mut user) = self.users.get(id).cloned() else { return no_user() };
        if let Err(refusal) = self.write(&mut user, &request.body["data"], &request.now) {
            return refusal;
        }
        let shown = json!({ "user": self.shown(&user) });
        self.users.insert(id.to_owned(), user);
        done(shown)
    }

    fn write(&self, user: &mut Map<String, Value>, sent: &Value, now: &str) -> Result<(), Answer> {
        let own = user["_id"].clone();
        let others = || self.users.values().filter(|other| other["_id"] != own);
        if let Some(username) = sent["username"].as_str() {
            if others().any(|other| alike(&other["username"], username)) {
                return Err(refused(&format!("{username} is already in use :("), "error-field-unavailable"));
            }
            user.insert("username".to_owned(), json!(username));
        }
        if let Some(email) = sent["email"].as_str() {
            let holds = |other: &Map<String, Value>| {
                other["emails"].as_array().is_some_and(|emails| emails.iter().any(|own| alike(&own["address"], email)))
            };
            if others().any(holds) {
                return Err(refused(&format!("{email} is already in use :("), "error-field-unavailable"));
            }
            user.insert("emails".to_owned(), json!([{ "address": email, "verified": false }]));
        }
        for field in ["name", "nickname", "bio", "statusText", "language"] {
            if let Some(value) = sent.get(field) {
                user.insert(field.to_owned(), value.clone());
            }
        }
        if let Some(fields) = sent["customFields"].as_object() {
            let own = user.entry("customFields").or_insert_with(|| json!({}));
            for (name, value) in fields {
                own[name] = value.clone();
            }
        }
        user.insert("_updatedAt".to_owned(), json!(now));
        Ok(())
    }

    fn set_active(&mut self, body: &Value) -> Answer {
        let Some(active) = body["activeStatus"].as_bool() else {
            return refused("Match error: Missing key 'activeStatus'", "invalid-params");
        };
        let Some(user) = self.users.get_mut(body["userId"].as_str().unwrap_or_default()) else { return no_user() };
        user.insert("active".to_owned(), json!(active));
        done(json!({ "user": { "_id": user["_id"], "active": active } }))
    }

    fn delete(&mut self, body: &Value) -> Answer {
        let id = body["userId"].as_str().unwrap_or_default();
        if self.users.remove(id).is_none() {
            return no_user();
        }
        for role in self.roles.values_mut() {
            role.users.remove(id);
        }
        done(json!({}))
    }

    fn list_roles(&self) -> Answer {
        let roles = self.roles.iter().map(|(id, role)| role_value(id, role));
        done(json!({ "roles": roles.collect::<Vec<_>>() }))
    }

    fn is_taken(&self, name: &str, own: &str) -> bool {
        self.roles.iter().any(|(id, role)| id != own && role.name.to_lowercase() == name.to_lowercase())
    }

    fn create_role(&mut self, body: &Value) -> Answer {
        let Some(name) = body["name"].as_str().filter(|name| !name.is_empty()) else {
            return refused("Role name is required", "error-role-name-required");
        };
        if self.is_taken(name, "") {
            return refused("Role name already exists", "error-duplicate-role-names-not-allowed");
        }
        let id = self.next();
        let description = body["description"].as_str().unwrap_or_default().to_owned();
        let role = Role { name: name.to_owned(), description, users: BTreeSet::new() };
        let shown = json!({ "role": role_value(&id, &role) });
        self.roles.insert(id, role);
        done(shown)
    }

    fn update_role(&mut self, body: &Value) -> Answer {
        let id = body["roleId"].as_str().unwrap_or_default();
        if body["name"].as_str().is_some_and(|name| self.is_taken(name, id)) {
            return refused("Role name already exists", "error-duplicate-role-names-not-allowed");
        }
        let Some(role) = self.roles.get_mut(id) else {
            return refused("This role does not exist", "error-invalid-roleId");
        };
        if let Some(name) = body["name"].as_str() {
            name.clone_into(&mut role.name);
        }
        if let Some(description) = body["description"].as_str() {
            description.clone_into(&mut role.description);
        }
        done(json!({ "role": role_value(id, role) }))
    }

    fn delete_role(&mut self, body: &Value) -> Answer {
        match self.roles.remove(body["roleId"].as_str().unwrap_or_default()) {
            Some(_) => done(json!({})),
            None => refused("This role does not exist", "error-invalid-roleId"),
        }
    }

    /// The role of this name and the id of the user in a membership call.
    fn pair(&mut self, body: &Value) -> Result<(&mut Role, String), Answer> {
        let user = self.by_username(body["username"].as_str().unwrap_or_default());
        let user = user.ok_or_else(|| refused("There is no user with this username", "error-invalid-user"))?;
        let name = body["roleName"].as_str().unwrap_or_default();
        let role = self.roles.values_mut().find(|role| role.name == name);
        let role = role.ok_or_else(|| refused("Invalid Role", "error-role-not-found"))?;
        Ok((role, user))
    }

    fn add(&mut self, body: &Value) -> Answer {
        match self.pair(body) {
            Err(refusal) => refusal,
            Ok((role, user)) => {
                if role.users.insert(user) {
                    return done(json!({}));
                }
                // One of the calls that refuse with 200.
                let (error, kind) = ("User is already in role", "error-user-already-in-role");
                Answer::json(200, json!({ "success": false, "error": error, "errorType": kind }))
            }
        }
    }

    fn take_out(&mut self, body: &Value) -> Answer {
        match self.pair(body) {
            Err(refusal) => refusal,
            Ok((role, user)) => {
                let was_there = role.users.remove(&user);
                if was_there { done(json!({})) } else { refused("User is not in this role", "error-user-not-in-role") }
            }
        }
    }

    fn members(&self, request: &Request) -> Answer {
        let Some(role) = self.roles.get(request.parameter("role").unwrap_or_default()) else {
            return refused("This role does not exist", "error-invalid-roleId");
        };
        let users = role.users.iter().filter_map(|id| self.users.get(id));
        let users = users.map(|user| json!({ "_id": user["_id"], "username": user["username"], "name": user["name"] }));
        page("users", &users.collect::<Vec<_>>(), request)
    }
}

fn role_value(id: &str, role: &Role) -> Value {
    json!({ "_id": id, "name": role.name, "description": role.description, "scope": "Users", "protected": false })
}
