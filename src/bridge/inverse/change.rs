//! Changes of an inverse list: one change of each other resource that it concerns.

use std::collections::BTreeMap;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::named::Members;
use super::{Boxed, values};
use crate::bridge::Error;
use crate::bridge::fetch::Parts;
use crate::bridge::run::UNDO_TIME;
use crate::bridge::settle::Unsettled;
use crate::bridge::work::Work;
use crate::mapping::Rule;
use crate::mapping::compile::InverseList;
use crate::scim::{self, Resource};
use crate::upstream::Budget;

/// How far a change of members came.
#[derive(Debug, Default)]
pub(crate) struct Changed {
    /// Those that were added, or may have been.
    added: Vec<String>,
    /// The first failure; after it no further change was begun.
    failure: Option<Error>,
}

impl Changed {
    /// # Errors
    /// The failure, if there is one.
    pub(super) fn ended(self) -> Result<(), Error> {
        self.failure.map_or(Ok(()), Err)
    }
}

impl Members {
    /// What differs between two resources.
    fn between(rule: &Rule, old: &Resource, new: &Resource) -> Self {
        let (old, new) = (values(rule, old), values(rule, new));
        let without = |list: &[String], other: &[String]| {
            let mut rest: Vec<String> = list.iter().filter(|id| !other.contains(id)).cloned().collect();
            rest.sort_unstable();
            rest.dedup();
            rest
        };
        Self { added: without(&new, &old), removed: without(&old, &new) }
    }
}

impl<'a> Work<'a> {
    /// Changes the other resources so that the inverse lists become what `new` says.
    ///
    /// # Errors
    /// The first failure; what is done stays, and a repeat goes on from there.
    pub(crate) async fn change_inverse(&self, id: &str, old: &Resource, new: &Resource) -> Result<(), Error> {
        let mut planned = None;
        for (inverse, rule) in self.kind.written_inverse() {
            match self.change_members((inverse, rule), id, &Members::between(rule, old, new)).await.ended() {
                Err(failure) if failure.is_planned() => planned = planned.or(Some(failure)),
                changed => changed?,
            }
        }
        planned.map_or(Ok(()), Err)
    }

    /// Puts a new resource into the lists of the others. Where that fails and the resource is not going to `stay`, it is taken
    /// out of them again; if it cannot be, it stays, for nobody may hold what is not there.
    ///
    /// # Errors
    /// The first failure.
    pub(crate) async fn give_inverse(
        &self,
        id: &str,
        new: &Resource,
        stays: impl Fn(&Error) -> bool,
    ) -> Result<(), Unsettled> {
        let mut given = Vec::new();
        for (inverse, rule) in self.kind.written_inverse() {
            let members = Members::between(rule, &Resource::new(), new);
            let changed = self.change_members((inverse, rule), id, &members).await;
            given.extend(changed.added.into_iter().map(|member| (inverse, rule, member)));
            if let Some(failure) = changed.failure {
                if stays(&failure) {
                    return Err(Unsettled { failure, stays: true });
                }
                return Err(self.take_members_back(id, &given, failure).await);
            }
        }
        Ok(())
    }

    /// Takes a resource that is going to be no more out of the lists of others, `limits.concurrent` at a time and in a time of
    /// its own. One that fails does not keep the others from being tried.
    async fn take_members_back(&self, id: &str, given: &[(&InverseList, &Rule, String)], failure: Error) -> Unsettled {
        let budget = Budget { deadline: Instant::now() + UNDO_TIME, ..self.budget.unbounded() };
        let undoing = &Work { budget, ..self.aside() };
        let (mut waiting, mut under_way) = (given.iter().rev(), FuturesUnordered::new());
        let (mut first, mut failed) = (None, 0_usize);
        loop {
            while under_way.len() < self.bridge.settings.limits.concurrent {
                let Some((inverse, rule, member)) = waiting.next() else { break };
                let change = undoing.change_member((inverse, rule), (id, member, false));
                under_way.push(async move { (rule, change.await) });
            }
            let Some((rule, outcome)) = under_way.next().await else { break };
            if let Err(error) = outcome {
                failed += 1;
                first.get_or_insert((rule, error));
            }
        }
        let Some((rule, error)) = first else { return Unsettled { failure, stays: false } };
        tracing::error!(
            scim.attribute = rule.name,
            resources = failed,
            %error,
            request.id = self.budget.trace.id,
            "undo failed, so what was created stays; needs attention"
        );
        let failure = Error::NotUndone { failure: Box::new(failure), undo: rule.name.clone() };
        Unsettled { failure, stays: true }
    }

    /// Changes each other resource, `limits.concurrent` at a time. After a failure no further one is begun.
    pub(super) async fn change_members(
        &self,
        (inverse, rule): (&InverseList, &Rule),
        id: &str,
        members: &Members,
    ) -> Changed {
        let changes = members.removed.iter().map(|member| (member, false));
        let mut waiting = changes.chain(members.added.iter().map(|member| (member, true)));
        let mut under_way = FuturesUnordered::new();
        let (mut made, mut planned) = (Changed::default(), None);
        loop {
            while made.failure.is_none() && under_way.len() < self.bridge.settings.limits.concurrent {
                let Some((member, holds)) = waiting.next() else { break };
                let change = self.change_member((inverse, rule), (id, member, holds));
                under_way.push(async move { (member, holds, change.await) });
            }
            let Some((member, holds, outcome)) = under_way.next().await else { break };
            if holds && outcome.as_ref().map_or_else(Error::may_be_done, |changed| *changed) {
                made.added.push(member.clone());
            }
            match outcome.err() {
                Some(failure) if failure.is_planned() => planned = planned.or(Some(failure)),
                failure => made.failure = made.failure.or(failure),
            }
        }
        made.failure = made.failure.or(planned);
        if let Some(held) = &self.held {
            held.forget();
        }
        made
    }

