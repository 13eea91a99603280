//! Calls and sources.

use toml::de::DeValue;

use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::upstream::{error_rows, form, format, page};
use crate::mapping::document::{CallDocument, SessionDocument, SourceDocument, Spanned, Text, Tree, tree};
use crate::mapping::fields::{CALL, Kind, SESSION, SOURCE};
use crate::mapping::keys::{self, Entry, Keys};
use crate::mapping::units;

/// The most calls of an operation: each is compared with every other.
const MOST_CALLS: usize = 100;

/// Reads the calls of an operation: a string, a table, or a list of tables.
pub(super) fn read_all(operation: &str, value: &Entry<'_>, found: &mut Diagnostics) -> Vec<CallDocument> {
    match value.get_ref() {
        DeValue::Array(list) => {
            if let Some(beyond) = list.get(MOST_CALLS) {
                found.add(Code::E14, beyond.span(), format!("`{operation}` has {MOST_CALLS} calls at most"));
            }
            list.iter().take(MOST_CALLS).filter_map(|element| read(operation, element, found)).collect()
        }
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Table(_) => read(operation, value, found).into_iter().collect(),
    }
}

/// Reads one call: a string or a table.
fn read(operation: &str, value: &Entry<'_>, found: &mut Diagnostics) -> Option<CallDocument> {
    match value.get_ref() {
        DeValue::String(text) => {
            let call = Spanned { span: value.span(), value: text.to_string() };
            Some(CallDocument { span: value.span(), call: Some(call), ..CallDocument::default() })
        }
        DeValue::Table(_) => Some(read_table(&Keys::of(&CALL, operation, value, found)?, found)),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Array(_) => {
            keys::mismatch(operation, &Kind::Calls.words(), value, found)
        }
    }
}

/// Reads a call that is a table.
fn read_table(keys: &Keys<'_, '_>, found: &mut Diagnostics) -> CallDocument {
    CallDocument {
        span: keys.span.clone(),
        call: keys.text("call", found),
        headers: keys.text_table("headers", found).unwrap_or_default(),
        query: keys.text_table("query", found).unwrap_or_default(),
        body: keys.value("body").and_then(|value| tree::read("body", value, found)),
        format: format(keys, found),
        form: form(keys, found),
        xml_lists: keys.texts("xml_lists", found),
        send: keys.word("send", found),
        drop: keys.texts("drop", found).unwrap_or_default(),
        add: added(keys, found),
        item: keys.text("item", found),
        items: keys.text("items", found),
        into: keys.text("into", found),
        total: keys.value("total").and_then(|value| source("total", value, found)),
        next: keys.value("next").and_then(|value| source("next", value, found)),
        page: page(keys, found),
        sort: sorted(keys, found),
        sort_order: keys.text("sort_order", found),
        unpaged: keys.boolean("unpaged", found),
        complete: keys.boolean("complete", found),
        carries: keys.texts("for", found),
        without: keys.texts("without", found).unwrap_or_default(),
        blind: keys.boolean("blind", found),
        each: keys.word("each", found),
        batch: keys.key_span("batch").zip(keys.integer("batch", found)).map(|(span, value)| Spanned { span, value }),
        join: keys.text("join", found),
        before: keys.value("before").map(|value| read_all("before", value, found)).unwrap_or_default(),
        when: keys.text("when", found),
        capture: capture(keys, found),
        undo: keys.value("undo").and_then(|value| read("undo", value, found)).map(Box::new),
        idempotent: keys.boolean("idempotent", found).map(|idempotent| idempotent.value),
        errors: error_rows(keys, found),
    }
}

/// `session`: a login, which has no use without what it captures.
pub(super) fn session(upstream: &Keys<'_, '_>, found: &mut Diagnostics) -> Option<SessionDocument> {
    let keys = Keys::of(&SESSION, "session", upstream.value("session")?, found)?;
    if keys.value("capture").is_none() {
        let finding = found.add(Code::E20, keys.span.clone(), "`capture` is missing in [upstream.session]");
        finding.help("name what the login gives: `capture = { token = \"$.access_token\" }`");
    }
    Some(SessionDocument { ttl: keys.quantity("ttl", units::duration, found), call: read_table(&keys, found) })
}

