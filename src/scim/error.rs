//! The only thing that a SCIM client ever sees of a failure (RFC 7644 §3.12).

/// A SCIM error type (RFC 7644 table 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorType {
    /// The filter is not valid, or not supported here.
    InvalidFilter,
    /// The filter matches more than the bridge may read.
    TooMany,
    /// A unique value is taken.
    Uniqueness,
    /// The attribute cannot be changed.
    Mutability,
    /// The body is not what the schema or the message asks for.
    InvalidSyntax,
    /// The path of a PATCH operation is not valid.
    InvalidPath,
    /// The value path of a PATCH operation matches nothing.
    NoTarget,
    /// A value is missing or does not fit.
    InvalidValue,
    /// The SCIM version is not supported.
    InvalidVersion,
    /// The request would put personal values into a URL.
    Sensitive,
}

/// A failure as the SCIM client sees it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{status}: {detail}")]
pub struct Error {
    /// The HTTP status, 400 to 599.
    pub status: u16,
    /// The `scimType`, where the RFC has one.
    pub scim_type: Option<ErrorType>,
    /// The text that an identity provider's administrator reads.
    pub detail: String,
}
