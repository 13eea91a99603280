//! A SCIM resource in its JSON form, and the choice of attributes to return.

use serde_json::{Map, Value};

use crate::scim::bounds::Bounds;
use crate::scim::schema::{Attribute, Located, Returned, is_fixed};
use crate::scim::{AttributePath, Error, ResourceSchema};
use crate::value::{nests_at_most, steps, type_name};

#[cfg(test)]
mod tests;

/// How deep the JSON of a request may nest.
pub const MAX_NESTING: usize = 64;

/// A resource's JSON members, in order; extensions are nested under their URN.
pub type Resource = Map<String, Value>;

/// Reads the body of a POST, PUT or PATCH.
///
/// # Errors
/// 400 `invalidSyntax` when it is not JSON, not an object, or nested deeper than [`MAX_NESTING`].
pub fn parse(body: &[u8]) -> Result<Resource, Error> {
    parse_within(body, Bounds::PRODUCT)
}

/// As [`parse`], within other bounds.
pub(in crate::scim) fn parse_within(body: &[u8], bounds: Bounds) -> Result<Resource, Error> {
    if !nests_at_most(body, bounds.nesting) {
        return Err(Error::invalid_syntax(format!("the body is nested deeper than {}", bounds.nesting)));
    }
    // The JSON parser goes over it once.
    steps::note(body.len());
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(other) => Err(Error::invalid_syntax(format!("the body must be a JSON object, not {}", type_name(&other)))),
        Err(error) => Err(Error::invalid_syntax(format!(
            "the body is not valid JSON (line {}, column {})",
            error.line(),
            error.column()
        ))),
    }
}

/// Which attributes an answer holds (`attributes`, `excludedAttributes`; RFC 7644 §3.9).
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Projection {
    /// All that are returned by default.
    #[default]
    Default,
    /// Only these, and those that are always returned.
    Only(Vec<AttributePath>),
    /// All but these; those always returned stay.
    Without(Vec<AttributePath>),
}

impl Projection {
    /// Reads the two query parameters, each a list of paths joined by commas; empty is as good as absent.
    ///
    /// # Errors
    /// 400 `invalidValue` when both are given, or a path is not valid or has a value filter.
    pub fn parse(attributes: Option<&str>, excluded: Option<&str>) -> Result<Self, Error> {
        let attributes = attributes.filter(|text| !text.trim().is_empty());
        let excluded = excluded.filter(|text| !text.trim().is_empty());
        match (attributes, excluded) {
            (None, None) => Ok(Self::Default),
            (Some(attributes), None) => Ok(Self::Only(paths("attributes", attributes)?)),
            (None, Some(excluded)) => Ok(Self::Without(paths("excludedAttributes", excluded)?)),
            (Some(_), Some(_)) => Err(Error::invalid_value("`attributes` and `excludedAttributes` exclude each other")),
        }
    }

    /// The same projection in the spelling of a resource type: core attributes without URN (the whole core schema is a path
    /// without any name), others under the URN as the schema spells it, names that it does not have left out. Then [`wants`](Self::wants) is exact.
    #[must_use]
    pub fn for_schema(&self, schema: &ResourceSchema) -> Self {
        let resolve = |paths: &[AttributePath]| paths.iter().filter_map(|path| canonical(path, schema)).collect();
        match self {
            Self::Default => Self::Default,
            Self::Only(paths) => Self::Only(resolve(paths)),
            Self::Without(paths) => Self::Without(resolve(paths)),
        }
    }

    /// Whether an answer holds this attribute, or part of it (`sub` is `None`), or this sub-attribute of it.
    ///
    /// `schema` is the URN of an extension, `None` for the core schema. `id` and `schemas` are always wanted. What a schema
    /// returns never or only on request is not known here; see [`project`].
    pub fn wants(&self, schema: Option<&str>, name: &str, sub: Option<&str>) -> bool {
        if schema.is_none() && matches!(name, "id" | "schemas") {
            return true;
        }
        match self {
            Self::Default => true,
            Self::Only(paths) => paths.iter().any(|path| {
                names_attribute(path, schema, name)
                    && (path.sub.is_none() || sub.is_none() || path.sub.as_deref().is_some_and(|it| eq(Some(it), sub)))
            }),
            Self::Without(paths) => !paths.iter().any(|path| {
                names_attribute(path, schema, name) && (path.sub.is_none() || eq(path.sub.as_deref(), sub))
            }),
        }
    }

