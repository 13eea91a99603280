//! Zabbix's habits: JSON-RPC 2.0 on one URL, HTTP 200 whatever happened, ids as strings, lists without pages, all groups of a
//! user replaced at once, nobody disabled but by membership of a group whose `users_status` is 1.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::server::{Answer, Api, Request, alike};

/// Who may log in.
pub(crate) const USER: &str = "Admin";
/// That user's password.
pub(crate) const PASSWORD: &str = "zabbix-password";
/// The group whose members cannot come in.
const DISABLED: &str = "9";
/// Calls after which a session is over.
const SESSION_CALLS: usize = 200;
/// The fields of a user that clients write, and what they are without being written.
const FIELDS: [(&str, &str); 9] = [
    ("username", ""),
    ("name", ""),
    ("surname", ""),
    ("url", ""),
    ("autologin", "0"),
    ("lang", "default"),
    ("theme", "default"),
    ("timezone", "default"),
    ("roleid", "1"),
];

#[derive(Debug)]
struct Group {
    name: String,
    users_status: String,
}

#[derive(Debug, Default)]
struct User {
    fields: Map<String, Value>,
    groups: BTreeSet<String>,
    medias: Vec<Value>,
}

/// Zabbix.
#[derive(Debug)]
pub(crate) struct Zabbix {
    users: BTreeMap<u64, User>,
    groups: BTreeMap<u64, Group>,
    last: u64,
    session: Option<(String, usize)>,
}

impl Default for Zabbix {
    fn default() -> Self {
        let disabled = Group { name: "Disabled".to_owned(), users_status: "1".to_owned() };
        Self { users: BTreeMap::new(), groups: BTreeMap::from([(9, disabled)]), last: 100, session: None }
    }
}

/// Why a call is refused: code, message, data.
struct Refusal(i64, &'static str, String);

fn invalid(data: impl Into<String>) -> Refusal {
    Refusal(-32602, "Invalid params.", data.into())
}

fn unknown() -> Refusal {
    Refusal(-32500, "Application error.", "No permissions to referred object or it does not exist!".to_owned())
}

impl Api for Zabbix {
    fn base(&self) -> &'static str {
        "/api_jsonrpc.php"
    }

    fn answer(&mut self, request: &Request) -> Answer {
        if request.method != "POST" || request.path != "/api_jsonrpc.php" {
            return Answer::empty(404);
        }
        let body = &request.body;
        let mut shown = json!({ "jsonrpc": "2.0", "id": body["id"] });
        match self.call(request, body["method"].as_str().unwrap_or_default(), &body["params"]) {
            Ok(value) => shown["result"] = value,
            Err(Refusal(code, message, data)) => {
                shown["error"] = json!({ "code": code, "message": message, "data": data });
            }
        }
        Answer::json(200, shown)
    }
}

impl Zabbix {
    fn call(&mut self, request: &Request, method: &str, params: &Value) -> Result<Value, Refusal> {
        if method == "user.login" {
            return self.log_in(params);
        }
        self.check_session(request)?;
        match method {
            "user.get" => Ok(self.users(params)),
            "user.create" => self.create(params),
            "user.update" => self.update(params),
            "user.delete" => self.delete(params),
            "usergroup.get" => Ok(self.groups(params)),
            "usergroup.create" => self.create_group(params),
            "usergroup.update" => self.update_group(params),
            "usergroup.delete" => self.delete_groups(params),
            other => Err(Refusal(-32601, "Method not found.", format!("Incorrect method \"{other}\"."))),
        }
    }

    fn log_in(&mut self, params: &Value) -> Result<Value, Refusal> {
        if params["username"] != USER || params["password"] != PASSWORD {
            return Err(invalid("Incorrect user name or password or account is temporarily blocked."));
        }
        self.last += 1;
        let token = format!("session{}", self.last);
        self.session = Some((token.clone(), SESSION_CALLS));
        Ok(json!(token))
    }

    fn check_session(&mut self, request: &Request) -> Result<(), Refusal> {
        let over = || invalid("Session terminated, re-login, please.");
        let (token, left) = self.session.as_mut().ok_or_else(over)?;
        if request.header("authorization") != Some(&format!("Bearer {token}")) || *left == 0 {
            return Err(over());
        }
        *left -= 1;
        Ok(())
    }

    fn user_value(&self, id: u64, user: &User, params: &Value) -> Value {
        let mut shown = json!({ "userid": id.to_string() });
        for (name, value) in &user.fields {
            shown[name] = value.clone();
        }
        if params.get("selectUsrgrps").is_some() {
            let groups = user.groups.iter().filter_map(|id| Some((id, self.groups.get(&id.parse().ok()?)?)));
            shown["usrgrps"] =
                groups.map(|(id, group)| only(group_value(id, group), &params["selectUsrgrps"])).collect();
        }
        if params.get("selectMedias").is_some() {
            shown["medias"] = user.medias.iter().map(|media| only(media.clone(), &params["selectMedias"])).collect();
        }
        shown
    }

