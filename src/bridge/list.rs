//! GET of a resource type: a window of a plain list, or the resources that a filter finds.

use std::sync::Arc;

use bytes::Bytes;

use crate::bridge::collect::{Collector, Reading};
use crate::bridge::operation::{ListQuery, Reply};
use crate::bridge::pages::Pages;
use crate::bridge::state::Place;
use crate::bridge::work::Work;
use crate::bridge::{Error, search};
use crate::mapping::Call;
use crate::scim::list::ListResponse;
use crate::upstream::paging::{Paging, Position};
use crate::upstream::{self, Answer};

/// No list is as long as this: windows that begin further on begin here.
const FARTHEST: usize = 1_000_000_000;

/// Lists resources.
///
/// # Errors
/// 400 `invalidFilter` or `tooMany`, 501 without a list call, or whatever the upstream answers.
pub(crate) async fn list(work: &Work<'_>, query: &ListQuery) -> Result<Reply, Error> {
    match &query.filter {
        Some(filter) => search::search(work, query, filter).await,
        None => window(work, query).await,
    }
}

/// A `ListResponse` of what was collected.
pub(crate) fn frame(collected: &Collector<'_>, total: usize, start_index: usize) -> Reply {
    collected.report();
    let mut body = Vec::with_capacity(collected.out.len() + 192);
    ListResponse { total_results: total, start_index, items_per_page: collected.written }.open(&mut body);
    body.extend_from_slice(&collected.out);
    ListResponse::close(&mut body);
    Reply { status: 200, location: None, body: Bytes::from(body) }
}

async fn window(work: &Work<'_>, query: &ListQuery) -> Result<Reply, Error> {
    let usable = |call: &&Call| call.filters.iter().all(|hole| hole.optional);
    let call = work.kind.mapping.list.iter().find(usable).ok_or_else(|| work.kind.unsupported("list"))?;
    match (Paging::of(call), &work.kind.mapping.policies.hide) {
        (Paging::Page, None) => Walk::new(work, query, numbered(query, call), None).run().await,
        (Paging::Offset, None) => Walk::new(work, query, from_offset(query, call), None).run().await,
        (Paging::Once | Paging::Cursor | Paging::NextUrl, _) | (Paging::Page | Paging::Offset, Some(_)) => {
            Box::pin(walk(work, query, call)).await
        }
    }
}

/// Resources before the window. What lies beyond every list is as good as what lies far beyond it; without a window there is
/// only the total, which is the same from everywhere.
fn before(query: &ListQuery) -> usize {
    if query.count == 0 { 0 } else { (query.start_index - 1).min(FARTHEST) }
}

/// Numbered pages: one call where the window is a page, else the pages that the window touches, sliced.
fn numbered<'a>(query: &ListQuery, call: &'a Call) -> Pages<'a> {
    let (before, count) = (before(query) as u64, query.count as u64);
    let is_page = call.reads.count && count > 0 && before.is_multiple_of(count) && count <= call.page_size;
    let size = if is_page { count } else { call.page_size };
    let number = before / size;
    Pages::at(call, Position { page: call.page_first + number, offset: number * size, count: size, cursor: None })
}

/// Offsets: exactly the window, in as many calls as the upstream's page size needs.
fn from_offset<'a>(query: &ListQuery, call: &'a Call) -> Pages<'a> {
    let size =
        if call.reads.count && query.count > 0 { (query.count as u64).min(call.page_size) } else { call.page_size };
    Pages::at(call, Position { page: call.page_first, offset: before(query) as u64, count: size, cursor: None })
}

/// Lists that can only be walked from their beginning: the place reached is remembered, so that a client paging forward
/// costs one call per page. A place that the upstream no longer knows is forgotten, and the walk begins at the beginning.
async fn walk(work: &Work<'_>, query: &ListQuery, call: &Call) -> Result<Reply, Error> {
    let (places, kind) = (&work.bridge.state.places, work.kind.index);
    let anew = || Walk::new(work, query, Pages::new(call), Some(0)).run();
    match places.nearest(kind, before(query) + 1) {
        None => anew().await,
        Some((_, Place::Answer(answer))) => {
            let mut walk = Walk::new(work, query, Pages::new(call), Some(0));
            walk.take(&answer.items(call)?).await?;
            walk.pages.ended = true;
            Ok(walk.reply())
        }
        Some((index, Place::Position(position))) => {
            match Walk::new(work, query, Pages::at(call, position), Some(index - 1)).run().await {
                Err(failure) if is_refusal(&failure) => {
                    places.forget(kind, index);
                    anew().await
                }
                outcome => outcome,
            }
        }
    }
}

/// Whether the upstream said no to what was asked, rather than failing.
fn is_refusal(failure: &Error) -> bool {
    use upstream::Error::{Answered, Failed};
    matches!(failure, Error::Upstream(Answered { .. } | Failed { status: 400..=499, .. }))
}

