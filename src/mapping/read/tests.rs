use std::sync::LazyLock;

use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::select;
use serde_json::{Value, json};

use super::{ReadPlan, Unwritten, location_of};
use crate::mapping::compile::rule::tests::view;
use crate::mapping::view::View;
use crate::scim::Projection;
use crate::scim::resource::project;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const BASE: &str = "https://scim.example/v2/Users/";

/// A mapping with every kind of rule that a plan can carry.
static USERS: LazyLock<View> = LazyLock::new(|| {
    let extension = |name: &str| format!("{ENTERPRISE}:{name}");
    let (department, manager, division) = (extension("department"), extension("manager.value"), extension("division"));
    let phones =
        json!({"value": "n", "primary": "main", "type": {"at": "k", "map": {"work": "o", "mobile": ["c", 1]}}});
    view(
        "User",
        &json!({
            "id": {"at": "a", "type": "int"}, "userName": {"at": "b", "case": "lower"}, "externalId": "c",
            "name.givenName": {"at": "p.a", "unset": ""}, "name.familyName": {"at": "p.b", "unset": "-"}, "name.formatted": {"show": "{p.a} {p.b?}"},
            "active": {"at": "d", "map": {"true": ["A", 7], "false": [true, "D"], "else": false}},
            "emails[type eq \"work\" and primary eq true].value": "m[?@.k=='w'].n", "emails[type eq \"home\"].value": "m[?@.k==7 && @.main==true].n",
            "emails[type eq \"other\"].value": {"read_at": "m[0].n"}, "emails[type eq \"other\"].display": "e",
            "title": {"at": "f", "text": "T{}"}, "locale": {"at": "p.c", "replace": {"-": "_"}}, "nickName": {"show": "x"},
            "timezone": {"at": "p.d", "type": "number"}, "displayName": {"at": "g", "mutability": "readOnly"},
            "phoneNumbers": {"at": "m", "each": phones, "mutability": "readOnly"}, "roles": {"at": "h", "split": ";"},
            "groups": {"at": "$.m[?@.k=='w']", "each": {"value": {"at": "n", "type": "int"}, "display": {"show": "{k}!"}}},
            "entitlements": {"at": "i[*]", "type": "int"}, "ims": {"at": "j", "unset": 7}, "photos": {"at": "q", "each": {"value": "$"}},
            "password": "pw", "preferredLanguage": {"at": "g.a", "mutability": "readOnly"},
            "meta.created": {"at": "t", "time": "epoch_ms"}, "meta.lastModified": {"at": "u", "time": "epoch_s"}, "meta.version": {"show": "W/\"{r}\""},
            (department.as_str()): "o.a", (manager.as_str()): {"at": "o.b", "type": "int"}, (division.as_str()): {"at": "o.c", "time": "date"},
        }),
    )
});

/// Rules whose value may be there without standing in the record, or in another number than it shows.
static KEYS: LazyLock<View> = LazyLock::new(|| {
    let parts = json!({"value": "n", "type": {"at": "k", "read_default": "work"}, "display": {"at": "y", "read_default": "{n}!"}});
    view(
        "User",
        &json!({
            "id": {"at": "a", "scim_text": "u{}"}, "userName": {"at": "b", "scim_text": "{}@x", "read_default": "{c}-{d}"},
            "active": {"at": "m[?@.k=='w']", "present": false}, "title": {"at": "e", "read_default": "none", "unset": "-"},
            "nickName": {"at": "p.a", "read_default": "{p.b}"}, "displayName": {"at": "f", "type": "int", "read_default": "{{0}}"},
            "name.givenName": {"at": "g", "read_default": "{g.a?}x"}, "emails[type eq \"work\"].value": {"at": "m[?@.k==7].n", "read_default": "{h}"},
            "entitlements": {"at": "t", "bits": {"one": 1, "two": 2, "high": 12}}, "roles": {"at": "q", "single": "replace"},
            "phoneNumbers": {"at": "m", "each": parts, "mutability": "readOnly"}, "ims": {"at": "i", "single": "reject", "each": {"value": "k"}},
        }),
    )
});

/// Whether something is there, as it is read alone.
static PRESENCE: LazyLock<Vec<View>> = LazyLock::new(|| {
    let rules = [
        json!({"at": "$.m[?@ == 'w']", "present": true}),
        json!({"read_at": "d", "present": true}),
        json!({"read_at": "p.a", "present": false, "unset": 7}),
        json!({"at": "$.m[?@.k == 'w' && @.main == true]", "present": true}),
        json!({"read_at": "m[0]", "present": true}),
    ];
    rules.iter().map(|active| view("User", &json!({"id": {"at": "a", "type": "int"}, "active": active}))).collect()
});

/// What the view shows, as an answer.
fn by_value(view: &View, record: &Value, projection: &Projection) -> Option<Value> {
    let id = view.id(record)?;
    let mut resource = view.read(record);
    resource.get_mut("meta")?.as_object_mut()?.insert("location".to_owned(), json!(location_of(BASE, &id)));
    view.refer(&mut resource, "https://scim.example/v2");
    project(&mut resource, projection, &view.schema);
    Some(Value::Object(resource))
}

