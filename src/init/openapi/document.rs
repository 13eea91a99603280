//! An OpenAPI 3 document: references resolved, schemas made one.

use serde_json::{Map, Value, json};

/// References that lead to references.
const HOPS: usize = 20;
/// Schemas in schemas, as deep as it goes with [`MOST`] of them; what is deeper than the first is no field of a record.
const DEPTHS: [usize; 6] = [9, 7, 5, 3, 2, 1];
/// The most schemas that one is made of. Where everything refers to everything, each step down is many times as many.
const MOST: usize = 20_000;
/// How often a schema may be within itself: a user has a manager, who is a user.
const WITHIN_ITSELF: usize = 2;

/// A document.
#[derive(Clone, Copy, Debug)]
pub(in crate::init) struct Document<'d> {
    root: &'d Value,
}

impl<'d> Document<'d> {
    /// A document of version 3.
    ///
    /// # Errors
    /// One sentence: it is of another version, or no OpenAPI document.
    pub(in crate::init) fn new(root: &'d Value) -> Result<Self, String> {
        // YAML takes a bare 3.1 for a number.
        let version = match &root["openapi"] {
            Value::String(version) => Some(version.clone()),
            Value::Number(version) => Some(version.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        match (version, root.get("swagger")) {
            (Some(version), _) if version.split('.').next() == Some("3") => Ok(Self { root }),
            (Some(version), None) => Err(format!("this is OpenAPI {version}: documents of version 3 are read")),
            (_, Some(_)) => {
                Err("this is Swagger 2: convert it to OpenAPI 3 first (swagger2openapi, or any editor)".to_owned())
            }
            (None, None) => Err("this is no OpenAPI 3 document: `openapi: 3…` is missing".to_owned()),
        }
    }

    /// A member of the document.
    pub(in crate::init) fn member(self, name: &str) -> &'d Value {
        &self.root[name]
    }

    /// What a `$ref` leads to; anything else is itself. A reference into another file leads to nothing.
    pub(in crate::init) fn resolve(self, value: &'d Value) -> &'d Value {
        let mut value = value;
        for _ in 0..HOPS {
            let Some(target) = value["$ref"].as_str() else { return value };
            let pointer = target.strip_prefix('#').unwrap_or("/none");
            let pointer = percent_encoding::percent_decode_str(pointer).decode_utf8_lossy();
            value = self.root.pointer(&pointer).unwrap_or(&Value::Null);
        }
        &Value::Null
    }

    /// The first file beside this one that a reference leads to.
    pub(in crate::init) fn elsewhere(self) -> Option<&'d str> {
        let mut left = vec![self.root];
        while let Some(value) = left.pop() {
            match value {
                Value::Object(members) => {
                    let target = members.get("$ref").and_then(Value::as_str).filter(|target| !target.starts_with('#'));
                    if let Some(target) = target {
                        return Some(target.split('#').next().unwrap_or(target));
                    }
                    left.extend(members.values().rev());
                }
                Value::Array(elements) => left.extend(elements.iter().rev()),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            }
        }
        None
    }

    /// A schema without references: what `allOf` adds together, and of `oneOf` and `anyOf` all that any of them may have.
    pub(in crate::init) fn schema(self, schema: &'d Value) -> Value {
        let mut merged = Value::Null;
        for depth in DEPTHS {
            let mut walk = Walk { above: Vec::new(), left: MOST };
            merged = self.merged(schema, depth, &mut walk);
            if walk.left > 0 {
                break;
            }
        }
        merged
    }

    fn merged(self, schema: &'d Value, depth: usize, walk: &mut Walk<'d>) -> Value {
        walk.left = walk.left.saturating_sub(1);
        if walk.left == 0 {
            return Value::Null;
        }
        let Some(target) = schema["$ref"].as_str() else { return self.joined(schema, depth, walk) };
        if walk.above.iter().filter(|known| **known == target).count() >= WITHIN_ITSELF {
            return Value::Null;
        }
        walk.above.push(target);
        let merged = self.joined(self.resolve(schema), depth, walk);
        walk.above.pop();
        merged
    }

    fn joined(self, schema: &'d Value, depth: usize, walk: &mut Walk<'d>) -> Value {
        let Some(members) = schema.as_object() else { return Value::Null };
        let mut merged: Map<String, Value> = Map::new();
        for (keyword, value) in members {
            match (keyword.as_str(), value) {
                ("properties", Value::Object(properties)) if depth > 0 => {
                    let properties: Map<String, Value> = properties
                        .iter()
                        .map(|(name, value)| (name.clone(), self.merged(value, depth - 1, walk)))
                        .collect();
                    merged.insert(keyword.clone(), Value::Object(properties));
                }
                ("items", value) if depth > 0 => {
                    merged.insert(keyword.clone(), self.merged(value, depth - 1, walk));
                }
                ("properties" | "items" | "allOf" | "oneOf" | "anyOf", _) => {}
                _ => {
                    merged.insert(keyword.clone(), value.clone());
                }
            }
        }
        let mut merged = Value::Object(merged);
        for keyword in ["allOf", "oneOf", "anyOf"] {
            for part in members.get(keyword).and_then(Value::as_array).into_iter().flatten() {
                add(&mut merged, self.merged(part, depth, walk), keyword == "allOf");
            }
        }
        merged
    }

    /// The schema of what a response or a request holds, by whatever name of JSON it goes.
    pub(in crate::init) fn content(self, holder: &'d Value) -> Value {
        let content = self.resolve(holder)["content"].as_object();
        let is_json = |kind: &str| kind.contains("json") || kind == "*/*";
        let of_kind = |wanted: fn(&str) -> bool| content.into_iter().flatten().find(move |(kind, _)| wanted(kind));
        let found = of_kind(is_json).or_else(|| of_kind(|_| true));
        found.map_or(Value::Null, |(_, media)| {
            let mut schema = self.schema(&media["schema"]);
            // Some documents say more by an example than by a schema.
            let example =
                media.get("example").or_else(|| Some(&media["examples"].as_object()?.values().next()?["value"]));
            if let Some(example) = example.filter(|_| crate::init::shape::type_of(&schema).is_empty()) {
                schema = crate::init::shape::schema_of(example);
            }
            schema
        })
    }

    /// The first answer of an operation that means success.
    pub(in crate::init) fn success(self, operation: &'d Value) -> &'d Value {
        let answers = operation["responses"].as_object();
        let good = answers.into_iter().flatten().find(|(status, _)| status.starts_with('2'));
        let any = || answers.into_iter().flatten().find(|(status, _)| *status == "default");
        good.or_else(any).map_or(&Value::Null, |(_, answer)| self.resolve(answer))
    }
}

/// A way down through schemas.
struct Walk<'d> {
    /// The references that led here.
    above: Vec<&'d str>,
    /// How many schemas may still be looked at.
    left: usize,
}

/// Adds a part to a schema: properties join, of other keywords the first one stays. What only one of several parts requires is
/// not required.
fn add(schema: &mut Value, part: Value, all: bool) {
    let (Some(schema), Value::Object(part)) = (schema.as_object_mut(), part) else { return };
    for (keyword, value) in part {
        match (keyword.as_str(), schema.get_mut(&keyword), value) {
            ("properties", Some(Value::Object(known)), Value::Object(more)) => {
                for (name, property) in more {
                    known.entry(name).or_insert(property);
                }
            }
            ("required", known, Value::Array(more)) if all => {
                let mut names = known.and_then(|known| known.as_array().cloned()).unwrap_or_default();
                names.extend(more);
                schema.insert(keyword, json!(names));
            }
            ("required", _, _) | (_, Some(_), _) => {}
            (_, None, value) => {
                schema.insert(keyword, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_and_parts_become_one_schema_and_loops_end() {
        let root = json!({
            "openapi": "3.1.0",
            "components": { "schemas": {
                "Base": { "type": "object", "required": ["id"], "properties": { "id": { "type": "integer" }, "boss": { "$ref": "#/components/schemas/User" } } },
                "User": { "allOf": [{ "$ref": "#/components/schemas/Base" }, { "properties": { "login": { "type": "string" } }, "required": ["login"] }] },
                "Loop": { "$ref": "#/components/schemas/Loop" },
            } },
        });
        let document = Document::new(&root).unwrap();
        let user = json!({ "$ref": "#/components/schemas/User" });
        let schema = document.schema(&user);
        assert_eq!(schema["properties"]["login"]["type"], "string");
        assert_eq!(schema["properties"]["boss"]["properties"]["id"]["type"], "integer");
        assert_eq!(schema["required"], json!(["id", "login"]));
        assert_eq!(document.schema(&json!({ "$ref": "#/components/schemas/Loop" })), Value::Null);
        assert_eq!(document.schema(&json!({ "$ref": "other.yaml#/User" })), Value::Null);
    }

    #[test]
    fn schemas_that_all_refer_to_each_other_are_taken_as_deep_as_it_goes() {
        let name = |number: usize| format!("S{number}");
        let properties = || {
            (0..40)
                .map(|other| (name(other), json!({ "$ref": format!("#/components/schemas/S{other}") })))
                .collect::<Map<_, _>>()
        };
        let schemas: Map<String, Value> = (0..40)
            .map(|number| {
                let mut properties = properties();
                properties.insert("last".to_owned(), json!({ "type": "string" }));
                (name(number), json!({ "type": "object", "properties": properties }))
            })
            .collect();
        let root = json!({ "openapi": "3.0.0", "components": { "schemas": schemas } });
        let schema = json!({ "$ref": "#/components/schemas/S0" });
        let merged = Document::new(&root).unwrap().schema(&schema);
        assert_eq!(merged["properties"]["last"]["type"], "string");
    }

    #[test]
    fn other_versions_are_refused_with_a_reason() {
        for (root, word) in
            [(json!({ "swagger": "2.0" }), "Swagger 2"), (json!({ "paths": {} }), "missing"), (json!([]), "missing")]
        {
            assert!(Document::new(&root).unwrap_err().contains(word));
        }
    }
}
