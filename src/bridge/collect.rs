//! Records to the `Resources` of a list answer: translated, filtered, without doubles, cut to the window.

use std::collections::HashSet;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::bridge::Error;
use crate::bridge::fetch::{Found, Parts};
use crate::bridge::kind::{Kind, Record};
use crate::bridge::work::Work;
use crate::mapping::Call;
use crate::mapping::call::Source;
use crate::scim::filter::Filter;
use crate::scim::{AttributePath, Projection, Resource};

/// Takes records in order and writes those of the window.
#[derive(Debug)]
pub(crate) struct Collector<'a> {
    kind: &'a Kind,
    projection: &'a Projection,
    filter: Option<(&'a Filter, Projection)>,
    /// Matching resources still to pass over.
    skip: usize,
    /// Resources still to write.
    room: usize,
    seen: HashSet<String>,
    /// Resources that matched so far, written or not.
    pub(crate) matched: usize,
    /// Resources written.
    pub(crate) written: usize,
    /// The written resources, separated by commas.
    pub(crate) out: Vec<u8>,
    scratch: Vec<u8>,
}

impl<'a> Collector<'a> {
    /// A collector that passes over `skip` matching resources and writes `room`.
    pub(crate) fn new(kind: &'a Kind, projection: &'a Projection, (skip, room): (usize, usize)) -> Self {
        Self {
            kind,
            projection,
            filter: None,
            skip,
            room,
            seen: HashSet::new(),
            matched: 0,
            written: 0,
            out: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// The same, for resources that satisfy `filter` only.
    pub(crate) fn filtered(mut self, filter: &'a Filter) -> Self {
        let mut paths = Vec::new();
        filter_paths(filter, &mut paths);
        self.filter = Some((filter, Projection::Only(paths)));
        self
    }

    /// Whether the window is full.
    pub(crate) fn is_full(&self) -> bool {
        self.room == 0
    }

    /// Takes one record. A record that is hidden, a double, or not translatable does not count.
    pub(crate) fn take(&mut self, record: Record<'_>) {
        if !self.matches(record) {
            return;
        }
        let before = self.out.len();
        if self.written > 0 {
            self.out.push(b',');
        }
        let Some(id) = self.kind.write(record, self.projection, &mut self.out) else {
            self.out.truncate(before);
            return;
        };
        let double = !self.seen.insert(id);
        if !double {
            self.matched += 1;
        }
        if double || self.skip > 0 || self.room == 0 {
            self.out.truncate(before);
            self.skip -= usize::from(!double && self.skip > 0);
            return;
        }
        self.written += 1;
        self.room -= 1;
    }

    fn matches(&mut self, record: Record<'_>) -> bool {
        let Some((filter, projection)) = &self.filter else { return true };
        self.scratch.clear();
        if self.kind.write(record, projection, &mut self.scratch).is_none() {
            return false;
        }
        let resource: Result<Resource, _> = serde_json::from_slice(&self.scratch);
        resource.is_ok_and(|resource| filter.matches(&resource, &self.kind.mapping.view.schema))
    }
}

/// The attributes that a filter looks at.
pub(crate) fn filter_paths(filter: &Filter, paths: &mut Vec<AttributePath>) {
    match filter {
        Filter::And(terms) | Filter::Or(terms) => terms.iter().for_each(|term| filter_paths(term, paths)),
        Filter::Not(term) => filter_paths(term, paths),
        Filter::Compare(path, _, _) | Filter::Present(path) | Filter::Element(path, _) => {
            paths.push(AttributePath { filter: None, sub: None, ..path.clone() });
        }
    }
}

impl Work<'_> {
    /// Whether the items of a list call have to be read one by one: they are stubs, or what the filter or the client names
    /// comes from a `get` call with `into`.
    pub(crate) fn needs_each(&self, call: &Call, projection: &Projection, filter: Option<&Filter>) -> bool {
        let named = match projection {
            Projection::Only(_) => self.kind.parts.iter().any(|part| self.kind.wants(part, projection)),
            Projection::Default | Projection::Without(_) => false,
        };
        let mut paths = Vec::new();
        if let Some(filter) = filter {
            filter_paths(filter, &mut paths);
        }
        let filtered = Projection::Only(paths);
        let searched = filter.is_some() && self.kind.parts.iter().any(|part| self.kind.wants(part, &filtered));
        !call.complete || named || searched
    }

    /// Reads each item of a page by its id, `limits.concurrent` at a time, in the page's order. One that is gone is left out.
    ///
    /// # Errors
    /// The first failing call; [`Error::Answer`] for an item without an id.
    pub(crate) async fn each_item(
        &self,
        call: &Call,
        items: &[&RawValue],
        projection: &Projection,
    ) -> Result<Vec<Found>, Error> {
        let ids = items.iter().map(|item| {
            let id = self.stub_id(call, item).ok_or_else(|| Error::answer(&call.label, "an item has no id"))?;
            let key = self.kind.mapping.view.encode_id(&id);
            Ok((key.ok_or_else(|| Error::answer(&call.label, "an item's id is no id"))?, id))
        });
        let ids: Vec<(Value, String)> = ids.collect::<Result<_, Error>>()?;
        let read = |(key, id): (Value, String)| async move { self.fetch(&key, &id, Parts::For(projection)).await };
        let reads = stream::iter(ids.into_iter().map(read));
        let found: Vec<Option<Found>> = reads.buffered(self.bridge.settings.limits.concurrent).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// The id of a stub: captured from it, the bare string or number that it is, or what the id rule reads.
    fn stub_id(&self, call: &Call, item: &RawValue) -> Option<String> {
        let value: Value = serde_json::from_str(item.get()).ok()?;
        let captured = call.capture.iter().find_map(|(name, source)| match source {
            Source::Body(path) if name == "id" => path.first(&value),
            Source::Body(_) | Source::Header(..) | Source::Link => None,
        });
        match captured.unwrap_or(&value) {
            Value::String(id) => Some(id.clone()),
            Value::Number(id) => Some(id.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => self.kind.mapping.view.id(&value),
        }
    }
}
