//! What an operator may have to see to: holds of the brake, answers that nobody took, operations whose end is not known.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::bridge::brake::Hold;
use crate::bridge::work::Work;
use crate::bridge::{Bridge, Error};
use crate::upstream::Outcome;

/// Operations remembered at most; the oldest give way.
const MOST: usize = 1000;

/// What is pending of one tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pending {
    /// Removals that are refused.
    pub holds: Vec<Hold>,
    /// Creates whose answer nobody took.
    pub undelivered: Vec<Lost>,
    /// Operations that ended unknown, or half-way and were not taken back.
    pub unfinished: Vec<Unfinished>,
}

/// A create whose answer nobody took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// The request's correlation id.
    pub op: String,
    /// The URL of the resource.
    pub location: String,
    /// Since when.
    pub since: String,
}

/// An operation of which it is not known whether it was carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unfinished {
    /// The request's correlation id.
    pub op: String,
    /// The resource type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The resource's id; none of a create.
    pub id: Option<String>,
    /// `create`, `replace`, `patch` or `delete`.
    pub operation: &'static str,
    /// `unknown` or `not undone`.
    pub what: &'static str,
    /// Since when.
    pub since: String,
}

/// The operations without a known end.
#[derive(Debug, Default)]
pub(crate) struct Ends(Mutex<VecDeque<Unfinished>>);

impl Ends {
    fn with<T>(&self, change: impl FnOnce(&mut VecDeque<Unfinished>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Bridge {
    /// What is pending.
    pub fn pending(&self) -> Pending {
        let remembered = &self.state.remembered;
        Pending {
            holds: remembered.brakes.holds(),
            undelivered: remembered.undelivered.all(),
            unfinished: remembered.ends.with(|ends| ends.iter().cloned().collect()),
        }
    }

    /// Lets all removals through for an hour; gives what was held.
    pub fn release(&self) -> Vec<Hold> {
        let held = self.state.remembered.brakes.release();
        let refused: u64 = held.iter().map(|hold| hold.refused).sum();
        tracing::warn!(tenant = self.tenant, refused, "removals are let through for an hour");
        held
    }

    /// Forgets what is pending of this correlation id; whether there was something.
    pub fn forget(&self, op: &str) -> bool {
        let remembered = &self.state.remembered;
        let was_lost = remembered.undelivered.forget(op);
        let was_unfinished = remembered.ends.with(|ends| {
            let before = ends.len();
            ends.retain(|end| end.op != op);
            ends.len() < before
        });
        if was_lost || was_unfinished {
            tracing::info!(tenant = self.tenant, request.id = op, "a pending operation was forgotten");
        }
        was_lost || was_unfinished
    }
}

impl Work<'_> {
    /// Remembers an operation that ended without anybody knowing how; gives how it ended.
    ///
    /// # Errors
    /// What it failed with.
    pub(crate) fn ended<T>(
        &self,
        (operation, id): (&'static str, Option<&str>),
        outcome: Result<T, Error>,
    ) -> Result<T, Error> {
        if let Err(failure) = &outcome
            && let Some(what) = without_end(failure)
        {
            let end = Unfinished {
                op: self.budget.trace.id.clone(),
                kind: self.kind.name().to_owned(),
                id: id.map(str::to_owned),
                operation,
                what,
                since: jiff::Timestamp::now().to_string(),
            };
            self.bridge.state.remembered.ends.with(|ends| {
                ends.push_back(end);
                if ends.len() > MOST {
                    ends.pop_front();
                }
            });
        }
        outcome
    }
}

/// What nobody knows of a failed operation; `None` where its end is known.
fn without_end(failure: &Error) -> Option<&'static str> {
    match failure {
        Error::NotUndone { .. } => Some("not undone"),
        Error::Unknown(_) => Some("unknown"),
        Error::Upstream(source) | Error::Element { source, .. } => {
            (source.outcome() == Outcome::Unknown).then_some("unknown")
        }
        Error::Request(_)
        | Error::NotFound { .. }
        | Error::Unsupported { .. }
        | Error::Protected { .. }
        | Error::Locked { .. }
        | Error::Held { .. }
        | Error::Answer { .. }
        | Error::NotApplied
        | Error::Planned { .. }
        | Error::Store(_) => None,
    }
}
