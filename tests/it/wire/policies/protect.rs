//! Records that are hidden, and records that may only be read.

use serde_json::{Value, json};

use crate::support::case::{Case, HEAD, patch, play, replace, user};
use crate::support::upstream::{Step, expect};

/// Whether somebody is erased is told by a call of its own; administrators are protected.
fn mapping() -> String {
    let rules = r#"
[User.attributes]
id = { at = "id", type = "int" }
userName = "login"
active = "enabled"
[User]
list = { call = "GET /people?login={filter.userName?}&page={page}", items = "$.rows[*]", total = "$.total" }
get = [{ call = "GET /people/{id}" }, { call = "GET /people/{id}/flags", into = "flags" }]
update = "PATCH /people/{id}"
delete = "DELETE /people/{id}"
hide = "$.record.flags.erased == true"
protect = "$.record.flags.admin == true"
[Group.attributes]
id = { at = "id", type = "int" }
displayName = "name"
members = { at = "people", type = "int" }
[Group]
get = "GET /teams/{id}"
delete = { set = { displayName = "-" } }
protect = "$.record.locked == true"
[[Group.update]]
call = "PATCH /teams/{id}"
[[Group.update]]
for = ["members"]
each = "added"
call = "PUT /teams/{id}/people/{item}"
"#;
    format!("{HEAD}{rules}")
}

fn ada() -> Step {
    expect("GET /people/7").answer(200, &json!({ "id": 7, "login": "ada", "enabled": true }))
}

fn flags(flags: &Value) -> Step {
    expect("GET /people/7/flags").answer(200, flags)
}

fn team(locked: bool) -> Step {
    expect("GET /teams/3").answer(200, &json!({ "id": 3, "name": "Staff", "people": [1], "locked": locked }))
}

fn case(name: &'static str, upstream: Vec<Step>, request: &'static str, body: Value, status: u16) -> Case {
    Case { name, upstream, request, body, status, wanted: Value::Null }
}

#[tokio::test]
async fn a_protected_record_is_read_but_not_changed_or_deleted() {
    let admin = || vec![ada(), flags(&json!({ "admin": true }))];
    let off = || replace(&json!({ "active": false }));
    let add = patch(&json!([{ "op": "add", "path": "members", "value": [{ "value": "2" }] }]));
    let cases = vec![
        case("read", admin(), "GET /Users/7", Value::Null, 200),
        case("a change", admin(), "PATCH /Users/7", off(), 403),
        case("a push of what is there already", admin(), "PATCH /Users/7", replace(&json!({ "active": true })), 200),
        case("a whole user", admin(), "PUT /Users/7", user(json!({ "userName": "eve" })), 403),
        case("a delete", admin(), "DELETE /Users/7", Value::Null, 403),
        case("a delete that sets", vec![team(true)], "DELETE /Groups/3", Value::Null, 403),
        case("members", vec![team(true)], "PATCH /Groups/3", add.clone(), 403),
        case(
            "members of a group that is not",
            vec![team(false), expect("PUT /teams/3/people/2"), team(false)],
            "PATCH /Groups/3",
            add,
            200,
        ),
        case(
            "a user who is not",
            vec![ada(), flags(&json!({})), expect("DELETE /people/7").answer(204, &Value::Null)],
            "DELETE /Users/7",
            Value::Null,
            204,
        ),
    ];
    play(&mapping(), cases).await;
}

#[tokio::test]
async fn a_hidden_record_does_not_exist_whatever_is_asked_of_it() {
    let gone = || vec![ada(), flags(&json!({ "erased": true }))];
    let rows = || {
        let rows = json!([{ "id": 7, "login": "ada", "enabled": true }]);
        expect("GET /people?page=1").answer(200, &json!({ "rows": rows, "total": 1 }))
    };
    let off = replace(&json!({ "active": false }));
    let cases = vec![
        case("a read", gone(), "GET /Users/7", Value::Null, 404),
        case("a read of one attribute", gone(), "GET /Users/7?attributes=userName", Value::Null, 404),
        case("a change", gone(), "PATCH /Users/7", off, 404),
        case("a delete", gone(), "DELETE /Users/7", Value::Null, 404),
        Case {
            wanted: json!({ "totalResults": 0, "Resources": [] }),
            ..case(
                "a list, whose rows do not tell",
                vec![rows(), ada(), flags(&json!({ "erased": true }))],
                "GET /Users",
                Value::Null,
                200,
            )
        },
        Case {
            wanted: json!({ "totalResults": 1 }),
            ..case(
                "a list counts who is visible",
                vec![rows(), ada(), flags(&json!({}))],
                "GET /Users",
                Value::Null,
                200,
            )
        },
    ];
    play(&mapping(), cases).await;
}
