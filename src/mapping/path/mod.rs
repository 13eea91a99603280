//! RFC 9535 paths: parsed once at load; a subset of them can be written.

use jsonpath_rust::query::{QueryRef, js_path_process};
use serde_json::Value;

use crate::mapping::diagnostic::TextFault;
use crate::mapping::equality::same;

mod parse;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use write::fresh_element;

/// The highest index that `put` makes: shorter arrays are filled up with nulls.
const LAST_WRITABLE_INDEX: i64 = 255;

/// A compiled path. `a.b` is short for `$.a.b`; `$` is the record itself.
#[derive(Clone, Debug)]
pub struct Path {
    /// As written.
    pub text: String,
    /// The steps, where every segment is a name, an index, an equality filter or a wildcard.
    pub steps: Option<Vec<Step>>,
    /// The parsed query, for everything else.
    pub query: jsonpath_rust::parser::model::JpQuery,
    /// Its number among the paths with holes of a call: until their values are known it selects nothing.
    pub slot: Option<usize>,
}

/// `@.kind == 'work'` in a filter: the member's names, and the literal that it equals.
pub type Term = (Vec<String>, Value);

/// A step of the writable subset.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A member.
    Name(String),
    /// An element, from the end when negative.
    Index(i64),
    /// The elements whose members equal these literals: `[?@.kind == 'work' && @.main == 1]`.
    Where(Vec<Term>),
    /// All elements or members.
    Every,
}

impl Path {
    /// Parses a path as a mapping's author writes it.
    ///
    /// # Errors
    /// A [`TextFault`] with the place in `text`, if it is no RFC 9535 path.
    pub fn parse(text: &str) -> Result<Self, TextFault> {
        let query = parse::query(text)?;
        let steps = query.segments.iter().map(parse::step).collect();
        Ok(Self { text: text.to_owned(), steps, query, slot: None })
    }

    /// Whether `put` and `clear` work: names, indexes, equality filters (a trailing wildcard selects a list's elements).
    pub fn is_writable(&self) -> bool {
        let Some((last, before)) = self.steps.as_deref().map(|steps| match steps.split_last() {
            Some((last, before)) => (Some(last), before),
            None => (None, steps),
        }) else {
            return false;
        };
        before.iter().all(Step::is_writable) && last.is_none_or(|last| *last == Step::Every || last.is_writable())
    }

    /// The place in `text` of the first part that can only be read; `None` for a writable path.
    pub fn unwritable(&self) -> Option<std::ops::Range<usize>> {
        if self.is_writable() {
            return None;
        }
        let ranges = parse::segment_ranges(&self.text);
        let last = self.query.segments.len().saturating_sub(1);
        let at_fault = self.query.segments.iter().enumerate().position(|(index, segment)| {
            parse::step(segment).is_none_or(|step| !(step.is_writable() || index == last && step == Step::Every))
        });
        Some(at_fault.and_then(|index| ranges.get(index).cloned()).unwrap_or(0..self.text.len()))
    }

    /// The names, where the path is nothing but names; none for `$`.
    pub fn names(&self) -> Option<Vec<&str>> {
        self.steps
            .as_deref()?
            .iter()
            .map(|step| match step {
                Step::Name(name) => Some(name.as_str()),
                Step::Index(_) | Step::Where(_) | Step::Every => None,
            })
            .collect()
    }

