//! Rules: namespaces flattened, so that each rule has its whole left side.

use serde_json::Value;
use toml::de::{DeTable, DeValue};

use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{BitRow, MapRow, OwnDocument, RuleDocument, Spanned, Text, tree};
use crate::mapping::fields::{Kind, OWN, RESOURCE_TYPE, RULE};
use crate::mapping::keys::{self, Entry, Key, Keys};
use crate::mapping::source::{Source, Span};
use crate::scim::ResourceSchema;

/// The most rules of a resource type: each is compared with every other.
const MOST_RULES: usize = 300;

/// The keys that make a table a rule; none is a sub-attribute of RFC 7643.
const RULE_MARKS: [&str; 6] = ["at", "read_at", "write_at", "show", "inverse", "kept"];

/// The operations of a type.
const OPERATIONS: [&str; 5] = ["list", "get", "create", "update", "delete"];

/// Reads `[User.attributes]`.
pub(super) fn read(type_name: &str, value: &Entry<'_>, source: &Source, found: &mut Diagnostics) -> Vec<RuleDocument> {
    let Some(table) = value.get_ref().as_table() else {
        return keys::mismatch("attributes", &Kind::Table.words(), value, found).unwrap_or_default();
    };
    let header = Header { type_name, line: source.place(value.span().start).line };
    let mut rules = Vec::with_capacity(table.len());
    for (key, value) in keys::entries(table) {
        if header.admits(key, value, found) {
            read_entry(left(None, key, source), value, source, &mut rules, found);
        }
    }
    rules.sort_by_key(|rule: &RuleDocument| rule.span.start);
    if let Some(beyond) = rules.get(MOST_RULES) {
        found.add(Code::E14, beyond.span.clone(), format!("a resource type has {MOST_RULES} rules at most"));
        rules.truncate(MOST_RULES);
    }
    rules
}

/// The header that attributes stand below, to explain a key that does not belong there.
struct Header<'h> {
    type_name: &'h str,
    line: usize,
}

impl Header<'_> {
    /// Reports a key of the type that stands among its attributes.
    fn admits(&self, key: &Key<'_>, value: &Entry<'_>, found: &mut Diagnostics) -> bool {
        let name = key.get_ref().as_ref();
        let is_operation = OPERATIONS.contains(&name);
        let Self { type_name, line } = self;
        // An attribute of one's own may be called `key` or `schema`; a rule in a table is taken for that.
        let is_rule = || is_rule(value) && ResourceSchema::standard(type_name).is_none();
        if !is_operation && RESOURCE_TYPE.field(name).is_none() || is_rule() {
            return true;
        }
        let what = if is_operation { "an operation" } else { "a key of the type" };
        let header = if is_operation { format!("[{type_name}.{name}]") } else { format!("[{type_name}]") };
        found
            .add(Code::E05, key.span(), format!("`{name}` is {what}, not a SCIM attribute"))
            .note(format!("in TOML a key belongs to the last header above it, here [{type_name}.attributes]"))
            .help(format!("move it above line {line}, or write {header}"));
        false
    }
}

/// Whether a value is a table that is a rule.
fn is_rule(value: &Entry<'_>) -> bool {
    value.get_ref().as_table().is_some_and(|table| RULE_MARKS.iter().any(|mark| table.contains_key(*mark)))
}

/// Reads a rule, or the rules below a namespace.
fn read_entry(left: Text, value: &Entry<'_>, source: &Source, rules: &mut Vec<RuleDocument>, found: &mut Diagnostics) {
    match value.get_ref() {
        DeValue::String(path) => {
            let at = Spanned { span: value.span(), value: path.to_string() };
            let span = left.span.start..value.span().end.max(left.span.end);
            rules.push(RuleDocument { left: Some(left), span, at: Some(at), ..RuleDocument::default() });
        }
        DeValue::Table(table) if is_rule(value) => {
            let keys = Keys::open(&RULE, value.span(), table, found);
            rules.push(read_rule(left, &keys, source, found));
        }
        DeValue::Table(table) => {
            if let Some(span) = rule_without_place(table) {
                found
                    .add(Code::E20, span, format!("the rule for `{}` has no `at`", left.value))
                    .help("a rule says where your value is: { at = \"your_field\" }");
                return;
            }
            for (key, value) in keys::entries(table) {
                read_entry(self::left(Some(&left), key, source), value, source, rules, found);
            }
        }
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Array(_) => {
            keys::mismatch::<()>(&left.value, "your path in a string, or a rule in a table", value, found);
        }
    }
}

