//! GET of one resource.

use bytes::Bytes;

use crate::bridge::fetch::Parts;
use crate::bridge::operation::Reply;
use crate::bridge::work::Work;
use crate::bridge::{Error, respond};
use crate::mapping::read::Unwritten;
use crate::mapping::scope::Scope;
use crate::scim::Projection;

/// Reads a resource. Where one call reads it whole, its bytes are streamed through the read plan.
///
/// # Errors
/// 404, or whatever the upstream answers.
pub(crate) async fn get(work: &Work<'_>, id: &str, projection: &Projection) -> Result<Reply, Error> {
    let kind = work.kind;
    let key = kind.mapping.view.encode_id(id).ok_or_else(|| kind.not_found(id))?;
    if let (true, [call], Some(plan)) = (kind.in_one_call, kind.mapping.get.as_slice(), &kind.mapping.plan) {
        let scope = Scope { id: Some(&key), ..work.scope() };
        let answer = match work.send(call, &scope).await {
            Ok(answer) => answer,
            Err(failure) if failure.is_not_found() => return Err(kind.not_found(id)),
            Err(failure) => return Err(failure),
        };
        let Some(item) = answer.item(call)? else { return Err(kind.not_found(id)) };
        let mut out = Vec::with_capacity(item.get().len() + 1024);
        match plan.write(item.get().as_bytes(), projection, &kind.location, &mut out) {
            Ok(written) if written.id == id => {
                return Ok(Reply { status: 200, location: None, body: Bytes::from(out) });
            }
            Ok(_) => return Err(kind.not_found(id)),
            Err(Unwritten::NotAnObject) => {
                return Err(Error::answer(&call.label, "the record is not a JSON object"));
            }
            // The answer leaves the id out: it is the one asked for.
            Err(Unwritten::NoId) => {
                let found = work.item_of(call, &answer, &key, id)?.ok_or_else(|| kind.not_found(id))?;
                return respond::resource(kind, &found, projection);
            }
        }
    }
    let found = work.fetch(&key, id, Parts::For(projection)).await?.ok_or_else(|| kind.not_found(id))?;
    respond::resource(kind, &found, projection)
}
