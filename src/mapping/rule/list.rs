//! Rules of lists: elements that stay keep their place and form, others go, new ones come last.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map, Value};

use super::{Rule, Single};
use crate::mapping::codec::{CodecError, Packed};
use crate::mapping::equality::same;
use crate::mapping::path::{Path, fresh_element, satisfies};
use crate::scim::schema::Kind;
use crate::scim::{self, Resource};
use crate::value::{member, number_key};

impl Rule {
    /// The SCIM elements of the list in the record; `None` when there is none.
    pub(super) fn get_list(&self, path: &Path, record: &Value) -> Option<Value> {
        let elements: Vec<_> =
            self.elements(path, record).iter().filter_map(|element| self.get_element(element)).collect();
        (!elements.is_empty()).then_some(Value::Array(elements))
    }

    /// The SCIM elements of a node that stands where the list should be.
    pub(crate) fn list_of(&self, node: &Value) -> Option<Value> {
        let elements: Vec<_> =
            self.elements_of(vec![node], false).iter().filter_map(|element| self.get_element(element)).collect();
        (!elements.is_empty()).then_some(Value::Array(elements))
    }

    /// Your elements: those that the path selects, those of the list that it selects, or those packed into one value.
    fn elements<'a>(&self, path: &Path, record: &'a Value) -> Vec<Cow<'a, Value>> {
        self.elements_of(path.get(record), path.list().is_some())
    }

    fn elements_of<'a>(&self, nodes: Vec<&'a Value>, are_elements: bool) -> Vec<Cow<'a, Value>> {
        let nodes = nodes.into_iter().filter(|node| !self.is_unset(node));
        if let Some(packed) = &self.codecs.packed {
            return nodes
                .flat_map(|node| packed.decode(node).inspect_err(|_| self.odd.note(&self.name)).unwrap_or_default())
                .map(Cow::Owned)
                .collect();
        }
        if are_elements {
            return nodes.map(Cow::Borrowed).collect();
        }
        let mut elements = Vec::new();
        for node in nodes {
            match node {
                Value::Array(list) => elements.extend(list.iter().map(Cow::Borrowed)),
                // One element where a list should be.
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                    elements.push(Cow::Borrowed(node));
                }
            }
        }
        elements
    }

    /// Whether a node stands for "no value". An empty text is never an element.
    pub(crate) fn is_unset(&self, node: &Value) -> bool {
        node.is_null() || node == "" || same(node, &self.unset)
    }

    /// An element of yours as SCIM shows it; `None` for one without a value.
    pub(crate) fn get_element(&self, yours: &Value) -> Option<Value> {
        if self.is_unset(yours) {
            return None;
        }
        let Some(each) = &self.each else {
            let value = self.decode(yours)?;
            if self.attribute.kind != Kind::Complex {
                return Some(value);
            }
            let mut element = Map::with_capacity(1);
            element.insert("value".to_owned(), value);
            return Some(Value::Object(element));
        };
        let mut element = Map::with_capacity(each.len());
        for rule in each {
            let value = rule.get(yours);
            match (&rule.target.sub, value) {
                (Some(sub), Some(value)) => {
                    element.insert(sub.clone(), value);
                }
                (Some(sub), None) if sub == "value" => return None,
                (Some(_) | None, _) => {}
            }
        }
        (!element.is_empty()).then_some(Value::Object(element))
    }

    /// A SCIM element in your form: what `{item}` is and what is appended to the list.
    ///
    /// # Errors
    /// 400 `invalidValue` when a value cannot be encoded, or the element has no `value`.
    pub fn element_item(&self, element: &Value) -> Result<Value, scim::Error> {
        let Some(each) = &self.each else {
            let value =
                simple(element).ok_or_else(|| self.refused(&CodecError::expected("an element with a `value`")))?;
            return self.codecs.encode(value).map_err(|error| self.refused(&error));
        };
        let object = element.as_object().ok_or_else(|| self.refused(&CodecError::expected("an object")))?;
        let terms = self.write_at.as_ref().or(self.read_at.as_ref()).and_then(Path::list).map(|(_, terms)| terms);
        let mut item = fresh_element(terms.unwrap_or_default());
        for rule in each.iter().filter(|rule| self.is_written(rule)) {
            if let Some(value) = rule.part_of(object) {
                rule.write(&mut item, Some(value))?;
            }
        }
        Ok(item)
    }

    /// The element of yours that a SCIM element is in the record, as it stands there.
    pub fn item_in(&self, record: &Value, element: &Value) -> Option<Value> {
        let wanted = self.key(element);
        let elements = self.elements(self.read_at.as_ref()?, record);
        let found =
            elements.into_iter().find(|yours| self.get_element(yours).is_some_and(|seen| self.key(&seen) == wanted));
        found.map(Cow::into_owned)
    }

    /// The SCIM elements that `new` has and `old` has not, and the other way round; elements are the same iff `value` is.
    pub fn added_and_removed(&self, old: &Resource, new: &Resource) -> (Vec<Value>, Vec<Value>) {
        let (old, new) = (self.value_in(old), self.value_in(new));
        let missing = |elements: Option<&Value>, others: Option<&Value>| -> Vec<Value> {
            let mut seen: BTreeSet<_> = self.fitting(others).iter().map(|element| self.key(element)).collect();
            self.fitting(elements).iter().filter(|element| seen.insert(self.key(element))).cloned().collect()
        };
        (missing(new.as_ref(), old.as_ref()), missing(old.as_ref(), new.as_ref()))
    }

    /// Whether the elements' `value` alone says what they are: references to resources, and lists of plain values.
    fn is_by_value(&self) -> bool {
        self.each.is_none() || self.attribute.refers_to_resources()
    }

    /// Whether a rule of the elements is written: of references, never a text that a client made up.
    pub(crate) fn is_written(&self, rule: &Rule) -> bool {
        let sub = rule.target.sub.as_deref();
        rule.write_at.is_some() && !(self.attribute.refers_to_resources() && matches!(sub, Some("display" | "$ref")))
    }

    /// A text that is equal for SCIM elements that are the same one: made of `value`, else of `type`, else of all.
    fn key(&self, element: &Value) -> String {
        let mapped = |name| {
            self.each.as_ref().is_none_or(|each| each.iter().any(|rule| rule.target.sub.as_deref() == Some(name)))
        };
        match element.as_object() {
            Some(object) if mapped("value") => {
                let rule = self
                    .each
                    .as_ref()
                    .and_then(|each| each.iter().find(|rule| rule.target.sub.as_deref() == Some("value")));
                member(object, "value").map_or_else(String::new, |value| rule.unwrap_or(self).value_key(value))
            }
            Some(object) if mapped("type") => member(object, "type").map_or_else(String::new, Value::to_string),
            Some(_) => self.form(element),
            None => self.value_key(element),
        }
    }

    fn value_key(&self, value: &Value) -> String {
        match self.codecs.canonical(value).as_ref() {
            Value::Number(number) => number_key(number),
            other @ (Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_)) => {
                other.to_string()
            }
        }
    }

    /// A text that is equal for SCIM elements between which nothing that is written differs.
    fn form(&self, element: &Value) -> String {
        let (Some(object), Some(each), false) = (element.as_object(), &self.each, self.is_by_value()) else {
            return self.key(element);
        };
        let parts = each.iter().filter(|rule| self.is_written(rule)).filter_map(|rule| {
            let value = rule.part_of(object).or_else(|| rule.literal_default());
            let value = value.filter(|value| !(rule.is_primary() && **value == Value::Bool(false)))?;
            Some(format!("{:?}={:?};", rule.name, rule.value_key(value)))
        });
        parts.collect()
    }

    /// The forms of a list's elements, sorted; one of each where `value` alone counts.
    fn forms(&self, elements: Option<&Value>) -> Vec<String> {
        let mut forms: Vec<_> = self.fitting(elements).iter().map(|element| self.form(element)).collect();
        forms.sort_unstable();
        if self.is_by_value() {
            forms.dedup();
        }
        forms
    }

    pub(super) fn is_same_list(&self, left: Option<&Value>, right: Option<&Value>) -> bool {
        self.forms(left) == self.forms(right)
    }

    /// The sub-attribute's value in a SCIM element; `None` for null and `""`.
    fn part_of<'a>(&self, element: &'a Map<String, Value>) -> Option<&'a Value> {
        member(element, self.target.sub.as_deref()?).filter(|value| !value.is_null() && *value != "")
    }

    fn is_primary(&self) -> bool {
        self.target.sub.as_deref() == Some("primary")
    }

    pub(super) fn put_list(&self, path: &Path, record: &mut Value, value: Option<&Value>) -> Result<bool, scim::Error> {
        let shown = self.get_list(path, record);
        if self.is_same_list(shown.as_ref(), value) && (value.is_some() || !self.is_split()) {
            return Ok(false);
        }
        let wanted = self.wanted(self.fitting(value));
        if self.single == Some(Single::Reject) && wanted.elements.len() > 1 {
            return Err(self.refused(&CodecError("the application keeps one value here".to_owned())));
        }
        let changed = match &self.codecs.packed {
            Some(packed) => self.put_packed(path, record, (wanted, packed))?,
            None => self.put_elements(path, record, wanted)?,
        };
        if !self.is_same_list(self.get_list(path, record).as_ref(), value) {
            self.guard()?;
        }
        Ok(changed)
    }

    fn put_packed(
        &self,
        path: &Path,
        record: &mut Value,
        (mut wanted, packed): (Wanted<'_>, &Packed),
    ) -> Result<bool, scim::Error> {
        let mut yours = Vec::new();
        for element in self.elements(path, record) {
            // A part that cannot be read is none of the client's business.
            if self.get_element(&element).is_none_or(|seen| wanted.take(&self.key(&seen)).is_some()) {
                yours.push(element.into_owned());
            }
        }
        for element in wanted.rest() {
            yours.push(self.element_item(element)?);
        }
        let made = packed.encode(&yours, path.first(record)).map_err(|error| self.refused(&error))?;
        path.put(record, if made == "" || made == 0 { self.unset.clone() } else { made });
        Ok(true)
    }

    fn put_elements(&self, path: &Path, record: &mut Value, mut wanted: Wanted<'_>) -> Result<bool, scim::Error> {
        let (container, terms) = path.list().map_or((None, [].as_slice()), |(path, terms)| (Some(path), terms));
        let node = container.as_ref().unwrap_or(path).reach(record).ok_or_else(|| self.in_the_way())?;
        let before = match node.take() {
            Value::Array(elements) => elements,
            Value::Object(object) if object.is_empty() => Vec::new(),
            single if self.single.is_some() && !self.is_unset(&single) => vec![single],
            Value::Object(_) => return Err(self.in_the_way()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
        };
        let mut changed = false;
        let mut after = Vec::with_capacity(before.len());
        for mut yours in before {
            let seen = self.get_element(&yours).filter(|_| satisfies(&yours, terms));
            match seen.map(|seen| wanted.take(&self.key(&seen))) {
                // Elements of other rules, and those that cannot be read, stay.
                None => after.push(yours),
                Some(Some(element)) => {
                    changed |= self.put_parts(&mut yours, element)?;
                    after.push(yours);
                }
                Some(None) => changed = true,
            }
        }
        for element in wanted.rest() {
            after.push(self.element_item(element)?);
            changed = true;
        }
        *node = match (self.single, after.pop()) {
            (_, None) => self.unset.clone(),
            (Some(_), Some(only)) => only,
            (None, Some(last)) => {
                after.push(last);
                Value::Array(after)
            }
        };
        Ok(changed)
    }

    /// The elements that a client wants, less those for which a place of one value has no room: the primary one stays, else
    /// the last.
    fn fitting<'v>(&self, value: Option<&'v Value>) -> &'v [Value] {
        let elements = list(value);
        if self.single != Some(Single::Replace) {
            return elements;
        }
        let is_primary = |element: &Value| element.get("primary") == Some(&Value::Bool(true));
        let place = elements.iter().position(is_primary).or(elements.len().checked_sub(1));
        place.map_or(&[], |place| &elements[place..=place])
    }

    /// Applies the changed parts to an element that stays.
    fn put_parts(&self, yours: &mut Value, element: &Value) -> Result<bool, scim::Error> {
        let (Some(each), Some(object), false) = (&self.each, element.as_object(), self.is_by_value()) else {
            return Ok(false);
        };
        let mut changed = false;
        for rule in each.iter().filter(|rule| self.is_written(rule)) {
            let value = match rule.part_of(object) {
                // Not to be primary is the same as to say nothing about it.
                None if rule.is_primary() && rule.get(yours).is_some() => Some(&Value::Bool(false)),
                value => value,
            };
            changed |= rule.write(yours, value)?;
        }
        Ok(changed)
    }

    /// The elements that a client wants; of those that are the same one only the first where `value` alone counts.
    fn wanted<'a>(&self, elements: &'a [Value]) -> Wanted<'a> {
        let mut wanted = Wanted { elements: Vec::new(), by_key: BTreeMap::new() };
        for element in elements {
            let places = wanted.by_key.entry(self.key(element)).or_default();
            if places.is_empty() || !self.is_by_value() {
                places.push_back(wanted.elements.len());
                wanted.elements.push(Some(element));
            }
        }
        wanted
    }
}

/// The elements that are still to be placed.
struct Wanted<'a> {
    elements: Vec<Option<&'a Value>>,
    by_key: BTreeMap<String, VecDeque<usize>>,
}

impl<'a> Wanted<'a> {
    fn take(&mut self, key: &str) -> Option<&'a Value> {
        let place = self.by_key.get_mut(key)?.pop_front()?;
        self.elements.get_mut(place)?.take()
    }

    fn rest(self) -> impl Iterator<Item = &'a Value> {
        self.elements.into_iter().flatten()
    }
}

/// A list's elements; a single value is a list of one.
fn list(value: Option<&Value>) -> &[Value] {
    match value {
        None | Some(Value::Null) => &[],
        Some(Value::Array(elements)) => elements,
        Some(single) => std::slice::from_ref(single),
    }
}

/// The plain value of a SCIM element: its `value`, or itself.
fn simple(element: &Value) -> Option<&Value> {
    match element {
        Value::Object(object) => member(object, "value").filter(|value| !value.is_null()),
        Value::Null | Value::Array(_) => None,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Some(element),
    }
}
