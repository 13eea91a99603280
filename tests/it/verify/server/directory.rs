//! Users and groups in memory, and the answers that RFC 7644 wants.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use percent_encoding::percent_decode_str;
use scim_bridge::scim::body::{Missing, normalise, replace};
use scim_bridge::scim::discovery::{self, BulkLimits, Capabilities};
use scim_bridge::scim::{Error, ListQuery, Patch, Projection, Resource, ResourceSchema, resource};
use serde_json::{Value, json};

use super::{Asked, Reply, TOKEN};

/// The URN of Okta's roles.
pub(in super::super) const ROLE: &str = "urn:okta:scim:schemas:core:1.0:Role";

/// The most operations of a bulk request.
const MOST_OPERATIONS: usize = 10;

/// What is kept of one resource.
#[derive(Clone, Debug)]
struct Kept {
    kind: usize,
    id: String,
    resource: Resource,
    version: u64,
}

impl Kept {
    fn tag(&self) -> String {
        format!("W/\"{}\"", self.version)
    }

    /// Refuses a change of another version.
    fn admit(&self, asked: &Asked) -> Result<(), Error> {
        match asked.header("if-match") {
            Some(wanted) if wanted != self.tag() && wanted != "*" => {
                Err(Error::with_status(412, "the resource has another version"))
            }
            _ => Ok(()),
        }
    }
}

/// The server's whole state.
pub(in super::super) struct Directory {
    base: String,
    types: [ResourceSchema; 2],
    kept: Vec<Kept>,
    next: u64,
    /// How ids are made of numbers.
    pub(in super::super) id: fn(u64) -> String,
    /// The requests that were no GET.
    pub(in super::super) writes: usize,
    /// A place for a fault to remember something.
    pub(in super::super) memory: Vec<Value>,
    /// Milliseconds that have passed.
    pub(super) clock: Arc<AtomicU64>,
}

impl Directory {
    pub(super) fn new(base: &str) -> Self {
        let mut user = ResourceSchema::full("User").unwrap();
        user.core.attributes.retain(|attribute| attribute.name != "groups");
        Self {
            base: base.to_owned(),
            types: [user, ResourceSchema::full("Group").unwrap()],
            kept: Vec::new(),
            next: 1000,
            id: |number| format!("id-{number}"),
            writes: 0,
            memory: Vec::new(),
            clock: Arc::default(),
        }
    }

    /// Lets milliseconds pass.
    pub(in super::super) fn passes(&self, milliseconds: u64) {
        self.clock.fetch_add(milliseconds, Ordering::Relaxed);
    }

    /// How many users and groups there are.
    pub(in super::super) fn held(&self) -> usize {
        self.kept.len()
    }

    /// Answers rightly.
    pub(in super::super) fn answer(&mut self, asked: &Asked) -> Reply {
        if asked.method != "GET" {
            self.writes += 1;
        }
        if asked.header("authorization") != Some(&format!("Bearer {TOKEN}")) {
            let mut reply = refusal(&Error::with_status(401, "the token is not known"));
            reply.headers.push(("www-authenticate".to_owned(), "Bearer".to_owned()));
            return reply;
        }
        self.routed(asked).unwrap_or_else(|error| refusal(&error))
    }

    fn routed(&mut self, asked: &Asked) -> Result<Reply, Error> {
        let parts: Vec<String> = asked.path.split('/').skip(1).map(decoded).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let kind = match parts.first() {
            Some(&"Users") => 0,
            Some(&"Groups") => 1,
            _ => return self.discover(asked, &parts),
        };
        match (asked.method.as_str(), parts.get(1).copied()) {
            ("GET", None) => self.list(kind, &asked.query),
            ("POST", None) => self.create(kind, asked),
            ("POST", Some(".search")) => self.search(kind, asked),
            ("GET", Some(id)) => self.get(kind, id, asked),
            ("PUT" | "PATCH", Some(id)) => self.update(kind, id, asked),
            ("DELETE", Some(id)) => self.delete(kind, id, asked),
            _ => Err(Error::with_status(405, "this method is not served here")),
        }
    }

    fn discover(&mut self, asked: &Asked, parts: &[&str]) -> Result<Reply, Error> {
        let capabilities = Capabilities {
            sort: true,
            etag: true,
            change_password: true,
            bulk: Some(BulkLimits { max_operations: MOST_OPERATIONS, max_payload_size: 100_000 }),
            ..Capabilities::default()
        };
        let found = match (asked.method.as_str(), parts) {
            ("GET", ["ServiceProviderConfig"]) => Some(discovery::service_provider_config(&capabilities, &self.base)),
            ("GET", ["ResourceTypes"]) => Some(with(discovery::resource_types(&self.types, &self.base), role_type())),
            ("GET", ["Schemas"]) => Some(with(discovery::schemas(&self.types, &self.base), role_schema())),
            ("GET", ["Schemas", urn]) => discovery::schema(&self.types, urn, &self.base),
            ("GET", ["Roles"]) => Some(roles()),
            ("POST", ["Bulk"]) => return Ok(self.bulk(asked)),
            _ => None,
        };
        found.map(|body| Reply::new(200, body)).ok_or_else(|| Error::with_status(404, "there is no such endpoint"))
    }

