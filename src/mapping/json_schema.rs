//! The mapping format as JSON Schema, for editors: made of the table of keys.
//!
//! The dialect is draft 4 because Taplo, which most TOML editors build upon, promises no later one. In it a `$ref` stands
//! alone: what is beside it is not read.

use serde_json::{Map, Value, json};

use crate::mapping::fields::{self, Field, Kind, RESOURCE_TYPE, RULE, SOURCE, TABLES, Table};
use crate::scim::schema::{Attribute, ResourceSchema};

/// The keys that make a table a rule, of those that this version carries.
const RULE_MARKS: [&str; 6] = ["at", "read_at", "write_at", "show", "inverse", "kept"];

/// The schema of a mapping file.
pub fn json_schema() -> Value {
    let mut definitions = Map::new();
    for table in TABLES {
        definitions.insert(name(table), object(table));
    }
    for kind in ["User", "Group"] {
        definitions.insert(kind.to_owned(), resource_type(Some(kind)));
        definitions.insert(format!("attributes of {kind}"), attributes(ResourceSchema::standard(kind)));
    }
    definitions.insert(name(&RESOURCE_TYPE), resource_type(None));
    definitions.insert("attributes".to_owned(), attributes(None));
    definitions.insert("attribute".to_owned(), json!({ "anyOf": [
        described("Your place, read and written.", json!({ "type": "string" })), reference(&name(&RULE)), reference("namespace"),
    ] }));
    definitions.insert(
        "namespace".to_owned(),
        json!({
            "description": "Rules of sub-attributes.",
            "type": "object",
            "not": { "anyOf": marks() },
            "additionalProperties": reference("attribute"),
        }),
    );
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-04/schema#",
        "title": "scim-bridge mapping",
        "description": "SCIM on the left, your API on the right. The reference: scim-bridge doc --format-reference",
    });
    if let (Some(schema), Value::Object(file)) = (schema.as_object_mut(), object(&fields::MAPPING)) {
        schema.extend(file);
        schema.insert("required".to_owned(), json!(["scim_bridge"]));
        // Resource types of the author's own begin with a capital, and say which schema they have and where they stand.
        let own = json!({ "allOf": [reference(&name(&RESOURCE_TYPE)), { "required": ["schema", "endpoint"] }] });
        schema.insert("patternProperties".to_owned(), json!({ other_than(&["User", "Group"]): own }));
        schema.insert("definitions".to_owned(), Value::Object(definitions));
    }
    schema
}

/// A pattern of the names of resource types but these. Editors' patterns have no look-ahead.
fn other_than(names: &[&str]) -> String {
    let is_free = |letter: &char| !names.iter().any(|name| name.starts_with(*letter));
    let mut ways = vec![format!("[{}][A-Za-z0-9]*", ('A'..='Z').filter(is_free).collect::<String>())];
    for name in names {
        let parted = name.char_indices().skip(1);
        ways.extend(parted.map(|(place, letter)| format!("{}([^{letter}][A-Za-z0-9]*)?", &name[..place])));
        ways.push(format!("{name}[A-Za-z0-9]+"));
    }
    format!("^({})$", ways.join("|"))
}

/// The name of a table's definition: `[upstream.limits]` is `upstream.limits`, a rule is `rule`.
fn name(table: &Table) -> String {
    let bare = table.name.trim_matches(['[', ']', '`']);
    let bare = bare.strip_prefix("a ").or_else(|| bare.strip_prefix("an ")).unwrap_or(bare);
    bare.to_owned()
}

fn reference(definition: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{}", definition.replace('~', "~0").replace('/', "~1").replace(' ', "%20")) })
}

/// A schema with its description.
fn described(text: &str, schema: Value) -> Value {
    if schema.get("$ref").is_some() {
        return json!({ "description": text, "allOf": [schema] });
    }
    let mut described = json!({ "description": text });
    if let (Some(described), Value::Object(members)) = (described.as_object_mut(), schema) {
        described.extend(members);
    }
    described
}

/// A table: its keys and no others.
fn object(table: &Table) -> Value {
    let properties: Map<String, Value> =
        table.fields.iter().map(|field| (field.key.to_owned(), property(table, field))).collect();
    let mut object = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if *table == RULE {
        object["anyOf"] = marks();
    }
    object
}

/// One of the keys that make a table a rule.
fn marks() -> Value {
    RULE_MARKS.iter().map(|mark| json!({ "required": [mark] })).collect()
}

/// `[User]` with the attributes of its SCIM schema, or a type of which no schema is known.
fn resource_type(kind: Option<&str>) -> Value {
    let mut object = object(&RESOURCE_TYPE);
    let attributes = kind.map_or_else(|| "attributes".to_owned(), |kind| format!("attributes of {kind}"));
    let doc = RESOURCE_TYPE.field("attributes").map_or("", |field| field.doc);
    object["properties"]["attributes"] = described(doc, reference(&attributes));
    object
}

