//! Users: found, created, disabled, deleted.

use serde_json::{Value, json};

use super::TUTORIAL;
use crate::scim::schema::{ENTERPRISE_USER, USER};
use crate::verify::answer::{Answer, LIST};
use crate::verify::check::Check;
use crate::verify::play::{Made, Play};
use crate::verify::verdict::{Verdict, skipped};

pub(super) const CHECKS: &[Check] = &[
    Check::reads(
        "entra-connect",
        "The test of the connection, a search for nobody, gets an empty list",
        TUTORIAL,
        "Answer 200 and a list with `totalResults` 0 when nobody matches",
        |play| Box::pin(connect(play)),
    ),
    Check::writes(
        "entra-match-external-id",
        "A user is found by `externalId`",
        TUTORIAL,
        "Honour `externalId eq`; Entra looks for it first",
        |play| Box::pin(match_external_id(play)),
    ),
    Check::writes(
        "entra-match-email",
        "A user is found by the address of type work",
        TUTORIAL,
        "Honour `emails[type eq \"work\"].value eq`, or decline it with 400 and `invalidFilter`",
        |play| Box::pin(match_email(play)),
    ),
    Check::writes(
        "entra-create",
        "A user as Entra sends it is created, with both schemas named",
        TUTORIAL,
        "Answer 201; ignore `meta`, empty lists and schemas without attributes in the body",
        |play| Box::pin(create(play)),
    ),
    Check::writes(
        "entra-duplicate",
        "A second creation of the same user is answered with 409",
        TUTORIAL,
        "Answer 409 when `userName` is taken",
        |play| Box::pin(duplicate(play)),
    ),
    Check::writes(
        "entra-media-type",
        "Every answer with a body is `application/scim+json`",
        TUTORIAL,
        "Send `Content-Type: application/scim+json` with resources, lists and errors alike",
        |play| Box::pin(media_type(play)),
    ),
    Check::writes(
        "entra-disable",
        "A user that is disabled stays, and is found as inactive",
        TUTORIAL,
        "Keep users with `active: false`; Entra deletes them later itself",
        |play| Box::pin(disable(play)),
    ),
    Check::writes(
        "entra-delete",
        "A disabled user is deleted, and the second deletion is answered with 404",
        TUTORIAL,
        "Answer 204 to the first DELETE, and 404 to the next",
        |play| Box::pin(delete(play)),
    ),
];

async fn connect(play: &mut Play) -> Verdict {
    let name = play.user_name();
    let answer = play.filter("/Users", &format!("userName eq \"{name}\"")).await?;
    answer.status(&[200])?.schema(LIST)?.is("/totalResults", &json!(0))?;
    Ok(())
}

async fn match_external_id(play: &mut Play) -> Verdict {
    let mut draft = play.draft();
    draft["externalId"] = json!(play.name());
    let filter = format!("externalId eq {}", draft["externalId"]);
    let (user, _) = (play.make("/Users", draft).await?, play.user().await?);
    // A common attribute, which no schema lists (RFC 7643 §3.1): whether it is kept shows in the user.
    if play.read(&user).await?.at("/externalId").is_none() {
        return Err(skipped("the server keeps no `externalId`"));
    }
    only(&play.filter("/Users", &filter).await?, &user)
}

async fn match_email(play: &mut Play) -> Verdict {
    play.needs_attribute("emails.type")?;
    let (user, _) = (play.user().await?, play.user().await?);
    let filter = format!("emails[type eq \"work\"].value eq \"{}\"", user.user_name());
    let answer = play.filter("/Users", &filter).await?;
    if answer.status == 400 {
        return Err(skipped("the server declines this filter with 400, as it may"));
    }
    only(&answer, &user)
}

/// Holds that a search found this user alone.
fn only(answer: &Answer, user: &Made) -> Verdict {
    let page = answer.page()?;
    if page.ids() == [user.id.as_str()] {
        return Ok(());
    }
    Err(answer.fault(format!("the one user with the id {}", user.id), format!("{} users", page.resources.len())))
}

/// A user as Entra sends it.
fn entra_user(play: &mut Play) -> Value {
    let mut user = play.draft();
    user["schemas"] = json!([USER, ENTERPRISE_USER]);
    user["externalId"] = json!(play.name());
    user["meta"] = json!({"resourceType": "User"});
    user["roles"] = json!([]);
    user
}

async fn create(play: &mut Play) -> Verdict {
    let user = entra_user(play);
    let created = play.post("/Users", &user).await?;
    created.status(&[201])?.is("/userName", &user["userName"])?;
    Ok(())
}

async fn duplicate(play: &mut Play) -> Verdict {
    let user = entra_user(play);
    play.post("/Users", &user).await?.done()?;
    play.post("/Users", &user).await?.status(&[409])?;
    Ok(())
}

async fn media_type(play: &mut Play) -> Verdict {
    let user = play.user().await?;
    let read = play.read(&user).await?;
    let listed = play.filter("/Users", &format!("userName eq \"{}\"", user.user_name())).await?;
    let missing = play.name();
    let refused = play.get(&format!("/Users/{missing}")).await?;
    for answer in [&read, &listed, &refused] {
        let found = answer.header("content-type").unwrap_or("none");
        if answer.has_body && !found.to_ascii_lowercase().starts_with("application/scim+json") {
            return Err(answer.fault("`Content-Type: application/scim+json`", found));
        }
    }
    Ok(())
}

async fn disable(play: &mut Play) -> Verdict {
    play.needs("patch")?;
    play.needs_attribute("active")?;
    let user = play.user().await?;
    play.patch(&user.path, json!([{"op": "Replace", "path": "active", "value": "False"}])).await?.done()?;
    let found = play.filter("/Users", &format!("userName eq \"{}\"", user.user_name())).await?;
    only(&found, &user)?;
    found.is("/Resources/0/active", &json!(false))?;
    Ok(())
}

async fn delete(play: &mut Play) -> Verdict {
    let user = play.user().await?;
    let answer = play.delete(&user.path).await?;
    if matches!(answer.status, 405 | 501) {
        return Err(skipped(format!("the server deletes no users: it answers {}", answer.status)));
    }
    answer.status(&[204])?;
    play.delete(&user.path).await?.status(&[404])?;
    Ok(())
}
