//! One SCIM operation: reads, a plan, calls in order.

use std::sync::Arc;

use crate::mapping::Mapping;
use crate::telemetry::Trace;
use crate::upstream::Upstream;

pub mod error;
pub mod operation;

pub use error::Error;
pub use operation::{Discovery, Operation, Reply};

/// One tenant's bridge: a compiled mapping over an upstream.
pub struct Bridge {}

impl Bridge {
    /// The bridge of one tenant; `location` is the public URL of the tenant's path, for `meta.location`.
    pub fn new(mapping: Arc<Mapping>, upstream: Upstream, tenant: String, location: String) -> Self {
        let _ = (mapping, upstream, tenant, location);
        todo!()
    }

    /// Runs one operation to its end. Not cancelled by the caller's hang-up when spawned; bounded by the mapping's deadline.
    ///
    /// # Errors
    /// See [`Error`]; `to_scim` says what the client sees.
    pub async fn run(&self, operation: Operation, trace: Arc<Trace>) -> Result<Reply, Error> {
        let _ = (operation, trace);
        todo!()
    }

    /// The endpoints of the resource types (`/Users`), in the order of the `kind` of an operation.
    pub fn endpoints(&self) -> Vec<String> {
        todo!()
    }
}
