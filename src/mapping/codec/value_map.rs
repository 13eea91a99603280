//! `map`: single values for single values.

use serde_json::Value;

use super::CodecError;
use crate::mapping::equality::same;

/// Rows of a SCIM value and yours: the first of yours is written, all are read.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueMap {
    /// The rows, in file order; each has at least one value of yours.
    pub rows: Vec<(Value, Vec<Value>)>,
    /// `else`: what a value of yours that no row has reads as.
    pub otherwise: Option<Value>,
}

impl ValueMap {
    /// Your value for a SCIM value.
    ///
    /// # Errors
    /// No row has it.
    pub fn encode(&self, value: &Value) -> Result<Value, CodecError> {
        let row = self.rows.iter().find(|(scim, _)| same(scim, value));
        row.and_then(|(_, yours)| yours.first().cloned()).ok_or_else(|| {
            let known: Vec<_> = self.rows.iter().map(|(scim, _)| scim.to_string()).collect();
            CodecError(format!("expected one of {}", known.join(", ")))
        })
    }

    /// The SCIM value for yours.
    ///
    /// # Errors
    /// No row has it, and there is no `else`.
    pub fn decode(&self, yours: &Value) -> Result<Value, CodecError> {
        let row = self.rows.iter().find(|(_, all)| all.iter().any(|known| same(known, yours)));
        row.map(|(scim, _)| scim).or(self.otherwise.as_ref()).cloned().ok_or_else(|| {
            let known: Vec<_> = self.rows.iter().flat_map(|(_, all)| all).map(Value::to_string).collect();
            CodecError(format!("expected one of {}", known.join(", ")))
        })
    }

    /// Whether only one value of yours reads as this SCIM value.
    pub(crate) fn is_only_spelling(&self, value: &Value) -> bool {
        !self.otherwise.as_ref().is_some_and(|otherwise| same(otherwise, value))
            && self.rows.iter().filter(|(scim, _)| same(scim, value)).all(|(_, yours)| yours.len() == 1)
    }

    /// Two SCIM values that have a value of yours in common, and that value: they would not read back.
    pub fn overlap(&self) -> Option<(&Value, &Value, &Value)> {
        self.rows.iter().enumerate().find_map(|(index, (scim, yours))| {
            self.rows[index + 1..].iter().find_map(|(other, theirs)| {
                let common = theirs.iter().find(|value| yours.iter().any(|known| same(known, value)))?;
                Some((scim, other, common))
            })
        })
    }
}
