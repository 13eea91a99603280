//! What was sent and what came back, as a report may show it.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::value::member;

/// The longest body that is kept for the report, in bytes.
const LONGEST: usize = 4 * 1024;

/// What stands where something is not shown.
pub(crate) const HIDDEN: &str = "…";

/// One request with its answer. Credentials that were sent are never kept; passwords, and the values of resources that were
/// there before, are blotted out. What a server says back of the token goes when the report is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The method.
    pub method: String,
    /// What stands behind the base URL, decoded to be read.
    pub target: String,
    /// The body sent.
    pub sent: Option<String>,
    /// What came.
    pub outcome: Outcome,
    /// How long it took.
    pub took: Duration,
}

/// The end of an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An answer.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The headers that matter, by their names in lower case.
        headers: Vec<(String, String)>,
        /// The body.
        body: String,
    },
    /// No answer, and why.
    Lost(String),
}

/// A body that was sent, for the report: without passwords, and cut off where it is long.
pub(crate) fn sent(text: &str) -> String {
    let json = serde_json::from_str::<Value>(text).map(|mut json| {
        blot_passwords(&mut json);
        json.to_string()
    });
    shortened(json.as_deref().unwrap_or(text), LONGEST)
}

/// A body that came, for the report: without passwords and without what is of people and groups that this run has not made,
/// whatever the server calls its attributes; cut off where it is long. What a refusal says stays.
///
/// `own` is what the names of all resources of this run begin with.
pub(crate) fn answered(status: u16, text: &str, own: &str) -> String {
    let is_refusal = status >= 400;
    match serde_json::from_str::<Value>(text) {
        Ok(mut json) => {
            blot_passwords(&mut json);
            if !is_refusal {
                blot_foreign(&mut json, own);
            }
            shortened(&json.to_string(), LONGEST)
        }
        Err(_) if is_refusal || text.is_empty() => shortened(text, LONGEST),
        Err(_) => format!("{} bytes that are no JSON", text.len()),
    }
}

/// The beginning of a text that is longer than `longest` bytes.
pub(crate) fn shortened(text: &str, longest: usize) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    let end = (0..=longest).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    format!("{}{HIDDEN}", &text[..end])
}

fn blot_passwords(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if name.eq_ignore_ascii_case("password") && !member.is_boolean() {
                    *member = Value::from(HIDDEN);
                } else {
                    blot_passwords(member);
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(blot_passwords),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Blots out what was there before: in a list, or alone.
fn blot_foreign(value: &mut Value, own: &str) {
    let Value::Object(members) = value else { return blot_values(value) };
    if let Some((_, resources)) = members.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case("resources")) {
        let Value::Array(resources) = resources else { return blot_values(resources) };
        for resource in resources {
            blot_foreign(resource, own);
        }
        return;
    }
    let names = ["userName", "displayName"];
    let is_own = names.iter().filter_map(|name| member(members, name)?.as_str()).any(|name| is_named(name, own));
    if !is_own && !is_document(members) {
        let hidden = members.iter_mut().filter(|(name, _)| !matches!(name.as_str(), "schemas" | "id" | "meta"));
        hidden.for_each(|(_, member)| blot_values(member));
    }
}

/// Whether an object is of the protocol and no resource: what a server says of itself, an empty list, the start of a bulk.
fn is_document(members: &Map<String, Value>) -> bool {
    let schemas = members.get("schemas").and_then(Value::as_array);
    schemas.into_iter().flatten().filter_map(Value::as_str).any(|urn| {
        let named = urn.strip_prefix("urn:ietf:params:scim:schemas:core:2.0:");
        urn.starts_with("urn:ietf:params:scim:api:messages:2.0:")
            || matches!(named, Some("Schema" | "ResourceType" | "ServiceProviderConfig"))
    })
}

fn is_named(name: &str, own: &str) -> bool {
    name.to_ascii_lowercase().contains(&own.to_ascii_lowercase())
}

fn blot_values(value: &mut Value) {
    match value {
        Value::String(_) | Value::Number(_) => *value = Value::from(HIDDEN),
        Value::Object(members) => {
            let open = |name: &str| matches!(name, "type" | "primary");
            members.iter_mut().filter(|(name, _)| !open(name)).for_each(|(_, member)| blot_values(member));
        }
        Value::Array(elements) => elements.iter_mut().for_each(blot_values),
        Value::Null | Value::Bool(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_shows_what_the_run_made_and_nobody_else() {
        let cases = [
            (
                "somebody who was there",
                r#"{"id":"7","userName":"ada","name":{"givenName":"Ada"},"emails":[{"type":"work","value":"a@b.c"}]}"#,
                r#"{"id":"7","userName":"…","name":{"givenName":"…"},"emails":[{"type":"work","value":"…"}]}"#,
            ),
            (
                "the same in a list",
                r#"{"totalResults":1,"Resources":[{"id":"7","userName":"ada"}]}"#,
                r#"{"totalResults":1,"Resources":[{"id":"7","userName":"…"}]}"#,
            ),
            (
                "a group without members",
                r#"{"displayName":"Sales","meta":{"resourceType":"Group"}}"#,
                r#"{"displayName":"…","meta":{"resourceType":"Group"}}"#,
            ),
            ("one of ours", r#"{"id":"8","userName":"verify-x1-3@b.c"}"#, r#"{"id":"8","userName":"verify-x1-3@b.c"}"#),
            (
                "a password",
                r#"{"userName":"verify-x1-3","password":"p"}"#,
                r#"{"userName":"verify-x1-3","password":"…"}"#,
            ),
            (
                "names of the server's own",
                r#"{"resources":[{"username":"ada","ssn":7,"on":true,"more":{"city":"London"}}]}"#,
                r#"{"resources":[{"username":"…","ssn":"…","on":true,"more":{"city":"…"}}]}"#,
            ),
            ("a list without a frame", r#"[{"userName":"ada"}]"#, r#"[{"userName":"…"}]"#),
            (
                "what the server says of itself",
                r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Schema"],"name":"User"}"#,
                r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Schema"],"name":"User"}"#,
            ),
            ("a page", "<p>ada</p>", "10 bytes that are no JSON"),
            ("nothing", "", ""),
        ];
        for (name, text, want) in cases {
            assert_eq!(answered(200, text, "verify-x1-"), want, "{name}");
        }
    }

    #[test]
    fn what_a_refusal_says_and_what_was_sent_stay_but_for_passwords() {
        let refusal = r#"{"error":"no","password":"p"}"#;
        assert_eq!(answered(400, refusal, "verify-x1-"), r#"{"error":"no","password":"…"}"#);
        assert_eq!(answered(502, "<p>bad gateway</p>", "verify-x1-"), "<p>bad gateway</p>");
        let asked = r#"{"Operations":[{"value":{"password":"p","title":"x"}}]}"#;
        assert_eq!(sent(asked), r#"{"Operations":[{"value":{"password":"…","title":"x"}}]}"#);
    }

    #[test]
    fn a_long_body_is_cut_off_between_characters() {
        assert_eq!(shortened("ääää", 5), "ää…");
        assert_eq!(shortened("ääää", 8), "ääää");
    }
}
