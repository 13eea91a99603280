//! Deprovisioning: users are switched off, never deleted.

use serde_json::json;

use super::PLAN;
use crate::verify::check::Check;
use crate::verify::play::Play;
use crate::verify::verdict::{Style, Verdict};

pub(super) const CASES: &[Check] = &[
    Check::styled(
        "C9292",
        "A person is deactivated: the user is inactive, and can be read",
        PLAN,
        "Let updates set `active` to false",
        |play, style| Box::pin(deactivate(play, style)),
    ),
    Check::styled(
        "C9294",
        "An assignment is removed: the user is inactive, and can be found",
        PLAN,
        "Keep users that are switched off in searches",
        |play, style| Box::pin(unassign(play, style)),
    ),
    Check::styled(
        "C9295",
        "A person is suspended: the user is inactive, and keeps its attributes",
        PLAN,
        "Change nothing but `active`",
        |play, style| Box::pin(suspend(play, style)),
    ),
    Check::styled(
        "C9311",
        "A group is taken from the app: all of its users are inactive",
        PLAN,
        "Carry out each update before it is answered",
        |play, style| Box::pin(group_removed(play, style)),
    ),
];

async fn deactivate(play: &mut Play, style: Style) -> Verdict {
    let user = play.assigned().await?;
    play.switch(style, &user, false).await
}

async fn unassign(play: &mut Play, style: Style) -> Verdict {
    let user = play.assigned().await?;
    play.switch(style, &user, false).await?;
    let found = play.filter("/Users", &format!("userName eq \"{}\"", user.user_name())).await?;
    found.status(&[200])?.is("/Resources/0/id", &json!(user.id))?.is("/Resources/0/active", &json!(false))?;
    Ok(())
}

async fn suspend(play: &mut Play, style: Style) -> Verdict {
    let user = play.assigned().await?;
    play.switch(style, &user, false).await?;
    play.reads_as(&user, &json!({"userName": user.user_name(), "name": user.sent["name"]})).await
}

async fn group_removed(play: &mut Play, style: Style) -> Verdict {
    let (one, other) = (play.assigned().await?, play.assigned().await?);
    for user in [&one, &other] {
        play.switch(style, user, false).await?;
    }
    play.reads_as(&one, &json!({"active": false})).await
}
