//! Filters against a second evaluation, written from the words of RFC 7644 §3.4.2.2 and RFC 7643 §2 alone.
//!
//! It has trees of its own and sees only their text and the resource; it knows the few attributes that the resources here
//! have, and that `level` is of no schema.

use std::cmp::Ordering;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::scim::{Filter, Resource, ResourceSchema};

const URN: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A filter as a person thinks of it.
#[derive(Clone, Debug)]
enum Said {
    And(Vec<Said>),
    Or(Vec<Said>),
    Not(Box<Said>),
    /// In needless parentheses.
    Grouped(Box<Said>),
    Test(Name, &'static str, Value),
    Present(Name),
    /// A value filter, and a test of a part of what it selects.
    Value(&'static str, Box<Said>, Option<Box<Said>>),
}

/// An attribute by its parts: of which object, which member, which part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Name {
    extension: bool,
    attribute: &'static str,
    part: Option<&'static str>,
}

const fn name(attribute: &'static str, part: Option<&'static str>) -> Name {
    Name { extension: false, attribute, part }
}

const NAMES: &[Name] = &[
    name("id", None),
    name("externalId", None),
    name("userName", None),
    name("title", None),
    name("active", None),
    name("level", None),
    name("name", Some("givenName")),
    name("emails", None),
    name("emails", Some("value")),
    name("emails", Some("type")),
    name("emails", Some("primary")),
    name("meta", Some("created")),
    name("schemas", None),
    Name { extension: true, attribute: "department", part: None },
    Name { extension: true, attribute: "manager", part: Some("value") },
];

const PARTS: &[Name] = &[name("value", None), name("type", None), name("primary", None), name("display", None)];

// === the text ===

impl Name {
    fn print(self, shout: bool) -> String {
        let urn = if self.extension { format!("{URN}:") } else { String::new() };
        let part = self.part.map(|part| format!(".{part}")).unwrap_or_default();
        let text = format!("{urn}{}{part}", self.attribute);
        if shout { text.to_uppercase() } else { text }
    }
}

impl Said {
    /// `inside` is the operator around it: 2 for `and`, 1 for `or`, 0 for none.
    fn print(&self, inside: u8, shout: bool) -> String {
        let word = |word: &str| if shout { word.to_uppercase() } else { word.to_owned() };
        let list = |terms: &[Self], own: u8, by: &str| {
            let terms: Vec<_> = terms.iter().map(|term| term.print(own, shout)).collect();
            let text = terms.join(&format!(" {} ", word(by)));
            if inside > own { format!("({text})") } else { text }
        };
        match self {
            Self::And(terms) => list(terms, 2, "and"),
            Self::Or(terms) => list(terms, 1, "or"),
            Self::Not(term) => format!("{} ({})", word("not"), term.print(0, shout)),
            Self::Grouped(term) => format!("( {} )", term.print(0, shout)),
            Self::Test(name, operator, literal) => format!("{} {} {literal}", name.print(shout), word(operator)),
            Self::Present(name) => format!("{} {}", name.print(shout), word("pr")),
            Self::Value(attribute, filter, None) => format!("{attribute}[{}]", filter.print(0, shout)),
            Self::Value(attribute, filter, Some(test)) => {
                format!("{attribute}[{}].{}", filter.print(0, shout), test.print(2, shout))
            }
        }
    }
}

// === the evaluation ===

/// All values of an attribute: of a list each, of an object its `value` (RFC 7643 §2.4), of nothing none.
fn values<'r>(object: &'r Value, name: Name) -> Vec<&'r Value> {
    let object = if name.extension { &object[URN] } else { object };
    let found = &object[name.attribute];
    let each: Vec<&Value> = match found {
        Value::Null => vec![],
        Value::Array(list) => list.iter().collect(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => vec![found],
    };
    let part = |value: &'r Value| match (name.part, value) {
        (Some(part), value) => &value[part],
        (None, Value::Object(_)) => &value["value"],
        (None, value) => value,
    };
    each.into_iter().map(part).filter(|value| !value.is_null()).collect()
}

/// "Case-exact" are those that RFC 7643 §8.7.1 says are.
fn is_exact(name: Name) -> bool {
    matches!((name.attribute, name.part), ("id" | "externalId" | "schemas", _) | ("manager", Some("value")))
}

