//! Changed attributes × update calls → the calls to make, in file order. Pure: no IO, no clock.

use serde_json::{Map, Value};

use crate::bridge::runs::{self, Run};
use crate::mapping::call::{Call, Send};
use crate::mapping::path::{Path, Step as PathStep};
use crate::mapping::scope::Scope;
use crate::mapping::{Rule, View};
use crate::scim::{self, Resource};

/// One call of a plan, with what it sends.
#[derive(Debug)]
pub(crate) struct Step<'a> {
    /// The call.
    pub(crate) call: &'a Call,
    /// What `{record}` is in it.
    pub(crate) sent: Option<Value>,
    /// For a call with `each`: one run per element.
    pub(crate) runs: Option<Vec<Run>>,
}

/// What a change is from and to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change<'a> {
    /// The rules.
    pub(crate) view: &'a View,
    /// The `get` calls: what they put `into` the record is no part of what is sent back whole.
    pub(crate) get: &'a [Call],
    /// The record as it is now.
    pub(crate) old_record: &'a Value,
    /// The resource as it is now.
    pub(crate) old: &'a Resource,
    /// The resource as it shall be.
    pub(crate) new: &'a Resource,
    /// The record as it shall be: all changes in.
    pub(crate) record: &'a Value,
    /// The indexes of the changed rules, in order.
    pub(crate) changed: &'a [usize],
}

/// The calls that carry the changes, in file order. Calls without `for` run iff they carry a changed attribute; a call whose
/// `when` is false is left out; a call with `each` has one run per element added or removed, or per changed rule.
///
/// # Errors
/// 400 `invalidValue` for an element that cannot be brought into the upstream's form.
pub(crate) fn plan<'a>(
    calls: &'a [Call],
    change: &Change<'_>,
    scope: &Scope<'_>,
) -> Result<Vec<Step<'a>>, scim::Error> {
    let mut steps = Vec::new();
    let mut done: Vec<usize> = Vec::new();
    for call in calls {
        let carried: Vec<usize> = change.changed.iter().copied().filter(|rule| call.carries.contains(rule)).collect();
        if carried.is_empty() {
            continue;
        }
        if let Some(each) = call.each {
            let runs = runs::runs((call, each), &carried, change, scope)?;
            if runs.is_empty() {
                continue;
            }
            steps.push(Step { call, sent: None, runs: Some(runs) });
        } else if call.when.as_ref().is_none_or(|when| when.holds(scope)) {
            steps.push(Step { call, sent: sent(call, (&carried, &done), change)?, runs: None });
        } else {
            continue;
        }
        done.extend(carried);
    }
    Ok(steps)
}

/// What `{record}` is in a call that carries these changes; `None` where the call does not send it. `done` are the changes that
/// earlier calls made: a record sent whole must not take them back.
fn sent(call: &Call, (carried, done): (&[usize], &[usize]), change: &Change<'_>) -> Result<Option<Value>, scim::Error> {
    if !call.reads.record {
        return Ok(None);
    }
    let rules = || carried.iter().filter_map(|index| change.view.rules.get(*index));
    let made = |index: &usize| carried.contains(index) || done.contains(index);
    let mut record = match call.send {
        Send::Mapped => mapped(call, change.view, Value::Object(Map::new()), change.new)?,
        Send::Whole | Send::Changed => {
            // Where nothing is left to a later call, the record as it shall be is what this one sends.
            let mut record = if change.changed.iter().all(made) {
                change.record.clone()
            } else {
                put_made(change, change.changed.iter().filter(|index| made(index)))?
            };
            if call.send == Send::Changed {
                record = only_changed(record, rules());
            } else {
                drop_parts(&mut record, rules, change.get);
            }
            record
        }
    };
    drop_paths(&mut record, &call.drop);
    Ok(Some(record))
}

/// Removes what `get` calls with `into` put there, unless one of these rules writes in it.
fn drop_parts<'a, R: Iterator<Item = &'a Rule>>(record: &mut Value, rules: impl Fn() -> R, get: &[Call]) {
    for part in get.iter().filter_map(|call| call.into.as_ref()) {
        if !rules().any(|rule| rule.write_at.as_ref().is_some_and(|path| path.overlaps(part))) {
            part.clear(record);
        }
    }
}

/// The old record with these changes.
fn put_made<'a>(change: &Change<'_>, made: impl Iterator<Item = &'a usize>) -> Result<Value, scim::Error> {
    let mut record = change.old_record.clone();
    for rule in made.filter_map(|index| change.view.rules.get(*index)) {
        rule.put(&mut record, rule.value_in(change.new).as_ref())?;
    }
    Ok(record)
}

/// `base` with every writable value that the call carries.
///
/// # Errors
/// 400 `invalidValue`, naming the attribute.
pub(crate) fn mapped(call: &Call, view: &View, base: Value, new: &Resource) -> Result<Value, scim::Error> {
    let mut record = base;
    for rule in call.carries.iter().filter_map(|index| view.rules.get(*index)) {
        if let Some(value) = rule.found_in(new) {
            rule.put(&mut record, Some(&value))?;
        }
    }
    Ok(record)
}

/// Each top-level field in which a carried rule writes, whole. A rule that writes elsewhere (a list's index) sends the record whole.
fn only_changed<'a>(record: Value, rules: impl Iterator<Item = &'a Rule>) -> Value {
    let Value::Object(mut fields) = record else { return record };
    let mut names: Vec<&str> = Vec::new();
    for path in rules.filter_map(|rule| rule.write_at.as_ref()) {
        match path.steps.as_deref() {
            Some([PathStep::Name(name), ..]) if names.contains(&name.as_str()) => {}
            Some([PathStep::Name(name), ..]) => names.push(name),
            Some(_) | None => return Value::Object(fields),
        }
    }
    // A field that the change removed is null: the upstream has to be told.
    let take = |name: &str| (name.to_owned(), fields.get_mut(name).map_or(Value::Null, Value::take));
    Value::Object(names.into_iter().map(take).collect())
}

/// Removes the paths of `drop`.
pub(crate) fn drop_paths(record: &mut Value, paths: &[Path]) {
    for path in paths {
        path.clear(record);
    }
}
