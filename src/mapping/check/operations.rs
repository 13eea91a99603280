//! What a resource type must have.

use crate::mapping::compile::TypeMapping;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::TypeDocument;
use crate::mapping::rule::Rule;
use crate::scim::schema::Mutability;

/// Asks for a way to read, for the attributes that RFC 7643 requires, and for an id that stays.
pub(super) fn check(written: &TypeDocument, compiled: &TypeMapping, found: &mut Diagnostics) {
    let Some(name) = &written.name else { return };
    if written.list.is_empty() && written.get.is_empty() {
        let message = format!("{} has neither `list` nor `get`, so nothing of it could be read", name.value);
        found
            .add(Code::E20, name.span.clone(), message)
            .help("list = \"GET /users\" finds resources, get = \"GET /users/{id}\" reads one");
    }
    let required = if name.value == "User" { "userName" } else { "displayName" };
    let has = |rule: &Rule| rule.target.extension.is_none() && rule.target.name == required;
    if !compiled.view.rules.iter().any(has) {
        let message = format!("there is no rule for `{required}`, which a {} must have (RFC 7643 §4)", name.value);
        let help = format!("{required} = \"your_field\" below [{}.attributes]", name.value);
        found.add(Code::E35, name.span.clone(), message).help(help);
    }
    stable_id(compiled, found);
}

/// Reports attributes whose change would change the id (RFC 7643 §3.1: an id is stable).
fn stable_id(compiled: &TypeMapping, found: &mut Diagnostics) {
    let id = &compiled.view.rules[compiled.view.id];
    let Some(place) = &id.read_at else { return };
    for (index, rule) in compiled.view.rules.iter().enumerate() {
        let changes = matches!(rule.mutability, Mutability::ReadWrite | Mutability::WriteOnly);
        let Some(write_at) = rule.write_at.as_ref().filter(|_| changes && index != compiled.view.id) else { continue };
        if write_at.overlaps(place) {
            let message = format!("`id` would change when `{}` changes: both are `{}`", rule.name, write_at.text);
            found
                .add(Code::E07, rule.span.clone(), message)
                .note("SCIM ids are stable (RFC 7643 §3.1)")
                .help(format!("{} = {{ at = \"{}\", mutability = \"immutable\" }}", rule.name, write_at.text));
        }
    }
}