    fn users(&self, params: &Value) -> Value {
        let chosen = self.users.iter().filter(|(id, user)| {
            is_one_of(&params["userids"], &id.to_string())
                && params["usrgrpids"]
                    .as_array()
                    .is_none_or(|ids| ids.iter().filter_map(Value::as_str).any(|id| user.groups.contains(id)))
                && fits(&params["filter"], &user.fields)
        });
        let shown: Vec<Value> = chosen.map(|(id, user)| self.user_value(*id, user, params)).collect();
        limited(shown, params)
    }

    fn create(&mut self, params: &Value) -> Result<Value, Refusal> {
        let id = self.last + 1;
        let fields = FIELDS.iter().map(|(name, value)| ((*name).to_owned(), json!(value)));
        let mut user = User { fields: fields.collect(), ..User::default() };
        if params["passwd"].as_str().is_none_or(str::is_empty) && params.get("usrgrps").is_none() {
            return Err(invalid("Invalid parameter \"/1\": the parameter \"passwd\" is missing."));
        }
        self.write(id, &mut user, params)?;
        self.last = id;
        self.users.insert(id, user);
        Ok(json!({ "userids": [id.to_string()] }))
    }

    fn update(&mut self, params: &Value) -> Result<Value, Refusal> {
        let id = id_of(&params["userid"])?;
        let mut user = self.users.remove(&id).ok_or_else(unknown)?;
        let before = User { fields: user.fields.clone(), groups: user.groups.clone(), medias: user.medias.clone() };
        let written = self.write(id, &mut user, params);
        self.users.insert(id, if written.is_ok() { user } else { before });
        written.map(|()| json!({ "userids": [id.to_string()] }))
    }

    fn write(&self, id: u64, user: &mut User, params: &Value) -> Result<(), Refusal> {
        let known = ["userid", "passwd", "current_passwd", "usrgrps", "medias"];
        for (name, value) in params.as_object().into_iter().flatten() {
            if FIELDS.iter().any(|(field, _)| field == name) {
                let text = value.as_str().ok_or_else(|| {
                    invalid(format!("Invalid parameter \"/1/{name}\": a character string is expected."))
                })?;
                user.fields.insert(name.clone(), json!(text));
            } else if !known.contains(&name.as_str()) {
                return Err(invalid(format!("Invalid parameter \"/1\": unexpected parameter \"{name}\".")));
            }
        }
        let username = user.fields["username"].as_str().unwrap_or_default();
        if username.is_empty() {
            return Err(invalid("Invalid parameter \"/1/username\": cannot be empty."));
        }
        if self.users.iter().any(|(other, user)| *other != id && alike(&user.fields["username"], username)) {
            return Err(invalid(format!("User with username \"{username}\" already exists.")));
        }
        if let Some(groups) = params["usrgrps"].as_array() {
            let odd = groups
                .iter()
                .filter_map(Value::as_object)
                .flat_map(|group| group.keys())
                .find(|key| *key != "usrgrpid");
            if let Some(odd) = odd {
                return Err(invalid(format!("Invalid parameter \"/1/usrgrps/1\": unexpected parameter \"{odd}\".")));
            }
            let ids = groups.iter().map(|group| group["usrgrpid"].as_str().unwrap_or_default().to_owned());
            user.groups = ids.collect();
            let is_known = |id: &String| id.parse().is_ok_and(|id: u64| self.groups.contains_key(&id));
            if !user.groups.iter().all(is_known) {
                return Err(unknown());
            }
        }
        if let Some(medias) = params["medias"].as_array() {
            user.medias.clone_from(medias);
            for (index, media) in user.medias.iter_mut().enumerate() {
                media["mediaid"] = json!((index + 1).to_string());
                if media["sendto"].is_string() {
                    media["sendto"] = json!([media["sendto"]]);
                }
            }
        }
        Ok(())
    }

    fn delete(&mut self, params: &Value) -> Result<Value, Refusal> {
        let ids = params.as_array().into_iter().flatten().map(id_of).collect::<Result<Vec<u64>, _>>()?;
        if ids.is_empty() || !ids.iter().all(|id| self.users.contains_key(id)) {
            return Err(unknown());
        }
        self.users.retain(|id, _| !ids.contains(id));
        Ok(json!({ "userids": params }))
    }

    fn groups(&self, params: &Value) -> Value {
        let chosen = self.groups.iter().filter(|(id, group)| {
            let fields = Map::from_iter([("name".to_owned(), json!(group.name))]);
            is_one_of(&params["usrgrpids"], &id.to_string()) && fits(&params["filter"], &fields)
        });
        let shown = chosen.map(|(id, group)| {
            let mut shown = group_value(&id.to_string(), group);
            if params.get("selectUsers").is_some() {
                let members = self.users.iter().filter(|(_, user)| user.groups.contains(&id.to_string()));
                let member = |(id, user): (&u64, &User)| json!({ "userid": id.to_string(), "username": user.fields["username"] });
                shown["users"] = members.map(member).collect();
            }
            shown
        });
        limited(shown.collect(), params)
    }

