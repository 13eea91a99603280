//! Where a rule's value stands in a resource.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::Rule;
use crate::mapping::codec::Codec;
use crate::mapping::equality::same;
use crate::scim::Resource;
use crate::value::member;

/// Where a rule's value stands in a resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// The extension's URN; `None` for the core schema and common attributes.
    pub extension: Option<String>,
    /// The attribute's name as the schema spells it.
    pub name: String,
    /// For a value filter: the sub-attributes that select the element (`primary eq true` is not among them).
    pub select: Vec<(String, Value)>,
    /// The value filter holds `primary eq true`.
    pub primary: bool,
    /// What other rules of this attribute select; elements of theirs are not taken for want of a better one.
    pub others: Vec<Vec<(String, Value)>>,
    /// The sub-attribute.
    pub sub: Option<String>,
}

impl Target {
    /// Whether the rule names one element of a multi-valued attribute.
    pub fn is_element(&self) -> bool {
        self.primary || !self.select.is_empty()
    }

    /// Whether both targets stand in one element, or in one complex attribute.
    pub fn shares_element(&self, other: &Self) -> bool {
        self.extension == other.extension
            && self.name == other.name
            && self.primary == other.primary
            && self.select == other.select
    }

    /// The attribute's value in a resource, whole.
    fn attribute<'a>(&self, resource: &'a Resource) -> Option<&'a Value> {
        let object = match &self.extension {
            Some(urn) => member(resource, urn)?.as_object()?,
            None => resource,
        };
        member(object, &self.name)
    }

    /// The element that a client means: one that the filter selects, the primary one before others. Where none is and the
    /// filter prefers the primary one: the only element, or the only primary one, that no other rule selects.
    fn element<'a>(&self, elements: &'a [Value]) -> Option<&'a Value> {
        let selected: Vec<_> = elements.iter().filter(|element| satisfies(element, &self.select)).collect();
        let is_primary = |element: &Value| element.get("primary") == Some(&Value::Bool(true));
        if self.primary
            && let Some(primary) = selected.iter().find(|element| is_primary(element))
        {
            return Some(primary);
        }
        if !self.primary || !self.select.is_empty() && !selected.is_empty() {
            return selected.first().copied();
        }
        let free: Vec<_> =
            elements.iter().filter(|element| !self.others.iter().any(|select| satisfies(element, select))).collect();
        let mut primary = free.iter().filter(|element| is_primary(element));
        match (free.as_slice(), primary.next(), primary.next()) {
            ([only], _, _) | (_, Some(only), None) => Some(only),
            _ => None,
        }
    }
}

/// Whether an element has these sub-attributes; words of a filter are compared without case, as SCIM does.
fn satisfies(element: &Value, select: &[(String, Value)]) -> bool {
    let Some(object) = element.as_object() else { return false };
    select.iter().all(|(name, wanted)| match (member(object, name), wanted) {
        (Some(Value::String(value)), Value::String(wanted)) => value.eq_ignore_ascii_case(wanted),
        (Some(value), wanted) => same(value, wanted),
        (None, _) => false,
    })
}

/// Whether SCIM counts this as no value; clients send `""` to unassign.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

impl Target {
    /// An element that the filter selects, with this part.
    fn new_element(&self, sub: String, value: Value) -> Map<String, Value> {
        let mut element = Map::new();
        element.extend(self.select.iter().cloned());
        if self.primary {
            element.insert("primary".to_owned(), Value::Bool(true));
        }
        element.insert(sub, value);
        element
    }

    /// The object in which the attribute stands: the resource, or the extension's part of it.
    pub(crate) fn members<'r>(&self, resource: &'r mut Resource) -> Option<&'r mut Resource> {
        match &self.extension {
            Some(urn) => resource.get_mut(urn)?.as_object_mut(),
            None => Some(resource),
        }
    }
}

/// The object under a name, made where there is none.
fn object_at<'a>(members: &'a mut Map<String, Value>, name: &str) -> Option<&'a mut Map<String, Value>> {
    let slot = members.entry(name.to_owned()).or_insert(Value::Null);
    if !slot.is_object() {
        *slot = Value::Object(Map::new());
    }
    slot.as_object_mut()
}

impl Rule {
    /// The value of this rule in a resource, as `put` wants it; `None` where the client gives none (`null`, `""`, `[]`).
    pub fn value_in(&self, resource: &Resource) -> Option<Value> {
        self.found_in(resource).map(Cow::into_owned)
    }

