//! Creates whose answer nobody took: a repeat of the same request is told of the resource that is there already.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::bridge::lock::Waited;
use crate::bridge::ops::Lost;
use crate::bridge::recent::Recent;
use crate::telemetry::{Delivery, Trace};

/// Creates remembered at most.
const MOST: usize = 10_000;
/// How long one is remembered.
const LIFE: Duration = Duration::from_secs(24 * 3600);

/// What makes a request the same: the URL of its resource type, and its body byte for byte.
type Fingerprint = [u8; 32];

/// The creates at work, and those whose answer was lost.
#[derive(Debug, Default)]
pub(crate) struct Undelivered(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// A create is no longer at work.
    ended: Notify,
}

#[derive(Debug)]
struct State {
    /// Creates from their beginning to the end of their answer: a number, the resource type's URL, the body.
    at_work: Vec<(u64, String, Bytes)>,
    begun: u64,
    /// Each resource whose create was answered to nobody.
    lost: Recent<Fingerprint, Lost>,
}

impl Default for State {
    fn default() -> Self {
        Self { at_work: Vec::new(), begun: 0, lost: Recent::new(MOST, LIFE) }
    }
}

/// A create at work, until it is dropped.
#[derive(Debug)]
pub(crate) struct Create {
    shared: Arc<Shared>,
    number: u64,
    endpoint: String,
    body: Bytes,
}

/// A create that made a resource and whose answer is under way.
#[derive(Debug)]
struct Answered {
    create: Create,
    location: String,
    op: String,
}

impl Undelivered {
    /// A create begins. While another one of the same request is at work it waits, at most `patience`: the end of that one decides
    /// what this one is told.
    ///
    /// # Errors
    /// [`Waited`] when that did not come in time.
    pub(crate) async fn begin(&self, endpoint: &str, body: &Bytes, patience: Duration) -> Result<Create, Waited> {
        let mut until = None;
        loop {
            // Made before the look, so that no end is missed.
            let ended = self.0.ended.notified();
            if let Some(create) = self.try_begin(endpoint, body) {
                return Ok(create);
            }
            let until = *until.get_or_insert_with(|| Instant::now() + patience);
            timeout_at(until, ended).await.map_err(|_| Waited)?;
        }
    }

    /// All that were lost.
    pub(crate) fn all(&self) -> Vec<Lost> {
        self.0.state().lost.values().cloned().collect()
    }

    /// Forgets what was lost of this correlation id; whether there was something.
    pub(crate) fn forget(&self, op: &str) -> bool {
        self.0.state().lost.forget(|lost| lost.op == op)
    }

    fn try_begin(&self, endpoint: &str, body: &Bytes) -> Option<Create> {
        let mut state = self.0.state();
        if state.at_work.iter().any(|(_, type_, other)| type_ == endpoint && other == body) {
            return None;
        }
        state.begun += 1;
        let number = state.begun;
        state.at_work.push((number, endpoint.to_owned(), body.clone()));
        Some(Create { shared: Arc::clone(&self.0), number, endpoint: endpoint.to_owned(), body: body.clone() })
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Create {
    /// The URL of the resource that the same request made before, if its answer was lost. It is told once.
    pub(crate) fn repeated(&self) -> Option<String> {
        let mut state = self.shared.state();
        if state.lost.is_empty() { None } else { state.lost.remove(&self.fingerprint()).map(|lost| lost.location) }
    }

    /// It has made the resource at this URL; what becomes of the answer decides whether that is remembered.
    ///
    /// An operation of several ends here: the next one may be the same, and comes before the answer.
    pub(crate) fn answered(self, location: String, trace: &Trace) -> Box<dyn Delivery> {
        if trace.is_part {
            self.end();
        }
        Box::new(Answered { create: self, location, op: trace.id.clone() })
    }

    /// Remembers that the answer with this URL was lost.
    pub(crate) fn lost(&self, location: String, op: &str) {
        let lost = Lost { op: op.to_owned(), location, since: jiff::Timestamp::now().to_string() };
        self.shared.state().lost.insert(self.fingerprint(), lost);
    }

    /// It is at work no longer.
    fn end(&self) {
        self.shared.state().at_work.retain(|(number, ..)| *number != self.number);
        self.shared.ended.notify_waiters();
    }

    fn fingerprint(&self) -> Fingerprint {
        Sha256::new().chain_update(&self.endpoint).chain_update([0]).chain_update(&self.body).finalize().into()
    }
}

impl Delivery for Answered {
    fn taken(&self) {}

    fn lost(&self) {
        tracing::warn!(
            request.id = self.op,
            "nobody took the answer of a create; it is kept for a repeat of the request"
        );
        self.create.lost(self.location.clone(), &self.op);
    }
}

impl Drop for Create {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: &str = "https://scim.example/scim/v2/Users/";
    const PATIENCE: Duration = Duration::from_secs(5);

    async fn begin(undelivered: &Undelivered, body: &'static str) -> Create {
        undelivered.begin(USERS, &Bytes::from_static(body.as_bytes()), PATIENCE).await.unwrap()
    }

    #[tokio::test]
    async fn a_lost_answer_is_told_once_to_the_same_request() {
        let undelivered = Undelivered::default();
        begin(&undelivered, "ada").await.answered(format!("{USERS}7"), &Trace::default()).lost();
        assert_eq!(begin(&undelivered, "bo").await.repeated(), None);
        assert_eq!(begin(&undelivered, "ada").await.repeated(), Some(format!("{USERS}7")));
        assert_eq!(begin(&undelivered, "ada").await.repeated(), None, "once");
    }

    #[tokio::test]
    async fn an_answer_that_was_taken_is_not_remembered() {
        let undelivered = Undelivered::default();
        begin(&undelivered, "ada").await.answered(format!("{USERS}7"), &Trace::default()).taken();
        drop(begin(&undelivered, "bo").await);
        assert!(undelivered.0.state().lost.is_empty() && undelivered.0.state().at_work.is_empty());
    }

    #[tokio::test]
    async fn the_next_operation_of_the_same_request_does_not_wait_for_the_answer() {
        let undelivered = Undelivered::default();
        let answer = begin(&undelivered, "ada").await.answered(format!("{USERS}7"), &Trace::default().aside());
        assert_eq!(begin(&undelivered, "ada").await.repeated(), None);
        answer.lost();
        assert_eq!(begin(&undelivered, "ada").await.repeated(), Some(format!("{USERS}7")));
    }

    #[tokio::test(start_paused = true)]
    async fn a_repeat_waits_for_the_end_of_the_first() {
        let undelivered = Arc::new(Undelivered::default());
        let first = begin(&undelivered, "ada").await;
        let repeat = tokio::spawn({
            let undelivered = Arc::clone(&undelivered);
            async move { begin(&undelivered, "ada").await.repeated() }
        });
        tokio::task::yield_now().await;
        assert!(!repeat.is_finished());
        first.answered(format!("{USERS}7"), &Trace::default()).lost();
        assert_eq!(repeat.await.unwrap(), Some(format!("{USERS}7")));
        let _first = begin(&undelivered, "ada").await;
        assert!(undelivered.begin(USERS, &Bytes::from_static(b"ada"), PATIENCE).await.is_err(), "not for ever");
    }
}
