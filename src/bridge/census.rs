//! How many resources there were when they were last listed.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How often a fall is told.
const HOUR: Duration = Duration::from_secs(3600);

/// Totals by the name of the resource type, each with the time of the last warning.
#[derive(Debug, Default)]
pub(crate) struct Census(Mutex<BTreeMap<String, (usize, Option<Instant>)>>);

impl Census {
    /// A list told that there are so many in all. Whether that is less than half of what there was the last time, and it was not
    /// told in the last hour: then the one before is given.
    pub(crate) fn count(&self, kind: &str, total: usize) -> Option<usize> {
        let mut totals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((known, warned)) = totals.get_mut(kind) else {
            totals.insert(kind.to_owned(), (total, None));
            return None;
        };
        let before = std::mem::replace(known, total);
        if total >= before.div_ceil(2) || warned.is_some_and(|warned| warned.elapsed() < HOUR) {
            return None;
        }
        *warned = Some(Instant::now());
        Some(before)
    }

    /// The last total; 0 where there was none yet.
    pub(crate) fn known(&self, kind: &str) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(kind).map_or(0, |(total, _)| *total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_total_that_falls_below_half_is_told_once_an_hour() {
        let census = Census::default();
        let told = |total| census.count("User", total);
        assert_eq!([told(100), told(50), told(60), told(29)], [None, None, None, Some(60)]);
        assert_eq!((census.known("User"), census.known("Group")), (29, 0));
        assert_eq!(told(3), None, "within the hour");
        tokio::time::advance(HOUR).await;
        assert_eq!([told(100), told(0), told(0)], [None, Some(100), None]);
    }
}
