//! Lists and pages (RFC 7644 §3.4.2).

use serde_json::{Value, json};

use crate::verify::answer::{LIST, quoted};
use crate::verify::check::Check;
use crate::verify::play::Play;
use crate::verify::verdict::{Verdict, skipped};

pub(super) const CHECKS: &[Check] = &[
    Check::reads(
        "rfc-list-shape",
        "A list has its schema, and `totalResults` as a number",
        "RFC 7644 §3.4.2",
        "Answer with `schemas`, `totalResults`, and `Resources` when there are any",
        |play| Box::pin(shape(play)),
    ),
    Check::writes(
        "rfc-list-page-numbers",
        "A page says where it begins and how many resources it holds",
        "RFC 7644 §3.4.2, §3.4.2.4",
        "Send `startIndex` as asked for, and `itemsPerPage` as the number of resources on this page",
        |play| Box::pin(numbers(play)),
    ),
    Check::writes(
        "rfc-list-count",
        "A page never holds more resources than `count`",
        "RFC 7644 §3.4.2.4",
        "Limit the page to `count`",
        |play| Box::pin(count(play)),
    ),
    Check::writes(
        "rfc-list-total",
        "`totalResults` counts all that match, not this page alone",
        "RFC 7644 §3.4.2",
        "Count all matching resources before the page is cut out",
        |play| Box::pin(total(play)),
    ),
    Check::writes(
        "rfc-list-next-page",
        "The second page does not repeat the first",
        "RFC 7644 §3.4.2.4",
        "Begin the page at `startIndex`, which counts from 1, in an order that does not change",
        |play| Box::pin(next_page(play)),
    ),
    Check::reads(
        "rfc-list-count-zero",
        "`count=0` asks for the total alone",
        "RFC 7644 §3.4.2.4",
        "Answer `count=0` with `totalResults` and no resources",
        |play| Box::pin(count_zero(play)),
    ),
    Check::reads(
        "rfc-list-count-negative",
        "A negative `count` is understood as 0",
        "RFC 7644 §3.4.2.4",
        "Take a negative `count` as 0 instead of refusing it",
        |play| Box::pin(count_negative(play)),
    ),
    Check::reads(
        "rfc-list-start-zero",
        "A `startIndex` below 1 is understood as 1",
        "RFC 7644 §3.4.2.4",
        "Take a `startIndex` below 1 as 1 instead of refusing it",
        |play| Box::pin(start_zero(play)),
    ),
    Check::reads(
        "rfc-list-past-end",
        "A page past the end is empty, and no error",
        "RFC 7644 §3.4.2.4",
        "Answer 200 with no resources when `startIndex` is past the end",
        |play| Box::pin(past_end(play)),
    ),
    Check::writes(
        "rfc-list-shapes-resources",
        "The resources of a list are as whole as those read alone",
        "RFC 7644 §3.4.2, RFC 7643 §3",
        "Put `schemas`, `id` and `meta` into every resource of a list",
        |play| Box::pin(resources(play)),
    ),
];

async fn shape(play: &mut Play) -> Verdict {
    let answer = play.get("/Users?startIndex=1&count=2").await?;
    answer.status(&[200])?.schema(LIST)?;
    let total = match answer.at("/totalResults") {
        Some(Value::Number(total)) => total.as_u64().unwrap_or_default(),
        Some(other) => return Err(answer.fault("`totalResults` as a number", quoted(other))),
        None => return Err(answer.fault("`totalResults` as a number", "none")),
    };
    if total > 0 && !answer.at("/Resources").is_some_and(Value::is_array) {
        return Err(answer.fault("an array `Resources`", "none"));
    }
    Ok(())
}

async fn numbers(play: &mut Play) -> Verdict {
    play.user().await?;
    play.user().await?;
    let answer = play.get("/Users?startIndex=2&count=1").await?;
    let held = answer.page()?.resources.len();
    answer.is("/startIndex", &json!(2))?.is("/itemsPerPage", &json!(held))?;
    Ok(())
}

async fn count(play: &mut Play) -> Verdict {
    play.user().await?;
    play.user().await?;
    let answer = play.get("/Users?startIndex=1&count=1").await?;
    match answer.page()?.resources.len() {
        1 => Ok(()),
        other => Err(answer.fault("one resource", format!("{other} resources"))),
    }
}

async fn total(play: &mut Play) -> Verdict {
    play.user().await?;
    play.user().await?;
    let answer = play.get("/Users?startIndex=1&count=1").await?;
    match answer.page()?.total {
        Some(total) if total >= 2 => Ok(()),
        Some(total) => Err(answer.fault("`totalResults` to be 2 or more", format!("the number {total}"))),
        None => Err(answer.fault("`totalResults` as a number", "none")),
    }
}

async fn next_page(play: &mut Play) -> Verdict {
    play.user().await?;
    play.user().await?;
    let first = play.get("/Users?startIndex=1&count=1").await?.page()?;
    let answer = play.get("/Users?startIndex=2&count=1").await?;
    let second = answer.page()?;
    match (first.ids().as_slice(), second.ids().as_slice()) {
        ([one], [other]) if one == other => {
            Err(answer.fault("another resource on the second page", format!("the same one, with the id {one}")))
        }
        (_, []) => Err(answer.fault("a resource on the second page", "none")),
        _ => Ok(()),
    }
}

async fn count_zero(play: &mut Play) -> Verdict {
    let answer = play.get("/Users?count=0").await?;
    let page = answer.page()?;
    if page.total.is_none() {
        return Err(answer.fault("`totalResults` as a number", "none"));
    }
    match page.resources.len() {
        0 => Ok(()),
        other => Err(answer.fault("no resources", format!("{other} resources"))),
    }
}

async fn count_negative(play: &mut Play) -> Verdict {
    let answer = play.get("/Users?count=-1").await?;
    match answer.page()?.resources.len() {
        0 => Ok(()),
        other => Err(answer.fault("no resources", format!("{other} resources"))),
    }
}

async fn start_zero(play: &mut Play) -> Verdict {
    let answer = play.get("/Users?startIndex=0&count=1").await?;
    answer.page()?;
    let first = play.get("/Users?startIndex=1&count=1").await?.page()?;
    let page = answer.page()?;
    if page.ids() == first.ids() {
        return Ok(());
    }
    Err(answer.fault("the first page", "another one"))
}

async fn past_end(play: &mut Play) -> Verdict {
    let answer = play.get("/Users?startIndex=1000000000&count=10").await?;
    match answer.page()?.resources.len() {
        0 => Ok(()),
        other => Err(answer.fault("no resources", format!("{other} resources"))),
    }
}

async fn resources(play: &mut Play) -> Verdict {
    let user = play.user().await?;
    let answer = play.filter("/Users", &format!("userName eq \"{}\"", user.user_name())).await?;
    let page = answer.page()?;
    let Some(own) = page.resources.iter().find(|resource| resource["id"] == user.id) else {
        return Err(skipped("the user is not found by its name"));
    };
    let missing = ["/schemas/0", "/meta/resourceType"].into_iter().find(|pointer| own.pointer(pointer).is_none());
    match missing {
        Some(pointer) => Err(answer.fault(format!("`{}` in every resource", &pointer[1..].replace('/', ".")), "none")),
        None => Ok(()),
    }
}
