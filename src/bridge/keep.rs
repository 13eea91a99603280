//! What the bridge keeps of a resource in its own store.

use serde_json::Value;

use crate::bridge::Error;
use crate::bridge::fetch::Found;
use crate::bridge::kind::Kind;
use crate::bridge::work::Work;
use crate::mapping::Rule;
use crate::scim::Resource;
use crate::scim::compare::fold;
use crate::store::{Kept, Owner};

/// What a plan calls values that only the bridge would have kept.
const KEPT: &str = "values to this service's own store";

/// The form in which a kept value is compared; `None` for what nothing is looked up by.
pub(crate) fn key_text(rule: &Rule, value: &Value) -> Option<String> {
    let text = value.as_str().filter(|_| !rule.list)?;
    Some(if rule.attribute.case_exact { text.to_owned() } else { fold(text).into_owned() })
}

/// What is kept after a change of these rules; `None` where none of them is kept.
pub(crate) fn changed<'r>(
    changed: impl Iterator<Item = &'r Rule>,
    new: &Resource,
    before: Option<&Resource>,
) -> Option<Resource> {
    let mut after: Option<Resource> = None;
    for rule in changed.filter(|rule| rule.is_kept()) {
        let kept = after.get_or_insert_with(|| before.cloned().unwrap_or_default());
        rule.clear_in(kept);
        if let Some(value) = rule.value_in(new) {
            rule.set_in(kept, value);
        }
    }
    after
}

/// Kept values with what they can be found by.
fn indexed(kind: &Kind, values: Resource) -> Kept {
    let keys =
        kind.kept().filter_map(|rule| Some((rule.name.clone(), key_text(rule, rule.found_in(&values)?.as_ref())?)));
    Kept { keys: keys.collect(), values }
}

impl Work<'_> {
    fn owner(&self) -> Owner<'_> {
        Owner { tenant: self.bridge.tenant(), resource_type: self.kind.name() }
    }

    /// A record with what is kept of it, where something is.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) async fn with_kept(&self, found: Found) -> Result<Found, Error> {
        let id = found.record().and_then(|record| self.kind.id_of(record));
        let Some(id) = id.filter(|_| self.kind.keeps()) else { return Ok(found) };
        Ok(match self.kept(&[id]).await?.pop().flatten() {
            Some(kept) => found.beside(kept),
            None => found,
        })
    }

    /// What is kept of the resources with these ids, in their order.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) async fn kept(&self, ids: &[String]) -> Result<Vec<Option<Resource>>, Error> {
        Ok(self.bridge.store.load(self.owner(), ids).await?)
    }

    /// The ids of the resources whose kept value is this one, within the bound of a search.
    ///
    /// # Errors
    /// [`Error::Store`]; 400 `tooMany`.
    pub(crate) async fn kept_by(&self, rule: &Rule, text: &str) -> Result<Vec<String>, Error> {
        let most = self.bridge.settings.limits.scan.max(1);
        let ids = self.bridge.store.find(self.owner(), (&rule.name, text), most + 1).await?;
        if ids.len() > most {
            self.bound(ids.len())?;
        }
        Ok(ids)
    }

    /// Keeps values in place of all that was kept of the resource.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) async fn keep(&self, id: &str, values: Resource) -> Result<(), Error> {
        if !self.kind.keeps() {
            return Ok(());
        }
        // Inverse lists stand beside a record too.
        let values =
            if self.kind.mapping.inverse.is_empty() { values } else { self.kind.mapping.view.kept_of(&values) };
        if let Some(intent) = &self.budget.intent {
            if !values.is_empty() {
                intent.note(KEPT, None);
            }
            return Ok(());
        }
        Ok(self.bridge.store.save(self.owner(), id, indexed(self.kind, values)).await?)
    }

    /// Forgets all that is kept of the resource.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) async fn forget(&self, id: &str) -> Result<(), Error> {
        // Of who only plans nobody goes.
        if self.kind.keeps() && !self.plans() { self.keep(id, Resource::new()).await } else { Ok(()) }
    }
}
