//! What is remembered for a while: so many entries at most, the oldest give way.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::time::Duration;

use tokio::time::Instant;

/// Entries with the time they were made.
#[derive(Debug)]
pub(crate) struct Recent<K, V> {
    /// Each with its number, so that one made anew is told from the one before.
    known: HashMap<K, (u64, Instant, V)>,
    /// In the order in which they were made; those forgotten or made anew meanwhile stand here as well.
    order: VecDeque<(u64, Instant, K)>,
    made: u64,
    most: usize,
    life: Duration,
}

impl<K: Hash + Eq + Clone, V> Recent<K, V> {
    /// Nothing yet; `most` entries, each for `life`.
    pub(crate) fn new(most: usize, life: Duration) -> Self {
        Self { known: HashMap::new(), order: VecDeque::new(), made: 0, most, life }
    }

    /// Remembers an entry from now on.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        let now = Instant::now();
        self.made += 1;
        self.known.insert(key.clone(), (self.made, now, value));
        self.order.push_back((self.made, now, key));
        while self
            .order
            .front()
            .is_some_and(|(_, since, _)| self.known.len() > self.most || since.elapsed() >= self.life)
        {
            self.drop_oldest();
        }
        // Entries that come and go leave their places behind.
        if self.order.len() > self.most.saturating_mul(2) {
            self.order.retain(|(number, _, key)| self.known.get(key).is_some_and(|(known, ..)| known == number));
        }
    }

    fn drop_oldest(&mut self) {
        let Some((number, _, key)) = self.order.pop_front() else { return };
        if self.known.get(&key).is_some_and(|(known, ..)| *known == number) {
            self.known.remove(&key);
        }
    }

    /// An entry with its age.
    pub(crate) fn get(&self, key: &K) -> Option<(Duration, &V)> {
        let (_, since, value) = self.known.get(key)?;
        let age = since.elapsed();
        (age < self.life).then_some((age, value))
    }

    /// Forgets an entry and gives it.
    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let (_, since, value) = self.known.remove(key)?;
        (since.elapsed() < self.life).then_some(value)
    }

    /// What is remembered, in no order.
    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.known.values().filter(|(_, since, _)| since.elapsed() < self.life).map(|(.., value)| value)
    }

    /// Forgets entries; whether there were some.
    pub(crate) fn forget(&mut self, which: impl Fn(&V) -> bool) -> bool {
        let before = self.known.len();
        self.known.retain(|_, (.., value)| !which(value));
        self.known.len() < before
    }

    /// Whether there is nothing to be found.
    pub(crate) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_oldest_give_way_and_all_end() {
        let mut recent = Recent::new(2, Duration::from_secs(30));
        for (key, value) in [("a", 1), ("b", 2), ("c", 3)] {
            recent.insert(key, value);
            tokio::time::advance(Duration::from_secs(10)).await;
        }
        assert!(recent.get(&"a").is_none(), "two at most");
        assert_eq!(recent.get(&"b"), Some((Duration::from_secs(20), &2)));
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(recent.get(&"b"), None, "its time is over");
        assert_eq!(recent.remove(&"b"), None);
        assert_eq!(recent.remove(&"c"), Some(3));
        assert!(recent.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn entries_that_come_and_go_leave_nothing_behind() {
        let mut recent = Recent::new(4, Duration::from_secs(30));
        for round in 0..1000 {
            recent.insert("a", round);
            recent.remove(&"a");
            recent.insert("b", round);
        }
        assert!(recent.order.len() <= 9, "{}", recent.order.len());
        assert_eq!(recent.get(&"b").map(|(_, value)| *value), Some(999));
    }
}
