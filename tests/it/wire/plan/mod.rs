//! A tenant that only plans: reads go out, every change is told and none is made.

use serde_json::{Value, json};

use crate::support::bridge::{Served, serve_as};
use crate::support::case::{HEAD, group, patch, replace, user};
use crate::support::client::{Answer, holds};
use crate::support::upstream::{Step, Upstream, expect};

mod everything;

/// An API with a session, calls of several steps, members by a call each, and a value that only the bridge keeps.
const MAPPING: &str = r#"
[upstream.session]
call = "POST /login"
body = { key = "{secret.acme_key}" }
capture = { token = "$.token" }
[User.attributes]
id = { at = "id", type = "int" }
userName = "login"
title = "job"
active = "enabled"
externalId = { kept = true }
[User]
list = { call = "GET /users?login={filter.userName?}", items = "$.rows[*]", unpaged = true }
get = "GET /users/{id}"
create = { call = "POST /users", without = ["active"], undo = "DELETE /users/{id}" }
delete = ["DELETE /users/{id}/tokens", "DELETE /users/{id}"]
[[User.update]]
call = "PATCH /users/{id}"
without = ["active"]
[[User.update]]
for = ["active"]
when = "$.scim.active == false"
call = "POST /users/{id}/suspend"
[Group.attributes]
id = { at = "id", type = "int" }
displayName = "name"
members = { at = "people", each = { value = { at = "id", type = "int" } } }
[Group]
list = { call = "GET /teams", items = "$[*]", unpaged = true }
get = "GET /teams/{id}"
create = { call = "POST /teams", without = ["members"] }
delete = "DELETE /teams/{id}"
[[Group.update]]
call = "PATCH /teams/{id}"
without = ["members"]
[[Group.update]]
for = ["members"]
each = "added"
call = "POST /teams/{id}/people"
body = { id = "{item.id}" }
[[Group.update]]
for = ["members"]
each = "removed"
call = "DELETE /teams/{id}/people/{item.id}"
"#;

fn mapping() -> String {
    let (head, limits) = HEAD.split_once("[upstream.limits]").unwrap();
    format!("{head}headers = {{ Authorization = \"Bearer {{session.token}}\" }}\n[upstream.limits]{limits}{MAPPING}")
}

fn login() -> Step {
    expect("POST /login").answer(200, &json!({ "token": "t-1" }))
}

fn ada() -> Value {
    json!({ "id": 7, "login": "ada", "job": "Engineer", "enabled": true })
}

fn read() -> Step {
    expect("GET /users/7").answer(200, &ada())
}

fn found(login: &str, rows: &Value) -> Step {
    expect(&format!("GET /users?login={login}")).answer(200, &json!({ "rows": rows }))
}

fn team() -> Step {
    expect("GET /teams/3").answer(200, &json!({ "id": 3, "name": "crew", "people": [{ "id": 7 }, { "id": 8 }] }))
}

async fn planning(mapping: &str, upstream: &Upstream) -> Served {
    serve_as(mapping, &upstream.url(), &[("acme_key", "key-of-the-tests")], |bridge| bridge.planning(true)).await
}

/// The 503 of a change that would have sent this.
fn assert_planned(name: &str, answer: &Answer, calls: &str) {
    assert_eq!(answer.status, 503, "{name}: {}", answer.body);
    let detail = answer.body["detail"].as_str().unwrap();
    let wanted = format!("this service only plans for now (`mode = \"plan\"`), and {calls}");
    assert_eq!(detail, wanted, "{name}");
    assert!(holds(
        &answer.body,
        &json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "503" })
    ));
    assert!(!answer.headers.contains_key("retry-after"), "{name}: waiting would not help");
}

/// What a plan calls values that only the bridge would have kept.
const KEPT: &str = "values to this service's own store";

const DELETES: &str = "DELETE /users/{id}/tokens (delete), DELETE /users/{id} (delete)";

const NOTHING: &str = "nothing would have been sent: it is as asked already";

fn sent(calls: &str) -> String {
    format!("nothing was changed; it would have sent {calls}")
}

/// A change: its name, the reads that it causes, the request, and the calls that it would have made.
type Change = (&'static str, Vec<Step>, &'static str, Value, String);

