//! The API's refusals, in its own shape.

use http::StatusCode;
use serde_json::{Value, json};

/// Why the API says no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// `X-Staff-Key` is missing or wrong.
    Key,
    /// No person has this number.
    NoPerson,
    /// No team has this number.
    NoTeam,
    /// The person is not in the team.
    NoMember,
    /// The path means nothing.
    NoPage,
    /// The path does not take this method.
    Method,
    /// The body cannot be read.
    Unreadable,
    /// A field that is needed has no value.
    Missing(&'static str),
    /// A field that the API does not know, or that is not written this way.
    Unknown(String),
    /// A value that must be the only one: field and value.
    Taken(&'static str, String),
    /// A value that does not fit: field and what it should be.
    Unfit(&'static str, &'static str),
    /// Login and password do not go together, or the person is not active.
    Door,
}

impl Fault {
    /// The HTTP status.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Key => StatusCode::UNAUTHORIZED,
            Self::NoPerson | Self::NoTeam | Self::NoMember | Self::NoPage => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unreadable | Self::Missing(_) | Self::Unknown(_) | Self::Unfit(..) => StatusCode::BAD_REQUEST,
            Self::Taken(..) => StatusCode::CONFLICT,
            Self::Door => StatusCode::FORBIDDEN,
        }
    }

    /// The body.
    pub(super) fn to_json(&self) -> Value {
        let (code, field, text) = match self {
            Self::Key => ("KEY", None, "The header `X-Staff-Key` is missing or wrong.".to_owned()),
            Self::NoPerson => ("NO_PERSON", None, "There is no person with this number.".to_owned()),
            Self::NoTeam => ("NO_TEAM", None, "There is no team with this number.".to_owned()),
            Self::NoMember => ("NO_MEMBER", None, "This person is not in the team.".to_owned()),
            Self::NoPage => ("NO_PAGE", None, "There is nothing here.".to_owned()),
            Self::Method => ("METHOD", None, "This is not done with that method.".to_owned()),
            Self::Unreadable => ("UNREADABLE", None, "The body cannot be read.".to_owned()),
            Self::Missing(field) => ("MISSING", Some(*field), format!("The field `{field}` needs a value.")),
            Self::Unknown(field) => ("UNKNOWN", None, format!("There is no field `{field}` to write.")),
            Self::Taken(field, value) => ("TAKEN", Some(*field), format!("The {field} `{value}` is taken.")),
            Self::Unfit(field, wanted) => ("UNFIT", Some(*field), format!("The field `{field}` must be {wanted}.")),
            Self::Door => ("DOOR", None, "Not let in.".to_owned()),
        };
        json!({ "fault": { "code": code, "field": field, "text": text } })
    }
}
