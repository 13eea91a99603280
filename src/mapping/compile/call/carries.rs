//! Which rules each call of an operation carries.

use std::collections::BTreeSet;

use crate::mapping::call::{Call, Each, Purpose};
use crate::mapping::compile::call::place::is_core;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{CallDocument, Text};
use crate::mapping::hole::Hole;
use crate::mapping::name::nearest;
use crate::mapping::path::{Path, Step};
use crate::mapping::rule::{Holds, Rule};
use crate::mapping::scope::Name;
use crate::mapping::view::View;
use crate::scim::schema::Mutability;

/// Fills in `carries` of the calls, which stand in the order of their documents (`None` where one did not compile).
pub(super) fn assign(documents: &[CallDocument], calls: &mut [Option<Call>], view: &View, found: &mut Diagnostics) {
    let named: Vec<_> =
        documents.iter().map(|document| document.carries.as_ref().map(|names| resolve(names, view, found))).collect();
    let taken: BTreeSet<usize> = named.iter().flatten().flatten().copied().collect();
    for ((document, call), own) in documents.iter().zip(calls).zip(&named) {
        let without = resolve(&document.without, view, found);
        let Some(call) = call else { continue };
        if let Some(own) = own {
            check_each(document, call, own, (view, &mut *found));
        }
        if !carries_any(call.purpose) {
            continue;
        }
        let carried: BTreeSet<usize> = match own {
            Some(own) => own.clone(),
            None if call.each == Some(Each::Changed) || call.sent_holes().any(Hole::is_record) => {
                // What the record has no place for is not in it.
                (0..view.rules.len())
                    .filter(|rule| !taken.contains(rule) && view.rules[*rule].beside.is_none())
                    .collect()
            }
            None => (0..view.rules.len())
                .filter(|rule| call.sent_holes().any(|hole| names(hole, &view.rules[*rule])))
                .collect(),
        };
        let is_written = |rule: &Rule| {
            rule.mutability != Mutability::ReadOnly || rule.holds == Holds::Inverse && call.purpose != Purpose::Create
        };
        let writable = |rule: &&usize| is_written(&view.rules[**rule]) && !without.contains(rule);
        call.carries = carried.iter().filter(writable).copied().collect();
    }
}

fn carries_any(purpose: Purpose) -> bool {
    use Purpose::{Add, Change, Create, Remove, Update};
    matches!(purpose, Create | Update | Add | Remove | Change)
}

/// The rules that attribute names cover; an unknown one is reported.
fn resolve(names: &[Text], view: &View, found: &mut Diagnostics) -> BTreeSet<usize> {
    let mut rules = BTreeSet::new();
    for name in names {
        let covered: Vec<_> =
            (0..view.rules.len()).filter(|rule| covers(&name.value, &view.rules[*rule].name)).collect();
        if covered.is_empty() {
            let near = nearest(&name.value, view.rules.iter().map(|rule| rule.name.as_str()));
            let message = format!("no rule is called `{}`", name.value);
            found.add(Code::E28, name.span.clone(), message).help = near.map(|near| format!("did you mean `{near}`?"));
        }
        rules.extend(covered);
    }
    rules
}

/// Whether an attribute name is a rule's name or a prefix of it: `emails` covers `emails[type eq "work"].value`.
fn covers(name: &str, rule: &str) -> bool {
    let name = match name.rsplit_once(':') {
        Some((urn, attribute)) if is_core(urn) => attribute,
        Some(_) | None => name,
    };
    let starts = rule.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    starts && matches!(rule[name.len()..].chars().next(), None | Some('.' | '[' | ':'))
}

fn check_each(document: &CallDocument, call: &Call, own: &BTreeSet<usize>, (view, found): (&View, &mut Diagnostics)) {
    let over_elements = matches!(call.each, Some(Each::Added | Each::Removed));
    let Some(each) = document.each.as_ref().filter(|_| over_elements) else { return };
    let single = own.len() == 1 && own.iter().all(|rule| view.rules[*rule].list);
    // Names without a rule are already reported.
    if !single && !own.is_empty() {
        let finding = found.add(Code::E19, each.span.clone(), "`each` needs one list attribute in `for`");
        finding.help("write `for = [\"members\"]`, and a call for each list");
    }
}

/// Whether a hole names the value of a rule: by its SCIM name, or by its place in the record.
fn names(hole: &Hole, rule: &Rule) -> bool {
    match (&hole.name, &hole.path) {
        (Name::Scim, Some(path)) => names_attribute(path, rule),
        (Name::Record, Some(path)) => rule.write_at.as_ref().is_some_and(|place| place.overlaps(path)),
        _ => false,
    }
}

fn names_attribute(path: &Path, rule: &Rule) -> bool {
    let mut steps = path.steps.iter().flatten().filter_map(|step| match step {
        Step::Name(name) => Some(name.as_str()),
        Step::Index(_) | Step::Where(_) | Step::Every => None,
    });
    let mut same = |expected: &str| steps.next().is_some_and(|name| name.eq_ignore_ascii_case(expected));
    let target = &rule.target;
    if target.extension.as_deref().is_some_and(|urn| !same(urn)) || !same(&target.name) {
        return false;
    }
    match (steps.next(), target.sub.as_deref()) {
        (Some(sub), Some(expected)) => sub.eq_ignore_ascii_case(expected),
        (Some(_), None) | (None, _) => true,
    }
}
