//! PATCH around an inverse list that is not read: it names the members, or does not touch them.

use serde_json::Value;

use super::list_of;
use crate::bridge::delta::{self, Named};
use crate::bridge::fetch::Parts;
use crate::bridge::kind::Kind;
use crate::bridge::operation::Reply;
use crate::bridge::update::Asked;
use crate::bridge::work::Work;
use crate::bridge::{Error, respond};
use crate::mapping::compile::InverseList;
use crate::scim::patch::Patch;
use crate::scim::schema::Mutability;
use crate::scim::{Projection, Resource};

/// Members to add and to remove.
#[derive(Debug, Default)]
pub(crate) struct Members {
    pub(super) added: Vec<String>,
    pub(super) removed: Vec<String>,
}

impl From<Named<'_>> for Members {
    fn from(named: Named<'_>) -> Self {
        let owned = |ids: Vec<&str>| ids.into_iter().map(str::to_owned).collect();
        Self { added: owned(named.added), removed: owned(named.removed) }
    }
}

/// What a PATCH does to an inverse list, where it names members and does nothing else.
///
/// Of many members a repeat shall know which are done: then the list is read, unless that means all resources of the other type.
pub(crate) fn named(patch: &Patch, kind: &Kind, inverse: &InverseList) -> Option<Members> {
    let rule = kind.inverse_rule(inverse).filter(|rule| rule.target.extension.is_none())?;
    let changes = patch.element_changes(&rule.attribute).filter(|changes| !changes.is_empty())?;
    let few = !inverse.searched || changes.len() <= delta::MOST;
    (few && rule.mutability == Mutability::ReadWrite).then(|| Named::of(&changes).into())
}

/// Whether a change can be made, and answered, without reading the inverse lists: a PATCH that does not touch them, of a client
/// that does not ask for them.
pub(crate) fn is_apart(kind: &Kind, asked: &Asked<'_>, projection: &Projection) -> bool {
    let asked_for = matches!(projection, Projection::Only(_)) && kind.wants_some_inverse(projection);
    !kind.mapping.inverse.is_empty() && !kind.plans_on_all && !asked_for && !may_change(kind, asked)
}

/// Whether a change may be one of inverse lists: only a PATCH can be known not to touch them.
pub(crate) fn may_change(kind: &Kind, asked: &Asked<'_>) -> bool {
    let Asked::Patch(patch) = asked else { return !kind.mapping.inverse.is_empty() };
    let is_named = |names: &[&str]| {
        let mut rules = kind.mapping.inverse.iter().filter_map(|inverse| kind.inverse_rule(inverse));
        rules.any(|rule| {
            rule.target.extension.is_some() || names.iter().any(|name| name.eq_ignore_ascii_case(&rule.target.name))
        })
    };
    !kind.mapping.inverse.is_empty() && patch.touched().is_none_or(|names| is_named(&names))
}

/// Adds and removes the named members; the list itself is not read.
///
/// # Errors
/// 404 for an unknown resource, 403 for a protected one, or the first failing change of a member.
pub(crate) async fn change(
    work: &mut Work<'_>,
    (key, id): (&Value, &str),
    (inverse, members): (&InverseList, &Members),
    projection: &Projection,
) -> Result<Reply, Error> {
    let kind = work.kind;
    let found = work.fetch(key, id, Parts::Own).await?.ok_or_else(|| kind.not_found(id))?;
    let record = found.get().ok_or_else(|| Error::answer("get", "the record is not JSON"))?;
    kind.admit_change(record, found.kept())?;
    if let Some(rule) = kind.inverse_rule(inverse) {
        // Of the list nobody knows more than this: what shall go is there, what shall come is not.
        let with = |ids: &[String]| {
            let mut resource = Resource::new();
            rule.set_in(&mut resource, list_of(ids));
            resource
        };
        work.tell_planned((&with(&members.removed), &with(&members.added)), &[inverse.rule], &[]);
        work.change_members((inverse, rule), id, members).await.ended()?;
    }
    match projection {
        Projection::Default => Ok(respond::nothing()),
        Projection::Only(_) | Projection::Without(_) => {
            let shown = work.fetch(key, id, Parts::For(projection)).await?.ok_or_else(|| kind.not_found(id))?;
            respond::resource(kind, &shown, projection)
        }
    }
}
