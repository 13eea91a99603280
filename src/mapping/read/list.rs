//! Lists: each element from its raw text to the answer's bytes.

use super::raw::{self, Literal};
use super::skeleton::{self, Member, enclose};
use super::slots::{Picked, Places, Route, Terms};
use super::tree::{Node, Slots};
use super::{Odd, emit::Emit};
use crate::mapping::path::{Path, Step};
use crate::mapping::rule::{Rule, Show};
use crate::scim::Projection;
use crate::scim::schema::Kind;
use crate::value::scan::NotJson;

/// How a list rule's elements are written.
#[derive(Clone, Debug)]
pub(super) struct List {
    /// The slot of the list.
    slot: usize,
    /// Whether the path selects the elements, by a wildcard or a filter, and not the list.
    selects: bool,
    /// The elements that the path's filter wants.
    terms: Terms,
    /// What is read from each element.
    tree: Node,
    count: usize,
    unset: Literal,
    element: Element,
    /// For what is no list: the same by value.
    rule: Rule,
}

#[derive(Clone, Debug)]
enum Element {
    /// A plain value.
    Plain(Emit),
    /// A plain value as the `value` of a table.
    Value(Emit),
    /// A table of parts; whether `value` is among them.
    Parts(Vec<Member>, bool),
}

/// The route to the list of a rule, and the filter of its elements; `None` when the path asks for more.
pub(super) fn route(rule: &Rule) -> Option<(Route, bool, Terms)> {
    let path = rule.read_at.as_ref()?;
    let last_is_every = matches!(path.steps.as_deref()?.last(), Some(Step::Every));
    let named = match path.list() {
        Some((list, _)) if last_is_every => (Route::of(&list)?, true, Terms::new(&[])),
        Some(_) | None => match Route::of(path)? {
            Route::Element(names, Picked::Where(terms), rest) if rest.is_empty() => {
                (Route::Names(names), true, Terms::new(&terms))
            }
            Route::Names(names) => (Route::Names(names), false, Terms::new(&[])),
            Route::Element(..) => return None,
        },
    };
    matches!(named.0, Route::Names(_)).then_some(named)
}

impl List {
    /// The plan of a list rule; `None` when only values will do.
    pub(super) fn new(rule: &Rule, places: &Places) -> Option<Self> {
        let (route, selects, mut terms) = route(rule)?;
        if rule.codecs.packed.is_some() && selects {
            return None;
        }
        let mut tree = Node::default();
        terms.plant(&mut tree);
        for part in rule.each.iter().flatten() {
            for path in part.read_at.iter().chain(part.shows().flat_map(Show::paths)) {
                tree.add(&path.names()?);
            }
        }
        let count = tree.number(0);
        terms.settle(&tree);
        let element = match &rule.each {
            None if rule.attribute.kind == Kind::Complex => Element::Value(Emit::new(rule, None)),
            None => Element::Plain(Emit::new(rule, None)),
            Some(each) => {
                let mut parts = Vec::with_capacity(each.len());
                for part in each {
                    let slot = |path: &Path| tree.slot(&path.names()?);
                    let emit = Emit::of(part, slot)?;
                    let endpoint = rule.refers_to.clone().filter(|_| part.target.sub.as_deref() == Some("value"));
                    parts.push(Member::new(part, emit).referring_to(endpoint));
                }
                let has_value = parts.iter().any(|part| part.name == "value");
                Element::Parts(parts, has_value)
            }
        };
        let unset = Literal::new(rule.unset.clone());
        Some(Self { slot: places.slot(&route)?, selects, terms, tree, count, unset, element, rule: rule.clone() })
    }

    /// Appends the list as JSON; false, and nothing appended, when it has no elements.
    pub(super) fn write(&self, slots: &Slots<'_>, wants: &Wants<'_>, out: &mut Vec<u8>) -> Result<bool, Odd> {
        let Some(text) = slots[self.slot] else { return Ok(false) };
        if self.is_unset(text) && !self.selects {
            return Ok(false);
        }
        if !text.starts_with('[') || self.rule.codecs.packed.is_some() {
            return self.write_value(text, wants, out);
        }
        let start = out.len();
        let mut element_slots = vec![None; self.count];
        self.tree.fill_each(text, &mut element_slots, |element, element_slots| {
            if self.terms.hold(element_slots) && !self.is_unset(element) {
                self.write_element(element, element_slots, wants, out);
            }
            Ok::<(), Odd>(())
        })?;
        Ok(enclose(out, start, *b"[]"))
    }

