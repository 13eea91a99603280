//! POST: create calls, the id, settling.

use serde_json::{Value, json};

use crate::support::bridge::serve;
use crate::support::case::{Case, HEAD, group, play, play_one, portal, user};
use crate::support::upstream::{Upstream, expect};

mod outcome;

/// Users of a JSON API with a search by login.
const PEOPLE: &str = r#"
[User.attributes]
id = { at = "id", type = "int" }
userName = "login"
title = "job"
externalId = "ref"
active = { at = "state", map = { true = "on", false = "off" } }
password = { at = "password", default = "{random.24}" }
[User]
list = { call = "GET /people?login={filter.userName}", items = "$.rows[*]" }
get = "GET /people/{id}"
update = "PATCH /people/{id}"
"#;

fn people(create: &str) -> String {
    format!("{HEAD}{PEOPLE}{create}")
}

#[tokio::test]
async fn an_inactive_portal_user_is_created_and_then_disabled() {
    let ada = |enabled: &str| json!({ "user": { "username": "ada", "full_name": "Ada Byrne", "enabled": enabled } });
    let case = Case {
        name: "created inactive",
        upstream: vec![
            expect("POST /users").text("username=ada&full_name=Ada+Byrne&password=1mz050nq").answer(201, &Value::Null),
            expect("GET /users/ada").answer(200, &ada("Y")),
            expect("POST /users/ada/disable").json(json!({ "reason": "deprovisioned by SCIM" })),
            expect("GET /users/ada").answer(200, &ada("N")),
        ],
        request: "POST /Users",
        body: user(json!({
            "userName": "Ada", "name": { "givenName": "Ada", "familyName": "Byrne" },
            "active": false, "password": "1mz050nq"
        })),
        status: 201,
        wanted: json!({ "id": "ada", "userName": "ada", "active": false }),
    };
    let answer = play_one(&portal(), case).await;
    assert!(answer.headers["location"].to_str().unwrap().ends_with("/scim/v2/Users/ada"));
}

#[tokio::test]
async fn a_user_that_is_not_shown_yet_is_still_disabled() {
    let case = Case {
        name: "the record lags behind",
        upstream: vec![
            expect("POST /users").answer(201, &Value::Null),
            expect("GET /users/ada").answer(404, &Value::Null),
            expect("POST /users/ada/disable"),
            expect("GET /users/ada").answer(404, &Value::Null),
        ],
        request: "POST /Users",
        body: user(json!({ "userName": "ada", "title": "Engineer", "active": false })),
        status: 201,
        wanted: json!({ "id": "ada", "title": "Engineer", "active": false }),
    };
    play(&portal(), vec![case]).await;
}

#[tokio::test]
async fn a_portal_group_gets_its_members_one_by_one_or_goes_again() {
    let staff = || expect("GET /groups/Staff").answer(200, &json!({ "name": "Staff" }));
    let members = |rows: Value| {
        let page = json!({ "content": rows, "totalElements": 2 });
        expect("GET /groups/Staff/members?page=0&size=200").answer(200, &page)
    };
    let body = group(json!({ "displayName": "Staff", "members": [{ "value": "ada" }, { "value": "bo" }] }));
    let start = || vec![expect("POST /groups").text("name=Staff").answer(201, &Value::Null), staff()];
    let empty = || {
        expect("GET /groups/Staff/members?page=0&size=200").answer(200, &json!({ "content": [], "totalElements": 0 }))
    };

    let mut all = start();
    all.extend([
        empty(),
        expect("PUT /groups/Staff/members/ada"),
        expect("PUT /groups/Staff/members/bo"),
        staff(),
        members(json!([{ "username": "ada" }, { "username": "bo" }])),
    ]);
    let mut refused = start();
    refused.extend([
        empty(),
        expect("PUT /groups/Staff/members/ada"),
        expect("PUT /groups/Staff/members/bo").answer(400, &json!({ "error": "SECRET-TRACE" })),
        expect("DELETE /groups/Staff"),
    ]);
    let mut unknown = start();
    unknown.extend([
        empty(),
        expect("PUT /groups/Staff/members/ada").answer(404, &json!({ "error": "SECRET-TRACE" })),
        expect("DELETE /groups/Staff"),
    ]);
    let cases = vec![
        Case {
            name: "both are added",
            upstream: all,
            request: "POST /Groups",
            body: body.clone(),
            status: 201,
            wanted: json!({ "id": "Staff", "members": [{ "value": "ada" }, { "value": "bo" }] }),
        },
        Case {
            name: "one is refused",
            upstream: refused,
            request: "POST /Groups",
            body: body.clone(),
            status: 400,
            wanted: json!({ "scimType": "invalidValue" }),
        },
        Case {
            name: "one does not exist",
            upstream: unknown,
            request: "POST /Groups",
            body,
            status: 400,
            wanted: json!({ "scimType": "invalidValue" }),
        },
    ];
    for case in cases {
        member_is_named(case).await;
    }
}

