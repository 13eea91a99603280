//! Filter × resource → yes or no.

use std::cmp::Ordering;

use serde_json::Value;

use super::{eq_folded, fold, instant};
use crate::scim::filter::Operator;
use crate::scim::schema::{Attribute, Kind};
use crate::scim::{AttributePath, Filter, Resource, ResourceSchema};
use crate::value::{compare_numbers, member};

impl Filter {
    /// Whether a resource satisfies the filter.
    ///
    /// The schema says where case counts and what is a time; an attribute that it does not know is compared as text
    /// without regard to case. A list satisfies a comparison if one of its values does. An attribute without a value
    /// satisfies `ne` and `eq null`, and no other comparison.
    pub fn matches(&self, resource: &Resource, schema: &ResourceSchema) -> bool {
        holds(self, Scope::Resource(resource, schema))
    }

    /// Whether one element of `attribute` satisfies this value filter (what stands in brackets).
    pub fn matches_element(&self, element: &Value, attribute: &Attribute) -> bool {
        holds(self, Scope::Element(element, Some(attribute)))
    }
}

/// What the names of a filter are looked up in.
#[derive(Clone, Copy)]
enum Scope<'a> {
    Resource(&'a Resource, &'a ResourceSchema),
    Element(&'a Value, Option<&'a Attribute>),
}

impl<'a> Scope<'a> {
    /// The value of the path's attribute, its filter and sub-attribute left aside, and the definition.
    fn find(self, path: &AttributePath) -> (Option<&'a Value>, Option<&'a Attribute>) {
        match self {
            Self::Resource(resource, schema) => match schema.place(path) {
                Some(place) => {
                    let container = match place.extension {
                        Some(extension) => resource.get(&extension.id).and_then(Value::as_object),
                        None => Some(resource),
                    };
                    (container.and_then(|container| container.get(&place.attribute.name)), Some(place.attribute))
                }
                None if path.schema.is_none() => (member(resource, &path.name), None),
                None => (None, None),
            },
            Self::Element(element, attribute) => {
                let definition = attribute.and_then(|attribute| attribute.sub(&path.name));
                (part(element, Some(&path.name)), definition)
            }
        }
    }
}

fn holds(filter: &Filter, scope: Scope<'_>) -> bool {
    match filter {
        Filter::And(terms) => terms.iter().all(|term| holds(term, scope)),
        Filter::Or(terms) => terms.iter().any(|term| holds(term, scope)),
        Filter::Not(term) => !holds(term, scope),
        Filter::Compare(path, operator, literal) => compare(path, *operator, literal, scope),
        Filter::Present(path) => any_element(path, scope, |element, _| match &path.sub {
            Some(sub) => part(element, Some(sub)).is_some_and(is_assigned),
            None => is_assigned(element),
        }),
        Filter::Element(path, inner) => any_element(path, scope, |element, attribute| {
            is_assigned(element) && holds(inner, Scope::Element(element, attribute))
        }),
    }
}

fn compare(path: &AttributePath, operator: Operator, literal: &Value, scope: Scope<'_>) -> bool {
    let any = |test: &dyn Fn(&Value, Option<&Attribute>) -> bool| {
        any_element(path, scope, |element, attribute| {
            let leaf = attribute.and_then(|attribute| match &path.sub {
                Some(sub) => attribute.sub(sub),
                None if attribute.kind == Kind::Complex => attribute.sub("value"),
                None => Some(attribute),
            });
            part(element, path.sub.as_deref()).is_some_and(|value| !value.is_null() && test(value, leaf))
        })
    };
    match operator {
        Operator::Eq if literal.is_null() => !any(&|_, _| true),
        Operator::Ne if literal.is_null() => any(&|_, _| true),
        Operator::Eq => any(&|value, leaf| equal(value, literal, leaf)),
        Operator::Ne => !any(&|_, _| true) || any(&|value, leaf| !equal(value, literal, leaf)),
        Operator::Co => any(&|value, leaf| test_text(value, literal, leaf, |text, wanted| text.contains(wanted))),
        Operator::Sw => any(&|value, leaf| test_text(value, literal, leaf, |text, wanted| text.starts_with(wanted))),
        Operator::Ew => any(&|value, leaf| test_text(value, literal, leaf, |text, wanted| text.ends_with(wanted))),
        Operator::Gt => any(&|value, leaf| order(value, literal, leaf).is_some_and(Ordering::is_gt)),
        Operator::Ge => any(&|value, leaf| order(value, literal, leaf).is_some_and(Ordering::is_ge)),
        Operator::Lt => any(&|value, leaf| order(value, literal, leaf).is_some_and(Ordering::is_lt)),
        Operator::Le => any(&|value, leaf| order(value, literal, leaf).is_some_and(Ordering::is_le)),
    }
}

