//! After the create calls: what was asked and is not there yet goes through the update planner.

use http::HeaderValue;
use serde_json::Value;

use crate::bridge::Error;
use crate::bridge::create::{Created, Draft, take_back};
use crate::bridge::fetch::{Found, Parts};
use crate::bridge::plan::{self, Change};
use crate::bridge::run::Sight;
use crate::bridge::update::Made;
use crate::bridge::work::Work;
use crate::mapping::Call;
use crate::mapping::call::Each;
use crate::scim::schema::Mutability;
use crate::scim::{Projection, Resource};

/// Why a created record is not as it was asked.
#[derive(Debug)]
pub(crate) struct Unsettled {
    /// The failure.
    pub(crate) failure: Error,
    /// Whether the resource stays all the same: for a repeat to go on from there, or because others still hold it.
    pub(crate) stays: bool,
}

/// Brings a created record to what was asked; gives the record as it is at the end.
///
/// # Errors
/// The first failure; the create calls are then taken back where they say how.
pub(crate) async fn settle(
    work: &mut Work<'_>,
    draft: &Draft,
    mut created: Created,
    done: &[&Call],
    projection: &Projection,
) -> Result<Found, Error> {
    let mut attempts = work.attempts();
    let settled = loop {
        match run(work, draft, (&created, done), projection).await {
            // What the create showed is so no longer.
            Err(failure) if attempts.again(work, &failure) => created.shown = None,
            ended => break ended,
        }
    };
    let settled = match settled {
        // An upstream may use an id again: what was kept of another one goes.
        Ok(found) => beside(work, &created.id, (draft, done)).await.map(|()| found),
        Err(failure) => Err(Unsettled { stays: stays(work, &failure), failure }),
    };
    let found = match settled {
        Ok(Some(found)) => found,
        Ok(None) => created.shown.unwrap_or_else(|| under_id(work, draft.record.clone(), &created.key)),
        Err(Unsettled { failure, stays: true }) => return Err(failure),
        Err(Unsettled { failure, stays: false }) => {
            return Err(take_back(work, done, Some(&created), (draft, failure)).await);
        }
    };
    Ok(match &draft.kept {
        // Lists that others hold are in the order of those others.
        Some(kept) => {
            let whole = found.known().whole && work.kind.mapping.inverse.is_empty();
            found.beside(kept.clone()).with_whole(whole)
        }
        None => found,
    })
}

/// Out of time among many elements: what is there stays, for the client to go on from. Starting over would end there too.
fn stays(work: &Work<'_>, failure: &Error) -> bool {
    matches!(failure, Error::Element { .. }) && work.left().is_zero()
}

/// Brings what the record has no place for to where it belongs: into the store, and into the lists of other resources.
async fn beside(work: &Work<'_>, id: &str, (draft, done): (&Draft, &[&Call])) -> Result<(), Unsettled> {
    let Some(kept) = &draft.kept else { return Ok(()) };
    work.keep(id, kept.clone()).await.map_err(|failure| Unsettled { failure, stays: false })?;
    let is_taken_back = done.iter().any(|call| call.undo.is_some());
    work.give_inverse(id, &draft.new, |failure| !is_taken_back || stays(work, failure)).await
}

/// A sent record under its id: what stands for the record while the upstream does not show it yet.
fn under_id(work: &Work<'_>, mut record: Value, key: &Value) -> Found {
    let view = &work.kind.mapping.view;
    if let Some(path) = view.rules.get(view.id).and_then(|rule| rule.read_at.as_ref()) {
        path.put(&mut record, key.clone());
    }
    Found::value(record)
}

