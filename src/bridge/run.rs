//! The steps of a plan, one after the other, and what is taken back when one fails.

use std::borrow::Cow;
use std::time::Duration;

use http::HeaderValue;
use http::header::ETAG;
use serde_json::Value;
use tokio::time::Instant;

use crate::bridge::Error;
use crate::bridge::each::Ran;
use crate::bridge::plan::Step;
use crate::bridge::work::Work;
use crate::mapping::Call;
use crate::mapping::scope::Scope;
use crate::scim::Resource;
use crate::upstream::{self, Answer, Budget};

/// The time that taking back may need, beyond the operation's own deadline.
pub(crate) const UNDO_TIME: Duration = Duration::from_secs(10);

/// What all steps of a change see.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sight<'a> {
    /// The id in the upstream's type.
    pub(crate) id: Option<&'a Value>,
    /// The resource as it shall be.
    pub(crate) scim: &'a Resource,
    /// The record as it shall be.
    pub(crate) record: &'a Value,
    /// The record as it is, where it was read.
    pub(crate) old: Option<&'a Value>,
    /// What the bridge keeps, as it shall be.
    pub(crate) kept: Option<&'a Resource>,
    /// The ETag of the record as it was read.
    pub(crate) etag: Option<&'a HeaderValue>,
}

impl<'a> Sight<'a> {
    /// A scope of `work` with this sight.
    pub(crate) fn scope<'b>(&self, work: &'b Work<'_>) -> Scope<'b>
    where
        'a: 'b,
    {
        let Self { id, scim, record, old, kept, etag } = *self;
        Scope { id, scim: Some(scim), record: Some(record), old, kept, etag, ..work.scope() }
    }
}

/// The version (ETag) that the next call of an operation goes out with, where it has a condition at all.
pub(crate) struct Version(Option<HeaderValue>);

impl Version {
    /// The version of the record as it was read.
    pub(crate) fn read(etag: Option<&HeaderValue>) -> Self {
        Self(etag.cloned())
    }

    /// The version that the record is known to have; `None` where nobody knows.
    pub(crate) fn tag(&self) -> Option<&HeaderValue> {
        self.0.as_ref()
    }

    /// A call was made, and this was its answer; that of a call with `each` tells nothing.
    pub(crate) fn follow(&mut self, call: &Call, answer: Option<&Answer>) {
        if call.etag || call.each.is_some() {
            self.0 = answer.and_then(|answer| answer.headers.get(ETAG).cloned());
        }
    }
}

/// A step that was made, or may have been, with what its `undo` has to know.
enum Done<'s> {
    /// A single call and what it sent.
    Once(&'s Call, Option<Cow<'s, Value>>),
    /// The runs of a call with `each`.
    Each(&'s Call, Vec<Ran<'s>>),
}

