//! Records to the `Resources` of a list answer: translated, filtered, without doubles, cut to the window.

use std::collections::HashSet;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::Value;

use crate::bridge::Error;
use crate::bridge::fetch::{Found, Parts};
use crate::bridge::kind::{Kind, Record, Unshown};
use crate::bridge::order::Order;
use crate::bridge::work::Work;
use crate::mapping::Call;
use crate::mapping::call::Source;
use crate::scim::filter::Filter;
use crate::scim::sort::Key;
use crate::scim::{AttributePath, Projection, Resource, Sort};

/// Ids for which there is room from the beginning; most windows are no larger.
const PAGE: usize = 100;

/// Takes records in order and writes those of the window.
#[derive(Debug)]
pub(crate) struct Collector<'a> {
    kind: &'a Kind,
    projection: &'a Projection,
    filter: Option<(&'a Filter, Projection)>,
    /// What has to be there of a record beside what is answered.
    needs: Option<&'a Filter>,
    order: Option<Order<'a>>,
    /// Matching resources still to pass over.
    skip: usize,
    /// Resources still to write.
    room: usize,
    seen: HashSet<String>,
    /// Records left out because no resource can be made of them.
    broken: usize,
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
            needs: None,
            order: None,
            skip,
            room,
            seen: HashSet::with_capacity(room.min(PAGE)),
            broken: 0,
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

    /// The same, of records that have everything there that `needs` looks at.
    pub(crate) fn needing(self, needs: Option<&'a Filter>) -> Self {
        Self { needs, ..self }
    }

    /// The same, in this order: nothing is cut to the window before [`arrange`](Self::arrange).
    pub(crate) fn ordered(self, sort: &'a Sort) -> Self {
        Self { order: Some(Order::new(sort)), ..self }
    }

    /// Leaves the window of what was collected in order, if there is one.
    pub(crate) fn arrange(&mut self) {
        if let Some(order) = self.order.take() {
            (self.out, self.written) = order.window(&self.out, (self.skip, self.room));
        }
    }

    /// What was collected in order: what each resource is ordered by, and its text.
    pub(crate) fn into_ordered(self) -> Vec<(Key, Vec<u8>)> {
        let Self { order, out, .. } = self;
        order.map(|order| order.texts(&out)).unwrap_or_default()
    }

    /// Takes one record. A record that is hidden, a double, or not translatable does not count.
    pub(crate) fn take(&mut self, record: Record<'_>) {
        // Looked at once for both, the filter and the answer.
        let glance = self.filter.as_ref().and_then(|_| self.kind.glance(record));
        let record = glance.as_ref().map_or(record, Record::Seen);
        if !self.matches(record) {
            return;
        }
        let before = self.out.len();
        if self.written > 0 && self.order.is_none() {
            self.out.push(b',');
        }
        let id = match self.kind.write(record, self.projection, &mut self.out) {
            Ok(written) => written.id,
            Err(why) => {
                self.broken += usize::from(why == Unshown::Broken);
                self.out.truncate(before);
                return;
            }
        };
        let double = !self.seen.insert(id);
        if !double {
            self.matched += 1;
        }
        if let Some(order) = self.order.as_mut().filter(|_| !double) {
            order.take(self.kind, record, before..self.out.len());
            return;
        }
        if double || self.skip > 0 || self.room == 0 {
            self.out.truncate(before);
            self.skip -= usize::from(!double && self.skip > 0);
            return;
        }
        self.written += 1;
        self.room -= 1;
    }

    /// Logs, once for the whole list, that records had to be left out.
    pub(crate) fn report(&self) {
        if self.broken > 0 {
            tracing::warn!(
                scim.resource_type = self.kind.name(),
                records = self.broken,
                "records left out of a list: no object, or no id that a URL can carry"
            );
        }
    }

    /// Whether the record satisfies the filter, if there is one.
    fn matches(&mut self, record: Record<'_>) -> bool {
        let Some((filter, projection)) = &self.filter else { return true };
        if let Record::Seen(glance) = record
            && let Some(satisfied) = self.kind.satisfies(glance, filter)
        {
            self.broken += usize::from(satisfied == Err(Unshown::Broken));
            return satisfied == Ok(true);
        }
        self.scratch.clear();
        if let Err(why) = self.kind.write(record, projection, &mut self.scratch) {
            self.broken += usize::from(why == Unshown::Broken);
            return false;
        }
        let resource: Result<Resource, _> = serde_json::from_slice(&self.scratch);
        resource.is_ok_and(|resource| filter.matches(&resource, &self.kind.mapping.view.schema))
    }

    /// How the items of a list call are read for this.
    pub(crate) fn reading(&self, work: &Work<'_>, call: &Call) -> Reading {
        work.reading(call, self.projection, self.needs.or(self.filter.as_ref().map(|(filter, _)| *filter)))
    }

    /// Which parts of a record have to be there for the filter, the order and the answer.
    pub(crate) fn parts(&self) -> Parts<'a> {
        match self.needs.or(self.filter.as_ref().map(|(filter, _)| *filter)) {
            None => Parts::For(self.projection),
            Some(needs) => Parts::Matching(self.projection, needs),
        }
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

/// How the records of a list call come to be whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// The items are the records.
    Items,
    /// Each item is read by its id.
    Each,
    /// Each item that satisfies the filter is read by its id.
    Matching,
}

