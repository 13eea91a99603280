//! One value from its raw text to the answer's bytes, without making a value of it where that can be.

use serde_json::Value;

use super::raw::{self, Literal};
use super::tree::Slots;
use crate::mapping::codec::kind::{Inner, Yours};
use crate::mapping::codec::{Codec, JsonType, TimeFormat};
use crate::mapping::path::Path;
use crate::mapping::rule::{ReadDefault, Rule, Show, ShowPart};
use crate::scim::schema::Kind;

/// How a rule's value is written.
#[derive(Clone, Debug)]
pub(super) struct Emit {
    /// The slot that is read; none for a shown text.
    slot: Option<usize>,
    unset: Literal,
    form: Form,
    /// What is written where there is no value.
    fallback: Option<Box<Emit>>,
    /// For what the quick forms do not know: the same by value.
    rule: Rule,
}

#[derive(Clone, Debug)]
enum Form {
    /// Text for text; a number is shown as its text.
    Text,
    /// `true` and `false`.
    Truth,
    /// A whole number shown as text.
    Whole,
    /// Raw texts of yours, and what they read as.
    Map(Vec<(String, String)>),
    /// A count of seconds or milliseconds.
    Epoch(TimeFormat),
    /// By value.
    Value,
    /// Always the same.
    Constant(String),
    /// A text made of fields.
    Show(Vec<Piece>),
    /// Whether there is a value, or (`false`) whether there is none.
    Presence(bool),
}

#[derive(Clone, Debug)]
enum Piece {
    /// Text, escaped for JSON.
    Text(String),
    /// A field's slot, and whether it may lack.
    Field(usize, bool),
}

impl Emit {
    /// The quickest way for a rule of one value; `slot` tells where a path is read. `None` when only values will do.
    pub(super) fn of(rule: &Rule, slot: impl Fn(&Path) -> Option<usize>) -> Option<Self> {
        let mut emit = match (&rule.show, &rule.read_at) {
            (Some(show), _) => Self::show(rule, show, &slot)?,
            (None, Some(path)) => Self::new(rule, Some(slot(path)?)),
            // Written only: nothing to show.
            (None, None) => Self::new(rule, None),
        };
        let fallback = match &rule.read_default {
            None => None,
            Some(ReadDefault::Value(value)) => {
                Some(Self { form: Form::Constant(value.to_string()), ..Self::new(rule, None) })
            }
            Some(ReadDefault::Text(show)) => Some(Self::show(rule, show, &slot)?),
        };
        emit.fallback = fallback.map(Box::new);
        Some(emit)
    }

    /// The quickest way for a rule of a single value, or of a list's plain elements; `slot` is where it reads.
    pub(super) fn new(rule: &Rule, slot: Option<usize>) -> Self {
        Self { slot, unset: Literal::new(rule.unset.clone()), form: form(rule), fallback: None, rule: rule.clone() }
    }

    /// The way of a shown text, whose fields are in the slots that `slot` tells; `None` when only values can make it.
    fn show(rule: &Rule, show: &Show, slot: &impl Fn(&Path) -> Option<usize>) -> Option<Self> {
        let mut pieces = Vec::with_capacity(show.parts.len());
        for part in &show.parts {
            pieces.push(match part {
                ShowPart::Text(text) => Piece::Text(raw::escaped(text)),
                ShowPart::Field { at, optional } => Piece::Field(slot(at)?, *optional),
            });
        }
        let is_constant = pieces.iter().all(|piece| matches!(piece, Piece::Text(_)));
        let form = if is_constant {
            let text = show.text(&Value::Null, &Value::Null).and_then(|text| rule.shown(text));
            Form::Constant(text.map(|value| value.to_string()).unwrap_or_default())
        } else if matches!(rule.attribute.kind, Kind::String | Kind::Reference | Kind::DateTime | Kind::Binary) {
            Form::Show(pieces)
        } else {
            return None;
        };
        Some(Self { slot: None, unset: Literal::new(rule.unset.clone()), form, fallback: None, rule: rule.clone() })
    }

    /// Appends the value as JSON; false, and nothing appended, when there is none.
    pub(super) fn write(&self, slots: &Slots<'_>, out: &mut Vec<u8>) -> bool {
        self.write_own(slots, out) || self.fallback.as_ref().is_some_and(|fallback| fallback.write(slots, out))
    }