    /// Whether an attribute, or this sub-attribute of it, is asked for by name.
    fn asks_for(&self, schema: Option<&str>, name: &str, sub: Option<&str>) -> bool {
        matches!(self, Self::Only(_)) && self.wants(schema, name, sub)
    }
}

/// Leaves in a resource what an answer shall hold: what the projection wants, less what the schema never returns or returns
/// on request only. Members that the schema does not know go. An extension without attributes goes.
pub fn project(resource: &mut Resource, projection: &Projection, schema: &ResourceSchema) {
    let projection = projection.for_schema(schema);
    for extension in &schema.extensions {
        if let Some(Value::Object(members)) = resource.get_mut(&extension.id) {
            members.retain(|name, value| {
                extension
                    .attribute(name)
                    .is_some_and(|attribute| keep(value, attribute, Some(&extension.id), &projection))
            });
        }
    }
    resource.retain(|name, value| {
        if schema.extension(name).is_some() {
            return value.as_object().is_some_and(|members| !members.is_empty());
        }
        let path = AttributePath { schema: None, name: name.clone(), filter: None, sub: None };
        schema.place(&path).is_some_and(|place| keep(value, place.attribute, None, &projection))
    });
}

/// Whether an attribute stays; takes the parts of a complex one that do not.
fn keep(value: &mut Value, attribute: &Attribute, extension: Option<&str>, projection: &Projection) -> bool {
    let name = attribute.name.as_str();
    let stays = |attribute: &Attribute, sub: Option<&str>| match attribute.returned {
        Returned::Always => true,
        Returned::Never => false,
        Returned::Default => projection.wants(extension, name, sub),
        Returned::Request => projection.asks_for(extension, name, sub),
    };
    if !stays(attribute, None) {
        return false;
    }
    let part = |members: &mut Resource| {
        members.retain(|sub, _| attribute.sub(sub).is_none_or(|part| stays(part, Some(part.name.as_str()))));
    };
    match value {
        Value::Object(members) => {
            part(members);
            !members.is_empty()
        }
        Value::Array(elements) => {
            elements.iter_mut().filter_map(Value::as_object_mut).for_each(part);
            true
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

fn paths(parameter: &str, text: &str) -> Result<Vec<AttributePath>, Error> {
    let path = |part: &str| match AttributePath::parse(part) {
        Ok(path) if path.filter.is_none() => Ok(path),
        Ok(_) => Err(Error::invalid_value(format!("`{parameter}` takes attribute names, not value filters"))),
        Err(error) => {
            Err(Error::invalid_value(format!("`{parameter}` holds something that is no attribute name: {error}")))
        }
    };
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(path).collect()
}

fn canonical(path: &AttributePath, schema: &ResourceSchema) -> Option<AttributePath> {
    let (extension, name, sub) = match schema.locate(path)? {
        Located::Core => (None, "", None),
        Located::Extension(extension) => (Some(extension.id.as_str()), "", None),
        Located::Attribute(place) => {
            let sub = match &path.sub {
                Some(sub) => Some(place.attribute.sub(sub)?.name.clone()),
                None => None,
            };
            (place.extension.map(|extension| extension.id.as_str()), place.attribute.name.as_str(), sub)
        }
    };
    Some(AttributePath { schema: extension.map(str::to_owned), name: name.to_owned(), filter: None, sub })
}

/// Whether a path names an attribute, by itself or with its whole schema.
fn names_attribute(path: &AttributePath, schema: Option<&str>, name: &str) -> bool {
    if path.is_schema() {
        return match (path.schema.as_deref(), schema) {
            (urn, None) => urn.is_none_or(is_core) && !is_fixed(name),
            (urn, schema) => eq(urn, schema),
        };
    }
    let in_schema = match (path.schema.as_deref(), schema) {
        (Some(urn), None) => is_core(urn),
        (urn, schema) => eq(urn, schema),
    };
    in_schema && path.name.eq_ignore_ascii_case(name)
}

/// Whether a URN is one of a core schema, as far as the text says.
fn is_core(urn: &str) -> bool {
    urn.split(':').any(|part| part.eq_ignore_ascii_case("core"))
}

fn eq(left: Option<&str>, right: Option<&str>) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => left.eq_ignore_ascii_case(right),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}
