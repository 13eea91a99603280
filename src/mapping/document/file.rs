//! The file as a whole: its version, the upstream, the resource types.

use toml::de::{DeTable, DeValue};

use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::Document;
use crate::mapping::fields::{MAPPING, UPSTREAM};
use crate::mapping::keys::{self, Entry, Key, Keys};
use crate::mapping::name::nearest;
use crate::mapping::source::Source;

/// The format version that this program reads.
const VERSION: &str = "1";

impl Document {
    /// Reads a mapping file; what is faulty is reported and left out. `None` where the file is not TOML.
    pub fn read(source: &Source, found: &mut Diagnostics) -> Option<Self> {
        let table = keys::parse(source, found)?;
        check_version(&table, found);
        let mut document = Self::default();
        for (key, value) in keys::entries(&table) {
            match key.get_ref().as_ref() {
                "scim_bridge" => {}
                "upstream" => {
                    if let Some(keys) = Keys::of(&UPSTREAM, "upstream", value, found) {
                        document.upstream = super::upstream::read(&keys, found);
                    }
                }
                name if is_type(name, value) => document.types.extend(super::types::read(key, value, source, found)),
                _ => unknown_table(key, value, found),
            }
        }
        // Sub tables may stand before the header of their type: `[User.attributes]`, then `[User]`.
        document.types.sort_by_key(super::types::start);
        if document.types.is_empty() && !found.has_errors() {
            found.add(Code::E20, 0..0, "there is no resource type").help("begin with [User.attributes]");
        }
        Some(document)
    }
}

/// Reports a version that is missing or not this program's.
fn check_version(table: &DeTable<'_>, found: &mut Diagnostics) {
    let help = format!("the first line of every mapping is: scim_bridge = {VERSION}");
    let Some((key, value)) = keys::entries(table).into_iter().find(|(key, _)| key.get_ref() == "scim_bridge") else {
        found.add(Code::E26, 0..0, "the format version is missing").help(help);
        return;
    };
    match value.get_ref() {
        DeValue::Integer(number) if number.radix() == 10 && number.as_str() == VERSION => {}
        DeValue::Integer(_) => {
            let message = format!("this program reads format version {VERSION} only");
            found.add(Code::E26, value.span(), message);
            return;
        }
        DeValue::String(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Array(_)
        | DeValue::Table(_) => {
            found.add(Code::E26, value.span(), "the format version is a whole number").help(help);
            return;
        }
    }
    let is_first = keys::entries(table).first().is_some_and(|(first, _)| first.span() == key.span());
    if !is_first {
        found.add(Code::E26, key.span(), "the format version does not stand first").help(help);
    }
}

/// Whether a table is a resource type: one of RFC 7643, or one of the author's own, which says its schema or at least is not
/// called almost like something that the format knows.
fn is_type(name: &str, value: &Entry<'_>) -> bool {
    let Some(table) = value.get_ref().as_table() else { return MAPPING.field(name).is_some() };
    let near = || nearest(name, MAPPING.fields.iter().map(|field| field.key)).is_some();
    MAPPING.field(name).is_some()
        || is_type_name(name) && (table.contains_key("schema") || table.contains_key("endpoint") || !near())
}

/// Whether this can be the name of a resource type: letters and digits, and a capital first.
fn is_type_name(name: &str) -> bool {
    name.starts_with(|letter: char| letter.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Reports a table or key of the top level that the format does not know.
fn unknown_table(key: &Key<'_>, value: &Entry<'_>, found: &mut Diagnostics) {
    let name = key.get_ref().as_ref();
    let near = nearest(name, MAPPING.fields.iter().map(|field| field.key));
    keys::unknown_key(&keys::key_text(key), MAPPING.name, near, found);
    if let Some(finding) = found.found.last_mut().filter(|_| near.is_none() && value.get_ref().is_table()) {
        finding.help("the name of a resource type is letters and digits, and begins with a capital: [Device]");
    }
}
