//! What a check found.

use std::future::Future;
use std::pin::Pin;

use crate::verify::play::Play;

/// Why a check ends before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The server does not do what it must.
    Failed(Fault),
    /// The check does not apply, and why.
    Skipped(String),
}

/// What a server does otherwise than expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What should have come.
    pub expected: String,
    /// What came.
    pub got: String,
    /// Which of the check's exchanges shows it; `None` where no single one does.
    pub exchange: Option<usize>,
}

/// The end of a check: all as expected, or why not.
pub type Verdict = Result<(), Stop>;

/// A check at work.
pub type Running<'a> = Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

/// The steps of a check.
pub type Run = for<'a> fn(&'a mut Play) -> Running<'a>;

/// The steps of a check that is played in both styles of updating.
pub type StyledRun = for<'a> fn(&'a mut Play, Style) -> Running<'a>;

/// How a client updates: Okta's catalog apps send PATCH, those of its App Integration Wizard send PUT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// What changes.
    Patch,
    /// The whole resource, after it was read.
    Put,
}

impl Style {
    /// The word at the end of a case's id.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Patch => "patch",
            Self::Put => "put",
        }
    }
}

/// A fault that one exchange shows.
pub(crate) fn fault(exchange: usize, expected: impl Into<String>, got: impl Into<String>) -> Stop {
    Stop::Failed(Fault { expected: expected.into(), got: got.into(), exchange: Some(exchange) })
}

/// The end of a check that does not apply.
pub(crate) fn skipped(why: impl Into<String>) -> Stop {
    Stop::Skipped(why.into())
}
