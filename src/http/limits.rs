//! The bounds of the listener: sizes, counts and times.

use std::sync::atomic::AtomicI64;
use std::time::Duration;

use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::OwnedSemaphorePermit;

use crate::http::route::Bounds;
use crate::scim::discovery::BulkLimits;

/// What one process accepts, and how long it waits.
///
/// The defaults are safe for a sidecar in front of Okta and Entra ID; every one can be set in `config.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request body; more is 413.
    pub body: usize,
    /// Bytes of a request body for `/Groups`, whose members can be many.
    pub group_body: usize,
    /// What a request to `/Bulk` may hold; more is 413.
    pub bulk: BulkLimits,
    /// Bytes of all header lines together; more is 431.
    pub header_bytes: usize,
    /// Header lines; more is 431.
    pub header_lines: usize,
    /// Bytes of path and query; more is 414.
    pub url: usize,
    /// Bytes of a decoded `filter`; more is 400 `invalidFilter`.
    pub filter: usize,
    /// Open connections; further ones wait in the kernel's queue.
    pub connections: usize,
    /// From the first byte of a header block to its last.
    pub header_timeout: Duration,
    /// From the end of the headers to the end of the body; later is 408.
    pub body_timeout: Duration,
    /// How long a connection may stay without a request, or a client may leave an answer unread.
    pub idle: Duration,
    /// Operations at work at one time; further ones are answered 503.
    pub in_flight: usize,
    /// How long open operations may take to end after the signal.
    pub grace: Duration,
    /// How long to go on accepting after the signal, for the load balancer to notice.
    pub drain_delay: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 1024 * 1024,
            group_body: 8 * 1024 * 1024,
            bulk: BulkLimits::default(),
            header_bytes: 32 * 1024,
            header_lines: 100,
            url: 16 * 1024,
            filter: 8 * 1024,
            connections: 1024,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            idle: Duration::from_secs(75),
            in_flight: 256,
            grace: Duration::from_secs(57),
            drain_delay: Duration::ZERO,
        }
    }
}

/// Bytes of request bodies in memory at one time, unless the settings allow a single body more.
const BODIES: usize = 64 * 1024 * 1024;

impl Limits {
    /// The bounds of what a request asks for.
    pub fn bounds(&self) -> Bounds {
        Bounds { filter: self.filter, bulk: self.bulk }
    }

    /// Bytes of request bodies in memory at one time, so that many large ones cannot exhaust it; further ones are answered
    /// 503.
    pub fn bodies(&self) -> usize {
        BODIES.max(self.body).max(self.group_body).max(self.bulk.max_payload_size)
    }
}

/// A slot taken within a bound, shown by a gauge; given back when dropped, also by a panic.
#[derive(Debug)]
pub struct Slot {
    _permit: OwnedSemaphorePermit,
    gauge: Gauge<i64, AtomicI64>,
}

impl Slot {
    /// Shows a taken permit in `gauge`.
    pub fn new(permit: OwnedSemaphorePermit, gauge: &Gauge<i64, AtomicI64>) -> Self {
        gauge.inc();
        Self { _permit: permit, gauge: gauge.clone() }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.gauge.dec();
    }
}
