//! `case`: text is written in lower or upper case and read as it stands.

use serde_json::Value;

use super::CodecError;

/// The case that the API wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// `lower`
    Lower,
    /// `upper`
    Upper,
}

impl Case {
    /// The words of the format.
    pub const WORDS: [&str; 2] = ["lower", "upper"];

    /// The case that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "lower" => Some(Self::Lower),
            "upper" => Some(Self::Upper),
            _ => None,
        }
    }

    /// The text in this case.
    ///
    /// # Errors
    /// The value is no text.
    pub fn encode(self, value: &Value) -> Result<Value, CodecError> {
        let text = value.as_str().ok_or_else(|| CodecError::expected("text"))?;
        Ok(Value::String(match self {
            Self::Lower => text.to_lowercase(),
            Self::Upper => text.to_uppercase(),
        }))
    }
}
