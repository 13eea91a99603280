//! What a type's schema says of references, of `primary` and of `type`, by the rules that there are.

use serde_json::Value;

use crate::mapping::codec::Codec;
use crate::mapping::rule::Rule;
use crate::scim::ResourceSchema;
use crate::scim::schema::{Attribute, Mutability};

/// Gives every rule whose `value` is another resource's id the endpoint of that resource, if the mapping has the type.
pub(super) fn settle(rules: &mut [Rule], full: &ResourceSchema, types: &[&str]) {
    let Some(standard) = ResourceSchema::standard(&full.name) else { return };
    for rule in rules {
        let is_own = |urn: &String| standard.extension(urn).is_none();
        if rule.target.extension.as_ref().is_some_and(is_own) {
            continue;
        }
        let (resource_type, endpoint) = match (rule.target.name.as_str(), rule.target.sub.as_deref()) {
            ("members", None) | ("manager", Some("value")) => ("User", "/Users"),
            ("groups", None) => ("Group", "/Groups"),
            _ => continue,
        };
        if types.contains(&resource_type) && !rule.target.is_element() {
            rule.refers_to = Some(endpoint.to_owned());
        }
    }
}

/// The schema as clients shall see it. `primary` is left out of a list in which no rule writes it; it is read-only where a value
/// filter fixes it. `type` suggests the values that the rules know. The `display` of a reference is read-only: it is the other
/// resource's name; its `$ref` names the one type that is meant.
pub(super) fn advertised(schema: &ResourceSchema, rules: &[Rule]) -> ResourceSchema {
    let mut shown = schema.clone();
    let core = std::iter::once((None, &mut shown.core.attributes));
    let extensions =
        shown.extensions.iter_mut().map(|extension| (Some(extension.id.as_str()), &mut extension.attributes));
    for (urn, attributes) in core.chain(extensions) {
        for attribute in attributes.iter_mut().filter(|attribute| attribute.multi_valued) {
            let same = |rule: &&Rule| rule.target.extension.as_deref() == urn && rule.target.name == attribute.name;
            let own: Vec<&Rule> = rules.iter().filter(same).collect();
            settle_primary(attribute, &own);
            settle_types(attribute, &own);
            settle_references(attribute, &own);
        }
    }
    shown
}

fn settle_primary(attribute: &mut Attribute, rules: &[&Rule]) {
    let by_each = |rule: &Rule| rule.each.iter().flatten().any(|part| part.target.sub.as_deref() == Some("primary"));
    if rules.iter().any(|rule| rule.target.sub.as_deref() == Some("primary") || by_each(rule)) {
        return;
    }
    let fixed = rules.iter().any(|rule| rule.target.primary);
    attribute.sub_attributes.retain(|sub| fixed || sub.name != "primary");
    for primary in attribute.sub_attributes.iter_mut().filter(|sub| sub.name == "primary") {
        primary.mutability = Mutability::ReadOnly;
    }
}

fn settle_references(attribute: &mut Attribute, rules: &[&Rule]) {
    let Some(endpoint) = rules.iter().find_map(|rule| rule.refers_to.as_deref()) else { return };
    let resource_type = if endpoint == "/Groups" { "Group" } else { "User" };
    for part in &mut attribute.sub_attributes {
        match part.name.as_str() {
            "display" => part.mutability = Mutability::ReadOnly,
            // RFC 7643 says what could be meant anywhere; here it is one type.
            "$ref" => part.reference_types = vec![resource_type.to_owned()],
            _ => {}
        }
    }
}

/// Marks the attributes that the mapping's own word makes required: one whose part or element is required cannot be left out
/// itself.
pub(super) fn require(schema: &mut ResourceSchema, rules: &[Rule]) {
    for rule in rules.iter().filter(|rule| rule.required) {
        let attributes = match &rule.target.extension {
            None => Some(&mut schema.core.attributes),
            Some(urn) => {
                let extension = schema.extensions.iter_mut().find(|extension| extension.id == *urn);
                extension.map(|extension| &mut extension.attributes)
            }
        };
        let own = attributes.and_then(|all| all.iter_mut().find(|attribute| attribute.name == rule.target.name));
        if let Some(attribute) = own {
            attribute.required = true;
            let part = rule.target.sub.as_deref().filter(|_| !rule.target.is_element());
            for part in attribute.sub_attributes.iter_mut().filter(|sub| Some(sub.name.as_str()) == part) {
                part.required = true;
            }
        }
    }
}

/// The values of `type`: those of the value filters, or those of a `map`.
fn settle_types(attribute: &mut Attribute, rules: &[&Rule]) {
    let mut known: Vec<String> = Vec::new();
    for rule in rules {
        let part = rule.each.iter().flatten().find(|part| part.target.sub.as_deref() == Some("type"));
        let mapped = part.and_then(|part| part.codecs.codecs.iter().find_map(rows));
        let filtered = rule.target.select.iter().find(|(name, _)| name == "type").map(|(_, value)| vec![value.clone()]);
        match mapped.or(filtered) {
            Some(values) => known.extend(values.iter().filter_map(Value::as_str).map(str::to_owned)),
            // A rule that takes any type.
            None => return,
        }
    }
    known.dedup();
    for part in attribute.sub_attributes.iter_mut().filter(|sub| sub.name == "type") {
        part.canonical_values.clone_from(&known);
    }
}

fn rows(codec: &Codec) -> Option<Vec<Value>> {
    match codec {
        Codec::Map(map) => Some(map.rows.iter().map(|(scim, _)| scim.clone()).collect()),
        Codec::ScimText(_) | Codec::Case(_) | Codec::Text(_) | Codec::Replace(_) | Codec::Time(_) | Codec::Type(_) => {
            None
        }
    }
}