/// Minutes of a time that the generator writes: `2024-05-01T10:30:00+02:00`.
fn minutes(time: &str) -> i64 {
    let number = |text: &str| text.parse::<i64>().unwrap();
    let local = number(&time[11..13]) * 60 + number(&time[14..16]);
    match &time[19..] {
        "Z" => local,
        offset => local - number(&offset[..3]) * 60,
    }
}

fn order(value: &Value, literal: &Value, name: Name) -> Option<Ordering> {
    match (value, literal) {
        (Value::Number(left), Value::Number(right)) => left.as_f64()?.partial_cmp(&right.as_f64()?),
        (Value::String(left), Value::String(right)) if name.attribute == "meta" => {
            Some(minutes(left).cmp(&minutes(right)))
        }
        (Value::String(left), Value::String(right)) if is_exact(name) => Some(left.cmp(right)),
        (Value::String(left), Value::String(right)) => Some(left.to_lowercase().cmp(&right.to_lowercase())),
        _ => None,
    }
}

fn is_equal(value: &Value, literal: &Value, name: Name) -> bool {
    value == literal || order(value, literal, name) == Some(Ordering::Equal)
}

fn test(value: &Value, operator: &str, literal: &Value, name: Name) -> bool {
    let text = |holds: fn(&str, &str) -> bool| match (value.as_str(), literal.as_str()) {
        (Some(value), Some(literal)) if is_exact(name) => holds(value, literal),
        (Some(value), Some(literal)) => holds(&value.to_lowercase(), &literal.to_lowercase()),
        _ => false,
    };
    let ordered = |holds: fn(Ordering) -> bool| order(value, literal, name).is_some_and(holds);
    match operator {
        "eq" => is_equal(value, literal, name),
        "ne" => !is_equal(value, literal, name),
        "co" => text(|value, literal| value.contains(literal)),
        "sw" => text(|value, literal| value.starts_with(literal)),
        "ew" => text(|value, literal| value.ends_with(literal)),
        "gt" => ordered(Ordering::is_gt),
        "ge" => ordered(Ordering::is_ge),
        "lt" => ordered(Ordering::is_lt),
        "le" => ordered(Ordering::is_le),
        other => unreachable!("{other}"),
    }
}

fn holds(said: &Said, object: &Value) -> bool {
    match said {
        Said::And(terms) => terms.iter().all(|term| holds(term, object)),
        Said::Or(terms) => terms.iter().any(|term| holds(term, object)),
        Said::Not(term) => !holds(term, object),
        Said::Grouped(term) => holds(term, object),
        // Null is the state of having no value (RFC 7643 §2.5), and what has none is not identical with any value.
        Said::Test(name, "eq", Value::Null) => values(object, *name).is_empty(),
        Said::Present(name) | Said::Test(name, "ne", Value::Null) => !values(object, *name).is_empty(),
        Said::Test(name, operator, literal) => {
            let values = values(object, *name);
            values.iter().any(|value| test(value, operator, literal, *name)) || *operator == "ne" && values.is_empty()
        }
        Said::Value(attribute, filter, behind) => {
            let list = object[attribute].as_array().map(Vec::as_slice).unwrap_or_default();
            let selected: Vec<&Value> = list.iter().filter(|element| holds(filter, element)).collect();
            match behind.as_deref() {
                None => !selected.is_empty(),
                // The values behind the bracket are those of one attribute.
                Some(behind) => holds(behind, &only_part(&selected, behind)),
            }
        }
    }
}

/// What is selected, as an object with nothing but the attribute behind the bracket.
fn only_part(selected: &[&Value], behind: &Said) -> Value {
    let (Said::Test(name, ..) | Said::Present(name)) = behind else { unreachable!("one test") };
    let parts: Vec<&Value> =
        selected.iter().map(|element| &element[name.attribute]).filter(|value| !value.is_null()).collect();
    if parts.is_empty() { json!({}) } else { json!({ name.attribute: parts }) }
}

// === what is tried ===

fn text() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "A", "ab", "Ab", "B", "b é", "B É", "work", "x\"y\\"]).prop_map(str::to_owned)
}

