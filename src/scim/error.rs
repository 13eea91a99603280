//! The only thing that a SCIM client ever sees of a failure (RFC 7644 §3.12).

use serde_json::{Map, Value};

/// The URN of an error message (RFC 7644 §3.12).
const ERROR_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// A SCIM error type (RFC 7644 table 9, RFC 9865 §2.1).
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
    /// The cursor is none of ours, or belongs to another query.
    InvalidCursor,
    /// The cursor was given out too long ago.
    ExpiredCursor,
    /// The count is none that a page by cursor can have.
    InvalidCount,
}

impl ErrorType {
    /// Every error type, in the order of table 9, and those of cursors.
    pub const ALL: [Self; 13] = [
        Self::InvalidFilter,
        Self::TooMany,
        Self::Uniqueness,
        Self::Mutability,
        Self::InvalidSyntax,
        Self::InvalidPath,
        Self::NoTarget,
        Self::InvalidValue,
        Self::InvalidVersion,
        Self::Sensitive,
        Self::InvalidCursor,
        Self::ExpiredCursor,
        Self::InvalidCount,
    ];

    /// The word on the wire: `invalidFilter`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVersion => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
        }
    }

    /// The error type with this word, exact spelling.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|error_type| error_type.as_str() == word)
    }

    /// The HTTP status that table 9 pairs with this type.
    pub fn status(self) -> u16 {
        match self {
            Self::Uniqueness => 409,
            Self::Sensitive => 403,
            Self::InvalidFilter
            | Self::TooMany
            | Self::Mutability
            | Self::InvalidSyntax
            | Self::InvalidPath
            | Self::NoTarget
            | Self::InvalidValue
            | Self::InvalidVersion
            | Self::InvalidCursor
            | Self::ExpiredCursor
            | Self::InvalidCount => 400,
        }
    }
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

impl Error {
    /// An error of table 9 with the status that goes with its type.
    pub fn new(scim_type: ErrorType, detail: impl Into<String>) -> Self {
        Self { status: scim_type.status(), scim_type: Some(scim_type), detail: detail.into() }
    }

    /// An error for which the RFC has no type; `status` is 400 to 599.
    pub fn with_status(status: u16, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into() }
    }

    /// 400 `invalidFilter`.
    pub fn invalid_filter(detail: impl Into<String>) -> Self {
        Self::new(ErrorType::InvalidFilter, detail)
    }

    /// 400 `tooMany`.
    pub fn too_many(detail: impl Into<String>) -> Self {
        Self::new(ErrorType::TooMany, detail)
    }

    /// 409 `uniqueness`.
    pub fn uniqueness(detail: impl Into<String>) -> Self {
        Self::new(ErrorType::Uniqueness, detail)
    }

    /// 400 `mutability`.
    pub fn mutability(detail: impl Into<String>) -> Self {
        Self::new(ErrorType::Mutability, detail)
    }

    /// 400 `invalidSyntax`.
    pub fn invalid_syntax(detail: impl Into<String>) -> Self {
        Self::new(ErrorType::InvalidSyntax, detail)
    }

    /// 400 `invalidPath`.
    pub fn invalid_path(detail: impl Into<String>) -> Self {
        Self::new(ErrorType::InvalidPath, detail)
    }

    /// 400 `noTarget`.
    pub fn no_target(detail: impl Into<String>) -> Self {
        Self::new(ErrorType::NoTarget, detail)
    }

    /// 400 `invalidValue`.
    pub fn invalid_value(detail: impl Into<String>) -> Self {
        Self::new(ErrorType::InvalidValue, detail)
    }

    /// 404 for a resource type and an id.
    pub fn not_found(resource_type: &str, id: &str) -> Self {
        Self::with_status(404, format!("{resource_type} `{id}` not found"))
    }

    /// The JSON body: `status` is a string there, as the RFC wants it.
    pub fn body(&self) -> Vec<u8> {
        let mut body = Map::with_capacity(4);
        body.insert("schemas".to_owned(), Value::from(vec![ERROR_SCHEMA]));
        body.insert("status".to_owned(), Value::from(self.status.to_string()));
        if let Some(scim_type) = self.scim_type {
            body.insert("scimType".to_owned(), Value::from(scim_type.as_str()));
        }
        body.insert("detail".to_owned(), Value::from(self.detail.as_str()));
        Value::Object(body).to_string().into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_read_back_from_its_word() {
        for error_type in ErrorType::ALL {
            assert_eq!(ErrorType::parse(error_type.as_str()), Some(error_type), "{error_type:?}");
        }
        assert_eq!(ErrorType::parse("notFound"), None, "an action of error rows is no SCIM type");
    }

    #[test]
    fn a_body_has_the_status_as_text_and_a_type_only_where_there_is_one() {
        let cases = [
            (
                "typed",
                Error::uniqueness("`userName` is taken"),
                r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"409","scimType":"uniqueness","detail":"`userName` is taken"}"#,
            ),
            (
                "untyped",
                Error::not_found("User", "4\"2"),
                r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404","detail":"User `4\"2` not found"}"#,
            ),
        ];
        for (name, error, want) in cases {
            assert_eq!(String::from_utf8(error.body()).unwrap(), want, "{name}");
        }
    }
}
