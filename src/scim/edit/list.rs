//! Changes to multi-valued attributes.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::conform::{At, element, is_primary, list, simple};
use super::dialect::{is_no_value, unwrap_sole_element};
use super::{Change, Ignored, Verb};
use crate::scim::compare::{element_key, same};
use crate::scim::schema::{Attribute, Kind, Mutability};
use crate::scim::{Error, Filter};

/// The new elements of a list. Time is linear in the old and the new elements together.
pub(super) fn change_list(
    elements: Vec<Value>,
    change: Change<'_>,
    ignored: &mut Ignored,
) -> Result<Vec<Value>, Error> {
    match (change.target.filter, change.target.sub) {
        (None, None) => change_all(elements, change, ignored),
        (None, Some(sub)) => change_part_of_all(elements, sub, &change),
        (Some(filter), None) => change_selected(elements, filter, change, ignored),
        (Some(filter), Some(sub)) => change_part_of_selected(elements, filter, sub, &change),
    }
}

/// `members`: adds to, replaces, or removes from the whole list.
fn change_all(elements: Vec<Value>, change: Change<'_>, ignored: &mut Ignored) -> Result<Vec<Value>, Error> {
    let attribute = change.target.attribute;
    let listed = change.value.as_ref().is_some_and(|value| value.is_array() || !is_no_value(value));
    let incoming = list(change.value.unwrap_or(Value::Null), attribute, At::top(attribute), ignored)?;
    Ok(match change.verb {
        Verb::Add => add_all(elements, incoming, attribute),
        Verb::Replace => add_all(Vec::new(), incoming, attribute),
        // An empty list removes nothing: to read it as "all" would empty a group by mistake.
        Verb::Remove if listed => remove_listed(elements, &incoming, attribute),
        Verb::Remove => Vec::new(),
    })
}

/// Appends what is not there yet. An element with the `value` (and the `type`, if it has one) of one that is there is that
/// one: its other parts are taken over, unless it refers to a resource.
fn add_all(mut elements: Vec<Value>, incoming: Vec<Value>, attribute: &Attribute) -> Vec<Value> {
    let places = places(&elements, &incoming, attribute);
    let mut primary = None;
    for (element, place) in incoming.into_iter().zip(places) {
        if is_primary(&element) {
            primary = Some(place);
        }
        if place == elements.len() {
            elements.push(element);
        } else if !attribute.refers_to_resources() {
            merge(&mut elements[place], element);
        }
    }
    keep_one_primary(&mut elements, primary);
    elements
}

/// For each incoming element the index of the one that it is; a new one gets the next index behind the list.
fn places(elements: &[Value], incoming: &[Value], attribute: &Attribute) -> Vec<usize> {
    if let [sole] = incoming {
        // The common case, and many such operations may stand in one request: no index is built for it.
        let wanted = Identity::of(sole, attribute);
        let place = elements.iter().position(|element| Identity::of(element, attribute).includes(&wanted));
        return vec![place.unwrap_or(elements.len())];
    }
    let mut known: HashMap<Identity<'_>, usize> = HashMap::new();
    let mut end = 0;
    let mut place_of = |element, is_new: bool| {
        let identity = Identity::of(element, attribute);
        if let Some(place) = known.get(&identity).copied().filter(|_| is_new) {
            return place;
        }
        known.entry(identity.without_label()).or_insert(end);
        known.entry(identity).or_insert(end);
        end += 1;
        end - 1
    };
    for element in elements {
        place_of(element, false);
    }
    incoming.iter().map(|element| place_of(element, true)).collect()
}

/// What makes an element the one it is.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Identity<'a> {
    /// `value`, and `type` where it has one and does not refer to a resource.
    Value(&'a str, Option<&'a str>),
    /// All of it, where it has no `value`.
    Whole(String),
}

impl<'a> Identity<'a> {
    fn of(element: &'a Value, attribute: &Attribute) -> Self {
        let text = |name: &str| element.get(name).and_then(Value::as_str);
        match text("value") {
            Some(value) if attribute.refers_to_resources() => Self::Value(value, None),
            Some(value) => Self::Value(value, text("type")),
            None => Self::Whole(element_key(element, attribute)),
        }
    }

