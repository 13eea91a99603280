//! Assignments: users come into the app.

use serde_json::{Value, json};

use super::PLAN;
use crate::verify::check::Check;
use crate::verify::draft;
use crate::verify::play::Play;
use crate::verify::verdict::{Style, Verdict};

pub(super) const CASES: &[Check] = &[
    Check::styled(
        "C9290",
        "A person is assigned: the user is made, and a push of the same profile changes nothing",
        PLAN,
        "Create the user with what was sent; take an update without a change as success",
        |play, style| Box::pin(assign(play, style)),
    ),
    Check::styled(
        "C9293",
        "A person is activated again: the user has the same id and the same attributes",
        PLAN,
        "Keep users that are switched off, and switch on the same one",
        |play, style| Box::pin(reactivate(play, style)),
    ),
    Check::styled(
        "C9300",
        "A suspension ends: the user is active again, and still a member",
        PLAN,
        "Leave memberships alone when `active` changes",
        |play, style| Box::pin(unsuspend(play, style)),
    ),
    Check::styled(
        "C9307",
        "A group is assigned to the app: each of its people becomes a user, and can be updated",
        PLAN,
        "Create each user with a request of its own; they differ in `userName`",
        |play, style| Box::pin(group_assignment(play, style)),
    ),
    Check::styled(
        "C9334",
        "A person with every attribute is assigned, and then every attribute changes",
        PLAN,
        "Store every attribute that `/Schemas` announces, or announce it as read-only, or not at all",
        |play, style| Box::pin(everything(play, style)),
    ),
    Check::styled(
        "C9335",
        "A person whose user exists already is linked to it and updates it; no second one is made",
        PLAN,
        "Find the user by `userName`, and let the update change that one",
        |play, style| Box::pin(existing(play, style)),
    ),
    Check::styled(
        "C9336",
        "A user name and an address that differ are both kept",
        PLAN,
        "Keep `userName` and `emails` apart",
        |play, style| Box::pin(other_address(play, style)),
    ),
];

async fn assign(play: &mut Play, style: Style) -> Verdict {
    let user = play.assigned().await?;
    let names = json!({"name": user.sent["name"], "userName": user.sent["userName"]});
    play.reads_as(&user, &names).await?;
    play.push(style, &user, &names).await?;
    play.reads_as(&user, &names).await
}

async fn reactivate(play: &mut Play, style: Style) -> Verdict {
    let user = play.assigned().await?;
    play.switch(style, &user, false).await?;
    let found = play.filter("/Users", &format!("userName eq \"{}\"", user.user_name())).await?;
    match found.page()?.ids().as_slice() {
        [only] if *only == user.id => {}
        ids => return Err(found.fault("the same user, switched off", format!("{} users", ids.len()))),
    }
    play.switch(style, &user, true).await?;
    play.reads_as(&user, &json!({"id": user.id, "userName": user.user_name(), "name": user.sent["name"]})).await
}

async fn unsuspend(play: &mut Play, style: Style) -> Verdict {
    play.needs_groups()?;
    let user = play.assigned().await?;
    let group = play.group(&[&user]).await?;
    play.switch(style, &user, false).await?;
    play.switch(style, &user, true).await?;
    play.reads_as(&user, &json!({"name": user.sent["name"]})).await?;
    play.has_members(&group, &[&user]).await
}

async fn group_assignment(play: &mut Play, style: Style) -> Verdict {
    for _ in 0..3 {
        let user = play.assigned().await?;
        play.reads_as(&user, &json!({"userName": user.user_name()})).await?;
        play.pushed(style, &user, &json!({"name": {"familyName": "Assigned"}})).await?;
    }
    Ok(())
}

async fn everything(play: &mut Play, style: Style) -> Verdict {
    let mut whole = play.draft();
    add(&mut whole, draft::more(&play.announced, 0));
    let user = play.assign(whole).await?;
    let mut sent = user.sent.clone();
    if let Some(members) = sent.as_object_mut() {
        members.shift_remove("schemas");
    }
    play.reads_as(&user, &sent).await?;
    let mut changes = json!({"name": {"givenName": "Grace", "familyName": "Changed"}});
    add(&mut changes, draft::more(&play.announced, 1));
    play.pushed(style, &user, &changes).await
}

fn add(whole: &mut Value, more: Value) {
    if let (Value::Object(whole), Value::Object(more)) = (whole, more) {
        whole.extend(more);
    }
}

async fn existing(play: &mut Play, style: Style) -> Verdict {
    let user = play.user().await?;
    let filter = format!("userName eq \"{}\"", user.user_name());
    let found = play.filter("/Users", &filter).await?;
    match found.page()?.ids().as_slice() {
        [only] if *only == user.id => {}
        ids => return Err(found.fault("the user that exists", format!("{} users", ids.len()))),
    }
    play.pushed(style, &user, &json!({"name": {"givenName": "Grace", "familyName": "Linked"}})).await?;
    let found = play.filter("/Users", &filter).await?;
    found.is("/totalResults", &json!(1))?.is("/Resources/0/id", &json!(user.id))?;
    Ok(())
}

async fn other_address(play: &mut Play, style: Style) -> Verdict {
    play.needs_attribute("emails")?;
    let mut draft = play.draft();
    let (first, second) = (play.user_name(), play.user_name());
    draft["emails"][0]["value"] = json!(first);
    let user = play.assign(draft).await?;
    play.reads_as(&user, &json!({"userName": user.user_name(), "emails": [{"value": first}]})).await?;
    let mut emails = user.sent["emails"].clone();
    emails[0]["value"] = json!(second);
    play.pushed(style, &user, &json!({"emails": emails})).await?;
    play.reads_as(&user, &json!({"userName": user.user_name()})).await
}