/// A walk over pages to a window of the list.
///
/// Where nothing is hidden, places are those of the upstream's records: one that cannot be shown leaves a gap, so that the
/// next window begins where this one ends. Where records are hidden, places are those of the visible ones.
struct Walk<'a> {
    work: &'a Work<'a>,
    query: &'a ListQuery,
    pages: Pages<'a>,
    reading: Reading,
    collected: Collector<'a>,
    hides: bool,
    remembers: bool,
    /// The place where the walk began.
    begun: usize,
    /// Places passed, counted from the list's beginning.
    passed: usize,
}

impl<'a> Walk<'a> {
    /// A walk from where `pages` stands; `remembered` is that place where a later window is to go on from here.
    fn new(work: &'a Work<'a>, query: &'a ListQuery, pages: Pages<'a>, remembered: Option<usize>) -> Self {
        let hides = work.kind.mapping.policies.hide.is_some();
        let begun = remembered.unwrap_or_else(|| usize::try_from(pages.position.offset).unwrap_or(usize::MAX));
        let skip = if hides { before(query) - begun } else { 0 };
        let collected = Collector::new(work.kind, &query.projection, (skip, query.count));
        let reading = work.reading(pages.call(), &query.projection, None);
        Self { work, query, pages, reading, collected, hides, remembers: remembered.is_some(), begun, passed: begun }
    }

    async fn run(mut self) -> Result<Reply, Error> {
        let (call, scope) = (self.pages.call(), self.work.scope());
        if self.query.count == 0 {
            self.count().await?;
        }
        while !self.is_done() {
            let here = self.remembers.then(|| (self.passed, self.pages.position.clone()));
            let Some(answer) = self.pages.read(self.work, &scope).await? else { break };
            let items = answer.items(call)?;
            self.pages.advance(self.work, &answer, &items)?;
            self.take(&items).await?;
            if let Some(here) = here {
                self.remember(here, answer);
            }
        }
        // A walk that has seen the last record knows their number.
        if !self.pages.ended || (self.passed == self.begun && self.begun > 0) {
            self.count().await?;
        }
        Ok(self.reply())
    }

    /// Asks for the number of all records, where a call of its own gives it and nothing else has.
    async fn count(&mut self) -> Result<(), Error> {
        let Some(counted) = self.pages.call().counted.as_ref().filter(|_| !self.hides) else { return Ok(()) };
        if self.pages.total.is_none() {
            let answer = self.work.send(&counted.call, &self.work.scope()).await?;
            self.pages.total = answer.count(&counted.at);
        }
        Ok(())
    }

    /// Whether the window is full; without a window, whether the total is known, or more was read than a search may read.
    fn is_done(&self) -> bool {
        if self.query.count > 0 {
            return self.passed >= before(self.query) + self.query.count;
        }
        self.known_total().is_some() || self.passed > self.work.bridge.settings.limits.scan
    }

    async fn take(&mut self, items: &[&str]) -> Result<(), Error> {
        let (call, work) = (self.pages.call(), self.work);
        if self.hides {
            work.take((call, self.reading), items, &mut self.collected).await?;
            self.passed = self.begun + self.collected.matched;
            return Ok(());
        }
        let begin = before(self.query).saturating_sub(self.passed).min(items.len());
        let end = (before(self.query) + self.query.count).saturating_sub(self.passed).min(items.len());
        self.passed += items.len();
        work.take((call, self.reading), &items[begin..end], &mut self.collected).await
    }

    /// Remembers where the next window can go on: behind this page, or at it where the window ends inside.
    fn remember(&self, (place, here): (usize, Position), answer: Answer) {
        let (places, kind) = (&self.work.bridge.state.places, self.work.kind.index);
        if Paging::of(self.pages.call()) == Paging::Once {
            places.remember((kind, 1), Place::Answer(Arc::new(answer)));
        } else if self.passed > before(self.query) + self.query.count {
            places.remember((kind, place + 1), Place::Position(here));
        } else if !self.pages.ended {
            places.remember((kind, self.passed + 1), Place::Position(self.pages.position.clone()));
        }
    }

    /// The upstream's total; it counts hidden records too, and an upstream that promises less than it gives is not believed.
    fn known_total(&self) -> Option<usize> {
        let total = self.pages.total.filter(|_| !self.hides)?;
        Some(usize::try_from(total).unwrap_or(usize::MAX))
    }

    fn reply(&self) -> Reply {
        let total = match self.known_total() {
            Some(total) if self.collected.written > 0 => total.max(self.passed),
            Some(total) => total,
            None if self.pages.ended => self.passed,
            None => self.passed + 1,
        };
        frame(&self.collected, total, self.query.start_index)
    }
}
