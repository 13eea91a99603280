use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{Spanned, Tree};
use crate::mapping::scope::{Drawn, Surroundings};
use crate::scim::filter::Operator;
use crate::secret::Secret;

/// Values that would change the request if one place did not escape them (fault M27).
const HOSTILE: [&str; 14] = [
    "a/../../admin",
    "x?role=admin",
    "x#",
    "x&role=admin",
    "a\r\nX-Admin: 1",
    r#""},"role":"admin","a":""#,
    "{secret.key}",
    "$.x",
    "${jndi:ldap://x}",
    "%2e%2e",
    "nul\0",
    "</x>",
    "a b+c",
    "ü€\\",
];

fn filled(template: &str, place: Place, scope: &Scope<'_>) -> Result<Option<String>, FillError> {
    Template::parse(template).unwrap().fill(scope, place)
}

fn body(tree: &Value) -> BodyTemplate {
    fn tree_of(value: &Value) -> Tree {
        match value {
            Value::String(text) => Tree::Text(text_of(text)),
            Value::Array(items) => Tree::List(items.iter().map(tree_of).collect()),
            Value::Object(members) => {
                Tree::Table(members.iter().map(|(name, value)| (text_of(name), tree_of(value))).collect())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => Tree::Literal(value.clone()),
        }
    }
    BodyTemplate::compile(&tree_of(tree), &mut Diagnostics::new("test")).unwrap()
}

fn text_of(text: &str) -> Spanned<String> {
    Spanned { span: 0..text.len(), value: text.to_owned() }
}

#[test]
fn a_value_arrives_whole_and_only_where_it_was_meant() {
    for hostile in HOSTILE {
        let value = json!(hostile);
        let scope = Scope { id: Some(&value), ..Scope::default() };

        let path = filled("/users/{id}/x", Place::Path, &scope).unwrap().unwrap();
        let url = url::Url::parse(&format!("http://h/v1{path}?q=1")).unwrap();
        let segments: Vec<_> = url
            .path_segments()
            .unwrap()
            .map(|part| percent_encoding::percent_decode_str(part).decode_utf8().unwrap())
            .collect();
        assert_eq!(segments, ["v1", "users", hostile, "x"], "path: {hostile:?}");
        assert_eq!((url.query(), url.fragment()), (Some("q=1"), None), "path: {hostile:?}");

        let query = filled("{id}", Place::Query, &scope).unwrap().unwrap();
        let url = url::Url::parse(&format!("http://h/?a={query}&b=2")).unwrap();
        let pairs: Vec<_> = url.query_pairs().into_owned().collect();
        assert_eq!(
            pairs,
            [("a".to_owned(), hostile.to_owned()), ("b".to_owned(), "2".to_owned())],
            "query: {hostile:?}"
        );
        assert_eq!(url.fragment(), None, "query: {hostile:?}");

        let template = body(&json!({ "a": "{id}", "b": "<{id}>" }));
        let expected = json!({ "a": hostile, "b": format!("<{hostile}>") });
        let mut bytes = Vec::new();
        assert!(template.write_json(&scope, &mut bytes).unwrap());
        assert_eq!(serde_json::from_slice::<Value>(&bytes).unwrap(), expected, "json: {hostile:?}");
        assert_eq!(template.fill(&scope).unwrap(), Some(expected), "value: {hostile:?}");

        let json = r#"{{"name":"{id}","active":true}}"#;
        for place in [Place::Query, Place::Plain] {
            let text = filled(json, place, &scope).unwrap().unwrap();
            let text = if place == Place::Query {
                url::form_urlencoded::parse(text.as_bytes()).next().unwrap().0.into_owned()
            } else {
                text
            };
            let expected = json!({ "name": hostile, "active": true });
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected, "JSON in text: {hostile:?}");
        }

        let header = filled("v {id}", Place::Header, &scope);
        if hostile.contains(char::is_control) {
            assert_eq!(header, Err(FillError::Unfit("id".into(), "header")), "header: {hostile:?}");
        } else {
            assert_eq!(header, Ok(Some(format!("v {hostile}"))), "header: {hostile:?}");
        }
    }
}

