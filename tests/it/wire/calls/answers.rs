//! Holes in the paths by which an answer is read.

use serde_json::{Value, json};

use crate::support::case::{Case, HEAD, play};
use crate::support::upstream::expect;

#[tokio::test]
async fn a_record_is_found_in_an_answer_by_what_the_call_was_for() {
    let rules = r#"
[User.attributes]
id = { at = "id", type = "int" }
userName = "login"
[User]
get = { call = "GET /users?ids={id}", item = "$.users[{id}]" }
[Group.attributes]
id = "id"
displayName = "name"
[Group]
list = { call = "GET /groups?page={page}", items = "$.groups[?@.tenant == {tenant.name}]" }
get = { call = "GET /groups", item = "$.groups[?@.id == {id} && @.tenant == {tenant.name}]" }
"#;
    let users = json!({ "users": { "7": { "id": 7, "login": "ada" }, "8": { "id": 8, "login": "bo" } } });
    let groups = json!({ "groups": [
        { "id": "a'b", "name": "Others", "tenant": "other" },
        { "id": "a'b", "name": "Crew", "tenant": "test" }
    ] });
    let case =
        |name, upstream, request, status, wanted| Case { name, upstream, request, body: Value::Null, status, wanted };
    let cases = vec![
        case(
            "by a name",
            vec![expect("GET /users?ids=8").answer(200, &users)],
            "GET /Users/8",
            200,
            json!({ "userName": "bo" }),
        ),
        case(
            "one that is not there is not found",
            vec![expect("GET /users?ids=9").answer(200, &users)],
            "GET /Users/9",
            404,
            json!({ "status": "404" }),
        ),
        case(
            "by literals, whatever quotes the value has",
            vec![expect("GET /groups").answer(200, &groups)],
            "GET /Groups/a'b",
            200,
            json!({ "displayName": "Crew" }),
        ),
        case(
            "a list of some of the answer's elements",
            vec![expect("GET /groups?page=1").answer(200, &groups)],
            "GET /Groups",
            200,
            json!({ "Resources": [{ "displayName": "Crew" }] }),
        ),
    ];
    play(&format!("{HEAD}{rules}"), cases).await;
}
