//! The steps of a plan, one after the other, and what is taken back when one fails.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde_json::Value;
use tokio::time::Instant;

use crate::bridge::Error;
use crate::bridge::plan::{Run, Step};
use crate::bridge::work::Work;
use crate::mapping::Call;
use crate::mapping::scope::Scope;
use crate::scim::Resource;
use crate::upstream::{Answer, Budget};

/// The time that taking back may need, beyond the operation's own deadline.
const UNDO_TIME: Duration = Duration::from_secs(10);

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
}

impl<'a> Sight<'a> {
    /// A scope of `work` with this sight.
    pub(crate) fn scope<'b>(&self, work: &'b Work<'_>) -> Scope<'b>
    where
        'a: 'b,
    {
        let Self { id, scim, record, old, kept } = *self;
        Scope { id, scim: Some(scim), record: Some(record), old, kept, ..work.scope() }
    }
}

impl Work<'_> {
    /// Runs the steps in order; gives the last answer, if the last step was a single call.
    ///
    /// A failing call with `each` leaves what its runs did (a repeat goes on from there); any other failure takes back the steps
    /// that were done, in reverse.
    ///
    /// # Errors
    /// The first failure.
    pub(crate) async fn run(&mut self, steps: &[Step<'_>], sight: Sight<'_>) -> Result<Option<Answer>, Error> {
        let mut last = None;
        for (index, step) in steps.iter().enumerate() {
            let outcome = match &step.runs {
                Some(runs) => self.run_each(step.call, runs, sight).await.map(|()| None),
                None => self.run_once(step, sight).await.map(Some),
            };
            match outcome {
                Ok(answer) => last = answer,
                Err(failure) if step.runs.is_some() => return Err(failure),
                Err(failure) => return Err(self.undo(&steps[..index], sight, failure).await),
            }
        }
        Ok(last)
    }

    async fn run_once(&mut self, step: &Step<'_>, sight: Sight<'_>) -> Result<Answer, Error> {
        let scope = Scope { sent: step.sent.as_ref(), ..sight.scope(self) };
        let answer = self.send(step.call, &scope).await?;
        self.capture(step.call, &answer);
        Ok(answer)
    }

    /// Keeps what a call captures, for later calls.
    pub(crate) fn capture(&mut self, call: &Call, answer: &Answer) {
        if !call.capture.is_empty() {
            self.got.extend(answer.captured(call));
        }
    }

    /// One call per element, `limits.concurrent` at a time. After a failure no further run starts; those under way end.
    async fn run_each(&self, call: &Call, runs: &[Run], sight: Sight<'_>) -> Result<(), Error> {
        let mut waiting = runs.iter();
        let mut under_way = FuturesUnordered::new();
        let mut failure = None;
        loop {
            while failure.is_none() && under_way.len() < self.bridge.settings.limits.concurrent {
                let Some(run) = waiting.next() else { break };
                under_way.push(self.run_element(call, run, sight));
            }
            match under_way.next().await {
                None => break,
                Some(Ok(())) => {}
                Some(Err(error)) => failure = failure.or(Some(error)),
            }
        }
        failure.map_or(Ok(()), Err)
    }

    async fn run_element(&self, call: &Call, run: &Run, sight: Sight<'_>) -> Result<(), Error> {
        let scope = Scope { item: Some(&run.item), ..sight.scope(self) };
        match self.upstream().send(call, &scope, &self.budget).await {
            Ok(_) => Ok(()),
            Err(source) => {
                let attribute = call.carries.first().and_then(|rule| self.kind.mapping.view.rules.get(*rule));
                let attribute = attribute.map_or_else(String::new, |rule| rule.name.clone());
                Err(Error::Element { attribute, value: run.value.clone(), source })
            }
        }
    }

    /// Takes back done steps in reverse; gives the failure to report.
    async fn undo(&self, done: &[Step<'_>], sight: Sight<'_>, failure: Error) -> Error {
        let mut undos = Vec::new();
        for step in done.iter().rev() {
            let Some(undo) = step.call.undo.as_deref() else { continue };
            match &step.runs {
                None => undos.push((undo, Scope { sent: step.sent.as_ref(), ..sight.scope(self) })),
                Some(runs) => {
                    let scopes = runs.iter().rev().map(|run| Scope { item: Some(&run.item), ..sight.scope(self) });
                    undos.extend(scopes.map(|scope| (undo, scope)));
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
