//! DELETE: calls, or attributes set through the planner.

use serde_json::Value;

use crate::bridge::Error;
use crate::bridge::fetch::{Found, Parts};
use crate::bridge::operation::Reply;
use crate::bridge::run::Sight;
use crate::bridge::update::Made;
use crate::bridge::work::Work;
use crate::mapping::compile::Delete;
use crate::mapping::condition::Condition;
use crate::mapping::hole::{Hole, Template};
use crate::mapping::path::Path;
use crate::mapping::scope::{Name, Scope};
use crate::mapping::{Call, TypeMapping};
use crate::scim::Resource;

/// Deletes a resource, as the mapping understands it.
///
/// # Errors
/// 404 when there is none, 501 without a `delete`, or whatever the upstream answers.
pub(crate) async fn delete(work: &mut Work<'_>, id: &str) -> Result<Reply, Error> {
    let kind = work.kind;
    let key = kind.mapping.view.encode_id(id).ok_or_else(|| kind.not_found(id))?;
    let gone = Reply { status: 204, location: None, body: bytes::Bytes::new() };
    let _alone = work.lock_id(id).await?;
    match once(work, (&key, id)).await {
        // Somebody else changed it between our read and our write: look again, once.
        Err(failure) if failure.is_changed_meanwhile() => once(work, (&key, id)).await?,
        done => done?,
    }
    Ok(gone)
}

async fn once(work: &mut Work<'_>, which: (&Value, &str)) -> Result<(), Error> {
    let kind = work.kind;
    match &kind.mapping.delete {
        Delete::None => Err(kind.unsupported("delete")),
        Delete::Set(values) => set(work, which, values).await,
        Delete::Calls(calls) => run(work, which, calls).await,
    }
}

/// Sets attributes through the planner: a soft delete. It is done only when the record, read again, shows it.
async fn set(work: &mut Work<'_>, (key, id): (&Value, &str), values: &[(usize, Value)]) -> Result<(), Error> {
    let kind = work.kind;
    let found = work.fetch(key, id, Parts::Own).await?.ok_or_else(|| kind.not_found(id))?;
    let record = found.get().ok_or_else(|| Error::answer("get", "the record is not JSON"))?;
    work.identify_by(record);
    let old = kind.mapping.view.read_with(record, found.kept());
    let mut new = old.clone();
    for (index, value) in values {
        if let Some(rule) = kind.mapping.view.rules.get(*index) {
            rule.set_in(&mut new, value.clone());
        }
    }
    let shown = match work.pursue((key, id), &found, &old, &new).await? {
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
            call.reads.drawn || { conditions }.any(asks) || call.sent_holes().chain(details).any(is_there)
        })
}

/// Runs the delete calls in order; the record is read first where a call, its idempotency key, `hide` or `protect` looks
/// at it.
async fn run(work: &mut Work<'_>, (key, id): (&Value, &str), calls: &[Call]) -> Result<(), Error> {
    let kind = work.kind;
    let looks = |call: &Call| call.reads.old || call.reads.record || call.reads.drawn || call.etag;
    let policies = &kind.mapping.policies;
    let decides = policies.hide.is_some() || policies.protect.is_some();
    let found = if decides || calls.iter().any(looks) {
        Some(work.fetch(key, id, Parts::Deleted).await?.ok_or_else(|| kind.not_found(id))?)
    } else {
        None
    };
    let old = found.as_ref().and_then(|found| found.get());
    if let Some(old) = old {
        kind.admit_change(old, found.as_ref().and_then(Found::kept))?;
        work.identify_by(old);
    }
    let nothing = Resource::new();
    let kept = found.as_ref().and_then(Found::kept);
    let etag = found.as_ref().and_then(Found::etag);
    let sight = Sight { id: Some(key), scim: &nothing, record: old.unwrap_or(&Value::Null), old, kept, etag };
    let mut done: Vec<&Call> = Vec::new();
    for call in calls {
        let scope = Scope { sent: old, ..sight.scope(work) };
        if call.when.as_ref().is_some_and(|when| !when.holds(&scope)) {
            continue;
        }
        match work.send(call, &scope).await {
            Ok(answer) => work.capture(call, &answer),
            Err(failure) => {
                let failure = if failure.is_not_found() { kind.not_found(id) } else { failure };
                let undos = done.iter().rev().filter_map(|call| Some((call.undo.as_deref()?, scope)));
                return Err(work.take_back(&undos.collect::<Vec<_>>(), failure).await);
            }
        }
        done.push(call);
    }
    // Nothing was deleted: no 204.
    if done.is_empty() { Err(kind.unsupported("delete")) } else { work.forget(id).await }
}
