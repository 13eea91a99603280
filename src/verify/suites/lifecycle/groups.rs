//! Group push: groups and their members are made, overwritten and deleted.

use serde_json::json;

use super::PLAN;
use crate::scim::schema::GROUP;
use crate::verify::check::Check;
use crate::verify::play::{Made, Play};
use crate::verify::verdict::{Stop, Style, Verdict};

pub(super) const CASES: &[Check] = &[
    Check::styled(
        "C9312",
        "A group is pushed: it is made, and its people become its members",
        PLAN,
        "Create the group, with the members of the POST and those that follow",
        |play, style| Box::pin(push(play, style)),
    ),
    Check::styled(
        "C9316",
        "A push now overwrites all members, also with none",
        PLAN,
        "Replace the members whole; an empty list leaves nobody",
        |play, style| Box::pin(push_now(play, style)),
    ),
    Check::styled(
        "C9317",
        "A group without members is pushed",
        PLAN,
        "Accept a group with `members: []`",
        |play, style| Box::pin(empty(play, style)),
    ),
    Check::styled(
        "C9318",
        "A pushed group is unlinked and deleted; the users stay",
        PLAN,
        "Answer 204 to the DELETE of a group, and keep its members",
        |play, style| Box::pin(unlink(play, style)),
    ),
    Check::styled(
        "C9320",
        "A paused push is resumed: members that came and went meanwhile are pushed",
        PLAN,
        "Replace the members whole",
        |play, style| Box::pin(resume(play, style)),
    ),
    Check::styled(
        "C9323",
        "A rule finds several groups, and each is pushed",
        PLAN,
        "Create each group with its members; a user may be in several",
        |play, style| Box::pin(by_rule(play, style)),
    ),
    Check::styled(
        "C9325",
        "A rule is deleted with its groups",
        PLAN,
        "Delete each group; keep the users",
        |play, style| Box::pin(delete_several(play, style)),
    ),
    Check::styled(
        "C9327",
        "Several groups are deleted at once",
        PLAN,
        "Delete each group; keep the users",
        |play, style| Box::pin(delete_several(play, style)),
    ),
    Check::styled(
        "C9329",
        "The push of several groups is resumed at once",
        PLAN,
        "Replace the members of each group whole",
        |play, style| Box::pin(resume_several(play, style)),
    ),
    Check::styled(
        "C9332",
        "A person is added to a pushed group: the user is made, and becomes a member",
        PLAN,
        "Let members be added one by one, and keep the others",
        |play, style| Box::pin(add_member(play, style)),
    ),
    Check::styled(
        "C9333",
        "A person is removed from a pushed group: no member any more, and inactive",
        PLAN,
        "Let members be removed one by one, and keep the others",
        |play, style| Box::pin(remove_member(play, style)),
    ),
];

/// A group as Okta pushes it: searched for first, then made, then given its members.
async fn pushed_group(play: &mut Play, style: Style, members: &[&Made]) -> Result<Made, Stop> {
    play.needs_groups()?;
    let name = play.name();
    let found = play.filter("/Groups", &format!("displayName eq \"{name}\"")).await?;
    found.status(&[200])?.is("/totalResults", &json!(0))?;
    let draft = json!({"schemas": [GROUP], "displayName": name, "members": []});
    let group = play.make("/Groups", draft).await?;
    play.change_members(style, &group, members, &[]).await?;
    Ok(group)
}

async fn push(play: &mut Play, style: Style) -> Verdict {
    let (one, other) = (play.assigned().await?, play.assigned().await?);
    let group = pushed_group(play, style, &[&one, &other]).await?;
    play.has_members(&group, &[&one, &other]).await
}

async fn push_now(play: &mut Play, style: Style) -> Verdict {
    let (one, other) = (play.assigned().await?, play.assigned().await?);
    let group = pushed_group(play, style, &[&one]).await?;
    play.set_members(style, &group, &[&other]).await?;
    play.set_members(style, &group, &[]).await
}

async fn empty(play: &mut Play, style: Style) -> Verdict {
    play.needs_groups()?;
    let name = play.name();
    let draft = json!({"schemas": [GROUP], "displayName": name, "members": []});
    let created = play.post("/Groups", &draft).await?;
    created.status(&[201])?;
    let found = play.filter("/Groups", &format!("displayName eq \"{name}\"")).await?;
    let Some(id) = found.page()?.ids().first().map(|id| (*id).to_owned()) else {
        return Err(found.fault("the group that was made", "0 groups"));
    };
    let path = format!("/Groups/{}", crate::verify::client::escape(&id));
    let group = Made { id, path, sent: draft };
    play.has_members(&group, &[]).await?;
    play.set_members(style, &group, &[]).await
}

async fn unlink(play: &mut Play, style: Style) -> Verdict {
    let user = play.assigned().await?;
    let group = pushed_group(play, style, &[&user]).await?;
    gone(play, &group).await?;
    play.read(&user).await?;
    Ok(())
}

/// Deletes a group, and holds that it is gone.
async fn gone(play: &mut Play, group: &Made) -> Verdict {
    play.delete(&group.path).await?.status(&[204])?;
    play.get(&group.path).await?.status(&[404])?;
    Ok(())
}

async fn resume(play: &mut Play, style: Style) -> Verdict {
    let (stays, goes, comes) = (play.assigned().await?, play.assigned().await?, play.assigned().await?);
    let group = pushed_group(play, style, &[&stays, &goes]).await?;
    play.set_members(style, &group, &[&stays, &comes]).await
}

async fn by_rule(play: &mut Play, style: Style) -> Verdict {
    let user = play.assigned().await?;
    for _ in 0..2 {
        let group = pushed_group(play, style, &[&user]).await?;
        play.has_members(&group, &[&user]).await?;
    }
    Ok(())
}

async fn delete_several(play: &mut Play, style: Style) -> Verdict {
    let user = play.assigned().await?;
    let (one, other) = (pushed_group(play, style, &[&user]).await?, pushed_group(play, style, &[&user]).await?);
    gone(play, &one).await?;
    gone(play, &other).await?;
    play.read(&user).await?;
    Ok(())
}

async fn resume_several(play: &mut Play, style: Style) -> Verdict {
    let (old, new) = (play.assigned().await?, play.assigned().await?);
    let (one, other) = (pushed_group(play, style, &[&old]).await?, pushed_group(play, style, &[&old]).await?);
    play.set_members(style, &one, &[&old, &new]).await?;
    play.set_members(style, &other, &[&new]).await
}

async fn add_member(play: &mut Play, style: Style) -> Verdict {
    let first = play.assigned().await?;
    let group = pushed_group(play, style, &[&first]).await?;
    let second = play.assigned().await?;
    play.change_members(style, &group, &[&second], &[]).await?;
    play.has_members(&group, &[&first, &second]).await
}

async fn remove_member(play: &mut Play, style: Style) -> Verdict {
    let (stays, goes) = (play.assigned().await?, play.assigned().await?);
    let group = pushed_group(play, style, &[&stays, &goes]).await?;
    play.change_members(style, &group, &[], &[&goes]).await?;
    play.has_members(&group, &[&stays]).await?;
    play.switch(style, &goes, false).await
}
