//! `[User]`, `[Group]` and the resource types of one's own.

use toml::de::DeValue;

use crate::mapping::diagnostic::Diagnostics;
use crate::mapping::document::{PutMissing, Spanned, Text, TypeDocument, calls, rules, tree};
use crate::mapping::fields::{DELETE_SET, Kind, RESOURCE_TYPE};
use crate::mapping::keys::{self, Entry, Key, Keys};
use crate::mapping::source::Source;

/// Reads a resource type.
pub(super) fn read(
    name: &Key<'_>,
    value: &Entry<'_>,
    source: &Source,
    found: &mut Diagnostics,
) -> Option<TypeDocument> {
    let keys = Keys::of(&RESOURCE_TYPE, name.get_ref(), value, found)?;
    let mut of_operation = |operation: &str| {
        keys.value(operation).map(|value| calls::read_all(operation, value, found)).unwrap_or_default()
    };
    let (list, get) = (of_operation("list"), of_operation("get"));
    let (create, update) = (of_operation("create"), of_operation("update"));
    let (delete, delete_set) = delete(&keys, source, found);
    Some(TypeDocument {
        name: Some(keys::key_text(name)),
        attributes: keys
            .value("attributes")
            .map(|value| rules::read(name.get_ref(), value, source, found))
            .unwrap_or_default(),
        list,
        get,
        create,
        update,
        delete,
        delete_set,
        key: keys.text("key", found),
        existing: keys.word("existing", found),
        unique: keys.word("unique", found),
        protect: keys.text("protect", found),
        hide: keys.text("hide", found),
        constants: constants(&keys, found),
        on_put_missing: keys.word("on_put_missing", found).map(|word| {
            let value = if word.value == "keep" { PutMissing::Keep } else { PutMissing::Clear };
            Spanned { span: word.span, value }
        }),
        schema: keys.text("schema", found),
        endpoint: keys.text("endpoint", found),
    })
}

/// Where a type is first named.
pub(super) fn start(document: &TypeDocument) -> usize {
    document.name.as_ref().map_or(0, |name| name.span.start)
}

/// `delete`: calls, or a table with `set`.
fn delete(
    keys: &Keys<'_, '_>,
    source: &Source,
    found: &mut Diagnostics,
) -> (Vec<super::CallDocument>, Vec<(Text, Spanned<serde_json::Value>)>) {
    let Some(value) = keys.value("delete") else { return (Vec::new(), Vec::new()) };
    match value.get_ref() {
        DeValue::Table(table) if table.contains_key("set") => {
            let set = Keys::of(&DELETE_SET, "delete", value, found).and_then(|keys| keys.value("set"));
            (Vec::new(), set.map(|set| rules::literals("set", set, source, found)).unwrap_or_default())
        }
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Array(_)
        | DeValue::Table(_) => (calls::read_all("delete", value, found), Vec::new()),
    }
}

/// `constants`.
fn constants(keys: &Keys<'_, '_>, found: &mut Diagnostics) -> Vec<(Text, super::Tree)> {
    let Some(value) = keys.value("constants") else { return Vec::new() };
    match value.get_ref().as_table() {
        Some(table) => tree::members(table, found),
        None => keys::mismatch("constants", &Kind::Table.words(), value, found).unwrap_or_default(),
    }
}
