//! What outlives one operation: locks, the key of cursors, and places reached in lists that can only be walked.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::bridge::cursor::Cursors;
use crate::bridge::lock::Locks;
use crate::bridge::remembered::Remembered;
use crate::upstream::Answer;
use crate::upstream::paging::Position;

/// What outlives one operation of a tenant.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// One writer per resource.
    pub(crate) locks: Arc<Locks>,
    /// Places reached in lists.
    pub(crate) places: Arc<Places>,
    /// The cursors that clients are given.
    pub(crate) cursors: Arc<Cursors>,
    /// What a reload does not end.
    pub(crate) remembered: Arc<Remembered>,
}

impl State {
    /// The state in the place of an earlier one: its locks and what it remembers, and under the same mapping all else.
    pub(crate) fn taking_over(mut self, earlier: &Self, is_same_mapping: bool) -> Self {
        self.locks = Arc::clone(&earlier.locks);
        self.remembered = Arc::clone(&earlier.remembered);
        if is_same_mapping {
            self.places = Arc::clone(&earlier.places);
            self.cursors = Arc::clone(&earlier.cursors);
        } else {
            earlier.places.followed_by(&self.places);
        }
        self
    }
}

/// How long a place is remembered.
const REMEMBERED: Duration = Duration::from_secs(60);

/// Places remembered at most.
const MOST: usize = 256;

/// Bytes of pages kept at most, unless a single one is larger.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// A list: a resource type, and the order asked of the upstream, empty where it is its own.
pub(crate) type List<'a> = (usize, &'a str);

/// Where a list can be continued: at a page.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Where the page is.
    pub(crate) position: Position,
    /// The page itself, where a window ended inside it, or where it is the whole list.
    pub(crate) page: Option<Page>,
}

/// A page that was read.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// The answer.
    pub(crate) answer: Arc<Answer>,
    /// How many resources it holds.
    pub(crate) items: usize,
    /// The generation in which it was asked for.
    pub(crate) generation: u64,
}

/// Places by list and the index (from 1) of their first resource, each with the end of its life.
type Known = BTreeMap<(usize, String, usize), (Instant, Place)>;

/// The places reached in lists.
#[derive(Debug, Default)]
pub(crate) struct Places {
    known: Mutex<Known>,
    /// Whether some place may have its page with it.
    holds_pages: AtomicBool,
    /// The changes made so far: a page that was asked for before the last of them may show what is no more. It counts those of
    /// all types, for a change of one shows in others: a user who is deleted is a member no longer. Written under the lock.
    generation: AtomicU64,
    /// The places of the next mapping, while operations still run under this one: what these change shows there too.
    next: Mutex<Option<Arc<Places>>>,
}

impl Places {
    /// The place at `index` or nearest before it. A list read from its beginning is always read anew.
    pub(crate) fn nearest(&self, (kind, order): List<'_>, index: usize) -> Option<(usize, Place)> {
        if index <= 1 {
            return None;
        }
        let known = self.known();
        let range = (kind, order.to_owned(), 0)..=(kind, order.to_owned(), index);
        known.range(range).next_back().map(|((_, _, found), (_, place))| (*found, place.clone()))
    }

    /// The same, where its page is kept and holds the resource at `index`.
    pub(crate) fn covering(&self, list: List<'_>, index: usize) -> Option<(usize, Place)> {
        let is_held = self.holds_pages.load(Ordering::Relaxed);
        let (found, place) = is_held.then(|| self.nearest(list, index)).flatten()?;
        let items = place.page.as_ref()?.items;
        (index < found + items).then_some((found, place))
    }

    /// The page at this index and position, if it is kept.
    pub(crate) fn page(&self, (kind, order): List<'_>, index: usize, position: &Position) -> Option<Arc<Answer>> {
        if !self.holds_pages.load(Ordering::Relaxed) {
            return None;
        }
        let known = self.known();
        let place = known.get(&(kind, order.to_owned(), index)).map(|(_, place)| place);
        let page = place.filter(|place| place.position == *position).and_then(|place| place.page.as_ref());
        page.map(|page| Arc::clone(&page.answer))
    }

    /// Forgets a place that the upstream no longer knows.
    pub(crate) fn forget(&self, (kind, order): List<'_>, index: usize) {
        self.known().remove(&(kind, order.to_owned(), index));
    }

    /// The generation of the pages that are asked for from now on.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Forgets what pages held, for something has changed; those that are under way are not kept either.
    pub(crate) fn forget_pages(&self) {
        let next = self.next.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(next) = next {
            next.forget_pages();
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        self.generation.fetch_add(1, Ordering::Release);
        if self.holds_pages.swap(false, Ordering::Relaxed) {
            known.values_mut().for_each(|(_, place)| place.page = None);
        }
    }

    /// From now on these places come after.
    fn followed_by(&self, next: &Arc<Self>) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(next));
    }

    /// Something is being changed: what pages hold is forgotten when it is done.
    pub(crate) fn changing(&self) -> Changing<'_> {
        Changing(self)
    }

    /// Remembers a place for 60 s, without its page where that is of an earlier generation; the oldest one gives way when there
    /// are too many, and so do the oldest pages.
    pub(crate) fn remember(&self, (kind, order): List<'_>, index: usize, mut place: Place) {
        let mut known = self.known();
        place.page = place.page.filter(|page| page.generation == self.generation());
        if known.len() >= MOST {
            let oldest = known.iter().min_by_key(|(_, (until, _))| *until).map(|(key, _)| key.clone());
            oldest.and_then(|key| known.remove(&key));
        }
        if let Some(page) = &place.page {
            make_room(&mut known, page.answer.body.len());
            self.holds_pages.store(true, Ordering::Relaxed);
        }
        known.insert((kind, order.to_owned(), index), (Instant::now() + REMEMBERED, place));
    }

    /// The places that are still remembered.
    fn known(&self) -> MutexGuard<'_, Known> {
        let now = Instant::now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, (until, _)| *until > now);
        known
    }
}

/// A change under way.
#[derive(Debug)]
pub(crate) struct Changing<'a>(&'a Places);

impl Drop for Changing<'_> {
    fn drop(&mut self) {
        self.0.forget_pages();
    }
}

/// Drops the oldest pages until one of so many bytes has room.
fn make_room(known: &mut Known, bytes: usize) {
    let size = |place: &Place| place.page.as_ref().map_or(0, |page| page.answer.body.len());
    let mut held: usize = known.values().map(|(_, place)| size(place)).sum();
    while held + bytes > MOST_BYTES {
        let oldest = known.values_mut().filter(|(_, place)| place.page.is_some()).min_by_key(|(until, _)| *until);
        let Some((_, place)) = oldest else { return };
        held -= size(place);
        place.page = None;
    }
}

#[cfg(test)]
mod tests;
