//! A walk over an upstream's pages to a window of its list.

use std::sync::Arc;

use crate::bridge::Error;
use crate::bridge::collect::{Collector, Reading};
use crate::bridge::cursor::At;
use crate::bridge::list::Listed;
use crate::bridge::operation::ListQuery;
use crate::bridge::pages::Pages;
use crate::bridge::state::{Page, Place};
use crate::bridge::window::{Start, Window};
use crate::bridge::work::Work;
use crate::mapping::Call;
use crate::mapping::scope::{Scope, SortWords};
use crate::upstream::Answer;
use crate::upstream::paging::{Paging, Position};

/// A walk over pages to a window of the list.
///
/// Where nothing is hidden, places are those of the upstream's records: one that cannot be shown leaves a gap, so that the
/// next window begins where this one ends. Where records are hidden, places are those of the visible ones.
pub(crate) struct Walk<'a> {
    work: &'a Work<'a>,
    window: Window,
    pages: Pages<'a>,
    /// A page that need not be read.
    kept: Option<Arc<Answer>>,
    /// The order asked of the upstream.
    order: Option<&'a SortWords>,
    reading: Reading,
    collected: Collector<'a>,
    hides: bool,
    /// Whether later windows can be reached by walking alone.
    is_walked: bool,
    /// The place where the walk began.
    begun: usize,
    /// Places passed, counted from the list's beginning.
    passed: usize,
    /// Where the next window begins.
    next: Option<At>,
}

/// A page that is about to be read.
struct Here {
    /// Places before it.
    first: usize,
    /// Where it is.
    position: Position,
    /// The generation in which it is asked for.
    generation: u64,
}

impl<'a> Walk<'a> {
    /// A walk from where `start` says.
    pub(crate) fn new(
        work: &'a Work<'a>,
        query: &'a ListQuery,
        (call, window): (&'a Call, Window),
        (start, order): (Start, Option<&'a SortWords>),
    ) -> Self {
        let hides = work.kind.mapping.policies.hide.is_some();
        let is_walked = hides || !matches!(Paging::of(call), Paging::Page | Paging::Offset);
        let begun = start.first;
        let skip = if hides { window.before.saturating_sub(begun) } else { 0 };
        let collected = Collector::new(work.kind, &query.projection, (skip, window.count));
        let reading = work.reading(call, &query.projection, None);
        let pages = Pages::at(call, start.position);
        let (kept, passed, next) = (start.page, begun, None);
        Self { work, window, pages, kept, order, reading, collected, hides, is_walked, begun, passed, next }
    }

    /// Walks until the window is full or the list at its end.
    ///
    /// # Errors
    /// Whatever the upstream answers.
    pub(crate) async fn run(mut self) -> Result<Listed, Error> {
        if self.window.count == 0 {
            self.count().await?;
        }
        if let Some(kept) = self.kept.take().filter(|_| !self.is_done()) {
            let here = self.here();
            self.take(&kept).await?;
            self.remember(here, None);
        }
        let scope = Scope { sort: self.order, ..self.work.scope() };
        while !self.is_done() {
            let here = self.here();
            let Some(answer) = self.pages.read(self.work, &scope).await? else {
                self.next = None;
                break;
            };
            self.take(&answer).await?;
            self.remember(here, Some(answer));
        }
        // A walk that has seen the last record knows their number.
        if !self.pages.ended || (self.passed == self.begun && self.begun > 0) {
            self.count().await?;
        }
        Ok(self.listed())
    }

    /// The page that comes next.
    fn here(&self) -> Here {
        let generation = self.work.bridge.state.places.generation();
        Here { first: self.passed, position: self.pages.position.clone(), generation }
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
        if self.pages.ended {
            return true;
        }
        if self.window.count > 0 {
            return self.passed >= self.window.end();
        }
        self.known_total().is_some() || self.passed > self.work.bridge.settings.limits.scan
    }

    /// Takes what a page has of the window, and moves behind it.
    async fn take(&mut self, answer: &Answer) -> Result<(), Error> {
        let (call, work) = (self.pages.call(), self.work);
        let items = answer.items(call)?;
        self.pages.advance(work, answer, &items)?;
        if self.hides {
            work.take((call, self.reading), &items, &mut self.collected).await?;
            self.passed = self.begun + self.collected.matched;
            return Ok(());
        }
        let begin = self.window.before.saturating_sub(self.passed).min(items.len());
        let end = self.window.end().saturating_sub(self.passed).min(items.len());
        self.passed += items.len();
        work.take((call, self.reading), &items[begin..end], &mut self.collected).await
    }

    /// Remembers where the next window can go on: behind this page, or in it where the window ends inside. Such a page is kept,
    /// so that it need not be read again; `answer` is the page unless it was kept before.
    fn remember(&mut self, Here { first, position, generation }: Here, answer: Option<Answer>) {
        let places = &self.work.bridge.state.places;
        let put = |index, place| places.remember((self.work.kind.index, name_of(self.order)), index, place);
        let (before, here, items) = (self.window.end(), &self.pages.position, self.passed - first);
        let ends_inside = self.passed > before;
        let is_kept = Paging::of(self.pages.call()) == Paging::Once || ends_inside && self.window.count > 0;
        if is_kept {
            if let Some(answer) = answer {
                let page = Some(Page { answer: Arc::new(answer), items, generation });
                put(first + 1, Place { position: position.clone(), page });
            }
        } else if self.is_walked && ends_inside {
            put(first + 1, Place { position: position.clone(), page: None });
        } else if self.is_walked && !self.pages.ended {
            put(self.passed + 1, Place { position: here.clone(), page: None });
        }
        self.next = match (ends_inside, self.pages.ended) {
            (true, _) => Some(At::Page { position, first, before }),
            (false, true) => None,
            (false, false) => Some(At::Page { position: here.clone(), first: self.passed, before }),
        };
    }

    /// The upstream's total; it counts hidden records too, and an upstream that promises less than it gives is not believed.
    fn known_total(&self) -> Option<usize> {
        let total = self.pages.total.filter(|_| !self.hides)?;
        Some(usize::try_from(total).unwrap_or(usize::MAX))
    }

    fn listed(self) -> Listed {
        self.collected.report();
        let known = self.known_total();
        let total = match known {
            Some(total) if self.collected.written > 0 => total.max(self.passed),
            Some(total) => total,
            None if self.pages.ended => self.passed,
            None => self.passed + 1,
        };
        // An end that was reached by a leap may lie far behind the last record.
        let is_seen = self.pages.ended && (self.passed > self.begun || self.begun == 0);
        let is_exact = known.is_some() || is_seen;
        Listed { written: self.collected.written, out: self.collected.out, total, is_exact, next: self.next }
    }
}

/// What tells an order from others.
pub(crate) fn name_of(order: Option<&SortWords>) -> &str {
    order.map_or("", |words| &words.name)
}
