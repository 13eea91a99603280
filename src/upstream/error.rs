//! A call that gave no usable answer.

use std::sync::Arc;
use std::time::Duration;

use crate::mapping::call::Then;
use crate::mapping::hole::FillError;

/// What is known about the effect of a failed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Certainly not carried out.
    NotDone,
    /// Perhaps carried out.
    Unknown,
}

/// A call to the upstream that gave no usable answer.
///
/// The text is for the log; nothing of it is sent to the SCIM client. What the client sees is decided in one place,
/// `bridge::Error::to_scim`. `call` is `METHOD /template` without values.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A hole could not be filled.
    #[error("{call}: {source}")]
    Fill {
        /// The call's label.
        call: String,
        /// The hole.
        #[source]
        source: FillError,
    },
    /// No connection: the request was certainly not carried out.
    #[error("{call}: not connected: {reason}")]
    NotSent {
        /// The call's label.
        call: String,
        /// Why.
        reason: String,
    },
    /// The answer did not come in time: the request may have been carried out.
    #[error("{call}: no answer in {timeout:?}")]
    TimedOut {
        /// The call's label.
        call: String,
        /// The time given.
        timeout: Duration,
    },
    /// The connection broke, or the answer cannot be read: the request may have been carried out.
    #[error("{call}: {reason}")]
    Unreadable {
        /// The call's label.
        call: String,
        /// The answer's status, if there was one.
        status: Option<u16>,
        /// Why.
        reason: String,
    },
    /// The upstream asked for patience and did so to the end: 429, 503 with `Retry-After`, or a row with `then = "retry"`.
    #[error("{call}: refused with {status}")]
    Refused {
        /// The call's label.
        call: String,
        /// The answer's status.
        status: u16,
        /// How long it asked to wait.
        retry_after: Option<Duration>,
    },
    /// Our own queue to the upstream is full, or the wait would pass the deadline.
    #[error("{call}: too many calls are waiting")]
    Busy {
        /// The call's label.
        call: String,
        /// A sensible wait.
        retry_after: Duration,
    },
    /// The circuit is open after repeated failures.
    #[error("{call}: the upstream failed repeatedly, not called")]
    CircuitOpen {
        /// The call's label.
        call: String,
        /// Until the next probe.
        retry_after: Duration,
    },
    /// The upstream does not accept our credentials (401, 403).
    #[error("{call}: credentials refused with {status}")]
    CredentialsRefused {
        /// The call's label.
        call: String,
        /// The answer's status.
        status: u16,
    },
    /// The proxy on the way does not let the call pass (407, RFC 9110 §15.5.8): the upstream never saw it.
    #[error("{call}: the proxy refused the call (407), the API never saw it")]
    ProxyRefused {
        /// The call's label.
        call: String,
    },
    /// The login that the call needs failed; the call itself was not sent.
    #[error("login failed: {source}")]
    Login {
        /// The login's label.
        call: String,
        /// Why; shared by all calls that waited for it.
        #[source]
        source: Arc<Error>,
    },
    /// The upstream said no, and a row or the defaults of the reference say what that means.
    #[error("{call}: answered {status}")]
    Answered {
        /// The call's label.
        call: String,
        /// The answer's status.
        status: u16,
        /// What it means.
        then: Then,
        /// The mapping's own text for the client.
        detail: Option<String>,
    },
    /// A 5xx that no row explains.
    #[error("{call}: failed with {status}")]
    Failed {
        /// The call's label.
        call: String,
        /// The answer's status.
        status: u16,
    },
    /// It would change something, and changes are only planned: it was not sent.
    #[error("{call}: planned, not sent")]
    Planned {
        /// The call's label.
        call: String,
    },
    /// The operation's bound of calls is reached.
    #[error("{call}: more than {bound} calls in one request")]
    TooManyCalls {
        /// The call's label.
        call: String,
        /// The bound.
        bound: u32,
    },
}

impl Error {
    /// What is known about the call's effect.
    pub fn outcome(&self) -> Outcome {
        match self {
            // A client error says that nothing was done; a redirect may follow a deed.
            Self::Failed { status, .. } if (400..500).contains(status) => Outcome::NotDone,
            // A row explained the answer: the upstream itself said no. Only a 5xx that stays a 5xx is no such word.
            Self::Answered { status: ..500, .. } => Outcome::NotDone,
            Self::Answered { then: Then::Status(500..), .. }
            | Self::Failed { .. }
            | Self::TimedOut { .. }
            | Self::Unreadable { .. } => Outcome::Unknown,
            Self::Answered { .. }
            | Self::Fill { .. }
            | Self::NotSent { .. }
            | Self::Refused { .. }
            | Self::Busy { .. }
            | Self::CircuitOpen { .. }
            | Self::CredentialsRefused { .. }
            | Self::ProxyRefused { .. }
            | Self::Login { .. }
            | Self::Planned { .. }
            | Self::TooManyCalls { .. } => Outcome::NotDone,
        }
    }
}
