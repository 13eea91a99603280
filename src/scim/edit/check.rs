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
        if value_of(old, extension, attribute).is_some() && value_of(new, extension, attribute).is_none() {
            return Err(Error::mutability(format!("`{}` is required and cannot be removed", attribute.name)));
        }
    }
    Ok(())
}

/// No immutable attribute that had a value has another one.
///
/// # Errors
/// 400 `mutability`, naming the attribute.
pub(in crate::scim) fn check_fixed(old: &Resource, new: &Resource, schema: &ResourceSchema) -> Result<(), Error> {
    for (extension, attribute) in schema.attributes() {
        let (before, after) = (value_of(old, extension, attribute), value_of(new, extension, attribute));
        if attribute.mutability == Mutability::Immutable {
            if before.is_some() && !same_or_absent(before, after, attribute) {
                return Err(fixed(&attribute.name));
            }
        } else if attribute.kind == Kind::Complex && !attribute.multi_valued {
            for sub in attribute.sub_attributes.iter().filter(|sub| sub.mutability == Mutability::Immutable) {
                let part = |value: Option<&'_ Value>| value.and_then(|value| value.get(&sub.name)).cloned();
                let (before, after) = (part(before), part(after));
                if before.is_some() && !same_or_absent(before.as_ref(), after.as_ref(), sub) {
                    return Err(fixed(&format!("{}.{}", attribute.name, sub.name)));
                }
            }
        }
    }
    Ok(())
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
