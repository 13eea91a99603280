//! Calls with `each`: the runs, what comes before each of them, and what each captures.

use std::collections::BTreeMap;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde_json::Value;

use crate::bridge::Error;
use crate::bridge::run::Sight;
use crate::bridge::runs::Run;
use crate::bridge::work::Work;
use crate::mapping::Call;
use crate::mapping::call::Each;
use crate::mapping::scope::Scope;
use crate::upstream::Outcome;
use crate::{scim, upstream};

/// The values named in a message at most.
const NAMED: usize = 3;

/// A run that was made, and what it captured where that is more than the operation knew.
#[derive(Debug)]
pub(crate) struct Ran<'r> {
    run: &'r Run,
    got: Option<BTreeMap<String, Value>>,
}

impl Ran<'_> {
    /// A scope as this run saw it at its end.
    pub(crate) fn scope<'b>(&'b self, scope: Scope<'b>) -> Scope<'b> {
        let scope = self.run.scope(scope);
        Scope { got: self.got.as_ref().or(scope.got), ..scope }
    }
}

impl Run {
    /// A scope with this run's element.
    fn scope<'b>(&'b self, scope: Scope<'b>) -> Scope<'b> {
        Scope { item: Some(&self.item), batch: self.batch.as_ref(), ..scope }
    }
}

impl Work<'_> {
    /// The runs of a call: `limits.concurrent` at a time, changed fields one after the other. After a failure no further run
    /// starts; those under way end. Gives the runs that did something, in order.
    ///
    /// # Errors
    /// The first failure that leaves open whether its run was made, else the first one.
    pub(crate) async fn run_each<'r>(
        &self,
        call: &Call,
        runs: &'r [Run],
        sight: Sight<'_>,
    ) -> Result<Vec<Ran<'r>>, Error> {
        let at_once = match call.each {
            Some(Each::Added | Each::Removed) => self.bridge.settings.limits.concurrent,
            Some(Each::Changed) | None => 1,
        };
        let mut waiting = runs.iter().enumerate();
        let mut under_way = FuturesUnordered::new();
        let mut ran = Vec::new();
        let (mut failure, mut planned) = (None, None);
        loop {
            while failure.is_none() && under_way.len() < at_once {
                let Some((index, run)) = waiting.next() else { break };
                under_way.push(async move { self.run_one(call, run, sight).await.map(|ran| (index, ran)) });
            }
            match under_way.next().await {
                None => break,
                Some(Ok((index, made))) => ran.extend(made.map(|made| (index, made))),
                Some(Err(error)) if error.is_planned() => planned = planned.or(Some(error)),
                Some(Err(error)) => failure = Some(worse(failure, error)),
            }
        }
        ran.sort_unstable_by_key(|(index, _)| *index);
        failure.or(planned).map_or_else(|| Ok(ran.into_iter().map(|(_, ran)| ran).collect()), Err)
    }

    /// One run; `None` where there was nothing to do.
    async fn run_one<'r>(&self, call: &Call, run: &'r Run, sight: Sight<'_>) -> Result<Option<Ran<'r>>, Error> {
        let mut ran = Ran { run, got: None };
        for before in &call.before {
            let is_found = match self.look_up(before, call, &mut ran, sight).await {
                // What it would have found nobody knows: the call itself is planned all the same.
                Err(failure) if failure.is_planned() => true,
                looked => looked?,
            };
            if !is_found {
                return match call.each {
                    Some(Each::Removed) => Ok(None),
                    Some(Each::Added | Each::Changed) | None => Err(self.no_such(run)),
                };
            }
        }
        let scope = ran.scope(sight.scope(self));
        let answer = self.upstream().send(call, &scope, &self.budget).await.map_err(|source| self.of(run, source))?;
        if !call.capture.is_empty() {
            ran.got.get_or_insert_with(|| self.got.clone()).extend(answer.captured(call));
        }
        Ok(Some(ran))
    }

    /// A call in `before`; `false` where it found nothing.
    async fn look_up(&self, before: &Call, call: &Call, ran: &mut Ran<'_>, sight: Sight<'_>) -> Result<bool, Error> {
        let scope = ran.scope(sight.scope(self));
        if before.when.as_ref().is_some_and(|when| !when.holds(&scope)) {
            return Ok(true);
        }
        let answer = match self.upstream().send(before, &scope, &self.budget).await {
            Ok(answer) => answer,
            Err(source) => {
                let failure = self.of(ran.run, source);
                return if failure.is_element_not_found() { Ok(false) } else { Err(failure) };
            }
        };
        let captured: Vec<_> = answer.captured(before).collect();
        if captured.is_empty() {
            tracing::debug!(call = call.label, before = before.label, "nothing captured for an element");
            return Ok(false);
        }
        ran.got.get_or_insert_with(|| self.got.clone()).extend(captured);
        Ok(true)
    }

    /// The failure of a run, with what it was about.
    fn of(&self, run: &Run, source: upstream::Error) -> Error {
        Error::Element { attribute: self.attribute(run), values: named(&run.values), source }
    }

    /// The 400 for an element that the upstream does not have.
    fn no_such(&self, run: &Run) -> Error {
        let (attribute, values) = (self.attribute(run), named(&run.values));
        scim::Error::invalid_value(format!("`{attribute}`: {values}: no such resource")).into()
    }

    fn attribute(&self, run: &Run) -> String {
        self.kind.mapping.view.rules.get(run.rule).map_or_else(String::new, |rule| rule.name.clone())
    }
}

/// Of two failures, the one that says most of what may have happened.
fn worse(first: Option<Error>, second: Error) -> Error {
    match first {
        Some(first) if is_unknown(&first) || !is_unknown(&second) => first,
        Some(_) | None => second,
    }
}

/// Whether a failed run may have been made.
fn is_unknown(failure: &Error) -> bool {
    matches!(failure, Error::Element { source, .. } if source.outcome() == Outcome::Unknown)
}

/// `` `7` ``, or `` `7`, `8`, `9` and 2 more ``.
fn named(values: &[String]) -> String {
    let shown: Vec<String> = values.iter().take(NAMED).map(|value| format!("`{value}`")).collect();
    match values.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(source: upstream::Error) -> Error {
        Error::Element { attribute: "members".to_owned(), values: "`4`".to_owned(), source }
    }

    fn not_sent() -> Error {
        failed(upstream::Error::NotSent { call: "PUT /m".to_owned(), reason: "refused".to_owned() })
    }

    fn lost() -> Error {
        failed(upstream::Error::TimedOut { call: "PUT /m".to_owned(), timeout: std::time::Duration::from_secs(1) })
    }

    #[test]
    fn of_several_runs_the_one_that_may_have_been_made_is_told() {
        for (name, failures, unknown) in [
            ("the first alone", vec![not_sent()], false),
            ("a lost one first", vec![lost(), not_sent()], true),
            ("a lost one last", vec![not_sent(), not_sent(), lost()], true),
        ] {
            let told = failures.into_iter().fold(None, |first, second| Some(worse(first, second)));
            assert_eq!(told.as_ref().map(is_unknown), Some(unknown), "{name}");
        }
    }
}
