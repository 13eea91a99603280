//! Entra's dialect of PATCH.

use serde_json::{Value, json};

use super::{KNOWN, TUTORIAL};
use crate::scim::schema::{ENTERPRISE_USER, USER};
use crate::verify::check::Check;
use crate::verify::play::{Made, Play};
use crate::verify::verdict::{Stop, Verdict, skipped};

pub(super) const CHECKS: &[Check] = &[
    Check::writes(
        "entra-patch-capitals",
        "Operations are understood with a capital letter",
        KNOWN,
        "Compare `op` without regard to case: `Add`, `Replace`, `Remove`; or have administrators append `?aadOptscim062020` to the tenant URL",
        |play| Box::pin(capitals(play)),
    ),
    Check::writes(
        "entra-patch-boolean-text",
        "`active` is understood as text",
        KNOWN,
        "Read \"True\" and \"False\" as booleans, in any case; or have administrators append `?aadOptscim062020` to the tenant URL",
        |play| Box::pin(boolean_text(play)),
    ),
    Check::writes(
        "entra-patch-user-name",
        "`userName` can be replaced",
        TUTORIAL,
        "Let clients change `userName`, and find the user by the new one",
        |play| Box::pin(user_name(play)),
    ),
    Check::writes(
        "entra-patch-email",
        "The address of type work is replaced by a path with a filter",
        TUTORIAL,
        "Understand `emails[type eq \"work\"].value` in `path`",
        |play| Box::pin(email(play)),
    ),
    Check::writes(
        "entra-patch-new-element",
        "A path with a filter that matches nothing makes the element",
        KNOWN,
        "Let `Add` with a path such as `phoneNumbers[type eq \"mobile\"].value` create the element with that type",
        |play| Box::pin(new_element(play)),
    ),
    Check::writes(
        "entra-patch-address",
        "A part of an address is set by a path with a filter",
        TUTORIAL,
        "Understand `addresses[type eq \"work\"].streetAddress` in `path`",
        |play| Box::pin(address(play)),
    ),
    Check::writes(
        "entra-patch-enterprise",
        "An attribute of the enterprise extension is set by its URN",
        TUTORIAL,
        "Understand `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department` in `path`",
        |play| Box::pin(enterprise(play)),
    ),
    Check::writes(
        "entra-patch-dotted",
        "Names with dots are understood in a value without a path",
        KNOWN,
        "Read `\"name.familyName\"` in a value as the part of `name`",
        |play| Box::pin(dotted(play)),
    ),
    Check::writes(
        "entra-patch-several",
        "Several operations in one request are all carried out",
        TUTORIAL,
        "Carry out every operation of a PATCH",
        |play| Box::pin(several(play)),
    ),
    Check::writes(
        "entra-patch-remove",
        "`Remove` takes the value of an attribute away",
        TUTORIAL,
        "Let `Remove` with a path leave the attribute without a value",
        |play| Box::pin(remove(play)),
    ),
    Check::writes(
        "entra-patch-empty",
        "An empty text takes the value of an attribute away",
        TUTORIAL,
        "Read \"\" in an update as no value",
        |play| Box::pin(empty(play)),
    ),
];

/// A user, where PATCH and the attribute are there.
async fn user(play: &mut Play, attribute: &str) -> Result<Made, Stop> {
    play.needs("patch")?;
    play.needs_attribute(attribute)?;
    play.user().await
}

async fn family(play: &mut Play, operations: Value) -> Verdict {
    let user = user(play, "name.familyName").await?;
    play.patch(&user.path, operations).await?.done()?;
    play.read(&user).await?.is("/name/familyName", &json!("Patched"))?;
    Ok(())
}

async fn capitals(play: &mut Play) -> Verdict {
    family(play, json!([{"op": "Replace", "path": "name.familyName", "value": "Patched"}])).await
}

async fn dotted(play: &mut Play) -> Verdict {
    family(play, json!([{"op": "Replace", "value": {"name.familyName": "Patched"}}])).await
}

async fn boolean_text(play: &mut Play) -> Verdict {
    let user = user(play, "active").await?;
    for (text, active) in [("False", false), ("True", true)] {
        play.patch(&user.path, json!([{"op": "Replace", "path": "active", "value": text}])).await?.done()?;
        play.read(&user).await?.is("/active", &json!(active))?;
    }
    Ok(())
}

