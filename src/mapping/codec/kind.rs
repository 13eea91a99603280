//! `type`: the JSON type that the API keeps, where it is not the one that SCIM has.

use serde_json::{Number, Value};

use super::CodecError;
use crate::mapping::equality::{LONGEST_WHOLE, whole_text};

/// A conversion between a JSON type on the SCIM side and one on yours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonType {
    /// The type on your side.
    pub yours: Yours,
    /// The type before the conversion: SCIM's, or what `time` makes.
    pub inner: Inner,
}

/// The type on your side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Yours {
    /// `int`: a whole number, exact to 40 digits
    Int,
    /// `number`
    Number,
    /// `bool`
    Bool,
    /// `string`
    String,
}

/// The type before the conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inner {
    /// text
    Text,
    /// `true` or `false`
    Truth,
    /// a number
    Number,
}

impl Yours {
    /// The words of the format.
    pub const WORDS: [&str; 4] = ["int", "number", "bool", "string"];

    /// The type that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "int" => Some(Self::Int),
            "number" => Some(Self::Number),
            "bool" => Some(Self::Bool),
            "string" => Some(Self::String),
            _ => None,
        }
    }

    /// Whether a value is of this type.
    pub fn holds(self, value: &Value) -> bool {
        match self {
            Self::Int => value.as_number().is_some_and(|number| whole_text(number).is_some()),
            Self::Number => value.is_number(),
            Self::Bool => value.is_boolean(),
            Self::String => value.is_string(),
        }
    }

    fn expected(self) -> CodecError {
        CodecError::expected(match self {
            Self::Int => "a whole number",
            Self::Number => "a number",
            Self::Bool => "true or false",
            Self::String => "text",
        })
    }
}

impl JsonType {
    /// The conversion, or `None` where the two types have no common values: numbers kept as booleans.
    pub fn new(yours: Yours, inner: Inner) -> Option<Self> {
        (!(yours == Yours::Bool && inner == Inner::Number)).then_some(Self { yours, inner })
    }

    /// The value in your type.
    ///
    /// # Errors
    /// It has none: `ada` as a number.
    pub fn encode(self, value: &Value) -> Result<Value, CodecError> {
        let made = match (value, self.yours) {
            (Value::String(text), Yours::Int) => whole(text),
            (Value::String(text), Yours::Number) => text.parse().ok().map(Value::Number),
            (Value::String(text), Yours::Bool) => truth(text),
            (Value::Bool(truth), Yours::Int | Yours::Number) => Some(Value::from(u8::from(*truth))),
            (Value::Bool(truth), Yours::String) => Some(Value::from(if *truth { "true" } else { "false" })),
            (Value::Number(number), Yours::String) => Some(Value::from(number.as_str())),
            (same, yours) => yours.holds(same).then(|| same.clone()),
        };
        made.ok_or_else(|| self.yours.expected())
    }

    /// The value in SCIM's type.
    ///
    /// # Errors
    /// It is not of your type, or has no counterpart: `2` as a boolean.
    pub fn decode(self, value: &Value) -> Result<Value, CodecError> {
        if !self.yours.holds(value) {
            return Err(self.yours.expected());
        }
        let made = match (value, self.inner) {
            (Value::Number(number), Inner::Text) if self.yours == Yours::Int => {
                whole_text(number).map(|text| Value::from(text.as_ref()))
            }
            (Value::Number(number), Inner::Text) => Some(Value::from(number.as_str())),
            (Value::Bool(truth), Inner::Text) => Some(Value::from(if *truth { "true" } else { "false" })),
            (Value::Number(number), Inner::Truth) => match whole_text(number).as_deref() {
                Some("1") => Some(Value::Bool(true)),
                Some("0") => Some(Value::Bool(false)),
                Some(_) | None => None,
            },
            (Value::String(text), Inner::Truth) => truth(text),
            (Value::String(text), Inner::Number) => text.parse().ok().map(Value::Number),
            (same, _) => Some(same.clone()),
        };
        made.ok_or_else(|| {
            CodecError::expected(match self.inner {
                Inner::Text => "text",
                Inner::Truth => "1 or 0, true or false",
                Inner::Number => "a number",
            })
        })
    }
}

/// A whole number from digits; leading zeros go, which the caller's re-reading notices.
fn whole(text: &str) -> Option<Value> {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    if digits.is_empty() || digits.len() > LONGEST_WHOLE || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let significant = digits.trim_start_matches('0');
    let text = if significant.is_empty() { "0".to_owned() } else { format!("{sign}{significant}") };
    text.parse::<Number>().ok().map(Value::Number)
}

fn truth(text: &str) -> Option<Value> {
    match text {
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        _ => None,
    }
}
