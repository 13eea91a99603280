//! A failed operation, and the one table failure → status, scimType, detail.

use std::time::Duration;

use crate::mapping::call::Then;
use crate::mapping::hole::FillError;
use crate::upstream::Outcome;
use crate::{scim, store, upstream};

/// A failed operation. The text is for the log; `to_scim` says what the client sees.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request itself is wrong; the client sees it as it is.
    #[error(transparent)]
    Request(#[from] scim::Error),
    /// No resource has this id.
    #[error("no {kind} has this id")]
    NotFound {
        /// The resource type's name.
        kind: String,
        /// The id asked for.
        id: String,
    },
    /// The mapping has no call for this operation.
    #[error("the mapping has no `{operation}` for {kind}")]
    Unsupported {
        /// The resource type's name.
        kind: String,
        /// `list`, `create`, `update`, `delete`.
        operation: &'static str,
    },
    /// The record may be read, and not changed or deleted.
    #[error("the {kind} is protected")]
    Protected {
        /// The resource type's name.
        kind: String,
    },
    /// Another request on the same resource did not end in time.
    #[error("another operation on the same {kind} did not end in time")]
    Locked {
        /// The resource type's name.
        kind: String,
    },
    /// The brake holds it: there were too many like it in the last hour.
    #[error("{what} of {kind} are held: more than {most} in an hour")]
    Held {
        /// The resource type's name.
        kind: String,
        /// `deletes` or `deactivations`.
        what: &'static str,
        /// How many are not too many.
        most: usize,
        /// The tenant, which whoever releases them has to name.
        tenant: String,
        /// When the first of them is an hour old.
        retry_after: Duration,
    },
    /// An upstream call failed.
    #[error("{0}")]
    Upstream(#[from] upstream::Error),
    /// The call for elements of a list, or for one changed field, failed.
    #[error("part of `{attribute}`: {source}")]
    Element {
        /// The attribute.
        attribute: String,
        /// The elements' `value`s in words, for the client; empty for a field.
        values: String,
        /// The call's failure.
        source: upstream::Error,
    },
    /// The upstream's answer does not hold what the mapping says it holds, or paging goes in circles.
    #[error("{call}: {reason}")]
    Answer {
        /// The call's label.
        call: String,
        /// What is wrong, without values.
        reason: String,
    },
    /// The calls succeeded and the upstream still shows another `active` than asked.
    #[error("the upstream accepted the change and still shows `active` otherwise")]
    NotApplied,
    /// What the bridge keeps itself could not be read or stored.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A create may or may not have been carried out, and it could not be found out.
    #[error("outcome unknown: {0}")]
    Unknown(#[source] upstream::Error),
    /// The tenant only plans: this is what the operation would have sent.
    #[error("planned, not sent: {}", intended(calls))]
    Planned {
        /// The labels of the calls, in order; none where nothing differs.
        calls: Vec<String>,
    },
    /// A change failed half-way and could not be taken back.
    #[error("{failure}; taking back `{undo}` failed as well")]
    NotUndone {
        /// What failed first.
        failure: Box<Error>,
        /// The label of the undo call that failed.
        undo: String,
    },
}

impl Error {
    /// An answer that is not what the mapping says.
    pub(crate) fn answer(call: &str, reason: impl Into<String>) -> Self {
        Self::Answer { call: call.to_owned(), reason: reason.into() }
    }

    /// Whether it is no failure at all: the tenant only plans.
    pub fn is_planned(&self) -> bool {
        let source = match self {
            Self::Planned { .. } => return true,
            Self::Upstream(source) | Self::Element { source, .. } => source,
            Self::Request(_)
            | Self::NotFound { .. }
            | Self::Unsupported { .. }
            | Self::Protected { .. }
            | Self::Locked { .. }
            | Self::Held { .. }
            | Self::Answer { .. }
            | Self::NotApplied
            | Self::Store(_)
            | Self::Unknown(_)
            | Self::NotUndone { .. } => return false,
        };
        matches!(source, upstream::Error::Planned { .. })
    }

    /// Whether the upstream said that the record does not exist.
    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. } | Self::Upstream(upstream::Error::Answered { then: Then::NotFound, .. }))
    }

    /// Whether the upstream said so of what an element names.
    pub(crate) fn is_element_not_found(&self) -> bool {
        matches!(self, Self::Element { source: upstream::Error::Answered { then: Then::NotFound, .. }, .. })
    }

    /// Whether the upstream, or the bridge itself, said that the key is taken.
    pub(crate) fn is_uniqueness(&self) -> bool {
        match self {
            Self::Request(error) => error.scim_type == Some(scim::ErrorType::Uniqueness),
            Self::Upstream(source) => {
                matches!(source, upstream::Error::Answered { then: Then::Type(scim::ErrorType::Uniqueness), .. })
            }
            Self::NotFound { .. }
            | Self::Unsupported { .. }
            | Self::Protected { .. }
            | Self::Locked { .. }
            | Self::Held { .. }
            | Self::Element { .. }
            | Self::Answer { .. }
            | Self::NotApplied
            | Self::Store(_)
            | Self::Unknown(_)
            | Self::Planned { .. }
            | Self::NotUndone { .. } => false,
        }
    }

    /// Whether the upstream said that somebody else changed the record since it was read.
    pub(crate) fn is_changed_meanwhile(&self) -> bool {
        match self {
            Self::Upstream(source) | Self::Element { source, .. } => {
                matches!(source, upstream::Error::Answered { then: Then::Status(412), .. })
            }
            Self::Request(_)
            | Self::NotFound { .. }
            | Self::Unsupported { .. }
            | Self::Protected { .. }
            | Self::Locked { .. }
            | Self::Held { .. }
            | Self::Answer { .. }
            | Self::NotApplied
            | Self::Store(_)
            | Self::Unknown(_)
            | Self::Planned { .. }
            | Self::NotUndone { .. } => false,
        }
    }

    /// Whether what failed may have been carried out all the same, and has to be taken back with what was.
    pub(crate) fn may_be_done(&self) -> bool {
        match self {
            Self::Upstream(source) | Self::Element { source, .. } => source.outcome() == Outcome::Unknown,
            // These may come after a call that was made.
            Self::Answer { .. } | Self::NotApplied | Self::Store(_) | Self::Unknown(_) | Self::NotUndone { .. } => true,
            Self::Request(_)
            | Self::NotFound { .. }
            | Self::Unsupported { .. }
            | Self::Protected { .. }
            | Self::Locked { .. }
            | Self::Planned { .. }
            | Self::Held { .. } => false,
        }
    }

    /// Whether this says something of the upstream that was not known: a queue, a lock or a circuit only repeats it.
    pub fn is_of_upstream(&self) -> bool {
        match self {
            Self::Upstream(source) | Self::Element { source, .. } => {
                use upstream::Error::{Busy, CircuitOpen, Planned};
                !matches!(source, CircuitOpen { .. } | Busy { .. } | Planned { .. })
            }
            Self::NotUndone { failure, .. } => failure.is_of_upstream(),
            Self::Answer { .. } | Self::NotApplied | Self::Unknown(_) => true,
            Self::Request(_)
            | Self::NotFound { .. }
            | Self::Unsupported { .. }
            | Self::Protected { .. }
            | Self::Locked { .. }
            | Self::Held { .. }
            | Self::Planned { .. }
            | Self::Store(_) => false,
        }
    }

    /// What the SCIM client sees: the error, and the wait of a `Retry-After`, in whole seconds, where there is one.
    ///
    /// `correlation` is the request's id: it stands in every text that does not explain itself, so that an
    /// administrator can name it to the operator.
    pub fn to_scim(&self, correlation: &str) -> (scim::Error, Option<Duration>) {
        match self {
            Self::Request(error) => (error.clone(), None),
            Self::NotFound { kind, id } => (error(404, format!("{kind} `{id}` does not exist")), None),
            Self::Unsupported { kind, operation } => {
                (error(501, format!("this service does not support `{operation}` for {kind}")), None)
            }
            Self::Protected { kind } => {
                (error(403, format!("this {kind} is protected: this service does not change or delete it")), None)
            }
            Self::Locked { kind } => (
                error(503, format!("another change of this {kind} is still under way; try again")),
                Some(Duration::from_secs(1)),
            ),
            Self::Held { kind, what, most, tenant, retry_after } => (
                error(
                    503,
                    format!(
                        "{what} of {kind} are held, for there were more than {most} in an hour: the operator of this service \
                         lets them through with `scim-bridge ops release {tenant}`"
                    ),
                ),
                Some(*retry_after),
            ),
            Self::Upstream(failure) => upstream_to_scim(failure, correlation),
            Self::Element { attribute, values, source } => element_to_scim(attribute, values, source, correlation),
            Self::Answer { .. } => {
                (error(502, with_id("the application gave an answer that cannot be used", correlation)), None)
            }
            Self::NotApplied => (
                error(
                    502,
                    with_id("the application accepted the change but still shows `active` otherwise", correlation),
                ),
                None,
            ),
            Self::Store(_) => (
                error(503, with_id("this service cannot reach its own store; try again", correlation)),
                Some(Duration::from_secs(5)),
            ),
            Self::Unknown(_) => (
                error(
                    504,
                    with_id("the application did not say whether the resource was created; try again", correlation),
                ),
                Some(Duration::from_secs(5)),
            ),
            Self::Planned { calls } => {
                let detail = format!("this service only plans for now (`mode = \"plan\"`), and {}", intended(calls));
                (error(503, detail), None)
            }
            Self::NotUndone { failure, .. } => {
                let (mut shown, wait) = failure.to_scim(correlation);
                shown.detail.push_str("; an earlier step could not be taken back, the next try continues from there");
                (shown, wait)
            }
        }
    }
}

