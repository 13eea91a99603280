//! One call per changed field, and fields that only the call adds.

use serde_json::{Value, json};

use crate::support::case::{Case, HEAD, patch, play, replace, user};
use crate::support::upstream::{Step, expect};

/// An API with one endpoint per field.
fn fields() -> String {
    let rules = r#"
[User.attributes]
id = { at = "id", type = "int" }
userName = "login"
title = "job.title"
nickName = "nick"
active = { at = "status", map = { true = "on", false = "off" } }
[User]
get = "GET /users/{id}"
[[User.update]]
each = "changed"
call = "PUT /users/{id}/fields/{item.field}"
body = { value = "{item.value}", before = "{item.old}" }
when = "$.item.value != 'keep'"
without = ["active"]
undo = { call = "PUT /users/{id}/fields/{item.field}", body = { value = "{item.old}" } }
[[User.update]]
for = ["active"]
call = "POST /users/{id}/status"
body = { status = "{record.status}" }
"#;
    format!("{HEAD}{rules}")
}

fn ada(title: &str, nick: &Value, status: &str) -> Value {
    json!({ "id": 7, "login": "ada", "job": { "title": title, "grade": 3 }, "nick": nick, "status": status })
}

fn read(title: &str, nick: &Value, status: &str) -> Step {
    expect("GET /users/7").answer(200, &ada(title, nick, status))
}

fn case(name: &'static str, upstream: Vec<Step>, body: Value, status: u16, wanted: Value) -> Case {
    Case { name, upstream, request: "PATCH /Users/7", body, status, wanted }
}

fn put(field: &str, value: &Value, before: &Value) -> Step {
    expect(&format!("PUT /users/7/fields/{field}")).json(json!({ "value": value, "before": before }))
}

#[tokio::test]
async fn each_changed_field_is_a_call_in_the_order_of_the_rules() {
    let cases = vec![
        case(
            "two fields, one of them deep",
            vec![
                read("Clerk", &json!("countess"), "on"),
                put("job.title", &json!("Lead"), &json!("Clerk")),
                put("nick", &json!("lady"), &json!("countess")),
                read("Lead", &json!("lady"), "on"),
            ],
            replace(&json!({ "nickName": "lady", "title": "Lead" })),
            200,
            json!({ "title": "Lead", "nickName": "lady" }),
        ),
        case(
            "a field that goes is null",
            vec![
                read("Clerk", &json!("countess"), "on"),
                put("nick", &Value::Null, &json!("countess")),
                read("Clerk", &Value::Null, "on"),
            ],
            patch(&json!([{ "op": "remove", "path": "nickName" }])),
            200,
            json!({ "title": "Clerk" }),
        ),
        case(
            "a condition is asked of each field",
            vec![
                read("Clerk", &json!("countess"), "on"),
                put("nick", &json!("lady"), &json!("countess")),
                read("Clerk", &json!("lady"), "on"),
            ],
            replace(&json!({ "title": "keep", "nickName": "lady" })),
            200,
            json!({ "title": "Clerk", "nickName": "lady" }),
        ),
    ];
    play(&fields(), cases).await;
}

#[tokio::test]
async fn a_field_that_is_refused_ends_the_change() {
    let cases = vec![
        case(
            "a failure ends it, and what is done stays for the repeat",
            vec![
                read("Clerk", &json!("countess"), "on"),
                put("job.title", &json!("Lead"), &json!("Clerk")),
                put("nick", &json!("lady"), &json!("countess")).answer(422, &json!({})),
            ],
            replace(&json!({ "nickName": "lady", "title": "Lead" })),
            400,
            json!({ "scimType": "invalidValue" }),
        ),
        case(
            "an unknown field is nobody's missing user",
            vec![
                read("Clerk", &json!("countess"), "on"),
                put("job.title", &json!("Lead"), &json!("Clerk")).answer(404, &json!({})),
            ],
            replace(&json!({ "title": "Lead" })),
            502,
            json!({ "status": "502" }),
        ),
        case(
            "fields are taken back when a call after them fails",
            vec![
                read("Clerk", &json!("countess"), "on"),
                put("job.title", &json!("Lead"), &json!("Clerk")),
                expect("POST /users/7/status").json(json!({ "status": "off" })).answer(400, &json!({})),
                expect("PUT /users/7/fields/job.title").json(json!({ "value": "Clerk" })),
            ],
            replace(&json!({ "title": "Lead", "active": false })),
            400,
            json!({ "scimType": "invalidValue" }),
        ),
    ];
    play(&fields(), cases).await;
}

#[tokio::test]
async fn a_call_adds_fields_where_the_record_has_none() {
    let rules = r#"
[User.attributes]
id = { at = "id", type = "int" }
userName = "login"
title = "job.title"
[User]
list = { call = "GET /users?login={filter.userName}", items = "$[*]" }
get = "GET /users/{id}"
create = { call = "POST /users", add = { origin = "scim", login = "never", job = { title = "none", site = "{tenant.name}" } } }
update = { call = "POST /users", send = "changed", add = { id = "{id}", revision = "{old.revision}" } }
"#;
    let record = json!({ "id": 7, "login": "ada", "job": { "title": "Clerk" }, "revision": 12 });
    let changed = json!({ "job": { "title": "Lead" }, "id": 7, "revision": 12 });
    let cases = vec![
        case(
            "an update that has the id in its body",
            vec![
                expect("GET /users/7").answer(200, &record),
                expect("POST /users")
                    .json(changed)
                    .answer(200, &json!({ "id": 7, "login": "ada", "job": { "title": "Lead" }, "revision": 13 })),
            ],
            replace(&json!({ "title": "Lead" })),
            200,
            json!({ "title": "Lead" }),
        ),
        Case {
            name: "a create: what is there stays",
            upstream: vec![
                expect("POST /users")
                    .json(json!({ "login": "ada", "job": { "title": "Clerk", "site": "test" }, "origin": "scim" }))
                    .answer(201, &record),
            ],
            request: "POST /Users",
            body: user(json!({ "userName": "ada", "title": "Clerk" })),
            status: 201,
            wanted: json!({ "id": "7" }),
        },
    ];
    play(&format!("{HEAD}{rules}"), cases).await;
}
