//! DELETE: calls, or attributes set through the planner.

use serde_json::Value;

use crate::bridge::brake::Removal;
use crate::bridge::fetch::{Found, Parts};
use crate::bridge::operation::Reply;
use crate::bridge::run::{Sight, Version};
use crate::bridge::update::Made;
use crate::bridge::work::Work;
use crate::bridge::{Error, respond};
use crate::mapping::compile::Delete;
use crate::mapping::condition::Condition;
use crate::mapping::hole::{Hole, Template};
use crate::mapping::path::Path;
use crate::mapping::scope::{Name, Scope};
use crate::mapping::{Call, TypeMapping};
use crate::scim::{Precondition, Resource};

/// Deletes a resource, as the mapping understands it.
///
/// # Errors
/// 404 when there is none, 412 when it has another version, 501 without a `delete`, or whatever the upstream answers.
pub(crate) async fn delete(work: &mut Work<'_>, id: &str, precondition: Option<&Precondition>) -> Result<Reply, Error> {
    let kind = work.kind;
    let key = kind.mapping.view.encode_id(id).ok_or_else(|| kind.not_found(id))?;
    // Values may be set that stand in other resources; calls change none but this one.
    let changes_others = matches!(kind.mapping.delete, Delete::Set(_));
    let _alone = work.lock_own(id, changes_others).await?;
    let mut attempts = work.attempts();
    loop {
        match once(work, (&key, id), precondition).await {
            Err(failure) if attempts.again(work, &failure) => {}
            done => {
                done?;
                work.bridge.state.remembered.fresh.gone(&kind.location_of(id));
                return Ok(respond::nothing());
            }
        }
    }
}

async fn once(work: &mut Work<'_>, which: (&Value, &str), precondition: Option<&Precondition>) -> Result<(), Error> {
    let kind = work.kind;
    match &kind.mapping.delete {
        Delete::None => Err(kind.unsupported("delete")),
        Delete::Set(values) => set(work, which, values, precondition).await,
        Delete::Calls(calls) => run(work, which, calls, precondition).await,
    }
}

/// Sets attributes through the planner: a soft delete. It is done only when the record, read again, shows it.
async fn set(
    work: &mut Work<'_>,
    (key, id): (&Value, &str),
    values: &[(usize, Value)],
    precondition: Option<&Precondition>,
) -> Result<(), Error> {
    let kind = work.kind;
    let parts = if precondition.is_some() { Parts::All } else { Parts::Own };
    let found = existing(work, (key, id), parts).await?;
    work.admit_version(precondition, &found)?;
    let record = found.get().ok_or_else(|| Error::answer("get", "the record is not JSON"))?;
    work.identify_by(record);
    let old = kind.mapping.view.read_with(record, found.kept());
    let mut new = old.clone();
    for (index, value) in values {
        if let Some(rule) = kind.mapping.view.rules.get(*index) {
            rule.set_in(&mut new, value.clone());
        }
    }
    let passage = if old == new { None } else { work.brake(id, Removal::Deactivation)? };
    let outcome = work.pursue((key, id), &found, &old, &new).await;
    Work::passed(passage, &outcome);
    let shown = match outcome? {
        Made::Nothing => Some(found),
        Made::Changed(Some(shown)) => Some(shown),
        Made::Changed(None) => work.fetch(key, id, Parts::Own).await?,
    };
    shown.map_or(Ok(()), |shown| work.check_active(&new, &shown))
}

/// Whether a delete has to know what stands at `into` of the record: `hide`, `protect` or a call looks there, or an
/// idempotency key is made of all of it.
pub(crate) fn looks_at(mapping: &TypeMapping, into: &Path) -> bool {
    let Delete::Calls(calls) = &mapping.delete else { return true };
    let is_there = |hole: &Hole| {
        matches!(hole.name, Name::Old | Name::Record) && hole.path.as_ref().is_none_or(|path| path.overlaps(into))
    };
    let asks = |condition: &Condition| condition.reads_at(&[Name::Old, Name::Record], into);
    let policies = &mapping.policies;
    policies.hide.iter().chain(&policies.protect).any(asks)
        || calls.iter().flat_map(|call| std::iter::once(call).chain(call.undo.as_deref())).any(|call| {
            let details = call.errors.iter().filter_map(|row| row.detail.as_ref()).flat_map(Template::holes);
            let conditions = call.when.iter().chain(call.errors.iter().map(|row| &row.when));
            call.reads.operation_id || { conditions }.any(asks) || call.sent_holes().chain(details).any(is_there)
        })
}

