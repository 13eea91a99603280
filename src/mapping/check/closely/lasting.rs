//! What cannot be taken back or found again: users who are removed for good, creates whose id nobody learns.

use crate::mapping::call::Call;
use crate::mapping::compile::TypeMapping;
use crate::mapping::compile::policy::{Existing, can_be_found};
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::TypeDocument;

/// Looks at one resource type; at what may be meant too where the check is `strict`.
pub(super) fn check(written: &TypeDocument, compiled: &TypeMapping, strict: bool, found: &mut Diagnostics) {
    learned(written, compiled, found);
    if strict || compiled.policies.existing == Existing::Revive {
        removed(written, compiled, found);
    }
}

/// Warns of a create that leaves nothing to find the new resource by.
fn learned(written: &TypeDocument, compiled: &TypeMapping, found: &mut Diagnostics) {
    let captures = |call: &Call| call.capture.iter().any(|(name, _)| name == "id");
    let told = compiled.create.iter().any(captures) || written.create.iter().any(|call| call.item.is_some());
    let Some(first) = written.create.first().filter(|_| !told) else { return };
    // Of what was just made nothing is kept yet.
    let key = compiled.key.and_then(|index| compiled.view.rules.get(index)).filter(|key| !key.is_kept());
    if key.is_some_and(|key| can_be_found(key, &compiled.view, (&compiled.list, &compiled.get))) {
        return;
    }
    let help = match key {
        Some(key) => format!(
            "say where the answer has it: capture = {{ id = \"$.id\" }}; or add a list call with {{filter.{}}}",
            key.name
        ),
        None => "say where the answer has it: capture = { id = \"$.id\" }".to_owned(),
    };
    found
        .add(
            Code::W93,
            first.span.clone(),
            "nothing finds a new resource whose id the answer to this call does not tell",
        )
        .note("an answer that is late or empty leaves the bridge without the id, and no call looks for the resource")
        .help(help);
}

/// Warns of a DELETE that takes away what could be disabled.
fn removed(written: &TypeDocument, compiled: &TypeMapping, found: &mut Diagnostics) {
    let can_be_disabled = compiled.view.rules.iter().any(|rule| rule.name == "active" && rule.is_writable());
    let Some(delete) = written.delete.first().filter(|_| can_be_disabled && !written.update.is_empty()) else { return };
    // What is hidden is still there.
    if compiled.policies.hide.is_some() {
        return;
    }
    let reason = if compiled.policies.existing == Existing::Revive {
        "`existing = \"revive\"` finds nobody again who was removed"
    } else {
        "identity providers send DELETE for people who may come back"
    };
    found
        .add(Code::W92, delete.span.clone(), "DELETE removes for good who could be disabled")
        .note(reason)
        .help("delete = { set = { active = false } }");
}
