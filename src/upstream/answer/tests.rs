use super::*;
use crate::mapping::call::Purpose;
use crate::upstream::sample::{answer, compile};

fn list(items: &str) -> Call {
    compile(&format!("[User]\nlist = {{ call = \"GET /u\", items = \"{items}\" }}"), Purpose::List).1
}

/// The items' texts, or `None` where the answer is broken.
fn items(path: &str, body: &str) -> Option<Vec<String>> {
    let answer = answer(200, &[], body);
    let items = answer.items(&list(path));
    assert!(
        !matches!(items, Err(ref error) if !matches!(error, Error::Unreadable { status: Some(200), .. })),
        "{items:?}"
    );
    items.ok().map(|items| items.iter().map(|item| (*item).to_owned()).collect())
}

#[test]
fn items_are_cut_out_as_they_were_written() {
    let table: [(&str, &str, &str, Option<&[&str]>); 22] = [
        ("plain names", "$.a.b[*]", r#"{"x":[],"a":{"b":[{"n":1.10}, 2]}}"#, Some(&[r#"{"n":1.10}"#, "2"])),
        ("the body itself", "$[*]", r#" [{"id":1},{"id":2}] "#, Some(&[r#"{"id":1}"#, r#"{"id":2}"#])),
        ("the list without a wildcard", "$.a", r#"{"a":[1]}"#, Some(&["1"])),
        (
            "a table without a wildcard is the one item",
            "$.a",
            r#"{"a":{"x":1,"y":"z"}}"#,
            Some(&[r#"{"x":1,"y":"z"}"#]),
        ),
        ("and so is the body", "$", r#"{"x":1,"y":"z"}"#, Some(&[r#"{"x":1,"y":"z"}"#])),
        ("nothing where the one item should be", "$.a", r#"{"a":null}"#, Some(&[])),
        ("text where the one item should be", "$.a", r#"{"a":"none"}"#, None),
        ("the members of a table", "$.a[*]", r#"{"a":{"x":1,"y":2}}"#, Some(&["1", "2"])),
        ("an escaped name", "$.a[*]", r#"{"\u0061":[1]}"#, Some(&["1"])),
        ("a name that comes twice", "$.a[*]", r#"{"a":[1],"a":[2]}"#, Some(&["2"])),
        ("an empty list", "$.a[*]", r#"{"a":[]}"#, Some(&[])),
        ("null is an empty list", "$.a[*]", r#"{"a":null}"#, Some(&[])),
        ("a missing list is no empty one", "$.a[*]", r#"{"error":"x"}"#, None),
        ("a missing parent", "$.a.b[*]", r#"{"a":[]}"#, None),
        ("text where the list should be", "$.a[*]", r#"{"a":"none"}"#, None),
        ("a body that is no object", "$.a[*]", "[1]", None),
        ("an empty body", "$.a[*]", "", None),
        ("half a body", "$.a[*]", r#"{"a":[1,2"#, None),
        ("something behind the body", "$.a[*]", r#"{"a":[1]} x"#, None),
        ("a filter", "$.a[?@.k == 1]", r#"{"a":[{"k":1},{"k":2}]}"#, Some(&[r#"{"k":1}"#])),
        ("a filter that selects nothing", "$.a[?@.k == 3]", r#"{"a":[{"k":1}]}"#, Some(&[])),
        ("a filter below nothing", "$.a[?@.k == 3]", r#"{"b":[]}"#, None),
    ];
    for (name, path, body, expected) in table {
        let expected = expected.map(|items| items.iter().map(|item| (*item).to_owned()).collect());
        assert_eq!(items(path, body), expected, "{name}");
    }
}

#[test]
fn deep_json_is_cut_out_without_recursion() {
    let deep = format!("{{\"a\":[{}{}]}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(items("$.a[*]", &deep).map(|items| items.len()), Some(1));
    assert_eq!(answer(200, &[], &deep).value(), None);
}

#[test]
fn the_record_is_cut_out_as_it_was_written() {
    let table = [
        ("the body", "$", r#"{"n":1.10}"#, Some(r#"{"n":1.10}"#)),
        (
            "below names",
            "$.data.user",
            r#"{"data":{"user":{"id":98765432109876543210}}}"#,
            Some(r#"{"id":98765432109876543210}"#),
        ),
        ("nothing there", "$.data.user", r#"{"data":{}}"#, None),
        ("null there", "$.user", r#"{"user":null}"#, None),
        ("an empty body", "$", "", None),
        ("an element", "$[0]", r#"[{"id":1}]"#, Some(r#"{"id":1}"#)),
        ("no element", "$[0]", "[]", None),
    ];
    for (name, path, body, expected) in table {
        let call = compile(&format!("[User]\nget = {{ call = \"GET /u\", item = \"{path}\" }}"), Purpose::Get).1;
        let answer = answer(200, &[], body);
        assert_eq!(answer.item(&call).unwrap().as_deref(), expected, "{name}");
    }
    let call = compile("[User]\nget = \"GET /u\"", Purpose::Get).1;
    assert!(matches!(answer(200, &[], "{\"half").item(&call), Err(Error::Unreadable { .. })));
    let text = answer(200, &[("content-type", "text/plain")], "42");
    assert_eq!(text.item(&call).unwrap().as_deref(), Some("\"42\""), "plain text is a string");
}

#[test]
fn sources_give_values() {
    let text = r#"
[User.create]
call = "POST /u"
[User.create.capture]
token = "$.result.token"
gone = "$.gone"
missing = "$.missing"
id = { header = "Location", text = "{_}/users/{}" }
whole = { header = "X-Whole" }
other = { header = "X-Whole", text = "b{}" }
escaped = { header = "Content-Location", text = "/u/{}/x" }
link = { header = "Link", text = "<{}>" }
plain = { header = "X-Plain", text = "n={}" }
"#;
    let call = compile(text, Purpose::Create).1;
    let headers = [
        ("location", "https://h/users/x/users/42"),
        ("x-whole", "abc"),
        ("content-location", "/u/a%2Fb%20%C3%BC/x"),
        ("link", "<a%20b>"),
        ("x-plain", "n=a%20b"),
    ];
    let answer = answer(201, &headers, r#"{"result":{"token":{"a":1}},"gone":null}"#);
    let captured: Vec<_> = answer.captured(&call).map(|(name, value)| (name, value.to_string())).collect();
    let expected = [
        ("token", r#"{"a":1}"#),
        ("id", "\"42\""),
        ("whole", "\"abc\""),
        ("escaped", "\"a/b ü\""),
        ("link", "\"a%20b\""),
        ("plain", "\"a%20b\""),
    ];
    assert_eq!(captured, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn a_total_in_a_header_is_text() {
    let text = "[User]\nlist = { call = \"GET /u\", items = \"$[*]\", total = { header = \"X-Total\" } }";
    let call = compile(text, Purpose::List).1;
    for (header, expected) in [("250", Some(250)), ("-1", None), ("many", None)] {
        assert_eq!(answer(200, &[("x-total", header)], "[]").total(&call), expected, "{header}");
    }
}