/// The place of a key that only a rule has, in a table that lacks what makes it one.
fn rule_without_place(table: &DeTable<'_>) -> Option<Span> {
    // `type` alone may be the sub-attribute, as in `emails.type`.
    let only_a_rule_has = |name: &str| name != "type" && RULE.field(name).is_some();
    keys::entries(table).into_iter().map(|(key, _)| key).find(|key| only_a_rule_has(key.get_ref())).map(Key::span)
}

/// Reads a rule that is a table.
fn read_rule(left: Text, keys: &Keys<'_, '_>, source: &Source, found: &mut Diagnostics) -> RuleDocument {
    let (map, map_else) = map(keys, found);
    RuleDocument {
        span: left.span.start..keys.span.end.max(left.span.end),
        left: Some(left),
        at: keys.text("at", found),
        read_at: keys.text("read_at", found),
        write_at: keys.text("write_at", found),
        kind: keys.word("type", found),
        map,
        map_else,
        time: keys.text("time", found),
        text: keys.text("text", found),
        scim_text: keys.text("scim_text", found),
        replace: keys.value("replace").map(pair_span).zip(keys.text_table("replace", found)).map(spanned),
        case: keys.word("case", found),
        search_case: keys.word("search_case", found),
        present: keys.boolean("present", found),
        split: keys.text("split", found),
        bits: bits(keys, found),
        single: keys.word("single", found),
        each: each(keys, source, found),
        kept: keys.boolean("kept", found),
        inverse: keys.text("inverse", found),
        show: keys.text("show", found),
        default: keys.value("default").and_then(|value| tree::read("default", value, found)),
        read_default: keys.literal("read_default", found),
        unset: keys.json("unset", found),
        mutability: keys.word("mutability", found),
        required: keys.boolean("required", found),
        lossy: keys.word("lossy", found),
        schema: own(keys, found),
    }
}

/// `schema`: what an attribute of one's own is.
fn own(keys: &Keys<'_, '_>, found: &mut Diagnostics) -> Option<Spanned<OwnDocument>> {
    let keys = Keys::of(&OWN, "schema", keys.value("schema")?, found)?;
    let own = OwnDocument {
        kind: keys.word("type", found),
        multi_valued: keys.boolean("multiValued", found),
        case_exact: keys.boolean("caseExact", found),
        description: keys.text("description", found),
        canonical_values: keys.texts("canonicalValues", found).unwrap_or_default(),
        uniqueness: keys.word("uniqueness", found),
        reference_types: keys.texts("referenceTypes", found).unwrap_or_default(),
    };
    Some(Spanned { span: keys.span, value: own })
}

/// A value's place.
fn pair_span(value: &Entry<'_>) -> Span {
    value.span()
}

/// A place and a value together.
fn spanned<T>((span, value): (Span, T)) -> Spanned<T> {
    Spanned { span, value }
}

/// `map` and its `else`: SCIM value on the left, one or several of yours on the right.
fn map(keys: &Keys<'_, '_>, found: &mut Diagnostics) -> (Option<Spanned<Vec<MapRow>>>, Option<Spanned<Value>>) {
    let Some(value) = keys.value("map") else { return (None, None) };
    let Some(table) = value.get_ref().as_table() else {
        keys::mismatch::<()>("map", &Kind::Table.words(), value, found);
        return (None, None);
    };
    let (mut pairs, mut otherwise) = (Vec::with_capacity(table.len()), None);
    for (key, value) in keys::entries(table) {
        if key.get_ref() == "else" {
            otherwise = keys::literal("else", value, found);
            continue;
        }
        let yours = match value.get_ref() {
            DeValue::Array(list) => list.iter().filter_map(|one| keys::literal(key.get_ref(), one, found)).collect(),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Table(_) => keys::literal(key.get_ref(), value, found).into_iter().collect(),
        };
        pairs.push((keys::key_text(key), yours));
    }
    (Some(Spanned { span: value.span(), value: pairs }), otherwise)
}

