//! The simple rules compiled to one streaming plan: record bytes to SCIM bytes.

use crate::mapping::view::View;
use crate::scim::Projection;

/// A streaming read plan; exists where every rule is simple enough.
#[derive(Clone, Debug)]
pub struct ReadPlan {}

/// What the plan learned about the record it wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The resource's id.
    pub id: String,
}

/// Why a record was not written; nothing is appended then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unwritten {
    /// The bytes are no JSON object.
    #[error("the record is not a JSON object")]
    NotAnObject,
    /// The id rule finds nothing.
    #[error("the record has no id")]
    NoId,
}

impl ReadPlan {
    /// The plan for a view, or `None` where only values will do.
    pub fn compile(view: &View) -> Option<Self> {
        let _ = view;
        todo!()
    }
    /// Appends the resource as compact JSON with `meta.location` = `location` + the percent-encoded id.
    ///
    /// # Errors
    /// See [`Unwritten`].
    pub fn write(
        &self,
        record: &[u8],
        projection: &Projection,
        location: &str,
        out: &mut Vec<u8>,
    ) -> Result<Written, Unwritten> {
        let _ = (record, projection, location, out);
        todo!()
    }
}
