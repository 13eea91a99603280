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
async fn only_an_idempotency_key_has_a_delete_read_the_record() {
    let by = |hole: &str| {
        let call = format!("delete = {{ call = \"DELETE /groups/{{id}}\", headers = {{ X-Operation = \"{hole}\" }} }}");
        mapping().replace("delete = \"DELETE /groups/{id}\"", &call)
    };
    let delete = |name, upstream| {
        vec![Case { name, upstream, request: "DELETE /Groups/9", body: Value::Null, status: 204, wanted: Value::Null }]
    };
    let read = || expect("GET /groups/9").answer(200, &json!({ "id": 9, "name": "Crew" }));
    let gone = || expect("DELETE /groups/9").answer(204, &Value::Null);
    play(&by("{uuid}"), delete("a value drawn by chance", vec![gone()])).await;
    play(&by("{op.id}"), delete("a key made of the record", vec![read(), gone()])).await;
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

#[tokio::test]
async fn a_required_part_makes_its_attribute_required_and_cannot_be_removed() {
    let rules = r#"
[User.attributes]
id = { at = "id", type = "int" }
userName = "login"
name.givenName = { at = "first", required = true }
name.familyName = "last"
'emails[type eq "work"].value' = { at = "mail", required = true }
[User]
get = "GET /users/{id}"
create = "POST /users"
update = "PATCH /users/{id}"
"#;
    let mapping = format!("{HEAD}{rules}");
    let read = || {
        expect("GET /users/7")
            .answer(200, &json!({ "id": 7, "login": "ada", "first": "Ada", "last": "B", "mail": "a@b" }))
    };
    let error = |kind: &str, detail: &str| json!({ "scimType": kind, "detail": detail });
    let remove = |path: &str| patch(&json!([{ "op": "remove", "path": path }]));
    let kept = |name: &str| error("mutability", &format!("`{name}` is required and cannot be removed"));
    let cases = vec![
        Case {
            name: "a create without it",
            upstream: Vec::new(),
            request: "POST /Users",
            body: user(
                json!({ "userName": "ada", "name": { "familyName": "B" }, "emails": [{ "type": "work", "value": "a@b" }] }),
            ),
            status: 400,
            wanted: error("invalidValue", "`name.givenName` is required"),
        },
        case("the part removed", vec![read()], remove("name.givenName"), 400, kept("name.givenName")),
        case("the whole removed", vec![read()], remove("name"), 400, kept("name")),
        case("the list removed", vec![read()], remove("emails"), 400, kept("emails")),
        Case {
            name: "discovery says so",
            upstream: Vec::new(),
            request: "GET /Schemas/urn:ietf:params:scim:schemas:core:2.0:User",
            body: Value::Null,
            status: 200,
            wanted: Value::Null,
        },
    ];
    for case in cases {
        let answer = crate::support::case::play_one(&mapping, case).await;
        let Some(attributes) = answer.body["attributes"].as_array() else { continue };
        let required =
            |name: &str| attributes.iter().find(|own| own["name"] == name).map(|own| own["required"].clone());
        assert_eq!(required("name"), Some(json!(true)), "name");
        assert_eq!(required("emails"), Some(json!(true)), "emails");
        let name = attributes.iter().find(|own| own["name"] == "name").unwrap();
        let parts = name["subAttributes"].as_array().unwrap();
        let parts: Vec<(&Value, &Value)> = parts.iter().map(|part| (&part["name"], &part["required"])).collect();
        assert_eq!(parts, [(&json!("familyName"), &json!(false)), (&json!("givenName"), &json!(true))]);
    }
}

#[tokio::test]
async fn a_rule_with_its_own_unset_empties_its_element_instead_of_dropping_it() {
    let rules = r#"
[User.attributes]
id = { at = "id", type = "int" }
userName = "login"
externalId = { at = "$.fields[?@.id == 1].value", unset = "" }
title = "$.fields[?@.id == 2].value"
[User]
get = "GET /users/{id}"
update = "PATCH /users/{id}"
"#;
    let read = |first: &str| {
        let fields = json!([{ "id": 1, "value": first }, { "id": 2, "value": "Dr" }]);
        expect("GET /users/7").answer(200, &json!({ "id": 7, "login": "ada", "fields": fields }))
    };
    let emptied = json!({ "fields": [{ "id": 1, "value": "" }, { "id": 2, "value": "Dr" }] });
    let dropped = json!({ "fields": [{ "id": 1, "value": "x" }] });
    let remove = |path: &str| patch(&json!([{ "op": "remove", "path": path }]));
    let change = |body: Value| expect("PATCH /users/7").json(body).answer(204, &Value::Null);
    let cases = vec![
        case(
            "its own",
            vec![read("x"), change(emptied), read("")],
            remove("externalId"),
            200,
            json!({ "title": "Dr" }),
        ),
        case("none", vec![read("x"), change(dropped), read("x")], remove("title"), 200, json!({ "externalId": "x" })),
    ];
    play(&format!("{HEAD}{rules}"), cases).await;
}
