use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::mapping::call::{Call, Purpose};
use crate::mapping::scope::Scope;
use crate::upstream::sample::{Script, Step, budget, compile, response, upstream};
use crate::upstream::transport::{Request, Response, TransportError};
use crate::upstream::{Error, Outcome, Upstream};

/// An API whose calls all send a token, got by a login at the same place.
const TOKEN: &str = r#"
headers = { X-Api-Key = "{secret.key}", Authorization = "token {session.token}" }
query = { realm = "{tenant.name}", sid = "{session.token}" }
errors = [{ when = "$.body.error == 'expired'", then = "login" }]
session = { call = "POST /login", body = { user = "{secret.user}" }, capture = { token = "$.token" }, ttl = "10m" }
[User]
"#;

fn set_up(
    text: &str,
    purpose: Purpose,
    steps: impl IntoIterator<Item = Response>,
) -> (Arc<Upstream>, Arc<Script>, Call) {
    scripted(text, purpose, steps.into_iter().map(Ok))
}

fn scripted(text: &str, purpose: Purpose, steps: impl IntoIterator<Item = Step>) -> (Arc<Upstream>, Arc<Script>, Call) {
    let (settings, call) = compile(text, purpose);
    let script = Script::new(steps);
    (Arc::new(upstream(&settings, &script)), script, call)
}

fn with_get() -> String {
    format!("{TOKEN}get = \"GET /u\"")
}

fn json_step(status: u16, body: &Value) -> Response {
    response(status, &[("content-type", "application/json")], &body.to_string())
}

fn login(token: &str) -> Response {
    json_step(200, &json!({ "token": token }))
}

fn ok() -> Response {
    json_step(200, &json!({}))
}

fn status(status: u16) -> Response {
    json_step(status, &json!({}))
}

/// What was sent: path and token.
fn sent(script: &Script) -> Vec<String> {
    let token = |request: &Request| {
        request.headers.get("authorization").map_or("", |value| value.to_str().unwrap()).replace("token ", "")
    };
    let sent = script.sent.lock().unwrap();
    sent.iter().map(|(_, request)| format!("{} {}", request.url.path(), token(request)).trim_end().to_owned()).collect()
}

async fn send(upstream: &Upstream, call: &Call) -> Result<(), Error> {
    upstream.send(call, &Scope::default(), &budget(45)).await.map(drop)
}

