//! SCIM 2.0 (RFC 7643 and RFC 7644) and nothing else: no IO, no knowledge of mappings.

pub mod attribute;
pub mod body;
pub mod compare;
pub mod discovery;
pub mod edit;
pub mod error;
pub mod filter;
pub mod list;
pub mod patch;
pub mod resource;
pub mod schema;

pub use attribute::AttributePath;
pub use error::{Error, ErrorType};
pub use filter::Filter;
pub use list::ListQuery;
pub use patch::{Applied, Patch};
pub use resource::{Projection, Resource};
pub use schema::{Attribute, ResourceSchema, Schema};
