//! Groups that may be big: named members are added and removed without reading the list.

use serde_json::{Value, json};

use crate::support::case::{Case, HEAD, patch, play};
use crate::support::upstream::{Step, expect};

fn mapping() -> String {
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
call = "GET /groups/{id}/members"
items = "$[*]"
into = "members"
[[Group.update]]
call = "PATCH /groups/{id}"
[[Group.update]]
for = ["members"]
each = "added"
call = "PUT /groups/{id}/members/{item.user_id}"
errors = [{ when = "$.status == 404", then = "invalidValue", detail = "nobody" }]
[[Group.update]]
for = ["members"]
each = "removed"
call = "DELETE /groups/{id}/members/{item.user_id}"
"#;
    format!("{HEAD}{group}")
}

fn crew() -> Step {
    expect("GET /groups/9").answer(200, &json!({ "id": 9, "name": "Crew" }))
}

fn members(ids: &[i64]) -> Step {
    let rows: Vec<Value> = ids.iter().map(|id| json!({ "user_id": id })).collect();
    expect("GET /groups/9/members").answer(200, &json!(rows))
}

fn put(id: i64) -> Step {
    expect(&format!("PUT /groups/9/members/{id}")).answer(204, &Value::Null)
}

fn delete(id: i64) -> Step {
    expect(&format!("DELETE /groups/9/members/{id}")).answer(204, &Value::Null)
}

fn add(ids: &[i64]) -> Value {
    let members: Vec<Value> = ids.iter().map(|id| json!({ "value": id.to_string() })).collect();
    json!({ "op": "add", "path": "members", "value": members })
}

fn remove(id: i64) -> Value {
    json!({ "op": "remove", "path": format!("members[value eq \"{id}\"]") })
}

fn case(name: &'static str, upstream: Vec<Step>, operations: &Value, status: u16, wanted: Value) -> Case {
    Case { name, upstream, request: "PATCH /Groups/9", body: patch(operations), status, wanted }
}

#[tokio::test]
async fn named_members_are_changed_without_reading_the_list() {
    let cases = vec![
        case(
            "one call for each, and no body",
            vec![crew(), put(4), put(6), delete(5)],
            &json!([add(&[4, 6]), remove(5)]),
            204,
            Value::Null,
        ),
        case(
            "one that is gone already is removed",
            vec![crew(), delete(5).answer(404, &json!({}))],
            &json!([remove(5)]),
            204,
            Value::Null,
        ),
        case(
            "one that the API does not know is named",
            vec![crew(), put(4).answer(404, &json!({ "e": "SECRET-TRACE" }))],
            &json!([add(&[4])]),
            400,
            json!({ "scimType": "invalidValue", "detail": "`members`: `4`: nobody" }),
        ),
        case(
            "one that cannot be an id is refused before any call for it",
            vec![crew()],
            &json!([{ "op": "add", "path": "members", "value": [{ "value": "ada" }] }]),
            400,
            json!({ "scimType": "invalidValue" }),
        ),
        case(
            "an unknown group is not found",
            vec![expect("GET /groups/9").answer(404, &json!({}))],
            &json!([add(&[4])]),
            404,
            json!({ "status": "404" }),
        ),
        Case {
            request: "PATCH /Groups/9?attributes=members",
            ..case(
                "who asks for attributes gets the resource",
                vec![crew(), put(4), crew(), members(&[4, 5])],
                &json!([add(&[4])]),
                200,
                json!({ "members": [{ "value": "4" }, { "value": "5" }] }),
            )
        },
    ];
    play(&mapping(), cases).await;
}

#[tokio::test]
async fn the_list_is_read_where_more_must_be_known() {
    let many: Vec<i64> = (1..=21).collect();
    let cases = vec![
        case(
            "more than a repeat could make again: only what is missing is sent",
            vec![crew(), members(&many[..20]), put(21), crew(), members(&many)],
            &json!([add(&many)]),
            200,
            json!({ "id": "9" }),
        ),
        case(
            "a list that is replaced",
            vec![crew(), members(&[4, 5]), delete(5), crew(), members(&[4])],
            &json!([{ "op": "replace", "path": "members", "value": [{ "value": "4" }] }]),
            200,
            json!({ "members": [{ "value": "4" }] }),
        ),
        case(
            "another attribute beside it",
            vec![
                crew(),
                members(&[5]),
                expect("PATCH /groups/9").json(json!({ "name": "Crew 2" })).answer(204, &Value::Null),
                put(4),
                expect("GET /groups/9").answer(200, &json!({ "id": 9, "name": "Crew 2" })),
                members(&[4, 5]),
            ],
            &json!([{ "op": "replace", "path": "displayName", "value": "Crew 2" }, add(&[4])]),
            200,
            json!({ "displayName": "Crew 2" }),
        ),
    ];
    play(&mapping(), cases).await;
}
