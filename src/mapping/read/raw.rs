//! Raw JSON texts: what can be told and written without making values of them.

use serde_json::Value;

use crate::mapping::equality::same;

/// A value to compare raw texts with.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::mapping) struct Literal {
    value: Value,
    text: String,
}

impl Literal {
    pub(in crate::mapping) fn new(value: Value) -> Self {
        Self { text: value.to_string(), value }
    }

    /// Whether a raw text is this value, however it is spelt.
    pub(in crate::mapping) fn is(&self, raw: &str) -> bool {
        if raw == self.text {
            return true;
        }
        let may_be_spelt_otherwise = match &self.value {
            Value::Null | Value::Bool(_) => false,
            // Two quotes, and nothing that could be escaped.
            Value::String(text) if text.is_empty() => false,
            Value::String(_) => raw.starts_with('"') && (raw.contains('\\') || self.text.contains('\\')),
            Value::Number(_) => raw.starts_with(|first: char| first == '-' || first.is_ascii_digit()),
            // The usual literal: nothing between the brackets but white space.
            Value::Array(list) if list.is_empty() => return is_empty(raw, "[", "]"),
            Value::Object(fields) if fields.is_empty() => return is_empty(raw, "{", "}"),
            Value::Array(_) => raw.starts_with('['),
            Value::Object(_) => raw.starts_with('{'),
        };
        may_be_spelt_otherwise && serde_json::from_str(raw).is_ok_and(|value| same(&value, &self.value))
    }
}

fn is_empty(raw: &str, open: &str, close: &str) -> bool {
    let inside = raw.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
    inside.is_some_and(|inside| inside.trim_ascii().is_empty())
}

/// Whether a raw text can be copied as the text of a string: a string without `\u`, which might be half a character.
pub(super) fn is_plain_string(raw: &str) -> bool {
    raw.starts_with('"') && !has_unicode_escape(raw)
}

fn has_unicode_escape(raw: &str) -> bool {
    raw.contains('\\') && raw.contains("\\u")
}

/// Whether a raw text is a number without exponent; values spell exponents in their own way.
pub(super) fn is_plain_number(raw: &str) -> bool {
    raw.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-' || byte == b'.')
}

/// Whether a raw text is a whole number as it is usually spelt: no sign of zero, no fraction, no exponent.
pub(in crate::mapping) fn is_plain_integer(raw: &str) -> bool {
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    !digits.is_empty()
        && digits.len() <= crate::mapping::equality::LONGEST_WHOLE
        && raw != "-0"
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Appends a value as compact JSON.
pub(super) fn append(out: &mut Vec<u8>, value: &Value) {
    // Writing to memory cannot fail, and a `Value` has no key that is no string.
    let _ = serde_json::to_writer(out, value);
}

/// Appends a text as a JSON string.
pub(super) fn append_text(out: &mut Vec<u8>, text: &str) {
    // Nearly all texts need no escape. Looking at every byte, without a way out, is what can be done many at once.
    let needs_escape = |byte| matches!(byte, ..b' ' | b'"' | b'\\');
    if text.bytes().fold(false, |any, byte| any | needs_escape(byte)) {
        let _ = serde_json::to_writer(out, text);
        return;
    }
    out.reserve(text.len() + 2);
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

/// The text of a JSON string; `None` when it is none.
pub(super) fn text_of(raw: &[u8]) -> Option<String> {
    match raw {
        [b'"', inside @ .., b'"'] if !inside.contains(&b'\\') => String::from_utf8(inside.to_vec()).ok(),
        _ => serde_json::from_slice(raw).ok(),
    }
}

/// A text as the inside of a JSON string.
pub(super) fn escaped(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}