fn time() -> impl Strategy<Value = String> {
    (9..12_u8, prop::sample::select(vec!["00", "30"]), prop::sample::select(vec!["Z", "+01:00", "-01:00"]))
        .prop_map(|(hour, minute, zone)| format!("2024-05-01T{hour:02}:{minute}:00{zone}"))
}

fn user() -> impl Strategy<Value = Value> {
    let email = (text(), prop::option::of(prop::sample::select(vec!["work", "Home"])), any::<Option<bool>>()).prop_map(
        |(value, label, primary)| {
            let mut email = json!({ "value": value });
            if let Some(label) = label {
                email["type"] = json!(label);
            }
            if let Some(primary) = primary {
                email["primary"] = json!(primary);
            }
            email
        },
    );
    let optional = || prop::option::of(text());
    let times = prop::option::of(time());
    let parts = (optional(), optional(), any::<Option<bool>>(), prop::option::of(-1..3_i8), optional());
    (text(), parts, prop::collection::vec(email, 0..3), times, optional(), optional()).prop_map(
        |(id, (external, title, active, level, given), emails, created, department, manager)| {
            let mut user = json!({ "schemas": ["urn:x", URN], "id": id, "userName": id });
            let mut set = |name: &str, value: Option<Value>| {
                if let Some(value) = value {
                    user[name] = value;
                }
            };
            set("externalId", external.map(Value::from));
            set("title", title.map(Value::from));
            set("active", active.map(Value::from));
            set("level", level.map(Value::from));
            set("name", given.map(|given| json!({ "givenName": given })));
            set("emails", (!emails.is_empty()).then_some(Value::from(emails)));
            set("meta", created.map(|created| json!({ "created": created })));
            set(URN, department.map(|department| json!({ "department": department })));
            if let Some(manager) = manager {
                user[URN]["manager"] = json!({ "value": manager });
            }
            user
        },
    )
}

const ORDERS: [&str; 4] = ["gt", "ge", "lt", "le"];

/// One test of an attribute by an operator that its type has.
fn leaf(names: &'static [Name]) -> impl Strategy<Value = Said> {
    let operator = prop::sample::select(vec!["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]);
    let number = prop::sample::select(vec!["0", "1", "1.0", "2.5", "-1"]);
    let number = number.prop_map(|text| serde_json::from_str::<Value>(text).unwrap());
    (prop::sample::select(names), operator, (text(), time(), number, any::<bool>()), 0..12_u8).prop_map(
        |(name, operator, (text, time, number, boolean), kind)| {
            let is = |attribute: &str| name.attribute == attribute || name.part == Some(attribute);
            let literal = match kind {
                0 => return Said::Present(name),
                1 => return Said::Test(name, if ORDERS.contains(&operator) { "ne" } else { "eq" }, Value::Null),
                _ if is("meta") => json!(time),
                2..6 if is("schemas") => json!(URN),
                _ if is("active") || is("primary") => {
                    return Said::Test(name, if kind % 2 == 0 { "eq" } else { "ne" }, json!(boolean));
                }
                _ if is("level") && !matches!(operator, "co" | "sw" | "ew") => number,
                _ => json!(text),
            };
            Said::Test(name, operator, literal)
        },
    )
}

fn tree(leaf: impl Strategy<Value = Said> + 'static) -> impl Strategy<Value = Said> {
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Said::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Said::Or),
            inner.clone().prop_map(|term| Said::Not(Box::new(term))),
            inner.prop_map(|term| Said::Grouped(Box::new(term))),
        ]
    })
}

fn said() -> impl Strategy<Value = Said> {
    let element = tree(leaf(PARTS)).boxed();
    let behind = prop::option::of(leaf(PARTS).prop_map(Box::new));
    let value = (element, behind).prop_map(|(filter, behind)| Said::Value("emails", Box::new(filter), behind));
    tree(prop_oneof![3 => leaf(NAMES), 1 => value])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn a_filter_holds_where_the_words_of_the_rfc_say_so(said in said(), user in user(), shout: bool) {
        let text = said.print(0, shout);
        let filter = Filter::parse(&text);
        prop_assert!(filter.is_ok(), "{text}: {filter:?}");
        let resource: &Resource = user.as_object().unwrap();
        let got = filter.unwrap().matches(resource, ResourceSchema::standard("User").unwrap());
        prop_assert_eq!(got, holds(&said, &user), "{}\n{}", text, user);
    }
}
