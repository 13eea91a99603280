//! Searches by POST.

use serde_json::{Value, json};

use crate::support::case::{Case, HEAD, play};
use crate::support::upstream::{Step, expect};

const USERS: &str = r#"
[User.attributes]
id = { at = "id", type = "int" }
userName = "login"
title = "title"
[User]
list = { call = "GET /users?login={filter.userName?}&page={page}&per_page={count}", items = "$.rows[*]", total = "$.total" }
get = "GET /users/{id}"
"#;

fn mapping() -> String {
    HEAD.to_owned() + USERS
}

fn search(mut members: Value) -> Value {
    members["schemas"] = json!(["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]);
    members
}

fn case(name: &'static str, upstream: Vec<Step>, members: Value, status: u16, wanted: Value) -> Case {
    Case { name, upstream, request: "POST /Users/.search", body: search(members), status, wanted }
}

fn users(logins: &[&str], total: usize) -> Value {
    let row = |(index, login): (usize, &&str)| json!({ "id": index + 1, "login": login, "title": "T" });
    json!({ "rows": logins.iter().enumerate().map(row).collect::<Vec<_>>(), "total": total })
}

#[tokio::test]
async fn a_search_by_post_is_a_list_whose_parameters_are_in_the_body() {
    let cases = vec![
        case(
            "a window, and two of the attributes",
            vec![expect("GET /users?page=2&per_page=2").answer(200, &users(&["ada", "bob"], 9))],
            json!({ "startIndex": 3, "count": 2, "attributes": ["userName"] }),
            200,
            json!({ "totalResults": 9, "startIndex": 3, "itemsPerPage": 2,
                "Resources": [{ "id": "1", "userName": "ada" }, { "id": "2", "userName": "bob" }] }),
        ),
        case(
            "a filter",
            vec![expect("GET /users?login=ada&page=1&per_page=100").answer(200, &users(&["ada"], 1))],
            json!({ "filter": "userName eq \"ada\"", "excludedAttributes": ["title"] }),
            200,
            json!({ "totalResults": 1, "Resources": [{ "userName": "ada" }] }),
        ),
        case(
            "a broken filter",
            vec![],
            json!({ "filter": "userName eq" }),
            400,
            json!({ "scimType": "invalidFilter" }),
        ),
        case("a broken count", vec![], json!({ "count": "many" }), 400, json!({ "scimType": "invalidValue" })),
    ];
    play(&mapping(), cases).await;
}
