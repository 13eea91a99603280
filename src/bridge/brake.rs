//! The brake: what stands between a mistake upstream of the bridge and the loss of all users.
//!
//! It counts, for each resource type, how many resources were deleted and deactivated in the last hour. Resources that were made
//! through the bridge in the last 24 hours do not count: whoever tries something out may clean up.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::bridge::Error;
use crate::bridge::work::Work;
use crate::scim::Resource;

/// The time over which removals are counted, and for which a release lets them through.
const HOUR: Duration = Duration::from_secs(3600);
/// Removals remembered at most; more than that is no other than that.
const MOST: usize = 100_000;

/// `[brake]`: when removals are too many, and what comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrakeSettings {
    /// For resources that are deleted for good.
    pub delete: Brake,
    /// For resources that are deactivated; a delete that the mapping makes by setting attributes is one.
    pub deactivate: Brake,
    /// Removals in an hour that are not too many, in percent of the resources of the type.
    pub share: usize,
    /// Removals in an hour that are never too many.
    pub least: usize,
}

impl Default for BrakeSettings {
    fn default() -> Self {
        Self { delete: Brake::Hold, deactivate: Brake::Warn, share: 5, least: 50 }
    }
}

/// What comes of too many removals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brake {
    /// They are refused until somebody releases them, or the hour has passed.
    Hold,
    /// They are made, and logged once an hour.
    Warn,
    /// They are not counted.
    Off,
}

/// What is removed, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Removal {
    /// For good.
    Delete,
    /// Until somebody activates it again.
    Deactivation,
}

impl Removal {
    /// In words, in the plural.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "deletes",
            Self::Deactivation => "deactivations",
        }
    }
}

/// The counts, by the name of the resource type.
#[derive(Debug, Default)]
pub(crate) struct Brakes(Mutex<BTreeMap<(String, Removal), Count>>);

/// The removals of one kind.
#[derive(Debug, Default)]
struct Count {
    made: VecDeque<Instant>,
    under_way: usize,
    released: Option<Instant>,
    warned: Option<Instant>,
    /// Since when, and how many were refused.
    held: Option<(jiff::Timestamp, u64)>,
}

/// Removals that are refused.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Hold {
    /// The resource type.
    #[serde(rename = "type")]
    pub kind: String,
    /// `deletes` or `deactivations`.
    pub what: &'static str,
    /// Since when.
    pub since: String,
    /// Requests that were refused.
    pub refused: u64,
}

/// A removal that may be made. Dropped without [`made`](Self::made), it was not.
#[derive(Debug)]
pub(crate) struct Passage<'b> {
    brakes: &'b Brakes,
    key: (String, Removal),
    is_made: bool,
}

impl Count {
    fn is_released(&self) -> bool {
        self.released.is_some_and(|since| since.elapsed() < HOUR)
    }

    /// Drops what is older than an hour.
    fn roll(&mut self) {
        while self.made.front().is_some_and(|made| made.elapsed() >= HOUR) {
            self.made.pop_front();
        }
    }
}

impl Brakes {
    /// Whether one more removal may be made where `most` in an hour are not too many.
    ///
    /// # Errors
    /// The time after which the first of those counted is an hour old.
    fn admit(&self, key: (String, Removal), mode: Brake, most: usize) -> Result<Passage<'_>, Duration> {
        let mut counts = self.lock();
        let count = counts.entry(key.clone()).or_default();
        count.roll();
        if count.is_released() || count.made.len() + count.under_way < most {
            count.held = None;
        } else if mode == Brake::Hold {
            let (_, refused) = count.held.get_or_insert_with(|| (jiff::Timestamp::now(), 0));
            *refused += 1;
            return Err(count.made.front().map_or(HOUR, |first| HOUR.saturating_sub(first.elapsed())));
        } else if count.warned.is_none_or(|warned| warned.elapsed() >= HOUR) {
            count.warned = Some(Instant::now());
            tracing::warn!(
                scim.resource_type = key.0,
                most,
                "more {} in an hour than usual; they are let through",
                key.1.as_str()
            );
        }
        count.under_way += 1;
        drop(counts);
        Ok(Passage { brakes: self, key, is_made: false })
    }

    /// What is held.
    pub(crate) fn holds(&self) -> Vec<Hold> {
        let mut counts = self.lock();
        let held = counts.iter_mut().filter_map(|((kind, removal), count)| {
            count.roll();
            let (since, refused) = count.held.filter(|_| !count.is_released())?;
            Some(Hold { kind: kind.clone(), what: removal.as_str(), since: since.to_string(), refused })
        });
        held.collect()
    }

    /// Lets everything through for an hour; gives what was held.
    pub(crate) fn release(&self) -> Vec<Hold> {
        let held = self.holds();
        for count in self.lock().values_mut() {
            *count = Count { released: Some(Instant::now()), under_way: count.under_way, ..Count::default() };
        }
        held
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(String, Removal), Count>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Passage<'_> {
    /// It was made, or may have been.
    pub(crate) fn made(mut self) {
        self.is_made = true;
    }
}

impl Drop for Passage<'_> {
    fn drop(&mut self) {
        let mut counts = self.brakes.lock();
        let Some(count) = counts.get_mut(&self.key) else { return };
        count.under_way = count.under_way.saturating_sub(1);
        // What somebody let through is no sign of a mistake.
        if self.is_made && !count.is_released() {
            count.made.push_back(Instant::now());
            if count.made.len() > MOST {
                count.made.pop_front();
            }
        }
    }
}

