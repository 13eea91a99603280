//! Two-way value conversions.

use serde_json::Value;

/// The conversions of one rule, in the order of application on write.
#[derive(Clone, Debug, Default)]
pub struct Codecs {}

impl Codecs {
    /// Whether nothing is converted.
    pub fn is_identity(&self) -> bool {
        todo!()
    }
    /// SCIM to yours.
    ///
    /// # Errors
    /// One sentence that an Okta administrator understands: `expected a number`.
    pub fn encode(&self, value: &Value) -> Result<Value, CodecError> {
        let _ = value;
        todo!()
    }
    /// Yours to SCIM.
    ///
    /// # Errors
    /// The reader then omits the attribute.
    pub fn decode(&self, value: &Value) -> Result<Value, CodecError> {
        let _ = value;
        todo!()
    }
}

/// A value that a codec does not take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CodecError(pub String);