/// Plays changes, each with an API and a bridge of its own.
async fn tell(changes: Vec<Change>) {
    for (name, reads, line, body, calls) in changes {
        // Whatever else came would be answered 418 and fail the test.
        let upstream = Upstream::serve([login()].into_iter().chain(reads)).await;
        let bridge = planning(&mapping(), &upstream).await;
        let answer = bridge.scim.send(line, Some(&body).filter(|body| !body.is_null())).await;
        assert_planned(name, &answer, &calls);
        upstream.assert_followed(name);
    }
}

fn nobody_has_it() -> Vec<Step> {
    vec![found("zoe", &json!([]))]
}

#[tokio::test]
async fn a_create_tells_the_calls_that_it_would_have_made_and_makes_none() {
    let zoe = |active: bool| user(json!({ "userName": "zoe", "title": "Nurse", "active": active }));
    let two = sent("POST /users (create), POST /users/{id}/suspend (change)");
    let kept = user(json!({ "userName": "zoe", "externalId": "00u1" }));
    let members: Vec<Value> = ["7", "8", "9"].iter().map(|id| json!({ "value": id })).collect();
    let crew = group(json!({ "displayName": "crew", "members": members }));
    let no_teams = vec![expect("GET /teams").answer(200, &json!([]))];
    let with_members = sent("POST /teams (create), POST /teams/{id}/people (add, 3 times)");
    tell(vec![
        ("a create", nobody_has_it(), "POST /Users", zoe(true), sent("POST /users (create)")),
        ("a create that takes a second call", nobody_has_it(), "POST /Users", zoe(false), two),
        ("what the bridge keeps", nobody_has_it(), "POST /Users", kept, sent(&format!("POST /users (create), {KEPT}"))),
        ("a group with members", no_teams, "POST /Groups", crew, with_members),
    ])
    .await;
}

#[tokio::test]
async fn a_change_tells_the_calls_that_it_would_have_made_and_makes_none() {
    let suspend = "POST /users/{id}/suspend (change)";
    let off = replace(&json!({ "active": false }));
    let both = replace(&json!({ "title": "Nurse", "active": false }));
    let kept = replace(&json!({ "externalId": "00u1" }));
    let same = replace(&json!({ "title": "Engineer" }));
    let put = user(json!({ "userName": "ada", "title": "Nurse", "active": true }));
    let delete = sent(DELETES);
    let members: Vec<Value> = ["8", "9", "10"].iter().map(|id| json!({ "value": id })).collect();
    let others = patch(&json!([{ "op": "replace", "path": "members", "value": members }]));
    let moved = sent("POST /teams/{id}/people (add, 2 times), DELETE /teams/{id}/people/{item.id} (remove)");
    tell(vec![
        ("a PATCH", vec![read()], "PATCH /Users/7", off, sent(suspend)),
        (
            "by two calls",
            vec![read()],
            "PATCH /Users/7",
            both,
            sent(&format!("PATCH /users/{{id}} (change), {suspend}")),
        ),
        ("of what the bridge keeps", vec![read()], "PATCH /Users/7", kept, sent(KEPT)),
        ("that changes nothing", vec![read()], "PATCH /Users/7", same, NOTHING.to_owned()),
        ("a PUT", vec![read()], "PUT /Users/7", put, sent("PATCH /users/{id} (change)")),
        ("a DELETE", vec![read()], "DELETE /Users/7", Value::Null, delete),
        ("other members", vec![team()], "PATCH /Groups/3", others, moved),
    ])
    .await;
}

#[tokio::test]
async fn what_would_fail_anyway_fails_as_ever() {
    let nobody = || expect("GET /users/7").answer(404, &Value::Null);
    let cases: [(&str, Vec<Step>, &str, Value, u16); 6] = [
        (
            "a create of a login that is taken",
            vec![login(), found("ada", &json!([ada()]))],
            "POST /Users",
            user(json!({ "userName": "ada" })),
            409,
        ),
        ("a create without a login", vec![], "POST /Users", user(json!({ "title": "x" })), 400),
        ("a PATCH of nobody", vec![login(), nobody()], "PATCH /Users/7", replace(&json!({ "active": false })), 404),
        ("a DELETE of nobody", vec![login(), nobody()], "DELETE /Users/7", Value::Null, 404),
        ("a value that is none", vec![login(), read()], "PATCH /Users/7", replace(&json!({ "active": "maybe" })), 400),
        (
            "a login that is refused",
            vec![expect("POST /login").answer(401, &Value::Null)],
            "DELETE /Users/7",
            Value::Null,
            502,
        ),
    ];
    for (name, reads, line, body, status) in cases {
        let upstream = Upstream::serve(reads).await;
        let bridge = planning(&mapping(), &upstream).await;
        let answer = bridge.scim.send(line, Some(&body).filter(|body| !body.is_null())).await;
        assert_eq!(answer.status, status, "{name}: {}", answer.body);
        upstream.assert_followed(name);
    }
}

