//! A SCIM resource in its JSON form, and the choice of attributes to return.

use serde_json::{Map, Value};

/// A resource's JSON members, in order; extensions are nested under their URN.
pub type Resource = Map<String, Value>;

/// Which attributes an answer holds (`attributes`, `excludedAttributes`; RFC 7644 §3.9).
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Projection {
    /// All that are returned by default.
    #[default]
    Default,
    /// Only these, and those that are always returned.
    Only(Vec<crate::scim::AttributePath>),
    /// All but these; those always returned stay.
    Without(Vec<crate::scim::AttributePath>),
}