    fn without_label(&self) -> Self {
        match self {
            Self::Value(value, _) => Self::Value(value, None),
            Self::Whole(key) => Self::Whole(key.clone()),
        }
    }

    /// Whether the element meant by `wanted` is this one; without a `type` any of that `value` is meant.
    fn includes(&self, wanted: &Self) -> bool {
        self == wanted || self.without_label() == *wanted
    }
}

/// Entra ID removes members with a list in `value` instead of a value filter in the path.
fn remove_listed(mut elements: Vec<Value>, listed: &[Value], attribute: &Attribute) -> Vec<Value> {
    let listed: HashSet<Identity<'_>> = listed.iter().map(|element| Identity::of(element, attribute)).collect();
    elements.retain(|element| {
        let identity = Identity::of(element, attribute);
        !listed.contains(&identity) && !listed.contains(&identity.without_label())
    });
    elements
}

/// `emails.value`: a part without a word on which element. Clear where there is one element at most.
fn change_part_of_all(mut elements: Vec<Value>, sub: &Attribute, change: &Change<'_>) -> Result<Vec<Value>, Error> {
    let attribute = change.target.attribute;
    let Some(value) = wanted_part(sub, change)? else {
        elements.retain_mut(|element| clear_part(element, sub));
        return Ok(elements);
    };
    let part = Map::from_iter([(sub.name.clone(), value)]);
    match elements.as_mut_slice() {
        [] => Ok(vec![Value::Object(part)]),
        [sole] if change.verb == Verb::Replace => {
            set_parts(sole, &part, attribute)?;
            Ok(elements)
        }
        _ if change.verb == Verb::Add && sub.name == "value" => {
            Ok(add_all(elements, vec![Value::Object(part)], attribute))
        }
        _ => Err(Error::invalid_path(format!(
            "`{0}.{1}` could mean several elements: select one, as in `{0}[type eq \"work\"].{1}`",
            attribute.name, sub.name
        ))),
    }
}

/// `members[value eq "42"]`: whole elements. Removing what is not there is no fault: a repeat must succeed.
fn change_selected(
    mut elements: Vec<Value>,
    filter: &Filter,
    change: Change<'_>,
    ignored: &mut Ignored,
) -> Result<Vec<Value>, Error> {
    let attribute = change.target.attribute;
    let value = change.value.unwrap_or(Value::Null);
    if change.verb == Verb::Remove || is_no_value(&value) {
        elements.retain(|element| !filter.matches_element(element, attribute));
        return Ok(elements);
    }
    if attribute.kind != Kind::Complex {
        let incoming = list(value, attribute, At::top(attribute), ignored)?;
        elements.retain(|element| !filter.matches_element(element, attribute));
        return Ok(add_all(elements, incoming, attribute));
    }
    let value = unwrap_sole_element(value, attribute)
        .ok_or_else(|| Error::invalid_value(format!("`{}` with a value filter takes one value", attribute.name)))?;
    let new = element(value, attribute, At::top(attribute), ignored)?;
    let selected = selected(&elements, filter, attribute);
    if selected.is_empty() {
        let mut created = created_by(filter, attribute)?;
        created.extend(new);
        return Ok(add_all(elements, vec![Value::Object(created)], attribute));
    }
    for index in &selected {
        if change.verb == Verb::Replace {
            elements[*index] = Value::Object(created_by(filter, attribute).unwrap_or_default());
        }
        set_parts(&mut elements[*index], &new, attribute)?;
    }
    settle_primary(&mut elements, &selected, &new, attribute)?;
    Ok(elements)
}

/// `emails[type eq "work"].value`: one part of the selected elements.
fn change_part_of_selected(
    mut elements: Vec<Value>,
    filter: &Filter,
    sub: &Attribute,
    change: &Change<'_>,
) -> Result<Vec<Value>, Error> {
    let attribute = change.target.attribute;
    let Some(value) = wanted_part(sub, change)? else {
        elements.retain_mut(|element| !filter.matches_element(element, attribute) || clear_part(element, sub));
        return Ok(elements);
    };
    let new = Map::from_iter([(sub.name.clone(), value)]);
    let selected = selected(&elements, filter, attribute);
    if selected.is_empty() {
        let mut created = created_by(filter, attribute)?;
        created.extend(new);
        let primary = is_true(&created, "primary").then_some(elements.len());
        elements.push(Value::Object(created));
        keep_one_primary(&mut elements, primary);
        return Ok(elements);
    }
    for index in &selected {
        set_parts(&mut elements[*index], &new, attribute)?;
    }
    settle_primary(&mut elements, &selected, &new, attribute)?;
    Ok(elements)
}

