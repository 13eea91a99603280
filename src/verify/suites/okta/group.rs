//! Groups, as Okta pushes them.

use serde_json::json;

use super::PROTOCOL;
use crate::verify::check::Check;
use crate::verify::play::Play;
use crate::verify::verdict::{Style, Verdict};

pub(super) const CHECKS: &[Check] = &[
    Check::writes(
        "okta-group-search",
        "A group is found by its name before it is pushed",
        PROTOCOL,
        "Honour `displayName eq` on `/Groups`: 200 with the one group, or with an empty list",
        |play| Box::pin(search(play)),
    ),
    Check::writes(
        "okta-group-rename",
        "A rename that carries the `id` in its value is carried out",
        PROTOCOL,
        "Ignore an `id` in the value of a PATCH without a path, when it is the group's own",
        |play| Box::pin(rename(play)),
    ),
    Check::styled(
        "okta-group-members",
        "One member goes and another comes, and those who stay are kept",
        PROTOCOL,
        "Carry out `remove` of `members[value eq \"…\"]` and `add` to `members` in one PATCH; with PUT, the list is all",
        |play, style| Box::pin(members(play, style)),
    ),
    Check::styled(
        "okta-group-push-now",
        "A push of all members leaves exactly these in the group",
        PROTOCOL,
        "Replace the list of members when `members` is replaced",
        |play, style| Box::pin(push_now(play, style)),
    ),
    Check::writes(
        "okta-member-twice",
        "To add a member that is one already is no error, and adds nothing",
        "Okta: SCIM 2.0 protocol reference; RFC 7643 §2.4, RFC 7644 §3.5.2.1",
        "Answer success, and keep the member once",
        |play| Box::pin(twice(play)),
    ),
    Check::writes(
        "okta-member-absent",
        "To remove somebody who is no member is no error",
        PROTOCOL,
        "Answer success when the member to remove is not there",
        |play| Box::pin(absent(play)),
    ),
    Check::writes(
        "okta-group-unlink",
        "A deleted group is answered with 204, and its members stay",
        PROTOCOL,
        "Delete the group alone",
        |play| Box::pin(unlink(play)),
    ),
];

async fn search(play: &mut Play) -> Verdict {
    play.needs_groups()?;
    let name = play.name();
    play.filter("/Groups", &format!("displayName eq \"{name}\""))
        .await?
        .status(&[200])?
        .is("/totalResults", &json!(0))?;
    let group = play.group(&[]).await?;
    let found = play.filter("/Groups", &format!("displayName eq \"{}\"", group.display_name())).await?;
    match found.page()?.resources.as_slice() {
        [only] if only["id"] == group.id => Ok(()),
        others => Err(found.fault("the one group", format!("{} groups", others.len()))),
    }
}

async fn rename(play: &mut Play) -> Verdict {
    let group = play.group(&[]).await?;
    let name = play.name();
    play.rename_group(Style::Patch, &group, &name).await
}

async fn members(play: &mut Play, style: Style) -> Verdict {
    play.needs_groups()?;
    let (stays, goes, comes) = (play.user().await?, play.user().await?, play.user().await?);
    let group = play.group(&[&stays, &goes]).await?;
    play.change_members(style, &group, &[&comes], &[&goes]).await?;
    play.has_members(&group, &[&stays, &comes]).await
}

async fn push_now(play: &mut Play, style: Style) -> Verdict {
    play.needs_groups()?;
    let (old, new) = (play.user().await?, play.user().await?);
    let group = play.group(&[&old]).await?;
    play.set_members(style, &group, &[&new]).await?;
    play.set_members(style, &group, &[]).await
}

async fn twice(play: &mut Play) -> Verdict {
    play.needs_groups()?;
    let user = play.user().await?;
    let group = play.group(&[&user]).await?;
    play.change_members(Style::Patch, &group, &[&user], &[]).await?;
    play.has_members(&group, &[&user]).await
}

async fn absent(play: &mut Play) -> Verdict {
    play.needs_groups()?;
    let (member, other) = (play.user().await?, play.user().await?);
    let group = play.group(&[&member]).await?;
    play.change_members(Style::Patch, &group, &[], &[&other]).await?;
    play.has_members(&group, &[&member]).await
}

async fn unlink(play: &mut Play) -> Verdict {
    play.needs_groups()?;
    let user = play.user().await?;
    let group = play.group(&[&user]).await?;
    play.delete(&group.path).await?.status(&[204])?;
    play.get(&group.path).await?.status(&[404])?;
    play.read(&user).await?;
    Ok(())
}