async fn user_name(play: &mut Play) -> Verdict {
    let user = user(play, "userName").await?;
    let name = play.user_name();
    play.patch(&user.path, json!([{"op": "Replace", "path": "userName", "value": name}])).await?.done()?;
    let found = play.filter("/Users", &format!("userName eq \"{name}\"")).await?;
    match found.page()?.ids().as_slice() {
        [only] if *only == user.id => Ok(()),
        ids => Err(found.fault("the user under its new name", format!("{} users", ids.len()))),
    }
}

async fn email(play: &mut Play) -> Verdict {
    let user = user(play, "emails.type").await?;
    let address = play.user_name();
    let path = "emails[type eq \"work\"].value";
    play.patch(&user.path, json!([{"op": "Replace", "path": path, "value": address}])).await?.done()?;
    has_element(play, &user, "emails", "work", ("value", &address)).await
}

async fn new_element(play: &mut Play) -> Verdict {
    let user = user(play, "phoneNumbers.type").await?;
    let kind = play.announced.suggested(USER, "phoneNumbers.type", "mobile").to_owned();
    let path = format!("phoneNumbers[type eq \"{kind}\"].value");
    play.patch(&user.path, json!([{"op": "Add", "path": path, "value": "+44 20 7946 0000"}])).await?.done()?;
    has_element(play, &user, "phoneNumbers", &kind, ("value", "+44 20 7946 0000")).await
}

async fn address(play: &mut Play) -> Verdict {
    let user = user(play, "addresses.streetAddress").await?;
    let path = "addresses[type eq \"work\"].streetAddress";
    play.patch(&user.path, json!([{"op": "Add", "path": path, "value": "1 Long Street"}])).await?.done()?;
    has_element(play, &user, "addresses", "work", ("streetAddress", "1 Long Street")).await
}

/// Holds that the element of a type has a part with this value.
async fn has_element(play: &mut Play, user: &Made, list: &str, kind: &str, part: (&str, &str)) -> Verdict {
    let (name, wanted) = part;
    let read = play.read(user).await?;
    let elements = read.json[list].as_array().cloned().unwrap_or_default();
    let expected = format!("`{list}` with the type {kind} to have the `{name}` \"{wanted}\"");
    match elements.iter().find(|element| element["type"] == kind) {
        Some(element) if element[name] == wanted => Ok(()),
        Some(element) => Err(read.fault(expected, element[name].to_string())),
        None => Err(read.fault(expected, "no such element")),
    }
}

async fn enterprise(play: &mut Play) -> Verdict {
    play.needs("patch")?;
    play.needs_attribute_of(ENTERPRISE_USER, "department")?;
    let user = play.user().await?;
    let path = format!("{ENTERPRISE_USER}:department");
    play.patch(&user.path, json!([{"op": "Add", "path": path, "value": "Research"}])).await?.done()?;
    play.read(&user).await?.is(&format!("/{ENTERPRISE_USER}/department"), &json!("Research"))?;
    Ok(())
}

async fn several(play: &mut Play) -> Verdict {
    play.needs_attribute("name.givenName")?;
    let user = user(play, "name.familyName").await?;
    let operations = json!([
        {"op": "Replace", "path": "name.givenName", "value": "Grace"},
        {"op": "Replace", "path": "name.familyName", "value": "Patched"},
    ]);
    play.patch(&user.path, operations).await?.done()?;
    play.reads_as(&user, &json!({"name": {"givenName": "Grace", "familyName": "Patched"}})).await
}

async fn remove(play: &mut Play) -> Verdict {
    cleared(play, |name| json!([{"op": "Remove", "path": name}])).await
}

async fn empty(play: &mut Play) -> Verdict {
    cleared(play, |name| json!([{"op": "Replace", "path": name, "value": ""}])).await
}

/// Takes the value of an attribute away.
async fn cleared(play: &mut Play, operations: fn(&str) -> Value) -> Verdict {
    play.needs("patch")?;
    let name = play.spare_text()?;
    if !play.announced.writes(USER, name) {
        return Err(skipped(format!("a client may not write `{name}`")));
    }
    let mut draft = play.draft();
    draft[name] = json!("en");
    let user = play.make("/Users", draft).await?;
    play.read(&user).await?.is(&format!("/{name}"), &json!("en"))?;
    play.patch(&user.path, operations(name)).await?.done()?;
    play.read(&user).await?.is_clear(&format!("/{name}"))?;
    Ok(())
}
