//! PATCH and PUT: what is read, what is sent, what is answered.

use serde_json::{Value, json};

use crate::support::case::{Case, HEAD, patch, play, portal, replace, user};
use crate::support::upstream::{Step, expect};

/// An API that takes JSON: a PATCH of what changed for users, a PUT of the whole for groups.
fn mapping() -> String {
    let rules = r#"
[User.attributes]
id = { at = "id", type = "int" }
userName = "login"
title = "title"
active = { at = "status", map = { true = "ACTIVE", false = ["DISABLED", "LOCKED"] } }
password = { at = "password", mutability = "writeOnly" }
meta.created = { at = "born", mutability = "readOnly" }
[User]
get = "GET /users/{id}"
update = "PATCH /users/{id}"
delete = { set = { active = false } }
[Group.attributes]
id = { at = "id", type = "int" }
displayName = "name"
[Group]
get = "GET /groups/{id}"
update = { call = "PUT /groups/{id}", drop = ["changed_at"] }
delete = "DELETE /groups/{id}"
"#;
    format!("{HEAD}{rules}")
}

fn ada(status: &str) -> Value {
    json!({ "id": 7, "login": "ada", "title": "Engineer", "status": status, "born": "2020-01-01T00:00:00Z" })
}

fn read(status: &str) -> Step {
    expect("GET /users/7").answer(200, &ada(status))
}

fn case(name: &'static str, upstream: Vec<Step>, body: Value, status: u16, wanted: Value) -> Case {
    Case { name, upstream, request: "PATCH /Users/7", body, status, wanted }
}

#[tokio::test]
async fn a_patch_sends_what_changed_and_nothing_else() {
    let disabled = expect("PATCH /users/7").json(json!({ "status": "DISABLED" })).answer(200, &ada("DISABLED"));
    let secret = expect("PATCH /users/7").json(json!({ "password": "pa55-Word" })).answer(204, &Value::Null);
    let off = || replace(&json!({ "active": false }));
    let cases = vec![
        case("one attribute", vec![read("ACTIVE"), disabled], off(), 200, json!({ "id": "7", "active": false })),
        case("nothing changes", vec![read("DISABLED")], off(), 200, json!({ "active": false })),
        case("a locked user stays locked", vec![read("LOCKED")], off(), 200, json!({ "active": false })),
        case(
            "a password is sent and never shown",
            vec![read("ACTIVE"), secret, read("ACTIVE")],
            replace(&json!({ "password": "pa55-Word" })),
            200,
            json!({ "userName": "ada" }),
        ),
        case(
            "Entra's spelling",
            vec![read("DISABLED")],
            patch(&json!([{ "op": "Replace", "path": "active", "value": "False" }])),
            200,
            json!({ "active": false }),
        ),
    ];
    play(&mapping(), cases).await;
}

#[tokio::test]
async fn a_patch_is_refused_before_the_first_call_that_changes_anything() {
    let with = |operation: Value| patch(&json!([{ "op": "replace", "path": "title", "value": "X" }, operation]));
    let cases = vec![
        case(
            "a wrong type",
            vec![read("ACTIVE")],
            with(json!({ "op": "replace", "path": "active", "value": "maybe" })),
            400,
            json!({ "scimType": "invalidValue", "status": "400" }),
        ),
        case(
            "a read-only attribute",
            vec![read("ACTIVE")],
            with(json!({ "op": "replace", "path": "id", "value": "8" })),
            400,
            json!({ "scimType": "mutability" }),
        ),
        case(
            "an attribute that nobody knows",
            vec![read("ACTIVE")],
            with(json!({ "op": "add", "path": "shoeSize", "value": 44 })),
            400,
            json!({ "scimType": "invalidPath" }),
        ),
        case("no JSON", vec![], json!("text"), 400, json!({ "scimType": "invalidSyntax" })),
        case(
            "an unknown id",
            vec![expect("GET /users/7").answer(404, &json!({}))],
            replace(&json!({})),
            404,
            json!({}),
        ),
    ];
    play(&mapping(), cases).await;
}

