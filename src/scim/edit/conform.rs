//! A client's value in the form that the schema gives an attribute: canonical names, checked types, nothing unknown.

use std::fmt;

use serde_json::{Map, Value};

use super::Ignored;
use super::dialect::{boolean_from_text, complex_from_bare_value, is_no_value, unwrap_sole_element, wrap_in_list};
use crate::scim::Error;
use crate::scim::schema::{Attribute, Kind, Mutability};
use crate::value::type_name;

/// The name of an attribute in messages: `name.givenName`.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) parent: Option<&'a str>,
    pub(super) name: &'a str,
}

impl<'a> At<'a> {
    pub(super) fn top(attribute: &'a Attribute) -> Self {
        Self { parent: None, name: &attribute.name }
    }

    pub(super) fn part(self, name: &'a str) -> Self {
        Self { parent: Some(self.name), name }
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            write!(f, "{parent}.")?;
        }
        f.write_str(self.name)
    }
}

/// The value of a single-valued simple attribute; `None` is no value.
pub(super) fn simple(value: Value, attribute: &Attribute, at: At<'_>) -> Result<Option<Value>, Error> {
    let value = unwrap_sole_element(value, attribute)
        .ok_or_else(|| Error::invalid_value(format!("`{at}` takes one value, not a list of several")))?;
    if is_no_value(&value) {
        return Ok(None);
    }
    let fits = match attribute.kind {
        Kind::String | Kind::Reference => value.is_string(),
        Kind::Binary => value.as_str().is_some_and(is_base64),
        Kind::Boolean => match boolean_from_text(&value) {
            Some(boolean) => return Ok(Some(Value::Bool(boolean))),
            None => value.is_boolean(),
        },
        Kind::Decimal => value.is_number(),
        Kind::Integer => value.as_number().is_some_and(|number| !number.as_str().contains(['.', 'e', 'E'])),
        Kind::DateTime => value.as_str().is_some_and(is_time),
        Kind::Complex => false,
    };
    if fits { Ok(Some(value)) } else { Err(misfit(&value, attribute.kind, at)) }
}

fn misfit(value: &Value, kind: Kind, at: At<'_>) -> Error {
    let (wanted, json_type) = match kind {
        Kind::String => ("a string", true),
        Kind::Binary => ("a base64 text", !value.is_string()),
        Kind::Reference => ("a URI in a string", true),
        Kind::Boolean => ("a boolean", true),
        Kind::Decimal => ("a number", true),
        Kind::Integer => ("a whole number", !value.is_number()),
        Kind::DateTime => ("a time such as `2026-01-31T12:00:00Z`", !value.is_string()),
        Kind::Complex => ("an object", true),
    };
    let found = if json_type { format!(", not {}", type_name(value)) } else { String::new() };
    Error::invalid_value(format!("`{at}` must be {wanted}{found}"))
}

/// RFC 7643 §2.3.6: either alphabet of RFC 4648, and padding that may be left out.
fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let (padding, rest) = (text.len() - digits.len(), digits.len() % 4);
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    let is_padded = padding == 0 || padding + rest == 4;
    rest != 1 && is_padded && digits.bytes().all(is_digit)
}

/// RFC 7643 §2.3.5 takes the dateTime of XML Schema, whose offset is optional.
fn is_time(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok() || text.parse::<jiff::civil::DateTime>().is_ok()
}

/// The parts that a complex value names, in its order; `None` unassigns a part. Parts that the schema does not have are
/// noted.
pub(super) fn parts<'a>(
    value: Value,
    attribute: &'a Attribute,
    at: At<'_>,
    ignored: &mut Ignored,
) -> Result<Vec<(&'a Attribute, Option<Value>)>, Error> {
    let kind = attribute.kind;
    let members = match value {
        Value::Object(members) => members,
        bare @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
            let fault = misfit(&bare, kind, at);
            complex_from_bare_value(bare, attribute).ok_or(fault)?
        }
    };
    let mut parts = Vec::with_capacity(members.len());
    for (name, value) in members {
        match attribute.sub(&name) {
            Some(sub) => parts.push((sub, simple(value, sub, At { parent: Some(at.name), name: &sub.name })?)),
            // Sent by every client with every member, and never written.
            None if name == "display" || name == "$ref" => {}
            None => ignored.note(&At { parent: Some(at.name), name: &name }),
        }
    }
    Ok(parts)
}

/// The elements of a multi-valued attribute; those without a value are left out.
pub(super) fn list(
    value: Value,
    attribute: &Attribute,
    at: At<'_>,
    ignored: &mut Ignored,
) -> Result<Vec<Value>, Error> {
    let mut elements = Vec::new();
    for value in wrap_in_list(value) {
        if is_no_value(&value) {
            continue;
        }
        if attribute.kind != Kind::Complex {
            elements.extend(simple(value, attribute, at)?);
            continue;
        }
        let element = element(value, attribute, at, ignored)?;
        if !element.is_empty() {
            elements.push(Value::Object(element));
        }
    }
    if elements.iter().filter(|element| is_primary(element)).count() > 1 {
        return Err(Error::invalid_value(format!("`{at}` has more than one `primary` value")));
    }
    Ok(elements)
}

/// One complex element. Its read-only parts are the service provider's: what a client says of them is dropped.
pub(super) fn element(
    value: Value,
    attribute: &Attribute,
    at: At<'_>,
    ignored: &mut Ignored,
) -> Result<Map<String, Value>, Error> {
    let writable =
        |sub: &Attribute| attribute.mutability == Mutability::ReadOnly || sub.mutability != Mutability::ReadOnly;
    let parts = parts(value, attribute, at, ignored)?;
    Ok(parts
        .into_iter()
        .filter(|(sub, _)| writable(sub))
        .filter_map(|(sub, value)| Some((sub.name.clone(), value?)))
        .collect())
}

pub(super) fn is_primary(element: &Value) -> bool {
    element.get("primary").and_then(Value::as_bool) == Some(true)
}
