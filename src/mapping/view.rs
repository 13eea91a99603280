//! All rules of a type together: record to resource and back, on values.

use serde_json::Value;

use crate::mapping::rule::Rule;
use crate::scim::{self, Resource, ResourceSchema};

/// The rules of one resource type.
#[derive(Clone, Debug)]
pub struct View {
    /// The rules, in file order.
    pub rules: Vec<Rule>,
    /// The index of the `id` rule.
    pub id: usize,
    /// The schema of what is mapped: exactly the mapped attributes, with their true mutability.
    pub schema: ResourceSchema,
}

impl View {
    /// The resource that a record shows: `schemas`, all mapped attributes (also `writeOnly` ones are left out), `meta` without `location`.
    pub fn read(&self, record: &Value) -> Resource {
        let _ = record;
        todo!()
    }
    /// The record's id as SCIM shows it.
    pub fn id(&self, record: &Value) -> Option<String> {
        let _ = record;
        todo!()
    }
    /// A SCIM id in the upstream's type; `None` when no record can have it (`007`, text for an integer, empty).
    pub fn encode_id(&self, id: &str) -> Option<Value> {
        let _ = id;
        todo!()
    }
    /// Puts all writable rules of `new` into `record` (the constants, on create).
    ///
    /// # Errors
    /// 400 `invalidValue`, naming the attribute.
    pub fn build(&self, record: &mut Value, new: &Resource) -> Result<(), scim::Error> {
        let _ = (record, new);
        todo!()
    }
    /// Puts what differs between `old` and `new` into `record`; gives the indexes of the changed rules, in order.
    ///
    /// # Errors
    /// 400 `invalidValue`, naming the attribute.
    pub fn update(&self, record: &mut Value, old: &Resource, new: &Resource) -> Result<Vec<usize>, scim::Error> {
        let _ = (record, old, new);
        todo!()
    }
}
