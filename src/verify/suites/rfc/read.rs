//! Retrieval and projection (RFC 7644 §3.4.1, §3.9).

use serde_json::{Value, json};

use crate::scim::schema::USER;
use crate::value::essence;
use crate::verify::answer::quoted;
use crate::verify::check::Check;
use crate::verify::play::Play;
use crate::verify::verdict::{Verdict, skipped};

pub(super) const CHECKS: &[Check] = &[
    Check::writes(
        "rfc-get-shape",
        "A user that is read has its schemas, its id, its type and its location",
        "RFC 7643 §3, §3.1, RFC 7644 §3.4.1",
        "Put `schemas`, `id`, `meta.resourceType` and `meta.location` into every representation",
        |play| Box::pin(shape(play)),
    ),
    Check::writes(
        "rfc-get-types",
        "Attributes have the types of the schema: `active` is a boolean, `emails` is a list",
        "RFC 7643 §2.3, §4.1",
        "Write booleans as JSON booleans, and multi-valued attributes as arrays of objects",
        |play| Box::pin(types(play)),
    ),
    Check::writes(
        "rfc-get-times",
        "`meta.created` and `meta.lastModified` are times with a zone",
        "RFC 7643 §2.3.5, §3.1",
        "Write times as in 2026-01-31T12:00:00Z",
        |play| Box::pin(times(play)),
    ),
    Check::writes(
        "rfc-media-type",
        "A resource is answered as `application/scim+json`",
        "RFC 7644 §3.1, §8.1",
        "Send `Content-Type: application/scim+json`",
        |play| Box::pin(media_type(play)),
    ),
    Check::reads(
        "rfc-404-user",
        "An unknown id is answered with 404",
        "RFC 7644 §3.12",
        "Answer 404 where no resource has the id",
        |play| Box::pin(unknown(play)),
    ),
    Check::reads(
        "rfc-error-body",
        "An error has the schema of errors, and the status as text",
        "RFC 7644 §3.12",
        "Answer `{\"schemas\": [\"urn:ietf:params:scim:api:messages:2.0:Error\"], \"status\": \"404\", \"detail\": …}`",
        |play| Box::pin(error_body(play)),
    ),
    Check::reads(
        "rfc-404-endpoint",
        "An endpoint that does not exist is answered with 404",
        "RFC 7644 §3.2, §3.12",
        "Answer 404 on paths that you do not serve",
        |play| Box::pin(endpoint(play)),
    ),
    Check::writes(
        "rfc-attributes",
        "`attributes` limits an answer to what is asked for, and what is always returned",
        "RFC 7644 §3.9",
        "Honour `attributes` of a GET: return those, and `id`, and nothing else of the default set",
        |play| Box::pin(attributes(play)),
    ),
    Check::writes(
        "rfc-excluded-attributes",
        "`excludedAttributes` leaves out what is named, and nothing that is always returned",
        "RFC 7644 §3.9",
        "Honour `excludedAttributes` of a GET; never leave out `id`",
        |play| Box::pin(excluded(play)),
    ),
    Check::writes(
        "rfc-list-attributes",
        "`attributes` limits the resources of a list as well",
        "RFC 7644 §3.4.2.5, §3.9",
        "Honour `attributes` in lists",
        |play| Box::pin(list_attributes(play)),
    ),
];

async fn shape(play: &mut Play) -> Verdict {
    let user = play.user().await?;
    let read = play.read(&user).await?;
    read.schema(USER)?.is("/id", &json!(user.id))?.is("/meta/resourceType", &json!("User"))?;
    match read.text("/meta/location") {
        Some(location) if location.ends_with(&user.path) => Ok(()),
        Some(location) => Err(read.fault(format!("`meta.location` to end in {}", user.path), location)),
        None => Err(read.fault("`meta.location`", "none")),
    }
}

