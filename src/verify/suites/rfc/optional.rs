//! Features that a server may have: when it announces one, it must work.

use serde_json::{Value, json};

use crate::verify::check::Check;
use crate::verify::client::{Request, escape};
use crate::verify::play::Play;
use crate::verify::verdict::{Verdict, skipped};

pub(super) const CHECKS: &[Check] = &[
    Check::writes(
        "rfc-etag-not-modified",
        "Where versions are announced, a GET with the version that is known is answered with 304",
        "RFC 7644 §3.14",
        "Send `ETag`, and honour `If-None-Match`; or announce `etag.supported: false`",
        |play| Box::pin(not_modified(play)),
    ),
    Check::writes(
        "rfc-etag-precondition",
        "Where versions are announced, a change of another version is refused with 412",
        "RFC 7644 §3.14",
        "Honour `If-Match`; or announce `etag.supported: false`",
        |play| Box::pin(precondition(play)),
    ),
    Check::writes(
        "rfc-sort",
        "Where sorting is announced, `sortBy` and `sortOrder` are honoured",
        "RFC 7644 §3.4.2.3",
        "Sort by the attribute asked for; or announce `sort.supported: false`",
        |play| Box::pin(sort(play)),
    ),
    Check::writes(
        "rfc-bulk",
        "Where bulk is announced, its operations are carried out and answered one by one",
        "RFC 7644 §3.7",
        "Answer `POST /Bulk` with the status and the location of each operation; or announce `bulk.supported: false`",
        |play| Box::pin(bulk(play)),
    ),
    Check::writes(
        "rfc-search",
        "Where `POST /.search` is served, it finds what a GET finds",
        "RFC 7644 §3.4.3",
        "Read the filter from the body of `POST /Users/.search`; or answer 404 or 501",
        |play| Box::pin(search(play)),
    ),
];

async fn not_modified(play: &mut Play) -> Verdict {
    play.needs_announced("etag")?;
    let user = play.user().await?;
    let read = play.read(&user).await?;
    let Some(tag) = read.header("etag").map(str::to_owned) else {
        return Err(read.fault("a header `ETag`", "none"));
    };
    let request = Request { header: Some(("If-None-Match", tag)), ..Request::new("GET", user.path.as_str()) };
    play.send(request).await?.status(&[304])?;
    Ok(())
}

async fn precondition(play: &mut Play) -> Verdict {
    play.needs_announced("etag")?;
    let user = play.user().await?;
    let header = Some(("If-Match", "W/\"of-another-time\"".to_owned()));
    let request = Request { header, ..Request::new("PUT", user.path.as_str()).body(user.sent.to_string()) };
    play.send(request).await?.status(&[412])?;
    Ok(())
}

async fn sort(play: &mut Play) -> Verdict {
    play.needs_announced("sort")?;
    play.user().await?;
    play.user().await?;
    let mut orders = Vec::new();
    for order in ["ascending", "descending"] {
        let answer = play.get(&format!("/Users?sortBy=id&sortOrder={order}&startIndex=1&count=1")).await?;
        let first = answer.page()?.ids().first().map(|id| (*id).to_owned());
        orders.push((answer, first));
    }
    match orders.as_slice() {
        [(_, Some(first)), (answer, Some(last))] if first == last => {
            Err(answer.fault("another user first in descending order", "the same one as in ascending order"))
        }
        _ => Ok(()),
    }
}

async fn bulk(play: &mut Play) -> Verdict {
    play.needs_announced("bulk")?;
    let draft = play.draft();
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{"method": "POST", "path": "/Users", "bulkId": "one", "data": draft}],
    });
    let answer = play.post("/Bulk", &body).await?;
    answer.status(&[200])?.schema("urn:ietf:params:scim:api:messages:2.0:BulkResponse")?;
    let found = play.filter("/Users", &format!("userName eq {}", draft["userName"])).await?.page()?;
    let ids: Vec<String> = found.ids().into_iter().map(str::to_owned).collect();
    for id in &ids {
        play.owe("/Users", id);
    }
    let status = answer.at("/Operations/0/status").cloned();
    // RFC 7644 shows the status as text in §3.7.3, and as an object with a code in older drafts.
    let text = status.as_ref().map(|status| status.get("code").unwrap_or(status)).and_then(Value::as_str);
    if text != Some("201") {
        return Err(answer.fault("`Operations.0.status` to be \"201\"", status.unwrap_or_default().to_string()));
    }
    answer.is("/Operations/0/bulkId", &json!("one"))?;
    let created = answer
        .text("/Operations/0/location")
        .is_some_and(|location| ids.iter().any(|id| location.ends_with(&escape(id))));
    if created {
        Ok(())
    } else {
        Err(answer.fault("the `location` of the user that was created", "none that is one's"))
    }
}

async fn search(play: &mut Play) -> Verdict {
    let user = play.user().await?;
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": format!("userName eq \"{}\"", user.user_name()),
        "startIndex": 1,
        "count": 10,
    });
    let answer = play.post("/Users/.search", &body).await?;
    if matches!(answer.status, 403 | 404 | 405 | 501) {
        return Err(skipped(format!("the server does not serve it: it answers {}", answer.status)));
    }
    match answer.page()?.ids().as_slice() {
        [only] if *only == user.id => Ok(()),
        found => Err(answer.fault("the one user", format!("{} users", found.len()))),
    }
}