#[tokio::test]
async fn a_look_up_that_a_create_would_not_make_may_fail() {
    let zoe = user(json!({ "userName": "zoe" }));
    let asked = || expect("GET /users?login=zoe");
    let gone = "http://127.0.0.1:1".to_owned();
    let upstream = Upstream::serve([login(), asked().answer(404, &Value::Null)]).await;
    let bridge = planning(&mapping(), &upstream).await;
    let answer = bridge.scim.send("POST /Users", Some(&zoe)).await;
    assert_planned("the API does not take the question", &answer, &sent("POST /users (create)"));
    let bridge = serve_as(&mapping(), &gone, &[("acme_key", "key-of-the-tests")], |bridge| bridge.planning(true)).await;
    let answer = bridge.scim.send("POST /Users", Some(&zoe)).await;
    assert_eq!(answer.status, 502, "an API that is not there takes no create either: {}", answer.body);
}

#[tokio::test]
async fn who_would_be_taken_over_is_told_as_a_change() {
    let adopting = mapping().replace("[User]\n", "[User]\nexisting = \"adopt\"\n");
    let upstream = Upstream::serve([login(), found("ada", &json!([ada()])), read()]).await;
    let bridge = planning(&adopting, &upstream).await;
    let body = user(json!({ "userName": "ada", "title": "Nurse", "active": true }));
    let answer = bridge.scim.send("POST /Users", Some(&body)).await;
    assert_planned("a create that takes over", &answer, &sent("PATCH /users/{id} (change)"));
}

#[tokio::test]
async fn each_operation_of_a_bulk_request_is_planned() {
    let upstream = Upstream::serve([login(), found("zoe", &json!([])), read(), read()]).await;
    let bridge = planning(&mapping(), &upstream).await;
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [
            { "method": "POST", "path": "/Users", "bulkId": "z", "data": user(json!({ "userName": "zoe" })) },
            { "method": "PATCH", "path": "/Users/7", "data": replace(&json!({ "active": false })) },
            { "method": "DELETE", "path": "/Users/7" },
        ],
    });
    let answer = bridge.scim.send("POST /Bulk", Some(&body)).await;
    assert_eq!(answer.status, 200);
    let operations = answer.body["Operations"].as_array().unwrap();
    let calls = ["POST /users (create)", "POST /users/{id}/suspend (change)", DELETES];
    assert_eq!(operations.len(), calls.len());
    for (operation, calls) in operations.iter().zip(calls) {
        assert_eq!(operation["status"], "503", "{operation}");
        let detail = operation["response"]["detail"].as_str().unwrap();
        assert!(detail.ends_with(&sent(calls)), "{detail}");
    }
}

#[tokio::test]
async fn reads_work_as_ever_and_planned_deletes_are_never_held() {
    let reads = (0..120).map(|_| read());
    let upstream = Upstream::serve([login()].into_iter().chain(reads)).await;
    let bridge = planning(&mapping(), &upstream).await;
    for _ in 0..119 {
        let answer = bridge.scim.send("DELETE /Users/7", None).await;
        assert_planned("a delete", &answer, &sent(DELETES));
    }
    let answer = bridge.scim.send("GET /Users/7", None).await;
    assert_eq!((answer.status, &answer.body["userName"]), (200, &json!("ada")));
}

#[tokio::test]
async fn nothing_is_kept_of_a_plan() {
    let upstream = Upstream::serve([login(), read(), read()]).await;
    let bridge = planning(&mapping(), &upstream).await;
    let body = replace(&json!({ "externalId": "00u1" }));
    assert_eq!(bridge.scim.send("PATCH /Users/7", Some(&body)).await.status, 503);
    let answer = bridge.scim.send("GET /Users/7", None).await;
    assert_eq!((answer.status, answer.body.get("externalId")), (200, None));
}
