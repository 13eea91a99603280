//! Values in memory: gone with the process. For tests, transcripts and the demo.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};

use super::{Answer, Kept, Owner, Store};

/// A tenant's name, a resource type's name.
type Shelf = (String, String);

/// A store in memory.
#[derive(Debug, Default)]
pub struct Memory {
    shelves: Mutex<BTreeMap<Shelf, Resources>>,
}

/// What is kept of the resources of one owner.
#[derive(Debug, Default)]
struct Resources {
    by_id: BTreeMap<String, Kept>,
    by_key: BTreeMap<(String, String), BTreeSet<String>>,
}

impl Resources {
    fn forget(&mut self, id: &str) {
        let Some(kept) = self.by_id.remove(id) else { return };
        for key in kept.keys {
            if let Some(ids) = self.by_key.get_mut(&key) {
                ids.remove(id);
                if ids.is_empty() {
                    self.by_key.remove(&key);
                }
            }
        }
    }

    fn keep(&mut self, id: &str, kept: Kept) {
        self.forget(id);
        if kept.values.is_empty() {
            return;
        }
        for key in &kept.keys {
            self.by_key.entry(key.clone()).or_default().insert(id.to_owned());
        }
        self.by_id.insert(id.to_owned(), kept);
    }
}

impl Memory {
    fn shelves(&self) -> MutexGuard<'_, BTreeMap<Shelf, Resources>> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn shelf(owner: Owner<'_>) -> Shelf {
    (owner.tenant.to_owned(), owner.resource_type.to_owned())
}

impl Store for Memory {
    fn load<'a>(&'a self, owner: Owner<'a>, ids: &'a [String]) -> Answer<'a, Vec<Option<Map<String, Value>>>> {
        let shelves = self.shelves();
        let resources = shelves.get(&shelf(owner));
        let values = |id: &String| Some(resources?.by_id.get(id)?.values.clone());
        let found = ids.iter().map(values).collect();
        Box::pin(std::future::ready(Ok(found)))
    }

    fn find<'a>(&'a self, owner: Owner<'a>, key: (&'a str, &'a str), most: usize) -> Answer<'a, Vec<String>> {
        let shelves = self.shelves();
        let key = (key.0.to_owned(), key.1.to_owned());
        let ids = shelves.get(&shelf(owner)).and_then(|resources| resources.by_key.get(&key));
        let found = ids.into_iter().flatten().take(most).cloned().collect();
        Box::pin(std::future::ready(Ok(found)))
    }

    fn save<'a>(&'a self, owner: Owner<'a>, id: &'a str, kept: Kept) -> Answer<'a, ()> {
        self.shelves().entry(shelf(owner)).or_default().keep(id, kept);
        Box::pin(std::future::ready(Ok(())))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const USERS: Owner<'_> = Owner { tenant: "acme", resource_type: "User" };

    fn kept(external_id: &str) -> Kept {
        let values = json!({ "externalId": external_id }).as_object().cloned().unwrap();
        Kept { values, keys: vec![("externalId".to_owned(), external_id.to_owned())] }
    }

    async fn found(store: &Memory, owner: Owner<'_>, text: &str) -> Vec<String> {
        store.find(owner, ("externalId", text), 10).await.unwrap()
    }

    #[tokio::test]
    async fn what_is_saved_is_loaded_and_found() {
        let store = Memory::default();
        store.save(USERS, "7", kept("a")).await.unwrap();
        let ids = ["8".to_owned(), "7".to_owned()];
        assert_eq!(store.load(USERS, &ids).await.unwrap(), [None, Some(kept("a").values)]);
        assert_eq!(found(&store, USERS, "a").await, ["7"]);
        assert!(found(&store, USERS, "b").await.is_empty());
    }

    #[tokio::test]
    async fn what_is_saved_takes_the_place_of_what_was_there() {
        let store = Memory::default();
        for (id, value) in [("7", "a"), ("8", "a"), ("7", "b")] {
            store.save(USERS, id, kept(value)).await.unwrap();
        }
        assert_eq!(found(&store, USERS, "a").await, ["8"]);
        store.save(USERS, "8", Kept::default()).await.unwrap();
        assert!(found(&store, USERS, "a").await.is_empty());
        assert_eq!(store.load(USERS, &["8".to_owned()]).await.unwrap(), [None]);
    }

    #[tokio::test]
    async fn no_more_are_found_than_asked_for() {
        let store = Memory::default();
        for id in 0..20 {
            store.save(USERS, &id.to_string(), kept("a")).await.unwrap();
        }
        assert_eq!(store.find(USERS, ("externalId", "a"), 3).await.unwrap().len(), 3);
    }

    #[tokio::test]
    async fn tenants_and_types_see_nothing_of_each_other() {
        let store = Memory::default();
        store.save(USERS, "7", kept("a")).await.unwrap();
        for other in [Owner { tenant: "other", ..USERS }, Owner { resource_type: "Group", ..USERS }] {
            assert!(found(&store, other, "a").await.is_empty());
            assert_eq!(store.load(other, &["7".to_owned()]).await.unwrap(), [None]);
        }
    }
}
