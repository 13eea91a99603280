//! Records to replies.

use bytes::Bytes;

use crate::bridge::Error;
use crate::bridge::fetch::Found;
use crate::bridge::kind::Kind;
use crate::bridge::operation::Reply;
use crate::bridge::version::Shown;
use crate::scim::{Projection, Resource};

impl Shown {
    /// 200 with it.
    pub(crate) fn reply(self) -> Reply {
        Reply { status: 200, location: None, version: self.version, body: Bytes::from(self.body) }
    }

    /// 201 with it.
    pub(crate) fn created(self, kind: &Kind) -> Reply {
        Reply { status: 201, location: Some(kind.location_of(&self.id)), ..self.reply() }
    }
}

/// 200 with the resource that a record shows.
///
/// # Errors
/// [`Error::Answer`] when the record is no object or has no id.
pub(crate) fn resource(kind: &Kind, found: &Found, projection: &Projection) -> Result<Reply, Error> {
    Ok(written(kind, found, projection)?.reply())
}

/// 204.
pub(crate) fn nothing() -> Reply {
    Reply { status: 204, location: None, version: None, body: Bytes::new() }
}

/// The resource that a record shows; of a hidden one too, for whoever has just written it.
///
/// # Errors
/// [`Error::Answer`] when the record is no object or has no id.
pub(crate) fn written(kind: &Kind, found: &Found, projection: &Projection) -> Result<Shown, Error> {
    let no_id = || Error::answer("get", "the record has no id");
    if kind.mapping.policies.hide.is_some()
        && let Some(record) = found.get().filter(|record| kind.hides(record, found.kept()))
    {
        let id = kind.mapping.view.id(record).ok_or_else(no_id)?;
        let body = itself(kind, &id, kind.mapping.view.read_with(record, found.kept()), projection)?;
        return Ok(Shown { id, body, version: None });
    }
    let shown = found.record().and_then(|record| record.show(kind, projection, found.known()).ok());
    shown.ok_or_else(no_id)
}

/// 200 with a resource that exists only as what was asked: the upstream hides the record after the change.
///
/// # Errors
/// None in practice: a resource always serialises.
pub(crate) fn resource_itself(
    kind: &Kind,
    id: &str,
    resource: Resource,
    projection: &Projection,
) -> Result<Reply, Error> {
    let body = itself(kind, id, resource, projection)?;
    Ok(Shown { id: id.to_owned(), body, version: None }.reply())
}

fn itself(kind: &Kind, id: &str, mut resource: Resource, projection: &Projection) -> Result<Vec<u8>, Error> {
    kind.finish(&mut resource, id, projection);
    serde_json::to_vec(&resource).map_err(|_| Error::answer("get", "the resource cannot be written"))
}
