//! What a resource type must have.

use crate::mapping::compile::TypeMapping;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::TypeDocument;
use crate::mapping::rule::Rule;

/// Asks for a way to read, and for the attributes that RFC 7643 requires.
pub(super) fn check(written: &TypeDocument, compiled: &TypeMapping, found: &mut Diagnostics) {
    let Some(name) = &written.name else { return };
    if written.list.is_empty() && written.get.is_empty() {
        let message = format!("{} has neither `list` nor `get`, so nothing of it could be read", name.value);
        found
            .add(Code::E20, name.span.clone(), message)
            .help("list = \"GET /users\" finds resources, get = \"GET /users/{id}\" reads one");
    }
    let required = match name.value.as_str() {
        "User" => "userName",
        "Group" => "displayName",
        _ => return,
    };
    let has = |rule: &Rule| rule.target.extension.is_none() && rule.target.name == required;
    if !compiled.view.rules.iter().any(has) {
        let message = format!("there is no rule for `{required}`, which a {} must have (RFC 7643 §4)", name.value);
        let help = format!("{required} = \"your_field\" below [{}.attributes]", name.value);
        found.add(Code::E35, name.span.clone(), message).help(help);
    }
}
