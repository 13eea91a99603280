//! Who sees what the planner decided.

use std::fmt;

use crate::bridge::plan::Step;
use crate::bridge::work::Work;
use crate::mapping::{Call, TypeMapping};
use crate::scim::Resource;

/// Sees every plan before its calls go out.
pub trait Witness: fmt::Debug + Send + Sync {
    /// A change was planned; perhaps to no call at all.
    fn planned(&self, planned: &Planned<'_>);
}

/// A plan, and what it is for.
#[derive(Debug)]
pub struct Planned<'a> {
    /// The resource type.
    pub mapping: &'a TypeMapping,
    /// The resource as it is.
    pub old: &'a Resource,
    /// The resource as it shall be.
    pub new: &'a Resource,
    /// The indexes of the changed rules.
    pub changed: &'a [usize],
    /// The calls to make, in order.
    pub calls: Vec<&'a Call>,
}

impl Work<'_> {
    /// Tells the bridge's witness, if there is one.
    pub(crate) fn tell_planned(&self, (old, new): (&Resource, &Resource), changed: &[usize], steps: &[Step<'_>]) {
        if let Some(witness) = &self.bridge.witness {
            let calls = steps.iter().map(|step| step.call).collect();
            witness.planned(&Planned { mapping: &self.kind.mapping, old, new, changed, calls });
        }
    }
}
