//! `scim-bridge schema`: the format for editors.

use crate::cli::{FINE, output};
use crate::mapping::json_schema::json_schema;

/// Prints the JSON Schema; gives the exit code.
pub(super) fn schema() -> u8 {
    output::data(&format!("{:#}\n", json_schema()));
    FINE
}
