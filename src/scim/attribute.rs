//! Attribute paths (RFC 7644 §3.5.2, figure 7; §3.10): `urn:...:User:emails[type eq "work"].value`.

use crate::scim::Filter;

/// A place in a resource: schema URN, attribute, value filter, sub-attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributePath {
    /// The schema URN in front, as written, without the final colon.
    pub schema: Option<String>,
    /// The attribute name, as written (names are case-insensitive).
    pub name: String,
    /// The filter in brackets, over the elements of a multi-valued attribute.
    pub filter: Option<Box<Filter>>,
    /// The sub-attribute after the dot.
    pub sub: Option<String>,
}

/// What is wrong with a filter or a path, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} at character {}", offset + 1)]
pub struct SyntaxError {
    /// Byte offset into the parsed text.
    pub offset: usize,
    /// What was expected or found, lower case, no full stop.
    pub message: String,
}
