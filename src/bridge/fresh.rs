//! Resources that were made through the bridge a moment ago: what an upstream may not show yet.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use xxhash_rust::xxh3::xxh3_128;

use crate::bridge::Error;
use crate::bridge::fetch::{Found, Parts};
use crate::bridge::recent::Recent;
use crate::bridge::terms;
use crate::bridge::work::Work;
use crate::mapping::Rule;
use crate::scim::compare::fold;
use crate::scim::filter::{Filter, Operator};

/// How long an upstream may take to show what was made.
const LAG: Duration = Duration::from_secs(30);
/// The waits before a fresh resource that is not found is read again.
pub(crate) const READS: [Duration; 3] =
    [Duration::from_millis(200), Duration::from_millis(500), Duration::from_secs(1)];
/// How long it is known that a resource was made through the bridge.
const OWN: Duration = Duration::from_secs(24 * 3600);
/// Resources remembered at most.
const MOST: usize = 50_000;

/// What stands for a URL or a key. In 128 bits no two are the same by chance, and 50,000 of them take 2 MiB rather than 20.
type Mark = u128;

fn mark(text: &str) -> Mark {
    xxh3_128(text.as_bytes())
}

/// The resources that were made, by their URLs, and the fresh ones by their keys.
#[derive(Debug)]
pub(crate) struct Fresh(Mutex<Made>);

#[derive(Debug)]
struct Made {
    locations: Recent<Mark, ()>,
    /// The id by the type's URL and the folded key.
    keys: Recent<Mark, String>,
}

impl Default for Fresh {
    fn default() -> Self {
        Self(Mutex::new(Made { locations: Recent::new(MOST, OWN), keys: Recent::new(MOST, LAG) }))
    }
}

impl Fresh {
    /// A resource was made. `endpoint` is the URL of its type, with a slash; the key is folded.
    pub(crate) fn made(&self, endpoint: &str, id: &str, location: &str, key: Option<&str>) {
        let mut made = self.lock();
        made.locations.insert(mark(location), ());
        if let Some(key) = key {
            made.keys.insert(mark(&[endpoint, key].concat()), id.to_owned());
        }
    }

    /// A resource was deleted.
    pub(crate) fn gone(&self, location: &str) {
        let mut made = self.lock();
        if !made.locations.is_empty() {
            made.locations.remove(&mark(location));
        }
    }

    /// Whether the resource was made in the last 30 s.
    pub(crate) fn is_fresh(&self, location: &str) -> bool {
        self.lock().locations.get(&mark(location)).is_some_and(|(age, ())| age < LAG)
    }

    /// Whether the resource was made in the last 24 h, as far as is remembered.
    pub(crate) fn is_own(&self, location: &str) -> bool {
        self.lock().locations.get(&mark(location)).is_some()
    }

    fn id_of(&self, endpoint: &str, key: &str) -> Option<String> {
        let made = self.lock();
        if made.keys.is_empty() {
            return None;
        }
        made.keys.get(&mark(&[endpoint, &fold(key)].concat())).map(|(_, id)| id.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Made> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Work<'_> {
    /// Whether the resource was made in the last 30 s.
    pub(crate) fn is_fresh(&self, id: &str) -> bool {
        self.bridge.state.remembered.fresh.is_fresh(&self.kind.location_of(id))
    }

    /// The fresh record with this key, read by its id.
    ///
    /// # Errors
    /// Whatever the upstream answers.
    pub(crate) async fn fetch_fresh(&self, key: &Value, parts: Parts<'_>) -> Result<Option<Found>, Error> {
        let id = key.as_str().and_then(|key| self.bridge.state.remembered.fresh.id_of(&self.kind.location, key));
        let Some(id) = id else { return Ok(None) };
        match self.kind.mapping.view.encode_id(&id) {
            Some(key) => Box::pin(self.fetch(&key, &id, parts)).await,
            None => Ok(None),
        }
    }

    /// The key that a filter asks for, if it asks for one.
    pub(crate) fn key_in<'f>(&self, filter: &'f Filter) -> Option<&'f Value> {
        let key = self.kind.mapping.view.rules.get(self.kind.mapping.key?)?;
        terms::conjuncts(filter).iter().find_map(|term| match term {
            Filter::Compare(path, Operator::Eq, literal) if is_at(key, path) => Some(literal),
            Filter::And(_)
            | Filter::Or(_)
            | Filter::Not(_)
            | Filter::Compare(..)
            | Filter::Present(_)
            | Filter::Element(..) => None,
        })
    }
}

/// Whether a path means the one value of a rule.
fn is_at(rule: &Rule, path: &crate::scim::AttributePath) -> bool {
    let target = &rule.target;
    let is_plain = target.extension.is_none() && target.select.is_empty() && path.filter.is_none();
    let same_sub = match (&target.sub, &path.sub) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    is_plain && same_sub && target.name.eq_ignore_ascii_case(&path.name)
}
