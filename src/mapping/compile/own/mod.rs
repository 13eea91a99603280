//! The whole schema of a resource type: RFC 7643's, and what the rules say of attributes of one's own.
//!
//! A type that RFC 7643 does not know has a core schema of its own; a URN that it does not know is an extension as soon as one
//! rule below it says with `schema` what its attribute is, so that a mistyped URN is no extension.

use std::borrow::Cow;

use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{RuleDocument, Text, TypeDocument};
use crate::scim::schema::{Schema, is_fixed};
use crate::scim::{AttributePath, ResourceSchema};

mod attribute;

use attribute::{Said, add};

/// Names and endpoints that the protocol has for itself.
const RESERVED: [&str; 6] = ["Bulk", "Me", "ResourceTypes", "Schemas", "ServiceProviderConfig", "Schema"];

/// The schema of a type before it is cut down to what is mapped; `None` where its header does not say enough.
pub(super) fn schema(document: &TypeDocument, found: &mut Diagnostics) -> Option<Cow<'static, ResourceSchema>> {
    let name = document.name.as_ref()?;
    let standard = ResourceSchema::standard(&name.value);
    let base = match standard {
        Some(standard) => {
            refuse_keys(name, document, found);
            standard.clone()
        }
        None => custom(name, document, found)?,
    };
    let mut full = base;
    let mut said = Said::default();
    for rule in &document.attributes {
        let Some((left, path)) = rule.left.as_ref().and_then(|left| Some((left, parsed(&left.value)?))) else {
            continue;
        };
        let home = home(&full, standard, document, &path);
        match home {
            Home::Core if !is_bridges_own(rule) => {
                add(&mut full.core.attributes, (&path, left, rule), &mut said, found);
            }
            Home::Extension(urn) => {
                let place = full.extensions.iter().position(|known| known.id.eq_ignore_ascii_case(&urn));
                let place = place.unwrap_or_else(|| {
                    full.extensions.push(extension(&urn, &name.value));
                    full.extensions.len() - 1
                });
                add(&mut full.extensions[place].attributes, (&path, left, rule), &mut said, found);
            }
            Home::Core => {}
            Home::Elsewhere => refuse_schema(left, rule, found),
        }
    }
    Some(if standard.is_some_and(|standard| *standard == full) { Cow::Borrowed(standard?) } else { Cow::Owned(full) })
}

/// Where an attribute is declared.
enum Home {
    /// In the core schema of a type of one's own.
    Core,
    /// In an extension of one's own, with this URN.
    Extension(String),
    /// By RFC 7643, or nowhere.
    Elsewhere,
}

fn home(
    full: &ResourceSchema,
    standard: Option<&ResourceSchema>,
    document: &TypeDocument,
    path: &AttributePath,
) -> Home {
    let is_core = path.schema.as_ref().is_none_or(|urn| urn.eq_ignore_ascii_case(&full.core.id));
    match &path.schema {
        _ if is_core && standard.is_none() => {
            if is_fixed(&path.name) || path.name.eq_ignore_ascii_case("externalId") {
                Home::Elsewhere
            } else {
                Home::Core
            }
        }
        Some(urn) if !is_core && standard.is_none_or(|standard| standard.extension(urn).is_none()) => {
            let says = |rule: &RuleDocument| {
                let path = rule.left.as_ref().and_then(|left| parsed(&left.value));
                rule.schema.is_some()
                    && path.and_then(|path| path.schema).is_some_and(|other| other.eq_ignore_ascii_case(urn))
            };
            if document.attributes.iter().any(says) { Home::Extension(urn.clone()) } else { Home::Elsewhere }
        }
        Some(_) | None => Home::Elsewhere,
    }
}

/// A left side as a path; a URN that could be a schema alone is one with an attribute, for a rule names nothing else.
fn parsed(left: &str) -> Option<AttributePath> {
    let path = AttributePath::parse(left).ok()?;
    if !path.is_schema() {
        return Some(path);
    }
    let (urn, name) = path.schema.as_deref()?.rsplit_once(':')?;
    Some(AttributePath { schema: Some(urn.to_owned()), name: name.to_owned(), filter: None, sub: None })
}

/// Whether a kept name is the bridge's own: nothing says that clients shall see it.
fn is_bridges_own(rule: &RuleDocument) -> bool {
    rule.kept.as_ref().is_some_and(|kept| kept.value) && rule.schema.is_none()
}

fn extension(urn: &str, type_name: &str) -> Schema {
    let is_word = |part: &&str| part.starts_with(|letter: char| letter.is_ascii_alphabetic());
    let name = urn.rsplit(':').find(is_word).unwrap_or(urn).to_owned();
    Schema {
        id: urn.to_owned(),
        name,
        description: format!("Further attributes of {type_name}"),
        attributes: Vec::new(),
    }
}

