//! Changes of a tenant that only plans: what they would send is told, and nothing is sent.
//!
//! Reads go out as ever, and the planner is the real one. [`Upstream`](crate::upstream::Upstream) refuses every other call, and
//! notes it; the operation goes on to the next one as far as it can know without an answer.

use crate::bridge::create::{Asked, Created, Draft};
use crate::bridge::fetch::Found;
use crate::bridge::operation::Reply;
use crate::bridge::run::{Sight, with_added};
use crate::bridge::work::Work;
use crate::bridge::{Error, adopt, settle};
use crate::mapping::Call;
use crate::mapping::scope::Scope;
use crate::scim::{Projection, Resource};

/// Ids that a new resource might have, in the types that upstreams use.
const NEW_IDS: [&str; 2] = ["new", "1"];

impl Work<'_> {
    /// Whether changes are only planned.
    pub(crate) fn plans(&self) -> bool {
        self.budget.intent.is_some()
    }

    /// How a change ends. Where changes are only planned, none ends well: what it would have sent is logged and told.
    ///
    /// # Errors
    /// [`Error::Planned`], or the failure that no change would have got past.
    pub(crate) fn told(&self, operation: &'static str, outcome: Result<Reply, Error>) -> Result<Reply, Error> {
        let Some(intent) = &self.budget.intent else { return outcome };
        let calls = intent.noted();
        if let Err(failure) = outcome
            && !failure.is_planned()
            && (calls.is_empty() || !may_follow_a_plan(&failure))
        {
            return Err(failure);
        }
        tracing::info!(
            tenant = self.bridge.tenant,
            operation,
            scim.resource_type = self.kind.name(),
            calls = calls.join(", "),
            request.id = self.budget.trace.id,
            "planned, not sent"
        );
        Err(Error::Planned { calls })
    }
}

/// Whether a failure may come of calls that were not made: nothing answered them, so nothing could be captured or read back.
fn may_follow_a_plan(failure: &Error) -> bool {
    match failure {
        Error::Upstream(crate::upstream::Error::Fill { .. })
        | Error::Planned { .. }
        | Error::Answer { .. }
        | Error::NotApplied
        | Error::Unknown(_)
        | Error::NotFound { .. }
        | Error::Unsupported { .. } => true,
        Error::Upstream(_)
        | Error::Request(_)
        | Error::Protected { .. }
        | Error::Locked { .. }
        | Error::Held { .. }
        | Error::Element { .. }
        | Error::Store(_)
        | Error::NotUndone { .. } => false,
    }
}

/// A create that is only planned: 409 where the key is taken, or the plan of taking over who has it; else the create calls, and
/// the calls that bring what those do not carry.
///
/// # Errors
/// Always: what was planned, or what a create would have failed with.
pub(crate) async fn create(
    work: &mut Work<'_>,
    draft: &Draft,
    asked: Asked,
    projection: &Projection,
) -> Result<Reply, Error> {
    let kind = work.kind;
    match work.find_existing(&draft.new).await {
        Ok(Some(existing)) => return adopt::adopt(work, existing, (asked, adopt::taken(kind)), projection).await,
        Ok(None) => {}
        // Nothing can look for it, or the API does not take the question, which a create itself would not have asked.
        Err(failure) if !kind.mapping.policies.looks_first && is_no_answer(&failure) => {}
        Err(failure) => return Err(failure),
    }
    let (mut done, mut planned): (Vec<&Call>, Option<Error>) = (Vec::new(), None);
    for call in &kind.mapping.create {
        let sent = work.sent(call, draft)?;
        let sight = Sight {
            id: None,
            scim: &draft.new,
            record: &draft.record,
            old: None,
            kept: draft.kept.as_ref(),
            etag: None,
        };
        if call.when.as_ref().is_some_and(|when| !when.holds(&sight.scope(work))) {
            continue;
        }
        let sent = with_added(call, sent, &sight.scope(work))?;
        let scope = Scope { sent: Some(sent.as_ref()), ..sight.scope(work) };
        match work.send(call, &scope).await {
            Err(failure) if failure.is_planned() => planned = planned.or(Some(failure)),
            Err(failure) => return Err(failure),
            // It cannot be, and were it so, the call is at least told.
            Ok(_) => {}
        }
        done.push(call);
    }
    let Some(planned) = planned else { return Err(kind.unsupported("create")) };
    let created = made_up(work, draft, &done)?;
    match settle::run(work, draft, (&created, &done), projection).await {
        Ok(_) => {}
        Err(failure) if failure.is_planned() || may_follow_a_plan(&failure) => {}
        Err(failure) => return Err(failure),
    }
    if let Some(kept) = &draft.kept {
        work.keep(&created.id, kept.clone()).await?;
        work.change_inverse(&created.id, &Resource::new(), &draft.new).await?;
    }
    Err(planned)
}

/// Whether a look-up failed in a way that says nothing of a create.
fn is_no_answer(failure: &Error) -> bool {
    use crate::upstream::Error::{Answered, Failed, Unreadable};
    matches!(
        failure,
        Error::Request(_) | Error::Answer { .. } | Error::Upstream(Failed { .. } | Answered { .. } | Unreadable { .. })
    )
}

/// The record as the create calls leave it. A new user is active unless that was sent.
fn made_up(work: &Work<'_>, draft: &Draft, done: &[&Call]) -> Result<Created, Error> {
    let view = &work.kind.mapping.view;
    let mut record = work.carried_by(done, draft)?;
    if let Some(index) = work.kind.active
        && let Some(rule) = view.rules.get(index)
        && !done.iter().any(|call| call.carries.contains(&index))
    {
        // A mapping in which nothing stands for an active user needs nothing written.
        let _ = rule.put(&mut record, Some(&true.into()));
    }
    let known = NEW_IDS.iter().find_map(|id| Some((view.encode_id(id)?, (*id).to_owned())));
    let (key, id) = known.unwrap_or_default();
    Ok(Created { key, id, shown: Some(Found::value(record)) })
}