/// Whether `test` holds for some element of the path's attribute that its value filter lets through; a single value is
/// its own only element.
fn any_element(path: &AttributePath, scope: Scope<'_>, test: impl Fn(&Value, Option<&Attribute>) -> bool) -> bool {
    let (value, attribute) = scope.find(path);
    let passes = |element: &Value| {
        path.filter.as_ref().is_none_or(|filter| holds(filter, Scope::Element(element, attribute)))
            && test(element, attribute)
    };
    match value {
        None => false,
        Some(Value::Array(elements)) => elements.iter().any(passes),
        Some(single) => passes(single),
    }
}

/// A part of an element: the named one; without a name `value` of a complex element, or the whole of a simple one.
fn part<'a>(element: &'a Value, sub: Option<&str>) -> Option<&'a Value> {
    match (element, sub) {
        (Value::Object(object), sub) => member(object, sub.unwrap_or("value")),
        (simple, None) => Some(simple),
        (simple, Some(sub)) => sub.eq_ignore_ascii_case("value").then_some(simple),
    }
}

/// RFC 7643 §2.5: null, an empty text, an empty list and an object without values are all "unassigned".
fn is_assigned(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(elements) => elements.iter().any(is_assigned),
        Value::Object(members) => members.values().any(is_assigned),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

fn equal(value: &Value, literal: &Value, attribute: Option<&Attribute>) -> bool {
    match (value, literal) {
        (Value::Bool(left), Value::Bool(right)) => left == right,
        // Entra asks `active eq "True"`.
        (Value::Bool(left), Value::String(right)) => right.eq_ignore_ascii_case(if *left { "true" } else { "false" }),
        (Value::Number(left), Value::Number(right)) => compare_numbers(left, right).is_eq(),
        (Value::String(left), Value::String(right)) => match attribute {
            Some(attribute) if attribute.kind == Kind::DateTime => match (instant(left), instant(right)) {
                (Some(left), Some(right)) => left == right,
                (Some(_) | None, _) => left == right,
            },
            Some(attribute) if attribute.case_exact => left == right,
            Some(_) | None => eq_folded(left, right),
        },
        _ => false,
    }
}

fn order(value: &Value, literal: &Value, attribute: Option<&Attribute>) -> Option<Ordering> {
    match (value, literal) {
        (Value::Number(left), Value::Number(right)) => Some(compare_numbers(left, right)),
        (Value::String(left), Value::String(right)) => match attribute {
            Some(attribute) if attribute.kind == Kind::DateTime => Some(instant(left)?.cmp(&instant(right)?)),
            Some(attribute) if attribute.case_exact => Some(left.cmp(right)),
            Some(_) | None => Some(fold(left).cmp(&fold(right))),
        },
        _ => None,
    }
}

fn test_text(value: &Value, literal: &Value, attribute: Option<&Attribute>, test: impl Fn(&str, &str) -> bool) -> bool {
    match (value, literal) {
        (Value::String(value), Value::String(wanted)) => {
            if attribute.is_some_and(|attribute| attribute.case_exact) {
                test(value, wanted)
            } else {
                test(&fold(value), &fold(wanted))
            }
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ada() -> Resource {
        let resource = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "id": "aB7",
            "userName": "Ada@Acme.example",
            "active": false,
            "name": {"givenName": "Ada", "familyName": "Lovelace"},
            "title": "",
            "emails": [
                {"value": "ada@acme.example", "type": "work", "primary": true},
                {"value": "ada@home.example", "type": "home"}
            ],
            "roles": [],
            "x": {"level": 3},
            "meta": {"created": "2024-05-01T12:00:00+02:00"},
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"value": "m1"}}
        });
        resource.as_object().unwrap().clone()
    }

    fn assert_matches(cases: &[(&str, &str, bool)]) {
        let (resource, schema) = (ada(), ResourceSchema::standard("User").unwrap());
        for (name, text, want) in cases {
            let filter = Filter::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(filter.matches(&resource, schema), *want, "{name}: {text}");
        }
    }

    #[test]
    fn single_values_are_compared_by_the_rules_of_their_attribute() {
        assert_matches(&[
            ("case does not matter in a userName", r#"USERNAME eq "ADA@ACME.EXAMPLE""#, true),
            ("another value", r#"userName eq "grace""#, false),
            ("case matters in an id", r#"id eq "ab7""#, false),
            ("the id itself", r#"id eq "aB7""#, true),
            ("a boolean", "active eq FALSE", true),
            ("a boolean as text", r#"active eq "False""#, true),
            ("the other boolean as text", r#"active eq "True""#, false),
            ("a boolean unlike", "active ne true", true),
            ("substring", r#"userName co "@acme""#, true),
            ("start", r#"userName sw "ADA""#, true),
            ("end", r#"userName ew ".Example""#, true),
            ("not at the end", r#"userName ew "ada""#, false),
            ("text order", r#"name.familyName gt "kant""#, true),
            ("a time as an instant", r#"meta.created eq "2024-05-01T10:00:00Z""#, true),
            ("a later time", r#"meta.created lt "2024-05-01T10:00:01.5Z""#, true),
            ("a time is not after itself", r#"meta.created gt "2024-05-01T10:00:00Z""#, false),
            ("a time is not before itself, but at most itself", r#"meta.created le "2024-05-01T10:00:00Z""#, true),
            ("no time at all", r#"meta.created gt "yesterday""#, false),
            ("a number by value", "x.level eq 3.0", true),
            ("number order", "x.level gt 2.99", true),
            ("types do not mix", r#"x.level eq "3""#, false),
            (
                "an extension",
                r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "m1""#,
                true,
            ),
            (
                "a complex value means its `value`",
                r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq "m1""#,
                true,
            ),
        ]);
    }

    #[test]
    fn an_absent_value_is_unlike_everything() {
        assert_matches(&[
            ("eq", r#"nickName eq "x""#, false),
            ("ne", r#"nickName ne "x""#, true),
            ("eq null", "nickName eq null", true),
            ("ne null", "nickName ne null", false),
            ("a value eq null", "userName eq null", false),
            ("pr", "nickName pr", false),
            ("not pr", "not (nickName pr)", true),
            ("an empty text is no value", "title pr", false),
            ("an empty list is no value", "roles pr", false),
            ("an attribute that nobody knows", r#"unheardOf eq "x""#, false),
            ("an attribute of an unknown schema", r#"urn:acme:hr:badge ne "x""#, true),
            (
                "an extension's attribute",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department pr",
                false,
            ),
        ]);
    }

    #[test]
    fn a_list_matches_if_one_of_its_values_does() {
        assert_matches(&[
            ("the list means `value`", r#"emails eq "ADA@home.example""#, true),
            ("a sub-attribute", r#"emails.type eq "home""#, true),
            ("none of them", r#"emails.type eq "other""#, false),
            ("one unlike is enough", r#"emails.type ne "home""#, true),
            ("present", "emails pr", true),
            ("a part that no element has", "emails.display pr", false),
            ("both terms in one element", r#"emails[type eq "work" and value co "@acme"]"#, true),
            ("terms in different elements", r#"emails[type eq "home" and value co "@acme"]"#, false),
            ("terms of the whole resource", r#"emails.type eq "home" and emails.value co "@acme""#, true),
            ("a sub-attribute behind the bracket", r#"emails[type eq "work"].value eq "ada@acme.example""#, true),
            ("a value of another element", r#"emails[type eq "work"].value eq "ada@home.example""#, false),
            ("presence behind the bracket", r#"emails[type eq "other"].value pr"#, false),
            ("primary", "emails[primary eq true]", true),
            ("without primary", r#"emails[not (primary eq true)].type eq "home""#, true),
            ("no element", r#"roles[value eq "x"]"#, false),
        ]);
    }
}
