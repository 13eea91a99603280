//! Conditions: RFC 9535 filter expressions over the scope, parsed by `jsonpath-rust`, compiled to a tree.

use crate::mapping::diagnostic::TextFault;
use crate::mapping::scope::{Name, Scope};

/// A compiled condition.
#[derive(Clone, Debug)]
pub struct Condition {
    /// As written.
    pub text: String,
}

impl Condition {
    /// Parses `$.status == 409 && …`.
    ///
    /// # Errors
    /// A [`TextFault`] with the place in `text`.
    pub fn parse(text: &str) -> Result<Self, TextFault> {
        let _ = text;
        todo!()
    }
    /// The scope names it reads, for the check of what exists where.
    pub fn names(&self) -> Vec<Name> {
        todo!()
    }
    /// Whether it holds. A name without a value is "nothing" as in RFC 9535.
    pub fn holds(&self, scope: &Scope<'_>) -> bool {
        let _ = scope;
        todo!()
    }
}
