//! Searches by POST.

use serde_json::{Value, json};

use crate::support::bridge::serve;
use crate::support::case::{Case, HEAD, play};
use crate::support::upstream::{Step, Upstream, expect};

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

/// The same users, of an API that sorts by login and, in one word, by title.
fn sorting() -> String {
    let call = "GET /users?login={filter.userName?}&by={sort?}&dir={sort.order?}&page={page}&per_page={count}";
    let plain = "GET /users?login={filter.userName?}&page={page}&per_page={count}";
    let words = r#"sort = { userName = "login", title = ["job", "-job"] }, sort_order = "up/down", items"#;
    mapping().replace(plain, call).replacen("items", words, 1)
}

fn sorted(name: &'static str, upstream: Step, request: &'static str, ids: &[&str]) -> Case {
    let resources: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
    let wanted = json!({ "totalResults": ids.len(), "Resources": resources });
    Case { name, upstream: vec![upstream], request, body: Value::Null, status: 200, wanted }
}

#[tokio::test]
async fn an_order_is_asked_of_an_api_that_has_a_word_for_it() {
    let found = |line: &str| expect(line).answer(200, &users(&["bob", "ada"], 2));
    let cases = vec![
        sorted(
            "the API sorts, and its order stands",
            found("GET /users?by=login&dir=up&page=1&per_page=100"),
            "GET /Users?sortBy=userName",
            &["1", "2"],
        ),
        sorted(
            "turned round, by a name with its URN",
            found("GET /users?by=login&dir=down&page=1&per_page=100"),
            "GET /Users?sortBy=urn:ietf:params:scim:schemas:core:2.0:User:username&sortOrder=descending",
            &["1", "2"],
        ),
        sorted(
            "turned round by a word of its own",
            found("GET /users?by=-job&dir=down&page=1&per_page=100"),
            "GET /Users?sortBy=title&sortOrder=descending",
            &["1", "2"],
        ),
        sorted(
            "what it has no word for is sorted here",
            found("GET /users?page=1&per_page=100"),
            "GET /Users?sortBy=id&sortOrder=descending",
            &["2", "1"],
        ),
        sorted(
            "and so is what a filter finds",
            found("GET /users?page=1&per_page=100"),
            "GET /Users?sortBy=userName&filter=title%20pr",
            &["2", "1"],
        ),
        sorted("no order", found("GET /users?page=1&per_page=100"), "GET /Users", &["1", "2"]),
    ];
    play(&sorting(), cases).await;
}

#[tokio::test]
async fn places_in_an_order_are_not_those_of_another() {
    let list = "GET /users?by={sort?}&dir={sort.order?}&after={cursor?}";
    let plain = "GET /users?login={filter.userName?}&page={page}&per_page={count}";
    let mapping = sorting().replace("[upstream.limits]", "page = { size = 2 }\n[upstream.limits]");
    let with_words = "GET /users?login={filter.userName?}&by={sort?}&dir={sort.order?}&page={page}&per_page={count}";
    assert!(mapping.contains(with_words) && !mapping.contains(plain));
    let mapping = mapping.replace(with_words, list).replace("total = \"$.total\"", "next = \"$.next\"");
    let page = |ids: [u64; 2], next: &str| {
        let rows: Vec<Value> = ids.iter().map(|id| json!({ "id": id, "login": format!("u{id}") })).collect();
        json!({ "rows": rows, "next": next })
    };
    let upstream = Upstream::serve([
        expect("GET /users").answer(200, &page([1, 2], "plain")),
        expect("GET /users?by=login&dir=up").answer(200, &page([3, 4], "up")),
        expect("GET /users?by=login&dir=down").answer(200, &page([5, 6], "down")),
        expect("GET /users?after=plain").answer(200, &page([7, 8], "")),
        expect("GET /users?by=login&dir=up&after=up").answer(200, &page([9, 10], "")),
        expect("GET /users?by=login&dir=down&after=down").answer(200, &page([11, 12], "")),
    ])
    .await;
    let bridge = serve(&mapping, &upstream.url(), &[]).await;
    let orders = ["", "&sortBy=userName", "&sortBy=userName&sortOrder=descending"];
    let mut seen = Vec::new();
    for start in [1, 3] {
        for order in orders {
            let answer = bridge.scim.send(&format!("GET /Users?startIndex={start}&count=2{order}"), None).await;
            seen.push(answer.body["Resources"][0]["id"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(seen, ["1", "3", "5", "7", "9", "11"]);
    upstream.assert_followed("each order");
}

#[tokio::test]
async fn a_place_that_the_api_forgets_expires_a_cursor_and_restarts_an_index() {
    let list = "GET /users?after={cursor?}";
    let plain = "GET /users?login={filter.userName?}&page={page}&per_page={count}";
    let mapping = mapping().replace("[upstream.limits]", "page = { size = 1 }\n[upstream.limits]");
    let mapping = mapping.replace(plain, list).replace("total = \"$.total\"", "next = \"$.next\"");
    let page = |id: u64, next: &str| json!({ "rows": [{ "id": id, "login": format!("u{id}") }], "next": next });
    let upstream = Upstream::serve([
        expect("GET /users").answer(200, &page(1, "two")),
        expect("GET /users?after=two").answer(400, &json!({ "error": "no such place" })),
        expect("GET /users?after=two").answer(400, &json!({ "error": "no such place" })),
        expect("GET /users").answer(200, &page(1, "again")),
        expect("GET /users?after=again").answer(200, &page(2, "")),
    ])
    .await;
    let bridge = serve(&mapping, &upstream.url(), &[]).await;
    let first = bridge.scim.send("GET /Users?cursor=&count=1", None).await;
    let cursor = first.body["nextCursor"].as_str().unwrap().to_owned();
    let second = bridge.scim.send(&format!("GET /Users?cursor={cursor}&count=1"), None).await;
    assert_eq!((second.status, &second.body["scimType"]), (400, &json!("expiredCursor")));
    let by_index = bridge.scim.send("GET /Users?startIndex=2&count=1", None).await;
    assert_eq!(by_index.body["Resources"][0]["id"], "2");
    upstream.assert_followed("both");
}
