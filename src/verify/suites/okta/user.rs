//! Users, as Okta creates, reads and changes them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::connect::whole_error;
use super::{BUILD, PROTOCOL, TEST};
use crate::scim::schema::USER;
use crate::verify::answer::Answer;
use crate::verify::check::Check;
use crate::verify::client::{Request, escape};
use crate::verify::draft::{OTHER_PASSWORD, PASSWORD};
use crate::verify::play::{Made, Play};
use crate::verify::verdict::{Style, Verdict, fault};

/// The most pages of an import that are read.
const PAGES: usize = 30;

pub(super) const CHECKS: &[Check] = &[
    Check::writes(
        "okta-user-page",
        "The first user of the list has an id, a name, an address and `active`",
        TEST,
        "Return `id`, `userName`, `name.givenName`, `name.familyName`, `emails` and `active` of every user",
        |play| Box::pin(user_page(play)),
    ),
    Check::writes(
        "okta-user-read",
        "A user that was listed is the same when it is read",
        TEST,
        "Give the same `id` and the same attributes in the list and alone",
        |play| Box::pin(user_read(play)),
    ),
    Check::writes(
        "okta-create",
        "A new user sent as `application/json` is created, and answered whole",
        TEST,
        "Accept `application/json`; answer 201 with `id`, `active`, `userName` and both names",
        |play| Box::pin(create(play)),
    ),
    Check::writes(
        "okta-create-everything",
        "Attributes that Okta sends to everybody do not hinder a creation",
        PROTOCOL,
        "Ignore what you do not store: Okta sends `groups`, `locale`, `externalId` and `password` to everybody",
        |play| Box::pin(create_everything(play)),
    ),
    Check::writes(
        "okta-created-read",
        "A created user is there when it is read",
        TEST,
        "Store a user before the creation is answered",
        |play| Box::pin(created_read(play)),
    ),
    Check::writes(
        "okta-duplicate",
        "A second creation of the same user is answered with 409 and a whole error",
        TEST,
        "Answer 409 with a `detail` that says what is taken",
        |play| Box::pin(duplicate(play)),
    ),
    Check::writes(
        "okta-name-capitals",
        "A search by the name in capitals is answered with 200",
        TEST,
        "Compare user names without regard to case",
        |play| Box::pin(capitals(play)),
    ),
    Check::writes(
        "okta-import-pages",
        "An import page by page gets every user once",
        PROTOCOL,
        "List in an order that does not change, from `startIndex` on, and count all in `totalResults`",
        |play| Box::pin(import_pages(play)),
    ),
    Check::styled(
        "okta-life",
        "A user is assigned, renamed, switched off, switched on and unassigned, and each step can be read",
        "Okta: Test your SCIM API, the suite of user management",
        "Carry out each update before it is answered; keep a user that is switched off",
        |play, style| Box::pin(life(play, style)),
    ),
    Check::styled(
        "okta-inactive-found",
        "A user that is switched off can be read and found",
        BUILD,
        "Keep users with `active: false` in answers and lists, under the same `id`",
        |play, style| Box::pin(inactive_found(play, style)),
    ),
    Check::styled(
        "okta-password",
        "A new password is taken, and not answered",
        PROTOCOL,
        "Accept `password` in updates where you announce it, and leave it out of every answer",
        |play, style| Box::pin(password(play, style)),
    ),
];

/// Holds what Okta reads of every user.
fn whole_user(answer: &Answer, user: &Value) -> Verdict {
    for pointer in ["/id", "/userName", "/name/givenName", "/name/familyName", "/active", "/emails/0/value"] {
        let name = pointer[1..].replace('/', ".");
        match user.pointer(pointer) {
            Some(Value::String(text)) if text.is_empty() => {
                return Err(answer.fault(format!("`{name}`"), "an empty text"));
            }
            Some(Value::Null) | None => return Err(answer.fault(format!("`{name}` of every user"), "none")),
            Some(_) => {}
        }
    }
    Ok(())
}

async fn user_page(play: &mut Play) -> Verdict {
    play.user().await?;
    let answer = play.get("/Users?count=1&startIndex=1").await?;
    match answer.page()?.resources.first() {
        Some(first) => whole_user(&answer, first),
        None => Err(answer.fault("one user at least", "none")),
    }
}

async fn user_read(play: &mut Play) -> Verdict {
    let user = play.user().await?;
    let filter = escape(&format!("userName eq \"{}\"", user.user_name()));
    let answer = play.get(&format!("/Users?filter={filter}&startIndex=1&count=100")).await?;
    let page = answer.page()?;
    let Some(listed) = page.resources.first() else {
        return Err(answer.fault("the one user", "0 users"));
    };
    whole_user(&answer, listed)?;
    let read = play.read(&user).await?;
    for pointer in ["/id", "/userName", "/name/givenName", "/name/familyName", "/active", "/emails/0/value"] {
        read.is(pointer, listed.pointer(pointer).unwrap_or(&Value::Null))?;
    }
    Ok(())
}

/// The user that Okta's suite sends.
fn okta_user(play: &mut Play) -> Value {
    let name = play.user_name();
    json!({
        "schemas": [USER],
        "userName": name,
        "name": {"givenName": "Ada", "familyName": "Verify"},
        "emails": [{"primary": true, "value": name, "type": "work"}],
        "displayName": format!("Ada {}", name.split('@').next().unwrap_or_default()),
        "active": true,
    })
}

