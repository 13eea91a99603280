//! Records to replies.

use bytes::Bytes;

use crate::bridge::Error;
use crate::bridge::fetch::Found;
use crate::bridge::kind::Kind;
use crate::bridge::operation::Reply;
use crate::scim::{Projection, Resource};

/// 200 with the resource that a record shows.
///
/// # Errors
/// [`Error::Answer`] when the record is no object or has no id.
pub(crate) fn resource(kind: &Kind, found: &Found, projection: &Projection) -> Result<Reply, Error> {
    let (_, body) = written(kind, found, projection)?;
    Ok(Reply { status: 200, location: None, body })
}

/// 204.
pub(crate) fn nothing() -> Reply {
    Reply { status: 204, location: None, body: Bytes::new() }
}

/// The id and the JSON of the resource that a record shows; of a hidden one too, for whoever has just written it.
///
/// # Errors
/// [`Error::Answer`] when the record is no object or has no id.
pub(crate) fn written(kind: &Kind, found: &Found, projection: &Projection) -> Result<(String, Bytes), Error> {
    let no_id = || Error::answer("get", "the record has no id");
    if kind.mapping.policies.hide.is_some()
        && let Some(record) = found.get().filter(|record| kind.hides(record, found.kept()))
    {
        let id = kind.mapping.view.id(record).ok_or_else(no_id)?;
        let reply = resource_itself(kind, &id, kind.mapping.view.read_with(record, found.kept()), projection)?;
        return Ok((id, reply.body));
    }
    let mut out = Vec::with_capacity(1536);
    let id = found.record().and_then(|record| kind.write(record, projection, &mut out).ok());
    Ok((id.ok_or_else(no_id)?, Bytes::from(out)))
}

/// 200 with a resource that exists only as what was asked: the upstream hides the record after the change.
///
/// # Errors
/// None in practice: a resource always serialises.
pub(crate) fn resource_itself(
    kind: &Kind,
    id: &str,
    mut resource: Resource,
    projection: &Projection,
) -> Result<Reply, Error> {
    kind.finish(&mut resource, id, projection);
    let body = serde_json::to_vec(&resource).map_err(|_| Error::answer("get", "the resource cannot be written"))?;
    Ok(Reply { status: 200, location: None, body: Bytes::from(body) })
}
