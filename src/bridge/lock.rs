//! One writer per resource: a read-modify-write of one id, or a create of one key, runs alone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// What a lock is held on: the resource type's index, and an id or a folded key with a mark for which, or a circle of types
/// under the lowest of their indexes.
pub(crate) type Key = (usize, String);

/// Locks by key, made when first asked for and forgotten when nobody holds or awaits them. Waiting is first come, first served.
#[derive(Debug, Default)]
pub(crate) struct Locks {
    held: Mutex<HashMap<Key, Arc<AsyncMutex<()>>>>,
}

/// A held lock; dropping it lets the next one in.
#[derive(Debug)]
pub(crate) struct Guard<'a> {
    locks: &'a Locks,
    key: Key,
    inner: Option<OwnedMutexGuard<()>>,
}

/// The lock did not come free in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Waited;

impl Locks {
    /// Waits for the lock on `key`, at most `patience`.
    ///
    /// # Errors
    /// [`Waited`] when it did not come free in time.
    pub(crate) async fn lock(&self, key: Key, patience: Duration) -> Result<Guard<'_>, Waited> {
        let mutex = Arc::clone(self.table().entry(key.clone()).or_default());
        let mut guard = Guard { locks: self, key, inner: None };
        guard.inner = Some(tokio::time::timeout(patience, mutex.lock_owned()).await.map_err(|_| Waited)?);
        Ok(guard)
    }

    fn table(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Arc<AsyncMutex<()>>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        // Under the table's lock nobody can take a new handle, so a count of one means that only the table is left.
        let mut table = self.locks.table();
        self.inner = None;
        if table.get(&self.key).is_some_and(|mutex| Arc::strong_count(mutex) == 1) {
            table.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str) -> Key {
        (0, id.to_owned())
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_writer_of_the_same_id_waits_and_gives_up_in_time() {
        let locks = Locks::default();
        let first = locks.lock(key("1"), Duration::from_secs(1)).await.unwrap();
        assert_eq!(locks.lock(key("1"), Duration::from_secs(1)).await.err(), Some(Waited));
        assert!(locks.lock(key("2"), Duration::from_secs(1)).await.is_ok());
        drop(first);
        assert!(locks.lock(key("1"), Duration::from_secs(1)).await.is_ok());
    }

    #[tokio::test]
    async fn nothing_is_kept_of_locks_that_nobody_holds() {
        let locks = Arc::new(Locks::default());
        let tasks: Vec<_> = (0..200)
            .map(|n| {
                let locks = Arc::clone(&locks);
                tokio::spawn(async move {
                    let _guard = locks.lock(key(&(n % 7).to_string()), Duration::from_secs(5)).await.unwrap();
                    tokio::task::yield_now().await;
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert!(locks.table().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_given_up_leaves_nothing_behind() {
        let locks = Locks::default();
        let first = locks.lock(key("1"), Duration::from_secs(1)).await.unwrap();
        assert!(locks.lock(key("1"), Duration::from_millis(1)).await.is_err());
        drop(first);
        assert!(locks.table().is_empty());
    }
}
