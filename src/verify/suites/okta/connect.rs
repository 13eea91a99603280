//! Connecting: lists, credentials, errors, time.

use std::time::Duration;

use serde_json::{Value, json};

use super::{BUILD, PROTOCOL, TEST};
use crate::verify::answer::{Answer, LIST, quoted};
use crate::verify::check::Check;
use crate::verify::client::{Credentials, Request, escape};
use crate::verify::exchange::Outcome;
use crate::verify::play::Play;
use crate::verify::verdict::{Fault, Stop, Verdict, skipped};

/// The longest that Okta's suite waits for `/Groups`.
const GROUPS_TIME: Duration = Duration::from_millis(600);
/// How often it is tried: a busy machine is no slow server.
const TRIES: usize = 3;

pub(super) const CHECKS: &[Check] = &[
    Check::reads(
        "okta-base-url",
        "The base URL is HTTPS and has no underscore",
        BUILD,
        "Serve SCIM under an https URL such as https://api.acme.example/scim/v2",
        |play| Box::pin(std::future::ready(base_url(play))),
    ),
    Check::reads(
        "okta-connect",
        "The test of the connection gets a list with all five members",
        TEST,
        "Answer `GET /Users?startIndex=1&count=2` with `schemas`, the three numbers, and `Resources` as an array",
        |play| Box::pin(connect(play, "/Users?startIndex=1&count=2")),
    ),
    Check::reads(
        "okta-connect-groups",
        "The test of a connection with groups gets a list with all five members",
        TEST,
        "Answer `GET /Groups?startIndex=1&count=100` like the list of users",
        |play| Box::pin(connect_groups(play)),
    ),
    Check::reads(
        "okta-groups-time",
        "Groups are listed within 600 milliseconds",
        TEST,
        "Answer `GET /Groups` faster: page the query, and leave out what is slow to collect",
        |play| Box::pin(groups_time(play)),
    ),
    Check::reads(
        "okta-get-content-type",
        "A GET may carry a `Content-Type` and an `Accept-Charset`",
        PROTOCOL,
        "Ignore `Content-Type` where there is no body",
        |play| Box::pin(content_type(play)),
    ),
    Check::reads(
        "okta-401",
        "Credentials of an unknown form are answered with 401 and a whole error",
        TEST,
        "Answer 401 with `schemas`, `status` as the text \"401\", and a `detail`",
        |play| Box::pin(unauthorized(play)),
    ),
    Check::reads(
        "okta-no-such-id",
        "An id of digits that nobody has is answered with 404 and a whole error",
        TEST,
        "Answer 404 with `schemas`, `status` as the text \"404\", and a `detail`, whatever an id looks like",
        |play| Box::pin(no_such_id(play)),
    ),
    Check::reads(
        "okta-no-such-name",
        "The search before a creation is answered with an empty list when nobody has the name",
        TEST,
        "Answer 200 with `totalResults` 0 and `Resources` as an empty array",
        |play| Box::pin(no_such_name(play)),
    ),
    Check::reads(
        "okta-roles",
        "Roles and entitlements that are announced can be listed",
        "Okta: Entitlement management with SCIM",
        "Answer a GET of each endpoint whose schema is Okta's Role or Entitlement, with `id` and `displayName`",
        |play| Box::pin(roles(play)),
    ),
];

/// What is told of the whole run, at its end.
pub(super) const LAST: &[Check] = &[Check::reads(
    "okta-retry-after",
    "An answer 429 says in whole seconds when to come back",
    PROTOCOL,
    "Send `Retry-After` as a number of seconds with every 429; Okta waits five minutes without it",
    |play| Box::pin(retry_after(play)),
)];

