//! Lists: windows over every style of paging, and filters.

use serde_json::{Value, json};

use crate::support::bridge::serve;
use crate::support::case::{Case, HEAD, play};
use crate::support::upstream::{Step, Upstream, expect};

const RULES: &str = r#"
[User.attributes]
id = { at = "id", type = "int" }
userName = "login"
title = "title"
active = { at = "status", map = { true = "A", false = ["D", "L"] } }
[User]
get = "GET /users/{id}"
"#;

fn mapping(list: &str) -> String {
    HEAD.replace("[upstream.limits]", "[upstream.limits]\nscan = 5") + RULES + list
}

const NUMBERED: &str = r#"
list = { call = "GET /users?login={filter.userName?}&page={page}&per_page={count}", items = "$.rows[*]", total = "$.total", page = { first = 1, size = 3 } }
"#;

/// A page of users by their numbers.
fn page(ids: impl IntoIterator<Item = u64>, total: impl Into<Value>) -> Value {
    let row = |id: u64| json!({ "id": id, "login": format!("u{id}"), "status": if id.is_multiple_of(2) { "A" } else { "L" } });
    json!({ "rows": ids.into_iter().map(row).collect::<Vec<_>>(), "total": total.into() })
}

fn get(name: &'static str, upstream: Vec<Step>, request: &'static str, status: u16, wanted: Value) -> Case {
    Case { name, upstream, request, body: Value::Null, status, wanted }
}

fn ids(ids: &[u64]) -> Value {
    ids.iter().map(|id| json!({ "id": id.to_string() })).collect()
}

#[tokio::test]
async fn a_window_over_numbered_pages_is_one_call_or_a_slice() {
    let three = || expect("GET /users?page=1&per_page=3").answer(200, &page(1..=3, json!(5)));
    let rest = || expect("GET /users?page=2&per_page=3").answer(200, &page(4..=5, json!(5)));
    let cases = vec![
        get(
            "a page",
            vec![three()],
            "GET /Users?startIndex=1&count=3",
            200,
            json!({
            "totalResults": 5, "startIndex": 1, "itemsPerPage": 3, "Resources": ids(&[1, 2, 3]) }),
        ),
        get(
            "across two pages",
            vec![three(), rest()],
            "GET /Users?startIndex=2&count=4",
            200,
            json!({
            "totalResults": 5, "itemsPerPage": 4, "Resources": ids(&[2, 3, 4, 5]) }),
        ),
        get(
            "beyond the end",
            vec![expect("GET /users?page=3&per_page=3").answer(200, &page([], json!(5)))],
            "GET /Users?startIndex=7&count=3",
            200,
            json!({ "totalResults": 5, "itemsPerPage": 0, "Resources": [] }),
        ),
        get(
            "a list that is none",
            vec![expect("GET /users?page=1&per_page=3").answer(200, &json!({ "total": 0 }))],
            "GET /Users?count=3",
            502,
            json!({ "status": "502" }),
        ),
        get("no number", vec![], "GET /Users?count=many", 400, json!({ "scimType": "invalidValue" })),
    ];
    play(&mapping(NUMBERED), cases).await;
}

#[tokio::test]
async fn a_filter_is_asked_of_the_upstream_where_a_call_can_carry_it() {
    let found = |line: &str, rows: &[u64]| expect(line).answer(200, &page(rows.iter().copied(), rows.len()));
    let by_login = || found("GET /users?login=u4&page=1&per_page=3", &[4]);
    let cases = vec![
        get(
            "by login",
            vec![by_login()],
            "GET /Users?filter=userName%20eq%20%22u4%22",
            200,
            json!({ "totalResults": 1, "Resources": ids(&[4]) }),
        ),
        get(
            "in any case",
            vec![found("GET /users?login=U4&page=1&per_page=3", &[4])],
            "GET /Users?filter=USERNAME%20EQ%20%22U4%22",
            200,
            json!({ "totalResults": 1 }),
        ),
        get(
            "the rest is checked here",
            vec![by_login()],
            "GET /Users?filter=userName%20eq%20%22u4%22%20and%20active%20eq%20false",
            200,
            json!({ "totalResults": 0, "Resources": [] }),
        ),
        get(
            "what the upstream finds besides is left out",
            vec![found("GET /users?login=u4&page=1&per_page=3", &[4, 5])],
            "GET /Users?filter=userName%20eq%20%22u4%22",
            200,
            json!({ "totalResults": 1, "Resources": ids(&[4]) }),
        ),
    ];
    play(&mapping(NUMBERED), cases).await;
}