/// `add`: names and trees, in order.
fn added(keys: &Keys<'_, '_>, found: &mut Diagnostics) -> Vec<(Text, Tree)> {
    let Some(value) = keys.value("add") else { return Vec::new() };
    match value.get_ref().as_table() {
        Some(table) => tree::members(table, found),
        None => keys::mismatch("add", &Kind::Table.words(), value, found).unwrap_or_default(),
    }
}

/// `sort`: attributes, each with one word or two, in order.
fn sorted(keys: &Keys<'_, '_>, found: &mut Diagnostics) -> Vec<(Text, Vec<Text>)> {
    let Some(value) = keys.value("sort") else { return Vec::new() };
    let DeValue::Table(table) = value.get_ref() else {
        keys::mismatch::<()>("sort", &Kind::Table.words(), value, found);
        return Vec::new();
    };
    let word = |value: &Entry<'_>| {
        let word = value.get_ref().as_str()?;
        Some(Spanned { span: value.span(), value: word.to_owned() })
    };
    let mut sorted = Vec::with_capacity(table.len());
    for (key, value) in keys::entries(table) {
        let words: Option<Vec<Text>> = match value.get_ref().as_array() {
            Some(list) if list.len() == 2 => list.iter().map(word).collect(),
            Some(_) => None,
            None => word(value).map(|word| vec![word]),
        };
        match words {
            Some(words) => sorted.push((keys::key_text(key), words)),
            None => {
                keys::mismatch::<()>(key.get_ref(), "a word, or a list of two words", value, found);
            }
        }
    }
    sorted
}

/// `capture`: names and sources, in order.
fn capture(keys: &Keys<'_, '_>, found: &mut Diagnostics) -> Vec<(Text, SourceDocument)> {
    let Some(value) = keys.value("capture") else { return Vec::new() };
    let DeValue::Table(table) = value.get_ref() else {
        keys::mismatch::<()>("capture", &Kind::Table.words(), value, found);
        return Vec::new();
    };
    let mut captured = Vec::with_capacity(table.len());
    for (key, value) in keys::entries(table) {
        if let Some(source) = source(key.get_ref(), value, found) {
            captured.push((keys::key_text(key), source));
        }
    }
    captured
}

/// A source that is a call of its own: only the number of all records is worth one.
fn counted(key: &str, keys: &Keys<'_, '_>, found: &mut Diagnostics) -> Option<SourceDocument> {
    if key != "total" {
        let finding = found.add(Code::E19, keys.span.clone(), format!("`{key}` cannot come from a call of its own"));
        finding.help("only `total` may: a value of another answer is captured by the call that gives it");
        return None;
    }
    let (path, name) = (keys.text("at", found), keys.text("header", found));
    let source = match (path, name) {
        (Some(path), None) => Some(SourceDocument::Path(path)),
        (None, Some(name)) => Some(SourceDocument::Header { name, text: keys.text("text", found) }),
        (None, None) => None,
        (Some(path), Some(_)) => {
            found
                .add(Code::E19, path.span, "`at` and `header` do not go together")
                .help("the number stands in one place");
            return None;
        }
    };
    Some(SourceDocument::Call { call: keys.text("call", found)?, source: source.map(Box::new) })
}

/// A source: a path into the body, or a table with `header`.
fn source(key: &str, value: &Entry<'_>, found: &mut Diagnostics) -> Option<SourceDocument> {
    match value.get_ref() {
        DeValue::String(path) => Some(SourceDocument::Path(Spanned { span: value.span(), value: path.to_string() })),
        DeValue::Table(_) => {
            let faults = found.found.len();
            let keys = Keys::of(&SOURCE, key, value, found)?;
            if keys.value("call").is_some() {
                return counted(key, &keys, found);
            }
            if let Some(span) = keys.key_span("at") {
                found
                    .add(Code::E19, span, "`at` means nothing without `call`")
                    .help("write the path itself as a string");
            }
            let text = keys.text("text", found);
            if keys.value("header").is_none() && found.found.len() == faults {
                found.add(Code::E20, value.span(), format!("`header` is missing in the source `{key}`"));
            }
            Some(SourceDocument::Header { name: keys.text("header", found)?, text })
        }
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Array(_) => {
            keys::mismatch(key, &Kind::Source.words(), value, found)
        }
    }
}