/// `bits`: the name of an element and its bits.
fn bits(keys: &Keys<'_, '_>, found: &mut Diagnostics) -> Option<Spanned<Vec<BitRow>>> {
    let value = keys.value("bits")?;
    let Some(table) = value.get_ref().as_table() else {
        return keys::mismatch("bits", &Kind::Table.words(), value, found);
    };
    let row =
        |(key, value): (&Key<'_>, &Entry<'_>)| Some((keys::key_text(key), keys::literal(key.get_ref(), value, found)?));
    Some(Spanned { span: value.span(), value: keys::entries(table).into_iter().filter_map(row).collect() })
}

/// `each`: the rules of one element; a plain string is a rule `at` that place.
fn each(keys: &Keys<'_, '_>, source: &Source, found: &mut Diagnostics) -> Vec<RuleDocument> {
    let Some(value) = keys.value("each") else { return Vec::new() };
    let Some(table) = value.get_ref().as_table() else {
        return keys::mismatch("each", &Kind::Table.words(), value, found).unwrap_or_default();
    };
    let mut rules = Vec::with_capacity(table.len());
    for (key, value) in keys::entries(table) {
        read_entry(left(None, key, source), value, source, &mut rules, found);
    }
    rules
}

/// A table of SCIM attributes and literals, dotted keys flattened: `delete = { set = { … } }`.
pub(super) fn literals(
    key: &str,
    value: &Entry<'_>,
    source: &Source,
    found: &mut Diagnostics,
) -> Vec<(Text, Spanned<Value>)> {
    let Some(table) = value.get_ref().as_table() else {
        return keys::mismatch(key, &Kind::Table.words(), value, found).unwrap_or_default();
    };
    let mut pairs = Vec::with_capacity(table.len());
    collect_literals(None, table, source, &mut pairs, found);
    pairs
}

/// Adds the literals of a table and of the tables in it.
fn collect_literals(
    prefix: Option<&Text>,
    table: &DeTable<'_>,
    source: &Source,
    pairs: &mut Vec<(Text, Spanned<Value>)>,
    found: &mut Diagnostics,
) {
    for (key, value) in keys::entries(table) {
        let left = left(prefix, key, source);
        if let Some(table) = value.get_ref().as_table() {
            collect_literals(Some(&left), table, source, pairs, found);
        } else if let Some(literal) = keys::literal(&left.value, value, found) {
            pairs.push((left, literal));
        }
    }
}

/// The left side that a key below `prefix` stands for: joined with a dot, or with a colon below the URN of a schema.
fn left(prefix: Option<&Text>, key: &Key<'_>, source: &Source) -> Text {
    let name = key.get_ref();
    let Some(prefix) = prefix else { return keys::key_text(key) };
    let separator = if is_schema_urn(&prefix.value) { ':' } else { '.' };
    let value = format!("{}{separator}{name}", prefix.value);
    // In `name.givenName` the place is the whole; below a header it is the key alone.
    let written = key.span().start.checked_sub(prefix.value.len() + 1);
    let start = written.filter(|&start| source.text.get(start..key.span().end) == Some(&value));
    Text { span: start.unwrap_or(key.span().start)..key.span().end, value }
}

/// Whether a URN names a schema and not an attribute in it: a schema is called after its type, so with a capital.
fn is_schema_urn(text: &str) -> bool {
    let is_urn = text.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("urn:"));
    let last = text.rsplit(':').next().unwrap_or_default();
    is_urn && last.starts_with(|letter: char| letter.is_uppercase()) && !last.contains('.')
}
