//! Deletion (RFC 7644 §3.6).

use serde_json::json;

use crate::verify::check::Check;
use crate::verify::play::Play;
use crate::verify::verdict::{Verdict, skipped};

pub(super) const CHECKS: &[Check] = &[
    Check::writes(
        "rfc-delete-status",
        "A deletion is answered with 204 and no body",
        "RFC 7644 §3.6",
        "Answer a DELETE with 204 No Content",
        |play| Box::pin(status(play)),
    ),
    Check::writes(
        "rfc-delete-gone",
        "A deleted user is answered with 404",
        "RFC 7644 §3.6",
        "Answer 404 to every request for a deleted resource",
        |play| Box::pin(gone(play)),
    ),
    Check::writes(
        "rfc-delete-not-listed",
        "A deleted user is in no list",
        "RFC 7644 §3.6",
        "Leave deleted resources out of lists",
        |play| Box::pin(not_listed(play)),
    ),
    Check::writes(
        "rfc-delete-twice",
        "A second deletion is answered with 404",
        "RFC 7644 §3.6, §3.12",
        "Answer a DELETE with 404 where no resource has the id",
        |play| Box::pin(twice(play)),
    ),
    Check::writes(
        "rfc-delete-frees-name",
        "The name of a deleted user can be taken again",
        "RFC 7644 §3.6",
        "Leave deleted resources out when you look whether a value is taken",
        |play| Box::pin(frees_name(play)),
    ),
];

/// A user that was deleted; skipped where the server deletes nobody.
async fn deleted(play: &mut Play) -> Result<crate::verify::play::Made, crate::verify::verdict::Stop> {
    let user = play.user().await?;
    let answer = play.delete(&user.path).await?;
    if matches!(answer.status, 405 | 501) {
        return Err(skipped(format!("the server deletes no users: it answers {}", answer.status)));
    }
    answer.done()?;
    Ok(user)
}

async fn status(play: &mut Play) -> Verdict {
    let user = play.user().await?;
    let answer = play.delete(&user.path).await?;
    if matches!(answer.status, 405 | 501) {
        return Err(skipped(format!("the server deletes no users: it answers {}", answer.status)));
    }
    answer.status(&[204])?;
    if answer.has_body {
        return Err(answer.fault("no body with 204", "one"));
    }
    Ok(())
}

async fn gone(play: &mut Play) -> Verdict {
    let user = deleted(play).await?;
    play.get(&user.path).await?.status(&[404])?;
    Ok(())
}

async fn not_listed(play: &mut Play) -> Verdict {
    let user = deleted(play).await?;
    let answer = play.filter("/Users", &format!("userName eq \"{}\"", user.user_name())).await?;
    if answer.page()?.ids().contains(&user.id.as_str()) {
        return Err(answer.fault("not the deleted user", "it is there"));
    }
    Ok(())
}

async fn twice(play: &mut Play) -> Verdict {
    let user = deleted(play).await?;
    play.delete(&user.path).await?.status(&[404])?;
    Ok(())
}

async fn frees_name(play: &mut Play) -> Verdict {
    let user = deleted(play).await?;
    let again = play.post("/Users", &user.sent).await?;
    again.done()?.is("/userName", &json!(user.user_name()))?;
    Ok(())
}
