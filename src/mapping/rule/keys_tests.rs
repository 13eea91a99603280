//! Rules with keys of their own: `scim_text`, `bits`, `single`, `present`, `read_default`.

use serde_json::{Value, json};

use super::Rule;
use crate::mapping::compile::rule::tests::view;

/// The first rule of a User mapping without the id rule.
fn user(left: &str, right: &str) -> Rule {
    let right: Value = parse(right);
    let mut view = view("User", &json!({ left: right, "id": "the_id" }));
    view.rules.remove(0)
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

const BITS: &str = r#"{"at":"f","bits":{"read":1,"write":2,"all":12}}"#;
const IN_NINE: &str = r#"{"at":"$.g[?@.id == '9']","present":false}"#;
const WORD: &str = r#"{"at":"$.g[?@ == 'off']","present":false}"#;
const GONE: &str = r#"{"at":"gone","map":{"false":"2024","else":false},"read_default":true}"#;
const ONE: &str = r#"{"at":"r","single":"reject"}"#;
const LAST: &str = r#"{"at":"r","single":"replace"}"#;
const PART: &str = r#"{"at":"p","single":"replace","each":{"value":"n","type":{"at":"k","read_default":"work"}}}"#;
const DOMAIN: &str = r#"{"at":"u","scim_text":"{}@acme.com"}"#;

/// (name, attribute, rule, record, SCIM value)
const GETS: [(&str, &str, &str, &str, &str); 26] = [
    ("a text around yours", "userName", DOMAIN, r#"{"u":"ada"}"#, r#""ada@acme.com""#),
    ("a number in a text", "title", r#"{"at":"n","scim_text":"No. {}"}"#, r#"{"n":7}"#, r#""No. 7""#),
    ("an empty text has no text around", "userName", DOMAIN, r#"{"u":""}"#, "null"),
    ("bits", "entitlements", BITS, r#"{"f":3}"#, r#"[{"value":"read"},{"value":"write"}]"#),
    ("several bits, all set", "entitlements", BITS, r#"{"f":13.0}"#, r#"[{"value":"read"},{"value":"all"}]"#),
    ("several bits, one set", "entitlements", BITS, r#"{"f":8}"#, "null"),
    ("no bit", "entitlements", BITS, r#"{"f":0}"#, "null"),
    ("a bit that is unknown", "entitlements", BITS, r#"{"f":64}"#, "null"),
    (
        "bits of a negative number",
        "entitlements",
        BITS,
        r#"{"f":-1}"#,
        r#"[{"value":"read"},{"value":"write"},{"value":"all"}]"#,
    ),
    ("no number", "entitlements", BITS, r#"{"f":"3"}"#, "null"),
    ("an element is there", "active", IN_NINE, r#"{"g":[{"id":"1"},{"id":"9"}]}"#, "false"),
    ("no such element", "active", IN_NINE, r#"{"g":[{"id":"1"}]}"#, "true"),
    ("no list", "active", IN_NINE, "{}", "true"),
    ("a word is there", "active", WORD, r#"{"g":["on","off"]}"#, "false"),
    ("a field is there", "active", r#"{"read_at":"x","present":true}"#, r#"{"x":0}"#, "true"),
    ("a field is null", "active", r#"{"read_at":"x","present":true}"#, r#"{"x":null}"#, "false"),
    ("a field is empty", "active", r#"{"read_at":"x","present":true}"#, r#"{"x":""}"#, "false"),
    ("a default where there is none", "active", GONE, r#"{"gone":null}"#, "true"),
    ("no default where there is one", "active", GONE, r#"{"gone":"2020"}"#, "false"),
    (
        "a default of fields",
        "displayName",
        r#"{"at":"d","read_default":"{f} {l}"}"#,
        r#"{"f":"Ada","l":"L"}"#,
        r#""Ada L""#,
    ),
    (
        "a default of fields, one missing",
        "displayName",
        r#"{"at":"d","read_default":"{f} {l}"}"#,
        r#"{"f":"Ada"}"#,
        "null",
    ),
    (
        "a default where the value is odd",
        "title",
        r#"{"at":"t","type":"int","read_default":"0"}"#,
        r#"{"t":true}"#,
        r#""0""#,
    ),
    ("braces of a default", "title", r#"{"at":"t","read_default":"{{x}}"}"#, "{}", r#""{x}""#),
    ("one value", "roles", ONE, r#"{"r":"admin"}"#, r#"[{"value":"admin"}]"#),
    ("none", "roles", ONE, r#"{"r":""}"#, "null"),
    ("one table", "phoneNumbers", PART, r#"{"p":{"n":"1"}}"#, r#"[{"value":"1","type":"work"}]"#),
];

/// (name, attribute, rule, record, value put, record then)
const PUTS: [(&str, &str, &str, &str, &str, &str); 28] = [
    ("what stands in the text", "userName", DOMAIN, "{}", r#""ada@acme.com""#, r#"{"u":"ada"}"#),
    ("the text in another case", "userName", DOMAIN, r#"{"u":"ada"}"#, r#""ada@ACME.com""#, r#"{"u":"ada"}"#),
    ("bits from nothing", "entitlements", BITS, "{}", r#"["read","all"]"#, r#"{"f":13}"#),
    ("the bits that are there", "entitlements", BITS, r#"{"f":67}"#, r#"["write","read"]"#, r#"{"f":67}"#),
    ("a bit more, an unknown one stays", "entitlements", BITS, r#"{"f":65}"#, r#"["read","write"]"#, r#"{"f":67}"#),
    ("a bit less, an unknown one stays", "entitlements", BITS, r#"{"f":67}"#, r#"["read"]"#, r#"{"f":65}"#),
    ("no element, an unknown bit stays", "entitlements", BITS, r#"{"f":67}"#, "null", r#"{"f":64}"#),
    ("no element, no bit", "entitlements", BITS, r#"{"f":3}"#, "[]", r#"{"f":0}"#),
    ("half an element stays", "entitlements", BITS, r#"{"f":8}"#, r#"["read"]"#, r#"{"f":9}"#),
    ("a negative number", "entitlements", BITS, r#"{"f":-1}"#, r#"["read","all"]"#, r#"{"f":-3}"#),
    ("an element is made", "active", IN_NINE, r#"{"g":[{"id":"1"}]}"#, "false", r#"{"g":[{"id":"1"},{"id":"9"}]}"#),
    ("a list with it", "active", IN_NINE, r#"{"g":null}"#, "false", r#"{"g":[{"id":"9"}]}"#),
    ("an element goes", "active", IN_NINE, r#"{"g":[{"id":"9","n":1},{"id":"1"}]}"#, "true", r#"{"g":[{"id":"1"}]}"#),
    ("it is as it shall be", "active", IN_NINE, r#"{"g":[{"id":"9","n":1}]}"#, "false", r#"{"g":[{"id":"9","n":1}]}"#),
    ("no value changes nothing", "active", IN_NINE, r#"{"g":[{"id":"9"}]}"#, "null", r#"{"g":[{"id":"9"}]}"#),
    ("a word is made", "active", WORD, r#"{"g":["on"]}"#, "false", r#"{"g":["on","off"]}"#),
    ("a word goes", "active", WORD, r#"{"g":["off","on"]}"#, "true", r#"{"g":["on"]}"#),
    ("the default removes", "active", GONE, r#"{"gone":"2020"}"#, "true", r#"{"gone":null}"#),
    ("the default of what is there by default", "active", GONE, "{}", "true", r#"{"gone":null}"#),
    ("no default is written", "active", GONE, r#"{"gone":null}"#, "false", r#"{"gone":"2024"}"#),
    ("another spelling of it stays", "active", GONE, r#"{"gone":"2020"}"#, "false", r#"{"gone":"2020"}"#),
    ("one value", "roles", ONE, r#"{"r":"a"}"#, r#"[{"value":"b"}]"#, r#"{"r":"b"}"#),
    ("no value", "roles", ONE, r#"{"r":"a"}"#, "null", r#"{"r":null}"#),
    ("the last one", "roles", LAST, r#"{"r":"a"}"#, r#"["a","b"]"#, r#"{"r":"b"}"#),
    ("the last one again", "roles", LAST, r#"{"r":"b"}"#, r#"["a","b"]"#, r#"{"r":"b"}"#),
    ("the primary one", "roles", LAST, "{}", r#"[{"value":"a","primary":true},{"value":"b"}]"#, r#"{"r":"a"}"#),
    (
        "a table that stays",
        "phoneNumbers",
        PART,
        r#"{"p":{"n":"1","x":2}}"#,
        r#"[{"value":"1","type":"home"}]"#,
        r#"{"p":{"n":"1","x":2,"k":"home"}}"#,
    ),
    ("another table", "phoneNumbers", PART, r#"{"p":{"n":"1","x":2}}"#, r#"[{"value":"2"}]"#, r#"{"p":{"n":"2"}}"#),
];

#[test]
fn get_shows_what_the_keys_say() {
    for (name, left, right, record, want) in GETS {
        let got = user(left, right).get(&parse(record)).unwrap_or(Value::Null);
        assert_eq!(got, parse(want), "{name}");
    }
}

#[test]
fn put_writes_what_get_then_reads() {
    for (name, left, right, record, value, want) in PUTS {
        let (rule, mut record, value) = (user(left, right), parse(record), parse(value));
        let value = Some(&value).filter(|value| !value.is_null());
        rule.put(&mut record, value).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(record, parse(want), "{name}");
        if value.is_some() {
            assert!(rule.is_same(rule.get(&record).as_ref(), value), "{name}: reads back");
        }
    }
}

#[test]
fn what_a_key_does_not_take_is_refused_by_name() {
    let cases = [
        (
            "another domain",
            "userName",
            DOMAIN,
            "{}",
            r#""ada@other.com""#,
            "`userName`: expected text such as `...@acme.com`",
        ),
        (
            "nothing in the text",
            "userName",
            DOMAIN,
            "{}",
            r#""@acme.com""#,
            "`userName`: expected text such as `...@acme.com`",
        ),
        (
            "an unknown element",
            "entitlements",
            BITS,
            "{}",
            r#"["run"]"#,
            "`entitlements`: expected `read`, `write`, `all`",
        ),
        ("no boolean", "active", IN_NINE, "{}", r#""no""#, "`active`: expected true or false"),
        (
            "an object where the list is",
            "active",
            IN_NINE,
            r#"{"g":{"x":1}}"#,
            "false",
            "`active`: the record has no list at this place",
        ),
        ("a second value", "roles", ONE, "{}", r#"["a","b"]"#, "`roles`: the application keeps one value here"),
    ];
    for (name, left, right, record, value, want) in cases {
        let error = user(left, right).put(&mut parse(record), Some(&parse(value))).unwrap_err();
        assert_eq!(error.detail, want, "{name}");
    }
}

#[test]
fn a_search_is_pushed_only_where_it_finds_all() {
    let cases = [
        ("a text around yours", "userName", DOMAIN, r#""ada@ACME.com""#, Some(r#""ada""#), true),
        ("another text", "userName", DOMAIN, r#""ada@x""#, None, true),
        ("one bit", "entitlements", BITS, r#""read""#, Some(r#""read""#), false),
        ("presence", "active", IN_NINE, "true", None, false),
        ("the default", "title", r#"{"at":"t","read_default":"x"}"#, r#""x""#, Some(r#""x""#), false),
        ("another than the default", "title", r#"{"at":"t","read_default":"x"}"#, r#""y""#, Some(r#""y""#), true),
        ("a default of fields", "title", r#"{"at":"t","read_default":"{a}"}"#, r#""y""#, Some(r#""y""#), false),
    ];
    for (name, left, right, value, want, searchable) in cases {
        let (rule, value) = (user(left, right), parse(value));
        assert_eq!(rule.encode(&value), want.map(parse), "{name}");
        assert_eq!(rule.is_searchable(&value), searchable, "{name}: searchable");
    }
    let exact = user("userName", r#"{"at":"u","search_case":"exact"}"#);
    assert_eq!(exact.encode_folded(&json!("ÄDA")), Some(json!("äda")));
    assert_eq!(user("userName", r#""u""#).encode_folded(&json!("ÄDA")), None);
}

#[test]
fn an_answer_that_leaves_the_element_s_list_out_does_not_tell_whether_it_is_there() {
    let view = view("User", &json!({"id": "id", "active": parse(IN_NINE), "title": {"at": "t", "read_default": "x"}}));
    let wanted =
        |active: bool, title: &str| json!({"id": "1", "active": active, "title": title}).as_object().cloned().unwrap();
    let cases = [
        ("the list is there", json!({"id": "1", "g": [], "t": "y"}), wanted(true, "y"), true),
        ("it is not", json!({"id": "1", "t": "y"}), wanted(true, "y"), false),
        ("a default that was asked", json!({"id": "1", "g": []}), wanted(true, "x"), true),
        ("a default that was not", json!({"id": "1", "g": []}), wanted(true, "y"), false),
    ];
    for (name, answer, wanted, want) in cases {
        assert_eq!(view.is_whole(&answer, &wanted, Some("1")), want, "{name}");
    }
}
