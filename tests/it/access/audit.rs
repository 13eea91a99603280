//! The audit: one line for each operation that changes something, and for each refused access.

use serde_json::{Value, json};

use super::{Program, bearer, okta, tenant};
use crate::support::client::holds;
use crate::support::upstream::{Upstream, expect};

fn ada(enabled: bool) -> Value {
    json!({ "id": "7", "login": "ada@acme.example", "enabled": enabled })
}

/// The fields of an audit line: no other may be in it.
const FIELDS: [&str; 16] = [
    "time",
    "level",
    "message",
    "audit",
    "tenant",
    "caller",
    "client.address",
    "http.request.method",
    "operation",
    "resource.type",
    "resource.id",
    "http.response.status_code",
    "outcome",
    "upstream.calls",
    "duration_us",
    "request.id",
];

fn is_audit(line: &Value) -> bool {
    line["audit"] == "operation"
}

#[tokio::test]
async fn each_operation_that_changes_something_leaves_one_line() {
    let upstream = Upstream::serve([
        expect("POST /users").answer(201, &ada(true)),
        expect("GET /users/7").answer(200, &ada(true)),
        expect("GET /users/7").answer(200, &ada(true)),
        expect("PUT /users/7").answer(200, &ada(false)),
        expect("DELETE /users/7").answer(404, &Value::Null),
    ])
    .await;
    let program = Program::start("audit", "", &tenant(&upstream.url()));
    let headers = format!("{}Content-Type: application/scim+json\r\nX-Request-Id: okta-42\r\n", okta());
    let user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada@acme.example", "active": true,
    });
    let off = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "value": { "active": false } }],
    });
    for (line, body, status) in [
        ("POST /Users", user.to_string(), 201),
        ("GET /Users/7", String::new(), 200),
        ("PATCH /Users/7", off.to_string(), 200),
        ("DELETE /Users/7", String::new(), 404),
    ] {
        let answer = program.ask(line, &headers, &body).await;
        assert_eq!(answer.status, status, "{line}: {answer:?}");
    }
    for (operation, method, status, outcome, calls) in
        [("create", "POST", 201, "ok", 1), ("patch", "PATCH", 200, "ok", 2), ("delete", "DELETE", 404, "not_found", 1)]
    {
        let line = program.line(is_audit);
        let wanted = json!({
            "level": "INFO", "message": "audit", "tenant": "acme", "caller": "okta", "client.address": "127.0.0.1",
            "http.request.method": method, "operation": operation, "resource.type": "/Users", "resource.id": "7",
            "http.response.status_code": status, "outcome": outcome, "upstream.calls": calls, "request.id": "okta-42",
        });
        assert!(holds(&line, &wanted), "{line}\n{wanted}");
        let fields = line.as_object().unwrap().keys();
        assert!(fields.into_iter().all(|field| FIELDS.contains(&field.as_str())), "{line}");
        assert!(!line.to_string().contains("ada@"), "no value of a person: {line}");
    }
}

#[tokio::test]
async fn a_hostile_id_stays_within_its_field() {
    let program = Program::start("hostile", "", "tokens = [{ env = 'OKTA_TOKEN', read_only = true }]");
    let long = "x".repeat(10_000);
    let cases = [
        ("a line end", "a%0d%0aaudit%20b", "a\r\naudit b".to_owned()),
        ("a terminal's sign", "a%1b%5b31m", "a\u{1b}[31m".to_owned()),
        ("quotes", "a%22,%22caller%22:%22root", "a\",\"caller\":\"root".to_owned()),
        ("10 kB", &long, format!("{}…", "x".repeat(2047))),
    ];
    for (name, id, want) in cases {
        assert_eq!(program.ask(&format!("DELETE /Users/{id}"), &okta(), "").await.status, 403, "{name}");
        let line = program.line(is_audit);
        assert_eq!((&line["resource.id"], &line["caller"]), (&json!(want), &json!("token-1")), "{name}");
        assert_eq!(
            (&line["outcome"], &line["http.response.status_code"]),
            (&json!("read_only"), &json!(403)),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_refused_access_is_audited_with_its_source_and_without_what_was_presented() {
    let program = Program::start("refused", "trusted_proxies = ['127.0.0.1']", "tokens = [{ env = 'OKTA_TOKEN' }]");
    let headers = format!("{}X-Forwarded-For: 203.0.113.9\r\n", bearer("a-guess-of-a-stranger"));
    assert_eq!(program.ask("DELETE /Users/7", &headers, "").await.status, 401);
    let line = program.line(|line| line["audit"] == "refused");
    let wanted = json!({
        "message": "audit", "tenant": "acme", "client.address": "203.0.113.9", "http.request.method": "DELETE",
        "reason": "unknown",
    });
    assert!(holds(&line, &wanted), "{line}");
    assert!(!line.to_string().contains("a-guess"), "{line}");
}

#[tokio::test]
async fn each_operation_of_a_bulk_request_leaves_a_line_and_the_request_its_own() {
    let upstream = Upstream::serve([
        expect("POST /users").answer(201, &ada(true)),
        expect("DELETE /users/9").answer(404, &Value::Null),
    ])
    .await;
    let program = Program::start("bulk", "", &tenant(&upstream.url()));
    let headers = format!("{}Content-Type: application/scim+json\r\n", okta());
    let user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada@acme.example", "active": true,
    });
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [
            { "method": "POST", "path": "/Users", "bulkId": "one", "data": user },
            { "method": "DELETE", "path": "/Users/9" },
        ],
    });
    let answer = program.ask("POST /Bulk", &headers, &body.to_string()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    for (operation, id, status, outcome) in
        [("create", json!("7"), 201, "ok"), ("delete", json!("9"), 404, "not_found"), ("bulk", Value::Null, 200, "ok")]
    {
        let line = program.line(is_audit);
        let got = (&line["operation"], &line["resource.id"], &line["http.response.status_code"], &line["outcome"]);
        assert_eq!(got, (&json!(operation), &id, &json!(status), &json!(outcome)), "{line}");
        assert_eq!((&line["caller"], &line["client.address"]), (&json!("okta"), &json!("127.0.0.1")), "{line}");
    }
}
