//! Who may ask (RFC 7644 §2).

use crate::verify::check::Check;
use crate::verify::client::{Credentials, Request};
use crate::verify::play::Play;
use crate::verify::verdict::Verdict;

pub(super) const CHECKS: &[Check] = &[
    Check::reads(
        "rfc-401-no-token",
        "A request without credentials is answered with 401",
        "RFC 7644 §2, §3.12",
        "Answer 401 before anything else when the `Authorization` header is missing",
        |play| Box::pin(without(play)),
    ),
    Check::reads(
        "rfc-401-wrong-token",
        "A request with a wrong token is answered with 401",
        "RFC 7644 §3.12",
        "Compare the token before the request is carried out, and answer 401",
        |play| Box::pin(wrong(play)),
    ),
    Check::reads(
        "rfc-401-challenge",
        "An answer 401 says in `WWW-Authenticate` how to authenticate",
        "RFC 9110 §11.6.1, RFC 7644 §2",
        "Send `WWW-Authenticate: Bearer` with every 401",
        |play| Box::pin(challenge(play)),
    ),
    Check::writes(
        "rfc-401-changes-nothing",
        "A deletion with a wrong token is refused and deletes nothing",
        "RFC 7644 §2",
        "Check the credentials of every method, not of GET alone",
        |play| Box::pin(changes_nothing(play)),
    ),
];

const WRONG: Credentials = Credentials::Other("Bearer wrong-token-of-scim-bridge-verify");
const TARGET: &str = "/Users?startIndex=1&count=1";

async fn without(play: &mut Play) -> Verdict {
    let answer = play.send(Request { credentials: Credentials::None, ..Request::new("GET", TARGET) }).await?;
    answer.status(&[401])?;
    Ok(())
}

async fn wrong(play: &mut Play) -> Verdict {
    let answer = play.send(Request { credentials: WRONG, ..Request::new("GET", TARGET) }).await?;
    answer.status(&[401])?;
    Ok(())
}

async fn challenge(play: &mut Play) -> Verdict {
    let answer = play.send(Request { credentials: WRONG, ..Request::new("GET", TARGET) }).await?;
    answer.status(&[401])?;
    match answer.header("www-authenticate") {
        Some(_) => Ok(()),
        None => Err(answer.fault("a header `WWW-Authenticate`", "none")),
    }
}

async fn changes_nothing(play: &mut Play) -> Verdict {
    let user = play.user().await?;
    let answer = play.send(Request { credentials: WRONG, ..Request::new("DELETE", user.path.as_str()) }).await?;
    answer.status(&[401])?;
    play.read(&user).await?;
    Ok(())
}
