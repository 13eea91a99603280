//! Paths to slots: plain names in the tree, and the elements that a filter or an index picks from a list.

use super::Odd;
use super::raw::Literal;
use super::tree::{Node, Slots};
use crate::mapping::path::{self, Path, Step};

/// All places of a record that a plan reads.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    tree: Node,
    selections: Vec<Selection>,
    /// How many slots there are.
    pub count: usize,
}

/// Values picked from the elements of one list.
#[derive(Clone, Debug)]
struct Selection {
    /// The names of the list.
    list: Vec<String>,
    /// Its slot.
    slot: usize,
    /// What is read from each element.
    tree: Node,
    /// How many slots an element has.
    count: usize,
    picks: Vec<Pick>,
}

/// One value: of the first element that is wanted and has it.
#[derive(Clone, Debug)]
struct Pick {
    element: Wanted,
    /// The names of the value in the element.
    names: Vec<String>,
    /// Its slot in the element.
    value: usize,
    /// The record's slot that takes it.
    slot: usize,
}

#[derive(Clone, Debug, PartialEq)]
enum Wanted {
    /// The element at this index.
    Index(usize),
    /// The elements that satisfy these terms.
    Where(Terms),
}

/// Terms of a filter, over an element's slots.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Terms(Vec<Term>);

#[derive(Clone, Debug, PartialEq)]
struct Term {
    names: Vec<String>,
    slot: usize,
    literal: Literal,
}

impl Terms {
    pub(super) fn new(terms: &[path::Term]) -> Self {
        let term = |(names, literal): &path::Term| Term {
            names: names.clone(),
            slot: 0,
            literal: Literal::new(literal.clone()),
        };
        Self(terms.iter().map(term).collect())
    }

    /// Adds the places that the terms look at.
    pub(super) fn plant(&self, tree: &mut Node) {
        for term in &self.0 {
            tree.add(&borrowed(&term.names));
        }
    }

    /// Learns the slots of a numbered tree.
    pub(super) fn settle(&mut self, tree: &Node) {
        for term in &mut self.0 {
            term.slot = tree.slot(&borrowed(&term.names)).unwrap_or_default();
        }
    }

    /// Whether an element satisfies them.
    pub(super) fn hold(&self, slots: &Slots<'_>) -> bool {
        self.0.iter().all(|term| slots[term.slot].is_some_and(|text| term.literal.is(text)))
    }
}

/// A path that a plan can read.
pub(super) enum Route {
    /// Plain names.
    Names(Vec<String>),
    /// Plain names, an element, plain names.
    Element(Vec<String>, Picked, Vec<String>),
}

/// Which element of a list.
pub(super) enum Picked {
    Index(usize),
    Where(Vec<path::Term>),
}

impl Route {
    /// The route of a path; `None` when the path asks for more.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let mut routes = (Vec::new(), None, Vec::new());
        for step in path.steps.as_deref()? {
            match (step, &routes.1) {
                (Step::Name(name), None) => routes.0.push(name.clone()),
                (Step::Name(name), Some(_)) => routes.2.push(name.clone()),
                (Step::Index(index), None) => routes.1 = Some(Picked::Index(usize::try_from(*index).ok()?)),
                (Step::Where(terms), None) => routes.1 = Some(Picked::Where(terms.clone())),
                (Step::Index(_) | Step::Where(_), Some(_)) | (Step::Every, _) => return None,
            }
        }
        match routes {
            // The record itself is no place to read a value from.
            (names, None, _) => (!names.is_empty()).then_some(Self::Names(names)),
            (names, Some(picked), rest) => (!names.is_empty()).then_some(Self::Element(names, picked, rest)),
        }
    }
}

impl Places {
    /// Makes the places of all routes and numbers them.
    pub(super) fn new(routes: &[Route]) -> Self {
        let mut places = Self::default();
        for route in routes {
            match route {
                Route::Names(names) => places.tree.add(&borrowed(names)),
                Route::Element(names, picked, rest) => places.add_pick(names, picked, rest),
            }
        }
        places.count = places.tree.number(0);
        for selection in &mut places.selections {
            selection.slot = places.tree.slot(&borrowed(&selection.list)).unwrap_or_default();
            selection.count = selection.tree.number(0);
            for pick in &mut selection.picks {
                if let Wanted::Where(terms) = &mut pick.element {
                    terms.settle(&selection.tree);
                }
                pick.value = selection.tree.slot(&borrowed(&pick.names)).unwrap_or_default();
                pick.slot = places.count;
                places.count += 1;
            }
        }
        places
    }

    fn add_pick(&mut self, list: &[String], picked: &Picked, names: &[String]) {
        self.tree.add(&borrowed(list));
        let place = self.selections.iter().position(|known| known.list == list).unwrap_or_else(|| {
            let (list, tree) = (list.to_vec(), Node::default());
            self.selections.push(Selection { list, slot: 0, tree, count: 0, picks: Vec::new() });
            self.selections.len() - 1
        });
        let selection = &mut self.selections[place];
        selection.tree.add(&borrowed(names));
        let element = Wanted::of(picked);
        if let Wanted::Where(terms) = &element {
            terms.plant(&mut selection.tree);
        }
        selection.picks.push(Pick { element, names: names.to_vec(), value: 0, slot: 0 });
    }

    /// The number of slots that are not of elements: the first ones.
    pub(super) fn plain(&self) -> usize {
        self.count - self.selections.iter().map(|selection| selection.picks.len()).sum::<usize>()
    }

    /// The slot of a route that was given to [`new`](Self::new).
    pub(super) fn slot(&self, route: &Route) -> Option<usize> {
        match route {
            Route::Names(names) => self.tree.slot(&borrowed(names)),
            Route::Element(list, picked, names) => {
                let selection = self.selections.iter().find(|selection| selection.list == *list)?;
                let mut element = Wanted::of(picked);
                if let Wanted::Where(terms) = &mut element {
                    terms.settle(&selection.tree);
                }
                selection
                    .picks
                    .iter()
                    .find(|pick| pick.element == element && pick.names == *names)
                    .map(|pick| pick.slot)
            }
        }
    }

    /// Finds all places in a record.
    pub(super) fn fill<'r>(&self, record: &'r str, slots: &mut Slots<'r>) -> Result<(), Odd> {
        self.tree.fill(record, slots)?;
        for selection in &self.selections {
            match slots[selection.slot] {
                Some(list) if list.starts_with('[') => selection.fill(list, slots)?,
                // A filter selects members of objects too, which only values can tell apart when a name stands twice.
                Some(object) if object.starts_with('{') => return Err(Odd),
                Some(_) | None => {}
            }
        }
        Ok(())
    }
}

impl Wanted {
    fn of(picked: &Picked) -> Self {
        match picked {
            Picked::Index(index) => Self::Index(*index),
            Picked::Where(terms) => Self::Where(Terms::new(terms)),
        }
    }
}

impl Selection {
    fn fill<'r>(&self, list: &'r str, slots: &mut Slots<'r>) -> Result<(), Odd> {
        let mut element_slots = vec![None; self.count];
        let mut index = 0;
        self.tree.fill_each(list, &mut element_slots, |_, element_slots| {
            for pick in &self.picks {
                let wanted = match &pick.element {
                    Wanted::Index(wanted) => *wanted == index,
                    Wanted::Where(terms) => terms.hold(element_slots),
                };
                if wanted && slots[pick.slot].is_none() {
                    slots[pick.slot] = element_slots[pick.value];
                }
            }
            index += 1;
            Ok(())
        })
    }
}

/// The names as the tree takes them.
fn borrowed(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}
