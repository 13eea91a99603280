//! A POST of which nobody knows whether it was carried out.

use serde_json::{Value, json};

use super::people;
use crate::support::case::{Case, UPSTREAM_TEXT, play, play_one, user};
use crate::support::upstream::{Step, expect};

const CREATE: &str = "create = \"POST /people\"";

fn ada() -> Value {
    json!({ "id": 7, "login": "ADA", "job": "Boss", "state": "on" })
}

fn look_up(rows: &Value) -> Step {
    expect("GET /people?login=ada").answer(200, &json!({ "rows": rows }))
}

fn post_ada(name: &'static str, upstream: Vec<Step>, status: u16, wanted: Value) -> Case {
    let body = user(json!({ "userName": "ada", "title": "Boss", "active": true, "password": "given" }));
    Case { name, upstream, request: "POST /Users", body, status, wanted }
}

/// The ways to lose an answer.
fn losses() -> Vec<(&'static str, Step)> {
    let post = || expect("POST /people");
    vec![
        ("the connection breaks", post().breaks()),
        ("no answer comes", post().hangs()),
        ("500", post().raw(500, "text/html", UPSTREAM_TEXT)),
        ("502", post().answer(502, &json!({ "trace": UPSTREAM_TEXT }))),
        ("503 without Retry-After", post().answer(503, &Value::Null)),
        ("504", post().answer(504, &Value::Null)),
        ("a page instead of an answer", post().raw(200, "text/html", "<html>SECRET-TRACE</html>")),
        ("half a body", post().raw(201, "application/json", "{\"id\": 7, \"log")),
        ("a redirect", post().raw(302, "text/plain", UPSTREAM_TEXT)),
    ]
}

#[tokio::test]
async fn a_lost_answer_is_looked_up_and_nobody_is_created_twice() {
    for (name, lost) in losses() {
        let upstream = vec![lost, look_up(&json!([ada()])), expect("GET /people/7").answer(200, &ada())];
        play(&people(CREATE), vec![post_ada(name, upstream, 201, json!({ "id": "7", "userName": "ADA" }))]).await;
    }
}

#[tokio::test]
async fn a_lost_create_that_was_not_carried_out_is_sent_once_more() {
    let none = || look_up(&json!([]));
    let read = || expect("GET /people/7").answer(200, &ada());
    let lost = || expect("POST /people").answer(500, &Value::Null);
    let cases = vec![
        post_ada(
            "sent once more after three looks",
            vec![lost(), none(), none(), none(), expect("POST /people").answer(201, &ada())],
            201,
            json!({ "id": "7" }),
        ),
        post_ada(
            "there at the second look",
            vec![lost(), none(), look_up(&json!([ada()])), read()],
            201,
            json!({ "id": "7" }),
        ),
        post_ada(
            "committed after the last look",
            vec![
                lost(),
                none(),
                none(),
                none(),
                expect("POST /people").answer(409, &Value::Null),
                look_up(&json!([ada()])),
                read(),
            ],
            201,
            json!({ "id": "7" }),
        ),
        post_ada(
            "lost again, and there",
            vec![lost(), none(), none(), none(), lost(), look_up(&json!([ada()])), read()],
            201,
            json!({ "id": "7" }),
        ),
        post_ada("lost again, and not there", vec![lost(), none(), none(), none(), lost(), none()], 504, Value::Null),
        post_ada(
            "refused at the second try",
            vec![
                lost(),
                none(),
                none(),
                none(),
                expect("POST /people").answer(400, &json!({ "trace": UPSTREAM_TEXT })),
            ],
            400,
            json!({ "scimType": "invalidValue" }),
        ),
    ];
    play(&people(CREATE), cases).await;
}

