//! One SCIM request, the upstream calls that it causes, and its answer.

use serde_json::{Value, json};

use super::bridge::serve;
use super::client::{Answer, holds};
use super::upstream::{Step, Upstream};

/// What no upstream may get through to a client: tests put it into bodies that are nobody's business.
pub(crate) const UPSTREAM_TEXT: &str = "SECRET-TRACE at line 7";

/// A SCIM request, the upstream calls expected of it in order, and what it must be answered.
pub(crate) struct Case {
    /// What is shown, as a sentence.
    pub(crate) name: &'static str,
    /// The upstream calls and their answers.
    pub(crate) upstream: Vec<Step>,
    /// `PATCH /Users/7`
    pub(crate) request: &'static str,
    /// Null sends none.
    pub(crate) body: Value,
    /// The status of the answer.
    pub(crate) status: u16,
    /// What the answer's body must hold at least.
    pub(crate) wanted: Value,
}

/// Plays each case with an upstream and a bridge of its own.
pub(crate) async fn play(mapping: &str, cases: Vec<Case>) {
    for case in cases {
        let name = case.name;
        let answer = play_one(mapping, case).await;
        assert!(
            !answer.body.to_string().contains("SECRET-TRACE"),
            "{name}: upstream text got through: {}",
            answer.body
        );
    }
}

/// Plays one case; gives the answer, for a closer look.
pub(crate) async fn play_one(mapping: &str, case: Case) -> Answer {
    let Case { name, upstream, request, body, status, wanted } = case;
    let upstream = Upstream::serve(upstream).await;
    let bridge = serve(mapping, &upstream.url(), &[("acme_key", "key-of-the-tests")]).await;
    let answer = bridge.scim.send(request, Some(&body).filter(|body| !body.is_null())).await;
    upstream.assert_followed(name);
    assert_eq!(answer.status, status, "{name}: {request} answered {}", answer.body);
    assert!(wanted.is_null() || holds(&answer.body, &wanted), "{name}: {request} answered {}", answer.body);
    assert!(answer.body.get("password").is_none(), "{name}: the password came back");
    answer
}

/// A PATCH body with these operations.
pub(crate) fn patch(operations: &Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations })
}

/// A PATCH body with one operation without a path, as Okta sends it.
pub(crate) fn replace(value: &Value) -> Value {
    patch(&json!([{ "op": "replace", "value": value }]))
}

/// A body of the core User schema with these attributes.
pub(crate) fn user(attributes: Value) -> Value {
    of_schema("urn:ietf:params:scim:schemas:core:2.0:User", attributes)
}

/// A body of the core Group schema with these attributes.
pub(crate) fn group(attributes: Value) -> Value {
    of_schema("urn:ietf:params:scim:schemas:core:2.0:Group", attributes)
}

fn of_schema(schema: &str, mut attributes: Value) -> Value {
    attributes["schemas"] = json!([schema]);
    attributes
}

/// The portal of the reference (example ii), with the waits of a test.
pub(crate) fn portal() -> String {
    let text = include_str!("../../check/clean_portal.toml");
    let limits = "[upstream.limits]\nbackoff = \"1ms..2ms\"\nsettle = [\"1ms\", \"2ms\"]\nconcurrent = 1\n";
    let (start, rest) = text.split_once("[upstream.limits]").unwrap();
    let (_, rest) = rest.split_once("[[upstream.errors]]").unwrap();
    format!("{start}{limits}\n[[upstream.errors]]{rest}")
}

/// An upstream with JSON calls: the head of a mapping, limits as tests want them.
pub(crate) const HEAD: &str = r#"
scim_bridge = 1
[upstream]
url = "http://127.0.0.1"
[upstream.limits]
backoff = "1ms..2ms"
settle = ["1ms", "2ms"]
retries = 1
concurrent = 1
timeout = "1s"
"#;
