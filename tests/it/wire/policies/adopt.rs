//! POST of a resource whose key is taken: refused, adopted, revived; looked up first where the upstream takes a second one.

use serde_json::{Value, json};

use crate::support::case::{Case, HEAD, group, play, play_one, user};
use crate::support::upstream::{Step, expect};

/// An API that answers 409 to a login that is taken, hides what is erased, and has an administrator.
fn mapping(policy: &str) -> String {
    let rules = r#"
[User.attributes]
id = { at = "id", type = "int" }
userName = "login"
title = "job"
externalId = { at = "ref", mutability = "immutable" }
active = { at = "state", map = { true = "on", false = ["off", "erased"] } }
password = { at = "password", default = "{random.24}" }
'emails[type eq "work"].value' = "mail"
[User]
list = { call = "GET /people?login={filter.userName}", items = "$.rows[*]" }
get = "GET /people/{id}"
create = "POST /people"
update = "PATCH /people/{id}"
hide = "$.record.state == 'erased'"
protect = "$.record.admin == true"
"#;
    format!("{HEAD}{rules}{policy}\n")
}

fn ada(more: &Value) -> Value {
    let mut ada = json!({ "id": 7, "login": "ada", "job": "Engineer", "state": "on", "mail": "ada@old.example" });
    ada.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    ada
}

fn refused() -> Step {
    expect("POST /people").answer(409, &json!({ "error": "SECRET-TRACE" }))
}

fn looked_up(more: &Value) -> Step {
    expect("GET /people?login=ada").answer(200, &json!({ "rows": [ada(more)] }))
}

fn read(more: &Value) -> Step {
    expect("GET /people/7").answer(200, &ada(more))
}

fn case(name: &'static str, upstream: Vec<Step>, body: Value, status: u16, wanted: Value) -> Case {
    Case { name, upstream, request: "POST /Users", body: user(body), status, wanted }
}

fn uniqueness() -> Value {
    json!({ "status": "409", "scimType": "uniqueness" })
}

#[tokio::test]
async fn without_a_policy_a_taken_key_is_refused_without_a_look() {
    let body = json!({ "userName": "ada", "title": "Engineer" });
    play(&mapping(""), vec![case("refused", vec![refused()], body, 409, uniqueness())]).await;
}

#[tokio::test]
async fn an_existing_record_is_adopted_and_changed_to_what_was_asked_and_no_further() {
    let nothing = json!({});
    let asked = || json!({ "userName": "ada", "title": "Director", "active": true });
    let director = json!({ "job": "Director" });
    let off = json!({ "state": "off" });
    let cases = vec![
        case(
            "the title changes; the default password and what was not asked stay away",
            vec![
                refused(),
                looked_up(&nothing),
                read(&nothing),
                expect("PATCH /people/7").json(json!({ "job": "Director" })).answer(200, &ada(&director)),
            ],
            asked(),
            201,
            json!({ "id": "7", "title": "Director", "active": true, "emails": [{ "value": "ada@old.example" }] }),
        ),
        case(
            "everything is as asked",
            vec![refused(), looked_up(&director), read(&director)],
            asked(),
            201,
            json!({ "id": "7", "title": "Director" }),
        ),
        case(
            "nobody is created inactive by saying nothing",
            vec![
                refused(),
                looked_up(&off),
                read(&off),
                expect("PATCH /people/7").json(json!({ "state": "on" })).answer(200, &ada(&nothing)),
            ],
            json!({ "userName": "ada", "title": "Engineer" }),
            201,
            json!({ "active": true }),
        ),
        case(
            "a list is replaced",
            vec![
                refused(),
                looked_up(&nothing),
                read(&nothing),
                expect("PATCH /people/7")
                    .json(json!({ "mail": "ada@new.example", "password": "pa55-Word" }))
                    .answer(200, &ada(&json!({ "mail": "ada@new.example" }))),
            ],
            json!({
                "userName": "ada", "title": "Engineer", "password": "pa55-Word",
                "emails": [{ "type": "work", "value": "ada@new.example" }]
            }),
            201,
            json!({ "emails": [{ "value": "ada@new.example" }] }),
        ),
    ];
    play(&mapping("existing = 'adopt'"), cases).await;
}

