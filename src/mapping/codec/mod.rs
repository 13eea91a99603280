//! Two-way value conversions.
//!
//! Each codec has its own file: what it holds, `parse` (from the words of the mapping), `encode` (SCIM to yours) and `decode`
//! (yours to SCIM). On write they apply in the order of [`Codec`]'s variants, on read in reverse; each at most once.

use std::borrow::Cow;

use serde_json::Value;

use crate::scim::filter::Operator;
use crate::scim::schema::Kind;

pub mod bits;
pub mod case;
pub mod kind;
pub mod replace;
pub mod scim_text;
pub mod split;
#[cfg(test)]
mod tests;
pub mod text;
pub mod time;
pub mod value_map;

pub use bits::Bits;
pub use case::Case;
pub use kind::{JsonType, Yours};
pub use replace::Replace;
pub use scim_text::ScimText;
pub use split::Split;
pub use text::TextPattern;
pub use time::TimeFormat;
pub use value_map::ValueMap;

/// One conversion of a single value.
#[derive(Clone, Debug, PartialEq)]
pub enum Codec {
    /// `scim_text`
    ScimText(ScimText),
    /// `case`
    Case(Case),
    /// `text`
    Text(TextPattern),
    /// `replace`
    Replace(Replace),
    /// `map`
    Map(ValueMap),
    /// `time`
    Time(TimeFormat),
    /// `type`
    Type(JsonType),
}

/// The conversions of one rule, in the order of application on write.
///
/// The default converts nothing and lets every value through.
#[derive(Clone, Debug, Default)]
pub struct Codecs {
    /// What SCIM wants a value to be; `None` lets everything through.
    pub shape: Option<Kind>,
    /// The conversions of a value or of each element of a list, in the order of writing.
    pub codecs: Vec<Codec>,
    /// What a list is for you, where it is a single value.
    pub packed: Option<Packed>,
}

/// A list that is one value of yours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packed {
    /// `split`: a delimited string
    Split(Split),
    /// `bits`: an integer
    Bits(Bits),
}

impl Packed {
    /// Your value of all elements; `before` is the value that stands there.
    ///
    /// # Errors
    /// An element cannot be in it.
    pub fn encode(&self, elements: &[Value], before: Option<&Value>) -> Result<Value, CodecError> {
        match self {
            Self::Split(split) => split.encode(elements),
            Self::Bits(bits) => bits.encode(elements, before),
        }
    }

    /// The elements.
    ///
    /// # Errors
    /// The value is of another type.
    pub fn decode(&self, value: &Value) -> Result<Vec<Value>, CodecError> {
        match self {
            Self::Split(split) => split.decode(value),
            Self::Bits(bits) => bits.decode(value),
        }
    }
}

/// A value that a codec does not take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CodecError(pub String);

impl CodecError {
    /// The error that says what was expected.
    pub(crate) fn expected(what: &str) -> Self {
        Self(format!("expected {what}"))
    }
}

impl Codec {
    fn encode(&self, value: &Value) -> Result<Value, CodecError> {
        match self {
            Self::ScimText(codec) => codec.encode(value),
            Self::Case(codec) => codec.encode(value),
            Self::Text(codec) => codec.encode(value),
            Self::Replace(codec) => codec.encode(value),
            Self::Map(codec) => codec.encode(value),
            Self::Time(codec) => codec.encode(value),
            Self::Type(codec) => codec.encode(value),
        }
    }

    fn decode(&self, value: &Value) -> Result<Value, CodecError> {
        match self {
            Self::ScimText(codec) => codec.decode(value),
            // What the API keeps is shown as it is.
            Self::Case(_) => Ok(value.clone()),
            Self::Text(codec) => codec.decode(value),
            Self::Replace(codec) => codec.decode(value),
            Self::Map(codec) => codec.decode(value),
            Self::Time(codec) => codec.decode(value),
            Self::Type(codec) => codec.decode(value),
        }
    }
}

impl Codecs {
    /// Whether nothing is converted.
    pub fn is_identity(&self) -> bool {
        self.codecs.is_empty() && self.packed.is_none()
    }

