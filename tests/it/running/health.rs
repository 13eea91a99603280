//! What the process says of itself.

use serde_json::json;

use super::over;
use crate::support::process::Process;
use crate::support::upstream::{Upstream, expect};

const MAPPING: &str = r#"
scim_bridge = 1
[upstream]
url = "http://127.0.0.1"
headers = { X-Key = "{secret.acme_key}" }
[User.attributes]
id = "id"
userName = "login"
[User]
get = "GET /users/{id}"
"#;

#[tokio::test]
async fn health_says_in_words_how_each_upstream_is() {
    let upstream = Upstream::serve([
        expect("GET /users/7").answer(200, &json!({ "id": "7", "login": "ada" })),
        expect("GET /users/7").answer(401, &json!({ "message": "SECRET-TRACE" })),
    ])
    .await;
    let process = Process::start(&over("health", &upstream.url(), MAPPING), &[]).await;
    let tenant = || async { process.health().await["tenants"][0].clone() };
    let before = tenant().await;
    assert_eq!((&before["name"], &before["upstream"]["state"]), (&json!("acme"), &json!("unknown")));
    assert_eq!(process.scim.send("GET /Users/7", None).await.status, 200);
    assert_eq!(tenant().await["upstream"]["state"], "working");
    assert_eq!(process.scim.send("GET /Users/7", None).await.status, 502);
    let failing = tenant().await["upstream"].clone();
    assert_eq!(failing["state"], "failing");
    let cause = failing["last_cause"].as_str().unwrap();
    assert!(
        cause.starts_with("GET /users/{id}: credentials refused with 401 at ") && cause.ends_with("SCIM answered 502")
    );
    assert_eq!((&failing["circuit"], &failing["waiting"]), (&json!("closed"), &json!(0)));
    let whole = process.health().await.to_string();
    for secret in ["SECRET-TRACE", "k-8Yb2fL0qT5wZ", "/7", "ada", crate::support::bridge::TOKEN] {
        assert!(!whole.contains(secret), "{secret}: {whole}");
    }
}

#[tokio::test]
async fn an_open_circuit_outlives_a_reload() {
    // Nobody listens there any more.
    let url = Upstream::serve([]).await.url();
    let mut process = Process::start(&over("circuit", &url, MAPPING), &[]).await;
    for _ in 0..7 {
        assert_eq!(process.scim.send("GET /Users/7", None).await.status, 503);
    }
    process.reload(&format!("{MAPPING}\n# read anew"), "settings and mappings reloaded").await;
    let health = process.health().await["tenants"][0]["upstream"].clone();
    assert!(matches!(health["circuit"].as_str(), Some("open" | "probing")), "{health}");
    let cause = health["last_cause"].as_str().unwrap();
    assert!(cause.starts_with("GET /users/{id}: not connected: "), "{cause}");
}
