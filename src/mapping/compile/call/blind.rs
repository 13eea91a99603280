//! Calls that may go out without reading the resource first.

use std::collections::BTreeSet;

use crate::mapping::call::{Blind, Call, Purpose, Send};
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::CallDocument;
use crate::mapping::hole::Hole;
use crate::mapping::path::{Path, Step};
use crate::mapping::rule::Rule;
use crate::mapping::scope::Name;
use crate::mapping::view::View;
use crate::scim::schema::{Kind, Mutability};

/// Fills in `blind` of the calls whose documents ask for it; warns where it would never take effect.
pub(super) fn assign(documents: &[CallDocument], calls: &mut [Option<Call>], view: &View, found: &mut Diagnostics) {
    for (document, call) in documents.iter().zip(calls) {
        let (Some(span), Some(call)) = (document.blind.as_ref().filter(|blind| blind.value), call) else { continue };
        if call.purpose != Purpose::Update {
            continue;
        }
        match of(call, view) {
            Ok(blind) => call.blind = Some(blind),
            Err(reason) => {
                let finding = found.add(Code::W61, span.span.clone(), "this call never goes out blind");
                finding.note(reason).help("remove `blind`");
            }
        }
    }
}

fn of(call: &Call, view: &View) -> Result<Blind, &'static str> {
    let sends_record = call.sent_holes().any(Hole::is_record);
    if call.reads.old {
        return Err("it looks at `old`, the record as it is");
    }
    if call.sent_holes().any(|hole| hole.name == Name::OperationId) {
        return Err("its idempotency key depends on the record as it is");
    }
    let asks_kept = call.when.as_ref().is_some_and(|when| when.names().contains(&Name::Kept));
    if asks_kept || call.sent_holes().any(|hole| hole.name == Name::Kept) {
        return Err("it looks at what the bridge keeps");
    }
    if call.sent_holes().any(|hole| matches!(hole.name, Name::Got(_))) {
        return Err("it uses what an earlier call captured");
    }
    if sends_record && call.send != Send::Changed {
        return Err("`{record}` is more than what changed, and so the record must be known");
    }
    let is_plain = |index: &&usize| view.rules.get(**index).is_some_and(|rule| is_plain(rule, sends_record));
    let rules: Vec<usize> = call.carries.iter().filter(is_plain).copied().collect();
    if rules.is_empty() {
        return Err(
            "none of the attributes that it carries is a plain one that can be written without knowing the record",
        );
    }
    let needs = needs(call, view).ok_or("it looks at more of the resource than a change may say")?;
    Ok(Blind { rules, needs })
}

/// Whether a rule's value can be written where nothing is known of the record.
fn is_plain(rule: &Rule, sends_record: bool) -> bool {
    let alone = rule.target.select.is_empty() && !rule.target.primary && rule.attribute.kind != Kind::Complex;
    let mutable = matches!(rule.mutability, Mutability::ReadWrite | Mutability::WriteOnly);
    // A field within another one is sent with all that stands beside it.
    let names = rule.write_at.as_ref().and_then(Path::names);
    let place = names.is_some_and(|names| !names.is_empty() && (names.len() == 1 || !sends_record));
    alone && mutable && place && !rule.list
}

/// The rules whose values the call's holes and its condition look at; `None` where they look at anything else.
fn needs(call: &Call, view: &View) -> Option<Vec<usize>> {
    let mut needs = BTreeSet::new();
    for hole in call.sent_holes().filter(|hole| !hole.is_record()) {
        if matches!(hole.name, Name::Scim | Name::Record) {
            let Some(Step::Name(member)) = hole.path.as_ref()?.steps.as_ref()?.first() else { return None };
            needs.extend(named(&hole.name, member, view)?);
        }
    }
    for name in [Name::Scim, Name::Record] {
        let members = match &call.when {
            Some(when) => when.members_of(&name)?,
            None => Vec::new(),
        };
        for member in members {
            needs.extend(named(&name, member, view)?);
        }
    }
    needs.remove(&view.id);
    Some(needs.into_iter().collect())
}

/// The rules that a member of the resource, or of the record, belongs to; `None` for a member that no rule knows.
fn named(name: &Name, member: &str, view: &View) -> Option<Vec<usize>> {
    let starts = |path: &Option<Path>| {
        let first = path.as_ref().and_then(|path| path.steps.as_ref()?.first());
        matches!(first, Some(Step::Name(name)) if name == member)
    };
    let is_of = |rule: &Rule| match (name, &rule.target.extension) {
        (Name::Scim, Some(urn)) => urn.eq_ignore_ascii_case(member),
        (Name::Scim, None) => rule.target.name.eq_ignore_ascii_case(member),
        (_, _) => starts(&rule.read_at) || starts(&rule.write_at),
    };
    let rules: Vec<usize> = (0..view.rules.len()).filter(|index| is_of(&view.rules[*index])).collect();
    (!rules.is_empty()).then_some(rules)
}
