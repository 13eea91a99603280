//! The places that a plan reads, as one tree of names, walked once over the bytes of a record.

use std::ops::Range;

use jiter::Peek;

use crate::value::scan::{NotJson, Scan};

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
    pub(super) fn fill<'r>(&self, text: &'r str, slots: &mut Slots<'r>) -> Result<(), NotJson> {
        if let Some(slot) = self.slot {
            slots[slot] = Some(text);
        }
        if self.members.is_empty() {
            return Ok(());
        }
        let mut scan = Scan::new(text);
        self.walk(&mut scan, slots)?;
        scan.end()
    }

    /// Finds the places in each element of a list, one after the other; `seen` gets an element's text and its places.
    ///
    /// # Errors
    /// The text is no list, or `seen` fails.
    pub(super) fn fill_each<'r, E: From<NotJson>>(
        &self,
        list: &'r str,
        slots: &mut Slots<'r>,
        mut seen: impl FnMut(&'r str, &Slots<'r>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut scan = Scan::new(list);
        let mut next = scan.first_element()?;
        while next.is_some() {
            slots.fill(None);
            let element = self.walk(&mut scan, slots)?;
            if let Some(slot) = self.slot {
                slots[slot] = Some(element);
            }
            seen(element, slots)?;
            next = scan.next_element()?;
        }
        Ok(())
    }

    /// Passes over the next value, finds the places in it, and gives its text; what is no object has no places.
    fn walk<'r>(&self, scan: &mut Scan<'r>, slots: &mut Slots<'r>) -> Result<&'r str, NotJson> {
        let first = scan.peek()?;
        if self.members.is_empty() || first != Peek::Object {
            return scan.value(first);
        }
        let start = scan.place();
        let mut next = scan.first_key()?;
        while let Some(name) = next {
            if let Some((_, node)) = self.members.iter().find(|(known, _)| known == name) {
                // Of a member that stands twice the last one counts, whole.
                slots[node.below.clone()].fill(None);
                let text = node.walk(scan, slots)?;
                if let Some(slot) = node.slot {
                    slots[slot] = Some(text);
                }
            } else {
                let first = scan.peek()?;
                scan.value(first)?;
            }
            next = scan.next_key()?;
        }
        scan.since(start)
    }
}
