//! Lists that are stored in the other resources: `Group.members` where each user has its `groups`.
//!
//! Reading looks for the resources whose list has the id; writing changes each of them, as a PATCH of it would.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};

use crate::bridge::Error;
use crate::bridge::collect::filter_paths;
use crate::bridge::fetch::{Found, Parts};
use crate::bridge::kind::Kind;
use crate::bridge::list::Listed;
use crate::bridge::operation::ListQuery;
use crate::bridge::search::{self, Sought};
use crate::bridge::work::Work;
use crate::mapping::Rule;
use crate::mapping::compile::InverseList;
use crate::scim::filter::{Filter, Operator};
use crate::scim::{self, AttributePath, Projection, Resource};

mod change;
mod named;

pub(crate) use named::{change, is_apart, may_change, named};

/// A future of the bridge whose type would hold itself: a change of a group changes users.
type Boxed<'f, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'f>>;

/// Who holds which id.
type Holders = Arc<HashMap<String, Vec<String>>>;

/// What a request found out about lists that no search answers: the other resources are read once for all.
#[derive(Debug, Default)]
pub(crate) struct Held(Mutex<HashMap<usize, Holders>>);

impl Held {
    fn get(&self, list: usize) -> Option<Holders> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&list).cloned()
    }

    fn note(&self, list: usize, holders: &Holders) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(list, Arc::clone(holders));
    }

    fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Kind {
    /// The rule of an inverse list.
    fn inverse_rule(&self, inverse: &InverseList) -> Option<&Rule> {
        self.mapping.view.rules.get(inverse.rule)
    }

    /// The inverse lists that are changed through this type.
    fn written_inverse(&self) -> impl Iterator<Item = (&InverseList, &Rule)> {
        let all = self.mapping.inverse.iter();
        all.filter_map(|inverse| Some((inverse, self.inverse_rule(inverse)?))).filter(|(_, rule)| rule.is_writable())
    }

    /// Whether an answer with this projection holds the list.
    pub(crate) fn wants_inverse(&self, inverse: &InverseList, projection: &Projection) -> bool {
        self.inverse_rule(inverse).is_some_and(|rule| {
            let target = &rule.target;
            projection.wants(target.extension.as_deref(), &target.name, None)
        })
    }

    /// Whether some inverse list is wanted.
    pub(crate) fn wants_some_inverse(&self, projection: &Projection) -> bool {
        self.mapping.inverse.iter().any(|inverse| self.wants_inverse(inverse, projection))
    }

    /// The inverse lists that have to be read.
    fn inverse_for(&self, parts: Parts<'_>, in_list: bool) -> impl Iterator<Item = &InverseList> {
        self.mapping.inverse.iter().filter(move |inverse| match parts {
            Parts::All | Parts::But(_) => true,
            Parts::Own | Parts::Deleted => false,
            Parts::For(projection) => self.is_asked(inverse, projection, in_list),
            Parts::Matching(projection, filter) => {
                self.is_asked(inverse, projection, in_list) || self.is_inverse_searched(inverse, filter)
            }
        })
    }

    /// In a list, an inverse list is shown only to who names it: it may cost a call per resource.
    fn is_asked(&self, inverse: &InverseList, projection: &Projection, in_list: bool) -> bool {
        (!in_list || matches!(projection, Projection::Only(_))) && self.wants_inverse(inverse, projection)
    }

    fn is_inverse_searched(&self, inverse: &InverseList, filter: &Filter) -> bool {
        let mut paths = Vec::new();
        filter_paths(filter, &mut paths);
        let named = Projection::Only(paths).for_schema(&self.mapping.view.schema);
        self.wants_inverse(inverse, &named)
    }

    /// Whether the items of a list come with an inverse list.
    pub(crate) fn lists_inverse(&self, parts: Parts<'_>) -> bool {
        self.inverse_for(parts, true).next().is_some()
    }
}

/// The `value`s of a rule's list in a resource.
fn values(rule: &Rule, resource: &Resource) -> Vec<String> {
    let value = rule.value_in(resource);
    let elements = value.as_ref().and_then(Value::as_array).into_iter().flatten();
    elements.filter_map(|element| element.get("value").and_then(Value::as_str).map(str::to_owned)).collect()
}

fn list_of(ids: &[String]) -> Value {
    ids.iter().map(|id| json!({ "value": id })).collect()
}

