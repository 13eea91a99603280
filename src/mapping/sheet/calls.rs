//! What SCIM operations do to the API: calls, searches, the meaning of refusals.

use std::fmt::Write as _;

use crate::mapping::compile::{Mapping, TypeMapping};
use crate::mapping::document::{CallDocument, Document, TypeDocument};
use crate::mapping::sheet::{code, words};

/// The calls of each operation.
pub(super) fn operations(document: &Document, written: &TypeDocument, text: &mut String) {
    text.push_str("\n### Operations\n\n");
    let operations = [
        ("List and search", &written.list),
        ("Read", &written.get),
        ("Create", &written.create),
        ("Change", &written.update),
        ("Delete", &written.delete),
    ];
    for (operation, calls) in operations {
        for (index, call) in calls.iter().enumerate() {
            let name = if index == 0 { format!("- **{operation}**: ") } else { "  - then ".to_owned() };
            let name = if index > 0 && operation == "List and search" { "  - or ".to_owned() } else { name };
            let _ = writeln!(text, "{name}{}{}", line(document, call), circumstances(call));
        }
    }
    if !written.delete_set.is_empty() {
        let set = written
            .delete_set
            .iter()
            .map(|(name, value)| format!("{} is set to {}", code(&name.value), code(&value.value.to_string())));
        let _ = writeln!(text, "- **Delete**: {}", set.collect::<Vec<_>>().join(", "));
    }
}

/// The request: `GET /users/{id}`, or what an API with one endpoint is sent.
fn line(document: &Document, call: &CallDocument) -> String {
    let own = call.call.as_ref().map(|call| code(&call.value));
    let general = || document.upstream.call.as_ref().map_or_else(String::new, |call| code(&call.value));
    match (own, &call.body) {
        (Some(own), _) => own,
        (None, Some(body)) => format!("{} with {}", general(), code(&words::json(body).to_string())),
        (None, None) => general(),
    }
}

/// When a call runs and what it is for.
fn circumstances(call: &CallDocument) -> String {
    let names = |names: &[crate::mapping::document::Text]| {
        names.iter().map(|name| code(&name.value)).collect::<Vec<_>>().join(", ")
    };
    let mut words = Vec::new();
    words.extend(call.carries.as_ref().map(|carried| format!("for {}", names(carried))));
    words.extend((!call.without.is_empty()).then(|| format!("without {}", names(&call.without))));
    words.extend(call.each.as_ref().map(|each| runs(each.value.as_str(), call)));
    words.extend(
        call.before.iter().filter_map(|before| before.call.as_ref()).map(|line| format!("after {}", code(&line.value))),
    );
    words.extend(call.when.as_ref().map(|when| format!("when {}", code(&when.value))));
    words.extend(call.into.as_ref().map(|into| format!("for the part {}", code(&into.value))));
    if call.complete.as_ref().is_some_and(|complete| !complete.value) {
        words.push("each record is read by itself".to_owned());
    }
    words.extend(
        call.undo
            .as_ref()
            .and_then(|undo| undo.call.as_ref())
            .map(|undo| format!("taken back by {}", code(&undo.value))),
    );
    if words.is_empty() { String::new() } else { format!(" ({})", words.join("; ")) }
}

/// What each run of a call with `each` is for.
fn runs(each: &str, call: &CallDocument) -> String {
    match (each, call.batch.as_ref().map_or(1, |batch| batch.value)) {
        ("changed", _) => "once for each changed attribute".to_owned(),
        (each, 0 | 1) => format!("once for each element {each}"),
        (each, size) => format!("once for up to {size} elements {each}"),
    }
}

/// Which filters the API answers, and what becomes of the others.
pub(super) fn filters(kind: &TypeMapping, mapping: &Mapping, text: &mut String) {
    if kind.list.is_empty() {
        return;
    }
    let mut searched: Vec<String> = Vec::new();
    for hole in kind.list.iter().flat_map(|call| &call.filters) {
        let term = format!("`{} {}`", hole.attribute, hole.operator.as_str());
        if !searched.contains(&term) {
            searched.push(term);
        }
    }
    text.push_str("\n### Filters\n\n");
    if !searched.is_empty() {
        let _ = writeln!(text, "- Searched by the API: {}", searched.join(", "));
    }
    let sorted: Vec<String> =
        kind.list.iter().flat_map(|call| &call.sorts).map(|row| format!("`{}`", row.by)).collect();
    if !sorted.is_empty() {
        let _ = writeln!(text, "- Sorted by the API: {}", sorted.join(", "));
    }
    let lists_all = kind.list.iter().any(crate::mapping::Call::is_plain);
    let others = match (lists_all, mapping.upstream.limits.scan) {
        (true, scan) if scan > 0 => format!("answered by the bridge from up to {scan} records"),
        (true | false, _) => "refused with `invalidFilter`".to_owned(),
    };
    let _ = writeln!(text, "- All others: {others}");
}

/// What the API's refusals mean.
pub(super) fn refusals(document: &Document, text: &mut String) {
    if document.upstream.errors.is_empty() {
        return;
    }
    text.push_str("\n## Refusals of the API\n\n| when | the client gets | its text |\n| --- | --- | --- |\n");
    for row in &document.upstream.errors {
        let text_of = |text: &Option<crate::mapping::document::Text>| {
            text.as_ref().map(|text| code(&text.value)).unwrap_or_default()
        };
        let _ = writeln!(text, "| {} | {} | {} |", text_of(&row.when), text_of(&row.then), text_of(&row.detail));
    }
}
