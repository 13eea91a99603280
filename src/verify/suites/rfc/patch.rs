//! What PATCH does (RFC 7644 §3.5.2).

use serde_json::{Value, json};

use crate::scim::schema::USER;
use crate::verify::check::Check;
use crate::verify::play::Play;
use crate::verify::verdict::{Verdict, skipped};

pub(super) const CHECKS: &[Check] = &[
    Check::writes(
        "rfc-patch-status",
        "A PATCH is answered with 200 and the user, or with 204 and nothing",
        "RFC 7644 §3.5.2",
        "Answer 200 with the whole resource, or 204 without a body",
        |play| Box::pin(status(play)),
    ),
    Check::writes(
        "rfc-patch-replace",
        "`replace` with a path changes that attribute",
        "RFC 7644 §3.5.2.3",
        "Put the value at the place that `path` names",
        |play| Box::pin(replace(play)),
    ),
    Check::writes(
        "rfc-patch-keeps-others",
        "What a PATCH does not name stays as it is",
        "RFC 7644 §3.5.2",
        "Change the attributes that the operations name, and no others",
        |play| Box::pin(keeps_others(play)),
    ),
    Check::writes(
        "rfc-patch-no-path",
        "`replace` without a path changes the attributes that its value names",
        "RFC 7644 §3.5.2.3",
        "Without `path`, take `value` as a set of attributes to replace",
        |play| Box::pin(no_path(play)),
    ),
    Check::writes(
        "rfc-patch-add",
        "`add` gives an attribute a value",
        "RFC 7644 §3.5.2.1",
        "Let `add` set an attribute that has one value, as `replace` does",
        |play| Box::pin(add(play)),
    ),
    Check::writes(
        "rfc-patch-remove",
        "`remove` takes the value of an attribute away",
        "RFC 7644 §3.5.2.2",
        "Let `remove` leave the attribute without a value",
        |play| Box::pin(remove(play)),
    ),
    Check::writes(
        "rfc-patch-value-path",
        "A path with a filter changes the element that it picks",
        "RFC 7644 §3.5.2.3",
        "Understand `emails[type eq \"work\"].value` as the part of one element",
        |play| Box::pin(value_path(play)),
    ),
    Check::writes(
        "rfc-patch-urn-path",
        "A path may begin with the URN of the schema",
        "RFC 7644 §3.5.2, §3.10",
        "Understand `urn:ietf:params:scim:schemas:core:2.0:User:name.familyName` as `name.familyName`",
        |play| Box::pin(urn_path(play)),
    ),
    Check::writes(
        "rfc-patch-in-order",
        "The operations of a PATCH are carried out one after the other",
        "RFC 7644 §3.5.2",
        "Carry out every operation, each on the result of the one before",
        |play| Box::pin(in_order(play)),
    ),
    Check::writes(
        "rfc-patch-active",
        "`active` is switched off and on by PATCH",
        "RFC 7644 §3.5.2.3, RFC 7643 §4.1.1",
        "Let clients replace `active`",
        |play| Box::pin(active(play)),
    ),
];

async fn status(play: &mut Play) -> Verdict {
    play.needs("patch")?;
    play.needs_attribute("name.familyName")?;
    let user = play.user().await?;
    let operations = json!([{"op": "replace", "path": "name.familyName", "value": "Patched"}]);
    let answer = play.patch(&user.path, operations).await?;
    answer.status(&[200, 204])?;
    if answer.status == 200 {
        answer.schema(USER)?.is("/id", &json!(user.id))?;
    } else if answer.has_body {
        return Err(answer.fault("no body with 204", "one"));
    }
    Ok(())
}

async fn replace(play: &mut Play) -> Verdict {
    changes(play, json!([{"op": "replace", "path": "name.familyName", "value": "Patched"}])).await
}

async fn no_path(play: &mut Play) -> Verdict {
    changes(play, json!([{"op": "replace", "value": {"name": {"familyName": "Patched"}}}])).await
}

async fn urn_path(play: &mut Play) -> Verdict {
    changes(play, json!([{"op": "replace", "path": format!("{USER}:name.familyName"), "value": "Patched"}])).await
}

async fn in_order(play: &mut Play) -> Verdict {
    let operation = |value: &str| json!({"op": "replace", "path": "name.familyName", "value": value});
    changes(play, json!([operation("First"), operation("Second"), operation("Patched")])).await
}

/// Carries out operations that make the family name `Patched`.
async fn changes(play: &mut Play, operations: Value) -> Verdict {
    play.needs("patch")?;
    play.needs_attribute("name.familyName")?;
    let user = play.user().await?;
    play.patch(&user.path, operations).await?.done()?;
    play.read(&user).await?.is("/name/familyName", &json!("Patched"))?;
    Ok(())
}

async fn keeps_others(play: &mut Play) -> Verdict {
    play.needs("patch")?;
    play.needs_attribute("name.familyName")?;
    let user = play.user().await?;
    let before = play.read(&user).await?;
    let operations = json!([{"op": "replace", "path": "name.familyName", "value": "Patched"}]);
    play.patch(&user.path, operations).await?.done()?;
    let after = play.read(&user).await?;
    for pointer in ["/userName", "/name/givenName", "/emails", "/active", "/externalId"] {
        if let Some(value) = before.at(pointer) {
            after.is(pointer, value)?;
        }
    }
    Ok(())
}

async fn add(play: &mut Play) -> Verdict {
    play.needs("patch")?;
    let name = play.spare_text()?;
    let user = play.user().await?;
    play.patch(&user.path, json!([{"op": "add", "path": name, "value": "en"}])).await?.done()?;
    play.read(&user).await?.is(&format!("/{name}"), &json!("en"))?;
    Ok(())
}

async fn remove(play: &mut Play) -> Verdict {
    play.needs("patch")?;
    let name = play.spare_text()?;
    let mut draft = play.draft();
    draft[name] = json!("en");
    let user = play.make("/Users", draft).await?;
    play.read(&user).await?.is(&format!("/{name}"), &json!("en"))?;
    play.patch(&user.path, json!([{"op": "remove", "path": name}])).await?.done()?;
    play.read(&user).await?.is_clear(&format!("/{name}"))?;
    Ok(())
}

async fn value_path(play: &mut Play) -> Verdict {
    play.needs("patch")?;
    play.needs_attribute("emails.type")?;
    let user = play.user().await?;
    let address = play.user_name();
    let operations = json!([{"op": "replace", "path": "emails[type eq \"work\"].value", "value": address}]);
    play.patch(&user.path, operations).await?.done()?;
    let read = play.read(&user).await?;
    let emails = read.at("/emails").and_then(Value::as_array).cloned().unwrap_or_default();
    match emails.iter().find(|email| email["type"] == "work").map(|email| &email["value"]) {
        Some(value) if *value == address => Ok(()),
        Some(other) => Err(read.fault(format!("the work address to be \"{address}\""), other.to_string())),
        None => Err(read.fault(format!("the work address to be \"{address}\""), "no work address")),
    }
}

async fn active(play: &mut Play) -> Verdict {
    play.needs("patch")?;
    if !play.announced.writes(USER, "active") {
        return Err(skipped("the server announces no `active` that a client may write"));
    }
    let user = play.user().await?;
    for active in [false, true] {
        play.patch(&user.path, json!([{"op": "replace", "path": "active", "value": active}])).await?.done()?;
        play.read(&user).await?.is("/active", &json!(active))?;
    }
    Ok(())
}
