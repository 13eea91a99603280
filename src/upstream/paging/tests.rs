use super::*;
use crate::mapping::call::Purpose;
use crate::upstream::sample::{answer, compile};

fn list(keys: &str) -> Call {
    compile(&format!("[User]\nlist = {{ items = \"$.users[*]\", {keys} }}"), Purpose::List).1
}

fn at(page: u64, offset: u64, cursor: Option<&str>) -> Position {
    Position { page, offset, count: 10, cursor: cursor.map(Value::from) }
}

/// What follows, in short: `done`, the fault's beginning, or the next page, offset and cursor.
fn short(next: Next) -> String {
    match next {
        Next::Done => "done".into(),
        Next::Fault(reason) => reason.split(' ').take(4).collect::<Vec<_>>().join(" "),
        Next::Page(position) => {
            let cursor = match position.cursor {
                Some(Value::String(text)) => text,
                other => other.map_or_else(String::new, |cursor| cursor.to_string()),
            };
            format!("{} {} {cursor}", position.page, position.offset).trim_end().into()
        }
    }
}

#[test]
fn the_holes_and_next_say_how_a_list_is_paged() {
    let table = [
        ("nothing", r#"call = "GET /u""#, Paging::Once),
        ("a page", r#"call = "GET /u?p={page}&n={count}""#, Paging::Page),
        ("an offset", r#"call = "GET /u?o={offset}""#, Paging::Offset),
        ("the last record", r#"call = "GET /u?r={offset}-{last}""#, Paging::Offset),
        ("a cursor", r#"call = "GET /u?c={cursor?}", next = "$.next""#, Paging::Cursor),
        ("a next URL", r#"call = "GET /u?n={count}", next = "$.next""#, Paging::NextUrl),
        ("a link", r#"call = "GET /u?p={page}", next = "link""#, Paging::NextUrl),
    ];
    for (name, keys, expected) in table {
        assert_eq!(Paging::of(&list(keys)), expected, "{name}");
    }
    let start = Paging::start(&list(r#"call = "GET /u?p={page}", page = { first = 0, size = 50 }"#));
    assert_eq!(start, Position { page: 0, offset: 0, count: 50, cursor: None });
}

#[test]
fn windows_end_where_the_records_do() {
    let (page, offset) = (r#"call = "GET /u?p={page}&n={count}""#, r#"call = "GET /u?o={offset}&n={count}""#);
    let total = r#", total = "$.total""#;
    let table = [
        ("a full page without a total goes on", page, "", at(1, 0, None), 10, "{}", "2 10"),
        ("a short page without a total ends", page, "", at(3, 20, None), 9, "{}", "done"),
        ("an empty page without a total ends", page, "", at(3, 20, None), 0, "{}", "done"),
        ("a full page before the total", page, total, at(1, 0, None), 10, r#"{"total":11}"#, "2 10"),
        ("a full page at the total", page, total, at(2, 10, None), 10, r#"{"total":20}"#, "done"),
        (
            "a short page before the total loses records",
            page,
            total,
            at(1, 0, None),
            5,
            r#"{"total":20}"#,
            "a page is shorter",
        ),
        (
            "an empty page before the total loses records",
            page,
            total,
            at(2, 10, None),
            0,
            r#"{"total":20}"#,
            "a page is empty",
        ),
        ("an offset goes on from what came", offset, total, at(1, 0, None), 5, r#"{"total":20}"#, "2 5"),
        ("an offset ends at the total", offset, total, at(2, 15, None), 5, r#"{"total":20}"#, "done"),
        (
            "an offset that gets nothing loses records",
            offset,
            total,
            at(2, 15, None),
            0,
            r#"{"total":20}"#,
            "a page is empty",
        ),
        ("a total that is missing is unknown", page, total, at(1, 0, None), 10, "{}", "2 10"),
        ("a negative total is unknown", page, total, at(1, 0, None), 3, r#"{"total":-5}"#, "done"),
        ("a total in words is unknown", page, total, at(1, 0, None), 3, r#"{"total":"many"}"#, "done"),
        ("an absurd total is unknown", page, total, at(1, 0, None), 3, r#"{"total":1000000000000}"#, "done"),
        ("nothing to page", r#"call = "GET /u""#, "", at(1, 0, None), 10, "{}", "done"),
    ];
    for (name, keys, more, position, received, body, expected) in table {
        let call = list(&format!("{keys}{more}"));
        let next = Paging::of(&call).next(&call, &answer(200, &[], body), &position, received);
        assert_eq!(short(next), expected, "{name}");
    }
    let call = list(page);
    let mut last = answer(200, &[], "{}");
    last.ends_list = true;
    assert_eq!(Paging::Page.next(&call, &last, &at(1, 0, None), 10), Next::Done, "a row says `empty`");
}

#[test]
fn links_lead_on_within_the_origin() {
    let (cursor, url) =
        (r#"call = "GET /u?c={cursor?}", next = "$.next""#, r#"call = "GET /u?page=1", next = "$.next""#);
    let table = [
        ("a cursor", cursor, at(1, 0, None), r#"{"next":"abc"}"#, "2 10 abc"),
        ("a number as a cursor", cursor, at(1, 0, None), r#"{"next":7}"#, "2 10 7"),
        (
            "a table as a cursor",
            cursor,
            at(1, 0, None),
            r#"{"next":{"after":"b","n":2}}"#,
            r#"2 10 {"after":"b","n":2}"#,
        ),
        ("a list as a cursor", cursor, at(1, 0, None), r#"{"next":["b",2]}"#, r#"2 10 ["b",2]"#),
        ("an empty table", cursor, at(1, 0, None), r#"{"next":{}}"#, "done"),
        ("an empty list", cursor, at(1, 0, None), r#"{"next":[]}"#, "done"),
        ("no cursor", cursor, at(2, 10, Some("abc")), "{}", "done"),
        ("null", cursor, at(2, 10, Some("abc")), r#"{"next":null}"#, "done"),
        ("an empty cursor", cursor, at(2, 10, Some("abc")), r#"{"next":""}"#, "done"),
        ("false", cursor, at(2, 10, Some("abc")), r#"{"next":false}"#, "done"),
        ("the same cursor again", cursor, at(2, 10, Some("abc")), r#"{"next":"abc"}"#, "the next page is"),
        (
            "a URL",
            url,
            at(1, 0, None),
            r#"{"next":"http://127.0.0.1/v1/u?page=2"}"#,
            "2 10 http://127.0.0.1/v1/u?page=2",
        ),
        ("a relative URL", url, at(1, 0, None), r#"{"next":"?page=2"}"#, "2 10 http://127.0.0.1/v1/u?page=2"),
        ("a path", url, at(1, 0, None), r#"{"next":"/v2/u"}"#, "2 10 http://127.0.0.1/v2/u"),
        ("the page itself", url, at(1, 0, None), r#"{"next":"http://127.0.0.1/v1/u?page=1"}"#, "the next page is"),
        ("another host", url, at(1, 0, None), r#"{"next":"http://evil.example/v1/u?page=2"}"#, "the next page is"),
        ("another port", url, at(1, 0, None), r#"{"next":"http://127.0.0.1:81/v1/u?page=2"}"#, "the next page is"),
        ("another scheme", url, at(1, 0, None), r#"{"next":"file:///etc/passwd"}"#, "the next page is"),
        ("another host by its beginning", url, at(1, 0, None), r#"{"next":"//evil.example/"}"#, "the next page is"),
        ("credentials in the URL", url, at(1, 0, None), r#"{"next":"http://a:b@127.0.0.1/"}"#, "the next page is"),
    ];
    for (name, keys, position, body, expected) in table {
        let call = list(keys);
        let next = Paging::of(&call).next(&call, &answer(200, &[], body), &position, 10);
        assert_eq!(short(next), expected, "{name}");
    }
}

#[test]
fn the_next_link_is_found_among_others() {
    let table = [
        ("the only one", r#"<https://h/?page=2>; rel="next""#, Some("https://h/?page=2")),
        ("without quotes", "<https://h/?page=2>; rel=next", Some("https://h/?page=2")),
        (
            "behind another",
            r#"<https://h/?a=1,2>; rel="prev"; title="a, b", <https://h/?page=2>; rel="next""#,
            Some("https://h/?page=2"),
        ),
        ("one of several relations", r#"<u>; title=x; REL="last Next""#, Some("u")),
        ("no next", r#"<https://h/>; rel="prev""#, None),
        ("a title is no relation", r#"<https://h/>; title="rel=next""#, None),
        ("garbage", "next", None),
        ("never closed", "<https://h/", None),
    ];
    for (name, header, expected) in table {
        let headers = [(LINK, header.parse().unwrap())].into_iter().collect();
        assert_eq!(link_next(&headers).as_deref(), expected, "{name}");
    }
}
