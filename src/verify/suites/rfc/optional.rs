//! Features that a server may have: when it announces one, it must work.

use serde_json::json;

use crate::verify::check::Check;
use crate::verify::play::Play;
use crate::verify::verdict::{Verdict, skipped};

pub(super) const CHECKS: &[Check] = &[
    Check::writes(
        "rfc-sort",
        "Where sorting is announced, `sortBy` and `sortOrder` are honoured",
        "RFC 7644 §3.4.2.3",
        "Sort by the attribute asked for; or announce `sort.supported: false`",
        |play| Box::pin(sort(play)),
    ),
    Check::writes(
        "rfc-search",
        "Where `POST /.search` is served, it finds what a GET finds",
        "RFC 7644 §3.4.3",
        "Read the filter from the body of `POST /Users/.search`; or answer 404 or 501",
        |play| Box::pin(search(play)),
    ),
];

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
