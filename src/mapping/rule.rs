//! One SCIM attribute, one place of the record: `get` and `put`.

use serde_json::Value;

use crate::mapping::codec::Codecs;
use crate::mapping::hole::BodyTemplate;
use crate::mapping::path::Path;
use crate::mapping::source::Span;
use crate::scim::schema::{Attribute, Mutability};
use crate::scim::{self, Resource};

/// A compiled rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The left side in canonical spelling: `emails[type eq "work"].value`.
    pub name: String,
    /// Where the value stands in a resource.
    pub target: Target,
    /// Where it is read in the record; `None` for `show`.
    pub read_at: Option<Path>,
    /// Where it is written; `None` when read-only.
    pub write_at: Option<Path>,
    /// The conversions of a value, or of each element of a list.
    pub codecs: Codecs,
    /// For lists of tables: the rules of one element.
    pub each: Option<Vec<Rule>>,
    /// Used on create when the client sends nothing.
    pub default: Option<BodyTemplate>,
    /// The upstream's "no value" for this rule.
    pub unset: Value,
    /// Who may write it, after the mapping's word.
    pub mutability: Mutability,
    /// Whether the mapping's own word made it read-only while RFC 7643 lets clients write it.
    pub read_only_here: bool,
    /// Missing in POST or PUT is 400.
    pub required: bool,
    /// The characteristics of the attribute or sub-attribute.
    pub attribute: Attribute,
    /// Whether the value is a list (the rule names a multi-valued attribute without a value filter).
    pub list: bool,
    /// The place in the mapping file.
    pub span: Span,
}

/// Where a rule's value stands in a resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// The extension's URN; `None` for the core schema and common attributes.
    pub extension: Option<String>,
    /// The attribute's name as the schema spells it.
    pub name: String,
    /// For a value filter: the sub-attributes that select the element (`primary eq true` is not among them).
    pub select: Vec<(String, Value)>,
    /// The value filter holds `primary eq true`.
    pub primary: bool,
    /// The sub-attribute.
    pub sub: Option<String>,
}

impl Rule {
    /// The SCIM value that the record holds; `None` when absent, unset or not decodable.
    pub fn get(&self, record: &Value) -> Option<Value> {
        let _ = record;
        todo!()
    }
    /// Writes a SCIM value; `None` removes. Untouched when the record already reads as `value`.
    ///
    /// # Errors
    /// 400 `invalidValue` when the value cannot be encoded or would not read back.
    pub fn put(&self, record: &mut Value, value: Option<&Value>) -> Result<(), scim::Error> {
        let _ = (record, value);
        todo!()
    }
    /// The value of this rule in a resource, as `put` wants it.
    pub fn value_in(&self, resource: &Resource) -> Option<Value> {
        let _ = resource;
        todo!()
    }
    /// A single SCIM value in the upstream's form, for a filter term or an id; `None` when it cannot be one.
    pub fn encode(&self, value: &Value) -> Option<Value> {
        let _ = value;
        todo!()
    }
}