    /// Puts this resource into the list of another one, or takes it out, as a PATCH of that one would; whether it was otherwise
    /// before.
    fn change_member<'f>(
        &'f self,
        (inverse, rule): (&'f InverseList, &'f Rule),
        (id, member, holds): (&'f str, &'f str, bool),
    ) -> Boxed<'f, bool> {
        Box::pin(async move {
            let mut other = self.within(inverse.kind, &[mark(holds), id.as_bytes(), member.as_bytes()])?;
            // Who is not there holds nothing.
            let absent = || if holds { Err(no_such(rule, member)) } else { Ok(false) };
            let Some(key) = other.kind.mapping.view.encode_id(member) else { return absent() };
            // A resource that names itself is held already.
            let is_itself = self.kind.index == other.kind.index && id == member;
            let _alone = if is_itself { None } else { Some(other.lock_id(member).await?) };
            let mut attempts = other.attempts();
            loop {
                match other.hold(inverse, (&key, member), (id, holds)).await {
                    Err(failure) if attempts.again(&mut other, &failure) => {}
                    Ok(Some(changed)) => return Ok(changed),
                    Ok(None) => return absent(),
                    Err(failure) => return Err(of_member(failure, rule, member)),
                }
            }
        })
    }

    /// An operation on another resource type within this one; `identity` makes a repeat of it the same operation.
    pub(super) fn within(&self, kind: usize, identity: &[&[u8]]) -> Result<Work<'a>, Error> {
        let bridge = self.bridge;
        let missing = || Error::NotFound { kind: "resource type".to_owned(), id: kind.to_string() };
        let kind = bridge.kinds.get(kind).ok_or_else(missing)?;
        let drawn = kind.asks.drawn.then(|| bridge.draws.draw());
        let operation_id =
            kind.asks.operation_id.then(|| bridge.draws.identify(bridge.tenant(), kind.name(), identity));
        let got = BTreeMap::new();
        let budget = self.budget.unbounded();
        let (sees_hidden, in_list, held, new_key) = (false, false, None, None);
        Ok(Work { bridge, kind, budget, drawn, operation_id, got, sees_hidden, in_list, held, new_key })
    }

    /// One read and one change of a resource that holds the list: whether it had to be changed. `None` where it does not exist.
    async fn hold(
        &mut self,
        inverse: &InverseList,
        (key, member): (&Value, &str),
        (id, holds): (&str, bool),
    ) -> Result<Option<bool>, Error> {
        let view = &self.kind.mapping.view;
        let Some(found) = self.fetch(key, member, Parts::Own).await? else { return Ok(None) };
        let record = found.get().ok_or_else(|| Error::answer("get", "the record is not JSON"))?;
        self.identify_by(record);
        let Some(list) = view.rules.get(inverse.list) else { return Ok(Some(false)) };
        let old = view.read_with(record, found.kept());
        let mut new = old.clone();
        let current = list.value_in(&old);
        let mut elements = current.as_ref().and_then(Value::as_array).cloned().unwrap_or_default();
        let is_it = |element: &Value| element.get("value").and_then(Value::as_str) == Some(id);
        match (elements.iter().any(is_it), holds) {
            (true, true) | (false, false) => return Ok(Some(false)),
            (true, false) => elements.retain(|element| !is_it(element)),
            (false, true) => elements.push(json!({ "value": id })),
        }
        if elements.is_empty() {
            list.clear_in(&mut new);
        } else {
            list.set_in(&mut new, Value::Array(elements));
        }
        self.pursue((key, member), &found, &old, &new).await?;
        Ok(Some(true))
    }
}

fn mark(holds: bool) -> &'static [u8] {
    if holds { b"hold" } else { b"let go" }
}

/// The 400 for a member that does not exist.
fn no_such(rule: &Rule, member: &str) -> Error {
    scim::Error::invalid_value(format!("`{}`: `{member}`: no such resource", rule.name)).into()
}

/// The failure of a change of a member, with what it was about.
fn of_member(failure: Error, rule: &Rule, member: &str) -> Error {
    let attribute = rule.name.clone();
    match failure {
        Error::Upstream(source) => Error::Element { attribute, values: format!("`{member}`"), source },
        Error::Protected { kind } => {
            let detail = format!("`{attribute}`: the {kind} `{member}` is protected: this service does not change it");
            scim::Error::with_status(403, detail).into()
        }
        Error::Request(_)
        | Error::NotFound { .. }
        | Error::Unsupported { .. }
        | Error::Locked { .. }
        | Error::Held { .. }
        | Error::Element { .. }
        | Error::Answer { .. }
        | Error::NotApplied
        | Error::Store(_)
        | Error::Unknown(_)
        | Error::Planned { .. }
        | Error::NotUndone { .. } => failure,
    }
}