/// The record after settling; `None` when the created one already is what was asked and was shown by the create's answer.
///
/// # Errors
/// The first failure.
pub(crate) async fn run(
    work: &mut Work<'_>,
    draft: &Draft,
    (created, done): (&Created, &[&Call]),
    projection: &Projection,
) -> Result<Option<Found>, Error> {
    let kind = work.kind;
    let read = match &created.shown {
        Some(_) => None,
        None => Some(match work.fetch(&created.key, &created.id, Parts::All).await? {
            Some(found) => found,
            None => under_id(work, work.carried_by(done, draft)?, &created.key),
        }),
    };
    let Some(found) = read.as_ref().or(created.shown.as_ref()) else { return Ok(None) };
    let record = found.get().ok_or_else(|| Error::answer("create", "the record is not JSON"))?;
    let open = open_rules(work, draft, record);
    if open.is_empty() {
        work.check_active(&draft.new, found)?;
        return Ok(read);
    }
    let old = kind.mapping.view.read(record);
    let shown = match change(work, (draft, created), (record, found.etag()), (&old, &open)).await? {
        Made::Nothing => {
            work.check_active(&draft.new, found)?;
            return Ok(read);
        }
        Made::Changed(Some(shown)) => shown,
        Made::Changed(None) => match work.fetch(&created.key, &created.id, Parts::For(projection)).await? {
            Some(shown) => shown,
            None => under_id(work, draft.record.clone(), &created.key),
        },
    };
    work.check_active(&draft.new, &shown)?;
    Ok(Some(shown))
}

/// The rules whose value was asked and is not there yet, and that an update call can bring there.
fn open_rules(work: &Work<'_>, draft: &Draft, record: &Value) -> Vec<usize> {
    let mapping = &work.kind.mapping;
    let carried = |calls: &[Call], index: usize| calls.iter().any(|call| call.carries.contains(&index));
    let specific = |index: usize| mapping.update.iter().any(|call| call.specific && call.carries.contains(&index));
    let mut open = Vec::new();
    for (index, rule) in mapping.view.rules.iter().enumerate() {
        let Some(asked) = rule.found_in(&draft.new) else { continue };
        let sent = carried(&mapping.create, index);
        if rule.is_inverse() {
            continue;
        }
        if rule.is_kept() && !carried(&mapping.update, index) {
            continue;
        }
        let there = if rule.is_shown() { rule.is_same(rule.get(record).as_ref(), Some(&asked)) } else { sent };
        if rule.mutability == Mutability::ReadOnly || there {
            continue;
        }
        let for_it =
            if sent && work.kind.active != Some(index) { specific(index) } else { carried(&mapping.update, index) };
        let asked_by_client = !draft.defaulted.contains(&index);
        if for_it && (asked_by_client || !sent) {
            open.push(index);
        } else if sent {
            tracing::debug!(attribute = rule.name, "the upstream shows another value than was sent");
        } else {
            tracing::warn!(attribute = rule.name, "no call carries the attribute after a create");
        }
    }
    open
}

/// Runs the update calls that carry the open rules, but none that removes elements: what the upstream put there itself stays.
async fn change(
    work: &mut Work<'_>,
    (draft, created): (&Draft, &Created),
    (old_record, etag): (&Value, Option<&HeaderValue>),
    (old, open): (&Resource, &[usize]),
) -> Result<Made, Error> {
    let kind = work.kind;
    let view = &kind.mapping.view;
    let mut record = old_record.clone();
    for rule in open.iter().filter_map(|index| view.rules.get(*index)) {
        rule.put(&mut record, rule.value_in(&draft.new).as_ref())?;
    }
    let change =
        Change { view, get: &kind.mapping.get, old_record, old, new: &draft.new, record: &record, changed: open };
    let sight = Sight {
        id: Some(&created.key),
        scim: &draft.new,
        record: &record,
        old: Some(old_record),
        kept: draft.kept.as_ref(),
        etag,
    };
    let mut steps = plan::plan(&kind.mapping.update, &change, &sight.scope(work))?;
    steps.retain(|step| step.call.each != Some(Each::Removed));
    work.tell_planned((old, &draft.new), open, &steps);
    let Some(last) = steps.last() else { return Ok(Made::Nothing) };
    let shown = match work.run(&steps, sight).await? {
        Some(answer) if !last.call.specific => {
            work.shown_by(last.call, &answer, (&created.key, &created.id), (&draft.new, None))
        }
        _ => None,
    };
    Ok(Made::Changed(shown.map(|shown| work.judged(shown, None))))
}