fn base_url(play: &Play) -> Verdict {
    let base = play.client.base().to_owned();
    let fault =
        |expected: &str| Err(Stop::Failed(Fault { expected: expected.to_owned(), got: base.clone(), exchange: None }));
    if base.contains('_') {
        return fault("a base URL without an underscore");
    }
    let url = url::Url::parse(&base).ok();
    let is_here = match url.as_ref().and_then(url::Url::host) {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url {
        Some(url) if url.scheme() == "https" => Ok(()),
        Some(_) if is_here => Err(skipped("the server is on this machine; Okta asks for https:// everywhere else")),
        Some(_) | None => fault("a base URL that begins with https://"),
    }
}

/// Holds the five members of a list.
fn five_members(answer: &Answer) -> Verdict {
    answer.status(&[200])?.schema(LIST)?;
    for name in ["totalResults", "startIndex", "itemsPerPage"] {
        match answer.json.get(name) {
            Some(Value::Number(_)) => {}
            Some(other) => return Err(answer.fault(format!("`{name}` as a number"), quoted(other))),
            None => return Err(answer.fault(format!("`{name}` as a number"), "none")),
        }
    }
    match answer.json.get("Resources") {
        Some(Value::Array(_)) => Ok(()),
        Some(other) => Err(answer.fault("`Resources` as an array", quoted(other))),
        None => Err(answer.fault("`Resources` as an array", "none")),
    }
}

/// Holds that an error has all of its parts.
pub(super) fn whole_error(answer: &Answer, status: u16) -> Verdict {
    answer.error(status)?;
    match answer.text("/detail") {
        Some(detail) if !detail.is_empty() => Ok(()),
        Some(_) | None => Err(answer.fault("a text `detail`, which the administrator reads", "none")),
    }
}

async fn connect(play: &mut Play, target: &str) -> Verdict {
    five_members(&play.get(target).await?)
}

async fn connect_groups(play: &mut Play) -> Verdict {
    play.needs_groups()?;
    connect(play, "/Groups?startIndex=1&count=100").await
}

async fn groups_time(play: &mut Play) -> Verdict {
    play.needs_groups()?;
    let mut fastest = Duration::MAX;
    for _ in 0..TRIES {
        play.get("/Groups").await?.status(&[200])?;
        fastest = fastest.min(play.exchanges.last().map_or(Duration::MAX, |exchange| exchange.took));
        if fastest <= GROUPS_TIME {
            return Ok(());
        }
    }
    let got = format!("{} milliseconds at best", fastest.as_millis());
    let exchange = Some(play.exchanges.len().saturating_sub(1));
    Err(Stop::Failed(Fault { expected: "an answer within 600 milliseconds".to_owned(), got, exchange }))
}

async fn content_type(play: &mut Play) -> Verdict {
    let header = Some(("Content-Type", "application/scim+json; charset=utf-8".to_owned()));
    let request = Request { header, ..Request::new("GET", "/Users?startIndex=1&count=1") };
    play.send(request).await?.status(&[200])?;
    Ok(())
}

async fn unauthorized(play: &mut Play) -> Verdict {
    let filter = escape(&format!("userName eq \"{}\"", play.user_name()));
    let credentials = Credentials::Other("non-token");
    let request = Request { credentials, ..Request::new("GET", format!("/Users?filter={filter}")) };
    whole_error(&play.send(request).await?, 401)
}

async fn no_such_id(play: &mut Play) -> Verdict {
    whole_error(&play.get("/Users/998877665544332211").await?, 404)
}

async fn no_such_name(play: &mut Play) -> Verdict {
    let name = play.user_name();
    let filter = escape(&format!("userName eq \"{name}\""));
    let answer = play.get(&format!("/Users?filter={filter}&startIndex=1&count=100")).await?;
    five_members(&answer)?;
    answer.is("/totalResults", &json!(0))?;
    Ok(())
}

async fn roles(play: &mut Play) -> Verdict {
    const URNS: [&str; 2] = ["urn:okta:scim:schemas:core:1.0:Role", "urn:okta:scim:schemas:core:1.0:Entitlement"];
    let types = play.announced.resource_types().iter();
    let named = types.filter(|kind| kind["schema"].as_str().is_some_and(|urn| URNS.contains(&urn)));
    let endpoints: Vec<String> = named.filter_map(|kind| Some(kind["endpoint"].as_str()?.to_owned())).collect();
    if endpoints.is_empty() {
        return Err(skipped("the server announces no roles and no entitlements"));
    }
    for endpoint in endpoints {
        let answer = play.get(&format!("{endpoint}?startIndex=1&count=100")).await?;
        five_members(&answer)?;
        let page = answer.page()?;
        let missing = page.resources.iter().flat_map(|role| {
            ["id", "displayName"].into_iter().filter(|name| role.get(name).is_none_or(|value| !value.is_string()))
        });
        if let Some(name) = missing.into_iter().next() {
            return Err(answer.fault(format!("a text `{name}` in every resource"), "none"));
        }
    }
    Ok(())
}

async fn retry_after(play: &mut Play) -> Verdict {
    // One more request, so that the check can be played alone.
    play.get("/Users?startIndex=1&count=1").await?;
    let throttled = play.client.throttled();
    let Some(exchange) = throttled.unreadable else {
        return if throttled.seen { Ok(()) } else { Err(skipped("the server never answered 429")) };
    };
    let got = match &exchange.outcome {
        Outcome::Answered { headers, .. } => headers.iter().find(|(name, _)| name == "retry-after"),
        Outcome::Lost(_) => None,
    };
    let got = got.map_or_else(|| "none".to_owned(), |(_, value)| value.clone());
    play.exchanges.push(exchange);
    let exchange = Some(play.exchanges.len() - 1);
    Err(Stop::Failed(Fault { expected: "`Retry-After` in whole seconds".to_owned(), got, exchange }))
}