async fn types(play: &mut Play) -> Verdict {
    let user = play.user().await?;
    let read = play.read(&user).await?;
    if user.sent.get("active").is_some() {
        match read.at("/active") {
            Some(Value::Bool(_)) => {}
            Some(other) => return Err(read.fault("`active` as a boolean", quoted(other))),
            None => return Err(read.fault("`active` as a boolean", "none")),
        }
    }
    if user.sent.get("emails").is_some() {
        match read.at("/emails") {
            Some(Value::Array(all)) if all.iter().all(Value::is_object) && !all.is_empty() => {}
            Some(other) => return Err(read.fault("`emails` as an array of objects", quoted(other))),
            None => return Err(read.fault("`emails` as an array of objects", "none")),
        }
    }
    Ok(())
}

async fn times(play: &mut Play) -> Verdict {
    let user = play.user().await?;
    let read = play.read(&user).await?;
    let times = ["/meta/created", "/meta/lastModified"].map(|pointer| (pointer, read.at(pointer)));
    if times.iter().all(|(_, time)| time.is_none()) {
        return Err(skipped("the server keeps no times"));
    }
    for (pointer, time) in times {
        let Some(time) = time else { continue };
        if time.as_str().and_then(|time| time.parse::<jiff::Timestamp>().ok()).is_none() {
            return Err(
                read.fault(format!("a time with a zone in `{}`", &pointer[1..].replace('/', ".")), quoted(time))
            );
        }
    }
    Ok(())
}

async fn media_type(play: &mut Play) -> Verdict {
    let user = play.user().await?;
    let read = play.read(&user).await?;
    let found = read.header("content-type").unwrap_or("none");
    if essence(found.as_bytes()).eq_ignore_ascii_case("application/scim+json") {
        return Ok(());
    }
    Err(read.fault("`Content-Type: application/scim+json`", found))
}

async fn unknown(play: &mut Play) -> Verdict {
    let id = play.name();
    play.get(&format!("/Users/{id}")).await?.status(&[404])?;
    Ok(())
}

async fn error_body(play: &mut Play) -> Verdict {
    let id = play.name();
    let answer = play.get(&format!("/Users/{id}")).await?;
    answer.refused()?.error_body()?;
    Ok(())
}

async fn endpoint(play: &mut Play) -> Verdict {
    play.get("/NoSuchEndpoint").await?.status(&[404])?;
    Ok(())
}

async fn attributes(play: &mut Play) -> Verdict {
    let user = play.user().await?;
    let answer = play.get(&format!("{}?attributes=userName", user.path)).await?;
    answer.status(&[200])?.is("/userName", &json!(user.user_name()))?.is("/id", &json!(user.id))?;
    answer.is_clear("/name")?.is_clear("/emails")?;
    Ok(())
}

async fn excluded(play: &mut Play) -> Verdict {
    play.needs_attribute("emails")?;
    let user = play.user().await?;
    let answer = play.get(&format!("{}?excludedAttributes=emails,id", user.path)).await?;
    answer.status(&[200])?.is("/id", &json!(user.id))?.is("/userName", &json!(user.user_name()))?;
    answer.is_clear("/emails")?;
    Ok(())
}

async fn list_attributes(play: &mut Play) -> Verdict {
    let user = play.user().await?;
    let filter = crate::verify::client::escape(&format!("userName eq \"{}\"", user.user_name()));
    let answer = play.get(&format!("/Users?attributes=userName&filter={filter}")).await?;
    let page = answer.page()?;
    let Some(own) = page.resources.iter().find(|resource| resource["id"] == user.id) else {
        return Err(skipped("the user is not found by its name"));
    };
    if own.get("userName").is_none() {
        return Err(answer.fault("`userName` in every resource", "none"));
    }
    match ["name", "emails"].into_iter().find(|name| own.get(name).is_some()) {
        Some(name) => Err(answer.fault("resources with `userName` alone", format!("`{name}` as well"))),
        None => Ok(()),
    }
}
