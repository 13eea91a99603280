use serde_json::json;

use super::*;
use crate::mapping::diagnostic::Diagnostics;
use crate::mapping::source::Source;
use crate::transcript::parse;

/// A call as written in a transcript.
fn expected(text: &str) -> Call {
    let source = Source::new("t.scim", format!("== t\nGET /Users\n{text}\n<- 200\n200\n"));
    let mut found = Diagnostics::new("t.scim");
    let mut file = parse::parse(&source, &mut found);
    assert!(found.found.is_empty(), "{text}: {:?}", found.found);
    file.transcripts.remove(0).exchanges.remove(0).calls.remove(0)
}

fn sent(line: &str, headers: &[(&str, &str)], body: &str) -> Request {
    let (method, url) = line.split_once(' ').unwrap();
    let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
    Request {
        method: method.parse().unwrap(),
        url: Url::parse(&format!("https://api.example{url}")).unwrap(),
        headers: headers.collect(),
        body: (!body.is_empty()).then(|| Bytes::from(body.to_owned())),
        timeout: std::time::Duration::from_secs(1),
        max_body: 1 << 20,
    }
}

#[test]
fn a_call_is_the_same_in_every_spelling_that_means_the_same() {
    let form = ("content-type", "application/x-www-form-urlencoded");
    let (json, xml) = (("content-type", "application/json"), ("content-type", "text/xml; charset=utf-8"));
    let parts = ("content-type", "multipart/form-data; boundary=b");
    let two = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx=y\r\n--b\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n\r\n--b--\r\n";
    let cases: [(&str, &str, Request, bool); 27] = [
        ("a path", "-> GET /users/7", sent("GET /v1/users/7", &[], ""), true),
        ("the base alone", "-> POST", sent("POST /v1", &[], ""), true),
        ("another method", "-> PUT /users/7", sent("GET /v1/users/7", &[], ""), false),
        ("another path", "-> GET /users/8", sent("GET /v1/users/7", &[], ""), false),
        ("an encoded path", "-> GET /users/a@b ü", sent("GET /v1/users/a%40b%20%C3%BC", &[], ""), true),
        ("a slash within a segment", "-> GET /users/a%2Fb", sent("GET /v1/users/a%2fb", &[], ""), true),
        ("a slash is no encoded slash", "-> GET /users/a/b", sent("GET /v1/users/a%2Fb", &[], ""), false),
        ("outside the base", "-> GET https://api.example/v2/x", sent("GET /v2/x", &[], ""), true),
        ("a longer name than the base", "-> GET /x", sent("GET /v12/x", &[], ""), false),
        ("parameters in another order", "-> GET /u?b=2&a=1", sent("GET /v1/u?a=1&b=2", &[], ""), true),
        ("one twice", "-> GET /u?a=1&a=2", sent("GET /v1/u?a=2&a=1", &[], ""), true),
        ("one too few", "-> GET /u?a=1&a=1", sent("GET /v1/u?a=1", &[], ""), false),
        ("one too many", "-> GET /u?a=1", sent("GET /v1/u?a=1&b=2", &[], ""), false),
        ("a readable value", "-> GET /u?q=a \"b\"/c", sent("GET /v1/u?q=a+%22b%22%2Fc", &[], ""), true),
        ("a header of several", "-> GET /u\nX-Key: k", sent("GET /v1/u", &[("x-key", "k"), ("x-b", "2")], ""), true),
        ("a header less", "-> GET /u\nX-Key: k", sent("GET /v1/u", &[], ""), false),
        (
            "members in another order",
            "-> POST /u\n{ \"b\": [1], \"a\": 2 }",
            sent("POST /v1/u", &[json], r#"{"a":2,"b":[1]}"#),
            true,
        ),
        ("a member more", "-> POST /u\n{ \"a\": 2 }", sent("POST /v1/u", &[json], r#"{"a":2,"b":[1]}"#), false),
        ("another number", "-> POST /u\n{ \"a\": 1 }", sent("POST /v1/u", &[json], r#"{"a":1.0}"#), false),
        ("parts by lines", "-> POST /u\nb=\na=x=y", sent("POST /v1/u", &[parts], two), true),
        ("a part less", "-> POST /u\na=x=y", sent("POST /v1/u", &[parts], two), false),
        ("parts cut off", "-> POST /u\nb=\na=x=y", sent("POST /v1/u", &[parts], &two[..two.len() - 4]), false),
        ("a form by lines", "-> POST /u\nb=x & y\na=ü", sent("POST /v1/u", &[form], "a=%C3%BC&b=x+%26+y"), true),
        ("a form as sent", "-> POST /u\na=%C3%BC&b=x+%26+y", sent("POST /v1/u", &[form], "a=%C3%BC&b=x+%26+y"), true),
        ("a field's values in order", "-> POST /u\na=1\na=2", sent("POST /v1/u", &[form], "a=2&a=1"), false),
        (
            "XML with white space",
            "-> POST /u\n\n<a>\n  <b>x y</b>\n</a>",
            sent("POST /v1/u", &[xml], "<a><b>x y</b></a>"),
            true,
        ),
        ("XML with another text", "-> POST /u\n\n<a> x</a>", sent("POST /v1/u", &[xml], "<a>x</a>"), false),
    ];
    let base = Url::parse("https://api.example/v1").unwrap();
    for (name, text, request, same) in cases {
        let pair = call(&expected(text), &request, &base);
        assert_eq!(pair.is_none(), same, "{name}: {pair:?}");
    }
}

#[test]
fn credentials_of_http_basic_may_be_written_plainly() {
    let base = Url::parse("https://api.example").unwrap();
    let request = sent("GET /u", &[("authorization", "Basic dTpw")], "");
    assert_eq!(call(&expected("-> GET /u\nAuthorization: Basic u:p"), &request, &base), None);
    assert_eq!(call(&expected("-> GET /u\nAuthorization: Basic dTpw"), &request, &base), None);
    let pair = call(&expected("-> GET /u\nAuthorization: Basic u:q"), &request, &base).unwrap();
    assert_eq!(pair.got, "-> GET /u\nAuthorization: Basic u:p");
}

#[test]
fn an_answer_may_hold_more_than_is_asked_but_lists_are_whole() {
    let cases = [
        ("nothing asked", json!({ "a": 1 }), None, true),
        ("a part", json!({ "a": 1, "b": { "c": 2, "d": 3 } }), Some(json!({ "b": { "d": 3 } })), true),
        ("another value", json!({ "a": 1 }), Some(json!({ "a": 2 })), false),
        ("a member less", json!({ "a": 1 }), Some(json!({ "b": null })), false),
        ("parts of elements", json!([{ "a": 1, "b": 2 }, { "a": 3 }]), Some(json!([{ "a": 1 }, {}])), true),
        ("an element more", json!([1, 2]), Some(json!([1])), false),
        ("an element less", json!([1]), Some(json!([1, 2])), false),
        ("another order of elements", json!([1, 2]), Some(json!([2, 1])), false),
    ];
    for (name, got, wanted, same) in cases {
        let expected = Reply { lines: 1..2, status: 200, headers: HeaderMap::new(), body: wanted, absent: Vec::new() };
        let pair = reply(&expected, 200, &HeaderMap::new(), &got.to_string().into());
        assert_eq!(pair.is_none(), same, "{name}: {pair:?}");
    }
}
