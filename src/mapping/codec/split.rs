//! `split`: a list that is one delimited string for the API.

use serde_json::Value;

use super::CodecError;

/// The delimiter; not empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split(pub String);

impl Split {
    /// The elements joined.
    ///
    /// # Errors
    /// An element is empty, is no text, number or boolean, or holds the delimiter.
    pub fn encode(&self, elements: &[Value]) -> Result<Value, CodecError> {
        let mut joined = String::new();
        for (index, element) in elements.iter().enumerate() {
            if index > 0 {
                joined.push_str(&self.0);
            }
            let start = joined.len();
            match element {
                Value::String(text) => joined.push_str(text),
                Value::Number(number) => joined.push_str(number.as_str()),
                Value::Bool(truth) => joined.push_str(if *truth { "true" } else { "false" }),
                Value::Null | Value::Array(_) | Value::Object(_) => {
                    return Err(CodecError::expected("a list of texts"));
                }
            }
            if joined[start..].is_empty() {
                return Err(CodecError::expected("texts that are not empty"));
            }
            if joined[start..].contains(&self.0) {
                return Err(CodecError(format!("expected texts without `{}`", self.0)));
            }
        }
        Ok(Value::String(joined))
    }

    /// The elements of the string; empty ones are left out.
    ///
    /// # Errors
    /// The value is no text.
    pub fn decode(&self, value: &Value) -> Result<Vec<Value>, CodecError> {
        let text = value.as_str().ok_or_else(|| CodecError::expected("text"))?;
        Ok(text.split(self.0.as_str()).filter(|part| !part.is_empty()).map(Value::from).collect())
    }
}
