//! What the bridge itself must remember: attributes that the upstream has no place for.
//!
//! A store knows tenants, resource types, ids and SCIM names, and nothing of rules or calls. It is asked through [`Store`] alone,
//! so that where values lie is decided by whoever starts the bridge: in memory here, in a file or a database elsewhere.

use std::fmt;
use std::pin::Pin;

use serde_json::{Map, Value};

mod memory;

pub use memory::Memory;

/// Whose values: the resources of one type of one tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner<'a> {
    /// The tenant's name.
    pub tenant: &'a str,
    /// The resource type's name.
    pub resource_type: &'a str,
}

/// What is kept of one resource.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    /// The values under their SCIM names, as a part of the resource; none forgets the resource.
    pub values: Map<String, Value>,
    /// What the resource can be found by: an attribute's name, and its value in the form in which it is compared.
    pub keys: Vec<(String, String)>,
}

/// Why a store did not do what was asked. The text is for the operator's log.
#[derive(Debug, thiserror::Error)]
#[error("the store failed: {0}")]
pub struct Error(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// What a store answers, later.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// A place for kept values. What `save` has answered survives whatever the store says that it survives; whoever asks waits.
pub trait Store: fmt::Debug + Send + Sync {
    /// The values of these resources, in the order of the ids; `None` for one of which nothing is kept.
    fn load<'a>(&'a self, owner: Owner<'a>, ids: &'a [String]) -> Answer<'a, Vec<Option<Map<String, Value>>>>;

    /// The ids of the resources that have this key, in a stable order, `most` of them at most.
    fn find<'a>(&'a self, owner: Owner<'a>, key: (&'a str, &'a str), most: usize) -> Answer<'a, Vec<String>>;

    /// Keeps the values of a resource in place of all that was kept of it.
    fn save<'a>(&'a self, owner: Owner<'a>, id: &'a str, kept: Kept) -> Answer<'a, ()>;
}
