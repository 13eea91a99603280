//! `scim_text`: a pattern of the SCIM string; the API keeps what stands in its hole.

use serde_json::Value;

use super::CodecError;
use crate::mapping::codec::text::TextPattern;
use crate::scim::compare::fold;

/// `{}@acme.com`: SCIM shows `ada@acme.com`, the API keeps `ada`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScimText {
    /// The text before the hole.
    lead: String,
    /// The text behind it.
    tail: String,
    /// Whether the texts around the hole are compared with their case, as those of a case-exact attribute are.
    exact: bool,
}

impl ScimText {
    /// The codec of a pattern with one nameless hole; `None` for any other pattern.
    pub fn new(pattern: &TextPattern, exact: bool) -> Option<Self> {
        let [hole] = pattern.holes.as_slice() else { return None };
        hole.name.is_empty().then(|| Self { lead: pattern.lead.clone(), tail: hole.after.clone(), exact })
    }

    /// What stands in the hole.
    ///
    /// # Errors
    /// The value is no text, or does not fit the pattern.
    pub fn encode(&self, value: &Value) -> Result<Value, CodecError> {
        let text = value.as_str().ok_or_else(|| CodecError::expected("text"))?;
        let inner = self.inner(text).filter(|inner| !inner.is_empty());
        inner
            .map(Value::from)
            .ok_or_else(|| CodecError(format!("expected text such as `{}...{}`", self.lead, self.tail)))
    }

    /// The text with what is around the hole.
    ///
    /// # Errors
    /// The value is a table or a list, or empty.
    pub fn decode(&self, value: &Value) -> Result<Value, CodecError> {
        match value {
            Value::String(text) if !text.is_empty() => Ok(Value::from(format!("{}{text}{}", self.lead, self.tail))),
            Value::Number(number) => Ok(Value::from(format!("{}{number}{}", self.lead, self.tail))),
            Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                Err(CodecError::expected("text"))
            }
        }
    }

    fn inner<'t>(&self, text: &'t str) -> Option<&'t str> {
        let end = text.len().checked_sub(self.tail.len())?;
        let (before, tail) = text.split_at_checked(end)?;
        let (lead, inner) = before.split_at_checked(self.lead.len())?;
        let is = |one: &str, other: &str| one == other || !self.exact && fold(one) == fold(other);
        (is(lead, &self.lead) && is(tail, &self.tail)).then_some(inner)
    }
}
