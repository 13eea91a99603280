//! Whole runs: against the demo, and as a program.

use scim_bridge::demo::Seed;
use scim_bridge::secret::Secret;
use scim_bridge::verify::{Case, Options, report, run, suites};
use serde_json::{Value, json};

use super::server::{Between, Reply, Server, TOKEN};
use super::{GOOD, failures, play, play_with, standing};
use crate::support::bridge::{self, demo};
use crate::support::program::{Ended, command, folder};

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_passes_every_check() {
    let running = demo(Seed::Empty).await;
    let report = play_with(&running.bridge.base, bridge::TOKEN, &suites::all(), false).await;
    assert_eq!(failures(&report), Vec::<String>::new());
    assert_eq!(report.left, [], "what was made must be removed");
    let [passed, ..] = report.counts();
    assert!(passed > 200, "most checks are played: {:?}", report.counts());
}

#[tokio::test]
async fn a_server_that_cannot_be_checked_is_said_to_be_so() {
    const HTML: Between = |_, _| Reply::new(200, json!("<html>hello</html>"));
    const MOVED: Between = |_, _| Reply::new(301, json!({}));
    const MISSING: Between = |_, _| Reply::new(404, json!({}));
    let cases: [(&str, Between, &str, &str); 4] = [
        ("a wrong token", GOOD, "wrong", "GET BASE/Users answered 401: the token is not accepted"),
        ("no SCIM", HTML, TOKEN, "GET BASE/Users answered 200 without JSON: this is no SCIM server"),
        ("a redirect", MOVED, TOKEN, "GET BASE/Users answered 301: redirects are not followed"),
        ("another path", MISSING, TOKEN, "GET BASE/Users answered 404: `--url` must be the URL before `/Users`"),
    ];
    for (name, between, token, want) in cases {
        let server = Server::serve(between).await;
        let options = Options {
            url: server.base(),
            token: Secret::new(token),
            reads_only: false,
            domain: "example.com".to_owned(),
            run: "test".to_owned(),
            clock: standing(),
        };
        let error = run(&options, &suites::all(), std::future::pending(), |_, _| {}).await.unwrap_err();
        assert_eq!(error.to_string(), want.replace("BASE", &server.base()), "{name}");
    }
}

#[tokio::test]
async fn no_form_of_the_report_has_the_token_or_somebody_who_was_there() {
    // An answer that says back what it got, and a user of before.
    let server = Server::serve(|asked, directory| {
        let mut reply = directory.answer(asked);
        if asked.path == "/Users" && asked.method == "GET" {
            let somebody = json!({"id": "1", "userName": "ada.lovelace", "name": {"familyName": "Lovelace"}});
            if let Some(users) = reply.body.get_mut("Resources").and_then(Value::as_array_mut) {
                users.insert(0, somebody);
            }
            reply.body["echo"] = json!(asked.header("authorization"));
            // Where a check quotes it, and where it is a header that a report shows.
            reply.body["totalResults"] = json!(asked.header("authorization"));
            let said = asked.header("authorization").unwrap_or_default().to_owned();
            reply.headers.push(("www-authenticate".to_owned(), said));
        }
        reply
    })
    .await;
    let report = play(&server.base(), &suites::all(), false).await;
    let forms = [report::text(&report), report::json(&report), report::junit(&report), report::html(&report)];
    for text in forms {
        assert!(text.contains("verify-"), "own users are shown");
        for hidden in [TOKEN, "ada.lovelace", "Lovelace"] {
            assert!(!text.contains(hidden), "`{hidden}` is in a report");
        }
    }
}

#[tokio::test]
async fn a_run_that_is_stopped_removes_what_it_made() {
    let server = Server::serve(GOOD).await;
    let (tell, told) = tokio::sync::oneshot::channel::<()>();
    let mut tell = Some(tell);
    let options = Options {
        url: server.base(),
        token: Secret::new(TOKEN),
        reads_only: false,
        domain: "example.com".to_owned(),
        run: "test".to_owned(),
        clock: standing(),
    };
    let stop = async {
        let _ = told.await;
    };
    let begin = |number: usize, _: &Case| {
        if number == 20 {
            drop(tell.take());
        }
    };
    let report = run(&options, &suites::all(), stop, begin).await.unwrap();
    assert!(report.is_broken_off);
    assert_eq!(report.outcomes.len(), 20);
    assert_eq!(server.look(|directory| directory.held()), 0, "nothing is left behind");
}

