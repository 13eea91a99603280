//! Calls that may go out without reading the resource first.

use serde_json::{Value, json};

use crate::support::case::{Case, HEAD, patch, play, replace};
use crate::support::upstream::{Step, expect};

fn mapping(more: &str) -> String {
    let rules = r#"
[User.attributes]
id = { at = "id", type = "int" }
userName = "login"
title = "title"
nickName = "nick"
active = { at = "status", map = { true = "on", false = "off" } }
[User]
get = "GET /users/{id}"
[[User.update]]
call = "PATCH /users/{id}"
blind = true
"#;
    format!("{HEAD}{rules}{more}")
}

fn ada(title: &str, status: &str) -> Value {
    json!({ "id": 7, "login": "ada", "title": title, "nick": "countess", "status": status })
}

fn read(title: &str, status: &str) -> Step {
    expect("GET /users/7").answer(200, &ada(title, status))
}

fn sent(body: Value) -> Step {
    expect("PATCH /users/7").json(body)
}

fn case(name: &'static str, upstream: Vec<Step>, body: Value, status: u16, wanted: Value) -> Case {
    Case { name, upstream, request: "PATCH /Users/7", body, status, wanted }
}

#[tokio::test]
async fn plain_attributes_are_set_without_reading_first() {
    let title = || replace(&json!({ "title": "Lead" }));
    let cases = vec![
        case(
            "one call, whose answer is the resource",
            vec![sent(json!({ "title": "Lead" })).answer(200, &ada("Lead", "on"))],
            title(),
            200,
            json!({ "title": "Lead", "nickName": "countess", "active": true }),
        ),
        case(
            "without an answer that shows it, it is read afterwards",
            vec![sent(json!({ "title": "Lead" })).answer(204, &Value::Null), read("Lead", "on")],
            title(),
            200,
            json!({ "title": "Lead", "userName": "ada" }),
        ),
        case(
            "an answer that shows nothing but the change is no resource",
            vec![
                sent(json!({ "title": "Lead" })).answer(200, &json!({ "id": 7, "title": "Lead" })),
                read("Lead", "on"),
            ],
            title(),
            200,
            json!({ "userName": "ada" }),
        ),
        case(
            "an unknown resource is not found",
            vec![sent(json!({ "title": "Lead" })).answer(404, &json!({ "e": "SECRET-TRACE" }))],
            title(),
            404,
            json!({ "status": "404" }),
        ),
        case(
            "a deactivation that does not show is no success",
            vec![sent(json!({ "status": "off" })).answer(200, &ada("Clerk", "on"))],
            replace(&json!({ "active": false })),
            502,
            json!({ "status": "502" }),
        ),
        case(
            "two attributes in one call",
            vec![sent(json!({ "title": "Lead", "status": "off" })).answer(200, &ada("Lead", "off"))],
            patch(&json!([
                { "op": "replace", "path": "title", "value": "Lead" },
                { "op": "Replace", "path": "active", "value": "False" }
            ])),
            200,
            json!({ "title": "Lead", "active": false }),
        ),
    ];
    play(&mapping(""), cases).await;
}

#[tokio::test]
async fn the_resource_is_read_first_where_it_must_be_known() {
    let status = r#"
[[User.update]]
for = ["active"]
call = "POST /users/{id}/status"
body = { status = "{record.status}" }
"#;
    let cases = vec![
        case(
            "a value that goes",
            vec![
                read("Clerk", "on"),
                sent(json!({ "title": null })).answer(
                    200,
                    &json!({ "id": 7, "login": "ada", "title": null, "nick": "countess", "status": "on" }),
                ),
            ],
            patch(&json!([{ "op": "remove", "path": "title" }])),
            200,
            json!({ "userName": "ada" }),
        ),
        case(
            "an attribute that a call carries which is not blind",
            vec![
                read("Clerk", "on"),
                expect("POST /users/7/status").json(json!({ "status": "off" })),
                read("Clerk", "off"),
            ],
            replace(&json!({ "active": false })),
            200,
            json!({ "active": false }),
        ),
    ];
    play(&mapping(status), cases).await;
}

#[tokio::test]
async fn a_type_that_hides_or_protects_looks_first() {
    let protect = "[User.delete]\ncall = \"DELETE /users/{id}\"\n";
    let mapping = mapping(protect).replace("[User]\n", "[User]\nprotect = \"$.record.login == 'ada'\"\n");
    let cases = vec![case(
        "a protected one is never sent to",
        vec![read("Clerk", "on")],
        replace(&json!({ "title": "Lead" })),
        403,
        json!({ "status": "403" }),
    )];
    play(&mapping, cases).await;
}