#[tokio::test]
async fn a_second_try_that_is_not_let_in_says_nothing_of_the_first() {
    let none = || look_up(&json!([]));
    let lost = || expect("POST /people").answer(500, &Value::Null);
    let cases = vec![
        post_ada(
            "not let in at the second try: of the first nobody knows",
            vec![lost(), none(), none(), none(), expect("POST /people").answer(401, &Value::Null), none()],
            504,
            Value::Null,
        ),
        post_ada(
            "not let in at the second try, and there",
            vec![
                lost(),
                none(),
                none(),
                none(),
                expect("POST /people").answer(403, &Value::Null),
                look_up(&json!([ada()])),
                expect("GET /people/7").answer(200, &ada()),
            ],
            201,
            json!({ "id": "7" }),
        ),
    ];
    play(&people(CREATE), cases).await;
}

#[tokio::test]
async fn a_strangers_record_under_the_key_is_not_taken_over() {
    let lost = || expect("POST /people").breaks();
    let stranger = |change: Value| {
        let mut record = ada();
        for (name, value) in change.as_object().unwrap() {
            record[name] = value.clone();
        }
        vec![lost(), look_up(&json!([record]))]
    };
    let taken = || json!({ "scimType": "uniqueness" });
    let cases = vec![
        post_ada("another title", stranger(json!({ "job": "Admin" })), 409, taken()),
        post_ada("no title", stranger(json!({ "job": null })), 409, taken()),
        post_ada("inactive", stranger(json!({ "state": "off" })), 409, taken()),
    ];
    play(&people(CREATE), cases).await;
}

#[tokio::test]
async fn what_the_create_does_not_carry_does_not_make_a_stranger() {
    let create = r#"create = { call = "POST /people", without = ["active"] }"#;
    let mut off = ada();
    off["state"] = json!("off");
    let upstream = vec![
        expect("POST /people").breaks(),
        look_up(&json!([off])),
        expect("GET /people/7").answer(200, &off),
        expect("PATCH /people/7").json(json!({ "state": "on" })).answer(200, &ada()),
    ];
    play(&people(create), vec![post_ada("active comes later", upstream, 201, json!({ "active": true }))]).await;
}

#[tokio::test]
async fn an_unknown_outcome_that_cannot_be_looked_up_is_504() {
    let blind =
        people(CREATE).replace("list = { call = \"GET /people?login={filter.userName}\", items = \"$.rows[*]\" }", "");
    let answer = play_one(&blind, post_ada("no search", vec![expect("POST /people").breaks()], 504, Value::Null)).await;
    assert_eq!(answer.headers["retry-after"], "5");
    let broken = vec![
        expect("POST /people").breaks(),
        expect("GET /people?login=ada").answer(500, &json!({ "trace": UPSTREAM_TEXT })),
        expect("GET /people?login=ada").answer(500, &json!({ "trace": UPSTREAM_TEXT })),
    ];
    play(&people(CREATE), vec![post_ada("the search fails", broken, 504, Value::Null)]).await;
}

#[tokio::test]
async fn a_refused_create_is_sent_again_without_a_look() {
    let refused = |status| expect("POST /people").answer(status, &Value::Null).answer_header("retry-after", "1");
    let made = || expect("POST /people").answer(201, &ada());
    let cases = vec![
        post_ada("503 with Retry-After", vec![refused(503), made()], 201, json!({ "id": "7" })),
        post_ada("429", vec![refused(429), made()], 201, json!({ "id": "7" })),
        post_ada("429 to the end", vec![refused(429), refused(429)], 429, Value::Null),
    ];
    play(&people(CREATE), cases).await;
}

#[tokio::test]
async fn stubs_found_by_the_key_are_read_before_they_are_judged() {
    let stubs = people(CREATE).replace("items = \"$.rows[*]\" }", "items = \"$.rows[*]\", complete = false }");
    let read = || expect("GET /people/7").answer(200, &ada());
    let upstream = vec![expect("POST /people").breaks(), look_up(&json!([{ "id": 7 }])), read(), read()];
    play(&stubs, vec![post_ada("a stub", upstream, 201, json!({ "id": "7", "title": "Boss" }))]).await;
}
