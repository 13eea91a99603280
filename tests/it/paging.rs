//! Whole imports: by index and by cursor, over every way in which an API pages.

use std::collections::HashSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::directory::{Bridged, Shape, Style, ids, title};

const STYLES: [Style; 6] = [Style::Number, Style::Offset, Style::Cursor, Style::NextUrl, Style::Link, Style::Once];

/// How a client reads a whole list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Client {
    ByIndex,
    ByCursor,
}

/// Whether a client that pages by index goes on after so many resources.
fn is_short(page: &Value, read: usize) -> bool {
    page["itemsPerPage"] != 0 && (read as u64) < page["totalResults"].as_u64().unwrap()
}

/// Reads all users, page by page.
async fn users(bridged: &Bridged, client: Client, query: &str) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let place = match client {
            Client::ByIndex => format!("startIndex={}", all.len() + 1),
            Client::ByCursor => format!("cursor={cursor}"),
        };
        let (status, page) = bridged.get(&format!("/Users?{place}&{query}")).await;
        assert_eq!(status, 200, "{page}");
        all.extend(ids(&page));
        match (client, page["nextCursor"].as_str()) {
            (Client::ByIndex, _) if is_short(&page, all.len()) => {}
            (Client::ByCursor, Some(next)) => next.clone_into(&mut cursor),
            (Client::ByIndex | Client::ByCursor, _) => return all,
        }
    }
}

/// Reads all resources of all types, page by page.
async fn everything(bridged: &Bridged, client: Client, count: usize, sort: Option<&str>) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let mut search = json!({ "count": count, "sortBy": sort });
        match client {
            Client::ByIndex => search["startIndex"] = json!(all.len() + 1),
            Client::ByCursor => search["cursor"] = json!(cursor),
        }
        let (status, page) = bridged.search(search).await;
        assert_eq!(status, 200, "{page}");
        all.extend(ids(&page));
        match (client, page["nextCursor"].as_str()) {
            (Client::ByIndex, _) if is_short(&page, all.len()) => {}
            (Client::ByCursor, Some(next)) => next.clone_into(&mut cursor),
            (Client::ByIndex | Client::ByCursor, _) => return all,
        }
    }
}

/// The ids that a directory shows, in its order.
fn shown(shape: &Shape) -> Vec<usize> {
    (1..=shape.users).filter(|id| !(shape.hides && id.is_multiple_of(5))).collect()
}

fn texts(ids: impl IntoIterator<Item = usize>) -> Vec<String> {
    ids.into_iter().map(|id| id.to_string()).collect()
}

/// The first call that was made twice.
fn twice(asked: &[String]) -> Option<&String> {
    let mut seen = HashSet::new();
    asked.iter().find(|target| !seen.insert(*target))
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
}