#[tokio::test(start_paused = true)]
async fn a_login_comes_first_and_again_before_the_session_ends() {
    let (upstream, script, call) = set_up(&with_get(), Purpose::Get, [login("A"), ok(), ok(), login("B"), ok()]);
    send(&upstream, &call).await.unwrap();
    tokio::time::advance(Duration::from_secs(539)).await;
    send(&upstream, &call).await.unwrap();
    tokio::time::advance(Duration::from_secs(1)).await;
    send(&upstream, &call).await.unwrap();
    assert_eq!(sent(&script), ["/v1/login", "/v1/u A", "/v1/u A", "/v1/login", "/v1/u B"]);

    let sent = script.sent.lock().unwrap();
    let (login, call) = (&sent[0].1, &sent[1].1);
    assert_eq!(login.url.query(), Some("realm=acme"), "what holds the session is left off");
    assert_eq!(login.headers["x-api-key"], "s3cret");
    assert_eq!(login.body.as_deref(), Some(&br#"{"user":"ada"}"#[..]));
    assert_eq!(call.url.query(), Some("realm=acme&sid=A"));
    assert!(call.headers["authorization"].is_sensitive());
}

#[tokio::test(start_paused = true)]
async fn the_answer_may_say_how_long_the_session_lasts() {
    let table = [
        ("a number", json!(100), 89, 91),
        ("text", json!("100"), 89, 91),
        ("long", json!(3600), 3539, 3541),
        ("nothing that is a time", json!("soon"), 539, 541),
        ("no time at all", json!(0), 539, 541),
        ("absent", Value::Null, 539, 541),
    ];
    for (name, ttl, before, after) in table {
        let text = with_get().replace("token = \"$.token\"", "token = \"$.token\", ttl = \"$.ttl\"");
        let login = || json_step(200, &json!({ "token": "A", "ttl": ttl }));
        let (upstream, script, call) = set_up(&text, Purpose::Get, [login(), ok(), ok(), login(), ok()]);
        for (wait, calls) in [(0, 2), (before, 3), (after - before, 5)] {
            tokio::time::advance(Duration::from_secs(wait)).await;
            send(&upstream, &call).await.unwrap();
            assert_eq!(script.calls(), calls, "{name} after {wait}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_over_is_renewed_once_for_a_call() {
    let expired = json_step(200, &json!({ "error": "expired" }));
    let table = [
        ("401", Purpose::Get, "get = \"GET /u\"", status(401)),
        ("401 on a create: nothing was done", Purpose::Create, "create = \"POST /u\"", status(401)),
        ("a row that says so", Purpose::Get, "get = \"GET /u\"", expired),
    ];
    for (name, purpose, call, over) in table {
        let over = || over.clone();
        let text = format!("{TOKEN}{call}");
        let (upstream, script, call) = set_up(&text, purpose, [login("A"), over(), login("B"), ok()]);
        let (record, scope) = (json!({}), Scope::default());
        let scope = Scope { sent: Some(&record), ..scope };
        upstream.send(&call, &scope, &budget(45)).await.unwrap();
        assert_eq!(sent(&script), ["/v1/login", "/v1/u A", "/v1/login", "/v1/u B"], "{name}");

        let (upstream, script, call) = set_up(&text, purpose, [login("A"), over(), login("B"), over()]);
        let error = upstream.send(&call, &scope, &budget(45)).await.unwrap_err();
        assert!(matches!(error, Error::CredentialsRefused { .. }), "{name}: {error:?}");
        assert_eq!(script.calls(), 4, "{name}");
    }
    let (upstream, script, call) = set_up(&with_get(), Purpose::Get, [login("A"), status(403)]);
    let error = send(&upstream, &call).await.unwrap_err();
    assert!(matches!(error, Error::CredentialsRefused { status: 403, .. }), "{error:?}");
    assert_eq!(script.calls(), 2, "403 is about rights, not about the session");
}

#[tokio::test(start_paused = true)]
async fn a_hundred_calls_wait_for_one_login() {
    let steps = [login("A")].into_iter().chain((0..100).map(|_| ok()));
    let (upstream, script, call) = set_up(&with_get(), Purpose::Get, steps);
    let all = |upstream: &Arc<Upstream>| {
        let tasks: Vec<_> = (0..100)
            .map(|_| {
                let (upstream, call) = (Arc::clone(upstream), call.clone());
                tokio::spawn(async move { send(&upstream, &call).await })
            })
            .collect();
        async move {
            let mut failed = 0;
            for task in tasks {
                failed += usize::from(task.await.unwrap().is_err());
            }
            failed
        }
    };
    assert_eq!(all(&upstream).await, 0);
    assert_eq!(sent(&script).iter().filter(|line| line.starts_with("/v1/login")).count(), 1);

    let text = format!("{}\n[upstream.limits]\nretries = 0", with_get());
    let (upstream, script, _) = set_up(&text, Purpose::Get, []);
    assert_eq!(all(&upstream).await, 100, "a login that fails is not tried by each of them");
    assert_eq!(sent(&script), ["/v1/login"]);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_fails_sends_nothing_else() {
    let table: [(&str, Response, &str); 5] = [
        ("credentials", status(401), "credentials refused with 401"),
        ("a client error", status(400), "failed with 400"),
        ("nothing captured", json_step(200, &json!({})), "the answer has no `token`"),
        ("a row that asks for a login", json_step(200, &json!({ "error": "expired" })), "credentials refused with 200"),
        ("a login page", response(200, &[("content-type", "text/html")], "<p>"), "neither JSON nor plain text"),
    ];
    for (name, step, reason) in table {
        let text = format!("{}\n[upstream.limits]\nretries = 0", with_get());
        let (upstream, script, call) = set_up(&text, Purpose::Get, [step]);
        let error = send(&upstream, &call).await.unwrap_err();
        assert!(matches!(error, Error::Login { .. }), "{name}: {error:?}");
        assert!(error.to_string().starts_with("login failed: POST /login: "), "{name}: {error}");
        assert!(error.to_string().contains(reason), "{name}: {error}");
        assert_eq!(script.calls(), 1, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_is_tried_again_like_any_read_but_not_for_ever() {
    let refused = || Err(TransportError::NotSent("connection refused".into()));
    let (upstream, script, call) =
        scripted(&with_get(), Purpose::Get, [refused(), Ok(status(503)), Ok(login("A")), Ok(ok())]);
    send(&upstream, &call).await.unwrap();
    assert_eq!(script.calls(), 4);

    // An account that is locked after so many wrong passwords is not helped by more of them.
    let (upstream, script, call) = set_up(&with_get(), Purpose::Get, (0..20).map(|_| status(401)));
    for _ in 0..20 {
        assert!(send(&upstream, &call).await.is_err());
    }
    assert_eq!(script.calls(), 7);
    assert!(matches!(send(&upstream, &call).await, Err(Error::CircuitOpen { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_login_elsewhere_gets_nothing_of_the_upstream() {
    let text = r#"
headers = { X-Api-Key = "{secret.key}", Authorization = "Bearer {session.token}" }
query = { realm = "{tenant.name}" }
[upstream.session]
call = "POST https://login.example/{tenant.realm}/token"
format = "form"
headers = { X-Own = "1" }
body = { grant_type = "client_credentials", client_secret = "{secret.key}" }
capture = { token = "$.access_token", ttl = "$.expires_in" }
[User]
get = "GET /u"
"#;
    let given = json_step(200, &json!({ "access_token": "A", "expires_in": 3600 }));
    let (upstream, script, call) = set_up(text, Purpose::Get, [given, ok()]);
    send(&upstream, &call).await.unwrap();
    let sent = script.sent.lock().unwrap();
    let (login, call) = (&sent[0].1, &sent[1].1);
    assert_eq!(login.url.as_str(), "https://login.example/r%2F1/token");
    assert_eq!(login.body.as_deref(), Some(&b"grant_type=client_credentials&client_secret=s3cret"[..]));
    let mut names: Vec<_> = login.headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "content-type", "x-own", "x-request-id"]);
    assert_eq!(call.headers["authorization"], "Bearer A");
    assert_eq!(call.url.as_str(), "http://127.0.0.1/v1/u?realm=acme");
}

#[tokio::test(start_paused = true)]
async fn a_session_is_a_cookie_a_number_or_several_values() {
    let text = r#"
headers = { Cookie = "SID={session.sid}", X-User = "{session.user.id}" }
[upstream.session]
call = "POST /login"
capture = { sid = { header = "Set-Cookie", text = "SID={};{_}" }, user = "$.user" }
[User]
get = "GET /u"
"#;
    let headers = [("set-cookie", "lang=en; Path=/"), ("set-cookie", "SID=abc=; Path=/; HttpOnly")];
    let (upstream, script, call) = set_up(text, Purpose::Get, [response(200, &headers, r#"{"user":{"id":7}}"#), ok()]);
    send(&upstream, &call).await.unwrap();
    let sent = script.sent.lock().unwrap();
    assert_eq!(
        (&sent[1].1.headers["cookie"], &sent[1].1.headers["x-user"]),
        (&"SID=abc=".parse().unwrap(), &"7".parse().unwrap())
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_without_the_session_needs_no_login() {
    let text = "session = { call = \"POST /login\", capture = { token = \"$.token\" } }\n[User]\nget = \"GET /u\"";
    let (upstream, script, call) = set_up(text, Purpose::Get, [status(401)]);
    assert!(matches!(send(&upstream, &call).await, Err(Error::CredentialsRefused { .. })));
    assert_eq!(sent(&script), ["/v1/u"]);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_fails_does_not_cover_a_try_that_may_have_been_carried_out() {
    let text = format!("{TOKEN}update = \"PUT /u\"");
    let steps = [Ok(login("A")), Err(TransportError::Broken("reset".into())), Ok(status(401)), Ok(status(401))];
    let (upstream, script, call) = scripted(&text, Purpose::Update, steps);
    let record = json!({});
    let scope = Scope { sent: Some(&record), ..Scope::default() };
    let error = upstream.send(&call, &scope, &budget(45)).await.unwrap_err();
    assert_eq!((error.outcome(), script.calls()), (Outcome::Unknown, 4), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_login_that_one_call_has_no_time_for_is_made_by_the_next() {
    let (upstream, script, call) = set_up(&with_get(), Purpose::Get, []);
    let (other, same) = (Arc::clone(&upstream), call.clone());
    let hurried = tokio::spawn(async move { other.send(&same, &Scope::default(), &budget(2)).await.map(drop) });
    tokio::task::yield_now().await;
    let patient = tokio::spawn(async move { send(&upstream, &call).await });
    tokio::task::yield_now().await;
    assert_eq!(script.calls(), 1, "the second one waits for the login of the first");
    script.then([Ok(login("A")), Ok(ok())]);
    let hurried = hurried.await.unwrap().unwrap_err();
    assert!(matches!(hurried, Error::Login { .. }), "{hurried:?}");
    patient.await.unwrap().unwrap();
    assert_eq!(sent(&script), ["/v1/login", "/v1/login", "/v1/u A"]);
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_long_ago_is_told_to_nobody() {
    let text = r#"
session = { call = "POST /login", capture = { token = "$.token" } }
limits = { concurrent = 1, timeout = "60s", deadline = "90s", retries = 0 }
[User]
get = { call = "GET /u", headers = { Authorization = "token {session.token}" } }
delete = "DELETE /u"
"#;
    let (upstream, script, call) = set_up(text, Purpose::Get, [status(401)]);
    assert!(matches!(send(&upstream, &call).await, Err(Error::Login { .. })));
    // The only place is taken by a call that is never answered: no login can be sent.
    let (other, long) = (Arc::clone(&upstream), compile(text, Purpose::Delete).1);
    let held = tokio::spawn(async move { other.send(&long, &Scope::default(), &budget(90)).await.map(drop) });
    tokio::task::yield_now().await;
    let (other, same) = (Arc::clone(&upstream), call.clone());
    let first = tokio::spawn(async move { other.send(&same, &Scope::default(), &budget(4)).await.map(drop) });
    tokio::task::yield_now().await;
    let error = send(&upstream, &call).await.unwrap_err();
    assert!(matches!(error, Error::Busy { .. }), "{error:?}");
    assert!(matches!(first.await.unwrap(), Err(Error::Busy { .. })));
    assert_eq!(script.calls(), 2);
    held.abort();
}

#[test]
fn a_session_shows_nothing_of_itself() {
    let values = crate::mapping::scope::SessionValues([("token".to_owned(), json!("T0KEN"))].into());
    assert_eq!(format!("{values:?}"), "<session>");
}
