//! Bodies with holes.

use serde_json::{Map, Value};

use crate::mapping::diagnostic::Diagnostics;
use crate::mapping::document::Tree;
use crate::mapping::found::Found;
use crate::mapping::hole::{FillError, Hole, Part, Place, Template};
use crate::mapping::scope::Scope;

/// A body: a tree whose strings are templates.
#[derive(Clone, Debug)]
pub enum BodyTemplate {
    /// A string that is one hole: becomes the typed value.
    Whole(Hole),
    /// A string with or without holes.
    Text(Template),
    /// A number, boolean or null.
    Literal(Value),
    /// A list.
    List(Vec<BodyTemplate>),
    /// A table, in order.
    Table(Vec<(String, BodyTemplate)>),
}

impl BodyTemplate {
    /// Parses the strings of a tree as templates, and reports what is wrong with them.
    pub fn compile(tree: &Tree, found: &mut Diagnostics) -> Option<Self> {
        match tree {
            Tree::Text(text) => Template::compile(text, found).map(Self::of),
            Tree::Literal(value) => Some(Self::Literal(value.clone())),
            Tree::List(items) => {
                // Every item is compiled before the first failure counts, so that all faults are reported.
                let items: Vec<_> = items.iter().map(|item| Self::compile(item, found)).collect();
                Some(Self::List(items.into_iter().collect::<Option<_>>()?))
            }
            Tree::Table(members) => {
                let members: Vec<_> = members
                    .iter()
                    .map(|(name, member)| Some((name.value.clone(), Self::compile(member, found)?)))
                    .collect();
                Some(Self::Table(members.into_iter().collect::<Option<_>>()?))
            }
        }
    }

    /// A string's template: a string that is one hole keeps its value's type.
    pub fn of(template: Template) -> Self {
        match <[Part; 1]>::try_from(template.parts) {
            Ok([Part::Hole(hole)]) => Self::Whole(hole),
            Ok(parts @ [Part::Text(_)]) => Self::Text(Template { text: template.text, parts: parts.into() }),
            Err(parts) => Self::Text(Template { text: template.text, parts }),
        }
    }

    /// Fills the holes. `None`: an optional hole had no value, so the property or element is left out.
    ///
    /// # Errors
    /// See [`FillError`].
    pub fn fill(&self, scope: &Scope<'_>) -> Result<Option<Value>, FillError> {
        match self {
            Self::Whole(hole) => Ok(required(hole, scope)?.map(Found::to_value)),
            Self::Text(template) => Ok(template.fill(scope, Place::Plain)?.map(Value::String)),
            Self::Literal(value) => Ok(Some(value.clone())),
            Self::List(items) => {
                let mut list = Vec::with_capacity(items.len());
                for item in items {
                    list.extend(item.fill(scope)?);
                }
                Ok(Some(Value::Array(list)))
            }
            Self::Table(members) => {
                let mut table = Map::with_capacity(members.len());
                for (name, member) in members {
                    if let Some(value) = member.fill(scope)? {
                        table.insert(name.clone(), value);
                    }
                }
                Ok(Some(Value::Object(table)))
            }
        }
    }

    /// Fills the holes straight into JSON text, without a copy of the values. `false`: left out, and `out` is as before.
    ///
    /// # Errors
    /// See [`FillError`].
    pub fn write_json(&self, scope: &Scope<'_>, out: &mut Vec<u8>) -> Result<bool, FillError> {
        match self {
            Self::Whole(hole) => match required(hole, scope)? {
                Some(Found::Json(text)) => out.extend_from_slice(text.as_bytes()),
                Some(value) => write(&value, &hole.text, out)?,
                None => return Ok(false),
            },
            Self::Text(template) => match template.fill(scope, Place::Plain)? {
                Some(text) => write(&text, &template.text, out)?,
                None => return Ok(false),
            },
            Self::Literal(value) => write(value, "", out)?,
            Self::List(items) => write_members(*b"[]", items.iter().map(|item| (None, item)), scope, out)?,
            Self::Table(members) => {
                write_members(*b"{}", members.iter().map(|(name, member)| (Some(name), member)), scope, out)?;
            }
        }
        Ok(true)
    }

    /// The holes, in order.
    pub fn holes(&self) -> Vec<&Hole> {
        match self {
            Self::Whole(hole) => vec![hole],
            Self::Text(template) => template.holes().collect(),
            Self::Literal(_) => Vec::new(),
            Self::List(items) => items.iter().flat_map(Self::holes).collect(),
            Self::Table(members) => members.iter().flat_map(|(_, member)| member.holes()).collect(),
        }
    }
}

fn required<'a>(hole: &'a Hole, scope: &Scope<'a>) -> Result<Option<Found<'a>>, FillError> {
    match hole.find(scope)? {
        None if !hole.optional => Err(hole.missing()),
        found => Ok(found),
    }
}

fn write(value: &impl serde::Serialize, hole: &str, out: &mut Vec<u8>) -> Result<(), FillError> {
    serde_json::to_writer(out, value).map_err(|_| FillError::Unfit(hole.to_owned(), "body"))
}

fn write_members<'b>(
    brackets: [u8; 2],
    members: impl Iterator<Item = (Option<&'b String>, &'b BodyTemplate)>,
    scope: &Scope<'_>,
    out: &mut Vec<u8>,
) -> Result<(), FillError> {
    out.push(brackets[0]);
    let first = out.len();
    for (name, member) in members {
        let before = out.len();
        if before > first {
            out.push(b',');
        }
        if let Some(name) = name {
            write(name, name, out)?;
            out.push(b':');
        }
        if !member.write_json(scope, out)? {
            out.truncate(before);
        }
    }
    out.push(brackets[1]);
    Ok(())
}
