//! `bits`: a list that is one integer for the API, a bit or several for each element.

use serde_json::{Number, Value};

use super::CodecError;
use crate::mapping::equality::whole_text;

/// The elements' names and bits; no bit stands in two rows, and each row has one at least.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bits(pub Vec<(String, i64)>);

impl Bits {
    /// The integer with just these elements; bits that no row has, and rows that were not there whole, stay as they are in
    /// `before`.
    ///
    /// # Errors
    /// An element is in no row.
    pub fn encode(&self, elements: &[Value], before: Option<&Value>) -> Result<Value, CodecError> {
        if elements.iter().any(|element| !self.0.iter().any(|(name, _)| element == name)) {
            let known: Vec<_> = self.0.iter().map(|(name, _)| format!("`{name}`")).collect();
            return Err(CodecError(format!("expected {}", known.join(", "))));
        }
        let mut number = before.and_then(integer).unwrap_or(0);
        for (name, bits) in &self.0 {
            let bits = i128::from(*bits);
            if elements.iter().any(|element| element == name) {
                number |= bits;
            } else if number & bits == bits {
                number &= !bits;
            }
        }
        number.to_string().parse::<Number>().map(Value::Number).map_err(|_| expected())
    }

    /// The elements whose bits are all set.
    ///
    /// # Errors
    /// The value is no whole number.
    pub fn decode(&self, value: &Value) -> Result<Vec<Value>, CodecError> {
        let number = integer(value).ok_or_else(expected)?;
        let is_set = |bits: i64| number & i128::from(bits) == i128::from(bits);
        Ok(self.0.iter().filter(|(_, bits)| is_set(*bits)).map(|(name, _)| Value::from(name.as_str())).collect())
    }

    /// Two rows with a bit in common, and that bit.
    pub fn overlap(&self) -> Option<(&str, &str, i64)> {
        self.0.iter().enumerate().find_map(|(index, (name, bits))| {
            self.0[index + 1..].iter().find_map(|(other, theirs)| {
                let common = bits & theirs;
                (common != 0).then(|| (name.as_str(), other.as_str(), common & common.wrapping_neg()))
            })
        })
    }
}

fn expected() -> CodecError {
    CodecError::expected("a whole number")
}

fn integer(value: &Value) -> Option<i128> {
    whole_text(value.as_number()?)?.parse().ok()
}
