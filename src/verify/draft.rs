//! Users and groups to create: of what the server announces to take, with names that nobody else has.

use serde_json::{Map, Value, json};

use crate::scim::schema::{ENTERPRISE_USER, USER};
use crate::verify::announced::{Announced, is_required};

/// A password that most rules take.
pub(crate) const PASSWORD: &str = "Vf7-quick-Fox!29";
/// Another one.
pub(crate) const OTHER_PASSWORD: &str = "Lz4-brown-Owl!83";

/// A user with the attributes that Okta sends for a new one, as far as the server announces them, and with whatever else
/// it requires.
pub(crate) fn user(announced: &Announced, user_name: &str, display_name: &str) -> Value {
    let whole = json!({
        "schemas": [USER],
        "userName": user_name,
        "name": {"givenName": "Ada", "familyName": "Verify"},
        "displayName": display_name,
        "emails": [{"value": user_name, "type": "work", "primary": true}],
        "active": true,
    });
    let Value::Object(whole) = whole else { return whole };
    let kept = whole.into_iter().filter_map(|(name, value)| Some((known(announced, &name, &name, value)?, name)));
    let mut draft: Map<String, Value> = kept.map(|(value, name)| (name, value)).collect();
    for attribute in announced.required() {
        if let (Some(name), Some(value)) = (attribute.get("name").and_then(Value::as_str), plausible(attribute)) {
            draft.entry(name).or_insert(value);
        }
    }
    Value::Object(draft)
}

/// Further attributes, as far as the server announces them; `version` 0 or 1 gives other values.
pub(crate) fn more(announced: &Announced, version: usize) -> Value {
    let pick = |pair: [&'static str; 2]| pair[version.min(1)];
    let whole = json!({
        "title": pick(["Engineer", "Director"]),
        "nickName": pick(["Ady", "Amazing"]),
        "userType": pick(["Employee", "Contractor"]),
        "locale": pick(["en-US", "en-GB"]),
        "preferredLanguage": pick(["en", "de"]),
        "timezone": pick(["Europe/London", "Europe/Berlin"]),
        "phoneNumbers": [{"value": pick(["+44 20 7946 0000", "+44 20 7946 0001"]), "type": "work"}],
        "addresses": [{"streetAddress": pick(["1 Long Street", "2 Long Street"]), "type": "work"}],
    });
    let Value::Object(whole) = whole else { return whole };
    let kept = whole.into_iter().filter_map(|(name, value)| Some((known(announced, &name, &name, value)?, name)));
    let mut more: Map<String, Value> = kept.map(|(value, name)| (name, value)).collect();
    let enterprise = [
        ("department", pick(["Research", "Sales"])),
        ("costCenter", pick(["4130", "4131"])),
        ("division", pick(["North", "South"])),
        ("organization", pick(["Acme", "Acme Two"])),
    ];
    let kept = enterprise.into_iter().filter(|(name, _)| announced.writes(ENTERPRISE_USER, name));
    let kept: Map<String, Value> = kept.map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
    if !kept.is_empty() {
        more.insert(ENTERPRISE_USER.to_owned(), Value::Object(kept));
    }
    Value::Object(more)
}

/// What the server takes of a value: sub-attributes that it does not announce are left out.
fn known(announced: &Announced, name: &str, path: &str, value: Value) -> Option<Value> {
    if name != "schemas" && !announced.writes(USER, path) {
        return None;
    }
    match value {
        Value::Object(members) => {
            let kept = members.into_iter().filter_map(|(name, value)| {
                let value = known(announced, &name, &format!("{path}.{name}"), value)?;
                Some((name, value))
            });
            Some(Value::Object(kept.collect())).filter(|value| value.as_object().is_some_and(|all| !all.is_empty()))
        }
        Value::Array(elements) if name != "schemas" => {
            let kept = elements.into_iter().filter_map(|element| known(announced, name, path, element));
            Some(Value::Array(kept.collect()))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Some(value),
    }
}

/// A value of the attribute's type, for an attribute that is required and that we know nothing of.
fn plausible(attribute: &Value) -> Option<Value> {
    let first = attribute.get("canonicalValues").and_then(|values| values.get(0)).filter(|value| value.is_string());
    let named =
        |name: &str| attribute.get("name").and_then(Value::as_str).is_some_and(|own| own.eq_ignore_ascii_case(name));
    let value = match (first, attribute.get("type").and_then(Value::as_str)?) {
        (Some(first), _) => first.clone(),
        (None, "string") if named("password") => json!(PASSWORD),
        (None, "string") => json!("verify"),
        (None, "boolean") => json!(false),
        (None, "integer") => json!(1),
        (None, "decimal") => json!(1.5),
        (None, "dateTime") => json!("2030-01-01T00:00:00Z"),
        (None, "reference") => json!("https://example.com/"),
        (None, "binary") => json!("dmVyaWZ5"),
        (None, "complex") => {
            let parts = attribute.get("subAttributes")?.as_array()?.iter().filter(|part| is_required(part));
            parts
                .map(|part| Some((part.get("name")?.as_str()?.to_owned(), plausible(part)?)))
                .collect::<Option<Value>>()?
        }
        (None, _) => return None,
    };
    let is_list = attribute.get("multiValued") == Some(&Value::Bool(true));
    Some(if is_list { json!([value]) } else { value })
}