/// A refusal names the member, in words of our own.
async fn member_is_named(case: Case) {
    let (name, refused) = (case.name, case.status == 400);
    let answer = play_one(&portal(), case).await;
    let detail = answer.body["detail"].as_str().unwrap_or_default();
    assert!(!refused || detail.starts_with("`members`: `"), "{name}: {detail}");
    assert!(!detail.contains("SECRET"), "{name}: {detail}");
}

#[tokio::test]
async fn the_id_comes_from_where_the_upstream_tells_it() {
    let ada = json!({ "id": 7, "login": "ada", "state": "on" });
    let read = || expect("GET /people/7").answer(200, &ada);
    let post = || expect("POST /people");
    let cases = [
        ("from the whole record", "create = \"POST /people\"", vec![post().answer(201, &ada)]),
        (
            "from an answer that is not whole",
            "create = \"POST /people\"",
            vec![post().answer(201, &json!({ "id": 7 })), read()],
        ),
        (
            "from the Location header",
            r#"create = { call = "POST /people", capture = { id = { header = "Location", text = "{_}/people/{}" } } }"#,
            vec![post().answer(201, &Value::Null).answer_header("location", "https://api.example/v1/people/7"), read()],
        ),
        (
            "from a place of its own in the body",
            r#"create = { call = "POST /people", capture = { id = "$.made.number" } }"#,
            vec![post().answer(201, &json!({ "made": { "number": 7 } })), read()],
        ),
        (
            "by a look-up of the key",
            "create = \"POST /people\"",
            vec![
                post().answer(201, &Value::Null),
                expect("GET /people?login=ada").answer(200, &json!({ "rows": [ada] })),
            ],
        ),
    ];
    for (name, create, upstream) in cases {
        let case = Case {
            name,
            upstream,
            request: "POST /Users",
            body: user(json!({ "userName": "ada", "active": true, "password": "given" })),
            status: 201,
            wanted: json!({ "id": "7", "active": true }),
        };
        play(&people(create), vec![case]).await;
    }
}

#[tokio::test]
async fn an_id_that_cannot_be_learnt_is_no_success() {
    let case = Case {
        name: "no id anywhere",
        upstream: vec![
            expect("POST /people").answer(201, &Value::Null),
            expect("GET /people?login=ada").answer(200, &json!({ "rows": [] })),
        ],
        request: "POST /Users",
        body: user(json!({ "userName": "ada" })),
        status: 502,
        wanted: Value::Null,
    };
    play(&people("create = \"POST /people\""), vec![case]).await;
}

#[tokio::test]
async fn constants_and_defaults_are_written_and_what_the_client_says_wins() {
    let mapping = format!(
        "{}\n[User.constants]\nkind = \"person\"\nstate = \"on\"\nlogin2 = \"{{scim.userName}}\"\njob2 = \"{{scim.title?}}\"\n",
        people("create = \"POST /people\"").replace("title = \"job\"", "title = { at = \"job\", default = \"none\" }")
    );
    let made = |state: &str, job: &str| json!({ "id": 7, "login": "ada", "state": state, "job": job });
    let cases = vec![
        Case {
            name: "the client says little",
            upstream: vec![
                expect("POST /people")
                    .json(json!({ "kind": "person", "state": "on", "login2": "ada", "job2": "none", "login": "ada", "job": "none", "password": "given" }))
                    .answer(201, &made("on", "none")),
            ],
            request: "POST /Users",
            body: user(json!({ "userName": "ada", "password": "given" })),
            status: 201,
            wanted: json!({ "active": true, "title": "none" }),
        },
        Case {
            name: "the client says all",
            upstream: vec![
                expect("POST /people")
                    .json(json!({ "kind": "person", "state": "off", "login2": "ada", "job2": "Boss", "login": "ada", "job": "Boss", "password": "given" }))
                    .answer(201, &made("off", "Boss")),
            ],
            request: "POST /Users",
            body: user(json!({ "userName": "ada", "password": "given", "title": "Boss", "active": false, "nickName": "A", "unheardOf": 1 })),
            status: 201,
            wanted: json!({ "active": false, "title": "Boss" }),
        },
        Case {
            name: "what is required is missing",
            upstream: vec![],
            request: "POST /Users",
            body: user(json!({ "title": "Boss" })),
            status: 400,
            wanted: json!({ "scimType": "invalidValue", "detail": "`userName` is required" }),
        },
    ];
    play(&mapping, cases).await;
}

