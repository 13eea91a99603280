//! What the listener needs of whoever carries an operation out.

use std::future::Future;
use std::sync::Arc;

use crate::bridge::{self, Bridge, Operation, Reply};
use crate::telemetry::Trace;

/// Carries operations out: the [`Bridge`], or a script in a test.
pub trait Engine: Send + Sync + 'static {
    /// The endpoints of the resource types (`/Users`), in the order of the `kind` of an [`Operation`].
    fn endpoints(&self) -> Vec<String>;

    /// Runs one operation to its end, within a deadline of its own.
    fn run(&self, operation: Operation, trace: Arc<Trace>)
    -> impl Future<Output = Result<Reply, bridge::Error>> + Send;
}

impl Engine for Bridge {
    fn endpoints(&self) -> Vec<String> {
        self.endpoints()
    }

    fn run(
        &self,
        operation: Operation,
        trace: Arc<Trace>,
    ) -> impl Future<Output = Result<Reply, bridge::Error>> + Send {
        self.run(operation, trace)
    }
}