impl Work<'_> {
    /// How the items of a list call are read: one by one where they are stubs, or where what the filter or the client names
    /// comes from a `get` call with `into`, or what `hide` looks at.
    pub(crate) fn reading(&self, call: &Call, projection: &Projection, filter: Option<&Filter>) -> Reading {
        let parts = &self.kind.parts;
        let searched = || filter.is_some_and(|filter| parts.iter().any(|part| self.kind.is_searched(part, filter)));
        if !call.complete || parts.iter().any(|part| part.decides) || (!parts.is_empty() && searched()) {
            return Reading::Each;
        }
        match projection {
            Projection::Only(_) if parts.iter().any(|part| self.kind.wants(part, projection)) => Reading::Matching,
            Projection::Only(_) | Projection::Default | Projection::Without(_) => Reading::Items,
        }
    }

    /// Takes the items of a page, each read by its id first where `reading` says so.
    ///
    /// # Errors
    /// The first failing call.
    pub(crate) async fn take(
        &self,
        (call, reading): (&Call, Reading),
        items: &[&str],
        collected: &mut Collector<'_>,
    ) -> Result<(), Error> {
        let beside = self.kind.keeps() || self.kind.lists_inverse(collected.parts());
        if beside && reading != Reading::Each {
            return self.take_with_beside(reading, items, collected).await;
        }
        let mut ids = Vec::new();
        if reading == Reading::Items && collected.filter.is_none() {
            // A resource is mostly longer than its record: names of SCIM's, and URLs.
            collected.out.reserve(items.iter().map(|item| item.len() * 2).sum());
        }
        for item in items {
            match reading {
                Reading::Items => {
                    collected.take((*item).into());
                    continue;
                }
                Reading::Matching if !collected.matches((*item).into()) => continue,
                Reading::Matching | Reading::Each => {}
            }
            match self.stub_id(call, item) {
                Some(id) => ids.push(id),
                None => collected.broken += 1,
            }
        }
        if !ids.is_empty() {
            for found in Box::pin(self.each_id(ids, collected.parts())).await? {
                found.record().into_iter().for_each(|record| collected.take(record));
            }
        }
        Ok(())
    }

    /// The same for items beside which something stands; each item is asked for by its id only where it matches.
    async fn take_with_beside(
        &self,
        reading: Reading,
        items: &[&str],
        collected: &mut Collector<'_>,
    ) -> Result<(), Error> {
        let records = items.iter().filter_map(|item| self.kind.parse(item));
        let records: Vec<(Value, String)> = records
            .filter_map(|record| {
                let id = self.kind.mapping.view.id(&record)?;
                Some((record, id))
            })
            .collect();
        collected.broken += items.len() - records.len();
        let (records, ids): (Vec<Value>, Vec<String>) = records.into_iter().unzip();
        let kept = if self.kind.keeps() { self.kept(&ids).await? } else { Vec::new() };
        let kept = kept.into_iter().chain(std::iter::repeat_with(|| None));
        let found = records.into_iter().zip(kept).map(|(record, kept)| match kept {
            Some(kept) => Found::value(record).beside(kept),
            None => Found::value(record),
        });
        let mut found: Vec<Found> = found.collect();
        if self.kind.lists_inverse(collected.parts()) {
            found = self.all_with_inverse(found, collected.parts()).await?;
        }
        let mut matching = Vec::new();
        for (found, id) in found.iter().zip(ids) {
            let Some(shown) = found.record() else { continue };
            match reading {
                Reading::Items | Reading::Each => collected.take(shown),
                Reading::Matching if collected.matches(shown) => matching.push(id),
                Reading::Matching => {}
            }
        }
        for found in self.each_id(self.keyed(matching), collected.parts()).await? {
            found.record().into_iter().for_each(|record| collected.take(record));
        }
        Ok(())
    }

    /// Ids with what they are in the upstream's type; one that it cannot have is left out.
    pub(crate) fn keyed(&self, ids: Vec<String>) -> Vec<(Value, String)> {
        ids.into_iter().filter_map(|id| Some((self.kind.mapping.view.encode_id(&id)?, id))).collect()
    }

    /// Reads the records with these ids, `limits.concurrent` at a time, in the given order. One that is gone is left out.
    pub(crate) async fn each_id(&self, ids: Vec<(Value, String)>, parts: Parts<'_>) -> Result<Vec<Found>, Error> {
        // The bound of calls is for pages: here it is the window or `limits.scan` that bounds.
        let reads = Work { budget: self.budget.unbounded(), in_list: true, ..self.aside() };
        let read = |(key, id): (Value, String)| {
            let reads = &reads;
            async move { reads.fetch(&key, &id, parts).await }
        };
        let found = stream::iter(ids.into_iter().map(read)).buffered(self.bridge.settings.limits.concurrent);
        let found: Vec<Option<Found>> = found.try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// The id of a stub, in the upstream's type and as SCIM shows it: captured from it, the bare string or number that it is,
    /// or what the id rule reads. `None` when it has none.
    pub(crate) fn stub_id(&self, call: &Call, item: &str) -> Option<(Value, String)> {
        let value: Value = serde_json::from_str(item).ok()?;
        let captured = call.capture.iter().find_map(|(name, source)| match source {
            Source::Body(path) if name == "id" => path.first(&value),
            Source::Body(_) | Source::Header(..) | Source::Link => None,
        });
        let view = &self.kind.mapping.view;
        let id = match captured.cloned() {
            Some(captured) => view.id(&self.kind.record_of(captured))?,
            None => view.id(&self.kind.record_of(value))?,
        };
        Some((view.encode_id(&id)?, id))
    }
}
