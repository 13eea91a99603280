//! PATCH by a call that goes out without reading the resource first.

use serde_json::{Value, json};

use crate::bridge::fetch::{Found, Parts};
use crate::bridge::operation::Reply;
use crate::bridge::plan::{self, Change};
use crate::bridge::run::Sight;
use crate::bridge::work::Work;
use crate::bridge::{Error, respond};
use crate::mapping::call::Blind;
use crate::mapping::{Call, TypeMapping};
use crate::scim::patch::{Patch, Verb};
use crate::scim::{Projection, Resource};

/// A change of which nothing needs to be known but what it sets.
#[derive(Debug)]
struct Set {
    old: Resource,
    new: Resource,
    old_record: Value,
    record: Value,
    /// The indexes of the rules that it sets.
    rules: Vec<usize>,
    ignored: Vec<String>,
}

/// Whether some update call of a type may go out blind.
pub(crate) fn is_possible(mapping: &TypeMapping) -> bool {
    let looks = mapping.policies.hide.is_some() || mapping.policies.protect.is_some() || !mapping.inverse.is_empty();
    !looks && mapping.update.iter().any(|call| call.blind.is_some())
}

/// Makes the change by its one call, where it may go out blind; `None` where the resource has to be read first.
///
/// # Errors
/// 404 for an unknown resource, or whatever the call fails with.
pub(crate) async fn change(
    work: &mut Work<'_>,
    (key, id): (&Value, &str),
    patch: &Patch,
    projection: &Projection,
) -> Result<Option<Reply>, Error> {
    let kind = work.kind;
    let mapping = &kind.mapping;
    let Some(set) = Set::of(patch, (key, id), mapping) else { return Ok(None) };
    let (view, get) = (&mapping.view, &mapping.get);
    let Set { old, new, old_record, record, rules, ignored } = &set;
    let change = Change { view, get, old_record, old, new, record, changed: rules };
    let sight = Sight { id: Some(key), scim: new, record, old: None, kept: None, etag: None };
    let steps = plan::plan(&mapping.update, &change, &sight.scope(work))?;
    let [step] = steps.as_slice() else { return Ok(None) };
    if !rules.iter().all(|rule| step.call.carries.contains(rule)) {
        return Ok(None);
    }
    work.ignored(ignored.iter().map(String::as_str));
    work.tell_planned((old, new), rules, &steps);
    let passage = work.brake_change(id, old, new)?;
    let outcome = work.run(&steps, sight).await;
    Work::passed(passage, &outcome);
    let answer = match outcome {
        Err(failure) if failure.is_not_found() => return Err(kind.not_found(id)),
        outcome => outcome?,
    };
    let shown = match answer {
        Some(answer) => work.shown_after(step.call, &answer, ((key, id), new), projection),
        None => None,
    };
    let shown = match shown {
        Some(shown) => shown,
        None => work.fetch(key, id, Parts::For(projection)).await?.ok_or_else(|| kind.not_found(id))?,
    };
    work.check_active(new, &shown)?;
    respond::resource(kind, &shown, projection).map(Some)
}

impl Set {
    /// What a PATCH sets, where all of it may be set blindly by every call that carries some of it.
    fn of(patch: &Patch, (key, id): (&Value, &str), mapping: &TypeMapping) -> Option<Self> {
        if !sets_only(patch) {
            return None;
        }
        let view = &mapping.view;
        let mut old = Resource::new();
        old.insert("schemas".to_owned(), json!([view.schema.core.id]));
        old.insert("id".to_owned(), id.into());
        // A fault is told after reading, when it is known whether it is one.
        let applied = patch.apply(&old, &view.schema).ok()?;
        let new = applied.resource;
        let is_set = |index: &usize| *index != view.id && view.rules[*index].found_in(&new).is_some();
        let rules: Vec<usize> = (0..view.rules.len()).filter(is_set).collect();
        let carriers = || mapping.update.iter().filter(|call| call.carries.iter().any(|rule| rules.contains(rule)));
        let may = |call: &Call| call.blind.as_ref().is_some_and(|blind| allows(blind, &rules, &call.carries));
        if rules.is_empty() || !carriers().all(may) {
            return None;
        }
        let mut old_record = json!({});
        view.rules.get(view.id)?.read_at.as_ref()?.put(&mut old_record, key.clone());
        let mut record = old_record.clone();
        let changed = view.update(&mut record, &old, &new).ok()?;
        (changed == rules).then_some(Self { old, new, old_record, record, rules, ignored: applied.ignored })
    }
}

/// Whether a blind call may make its part of a change of these rules, and sees nothing but the change.
fn allows(blind: &Blind, set: &[usize], carries: &[usize]) -> bool {
    set.iter().filter(|rule| carries.contains(rule)).all(|rule| blind.rules.contains(rule))
        && blind.needs.iter().all(|rule| set.contains(rule))
}

/// Whether the operations give values to attributes and do nothing else.
fn sets_only(patch: &Patch) -> bool {
    fn is_value(value: &Value) -> bool {
        match value {
            Value::Null | Value::Array(_) => false,
            Value::String(text) => !text.is_empty(),
            Value::Bool(_) | Value::Number(_) => true,
            Value::Object(members) => !members.is_empty() && members.values().all(is_value),
        }
    }
    patch.operations.iter().all(|operation| {
        let gives = matches!(operation.verb, Verb::Add | Verb::Replace);
        let filtered = operation.path.as_ref().is_some_and(|path| path.filter.is_some());
        gives && !filtered && operation.value.as_ref().is_some_and(is_value)
    })
}

impl Work<'_> {
    /// The record in the answer of a blind call, where it shows the resource: this id, the key, and all that was set. What else
    /// the resource has nobody knows; where other calls bring parts of it that are asked for, or the bridge keeps some of it, an
    /// answer never shows it whole.
    fn shown_after(
        &self,
        call: &Call,
        answer: &crate::upstream::Answer,
        ((key, id), new): ((&Value, &str), &Resource),
        projection: &Projection,
    ) -> Option<Found> {
        if call.specific || self.kind.keeps() || self.kind.parts.iter().any(|part| self.kind.wants(part, projection)) {
            return None;
        }
        let found = self.shown_by(call, answer, (key, id), (new, None))?;
        let rule = self.kind.mapping.key.and_then(|index| self.kind.mapping.view.rules.get(index))?;
        let has_key = found.get().is_some_and(|record| rule.get(record).is_some());
        has_key.then(|| self.judged(found, None))
    }
}