/// What the plan writes behind something else.
fn streamed(view: &View, record: &str, projection: &Projection) -> Result<Value, Unwritten> {
    let plan = ReadPlan::compile(view).expect("every rule is simple enough");
    let mut out = b"[1,".to_vec();
    match plan.write(record.as_bytes(), projection, BASE, &mut out) {
        Ok(written) => {
            out.push(b']');
            let all: Value = serde_json::from_slice(&out)
                .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&out)));
            assert_eq!(view.id(&serde_json::from_str(record).unwrap()), Some(written.id));
            Ok(all[1].clone())
        }
        Err(unwritten) => {
            assert_eq!(out, b"[1,", "nothing is appended");
            Err(unwritten)
        }
    }
}

#[test]
fn a_record_is_streamed_in_the_order_of_the_rules() {
    let record = r#" {"p": {"b": "Love\u006cace", "a": "Ada", "x": [1, {"a": 2}]}, "b": "ada", "a": 18446744073709551617, "d": "D",
        "m": [{"k": "w", "n": "a@x"}, {"n": "b@x", "k": 7.0, "main": true}], "t": 1704067200123, "u": 0, "r": 3, "o": {"a": "R\n"},
        "pw": "secret", "unknown": {"deep": [[[null]]]}} "#;
    let view = &*USERS;
    let mut out = Vec::new();
    let written =
        ReadPlan::compile(view).unwrap().write(record.as_bytes(), &Projection::Default, BASE, &mut out).unwrap();
    assert_eq!(written.id, "18446744073709551617");
    let want = concat!(
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"#,
        r#""id":"18446744073709551617","userName":"ada","name":{"givenName":"Ada","familyName":"Lovelace","formatted":"Ada Lovelace"},"#,
        r#""active":false,"emails":[{"value":"a@x","type":"work","primary":true},{"value":"b@x","type":"home"},{"value":"a@x","type":"other"}],"#,
        r#""nickName":"x","phoneNumbers":[{"value":"a@x"},{"value":"b@x","primary":true}],"#,
        r#""urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R\n"},"#,
        r#""meta":{"resourceType":"User","created":"2024-01-01T00:00:00.123Z","lastModified":"1970-01-01T00:00:00Z","version":"W/\"3\"","#,
        r#""location":"https://scim.example/v2/Users/18446744073709551617"}}"#,
    );
    assert_eq!(String::from_utf8(out).unwrap(), want);
}

