//! A client that hangs up.

use scim_bridge::demo::Seed;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::bridge::{TOKEN, demo, serve};
use crate::support::case::HEAD;
use crate::support::upstream::{Gate, Upstream, expect};

/// A user, as it is sent: byte for byte the same whenever it is repeated.
fn body(login: &str) -> String {
    let name = json!({ "givenName": "Gone", "familyName": "Away" });
    let schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
    json!({ "schemas": schemas, "userName": login, "name": name, "active": false }).to_string()
}

/// A POST of one user over a connection of its own, closed after the last byte: nobody waits for the answer.
async fn post_and_hang_up(base: &str, login: &str) {
    let body = body(login);
    let (host, path) = base.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let head = format!(
        "POST /{path}/Users HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/scim+json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
    drop(stream);
}

#[tokio::test]
async fn a_hang_up_after_the_last_byte_leaves_a_whole_user_or_none() {
    let running = demo(Seed::Empty).await;
    for index in 0..20 {
        post_and_hang_up(&running.bridge.base, &format!("gone{index}@acme.example")).await;
    }
    // Stopping the bridge waits for the operations that are at work, those without a client too.
    let drained = running.bridge.stop().await;
    assert_eq!(drained.cut, 0);
    let people = running.api.send("GET /people?size=100", None).await;
    for person in people.body["rows"].as_array().unwrap() {
        // Creating is two calls here: the form, then `/disable`.
        assert_eq!((&person["family_name"], &person["state"]), (&json!("Away"), &json!("D")), "{person}");
    }
}

const RULES: &str = r#"
[User.attributes]
id = "id"
userName = "login"
title = "title"
active = "enabled"
[User]
list = { call = "GET /users?login={filter.userName}", items = "$.rows[*]" }
get = "GET /users/{id}"
create = "POST /users"
update = [
  { call = "PUT /users/{id}/state", for = ["active"] },
  "PATCH /users/{id}",
]
"#;

fn record(id: &str, enabled: bool) -> serde_json::Value {
    json!({ "id": id, "login": "gone@acme.example", "enabled": enabled })
}

#[tokio::test]
async fn the_repeat_of_a_create_whose_client_hung_up_half_way_is_told_of_the_same_user() {
    let gate = Gate::default();
    let script = [
        expect("POST /users").held(&gate).answer(201, &record("7", true)),
        expect("PUT /users/7/state").answer(200, &serde_json::Value::Null),
        expect("GET /users/7").answer(200, &record("7", false)),
        // The repeat.
        expect("GET /users/7").answer(200, &record("7", false)),
        // Told once: from now on it is there.
        expect("POST /users").answer(409, &serde_json::Value::Null),
    ];
    let upstream = Upstream::serve(script).await;
    let head = HEAD.replace("timeout = \"1s\"", "timeout = \"10s\"").replace("concurrent = 1", "concurrent = 4");
    let bridge = serve(&format!("{head}{RULES}"), &upstream.url(), &[]).await;
    post_and_hang_up(&bridge.base, "gone@acme.example").await;
    gate.arrived().await;
    // The client has gone; its repeat comes while the first is still between its two steps.
    let scim = bridge.scim.clone();
    let body = body("gone@acme.example");
    let repeat = tokio::spawn(async move { scim.send_text("POST /Users", "application/scim+json", Some(&body)).await });
    gate.open();
    let answer = repeat.await.unwrap();
    assert_eq!((answer.status, &answer.body["id"]), (201, &json!("7")), "{}", answer.body);
    assert_eq!(answer.headers["location"], format!("{}/Users/7", bridge.base));
    let body = self::body("gone@acme.example");
    let answer = bridge.scim.send_text("POST /Users", "application/scim+json", Some(&body)).await;
    assert_eq!((answer.status, &answer.body["scimType"]), (409, &json!("uniqueness")), "{}", answer.body);
    upstream.assert_followed("one user");
}

#[tokio::test]
async fn a_repeat_of_a_create_that_was_undone_meanwhile_makes_it_anew() {
    let gate = Gate::default();
    let script = [
        expect("POST /users").held(&gate).answer(201, &record("7", false)),
        expect("GET /users/7").answer(404, &serde_json::Value::Null),
        expect("GET /users/7").answer(404, &serde_json::Value::Null),
        expect("GET /users/7").answer(404, &serde_json::Value::Null),
        expect("GET /users/7").answer(404, &serde_json::Value::Null),
        expect("POST /users").answer(201, &record("8", false)),
    ];
    let upstream = Upstream::serve(script).await;
    let head = HEAD.replace("timeout = \"1s\"", "timeout = \"10s\"").replace("concurrent = 1", "concurrent = 4");
    let bridge = serve(&format!("{head}{RULES}"), &upstream.url(), &[]).await;
    post_and_hang_up(&bridge.base, "gone@acme.example").await;
    gate.arrived().await;
    let scim = bridge.scim.clone();
    let body = body("gone@acme.example");
    let repeat = tokio::spawn(async move { scim.send_text("POST /Users", "application/scim+json", Some(&body)).await });
    gate.open();
    let answer = repeat.await.unwrap();
    assert_eq!((answer.status, &answer.body["id"]), (201, &json!("8")), "{}", answer.body);
}
