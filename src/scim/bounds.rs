//! How large the texts of clients may be.

use crate::scim::filter::{MAX_DEPTH, MAX_LENGTH};
use crate::scim::patch::MAX_OPERATIONS;
use crate::scim::resource::MAX_NESTING;

/// What the parsers refuse before they look at it. The product has one set; tests of the parsers' cost lift it.
#[derive(Clone, Copy, Debug)]
pub(in crate::scim) struct Bounds {
    /// Bytes of a filter or a path.
    pub(in crate::scim) length: usize,
    /// Parentheses and brackets within each other, in a filter or a path.
    pub(in crate::scim) depth: usize,
    /// Objects and lists within each other, in a body.
    pub(in crate::scim) nesting: usize,
    /// Operations of a PATCH.
    pub(in crate::scim) operations: usize,
}

impl Bounds {
    /// The product's.
    pub(in crate::scim) const PRODUCT: Self =
        Self { length: MAX_LENGTH, depth: MAX_DEPTH, nesting: MAX_NESTING, operations: MAX_OPERATIONS };

    /// None at all.
    #[cfg(test)]
    pub(in crate::scim) const LIFTED: Self =
        Self { length: usize::MAX, depth: usize::MAX, nesting: usize::MAX, operations: usize::MAX };
}
