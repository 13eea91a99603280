//! What was sent and what came back, as a report may show it.

use std::time::Duration;

use serde_json::Value;

/// The longest body that is kept for the report, in bytes.
const LONGEST: usize = 4 * 1024;

/// What stands where something is not shown.
const HIDDEN: &str = "…";

/// One request with its answer. Nothing in it is secret: credentials are never kept, passwords and the values of resources
/// that were there before are blotted out.
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

/// The text of a body for the report: JSON with what must not be shown blotted out, and cut off where it is long.
///
/// `own` is what the names of all resources of this run begin with.
pub(crate) fn shown(text: &str, own: &str, secret: &str) -> String {
    let text = match serde_json::from_str::<Value>(text) {
        Ok(mut json) => {
            blot_passwords(&mut json);
            blot_foreign(&mut json, own);
            json.to_string()
        }
        Err(_) => text.to_owned(),
    };
    let text = if secret.is_empty() { text } else { text.replace(secret, HIDDEN) };
    shortened(&text, LONGEST)
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

/// Blots out people and groups that were there before: in a list, or alone.
fn blot_foreign(value: &mut Value, own: &str) {
    if let Some(Value::Array(resources)) = value.get_mut("Resources") {
        for resource in resources {
            blot_foreign(resource, own);
        }
        return;
    }
    let names = ["userName", "displayName"];
    let is_person = value.get("userName").is_some() || value.get("members").is_some() || value.get("emails").is_some();
    let kind = value.pointer("/meta/resourceType").and_then(Value::as_str);
    let is_person = is_person || matches!(kind, Some("User" | "Group"));
    let is_own = names.iter().filter_map(|name| value.get(name)?.as_str()).any(|name| is_named(name, own));
    if let (true, false, Value::Object(members)) = (is_person, is_own, value) {
        let hidden = members.iter_mut().filter(|(name, _)| !matches!(name.as_str(), "schemas" | "id" | "meta"));
        hidden.for_each(|(_, member)| blot_strings(member));
    }
}

fn is_named(name: &str, own: &str) -> bool {
    name.to_ascii_lowercase().contains(&own.to_ascii_lowercase())
}

fn blot_strings(value: &mut Value) {
    match value {
        Value::String(text) => HIDDEN.clone_into(text),
        Value::Object(members) => {
            let open = |name: &str| matches!(name, "type" | "primary");
            members.iter_mut().filter(|(name, _)| !open(name)).for_each(|(_, member)| blot_strings(member));
        }
        Value::Array(elements) => elements.iter_mut().for_each(blot_strings),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
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
            ("the token in a text", "who is the-token?", "who is …?"),
            ("an error", r#"{"detail":"no user the-token"}"#, r#"{"detail":"no user …"}"#),
        ];
        for (name, text, want) in cases {
            assert_eq!(shown(text, "verify-x1-", "the-token"), want, "{name}");
        }
    }

    #[test]
    fn a_long_body_is_cut_off_between_characters() {
        assert_eq!(shortened("ääää", 5), "ää…");
        assert_eq!(shortened("ääää", 8), "ääää");
    }
}
