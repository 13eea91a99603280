//! The forms of the report, as files.

use std::path::PathBuf;
use std::time::Duration;

use scim_bridge::verify::exchange::{Exchange, Outcome as Ending};
use scim_bridge::verify::verdict::Fault;
use scim_bridge::verify::{Finding, Left, Outcome, Report, report, suites};

use crate::support::golden;

/// A report with one of everything.
fn sample() -> Report {
    let exchange = |method: &str, target: &str, sent: Option<&str>, outcome: Ending| Exchange {
        method: method.to_owned(),
        target: target.to_owned(),
        sent: sent.map(str::to_owned),
        outcome,
        took: Duration::from_millis(12),
    };
    let answered = |status: u16, body: &str| Ending::Answered {
        status,
        headers: vec![("content-type".to_owned(), "application/scim+json".to_owned())],
        body: body.to_owned(),
    };
    let outcome = |id: &str, finding: Finding, exchanges: Vec<Exchange>| Outcome {
        case: suites::all().into_iter().find(|case| case.id() == id).unwrap(),
        finding,
        exchanges,
        took: Duration::from_millis(40),
    };
    let fault = |expected: &str, got: &str, exchange: Option<usize>| {
        Finding::Failed(Fault { expected: expected.to_owned(), got: got.to_owned(), exchange })
    };
    let listed = exchange("GET", "/Users?startIndex=1&count=2", None, answered(200, r#"{"totalResults":0}"#));
    let sent = r#"{"userName":"verify-sample-1@example.com"}"#;
    let created = exchange("POST", "/Users", Some(sent), answered(200, r#"{"detail":"<b>&\u0007</b>"}"#));
    let lost = exchange("GET", "/Groups", None, Ending::Lost("no answer within 60 seconds".to_owned()));
    Report {
        url: "https://api.acme.example/scim/v2".to_owned(),
        run: "sample".to_owned(),
        began: "2026-01-31T12:00:00Z".to_owned(),
        reads_only: false,
        is_broken_off: true,
        outcomes: vec![
            outcome("rfc-list-shape", Finding::Passed, vec![listed.clone()]),
            outcome("rfc-create-status", fault("status 201", "status 200", Some(1)), vec![listed, created]),
            outcome("rfc-bulk", Finding::Skipped("the server does not announce `bulk`".to_owned()), Vec::new()),
            outcome("okta-base-url", fault("a base URL that begins with https://", "<none>", None), Vec::new()),
            outcome("okta-groups-time", fault("an answer", "no answer within 60 seconds", Some(0)), vec![lost]),
            outcome("C9296", Finding::Person, Vec::new()),
        ],
        left: vec![Left { what: "/Users/7".to_owned(), why: "DELETE answered 405".to_owned() }],
    }
}

#[test]
fn every_form_of_the_report_is_as_its_file_says() {
    let report = sample();
    let files = [
        ("txt", report::text(&report)),
        ("json", report::json(&report)),
        ("xml", report::junit(&report)),
        ("html", report::html(&report)),
    ];
    let path = |ending: &str| PathBuf::from(format!("tests/verify/report.{ending}"));
    golden::hold(files.map(|(ending, text)| (path(ending), text)));
}

#[test]
fn the_page_loads_nothing_and_runs_nothing() {
    let page = report::html(&sample());
    for foreign in ["<script", "src=", "href=", "url(", "@import", "<b>&"] {
        assert!(!page.contains(foreign), "`{foreign}` is in the page");
    }
}
