use serde_json::json;

use super::*;
use crate::scim::filter::Operator;
use crate::upstream::Outcome;
use crate::upstream::sample::{answer, call, compile};

const ALL: [Purpose; 8] = [
    Purpose::List,
    Purpose::Get,
    Purpose::Part,
    Purpose::Create,
    Purpose::Update,
    Purpose::Add,
    Purpose::Remove,
    Purpose::Delete,
];

/// The verdict in short: `ok`, `empty`, or what the error says.
fn short(result: &Result<Answer, Failure>) -> String {
    let failure = match result {
        Ok(answer) => return if answer.ends_list { "empty".into() } else { "ok".into() },
        Err(failure) => failure,
    };
    match &failure.error {
        Error::Answered { then: Then::Type(kind), .. } => format!("{kind:?}"),
        Error::Answered { then, .. } => format!("{then:?}"),
        Error::Refused { retry_after, .. } => format!("refused {}", retry_after.map_or(0, |wait| wait.as_secs())),
        Error::Failed { status, .. } => format!("failed {status}"),
        Error::CredentialsRefused { .. } => "credentials".into(),
        Error::ProxyRefused { .. } => "proxy".into(),
        Error::Unreadable { .. } => "unreadable".into(),
        Error::Fill { .. }
        | Error::NotSent { .. }
        | Error::TimedOut { .. }
        | Error::Busy { .. }
        | Error::CircuitOpen { .. }
        | Error::Login { .. }
        | Error::Planned { .. }
        | Error::TooManyCalls { .. } => format!("no verdict: {:?}", failure.error),
    }
}

fn verdict(call: &Call, status: u16) -> String {
    short(&judge((call, None), &Scope::default(), answer(status, &[], "")))
}

#[test]
fn a_status_means_what_the_purpose_makes_of_it() {
    let table: [(u16, [&str; 8]); 14] = [
        (200, ["ok"; 8]),
        (204, ["ok"; 8]),
        (302, ["failed 302"; 8]),
        (
            400,
            [
                "failed 400",
                "failed 400",
                "failed 400",
                "InvalidValue",
                "InvalidValue",
                "InvalidValue",
                "InvalidValue",
                "InvalidValue",
            ],
        ),
        (401, ["credentials"; 8]),
        (403, ["credentials"; 8]),
        (404, ["failed 404", "NotFound", "failed 404", "failed 404", "NotFound", "InvalidValue", "ok", "NotFound"]),
        (405, ["failed 405"; 8]),
        (
            409,
            [
                "failed 409",
                "failed 409",
                "failed 409",
                "Uniqueness",
                "Uniqueness",
                "Uniqueness",
                "Uniqueness",
                "Status(409)",
            ],
        ),
        (412, ["Status(412)"; 8]),
        (
            422,
            [
                "failed 422",
                "failed 422",
                "failed 422",
                "InvalidValue",
                "InvalidValue",
                "InvalidValue",
                "InvalidValue",
                "InvalidValue",
            ],
        ),
        (429, ["refused 0"; 8]),
        (500, ["failed 500"; 8]),
        (503, ["failed 503"; 8]),
    ];
    for (status, expected) in table {
        for (purpose, expected) in ALL.into_iter().zip(expected) {
            assert_eq!(verdict(&call(purpose), status), expected, "{purpose:?} {status}");
        }
    }
    let undo = Call { purpose: Purpose::Undo, ..call(Purpose::Delete) };
    assert_eq!(verdict(&undo, 404), "ok");
}

#[test]
fn a_search_that_is_answered_404_finds_nobody() {
    let filter = [("userName".to_owned(), Operator::Eq, json!("ada"))];
    let scope = Scope { filter: &filter, ..Scope::default() };
    assert_eq!(short(&judge((&call(Purpose::List), None), &scope, answer(404, &[], ""))), "empty");
}

#[test]
fn a_refusal_with_a_time_is_no_unknown_outcome() {
    let result = judge((&call(Purpose::Create), None), &Scope::default(), answer(503, &[("retry-after", "7")], ""));
    assert_eq!(short(&result), "refused 7");
    assert_eq!(result.unwrap_err().error.outcome(), Outcome::NotDone);
    let result = judge((&call(Purpose::Create), None), &Scope::default(), answer(503, &[], ""));
    assert_eq!(result.unwrap_err().error.outcome(), Outcome::Unknown);
}

#[test]
fn what_is_not_json_is_no_success() {
    let table = [
        ("JSON", "application/json", "{}", "ok"),
        ("JSON with a charset", "Application/JSON; charset=utf-8", "{}", "ok"),
        ("a kind of JSON", "application/problem+json", "{}", "ok"),
        ("plain text", "text/plain", "created", "ok"),
        ("a login page", "text/html", "<html>", "unreadable"),
        ("nothing of that type", "text/html", "", "ok"),
        ("a type that is none", "", "{}", "ok"),
    ];
    for (name, media, body, expected) in table {
        let result =
            judge((&call(Purpose::Get), None), &Scope::default(), answer(200, &[("content-type", media)], body));
        assert_eq!(short(&result), expected, "{name}");
    }
}

