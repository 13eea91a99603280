//! Any request, from its line to its answer: a bridge over an API in memory, without a socket.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Method};
use http_body_util::BodyExt;
use scim_bridge::bridge::Bridge;
use scim_bridge::http::direct;
use scim_bridge::mapping::compile;
use scim_bridge::mapping::diagnostic::Diagnostics;
use scim_bridge::mapping::scope::Surroundings;
use scim_bridge::mapping::source::Source;
use scim_bridge::upstream::Upstream;
use scim_bridge::upstream::transport::{Request, Response, Transport, TransportError};
use serde_json::{Map, Value, json};

const MAPPING: &str = r#"
scim_bridge = 1
[upstream]
url = "https://api.example"
[upstream.limits]
scan = 100
[User.attributes]
id = { at = "id", type = "int" }
userName = "login"
externalId = "ref"
active = "enabled"
title = "title"
password = { at = "password", mutability = "writeOnly" }
name.givenName = "first"
name.familyName = "last"
'emails[type eq "work"].value' = "mail"
'emails[type eq "home"].value' = "mail2"
"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department" = "dept"
[User]
list = { call = "GET /users?login={filter.userName?}", items = "$.rows[*]", unpaged = true }
get = "GET /users/{id}"
create = { call = "POST /users", capture = { id = "$.id" } }
update = "PATCH /users/{id}"
delete = "DELETE /users/{id}"
[Group.attributes]
id = { at = "id", type = "int" }
displayName = "name"
members = { at = "people", each.value = { at = "$", type = "int" } }
[Group]
list = { call = "GET /groups", items = "$.rows[*]", unpaged = true }
get = "GET /groups/{id}"
create = { call = "POST /groups", capture = { id = "$.id" } }
update = "PUT /groups/{id}"
delete = "DELETE /groups/{id}"
"#;

/// Three users and two groups, the same for every request.
#[derive(Debug)]
struct Api(Mutex<Vec<(&'static str, Value)>>);

impl Api {
    fn new() -> Self {
        let user =
            |id: u64, login: &str| json!({ "id": id, "login": login, "enabled": true, "mail": "a@x", "first": "A" });
        Self(Mutex::new(vec![
            ("users", user(1, "ada")),
            ("users", user(2, "bob")),
            ("users", json!({ "id": 3, "login": "eve", "enabled": false, "dept": "R&D", "title": "Dr" })),
            ("groups", json!({ "id": 8, "name": "G", "people": [1, 2] })),
            ("groups", json!({ "id": 9, "name": "H", "people": [] })),
        ]))
    }

    fn answer(&self, request: &Request) -> (u16, Value) {
        let mut segments = request.url.path().trim_start_matches('/').split('/');
        let kind = if segments.next() == Some("users") { "users" } else { "groups" };
        let mut records = self.0.lock().expect("nothing panics in here");
        let body: Map<String, Value> =
            request.body.as_ref().and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default();
        let Some(id) = segments.next() else {
            if request.method == Method::POST {
                let mut record = body;
                record.insert("id".to_owned(), json!(77));
                record.entry("enabled").or_insert(json!(true));
                records.push((kind, Value::Object(record.clone())));
                return (201, Value::Object(record));
            }
            let wanted =
                request.url.query_pairs().find(|(name, _)| name == "login").map(|(_, login)| login.into_owned());
            let is_wanted = |record: &Value| {
                wanted
                    .as_ref()
                    .is_none_or(|login| record["login"].as_str().is_some_and(|it| it.eq_ignore_ascii_case(login)))
            };
            let rows = records.iter().filter(|(of, record)| *of == kind && is_wanted(record));
            return (200, json!({ "rows": rows.map(|(_, record)| record).collect::<Vec<_>>() }));
        };
        let is_it = |(of, record): &(&str, Value)| {
            *of == kind && record["id"].as_u64().is_some_and(|number| id.parse() == Ok(number))
        };
        let Some(index) = records.iter().position(is_it) else { return (404, json!({})) };
        match request.method.as_str() {
            "DELETE" => {
                records.remove(index);
                return (204, Value::Null);
            }
            "PUT" => records[index].1 = Value::Object(body),
            "PATCH" => records[index].1.as_object_mut().expect("records are objects").extend(body),
            _ => {}
        }
        (200, records[index].1.clone())
    }
}

impl Transport for Api {
    fn send<'a>(
        &'a self,
        request: Request,
    ) -> Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>> {
        let (status, body) = self.answer(&request);
        let body = if status == 204 { Bytes::new() } else { Bytes::from(body.to_string()) };
        Box::pin(std::future::ready(Ok(Response { status, headers: HeaderMap::new(), body })))
    }
}

thread_local! {
    static RUNTIME: tokio::runtime::Runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    static COMPILED: scim_bridge::mapping::Mapping = {
        let source = Source::new("mapping.toml", MAPPING);
        let mut found = Diagnostics::new("mapping.toml");
        let mapping = compile::load(&source, &mut found);
        mapping.unwrap_or_else(|| panic!("{:?}", found.found))
    };
}

/// The input is `METHOD /target`, a line end and a body. The answer is a resource, a list, a document or nothing; or a
/// fault of the client in SCIM's form; and never the bridge's own fault or the API's, which does all that it is asked.
pub(crate) fn check(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (line, body) = (&data[..end], data.get(end + 1..).unwrap_or_default());
    let Ok(line) = std::str::from_utf8(line) else { return };
    let Some((method, target)) = line.split_once(' ') else { return };
    let Ok(method) = method.parse::<Method>() else { return };
    let (status, answer) = RUNTIME.with(|runtime| runtime.block_on(ask(&method, target, body)));
    if answer.is_empty() {
        assert!([204, 304].contains(&status), "{line:?} is answered with {status} and no body");
        return;
    }
    let answer: Value = serde_json::from_slice(&answer).expect("JSON");
    assert!(answer["schemas"].as_array().is_some_and(|schemas| !schemas.is_empty()), "{line:?}: {answer}");
    if status < 300 {
        assert!(answer.get("password").is_none(), "{line:?}: {answer}");
        return;
    }
    assert!((400..500).contains(&status) || status == 501, "{line:?}: {answer}");
    assert_eq!(answer["status"], status.to_string(), "{line:?}: {answer}");
}

/// The status and body of a bridge's answer.
async fn ask(method: &Method, target: &str, body: &[u8]) -> (u16, Bytes) {
    let bridge = COMPILED.with(|mapping| {
        let upstream = Upstream::new(&mapping.upstream, None, Surroundings::default(), Arc::new(Api::new()));
        Bridge::new(
            mapping,
            upstream.expect("its settings are fine"),
            "fuzz".to_owned(),
            "https://scim.example".to_owned(),
        )
    });
    let headers =
        HeaderMap::from_iter([(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"))]);
    let request = direct::Request { method, target, headers: &headers, body: Bytes::copy_from_slice(body) };
    let response = direct::answer(&bridge, request, "fuzz").await;
    let status = response.status().as_u16();
    (status, response.into_body().collect().await.unwrap_or_else(|never| match never {}).to_bytes())
}
