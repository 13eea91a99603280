//! How the readings of settings and mappings ended, for `/health`.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::{Value, json};

/// The last reading that was taken, and the last one that was refused after it.
#[derive(Debug)]
pub struct Reloads(Mutex<State>);

#[derive(Debug)]
struct State {
    loaded: Timestamp,
    refused: Option<(Timestamp, String)>,
    waiting: Vec<String>,
}

impl Reloads {
    /// Everything was loaded just now.
    pub fn new() -> Self {
        Self(Mutex::new(State { loaded: Timestamp::now(), refused: None, waiting: Vec::new() }))
    }

    /// Everything was loaded anew. `waiting` are the settings that take effect at the next start.
    pub fn taken(&self, waiting: Vec<String>) {
        *self.state() = State { loaded: Timestamp::now(), refused: None, waiting };
    }

    /// What was read was refused, for this reason: its first diagnostic, on one line.
    pub fn refused(&self, reason: String) {
        self.state().refused = Some((Timestamp::now(), reason));
    }

    /// For `/health`.
    pub fn health(&self) -> Value {
        let state = self.state();
        let refused = state.refused.as_ref();
        json!({
            "loaded": in_seconds(state.loaded),
            "refused": refused.map(|(at, reason)| json!({ "at": in_seconds(*at), "reason": reason })),
            "at_next_start": state.waiting,
        })
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Reloads {
    fn default() -> Self {
        Self::new()
    }
}

/// A time as RFC 3339, without fractions.
pub(super) fn in_seconds(time: Timestamp) -> String {
    Timestamp::from_second(time.as_second()).unwrap_or(time).to_string()
}
