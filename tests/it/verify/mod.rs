//! `verify`: against a server that does everything right, and against that server with one fault each.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use scim_bridge::secret::Secret;
use scim_bridge::verify::{Case, Clock, Finding, Options, Report, run, suites};

mod mutants;
mod reports;
mod runs;
mod server;

use server::{Between, Server, TOKEN};

/// Plays cases against a server.
async fn play(base: &str, cases: &[Case], reads_only: bool) -> Report {
    play_with(base, TOKEN, cases, reads_only).await
}

/// The same with this token; by a clock that stands still.
async fn play_with(base: &str, token: &str, cases: &[Case], reads_only: bool) -> Report {
    play_by(standing(), (base, token), cases, reads_only).await
}

/// A clock that stands still: what it measures takes no time, however busy the machine is.
fn standing() -> Clock {
    Clock::new(|| Duration::ZERO)
}

async fn play_by(clock: Clock, (base, token): (&str, &str), cases: &[Case], reads_only: bool) -> Report {
    // Another word for each run, as `random_word` gives it, but the same in every run of the tests.
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let options = Options {
        url: base.to_owned(),
        token: Secret::new(token),
        reads_only,
        domain: "example.com".to_owned(),
        run: format!("t{}", RUNS.fetch_add(1, Ordering::Relaxed)),
        clock,
    };
    run(&options, cases, std::future::pending(), |_, _| {}).await.unwrap()
}

/// What failed, a line each.
fn failures(report: &Report) -> Vec<String> {
    let line = |outcome: &scim_bridge::verify::Outcome| match &outcome.finding {
        Finding::Failed(fault) => {
            Some(format!("{}: expected {}, got {}", outcome.case.id(), fault.expected, fault.got))
        }
        Finding::Passed | Finding::Skipped(_) | Finding::Person => None,
    };
    report.outcomes.iter().filter_map(line).collect()
}

/// What was skipped, a line each.
fn skips(report: &Report) -> Vec<String> {
    let line = |outcome: &scim_bridge::verify::Outcome| match &outcome.finding {
        Finding::Skipped(why) => Some(format!("{}: {why}", outcome.case.id())),
        Finding::Passed | Finding::Failed(_) | Finding::Person => None,
    };
    report.outcomes.iter().filter_map(line).collect()
}

/// Everything right; the first request after the connection's test has to come again.
const GOOD: Between = |asked, directory| {
    if asked.path != "/ServiceProviderConfig" || !directory.memory.is_empty() {
        return directory.answer(asked);
    }
    directory.memory.push(serde_json::json!("throttled"));
    let mut reply = server::Reply::new(429, serde_json::json!({}));
    reply.headers.push(("retry-after".to_owned(), "0".to_owned()));
    reply
};

#[tokio::test]
async fn a_server_that_does_everything_right_passes_every_check() {
    let server = Server::serve(GOOD).await;
    let report = play(&server.base(), &suites::all(), false).await;
    assert_eq!(failures(&report), Vec::<String>::new());
    let here = "okta-base-url: the server is on this machine; Okta asks for https:// everywhere else";
    assert_eq!(skips(&report), [here], "each other check must be played once at least");
    assert_eq!(report.left, [], "what was made must be removed");
    assert_eq!(server.look(|directory| directory.held()), 0, "nothing is left behind");
}

#[tokio::test]
async fn read_only_sends_nothing_that_changes_anything() {
    let server = Server::serve(GOOD).await;
    let report = play(&server.base(), &suites::all(), true).await;
    assert_eq!(failures(&report), Vec::<String>::new());
    assert_eq!(server.look(|directory| directory.writes), 0, "requests that are no GET");
    assert!(report.counts()[0] > 15, "some checks need to read alone: {:?}", report.counts());
}

#[tokio::test]
async fn ids_of_any_letters_and_locations_of_any_form_are_fine() {
    let server = Server::serve(|asked, directory| {
        directory.id = |number| format!("ü {number}/?#%+\"");
        let mut reply = directory.answer(asked);
        for (name, value) in &mut reply.headers {
            if name == "location" {
                *value = value[value.find("/scim").unwrap()..].to_owned();
            }
        }
        // A PATCH may be answered without a body.
        if asked.method == "PATCH" && reply.status == 200 {
            server::Reply::new(204, serde_json::Value::Null)
        } else {
            reply
        }
    })
    .await;
    let report = play(&server.base(), &suites::all(), false).await;
    assert_eq!(failures(&report), Vec::<String>::new());
    assert_eq!(server.look(|directory| directory.held()), 0, "nothing is left behind");
}