#[tokio::test]
async fn what_cannot_be_removed_is_named() {
    let server = Server::serve(|asked, directory| match asked.method.as_str() {
        "DELETE" => Reply::new(405, Value::Null),
        _ => directory.answer(asked),
    })
    .await;
    let cases: Vec<Case> = suites::all().into_iter().filter(|case| case.id() == "rfc-create-status").collect();
    let report = play(&server.base(), &cases, false).await;
    let left: Vec<String> = report.left.iter().map(|left| format!("{}: {}", left.what, left.why)).collect();
    assert_eq!(left, ["/Users/id-1001: DELETE answered 405"]);
}

#[tokio::test]
async fn what_was_made_and_is_not_found_again_is_named() {
    // A server that makes users, says nothing of them, and ignores filters.
    let server = Server::serve(|asked, directory| match (asked.method.as_str(), asked.path.as_str()) {
        ("POST", "/Users") => {
            let reply = directory.answer(asked);
            if reply.status == 201 { Reply::new(201, json!({})) } else { reply }
        }
        ("GET", "/Users") => Reply::new(200, json!({"totalResults": 5000, "Resources": []})),
        _ => directory.answer(asked),
    })
    .await;
    let cases: Vec<Case> = suites::all().into_iter().filter(|case| case.id() == "rfc-create-status").collect();
    let report = play(&server.base(), &cases, false).await;
    let left: Vec<&str> = report.left.iter().map(|left| left.what.as_str()).collect();
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(left[0].starts_with("/Users where userName eq \"verify-"), "{left:?}");
}

/// Runs the program beside a server that this test serves.
async fn program(arguments: &[&str]) -> Ended {
    let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    let ended = tokio::task::spawn_blocking(move || {
        let mut command = command(&folder("verify"));
        command.env("SCIM_TOKEN", TOKEN).args(arguments);
        let output = command.output().unwrap();
        Ended {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            words: String::from_utf8(output.stderr).unwrap(),
        }
    });
    ended.await.unwrap()
}

/// Runs `verify` against a server.
async fn verify(rest: &[&str], url: &str) -> Ended {
    program(&[&["verify", "--url", url], rest].concat()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn exit_codes_and_output_of_the_program() {
    const FAULTY: Between = |asked, directory| {
        let reply = directory.answer(asked);
        if reply.status == 201 { reply.with_status(200) } else { reply }
    };
    let (good, faulty) = (Server::serve(GOOD).await, Server::serve(FAULTY).await);
    let (good, faulty) = (good.base(), faulty.base());
    let by_env = ["--token-env", "SCIM_TOKEN", "--case", "rfc-create-status"];
    let fine = verify(&by_env, &good).await;
    assert_eq!((fine.code, fine.words.as_str()), (0, ""), "{}", fine.out);
    assert!(fine.out.ends_with("1 passed, 0 failed, 0 skipped, 0 for a person\n"), "{}", fine.out);

    let failed = verify(&by_env, &faulty).await;
    assert_eq!(failed.code, 1);
    assert!(failed.out.contains("expected  status 201\n         got       status 200\n"), "{}", failed.out);

    let styles = verify(&["--token-env", "SCIM_TOKEN", "--case", "c9290", "--format", "json"], &good).await;
    let found: Value = serde_json::from_str(&styles.out).unwrap();
    let ids: Vec<&str> =
        found["checks"].as_array().unwrap().iter().map(|check| check["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["C9290-patch", "C9290-put"]);

    let wrong = verify(&["--token", "not-this-one"], &good).await;
    assert_eq!((wrong.code, wrong.out.as_str()), (78, ""));
    assert!(wrong.words.ends_with("the token is not accepted\n"), "{}", wrong.words);

    let unknown = verify(&["--token", "x", "--case", "rfc-nothing"], &good).await;
    assert_eq!(unknown.code, 2);
    assert!(unknown.words.contains("there is no check `rfc-nothing`"), "{}", unknown.words);
    assert_eq!(verify(&[], &good).await.code, 2, "a token is needed");
    assert_eq!(verify(&["--token-env", "NOT_SET"], &good).await.code, 2);
    assert_eq!(program(&["verify", "--url", "ftp://x", "--token", "x"]).await.code, 2);
    for url in
        ["http://ada:s3cret@127.0.0.1/scim/v2", "http://127.0.0.1/scim/v2?key=s3cret", "http://127.0.0.1/#s3cret"]
    {
        let refused = program(&["verify", "--url", url, "--token", "x"]).await;
        assert_eq!(refused.code, 2, "{url}");
        assert!(!refused.words.contains("s3cret"), "{}", refused.words);
    }

    let list = program(&["verify", "--list", "--suite", "lifecycle"]).await;
    assert_eq!(list.code, 0);
    assert_eq!(list.out.lines().count(), 40 * 2 + 21, "all 61 cases, 40 of them in both styles");
}
