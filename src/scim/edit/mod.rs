//! Changes that a client asks for, carried out on a resource: what PATCH, PUT and POST have in common.

use std::fmt::Display;

use serde_json::{Map, Value};

mod check;
mod conform;
mod dialect;
mod list;
mod single;
mod target;

pub use self::check::require;
pub(in crate::scim) use self::check::{check_fixed, check_kept};
use self::check::{fixed, same_or_absent};
use self::dialect::is_no_value;
use self::target::{Resolved, Target};
use crate::scim::attribute::is_name;
use crate::scim::schema::{Kind, Mutability};
use crate::scim::{AttributePath, Error, Resource, ResourceSchema};

/// How many ignored attributes are remembered, and how much of each name: both come from the client.
const MAX_IGNORED: usize = 32;
const MAX_IGNORED_NAME: usize = 128;

/// What a PATCH operation does (RFC 7644 §3.5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Adds values, replaces a single one.
    Add,
    /// Replaces values.
    Replace,
    /// Removes values.
    Remove,
}

/// A resource after a change.
#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    /// The resource as it shall be.
    pub resource: Resource,
    /// The mapped attributes that operations named by `path`, in order.
    pub named: Vec<AttributePath>,
    /// Attributes that had no effect, each once, as the client spelled them: known to nobody, not mapped, or read-only by
    /// the mapping alone and asked to be something else. At most 32.
    pub ignored: Vec<String>,
}

/// The names of attributes that had no effect.
#[derive(Debug, Default)]
struct Ignored(Vec<String>);

impl Ignored {
    fn note(&mut self, name: &dyn Display) {
        let name: String = name.to_string().chars().take(MAX_IGNORED_NAME).collect();
        if self.0.len() < MAX_IGNORED && !self.0.contains(&name) {
            self.0.push(name);
        }
    }
}

/// One change to one attribute.
struct Change<'a> {
    verb: Verb,
    target: &'a Target<'a>,
    value: Option<Value>,
}

/// A resource under change. Dropped on the first fault, so that a request has its whole effect or none.
pub(in crate::scim) struct Editor<'a> {
    schema: &'a ResourceSchema,
    resource: Resource,
    creating: bool,
    named: Vec<AttributePath>,
    ignored: Ignored,
}

impl<'a> Editor<'a> {
    /// Changes `resource`, which is in canonical spelling, by the mapped `schema`.
    pub(in crate::scim) fn new(resource: Resource, schema: &'a ResourceSchema) -> Self {
        Self { schema, resource, creating: false, named: Vec::new(), ignored: Ignored::default() }
    }

    /// Makes a new resource.
    pub(in crate::scim) fn creating(schema: &'a ResourceSchema) -> Self {
        Self { creating: true, ..Self::new(Resource::new(), schema) }
    }

    /// An operation with a `path`.
    pub(in crate::scim) fn at_path(
        &mut self,
        verb: Verb,
        path: &AttributePath,
        value: Option<&Value>,
    ) -> Result<(), Error> {
        let read_only = || Err(Error::mutability(format!("`{path}` is read-only")));
        match Resolved::of(path, self.schema) {
            Resolved::Fixed if path.name.eq_ignore_ascii_case("schemas") => Ok(()),
            Resolved::Fixed | Resolved::Unmapped { read_only: true } => read_only(),
            Resolved::Unmapped { read_only: false } => {
                self.ignored.note(path);
                Ok(())
            }
            Resolved::Unknown => {
                Err(Error::invalid_path(format!("`{path}` is no attribute of `{}`", self.schema.name)))
            }
            Resolved::Whole(extension) => {
                let extension = extension.map(|extension| extension.id.as_str());
                match (verb, value) {
                    (Verb::Remove, _) | (_, None | Some(Value::Null)) => self.clear_schema(extension),
                    (_, Some(Value::Object(members))) => self.merge(verb, extension, members),
                    (_, Some(_)) => Err(Error::invalid_value(format!("`{path}` must be an object"))),
                }
            }
            Resolved::Target(target) => {
                if target.is_read_only_by_rfc() {
                    return read_only();
                }
                self.named.push(path.clone());
                self.change(Change { verb, target: &target, value: value.cloned() })
            }
        }
    }

