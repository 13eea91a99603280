//! Groups, read without their members.

use serde_json::{Value, json};

use super::{KNOWN, TUTORIAL};
use crate::scim::schema::GROUP;
use crate::verify::check::Check;
use crate::verify::client::escape;
use crate::verify::play::Play;
use crate::verify::verdict::Verdict;

pub(super) const CHECKS: &[Check] = &[
    Check::writes(
        "entra-group-create",
        "A group as Entra sends it is created, without members",
        TUTORIAL,
        "Answer 201; ignore `meta` and an `externalId` that you do not store",
        |play| Box::pin(create(play)),
    ),
    Check::writes(
        "entra-group-search",
        "A group is found by its name, without its members",
        TUTORIAL,
        "Honour `displayName eq` together with `excludedAttributes=members`",
        |play| Box::pin(search(play)),
    ),
    Check::writes(
        "entra-group-read",
        "A group is read without its members when they are excluded",
        TUTORIAL,
        "Honour `excludedAttributes=members`: Entra reads big groups that way",
        |play| Box::pin(read(play)),
    ),
    Check::writes(
        "entra-group-rename",
        "A group is renamed",
        TUTORIAL,
        "Let `Replace` of `displayName` rename the group",
        |play| Box::pin(rename(play)),
    ),
    Check::writes(
        "entra-group-add-member",
        "A member is added, and the others stay",
        TUTORIAL,
        "Let `Add` to `members` append",
        |play| Box::pin(add_member(play)),
    ),
    Check::writes(
        "entra-group-remove-member",
        "A member that the value names is removed, and the others stay",
        KNOWN,
        "Let `Remove` of `members` with a `value` remove those alone; or have administrators append `?aadOptscim062020` to the tenant URL",
        |play| Box::pin(remove_member(play)),
    ),
    Check::writes(
        "entra-group-delete",
        "A deleted group is answered with 404",
        TUTORIAL,
        "Answer 204 to the DELETE of a group, and 404 to what follows",
        |play| Box::pin(delete(play)),
    ),
];

async fn create(play: &mut Play) -> Verdict {
    play.needs_groups()?;
    let (name, external) = (play.name(), play.name());
    let group = json!({
        "schemas": [GROUP], "externalId": external, "displayName": name, "meta": {"resourceType": "Group"},
    });
    play.post("/Groups", &group).await?.status(&[201])?.is("/displayName", &json!(name))?;
    Ok(())
}

async fn search(play: &mut Play) -> Verdict {
    play.needs_groups()?;
    let user = play.user().await?;
    let group = play.group(&[&user]).await?;
    let filter = escape(&format!("displayName eq \"{}\"", group.display_name()));
    let found = play.get(&format!("/Groups?excludedAttributes=members&filter={filter}")).await?;
    match found.page()?.ids().as_slice() {
        [only] if *only == group.id => {}
        ids => return Err(found.fault("the one group", format!("{} groups", ids.len()))),
    }
    found.is_clear("/Resources/0/members")?;
    Ok(())
}

async fn read(play: &mut Play) -> Verdict {
    play.needs_groups()?;
    let user = play.user().await?;
    let group = play.group(&[&user]).await?;
    let read = play.get(&format!("{}?excludedAttributes=members", group.path)).await?;
    read.status(&[200])?.is("/id", &json!(group.id))?.is("/displayName", &json!(group.display_name()))?;
    read.is_clear("/members")?;
    Ok(())
}

async fn rename(play: &mut Play) -> Verdict {
    play.needs("patch")?;
    let group = play.group(&[]).await?;
    let name = play.name();
    play.patch(&group.path, json!([{"op": "Replace", "path": "displayName", "value": name}])).await?.done()?;
    play.read(&group).await?.is("/displayName", &json!(name))?;
    Ok(())
}

async fn add_member(play: &mut Play) -> Verdict {
    play.needs("patch")?;
    play.needs_groups()?;
    let (one, other) = (play.user().await?, play.user().await?);
    let group = play.group(&[&one]).await?;
    let operations = json!([{"op": "Add", "path": "members", "value": [{"value": other.id}]}]);
    play.patch(&group.path, operations).await?.status(&[200, 204])?;
    play.has_members(&group, &[&one, &other]).await
}

async fn remove_member(play: &mut Play) -> Verdict {
    play.needs("patch")?;
    play.needs_groups()?;
    let (one, other) = (play.user().await?, play.user().await?);
    let group = play.group(&[&one, &other]).await?;
    let value: Value = json!([{"value": one.id}]);
    let answer = play.patch(&group.path, json!([{"op": "Remove", "path": "members", "value": value}])).await?;
    answer.status(&[200, 204])?;
    play.has_members(&group, &[&other]).await
}

async fn delete(play: &mut Play) -> Verdict {
    let group = play.group(&[]).await?;
    play.delete(&group.path).await?.status(&[204])?;
    play.get(&group.path).await?.status(&[404])?;
    Ok(())
}
