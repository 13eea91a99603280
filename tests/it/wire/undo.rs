//! What is taken back of an operation that fails half-way: the steps that were made, and one that may have been.

use serde_json::{Value, json};

use crate::support::case::{Case, HEAD, play, replace, user};
use crate::support::upstream::{Step, expect};

const RULES: &str = r#"
[User.attributes]
id = { at = "id", type = "int" }
userName = { at = "login", mutability = "immutable" }
title = "title"
active = { at = "state", map = { true = "on", false = "off" } }
[User]
get = "GET /users/{id}"
[[User.create]]
call = "POST /users"
without = ["title", "active"]
undo = "DELETE /users/{id}"
[[User.create]]
call = "POST /mailboxes"
body = { owner = "{id}", title = "{scim.title}", active = "{scim.active}" }
undo = "DELETE /mailboxes/{id}"
[[User.update]]
for = ["title"]
call = "PUT /users/{id}/title"
body = { title = "{record.title}" }
undo = { call = "PUT /users/{id}/title", body = { title = "{old.title}" } }
[[User.update]]
for = ["active"]
call = "POST /users/{id}/state"
body = { state = "{record.state}" }
undo = { call = "POST /users/{id}/state", body = { state = "{old.state}" } }
[[User.delete]]
call = "POST /users/{id}/lock"
undo = "POST /users/{id}/unlock"
[[User.delete]]
call = "POST /users/{id}/archive"
undo = "POST /users/{id}/unarchive"
"#;

fn mapping() -> String {
    format!("{HEAD}{RULES}")
}

fn case(name: &'static str, upstream: Vec<Step>, request: (&'static str, Value), status: u16) -> Case {
    Case { name, upstream, request: request.0, body: request.1, status, wanted: Value::Null }
}

/// The ways to lose the answer of a call, and what the client is told.
fn losses(line: &str) -> Vec<(&'static str, Step, u16)> {
    vec![
        ("the connection breaks", expect(line).breaks(), 502),
        ("no answer comes", expect(line).hangs(), 504),
        ("500", expect(line).answer(500, &Value::Null), 502),
    ]
}

fn read() -> Step {
    expect("GET /users/7").answer(200, &json!({ "id": 7, "login": "ada", "title": "Clerk", "state": "on" }))
}

fn title(title: &str) -> Step {
    expect("PUT /users/7/title").json(json!({ "title": title }))
}

#[tokio::test]
async fn a_change_that_may_have_been_made_is_taken_back_with_those_before_it() {
    let both = || ("PATCH /Users/7", replace(&json!({ "title": "Lead", "active": false })));
    let on = || expect("POST /users/7/state").json(json!({ "state": "on" }));
    let mut cases = Vec::new();
    for (name, lost, status) in losses("POST /users/7/state") {
        let lost = lost.json(json!({ "state": "off" }));
        cases.push(case(name, vec![read(), title("Lead"), lost.clone(), on(), title("Clerk")], both(), status));
        let one = ("PATCH /Users/7", replace(&json!({ "active": false })));
        cases.push(case(name, vec![read(), lost, on()], one, status));
    }
    let refused = expect("POST /users/7/state").answer(409, &Value::Null);
    let script = vec![read(), title("Lead"), refused, title("Clerk")];
    cases.push(case("what was refused was not made", script, both(), 409));
    play(&mapping(), cases).await;
}

#[tokio::test]
async fn a_create_call_that_may_have_been_made_is_taken_back_with_the_resource() {
    let body = || user(json!({ "userName": "ada", "title": "Lead", "active": true }));
    let made = || expect("POST /users").answer(201, &json!({ "id": 7, "login": "ada" }));
    let gone = || expect("DELETE /users/7");
    let mut cases = Vec::new();
    for (name, lost, status) in losses("POST /mailboxes") {
        let script = vec![made(), lost, expect("DELETE /mailboxes/7"), gone()];
        cases.push(case(name, script, ("POST /Users", body()), status));
    }
    let refused = expect("POST /mailboxes").answer(422, &Value::Null);
    cases.push(case("what was refused was not made", vec![made(), refused, gone()], ("POST /Users", body()), 400));
    play(&mapping(), cases).await;
}

#[tokio::test]
async fn a_part_that_may_have_been_deleted_is_taken_back_with_those_before_it() {
    let lock = || expect("POST /users/7/lock");
    let unlock = || expect("POST /users/7/unlock");
    let mut cases = Vec::new();
    for (name, lost, status) in losses("POST /users/7/archive") {
        let script = vec![lock(), lost, expect("POST /users/7/unarchive"), unlock()];
        cases.push(case(name, script, ("DELETE /Users/7", Value::Null), status));
    }
    let refused = expect("POST /users/7/archive").answer(409, &Value::Null);
    let script = vec![lock(), refused, unlock()];
    cases.push(case("what was refused was not made", script, ("DELETE /Users/7", Value::Null), 409));
    play(&mapping(), cases).await;
}
