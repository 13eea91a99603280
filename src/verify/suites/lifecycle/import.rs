//! Imports: Okta reads what the app has.

use serde_json::{Value, json};

use super::PLAN;
use crate::verify::answer::Answer;
use crate::verify::check::Check;
use crate::verify::play::{Made, Play};
use crate::verify::verdict::{Stop, Style, Verdict};

/// The most pages of an import that are read.
const PAGES: usize = 50;

pub(super) const CASES: &[Check] = &[
    Check::styled(
        "C9303",
        "Users are imported with their names and addresses; a user that was updated, with the new ones",
        PLAN,
        "List users with `userName`, both names and `emails`, as they are now",
        |play, style| Box::pin(import(play, style)),
    ),
    Check::styled(
        "C9304",
        "An import counts each user once, before and after an update",
        PLAN,
        "List each user once, under one id",
        |play, style| Box::pin(counted(play, style)),
    ),
    Check::styled(
        "C9305",
        "A user that was imported is updated by the id of the list",
        PLAN,
        "Give the same `id` in lists as in updates",
        |play, style| Box::pin(imported_update(play, style)),
    ),
    Check::styled(
        "C9338",
        "Groups are imported with their members, as they are now",
        PLAN,
        "List groups, and give `members` when one is read",
        |play, style| Box::pin(groups(play, style)),
    ),
    Check::styled(
        "C9360",
        "The app is the source of a profile: the import brings what it has",
        PLAN,
        "List users with all attributes that are read alone",
        |play, style| Box::pin(sourced(play, style)),
    ),
    Check::styled(
        "C9361",
        "A user that the app switched off is imported as inactive",
        PLAN,
        "List users that are switched off, with `active: false`",
        |play, style| Box::pin(sourced_inactive(play, style)),
    ),
];

/// Reads a list page by page until a resource is there; gives the page, and the resource as it stands there.
async fn imported(play: &mut Play, endpoint: &str, made: &Made) -> Result<(Answer, Value), Stop> {
    let mut start = 1;
    for _ in 0..PAGES {
        let answer = play.get(&format!("{endpoint}?startIndex={start}&count=100")).await?;
        let page = answer.page()?;
        if let Some(found) = page.resources.iter().find(|resource| resource["id"] == made.id) {
            let found = found.clone();
            return Ok((answer, found));
        }
        start += page.resources.len();
        let end = page.total.is_none_or(|total| u64::try_from(start).is_ok_and(|start| start > total));
        if page.resources.is_empty() || end {
            return Err(
                answer.fault(format!("the resource with the id {} on one of the pages", made.id), "it is on none")
            );
        }
    }
    Err(Stop::Skipped(format!("it is not among the first {PAGES} pages, and no more are read")))
}

/// Holds a value of a resource in a list.
fn holds(answer: &Answer, resource: &Value, pointer: &str, wanted: &Value) -> Verdict {
    let got = resource.pointer(pointer).unwrap_or(&Value::Null);
    if got == wanted {
        return Ok(());
    }
    Err(answer.fault(format!("`{}` to be {wanted} in the list", pointer[1..].replace('/', ".")), got.to_string()))
}

async fn import(play: &mut Play, style: Style) -> Verdict {
    let user = play.assigned().await?;
    let (answer, listed) = imported(play, "/Users", &user).await?;
    for pointer in ["/userName", "/name/givenName", "/name/familyName", "/emails/0/value"] {
        if let Some(wanted) = user.sent.pointer(pointer) {
            holds(&answer, &listed, pointer, wanted)?;
        }
    }
    play.push(style, &user, &json!({"name": {"familyName": "Reimported"}})).await?;
    let (answer, listed) = imported(play, "/Users", &user).await?;
    holds(&answer, &listed, "/name/familyName", &json!("Reimported"))
}

async fn counted(play: &mut Play, style: Style) -> Verdict {
    let user = play.assigned().await?;
    let filter = format!("userName eq \"{}\"", user.user_name());
    play.filter("/Users", &filter).await?.is("/totalResults", &json!(1))?;
    play.push(style, &user, &json!({"name": {"familyName": "Counted"}})).await?;
    let (answer, _) = imported(play, "/Users", &user).await?;
    let times = answer.page()?.ids().iter().filter(|id| **id == user.id).count();
    if times != 1 {
        return Err(answer.fault("the user once", format!("{times} times")));
    }
    play.filter("/Users", &filter).await?.is("/totalResults", &json!(1))?;
    Ok(())
}

async fn imported_update(play: &mut Play, style: Style) -> Verdict {
    let user = play.assigned().await?;
    let (answer, listed) = imported(play, "/Users", &user).await?;
    holds(&answer, &listed, "/userName", &user.sent["userName"])?;
    play.pushed(style, &user, &json!({"name": {"givenName": "Grace"}})).await
}

async fn groups(play: &mut Play, style: Style) -> Verdict {
    play.needs_groups()?;
    let (one, other) = (play.assigned().await?, play.assigned().await?);
    let group = play.group(&[&one]).await?;
    let (answer, listed) = imported(play, "/Groups", &group).await?;
    holds(&answer, &listed, "/displayName", &json!(group.display_name()))?;
    play.has_members(&group, &[&one]).await?;
    play.change_members(style, &group, &[&other], &[]).await?;
    play.has_members(&group, &[&one, &other]).await
}

async fn sourced(play: &mut Play, style: Style) -> Verdict {
    let user = play.assigned().await?;
    play.push(style, &user, &json!({"name": {"givenName": "Grace"}})).await?;
    let (answer, listed) = imported(play, "/Users", &user).await?;
    holds(&answer, &listed, "/name/givenName", &json!("Grace"))?;
    let read = play.read(&user).await?;
    for pointer in ["/userName", "/name/familyName", "/emails", "/active", "/displayName"] {
        if let Some(wanted) = read.at(pointer) {
            holds(&answer, &listed, pointer, wanted)?;
        }
    }
    Ok(())
}

async fn sourced_inactive(play: &mut Play, style: Style) -> Verdict {
    let user = play.assigned().await?;
    play.switch(style, &user, false).await?;
    let (answer, listed) = imported(play, "/Users", &user).await?;
    holds(&answer, &listed, "/active", &json!(false))
}