/// A failed call for one element: what is wrong with the element names it, everything else is as without.
fn element_to_scim(
    attribute: &str,
    values: &str,
    source: &upstream::Error,
    id: &str,
) -> (scim::Error, Option<Duration>) {
    let (mut shown, wait) = upstream_to_scim(source, id);
    if shown.status == 404 {
        shown = scim::Error::invalid_value("no such resource");
    }
    if shown.status < 500 {
        let values = if values.is_empty() { String::new() } else { format!("{values}: ") };
        shown.detail = format!("`{attribute}`: {values}{}", shown.detail);
    }
    (shown, wait)
}

fn upstream_to_scim(failure: &upstream::Error, id: &str) -> (scim::Error, Option<Duration>) {
    use upstream::Error as Up;
    let second = Duration::from_secs(1);
    match failure {
        Up::Fill { source, .. } => (fill_to_scim(source, id), None),
        Up::NotSent { .. } => (error(503, with_id("the application cannot be reached", id)), Some(5 * second)),
        Up::TimedOut { .. } => (error(504, with_id("the application did not answer in time", id)), Some(5 * second)),
        Up::Unreadable { .. } => (error(502, with_id("the application gave an answer that cannot be read", id)), None),
        Up::Refused { status: 429, retry_after, .. } => (
            error(429, with_id("the application asks for fewer requests", id)),
            Some(retry_after.unwrap_or(5 * second)),
        ),
        Up::Refused { retry_after, .. } => {
            (error(503, with_id("the application is busy; try again", id)), Some(retry_after.unwrap_or(5 * second)))
        }
        Up::Busy { retry_after, .. } => {
            (error(429, with_id("too many requests to the application are waiting", id)), Some(*retry_after))
        }
        Up::CircuitOpen { retry_after, .. } => {
            (error(503, with_id("the application failed repeatedly; try again", id)), Some(*retry_after))
        }
        Up::CredentialsRefused { .. } => {
            (error(502, with_id("the application refuses this service's credentials", id)), None)
        }
        Up::ProxyRefused { .. } => {
            (error(502, with_id("this service's proxy does not let it call the application", id)), None)
        }
        Up::Login { source, .. } if matches!(**source, Up::CredentialsRefused { .. } | Up::ProxyRefused { .. }) => {
            upstream_to_scim(source, id)
        }
        Up::Login { .. } => (error(502, with_id("this service cannot log in to the application", id)), None),
        Up::Answered { status, then, detail, .. } => (answered_to_scim(*status, *then, detail.as_deref(), id), None),
        // An operation of a tenant that plans tells of all its calls.
        Up::Planned { call } => (error(503, intended(std::slice::from_ref(call))), None),
        Up::Failed { .. } => (error(502, with_id("the application failed", id)), None),
        Up::TooManyCalls { bound, .. } => {
            (error(502, with_id(&format!("the request needs more than {bound} calls"), id)), None)
        }
    }
}