    fn write_own(&self, slots: &Slots<'_>, out: &mut Vec<u8>) -> bool {
        match (&self.form, self.slot) {
            (Form::Constant(text), _) => {
                out.extend_from_slice(text.as_bytes());
                !text.is_empty()
            }
            (Form::Presence(present), slot) => {
                let text = slot.and_then(|slot| slots[slot]);
                let is_there = text.is_some_and(|text| text != "null" && text != "\"\"" && !self.unset.is(text));
                out.extend_from_slice(if is_there == *present { b"true" } else { b"false" });
                true
            }
            (Form::Show(pieces), _) => show(pieces, &self.unset, slots, out),
            (_, Some(slot)) => slots[slot].is_some_and(|text| self.write_raw(text, out)),
            (_, None) => false,
        }
    }

    /// The same for a raw text.
    pub(super) fn write_raw(&self, text: &str, out: &mut Vec<u8>) -> bool {
        if text == "null" || self.unset.is(text) {
            return false;
        }
        let known = match &self.form {
            Form::Text if raw::is_plain_string(text) => Some(text),
            Form::Truth if text == "true" || text == "false" => Some(text),
            Form::Map(rows) => rows.iter().find(|(yours, _)| yours == text).map(|(_, scim)| scim.as_str()),
            Form::Text if raw::is_plain_number(text) => return quoted(text, out),
            Form::Whole if raw::is_plain_integer(text) => return quoted(text, out),
            Form::Epoch(format) => return self.epoch(format, text, out),
            Form::Text
            | Form::Truth
            | Form::Whole
            | Form::Value
            | Form::Constant(_)
            | Form::Show(_)
            | Form::Presence(_) => None,
        };
        match known {
            Some(text) => {
                out.extend_from_slice(text.as_bytes());
                true
            }
            None => self.write_value(text, out),
        }
    }

    fn epoch(&self, format: &TimeFormat, text: &str, out: &mut Vec<u8>) -> bool {
        let count = if raw::is_plain_integer(text) { text.parse().ok() } else { None };
        if count.is_some_and(|count| format.write_count(count, out)) {
            return true;
        }
        self.write_value(text, out)
    }

    fn write_value(&self, text: &str, out: &mut Vec<u8>) -> bool {
        let Ok(value) = serde_json::from_str::<Value>(text) else { return false };
        let Some(value) = self.rule.decode(&value) else { return false };
        raw::append(out, &value);
        true
    }
}

fn form(rule: &Rule) -> Form {
    if let Some(present) = rule.presence {
        return Form::Presence(present);
    }
    let shape = rule.codecs.shape;
    match rule.codecs.codecs.as_slice() {
        [] | [Codec::Case(_)] => match shape {
            Some(Kind::String | Kind::DateTime | Kind::Binary | Kind::Reference) => Form::Text,
            Some(Kind::Boolean) => Form::Truth,
            Some(Kind::Decimal | Kind::Integer | Kind::Complex) | None => Form::Value,
        },
        [Codec::Type(JsonType { yours: Yours::Int, inner: Inner::Text })] => Form::Whole,
        [Codec::Time(format)] if format.is_number() => Form::Epoch(format.clone()),
        [Codec::Map(map)] => {
            let rows =
                map.rows.iter().flat_map(|(scim, all)| all.iter().map(|yours| (yours.to_string(), scim.to_string())));
            Form::Map(rows.collect())
        }
        _ => Form::Value,
    }
}

fn quoted(text: &str, out: &mut Vec<u8>) -> bool {
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
    true
}

fn show(pieces: &[Piece], unset: &Literal, slots: &Slots<'_>, out: &mut Vec<u8>) -> bool {
    let start = out.len();
    out.push(b'"');
    for piece in pieces {
        let written = match piece {
            Piece::Text(text) => {
                out.extend_from_slice(text.as_bytes());
                true
            }
            Piece::Field(slot, optional) => {
                let text = slots[*slot].filter(|text| !unset.is(text));
                text.is_some_and(|text| field(text, out)) || *optional
            }
        };
        if !written {
            out.truncate(start);
            return false;
        }
    }
    if out.len() == start + 1 {
        out.truncate(start);
        return false;
    }
    out.push(b'"');
    true
}

/// Appends a field's text as the inside of a JSON string; false for null.
fn field(text: &str, out: &mut Vec<u8>) -> bool {
    if text == "null" {
        return false;
    }
    if raw::is_plain_string(text) {
        out.extend_from_slice(&text.as_bytes()[1..text.len() - 1]);
        return true;
    }
    if raw::is_plain_integer(text) || text == "true" || text == "false" {
        out.extend_from_slice(text.as_bytes());
        return true;
    }
    match serde_json::from_str::<Value>(text) {
        Ok(Value::String(field)) => out.extend_from_slice(raw::escaped(&field).as_bytes()),
        Ok(value @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_))) => {
            out.extend_from_slice(raw::escaped(&value.to_string()).as_bytes());
        }
        Err(_) => return false,
    }
    true
}
