//! One call to the ISV's API, sent decently. Knows HTTP; of SCIM only the error types.

use std::sync::Arc;

use tokio::time::Instant;

use crate::mapping::call::{Call, UpstreamSettings};
use crate::mapping::scope::{Scope, Surroundings};
use crate::telemetry::Trace;

pub mod answer;
pub mod error;
pub mod transport;

pub use answer::Answer;
pub use error::{Error, Outcome};
pub use transport::Transport;

/// The upstream of one tenant: base URL, credentials, limits, connections.
pub struct Upstream {}

/// What one operation may still spend: time and calls.
#[derive(Clone, Debug)]
pub struct Budget {
    /// When the operation must be done.
    pub deadline: Instant,
    /// The operation's trace; its counter also bounds the calls (1,000).
    pub trace: Arc<Trace>,
}

impl Upstream {
    /// An upstream for one tenant. `url` replaces the mapping's.
    ///
    /// # Errors
    /// One sentence for the operator: the URL is not valid, or plain http off loopback.
    pub fn new(
        settings: &UpstreamSettings,
        url: Option<&str>,
        surroundings: Surroundings,
        transport: Arc<dyn Transport>,
    ) -> Result<Self, String> {
        let _ = (settings, url, surroundings, transport);
        todo!()
    }

    /// Fills the call's holes, sends it under the limits, tries again where that is safe, and reads the verdict.
    ///
    /// # Errors
    /// Everything but a usable answer; see [`Error`].
    pub async fn send(&self, call: &Call, scope: &Scope<'_>, budget: &Budget) -> Result<Answer, Error> {
        let _ = (call, scope, budget);
        todo!()
    }
}
