//! A create whose key is taken: 409, or the existing record is taken over and changed to what was asked.

use serde_json::Value;

use crate::bridge::create::Asked;
use crate::bridge::fetch::{Found, Parts};
use crate::bridge::kind::Kind;
use crate::bridge::operation::Reply;
use crate::bridge::update::Made;
use crate::bridge::work::Work;
use crate::bridge::{Error, respond};
use crate::mapping::compile::Delete;
use crate::mapping::compile::policy::Existing;
use crate::scim::body::{self, Missing};
use crate::scim::schema::Mutability;
use crate::scim::{self, Projection, Resource};

impl Kind {
    /// Whether a create may take over a record that exists.
    pub(crate) fn may_adopt(&self) -> bool {
        match self.mapping.policies.existing {
            Existing::Reject => false,
            Existing::Adopt | Existing::Revive => true,
        }
    }

    /// Whether the policy lets a create take over this record. A protected one is nobody's to take.
    fn lets_adopt(&self, found: &Found, record: &Value) -> bool {
        let inactive = || {
            let active = self.active.and_then(|index| self.mapping.view.rules.get(index));
            active.and_then(|rule| rule.get(record)) == Some(Value::Bool(false))
        };
        let by_policy = match self.mapping.policies.existing {
            Existing::Reject => false,
            Existing::Adopt => true,
            Existing::Revive => self.hides(record, found.kept()) || inactive(),
        };
        by_policy && !self.protects(record, found.kept())
    }
}

/// The 409 for a key that a look-up found taken.
pub(crate) fn taken(kind: &Kind) -> Error {
    let rule = kind.mapping.key.and_then(|index| kind.mapping.view.rules.get(index));
    let key = rule.map_or("key", |rule| rule.name.as_str());
    scim::Error::uniqueness(format!("a {} with this `{key}` exists already", kind.name())).into()
}

/// Takes over the record that has the key, if the policy allows it: 201 with the resource as it is after the change.
///
/// # Errors
/// `refusal` where the record is protected, gone, or not to be taken over; or whatever the change fails with.
pub(crate) async fn adopt(
    work: &mut Work<'_>,
    existing: Found,
    (asked, refusal): (Asked, Error),
    projection: &Projection,
) -> Result<Reply, Error> {
    let kind = work.kind;
    let view = &kind.mapping.view;
    let id = existing.get().and_then(|record| view.id(record));
    let Some((asked, (id, key))) = asked.zip(id.and_then(|id| view.encode_id(&id).map(|key| (id, key)))) else {
        return Err(refusal);
    };
    let _alone = work.lock_own(&id, !kind.mapping.inverse.is_empty()).await?;
    work.sees_hidden = true;
    let mut attempts = work.attempts();
    loop {
        match once(work, (&key, &id), &asked, projection).await {
            Err(failure) if attempts.again(work, &failure) => {}
            done => return done?.ok_or(refusal),
        }
    }
}

/// Reads the record and changes it; `None` where it is not to be taken over.
async fn once(
    work: &mut Work<'_>,
    (key, id): (&Value, &str),
    asked: &Resource,
    projection: &Projection,
) -> Result<Option<Reply>, Error> {
    let kind = work.kind;
    let view = &kind.mapping.view;
    // The look-up may have read a list's row, and somebody may have changed the record meanwhile.
    let Some(found) = work.fetch(key, id, Parts::All).await? else { return Ok(None) };
    let Some(record) = found.get().filter(|record| kind.lets_adopt(&found, record)) else { return Ok(None) };
    work.identify_by(record);
    let old = view.read_with(record, found.kept());
    let new = match as_asked(kind, &old, asked.clone()) {
        Ok(new) => new,
        // An attribute that cannot change would have to: it is another one.
        Err(error) if error.scim_type == Some(scim::ErrorType::Mutability) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let shown = match work.pursue((key, id), &found, &old, &new).await? {
        Made::Nothing => found,
        Made::Changed(Some(shown)) => shown,
        Made::Changed(None) => match work.fetch(key, id, Parts::For(projection)).await? {
            Some(shown) => shown,
            None => return Ok(None),
        },
    };
    work.check_active(&new, &shown)?;
    if work.is_hidden(&shown) {
        tracing::warn!(scim.resource_type = kind.name(), "a record was taken over and is still hidden");
        return Ok(None);
    }
    Ok(Some(respond::written(kind, &shown, projection)?.created(kind)))
}

/// The old resource with what the create gives a value. Whoever creates a user means one who can work: `active` is true where
/// nothing is said of it.
fn as_asked(kind: &Kind, old: &Resource, mut asked: Resource) -> Result<Resource, scim::Error> {
    let view = &kind.mapping.view;
    // The key was compared already, as SCIM does; its spelling stays where it cannot change.
    if let Some(key) = kind.mapping.key.and_then(|index| view.rules.get(index))
        && key.mutability == Mutability::Immutable
    {
        asked.shift_remove(&key.target.name);
    }
    let active = kind.active.and_then(|index| view.rules.get(index));
    if let Some(rule) = active.filter(|rule| rule.is_writable() && rule.found_in(&asked).is_none()) {
        rule.set_in(&mut asked, Value::Bool(true));
    }
    let missing = Missing { clear: false, keep: &[] };
    let mut new = body::replace(old, &asked, &view.schema, missing)?.resource;
    // What a DELETE marked is gone no longer.
    if let Delete::Set(marks) = &kind.mapping.delete {
        let marks = marks.iter().filter_map(|(index, _)| view.rules.get(*index)).filter(|rule| rule.is_own());
        marks.for_each(|rule| drop(new.shift_remove(&rule.name)));
    }
    Ok(new)
}