#[tokio::test]
async fn a_change_that_does_not_take_is_never_called_done() {
    let answered = expect("PATCH /users/7").json(json!({ "status": "DISABLED" })).answer(200, &ada("ACTIVE"));
    let failing = || expect("PATCH /users/7").answer(500, &json!({ "trace": "SECRET-TRACE" }));
    let off = || replace(&json!({ "active": false }));
    let cases = vec![
        case("the answer still shows it", vec![read("ACTIVE"), answered], off(), 502, json!({ "status": "502" })),
        case("the call fails", vec![read("ACTIVE"), failing()], off(), 502, json!({ "status": "502" })),
        case(
            "credentials are refused",
            vec![expect("GET /users/7").answer(401, &json!({}))],
            off(),
            502,
            json!({ "status": "502" }),
        ),
    ];
    play(&mapping(), cases).await;
}

#[tokio::test]
async fn a_put_upstream_gets_the_whole_record_with_what_the_mapping_does_not_know() {
    let whole = r#"{"id":9,"name":"Old","price":1.10,"serial":123456789012345678901234567890,"changed_at":5}"#;
    let sent = r#"{"id":9,"name":"New","price":1.10,"serial":123456789012345678901234567890}"#;
    let cases = vec![Case {
        name: "numbers survive as they were written",
        upstream: vec![
            expect("GET /groups/9").raw(200, "application/json", whole),
            expect("PUT /groups/9").text(sent).raw(200, "application/json", sent),
        ],
        request: "PATCH /Groups/9",
        body: replace(&json!({ "id": "9", "displayName": "New" })),
        status: 200,
        wanted: json!({ "id": "9", "displayName": "New" }),
    }];
    play(&mapping(), cases).await;
}

#[tokio::test]
async fn a_put_clears_what_it_leaves_out_but_not_active() {
    let cleared = json!({ "id": 7, "login": "ada", "title": null, "status": "ACTIVE", "born": "2020-01-01T00:00:00Z" });
    let cases = vec![Case {
        name: "title goes, active stays",
        upstream: vec![read("ACTIVE"), expect("PATCH /users/7").json(json!({ "title": null })).answer(200, &cleared)],
        request: "PUT /Users/7",
        body: user(json!({ "userName": "ada" })),
        status: 200,
        wanted: json!({ "userName": "ada", "active": true }),
    }];
    play(&mapping(), cases).await;
}

#[tokio::test]
async fn a_delete_is_a_call_or_sets_attributes() {
    let delete =
        |name, upstream, request, status, wanted| Case { name, upstream, request, body: Value::Null, status, wanted };
    let disabled = expect("PATCH /users/7").json(json!({ "status": "DISABLED" })).answer(200, &ada("DISABLED"));
    let gone = |status| expect("DELETE /groups/9").answer(status, &json!({}));
    let cases = vec![
        delete("set", vec![read("ACTIVE"), disabled], "DELETE /Users/7", 204, Value::Null),
        delete("a call", vec![gone(204)], "DELETE /Groups/9", 204, Value::Null),
        delete("again", vec![gone(404)], "DELETE /Groups/9", 404, json!({ "status": "404" })),
        delete("in use", vec![gone(409)], "DELETE /Groups/9", 409, json!({ "status": "409" })),
        delete("no id of ours", vec![], "DELETE /Groups/nine", 404, json!({ "status": "404" })),
    ];
    play(&mapping(), cases).await;
}

#[tokio::test]
async fn an_attribute_goes_by_the_call_that_names_it_in_file_order() {
    let person =
        |title: &str, enabled: &str| json!({ "user": { "username": "ada", "job_title": title, "enabled": enabled } });
    let cases = vec![Case {
        name: "the general call, then disable",
        upstream: vec![
            expect("GET /users/ada").answer(200, &person("Engineer", "Y")),
            expect("POST /users/ada").text("job_title=Lead").answer(200, &Value::Null),
            expect("POST /users/ada/disable").json(json!({ "reason": "deprovisioned by SCIM" })),
            expect("GET /users/ada").answer(200, &person("Lead", "N")),
        ],
        request: "PATCH /Users/ada",
        body: replace(&json!({ "active": false, "title": "Lead" })),
        status: 200,
        wanted: json!({ "title": "Lead", "active": false }),
    }];
    play(&portal(), cases).await;
}
