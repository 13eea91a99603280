//! Where the record and the list stand in an answer.

use serde_json::Value;

use crate::init::shape::type_of;
use crate::init::words::{self, Noun, normal};

/// Tables in tables that an answer wraps around what matters.
const DEPTH: usize = 3;

/// Names of what wraps a record.
const WRAPPERS: [&str; 8] = ["data", "result", "item", "response", "payload", "record", "attributes", "body"];

/// Names of lists of records.
const LISTS: [&str; 14] = [
    "data",
    "items",
    "results",
    "content",
    "records",
    "rows",
    "list",
    "values",
    "value",
    "entries",
    "elements",
    "resources",
    "objects",
    "collection",
];

/// Whether a name is that of an id.
pub(super) fn is_id(name: &str, noun: Noun) -> bool {
    let name = normal(name);
    let of_noun = || {
        let stem = ["id", "uuid", "guid", "no", "number", "key"].iter().find_map(|end| name.strip_suffix(end));
        stem.is_some_and(|stem| noun.rank(stem).is_some())
    };
    matches!(name.as_str(), "id" | "uuid" | "guid" | "uid" | "oid" | "objectid") || of_noun()
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema["properties"].as_object().into_iter().flatten()
}

fn has_id(schema: &Value, noun: Noun) -> bool {
    properties(schema).any(|(name, value)| is_id(name, noun) && !matches!(type_of(value), "object" | "array"))
}

/// A name below a path.
fn below(path: &str, name: &str) -> String {
    let is_plain = name.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_')
        && !name.starts_with(|sign: char| sign.is_ascii_digit());
    if is_plain { format!("{path}.{name}") } else { format!("{path}['{}']", name.replace('\'', "\\'")) }
}

/// The record in an answer's schema: its place, `$` being the answer itself, and its schema.
pub(super) fn record(schema: &Value, noun: Noun) -> (String, &Value) {
    record_below("$", schema, noun, DEPTH).unwrap_or_else(|| ("$".to_owned(), schema))
}

fn record_below<'s>(path: &str, schema: &'s Value, noun: Noun, depth: usize) -> Option<(String, &'s Value)> {
    if has_id(schema, noun) {
        return Some((path.to_owned(), schema));
    }
    if type_of(schema) == "array" && depth > 0 {
        return record_below(&format!("{path}[0]"), &schema["items"], noun, depth - 1);
    }
    let tables = || properties(schema).filter(|(_, value)| type_of(value) == "object");
    let is_named = |name: &str| noun.rank(&normal(name)).is_some() || WRAPPERS.contains(&normal(name).as_str());
    let wrapped = tables().filter(|(name, _)| depth > 0 && is_named(name));
    let mut found = wrapped.filter_map(|(name, value)| record_below(&below(path, name), value, noun, depth - 1));
    let first = found.next();
    // A table that alone is in the answer is the record, whatever it is called and whether or not it has an id.
    first.or_else(|| {
        let mut all = properties(schema);
        match (all.next(), all.next()) {
            (Some((name, value)), None) if type_of(value) == "object" && depth > 0 => Some((below(path, name), value)),
            _ => None,
        }
    })
}

/// The list in an answer's schema: its place, and the schema of an element that is no table around the record.
pub(super) fn list(schema: &Value, noun: Noun) -> Option<(String, &Value)> {
    let mut best: Option<(usize, String, &Value)> = None;
    lists("$", schema, noun, DEPTH, &mut best);
    let (_, path, element) = best?;
    let (inner, element) = record(element, noun);
    let inner = inner.strip_prefix('$').unwrap_or_default();
    Some((format!("{path}[*]{inner}"), element))
}

