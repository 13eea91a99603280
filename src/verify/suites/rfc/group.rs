//! Groups (RFC 7643 §4.2).

use serde_json::{Value, json};

use crate::scim::schema::GROUP;
use crate::verify::check::Check;
use crate::verify::play::Play;
use crate::verify::verdict::Verdict;

pub(super) const CHECKS: &[Check] = &[
    Check::writes(
        "rfc-group-create",
        "A group is created with 201, its name and its schema",
        "RFC 7643 §4.2, RFC 7644 §3.3",
        "Answer the POST of a group with 201 and the whole group",
        |play| Box::pin(create(play)),
    ),
    Check::writes(
        "rfc-group-members",
        "The members that a group is created with are there when it is read",
        "RFC 7643 §4.2",
        "Store the `members` of a POST, and return each with its `value`",
        |play| Box::pin(members(play)),
    ),
    Check::writes(
        "rfc-group-filter",
        "`displayName eq` finds exactly the one group",
        "RFC 7644 §3.4.2.2",
        "Honour `filter` on `/Groups`",
        |play| Box::pin(filter(play)),
    ),
    Check::writes(
        "rfc-group-add-member",
        "`add` to `members` keeps the members that are there",
        "RFC 7644 §3.5.2.1",
        "Let `add` append to a multi-valued attribute; only `replace` replaces",
        |play| Box::pin(add_member(play)),
    ),
    Check::writes(
        "rfc-group-remove-member",
        "`remove` with a filter takes one member away",
        "RFC 7644 §3.5.2.2",
        "Understand `members[value eq \"…\"]` as the one member, and keep the others",
        |play| Box::pin(remove_member(play)),
    ),
    Check::writes(
        "rfc-group-replace-members",
        "`replace` of `members` leaves the new ones alone",
        "RFC 7644 §3.5.2.3",
        "Let `replace` of a multi-valued attribute put the new values in place of the old",
        |play| Box::pin(replace_members(play)),
    ),
    Check::writes(
        "rfc-group-clear-members",
        "`remove` of `members` takes all of them away",
        "RFC 7644 §3.5.2.2",
        "Let `remove` without a filter remove every value",
        |play| Box::pin(clear_members(play)),
    ),
    Check::writes(
        "rfc-group-put",
        "A PUT gives a group its name and its members",
        "RFC 7644 §3.5.1",
        "Store the name and the members that a PUT brings, in place of the old",
        |play| Box::pin(put(play)),
    ),
    Check::writes(
        "rfc-group-delete",
        "A deleted group is gone, and its members are not",
        "RFC 7644 §3.6",
        "Answer the DELETE of a group with 204, and delete no user with it",
        |play| Box::pin(delete(play)),
    ),
    Check::reads(
        "rfc-group-404",
        "An unknown group is answered with 404 and an error",
        "RFC 7644 §3.12",
        "Answer 404 with an error where no group has the id",
        |play| Box::pin(unknown(play)),
    ),
];

async fn create(play: &mut Play) -> Verdict {
    play.needs_groups()?;
    let draft = play.group_draft(&[]);
    let answer = play.post("/Groups", &draft).await?;
    answer.status(&[201])?.schema(GROUP)?.is("/displayName", &draft["displayName"])?;
    Ok(())
}

async fn members(play: &mut Play) -> Verdict {
    play.needs_groups()?;
    let (one, other) = (play.user().await?, play.user().await?);
    let group = play.group(&[&one, &other]).await?;
    play.has_members(&group, &[&one, &other]).await
}

async fn filter(play: &mut Play) -> Verdict {
    let (group, _) = (play.group(&[]).await?, play.group(&[]).await?);
    let answer = play.filter("/Groups", &format!("displayName eq \"{}\"", group.display_name())).await?;
    let page = answer.page()?;
    if page.ids() != [group.id.as_str()] {
        return Err(
            answer.fault(format!("the one group with the id {}", group.id), format!("{} groups", page.resources.len()))
        );
    }
    Ok(())
}

async fn add_member(play: &mut Play) -> Verdict {
    play.needs("patch")?;
    play.needs_groups()?;
    let (one, other) = (play.user().await?, play.user().await?);
    let group = play.group(&[&one]).await?;
    let operations = json!([{"op": "add", "path": "members", "value": [{"value": other.id}]}]);
    play.patch(&group.path, operations).await?.done()?;
    play.has_members(&group, &[&one, &other]).await
}

async fn remove_member(play: &mut Play) -> Verdict {
    play.needs("patch")?;
    play.needs_groups()?;
    let (one, other) = (play.user().await?, play.user().await?);
    let group = play.group(&[&one, &other]).await?;
    let path = format!("members[value eq {}]", Value::from(one.id.as_str()));
    play.patch(&group.path, json!([{"op": "remove", "path": path}])).await?.done()?;
    play.has_members(&group, &[&other]).await
}

async fn replace_members(play: &mut Play) -> Verdict {
    play.needs("patch")?;
    play.needs_groups()?;
    let (one, other) = (play.user().await?, play.user().await?);
    let group = play.group(&[&one]).await?;
    let operations = json!([{"op": "replace", "path": "members", "value": [{"value": other.id}]}]);
    play.patch(&group.path, operations).await?.done()?;
    play.has_members(&group, &[&other]).await
}

async fn clear_members(play: &mut Play) -> Verdict {
    play.needs("patch")?;
    play.needs_groups()?;
    let one = play.user().await?;
    let group = play.group(&[&one]).await?;
    play.patch(&group.path, json!([{"op": "remove", "path": "members"}])).await?.done()?;
    play.has_members(&group, &[]).await
}

async fn put(play: &mut Play) -> Verdict {
    play.needs_groups()?;
    let (one, other) = (play.user().await?, play.user().await?);
    let group = play.group(&[&one]).await?;
    let name = play.name();
    let whole = json!({
        "schemas": [GROUP], "id": group.id, "displayName": name, "members": [{"value": other.id}],
    });
    play.put(&group.path, &whole).await?.done()?;
    play.read(&group).await?.is("/displayName", &json!(name))?;
    play.has_members(&group, &[&other]).await
}

async fn delete(play: &mut Play) -> Verdict {
    play.needs_groups()?;
    let one = play.user().await?;
    let group = play.group(&[&one]).await?;
    play.delete(&group.path).await?.status(&[204])?;
    play.get(&group.path).await?.status(&[404])?;
    play.read(&one).await?;
    Ok(())
}

async fn unknown(play: &mut Play) -> Verdict {
    play.needs_groups()?;
    let id = play.name();
    play.get(&format!("/Groups/{id}")).await?.error(404)?;
    Ok(())
}