#[tokio::test]
async fn a_first_password_is_drawn_once_and_never_comes_back() {
    let mapping = people(
        r#"create = { call = "POST /people", headers = { X-Password = "{scim.password}", Idempotency-Key = "{op.id}" } }"#,
    );
    let ada = json!({ "id": 7, "login": "ada", "password": "SECRET-TRACE" });
    let post = || expect("POST /people");
    let upstream = Upstream::serve([
        post().answer(503, &Value::Null).answer_header("retry-after", "0"),
        post().answer(201, &ada),
        post().answer(201, &ada),
    ])
    .await;
    let bridge = serve(&mapping, &upstream.url(), &[]).await;
    let body = user(json!({ "userName": "ada" }));
    for _ in 0..2 {
        let answer = bridge.scim.send("POST /Users", Some(&body)).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        assert!(!answer.body.to_string().contains("SECRET"), "{}", answer.body);
    }
    let passwords = upstream.header_values("x-password");
    assert_eq!((passwords[0].len(), &passwords[0]), (24, &passwords[1]), "a repeat sends the same password");
    assert_ne!(passwords[1], passwords[2], "another operation draws another one");
    let keys = upstream.header_values("idempotency-key");
    assert!(
        keys[0].len() == 32 && keys.iter().all(|key| *key == keys[0]),
        "a client's repeat is the same operation: {keys:?}"
    );
}

#[tokio::test]
async fn several_create_calls_run_in_order_and_see_what_earlier_ones_captured() {
    let mapping = people(
        r#"
[[User.create]]
call = "POST /accounts"
body = { login = "{scim.userName}" }
capture = { id = "$.account", ticket = "$.ticket" }
[[User.create]]
when = "$.scim.title"
call = "POST /people/{id}/job"
body = { job = "{scim.title}", ticket = "{got.ticket}" }
[[User.create]]
call = "POST /mailboxes"
when = "$.scim.externalId"
body = { owner = "{id}" }
"#,
    );
    let case = Case {
        name: "two of three",
        upstream: vec![
            expect("POST /accounts")
                .json(json!({ "login": "ada" }))
                .answer(201, &json!({ "account": 7, "ticket": "T1" })),
            expect("POST /people/7/job").json(json!({ "job": "Boss", "ticket": "T1" })),
            expect("GET /people/7").answer(200, &json!({ "id": 7, "login": "ada", "job": "Boss" })),
            expect("PATCH /people/7")
                .json(json!({ "password": "given" }))
                .answer(200, &json!({ "id": 7, "login": "ada", "job": "Boss" })),
        ],
        request: "POST /Users",
        body: user(json!({ "userName": "ada", "title": "Boss", "password": "given" })),
        status: 201,
        wanted: json!({ "id": "7", "title": "Boss" }),
    };
    play(&mapping, vec![case]).await;
}

#[tokio::test]
async fn a_user_that_cannot_be_brought_to_be_inactive_is_no_success() {
    let on = json!({ "id": 7, "login": "ada", "state": "on" });
    let case = Case {
        name: "active stays on",
        upstream: vec![
            expect("POST /people").answer(201, &on),
            expect("PATCH /people/7").json(json!({ "state": "off" })).answer(200, &on),
            expect("DELETE /people/7"),
        ],
        request: "POST /Users",
        body: user(json!({ "userName": "ada", "active": false, "password": "given" })),
        status: 502,
        wanted: Value::Null,
    };
    play(&people(r#"create = { call = "POST /people", undo = "DELETE /people/{id}" }"#), vec![case]).await;
}
