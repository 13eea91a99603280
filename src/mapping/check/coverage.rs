//! Whether every attribute that clients may write reaches the upstream.

use crate::mapping::Call;
use crate::mapping::compile::TypeMapping;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{CallDocument, TypeDocument};
use crate::mapping::rule::Rule;
use crate::mapping::source::Source;
use crate::scim::schema::Mutability;

/// Reports attributes that no call carries. A type without create and update is read-only, and says so by 501.
pub(super) fn check(source: &Source, written: &TypeDocument, compiled: &TypeMapping, found: &mut Diagnostics) {
    let Some(name) = &written.name else { return };
    let carries = |calls: &[Call], index: usize| calls.iter().any(|call| call.carries.contains(&index));
    for (index, rule) in compiled.view.rules.iter().enumerate() {
        if !is_writable(rule) || index == compiled.view.id {
            continue;
        }
        let created = carries(&compiled.create, index);
        let updated = carries(&compiled.update, index);
        let writes = !written.create.is_empty() || !written.update.is_empty();
        let never_sent = writes && !created && !updated;
        let changes = matches!(rule.mutability, Mutability::ReadWrite | Mutability::WriteOnly);
        let never_changed = changes && !updated && !written.update.is_empty();
        let message = if never_sent {
            format!("nothing sends `{}` to the upstream", rule.name)
        } else if never_changed {
            format!("nothing sends a change of `{}` to the upstream", rule.name)
        } else {
            continue;
        };
        let operation = if written.update.is_empty() { "create" } else { "update" };
        let (documents, calls) = if written.update.is_empty() {
            (&written.create, &compiled.create)
        } else {
            (&written.update, &compiled.update)
        };
        let carrying = carried(source, documents, calls, compiled);
        let general = if calls.iter().any(|call| !call.specific) { "" } else { "; no call without `for` exists" };
        let immutable = if changes { "immutable or " } else { "" };
        found
            .add(Code::E06, rule.span.clone(), message)
            .note(format!("{}.{operation} calls carry: {carrying}{general}", name.value))
            .help(format!("add a general {operation} call, or make `{}` {immutable}read-only", rule.name));
    }
}

/// Whether a client's value has to be sent somewhere.
fn is_writable(rule: &Rule) -> bool {
    match rule.mutability {
        Mutability::ReadWrite | Mutability::Immutable | Mutability::WriteOnly => {
            rule.read_at.is_some() || rule.write_at.is_some()
        }
        Mutability::ReadOnly => false,
    }
}

/// `active (line 52, 58), password (line 64)`: what the calls of an operation carry.
fn carried(source: &Source, documents: &[CallDocument], calls: &[Call], compiled: &TypeMapping) -> String {
    let mut texts = Vec::new();
    for (index, rule) in compiled.view.rules.iter().enumerate() {
        let carriers = documents.iter().zip(calls).filter(|(_, call)| call.carries.contains(&index));
        let lines: Vec<String> =
            carriers.map(|(document, _)| source.place(document.span.start).line.to_string()).collect();
        if !lines.is_empty() {
            texts.push(format!("{} (line {})", rule.name, lines.join(", ")));
        }
    }
    if texts.is_empty() { "nothing".to_owned() } else { texts.join(", ") }
}