/// The rules of a resource type, with the attributes that its schema has for suggestions.
fn attributes(schema: Option<&ResourceSchema>) -> Value {
    let of_attribute = |(urn, attribute): (Option<&str>, &Attribute)| {
        let left = urn.map_or_else(|| attribute.name.clone(), |urn| format!("{urn}:{}", attribute.name));
        (left, described(&attribute.description, reference("attribute")))
    };
    let properties: Map<String, Value> =
        schema.into_iter().flat_map(ResourceSchema::attributes).map(of_attribute).collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": reference("attribute") })
}

/// A key's schema, with its sentence and its default.
fn property(table: &Table, field: &Field) -> Value {
    let schema = match field.key {
        "User" | "Group" => reference(field.key),
        "delete" => json!({ "anyOf": [value(field), reference("delete")] }),
        "capture" => {
            json!({ "type": "object", "additionalProperties": value(&Field { kind: Kind::Source, ..*field }) })
        }
        "each" if *table == RULE => json!({ "type": "object", "additionalProperties": reference("attribute") }),
        _ => value(field),
    };
    let mut property = described(field.doc, schema);
    let default = format!("x = {}", field.default).parse::<toml::Table>().ok();
    if let Some(default) =
        default.and_then(|mut table| table.remove("x")).and_then(|value| serde_json::to_value(value).ok())
    {
        property["default"] = default;
    }
    property
}

/// The schema of a key's value.
fn value(field: &Field) -> Value {
    let text = json!({ "type": "string" });
    let pattern = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    let one_or = |one: Value, other: Value| json!({ "anyOf": [one, other] });
    match field.kind {
        Kind::Text | Kind::Template | Kind::Path | Kind::Condition => text,
        Kind::Word(words) => json!({ "enum": words }),
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Integer(least) => json!({ "type": "integer", "minimum": least }),
        Kind::Duration => pattern(DURATION),
        Kind::Durations => json!({ "type": "array", "items": pattern(DURATION) }),
        Kind::DurationRange => pattern("^[0-9]+ *(ms|s|m|min|h)\\.\\.[0-9]+ *(ms|s|m|min|h)$"),
        Kind::Rate => pattern("^[0-9]+/(s|m|min|h)$"),
        Kind::Size => pattern("^[0-9]+ *(B|KiB|MiB|GiB)$"),
        Kind::Texts => json!({ "type": "array", "items": text }),
        Kind::TextTable => json!({ "type": "object", "additionalProperties": text }),
        Kind::Literal => json!({ "type": ["string", "number", "boolean"] }),
        Kind::Value | Kind::Tree => json!({}),
        Kind::Table => within(field).map_or_else(|| json!({ "type": "object" }), |table| reference(&name(table))),
        Kind::Tables => {
            let items = within(field).map_or_else(|| json!({ "type": "object" }), |table| reference(&name(table)));
            json!({ "type": "array", "items": items })
        }
        Kind::Call => one_or(text, reference(&within(field).map_or_else(|| "call".to_owned(), name))),
        Kind::Calls => {
            let call = one_or(text, reference("call"));
            one_or(call.clone(), json!({ "type": "array", "items": call }))
        }
        Kind::Source => one_or(text, reference(&name(&SOURCE))),
        Kind::Then => one_or(text, json!({ "type": "integer", "minimum": 100, "maximum": 599 })),
    }
}

const DURATION: &str = "^[0-9]+ *(ms|s|m|min|h)$";

/// The table of keys that a key's value is held against: the one that is called as the key is, alone or after a dot.
fn within(field: &Field) -> Option<&'static Table> {
    let called = match field.key {
        "errors" => "error row",
        key => key,
    };
    TABLES.iter().copied().find(|table| {
        let name = name(table);
        name == called || name.rsplit_once('.').is_some_and(|(_, last)| last == called)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_of_keys_is_reached_and_every_reference_has_its_definition() {
        let schema = json_schema();
        let text = schema.to_string();
        for table in TABLES.iter().filter(|table| **table != &fields::MAPPING && **table != &RESOURCE_TYPE) {
            let wanted = reference(&name(table)).to_string();
            assert!(text.contains(&wanted), "nothing is held against {}", table.name);
        }
        let parts = text.split("\"#/definitions/").skip(1).map(|rest| rest.split('"').next().unwrap());
        for part in parts {
            let definition = part.replace("%20", " ");
            assert!(schema["definitions"].get(&definition).is_some(), "{definition}");
        }
    }

    #[test]
    fn a_key_has_its_sentence_its_type_and_its_default() {
        let schema = json_schema();
        let limits = &schema["definitions"]["upstream.limits"];
        assert_eq!(
            limits["properties"]["scan"],
            json!({
                "description": "Records that the bridge reads to answer one filter itself.",
                "type": "integer", "minimum": 0, "default": 1000,
            })
        );
        assert_eq!(limits["additionalProperties"], false);
        let department = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
        assert!(schema["definitions"]["attributes of User"]["properties"].get(department).is_some());
    }
}