#[tokio::test]
async fn an_adoption_that_somebody_got_ahead_of_is_planned_once_more_on_what_they_made() {
    let (nothing, off, director) = (json!({}), json!({ "state": "off" }), json!({ "job": "Director" }));
    let script = vec![
        refused(),
        looked_up(&nothing),
        read(&nothing),
        expect("PATCH /people/7").json(json!({ "job": "Director" })).answer(412, &Value::Null),
        read(&off),
        expect("PATCH /people/7").json(json!({ "job": "Director", "state": "on" })).answer(200, &ada(&director)),
    ];
    let body = json!({ "userName": "ada", "title": "Director", "active": true });
    let wanted = json!({ "id": "7", "title": "Director", "active": true });
    play(&mapping("existing = 'adopt'"), vec![case("made inactive meanwhile", script, body, 201, wanted)]).await;
}

#[tokio::test]
async fn what_cannot_be_adopted_is_refused_as_the_upstream_refused_it() {
    let (nothing, admin) = (json!({}), json!({ "admin": true }));
    let body = || json!({ "userName": "ada", "title": "Director" });
    let cases = vec![
        case("protected", vec![refused(), looked_up(&admin), read(&admin)], body(), 409, uniqueness()),
        case(
            "taken by another value than the key",
            vec![refused(), expect("GET /people?login=ada").answer(200, &json!({ "rows": [] }))],
            body(),
            409,
            uniqueness(),
        ),
        case(
            "gone between look-up and read",
            vec![refused(), looked_up(&nothing), expect("GET /people/7").answer(404, &Value::Null)],
            body(),
            409,
            uniqueness(),
        ),
        case(
            "another immutable value",
            vec![refused(), looked_up(&json!({ "ref": "A" })), read(&json!({ "ref": "A" }))],
            json!({ "userName": "ada", "externalId": "B" }),
            409,
            uniqueness(),
        ),
        case(
            "another refusal is no taken key",
            vec![expect("POST /people").answer(400, &json!({ "error": "SECRET-TRACE" }))],
            body(),
            400,
            json!({ "scimType": "invalidValue" }),
        ),
    ];
    play(&mapping("existing = 'adopt'"), cases).await;
}

#[tokio::test]
async fn only_what_is_inactive_or_hidden_is_revived() {
    let (nothing, off, erased) = (json!({}), json!({ "state": "off" }), json!({ "state": "erased" }));
    let body = || json!({ "userName": "ada", "title": "Engineer", "active": true });
    let on = || expect("PATCH /people/7").json(json!({ "state": "on" }));
    let cases = vec![
        case("an active one", vec![refused(), looked_up(&nothing), read(&nothing)], body(), 409, uniqueness()),
        case(
            "an inactive one",
            vec![refused(), looked_up(&off), read(&off), on().answer(200, &ada(&nothing))],
            body(),
            201,
            json!({ "id": "7", "active": true }),
        ),
        case(
            "a hidden one",
            vec![refused(), looked_up(&erased), read(&erased), on().answer(204, &Value::Null), read(&nothing)],
            body(),
            201,
            json!({ "id": "7", "active": true }),
        ),
        case(
            "one that stays hidden",
            vec![refused(), looked_up(&erased), read(&erased)],
            json!({ "userName": "ada", "active": false }),
            409,
            uniqueness(),
        ),
    ];
    let answer = play_one(
        &mapping("existing = 'revive'"),
        case(
            "with a location",
            vec![refused(), looked_up(&off), read(&off), on().answer(200, &ada(&nothing))],
            body(),
            201,
            Value::Null,
        ),
    )
    .await;
    assert!(answer.headers["location"].to_str().unwrap().ends_with("/scim/v2/Users/7"));
    play(&mapping("existing = 'revive'"), cases).await;
}

