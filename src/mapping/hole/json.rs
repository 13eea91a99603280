//! Holes in text that is JSON: a search in a query parameter, a document in a form field.

use std::borrow::Cow;

use crate::mapping::hole::Part;

/// Where a hole stands in JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seat {
    /// In text that is no JSON.
    Nowhere,
    /// Between the quotes of a string, whose end no value can write.
    String,
    /// Where a value stands: text there is one bare word, or a whole list or table.
    Value,
}

impl Seat {
    /// The text that fills the hole, as it stands there.
    ///
    /// # Errors
    /// The place, where the text would be more than one value.
    pub(super) fn seated(self, text: Cow<'_, str>) -> Result<Cow<'_, str>, &'static str> {
        match self {
            Self::Nowhere => Ok(text),
            Self::String => Ok(quoted(text)),
            Self::Value if is_one_value(&text) => Ok(text),
            Self::Value => Err("JSON text outside of quotes"),
        }
    }
}

/// The text with the escapes of a JSON string, without its quotes.
fn quoted(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains(|letter: char| letter.is_control() || letter == '"' || letter == '\\') {
        return text;
    }
    let written = serde_json::Value::from(text.as_ref()).to_string();
    Cow::Owned(written[1..written.len() - 1].to_owned())
}

fn is_one_value(text: &str) -> bool {
    let is_structure = |letter: char| letter.is_control() || letter.is_whitespace() || "{}[]\",:\\".contains(letter);
    !text.contains(is_structure) || serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// Says of the holes where they stand, if the text is a JSON list or object.
pub(super) fn seat(parts: &mut [Part]) {
    let is_json = matches!(parts, [Part::Text(first), _, ..] if first.trim_start().starts_with(['{', '[']));
    if !is_json {
        return;
    }
    let (mut text, mut in_string, mut is_escaped) = (String::new(), false, false);
    let mut seats = Vec::with_capacity(parts.len());
    for part in parts.iter() {
        match part {
            Part::Text(literal) => {
                for letter in literal.chars() {
                    in_string ^= letter == '"' && !is_escaped;
                    is_escaped = letter == '\\' && in_string && !is_escaped;
                }
                text.push_str(literal);
            }
            // A digit may stand in a string and as a value.
            Part::Hole(_) => {
                text.push('1');
                seats.push(if in_string { Seat::String } else { Seat::Value });
            }
        }
    }
    if serde_json::from_str::<serde::de::IgnoredAny>(&text).is_err() {
        return;
    }
    let mut seats = seats.into_iter();
    for part in parts {
        if let Part::Hole(hole) = part {
            hole.in_json = seats.next().unwrap_or(Seat::Nowhere);
        }
    }
}
