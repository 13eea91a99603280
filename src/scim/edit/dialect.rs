//! What clients really send as values, each deviation by name. Everything else in this folder is RFC 7644 §3.5.2.

use serde_json::{Map, Value};

use crate::scim::schema::Attribute;

/// A boolean as text. Entra ID sends `"active": "False"` in PATCH unless a feature flag in its settings says otherwise
/// (Microsoft, "Known issues and resolutions with SCIM 2.0 protocol compliance").
pub(super) fn boolean_from_text(value: &Value) -> Option<bool> {
    let text = value.as_str()?;
    [true, false].into_iter().find(|wanted| text.eq_ignore_ascii_case(if *wanted { "true" } else { "false" }))
}

/// A single value in a list: Entra ID wraps values of single-valued attributes as `[{"value": "x"}]`. `attribute` decides
/// whether the inner object is the value itself. `None` for a list of several.
pub(super) fn unwrap_sole_element(value: Value, attribute: &Attribute) -> Option<Value> {
    let Value::Array(mut elements) = value else {
        return Some(value);
    };
    let mut sole = elements.pop().unwrap_or(Value::Null);
    if !elements.is_empty() {
        return None;
    }
    if attribute.sub_attributes.is_empty()
        && let Some(inner) = sole.as_object_mut().and_then(|members| members.shift_remove("value"))
    {
        return Some(inner);
    }
    Some(sole)
}

/// A list that came as its only element: several clients leave the brackets off, Entra ID among them when one member is
/// added.
pub(super) fn wrap_in_list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(elements) => elements,
        Value::Null => Vec::new(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => vec![value],
    }
}

/// A complex value that came as its `value` alone: Entra ID sends the bare id of a `manager`, other clients bare ids of
/// `members`. `None` when the attribute has no `value`.
pub(super) fn complex_from_bare_value(value: Value, attribute: &Attribute) -> Option<Map<String, Value>> {
    let name = attribute.sub("value")?.name.clone();
    matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_)).then(|| Map::from_iter([(name, value)]))
}

/// No value at all: Entra ID unassigns with null, Okta with an empty text (RFC 7643 §2.5 knows null and `[]`).
pub(super) fn is_no_value(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

/// A reference to nobody: clients take a `manager` away with an object that says nothing (RFC 7643 §2.5: what has no value is
/// unassigned). An empty object changes nothing of other complex values, whose parts stand for themselves (RFC 7644 §3.5.2.3).
pub(super) fn is_reference_to_nobody(value: &Value, attribute: &Attribute) -> bool {
    attribute.refers_to_resources() && value.as_object().is_some_and(Map::is_empty)
}
