//! Whole resources as clients send them: the bodies of POST and PUT (RFC 7644 §3.3, §3.5.1).

use serde_json::Value;

use crate::scim::edit::{Applied, Editor, Verb, check_fixed, require};
use crate::scim::schema::{Kind, Mutability};
use crate::scim::{Error, Resource, ResourceSchema};
use crate::value::member;

#[cfg(test)]
mod tests;

/// A new resource of a POST in canonical form: names as the schema spells them, types checked, extensions below their URN,
/// `null`, `""` and `[]` left out. Also the names of attributes that have no effect here, each once.
///
/// `id`, `meta` and what RFC 7643 makes read-only are left out silently. What is required is not asked for; see [`require`].
///
/// # Errors
/// 400 `invalidSyntax` without the core schema's URN in `schemas`; 400 `invalidValue`, naming the attribute, for a value
/// of the wrong type.
pub fn normalise(body: &Resource, schema: &ResourceSchema) -> Result<(Resource, Vec<String>), Error> {
    check_schemas(body, schema)?;
    let mut editor = Editor::creating(schema);
    editor.merge(Verb::Add, None, body)?;
    let Applied { resource: attributes, ignored, .. } = editor.finish();
    let present = schema.extensions.iter().map(|extension| &extension.id).filter(|urn| attributes.contains_key(*urn));
    let urns: Vec<Value> =
        std::iter::once(&schema.core.id).chain(present).map(|urn| Value::from(urn.as_str())).collect();
    let mut resource = Resource::with_capacity(attributes.len() + 1);
    resource.insert("schemas".to_owned(), Value::Array(urns));
    resource.extend(attributes);
    Ok((resource, ignored))
}

/// What a PUT does with attributes that its body does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing<'a> {
    /// Whether they lose their values; `active` and `password` never do, they keep what they have.
    pub clear: bool,
    /// Names of further attributes that keep what they have: `members`, `urn:...:User:department`, in any case.
    pub keep: &'a [String],
}

/// The resource that a PUT asks for, made of the old one and the body.
///
/// Read-only attributes keep their values; immutable ones too, and must not be given others.
///
/// # Errors
/// As for [`normalise`]; also 400 `mutability` for an immutable attribute with another value, 400 `invalidValue` for a
/// required attribute without a value.
pub fn replace(
    old: &Resource,
    body: &Resource,
    schema: &ResourceSchema,
    missing: Missing<'_>,
) -> Result<Applied, Error> {
    check_schemas(body, schema)?;
    let mut base = old.clone();
    if missing.clear {
        clear(&mut base, schema, missing.keep);
    }
    let mut editor = Editor::new(base, schema);
    editor.merge(Verb::Replace, None, body)?;
    let applied = editor.finish();
    check_fixed(old, &applied.resource, schema)?;
    require(&applied.resource, schema)?;
    Ok(applied)
}

/// Takes the values of everything that clients write, but what is kept.
fn clear(resource: &mut Resource, schema: &ResourceSchema, keep: &[String]) {
    for (extension, attribute) in schema.attributes() {
        let name = attribute.name.as_str();
        let fixed = matches!(attribute.mutability, Mutability::ReadOnly | Mutability::Immutable);
        let kept = keep.iter().any(|kept| names(kept, extension, name));
        if fixed || kept || extension.is_none() && matches!(name, "active" | "password") {
            continue;
        }
        let members = match extension {
            None => Some(&mut *resource),
            Some(urn) => resource.get_mut(urn).and_then(Value::as_object_mut),
        };
        let Some(members) = members else {
            continue;
        };
        if let (Kind::Complex, Some(Value::Object(parts))) = (attribute.kind, members.get_mut(name)) {
            let fixed = |part: &str| {
                let sub = attribute.sub(part).map(|sub| sub.mutability);
                matches!(sub, Some(Mutability::ReadOnly | Mutability::Immutable))
            };
            // What the service provider derives from `value` goes with it.
            let derived = attribute.sub("value").is_some_and(|_| !fixed("value"));
            parts.retain(|part, _| !derived && fixed(part));
            if !parts.is_empty() {
                continue;
            }
        }
        members.shift_remove(name);
    }
    resource.retain(|urn, value| schema.extension(urn).is_none() || value.as_object().is_some_and(|it| !it.is_empty()));
}

/// Whether a name, with or without the URN, is that of an attribute.
fn names(text: &str, extension: Option<&str>, name: &str) -> bool {
    match extension {
        None => text.eq_ignore_ascii_case(name),
        Some(urn) => text
            .rsplit_once(':')
            .is_some_and(|(schema, rest)| schema.eq_ignore_ascii_case(urn) && rest.eq_ignore_ascii_case(name)),
    }
}

/// `schemas` must name the core schema (RFC 7643 §3). A missing extension is tolerated: its URN stands in the body anyway.
fn check_schemas(body: &Resource, schema: &ResourceSchema) -> Result<(), Error> {
    let core = schema.core.id.as_str();
    let names_core = |urn: &Value| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(core));
    let found = match member(body, "schemas") {
        Some(Value::Array(urns)) => urns.iter().any(names_core),
        Some(single) => names_core(single),
        None => false,
    };
    if found { Ok(()) } else { Err(Error::invalid_syntax(format!("`schemas` must contain `{core}`"))) }
}
