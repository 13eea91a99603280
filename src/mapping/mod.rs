//! Mapping text to a compiled [`Mapping`], and values from one side to the other. No IO, no clock, no async.

pub mod call;
pub mod check;
pub mod codec;
pub mod compile;
pub mod condition;
pub mod diagnostic;
pub mod document;
pub mod equality;
pub mod fields;
pub mod found;
pub mod hole;
pub mod json_schema;
pub mod keys;
pub mod name;
pub mod path;
pub mod query;
pub mod read;
pub mod reference;
pub mod rule;
pub mod scope;
pub mod sheet;
pub mod slot;
pub mod source;
pub mod units;
pub mod view;
pub mod write;
pub mod xml;

pub use call::Call;
pub use compile::{Mapping, TypeMapping};
pub use diagnostic::{Code, Diagnostic, Diagnostics};
pub use rule::Rule;
pub use view::View;
