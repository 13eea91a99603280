//! Logging, metrics, correlation ids, and the trace of one operation.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;

pub mod context;
pub mod correlation;
pub mod delivery;
pub mod format;
pub mod lines;
pub mod log;
pub mod metrics;
pub mod state;

pub use delivery::{Delivery, Receipts};
pub use metrics::Metrics;

/// What one SCIM request caused; travels from `http` down to `upstream`.
#[derive(Debug, Default)]
pub struct Trace {
    /// The request's correlation id: 16 hex digits, or the client's own when it is harmless.
    pub id: String,
    /// The trace that it belongs to, where the client named one.
    pub context: Option<context::Context>,
    /// Upstream calls made so far (tries count one each).
    pub calls: AtomicU32,
    /// The calls in detail; `None` unless somebody watches (`demo`).
    pub detail: Option<Mutex<Vec<TracedCall>>>,
    /// Who has to know what becomes of the answer.
    pub receipts: Receipts,
    /// Whether it is of one operation of several in a request: others may follow before there is an answer.
    pub is_part: bool,
}

/// One upstream call as it went over the wire.
#[derive(Clone, Debug)]
pub struct TracedCall {
    /// The HTTP method.
    pub method: String,
    /// Path and query below the host.
    pub target: String,
    /// The body sent.
    pub body: Option<Bytes>,
    /// The answer's status; `None` when there was none.
    pub status: Option<u16>,
    /// From sending to the answer's last byte.
    pub took: Duration,
}

impl Trace {
    /// A trace that only counts.
    pub fn new(id: String) -> Self {
        Self { id, ..Self::default() }
    }
    /// A trace that also keeps every call, for somebody who watches.
    pub fn watched(id: String) -> Self {
        Self { id, detail: Some(Mutex::default()), ..Self::default() }
    }
    /// A trace of a part of the same request, which counts for itself.
    #[must_use]
    pub fn aside(&self) -> Self {
        let (id, context) = (self.id.clone(), self.context.clone());
        let part = if self.is_watched() { Self::watched(id) } else { Self::new(id) };
        Self { is_part: true, context, ..part }
    }
    /// Adds the calls of a part, and who has to know what becomes of the answer.
    pub fn absorb(&self, part: &Self) {
        self.calls.fetch_add(part.calls(), Ordering::Relaxed);
        part.recorded().into_iter().for_each(|call| self.record(call));
        self.receipts.join(&part.receipts);
    }
    /// Whether calls are kept: ask before a [`TracedCall`] is made up.
    pub fn is_watched(&self) -> bool {
        self.detail.is_some()
    }
    /// Keeps a call if somebody watches. Does not count it: `calls` is raised before a call goes out.
    pub fn record(&self, call: TracedCall) {
        if let Some(detail) = &self.detail {
            detail.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(call);
        }
    }
    /// The upstream calls made so far.
    pub fn calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }
    /// The kept calls, in the order in which they ended; empty unless watched.
    pub fn recorded(&self) -> Vec<TracedCall> {
        self.detail
            .as_ref()
            .map(|detail| detail.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone())
            .unwrap_or_default()
    }
}
