//! RFC 9535 paths: parsed once at load; a subset of them can be written.

use serde_json::Value;

use crate::mapping::diagnostic::TextFault;

/// A compiled path. `a.b` is short for `$.a.b`; `$` is the record itself.
#[derive(Clone, Debug)]
pub struct Path {
    /// As written.
    pub text: String,
    /// The steps, where every segment is a name, an index, an equality filter or a wildcard.
    pub steps: Option<Vec<Step>>,
    /// The parsed query, for everything else.
    pub query: jsonpath_rust::parser::model::JpQuery,
}

/// A step of the writable subset.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A member.
    Name(String),
    /// An element, from the end when negative.
    Index(i64),
    /// The elements whose members equal these literals: `[?@.kind == 'work' && @.main == 1]`.
    Where(Vec<(Vec<String>, Value)>),
    /// All elements or members.
    Every,
}

impl Path {
    /// Parses a path as a mapping's author writes it.
    ///
    /// # Errors
    /// A [`TextFault`] with the place in `text`, if it is no RFC 9535 path.
    pub fn parse(text: &str) -> Result<Self, TextFault> {
        let _ = text;
        todo!()
    }
    /// Whether `put` and `clear` work: names, indexes, equality filters (a trailing wildcard selects a list's elements).
    pub fn is_writable(&self) -> bool {
        todo!()
    }
    /// The selected nodes, in document order.
    pub fn get<'a>(&self, record: &'a Value) -> Vec<&'a Value> {
        let _ = record;
        todo!()
    }
    /// The first selected node.
    pub fn first<'a>(&self, record: &'a Value) -> Option<&'a Value> {
        let _ = record;
        todo!()
    }
    /// Writes `value`, making objects, and elements that a filter asks for, on the way.
    pub fn put(&self, record: &mut Value, value: Value) {
        let _ = (record, value);
        todo!()
    }
    /// Removes what is selected.
    pub fn clear(&self, record: &mut Value) {
        let _ = record;
        todo!()
    }
    /// Whether writing one can change what the other reads.
    pub fn overlaps(&self, other: &Path) -> bool {
        let _ = other;
        todo!()
    }
}