impl Work<'_> {
    /// A record with the inverse lists that `parts` want.
    ///
    /// # Errors
    /// Whatever reading the other resources fails with.
    pub(crate) async fn with_inverse(&self, found: Found, parts: Parts<'_>) -> Result<Found, Error> {
        let mut beside: Option<Resource> = None;
        for inverse in self.kind.inverse_for(parts, self.in_list) {
            let Some(rule) = self.kind.inverse_rule(inverse) else { continue };
            let Some(id) = found.record().and_then(|record| self.kind.id_of(record)) else { continue };
            let holders = self.holders(inverse, &id).await?;
            let beside = beside.get_or_insert_with(|| found.kept().cloned().unwrap_or_default());
            if !holders.is_empty() {
                rule.set_in(beside, list_of(&holders));
            }
        }
        Ok(match beside {
            Some(beside) => found.beside(beside),
            None => found,
        })
    }

    /// The same for several records, `limits.concurrent` at a time.
    ///
    /// # Errors
    /// The first failure.
    pub(crate) async fn all_with_inverse(&self, found: Vec<Found>, parts: Parts<'_>) -> Result<Vec<Found>, Error> {
        let reads = Work { in_list: true, budget: self.budget.unbounded(), ..self.aside() };
        let reads = &reads;
        let mut found = found.into_iter();
        // The first one alone: where the other resources are read whole, that serves all.
        let Some(first) = found.next() else { return Ok(Vec::new()) };
        let mut all = vec![reads.with_inverse(first, parts).await?];
        let rest = found.map(|found| async move { reads.with_inverse(found, parts).await });
        let rest = stream::iter(rest).buffered(self.bridge.settings.limits.concurrent);
        all.extend(rest.try_collect::<Vec<_>>().await?);
        Ok(all)
    }

    /// The ids of the resources whose list has this id, in the order of their upstream.
    fn holders<'f>(&'f self, inverse: &'f InverseList, id: &'f str) -> Boxed<'f, Vec<String>> {
        Box::pin(async move {
            if let Some(known) = self.held.as_ref().and_then(|held| held.get(inverse.rule)) {
                return Ok(known.get(id).cloned().unwrap_or_default());
            }
            let other = self.within(inverse.kind, &[])?;
            let Some(list) = other.kind.mapping.view.rules.get(inverse.list) else { return Ok(Vec::new()) };
            let path = AttributePath {
                schema: list.target.extension.clone(),
                name: list.target.name.clone(),
                filter: None,
                sub: None,
            };
            let filter = if inverse.searched {
                let value = AttributePath { sub: Some("value".to_owned()), ..path.clone() };
                Filter::Compare(value, Operator::Eq, Value::from(id))
            } else {
                Filter::Present(path.clone())
            };
            let query = ListQuery {
                projection: Projection::Only(vec![path]),
                start_index: 1,
                count: usize::MAX,
                ..ListQuery::default()
            };
            let sought = Sought { filter: Some(&filter), sort: None };
            let listed = search::search(&other, &query, sought, 0).await.map_err(|failure| too_many(failure, self))?;
            let holders = Arc::new(by_held(list, &listed));
            if let Some(held) = self.held.as_ref().filter(|_| !inverse.searched) {
                held.note(inverse.rule, &holders);
            }
            Ok(holders.get(id).cloned().unwrap_or_default())
        })
    }
}

/// Who reads a group asks for no filter: what to do is for the operator.
fn too_many(failure: Error, work: &Work<'_>) -> Error {
    let is_it = matches!(&failure, Error::Request(error) if error.scim_type == Some(scim::ErrorType::TooMany));
    if !is_it {
        return failure;
    }
    let scan = work.bridge.settings.limits.scan;
    scim::Error::too_many(format!("finding the members would read more than {scan} records")).into()
}

/// Who holds what, of a list of the other resources.
fn by_held(list: &Rule, listed: &Listed) -> HashMap<String, Vec<String>> {
    let resources = [b"[", listed.out.as_slice(), b"]"].concat();
    let resources: Vec<Value> = serde_json::from_slice(&resources).unwrap_or_default();
    let mut holders: HashMap<String, Vec<String>> = HashMap::new();
    for resource in resources.iter().filter_map(Value::as_object) {
        let Some(holder) = resource.get("id").and_then(Value::as_str) else { continue };
        for held in values(list, resource) {
            holders.entry(held).or_default().push(holder.to_owned());
        }
    }
    holders
}
