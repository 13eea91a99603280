//! One request in three logs: the client's, ours, the API's.

use serde_json::json;

use super::over;
use crate::support::bridge::TOKEN;
use crate::support::process::Process;
use crate::support::upstream::{Upstream, expect};

const MAPPING: &str = r#"
scim_bridge = 1
[upstream]
url = "http://127.0.0.1"
[User.attributes]
id = "id"
userName = "login"
[User]
get = "GET /users/{id}"
"#;

#[tokio::test]
async fn a_request_is_known_by_its_ids_from_the_client_to_the_api() {
    let ada = json!({ "id": "7", "login": "ada" });
    let upstream = Upstream::serve((0..3).map(|_| expect("GET /users/7").answer(200, &ada))).await;
    let mut process = Process::start(&over("traced", &upstream.url(), MAPPING), &[]).await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/scim/v2/Users/7", process.base);
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let sent = format!("00-{trace}-00f067aa0ba902b7-01");

    let request = http.get(&url).bearer_auth(TOKEN).header("X-Request-Id", "okta-1").header("traceparent", &sent);
    let request = request.header("tracestate", "congo=t61rcWkgMzE").header("tracestate", "rojo=00f067aa0ba902b7");
    assert_eq!(request.send().await.unwrap().status(), 200);
    let line = process.line("\"message\":\"request\"").await;
    assert_eq!((&line["request.id"], &line["trace.id"]), (&json!("okta-1"), &json!(trace)));
    assert_eq!(upstream.header_values("x-request-id"), ["okta-1"]);
    let passed = upstream.header_values("traceparent").remove(0);
    assert!(passed.starts_with(&format!("00-{trace}-")) && passed.ends_with("-01") && passed != sent, "{passed}");

    assert_eq!(upstream.header_values("tracestate"), ["congo=t61rcWkgMzE,rojo=00f067aa0ba902b7"]);

    // What could do harm is replaced, in the log and to the API.
    let hostile = "0".repeat(8_000);
    let request = http.get(&url).bearer_auth(TOKEN).header("X-Request-Id", "a b").header("traceparent", &hostile);
    let request = request.header("tracestate", "congo=t61rcWkgMzE");
    assert_eq!(request.send().await.unwrap().status(), 200);
    let line = process.line("\"message\":\"request\"").await;
    let own = line["trace.id"].as_str().unwrap();
    assert!(own.len() == 32 && !hostile.contains(own), "{own}");
    assert!(upstream.header_values("traceparent")[1].contains(own));
    assert_eq!(upstream.header_values("x-request-id")[1], line["request.id"].as_str().unwrap());

    // Without a trace there is none.
    assert_eq!(http.get(&url).bearer_auth(TOKEN).send().await.unwrap().status(), 200);
    assert_eq!(process.line("\"message\":\"request\"").await.get("trace.id"), None);
    assert_eq!(upstream.header_values("traceparent").len(), 2);
    assert_eq!(upstream.header_values("tracestate").len(), 1, "it goes with the client's own trace alone");
}
