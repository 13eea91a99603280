//! What must be refused, and how (RFC 7644 §3.12, table 9).

use serde_json::json;

use crate::verify::check::Check;
use crate::verify::client::Request;
use crate::verify::play::Play;
use crate::verify::verdict::Verdict;

pub(super) const CHECKS: &[Check] = &[
    Check::writes(
        "rfc-refuse-no-username",
        "A user without `userName` is refused with 400",
        "RFC 7643 §4.1.1, RFC 7644 §3.12",
        "Answer 400 with `\"scimType\": \"invalidValue\"` when a required attribute is missing",
        |play| Box::pin(no_username(play)),
    ),
    Check::writes(
        "rfc-refuse-broken-json",
        "A body that is no JSON is refused with 400",
        "RFC 7644 §3.12",
        "Answer 400 with `\"scimType\": \"invalidSyntax\"` when a body cannot be read",
        |play| Box::pin(broken_json(play)),
    ),
    Check::writes(
        "rfc-refuse-patch-unknown",
        "A PATCH of an unknown id is answered with 404",
        "RFC 7644 §3.12",
        "Answer 404 where no resource has the id",
        |play| Box::pin(patch_unknown(play)),
    ),
    Check::writes(
        "rfc-refuse-patch-op",
        "An operation that does not exist is refused with 400",
        "RFC 7644 §3.5.2, §3.12",
        "Answer 400 when `op` is none of `add`, `replace`, `remove`",
        |play| Box::pin(patch_op(play)),
    ),
    Check::writes(
        "rfc-refuse-patch-path",
        "A path that cannot be read is refused with 400",
        "RFC 7644 §3.5.2, §3.12",
        "Answer 400 with `\"scimType\": \"invalidPath\"` when `path` cannot be read",
        |play| Box::pin(patch_path(play)),
    ),
    Check::writes(
        "rfc-refuse-patch-no-target",
        "`remove` without a path is refused with 400 and `noTarget`",
        "RFC 7644 §3.5.2.2",
        "Answer 400 with `\"scimType\": \"noTarget\"` when a removal has no `path`",
        |play| Box::pin(no_target(play)),
    ),
    Check::writes(
        "rfc-refuse-patch-read-only",
        "A PATCH of a read-only attribute is refused",
        "RFC 7644 §3.5.2",
        "Answer 400 with `\"scimType\": \"mutability\"` when `path` names a read-only attribute",
        |play| Box::pin(read_only(play)),
    ),
    Check::writes(
        "rfc-patch-atomic",
        "A PATCH of which one operation fails changes nothing",
        "RFC 7644 §3.5.2",
        "Carry out all operations or none",
        |play| Box::pin(atomic(play)),
    ),
];

async fn no_username(play: &mut Play) -> Verdict {
    let mut draft = play.draft();
    if let Some(members) = draft.as_object_mut() {
        members.shift_remove("userName");
    }
    let answer = play.post("/Users", &draft).await?;
    if let (200..300, Some(id)) = (answer.status, answer.text("/id")) {
        play.owe("/Users", id);
    }
    answer.error(400)?;
    Ok(())
}

async fn broken_json(play: &mut Play) -> Verdict {
    let answer = play.send(Request::new("POST", "/Users").body("{\"userName\": ")).await?;
    answer.error(400)?;
    Ok(())
}

async fn patch_unknown(play: &mut Play) -> Verdict {
    play.needs("patch")?;
    let id = play.name();
    let operations = json!([{"op": "replace", "path": "active", "value": false}]);
    play.patch(&format!("/Users/{id}"), operations).await?.error(404)?;
    Ok(())
}

async fn patch_op(play: &mut Play) -> Verdict {
    play.needs("patch")?;
    let user = play.user().await?;
    let operations = json!([{"op": "rename", "path": "active", "value": false}]);
    play.patch(&user.path, operations).await?.error(400)?;
    Ok(())
}

async fn patch_path(play: &mut Play) -> Verdict {
    play.needs("patch")?;
    let user = play.user().await?;
    let operations = json!([{"op": "replace", "path": "emails[type eq", "value": "x"}]);
    play.patch(&user.path, operations).await?.error(400)?;
    Ok(())
}

async fn no_target(play: &mut Play) -> Verdict {
    play.needs("patch")?;
    let user = play.user().await?;
    let answer = play.patch(&user.path, json!([{"op": "remove"}])).await?;
    answer.error(400)?.is("/scimType", &json!("noTarget"))?;
    Ok(())
}

async fn read_only(play: &mut Play) -> Verdict {
    play.needs("patch")?;
    let user = play.user().await?;
    let other = play.name();
    let answer = play.patch(&user.path, json!([{"op": "replace", "path": "id", "value": other}])).await?;
    answer.refused()?.error_body()?;
    play.read(&user).await?.is("/id", &json!(user.id))?;
    Ok(())
}

async fn atomic(play: &mut Play) -> Verdict {
    play.needs("patch")?;
    play.needs_attribute("name.familyName")?;
    let user = play.user().await?;
    let operations = json!([
        {"op": "replace", "path": "name.familyName", "value": "Half"},
        {"op": "replace", "path": "emails[type eq", "value": "x"},
    ]);
    play.patch(&user.path, operations).await?.refused()?;
    play.read(&user).await?.is("/name/familyName", &user.sent["name"]["familyName"])?;
    Ok(())
}