/// A hole without a value: where it stands for something that the client sends, the client can mend it.
fn fill_to_scim(fault: &FillError, id: &str) -> scim::Error {
    match fault {
        FillError::Missing(hole) | FillError::Several(hole) => match hole.split_once('.') {
            Some(("scim" | "record", attribute)) => scim::Error::invalid_value(format!("`{attribute}` is missing")),
            _ => error(502, with_id("the mapping needs a value that is not there", id)),
        },
        // No resource can have an id that its own URL cannot hold.
        FillError::Unfit(hole, _) if hole == "id" => error(404, "the resource does not exist".to_owned()),
        FillError::Unfit(hole, place) => {
            scim::Error::invalid_value(format!("the value of `{hole}` cannot stand in a {place}"))
        }
        FillError::Unfiltered(_) => error(502, with_id("the mapping needs a filter that is not there", id)),
    }
}

fn answered_to_scim(status: u16, then: Then, detail: Option<&str>, id: &str) -> scim::Error {
    let text = |fixed: &str| detail.map_or_else(|| with_id(fixed, id), str::to_owned);
    match then {
        Then::Type(scim_type) => {
            let fixed = match scim_type {
                scim::ErrorType::Uniqueness => "a resource with this value exists already",
                scim::ErrorType::Mutability => "the application does not let this value be changed",
                scim::ErrorType::TooMany => "the application holds too much for this request",
                scim::ErrorType::NoTarget => "the value to change does not exist",
                scim::ErrorType::Sensitive => "the application does not take this value here",
                scim::ErrorType::InvalidFilter
                | scim::ErrorType::InvalidSyntax
                | scim::ErrorType::InvalidPath
                | scim::ErrorType::InvalidValue
                | scim::ErrorType::InvalidVersion
                | scim::ErrorType::InvalidCursor
                | scim::ErrorType::ExpiredCursor
                | scim::ErrorType::InvalidCount => "the application does not accept these values",
            };
            scim::Error::new(scim_type, text(fixed))
        }
        Then::NotFound => error(404, detail.map_or_else(|| "the resource does not exist".to_owned(), str::to_owned)),
        Then::Status(code) => error(code, text(status_text(code))),
        // These never leave the upstream as a failure; were they to, the answer is as little use as any other.
        Then::Ok | Then::Empty | Then::Retry | Then::Login => error(502, text(status_text(status))),
    }
}

fn status_text(code: u16) -> &'static str {
    match code {
        403 => "the application does not allow this",
        409 => "the application refuses this in the resource's present state",
        412 => "the resource was changed by somebody else at the same time",
        400..=499 => "the application refuses this request",
        _ => "the application failed",
    }
}

/// What an operation would have sent. Labels of calls hold no values.
fn intended(calls: &[String]) -> String {
    match calls {
        [] => "nothing would have been sent: it is as asked already".to_owned(),
        calls => format!("nothing was changed; it would have sent {}", calls.join(", ")),
    }
}

fn with_id(text: &str, correlation: &str) -> String {
    format!("{text} (request {correlation})")
}

fn error(status: u16, detail: String) -> scim::Error {
    scim::Error::with_status(status, detail)
}
