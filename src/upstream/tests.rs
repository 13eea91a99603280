use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::sample::{Script, Step, budget, call, compile, response, upstream};
use super::*;
use crate::mapping::call::{Purpose, Then};
use crate::scim::ErrorType;

const ID: &Value = &Value::Bool(true);

fn scope() -> Scope<'static> {
    static SENT: std::sync::LazyLock<Value> = std::sync::LazyLock::new(|| json!({ "name": "ada" }));
    Scope { id: Some(ID), sent: Some(&SENT), ..Scope::default() }
}

/// Makes a step; a table cannot hold one, because errors are not copied.
type Fault = fn() -> Step;

fn step(status: Result<u16, TransportError>) -> Step {
    status.map(|status| response(status, &[], if status == 200 { "{}" } else { "" }))
}

fn ok() -> Step {
    step(Ok(200))
}

fn status(status: u16) -> Step {
    step(Ok(status))
}

fn refused() -> Step {
    step(Err(TransportError::NotSent("connection refused".into())))
}

fn broken() -> Step {
    step(Err(TransportError::Broken("reset".into())))
}

async fn run(call: &Call, steps: Vec<Step>) -> (Result<Answer, Error>, usize, Duration) {
    let (settings, _) = compile("[User]\nget = \"GET /u\"", Purpose::Get);
    let script = Script::new(steps);
    let upstream = upstream(&settings, &script);
    let start = Instant::now();
    let result = upstream.send(call, &scope(), &budget(45)).await;
    (result, script.calls(), start.elapsed())
}

#[tokio::test(start_paused = true)]
async fn only_what_is_safe_is_tried_again() {
    use Purpose::{Create, Delete, Get, Update};
    let retry_after = |status| Ok(response(status, &[("retry-after", "1")], ""));
    let table: [(&str, Purpose, Fault, usize); 14] = [
        ("a read after a reset", Get, broken, 2),
        ("a read after 500", Get, || status(500), 2),
        ("a read after 503", Get, || status(503), 2),
        ("a read that is no JSON", Get, || Ok(response(200, &[("content-type", "text/html")], "<p>")), 2),
        ("a read after 404", Get, || status(404), 1),
        ("a read after 302", Get, || status(302), 1),
        ("a create that did not leave", Create, refused, 2),
        ("a create after 429", Create, || status(429), 2),
        ("a create after a reset", Create, broken, 1),
        ("a create after 500", Create, || status(500), 1),
        ("a create after 503 without a word", Create, || status(503), 1),
        ("a create after 504", Create, || status(504), 1),
        ("a PATCH after a reset", Update, broken, 1),
        ("a DELETE after a reset", Delete, broken, 2),
    ];
    for (name, purpose, fault, expected) in table {
        let (result, calls, _) = run(&call(purpose), vec![fault(), ok()]).await;
        assert_eq!((calls, result.is_ok()), (expected, expected == 2), "{name}: {result:?}");
    }
    let (result, calls, took) = run(&call(Create), vec![retry_after(503), retry_after(429), ok()]).await;
    assert!(result.is_ok() && calls == 3 && took.as_secs() == 2, "a refusal says how long: {took:?}");
    let idempotent = Call { idempotent: true, ..call(Create) };
    assert_eq!(run(&idempotent, vec![broken(), ok()]).await.1, 2, "a create that says it may be repeated");
}

