//! Replacement (RFC 7644 §3.5.1).

use serde_json::{Value, json};

use crate::scim::schema::USER;
use crate::verify::check::Check;
use crate::verify::play::Play;
use crate::verify::verdict::{Verdict, skipped};

pub(super) const CHECKS: &[Check] = &[
    Check::writes(
        "rfc-put-status",
        "A replacement is answered with 200 and the whole user",
        "RFC 7644 §3.5.1",
        "Answer a PUT with 200 and the representation after it",
        |play| Box::pin(status(play)),
    ),
    Check::writes(
        "rfc-put-changes",
        "What a PUT changes is what a GET gives",
        "RFC 7644 §3.5.1",
        "Store what a PUT brings before it is answered",
        |play| Box::pin(changes(play)),
    ),
    Check::writes(
        "rfc-put-keeps-id",
        "An `id` in the body of a PUT changes nothing",
        "RFC 7643 §3.1, RFC 7644 §3.5.1",
        "Ignore read-only attributes in the body of a PUT; the path says which resource is meant",
        |play| Box::pin(keeps_id(play)),
    ),
    Check::writes(
        "rfc-put-unknown",
        "A PUT to an unknown id is answered with 404, and creates nothing",
        "RFC 7644 §3.5.1, §3.12",
        "Answer a PUT with 404 where no resource has the id",
        |play| Box::pin(unknown(play)),
    ),
    Check::writes(
        "rfc-put-unique",
        "A PUT cannot take the `userName` of another user",
        "RFC 7644 §3.5.1, §3.12",
        "Answer 409 with `\"scimType\": \"uniqueness\"`",
        |play| Box::pin(unique(play)),
    ),
];

async fn status(play: &mut Play) -> Verdict {
    let user = play.user().await?;
    let answer = play.put(&user.path, &with_id(&user.sent, &user.id)).await?;
    answer.status(&[200])?.schema(USER)?.is("/id", &json!(user.id))?.is("/userName", &user.sent["userName"])?;
    Ok(())
}

async fn changes(play: &mut Play) -> Verdict {
    play.needs_attribute("name.familyName")?;
    let user = play.user().await?;
    let mut whole = with_id(&user.sent, &user.id);
    whole["name"]["familyName"] = json!("Replaced");
    play.put(&user.path, &whole).await?.done()?;
    play.read(&user).await?.is("/name/familyName", &json!("Replaced"))?;
    Ok(())
}

async fn keeps_id(play: &mut Play) -> Verdict {
    let user = play.user().await?;
    let other = play.name();
    let answer = play.put(&user.path, &with_id(&user.sent, &other)).await?;
    // To refuse another id is as good as to ignore it (RFC 7644 §3.5.1 speaks of both).
    if answer.status < 400 {
        answer.done()?;
        if answer.has_body {
            answer.is("/id", &json!(user.id))?;
        }
    }
    play.read(&user).await?.is("/id", &json!(user.id))?;
    play.get(&format!("/Users/{other}")).await?.status(&[404])?;
    Ok(())
}

async fn unknown(play: &mut Play) -> Verdict {
    let (draft, id) = (play.draft(), play.name());
    let answer = play.put(&format!("/Users/{id}"), &with_id(&draft, &id)).await?;
    if answer.status < 300 {
        play.owe("/Users", answer.text("/id").unwrap_or(&id));
    }
    answer.status(&[404])?;
    Ok(())
}

async fn unique(play: &mut Play) -> Verdict {
    if !play.announced.writes(USER, "userName") {
        return Err(skipped("a client may not change `userName`"));
    }
    let (one, other) = (play.user().await?, play.user().await?);
    let mut whole = with_id(&other.sent, &other.id);
    whole["userName"] = one.sent["userName"].clone();
    play.put(&other.path, &whole).await?.status(&[409])?.error_body()?;
    play.read(&other).await?.is("/userName", &other.sent["userName"])?;
    Ok(())
}

fn with_id(sent: &Value, id: &str) -> Value {
    let mut whole = sent.clone();
    whole["id"] = json!(id);
    whole
}