fn shape() -> impl Strategy<Value = Shape> {
    let style = (0..STYLES.len()).prop_map(|index| STYLES[index]);
    (style, 0..70_usize, 0..4_usize, 1..20_usize, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(style, users, groups, size, asks, tells, hides)| Shape { style, users, groups, size, asks, tells, hides },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn an_import_sees_each_user_once_and_reads_no_page_twice(shape in shape(), count in 1..25_usize) {
        let want = texts(shown(&shape));
        for client in [Client::ByIndex, Client::ByCursor] {
            let bridged = Bridged::new(shape.clone());
            let query = format!("count={count}");
            let all = runtime().block_on(users(&bridged, client, &query));
            prop_assert_eq!(&all, &want, "{:?}", client);
            let asked = bridged.directory.asked();
            prop_assert_eq!(twice(&asked), None, "{:?}: {:#?}", client, asked);
        }
    }

    #[test]
    fn an_import_in_an_order_sees_each_user_once(shape in shape(), count in 1..25_usize, descending: bool) {
        let mut want = shown(&shape);
        let key = |id: &usize| title(*id).map_or((1, String::new()), |title| (0, title.to_lowercase()));
        if descending {
            want.sort_by_key(|id| std::cmp::Reverse(key(id)));
        } else {
            want.sort_by_key(key);
        }
        let order = if descending { "descending" } else { "ascending" };
        for client in [Client::ByIndex, Client::ByCursor] {
            let bridged = Bridged::new(shape.clone());
            let query = format!("count={count}&sortBy=title&sortOrder={order}");
            prop_assert_eq!(runtime().block_on(users(&bridged, client, &query)), texts(want.clone()), "{:?}", client);
        }
    }

    #[test]
    fn what_a_filter_finds_is_seen_once_in_every_order(shape in shape(), count in 1..25_usize, descending: bool) {
        let is_wanted = |id: &usize| title(*id).is_some_and(|title| title.to_lowercase().starts_with("t1"));
        let want: Vec<usize> = shown(&shape).into_iter().filter(is_wanted).collect();
        let mut sorted = want.clone();
        let key = |id: &usize| title(*id).map(|title| title.to_lowercase());
        if descending {
            sorted.sort_by_key(|id| std::cmp::Reverse(key(id)));
        } else {
            sorted.sort_by_key(key);
        }
        let order = if descending { "descending" } else { "ascending" };
        let filter = format!("count={count}&filter=title%20sw%20%22t1%22");
        for client in [Client::ByIndex, Client::ByCursor] {
            let bridged = Bridged::new(shape.clone());
            prop_assert_eq!(runtime().block_on(users(&bridged, client, &filter)), texts(want.clone()), "{:?}", client);
            let query = format!("{filter}&sortBy=title&sortOrder={order}");
            prop_assert_eq!(runtime().block_on(users(&bridged, client, &query)), texts(sorted.clone()), "{:?}", client);
        }
    }

    #[test]
    fn a_search_over_all_types_sees_each_resource_once(shape in shape(), count in 1..25_usize) {
        let mut want = texts(shown(&shape));
        want.extend((1..=shape.groups).map(|id| format!("g{id}")));
        for client in [Client::ByIndex, Client::ByCursor] {
            let bridged = Bridged::new(shape.clone());
            prop_assert_eq!(&runtime().block_on(everything(&bridged, client, count, None)), &want, "{:?}", client);
            let mut sorted = runtime().block_on(everything(&bridged, client, count, Some("title")));
            let mut all = want.clone();
            sorted.sort_unstable();
            all.sort_unstable();
            prop_assert_eq!(sorted, all, "{:?}, in an order", client);
        }
    }
}

fn large() -> Shape {
    Shape { style: Style::Number, users: 5_000, groups: 3, size: 100, asks: true, tells: true, hides: false }
}

#[tokio::test]
async fn five_thousand_users_are_imported_by_one_call_a_page() {
    for (client, count, calls) in
        [(Client::ByIndex, 100, 50), (Client::ByCursor, 100, 50), (Client::ByCursor, 1_000, 50)]
    {
        let bridged = Bridged::new(large());
        let all = users(&bridged, client, &format!("count={count}")).await;
        assert_eq!(all, texts(1..=5_000), "{client:?}");
        let asked = bridged.directory.asked();
        assert_eq!((asked.len(), twice(&asked)), (calls, None), "{client:?}");
    }
}

#[tokio::test]
async fn what_a_cursor_page_says() {
    let bridged = Bridged::new(large());
    let (_, page) = bridged.get("/Users?cursor=&count=10").await;
    assert_eq!((&page["totalResults"], &page["itemsPerPage"]), (&json!(5_000), &json!(10)));
    assert!(page.get("startIndex").is_none(), "an index says nothing here");
    let cursor = page["nextCursor"].as_str().unwrap().to_owned();
    let refusals = [
        ("made up", "cursor=abc&count=10".to_owned(), "invalidCursor"),
        ("of another filter", format!("cursor={cursor}&count=10&filter=title%20pr"), "invalidCursor"),
        ("of another order", format!("cursor={cursor}&count=10&sortBy=userName"), "invalidCursor"),
        ("with another count", format!("cursor={cursor}&count=11"), "invalidCount"),
        ("with no count that a page can have", format!("cursor={cursor}&count=0"), "invalidCount"),
        ("with an index", format!("cursor={cursor}&count=10&startIndex=11"), "invalidValue"),
    ];
    bridged.directory.asked();
    for (name, query, want) in refusals {
        let (status, error) = bridged.get(&format!("/Users?{query}")).await;
        assert_eq!((status, error["scimType"].as_str()), (400, Some(want)), "{name}: {error}");
    }
    let (_, error) = bridged.get(&format!("/Groups?cursor={cursor}&count=10")).await;
    assert_eq!(error["scimType"], "invalidCursor", "of another type");
    let other = Bridged::new(large());
    let (_, error) = other.get(&format!("/Users?cursor={cursor}&count=10")).await;
    assert_eq!(error["scimType"], "invalidCursor", "of another process");
    assert_eq!(bridged.directory.asked(), [""; 0], "nobody was asked");
    for _ in 0..2 {
        let (_, page) = bridged.get(&format!("/Users?cursor={cursor}&count=10")).await;
        assert_eq!(ids(&page), texts(11..=20), "a cursor can be used again");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cursor_that_is_used_too_late_has_expired() {
    let bridged = Bridged::new(large());
    let (_, page) = bridged.get("/Users?cursor=&count=10").await;
    tokio::time::advance(std::time::Duration::from_secs(601)).await;
    let cursor = page["nextCursor"].as_str().unwrap();
    let (status, error) = bridged.get(&format!("/Users?cursor={cursor}&count=10")).await;
    assert_eq!((status, &error["scimType"]), (400, &json!("expiredCursor")));
}

#[tokio::test]
async fn a_filter_about_the_type_reads_no_other_type() {
    let bridged = Bridged::new(Shape { users: 30, ..large() });
    let cases = [
        // (name, filter, total, calls)
        ("groups", r#"meta.resourceType eq "Group""#, 3, vec!["/groups"]),
        ("users, without a search", r#"meta.resourceType eq "User""#, 30, vec!["/users?page=1&size=100"]),
        ("an attribute of groups alone", r#"displayName eq "G2""#, 1, vec!["/groups"]),
        ("no type at all", r#"meta.resourceType eq "Device""#, 0, vec![]),
        ("an attribute that nobody has", "nickName pr", 0, vec![]),
        (
            "of users, with a search",
            r#"meta.resourceType eq "User" and title eq "t9""#,
            3,
            vec!["/users?page=1&size=100"],
        ),
    ];
    for (name, filter, total, calls) in cases {
        let (status, found) = bridged.search(json!({ "filter": filter })).await;
        assert_eq!((status, &found["totalResults"]), (200, &json!(total)), "{name}: {found}");
        assert_eq!(bridged.directory.asked(), calls, "{name}");
    }
}

#[tokio::test]
async fn attributes_of_one_type_are_named_by_its_urn() {
    let bridged = Bridged::new(Shape { users: 1, groups: 1, ..large() });
    let names = ["urn:ietf:params:scim:schemas:core:2.0:User:userName"];
    let (_, found) = bridged.search(json!({ "attributes": names })).await;
    let only = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(only(&found["Resources"][0]), ["schemas", "id", "userName"]);
    assert_eq!(only(&found["Resources"][1]), ["schemas", "id"]);
}

#[tokio::test]
async fn an_order_of_more_than_may_be_read_is_refused_with_its_reason() {
    let bridged = Bridged::new(large());
    let (status, error) = bridged.get("/Users?sortBy=userName").await;
    assert_eq!((status, &error["scimType"]), (400, &json!("tooMany")));
    let detail = error["detail"].as_str().unwrap();
    assert!(detail.starts_with("the application cannot sort by `userName`"), "{detail}");
    let (status, _) = bridged.get("/Users?sortBy=name").await;
    assert_eq!(status, 200, "no user has a name here, so there is nothing to sort by");
}

#[tokio::test]
async fn a_change_makes_kept_pages_stale() {
    let bridged = Bridged::new(Shape { asks: false, ..large() });
    let half = || bridged.get("/Users?startIndex=51&count=50");
    bridged.get("/Users?startIndex=1&count=50").await;
    half().await;
    assert_eq!(bridged.directory.asked().len(), 1, "the page was kept");
    bridged.remove("/Users/7").await;
    bridged.directory.asked();
    half().await;
    assert_eq!(bridged.directory.asked().len(), 1, "it was read anew");
}
