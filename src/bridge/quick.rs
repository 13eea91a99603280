//! Usual writes without values: what is sent is made of the body's text, and the answer judged by its own.
//!
//! Whatever is not usual, before a call or after it, is for the ways on values, which go on from here.

use http::header::ETAG;
use serde_json::Value;

use crate::bridge::brake::Removal;
use crate::bridge::kind::Record;
use crate::bridge::lock::Guard;
use crate::bridge::operation::Reply;
use crate::bridge::version::Known;
use crate::bridge::work::Work;
use crate::bridge::{Error, blind};
use crate::mapping::call::Send;
use crate::mapping::compile::policy::{Existing, Policies};
use crate::mapping::read::Glance;
use crate::mapping::rule::Holds;
use crate::mapping::scope::Scope;
use crate::mapping::write::{Asked, Change, ChangePlan, Draft, WritePlan};
use crate::mapping::{Call, TypeMapping};
use crate::scim::Projection;
use crate::upstream::Answer;

/// How far a create came without values.
pub(crate) enum Quick<'k> {
    /// The resource is there, as it was asked.
    Done(Reply),
    /// The create call was made, under this lock on the key; what came of it is for values.
    Tried(Box<Result<Answer, Error>>, Option<Guard<'k>>),
    /// Nothing was done.
    Not,
}

/// How far a PATCH came without values.
pub(crate) enum QuickPatch<'k> {
    /// The resource is as it was asked.
    Done(Reply),
    /// The record was read.
    Read(Box<Answer>),
    /// The record was read, and this call made that carries all changes: both answers.
    Tried(Box<(Answer, Answer)>, &'k Call),
}

/// How a usual PATCH is made.
#[derive(Debug)]
pub(crate) struct Changes {
    plan: ChangePlan,
    /// For each rule: the index of the one update call that carries it and sends what changed; `None` where it is more than that.
    calls: Vec<Option<usize>>,
}

/// Which update call carries a change.
enum Carrier {
    /// None: nothing changes.
    Nothing,
    /// The one with this index carries all of it.
    One(usize),
    /// It takes more than one plain call.
    Several,
}

/// The plan of changes that are one plain call each; `None` where there are none.
pub(crate) fn changes(mapping: &TypeMapping) -> Option<Changes> {
    let Policies { hide: None, protect: None, existing: _, looks_first: _ } = &mapping.policies else { return None };
    // The plan reads first.
    if keeps(mapping) || blind::is_possible(mapping) {
        return None;
    }
    let call_of = |rule: usize| {
        let mut carrying = mapping.update.iter().enumerate().filter(|(_, call)| call.carries.contains(&rule));
        match (carrying.next(), carrying.next()) {
            // What may have been made is taken back on the way on values.
            (Some((index, call)), None) => {
                (is_plain(call) && call.undo.is_none() && call.send == Send::Changed).then_some(index)
            }
            (_, Some(_)) | (None, _) => None,
        }
    };
    let calls: Vec<_> = (0..mapping.view.rules.len()).map(call_of).collect();
    let plan = ChangePlan::compile(&mapping.view).filter(|_| calls.iter().any(Option::is_some))?;
    Some(Changes { plan, calls })
}

/// The plan of a create that is one plain call; `None` where a create is more than that.
pub(crate) fn create_plan(mapping: &TypeMapping) -> Option<WritePlan> {
    let Policies { hide: None, protect: _, existing: Existing::Reject, looks_first: false } = &mapping.policies else {
        return None;
    };
    let ([call], Some(_)) = (mapping.create.as_slice(), &mapping.plan) else { return None };
    if !is_plain(call) || keeps(mapping) {
        return None;
    }
    let plan = WritePlan::compile(&mapping.view, &mapping.constants)?;
    let sends_all = plan.rules().all(|rule| call.carries.contains(&rule));
    sends_all.then_some(plan)
}

/// Whether a resource has values that are no part of the record: kept ones, and lists that others hold.
fn keeps(mapping: &TypeMapping) -> bool {
    mapping.view.rules.iter().any(|rule| rule.beside.is_some() || rule.holds == Holds::Inverse)
}

/// Whether a call always runs, and needs to know of the operation no more than the id and the record that it sends.
fn is_plain(call: &Call) -> bool {
    // Whatever else a call comes to say has to be looked at here.
    let Call {
        label: _,
        method: _,
        origin: _,
        path: _,
        query: _,
        headers: _,
        body: _,
        format: _,
        form: _,
        purpose: _,
        send: _,
        drop,
        add,
        item: _,
        items: _,
        into: _,
        total: _,
        counted: _,
        next: _,
        sorts: _,
        page_first: _,
        page_size: _,
        complete: _,
        carries: _,
        specific: _,
        blind: _,
        each,
        batch: _,
        before: _,
        when,
        capture,
        undo: _,
        idempotent: _,
        xml: _,
        etag,
        errors: _,
        filters: _,
        slots: _,
        reads,
        span: _,
    } = call;
    let looks = reads.scim || reads.old || reads.fields;
    drop.is_empty() && add.is_none() && each.is_none() && when.is_none() && capture.is_empty() && !etag && !looks
}

impl Work<'_> {
    /// Whether somebody wants to see values on the way.
    fn is_watched(&self) -> bool {
        self.bridge.witness.is_some() || self.upstream().is_rehearsed() || self.plans()
    }
}

