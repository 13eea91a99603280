//! The message of a PATCH that gives simple attributes values.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Odd;
use super::body::{Body, Members};
use crate::scim::patch::PATCH_SCHEMA;

/// Operations of one message that are looked at; longer ones are for values.
const MOST_OPERATIONS: usize = 16;

/// The message, with exactly the names that RFC 7644 gives.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message<'b> {
    #[serde(borrow)]
    schemas: Vec<&'b str>,
    #[serde(borrow, rename = "Operations")]
    operations: Vec<Operation<'b>>,
}

/// One operation.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Operation<'b> {
    op: &'b str,
    #[serde(borrow)]
    path: Option<&'b str>,
    #[serde(borrow)]
    value: &'b RawValue,
}

/// The values that a message gives, the last one of each attribute.
pub(super) fn read<'b>(text: &'b str, members: &'b Members) -> Result<Body<'b>, Odd> {
    let message: Message<'b> = serde_json::from_str(text).map_err(|_| Odd)?;
    let is_patch = message.schemas.iter().any(|urn| urn.eq_ignore_ascii_case(PATCH_SCHEMA));
    if !is_patch || message.operations.is_empty() || message.operations.len() > MOST_OPERATIONS {
        return Err(Odd);
    }
    let mut body = members.nothing();
    for Operation { op, path, value } in message.operations {
        // For a value, to add and to replace are the same.
        if !(op.eq_ignore_ascii_case("replace") || op.eq_ignore_ascii_case("add")) {
            return Err(Odd);
        }
        match path.filter(|path| !path.is_empty()) {
            Some(path) => members.set(path, value.get(), &mut body)?,
            None => members.fill(value.get(), &mut body)?,
        }
    }
    if body.is_more { Err(Odd) } else { Ok(body) }
}