#[test]
fn what_is_no_record_is_not_written() {
    let view = &*USERS;
    let cases = [
        ("empty", "", Unwritten::NotAnObject),
        ("a list", "[]", Unwritten::NotAnObject),
        ("cut off", r#"{"a": 1"#, Unwritten::NotAnObject),
        ("text behind", r#"{"a": 1} x"#, Unwritten::NotAnObject),
        ("no id", r#"{"b": "ada"}"#, Unwritten::NoId),
        ("an id of the wrong type", r#"{"a": "7"}"#, Unwritten::NoId),
    ];
    for (name, record, want) in cases {
        assert_eq!(streamed(view, record, &Projection::Default), Err(want), "{name}");
    }
    let plan = ReadPlan::compile(view).unwrap();
    assert_eq!(
        plan.write(b"{\"a\": 1, \"b\": \"\xff\"}", &Projection::Default, BASE, &mut Vec::new()),
        Err(Unwritten::NotAnObject)
    );
}

#[test]
fn half_a_character_is_never_copied() {
    let plan = ReadPlan::compile(&USERS).unwrap();
    let mut out = Vec::new();
    plan.write(br#"{"a": 1, "b": "\ud800", "r": "\udfff", "c": "\ud83d\ude00"}"#, &Projection::Default, BASE, &mut out)
        .unwrap();
    let answer: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(
        (answer.get("userName"), answer["meta"].get("version"), &answer["externalId"]),
        (None, None, &json!("\u{1f600}"))
    );
}

#[test]
fn an_id_is_one_segment_of_the_location() {
    let view = view("User", &json!({"id": "login"}));
    let cases = [
        ("a slash", "a/b", "a%2Fb"),
        ("dots and dashes", "a.b-c_d~", "a.b-c_d~"),
        ("others", "ü ?#%", "%C3%BC%20%3F%23%25"),
    ];
    for (name, id, want) in cases {
        let answer = streamed(&view, &json!({"login": id}).to_string(), &Projection::Default).unwrap();
        assert_eq!(answer["meta"]["location"], json!(format!("{BASE}{want}")), "{name}");
        assert_eq!(answer["id"], json!(id), "{name}");
    }
}

#[test]
fn only_simple_rules_are_streamed() {
    let cases = [
        ("plain names", json!({"id": "a.b"}), true),
        ("an index", json!({"id": "a[0].b"}), true),
        ("a descendant", json!({"id": {"read_at": "$..b"}}), false),
        ("an index from the end", json!({"id": "a[-1]"}), false),
        ("a record that is a list", json!({"id": "$[0]"}), false),
        ("two filters", json!({"id": "a[?@.k=='x'].b[?@.k=='y'].c"}), false),
        ("a list in an element", json!({"id": "id", "roles": {"read_at": "a[0].r"}}), false),
        ("a constant", json!({"id": "id", "active": {"show": "true"}}), true),
        ("a boolean made of fields", json!({"id": "id", "active": {"show": "{a}"}}), false),
    ];
    for (name, rules, want) in cases {
        assert_eq!(ReadPlan::compile(&view("User", &rules)).is_some(), want, "{name}");
    }
}

/// A JSON text that is no object or list.
fn scalar() -> impl Strategy<Value = String> {
    let texts = [
        "null",
        "true",
        "false",
        "7",
        "7.0",
        "-0",
        "1e3",
        "1E+3",
        "0.10",
        "1704067200123",
        "-62167219200",
        "99999999999999999999",
        "1704067200.5",
        r#""""#,
        r#""a""#,
        r#""A""#,
        r#""D""#,
        r#""w""#,
        r#""o""#,
        r#""c""#,
        r#""-""#,
        r#""Tx""#,
        r#""7""#,
        r#""a;b;""#,
        r#""\u0077""#,
        r#""\u00e9\n\"\\\/""#,
        r#""ü€😀""#,
        r#""en_GB""#,
        r#""2024-02-29""#,
        r#""\ud83d\ude00""#,
        r#"" ""#,
    ];
    select(texts.to_vec()).prop_map(str::to_owned)
}

/// An object with these names, in any order, any of them missing or standing twice.
fn object(names: &'static [&'static str], value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let member = (select(names), value, any::<bool>());
    proptest::collection::vec(member, 0..names.len() * 2).prop_map(|members| {
        let members: Vec<_> = members
            .iter()
            .map(
                |(name, value, spaces)| {
                    if *spaces { format!(" \"{name}\" : {value} ") } else { format!("\"{name}\":{value}") }
                },
            )
            .collect();
        format!("{{{}}}", members.join(","))
    })
}

fn list(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    proptest::collection::vec(value, 0..4).prop_map(|elements| format!("[{}]", elements.join(" , ")))
}

fn record() -> impl Strategy<Value = String> {
    let inner = || prop_oneof![3 => scalar(), 1 => list(scalar()), 1 => Just("{}".to_owned())];
    let element = || prop_oneof![4 => object(&["k", "n", "main", "\\u006b"], inner()), 1 => inner()];
    let value = prop_oneof![
        4 => scalar(),
        3 => object(&["a", "b", "c", "d", "x"], inner()),
        3 => list(element()),
        1 => object(&["k", "n", "y"], element()),
    ];
    let names = &[
        "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "m", "m", "o", "p", "p", "q", "r", "t", "u", "pw", "zzz",
        "\\u0061",
    ];
    (object(names, value), any::<u32>()).prop_map(|(object, id)| {
        // Most records have an id.
        if id % 8 == 0 {
            object
        } else {
            format!("{{\"zz\":1,\"a\":{id}{}{}", if object == "{}" { "" } else { "," }, &object[1..])
        }
    })
}

fn projection() -> impl Strategy<Value = Projection> {
    let parse = |attributes: Option<&str>, excluded: Option<&str>| Projection::parse(attributes, excluded).unwrap();
    let department = format!("{ENTERPRISE}:department,emails.value");
    select(vec![
        Projection::Default,
        Projection::Default,
        Projection::Default,
        parse(Some("userName,name.givenName,meta.version,groups.display"), None),
        parse(Some("phoneNumbers.type,emails,meta,roles.display"), None),
        parse(Some(&department), None),
        parse(None, Some("groups,emails.type,meta.location,name,entitlements.value")),
        parse(None, Some(ENTERPRISE)),
    ])
}

proptest! {
    #[test]
    fn the_plan_writes_what_the_view_shows(record in record(), projection in projection()) {
        let view = &*USERS;
        let value: Value = serde_json::from_str(&record).unwrap();
        let want = by_value(view, &value, &projection);
        let streamed = streamed(view, &record, &projection).ok();
        prop_assert_eq!(&streamed, &want, "{}", record);
        // In the same order too: a resource has one version, whichever way it came.
        prop_assert_eq!(streamed.map(|it| it.to_string()), want.map(|it| it.to_string()), "{}", record);
    }

    #[test]
    fn the_plan_knows_defaults_and_what_is_there(record in record(), projection in projection()) {
        let value: Value = serde_json::from_str(&record).unwrap();
        for view in PRESENCE.iter().chain([&*KEYS]) {
            let want = by_value(view, &value, &projection);
            prop_assert_eq!(streamed(view, &record, &projection).ok(), want, "{}", record);
        }
    }

    #[test]
    fn damaged_records_never_panic(record in record(), cut in any::<proptest::sample::Index>(), with in any::<u8>()) {
        let mut bytes = record.into_bytes();
        let place = cut.index(bytes.len());
        bytes[place] = with;
        let plan = ReadPlan::compile(&USERS).unwrap();
        let _ = plan.write(&bytes, &Projection::Default, BASE, &mut Vec::new());
        let _ = plan.write(&bytes[..place], &Projection::Default, BASE, &mut Vec::new());
    }
}
