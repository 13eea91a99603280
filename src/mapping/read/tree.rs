//! The places that a plan reads, as one tree of names, walked once over the bytes of a record.

use std::fmt;
use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The raw JSON text found for each place; `None` where the record has none.
pub(super) type Slots<'r> = [Option<&'r str>];

/// A name of the tree, and what is below it.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// Where the node's own text goes, if it is asked for.
    slot: Option<usize>,
    /// Members that are asked for, or lead there.
    members: Vec<(String, Node)>,
    /// The slots of all that is below.
    below: Range<usize>,
}

impl Node {
    /// Makes the place that the names lead to; its slot is known once the whole tree is [numbered](Self::number).
    pub(super) fn add(&mut self, names: &[&str]) {
        let Some((name, rest)) = names.split_first() else {
            self.slot = Some(0);
            return;
        };
        let place = self.members.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
            self.members.push(((*name).to_owned(), Self::default()));
            self.members.len() - 1
        });
        self.members[place].1.add(rest);
    }

    /// Numbers the slots, those of one subtree in a row; gives the first free number.
    pub(super) fn number(&mut self, mut next: usize) -> usize {
        if self.slot.is_some() {
            self.slot = Some(next);
            next += 1;
        }
        let start = next;
        for (_, member) in &mut self.members {
            next = member.number(next);
        }
        self.below = start..next;
        next
    }

    /// The slot of the place that the names lead to.
    pub(super) fn slot(&self, names: &[&str]) -> Option<usize> {
        let Some((name, rest)) = names.split_first() else {
            return self.slot;
        };
        self.members.iter().find(|(known, _)| known == name)?.1.slot(rest)
    }

    /// Finds the places in a JSON text.
    ///
    /// # Errors
    /// The text is not JSON.
    pub(super) fn fill<'r>(&self, text: &'r str, slots: &mut Slots<'r>) -> Result<(), serde_json::Error> {
        if let Some(slot) = self.slot {
            slots[slot] = Some(text);
        }
        if self.members.is_empty() {
            return Ok(());
        }
        let mut source = serde_json::Deserializer::from_str(text);
        Walk { node: self, slots }.deserialize(&mut source)?;
        source.end()
    }
}

/// The walk over one object; anything else has no members.
struct Walk<'t, 's, 'r> {
    node: &'t Node,
    slots: &'s mut Slots<'r>,
}

impl<'r> DeserializeSeed<'r> for Walk<'_, '_, 'r> {
    type Value = ();

    fn deserialize<D: Deserializer<'r>>(self, source: D) -> Result<(), D::Error> {
        source.deserialize_any(self)
    }
}

impl<'r> Visitor<'r> for Walk<'_, '_, 'r> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    // Numbers arrive here too, as a map with one member of a name that no record has.
    fn visit_map<A: MapAccess<'r>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(found) = members.next_key_seed(Key(&self.node.members))? {
            let Some((_, node)) = found.and_then(|place| self.node.members.get(place)) else {
                members.next_value::<IgnoredAny>()?;
                continue;
            };
            // Of a member that stands twice the last one counts, whole.
            for slot in &mut self.slots[node.below.clone()] {
                *slot = None;
            }
            if node.slot.is_some() {
                let text = members.next_value::<&'r RawValue>()?.get();
                node.fill(text, self.slots).map_err(serde::de::Error::custom)?;
            } else {
                members.next_value_seed(Walk { node, slots: self.slots })?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'r>>(self, mut elements: A) -> Result<(), A::Error> {
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}

/// A member's name, as its position among the names that are asked for.
struct Key<'t>(&'t [(String, Node)]);

impl<'r> DeserializeSeed<'r> for Key<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'r>>(self, source: D) -> Result<Self::Value, D::Error> {
        source.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|(known, _)| known == name))
    }
}

/// Calls `seen` with the raw text of each element of a JSON list, until it fails.
pub(super) fn elements<'r, E: From<serde_json::Error>>(
    list: &'r str,
    seen: impl FnMut(&'r str) -> Result<(), E>,
) -> Result<(), E> {
    let mut seen = seen;
    let mut failure = None;
    let mut source = serde_json::Deserializer::from_str(list);
    let walk = Elements { seen: &mut seen, failure: &mut failure };
    let walked = source.deserialize_seq(walk);
    match failure {
        Some(failure) => Err(failure),
        None => walked.map_err(E::from),
    }
}

struct Elements<'f, F, E> {
    seen: &'f mut F,
    failure: &'f mut Option<E>,
}

impl<'r, E, F: FnMut(&'r str) -> Result<(), E>> Visitor<'r> for Elements<'_, F, E> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'r>>(self, mut elements: A) -> Result<(), A::Error> {
        while let Some(element) = elements.next_element::<&'r RawValue>()? {
            if self.failure.is_none()
                && let Err(failure) = (self.seen)(element.get())
            {
                *self.failure = Some(failure);
            }
        }
        Ok(())
    }
}
