//! Switching provisioning on, with wrong and with right credentials; passwords.

use serde_json::json;

use super::PLAN;
use crate::verify::answer::Answer;
use crate::verify::check::Check;
use crate::verify::client::{Credentials, Request};
use crate::verify::draft::{OTHER_PASSWORD, PASSWORD};
use crate::verify::play::{Made, Play};
use crate::verify::verdict::{Stop, Style, Verdict};

pub(super) const CASES: &[Check] = &[
    Check::styled(
        "C9306",
        "Provisioning is switched on: the connection is tested, and the first update goes through",
        PLAN,
        "Answer the test of the connection with a list, and carry out updates",
        |play, style| Box::pin(enable(play, style)),
    ),
    Check::styled(
        "C9340",
        "Wrong credentials are refused, of the test and of an update, and change nothing",
        PLAN,
        "Answer 401 to every request with credentials that you do not know",
        |play, style| Box::pin(wrong(play, style)),
    ),
    Check::styled(
        "C9341",
        "After wrong credentials the right ones are accepted",
        PLAN,
        "Decide by the credentials of each request alone; accept the new token as soon as it is made",
        |play, style| Box::pin(corrected(play, style)),
    ),
    Check::styled(
        "C9301",
        "A password is taken with a new user, and synchronised later",
        PLAN,
        "Accept `password` in creations and updates, or announce no `password`",
        |play, style| Box::pin(password(play, style)),
    ),
    Check::styled(
        "C9302",
        "A password is changed, and changed again",
        PLAN,
        "Accept `password` in updates, and keep the other attributes",
        |play, style| Box::pin(password_change(play, style)),
    ),
];

const WRONG: Credentials = Credentials::Other("Bearer wrong-token-of-scim-bridge-verify");
const TARGET: &str = "/Users?startIndex=1&count=2";

async fn enable(play: &mut Play, style: Style) -> Verdict {
    let answer = play.get(TARGET).await?;
    answer.page()?;
    if play.announced.has_groups() {
        play.get("/Groups?startIndex=1&count=100").await?.page()?;
    }
    let user = play.assigned().await?;
    play.pushed(style, &user, &json!({"name": {"givenName": "Grace"}})).await
}

async fn wrong(play: &mut Play, style: Style) -> Verdict {
    let user = play.assigned().await?;
    play.send(Request { credentials: WRONG, ..Request::new("GET", TARGET) }).await?.status(&[401])?;
    with_wrong(play, style, &user).await?.status(&[401])?;
    play.reads_as(&user, &json!({"name": {"givenName": "Ada"}})).await
}

/// An update with wrong credentials.
async fn with_wrong(play: &mut Play, style: Style, user: &Made) -> Result<Answer, Stop> {
    let changes = json!({"name": {"givenName": "Mallory"}});
    let request = match style {
        Style::Patch => {
            let body = json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [{"op": "replace", "value": changes}],
            });
            Request::new("PATCH", user.path.as_str()).body(body.to_string())
        }
        Style::Put => {
            let mut whole = user.sent.clone();
            whole["name"]["givenName"] = json!("Mallory");
            Request::new("PUT", user.path.as_str()).body(whole.to_string())
        }
    };
    play.send(Request { credentials: WRONG, ..request }).await
}

async fn corrected(play: &mut Play, style: Style) -> Verdict {
    play.send(Request { credentials: WRONG, ..Request::new("GET", TARGET) }).await?.status(&[401])?;
    play.get(TARGET).await?.page()?;
    let user = play.assigned().await?;
    play.pushed(style, &user, &json!({"name": {"givenName": "Grace"}})).await
}

async fn password(play: &mut Play, style: Style) -> Verdict {
    play.needs_attribute("password")?;
    let mut draft = play.draft();
    draft["password"] = json!(PASSWORD);
    let user = play.assign(draft).await?;
    play.push(style, &user, &json!({"password": OTHER_PASSWORD})).await?;
    play.reads_as(&user, &json!({"userName": user.user_name()})).await
}

async fn password_change(play: &mut Play, style: Style) -> Verdict {
    play.needs_attribute("password")?;
    let user = play.assigned().await?;
    for password in [PASSWORD, OTHER_PASSWORD] {
        play.push(style, &user, &json!({"password": password})).await?;
    }
    play.reads_as(&user, &json!({"userName": user.user_name(), "name": {"givenName": "Ada"}})).await
}
