//! The fields of a record, as a schema or an example tells them.

use serde_json::{Map, Value, json};

/// Tables in tables that are looked into.
const DEPTH: usize = 3;

/// One field of a record.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    /// The names from the record down to the field.
    pub(super) path: Vec<String>,
    /// What its values are.
    pub(super) kind: Kind,
    /// The values that it may have, where they are listed.
    pub(super) words: Vec<Value>,
    /// The schema's `format`: `date-time`, `email`, `uri`.
    pub(super) format: String,
    /// A value that it had somewhere.
    pub(super) example: Option<Value>,
    /// The value that it has when nobody gives one.
    pub(super) default: Option<Value>,
    /// Only the API itself writes it.
    pub(super) read_only: bool,
    /// It must be given.
    pub(super) required: bool,
}

/// What the values of a field are.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A string.
    Text,
    /// A whole number.
    Integer,
    /// Another number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A list of such values, each with these fields where it is a table.
    List(Box<Kind>, Vec<Field>),
    /// A table; its fields stand beside it.
    Table,
    /// Nobody says.
    Unknown,
}

impl Field {
    /// The last name of the path.
    pub(super) fn name(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// The path as a rule writes it.
    pub(super) fn at(&self) -> String {
        let is_plain = |name: &String| {
            name.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_')
                && !name.starts_with(|sign: char| sign.is_ascii_digit())
        };
        if self.path.iter().all(is_plain) {
            return self.path.join(".");
        }
        let names = self.path.iter().map(|name| format!("['{}']", name.replace('\\', "\\\\").replace('\'', "\\'")));
        format!("${}", names.collect::<String>())
    }
}

/// The fields of a schema whose references are resolved: tables first, then what is in them.
pub(super) fn fields(schema: &Value) -> Vec<Field> {
    let mut found = Vec::new();
    collect(schema, &[], DEPTH, &mut found);
    found
}

fn collect(schema: &Value, above: &[String], depth: usize, found: &mut Vec<Field>) {
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let path: Vec<String> = above.iter().chain([name]).cloned().collect();
        let kind = kind(property, depth);
        let is_table = kind == Kind::Table;
        found.push(Field {
            kind,
            words: property["enum"].as_array().cloned().unwrap_or_default(),
            format: property["format"].as_str().unwrap_or_default().to_owned(),
            example: property.get("example").or_else(|| property["examples"].get(0)).cloned(),
            default: property.get("default").filter(|value| !value.is_null()).cloned(),
            read_only: property["readOnly"] == true,
            required: required.contains(&name.as_str()),
            path: path.clone(),
        });
        if is_table && depth > 0 {
            collect(property, &path, depth - 1, found);
        }
    }
}

/// The kind of a schema's values; `null` beside another type is no kind of its own.
fn kind(schema: &Value, depth: usize) -> Kind {
    match type_of(schema) {
        "string" => Kind::Text,
        "integer" => Kind::Integer,
        "number" => Kind::Number,
        "boolean" => Kind::Boolean,
        "object" => Kind::Table,
        "array" => {
            let element = &schema["items"];
            let inner = if depth > 0 { fields_below(element, depth - 1) } else { Vec::new() };
            Kind::List(Box::new(kind(element, 0)), inner)
        }
        _ => Kind::Unknown,
    }
}

fn fields_below(schema: &Value, depth: usize) -> Vec<Field> {
    let mut found = Vec::new();
    collect(schema, &[], depth, &mut found);
    found
}

/// The `type` of a schema, or what its other keywords say.
pub(super) fn type_of(schema: &Value) -> &str {
    let listed = schema["type"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let named = schema["type"].as_str().or_else(|| listed.into_iter().find(|name| *name != "null"));
    named.unwrap_or_else(|| {
        if schema["properties"].is_object() {
            "object"
        } else if schema["items"].is_object() {
            "array"
        } else {
            schema["enum"].get(0).map_or("", name_of_type)
        }
    })
}

fn name_of_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() || number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The schema that an example satisfies, with the example in it.
pub(super) fn schema_of(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let properties: Map<String, Value> =
                members.iter().map(|(name, value)| (name.clone(), schema_of(value))).collect();
            json!({ "type": "object", "properties": properties })
        }
        Value::Array(elements) => {
            json!({ "type": "array", "items": elements.first().map_or_else(|| json!({}), schema_of) })
        }
        Value::Null => json!({}),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            json!({ "type": name_of_type(value), "example": value })
        }
    }
}

/// Fields with what an example adds: its values, and fields that the schema does not know.
pub(super) fn with_example(mut known: Vec<Field>, example: &[Field]) -> Vec<Field> {
    for other in example {
        match known.iter_mut().find(|field| field.path == other.path) {
            Some(field) => {
                field.example.clone_from(&other.example);
                if field.kind == Kind::Unknown {
                    field.kind = other.kind.clone();
                }
            }
            None => known.push(other.clone()),
        }
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_tells_the_fields_and_their_kinds() {
        let schema = schema_of(
            &json!({ "id": 7, "full-name": "Ada", "profile": { "on": true, "score": 1.5 }, "teams": [{ "id": 1 }], "x": null }),
        );
        let fields = fields(&schema);
        let told: Vec<_> = fields.iter().map(|field| (field.at(), field.kind.clone())).collect();
        assert_eq!(told.len(), 7, "{told:#?}");
        assert_eq!(told[0], ("id".to_owned(), Kind::Integer));
        assert_eq!(told[1].0, "$['full-name']");
        assert_eq!(told[3], ("profile.on".to_owned(), Kind::Boolean));
        assert!(
            matches!(&told[5].1, Kind::List(kind, inner) if **kind == Kind::Table && inner[0].kind == Kind::Integer)
        );
        assert_eq!(told[6].1, Kind::Unknown);
    }

    #[test]
    fn a_type_beside_null_is_the_type() {
        for schema in [json!({ "type": ["null", "string"] }), json!({ "type": "string" }), json!({ "enum": ["a"] })] {
            assert_eq!(type_of(&schema), "string");
        }
        assert_eq!(type_of(&json!({ "properties": {} })), "object");
    }
}