    /// The selected nodes, in document order.
    pub fn get<'a>(&self, record: &'a Value) -> Vec<&'a Value> {
        let mut found = Vec::new();
        match &self.steps {
            Some(steps) => {
                visit(steps, record, &mut |node| {
                    found.push(node);
                    false
                });
            }
            None => found.extend(self.query_nodes(record)),
        }
        found
    }

    /// The first selected node.
    pub fn first<'a>(&self, record: &'a Value) -> Option<&'a Value> {
        match &self.steps {
            Some(steps) => {
                let mut found = None;
                visit(steps, record, &mut |node| {
                    found = Some(node);
                    true
                });
                found
            }
            None => self.query_nodes(record).next(),
        }
    }

    /// Whether a record says what is here, if only that nothing is: a list tells which elements it does not have, null that
    /// nothing is below it; a name that is missing tells nothing.
    pub(crate) fn is_told_by(&self, record: &Value) -> bool {
        let Some(steps) = &self.steps else { return self.first(record).is_some() };
        let mut node = record;
        for step in steps {
            match (step, node) {
                (_, Value::Null) => return true,
                (Step::Name(name), Value::Object(members)) => match members.get(name) {
                    Some(member) => node = member,
                    None => return false,
                },
                (Step::Index(_) | Step::Where(_) | Step::Every, node) => return node.is_array(),
                (Step::Name(_), Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
                    return false;
                }
            }
        }
        true
    }

    fn query_nodes<'a>(&self, record: &'a Value) -> impl Iterator<Item = &'a Value> + use<'a> {
        js_path_process(&self.query, record).unwrap_or_default().into_iter().map(QueryRef::val)
    }

    /// Writes `value`, making objects, and elements that a filter asks for, on the way.
    ///
    /// Of several elements that a filter selects, the first is written. What stands in the way (text where an object should
    /// be) is replaced, except a filled object or list of the wrong kind: then nothing is written. A path that is not
    /// writable writes nothing.
    pub fn put(&self, record: &mut Value, value: Value) {
        if let Some(node) = self.reach(record) {
            *node = value;
        }
    }

    /// The node to write, made where it is missing; `None` where `put` would write nothing.
    pub(crate) fn reach<'a>(&self, record: &'a mut Value) -> Option<&'a mut Value> {
        if self.is_writable() { write::reach(self.steps.as_deref()?, record) } else { None }
    }

    /// Removes what is selected: members of objects and elements of lists; `$` becomes null.
    pub fn clear(&self, record: &mut Value) {
        if let Some(steps) = &self.steps {
            write::clear(steps, record);
        } else {
            let mut places: Vec<_> = js_path_process(&self.query, record)
                .unwrap_or_default()
                .into_iter()
                .filter_map(|found| Path::parse(&found.path()).ok()?.steps)
                .collect();
            // Later elements go first, so that the indexes of those before them stay true.
            places.reverse();
            for steps in places {
                write::clear(&steps, record);
            }
        }
    }

    /// Whether writing one can change what the other reads.
    ///
    /// They cannot where they part at two names, two indexes, or two filters that want different literals of one member.
    pub fn overlaps(&self, other: &Path) -> bool {
        let (left, right) = (self.simple_start(), other.simple_start());
        !left.iter().zip(&right).any(|(left, right)| left.excludes(right))
    }

    /// The steps up to the first segment that is none.
    fn simple_start(&self) -> Vec<Step> {
        self.query.segments.iter().map_while(parse::step).collect()
    }

    /// The path of the list element that this path goes through last, by filter or index; `None` when it goes through none.
    pub fn element(&self) -> Option<Path> {
        let last = self.steps.as_deref()?.iter().rposition(|step| matches!(step, Step::Where(_) | Step::Index(_)))?;
        Some(self.cut(last + 1))
    }

    /// The list's path and the terms that its elements must satisfy, where this path selects the elements by a last
    /// wildcard (no terms) or filter.
    pub fn list(&self) -> Option<(Path, &[Term])> {
        let steps = self.steps.as_deref()?;
        match steps.last()? {
            Step::Where(terms) => Some((self.cut(steps.len() - 1), terms.as_slice())),
            Step::Every => Some((self.cut(steps.len() - 1), &[])),
            Step::Name(_) | Step::Index(_) => None,
        }
    }

    /// The path of the list whose elements this path goes through last, and the place in such an element that it leads to, if
    /// it does not lead to the element itself; `None` when it goes through no list.
    pub fn list_and_part(&self) -> Option<(Path, Option<Path>)> {
        let steps = self.steps.as_deref()?;
        let every = steps.iter().rposition(|step| matches!(step, Step::Where(_) | Step::Every))?;
        let mut part = self.clone();
        part.query.segments.drain(..=every);
        part.steps = Some(steps[every + 1..].to_vec());
        Some((self.cut(every), (every + 1 < steps.len()).then_some(part)))
    }

    fn cut(&self, length: usize) -> Path {
        let mut query = self.query.clone();
        query.segments.truncate(length);
        let steps = self.steps.as_ref().map(|steps| steps[..length.min(steps.len())].to_vec());
        Path { text: self.text.clone(), steps, query, slot: None }
    }
}

impl Step {
    fn is_writable(&self) -> bool {
        match self {
            Self::Name(_) => true,
            Self::Index(index) => index.abs() <= LAST_WRITABLE_INDEX,
            Self::Where(terms) => terms.iter().all(|(names, _)| !names.is_empty()),
            Self::Every => false,
        }
    }

    /// Whether no node can be reached by both steps.
    fn excludes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Name(left), Self::Name(right)) => left != right,
            (Self::Index(left), Self::Index(right)) => left != right && (*left < 0) == (*right < 0),
            (Self::Where(left), Self::Where(right)) => left
                .iter()
                .any(|(names, literal)| right.iter().any(|(other, wanted)| names == other && !same(literal, wanted))),
            // A name is a member of an object, an index an element of a list.
            (Self::Name(_), Self::Index(_)) | (Self::Index(_), Self::Name(_)) => true,
            (Self::Every, _)
            | (_, Self::Every)
            | (Self::Where(_), Self::Name(_) | Self::Index(_))
            | (Self::Name(_) | Self::Index(_), Self::Where(_)) => false,
        }
    }
}

/// Whether an element satisfies the terms of a filter.
pub(crate) fn satisfies(element: &Value, terms: &[Term]) -> bool {
    terms.iter().all(|(names, literal)| {
        let member = names.iter().try_fold(element, |node, name| node.as_object()?.get(name));
        member.is_some_and(|member| same(member, literal))
    })
}

/// The position of element `index` in a list of `length`.
fn position(index: i64, length: usize) -> Option<usize> {
    if index < 0 {
        length.checked_sub(usize::try_from(index.unsigned_abs()).ok()?)
    } else {
        usize::try_from(index).ok().filter(|index| *index < length)
    }
}

/// Shows each selected node to `seen`, in document order, until it says that it has enough.
fn visit<'a>(steps: &[Step], node: &'a Value, seen: &mut dyn FnMut(&'a Value) -> bool) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        return seen(node);
    };
    match step {
        Step::Name(name) => {
            node.as_object().and_then(|object| object.get(name)).is_some_and(|next| visit(rest, next, seen))
        }
        Step::Index(index) => node
            .as_array()
            .and_then(|list| list.get(position(*index, list.len())?))
            .is_some_and(|next| visit(rest, next, seen)),
        Step::Where(terms) => children(node).any(|next| satisfies(next, terms) && visit(rest, next, seen)),
        Step::Every => children(node).any(|next| visit(rest, next, seen)),
    }
}

/// The elements of a list or the members' values of an object, in order.
fn children(node: &Value) -> impl Iterator<Item = &Value> {
    let list = node.as_array().into_iter().flatten();
    let members = node.as_object().into_iter().flat_map(|object| object.values());
    list.chain(members)
}
