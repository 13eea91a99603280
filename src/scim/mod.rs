//! SCIM 2.0 (RFC 7643 and RFC 7644) and nothing else: no IO, no knowledge of mappings.
//!
//! | module | holds |
//! |---|---|
//! | [`schema`] | what attributes there are: the tables of RFC 7643, cut down to what a mapping maps |
//! | [`attribute`], [`filter`] | paths and filters: text to tree and back |
//! | [`compare`] | filter × resource, and what counts as a change |
//! | [`resource`], [`list`], [`discovery`], [`error`] | what is answered |
//! | [`body`], [`patch`], [`bulk`], [`search`], [`sort`] | what is asked: POST, PUT, PATCH, `/Bulk`, `/.search`, an order |
//! | [`precondition`] | versions, and what a request makes depend on them |
//! | [`edit`] | the changes themselves, with the clients' dialects by name |
//!
//! Resources are in *canonical spelling* everywhere behind [`body`] and [`patch`]: attribute names and URNs as the schema
//! spells them, no nulls, no empty lists, extensions nested under their URN. Clients' spelling is read tolerantly in front
//! of it, and answered strictly by the RFC.

pub mod attribute;
pub mod body;
mod bounds;
pub mod bulk;
pub mod compare;
pub mod discovery;
pub mod edit;
pub mod error;
pub mod filter;
pub mod list;
pub mod patch;
pub mod precondition;
pub mod resource;
pub mod schema;
pub mod search;
pub mod sort;

pub use attribute::AttributePath;
pub use error::{Error, ErrorType};
pub use filter::Filter;
pub use list::ListQuery;
pub use patch::{Applied, Patch};
pub use precondition::Precondition;
pub use resource::{Projection, Resource};
pub use schema::{Attribute, ResourceSchema, Schema};
pub use sort::Sort;
