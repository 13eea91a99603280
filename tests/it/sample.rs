//! `try` shows records of a real API beside what SCIM makes of them, and only reads.

use std::path::PathBuf;
use std::sync::Arc;

use scim_bridge::explain::{Explained, Explanation};
use scim_bridge::mapping::compile;
use scim_bridge::mapping::diagnostic::Diagnostics;
use scim_bridge::mapping::scope::Surroundings;
use scim_bridge::mapping::source::Source;
use scim_bridge::secret::Secret;
use scim_bridge::upstream::transport::HttpTransport;
use serde_json::{Value, json};

use crate::support::golden;
use crate::support::upstream::{Step, Upstream, expect};

const MAPPING: &str = r#"
scim_bridge = 1
[upstream]
url     = "http://127.0.0.1/"
headers = { X-Key = "{secret.key}" }
limits  = { retries = 0 }
[User.attributes]
id             = { at = "uid", type = "int" }
userName       = "login"
displayName    = { show = "{person.first} {person.last}" }
name.givenName = "person.first"
title          = "job"
active         = { at = "state", map = { true = 1, false = 0 } }
'emails[type eq "work"].value' = "$.mails[?@.kind == 'office'].address"
[User.attributes.phoneNumbers]
at = "phones"
[User.attributes.phoneNumbers.each]
value = "number"
[User]
get  = { call = "POST /rpc/get", body = { uid = "{id}" } }
list = { call = "POST /rpc/list", body = { from = "{offset}", max = "{count}" }, items = "$.rows[*]", complete = false }
[[User.update]]
call = "PATCH /users/{id}"
"#;

async fn sample(steps: Vec<Step>, count: u16) -> Explanation {
    let upstream = Upstream::serve(steps).await;
    let shown = read(MAPPING, &upstream.url(), count).await;
    upstream.assert_followed("try");
    shown
}

/// What is shown of a mapping over the API at a URL.
async fn read(mapping: &str, url: &str, count: u16) -> Explanation {
    let source = Source::new("mapping.toml", mapping);
    let mut found = Diagnostics::new("mapping.toml");
    let mapping = compile::load(&source, &mut found).unwrap_or_else(|| panic!("{:?}", found.found));
    let surroundings = Surroundings {
        tenant: "test".to_owned(),
        secrets: [("key".to_owned(), Secret::new("the-real-key"))].into(),
        ..Surroundings::default()
    };
    let explained = Explained { mapping: &mapping, source: &source };
    let transport = Arc::new(HttpTransport::new().unwrap());
    let shown = Box::pin(explained.sample((0, count), (surroundings, Some(url)), transport)).await.unwrap();
    assert!(!shown.text.contains("the-real-key"), "{}", shown.text);
    shown
}

fn list(rows: &Value) -> Step {
    expect("POST /rpc/list").json(json!({ "from": 0, "max": 2 })).answer(200, &json!({ "rows": rows }))
}

fn get(record: &Value) -> Step {
    expect("POST /rpc/get").header("X-Key", "the-real-key").json(json!({ "uid": record["uid"] })).answer(200, record)
}

#[tokio::test]
async fn records_stand_beside_their_resources_with_what_is_left_over_on_both_sides() {
    let ada = json!({
        "uid": 7, "login": "ada", "state": 1, "badge": 9,
        "person": { "first": "Ada", "last": "Byrne", "born": "1815-12-10" },
        "mails": [{ "kind": "office", "address": "ada@acme.example", "checked": true }, { "kind": "home", "address": "a@b" }],
        "phones": [{ "number": "+44 7700 900123", "kind": "cell" }]
    });
    let bo = json!({ "uid": 8, "login": "bo", "state": 5, "person": { "first": "Bo" }, "job": null, "note": "x".repeat(90) });
    let shown = sample(vec![list(&json!([{ "uid": 7 }, { "uid": 8 }])), get(&ada), get(&bo)], 2).await;
    assert_eq!(shown.status, 200);
    golden::hold([(PathBuf::from("tests/explain/sample.txt"), shown.text)]);
}

#[tokio::test]
async fn an_answer_that_cannot_be_used_is_shown_with_the_call() {
    let cases = [
        (
            "refused",
            expect("POST /rpc/list").answer(403, &json!({ "error": "key expired" })),
            502,
            "<- 403\n{\"error\":\"key expired\"}\n\n\
             a SCIM client is told 502: the application refuses this service's credentials\n\
             help: the API does not take these credentials: look at `key`\n",
        ),
        (
            "a wrong path",
            expect("POST /rpc/list").answer(404, &Value::Null),
            502,
            "/: look at `url` in [upstream], or at the tenant's own, and at the path\n",
        ),
        (
            "a wrong scheme",
            expect("POST /rpc/list")
                .answer(301, &Value::Null)
                .answer_header("location", "https://acme.example/rpc/list"),
            502,
            "help: redirects are not followed, and this one leads to https://acme.example/rpc/list: `url` should say so",
        ),
        ("another shape", expect("POST /rpc/list").answer(200, &json!({ "data": [] })), 502, "{\"data\":[]}"),
        ("nobody", list(&json!([])), 200, "the API has no User to show"),
    ];
    for (name, step, status, text) in cases {
        let shown = sample(vec![step], 2).await;
        assert_eq!(shown.status, status, "{name}: {}", shown.text);
        assert!(shown.text.contains("-> POST /rpc/list\n") && shown.text.contains(text), "{name}: {}", shown.text);
    }
}

#[tokio::test]
async fn what_cannot_be_reached_is_tried_as_ever_and_told_once_with_the_url() {
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let url = format!("http://{nobody}/v1");
    let mapping = MAPPING.replace("retries = 0", "retries = 2, backoff = \"1ms..2ms\"");
    let shown = read(&mapping, &url, 2).await;
    assert_eq!(shown.status, 503, "{}", shown.text);
    let wanted = format!(
        "   (3 tries)\n\na SCIM client is told 503: the application cannot be reached\n\
         help: nothing can be reached at {url}: look at `url` in [upstream], or at the tenant's own, and whether the API runs\n"
    );
    assert!(
        shown.text.starts_with("-> POST /rpc/list\n   not connected: ") && shown.text.ends_with(&wanted),
        "{}",
        shown.text
    );
}

#[tokio::test]
async fn parts_that_have_a_call_of_their_own_are_read_too() {
    let mapping = r#"
scim_bridge = 1
[upstream]
url = "http://127.0.0.1/"
[User.attributes]
id       = "id"
userName = "login"
'emails[type eq "work"].value' = "mail"
roles    = { at = "roles" }
[User]
list = { call = "GET /users?page={page}", items = "$[*]" }
[[User.get]]
call = "GET /users/{id}"
[[User.get]]
call = "GET /users/{id}/roles"
into = "roles"
"#;
    let ada = json!({ "id": "a", "login": "ada", "mail": "ada@acme.example" });
    let upstream = Upstream::serve([
        expect("GET /users?page=1").answer(200, &json!([ada])),
        expect("GET /users/a").answer(200, &ada),
        expect("GET /users/a/roles").answer(200, &json!(["lead"])),
    ])
    .await;
    let shown = read(mapping, &upstream.url(), 1).await;
    upstream.assert_followed("try");
    assert!(shown.text.contains("[{ \"value\": \"lead\" }]\n"), "{}", shown.text);
    assert!(!shown.text.contains("found"), "{}", shown.text);
}