#[tokio::test]
async fn a_filter_is_answered_without_a_search_where_that_is_enough() {
    let found = |line: &str, rows: &[u64]| expect(line).answer(200, &page(rows.iter().copied(), rows.len()));
    let by_login = || found("GET /users?login=u4&page=1&per_page=3", &[4]);
    let cases = vec![
        get(
            "either of two",
            vec![by_login(), found("GET /users?login=u5&page=1&per_page=3", &[5])],
            "GET /Users?filter=userName%20eq%20%22u4%22%20or%20userName%20eq%20%22u5%22",
            200,
            json!({ "totalResults": 2 }),
        ),
        get(
            "by id",
            vec![expect("GET /users/4").answer(200, &json!({ "id": 4, "login": "u4", "status": "A" }))],
            "GET /Users?filter=id%20eq%20%224%22",
            200,
            json!({ "totalResults": 1, "Resources": ids(&[4]) }),
        ),
        get(
            "an id that no record has",
            vec![],
            "GET /Users?filter=id%20eq%20%22x%22",
            200,
            json!({ "totalResults": 0 }),
        ),
        get(
            "an attribute without a rule",
            vec![],
            "GET /Users?filter=externalId%20eq%20%22x%22",
            200,
            json!({ "totalResults": 0, "Resources": [] }),
        ),
        get(
            "not a filter",
            vec![],
            "GET /Users?filter=userName%20is%20%22x%22",
            400,
            json!({ "scimType": "invalidFilter" }),
        ),
    ];
    play(&mapping(NUMBERED), cases).await;
}

#[tokio::test]
async fn what_cannot_be_asked_is_found_here_within_the_bound() {
    let first = |total: u64| expect("GET /users?page=1&per_page=3").answer(200, &page(1..=3, json!(total)));
    let second = expect("GET /users?page=2&per_page=3").answer(200, &page(4..=5, json!(5)));
    let cases = vec![
        get(
            "a walk",
            vec![first(5), second],
            "GET /Users?filter=active%20eq%20false&count=2",
            200,
            json!({ "totalResults": 3, "itemsPerPage": 2, "Resources": ids(&[1, 3]) }),
        ),
        get(
            "too many",
            vec![first(9), expect("GET /users?page=2&per_page=3").answer(200, &page(4..=6, json!(9)))],
            "GET /Users?filter=active%20eq%20false",
            400,
            json!({ "scimType": "tooMany" }),
        ),
    ];
    play(&mapping(NUMBERED), cases).await;
}

#[tokio::test]
async fn an_import_over_cursors_costs_one_call_a_page_and_neither_skips_nor_repeats() {
    let list = r#"
list = { call = "GET /users?after={cursor?}&limit={count}", items = "$.rows[*]", next = "$.next", page = { size = 3 } }
"#;
    let with_next = |ids: std::ops::RangeInclusive<u64>, next: Value| {
        let mut answer = page(ids, Value::Null);
        answer["next"] = next;
        answer
    };
    let upstream = Upstream::serve([
        expect("GET /users?limit=3").answer(200, &with_next(1..=3, json!("c1"))),
        expect("GET /users?after=c1&limit=3").answer(200, &with_next(4..=6, json!("c2"))),
        expect("GET /users?after=c2&limit=3").answer(200, &with_next(7..=7, Value::Null)),
    ])
    .await;
    let bridge = serve(&mapping(list), &upstream.url(), &[]).await;
    let mut seen = Vec::new();
    loop {
        let answer = bridge.scim.send(&format!("GET /Users?startIndex={}&count=3", seen.len() + 1), None).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let rows = answer.body["Resources"].as_array().unwrap().clone();
        seen.extend(rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        if rows.is_empty() || seen.len() as u64 >= answer.body["totalResults"].as_u64().unwrap() {
            break;
        }
    }
    assert_eq!(seen, ["1", "2", "3", "4", "5", "6", "7"]);
    upstream.assert_followed("an import");
}

#[tokio::test]
async fn a_next_page_must_be_another_one_of_the_same_origin() {
    let list = r#"
list = { call = "GET /users", items = "$.rows[*]", next = "$.next" }
"#;
    let to = |next: &str| json!({ "rows": page(1..=2, Value::Null)["rows"], "next": next });
    let cases = vec![
        get(
            "another host",
            vec![expect("GET /users").answer(200, &to("http://127.0.0.2:1/users?p=2"))],
            "GET /Users?count=5",
            502,
            json!({ "status": "502" }),
        ),
        get(
            "in circles",
            vec![
                expect("GET /users").answer(200, &to("/users?p=2")),
                expect("GET /users?p=2").answer(200, &to("/users?p=2")),
            ],
            "GET /Users?count=5",
            502,
            json!({ "status": "502" }),
        ),
    ];
    play(&mapping(list), cases).await;
}

#[tokio::test]
async fn stubs_are_read_one_by_one_and_keep_their_order() {
    let list = r#"
list = { call = "GET /users", items = "$", complete = false }
"#;
    let one =
        |id: u64| expect(&format!("GET /users/{id}")).answer(200, &json!({ "id": id, "login": format!("u{id}") }));
    let cases = vec![get(
        "ids alone",
        vec![expect("GET /users").answer(200, &json!([2])), one(2)],
        "GET /Users",
        200,
        json!({ "totalResults": 1, "Resources": [{ "id": "2", "userName": "u2" }] }),
    )];
    play(&mapping(list), cases).await;
}
