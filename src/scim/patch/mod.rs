//! PATCH (RFC 7644 §3.5.2): reading the message; what operations do is in [`crate::scim::edit`].

use serde_json::Value;

use crate::scim::bounds::Bounds;
use crate::scim::edit::{Editor, check_fixed, check_kept};
use crate::scim::filter::Operator;
use crate::scim::schema::Attribute;
use crate::scim::{AttributePath, Error, Filter, Resource, ResourceSchema, resource};
use crate::value::{member, type_name};

#[cfg(test)]
mod laws;
#[cfg(test)]
mod linear;
#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;

pub use crate::scim::edit::{Applied, Verb};

/// The URN of the message.
pub(crate) const PATCH_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// The most operations of one request.
pub const MAX_OPERATIONS: usize = 1_000;

/// The operations of a PATCH request, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Patch {
    /// One at least.
    pub operations: Vec<PatchOperation>,
}

/// One operation.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchOperation {
    /// What it does.
    pub verb: Verb,
    /// Where; `None` means the attributes that `value` names.
    pub path: Option<AttributePath>,
    /// The value as the client sent it; `None` only for [`Verb::Remove`].
    pub value: Option<Value>,
}

/// A single element to be added to, or removed from, a list of references.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementChange<'a> {
    /// The id of a resource that shall be in the list.
    Add(&'a str),
    /// The id of a resource that shall not be in it.
    Remove(&'a str),
}

impl Patch {
    /// Reads the body of a PATCH request.
    ///
    /// # Errors
    /// 400 `invalidSyntax` when the message is not one, `invalidPath` with the place of the fault in a path, `noTarget` for
    /// a removal without a path, `invalidValue` for a missing value or more than [`MAX_OPERATIONS`] operations.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        Self::parse_within(body, Bounds::PRODUCT)
    }

    /// As [`parse`](Self::parse), within other bounds.
    fn parse_within(body: &[u8], bounds: Bounds) -> Result<Self, Error> {
        let body = resource::parse_within(body, bounds)?;
        let named = |urn: &Value| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(PATCH_SCHEMA));
        let is_patch = match member(&body, "schemas") {
            Some(Value::Array(urns)) => urns.iter().any(named),
            Some(single) => named(single),
            None => false,
        };
        if !is_patch {
            return Err(Error::invalid_syntax(format!("`schemas` must contain `{PATCH_SCHEMA}`")));
        }
        let operations = match member(&body, "Operations") {
            Some(Value::Array(operations)) => operations.as_slice(),
            // A single object where an array is due.
            Some(single @ Value::Object(_)) => std::slice::from_ref(single),
            Some(_) | None => &[],
        };
        if operations.is_empty() {
            return Err(Error::invalid_syntax("`Operations` must be an array of one or more operations"));
        }
        let most = bounds.operations;
        if operations.len() > most {
            return Err(Error::invalid_value(format!("a request can hold at most {most} operations")));
        }
        let operations =
            operations.iter().map(|operation| PatchOperation::parse(operation, bounds)).collect::<Result<_, _>>()?;
        Ok(Self { operations })
    }

    /// The resource after all operations: of the mapped `schema`, in which `resource` is in canonical spelling.
    ///
    /// An attribute that the mapping lacks but RFC 7643 has is ignored and reported. In a value without path, what is
    /// read-only by the RFC is left out silently, and what nobody knows is reported.
    ///
    /// # Errors
    /// 400 `mutability`, `invalidPath`, `noTarget` or `invalidValue`, naming the attribute. Nothing is changed then.
    pub fn apply(&self, resource: &Resource, schema: &ResourceSchema) -> Result<Applied, Error> {
        let mut editor = Editor::new(resource.clone(), schema);
        for operation in &self.operations {
            match (&operation.path, &operation.value) {
                (Some(path), value) => editor.at_path(operation.verb, path, value.as_ref())?,
                (None, Some(Value::Object(members))) => editor.merge(operation.verb, None, members)?,
                (None, _) => {
                    return Err(Error::invalid_value("an operation without `path` needs an object as `value`"));
                }
            }
        }
        let applied = editor.finish();
        check_fixed(resource, &applied.resource, schema)?;
        check_kept(resource, &applied.resource, schema)?;
        Ok(applied)
    }

    /// The names of the core attributes that the operations can touch; `None` where an extension is among them, or where only
    /// the whole resource tells.
    pub fn touched(&self) -> Option<Vec<&str>> {
        let mut names = Vec::new();
        for operation in &self.operations {
            match (&operation.path, &operation.value) {
                (Some(path), _) if path.schema.is_none() && !path.name.is_empty() => names.push(path.name.as_str()),
                (None, Some(Value::Object(members))) => {
                    for key in members.keys() {
                        // `name.familyName` and `emails[type eq "work"].value` are keys that Entra sends.
                        let name = key.split(['.', '[']).next().unwrap_or_default();
                        if name.contains(':') {
                            return None;
                        }
                        names.push(name);
                    }
                }
                (Some(_) | None, _) => return None,
            }
        }
        Some(names)
    }

    /// The value that the last operation with this path asks for: no value for a removal; `None` where no operation has it.
    pub fn asked_at(&self, path: &str) -> Option<Option<&Value>> {
        let is_it = |operation: &&PatchOperation| {
            operation.path.as_ref().is_some_and(|own| own.to_string().eq_ignore_ascii_case(path))
        };
        let last = self.operations.iter().rfind(is_it)?;
        Some(last.value.as_ref().filter(|value| last.verb != Verb::Remove && !value.is_null()))
    }

    /// The elements that the operations add to, or remove from, the list `attribute` (`members`), in order; `None` when
    /// some operation does anything else, so that the list itself must be known.
    pub fn element_changes(&self, attribute: &Attribute) -> Option<Vec<ElementChange<'_>>> {
        let mut changes = Vec::new();
        for operation in &self.operations {
            let path = operation.path.as_ref()?;
            if !path.name.eq_ignore_ascii_case(&attribute.name) || path.sub.is_some() {
                return None;
            }
            match (operation.verb, &path.filter, &operation.value) {
                (Verb::Add, None, Some(value)) => {
                    changes.extend(references(value)?.into_iter().map(ElementChange::Add));
                }
                (Verb::Remove, None, Some(value)) if !value.is_null() => {
                    changes.extend(references(value)?.into_iter().map(ElementChange::Remove));
                }
                (Verb::Remove, Some(filter), _) => changes.push(ElementChange::Remove(reference_in(filter)?)),
                (Verb::Add | Verb::Replace | Verb::Remove, _, _) => return None,
            }
        }
        Some(changes)
    }
}

