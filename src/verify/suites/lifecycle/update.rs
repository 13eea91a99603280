//! Updates: what changes in Okta is pushed.

use serde_json::json;

use super::PLAN;
use crate::verify::check::Check;
use crate::verify::play::Play;
use crate::verify::verdict::{Style, Verdict};

pub(super) const CASES: &[Check] = &[
    Check::styled(
        "C9291",
        "One attribute changes, and the others stay",
        PLAN,
        "Change what the update names, and nothing else",
        |play, style| Box::pin(one_attribute(play, style)),
    ),
    Check::styled(
        "C9309",
        "An attribute of all people of a group changes",
        PLAN,
        "Carry out each update before it is answered",
        |play, style| Box::pin(of_a_group(play, style)),
    ),
    Check::styled(
        "C9310",
        "Several attributes of a profile change at once",
        PLAN,
        "Carry out all changes of an update",
        |play, style| Box::pin(profile(play, style)),
    ),
    Check::styled(
        "C9337",
        "Attributes are emptied, and that is no error",
        PLAN,
        "Take \"\" and null in updates as no value",
        |play, style| Box::pin(empty(play, style)),
    ),
];

async fn one_attribute(play: &mut Play, style: Style) -> Verdict {
    let user = play.assigned().await?;
    play.pushed(style, &user, &json!({"name": {"givenName": "Grace"}})).await?;
    let others = json!({"userName": user.user_name(), "name": {"familyName": user.sent["name"]["familyName"]}});
    play.reads_as(&user, &others).await
}

async fn of_a_group(play: &mut Play, style: Style) -> Verdict {
    let (one, other) = (play.assigned().await?, play.assigned().await?);
    for user in [&one, &other] {
        play.pushed(style, user, &json!({"name": {"familyName": "Regrouped"}})).await?;
    }
    play.reads_as(&one, &json!({"name": {"familyName": "Regrouped"}, "userName": one.user_name()})).await
}

async fn profile(play: &mut Play, style: Style) -> Verdict {
    let user = play.assigned().await?;
    let mut changes = json!({"name": {"givenName": "Grace", "familyName": "Updated"}});
    if play.announced.writes(crate::scim::schema::USER, "displayName") {
        changes["displayName"] = json!(format!("Grace {}", play.name()));
    }
    play.pushed(style, &user, &changes).await
}

async fn empty(play: &mut Play, style: Style) -> Verdict {
    let name = play.spare_text()?;
    let mut draft = play.draft();
    draft[name] = json!("en");
    let user = play.assign(draft).await?;
    play.reads_as(&user, &json!({name: "en"})).await?;
    play.push(style, &user, &json!({name: ""})).await?;
    play.read(&user).await?.is_clear(&format!("/{name}"))?;
    play.reads_as(&user, &json!({"userName": user.user_name()})).await
}
