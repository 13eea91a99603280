//! Changes to single-valued attributes.

use serde_json::{Map, Value};

use super::conform::{At, parts, simple};
use super::dialect::{is_no_value, is_reference_to_nobody, unwrap_sole_element};
use super::{Change, Ignored, Target, Verb};
use crate::scim::Error;
use crate::scim::compare::same;
use crate::scim::schema::{Attribute, Mutability};

/// The new value of a simple attribute.
pub(super) fn change_simple(change: Change<'_>) -> Result<Option<Value>, Error> {
    let attribute = change.target.attribute;
    match change.verb {
        Verb::Remove => Ok(None),
        Verb::Add | Verb::Replace => simple(change.value.unwrap_or(Value::Null), attribute, At::top(attribute)),
    }
}

/// The new parts of a complex attribute. Parts that a value does not name stay, as §3.5.2.1 and §3.5.2.3 want it.
pub(super) fn change_complex(
    mut members: Map<String, Value>,
    change: Change<'_>,
    ignored: &mut Ignored,
) -> Result<Map<String, Value>, Error> {
    let target = change.target;
    let attribute = target.attribute;
    let at = At::top(attribute);
    let value = change.value.filter(|_| change.verb != Verb::Remove).unwrap_or(Value::Null);
    if let Some(sub) = target.sub {
        let wanted = simple(value, sub, at.part(&sub.name))?;
        set_part(&mut members, sub, wanted, (target, ignored));
        return Ok(members);
    }
    let value = unwrap_sole_element(value, attribute)
        .ok_or_else(|| Error::invalid_value(format!("`{at}` takes one value, not a list of several")))?;
    if is_no_value(&value) || change.verb == Verb::Replace && is_reference_to_nobody(&value, attribute) {
        members.retain(|name, _| attribute.sub(name).is_some_and(|sub| sub.mutability == Mutability::ReadOnly));
        return Ok(without_derived(members, attribute));
    }
    for (sub, wanted) in parts(value, attribute, at, ignored)? {
        set_part(&mut members, sub, wanted, (target, ignored));
    }
    Ok(members)
}

/// What the service provider derives from `value` means nothing without it.
fn without_derived(mut members: Map<String, Value>, attribute: &Attribute) -> Map<String, Value> {
    if attribute.sub("value").is_some_and(|value| value.mutability != Mutability::ReadOnly) {
        members.clear();
    }
    members
}

/// Sets or clears one part. A read-only part stays as it is; when only the mapping makes it so, another value is noted.
fn set_part(
    members: &mut Map<String, Value>,
    sub: &Attribute,
    wanted: Option<Value>,
    (target, ignored): (&Target<'_>, &mut Ignored),
) {
    let unchanged = match (members.get(&sub.name), &wanted) {
        (Some(shown), Some(wanted)) => same(shown, wanted, sub),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    if unchanged {
        return;
    }
    if sub.mutability == Mutability::ReadOnly {
        if !target.is_part_read_only_by_rfc(sub) {
            ignored.note(&At::top(target.attribute).part(&sub.name));
        }
        return;
    }
    if sub.name == "value" {
        // Names and references of what was referred to before.
        members.retain(|name, _| {
            let derived = target.attribute.sub(name).is_some_and(|sub| sub.mutability == Mutability::ReadOnly);
            !derived && name != "$ref" && name != "display"
        });
    }
    match wanted {
        Some(value) => {
            members.insert(sub.name.clone(), value);
        }
        None => {
            members.shift_remove(&sub.name);
        }
    }
}
