//! JSON-like trees: `body`, `constants`, `default`.

use toml::de::{DeTable, DeValue};

use crate::mapping::diagnostic::Diagnostics;
use crate::mapping::document::{Spanned, Text, Tree};
use crate::mapping::keys::{self, Entry};

/// Reads any value; its depth is bounded by the parser.
pub(super) fn read(key: &str, value: &Entry<'_>, found: &mut Diagnostics) -> Option<Tree> {
    match value.get_ref() {
        DeValue::String(text) => Some(Tree::Text(Spanned { span: value.span(), value: text.to_string() })),
        DeValue::Array(list) => Some(Tree::List(list.iter().filter_map(|element| read(key, element, found)).collect())),
        DeValue::Table(table) => Some(Tree::Table(members(table, found))),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
            Some(Tree::Literal(keys::literal(key, value, found)?.value))
        }
    }
}

/// The members of a table, in the order of the file.
pub(super) fn members(table: &DeTable<'_>, found: &mut Diagnostics) -> Vec<(Text, Tree)> {
    let mut members = Vec::with_capacity(table.len());
    for (key, value) in keys::entries(table) {
        if let Some(tree) = read(key.get_ref(), value, found) {
            members.push((keys::key_text(key), tree));
        }
    }
    members
}
