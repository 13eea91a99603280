//! Calls that somebody looks at before they go out, and answers in the upstream's place.

use std::fmt;

use crate::mapping::call::Call;
use crate::mapping::scope::Scope;
use crate::upstream::transport::Response;

/// Sees every try of a call before it goes out.
pub trait Rehearsal: fmt::Debug + Send + Sync {
    /// The answer in the upstream's place, which counts as success whatever it is; `None` lets the call go out.
    fn attempt(&self, call: &Call, scope: &Scope<'_>) -> Option<Response>;
}
