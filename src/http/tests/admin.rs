//! The admin listener.

use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::script::Script;
use crate::http::admin::Admin;
use crate::http::{Readiness, Tenants};
use crate::secret::Secret;
use crate::telemetry::Metrics;

const TOKEN: &str = "a-token-of-the-operator";

/// Status line, headers and body of the answer to one request.
async fn ask(port: u16, line: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let request = format!("{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// The port of an admin listener without tenants that serves until the test ends.
async fn start(host: &str, token: Option<&str>, readiness: Readiness) -> u16 {
    let tenants = Arc::new(ArcSwap::from_pointee(Tenants::<Script>::new([])));
    let token = token.map(Secret::new);
    let address = format!("{host}:0").parse().unwrap();
    let told = (readiness, Arc::default());
    let admin = Admin::bind(address, token.as_ref(), tenants, Arc::new(Metrics::new()), told).await.unwrap();
    let port = admin.local_addr().port();
    tokio::spawn(admin.run(std::future::pending()));
    port
}

#[tokio::test]
async fn health_and_metrics_are_shown_to_those_who_may_see_them() {
    let right = format!("Authorization: Bearer {TOKEN}\r\n");
    let cases = [
        // (name, address, token, header lines, status)
        ("on loopback", "127.0.0.1", None, "", 200),
        ("on loopback without the token that is set", "127.0.0.1", Some(TOKEN), "", 401),
        ("with another token", "127.0.0.1", Some(TOKEN), "Authorization: Bearer x\r\n", 401),
        ("with the token", "0.0.0.0", Some(TOKEN), &right, 200),
        ("off loopback without a token", "0.0.0.0", None, "", 403),
        ("off loopback with a token that nobody set", "0.0.0.0", None, &right, 403),
    ];
    for (name, host, token, headers, status) in cases {
        let port = start(host, token, Readiness::new()).await;
        for path in ["/health", "/metrics"] {
            let answer = ask(port, &format!("GET {path}"), headers).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path} {name}: {answer}");
            assert_eq!(answer.contains("connections"), status == 200, "{path} {name}: {answer}");
        }
        assert!(ask(port, "GET /live", "").await.starts_with("HTTP/1.1 200"), "{name}");
    }
}

#[tokio::test]
async fn readiness_is_told_as_it_changes() {
    let readiness = Readiness::new();
    let port = start("127.0.0.1", None, readiness.clone()).await;
    assert!(ask(port, "GET /ready", "").await.starts_with("HTTP/1.1 503"));
    readiness.announce();
    assert!(ask(port, "HEAD /ready", "").await.starts_with("HTTP/1.1 200"));
    assert!(ask(port, "GET /health", "").await.contains("\"ready\":true"));
    readiness.withdraw();
    assert!(ask(port, "GET /ready", "").await.starts_with("HTTP/1.1 503"));
}

#[tokio::test]
async fn there_is_nothing_else() {
    let port = start("127.0.0.1", None, Readiness::new()).await;
    for (line, status) in [("POST /live", 405), ("GET /", 404), ("GET /scim/v2/Users", 404), ("GET /metrics/", 404)] {
        let answer = ask(port, line, "").await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{line}: {answer}");
    }
}

#[tokio::test]
async fn what_is_pending_is_shown_like_health_and_changed_with_the_token_alone() {
    let right = format!("Authorization: Bearer {TOKEN}\r\n");
    let cases = [
        // (name, token, header lines, status of a look, status of a change)
        ("without a token that is set", None, "", 200, 403),
        ("without the token", Some(TOKEN), "", 401, 401),
        // There is no tenant.
        ("with the token", Some(TOKEN), right.as_str(), 200, 404),
    ];
    for (name, token, headers, look, change) in cases {
        let port = start("127.0.0.1", token, Readiness::new()).await;
        let answer = ask(port, "GET /ops", headers).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {look}")), "{name}: {answer}");
        assert_eq!(answer.contains("{\"tenants\":[]}"), look == 200, "{name}: {answer}");
        for path in ["/ops/acme/release", "/ops/acme/forget/1"] {
            let answer = ask(port, &format!("POST {path}"), headers).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {change}")), "{path} {name}: {answer}");
        }
    }
}
