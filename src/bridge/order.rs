//! Resources in the order that a client asks for.

use std::ops::Range;

use crate::bridge::kind::{Kind, Record};
use crate::scim::sort::Key;
use crate::scim::{AttributePath, Projection, Resource, Sort};

/// What was collected, with what each resource is ordered by.
#[derive(Debug)]
pub(crate) struct Order<'a> {
    sort: &'a Sort,
    /// What is read of a resource to know its place.
    projection: Projection,
    rows: Vec<(Key, Range<usize>)>,
    scratch: Vec<u8>,
}

impl<'a> Order<'a> {
    /// An order without resources.
    pub(crate) fn new(sort: &'a Sort) -> Self {
        let whole = AttributePath { filter: None, sub: None, ..sort.by.clone() };
        Self { sort, projection: Projection::Only(vec![whole]), rows: Vec::new(), scratch: Vec::new() }
    }

    /// Takes a record whose resource stands at `text`.
    pub(crate) fn take(&mut self, kind: &Kind, record: Record<'_>, text: Range<usize>) {
        self.scratch.clear();
        let written = kind.write(record, &self.projection, &mut self.scratch);
        let resource = written.ok().and_then(|_| serde_json::from_slice::<Resource>(&self.scratch).ok());
        let schema = &kind.mapping.view.schema;
        let key = resource.map_or(Key::Missing, |resource| self.sort.key(&resource, schema));
        self.rows.push((key, text));
    }

    /// The texts of a window in order, separated by commas, and how many they are.
    pub(crate) fn window(mut self, texts: &[u8], (skip, room): (usize, usize)) -> (Vec<u8>, usize) {
        self.rows.sort_by(|(one, _), (other, _)| self.sort.compare(one, other));
        let rows = self.rows.into_iter().skip(skip).take(room);
        join(rows.filter_map(|(_, text)| texts.get(text)))
    }

    /// The texts as they came, each with what it is ordered by.
    pub(crate) fn texts(self, texts: &[u8]) -> Vec<(Key, Vec<u8>)> {
        self.rows.into_iter().filter_map(|(key, text)| Some((key, texts.get(text)?.to_vec()))).collect()
    }
}

/// Texts separated by commas, and how many they are.
pub(crate) fn join<T: AsRef<[u8]>>(texts: impl Iterator<Item = T>) -> (Vec<u8>, usize) {
    let (mut out, mut written) = (Vec::new(), 0);
    for text in texts {
        if written > 0 {
            out.push(b',');
        }
        out.extend_from_slice(text.as_ref());
        written += 1;
    }
    (out, written)
}