    /// The same without a copy, where the value stands in the resource as `put` wants it.
    pub fn found_in<'r>(&self, resource: &'r Resource) -> Option<Cow<'r, Value>> {
        let value = self.target.attribute(resource)?;
        if self.list {
            return match value {
                Value::Array(list) if list.is_empty() => None,
                Value::Array(_) => Some(Cow::Borrowed(value)),
                Value::Null => None,
                single @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
                    Some(Cow::Owned(Value::Array(vec![single.clone()])))
                }
            };
        }
        let value = match value {
            Value::Array(elements) => self.target.element(elements)?,
            Value::Object(_) if self.target.is_element() => self.target.element(std::slice::from_ref(value))?,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => value,
        };
        let value = match &self.target.sub {
            Some(sub) => member(value.as_object()?, sub)?,
            None => value,
        };
        match self.parts() {
            Some(names) => parts_of(value, &names).map(Cow::Owned),
            None => (!is_empty(value)).then_some(Cow::Borrowed(value)),
        }
    }

    /// Gives this rule a value in a resource, as a client would: a default, or an attribute that a delete sets.
    pub fn set_in(&self, resource: &mut Resource, value: Value) {
        let members = match &self.target.extension {
            Some(urn) => object_at(resource, urn),
            None => Some(resource),
        };
        let Some(members) = members else { return };
        if self.list || (!self.target.is_element() && self.target.sub.is_none()) {
            members.insert(self.target.name.clone(), value);
            return;
        }
        if self.target.is_element() {
            let sub = self.target.sub.clone().unwrap_or_else(|| "value".to_owned());
            let slot = members.entry(self.target.name.clone()).or_insert(Value::Null);
            if !slot.is_array() {
                *slot = Value::Array(Vec::new());
            }
            let Some(elements) = slot.as_array_mut() else { return };
            let is_it = |element: &Value| {
                let is_primary = element.get("primary") == Some(&Value::Bool(true));
                satisfies(element, &self.target.select) && (is_primary || !self.target.primary)
            };
            match elements.iter().position(is_it).and_then(|index| elements[index].as_object_mut()) {
                // Another rule, or the client, has a part of the same element.
                Some(element) => drop(element.insert(sub, value)),
                None => elements.push(Value::Object(self.target.new_element(sub, value))),
            }
        } else if let (Some(sub), Some(object)) = (&self.target.sub, object_at(members, &self.target.name)) {
            object.insert(sub.clone(), value);
        }
    }

    /// Takes this rule's value out of a resource.
    pub fn clear_in(&self, resource: &mut Resource) {
        let name = &self.target.name;
        let Some(members) = self.target.members(resource) else { return };
        match (&self.target.sub, members.get_mut(name)) {
            (Some(sub), Some(Value::Array(elements))) => {
                let select = &self.target.select;
                let is_it = |element: &Map<String, Value>| {
                    select.iter().all(|(name, value)| element.get(name) == Some(value))
                        && element.contains_key("primary") == self.target.primary
                };
                for element in elements.iter_mut().filter_map(Value::as_object_mut).filter(|element| is_it(element)) {
                    element.shift_remove(sub);
                }
                let bare = select.len() + usize::from(self.target.primary);
                elements.retain(|element| element.as_object().is_some_and(|element| element.len() > bare));
            }
            (Some(sub), Some(Value::Object(parts))) => {
                parts.shift_remove(sub);
            }
            _ => {
                members.shift_remove(name);
            }
        }
        if members.get(name).is_some_and(is_empty) {
            members.shift_remove(name);
        }
        if let Some(urn) = &self.target.extension
            && resource.get(urn).is_some_and(is_empty)
        {
            resource.shift_remove(urn);
        }
    }

    /// The sub-attributes that a `text` pattern of a complex attribute names.
    pub(crate) fn parts(&self) -> Option<Vec<&str>> {
        self.codecs.codecs.iter().find_map(|codec| match codec {
            Codec::Text(pattern) if !pattern.is_single() => {
                Some(pattern.holes.iter().map(|hole| hole.name.as_str()).collect())
            }
            Codec::ScimText(_)
            | Codec::Text(_)
            | Codec::Case(_)
            | Codec::Replace(_)
            | Codec::Map(_)
            | Codec::Time(_)
            | Codec::Type(_) => None,
        })
    }
}

/// The named parts of a complex value; `None` when it has none of them.
fn parts_of(value: &Value, names: &[&str]) -> Option<Value> {
    let object = value.as_object()?;
    let parts: Map<_, _> = names
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), member(object, name).filter(|part| !is_empty(part))?.clone())))
        .collect();
    (!parts.is_empty()).then_some(Value::Object(parts))
}
