//! SCIM filters (RFC 7644 §3.4.2.2): one tree for top-level filters and value filters.

use serde_json::Value;

use crate::scim::AttributePath;
use crate::scim::attribute::SyntaxError;
use crate::scim::bounds::Bounds;

#[cfg(test)]
mod linear;
mod parse;
mod print;
mod suits;
#[cfg(test)]
mod tests;

pub(in crate::scim) use parse::Parser;

/// The longest filter or path that is read, in bytes.
pub const MAX_LENGTH: usize = 8 * 1024;

/// How deep parentheses and brackets may nest.
pub const MAX_DEPTH: usize = 32;

/// A parsed filter. `And` and `Or` are flat lists of two or more terms.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Every term holds.
    And(Vec<Filter>),
    /// At least one term holds.
    Or(Vec<Filter>),
    /// The term does not hold.
    Not(Box<Filter>),
    /// `path op literal`; the literal is a string, number, boolean or null.
    Compare(AttributePath, Operator, Value),
    /// `path pr`.
    Present(AttributePath),
    /// `path[filter]`: some element of the multi-valued attribute satisfies the filter.
    Element(AttributePath, Box<Filter>),
}

impl Filter {
    /// Reads a filter in one pass: time is linear in its length, nesting is bounded by [`MAX_DEPTH`].
    ///
    /// # Errors
    /// [`SyntaxError`] with the place of the fault; also for a text longer than [`MAX_LENGTH`].
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        Self::parse_within(text, Bounds::PRODUCT)
    }

    /// As [`parse`](Self::parse), within other bounds.
    pub(in crate::scim) fn parse_within(text: &str, bounds: Bounds) -> Result<Self, SyntaxError> {
        let mut parser = Parser::new(text, bounds)?;
        let filter = parser.whole()?;
        parser.end("expected `and`, `or` or the end of the filter")?;
        Ok(filter)
    }

    /// The `attribute eq literal` terms that an element must have for a filter made of them alone (joined by `and`), in
    /// order; `None` for any other filter. What an element that does not exist yet would be made of.
    pub fn equalities(&self) -> Option<Vec<(&AttributePath, &Value)>> {
        match self {
            Self::Compare(path, Operator::Eq, literal) => Some(vec![(path, literal)]),
            Self::And(terms) => {
                let mut all = Vec::with_capacity(terms.len());
                for term in terms {
                    all.extend(term.equalities()?);
                }
                Some(all)
            }
            Self::Or(_) | Self::Not(_) | Self::Compare(..) | Self::Present(_) | Self::Element(..) => None,
        }
    }
}

/// A comparison operator (RFC 7644 table 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// equal
    Eq,
    /// not equal
    Ne,
    /// contains
    Co,
    /// starts with
    Sw,
    /// ends with
    Ew,
    /// greater than
    Gt,
    /// greater or equal
    Ge,
    /// less than
    Lt,
    /// less or equal
    Le,
}

impl Operator {
    /// Every operator, in the order of table 3.
    pub const ALL: [Self; 9] =
        [Self::Eq, Self::Ne, Self::Co, Self::Sw, Self::Ew, Self::Gt, Self::Ge, Self::Lt, Self::Le];

    /// The word in a filter: `eq`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }

    /// The operator with this word, in any case.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| operator.as_str().eq_ignore_ascii_case(word))
    }

    /// Whether the operator takes this literal: substrings are of strings, order is of strings and numbers.
    fn takes(self, literal: &Value) -> bool {
        match self {
            Self::Eq | Self::Ne => true,
            Self::Co | Self::Sw | Self::Ew => literal.is_string(),
            Self::Gt | Self::Ge | Self::Lt | Self::Le => literal.is_string() || literal.is_number(),
        }
    }
}
