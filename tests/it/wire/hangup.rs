//! A client that hangs up.

use scim_bridge::demo::Seed;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::bridge::{TOKEN, demo};

/// A POST of one user over a connection of its own, closed after the last byte: nobody waits for the answer.
async fn post_and_hang_up(base: &str, login: &str) {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": login,
        "name": { "givenName": "Gone", "familyName": "Away" },
        "active": false
    })
    .to_string();
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