/// The record to delete. What was kept of one that the upstream no longer has goes.
///
/// # Errors
/// 404 when there is none, or it is hidden; or whatever the upstream answers.
async fn existing(work: &Work<'_>, (key, id): (&Value, &str), parts: Parts<'_>) -> Result<Found, Error> {
    let all = Work { sees_hidden: true, ..work.aside() };
    match all.fetch(key, id, parts).await? {
        Some(found) if !work.is_hidden(&found) => return Ok(found),
        Some(_) => {}
        None => work.forget(id).await?,
    }
    Err(work.kind.not_found(id))
}

/// Runs the delete calls in order; the record is read first where a call, its idempotency key, `hide` or `protect` looks
/// at it.
async fn run(
    work: &mut Work<'_>,
    (key, id): (&Value, &str),
    calls: &[Call],
    precondition: Option<&Precondition>,
) -> Result<(), Error> {
    let kind = work.kind;
    let looks = |call: &Call| call.reads.old || call.reads.record || call.reads.operation_id || call.etag;
    let policies = &kind.mapping.policies;
    let decides = policies.hide.is_some() || policies.protect.is_some();
    // A plan is for somebody who is there.
    let reads = work.plans() && !kind.mapping.get.is_empty();
    let found = if decides || reads || precondition.is_some() || calls.iter().any(looks) {
        let parts = if precondition.is_some() { Parts::All } else { Parts::Deleted };
        Some(existing(work, (key, id), parts).await?)
    } else {
        None
    };
    if let Some(found) = &found {
        work.admit_version(precondition, found)?;
    }
    let old = found.as_ref().and_then(|found| found.get());
    let kept = found.as_ref().and_then(Found::kept);
    if let Some(old) = old {
        kind.admit_change(old, kept)?;
        work.identify_by(old);
    }
    let nothing = Resource::new();
    let etag = found.as_ref().and_then(Found::etag);
    let sight = Sight { id: Some(key), scim: &nothing, record: old.unwrap_or(&Value::Null), old, kept, etag };
    let passage = work.brake(id, Removal::Delete)?;
    let outcome = make(work, calls, sight).await;
    match outcome {
        Ok(Deletion::Gone | Deletion::None) => drop(passage),
        Ok(Deletion::Made) | Err(_) => Work::passed(passage, &outcome),
    }
    match outcome? {
        Deletion::Made => work.forget(id).await,
        Deletion::Gone => {
            work.forget(id).await?;
            Err(kind.not_found(id))
        }
        // Nothing was deleted: no 204.
        Deletion::None => Err(kind.unsupported("delete")),
    }
}

/// What delete calls did.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deletion {
    /// They deleted something.
    Made,
    /// There was nothing to delete: the upstream said so to each of them.
    Gone,
    /// None was sent.
    None,
}

/// Makes the delete calls. Where one finds nothing, that part is gone already, and the next ones follow. Any other failure takes
/// back those that were made, and the failed one first where nobody knows whether it was carried out.
async fn make(work: &mut Work<'_>, calls: &[Call], sight: Sight<'_>) -> Result<Deletion, Error> {
    let (mut done, mut deletion): (Vec<&Call>, _) = (Vec::new(), Deletion::None);
    let mut planned = None;
    let mut version = Version::read(sight.etag);
    for call in calls {
        let scope = Scope { sent: sight.old, etag: version.tag(), ..sight.scope(work) };
        if call.when.as_ref().is_some_and(|when| !when.holds(&scope)) {
            continue;
        }
        match work.send(call, &scope).await {
            Ok(answer) => {
                work.capture(call, &answer);
                version.follow(call, Some(&answer));
                done.push(call);
                deletion = Deletion::Made;
            }
            Err(failure) if failure.is_not_found() => {
                if deletion == Deletion::None {
                    deletion = Deletion::Gone;
                }
            }
            Err(failure) if failure.is_planned() => planned = planned.or(Some(failure)),
            Err(failure) => {
                if failure.may_be_done() {
                    done.push(call);
                }
                let undos = done.iter().rev().filter_map(|call| Some((call.undo.as_deref()?, scope)));
                return Err(work.take_back(&undos.collect::<Vec<_>>(), failure).await);
            }
        }
    }
    planned.map_or(Ok(deletion), Err)
}
