//! PATCH of a list that may be big: one call per named member, and the list itself is not read.

use serde_json::{Value, json};

use crate::bridge::fetch::Parts;
use crate::bridge::kind::Part;
use crate::bridge::operation::Reply;
use crate::bridge::plan::{self, Change};
use crate::bridge::run::Sight;
use crate::bridge::work::Work;
use crate::bridge::{Error, respond};
use crate::mapping::call::Each;
use crate::mapping::compile::TypeMapping;
use crate::mapping::condition::Condition;
use crate::mapping::hole::Hole;
use crate::mapping::path::Path;
use crate::mapping::scope::Name;
use crate::mapping::{Call, Rule};
use crate::scim::patch::{ElementChange, Patch};
use crate::scim::schema::Mutability;
use crate::scim::{Projection, Resource};

/// Members named by one request at most: of more, a repeat shall know which are done, and so the list is read.
pub(crate) const MOST: usize = 20;

/// A list that can be changed without knowing it.
#[derive(Debug)]
pub(crate) struct Delta {
    /// The index of its rule.
    rule: usize,
    /// The index of the `get` call that brings it, and nothing else.
    pub(crate) part: usize,
}

/// The members that shall be in the list, and those that shall not.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Named<'p> {
    pub(crate) added: Vec<&'p str>,
    pub(crate) removed: Vec<&'p str>,
}

impl Delta {
    /// The list of a type that a `get` call of its own brings and that only calls with `each` write which need to know nothing
    /// but the member.
    pub(crate) fn of(mapping: &TypeMapping, parts: &[Part]) -> Option<Self> {
        let policies = &mapping.policies;
        parts.iter().find_map(|part| {
            let [rule] = part.rules.as_slice() else { return None };
            let into = mapping.get.get(part.call)?.into.as_ref()?;
            let decides =
                part.decides || policies.protect.as_ref().is_some_and(|protect| protect.reads_record_at(into));
            let list = mapping.view.rules.get(*rule)?;
            let whole = list.read_at.as_ref()?.list().is_none_or(|(_, terms)| terms.is_empty());
            let plain = list.list && list.mutability == Mutability::ReadWrite && list.attribute.refers_to_resources();
            let mut calls = mapping.update.iter().filter(|call| call.carries.contains(rule)).peekable();
            let knows_enough = calls.peek().is_some() && calls.all(|call| needs_the_member_alone(call, list, into));
            (plain && whole && !decides && knows_enough).then_some(Self { rule: *rule, part: part.call })
        })
    }

    /// What a PATCH does to the list, where it names members of it and does nothing else.
    pub(crate) fn named<'p>(&self, patch: &'p Patch, mapping: &TypeMapping) -> Option<Named<'p>> {
        let rule = mapping.view.rules.get(self.rule).filter(|rule| rule.target.extension.is_none())?;
        let changes = patch.element_changes(&rule.attribute)?;
        let named = Named::of(&changes);
        let is_there =
            |each| mapping.update.iter().any(|call| call.each == Some(each) && call.carries.contains(&self.rule));
        let few = !changes.is_empty() && changes.len() <= MOST;
        let carried =
            (named.added.is_empty() || is_there(Each::Added)) && (named.removed.is_empty() || is_there(Each::Removed));
        (few && carried).then_some(named)
    }
}

impl<'p> Named<'p> {
    /// Of several changes of one member the last counts.
    pub(crate) fn of(changes: &[ElementChange<'p>]) -> Self {
        let mut named = Self::default();
        for change in changes {
            let (ElementChange::Add(id) | ElementChange::Remove(id)) = change;
            named.added.retain(|other| other != id);
            named.removed.retain(|other| other != id);
            match change {
                ElementChange::Add(id) => named.added.push(id),
                ElementChange::Remove(id) => named.removed.push(id),
            }
        }
        named
    }
}

/// Whether a call with `each` can be filled when nothing is known of the list but the member's `value`.
fn needs_the_member_alone(call: &Call, list: &Rule, into: &Path) -> bool {
    let over_elements = matches!(call.each, Some(Each::Added | Each::Removed));
    let sub_rules = list.each.as_deref().unwrap_or_default();
    let value = sub_rules.iter().find(|rule| rule.target.sub.as_deref() == Some("value"));
    let own = value.and_then(|rule| rule.write_at.as_ref()).and_then(Path::names);
    let brought = into.names();
    let fills = |hole: &Hole| {
        let path = hole.path.as_ref().map(Path::names);
        match (&hole.name, path) {
            (Name::Item, None) => list.each.is_none(),
            (Name::Item, Some(names)) => own.is_some() && names == own,
            (Name::Scim, Some(Some(names))) => {
                names.first().is_some_and(|name| !name.eq_ignore_ascii_case(&list.target.name))
            }
            (Name::Record, Some(Some(names))) => {
                brought.as_ref().is_some_and(|brought| names.first().is_some_and(|name| Some(name) != brought.first()))
            }
            (Name::Scim | Name::Record, _) => false,
            (_, _) => true,
        }
    };
    let looks = |name: Name| matches!(name, Name::Scim | Name::Record) || (name == Name::Item && list.each.is_some());
    let all = std::iter::once(call).chain(call.undo.as_deref());
    over_elements
        && call.before.is_empty()
        && !call.reads.old
        && all.flat_map(Call::sent_holes).all(fills)
        && !call.when.iter().flat_map(Condition::names).any(looks)
}

/// Adds and removes the named members.
///
/// # Errors
/// 404 for an unknown resource, 400 `invalidValue` for a member that cannot be one, or the first failing call.
pub(crate) async fn change(
    work: &mut Work<'_>,
    (key, id): (&Value, &str),
    (delta, named): (&Delta, &Named<'_>),
    projection: &Projection,
) -> Result<Reply, Error> {
    let kind = work.kind;
    let view = &kind.mapping.view;
    let found = work.fetch(key, id, Parts::But(delta.part)).await?.ok_or_else(|| kind.not_found(id))?;
    let record = found.get().ok_or_else(|| Error::answer("get", "the record is not JSON"))?;
    work.identify_by(record);
    kind.admit_change(record, found.kept())?;
    let shown = view.read_with(record, found.kept());
    // Of the list nobody knows more than this: what shall go is there, what shall come is not.
    let with = |ids: &[&str]| -> Resource {
        let mut resource = shown.clone();
        if let Some(rule) = view.rules.get(delta.rule) {
            rule.set_in(&mut resource, ids.iter().map(|id| json!({ "value": id })).collect());
        }
        resource
    };
    let (old, new) = (with(&named.removed), with(&named.added));
    let changed = [delta.rule];
    let get = &kind.mapping.get;
    let change = Change { view, get, old_record: record, old: &old, new: &new, record, changed: &changed };
    let sight = Sight { id: Some(key), scim: &new, record, old: Some(record), kept: found.kept(), etag: None };
    let steps = plan::plan(&kind.mapping.update, &change, &sight.scope(work))?;
    work.tell_planned((&old, &new), &changed, &steps);
    work.run(&steps, sight).await?;
    if matches!(projection, Projection::Default) {
        return Ok(respond::nothing());
    }
    let shown = work.fetch(key, id, Parts::For(projection)).await?.ok_or_else(|| kind.not_found(id))?;
    respond::resource(kind, &shown, projection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_changes_of_one_member_the_last_counts() {
        use ElementChange::{Add, Remove};
        let named = Named::of(&[Add("1"), Add("2"), Remove("1"), Remove("3"), Add("3"), Add("2")]);
        assert_eq!(named, Named { added: vec!["3", "2"], removed: vec!["1"] });
    }
}
