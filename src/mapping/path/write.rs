//! Writing through steps: making what is missing on the way, and removing.

use serde_json::{Map, Value};

use super::{Step, Term, position, satisfies};

/// The node that the steps lead to, made where it is missing; `None` where a filled node of another kind is in the way.
pub(super) fn reach<'a>(steps: &[Step], node: &'a mut Value) -> Option<&'a mut Value> {
    let Some((step, rest)) = steps.split_first() else {
        return Some(node);
    };
    match step {
        Step::Name(name) => reach(rest, object(node)?.entry(name).or_insert(Value::Null)),
        Step::Index(index) => reach(rest, element(list(node)?, *index)?),
        Step::Where(terms) => reach(rest, selected(node, terms)?),
        // Only as the last step: the elements together are the list.
        Step::Every => Some(node),
    }
}

/// Whether a node of another kind may give way to a new object or list.
fn is_replaceable(node: &Value) -> bool {
    match node {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
        // Some languages serialise an empty table as an empty list.
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
    }
}

fn object(node: &mut Value) -> Option<&mut Map<String, Value>> {
    if !node.is_object() && is_replaceable(node) {
        *node = Value::Object(Map::new());
    }
    node.as_object_mut()
}

fn list(node: &mut Value) -> Option<&mut Vec<Value>> {
    if !node.is_array() && is_replaceable(node) {
        *node = Value::Array(Vec::new());
    }
    node.as_array_mut()
}

/// The element at `index`, made when it is one that can be; one before the start of the list cannot.
fn element(list: &mut Vec<Value>, index: i64) -> Option<&mut Value> {
    let place = match position(index, list.len()) {
        Some(place) => place,
        None if index >= 0 => usize::try_from(index).ok()?,
        None if index == -1 => 0,
        None => return None,
    };
    if place >= list.len() {
        list.resize(place + 1, Value::Null);
    }
    list.get_mut(place)
}

/// The first element that satisfies the terms, made from them when there is none.
fn selected<'a>(node: &'a mut Value, terms: &[Term]) -> Option<&'a mut Value> {
    if node.as_object().is_some_and(|object| !object.is_empty()) {
        return node.as_object_mut()?.values_mut().find(|member| satisfies(member, terms));
    }
    let list = list(node)?;
    let place = list.iter().position(|element| satisfies(element, terms)).unwrap_or_else(|| {
        list.push(fresh_element(terms));
        list.len() - 1
    });
    list.get_mut(place)
}

/// An element that satisfies the terms and holds nothing else.
pub(crate) fn fresh_element(terms: &[Term]) -> Value {
    let mut element = Value::Object(Map::new());
    for (names, literal) in terms {
        let steps: Vec<_> = names.iter().cloned().map(Step::Name).collect();
        if let Some(member) = reach(&steps, &mut element) {
            *member = literal.clone();
        }
    }
    element
}

/// Removes what the steps select.
pub(super) fn clear(steps: &[Step], node: &mut Value) {
    let Some((step, rest)) = steps.split_first() else {
        *node = Value::Null;
        return;
    };
    if rest.is_empty() {
        remove(step, node);
        return;
    }
    match (step, node) {
        (Step::Name(name), Value::Object(object)) => {
            if let Some(next) = object.get_mut(name) {
                clear(rest, next);
            }
        }
        (Step::Index(index), Value::Array(list)) => {
            if let Some(next) = position(*index, list.len()).and_then(|place| list.get_mut(place)) {
                clear(rest, next);
            }
        }
        (Step::Where(terms), node) => {
            children(node).filter(|next| satisfies(next, terms)).for_each(|next| clear(rest, next));
        }
        (Step::Every, node) => children(node).for_each(|next| clear(rest, next)),
        (Step::Name(_) | Step::Index(_), _) => {}
    }
}

/// Removes what one step selects from `node`; the other members keep their order.
fn remove(step: &Step, node: &mut Value) {
    match (step, node) {
        (Step::Name(name), Value::Object(object)) => {
            object.shift_remove(name);
        }
        (Step::Index(index), Value::Array(list)) => {
            if let Some(place) = position(*index, list.len()) {
                list.remove(place);
            }
        }
        (Step::Where(terms), Value::Array(list)) => list.retain(|element| !satisfies(element, terms)),
        (Step::Where(terms), Value::Object(object)) => object.retain(|_, member| !satisfies(member, terms)),
        (Step::Every, Value::Array(list)) => list.clear(),
        (Step::Every, Value::Object(object)) => object.clear(),
        (Step::Name(_) | Step::Index(_) | Step::Where(_) | Step::Every, _) => {}
    }
}

fn children(node: &mut Value) -> Box<dyn Iterator<Item = &mut Value> + '_> {
    match node {
        Value::Array(list) => Box::new(list.iter_mut()),
        Value::Object(object) => Box::new(object.values_mut()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Box::new(std::iter::empty()),
    }
}