const ROWS: &str = r#"
errors = [
  { when = "$.body.error.code == -32001", then = "retry" },
  { when = "$.body.error.code == -32007", then = "uniqueness", detail = "{body.error.message} ({status}{body.nothing})" },
  { when = "$.body.error.code == -32004", then = "notFound" },
  { when = "$.headers['x-end'] == 'yes'", then = "empty" },
  { when = "$.status == 423", then = "retry" },
  { when = "$.status == 404 && $.body == 'gone'", then = "ok" },
  { when = "$.body.error", then = 502, detail = "{body.error.data?}" },
]
[User]
list = { call = "GET /u", items = "$.users[*]" }
get = "GET /u/{id}"
create = "POST /u"
update = { call = "DELETE /u/{id}/r", for = ["groups"], each = "removed" }
"#;

#[test]
fn rows_are_asked_first_whatever_the_status() {
    let table = [
        ("no row", Purpose::Create, 200, r#"{"id":1}"#, "ok"),
        ("an error inside 200", Purpose::Create, 200, r#"{"error":{"code":-32007,"message":"taken"}}"#, "Uniqueness"),
        ("by value, not by spelling", Purpose::Create, 200, r#"{"error":{"code":-32007.0}}"#, "Uniqueness"),
        ("patience", Purpose::Create, 200, r#"{"error":{"code":-32001}}"#, "refused 0"),
        ("patience by status", Purpose::Create, 423, "", "refused 0"),
        ("not found", Purpose::Get, 200, r#"{"error":{"code":-32004}}"#, "NotFound"),
        ("not found as a 404 at its place", Purpose::Remove, 200, r#"{"error":{"code":-32004}}"#, "ok"),
        ("any other error", Purpose::Create, 200, r#"{"error":{"code":1}}"#, "Status(502)"),
        ("a row before the default", Purpose::Get, 404, "\"gone\"", "ok"),
        ("the default behind the rows", Purpose::Get, 404, "{}", "NotFound"),
        ("half a body may hide an error", Purpose::Create, 200, r#"{"error":"#, "unreadable"),
        ("JSON too deep to look at", Purpose::Create, 200, &"[".repeat(100_000), "unreadable"),
        ("an empty body", Purpose::Create, 204, "", "ok"),
    ];
    for (name, purpose, status, body, expected) in table {
        let call = compile(ROWS, purpose).1;
        assert_eq!(short(&judge((&call, None), &Scope::default(), answer(status, &[], body))), expected, "{name}");
    }
    let list = compile(ROWS, Purpose::List).1;
    assert_eq!(short(&judge((&list, None), &Scope::default(), answer(200, &[("x-end", "yes")], "[]"))), "empty");
}

#[test]
fn a_refusal_of_the_proxy_is_no_word_of_the_api() {
    let text =
        "errors = [{ when = \"$.status >= 400\", then = \"ok\" }]\n[User]\nget = \"GET /u\"\ncreate = \"POST /u\"";
    for purpose in [Purpose::Get, Purpose::Create] {
        let call = compile(text, purpose).1;
        let failure = judge((&call, None), &Scope::default(), answer(407, &[], "{}")).unwrap_err();
        assert_eq!((failure.error.outcome(), failure.class), (Outcome::NotDone, Class::Final), "{purpose:?}");
        let told = failure.error.to_string();
        assert!(told.ends_with(" /u: the proxy refused the call (407), the API never saw it"), "{told}");
    }
    assert_eq!(short(&judge((&call(Purpose::Create), None), &Scope::default(), answer(407, &[], ""))), "proxy");
}

#[test]
fn only_a_detail_template_lets_text_of_the_upstream_out() {
    let call = compile(ROWS, Purpose::Create).1;
    let detail = |body: &str| {
        let failure = judge((&call, None), &Scope::default(), answer(200, &[], body)).unwrap_err();
        let Error::Answered { detail, .. } = failure.error else { panic!("{failure:?}") };
        detail
    };
    assert_eq!(detail(r#"{"error":{"code":-32007,"message":"taken"}}"#).as_deref(), Some("taken (200)"));
    assert_eq!(detail(r#"{"error":{"code":5,"message":"SECRET-TRACE"}}"#), None);
}

#[test]
fn a_body_that_no_row_looks_at_is_not_parsed() {
    // It is no JSON, and nothing notices: whoever reads the record will.
    assert_eq!(short(&judge((&call(Purpose::Get), None), &Scope::default(), answer(200, &[], "{\"half"))), "ok");
}