impl Work<'_> {
    /// Runs the steps in order; gives the last answer, if the last step was a single call.
    ///
    /// A failing call with `each` leaves what its runs did (a repeat goes on from there); any other failure takes back the steps
    /// that were done, in reverse, and the failed one first where nobody knows whether it was carried out.
    ///
    /// # Errors
    /// The first failure.
    pub(crate) async fn run(&mut self, steps: &[Step<'_>], sight: Sight<'_>) -> Result<Option<Answer>, Error> {
        let (mut last, mut version, mut planned) = (None, Version::read(sight.etag), None);
        let mut done = Vec::with_capacity(steps.len());
        for step in steps {
            let outcome = if let Some(runs) = &step.runs {
                match self.run_each(step.call, runs, sight).await {
                    Err(failure) if !failure.is_planned() => return Err(failure),
                    ran => ran.map(|ran| {
                        done.push(Done::Each(step.call, ran));
                        None
                    }),
                }
            } else {
                self.run_once(step, Sight { etag: version.tag(), ..sight }, &mut done).await.map(Some)
            };
            match outcome {
                Ok(answer) => {
                    version.follow(step.call, answer.as_ref());
                    last = answer;
                }
                Err(failure) if failure.is_planned() => planned = planned.or(Some(failure)),
                Err(failure) => return Err(self.undo(&done, sight, failure).await),
            }
        }
        planned.map_or(Ok(last), Err)
    }

    async fn run_once<'s>(
        &mut self,
        step: &'s Step<'_>,
        sight: Sight<'_>,
        done: &mut Vec<Done<'s>>,
    ) -> Result<Answer, Error> {
        let sent = match step.sent.as_ref() {
            Some(sent) => Some(with_added(step.call, Cow::Borrowed(sent), &sight.scope(self))?),
            None => None,
        };
        let scope = Scope { sent: sent.as_deref(), ..sight.scope(self) };
        let outcome = self.send(step.call, &scope).await;
        if outcome.as_ref().err().is_none_or(Error::may_be_done) {
            done.push(Done::Once(step.call, sent));
        }
        let answer = outcome?;
        self.capture(step.call, &answer);
        Ok(answer)
    }

    /// Keeps what a call captures, for later calls.
    pub(crate) fn capture(&mut self, call: &Call, answer: &Answer) {
        if !call.capture.is_empty() {
            self.got.extend(answer.captured(call));
        }
    }

    /// Takes back done steps in reverse; gives the failure to report.
    async fn undo(&self, done: &[Done<'_>], sight: Sight<'_>, failure: Error) -> Error {
        let mut undos = Vec::new();
        for step in done.iter().rev() {
            match step {
                Done::Once(call, sent) => {
                    let undo = call.undo.as_deref();
                    undos.extend(undo.map(|undo| (undo, Scope { sent: sent.as_deref(), ..sight.scope(self) })));
                }
                Done::Each(call, ran) => {
                    let Some(undo) = call.undo.as_deref() else { continue };
                    undos.extend(ran.iter().rev().map(|ran| (undo, ran.scope(sight.scope(self)))));
                }
            }
        }
        self.take_back(&undos, failure).await
    }

    /// Runs compensations in this order, in a time of their own; gives the failure to report. One that fails does not keep the
    /// next ones from being tried: it is for a person to look at.
    pub(crate) async fn take_back(&self, undos: &[(&Call, Scope<'_>)], failure: Error) -> Error {
        let budget = Budget { deadline: Instant::now() + UNDO_TIME, ..self.budget.unbounded() };
        let mut failed = None;
        for (undo, scope) in undos {
            if let Err(error) = self.upstream().send(undo, scope, &budget).await {
                tracing::error!(call = undo.label, %error, request.id = self.budget.trace.id, "undo failed, needs attention");
                failed.get_or_insert(&undo.label);
            }
        }
        match failed {
            Some(undo) => Error::NotUndone { failure: Box::new(failure), undo: undo.clone() },
            None => failure,
        }
    }
}

/// What a call sends of the record, with the fields that `add` puts where it has none.
///
/// # Errors
/// [`Error::Upstream`] when a hole of `add` has no value.
pub(crate) fn with_added<'r>(call: &Call, record: Cow<'r, Value>, scope: &Scope<'_>) -> Result<Cow<'r, Value>, Error> {
    let Some(add) = &call.add else { return Ok(record) };
    let added = add.fill(scope);
    let added = added.map_err(|source| upstream::Error::Fill { call: call.label.clone(), source })?;
    let mut record = record.into_owned();
    complete(&mut record, added.unwrap_or_default());
    Ok(Cow::Owned(record))
}

/// Puts into a record what it does not have, at any depth of objects.
fn complete(record: &mut Value, added: Value) {
    let (Value::Object(fields), Value::Object(added)) = (record, added) else { return };
    for (name, value) in added {
        match fields.get_mut(&name) {
            Some(field) => complete(field, value),
            None => {
                fields.insert(name, value);
            }
        }
    }
}