async fn create(play: &mut Play) -> Verdict {
    let user = okta_user(play);
    let request = Request { content_type: "application/json", ..Request::new("POST", "/Users").body(user.to_string()) };
    let created = play.send(request).await?;
    created.status(&[201])?.schema(USER)?.is("/active", &json!(true))?;
    for pointer in ["/userName", "/name/givenName", "/name/familyName"] {
        created.is(pointer, user.pointer(pointer).unwrap_or(&Value::Null))?;
    }
    match created.text("/id") {
        Some(id) if !id.is_empty() => Ok(()),
        Some(_) | None => Err(created.fault("a text `id`", "none")),
    }
}

async fn create_everything(play: &mut Play) -> Verdict {
    let mut user = okta_user(play);
    let more = json!({
        "locale": "en-US", "externalId": play.name(), "groups": [], "password": PASSWORD,
    });
    if let (Value::Object(user), Value::Object(more)) = (&mut user, more) {
        user.extend(more);
    }
    let created = play.post("/Users", &user).await?;
    created.status(&[201])?.is("/userName", &user["userName"])?;
    Ok(())
}

async fn created_read(play: &mut Play) -> Verdict {
    let draft = okta_user(play);
    let user = play.make("/Users", draft).await?;
    let read = play.read(&user).await?;
    for pointer in ["/userName", "/name/givenName", "/name/familyName"] {
        read.is(pointer, user.sent.pointer(pointer).unwrap_or(&Value::Null))?;
    }
    Ok(())
}

async fn duplicate(play: &mut Play) -> Verdict {
    let draft = okta_user(play);
    let user = play.make("/Users", draft).await?;
    whole_error(&play.post("/Users", &user.sent).await?, 409)
}

async fn capitals(play: &mut Play) -> Verdict {
    let user = play.user().await?;
    let filter = format!("userName eq \"{}\"", user.user_name().to_uppercase());
    play.filter("/Users", &filter).await?.status(&[200])?;
    Ok(())
}

async fn import_pages(play: &mut Play) -> Verdict {
    let mut own = Vec::new();
    for _ in 0..3 {
        own.push(play.user().await?);
    }
    // Okta reads pages of 100. Where there are few users, smaller pages show the same.
    let total = play.get("/Users?startIndex=1&count=1").await?.page()?.total.unwrap_or_default();
    let size = if total <= 40 { 2 } else { 100 };
    let (mut seen, mut start) = (BTreeSet::new(), 1);
    for _ in 0..PAGES {
        let answer = play.get(&format!("/Users?startIndex={start}&count={size}")).await?;
        let page = answer.page()?;
        for id in page.ids() {
            if !seen.insert(id.to_owned()) {
                return Err(answer.fault("every user once", format!("the user with the id {id} twice")));
            }
        }
        start += page.resources.len();
        let end = page.total.is_none_or(|total| u64::try_from(start).is_ok_and(|start| start > total));
        if page.resources.is_empty() || end {
            return all_seen(play, &own, &seen);
        }
    }
    // More users than are read here: none was repeated so far.
    Ok(())
}

fn all_seen(play: &Play, own: &[Made], seen: &BTreeSet<String>) -> Verdict {
    match own.iter().find(|user| !seen.contains(&user.id)) {
        Some(user) => {
            let last = play.exchanges.len().saturating_sub(1);
            Err(fault(last, format!("the user with the id {} on one of the pages", user.id), "it is on none"))
        }
        None => Ok(()),
    }
}

async fn life(play: &mut Play, style: Style) -> Verdict {
    play.needs_attribute("name.givenName")?;
    let draft = okta_user(play);
    let filter = format!("userName eq {}", draft["userName"]);
    play.filter("/Users", &filter).await?.is("/totalResults", &json!(0))?;
    let user = play.make("/Users", draft).await?;
    let found = play.filter("/Users", &filter).await?;
    match found.page()?.resources.first() {
        Some(first) if first["id"] == user.id => {}
        Some(_) | None => return Err(found.fault("the user that was assigned", "another one, or none")),
    }
    play.pushed(style, &user, &json!({"name": {"givenName": "Grace"}})).await?;
    play.switch(style, &user, false).await?;
    play.switch(style, &user, true).await?;
    play.reads_as(&user, &json!({"name": {"givenName": "Grace"}})).await?;
    play.switch(style, &user, false).await
}

async fn inactive_found(play: &mut Play, style: Style) -> Verdict {
    let user = play.user().await?;
    play.switch(style, &user, false).await?;
    let found = play.filter("/Users", &format!("userName eq \"{}\"", user.user_name())).await?;
    match found.page()?.resources.first() {
        Some(first) if first["id"] == user.id && first["active"] == false => Ok(()),
        Some(_) => Err(found.fault("the user with `active` false", "another answer")),
        None => Err(found.fault("the user that is switched off", "nobody")),
    }
}

async fn password(play: &mut Play, style: Style) -> Verdict {
    play.needs_attribute("password")?;
    let user = play.user().await?;
    let answer = play.push(style, &user, &json!({"password": OTHER_PASSWORD})).await?;
    let read = play.read(&user).await?;
    for answer in [&answer, &read] {
        if answer.at("/password").is_some() {
            return Err(answer.fault("no `password` in the answer", "one"));
        }
    }
    Ok(())
}