/// The value asked for a part; `None` clears it.
fn wanted_part(sub: &Attribute, change: &Change<'_>) -> Result<Option<Value>, Error> {
    match (change.verb, &change.value) {
        (Verb::Remove, _) | (_, None) => Ok(None),
        (Verb::Add | Verb::Replace, Some(value)) => {
            simple(value.clone(), sub, At::top(change.target.attribute).part(&sub.name))
        }
    }
}

fn selected(elements: &[Value], filter: &Filter, attribute: &Attribute) -> Vec<usize> {
    let matches = |(index, element): (usize, &Value)| filter.matches_element(element, attribute).then_some(index);
    elements.iter().enumerate().filter_map(matches).collect()
}

/// The element that a value filter describes. Entra ID replaces and adds by a value path that matches nothing and wants
/// the element made; RFC 7644 §3.5.2.3 would answer `noTarget`, which stays for filters that describe no element.
fn created_by(filter: &Filter, attribute: &Attribute) -> Result<Map<String, Value>, Error> {
    let terms = filter.equalities().ok_or_else(|| {
        Error::no_target(format!("no element of `{}` satisfies the value filter of the path", attribute.name))
    })?;
    let mut element = Map::new();
    for (path, literal) in terms {
        // A part that is not mapped would be dropped from a whole element as well.
        if let Some(sub) = attribute.sub(&path.name)
            && let Some(value) = simple(literal.clone(), sub, At::top(attribute).part(&sub.name))?
        {
            element.insert(sub.name.clone(), value);
        }
    }
    Ok(element)
}

/// Sets parts of one element; an immutable part keeps its value.
fn set_parts(element: &mut Value, new: &Map<String, Value>, attribute: &Attribute) -> Result<(), Error> {
    for (name, value) in new {
        let fixed = attribute.sub(name).filter(|sub| sub.mutability == Mutability::Immutable);
        if fixed.is_some_and(|sub| element.get(name).is_some_and(|old| !same(old, value, sub))) {
            return Err(Error::mutability(format!("`{}.{name}` cannot be changed once it is set", attribute.name)));
        }
    }
    merge(element, Value::Object(new.clone()));
    Ok(())
}

/// Takes a part out of an element; whether enough is left of it to stay: a `value` with a label is nothing without the
/// `value`, an address nothing with the label alone.
fn clear_part(element: &mut Value, sub: &Attribute) -> bool {
    let Value::Object(members) = element else {
        return false;
    };
    members.shift_remove(&sub.name);
    sub.name != "value" && members.keys().any(|name| name != "type" && name != "primary")
}

fn merge(element: &mut Value, new: Value) {
    match (element, new) {
        (Value::Object(members), Value::Object(new)) => members.extend(new),
        (element, new) => *element = new,
    }
}

/// After `new` was set in the selected elements: at most one of them may have become primary by it.
fn settle_primary(
    elements: &mut [Value],
    selected: &[usize],
    new: &Map<String, Value>,
    attribute: &Attribute,
) -> Result<(), Error> {
    match selected {
        [index] if is_true(new, "primary") => {
            keep_one_primary(elements, Some(*index));
            Ok(())
        }
        [_, _, ..] if is_true(new, "primary") => {
            Err(Error::invalid_value(format!("only one value of `{}` can be `primary`", attribute.name)))
        }
        _ => Ok(()),
    }
}

/// `primary` is true once at most (RFC 7643 §2.4): the latest wins (RFC 7644 §3.5.2).
fn keep_one_primary(elements: &mut [Value], latest: Option<usize>) {
    let Some(latest) = latest else {
        return;
    };
    for (index, element) in elements.iter_mut().enumerate() {
        if index != latest && is_primary(element) {
            merge(element, Value::Object(Map::from_iter([("primary".to_owned(), Value::Bool(false))])));
        }
    }
}

fn is_true(members: &Map<String, Value>, name: &str) -> bool {
    members.get(name).and_then(Value::as_bool) == Some(true)
}
