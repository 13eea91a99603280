//! Logging, metrics, correlation ids, and the trace of one operation.

use std::sync::Mutex;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use bytes::Bytes;

/// What one SCIM request caused; travels from `http` down to `upstream`.
#[derive(Debug, Default)]
pub struct Trace {
    /// The request's correlation id: 16 hex digits, or the client's own when it is harmless.
    pub id: String,
    /// Upstream calls made so far (tries count one each).
    pub calls: AtomicU32,
    /// The calls in detail; `None` unless somebody watches (`demo`).
    pub detail: Option<Mutex<Vec<TracedCall>>>,
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
