//! The exact comparison that decides whether an update changes anything.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use super::instant;
use crate::scim::schema::{Attribute, Kind, Mutability};
use crate::value::number_key;

/// Whether two values of an attribute are the same, so that writing one over the other changes nothing.
///
/// Text is compared exactly (`mcdonald` and `McDonald` differ), numbers by value, times as instants, lists without regard
/// to order. `display`, `$ref` and read-only parts of complex values never count, `"primary": false` is the same as none.
/// An element that refers to a resource is its `value` alone. Time is `n log n` in the length of lists.
pub fn same(left: &Value, right: &Value, attribute: &Attribute) -> bool {
    match (left, right) {
        (Value::Array(left), Value::Array(right)) => {
            let keys = |elements: &[Value]| -> Vec<String> {
                let mut keys: Vec<_> = elements.iter().map(|element| element_key(element, attribute)).collect();
                keys.sort_unstable();
                keys
            };
            if attribute.refers_to_resources() {
                let set = |elements: &[Value]| -> BTreeSet<String> { keys(elements).into_iter().collect() };
                return set(left) == set(right);
            }
            left.len() == right.len() && keys(left) == keys(right)
        }
        (Value::Object(_), Value::Object(_)) => element_key(left, attribute) == element_key(right, attribute),
        _ => simple_key(left, attribute) == simple_key(right, attribute),
    }
}

/// Whether two elements of a multi-valued attribute are the same one.
pub fn same_element(left: &Value, right: &Value, attribute: &Attribute) -> bool {
    element_key(left, attribute) == element_key(right, attribute)
}

/// A text that is equal for elements that are the same.
pub(in crate::scim) fn element_key(element: &Value, attribute: &Attribute) -> String {
    let Value::Object(members) = element else {
        return simple_key(element, attribute);
    };
    if attribute.refers_to_resources()
        && let Some(value) = members.get("value")
    {
        return simple_key(value, attribute);
    }
    let mut parts: Vec<_> = members
        .iter()
        .filter(|(name, value)| counts(name, value, attribute))
        .map(|(name, value)| (name.as_str(), simple_key(value, attribute.sub(name).unwrap_or(attribute))))
        .collect();
    parts.sort_unstable();
    let mut text = String::new();
    for (name, value) in parts {
        // Names and values are quoted by Debug, so that no value can look like two parts.
        let _ = write!(text, "{name:?}={value:?};");
    }
    text
}

fn counts(name: &str, value: &Value, attribute: &Attribute) -> bool {
    let read_only = attribute.mutability != Mutability::ReadOnly
        && attribute.sub(name).is_some_and(|sub| sub.mutability == Mutability::ReadOnly);
    let no_value = value.is_null() || name == "primary" && *value == Value::Bool(false);
    !(name == "display" || name == "$ref" || read_only || no_value)
}

fn simple_key(value: &Value, attribute: &Attribute) -> String {
    match value {
        Value::Number(number) => format!("n{}", number_key(number)),
        Value::String(text) if attribute.kind == Kind::DateTime => {
            instant(text).map_or_else(|| format!("s{text}"), |instant| format!("t{}", instant.as_nanosecond()))
        }
        Value::String(text) => format!("s{text}"),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::{AttributePath, ResourceSchema};

    /// Name, resource type, attribute, two values, whether they are the same.
    const CASES: &[(&str, &str, &str, &str, &str, bool)] = &[
        ("text", "User", "title", r#""Dr""#, r#""Dr""#, true),
        ("case is a change", "User", "userName", r#""mcdonald""#, r#""McDonald""#, false),
        ("numbers by value", "User", "title", "1", "1.0", true),
        ("a number is no text", "User", "title", "1", r#""1""#, false),
        (
            "times as instants",
            "User",
            "meta.created",
            r#""2024-01-01T01:00:00+01:00""#,
            r#""2024-01-01T00:00:00Z""#,
            true,
        ),
        (
            "lists in any order",
            "User",
            "emails",
            r#"[{"value": "a"}, {"value": "b"}]"#,
            r#"[{"value": "b"}, {"value": "a"}]"#,
            true,
        ),
        (
            "members in any order",
            "User",
            "emails",
            r#"[{"value": "a", "type": "x"}]"#,
            r#"[{"type": "x", "value": "a"}]"#,
            true,
        ),
        (
            "another type",
            "User",
            "emails",
            r#"[{"value": "a", "type": "x"}]"#,
            r#"[{"value": "a", "type": "y"}]"#,
            false,
        ),
        ("one more", "User", "emails", r#"[{"value": "a"}]"#, r#"[{"value": "a"}, {"value": "a"}]"#, false),
        (
            "not primary is the same as nothing",
            "User",
            "emails",
            r#"[{"value": "a", "primary": false}]"#,
            r#"[{"value": "a"}]"#,
            true,
        ),
        ("primary counts", "User", "emails", r#"[{"value": "a", "primary": true}]"#, r#"[{"value": "a"}]"#, false),
        ("display never counts", "User", "emails", r#"[{"value": "a", "display": "A"}]"#, r#"[{"value": "a"}]"#, true),
        (
            "a member is its value",
            "Group",
            "members",
            r#"[{"value": "1", "type": "User", "display": "x"}]"#,
            r#"[{"value": "1"}]"#,
            true,
        ),
        (
            "a member twice is one member",
            "Group",
            "members",
            r#"[{"value": "1"}, {"value": "1"}]"#,
            r#"[{"value": "1"}]"#,
            true,
        ),
        ("another member", "Group", "members", r#"[{"value": "1"}]"#, r#"[{"value": "2"}]"#, false),
        (
            "complex",
            "User",
            "name",
            r#"{"givenName": "a", "familyName": "b"}"#,
            r#"{"familyName": "b", "givenName": "a"}"#,
            true,
        ),
        ("complex unlike", "User", "name", r#"{"givenName": "a"}"#, r#"{"familyName": "a"}"#, false),
        (
            "no value can look like two",
            "User",
            "name",
            r#"{"givenName": "a\";\"x\"=\"b"}"#,
            r#"{"givenName": "a", "x": "b"}"#,
            false,
        ),
    ];

    #[test]
    fn values_are_the_same_when_nothing_that_counts_differs() {
        for (name, resource_type, attribute, left, right, want) in CASES {
            let schema = ResourceSchema::standard(resource_type).unwrap();
            let attribute = schema.attribute(&AttributePath::parse(attribute).unwrap()).unwrap();
            let [left, right] = [left, right].map(|text| serde_json::from_str::<Value>(text).unwrap());
            assert_eq!(same(&left, &right, attribute), *want, "{name}");
            assert_eq!(same(&right, &left, attribute), *want, "{name}: the other way round");
        }
    }
}
