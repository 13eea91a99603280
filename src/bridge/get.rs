//! GET of one resource.

use bytes::Bytes;
use http::header::ETAG;
use serde_json::Value;

use crate::bridge::fetch::Parts;
use crate::bridge::operation::Reply;
use crate::bridge::version::{Known, Shown, failed};
use crate::bridge::work::Work;
use crate::bridge::{Error, respond};
use crate::mapping::read::Unwritten;
use crate::mapping::scope::Scope;
use crate::scim::precondition::Judgement;
use crate::scim::{Precondition, Projection};

/// Reads a resource. Where one call reads it whole, its bytes are streamed through the read plan.
///
/// # Errors
/// 404, 412, or whatever the upstream answers.
pub(crate) async fn get(
    work: &Work<'_>,
    id: &str,
    projection: &Projection,
    precondition: Option<&Precondition>,
) -> Result<Reply, Error> {
    let reply = read(work, id, projection, precondition.is_some()).await?;
    let Some(precondition) = precondition else { return Ok(reply) };
    match precondition.judge(reply.version.as_ref().and_then(|version| version.to_str().ok()), true) {
        Judgement::Proceed => Ok(reply),
        Judgement::NotModified => Ok(Reply { status: 304, body: Bytes::new(), ..reply }),
        Judgement::Failed => Err(failed()),
    }
}

/// The same, whatever the client knows already; `by_version` says that the version has to be known.
async fn read(work: &Work<'_>, id: &str, projection: &Projection, by_version: bool) -> Result<Reply, Error> {
    let kind = work.kind;
    let key = kind.mapping.view.encode_id(id).ok_or_else(|| kind.not_found(id))?;
    let parts = if by_version { Parts::All } else { Parts::For(projection) };
    if let (true, [call], Some(plan)) = (kind.in_one_call, kind.mapping.get.as_slice(), &kind.mapping.plan) {
        let scope = Scope { id: Some(&key), ..work.scope() };
        let answer = match work.send(call, &scope).await {
            Ok(answer) => answer,
            Err(failure) if failure.is_not_found() => {
                return Box::pin(again(work, (&key, id), (projection, parts))).await;
            }
            Err(failure) => return Err(failure),
        };
        let known = Known { whole: true, etag: answer.headers.get(ETAG) };
        let room = || Vec::with_capacity(answer.body.len() + 1024);
        let it = |shown: Shown| if shown.id == id { Ok(shown.reply()) } else { Err(kind.not_found(id)) };
        // The usual record is read in one walk, which also finds out whether it is JSON.
        if let Some(glance) = answer.item_text(call).and_then(|text| plan.glance(text))
            && let Ok(shown) = kind.show(projection, known, room(), |projection, out| {
                plan.write_glance(&glance, projection, &kind.location, out)
            })
        {
            return it(shown);
        }
        let Some(item) = answer.item(call)? else {
            return Box::pin(again(work, (&key, id), (projection, parts))).await;
        };
        let shown = kind.show(projection, known, room(), |projection, out| {
            plan.write(item.as_bytes(), projection, &kind.location, out)
        });
        match shown {
            Ok(shown) => return it(shown),
            Err(Unwritten::NotAnObject) => {
                return Err(Error::answer(&call.label, "the record is not a JSON object"));
            }
            // The answer leaves the id out: it is the one asked for.
            Err(Unwritten::NoId) => {
                let found = work.item_of(call, &answer, &key, id)?.ok_or_else(|| kind.not_found(id))?;
                return respond::resource(kind, &found.with_whole(true), projection);
            }
        }
    }
    let found = Box::pin(work.fetch(&key, id, parts)).await?.ok_or_else(|| kind.not_found(id))?;
    respond::resource(kind, &found, projection)
}

/// The same for a resource that the upstream did not show: one made a moment ago may be late.
async fn again(
    work: &Work<'_>,
    (key, id): (&Value, &str),
    (projection, parts): (&Projection, Parts<'_>),
) -> Result<Reply, Error> {
    let found = work.fetch_again(key, id, parts).await?;
    respond::resource(work.kind, &found.ok_or_else(|| work.kind.not_found(id))?, projection)
}