/// The ids of a list of references; `None` when one has none.
fn references(value: &Value) -> Option<Vec<&str>> {
    let elements = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    elements
        .iter()
        .map(|element| element.get("value").unwrap_or(element).as_str().filter(|id| !id.is_empty()))
        .collect()
}

/// The id in `[value eq "42"]`.
fn reference_in(filter: &Filter) -> Option<&str> {
    match filter {
        Filter::Compare(path, Operator::Eq, literal) if path.name.eq_ignore_ascii_case("value") => literal.as_str(),
        Filter::And(_)
        | Filter::Or(_)
        | Filter::Not(_)
        | Filter::Compare(..)
        | Filter::Present(_)
        | Filter::Element(..) => None,
    }
}

impl PatchOperation {
    fn parse(operation: &Value, bounds: Bounds) -> Result<Self, Error> {
        let Value::Object(members) = operation else {
            let found = type_name(operation);
            return Err(Error::invalid_syntax(format!("an operation must be an object, not {found}")));
        };
        let verb = member(members, "op").and_then(Value::as_str).and_then(verb_in_any_case);
        let verb = verb.ok_or_else(|| Error::invalid_syntax("`op` must be `add`, `replace` or `remove`"))?;
        let path = match member(members, "path") {
            None | Some(Value::Null) => None,
            Some(Value::String(path)) if path.is_empty() => None,
            Some(Value::String(path)) => Some(
                AttributePath::parse_within(path, bounds)
                    .map_err(|error| Error::invalid_path(format!("the path `{path}` cannot be read: {error}")))?,
            ),
            Some(other) => {
                return Err(Error::invalid_syntax(format!("`path` must be a string, not {}", type_name(other))));
            }
        };
        let value = member(members, "value").cloned();
        match (verb, &path, &value) {
            (Verb::Remove, None, _) => Err(Error::no_target("`remove` needs a `path`")),
            (Verb::Add | Verb::Replace, _, None) => Err(Error::invalid_value("`add` and `replace` need a `value`")),
            (Verb::Add | Verb::Replace, None, Some(value)) if !value.is_object() => {
                Err(Error::invalid_value("an operation without `path` needs an object as `value`"))
            }
            (Verb::Add | Verb::Replace | Verb::Remove, _, _) => Ok(Self { verb, path, value }),
        }
    }
}

/// `op` in capitals: Entra ID sends `"Add"`, `"Replace"`, `"Remove"` (Microsoft, "Known issues and resolutions with SCIM
/// 2.0 protocol compliance").
fn verb_in_any_case(word: &str) -> Option<Verb> {
    [("add", Verb::Add), ("replace", Verb::Replace), ("remove", Verb::Remove)]
        .into_iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(word))
        .map(|(_, verb)| verb)
}