    fn create_group(&mut self, params: &Value) -> Result<Value, Refusal> {
        let id = self.last + 1;
        let name = params["name"].as_str().unwrap_or_default();
        self.write_group(id, &mut Group { name: String::new(), users_status: "0".to_owned() }, params, name)?;
        self.last = id;
        Ok(json!({ "usrgrpids": [id.to_string()] }))
    }

    fn update_group(&mut self, params: &Value) -> Result<Value, Refusal> {
        let id = id_of(&params["usrgrpid"])?;
        let group = self.groups.get(&id).ok_or_else(unknown)?;
        let mut group = Group { name: group.name.clone(), users_status: group.users_status.clone() };
        let name = params["name"].as_str().unwrap_or(&group.name).to_owned();
        self.write_group(id, &mut group, params, &name)?;
        Ok(json!({ "usrgrpids": [id.to_string()] }))
    }

    fn write_group(&mut self, id: u64, group: &mut Group, params: &Value, name: &str) -> Result<(), Refusal> {
        if name.is_empty() {
            return Err(invalid("Invalid parameter \"/1/name\": cannot be empty."));
        }
        if self.groups.iter().any(|(other, group)| *other != id && group.name.to_lowercase() == name.to_lowercase()) {
            return Err(invalid(format!("User group \"{name}\" already exists.")));
        }
        let users = params["users"].as_array();
        let users = users.map(|users| users.iter().map(|user| id_of(&user["userid"])).collect::<Result<Vec<_>, _>>());
        if let Some(users) = users.transpose()? {
            if !users.iter().all(|user| self.users.contains_key(user)) {
                return Err(unknown());
            }
            for (user_id, user) in &mut self.users {
                if users.contains(user_id) {
                    user.groups.insert(id.to_string());
                } else {
                    user.groups.remove(&id.to_string());
                }
            }
        }
        name.clone_into(&mut group.name);
        let users_status = params["users_status"].as_str().unwrap_or(&group.users_status).to_owned();
        self.groups.insert(id, Group { name: group.name.clone(), users_status });
        Ok(())
    }

    fn delete_groups(&mut self, params: &Value) -> Result<Value, Refusal> {
        let ids = params.as_array().into_iter().flatten().map(id_of).collect::<Result<Vec<u64>, _>>()?;
        if ids.is_empty() || !ids.iter().all(|id| self.groups.contains_key(id)) {
            return Err(unknown());
        }
        if ids.iter().any(|id| id.to_string() == DISABLED) {
            return Err(invalid("User group \"Disabled\" cannot be deleted."));
        }
        self.groups.retain(|id, _| !ids.contains(id));
        for user in self.users.values_mut() {
            user.groups.retain(|group| !ids.iter().any(|id| id.to_string() == *group));
        }
        Ok(json!({ "usrgrpids": params }))
    }
}

/// The fields of an object that are asked for: those of a list, or all.
fn only(mut value: Value, asked: &Value) -> Value {
    if let (Some(fields), Some(asked)) = (value.as_object_mut(), asked.as_array()) {
        fields.retain(|name, _| asked.iter().any(|asked| asked == name));
    }
    value
}

fn group_value(id: &str, group: &Group) -> Value {
    json!({
        "usrgrpid": id, "name": group.name, "gui_access": "0", "users_status": group.users_status, "debug_mode": "0"
    })
}

fn id_of(value: &Value) -> Result<u64, Refusal> {
    let id = value.as_str().and_then(|text| text.parse().ok());
    id.ok_or_else(|| invalid("Invalid parameter \"/1\": a number is expected."))
}

/// Whether an id is asked for; without a list every one is.
fn is_one_of(wanted: &Value, id: &str) -> bool {
    match wanted {
        Value::Array(ids) => ids.iter().any(|wanted| wanted == id),
        Value::String(wanted) => wanted == id,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => true,
    }
}

/// Whether the fields are what the filter says: equal, or one of several.
fn fits(filter: &Value, fields: &Map<String, Value>) -> bool {
    filter.as_object().into_iter().flatten().all(|(name, wanted)| match wanted.as_array() {
        Some(several) => several.iter().any(|wanted| fields.get(name) == Some(wanted)),
        None => fields.get(name) == Some(wanted),
    })
}

/// `countOutput` and `limit`.
fn limited(records: Vec<Value>, params: &Value) -> Value {
    if params["countOutput"] == true {
        return json!(records.len().to_string());
    }
    let limit = params["limit"].as_u64().and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    records.into_iter().take(limit).collect()
}
