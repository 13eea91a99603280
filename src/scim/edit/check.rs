//! What must hold between a resource and its successor.

use serde_json::Value;

use crate::scim::compare::same;
use crate::scim::schema::{Attribute, Kind, Mutability};
use crate::scim::{Error, Resource, ResourceSchema};

/// Every required attribute has a value: of a resource that is to be made or replaced.
///
/// # Errors
/// 400 `invalidValue`, naming the first that has none.
pub fn require(resource: &Resource, schema: &ResourceSchema) -> Result<(), Error> {
    for (extension, attribute) in schema.attributes().filter(|(_, attribute)| attribute.required) {
        if value_of(resource, extension, attribute).is_none() {
            return Err(Error::invalid_value(format!("`{}` is required", attribute.name)));
        }
    }
    Ok(())
}

/// No required attribute lost its value (RFC 7644 §3.5.2.2).
///
/// # Errors
/// 400 `mutability`, naming the attribute.
pub(in crate::scim) fn check_kept(old: &Resource, new: &Resource, schema: &ResourceSchema) -> Result<(), Error> {
    for (extension, attribute) in schema.attributes().filter(|(_, attribute)| attribute.required) {
        let (before, after) = (value_of(old, extension, attribute), value_of(new, extension, attribute));
        if before.is_some() && after.is_none() {
            return Err(needed(&attribute.name));
        }
        for part in attribute.sub_attributes.iter().filter(|part| part.required && !attribute.multi_valued) {
            let holds = |value: Option<&Value>| value.is_some_and(|value| value.get(&part.name).is_some());
            if holds(before) && !holds(after) {
                return Err(needed(&format!("{}.{}", attribute.name, part.name)));
            }
        }
    }
    Ok(())
}

fn needed(name: &str) -> Error {
    Error::mutability(format!("`{name}` is required and cannot be removed"))
}

/// No immutable attribute that had a value has another one.
///
/// # Errors
/// 400 `mutability`, naming the attribute.
pub(in crate::scim) fn check_fixed(old: &Resource, new: &Resource, schema: &ResourceSchema) -> Result<(), Error> {
    for (extension, attribute) in schema.attributes() {
        let values = || (value_of(old, extension, attribute), value_of(new, extension, attribute));
        if is_immutable(attribute) {
            let (before, after) = values();
            if before.is_some() && !same_or_absent(before, after, attribute) {
                return Err(fixed(&attribute.name));
            }
        } else if attribute.kind == Kind::Complex && !attribute.multi_valued {
            for sub in attribute.sub_attributes.iter().filter(|sub| is_immutable(sub)) {
                let (before, after) = values();
                let before = before.and_then(|value| value.get(&sub.name));
                let after = after.and_then(|value| value.get(&sub.name));
                if before.is_some() && !same_or_absent(before, after, sub) {
                    return Err(fixed(&format!("{}.{}", attribute.name, sub.name)));
                }
            }
        }
    }
    Ok(())
}

fn is_immutable(attribute: &Attribute) -> bool {
    attribute.mutability == Mutability::Immutable
}

pub(super) fn fixed(name: &str) -> Error {
    Error::mutability(format!("`{name}` cannot be changed once it is set"))
}

/// Whether both have no value, or the same.
pub(super) fn same_or_absent(left: Option<&Value>, right: Option<&Value>, attribute: &Attribute) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => same(left, right, attribute),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

fn value_of<'r>(resource: &'r Resource, extension: Option<&str>, attribute: &Attribute) -> Option<&'r Value> {
    match extension {
        Some(urn) => resource.get(urn)?.get(&attribute.name),
        None => resource.get(&attribute.name),
    }
}
