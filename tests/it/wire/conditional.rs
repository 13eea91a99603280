//! Changes that somebody else got ahead of: planned once more, as if nothing had been tried.

use serde_json::{Value, json};

use crate::support::bridge::serve;
use crate::support::case::{Case, HEAD, play, replace};
use crate::support::upstream::{Step, Upstream, expect};

const RULES: &str = r#"
[User.attributes]
id = "id"
userName = { at = "login", mutability = "readOnly" }
title = "title"
active = { at = "state", map = { true = "on", false = "off" } }
[User]
get = "GET /users/{id}"
[[User.update]]
for = ["title"]
call = "PUT /users/{id}/title"
headers = { Idempotency-Key = "{op.id}" }
body = { title = "{record.title}" }
capture = { ticket = "$.ticket" }
[[User.update]]
for = ["active"]
when = "!$.got.ticket"
call = "POST /users/{id}/state"
body = { state = "{record.state}" }
"#;

fn read(title: &str, state: &str) -> Step {
    expect("GET /users/7").answer(200, &json!({ "id": "7", "login": "ada", "title": title, "state": state }))
}

fn title(status: u16) -> Step {
    expect("PUT /users/7/title").answer(status, &json!({ "ticket": "T-1" }))
}

#[tokio::test]
async fn the_idempotency_key_of_a_second_plan_is_that_of_a_client_who_comes_later() {
    let script = [
        read("Clerk", "on"),
        title(412),
        read("Cook", "on"),
        title(200),
        read("Lead", "on"),
        // The same request again, on the record that the second plan was made for.
        read("Cook", "on"),
        title(200),
        read("Lead", "on"),
    ];
    let upstream = Upstream::serve(script).await;
    let bridge = serve(&format!("{HEAD}{RULES}"), &upstream.url(), &[]).await;
    for _ in 0..2 {
        let answer = bridge.scim.send("PATCH /Users/7", Some(&replace(&json!({ "title": "Lead" })))).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    let keys = upstream.header_values("idempotency-key");
    assert_ne!(keys[0], keys[1], "another record, another operation");
    assert_eq!(keys[1], keys[2], "the same record, the same operation");
}

#[tokio::test]
async fn a_second_plan_knows_nothing_of_what_the_first_one_captured() {
    let refused = expect("POST /users/7/state").answer(412, &Value::Null);
    let script = vec![
        read("Clerk", "on"),
        title(200),
        refused,
        read("Lead", "on"),
        expect("POST /users/7/state").json(json!({ "state": "off" })),
        read("Lead", "off"),
    ];
    let body = replace(&json!({ "title": "Lead", "active": false }));
    let wanted = json!({ "title": "Lead", "active": false });
    let case =
        Case { name: "planned once more", upstream: script, request: "PATCH /Users/7", body, status: 200, wanted };
    play(&format!("{HEAD}{RULES}"), vec![case]).await;
}
