//! SCIM filters (RFC 7644 §3.4.2.2): one tree for top-level filters and value filters.

use serde_json::Value;

use crate::scim::AttributePath;

/// A parsed filter. `And` and `Or` are flat lists of two or more terms.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Every term holds.
    And(Vec<Filter>),
    /// At least one term holds.
    Or(Vec<Filter>),
    /// The term does not hold.
    Not(Box<Filter>),
    /// `path op literal`; the literal is a string, number, boolean or null.
    Compare(AttributePath, Operator, Value),
    /// `path pr`.
    Present(AttributePath),
    /// `path[filter]`: some element of the multi-valued attribute satisfies the filter.
    Element(AttributePath, Box<Filter>),
}

/// A comparison operator (RFC 7644 table 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// equal
    Eq,
    /// not equal
    Ne,
    /// contains
    Co,
    /// starts with
    Sw,
    /// ends with
    Ew,
    /// greater than
    Gt,
    /// greater or equal
    Ge,
    /// less than
    Lt,
    /// less or equal
    Le,
}
