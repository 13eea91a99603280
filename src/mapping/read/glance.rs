//! A record seen by its places: what its rules read, before anything is written or made a value of.

use serde_json::Value;
use serde_json::value::RawValue;

use super::list::{Asked, List};
use super::skeleton::enclose;
use super::slots::{Places, Route};
use super::{ReadPlan, Unwritten, Written, base_of, id_text, skim};
use crate::mapping::rule::Rule;
use crate::scim::{Filter, Projection, Resource};

/// A record's text, and the raw texts at the places that a plan reads.
#[derive(Debug)]
pub struct Glance<'r> {
    /// The record, without white space around it.
    pub record: &'r str,
    slots: Vec<Option<&'r str>>,
}

/// Where the value of a rule is seen.
#[derive(Clone, Debug)]
pub(super) enum Sight {
    /// In a slot.
    Slot(usize),
    /// The slot of a list.
    List(Box<List>),
    /// Nowhere: made of several fields.
    Made,
    /// Nowhere: it is never shown.
    Never,
}

impl<'r> Glance<'r> {
    /// The members of the record, each with its text; `None` where a name is written with an escape.
    pub fn members(&self) -> Option<Vec<(&'r str, &'r RawValue)>> {
        skim::members(self.record)
    }

    /// Whether every field of another record is in this one too, at any depth of objects, and in the same order; false says
    /// nothing.
    pub fn has_fields_of(&self, other: &Self) -> bool {
        skim::has_fields_of(self.record, other.record)
    }
}

impl Sight {
    pub(super) fn new(rule: &Rule, places: &Places) -> Self {
        if !rule.is_shown() {
            return Self::Never;
        }
        if rule.list {
            return List::new(rule, places).map_or(Self::Made, |list| Self::List(Box::new(list)));
        }
        let path = rule.read_at.as_ref().filter(|_| rule.show.is_none());
        let slot = path.and_then(Route::of).and_then(|route| places.slot(&route));
        slot.map_or(Self::Made, Self::Slot)
    }
}

impl ReadPlan {
    /// Looks at a record; `None` where it is no JSON object, or too odd to be read without values.
    pub fn glance<'r>(&self, record: &'r str) -> Option<Glance<'r>> {
        let record = record.trim_ascii();
        if !record.starts_with('{') {
            return None;
        }
        let mut slots = vec![None; self.places.count];
        self.places.fill(record, &mut slots).ok()?;
        Some(Glance { record, slots })
    }

    /// As [`write`](Self::write), of a record that was looked at.
    ///
    /// # Errors
    /// See [`Unwritten`]; nothing is appended then.
    pub fn write_glance(
        &self,
        glance: &Glance<'_>,
        projection: &Projection,
        location: &str,
        out: &mut Vec<u8>,
    ) -> Result<Written, Unwritten> {
        let start = out.len();
        match self.stream(&glance.slots, &self.resolved(projection), location, out) {
            Ok(Some(written)) => Ok(written),
            Ok(None) => {
                out.truncate(start);
                Err(Unwritten::NoId)
            }
            Err(super::Odd) => {
                out.truncate(start);
                self.write(glance.record.as_bytes(), projection, location, out)
            }
        }
    }

    /// Whether a record has something, if only null, at every place: what it leaves out is not known to be absent. Of lists it
    /// is enough that they are there.
    pub fn tells_all(&self, glance: &Glance<'_>) -> bool {
        glance.slots.iter().take(self.places.plain()).all(Option::is_some)
    }

    /// The id that a record shows.
    pub fn id_of(&self, glance: &Glance<'_>) -> Option<String> {
        let mut member = Vec::with_capacity(32);
        let asked = Asked { projection: &Projection::Default, base: "" };
        self.attributes.get(self.id)?.write(&glance.slots, None, asked, &mut member).ok()?;
        id_text(&member)
    }

    /// Whether the resource that a record shows satisfies a comparison; `None` where more than one attribute of the core
    /// schema has to be looked at to tell.
    pub fn satisfies(&self, glance: &Glance<'_>, filter: &Filter, location: &str) -> Option<bool> {
        let Filter::Compare(path, _, _) = filter else { return None };
        let place = self.view.schema.place(path).filter(|place| place.extension.is_none())?;
        let attribute = self.attributes.iter().find(|attribute| attribute.name == place.attribute.name)?;
        let mut member = Vec::with_capacity(64);
        let asked = Asked { projection: &Projection::Default, base: base_of(location, &self.view) };
        attribute.write(&glance.slots, None, asked, &mut member).ok()?;
        if !enclose(&mut member, 0, *b"{}") {
            return Some(filter.matches(&Resource::new(), &self.view.schema));
        }
        let alone: Resource = serde_json::from_slice(&member).ok()?;
        Some(filter.matches(&alone, &self.view.schema))
    }

    /// The raw text that a rule of one value reads; `None` where it reads nothing, or no single place.
    pub fn text_of<'r>(&self, glance: &Glance<'r>, rule: usize) -> Option<&'r str> {
        match self.sights.get(rule)? {
            Sight::Slot(slot) => glance.slots.get(*slot).copied().flatten(),
            Sight::List(_) | Sight::Made | Sight::Never => None,
        }
    }

    /// Whether a rule of the view reads the same from a record as from `text`, the upstream's form of a value that it has. Of
    /// a rule that is never shown nothing is read. A list is only known to read the same where it has the same elements in
    /// the same order.
    pub fn shows(&self, glance: &Glance<'_>, rule: usize, text: &str) -> bool {
        let at = |slot: usize| glance.slots.get(slot).copied().flatten();
        match self.sights.get(rule) {
            Some(Sight::Never) => true,
            Some(Sight::Slot(slot)) => at(*slot).is_some_and(|seen| seen == text || self.shows_alike(rule, seen, text)),
            Some(Sight::List(list)) => at(list.slot()).is_some_and(|seen| seen == text || list.reads_alike(seen, text)),
            Some(Sight::Made) | None => false,
        }
    }

    /// Whether a rule of one value reads the same, and something, from two raw texts.
    pub fn shows_alike(&self, rule: usize, one: &str, other: &str) -> bool {
        let Some(rule) = self.view.rules.get(rule) else { return false };
        let read = |text: &str| serde_json::from_str::<Value>(text).ok().and_then(|value| rule.decode(&value));
        let one = read(one);
        one.is_some() && one == read(other)
    }
}