    /// SCIM to yours: a single value, or one element of a list.
    ///
    /// # Errors
    /// One sentence that an Okta administrator understands: `expected a number`.
    pub fn encode(&self, value: &Value) -> Result<Value, CodecError> {
        self.check(value)?;
        let mut value = Cow::Borrowed(value);
        for codec in &self.codecs {
            value = Cow::Owned(codec.encode(&value)?);
        }
        Ok(value.into_owned())
    }

    /// Yours to SCIM: a single value, or one element of a list.
    ///
    /// Where SCIM wants text, a number is shown as its text.
    ///
    /// # Errors
    /// The reader then omits the attribute.
    pub fn decode(&self, value: &Value) -> Result<Value, CodecError> {
        let mut value = Cow::Borrowed(value);
        for codec in self.codecs.iter().rev() {
            value = Cow::Owned(codec.decode(&value)?);
        }
        match (self.shape, value.as_ref()) {
            (Some(Kind::String | Kind::DateTime | Kind::Binary | Kind::Reference), Value::Number(number)) => {
                Ok(Value::String(number.as_str().to_owned()))
            }
            (_, fits) => {
                self.check(fits)?;
                Ok(value.into_owned())
            }
        }
    }

    /// A SCIM value as it reads back, where that is not the value itself: in the case of `case`, cut to the precision of
    /// `time`, with the texts of `scim_text` as the mapping spells them. Two values are the same for a rule iff these are.
    pub fn canonical<'a>(&self, value: &'a Value) -> Cow<'a, Value> {
        let folds = self.codecs.iter().any(|codec| match codec {
            Codec::ScimText(_) | Codec::Case(_) | Codec::Time(_) => true,
            Codec::Text(_) | Codec::Replace(_) | Codec::Map(_) | Codec::Type(_) => false,
        });
        if !folds {
            return Cow::Borrowed(value);
        }
        match self.encode(value).and_then(|yours| self.decode(&yours)) {
            Ok(seen) => Cow::Owned(seen),
            // A value that cannot be written is the same as itself only.
            Err(_) => Cow::Borrowed(value),
        }
    }

    /// Whether every record that reads as `value` holds just what `encode` gives, so that a search for it finds them all.
    pub fn is_searchable(&self, value: &Value) -> bool {
        let by_each = self.codecs.iter().all(|codec| match codec {
            Codec::Map(codec) => codec.is_only_spelling(value),
            // A search for a time would find one unit's spelling, and one for a folded text the API's case.
            Codec::ScimText(_)
            | Codec::Time(_)
            | Codec::Case(_)
            | Codec::Text(_)
            | Codec::Replace(_)
            | Codec::Type(_) => true,
        });
        // Nobody's integer is one bit of it.
        by_each && !matches!(self.packed, Some(Packed::Bits(_)))
    }

    /// Whether a comparison of encoded values says what the same comparison of SCIM values says.
    ///
    /// Equality survives every codec; a part of a text or an order does not survive one that gives it another form.
    pub fn carries(&self, operator: Operator) -> bool {
        match operator {
            Operator::Eq | Operator::Ne => true,
            Operator::Co | Operator::Sw | Operator::Ew => {
                self.codecs.iter().all(|codec| matches!(codec, Codec::Case(_)))
            }
            Operator::Gt | Operator::Ge | Operator::Lt | Operator::Le => {
                self.codecs.iter().all(|codec| matches!(codec, Codec::Case(_) | Codec::Time(_)))
            }
        }
    }

    /// Whether the value fits what SCIM wants.
    fn check(&self, value: &Value) -> Result<(), CodecError> {
        let (fits, wanted) = match self.shape {
            None => return Ok(()),
            Some(Kind::String | Kind::DateTime | Kind::Binary | Kind::Reference) => (value.is_string(), "text"),
            Some(Kind::Boolean) => (value.is_boolean(), "true or false"),
            Some(Kind::Decimal) => (value.is_number(), "a number"),
            Some(Kind::Integer) => (
                value.as_number().is_some_and(|number| crate::mapping::equality::whole_text(number).is_some()),
                "a whole number",
            ),
            Some(Kind::Complex) => (value.is_object(), "an object"),
        };
        if fits { Ok(()) } else { Err(CodecError::expected(wanted)) }
    }
}
