//! Runs over the elements of a list: look-ups before each, batches, captures, compensations.

use serde_json::{Value, json};

use crate::support::case::{Case, HEAD, group, patch, play};
use crate::support::upstream::{Step, expect};

/// Groups with these `update` calls for members; the members come by a call of their own.
fn mapping(calls: &str) -> String {
    let group = r#"
[User.attributes]
id = "id"
userName = "login"
[User]
get = "GET /users/{id}"
[Group.attributes]
id = { at = "id", type = "int" }
displayName = "name"
members = { at = "members", each = { value = { at = "user_id", type = "int" } } }
[[Group.get]]
call = "GET /groups/{id}"
[[Group.get]]
call = "GET /groups/{id}/memberships"
items = "$.memberships[*]"
into = "members"
[Group.create]
call = "POST /groups"
without = ["members"]
undo = "DELETE /groups/{id}"
[[Group.update]]
call = "PATCH /groups/{id}"
"#;
    format!("{HEAD}{group}{calls}")
}

const MEMBERSHIPS: &str = r#"
[[Group.update]]
for = ["members"]
each = "added"
before = { call = "GET /users/{item.user_id}", capture = { account = "$.account" } }
call = "POST /memberships"
body = { group = "{id}", account = "{got.account}" }
capture = { made = "$.id" }
undo = "DELETE /memberships/{got.made}"
[[Group.update]]
for = ["members"]
each = "removed"
call = "DELETE /memberships/{got.membership}"
[[Group.update.before]]
call = "GET /memberships?group={id}"
capture = { membership = "$.rows[?@.user_id == {item.user_id}].id" }
"#;

fn read(members: &[i64]) -> Vec<Step> {
    let rows: Vec<Value> = members.iter().map(|id| json!({ "user_id": id })).collect();
    vec![
        expect("GET /groups/9").answer(200, &json!({ "id": 9, "name": "Crew" })),
        expect("GET /groups/9/memberships").answer(200, &json!({ "memberships": rows })),
    ]
}

fn after(mut steps: Vec<Step>, more: Vec<Step>) -> Vec<Step> {
    steps.extend(more);
    steps
}

fn case(name: &'static str, upstream: Vec<Step>, body: Value, status: u16, wanted: Value) -> Case {
    Case { name, upstream, request: "PATCH /Groups/9", body, status, wanted }
}

fn add(ids: &[i64]) -> Value {
    let members: Vec<Value> = ids.iter().map(|id| json!({ "value": id.to_string() })).collect();
    json!({ "op": "add", "path": "members", "value": members })
}

fn remove(id: i64) -> Value {
    json!({ "op": "remove", "path": format!("members[value eq \"{id}\"]") })
}

#[tokio::test]
async fn a_membership_with_an_id_of_its_own_is_found_and_removed() {
    let rows = json!({ "rows": [{ "id": 70, "user_id": 4 }, { "id": 71, "user_id": 5 }] });
    let list = || expect("GET /memberships?group=9").answer(200, &rows);
    let crew = || patch(&json!([remove(5)]));
    let cases = vec![
        case(
            "found by the member",
            after(
                read(&[4, 5]),
                after(vec![list(), expect("DELETE /memberships/71").answer(204, &Value::Null)], read(&[4])),
            ),
            crew(),
            200,
            json!({ "members": [{ "value": "4" }] }),
        ),
        case(
            "one that is not there any more needs no removal",
            after(
                read(&[4, 5]),
                after(vec![expect("GET /memberships?group=9").answer(200, &json!({ "rows": [] }))], read(&[4])),
            ),
            crew(),
            200,
            json!({ "members": [{ "value": "4" }] }),
        ),
        case(
            "nor one whose look-up is a 404",
            after(read(&[5]), after(vec![expect("GET /memberships?group=9").answer(404, &json!({}))], read(&[]))),
            crew(),
            200,
            json!({ "displayName": "Crew" }),
        ),
        case(
            "a look-up that fails is a failure",
            after(read(&[5]), vec![expect("GET /memberships?group=9").answer(403, &json!({ "e": "SECRET-TRACE" }))]),
            crew(),
            502,
            json!({ "status": "502" }),
        ),
    ];
    play(&mapping(MEMBERSHIPS), cases).await;
}