impl<'a> Work<'a> {
    /// Lets a removal pass, or does not. `None` where it does not count.
    ///
    /// # Errors
    /// [`Error::Held`].
    pub(crate) fn brake(&self, id: &str, removal: Removal) -> Result<Option<Passage<'a>>, Error> {
        let settings = &self.bridge.brake;
        let mode = match removal {
            Removal::Delete => settings.delete,
            Removal::Deactivation => settings.deactivate,
        };
        let remembered = &self.bridge.state.remembered;
        if mode == Brake::Off || remembered.fresh.is_own(&self.kind.location_of(id)) {
            return Ok(None);
        }
        let known = remembered.census.known(self.kind.name());
        let most = settings.least.max(known.saturating_mul(settings.share) / 100);
        let key = (self.kind.name().to_owned(), removal);
        remembered.brakes.admit(key, mode, most).map(Some).map_err(|retry_after| {
            tracing::error!(
                tenant = self.bridge.tenant,
                scim.resource_type = self.kind.name(),
                request.id = self.budget.trace.id,
                most,
                "{} are held: more in an hour than usual; `scim-bridge ops release {}` lets them through",
                removal.as_str(),
                self.bridge.tenant
            );
            let (kind, tenant) = (self.kind.name().to_owned(), self.bridge.tenant.clone());
            Error::Held { kind, what: removal.as_str(), most, tenant, retry_after }
        })
    }

    /// Lets a change pass, or does not, where it deactivates a resource.
    ///
    /// # Errors
    /// [`Error::Held`].
    pub(crate) fn brake_change(&self, id: &str, old: &Resource, new: &Resource) -> Result<Option<Passage<'a>>, Error> {
        let active = self.kind.active.and_then(|index| self.kind.mapping.view.rules.get(index));
        let is_off = |resource| active.and_then(|rule| rule.value_in(resource)) == Some(serde_json::Value::Bool(false));
        if is_off(old) || !is_off(new) { Ok(None) } else { self.brake(id, Removal::Deactivation) }
    }

    /// Counts a removal by how it ended.
    pub(crate) fn passed<T>(passage: Option<Passage<'_>>, outcome: &Result<T, Error>) {
        let is_made = match outcome {
            Ok(_) => true,
            Err(failure) => failure.may_be_done(),
        };
        if let Some(passage) = passage.filter(|_| is_made) {
            passage.made();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(removal: Removal) -> (String, Removal) {
        ("User".to_owned(), removal)
    }

    fn remove(brakes: &Brakes, mode: Brake) -> Result<(), Duration> {
        brakes.admit(user(Removal::Delete), mode, 3).map(Passage::made)
    }

    #[tokio::test(start_paused = true)]
    async fn too_many_in_an_hour_are_held_until_the_first_is_an_hour_old() {
        let brakes = Brakes::default();
        for _ in 0..3 {
            remove(&brakes, Brake::Hold).unwrap();
            tokio::time::advance(Duration::from_secs(60)).await;
        }
        assert_eq!(remove(&brakes, Brake::Hold), Err(HOUR.saturating_sub(Duration::from_secs(180))));
        assert_eq!(remove(&brakes, Brake::Hold), Err(HOUR.saturating_sub(Duration::from_secs(180))));
        let [hold] = brakes.holds().try_into().unwrap();
        assert_eq!((hold.kind.as_str(), hold.what, hold.refused), ("User", "deletes", 2));
        brakes.admit(user(Removal::Deactivation), Brake::Hold, 3).map(Passage::made).unwrap();
        tokio::time::advance(HOUR.saturating_sub(Duration::from_secs(180))).await;
        remove(&brakes, Brake::Hold).unwrap();
        assert_eq!(brakes.holds(), []);
        remove(&brakes, Brake::Hold).unwrap_err();
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_not_made_does_not_count_and_what_is_under_way_does() {
        let brakes = Brakes::default();
        let admit = || brakes.admit(user(Removal::Delete), Brake::Hold, 1);
        drop(admit().unwrap());
        let under_way = admit().unwrap();
        assert_eq!(admit().map(drop), Err(HOUR));
        under_way.made();
        assert_eq!(admit().map(drop), Err(HOUR));
    }

    #[tokio::test(start_paused = true)]
    async fn a_release_lets_everything_through_for_an_hour() {
        let brakes = Brakes::default();
        (0..3).for_each(|_| remove(&brakes, Brake::Hold).unwrap());
        remove(&brakes, Brake::Hold).unwrap_err();
        assert_eq!(brakes.release().len(), 1);
        (0..100).for_each(|_| remove(&brakes, Brake::Hold).unwrap());
        assert_eq!(brakes.release(), []);
        tokio::time::advance(HOUR).await;
        (0..3).for_each(|_| remove(&brakes, Brake::Hold).unwrap());
        remove(&brakes, Brake::Hold).unwrap_err();
    }

    #[tokio::test(start_paused = true)]
    async fn a_brake_that_only_warns_holds_nothing() {
        let brakes = Brakes::default();
        (0..100).for_each(|_| remove(&brakes, Brake::Warn).unwrap());
        assert_eq!(brakes.holds(), []);
    }
}
