//! One SCIM operation: reads, a plan, calls in order.

use std::sync::Arc;

use crate::telemetry::Trace;

pub mod error;
pub mod operation;

pub use error::Error;
pub use operation::{Discovery, Operation, Reply};

/// One tenant's bridge: a compiled mapping over an upstream.
pub struct Bridge {}

impl Bridge {
    /// Runs one operation to its end. Not cancelled by the caller's hang-up when spawned; bounded by the mapping's deadline.
    ///
    /// # Errors
    /// See [`Error`]; `to_scim` says what the client sees.
    pub async fn run(&self, operation: Operation, trace: Arc<Trace>) -> Result<Reply, Error> {
        let _ = (operation, trace);
        todo!()
    }

    /// The index of the resource type with this endpoint (`/Users`), exact spelling.
    pub fn endpoint(&self, endpoint: &str) -> Option<usize> {
        let _ = endpoint;
        todo!()
    }
}
