//! Where requests may come from, and whose word counts for it.

use serde_json::json;

use super::{Program, bearer, okta};

const DISCOVERY: &str = "GET /ServiceProviderConfig";

const TENANT: &str = "tokens = [{ env = 'OKTA_TOKEN' }]\nnetworks = ['192.0.2.0/24', '2001:db8::/32']";

#[tokio::test]
async fn only_the_tenants_networks_are_admitted_as_a_trusted_proxy_names_them() {
    let program = Program::start("proxy", "behind_proxy = true\ntrusted_proxies = ['127.0.0.0/8']", TENANT);
    let cases = [
        ("from within", "X-Forwarded-For: 192.0.2.1\r\n", 200),
        ("from within, IPv6", "X-Forwarded-For: 2001:db8::1\r\n", 200),
        ("over two proxies", "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 127.0.0.9\r\n", 200),
        ("from elsewhere", "X-Forwarded-For: 198.51.100.1\r\n", 403),
        ("from elsewhere, saying otherwise", "X-Forwarded-For: 192.0.2.1, 198.51.100.1\r\n", 403),
        ("from the proxy itself", "", 403),
        ("from who knows where", "X-Forwarded-For: 192.0.2.1, unknown\r\n", 403),
    ];
    for (name, headers, status) in cases {
        let answer = program.ask(DISCOVERY, &format!("{}{headers}", okta()), "").await;
        assert_eq!(answer.status, status, "{name}: {answer:?}");
        if status == 403 {
            assert_eq!(answer.detail(), "requests from this address are not admitted", "{name}");
        }
    }
    let refused = program.line(|line| line["audit"] == "refused");
    assert_eq!((&refused["client.address"], &refused["reason"]), (&json!("198.51.100.1"), &json!("network")));
    assert_eq!(program.metric(r#"access_refused_total{tenant="acme",reason="network"}"#).await, 4);
}

#[tokio::test]
async fn without_a_trusted_proxy_the_source_is_who_connects() {
    let forwarded = format!("{}X-Forwarded-For: 192.0.2.1\r\n", okta());
    let program = Program::start("no-proxy", "", TENANT);
    assert_eq!(program.ask(DISCOVERY, &forwarded, "").await.status, 403);
    let refused = program.line(|line| line["audit"] == "refused");
    assert_eq!(refused["client.address"], "127.0.0.1");

    let near = Program::start("near", "", "tokens = [{ env = 'OKTA_TOKEN' }]\nnetworks = ['127.0.0.1']");
    assert_eq!(near.ask(DISCOVERY, &forwarded, "").await.status, 200);
}

#[tokio::test]
async fn a_stranger_from_elsewhere_cannot_try_out_tokens() {
    let program = Program::start("elsewhere", "", TENANT);
    let (right, wrong) = (okta(), bearer("a-guess-of-a-stranger"));
    let right = program.ask(DISCOVERY, &right, "").await;
    let wrong = program.ask(DISCOVERY, &wrong, "").await;
    assert_eq!((right.status, right.detail()), (wrong.status, wrong.detail()));
}
