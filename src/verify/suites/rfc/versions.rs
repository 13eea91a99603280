//! Versions: a server that announces them gives every resource one, and keeps to it.

use serde_json::json;

use crate::scim::patch::PATCH_SCHEMA;
use crate::verify::answer::Answer;
use crate::verify::check::Check;
use crate::verify::client::Request;
use crate::verify::play::{Made, Play, made};
use crate::verify::verdict::{Stop, Verdict};

pub(super) const CHECKS: &[Check] = &[
    Check::writes(
        "rfc-etag-not-modified",
        "Where versions are announced, a GET with the version that is known is answered with 304",
        "RFC 7644 §3.14",
        "Send `ETag`, and honour `If-None-Match`; or announce `etag.supported: false`",
        |play| Box::pin(not_modified(play)),
    ),
    Check::writes(
        "rfc-etag-precondition",
        "Where versions are announced, a change of another version is refused with 412",
        "RFC 7644 §3.14",
        "Honour `If-Match`; or announce `etag.supported: false`",
        |play| Box::pin(precondition(play)),
    ),
    Check::writes(
        "rfc-etag-body",
        "Where versions are announced, `ETag` and `meta.version` of a resource are the same",
        "RFC 7643 §3.1",
        "Send the same entity tag in the header `ETag` and in `meta.version`",
        |play| Box::pin(body(play)),
    ),
    Check::writes(
        "rfc-etag-answers",
        "Where versions are announced, that of a create or a change is that of the next GET",
        "RFC 7644 §3.14",
        "Make the version of what is stored, not of what was sent; or leave `ETag` out of the answer",
        |play| Box::pin(answers(play)),
    ),
    Check::writes(
        "rfc-etag-projected",
        "Where versions are announced, a GET with `attributes` has that of the whole resource, or none",
        "RFC 7644 §3.14",
        "Make the version of the resource, not of the attributes that are answered",
        |play| Box::pin(projected(play)),
    ),
    Check::writes(
        "rfc-etag-changed",
        "Where versions are announced, a changed resource has another version, and a GET with the old one shows it",
        "RFC 7644 §3.14",
        "Give the resource another version with every change",
        |play| Box::pin(changed(play)),
    ),
    Check::writes(
        "rfc-etag-current",
        "Where versions are announced, a change of the current version is carried out",
        "RFC 7644 §3.14",
        "Compare `If-Match` weakly with the version that a GET shows; `*` stands for any",
        |play| Box::pin(current(play)),
    ),
    Check::writes(
        "rfc-etag-delete",
        "Where versions are announced, a delete of another version is refused with 412",
        "RFC 7644 §3.14",
        "Honour `If-Match` of a DELETE",
        |play| Box::pin(delete(play)),
    ),
];

/// A version that no resource has.
const OTHER: &str = "W/\"of-another-time\"";

async fn not_modified(play: &mut Play) -> Verdict {
    let (user, tag, _) = versioned(play).await?;
    let request = Request { header: Some(("If-None-Match", tag)), ..Request::new("GET", user.path.as_str()) };
    play.send(request).await?.status(&[304])?;
    Ok(())
}

async fn precondition(play: &mut Play) -> Verdict {
    play.needs_announced("etag")?;
    let user = play.user().await?;
    let header = Some(("If-Match", OTHER.to_owned()));
    let request = Request { header, ..Request::new("PUT", user.path.as_str()).body(user.sent.to_string()) };
    play.send(request).await?.status(&[412])?;
    Ok(())
}

async fn body(play: &mut Play) -> Verdict {
    let (_, tag, read) = versioned(play).await?;
    read.is("/meta/version", &json!(tag))?;
    Ok(())
}

async fn answers(play: &mut Play) -> Verdict {
    play.needs_announced("etag")?;
    let draft = play.draft();
    let created = play.post("/Users", &draft).await?;
    created.done()?;
    let user = made("/Users", draft, &created)?;
    same_version(&created, &play.read(&user).await?)?;
    let patched = change(play, &user, None).await?;
    same_version(patched.done()?, &play.read(&user).await?)?;
    let replaced = play.put(&user.path, &user.sent).await?;
    same_version(replaced.done()?, &play.read(&user).await?)
}

async fn projected(play: &mut Play) -> Verdict {
    let (user, _, read) = versioned(play).await?;
    let part = play.get(&format!("{}?attributes=userName", user.path)).await?;
    same_version(part.status(&[200])?, &read)
}

async fn changed(play: &mut Play) -> Verdict {
    let (user, tag, _) = versioned(play).await?;
    change(play, &user, None).await?.done()?;
    let read = play.read(&user).await?;
    if read.header("etag") == Some(tag.as_str()) {
        return Err(read.fault("another version than before the change", "the same one"));
    }
    let request = Request { header: Some(("If-None-Match", tag)), ..Request::new("GET", user.path.as_str()) };
    play.send(request).await?.status(&[200])?;
    Ok(())
}

async fn current(play: &mut Play) -> Verdict {
    let (user, tag, _) = versioned(play).await?;
    change(play, &user, Some(tag)).await?.done()?;
    change(play, &user, Some("*".to_owned())).await?.done()?;
    Ok(())
}

async fn delete(play: &mut Play) -> Verdict {
    play.needs_announced("etag")?;
    let user = play.user().await?;
    let header = Some(("If-Match", OTHER.to_owned()));
    play.send(Request { header, ..Request::new("DELETE", user.path.as_str()) }).await?.status(&[412])?;
    play.read(&user).await?.status(&[200])?;
    Ok(())
}

/// A user, its version, and the answer that showed it.
async fn versioned(play: &mut Play) -> Result<(Made, String, Answer), Stop> {
    play.needs_announced("etag")?;
    let user = play.user().await?;
    let read = play.read(&user).await?;
    match read.header("etag").map(str::to_owned) {
        Some(tag) => Ok((user, tag, read)),
        None => Err(read.fault("a header `ETag`", "none")),
    }
}

/// Gives the user another text, on a condition.
async fn change(play: &mut Play, user: &Made, if_match: Option<String>) -> Result<Answer, Stop> {
    let (path, value) = (play.spare_text()?, play.name());
    let operations = json!([{"op": "replace", "path": path, "value": value}]);
    let body = json!({"schemas": [PATCH_SCHEMA], "Operations": operations});
    let header = if_match.map(|tag| ("If-Match", tag));
    play.send(Request { header, ..Request::new("PATCH", user.path.as_str()).body(body.to_string()) }).await
}

/// An answer has no version, or that of the read.
fn same_version(answer: &Answer, read: &Answer) -> Verdict {
    match (answer.header("etag"), read.header("etag")) {
        (Some(one), Some(other)) if one != other => {
            Err(answer.fault(format!("the version of the GET, {other}"), one.to_owned()))
        }
        _ => Ok(()),
    }
}
