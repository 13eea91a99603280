//! Group push to groups that the app has already.

use serde_json::json;

use super::PLAN;
use crate::verify::check::Check;
use crate::verify::play::{Made, Play};
use crate::verify::verdict::{Stop, Style, Verdict};

pub(super) const CASES: &[Check] = &[
    Check::styled(
        "C9315",
        "A group of the app is linked and renamed; old members stay, and no second group is made",
        PLAN,
        "Let an update rename a group, and keep its members",
        |play, style| Box::pin(link_and_rename(play, style)),
    ),
    Check::styled(
        "C9322",
        "A group that was left in the app is linked again, and its members are kept in step",
        PLAN,
        "Find the group by its name, and keep the members that are there",
        |play, style| Box::pin(link_again(play, style)),
    ),
    Check::styled(
        "C9330",
        "A group of the app is linked under its own name; old members stay",
        PLAN,
        "Change the members alone, and not the name",
        |play, style| Box::pin(link(play, style)),
    ),
];

/// A group that the app has, with a member that Okta does not know; found as Okta finds it.
async fn existing(play: &mut Play) -> Result<(Made, Made), Stop> {
    play.needs_groups()?;
    let old = play.user().await?;
    let group = play.group(&[&old]).await?;
    let found = play.filter("/Groups", &format!("displayName eq \"{}\"", group.display_name())).await?;
    match found.page()?.ids().as_slice() {
        [only] if *only == group.id => Ok((group, old)),
        ids => Err(found.fault("the group of the app", format!("{} groups", ids.len()))),
    }
}

async fn link_and_rename(play: &mut Play, style: Style) -> Verdict {
    let (group, old) = existing(play).await?;
    let (new, name) = (play.assigned().await?, play.name());
    play.rename_group(style, &group, &name).await?;
    play.change_members(style, &group, &[&new], &[]).await?;
    play.has_members(&group, &[&old, &new]).await?;
    let found = play.filter("/Groups", &format!("displayName eq \"{name}\"")).await?;
    found.is("/totalResults", &json!(1))?.is("/Resources/0/id", &json!(group.id))?;
    Ok(())
}

async fn link_again(play: &mut Play, style: Style) -> Verdict {
    let (group, old) = existing(play).await?;
    let new = play.assigned().await?;
    play.change_members(style, &group, &[&new], &[]).await?;
    play.has_members(&group, &[&old, &new]).await?;
    play.change_members(style, &group, &[], &[&new]).await?;
    play.has_members(&group, &[&old]).await
}

async fn link(play: &mut Play, style: Style) -> Verdict {
    let (group, old) = existing(play).await?;
    let new = play.assigned().await?;
    play.change_members(style, &group, &[&new], &[]).await?;
    play.has_members(&group, &[&old, &new]).await?;
    play.read(&group).await?.is("/displayName", &json!(group.display_name()))?;
    Ok(())
}
