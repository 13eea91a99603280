//! `replace`: every occurrence of a text becomes another, as in `en-GB` and `en_GB`.

use serde_json::Value;

use super::CodecError;

/// Pairs of a text on the SCIM side and one on yours.
///
/// On write every occurrence of a SCIM-side text becomes the other, on read the other way round; of several pairs the first
/// that fits at a place is taken. A value in which a text of your side already stands (`en_GB` in SCIM) would not read back;
/// the rule's guard (`lossy`) decides about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replace {
    /// The pairs, SCIM side first; no text is empty.
    pub pairs: Vec<(String, String)>,
}

impl Replace {
    /// The text with your spelling.
    ///
    /// # Errors
    /// The value is no text.
    pub fn encode(&self, value: &Value) -> Result<Value, CodecError> {
        self.convert(value, |(scim, yours)| (scim, yours))
    }

    /// The text with SCIM's spelling.
    ///
    /// # Errors
    /// The value is no text.
    pub fn decode(&self, value: &Value) -> Result<Value, CodecError> {
        self.convert(value, |(scim, yours)| (yours, scim))
    }

    fn convert<'a>(
        &'a self,
        value: &Value,
        turn: impl Fn(&'a (String, String)) -> (&'a String, &'a String),
    ) -> Result<Value, CodecError> {
        let mut rest = value.as_str().ok_or_else(|| CodecError::expected("text"))?;
        let mut made = String::with_capacity(rest.len());
        while let Some(first) = rest.chars().next() {
            let hit = self.pairs.iter().map(&turn).find_map(|(from, to)| Some((rest.strip_prefix(from.as_str())?, to)));
            if let Some((behind, to)) = hit {
                made.push_str(to);
                rest = behind;
            } else {
                made.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        Ok(Value::String(made))
    }
}