#[tokio::test]
async fn where_the_upstream_takes_a_second_one_the_bridge_looks_first() {
    let nothing = json!({});
    let nobody = || expect("GET /people?login=ada").answer(200, &json!({ "rows": [] }));
    let body = || json!({ "userName": "ada", "title": "Engineer", "active": true, "password": "pa55-Word" });
    let sent = json!({ "login": "ada", "job": "Engineer", "state": "on", "password": "pa55-Word" });
    let cases = vec![
        case(
            "nobody has the key",
            vec![nobody(), expect("POST /people").json(sent).answer(201, &ada(&nothing))],
            body(),
            201,
            json!({ "id": "7" }),
        ),
        case("somebody has it", vec![looked_up(&nothing)], body(), 409, uniqueness()),
        case("a hidden one has it", vec![looked_up(&json!({ "state": "erased" }))], body(), 409, uniqueness()),
        case(
            "the look-up fails",
            vec![expect("GET /people?login=ada").answer(403, &json!({ "error": "SECRET-TRACE" }))],
            body(),
            502,
            json!({ "status": "502" }),
        ),
    ];
    play(&mapping("unique = 'bridge'"), cases).await;

    let body = json!({ "userName": "ada", "title": "Director" });
    let adopted = vec![
        looked_up(&nothing),
        read(&nothing),
        expect("PATCH /people/7").json(json!({ "job": "Director" })).answer(200, &ada(&json!({ "job": "Director" }))),
    ];
    let case = case("found and adopted", adopted, body, 201, json!({ "title": "Director" }));
    play(&mapping("unique = 'bridge'\nexisting = 'adopt'"), vec![case]).await;
}

#[tokio::test]
async fn a_visible_record_is_preferred_to_a_hidden_one_with_the_same_key() {
    let (nothing, erased) = (json!({}), json!({ "id": 3, "state": "erased" }));
    let both = expect("GET /people?login=ada").answer(200, &json!({ "rows": [ada(&erased), ada(&nothing)] }));
    let body = json!({ "userName": "ada", "title": "Engineer" });
    let case = case("the visible one", vec![both, read(&nothing)], body, 201, json!({ "id": "7" }));
    play(&mapping("unique = 'bridge'\nexisting = 'adopt'"), vec![case]).await;
}

#[tokio::test]
async fn an_adopted_group_gets_the_members_that_were_asked() {
    let rules = r#"
[Group.attributes]
id = "name"
displayName = { at = "name", mutability = "immutable" }
members = "people"
[Group]
get = "GET /teams/{id}"
create = "POST /teams"
existing = "adopt"
[[Group.update]]
for = ["members"]
each = "added"
call = "PUT /teams/{id}/people/{item}"
[[Group.update]]
for = ["members"]
each = "removed"
call = "DELETE /teams/{id}/people/{item}"
"#;
    let staff = |people: Value| expect("GET /teams/Staff").answer(200, &json!({ "name": "Staff", "people": people }));
    let refused = || expect("POST /teams").answer(409, &Value::Null);
    let body = |members: Value| group(json!({ "displayName": "Staff", "members": members }));
    let case =
        |name, upstream, body, wanted| Case { name, upstream, request: "POST /Groups", body, status: 201, wanted };
    let cases = vec![
        case(
            "members as asked",
            vec![
                refused(),
                staff(json!(["1", "2"])),
                staff(json!(["1", "2"])),
                expect("PUT /teams/Staff/people/3"),
                expect("DELETE /teams/Staff/people/1"),
                staff(json!(["2", "3"])),
            ],
            body(json!([{ "value": "2" }, { "value": "3" }])),
            json!({ "id": "Staff", "members": [{ "value": "2" }, { "value": "3" }] }),
        ),
        case(
            "no members asked, none removed",
            vec![refused(), staff(json!(["1"])), staff(json!(["1"]))],
            body(json!([])),
            json!({ "members": [{ "value": "1" }] }),
        ),
    ];
    play(&format!("{HEAD}{rules}"), cases).await;
}
