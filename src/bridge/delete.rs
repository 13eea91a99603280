//! DELETE: calls, or attributes set through the planner.

use serde_json::Value;

use crate::bridge::Error;
use crate::bridge::fetch::Parts;
use crate::bridge::operation::Reply;
use crate::bridge::run::Sight;
use crate::bridge::work::Work;
use crate::mapping::Call;
use crate::mapping::compile::Delete;
use crate::mapping::scope::Scope;
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
    match &kind.mapping.delete {
        Delete::None => return Err(kind.unsupported("delete")),
        Delete::Set(values) => set(work, (&key, id), values).await?,
        Delete::Calls(calls) => run(work, (&key, id), calls).await?,
    }
    Ok(gone)
}

/// Sets attributes through the planner: a soft delete.
async fn set(work: &mut Work<'_>, (key, id): (&Value, &str), values: &[(usize, Value)]) -> Result<(), Error> {
    let kind = work.kind;
    let found = work.fetch(key, id, Parts::All).await?.ok_or_else(|| kind.not_found(id))?;
    let record = found.get().ok_or_else(|| Error::answer("get", "the record is not JSON"))?;
    let old = kind.mapping.view.read(record);
    let mut new = old.clone();
    for (index, value) in values {
        if let Some(rule) = kind.mapping.view.rules.get(*index) {
            rule.set_in(&mut new, value.clone());
        }
    }
    work.pursue((key, id), record, &old, &new).await?;
    Ok(())
}

/// Runs the delete calls in order; the record is read first where a call, or `hide`, looks at it.
async fn run(work: &mut Work<'_>, (key, id): (&Value, &str), calls: &[Call]) -> Result<(), Error> {
    let kind = work.kind;
    let read_first = kind.mapping.hide.is_some() || calls.iter().any(|call| call.reads.old || call.reads.record);
    let found = match read_first {
        true => Some(work.fetch(key, id, Parts::All).await?.ok_or_else(|| kind.not_found(id))?),
        false => None,
    };
    let old = found.as_ref().and_then(|found| found.get());
    let nothing = Resource::new();
    for call in calls {
        let sight = Sight { id: Some(key), scim: &nothing, record: old.unwrap_or(&Value::Null), old };
        let scope = Scope { sent: old, ..sight.scope(work) };
        if call.when.as_ref().is_some_and(|when| !when.holds(&scope)) {
            continue;
        }
        let answer = work.send(call, &scope).await;
        let answer = answer.map_err(|failure| if failure.is_not_found() { kind.not_found(id) } else { failure })?;
        work.capture(call, &answer);
    }
    Ok(())
}
