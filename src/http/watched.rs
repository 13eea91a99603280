//! What was last seen of a tenant's upstream.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::bridge;

/// When the upstream was last seen to work, and to fail, and why: seconds since 1970, 0 for never.
#[derive(Debug, Default)]
pub struct UpstreamState {
    succeeded: AtomicI64,
    failed: AtomicI64,
    /// Since when it has been working, or failing.
    since: AtomicI64,
    /// The last failure; its words hold names and statuses, never a value.
    cause: Mutex<Option<Cause>>,
}

#[derive(Clone, Debug)]
struct Cause {
    words: String,
    answered: u16,
}

impl UpstreamState {
    /// Notes how an operation that called the upstream ended: below 499, or with 502, 503 or 504. 499, a client that did
    /// not wait, says nothing about the upstream; nor does a failure that only repeats an earlier one.
    pub fn note(&self, status: u16, failure: Option<&bridge::Error>) {
        match status {
            502..=504 if failure.is_none_or(bridge::Error::is_of_upstream) => {
                let now = Timestamp::now().as_second();
                if self.failed.load(Ordering::Relaxed) <= self.succeeded.load(Ordering::Relaxed) {
                    self.since.store(now, Ordering::Relaxed);
                }
                // Two of one second: the later one counts.
                self.failed.store(now.max(self.succeeded.load(Ordering::Relaxed) + 1), Ordering::Relaxed);
                let words = failure.map_or_else(|| "no usable answer".to_owned(), ToString::to_string);
                *self.cause.lock().unwrap_or_else(PoisonError::into_inner) = Some(Cause { words, answered: status });
            }
            ..499 => {
                let now = Timestamp::now().as_second();
                let (succeeded, failed) = (self.succeeded.load(Ordering::Relaxed), self.failed.load(Ordering::Relaxed));
                if succeeded == 0 || failed > succeeded {
                    self.since.store(now, Ordering::Relaxed);
                }
                self.succeeded.store(now.max(failed), Ordering::Relaxed);
            }
            _ => {}
        }
    }

    /// The last success and the last failure, as RFC 3339 times.
    pub fn times(&self) -> (Option<String>, Option<String>) {
        (shown(&self.succeeded), shown(&self.failed))
    }

    /// For `/health`: `state` is `unknown` until something was called, then `working` or `failing`.
    pub fn health(&self) -> Value {
        let (succeeded, failed) = (self.succeeded.load(Ordering::Relaxed), self.failed.load(Ordering::Relaxed));
        let state = match (succeeded, failed) {
            (0, 0) => "unknown",
            (succeeded, failed) if failed > succeeded => "failing",
            _ => "working",
        };
        let cause = self.cause.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (last_success, last_failure) = self.times();
        let at = last_failure.as_deref().unwrap_or_default();
        let cause = cause.map(|Cause { words, answered }| format!("{words} at {at}; SCIM answered {answered}"));
        json!({
            "state": state,
            "since": shown(&self.since),
            "last_success": last_success,
            "last_failure": last_failure,
            "last_cause": cause,
        })
    }
}

fn shown(seconds: &AtomicI64) -> Option<String> {
    let seconds = seconds.load(Ordering::Relaxed);
    (seconds > 0).then(|| Timestamp::from_second(seconds).ok()).flatten().map(|time| time.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::upstream;

    #[test]
    fn only_what_the_upstream_did_is_noted_about_it() {
        let cases = [
            // (name, status, a success is noted, a failure is noted)
            ("a resource", 200, true, false),
            ("a refusal of the upstream", 409, true, false),
            ("a client that did not wait", 499, false, false),
            ("a fault of ours", 500, false, false),
            ("a broken answer", 502, false, true),
            ("a time-out", 504, false, true),
        ];
        for (name, status, succeeded, failed) in cases {
            let state = UpstreamState::default();
            state.note(status, None);
            let (success, failure) = state.times();
            assert_eq!((success.is_some(), failure.is_some()), (succeeded, failed), "{name}");
        }
    }

    #[test]
    fn health_says_how_the_upstream_is_and_why() {
        let state = UpstreamState::default();
        assert_eq!(state.health()["state"], "unknown");
        state.note(200, None);
        assert_eq!(state.health()["state"], "working");
        let call = || "GET /users".to_owned();
        let refused = bridge::Error::Upstream(upstream::Error::CredentialsRefused { call: call(), status: 401 });
        state.note(502, Some(&refused));
        let open = upstream::Error::CircuitOpen { call: call(), retry_after: Duration::from_secs(1) };
        state.note(503, Some(&bridge::Error::Upstream(open)));
        let health = state.health();
        assert_eq!(health["state"], "failing");
        let cause = health["last_cause"].as_str().unwrap();
        assert!(cause.starts_with("GET /users: credentials refused with 401 at 20"), "{cause}");
        assert!(cause.ends_with("; SCIM answered 502"), "the open circuit is no cause of its own: {cause}");
        state.note(200, None);
        assert_eq!(state.health()["state"], "working");
    }
}