#[test]
fn a_value_outside_of_the_quotes_of_json_text_is_one_value() {
    let table = [
        (r#"{{"id":{id}}}"#, json!(42), Some(r#"{"id":42}"#)),
        ("[{id}]", json!("a-1"), Some("[a-1]")),
        ("[{id}]", json!(["a", 1]), Some(r#"[["a",1]]"#)),
        ("[{id}]", json!(r#""a b""#), Some(r#"["a b"]"#)),
        ("[{id}]", json!("1,2"), None),
        (r#"{{"id":{id}}}"#, json!(r#"1,"role":"admin""#), None),
        ("[{id}", json!("1,2"), Some("[1,2")),
        ("\"{id}\"", json!("a\"b"), Some("\"a\"b\"")),
        ("", json!(""), Some("")),
        (r#"["\"{id}"]"#, json!("\""), Some(r#"["\"\""]"#)),
    ];
    for (template, id, expected) in table {
        let scope = Scope { id: Some(&id), ..Scope::default() };
        let filled = filled(template, Place::Plain, &scope);
        let expected = expected.map(|text| Some(text.to_owned()));
        let refused = FillError::Unfit("id".into(), "JSON text outside of quotes");
        assert_eq!(filled, expected.ok_or(refused), "{template}");
    }
}

#[test]
fn only_a_path_refuses_dots_and_nothing() {
    for place in [Place::Query, Place::Header, Place::Plain] {
        for value in ["", ".", ".."] {
            let id = json!(value);
            let scope = Scope { id: Some(&id), ..Scope::default() };
            assert_eq!(filled("{id}", place, &scope), Ok(Some(value.to_owned())));
        }
    }
}

#[test]
fn a_value_cannot_leave_its_path_segment() {
    let table = [
        ("a dot", "/users/{id}", json!("."), true),
        ("two dots", "/users/{id}", json!(".."), true),
        ("nothing", "/users/{id}", json!(""), true),
        ("nothing in the middle", "/users/{id}/roles", json!(""), true),
        ("a dot beside a literal dot", "/users/.{id}", json!("."), true),
        ("a dot beside an encoded literal", "/users/%2E{id}", json!("."), true),
        ("three dots are a name", "/users/{id}", json!("..."), false),
        ("an empty value beside a literal", "/users/u{id}", json!(""), false),
        ("an encoded dot is data", "/users/{id}", json!("%2e%2e"), false),
        ("a number", "/users/{id}", json!(42), false),
    ];
    for (name, template, id, refused) in table {
        let scope = Scope { id: Some(&id), ..Scope::default() };
        let filled = filled(template, Place::Path, &scope);
        assert_eq!(filled == Err(FillError::Unfit("id".into(), "path")), refused, "{name}: {filled:?}");
    }
}

#[test]
fn a_string_that_is_one_hole_keeps_the_type() {
    let (id, sent) = (json!(42), serde_json::from_str(r#"{"n":1.10,"big":123456789012345678901234567890}"#).unwrap());
    let old = json!({ "gone": null, "roles": ["a"] });
    let scope = Scope { id: Some(&id), sent: Some(&sent), old: Some(&old), ..Scope::default() };
    let table = [
        ("a number", json!("{id}"), r"42"),
        ("text around", json!("u{id}"), r#""u42""#),
        ("literal braces", json!("{{id}}"), r#""{id}""#),
        ("braces around a hole", json!("{{{id}}}"), r#""{42}""#),
        ("the record keeps its numbers", json!("{record}"), r#"{"n":1.10,"big":123456789012345678901234567890}"#),
        ("null is a value in JSON", json!({ "a": "{old.gone}" }), r#"{"a":null}"#),
        ("a list", json!(["{old.roles}"]), r#"[["a"]]"#),
        ("a list in text", json!("r={old.roles}"), r#""r=[\"a\"]""#),
        ("left out of a table", json!({ "a": "{old.x?}", "b": 1 }), r#"{"b":1}"#),
        ("left out of the end of a table", json!({ "a": 1, "b": "{old.x?}" }), r#"{"a":1}"#),
        ("left out of a list", json!(["{old.x?}", "{id}", "-{old.x?}"]), r"[42]"),
        ("literals", json!({ "a": true, "b": null, "c": [] }), r#"{"a":true,"b":null,"c":[]}"#),
    ];
    for (name, tree, expected) in table {
        let template = body(&tree);
        let mut bytes = Vec::new();
        assert!(template.write_json(&scope, &mut bytes).unwrap(), "{name}");
        assert_eq!(String::from_utf8(bytes).unwrap(), expected, "{name}");
        assert_eq!(template.fill(&scope).unwrap().unwrap().to_string(), expected, "{name}");
    }
}

/// Calls `look` with a scope that has most names, but no id.
fn with_scope(look: impl FnOnce(&Scope<'_>)) {
    let record = json!({ "acct": { "state": 1 }, "mails": [{ "d": 1, "id": 7 }, { "d": 0, "id": 8 }] });
    let scim = json!({ "userName": "ada", "urn:x:2.0:User": { "dept": "R&D" } });
    let got: BTreeMap<String, Value> = [("t".to_owned(), json!({ "k": "v" }))].into();
    let drawn = Drawn {
        now: "2026-01-01T00:00:00Z".into(),
        now_epoch_s: 1_767_225_600,
        random: crate::mapping::scope::Letters::Drawn("abcdefgh".into()),
        ..Drawn::default()
    };
    let surroundings = Surroundings {
        tenant: "acme".into(),
        variables: [("realm".into(), "r1".into())].into(),
        secrets: [("key".into(), Secret::new("s3"))].into(),
    };
    let filter =
        [("userName".to_owned(), Operator::Eq, json!("ada")), ("name.familyName".to_owned(), Operator::Sw, json!("L"))];
    let cursor = json!("c=");
    let scope = Scope {
        scim: scim.as_object(),
        record: Some(&record),
        old: Some(&record),
        got: Some(&got),
        drawn: Some(&drawn),
        operation_id: Some("o"),
        surroundings: Some(&surroundings),
        filter: &filter,
        page: Some(3),
        offset: Some(20),
        count: Some(10),
        cursor: Some(&cursor),
        ..Scope::default()
    };
    look(&scope);
}

#[test]
fn holes_see_their_names() {
    let table = [
        ("{scim.userName}", "ada"),
        ("{scim['urn:x:2.0:User'].dept}", "R&D"),
        ("{record.acct.state}", "1"),
        ("{old.mails[?@.d == 1].id}", "7"),
        ("{old.mails[-1].id}", "8"),
        ("{got.t.k}", "v"),
        ("{secret.key}", "s3"),
        ("{tenant.name}/{tenant.realm}", "acme/r1"),
        ("{filter.username}", "ada"),
        ("{filter.name.familyName.sw}", "L"),
        ("{page} {offset} {count} {last}", "3 20 10 29"),
        ("{cursor}", "c="),
        ("{now}", "2026-01-01T00:00:00Z"),
        ("{now.epoch_s}", "1767225600"),
        ("{random.4}", "abcd"),
        ("{op.id}", "o"),
    ];
    with_scope(|scope| {
        for (template, expected) in table {
            assert_eq!(filled(template, Place::Plain, scope), Ok(Some(expected.to_owned())), "{template}");
        }
    });
}

#[test]
fn a_hole_without_a_value_says_so() {
    let faults = [
        ("{id}", FillError::Missing("id".into())),
        ("{scim.title}", FillError::Missing("scim.title".into())),
        ("{filter.userName.sw}", FillError::Unfiltered("filter.userName.sw".into())),
        ("{old.mails[*].id}", FillError::Several("old.mails[*].id".into())),
        ("{uuid}", FillError::Missing("uuid".into())),
        ("{random.9}", FillError::Missing("random.9".into())),
    ];
    with_scope(|scope| {
        for (template, expected) in faults {
            assert_eq!(filled(template, Place::Plain, scope), Err(expected), "{template}");
        }
        assert_eq!(filled("x{id?}", Place::Query, scope), Ok(None));
        assert_eq!(Template::parse("<{id}|{scim.userName}>").unwrap().fill_loosely(scope), "<|ada>");
    });
}

#[test]
fn null_has_no_value_in_text() {
    let null = Value::Null;
    let scope = Scope { id: Some(&null), ..Scope::default() };
    for place in [Place::Path, Place::Query, Place::Header, Place::Plain] {
        assert_eq!(filled("{id}", place, &scope), Err(FillError::Missing("id".into())), "{place:?}");
        assert_eq!(filled("{id?}", place, &scope), Ok(None), "{place:?}");
    }
}

#[test]
fn faults_have_their_place_and_code() {
    let table = [
        ("an open brace", "a{id", Code::E24, 1..2),
        ("a closing brace", "a}b", Code::E24, 1..2),
        ("an empty hole", "a{}", Code::E24, 1..3),
        ("an unknown name", "x{nmae.y}", Code::E09, 2..6),
        ("a name of signatures alone", "{method}", Code::E09, 1..7),
        ("below a number", "{page.x}", Code::E16, 5..7),
    ];
    for (name, text, code, range) in table {
        let coded = Template::parse_coded(text).unwrap_err();
        assert_eq!((coded.code, coded.fault.range), (code, range), "{name}");
    }
    assert_eq!(Template::parse_coded("{old[?}").unwrap_err().code, Code::E16, "a bad path");
}
