//! Pages that are kept for the next window, and changes that make them stale.

use serde_json::{Value, json};

use crate::support::bridge::serve;
use crate::support::case::{HEAD, replace};
use crate::support::client::holds;
use crate::support::upstream::{Gate, Step, Upstream, expect};

const RULES: &str = r#"
[User.attributes]
id = "id"
userName = "login"
title = "title"
[User]
list = { call = "GET /users?page={page}", items = "$.rows[*]" }
get = "GET /users/{id}"
update = "PATCH /users/{id}"
"#;

fn bo(title: &str) -> Value {
    json!({ "id": "8", "login": "bo", "title": title })
}

fn page(title: &str) -> Step {
    let rows = json!([{ "id": "7", "login": "ada", "title": "Lead" }, bo(title)]);
    expect("GET /users?page=1").answer(200, &json!({ "rows": rows }))
}

#[tokio::test]
async fn a_page_that_was_asked_for_before_a_change_is_not_kept_after_it() {
    let gate = Gate::default();
    let script = [
        page("Clerk").held(&gate),
        expect("GET /users/8").answer(200, &bo("Clerk")),
        expect("PATCH /users/8").json(json!({ "title": "Cook" })).answer(200, &bo("Cook")),
        page("Cook"),
    ];
    let upstream = Upstream::serve(script).await;
    let head = HEAD.replace("concurrent = 1", "concurrent = 2").replace("timeout = \"1s\"", "timeout = \"10s\"");
    let bridge = serve(&format!("{head}{RULES}"), &upstream.url(), &[]).await;
    let scim = bridge.scim.clone();
    let listing = tokio::spawn(async move { scim.send("GET /Users?startIndex=1&count=1", None).await });
    gate.arrived().await;
    let changed = bridge.scim.send("PATCH /Users/8", Some(&replace(&json!({ "title": "Cook" })))).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    gate.open();
    assert_eq!(listing.await.unwrap().status, 200);
    let answer = bridge.scim.send("GET /Users?startIndex=2&count=1", None).await;
    let wanted = json!({ "Resources": [{ "id": "8", "title": "Cook" }] });
    assert!(holds(&answer.body, &wanted), "{}", answer.body);
}
