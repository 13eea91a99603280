//! Keys that do not go together, and calls that can never be chosen.

use crate::mapping::call::{Call, FilterHole, Purpose};
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{CallDocument, SourceDocument};
use crate::mapping::source::Span;

/// Reports the keys that mean nothing in a call of this purpose.
pub(super) fn check(call: &CallDocument, purpose: Purpose, found: &mut Diagnostics) {
    for (key, span, fits, where_it_fits) in keys(call, purpose) {
        if let Some(span) = span.filter(|_| !fits) {
            let operation = operation(purpose);
            let finding = found.add(Code::E19, span, format!("`{key}` means nothing in {operation}"));
            finding.help(format!("`{key}` belongs to {where_it_fits}"));
        }
    }
    if matches!(purpose, Purpose::Add | Purpose::Remove) && call.carries.is_none() {
        let span = call.each.as_ref().map_or(call.span.clone(), |each| each.span.clone());
        found.add(Code::E19, span, "`each` needs one list attribute in `for`").help("write `for = [\"members\"]`");
    }
    elements(call, purpose, found);
    if purpose == Purpose::List && call.items.is_none() {
        let finding = found.add(Code::E20, call.span.clone(), "a list call needs `items`");
        finding.help("say where the list is in the answer: `items = \"$.users[*]\"`, or `items = \"$[*]\"`");
    }
}

/// The keys that not every call takes: where they stand, whether one of this purpose does, and which calls do.
fn keys(call: &CallDocument, purpose: Purpose) -> [(&'static str, Option<Span>, bool, &'static str); 16] {
    use Purpose::{Add, Change, Create, Delete, Get, List, Part, Remove, Update};
    let reads = matches!(purpose, List | Get | Part);
    let changes = matches!(purpose, Update | Add | Remove | Change);
    [
        ("items", call.items.as_ref().map(|text| text.span.clone()), reads, "list and get calls"),
        ("into", call.into.as_ref().map(|text| text.span.clone()), matches!(purpose, Get | Part), "get calls"),
        ("total", call.total.as_ref().map(place), reads, "list and get calls"),
        ("next", call.next.as_ref().map(place), reads, "list and get calls"),
        ("sort", call.sort.first().map(|(name, _)| name.span.clone()), purpose == List, "list calls"),
        ("sort_order", call.sort_order.as_ref().map(|text| text.span.clone()), purpose == List, "list calls"),
        ("unpaged", call.unpaged.as_ref().map(|unpaged| unpaged.span.clone()), purpose == List, "list calls"),
        ("complete", call.complete.as_ref().map(|complete| complete.span.clone()), purpose == List, "list calls"),
        (
            "for",
            call.carries.as_ref().map(|names| names.first().map_or(call.span.clone(), |name| name.span.clone())),
            changes,
            "update calls",
        ),
        (
            "without",
            call.without.first().map(|name| name.span.clone()),
            changes || purpose == Create,
            "create and update calls",
        ),
        ("each", call.each.as_ref().map(|text| text.span.clone()), changes, "update calls"),
        (
            "send",
            call.send.as_ref().map(|text| text.span.clone()),
            changes || purpose == Create,
            "create and update calls",
        ),
        (
            "drop",
            call.drop.first().map(|text| text.span.clone()),
            changes || purpose == Create,
            "create and update calls",
        ),
        (
            "add",
            call.add.first().map(|(name, _)| name.span.clone()),
            matches!(purpose, Create | Update),
            "create calls and update calls without `each`",
        ),
        (
            "blind",
            call.blind.as_ref().map(|blind| blind.span.clone()),
            purpose == Update,
            "update calls without `each`",
        ),
        (
            "undo",
            call.undo.as_ref().map(|undo| undo.span.clone()),
            changes || matches!(purpose, Create | Delete),
            "calls that write",
        ),
    ]
}

/// The keys that go with runs over elements: `batch`, `join`, `before`.
fn elements(call: &CallDocument, purpose: Purpose, found: &mut Diagnostics) {
    let over_elements = matches!(purpose, Purpose::Add | Purpose::Remove);
    let (batch, join) = (call.batch.as_ref(), call.join.as_ref());
    let before = call.before.first().map(|before| before.span.clone());
    let keys = [
        ("batch", batch.map(|batch| batch.span.clone())),
        ("join", join.map(|join| join.span.clone())),
        ("before", before.clone()),
    ];
    for (key, span) in keys {
        if let Some(span) = span.filter(|_| !over_elements) {
            let finding =
                found.add(Code::E19, span, format!("`{key}` needs `each = \"added\"` or `each = \"removed\"`"));
            finding.help("write `for = [\"members\"]` and `each`");
        }
    }
    if let Some(join) = join.filter(|_| over_elements && batch.is_none_or(|batch| batch.value < 2)) {
        let finding = found.add(Code::E19, join.span.clone(), "`join` needs `batch`: there is one element else");
        finding.help("write `batch = 100`");
    }
    if let (Some(span), Some(_)) = (before, batch.filter(|batch| over_elements && batch.value > 1)) {
        let finding = found.add(Code::E19, span, "`before` does not go with `batch`");
        finding.note("it looks up one element, and captures what the call for it needs").help("remove `batch`");
    }
    if let Some(batch) = batch.filter(|batch| batch.value == 0) {
        found.add(Code::E14, batch.span.clone(), "`batch` is 1 or more");
    }
    for before in call.before.iter().filter(|before| over_elements && before.capture.is_empty()) {
        let finding = found.add(Code::E19, before.span.clone(), "a call in `before` must capture something");
        finding.help("write `capture = { membership = \"$.id\" }`, and use `{got.membership}`");
    }
}

fn place(source: &SourceDocument) -> Span {
    match source {
        SourceDocument::Path(text) => text.span.clone(),
        SourceDocument::Header { name, .. } => name.span.clone(),
        SourceDocument::Call { call, .. } => call.span.clone(),
    }
}

fn operation(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::List => "a list call",
        Purpose::Get => "a get call",
        Purpose::Part => "a get call with `into`",
        Purpose::Create => "a create call",
        Purpose::Update => "an update call",
        Purpose::Add | Purpose::Remove | Purpose::Change => "an update call with `each`",
        Purpose::Before => "a call in `before`",
        Purpose::Delete => "a delete call",
        Purpose::Undo => "an `undo`",
        Purpose::Login => "a login",
    }
}

/// Warns of list calls behind which an earlier one is usable whenever they are, with as many filter terms.
pub(super) fn warn_of_unreachable(documents: &[CallDocument], calls: &[Call], found: &mut Diagnostics) {
    for (index, call) in calls.iter().enumerate() {
        if calls[..index].iter().any(|earlier| shadows(earlier, call)) {
            let finding = found.add(Code::W29, documents[index].span.clone(), "this list call can never be chosen");
            finding.note("an earlier one can answer every filter that this one can");
            finding.help("put it first, or give it a filter hole that the others do not have");
        }
    }
}

fn shadows(earlier: &Call, later: &Call) -> bool {
    let has = |filters: &[FilterHole], wanted: &FilterHole| {
        filters
            .iter()
            .any(|hole| hole.operator == wanted.operator && hole.attribute.eq_ignore_ascii_case(&wanted.attribute))
    };
    let required: Vec<_> = later.filters.iter().filter(|hole| !hole.optional).cloned().collect();
    if earlier.reads.sort || !later.sorts.is_empty() {
        return false;
    }
    let usable = earlier.filters.iter().all(|hole| hole.optional || has(&required, hole));
    usable && later.filters.iter().all(|hole| has(&earlier.filters, hole))
}