#[tokio::test]
async fn what_is_looked_up_before_belongs_to_its_run() {
    let account = |id: i64| expect(&format!("GET /users/{id}")).answer(200, &json!({ "account": format!("acc-{id}") }));
    let made = |id: i64| {
        let body = json!({ "group": 9, "account": format!("acc-{id}") });
        expect("POST /memberships").json(body).answer(201, &json!({ "id": 70 + id }))
    };
    let cases = vec![
        case(
            "each with its own",
            after(read(&[]), after(vec![account(4), made(4), account(5), made(5)], read(&[4, 5]))),
            patch(&json!([add(&[4, 5])])),
            200,
            json!({ "members": [{ "value": "4" }, { "value": "5" }] }),
        ),
        case(
            "a member that the API does not know",
            after(read(&[]), vec![account(4), made(4), expect("GET /users/5").answer(404, &json!({}))]),
            patch(&json!([add(&[4, 5])])),
            400,
            json!({ "scimType": "invalidValue", "detail": "`members`: `5`: no such resource" }),
        ),
        case(
            "a look-up without the wanted value",
            after(read(&[]), vec![expect("GET /users/4").answer(200, &json!({ "account": null }))]),
            patch(&json!([add(&[4])])),
            400,
            json!({ "scimType": "invalidValue" }),
        ),
    ];
    play(&mapping(MEMBERSHIPS), cases).await;
}

#[tokio::test]
async fn runs_are_taken_back_by_what_they_captured_when_a_later_call_fails() {
    let calls = format!(
        "{MEMBERSHIPS}[[Group.update]]\nfor = [\"displayName\"]\ncall = \"PUT /groups/{{id}}/name\"\nbody = {{ name = \"{{scim.displayName}}\" }}\n"
    );
    let account = |id: i64| expect(&format!("GET /users/{id}")).answer(200, &json!({ "account": id }));
    let made = |id: i64| expect("POST /memberships").answer(201, &json!({ "id": 70 + id }));
    let cases = vec![case(
        "in reverse, each by its own",
        after(
            read(&[]),
            vec![
                account(4),
                made(4),
                account(5),
                made(5),
                expect("PUT /groups/9/name").json(json!({ "name": "New" })).answer(422, &json!({})),
                expect("DELETE /memberships/75").answer(204, &Value::Null),
                expect("DELETE /memberships/74").answer(404, &Value::Null),
            ],
        ),
        patch(&json!([add(&[4, 5]), { "op": "replace", "path": "displayName", "value": "New" }])),
        400,
        json!({ "scimType": "invalidValue" }),
    )];
    play(&mapping(&calls), cases).await;
}

#[tokio::test]
async fn elements_go_together_in_batches() {
    let calls = r#"
[[Group.update]]
for = ["members"]
each = "added"
batch = 2
call = "POST /groups/{id}/members"
body = { ids = "{item.user_id}", all = "{item}" }
errors = [{ when = "$.status == 404", then = "invalidValue", detail = "nobody" }]
[[Group.update]]
for = ["members"]
each = "removed"
batch = 50
join = ","
call = "DELETE /groups/{id}/members?ids={item.user_id}"
"#;
    let put = |ids: Value, all: Value| {
        expect("POST /groups/9/members").json(json!({ "ids": ids, "all": all })).answer(200, &Value::Null)
    };
    let items = |ids: &[i64]| json!(ids.iter().map(|id| json!({ "user_id": id })).collect::<Vec<_>>());
    let cases = vec![
        case(
            "added by two, the last alone, still as a list",
            after(
                read(&[]),
                after(vec![put(json!([4, 5]), items(&[4, 5])), put(json!([6]), items(&[6]))], read(&[4, 5, 6])),
            ),
            patch(&json!([add(&[4, 5, 6])])),
            200,
            json!({ "members": [{}, {}, {}] }),
        ),
        case(
            "removed by one call, joined",
            after(
                read(&[4, 5, 6]),
                after(vec![expect("DELETE /groups/9/members?ids=4,6").answer(204, &Value::Null)], read(&[5])),
            ),
            patch(&json!([remove(4), remove(6)])),
            200,
            json!({ "members": [{ "value": "5" }] }),
        ),
        case(
            "a refused batch names its elements",
            after(read(&[]), vec![expect("POST /groups/9/members").answer(404, &json!({}))]),
            patch(&json!([add(&[4, 5, 6])])),
            400,
            json!({ "scimType": "invalidValue", "detail": "`members`: `4`, `5`: nobody" }),
        ),
    ];
    play(&mapping(calls), cases).await;
}

#[tokio::test]
async fn a_create_sets_its_members_by_the_same_runs() {
    let fresh = || {
        vec![
            expect("GET /groups/9").answer(200, &json!({ "id": 9, "name": "Crew" })),
            expect("GET /groups/9/memberships").answer(200, &json!({ "memberships": [] })),
        ]
    };
    let account = expect("GET /users/4").answer(404, &json!({}));
    let cases = vec![Case {
        name: "an unknown member takes the group back",
        upstream: after(
            after(
                vec![expect("POST /groups").json(json!({ "name": "Crew" })).answer(201, &json!({ "id": 9 }))],
                fresh(),
            ),
            vec![account, expect("DELETE /groups/9").answer(204, &Value::Null)],
        ),
        request: "POST /Groups",
        body: group(json!({ "displayName": "Crew", "members": [{ "value": "4" }] })),
        status: 400,
        wanted: json!({ "scimType": "invalidValue", "detail": "`members`: `4`: no such resource" }),
    }];
    play(&mapping(MEMBERSHIPS), cases).await;
}
