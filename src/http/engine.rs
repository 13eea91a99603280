//! What the listener needs of whoever carries an operation out.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::bridge::{self, Bridge, Operation, Reply};
use crate::telemetry::Trace;
use crate::upstream::Upstream;

/// Carries operations out: the [`Bridge`], or a script in a test.
pub trait Engine: Send + Sync + 'static {
    /// The endpoints of the resource types (`/Users`), in the order of the `kind` of an [`Operation`].
    fn endpoints(&self) -> Vec<String>;

    /// How long one operation may take.
    fn deadline(&self) -> Duration;

    /// The URL of the resource of a type with this id.
    fn location(&self, kind: usize, id: &str) -> String;

    /// The bridge, if what is pending of it can be seen.
    fn bridge(&self) -> Option<&Bridge> {
        None
    }

    /// The upstream behind it, where there is one to tell of.
    fn upstream(&self) -> Option<&Upstream> {
        None
    }

    /// Runs one operation to its end, within a deadline of its own, and within `by` where that comes first.
    fn run(
        &self,
        operation: Operation,
        trace: Arc<Trace>,
        by: Option<Instant>,
    ) -> impl Future<Output = Result<Reply, bridge::Error>> + Send;
}

impl Engine for Bridge {
    fn endpoints(&self) -> Vec<String> {
        self.endpoints()
    }

    fn deadline(&self) -> Duration {
        self.deadline()
    }

    fn bridge(&self) -> Option<&Bridge> {
        Some(self)
    }

    fn location(&self, kind: usize, id: &str) -> String {
        self.location(kind, id)
    }

    fn upstream(&self) -> Option<&Upstream> {
        Some(self.upstream())
    }

    fn run(
        &self,
        operation: Operation,
        trace: Arc<Trace>,
        by: Option<Instant>,
    ) -> impl Future<Output = Result<Reply, bridge::Error>> + Send {
        self.run_by(operation, trace, by)
    }
}