    fn list(&self, kind: usize, query: &[(String, String)]) -> Result<Reply, Error> {
        let asked = ListQuery::parse(query.iter().map(|(name, value)| (name.as_str(), value.as_str())))?;
        let schema = &self.types[kind];
        let of_kind = self.kept.iter().filter(|kept| kept.kind == kind);
        let is_it = |kept: &&Kept| asked.filter.as_ref().is_none_or(|filter| filter.matches(&self.whole(kept), schema));
        let mut found: Vec<&Kept> = of_kind.filter(is_it).collect();
        let parameter = |name: &str| query.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
        if let Some(by) = parameter("sortBy") {
            found.sort_by_key(|kept| self.whole(kept).get(by).map(Value::to_string));
        }
        if parameter("sortOrder") == Some("descending") {
            found.reverse();
        }
        let page = found.iter().skip(asked.start_index - 1).take(asked.count);
        let resources: Vec<Value> = page.map(|kept| self.shown(kept, &asked.projection)).collect();
        Ok(Reply::new(
            200,
            json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
                "totalResults": found.len(),
                "startIndex": asked.start_index,
                "itemsPerPage": resources.len(),
                "Resources": resources,
            }),
        ))
    }

    fn search(&self, kind: usize, asked: &Asked) -> Result<Reply, Error> {
        let body = asked.json();
        let text = |name: &str| match body.get(name) {
            Some(Value::String(text)) => Some((name.to_owned(), text.clone())),
            Some(Value::Number(number)) => Some((name.to_owned(), number.to_string())),
            _ => None,
        };
        let query: Vec<(String, String)> = ["filter", "startIndex", "count"].into_iter().filter_map(text).collect();
        self.list(kind, &query)
    }

    fn create(&mut self, kind: usize, asked: &Asked) -> Result<Reply, Error> {
        let body = resource::parse(asked.body.as_bytes())?;
        let (mut resource, _) = normalise(&body, &self.types[kind])?;
        self.hold_rules(kind, None, &resource)?;
        resource.entry("active").or_insert(json!(true));
        if kind == 1 {
            resource.shift_remove("active");
        }
        self.next += 1;
        let kept = Kept { kind, id: (self.id)(self.next), resource, version: 1 };
        let mut reply = Reply::new(201, self.shown(&kept, &Projection::Default));
        reply.headers.push(("location".to_owned(), self.location(&kept)));
        reply.headers.push(("etag".to_owned(), kept.tag()));
        self.kept.push(kept);
        Ok(reply)
    }

    fn get(&self, kind: usize, id: &str, asked: &Asked) -> Result<Reply, Error> {
        let kept = &self.kept[self.find(kind, id)?];
        let tag = kept.tag();
        if asked.header("if-none-match") == Some(tag.as_str()) {
            return Ok(Reply::new(304, Value::Null));
        }
        let projection = Projection::parse(asked.parameter("attributes"), asked.parameter("excludedAttributes"))?;
        let mut reply = Reply::new(200, self.shown(kept, &projection));
        reply.headers.push(("etag".to_owned(), tag));
        Ok(reply)
    }

    fn update(&mut self, kind: usize, id: &str, asked: &Asked) -> Result<Reply, Error> {
        let at = self.find(kind, id)?;
        self.kept[at].admit(asked)?;
        let (old, schema) = (self.whole(&self.kept[at]), &self.types[kind]);
        let applied = if asked.method == "PUT" {
            let body = resource::parse(asked.body.as_bytes())?;
            replace(&old, &body, schema, Missing { clear: true, keep: &[] })?
        } else {
            Patch::parse(asked.body.as_bytes())?.apply(&old, schema)?
        };
        let mut resource = applied.resource;
        self.hold_rules(kind, Some(id), &resource)?;
        resource.shift_remove("id");
        resource.shift_remove("meta");
        let kept = &mut self.kept[at];
        kept.resource = resource;
        kept.version += 1;
        let mut reply = Reply::new(200, self.shown(&self.kept[at], &Projection::Default));
        reply.headers.push(("etag".to_owned(), self.kept[at].tag()));
        Ok(reply)
    }

    fn delete(&mut self, kind: usize, id: &str, asked: &Asked) -> Result<Reply, Error> {
        let at = self.find(kind, id)?;
        self.kept[at].admit(asked)?;
        self.kept.remove(at);
        for group in self.kept.iter_mut().filter(|kept| kept.kind == 1) {
            if let Some(Value::Array(members)) = group.resource.get_mut("members") {
                members.retain(|member| member["value"] != id);
            }
        }
        Ok(Reply::new(204, Value::Null))
    }

    fn bulk(&mut self, asked: &Asked) -> Reply {
        let body = asked.json();
        let operations = body["Operations"].as_array().cloned().unwrap_or_default();
        if operations.len() > MOST_OPERATIONS {
            return refusal(&Error::with_status(413, "these are more than `maxOperations`"));
        }
        let (mut answered, mut failures, mut made) = (Vec::new(), 0, Vec::new());
        for operation in &operations {
            let with_ids =
                |text: String| made.iter().fold(text, |text, (from, to): &(String, String)| text.replace(from, to));
            let mut headers = asked.headers.clone();
            if let Some(version) = operation["version"].as_str() {
                headers.insert("if-match", version.parse().unwrap());
            }
            let inner = Asked {
                method: operation["method"].as_str().unwrap_or_default().to_owned(),
                path: with_ids(operation["path"].as_str().unwrap_or_default().to_owned()),
                query: Vec::new(),
                headers,
                body: with_ids(operation["data"].to_string()),
            };
            let reply = self.answer(&inner);
            if let (Some(bulk_id), Some(id)) = (operation["bulkId"].as_str(), reply.body["id"].as_str()) {
                let id = percent_encoding::utf8_percent_encode(id, ESCAPED).to_string();
                made.push((format!("bulkId:{bulk_id}"), id));
            }
            let location = reply.headers.iter().find(|(name, _)| name == "location").map(|(_, value)| value.clone());
            let failed = !reply.is_done();
            answered.push(json!({
                "method": inner.method, "bulkId": operation["bulkId"], "location": location,
                "status": reply.status.to_string(), "response": if failed { reply.body } else { Value::Null },
            }));
            failures += u64::from(failed);
            if body["failOnErrors"].as_u64().is_some_and(|most| failures >= most) {
                break;
            }
        }
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"];
        Reply::new(200, json!({"schemas": schemas, "Operations": answered}))
    }

    /// The name is there, and nobody else has it; members exist.
    fn hold_rules(&self, kind: usize, own: Option<&str>, resource: &Resource) -> Result<(), Error> {
        let name = if kind == 0 { "userName" } else { "displayName" };
        let Some(value) = resource.get(name).and_then(Value::as_str) else {
            return Err(Error::invalid_value(format!("`{name}` is required")));
        };
        let same = |kept: &&Kept| {
            let other = kept.resource.get(name).and_then(Value::as_str);
            kept.kind == kind && Some(kept.id.as_str()) != own && other.is_some_and(|it| it.eq_ignore_ascii_case(value))
        };
        if self.kept.iter().any(|kept| same(&kept)) {
            return Err(Error::uniqueness(format!("`{name}` is taken")));
        }
        let members = resource.get("members").and_then(Value::as_array).into_iter().flatten();
        let known = |id: &str| self.kept.iter().any(|kept| kept.id == id);
        match members.filter_map(|member| member.get("value")?.as_str()).find(|id| !known(id)) {
            Some(id) => Err(Error::invalid_value(format!("there is no member `{id}`"))),
            None => Ok(()),
        }
    }

    fn find(&self, kind: usize, id: &str) -> Result<usize, Error> {
        let found = self.kept.iter().position(|kept| kept.kind == kind && kept.id == id);
        found.ok_or_else(|| Error::not_found(&self.types[kind].name, id))
    }

    fn location(&self, kept: &Kept) -> String {
        let id = percent_encoding::utf8_percent_encode(&kept.id, ESCAPED);
        format!("{}{}/{id}", self.base, self.types[kept.kind].endpoint)
    }

    /// A resource with what the server adds.
    fn whole(&self, kept: &Kept) -> Resource {
        let mut resource = kept.resource.clone();
        resource.insert("id".to_owned(), json!(kept.id));
        let meta = json!({
            "resourceType": self.types[kept.kind].name,
            "created": "2026-01-31T12:00:00Z",
            "lastModified": "2026-01-31T12:00:00Z",
            "location": self.location(kept),
            "version": kept.tag(),
        });
        resource.insert("meta".to_owned(), meta);
        resource
    }

    fn shown(&self, kept: &Kept, projection: &Projection) -> Value {
        let mut resource = self.whole(kept);
        resource::project(&mut resource, projection, &self.types[kept.kind]);
        Value::Object(resource)
    }
}

const ESCAPED: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn decoded(part: &str) -> String {
    percent_decode_str(part).decode_utf8_lossy().into_owned()
}

fn refusal(error: &Error) -> Reply {
    Reply::new(error.status, serde_json::from_slice(&error.body()).unwrap())
}

/// A discovery list with one more element.
fn with(mut list: Value, one: Value) -> Value {
    let resources = list["Resources"].as_array_mut().unwrap();
    resources.push(one);
    let total = resources.len();
    list["totalResults"] = json!(total);
    list["itemsPerPage"] = json!(total);
    list
}

fn role_type() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": "Role", "name": "Role", "endpoint": "/Roles", "schema": ROLE,
    })
}

fn role_schema() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": ROLE, "name": "Role", "attributes": [{"name": "displayName", "type": "string"}],
    })
}

fn roles() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": 1, "startIndex": 1, "itemsPerPage": 1,
        "Resources": [{"schemas": [ROLE], "id": "editor", "displayName": "Editor"}],
    })
}
