//! A value found in the scope, without a copy.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde::{Serialize, Serializer};
use serde_json::{Map, Number, Value};

use crate::mapping::equality::{same, same_number};

/// A node of the scope. The scope is no JSON document, so that nothing is built for a hole or a condition to look at it.
#[derive(Clone, Copy, Debug)]
pub enum Found<'a> {
    /// A JSON value.
    Value(&'a Value),
    /// A resource.
    Table(&'a Map<String, Value>),
    /// A text of the bridge's own: a header, a cursor, a secret.
    Text(&'a str),
    /// A number of the bridge's own: a status, a page.
    Number(i64),
    /// A record as JSON text, sent as it stands; nothing looks into it.
    Json(&'a str),
}

impl<'a> Found<'a> {
    /// The member with this name.
    pub fn member(self, name: &str) -> Option<Self> {
        self.table()?.get(name).map(Found::Value)
    }

    /// The element at this index, from the end when negative.
    pub fn element(self, index: i64) -> Option<Self> {
        let list = self.list()?;
        let length = i64::try_from(list.len()).ok()?;
        let index = if index < 0 { index + length } else { index };
        list.get(usize::try_from(index).ok()?).map(Found::Value)
    }

    /// The members' or elements' values, in order.
    pub fn children(self) -> Vec<Self> {
        match (self.list(), self.table()) {
            (Some(list), _) => list.iter().map(Found::Value).collect(),
            (None, Some(table)) => table.values().map(Found::Value).collect(),
            (None, None) => Vec::new(),
        }
    }

    /// The elements of a list.
    pub fn list(self) -> Option<&'a Vec<Value>> {
        match self {
            Found::Value(value) => value.as_array(),
            Found::Table(_) | Found::Text(_) | Found::Number(_) | Found::Json(_) => None,
        }
    }

    /// The members of a table.
    pub fn table(self) -> Option<&'a Map<String, Value>> {
        match self {
            Found::Value(value) => value.as_object(),
            Found::Table(table) => Some(table),
            Found::Text(_) | Found::Number(_) | Found::Json(_) => None,
        }
    }

    /// The text of a string.
    pub fn string(self) -> Option<&'a str> {
        match self {
            Found::Value(value) => value.as_str(),
            Found::Text(text) => Some(text),
            Found::Table(_) | Found::Number(_) | Found::Json(_) => None,
        }
    }

    /// Whether it is JSON null.
    pub fn is_null(self) -> bool {
        matches!(self, Found::Value(Value::Null))
    }

    /// A copy as a JSON value.
    pub fn to_value(self) -> Value {
        match self {
            Found::Value(value) => value.clone(),
            Found::Table(table) => Value::Object(table.clone()),
            Found::Text(text) => Value::from(text),
            Found::Number(number) => Value::from(number),
            Found::Json(text) => serde_json::from_str(text).unwrap_or_default(),
        }
    }

    /// The text that the node is inside a longer text; null has none, lists and tables are compact JSON.
    pub fn text(self) -> Option<Cow<'a, str>> {
        Some(match self {
            Found::Text(text) | Found::Json(text) => Cow::Borrowed(text),
            Found::Value(Value::String(text)) => Cow::Borrowed(text.as_str()),
            Found::Value(Value::Null) => return None,
            Found::Value(Value::Bool(true)) => Cow::Borrowed("true"),
            Found::Value(Value::Bool(false)) => Cow::Borrowed("false"),
            Found::Value(Value::Number(number)) => Cow::Borrowed(number.as_str()),
            Found::Value(value @ (Value::Array(_) | Value::Object(_))) => Cow::Owned(value.to_string()),
            Found::Table(table) => Cow::Owned(Value::Object(table.clone()).to_string()),
            Found::Number(number) => Cow::Owned(number.to_string()),
        })
    }

    /// RFC 9535 equality: numbers by value, lists and tables deeply.
    pub fn equals(self, other: Self) -> bool {
        if let (Found::Value(left), Found::Value(right)) = (self, other) {
            return same(left, right);
        }
        if let (Some(left), Some(right)) = (self.string(), other.string()) {
            return left == right;
        }
        if let (Some(left), Some(right)) = (self.whole(), other.whole()) {
            return left == right;
        }
        if let (Some(left), Some(right)) = (self.number(), other.number()) {
            return same_number(&left, &right);
        }
        let (Some(left), Some(right)) = (self.table(), other.table()) else { return false };
        left.len() == right.len()
            && left.iter().all(|(name, value)| right.get(name).is_some_and(|other| same(value, other)))
    }

    /// RFC 9535 order: numbers with numbers, strings with strings; nothing else has one.
    pub fn order(self, other: Self) -> Option<Ordering> {
        if let (Some(left), Some(right)) = (self.string(), other.string()) {
            return Some(left.cmp(right));
        }
        compare_numbers(&self.number()?, &other.number()?)
    }

    /// A whole number in its usual spelling, as a status always is.
    fn whole(self) -> Option<i64> {
        match self {
            Found::Value(Value::Number(number)) => number.as_i64(),
            Found::Number(number) => Some(number),
            Found::Value(Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_))
            | Found::Table(_)
            | Found::Text(_)
            | Found::Json(_) => None,
        }
    }

    fn number(self) -> Option<Number> {
        match self {
            Found::Value(Value::Number(number)) => Some(number.clone()),
            Found::Number(number) => Some(Number::from(number)),
            Found::Value(Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_))
            | Found::Table(_)
            | Found::Text(_)
            | Found::Json(_) => None,
        }
    }
}

impl Serialize for Found<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Found::Value(value) => value.serialize(serializer),
            Found::Table(table) => table.serialize(serializer),
            Found::Text(text) => serializer.serialize_str(text),
            Found::Number(number) => serializer.serialize_i64(*number),
            Found::Json(_) => self.to_value().serialize(serializer),
        }
    }
}

/// The order of two numbers by value, whatever their spelling; whole numbers of up to 38 digits exactly.
fn compare_numbers(left: &Number, right: &Number) -> Option<Ordering> {
    match (left.as_i128(), right.as_i128()) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        (None, _) | (_, None) => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equality_is_by_value() {
        let table = [
            ("numbers of two spellings are equal", "1.0", "1", true),
            ("integers beyond a double are told apart", "9007199254740993", "9007199254740992", false),
            ("text is no number", "\"1\"", "1", false),
            ("null equals null", "null", "null", true),
            ("null is not false", "null", "false", false),
            ("members in another order are equal", r#"{"a":1,"b":[2]}"#, r#"{"b":[2.0],"a":1}"#, true),
            ("a longer list differs", "[1]", "[1,2]", false),
        ];
        for (name, left, right, expected) in table {
            let (left, right): (Value, Value) =
                (serde_json::from_str(left).unwrap(), serde_json::from_str(right).unwrap());
            assert_eq!(Found::Value(&left).equals(Found::Value(&right)), expected, "{name}");
        }
    }

    #[test]
    fn values_of_different_types_have_no_order() {
        let (text, number) = (Value::from("a"), Value::from(1));
        assert_eq!(Found::Value(&text).order(Found::Value(&number)), None);
        assert_eq!(Found::Value(&number).order(Found::Number(2)), Some(Ordering::Less));
        assert_eq!(Found::Text("b").order(Found::Value(&text)), Some(Ordering::Greater));
    }
}