/// The schema of a type of one's own, without attributes yet.
fn custom(name: &Text, document: &TypeDocument, found: &mut Diagnostics) -> Option<ResourceSchema> {
    let type_name = &name.value;
    if RESERVED.contains(&type_name.as_str()) || type_name == "ResourceType" {
        found
            .add(Code::E52, name.span.clone(), format!("`{type_name}` is a name that SCIM has for itself"))
            .help("call the resource type something else");
    }
    let mut missing = |key: &str, help: String| {
        let message = format!("`{key}` is missing: [{type_name}] is a resource type of your own");
        found.add(Code::E20, name.span.clone(), message).help(help);
    };
    if document.schema.is_none() {
        missing("schema", format!("schema = \"urn:yours:scim:schemas:core:1.0:{type_name}\""));
    }
    if document.endpoint.is_none() {
        missing("endpoint", format!("endpoint = \"/{type_name}s\""));
    }
    if document.key.is_none() && !document.create.is_empty() {
        missing("key", "say which attribute identifies a resource: key = \"displayName\"".to_owned());
    }
    let urn = document.schema.as_ref().filter(|urn| is_urn(urn, found));
    let endpoint = document.endpoint.as_ref().filter(|endpoint| is_endpoint(endpoint, found));
    let (urn, endpoint) = (urn?, endpoint?);
    let external_id = ResourceSchema::standard("Group")?.core.attribute("externalId")?;
    Some(ResourceSchema {
        name: type_name.clone(),
        endpoint: endpoint.value.clone(),
        description: type_name.clone(),
        core: Schema {
            id: urn.value.clone(),
            name: type_name.clone(),
            description: type_name.clone(),
            attributes: vec![external_id.clone()],
        },
        extensions: Vec::new(),
    })
}

/// `urn:`, a namespace and more, of characters that stand in a URL as they are (RFC 8141 §2).
fn is_urn(urn: &Text, found: &mut Diagnostics) -> bool {
    let parts: Vec<&str> = urn.value.split(':').collect();
    let is_part = |part: &&str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
    };
    let is_urn = parts.len() > 2 && parts[0].eq_ignore_ascii_case("urn") && parts.iter().all(is_part);
    let is_standard = ["User", "Group"]
        .iter()
        .filter_map(|name| ResourceSchema::standard(name))
        .any(|standard| standard.core.id.eq_ignore_ascii_case(&urn.value) || standard.extension(&urn.value).is_some());
    if !is_urn {
        found
            .add(Code::E52, urn.span.clone(), format!("`{}` is no URN of a schema", urn.value))
            .help("such as urn:acme:scim:schemas:core:1.0:Device");
    } else if is_standard {
        found
            .add(Code::E52, urn.span.clone(), format!("`{}` is a schema of RFC 7643", urn.value))
            .help("a resource type of your own has a schema of its own");
    }
    is_urn && !is_standard
}

/// One segment of a path that nothing else stands at.
fn is_endpoint(endpoint: &Text, found: &mut Diagnostics) -> bool {
    let name = endpoint.value.strip_prefix('/').unwrap_or_default();
    let is_segment = name.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let is_taken = RESERVED.contains(&name) || matches!(name, "Users" | "Groups");
    if !is_segment {
        found
            .add(Code::E52, endpoint.span.clone(), format!("`{}` is no endpoint", endpoint.value))
            .help("one segment of letters, digits, `-` and `_`: endpoint = \"/Devices\"");
    } else if is_taken {
        found.add(Code::E52, endpoint.span.clone(), format!("something else stands at `{}`", endpoint.value));
    }
    is_segment && !is_taken
}

/// Reports types that would stand at one endpoint.
pub(super) fn check_endpoints(types: &[TypeDocument], found: &mut Diagnostics) {
    for (index, document) in types.iter().enumerate() {
        let Some(endpoint) = &document.endpoint else { continue };
        let others = types[..index].iter().filter_map(|other| Some((other.name.as_ref()?, other.endpoint.as_ref()?)));
        for (name, _) in others.filter(|(_, other)| other.value == endpoint.value) {
            let message = format!("[{}] stands at `{}` already", name.value, endpoint.value);
            found.add(Code::E52, endpoint.span.clone(), message).help("give each resource type an endpoint of its own");
        }
    }
}

/// Reports keys that say what RFC 7643 says.
fn refuse_keys(name: &Text, document: &TypeDocument, found: &mut Diagnostics) {
    for (key, text) in [("schema", &document.schema), ("endpoint", &document.endpoint)] {
        if let Some(text) = text {
            let message = format!("RFC 7643 gives {} its `{key}`", name.value);
            found
                .add(Code::E52, text.span.clone(), message)
                .help(format!("leave `{key}` out; attributes of your own stand below a URN of your own"));
        }
    }
}

/// Reports a `schema` of an attribute that RFC 7643 defines, or that needs a URN.
fn refuse_schema(left: &Text, rule: &RuleDocument, found: &mut Diagnostics) {
    let Some(schema) = &rule.schema else { return };
    found
        .add(Code::E53, schema.span.clone(), format!("`{}` is no attribute of your own", left.value))
        .help("`schema` is for attributes below a URN of your own: 'urn:acme:scim:schemas:1.0:User:badge'");
}

#[cfg(test)]
mod tests;