/// Creates a resource, if the body is a usual one.
///
/// # Errors
/// [`Error::Locked`].
pub(crate) async fn create<'k>(work: &mut Work<'k>, body: &[u8], projection: &Projection) -> Result<Quick<'k>, Error> {
    let mapping = &work.kind.mapping;
    let (Some(plan), Some(call), false) = (&work.kind.quick_create, mapping.create.first(), work.is_watched()) else {
        return Ok(Quick::Not);
    };
    let Some(draft) = plan.draft(body) else { return Ok(Quick::Not) };
    work.ignored(draft.ignored.iter().copied());
    let alone = match mapping.key.and_then(|rule| plan.text_of(&draft, rule)) {
        Some(key) => Some(work.lock_key(key).await?),
        None => None,
    };
    let scope = Scope { text: Some(&draft.record), ..work.scope() };
    let outcome = work.send(call, &scope).await;
    let shown = outcome.as_ref().ok().and_then(|answer| created(work, (plan, &draft), (call, answer), projection));
    Ok(shown.map_or_else(|| Quick::Tried(Box::new(outcome), alone), Quick::Done))
}

/// The reply, where the answer is the resource with every value that was asked.
fn created(
    work: &Work<'_>,
    (plan, draft): (&WritePlan, &Draft<'_>),
    (call, answer): (&Call, &Answer),
    projection: &Projection,
) -> Option<Reply> {
    let kind = work.kind;
    let read = kind.mapping.plan.as_ref()?;
    let glance = read.glance(answer.item_text(call)?)?;
    if !plan.is_met(draft, read, &glance) {
        return None;
    }
    let known = Known { whole: kind.in_one_call && read.tells_all(&glance), etag: answer.headers.get(ETAG) };
    let shown = Record::Seen(&glance).show(kind, projection, known).ok()?;
    kind.mapping.view.encode_id(&shown.id)?;
    Some(shown.created(kind))
}

/// What a PATCH asks, if it is a usual one and one call reads the record.
pub(crate) fn asked<'b>(work: &Work<'b>, message: &'b [u8]) -> Option<Asked<'b>> {
    let kind = work.kind;
    // An idempotency key is made of the record's value, too.
    if !kind.in_one_call || kind.plans_on_all || kind.asks.operation_id || work.is_watched() {
        return None;
    }
    kind.changes.as_ref()?.plan.read(message)
}

/// Changes a resource.
///
/// # Errors
/// 404, or whatever the upstream answers.
pub(crate) async fn patch<'k>(
    work: &Work<'k>,
    (key, id): (&Value, &str),
    asked: &Asked<'_>,
    projection: &Projection,
) -> Result<Option<QuickPatch<'k>>, Error> {
    let kind = work.kind;
    let (Some(changes), Some(plan), Some(get)) = (&kind.changes, &kind.mapping.plan, kind.mapping.get.first()) else {
        return Ok(None);
    };
    let read = match work.send(get, &Scope { id: Some(key), ..work.scope() }).await {
        Ok(answer) => answer,
        Err(failure) if failure.is_not_found() && work.is_fresh(id) => return Ok(None),
        Err(failure) if failure.is_not_found() => return Err(kind.not_found(id)),
        Err(failure) => return Err(failure),
    };
    let planned = read.item_text(get).and_then(|text| plan.glance(text)).and_then(|before| {
        plan.id_of(&before).filter(|seen| seen == id)?;
        let change = changes.plan.of(asked, plan, &before)?;
        let call = match changes.carrier(&change) {
            Carrier::Nothing => None,
            Carrier::One(call) => Some(call),
            Carrier::Several => return None,
        };
        Some((before, change, call))
    });
    let Some((before, change, call)) = planned else { return Ok(Some(QuickPatch::Read(Box::new(read)))) };
    work.ignored(asked.ignored().iter().copied());
    let Some(call) = call.and_then(|call| kind.mapping.update.get(call)) else {
        let reply = shown(work, (&read, &before), id, projection);
        return Ok(Some(reply.map_or(QuickPatch::Read(Box::new(read)), QuickPatch::Done)));
    };
    let scope = Scope { id: Some(key), text: Some(&change.sent), ..work.scope() };
    let is_deactivation = kind.active.is_some_and(|active| changes.plan.makes(asked, &change, active, "false"));
    let passage = if is_deactivation { work.brake(id, Removal::Deactivation)? } else { None };
    let outcome = work.send(call, &scope).await;
    Work::passed(passage, &outcome);
    let answer = outcome?;
    let after = if call.specific { None } else { answer.item_text(call).and_then(|text| plan.glance(text)) };
    let made = after.filter(|after| changes.plan.is_made(&change, plan, &before, after));
    let reply = made.and_then(|after| shown(work, (&answer, &after), id, projection));
    Ok(Some(reply.map_or_else(|| QuickPatch::Tried(Box::new((read, answer)), call), QuickPatch::Done)))
}

impl Changes {
    /// Which call carries a change.
    fn carrier(&self, change: &Change<'_>) -> Carrier {
        let mut calls = change.rules().map(|rule| self.calls.get(rule).copied().flatten());
        match calls.next() {
            None => Carrier::Nothing,
            Some(Some(first)) if calls.all(|call| call == Some(first)) => Carrier::One(first),
            Some(_) => Carrier::Several,
        }
    }
}

/// 200 with the resource that a record shows, if it has this id.
fn shown(
    work: &Work<'_>,
    (answer, record): (&Answer, &Glance<'_>),
    id: &str,
    projection: &Projection,
) -> Option<Reply> {
    // The answer has every field that the record had when it was read.
    let known = Known { whole: true, etag: answer.headers.get(ETAG) };
    let shown = Record::Seen(record).show(work.kind, projection, known).ok()?;
    (shown.id == id).then(|| shown.reply())
}
