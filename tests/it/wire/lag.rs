//! An upstream that shows what was made a moment later.

use serde_json::{Value, json};

use crate::support::bridge::serve;
use crate::support::case::{HEAD, replace, user};
use crate::support::client::holds;
use crate::support::upstream::{Step, Upstream, expect};

const RULES: &str = r#"
[User.attributes]
id = "id"
userName = "login"
title = "title"
[User]
list = { call = "GET /users?login={filter.userName?}", items = "$.rows[*]" }
get = "GET /users/{id}"
create = "POST /users"
update = "PATCH /users/{id}"
delete = "DELETE /users/{id}"
"#;

fn ada() -> Value {
    json!({ "id": "7", "login": "Ada", "title": "Lead" })
}

fn create() -> Step {
    expect("POST /users").json(json!({ "login": "Ada", "title": "Lead" })).answer(201, &ada())
}

fn missing() -> Step {
    expect("GET /users/7").answer(404, &Value::Null)
}

fn there() -> Step {
    expect("GET /users/7").answer(200, &ada())
}

fn body() -> Value {
    user(json!({ "userName": "Ada", "title": "Lead" }))
}

#[tokio::test]
async fn what_was_made_a_moment_ago_is_read_again_when_it_is_not_there_yet() {
    let script = [create(), missing(), missing(), missing(), there()];
    let upstream = Upstream::serve(script).await;
    let bridge = serve(&format!("{HEAD}{RULES}"), &upstream.url(), &[]).await;
    assert_eq!(bridge.scim.send("POST /Users", Some(&body())).await.status, 201);
    let answer = bridge.scim.send("GET /Users/7", None).await;
    assert!(answer.status == 200 && holds(&answer.body, &json!({ "id": "7" })), "{}", answer.body);
    upstream.assert_followed("three reads after the first");
}

#[tokio::test]
async fn a_change_of_what_is_not_shown_yet_waits_for_it() {
    let cook = json!({ "id": "7", "login": "Ada", "title": "Cook" });
    let change = expect("PATCH /users/7").json(json!({ "title": "Cook" })).answer(200, &cook);
    let upstream = Upstream::serve([create(), missing(), missing(), there(), change]).await;
    let bridge = serve(&format!("{HEAD}{RULES}"), &upstream.url(), &[]).await;
    assert_eq!(bridge.scim.send("POST /Users", Some(&body())).await.status, 201);
    let answer = bridge.scim.send("PATCH /Users/7", Some(&replace(&json!({ "title": "Cook" })))).await;
    assert!(answer.status == 200 && holds(&answer.body, &json!({ "title": "Cook" })), "{}", answer.body);
}

#[tokio::test]
async fn what_never_was_or_is_gone_is_not_waited_for() {
    let other = expect("GET /users/8").answer(404, &Value::Null);
    let gone = expect("DELETE /users/7").answer(204, &Value::Null);
    let upstream = Upstream::serve([create(), other, gone, missing()]).await;
    let bridge = serve(&format!("{HEAD}{RULES}"), &upstream.url(), &[]).await;
    for (line, body, status) in [
        ("POST /Users", Some(body()), 201),
        ("GET /Users/8", None, 404),
        ("DELETE /Users/7", None, 204),
        ("GET /Users/7", None, 404),
    ] {
        assert_eq!(bridge.scim.send(line, body.as_ref()).await.status, status, "{line}");
    }
}

#[tokio::test]
async fn a_search_by_key_finds_what_the_list_does_not_show_yet() {
    let late = expect("GET /users?login=ADA").answer(200, &json!({ "rows": [] }));
    let other = expect("GET /users?login=bo").answer(200, &json!({ "rows": [] }));
    let upstream = Upstream::serve([create(), late, there(), other]).await;
    let bridge = serve(&format!("{HEAD}{RULES}"), &upstream.url(), &[]).await;
    assert_eq!(bridge.scim.send("POST /Users", Some(&body())).await.status, 201);
    let answer = bridge.scim.send("GET /Users?filter=userName%20eq%20%22ADA%22", None).await;
    assert!(holds(&answer.body, &json!({ "totalResults": 1, "Resources": [{ "id": "7" }] })), "{}", answer.body);
    let answer = bridge.scim.send("GET /Users?filter=userName%20eq%20%22bo%22", None).await;
    assert!(holds(&answer.body, &json!({ "totalResults": 0 })), "{}", answer.body);
}

#[tokio::test]
async fn a_look_up_before_a_create_sees_what_the_list_does_not_show_yet() {
    let late = || expect("GET /users?login=Ada").answer(200, &json!({ "rows": [] }));
    let steps = [late(), create(), late(), there()];
    let upstream = Upstream::serve(steps).await;
    let rules = RULES.replace("[User]\n", "[User]\nunique = \"bridge\"\n");
    let bridge = serve(&format!("{HEAD}{rules}"), &upstream.url(), &[]).await;
    assert_eq!(bridge.scim.send("POST /Users", Some(&body())).await.status, 201);
    let answer = bridge.scim.send("POST /Users", Some(&body())).await;
    assert!(answer.status == 409 && holds(&answer.body, &json!({ "scimType": "uniqueness" })), "{}", answer.body);
}
