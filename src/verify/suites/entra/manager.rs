//! The manager of a user, in the forms that clients send it.

use serde_json::{Value, json};

use super::{KNOWN, TUTORIAL};
use crate::scim::schema::{ENTERPRISE_USER, USER};
use crate::verify::check::Check;
use crate::verify::play::{Made, Play};
use crate::verify::verdict::{Stop, Verdict};

pub(super) const CHECKS: &[Check] = &[
    Check::writes(
        "entra-create-manager",
        "A user is created with a manager",
        TUTORIAL,
        "Keep `manager.value` of the enterprise extension in a POST",
        |play| Box::pin(create(play)),
    ),
    Check::writes(
        "entra-patch-manager",
        "The manager is set by a bare id",
        KNOWN,
        "Read a text as the value of `manager`, as if it were `{\"value\": …}`",
        |play| Box::pin(bare(play)),
    ),
    Check::writes(
        "entra-patch-manager-forms",
        "The manager is set by an object, by a list of one, by its part, and without a path",
        KNOWN,
        "Understand the URN with `manager` and `manager.value` in `path` and as a key of a value, and the URN as a key",
        |play| Box::pin(forms(play)),
    ),
    Check::writes(
        "entra-patch-manager-unassign",
        "The manager is taken away by `Remove`, by null and by an empty text",
        KNOWN,
        "Let `Remove` of `manager`, and null or \"\" in its place, leave the user without a manager",
        |play| Box::pin(unassign(play)),
    ),
];

/// A user, and another one to be the manager.
async fn pair(play: &mut Play) -> Result<(Made, Made), Stop> {
    play.needs("patch")?;
    play.needs_attribute_of(ENTERPRISE_USER, "manager.value")?;
    Ok((play.user().await?, play.user().await?))
}

fn path() -> String {
    format!("{ENTERPRISE_USER}:manager")
}

/// Where the id of the manager stands in a user.
fn place() -> String {
    format!("/{ENTERPRISE_USER}/manager/value")
}

async fn create(play: &mut Play) -> Verdict {
    play.needs_attribute_of(ENTERPRISE_USER, "manager.value")?;
    let (manager, mut draft) = (play.user().await?, play.draft());
    draft["schemas"] = json!([USER, ENTERPRISE_USER]);
    draft[ENTERPRISE_USER] = json!({"manager": {"value": manager.id}});
    let user = play.make("/Users", draft).await?;
    play.read(&user).await?.is(&place(), &json!(manager.id))?;
    Ok(())
}

/// Carries out an operation, and holds that the user has this manager then.
async fn sets(play: &mut Play, user: &Made, operation: Value, manager: &Made) -> Verdict {
    play.patch(&user.path, json!([operation])).await?.done()?;
    play.read(user).await?.is(&place(), &json!(manager.id))?;
    Ok(())
}

async fn bare(play: &mut Play) -> Verdict {
    let (user, manager) = pair(play).await?;
    sets(play, &user, json!({"op": "Add", "path": path(), "value": manager.id}), &manager).await
}

async fn forms(play: &mut Play) -> Verdict {
    let (user, one) = pair(play).await?;
    let other = play.user().await?;
    let operations: [fn(&str) -> Value; 5] = [
        |id| json!({"op": "Add", "path": path(), "value": {"value": id}}),
        |id| json!({"op": "Replace", "path": path(), "value": [{"value": id}]}),
        |id| json!({"op": "Replace", "path": format!("{}.value", path()), "value": id}),
        |id| json!({"op": "Replace", "value": {path(): id}}),
        |id| json!({"op": "Replace", "value": {ENTERPRISE_USER: {"manager": {"value": id}}}}),
    ];
    // Another manager each time, so that each operation changes something.
    for (operation, manager) in operations.into_iter().zip([&one, &other].into_iter().cycle()) {
        sets(play, &user, operation(&manager.id), manager).await?;
    }
    Ok(())
}

async fn unassign(play: &mut Play) -> Verdict {
    let (user, manager) = pair(play).await?;
    let operations = [
        json!({"op": "Remove", "path": path()}),
        json!({"op": "Replace", "path": path(), "value": null}),
        json!({"op": "Replace", "path": path(), "value": ""}),
    ];
    for operation in operations {
        sets(play, &user, json!({"op": "Add", "path": path(), "value": manager.id}), &manager).await?;
        play.patch(&user.path, json!([operation])).await?.done()?;
        play.read(&user).await?.is_clear(&place())?;
    }
    Ok(())
}