#[tokio::test(start_paused = true)]
async fn tries_end_with_the_limit_and_with_the_deadline() {
    let (result, calls, took) = run(&call(Purpose::Get), (0..9).map(|_| status(429)).collect()).await;
    assert!(matches!(result, Err(Error::Refused { status: 429, retry_after: None, .. })), "{result:?}");
    assert!(calls == 4 && took <= Duration::from_millis(1400), "{calls} {took:?}");

    let far = Ok(response(429, &[("retry-after", "99999")], ""));
    let (result, calls, took) = run(&call(Purpose::Get), vec![far]).await;
    let hour = Some(Duration::from_secs(3600));
    assert!(matches!(result, Err(Error::Refused { retry_after, .. }) if retry_after == hour), "{result:?}");
    assert_eq!((calls, took), (1, Duration::ZERO));

    // Nothing ever answers: each try has its timeout, and all of them end before the deadline.
    let (result, calls, took) = run(&call(Purpose::Get), vec![]).await;
    assert!(matches!(result, Err(Error::TimedOut { .. })), "{result:?}");
    assert!(calls == 4 && took <= Duration::from_secs(45), "{calls} {took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_try_that_may_have_been_carried_out_is_not_forgotten() {
    let idempotent = Call { idempotent: true, ..call(Purpose::Create) };
    let refusals = || (0..3).map(|_| refused());
    let (result, ..) = run(&idempotent, std::iter::once(broken()).chain(refusals()).collect()).await;
    assert_eq!(result.unwrap_err().outcome(), Outcome::Unknown, "refused later");
    let (result, ..) = run(&idempotent, vec![broken(), status(409)]).await;
    assert_eq!(result.unwrap_err().outcome(), Outcome::Unknown, "exists later");
    let (result, ..) = run(&idempotent, refusals().chain([refused()]).collect()).await;
    assert_eq!(result.unwrap_err().outcome(), Outcome::NotDone, "refused always");

    let update = Call { idempotent: true, ..call(Purpose::Update) };
    let table: [(&str, &Call, u16, Outcome); 9] = [
        ("a create, and credentials refused", &idempotent, 401, Outcome::Unknown),
        ("a create, and forbidden", &idempotent, 403, Outcome::Unknown),
        ("a create, and a client error", &idempotent, 405, Outcome::Unknown),
        ("a create, and values refused", &idempotent, 400, Outcome::Unknown),
        ("an update, and credentials refused", &update, 401, Outcome::Unknown),
        ("an update, and a client error", &update, 405, Outcome::Unknown),
        ("an update, and there already", &update, 409, Outcome::Unknown),
        ("an update, and changed meanwhile: the record is read again", &update, 412, Outcome::NotDone),
        ("an update, and values refused: they were the same before", &update, 400, Outcome::NotDone),
    ];
    for (name, call, last, outcome) in table {
        let (result, calls, _) = run(call, vec![broken(), status(last)]).await;
        assert_eq!((result.unwrap_err().outcome(), calls), (outcome, 2), "{name}");
    }
    let (result, ..) = run(&call(Purpose::Delete), vec![broken(), status(404)]).await;
    assert!(matches!(result, Err(Error::Answered { then: Then::NotFound, .. })), "deleted: {result:?}");
}

#[tokio::test(start_paused = true)]
async fn an_upstream_in_trouble_is_left_alone() {
    let (settings, call) = compile("[upstream.limits]\nretries = 0\n[User]\nget = \"GET /u\"", Purpose::Get);
    let script = Script::new((0..8).map(|_| status(500)).chain([ok()]));
    let upstream = upstream(&settings, &script);
    for _ in 0..7 {
        let error = upstream.send(&call, &scope(), &budget(45)).await.unwrap_err();
        assert!(matches!(error, Error::Failed { status: 500, .. }), "{error:?}");
    }
    let error = upstream.send(&call, &scope(), &budget(45)).await.unwrap_err();
    assert!(matches!(error, Error::CircuitOpen { .. }), "{error:?}");
    assert_eq!((script.calls(), error.outcome()), (7, Outcome::NotDone));
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(upstream.send(&call, &scope(), &budget(45)).await.is_err(), "the first probe");
    tokio::time::advance(Duration::from_secs(2)).await;
    assert!(upstream.send(&call, &scope(), &budget(45)).await.is_ok(), "the second probe");
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_is_away_for_ten_minutes_is_probed_once_a_penalty_and_found_again_within_one() {
    let (settings, call) = compile("[upstream.limits]\nretries = 0\n[User]\nget = \"GET /u\"", Purpose::Get);
    let script = Script::new((0..200).map(|_| refused()));
    let upstream = upstream(&settings, &script);
    let start = Instant::now();
    let ask = async || upstream.send(&call, &scope(), &budget(45)).await;
    while start.elapsed() < Duration::from_secs(600) {
        let (asked, before) = (Instant::now(), script.calls());
        let error = ask().await.unwrap_err();
        assert_eq!(asked.elapsed(), Duration::ZERO, "nobody waits for it");
        if script.calls() == before {
            let told = |wait: Duration| !wait.is_zero() && wait <= Duration::from_secs(10);
            assert!(matches!(error, Error::CircuitOpen { retry_after, .. } if told(retry_after)), "{error:?}");
        }
        tokio::time::advance(Duration::from_millis(100)).await;
    }
    // Seven open the circuit; penalties of 1, 2, 4, 8 and then 10 seconds, each shortened by a fifth at most.
    assert!((60..=85).contains(&script.calls()), "{} calls", script.calls());
    script.then((0..200).map(|_| ok()));
    let (back, left) = (Instant::now(), script.steps_left() - 200);
    script.skip(left);
    while ask().await.is_err() {
        tokio::time::advance(Duration::from_millis(100)).await;
    }
    assert!(back.elapsed() <= Duration::from_secs(10), "{:?}", back.elapsed());
    assert!(ask().await.is_ok(), "the next one is no probe");
}

#[tokio::test(start_paused = true)]
async fn an_upstream_of_which_every_second_call_fails_is_called_on_and_not_much_more() {
    let (settings, call) = compile("[User]\nget = \"GET /u\"", Purpose::Get);
    let script = Script::new((0..2000).map(|call| if call % 2 == 0 { status(500) } else { ok() }));
    let upstream = upstream(&settings, &script);
    let start = Instant::now();
    for asked in 0..1000 {
        let outcome = upstream.send(&call, &scope(), &budget(45)).await;
        assert!(!matches!(outcome, Err(Error::CircuitOpen { .. })), "after {asked}");
    }
    let allowed = 1000 + 100 + 10 + usize::try_from(start.elapsed().as_secs()).unwrap();
    assert!(script.calls() <= allowed, "{} of {allowed} calls", script.calls());
}

#[tokio::test(start_paused = true)]
async fn an_error_that_a_row_explains_is_no_trouble() {
    let text = "errors = [{ when = \"$.status == 500\", then = \"uniqueness\" }]\n[upstream.limits]\nretries = 0\n[User]\nget = \"GET /u\"";
    let (settings, call) = compile(text, Purpose::Get);
    let script = Script::new((0..20).map(|_| status(500)));
    let upstream = upstream(&settings, &script);
    for _ in 0..20 {
        let error = upstream.send(&call, &scope(), &budget(45)).await.unwrap_err();
        assert!(matches!(error, Error::Answered { then: Then::Type(ErrorType::Uniqueness), .. }), "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_waits_for_its_place_half_of_what_is_left_at_most() {
    let (settings, call) =
        compile("[upstream.limits]\nconcurrent = 1\ntimeout = \"40s\"\n[User]\nget = \"GET /u\"", Purpose::Get);
    let script = Script::new([]);
    let upstream = Arc::new(upstream(&settings, &script));
    let (other, same) = (Arc::clone(&upstream), call.clone());
    let held = tokio::spawn(async move { other.send(&same, &scope(), &budget(45)).await });
    tokio::task::yield_now().await;
    let start = Instant::now();
    let error = upstream.send(&call, &scope(), &budget(20)).await.unwrap_err();
    assert!(matches!(error, Error::Busy { .. }), "{error:?}");
    assert_eq!((start.elapsed().as_secs(), script.calls()), (10, 1));
    held.abort();
}

#[tokio::test(start_paused = true)]
async fn one_operation_makes_a_thousand_calls_at_most() {
    let (settings, call) = compile("[User]\nget = \"GET /u\"", Purpose::Get);
    let upstream = upstream(&settings, &Script::new((0..1001).map(|_| ok())));
    let budget = budget(45);
    for _ in 0..1000 {
        upstream.send(&call, &scope(), &budget).await.unwrap();
    }
    let error = upstream.send(&call, &scope(), &budget).await.unwrap_err();
    assert!(matches!(error, Error::TooManyCalls { bound: 1000, .. }), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn who_watches_sees_every_try() {
    let (settings, call) = compile("[User]\nupdate = \"PUT /u/{id}?a={id}\"", Purpose::Update);
    let upstream = upstream(&settings, &Script::new([broken(), status(204)]));
    let budget = budget(45);
    upstream.send(&call, &scope(), &budget).await.unwrap();
    let calls = budget.trace.detail.as_ref().unwrap().lock().unwrap();
    let seen: Vec<_> = calls.iter().map(|call| (call.method.as_str(), call.target.as_str(), call.status)).collect();
    assert_eq!(seen, [("PUT", "/v1/u/true?a=true", None), ("PUT", "/v1/u/true?a=true", Some(204))]);
    assert_eq!(calls[1].body.as_deref(), Some(&br#"{"name":"ada"}"#[..]));
}

#[tokio::test(start_paused = true)]
async fn a_hole_without_a_value_sends_nothing() {
    let (settings, call) = compile("[User]\nget = \"GET /u/{id}\"", Purpose::Get);
    let script = Script::new([ok()]);
    let error = upstream(&settings, &script).send(&call, &Scope::default(), &budget(45)).await.unwrap_err();
    assert_eq!(error.to_string(), "GET /u/{id}: `{id}` has no value");
    assert_eq!((script.calls(), error.outcome()), (0, Outcome::NotDone));
}