    /// A value without a path: each member is an attribute, in a schema or below its URN. What a client may not write or
    /// nobody knows is left out.
    pub(in crate::scim) fn merge(
        &mut self,
        verb: Verb,
        extension: Option<&str>,
        members: &Map<String, Value>,
    ) -> Result<(), Error> {
        for (key, value) in members {
            let Some(path) = path_of_key(extension, key) else {
                self.ignored.note(key);
                continue;
            };
            match Resolved::of(&path, self.schema) {
                Resolved::Fixed | Resolved::Unmapped { read_only: true } => {}
                Resolved::Unmapped { read_only: false } | Resolved::Unknown => self.ignored.note(&path),
                Resolved::Whole(inner) => {
                    let inner = inner.map(|inner| inner.id.as_str());
                    match value {
                        Value::Object(members) if extension.is_none() => self.merge(verb, inner, members)?,
                        Value::Null => self.clear_schema(inner)?,
                        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                            return Err(Error::invalid_value(format!("`{path}` must be an object of attributes")));
                        }
                    }
                }
                Resolved::Target(target) if target.is_read_only_by_rfc() => {}
                Resolved::Target(target) => {
                    self.change(Change { verb, target: &target, value: Some(value.clone()) })?;
                }
            }
        }
        Ok(())
    }

    /// Removes all that clients may write in an extension, or in the core schema.
    fn clear_schema(&mut self, extension: Option<&str>) -> Result<(), Error> {
        let schema = self.schema;
        for (_, attribute) in schema.attributes().filter(|(urn, _)| *urn == extension) {
            if attribute.mutability != Mutability::ReadOnly {
                let target = Target { extension, attribute, standard: attribute, filter: None, sub: None };
                self.change(Change { verb: Verb::Remove, target: &target, value: None })?;
            }
        }
        Ok(())
    }

    fn change(&mut self, change: Change<'_>) -> Result<(), Error> {
        let target = change.target;
        target.check_filter()?;
        if target.is_sealed() && !self.creating {
            if change.value.as_ref().is_some_and(is_no_value) {
                return Ok(());
            }
            return Err(fixed(&target.attribute.name));
        }
        let Some(urn) = target.extension else {
            return change_member(&mut self.resource, change, &mut self.ignored);
        };
        let mut nested = match self.resource.get_mut(urn).map(Value::take) {
            Some(Value::Object(members)) => members,
            Some(_) | None => Map::new(),
        };
        change_member(&mut nested, change, &mut self.ignored)?;
        if nested.is_empty() {
            self.resource.shift_remove(urn);
        } else {
            self.resource.insert(urn.to_owned(), Value::Object(nested));
        }
        Ok(())
    }

    /// The outcome. `schemas` gets the URNs of extensions that came to be.
    pub(in crate::scim) fn finish(mut self) -> Applied {
        for extension in &self.schema.extensions {
            if self.resource.contains_key(&extension.id)
                && let Some(Value::Array(schemas)) = self.resource.get_mut("schemas")
                && !schemas.iter().any(|urn| urn.as_str() == Some(extension.id.as_str()))
            {
                schemas.push(Value::from(extension.id.as_str()));
            }
        }
        Applied { resource: self.resource, named: self.named, ignored: self.ignored.0 }
    }
}

/// Changes one attribute among the members of a resource or of an extension, in its place.
fn change_member(members: &mut Map<String, Value>, change: Change<'_>, ignored: &mut Ignored) -> Result<(), Error> {
    let attribute = change.target.attribute;
    let current = members.get_mut(&attribute.name).map(Value::take);
    // A complex value is kept part by part.
    let whole = attribute.multi_valued || attribute.kind != Kind::Complex;
    let shown = (whole && attribute.mutability == Mutability::ReadOnly).then(|| current.clone());
    let mut next = next_value(current, change, ignored)?;
    if let Some(shown) = shown {
        if !same_or_absent(shown.as_ref(), next.as_ref(), attribute) {
            ignored.note(&attribute.name);
        }
        next = shown;
    }
    match next {
        Some(value) => {
            members.insert(attribute.name.clone(), value);
        }
        None => {
            members.shift_remove(&attribute.name);
        }
    }
    Ok(())
}

/// An attribute's value after a change; `None` is no value.
fn next_value(current: Option<Value>, change: Change<'_>, ignored: &mut Ignored) -> Result<Option<Value>, Error> {
    let attribute = change.target.attribute;
    if attribute.multi_valued {
        let elements = match current {
            Some(Value::Array(elements)) => elements,
            Some(single) => vec![single],
            None => Vec::new(),
        };
        let elements = list::change_list(elements, change, ignored)?;
        return Ok((!elements.is_empty()).then_some(Value::Array(elements)));
    }
    if attribute.kind != Kind::Complex {
        return single::change_simple(change);
    }
    let members = match current {
        Some(Value::Object(members)) => members,
        Some(_) | None => Map::new(),
    };
    let members = single::change_complex(members, change, ignored)?;
    Ok((!members.is_empty()).then_some(Value::Object(members)))
}

/// What a key of a value without path names: an attribute, an extension, or (Entra ID) a path such as
/// `name.familyName`, `emails[type eq "work"].value` or `urn:...:User:department`.
fn path_of_key(extension: Option<&str>, key: &str) -> Option<AttributePath> {
    let schema = extension.map(str::to_owned);
    if is_name(key) {
        return Some(AttributePath { schema, name: key.to_owned(), filter: None, sub: None });
    }
    let path = AttributePath::parse(key).ok()?;
    Some(AttributePath { schema: path.schema.or(schema), ..path })
}
