//! What outlives one operation: locks, and places reached in lists that can only be walked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::bridge::lock::Locks;
use crate::upstream::Answer;
use crate::upstream::paging::Position;

/// What outlives one operation of a tenant.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// One writer per resource.
    pub(crate) locks: Locks,
    /// Places reached in walked lists.
    pub(crate) places: Places,
}

/// How long a place is remembered.
const REMEMBERED: Duration = Duration::from_secs(60);

/// Places remembered at most.
const MOST: usize = 256;

/// Where a list can be continued.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// The page that begins there.
    Position(Position),
    /// The whole list, of an API that does not page.
    Answer(Arc<Answer>),
}

/// Places by resource type and the index (from 1) of their first resource.
#[derive(Debug, Default)]
pub(crate) struct Places {
    known: Mutex<BTreeMap<(usize, usize), (Instant, Place)>>,
}

impl Places {
    /// The place at `index` or nearest before it. A list read from its beginning is always read anew.
    pub(crate) fn nearest(&self, kind: usize, index: usize) -> Option<(usize, Place)> {
        if index <= 1 {
            return None;
        }
        let now = Instant::now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, (until, _)| *until > now);
        let ((_, found), (_, place)) = known.range((kind, 0)..=(kind, index)).next_back()?;
        Some((*found, place.clone()))
    }

    /// Forgets a place that the upstream no longer knows.
    pub(crate) fn forget(&self, kind: usize, index: usize) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(&(kind, index));
    }

    /// Remembers a place for 60 s; the oldest one gives way when there are too many.
    pub(crate) fn remember(&self, at: (usize, usize), place: Place) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            let oldest = known.iter().min_by_key(|(_, (until, _))| *until).map(|(key, _)| *key);
            oldest.and_then(|key| known.remove(&key));
        }
        known.insert(at, (Instant::now() + REMEMBERED, place));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(number: u64) -> Place {
        Place::Position(Position { page: number, ..Position::default() })
    }

    #[tokio::test(start_paused = true)]
    async fn the_nearest_place_before_the_index_is_found_for_a_minute() {
        let places = Places::default();
        places.remember((0, 101), page(2));
        places.remember((0, 201), page(3));
        places.remember((1, 150), page(9));
        let found = |index| places.nearest(0, index).map(|(index, _)| index);
        assert_eq!(found(1), None);
        assert_eq!(found(100), None);
        assert_eq!(found(101), Some(101));
        assert_eq!(found(250), Some(201));
        tokio::time::advance(Duration::from_secs(61)).await;
        assert_eq!(found(250), None);
    }

    #[tokio::test(start_paused = true)]
    async fn the_oldest_place_gives_way() {
        let places = Places::default();
        for index in 0..=MOST {
            places.remember((0, index + 2), page(index as u64));
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        assert_eq!(places.nearest(0, 2).map(|(index, _)| index), None);
        assert_eq!(places.nearest(0, 3).map(|(index, _)| index), Some(3));
    }
}
