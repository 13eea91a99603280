//! The shape of the answer, made at load: keys as bytes, attributes in the order of the rules.
//!
//! Every member and element is written with a comma in front; [`enclose`] makes the first comma the opening bracket.

use super::Odd;
use super::emit::Emit;
use super::list::{Asked, List, Wants};
use super::raw;
use super::slots::{Places, Route};
use super::tree::Slots;
use crate::mapping::rule::Rule;
use crate::mapping::view::reference;

/// A member of an object: its name, its key with a comma in front, its value.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub name: String,
    key: Vec<u8>,
    emit: Emit,
    /// For the `value` that is another resource's id: the endpoint of that resource, for `$ref`.
    refers_to: Option<String>,
}

/// One attribute of the answer.
#[derive(Clone, Debug)]
pub(super) struct Attribute {
    pub name: String,
    key: Vec<u8>,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Single(Box<Emit>),
    List(Box<List>),
    Complex(Vec<Member>),
    Elements(Vec<Element>),
}

/// An element that a value filter names.
#[derive(Clone, Debug)]
struct Element {
    /// What the filter itself says of it: name, and `,"type":"work"`.
    fixed: Vec<(String, Vec<u8>)>,
    members: Vec<Member>,
}

/// Makes the first comma since `start` the opening bracket and appends the closing one; without anything since `start`,
/// false.
pub(super) fn enclose(out: &mut Vec<u8>, start: usize, brackets: [u8; 2]) -> bool {
    if out.len() == start {
        return false;
    }
    out[start] = brackets[0];
    out.push(brackets[1]);
    true
}

/// `,"name":`
pub(super) fn key(name: &str) -> Vec<u8> {
    format!(",\"{}\":", raw::escaped(name)).into_bytes()
}

/// Appends the `$ref` to the resource with this id at this endpoint.
pub(super) fn append_reference(to: Option<(&str, String)>, wants: &Wants<'_>, out: &mut Vec<u8>) {
    let Some((endpoint, id)) = to else { return };
    out.extend_from_slice(b",\"$ref\":");
    raw::append_text(out, &reference(wants.asked.base, endpoint, &id));
}

/// The value of a rule of one value; `None` when only values will do.
pub(super) fn single(rule: &Rule, places: &Places) -> Option<Emit> {
    Emit::of(rule, |path| places.slot(&Route::of(path)?))
}

impl Member {
    pub(super) fn new(rule: &Rule, emit: Emit) -> Self {
        let name = rule.target.sub.clone().unwrap_or_else(|| rule.target.name.clone());
        Self { key: key(&name), name, emit, refers_to: rule.refers_to.clone() }
    }

    /// The same with a `$ref` beside it.
    pub(super) fn referring_to(self, endpoint: Option<String>) -> Self {
        Self { refers_to: endpoint, ..self }
    }

    /// Appends the member, and the `$ref` that belongs to it, as far as they are wanted; whether it has a value.
    pub(super) fn write_part(&self, slots: &Slots<'_>, wants: &Wants<'_>, out: &mut Vec<u8>) -> bool {
        let wanted = wants.part(&self.name);
        if self.refers_to.is_none() {
            return self.write(slots, wanted, out);
        }
        let start = out.len();
        if !self.write(slots, true, out) {
            return false;
        }
        let id = wants.reference(self.refers_to.as_deref(), &out[start + self.key.len()..]);
        if !wanted {
            out.truncate(start);
        }
        append_reference(id, wants, out);
        true
    }

    /// Appends the member if it is wanted; whether it has a value.
    pub(super) fn write(&self, slots: &Slots<'_>, wanted: bool, out: &mut Vec<u8>) -> bool {
        let start = out.len();
        out.extend_from_slice(&self.key);
        let written = self.emit.write(slots, out);
        if !(written && wanted) {
            out.truncate(start);
        }
        written
    }
}

impl Attribute {
    /// The attribute that these rules make, which stand together in the view; `None` when only values will do.
    pub(super) fn new(rules: &[&Rule], places: &Places) -> Option<Self> {
        let first = rules.first()?;
        let name = first.target.name.clone();
        let content = if first.target.is_element() {
            let mut elements: Vec<Element> = Vec::new();
            for group in rules.chunk_by(|one, other| one.target.shares_element(&other.target)) {
                elements.push(Element::new(group, places)?);
            }
            Content::Elements(elements)
        } else if first.target.sub.is_some() {
            Content::Complex(members(rules, places)?)
        } else if first.list {
            Content::List(Box::new(List::new(first, places)?))
        } else {
            Content::Single(Box::new(single(first, places)?))
        };
        Some(Self { key: key(&name), name, content })
    }

    /// Appends the attribute if it is wanted; whether it has a value, and in an extension that also when it is not wanted:
    /// a resource names the extensions that it has.
    pub(super) fn write(
        &self,
        slots: &Slots<'_>,
        extension: Option<&str>,
        asked: Asked<'_>,
        out: &mut Vec<u8>,
    ) -> Result<bool, Odd> {
        let wants = Wants { asked, extension, name: &self.name };
        if extension.is_none() && !wants.any() {
            return Ok(false);
        }
        let start = out.len();
        out.extend_from_slice(&self.key);
        let inside = out.len();
        let (made, written) = match &self.content {
            Content::Single(emit) => same(emit.write(slots, out)),
            Content::List(list) => same(list.write(slots, &wants, out)?),
            Content::Complex(members) => (write_members(members, slots, &wants, out), enclose(out, inside, *b"{}")),
            Content::Elements(elements) => {
                for element in elements {
                    element.write(slots, &wants, out);
                }
                same(enclose(out, inside, *b"[]"))
            }
        };
        if !(written && wants.any()) {
            out.truncate(start);
        }
        Ok(made)
    }
}

/// Appends all that is wanted; whether there is any value, wanted or not.
fn write_members(members: &[Member], slots: &Slots<'_>, wants: &Wants<'_>, out: &mut Vec<u8>) -> bool {
    let mut made = false;
    for member in members {
        made |= member.write_part(slots, wants, out);
    }
    made
}

fn same(written: bool) -> (bool, bool) {
    (written, written)
}

fn members(rules: &[&Rule], places: &Places) -> Option<Vec<Member>> {
    rules.iter().map(|rule| Some(Member::new(rule, single(rule, places)?))).collect()
}

impl Element {
    fn new(rules: &[&Rule], places: &Places) -> Option<Self> {
        let target = &rules.first()?.target;
        let mut fixed = Vec::new();
        let primary = target.primary.then(|| ("primary".to_owned(), serde_json::Value::Bool(true)));
        for (name, value) in target.select.iter().cloned().chain(primary) {
            // A rule for the same sub-attribute would be a second member of that name.
            if rules.iter().any(|rule| rule.target.sub.as_ref() == Some(&name)) {
                return None;
            }
            let mut bytes = key(&name);
            raw::append(&mut bytes, &value);
            fixed.push((name, bytes));
        }
        Some(Self { fixed, members: members(rules, places)? })
    }

    fn write(&self, slots: &Slots<'_>, wants: &Wants<'_>, out: &mut Vec<u8>) {
        let start = out.len();
        out.push(b',');
        let inside = out.len();
        if !write_members(&self.members, slots, wants, out) {
            out.truncate(start);
            return;
        }
        for (name, bytes) in &self.fixed {
            if wants.part(name) {
                out.extend_from_slice(bytes);
            }
        }
        if !enclose(out, inside, *b"{}") {
            out.extend_from_slice(b"{}");
        }
    }
}
