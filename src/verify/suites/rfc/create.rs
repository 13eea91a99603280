//! Creation (RFC 7644 §3.3).

use serde_json::{Value, json};

use crate::scim::schema::USER;
use crate::verify::check::Check;
use crate::verify::draft::PASSWORD;
use crate::verify::play::Play;
use crate::verify::verdict::{Verdict, skipped};

pub(super) const CHECKS: &[Check] = &[
    Check::writes(
        "rfc-create-status",
        "The creation of a user is answered with 201",
        "RFC 7644 §3.3",
        "Answer a POST that created a resource with 201 Created",
        |play| Box::pin(status(play)),
    ),
    Check::writes(
        "rfc-create-location",
        "`Location` is the URL of the created user",
        "RFC 7644 §3.1, §3.3",
        "Send `Location` with the URL at which a GET gives the new resource",
        |play| Box::pin(location(play)),
    ),
    Check::writes(
        "rfc-create-body",
        "The answer to a creation is the whole user with its id, its schemas and its type",
        "RFC 7644 §3.3, RFC 7643 §3",
        "Answer with the representation that a GET would give: `schemas`, `id`, `meta`, and the attributes",
        |play| Box::pin(body(play)),
    ),
    Check::writes(
        "rfc-create-keeps-values",
        "What was sent for a new user is what a GET gives",
        "RFC 7644 §3.3",
        "Store every attribute that `/Schemas` announces",
        |play| Box::pin(keeps(play)),
    ),
    Check::writes(
        "rfc-create-ignores-id",
        "An `id` that the client sends for a new user is ignored",
        "RFC 7643 §3.1, RFC 7644 §3.3",
        "Ignore read-only attributes in the body of a POST",
        |play| Box::pin(ignores_id(play)),
    ),
    Check::writes(
        "rfc-create-unique",
        "A second user with the same `userName` is refused with 409 and `uniqueness`",
        "RFC 7644 §3.3",
        "Answer 409 with `\"scimType\": \"uniqueness\"`",
        |play| Box::pin(unique(play)),
    ),
    Check::writes(
        "rfc-create-unique-any-case",
        "A `userName` that differs in case alone is the same",
        "RFC 7643 §4.1.1, §8.7.1",
        "Compare user names without regard to case, or announce `caseExact: true`",
        |play| Box::pin(unique_any_case(play)),
    ),
    Check::writes(
        "rfc-create-name-case",
        "Names of attributes are understood in any case",
        "RFC 7643 §2.1",
        "Compare names of attributes without regard to case when a body is read",
        |play| Box::pin(name_case(play)),
    ),
    Check::writes(
        "rfc-create-unicode",
        "Letters of all scripts come back as they were sent",
        "RFC 7644 §3.1, RFC 7643 §2.3.1",
        "Read and write JSON as UTF-8, and store text without loss",
        |play| Box::pin(unicode(play)),
    ),
    Check::writes(
        "rfc-create-hides-password",
        "A password is never in an answer",
        "RFC 7643 §4.1.1, §7",
        "Leave write-only attributes out of every answer",
        |play| Box::pin(hides_password(play)),
    ),
];

async fn status(play: &mut Play) -> Verdict {
    let draft = play.draft();
    play.post("/Users", &draft).await?.status(&[201])?;
    Ok(())
}

async fn location(play: &mut Play) -> Verdict {
    let draft = play.draft();
    let created = play.post("/Users", &draft).await?;
    created.done()?;
    let Some(location) = created.header("location").map(str::to_owned) else {
        return Err(created.fault("a header `Location`", "none"));
    };
    let Some(at) = location.find("/Users/") else {
        return Err(created.fault("a `Location` that ends in `/Users/` and the id", location));
    };
    let read = play.get(&location[at..]).await?;
    if read.status != 200 {
        return Err(
            created.fault("a `Location` that a GET finds", format!("{location}, where status {} is", read.status))
        );
    }
    read.is("/userName", &draft["userName"])?;
    Ok(())
}

async fn body(play: &mut Play) -> Verdict {
    let draft = play.draft();
    let created = play.post("/Users", &draft).await?;
    created.done()?.schema(USER)?;
    match created.at("/id") {
        Some(Value::String(id)) if !id.is_empty() => {}
        Some(other) => return Err(created.fault("a text `id`", crate::verify::answer::quoted(other))),
        None => return Err(created.fault("a text `id`", "none")),
    }
    created.is("/meta/resourceType", &json!("User"))?;
    match created.text("/meta/location") {
        Some(_) => {}
        None => return Err(created.fault("`meta.location`", "none")),
    }
    created.is("/userName", &draft["userName"])?;
    Ok(())
}

async fn keeps(play: &mut Play) -> Verdict {
    let user = play.user().await?;
    let read = play.read(&user).await?;
    for pointer in ["/userName", "/name/givenName", "/name/familyName", "/displayName", "/emails/0/value", "/active"] {
        if let Some(wanted) = user.sent.pointer(pointer) {
            read.is(pointer, wanted)?;
        }
    }
    Ok(())
}

async fn ignores_id(play: &mut Play) -> Verdict {
    let mut draft = play.draft();
    let own = play.name();
    draft["id"] = json!(own);
    let created = play.post("/Users", &draft).await?;
    created.done()?;
    if created.text("/id") == Some(own.as_str()) {
        return Err(created.fault("an `id` of the server's own", "the one that was sent"));
    }
    Ok(())
}

async fn unique(play: &mut Play) -> Verdict {
    let user = play.user().await?;
    let again = play.post("/Users", &user.sent).await?;
    again.error(409)?.is("/scimType", &json!("uniqueness"))?;
    Ok(())
}

async fn unique_any_case(play: &mut Play) -> Verdict {
    if play.announced.is_case_exact(USER, "userName") {
        return Err(skipped("the server announces that `userName` heeds case"));
    }
    let user = play.user().await?;
    let mut again = user.sent.clone();
    again["userName"] = json!(user.user_name().to_uppercase());
    play.post("/Users", &again).await?.status(&[409])?;
    Ok(())
}

async fn name_case(play: &mut Play) -> Verdict {
    let mut draft = play.draft();
    let name = draft["userName"].take();
    if let Value::Object(members) = &mut draft {
        members.shift_remove("userName");
    }
    draft["USERNAME"] = name.clone();
    let created = play.post("/Users", &draft).await?;
    created.done()?.is("/userName", &name)?;
    Ok(())
}

async fn unicode(play: &mut Play) -> Verdict {
    play.needs_attribute("name.familyName")?;
    let mut draft = play.draft();
    draft["name"]["familyName"] = json!("Ünïcødé-Łódź-名前-𝒱");
    let user = play.make("/Users", draft).await?;
    play.read(&user).await?.is("/name/familyName", &user.sent["name"]["familyName"])?;
    Ok(())
}

async fn hides_password(play: &mut Play) -> Verdict {
    play.needs_attribute("password")?;
    let mut draft = play.draft();
    draft["password"] = json!(PASSWORD);
    let created = play.post("/Users", &draft).await?;
    created.done()?;
    let Some(id) = created.text("/id").map(crate::verify::client::escape) else {
        return Err(skipped("the server does not say the `id` of what it created"));
    };
    let read = play.get(&format!("/Users/{id}")).await?;
    for answer in [&created, &read] {
        if answer.at("/password").is_some() {
            return Err(answer.fault("no `password` in the answer", "one"));
        }
    }
    Ok(())
}