    /// The slot of the list.
    pub(super) fn slot(&self) -> usize {
        self.slot
    }

    /// Whether two lists have the same raw texts at all places that are read, element for element.
    pub(super) fn reads_alike(&self, one: &str, other: &str) -> bool {
        if self.selects || self.rule.each.is_none() || self.rule.codecs.packed.is_some() {
            return false;
        }
        let one = self.texts(one);
        one.is_some() && one == self.texts(other)
    }

    /// How many elements a list has, and the raw texts that are read of them.
    fn texts<'r>(&self, list: &'r str) -> Option<(usize, Vec<Option<&'r str>>)> {
        let (mut count, mut texts) = (0, Vec::new());
        let mut element_slots = vec![None; self.count];
        let seen = self.tree.fill_each(list, &mut element_slots, |_, element_slots| {
            count += 1;
            texts.extend_from_slice(element_slots);
            Ok::<(), NotJson>(())
        });
        (list.starts_with('[') && seen.is_ok()).then_some((count, texts))
    }

    fn is_unset(&self, text: &str) -> bool {
        text == "null" || text == "\"\"" || self.unset.is(text)
    }

    fn write_element(&self, element: &str, slots: &Slots<'_>, wants: &Wants<'_>, out: &mut Vec<u8>) {
        let start = out.len();
        out.push(b',');
        match &self.element {
            Element::Plain(emit) => {
                if !emit.write_raw(element, out) {
                    out.truncate(start);
                }
            }
            Element::Value(emit) => {
                let inside = out.len();
                out.extend_from_slice(b",\"value\":");
                let value = out.len();
                if !emit.write_raw(element, out) {
                    out.truncate(start);
                    return;
                }
                let id = wants.reference(self.rule.refers_to.as_deref(), &out[value..]);
                if !wants.part("value") {
                    out.truncate(inside);
                }
                skeleton::append_reference(id, wants, out);
                if !enclose(out, inside, *b"{}") {
                    out.extend_from_slice(b"{}");
                }
            }
            Element::Parts(parts, has_value) => {
                let inside = out.len();
                let (mut made, mut valued) = (false, false);
                for part in parts {
                    let written = part.write_part(slots, wants, out);
                    made |= written;
                    valued |= written && part.name == "value";
                }
                if !made || *has_value && !valued {
                    out.truncate(start);
                } else if !enclose(out, inside, *b"{}") {
                    out.extend_from_slice(b"{}");
                }
            }
        }
    }

    /// One value where a list should be, or a list packed into one value.
    fn write_value(&self, text: &str, wants: &Wants<'_>, out: &mut Vec<u8>) -> Result<bool, Odd> {
        if self.selects {
            // A wildcard and a filter select nothing in a plain value; in an object, its members.
            return if text.starts_with('{') { Err(Odd) } else { Ok(false) };
        }
        if !wants.all() {
            return Err(Odd);
        }
        let node = serde_json::from_str(text)?;
        let Some(list) = self.rule.list_of(&node) else { return Ok(false) };
        raw::append(out, &list);
        Ok(true)
    }
}

/// What an answer shall hold, and the URL below which its resources are.
#[derive(Clone, Copy)]
pub(super) struct Asked<'p> {
    pub projection: &'p Projection,
    /// `https://scim.acme.example/scim/v2`
    pub base: &'p str,
}

/// What a projection wants of one attribute.
pub(super) struct Wants<'p> {
    pub asked: Asked<'p>,
    pub extension: Option<&'p str>,
    pub name: &'p str,
}

impl Wants<'_> {
    /// Whether it wants everything.
    pub(super) fn all(&self) -> bool {
        *self.asked.projection == Projection::Default
    }

    /// Whether it wants the attribute at all.
    pub(super) fn any(&self) -> bool {
        self.all() || self.asked.projection.wants(self.extension, self.name, None)
    }

    /// The endpoint and the id of a `$ref`, where there is one and it is wanted; `value` is the id as JSON.
    pub(super) fn reference<'e>(&self, endpoint: Option<&'e str>, value: &[u8]) -> Option<(&'e str, String)> {
        let endpoint = endpoint.filter(|_| self.part("$ref"))?;
        Some((endpoint, raw::text_of(value)?))
    }

    /// Whether it wants a sub-attribute.
    pub(super) fn part(&self, sub: &str) -> bool {
        self.all() || self.asked.projection.wants(self.extension, self.name, Some(sub))
    }
}
