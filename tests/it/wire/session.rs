//! APIs that want a login: before the first call, when the session is over, elsewhere.

use serde_json::{Value, json};

use crate::support::bridge::serve;
use crate::support::case::{Case, HEAD, play, replace};
use crate::support::upstream::{Step, Upstream, expect};

const RULES: &str = r#"
[User.attributes]
id = { at = "uid", type = "int" }
userName = "login"
active = { at = "state", map = { true = 1, false = [0, 2] } }
"#;

/// One RPC address, HTTP 200 always, a session in a cookie.
fn rpc() -> String {
    let calls = r#"
[User]
get = { body = { method = "user.get", params = { uid = "{id}" } }, item = "$.result" }
update = { body = { method = "user.set", params = { uid = "{id}", changes = "{record}" } }, item = "$.result" }
[upstream.session]
body = { method = "auth.login", params = { pass = "{secret.acme_key}" } }
capture = { sid = "$.result.sid" }
"#;
    let upstream = r#"url = "http://127.0.0.1"
call = "POST"
headers = { Cookie = "SID={session.sid}" }
errors = [
  { when = "$.body.error.code == -32001", then = "login" },
  { when = "$.body.error", then = 502 },
]"#;
    format!("{}{RULES}{calls}", HEAD.replace("url = \"http://127.0.0.1\"", upstream))
}

fn login(sid: &str) -> Step {
    expect("POST /")
        .json(json!({ "method": "auth.login", "params": { "pass": "key-of-the-tests" } }))
        .answer(200, &json!({ "result": { "sid": sid } }))
}

fn read(sid: &str, answer: &Value) -> Step {
    expect("POST /")
        .header("Cookie", &format!("SID={sid}"))
        .json(json!({ "method": "user.get", "params": { "uid": 7 } }))
        .answer(200, answer)
}

fn set(sid: &str, answer: &Value) -> Step {
    let body = json!({ "method": "user.set", "params": { "uid": 7, "changes": { "state": 0 } } });
    expect("POST /").header("Cookie", &format!("SID={sid}")).json(body).answer(200, answer)
}

fn ada(state: u8) -> Value {
    json!({ "result": { "uid": 7, "login": "ada", "state": state } })
}

#[tokio::test]
async fn a_session_is_opened_first_and_again_when_the_api_says_that_it_is_over() {
    let over = json!({ "error": { "code": -32001 } });
    let case = |name, upstream, status, wanted| Case {
        name,
        upstream,
        request: "PATCH /Users/7",
        body: replace(&json!({ "active": false })),
        status,
        wanted,
    };
    let cases = vec![
        case(
            "one login for both calls",
            vec![login("S1"), read("S1", &ada(1)), set("S1", &ada(0))],
            200,
            json!({ "active": false }),
        ),
        case(
            "over between the read and the write",
            vec![login("S1"), read("S1", &ada(1)), set("S1", &over), login("S2"), set("S2", &ada(0))],
            200,
            json!({ "active": false }),
        ),
        case(
            "over twice",
            vec![login("S1"), read("S1", &over), login("S2"), read("S2", &over)],
            502,
            json!({ "status": "502" }),
        ),
        case(
            "no session in the answer",
            vec![expect("POST /").answer(200, &json!({ "result": { "trace": "SECRET-TRACE" } }))],
            502,
            json!({ "status": "502" }),
        ),
    ];
    play(&rpc(), cases).await;
}

#[tokio::test]
async fn oauth_client_credentials_are_a_session_at_another_address() {
    let api = Upstream::serve([
        expect("GET /users/7").header("Authorization", "Bearer T1").answer(401, &json!({})),
        expect("GET /users/7").header("Authorization", "Bearer T2").answer(200, &json!({ "uid": 7, "login": "ada" })),
        expect("GET /users/7").header("Authorization", "Bearer T2").answer(200, &json!({ "uid": 7, "login": "ada" })),
    ])
    .await;
    let token = |token: &str| {
        expect("POST /oauth/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .text("grant_type=client_credentials&client_id=bridge&client_secret=key-of-the-tests")
            .answer(200, &json!({ "access_token": token, "expires_in": 3600, "token_type": "Bearer" }))
    };
    let identity_provider = Upstream::serve([token("T1"), token("T2")]).await;
    let session = format!(
        r#"
[upstream.session]
call = "POST {}/oauth/token"
format = "form"
body = {{ grant_type = "client_credentials", client_id = "bridge", client_secret = "{{secret.acme_key}}" }}
capture = {{ token = "$.access_token", ttl = "$.expires_in" }}
"#,
        identity_provider.url()
    );
    let headers = "url = \"http://127.0.0.1\"\nheaders = { Authorization = \"Bearer {session.token}\", X-Api = \"1\" }";
    let mapping = format!(
        "{}{RULES}[User]\nget = \"GET /users/{{id}}\"\n{session}",
        HEAD.replace("url = \"http://127.0.0.1\"", headers)
    );
    let bridge = serve(&mapping, &api.url(), &[("acme_key", "key-of-the-tests")]).await;
    for _ in 0..2 {
        let answer = bridge.scim.send("GET /Users/7", None).await;
        assert_eq!((answer.status, &answer.body["userName"]), (200, &json!("ada")));
    }
    api.assert_followed("api");
    identity_provider.assert_followed("identity provider");
    assert!(identity_provider.header_values("x-api").is_empty(), "a login elsewhere gets nothing of the API's");
    assert!(identity_provider.header_values("authorization").is_empty());
}
