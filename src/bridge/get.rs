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
        let mut out = Vec::with_capacity(answer.body.len() + 1024);
        // The usual record is read in one walk, which also finds out whether it is JSON.
        if let Some(glance) = answer.item_text(call).and_then(|text| plan.glance(text))
            && let Ok(written) = plan.write_glance(&glance, projection, &kind.location, &mut out)
        {
            return if written.id == id { Ok(reply(out)) } else { Err(kind.not_found(id)) };
        }
        let Some(item) = answer.item(call)? else { return Err(kind.not_found(id)) };
        match plan.write(item.as_bytes(), projection, &kind.location, &mut out) {
            Ok(written) if written.id == id => return Ok(reply(out)),
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
    let found = Box::pin(work.fetch(&key, id, Parts::For(projection))).await?.ok_or_else(|| kind.not_found(id))?;
    respond::resource(kind, &found, projection)
}

fn reply(body: Vec<u8>) -> Reply {
    Reply { status: 200, location: None, body: Bytes::from(body) }
}
