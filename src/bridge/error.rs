//! A failed operation, and the one table failure → status, scimType, detail.

use std::time::Duration;

use crate::{scim, upstream};

/// A failed operation.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request itself is wrong; the client sees it as it is.
    #[error(transparent)]
    Request(#[from] scim::Error),
    /// An upstream call failed.
    #[error("{0}")]
    Upstream(#[from] upstream::Error),
}

impl Error {
    /// What the SCIM client sees: the error and the seconds of a `Retry-After`.
    pub fn to_scim(&self, correlation: &str) -> (scim::Error, Option<Duration>) {
        let _ = correlation;
        todo!()
    }
}
