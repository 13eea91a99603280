//! Tokens and passwords: how they are sent, what they may do, whose they are.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::{PASSWORD, Program, READER, bearer, okta};
use crate::support::bridge::TOKEN;
use crate::support::upstream::{Upstream, expect};

const DISCOVERY: &str = "GET /ServiceProviderConfig";

/// A header line with a user and a password.
fn basic(user: &str, password: &str) -> String {
    format!("Authorization: Basic {}\r\n", STANDARD.encode(format!("{user}:{password}")))
}

#[tokio::test]
async fn each_secret_opens_in_its_own_form_alone() {
    let tenant = "tokens = [{ env = 'OKTA_TOKEN' }, { env = 'READER', scheme = 'none' }]\n\
                  basic = [{ user = 'hr', password = { env = 'HR' } }]";
    let program = Program::start("forms", "", tenant);
    let bare = |token: &str| format!("Authorization: {token}\r\n");
    let cases = [
        ("a bearer token", okta(), 200),
        ("a token alone", bare(READER), 200),
        ("a user with the password", basic("hr", PASSWORD), 200),
        ("a bearer token alone", bare(TOKEN), 401),
        ("a token that comes alone, with a scheme", bearer(READER), 401),
        ("a token as a password", basic("hr", TOKEN), 401),
        ("a user with another password", basic("hr", "password-of-hr-0002"), 401),
        ("another user", basic("it", PASSWORD), 401),
        ("a password as a token", bearer(PASSWORD), 401),
        ("Okta's test suite", bare("non-token"), 401),
        ("two headers", format!("{}{}", okta(), okta()), 401),
        ("none", String::new(), 401),
    ];
    for (name, headers, status) in cases {
        let answer = program.ask(DISCOVERY, &headers, "").await;
        assert_eq!(answer.status, status, "{name}: {answer:?}");
        if status == 401 {
            let detail = "the `Authorization` header carries no valid token and no valid user and password";
            assert_eq!(answer.detail(), detail, "{name}");
            for scheme in ["bearer", "basic"] {
                let line = format!("www-authenticate: {scheme} realm=\"scim\"");
                assert!(answer.headers.contains(&line), "{name}: {}", answer.headers);
            }
        }
    }
}

#[tokio::test]
async fn a_token_that_may_only_read_searches_and_changes_nothing() {
    let found = json!([{ "id": "7", "login": "ada", "enabled": true }]);
    let upstream =
        Upstream::serve([expect("GET /users").answer(200, &found), expect("GET /users").answer(200, &found)]).await;
    let tenant = format!("tokens = [{{ env = 'READER', read_only = true }}]\nurl = '{}'", upstream.url());
    let program = Program::start("reader", "", &tenant);
    let headers = format!("{}Content-Type: application/scim+json\r\n", bearer(READER));
    let search = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}"#;
    for (line, body) in [("GET /Users", ""), ("POST /Users/.search", search)] {
        let answer = program.ask(line, &headers, body).await;
        assert_eq!((answer.status, &answer.body["totalResults"]), (200, &json!(1)), "{line}: {answer:?}");
    }
    for line in ["POST /Users", "PUT /Users/7", "PATCH /Users/7", "DELETE /Users/7", "POST /Bulk"] {
        let answer = program.ask(line, &headers, "{}").await;
        assert_eq!((answer.status, answer.detail()), (403, "this token may only read"), "{line}");
    }
    assert_eq!(program.metric(r#"access_refused_total{tenant="acme",reason="read_only"}"#).await, 5);
}

#[tokio::test]
async fn a_token_opens_its_own_tenant_alone() {
    let other = "tokens = [{ env = 'OKTA_TOKEN' }]\n[tenants.other]\nmapping = 'mappings/acme'\n\
                 path = '/other'\ntokens = [{ env = 'READER' }]";
    let program = Program::start("tenants", "", other);
    assert_eq!(program.ask(DISCOVERY, &okta(), "").await.status, 200);
    assert_eq!(program.ask(DISCOVERY, &bearer(READER), "").await.status, 401);
    let line = program.line(|line| line["audit"] == "refused");
    assert_eq!((&line["tenant"], &line["reason"]), (&json!("acme"), &json!("unknown")));
}

#[tokio::test]
async fn wrong_tokens_are_counted_and_never_lock_out_the_right_one() {
    let program = Program::start("lockout", "", "tokens = [{ env = 'OKTA_TOKEN' }]");
    for _ in 0..40 {
        assert_eq!(program.ask(DISCOVERY, &bearer("a-guess-of-a-stranger"), "").await.status, 401);
    }
    assert_eq!(program.ask(DISCOVERY, "", "").await.status, 401);
    assert_eq!(program.ask(DISCOVERY, "Authorization: Digest x\r\n", "").await.status, 401);
    assert_eq!(program.ask(DISCOVERY, &okta(), "").await.status, 200);
    for (reason, count) in [("unknown", 40), ("missing", 1), ("malformed", 1), ("network", 0)] {
        let metric = format!(r#"access_refused_total{{tenant="acme",reason="{reason}"}}"#);
        assert_eq!(program.metric(&metric).await, count, "{reason}");
    }
}
