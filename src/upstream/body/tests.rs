use serde_json::json;

use super::*;
use crate::mapping::call::FormArrays;
use crate::mapping::hole::Template;

fn sent(record: &Value, format: Format) -> Result<Option<String>, FillError> {
    sent_as(record, format, &FormStyle::default())
}

fn sent_as(record: &Value, format: Format, style: &FormStyle) -> Result<Option<String>, FillError> {
    let body = BodyTemplate::of(Template::parse("{record}").unwrap());
    let scope = Scope { sent: Some(record), ..Scope::default() };
    let encoded = encode(&body, (format, style), &scope)?;
    Ok(encoded.map(|encoded| String::from_utf8(encoded.bytes.to_vec()).unwrap()))
}

#[test]
fn a_form_names_what_is_nested() {
    let table = [
        ("texts, numbers, booleans", json!({ "a": "x y&z=1", "n": 7, "b": true }), "a=x+y%26z%3D1&n=7&b=true"),
        ("null is an empty field", json!({ "a": null }), "a="),
        ("a table", json!({ "a": { "b": { "c": 1 } } }), "a%5Bb%5D%5Bc%5D=1"),
        ("a list repeats", json!({ "a": ["x", "y"] }), "a=x&a=y"),
        ("an empty list is nothing", json!({ "a": [], "b": 1 }), "b=1"),
        ("names are encoded too", json!({ "a&b": 1 }), "a%26b=1"),
    ];
    for (name, record, expected) in table {
        assert_eq!(sent(&record, Format::Form), Ok(Some(expected.to_owned())), "{name}");
    }
    assert_eq!(sent(&json!([1]), Format::Form), Err(FillError::Unfit("record".into(), "form")));
}

#[test]
fn a_form_writes_lists_and_booleans_as_its_style_says() {
    let record = json!({ "a": ["x", true], "b": { "c": [{ "d": 1 }, { "d": 2 }] }, "e": false });
    let words = Some(("1".to_owned(), "0".to_owned()));
    let table = [
        (FormArrays::Repeat, None, "a=x&a=true&b[c][d]=1&b[c][d]=2&e=false"),
        (FormArrays::Brackets, words.clone(), "a[]=x&a[]=1&b[c][][d]=1&b[c][][d]=2&e=0"),
        (FormArrays::Indexed, words, "a[0]=x&a[1]=1&b[c][0][d]=1&b[c][1][d]=2&e=0"),
    ];
    for (arrays, bools, expected) in table {
        let body = sent_as(&record, Format::Form, &FormStyle { arrays, bools }).unwrap().unwrap();
        assert_eq!(body.replace("%5B", "[").replace("%5D", "]"), expected);
    }
}

#[test]
fn parts_are_the_fields_of_a_form_as_they_are() {
    let body = BodyTemplate::of(Template::parse("{record}").unwrap());
    let style = FormStyle { arrays: FormArrays::Brackets, bools: Some(("1".to_owned(), "0".to_owned())) };
    let encoded = |record: &Value| {
        let scope = Scope { sent: Some(record), ..Scope::default() };
        encode(&body, (Format::Multipart, &style), &scope).unwrap().unwrap()
    };
    let record = json!({ "a\"b": "x&y\r\n--z", "c": { "d": [true, "Ä"] }, "e": null });
    let (one, again) = (encoded(&record), encoded(&record));
    assert_eq!(one, again, "the same record is the same bytes");
    let media_type = one.media_type.to_str().unwrap();
    let boundary = media_type.strip_prefix("multipart/form-data; boundary=").unwrap();
    let part = |name: &str, text: &str| {
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    };
    let parts = [part("a%22b", "x&y\r\n--z"), part("c[d][]", "1"), part("c[d][]", "Ä"), part("e", "")].concat();
    assert_eq!(String::from_utf8_lossy(&one.bytes), format!("{parts}--{boundary}--\r\n"));
    assert_ne!(one.media_type, encoded(&json!({ "a": "x" })).media_type, "another record has another boundary");
    assert_eq!(sent(&json!(["x"]), Format::Multipart), Err(FillError::Unfit("record".into(), "body of parts")));
}

#[test]
fn xml_has_elements_for_members_and_attributes_for_those_with_an_at() {
    let table = [
        (
            "texts",
            json!({ "u": { "id": 42, "on": true, "n": "<A & \"B\">\n" } }),
            "<u><id>42</id><on>true</on><n>&lt;A &amp; &quot;B&quot;&gt;&#10;</n></u>",
        ),
        (
            "no value is an empty element",
            json!({ "u": { "a": null, "b": "", "c": {}, "d": [] } }),
            "<u><a/><b/><c/></u>",
        ),
        (
            "a list is its element again",
            json!({ "u": { "a": ["x", ["y"], { "b": 1 }] } }),
            "<u><a>x</a><a>y</a><a><b>1</b></a></u>",
        ),
        (
            "attributes wherever they stand",
            json!({ "u": { "a": 1, "@t": "\"<\t", "@n": null } }),
            "<u t=\"&quot;&lt;&#9;\" n=\"\"><a>1</a></u>",
        ),
        ("text beside an attribute", json!({ "u": { "@t": 1, "#text": "x" } }), "<u t=\"1\">x</u>"),
        ("a prefix", json!({ "s:E": { "@xmlns:s": "urn:x", "s:B": null } }), "<s:E xmlns:s=\"urn:x\"><s:B/></s:E>"),
        ("the root alone", json!({ "u": null }), "<u/>"),
    ];
    for (name, record, expected) in table {
        let expected = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{expected}");
        assert_eq!(sent(&record, Format::Xml), Ok(Some(expected)), "{name}");
    }
}

#[test]
fn xml_refuses_what_it_cannot_hold() {
    let table = [
        ("two roots", json!({ "a": 1, "b": 2 }), "b"),
        ("no root", json!({}), ""),
        ("a list as root", json!({ "a": [1] }), "a"),
        ("a name that is none", json!({ "a": { "b c": 1 } }), "b c"),
        ("an attribute's name that is none", json!({ "a": { "@b>": 1 } }), "b>"),
        ("a name that begins with a digit", json!({ "a": { "1": 1 } }), "1"),
        ("a control character", json!({ "a": { "b": "x\u{1}" } }), "b"),
    ];
    for (name, record, at) in table {
        assert_eq!(sent(&record, Format::Xml), Err(FillError::Unfit(at.into(), "body of XML")), "{name}");
    }
    assert_eq!(sent(&json!("x"), Format::Xml), Err(FillError::Unfit("record".into(), "body of XML")));
}

#[test]
fn a_record_is_sent_with_its_numbers_as_they_were() {
    let record = serde_json::from_str(r#"{"price":1.10,"id":98765432109876543210}"#).unwrap();
    assert_eq!(sent(&record, Format::Json), Ok(Some(r#"{"price":1.10,"id":98765432109876543210}"#.to_owned())));
}