/// Looks through all lists; the one that is called most like a list of records, and that is highest, stays.
fn lists<'s>(path: &str, schema: &'s Value, noun: Noun, depth: usize, best: &mut Option<(usize, String, &'s Value)>) {
    if type_of(schema) == "array" {
        let element = &schema["items"];
        let name = normal(path.rsplit(['.', '\'']).find(|part| !part.is_empty() && *part != "]").unwrap_or_default());
        let by_name = match noun.rank(&name) {
            Some(_) => 0,
            None => LISTS.iter().position(|known| *known == name).map_or(40, |at| at + 1),
        };
        let is_members = words::is_members(&name);
        let weight = if has_id(element, noun) { 0 } else { 50 };
        let score = by_name.min(if is_members { 1 } else { 40 }) + weight + (DEPTH - depth) * 2;
        if best.as_ref().is_none_or(|(known, ..)| score < *known) {
            *best = Some((score, path.to_owned(), element));
        }
        return;
    }
    if depth > 0 {
        for (name, value) in properties(schema) {
            lists(&below(path, name), value, noun, depth - 1, best);
        }
    }
}

/// The first field of the envelope around a list that has one of these names, alone or below one table: its place and schema.
pub(super) fn beside<'s>(schema: &'s Value, names: &[&str], wanted: &[&str]) -> Option<(String, &'s Value)> {
    let found = |name: &str| {
        let direct = properties(schema).map(|(key, value)| (below("$", key), normal(key), value));
        let tables = properties(schema).filter(|(_, value)| type_of(value) == "object");
        let inner = tables.flat_map(|(table, value)| {
            let path = below("$", table);
            properties(value).map(move |(key, value)| (below(&path, key), normal(key), value))
        });
        // `links.next.href`, `cursors.after.value`: one table more is looked into.
        let mut all = direct.chain(inner).filter(|(_, key, _)| key == name);
        all.find_map(|(path, _, value)| match type_of(value) {
            "object" => {
                let (key, value) = properties(value).find(|(key, _)| *key == "href" || *key == "url")?;
                Some((below(&path, key), value))
            }
            kind if wanted.contains(&kind) => Some((path, value)),
            _ => None,
        })
    };
    names.iter().find_map(|name| found(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::init::shape::schema_of;

    #[test]
    fn the_record_is_found_in_what_is_wrapped_around_it() {
        let user = json!({ "id": 1, "login": "ada" });
        let cases = [
            ("bare", user.clone(), "$"),
            ("under its name", json!({ "user": user }), "$.user"),
            ("under data", json!({ "ok": true, "data": user }), "$.data"),
            ("two tables deep", json!({ "result": { "user": user } }), "$.result.user"),
            ("the first of a list", json!({ "data": [user] }), "$"),
            ("alone under another name", json!({ "blob": { "login": "ada" } }), "$.blob"),
            ("an id of its own name", json!({ "account_id": 1 }), "$"),
        ];
        for (name, answer, want) in cases {
            assert_eq!(record(&schema_of(&answer), Noun::User).0, want, "{name}");
        }
    }

    #[test]
    fn the_list_is_found_among_others() {
        let user = json!({ "id": 1, "login": "ada" });
        let cases = [
            ("bare", json!([user]), Some("$[*]")),
            ("under data beside errors", json!({ "errors": ["x"], "data": [user] }), Some("$.data[*]")),
            ("embedded", json!({ "_embedded": { "users": [user] }, "_links": {} }), Some("$._embedded.users[*]")),
            ("each in a table of its own", json!({ "data": [{ "user": user }] }), Some("$.data[*].user")),
            ("no list", json!({ "a": 1 }), None),
        ];
        for (name, answer, want) in cases {
            let schema = schema_of(&answer);
            assert_eq!(list(&schema, Noun::User).map(|(path, _)| path).as_deref(), want, "{name}");
        }
    }

    #[test]
    fn totals_and_links_are_found_beside_the_list() {
        let schema =
            schema_of(&json!({ "data": [], "meta": { "total": 3 }, "links": { "next": { "href": "http://x" } } }));
        assert_eq!(beside(&schema, &["total"], &["integer"]).unwrap().0, "$.meta.total");
        assert_eq!(beside(&schema, &["next"], &["string"]).unwrap().0, "$.links.next.href");
        assert!(beside(&schema, &["count"], &["integer"]).is_none());
    }
}
