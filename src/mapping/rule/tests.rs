use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use serde_json::{Value, json};

use super::{Rule, Show};
use crate::mapping::compile::rule::tests::view;

/// The first rule of a mapping without the id rule.
fn rule(type_name: &str, left: &str, right: &Value) -> Rule {
    let mut view = view(type_name, &json!({ left: right, "id": "the_id" }));
    view.rules.remove(0)
}

fn user(left: &str, right: &Value) -> Rule {
    rule("User", left, right)
}

fn phones() -> Rule {
    user("phoneNumbers", &parse(PHONES))
}

fn members() -> Rule {
    rule("Group", "members", &parse(MEMBERS))
}

/// (name, attribute of a User, resource, resource with the value "x", resource with the value taken out again)
const SETS: [(&str, &str, &str, &str, &str); 6] = [
    ("a plain one", "title", "{}", r#"{"title":"x"}"#, "{}"),
    ("in place of another", "title", r#"{"title":"y"}"#, r#"{"title":"x"}"#, "{}"),
    (
        "a part",
        "name.givenName",
        r#"{"name":{"familyName":"B"}}"#,
        r#"{"name":{"familyName":"B","givenName":"x"}}"#,
        r#"{"name":{"familyName":"B"}}"#,
    ),
    ("an element", WORK, "{}", r#"{"emails":[{"type":"work","value":"x"}]}"#, "{}"),
    (
        "beside another part of the element",
        WORK,
        r#"{"emails":[{"type":"work","display":"d"}]}"#,
        r#"{"emails":[{"type":"work","display":"d","value":"x"}]}"#,
        r#"{"emails":[{"type":"work","display":"d"}]}"#,
    ),
    (
        "beside another element",
        WORK,
        r#"{"emails":[{"type":"home","value":"h"}]}"#,
        r#"{"emails":[{"type":"home","value":"h"},{"type":"work","value":"x"}]}"#,
        r#"{"emails":[{"type":"home","value":"h"}]}"#,
    ),
];

#[test]
fn a_value_is_set_in_a_resource_found_and_taken_out_again() {
    for (name, left, before, with, without) in SETS {
        let rule = user(left, &json!({ "kept": true }));
        let resource = |text: &str| parse(text).as_object().cloned().unwrap();
        let mut set = resource(before);
        rule.set_in(&mut set, json!("x"));
        assert_eq!(Value::Object(set.clone()), parse(with), "{name}: set");
        assert_eq!(rule.value_in(&set), Some(json!("x")), "{name}: found");
        rule.clear_in(&mut set);
        assert_eq!(Value::Object(set), parse(without), "{name}: cleared");
    }
}

/// (name, attribute of a User, rule, record, value put, record then)
const PUTS: [(&str, &str, &str, &str, &str, &str); 15] = [
    ("a value", "title", r#""t""#, "{}", r#""Dr""#, r#"{"t":"Dr"}"#),
    ("the same value", "title", r#""t""#, r#"{"t":"Dr"}"#, r#""Dr""#, r#"{"t":"Dr"}"#),
    ("a removed value is null", "title", r#""t""#, r#"{"t":"Dr"}"#, "null", r#"{"t":null}"#),
    ("a removed value is unset", "title", r#"{"at":"t","unset":"-"}"#, r#"{"t":"Dr"}"#, "null", r#"{"t":"-"}"#),
    ("what is absent stays absent", "title", r#""t""#, "{}", "null", "{}"),
    ("what cannot be read stays", "title", r#""t""#, r#"{"t":true}"#, "null", r#"{"t":true}"#),
    (
        "a second spelling stays",
        "active",
        r#"{"at":"s","map":{"true":"A","false":["D","L"]}}"#,
        r#"{"s":"L"}"#,
        "false",
        r#"{"s":"L"}"#,
    ),
    (
        "case is folded where the rule has case",
        "userName",
        r#"{"at":"u","case":"lower"}"#,
        r#"{"u":"Ada"}"#,
        r#""ADA""#,
        r#"{"u":"Ada"}"#,
    ),
    ("case is a change where it has none", "userName", r#""u""#, r#"{"u":"ada"}"#, r#""Ada""#, r#"{"u":"Ada"}"#),
    (
        "a time to the precision of the unit",
        "title",
        r#"{"at":"d","time":"epoch_s"}"#,
        r#"{"d":1704067200}"#,
        r#""2024-01-01T00:00:00.250Z""#,
        r#"{"d":1704067200}"#,
    ),
    ("a new filter element", WORK, r#""m[?@.kind=='w'].v""#, "{}", r#""a@x""#, r#"{"m":[{"kind":"w","v":"a@x"}]}"#),
    (
        "a removed value drops its element",
        WORK,
        r#""m[?@.kind=='w'].v""#,
        r#"{"m":[{"kind":"w","v":"a@x","ok":true},{"kind":"h"}]}"#,
        "null",
        r#"{"m":[{"kind":"h"}]}"#,
    ),
    (
        "a removed value drops its index",
        WORK,
        r#""m[0].v""#,
        r#"{"m":[{"v":"a"},{"v":"b"}]}"#,
        "null",
        r#"{"m":[{"v":"b"}]}"#,
    ),
    (
        "another place to write",
        WORK,
        ELSEWHERE,
        r#"{"mails":[{"addr":"old@x"}]}"#,
        r#""new@x""#,
        r#"{"mails":[{"addr":"old@x"}],"mail":"new@x"}"#,
    ),
    (
        "removal at another place",
        WORK,
        ELSEWHERE,
        r#"{"mails":[{"addr":"old@x"}]}"#,
        "null",
        r#"{"mails":[{"addr":"old@x"}],"mail":null}"#,
    ),
];

const WORK: &str = r#"emails[type eq "work"].value"#;
const ELSEWHERE: &str = r#"{"read_at":"mails[0].addr","write_at":"mail"}"#;

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn put_writes_what_get_then_reads() {
    for (name, left, right, record, value, want) in PUTS {
        let (mut record, value) = (parse(record), parse(value));
        user(left, &parse(right)).put(&mut record, Some(&value).filter(|value| !value.is_null())).unwrap();
        assert_eq!(record, parse(want), "{name}");
    }
}

#[test]
fn a_value_of_another_rule_is_not_dropped_with_its_element() {
    let view = view(
        "User",
        &json!({
            "id": "id", "addresses[type eq \"work\"].locality": "a[?@.k=='w'].city", "addresses[type eq \"work\"].country": "a[?@.k=='w'].land",
            "nickName": "pair[0]", "title": "pair[1]",
        }),
    );
    let mut record = json!({"a": [{"k": "w", "city": "Bonn", "land": "DE"}], "pair": ["n", "t"]});
    for name in ["addresses[type eq \"work\"].locality", "nickName"] {
        view.rules.iter().find(|rule| rule.name == name).unwrap().put(&mut record, None).unwrap();
    }
    assert_eq!(record, json!({"a": [{"k": "w", "city": null, "land": "DE"}], "pair": [null, "t"]}));
}

const LOSSY: &str = "this value would not read back as it was sent";

/// (name, attribute, rule, value put, attribute in the fault, fault)
const REFUSED: [(&str, &str, &str, &str, &str, &str); 10] = [
    ("no number", "externalId", r#"{"at":"x","type":"int"}"#, r#""4x""#, "externalId", "expected a whole number"),
    ("leading zeros", "externalId", r#"{"at":"x","type":"int"}"#, r#""007""#, "externalId", LOSSY),
    ("in no row", "active", r#"{"at":"s","map":{"true":"A"}}"#, "false", "active", "expected one of true"),
    (
        "a name that splits elsewhere",
        "name",
        r#"{"at":"n","text":"{givenName} {familyName}","lossy":"reject"}"#,
        r#"{"givenName":"Mary Ann","familyName":"S"}"#,
        "name",
        LOSSY,
    ),
    ("your own text in the value", "locale", r#"{"at":"l","replace":{"-":"_"}}"#, r#""en_GB""#, "locale", LOSSY),
    ("unset as a value", "title", r#"{"at":"t","unset":"-"}"#, r#""-""#, "title", LOSSY),
    ("a delimiter in an element", "roles", ROLES, r#"[{"value":"a;b"}]"#, "roles", "expected texts without `;`"),
    (
        "an element of no kind",
        "phoneNumbers",
        PHONES,
        r#"[{"value":"1","type":"fax"}]"#,
        "phoneNumbers.type",
        r#"expected one of "work", "mobile""#,
    ),
    ("no value", "roles", r#""q""#, r#"[{"display":"x"}]"#, "roles", "expected an element with a `value`"),
    ("an object in the way", "roles", r#""o""#, r#"[{"value":"x"}]"#, "roles", "the record has no list at this place"),
];

#[test]
fn a_value_that_cannot_be_kept_is_refused_by_name() {
    for (name, left, right, value, attribute, fault) in REFUSED {
        let mut record = json!({"o": {"x": 1}, "r": "", "n": "", "t": ""});
        let error = user(left, &parse(right)).put(&mut record, Some(&parse(value))).unwrap_err();
        assert_eq!((error.status, error.detail), (400, format!("`{attribute}`: {fault}")), "{name}");
    }
    let mut record = json!({});
    let lenient = user("name", &json!({"at": "n", "text": "{givenName} {familyName}"}));
    lenient.put(&mut record, Some(&json!({"givenName": "Mary Ann", "familyName": "S"}))).unwrap();
    assert_eq!(record, json!({"n": "Mary Ann S"}), "`text` warns only");
}

const IDS: &str = r#"{"at":"ids","type":"int"}"#;
const LEVEL: &str = r#"{"at":"$.m[?@.level == 30]","each":{"value":{"at":"id","type":"int"}}}"#;
const MEMBERS: &str = r#"{"at":"members","each":{"value":"username","display":"full_name"}}"#;
const ROLES: &str = r#"{"at":"r","split":";"}"#;
const PHONES: &str = r#"{"at":"phones","each":{"value":"number","primary":"is_main","display":"label",
    "type":{"at":"kind","map":{"work":"office","mobile":"cell"}}}}"#;

/// (name, attribute, rule, record, elements put, record then)
const LISTS: [(&str, &str, &str, &str, &str, &str); 12] = [
    (
        "new plain values come last",
        "members",
        IDS,
        r#"{"ids":[1,2]}"#,
        r#"[{"value":"3"},{"value":"2"}]"#,
        r#"{"ids":[2,3]}"#,
    ),
    (
        "an order of no importance",
        "members",
        IDS,
        r#"{"ids":[1,2]}"#,
        r#"[{"value":"2"},{"value":"1"}]"#,
        r#"{"ids":[1,2]}"#,
    ),
    ("a member twice is one", "members", IDS, "{}", r#"[{"value":"1"},{"value":"1","display":"x"}]"#, r#"{"ids":[1]}"#),
    ("an empty list", "members", IDS, r#"{"ids":[1]}"#, "null", r#"{"ids":[]}"#),
    ("no list stays no list", "members", IDS, "{}", "[]", "{}"),
    ("what cannot be read stays", "members", IDS, r#"{"ids":["odd",1]}"#, r#"[{"value":"2"}]"#, r#"{"ids":["odd",2]}"#),
    (
        "a reference that stays is untouched, and its display is not written",
        "members",
        MEMBERS,
        r#"{"members":[{"username":"a","full_name":"Ada","since":1},{"username":"b"}]}"#,
        r#"[{"value":"a","display":"forged"},{"value":"c","display":"forged","$ref":"x"}]"#,
        r#"{"members":[{"username":"a","full_name":"Ada","since":1},{"username":"c"}]}"#,
    ),
    (
        "elements that the path does not select stay",
        "members",
        LEVEL,
        r#"{"m":[{"id":1,"level":10},{"id":2,"level":30}]}"#,
        r#"[{"value":"1"},{"value":"3"}]"#,
        r#"{"m":[{"id":1,"level":10},{"level":30,"id":1},{"level":30,"id":3}]}"#,
    ),
    (
        "parts of an element that stays are changed, the rest of it is kept",
        "phoneNumbers",
        PHONES,
        r#"{"phones":[{"number":"1","kind":"office","label":"L","verified":true}]}"#,
        r#"[{"value":"1","type":"mobile"}]"#,
        r#"{"phones":[{"number":"1","kind":"cell","label":null,"verified":true}]}"#,
    ),
    (
        "not primary is the same as nothing",
        "phoneNumbers",
        PHONES,
        r#"{"phones":[{"number":"1","is_main":false},{"number":"2","is_main":true}]}"#,
        r#"[{"value":"1","primary":true},{"value":"2"}]"#,
        r#"{"phones":[{"number":"1","is_main":true},{"number":"2","is_main":false}]}"#,
    ),
    ("a delimited string", "roles", ROLES, r#"{"r":"a;b"}"#, r#"[{"value":"c"},{"value":"b"}]"#, r#"{"r":"b;c"}"#),
    ("an emptied delimited string", "roles", ROLES, r#"{"r":"a;b"}"#, "[]", r#"{"r":null}"#),
];

#[test]
fn a_list_keeps_the_elements_that_stay() {
    for (name, left, right, record, value, want) in LISTS {
        let mut record = parse(record);
        let type_name = if left == "members" { "Group" } else { "User" };
        rule(type_name, left, &parse(right)).put(&mut record, Some(&parse(value))).unwrap();
        assert_eq!(record, parse(want), "{name}");
    }
}

#[test]
fn a_list_is_read_from_what_the_path_selects() {
    let cases = [
        (
            "plain values",
            user("roles", &json!("r")),
            json!({"r": ["a", null, "", "b"]}),
            json!([{"value": "a"}, {"value": "b"}]),
        ),
        (
            "the elements by wildcard",
            user("roles", &json!("r[*].n")),
            json!({"r": [{"n": "a"}, {"x": 1}, {"n": "b"}]}),
            json!([{"value": "a"}, {"value": "b"}]),
        ),
        ("one value where a list should be", user("roles", &json!("r")), json!({"r": "a"}), json!([{"value": "a"}])),
        (
            "tables",
            phones(),
            json!({"phones": [{"number": "1", "kind": "cell"}, {"kind": "cell"}, {"number": "2", "kind": "?"}]}),
            json!([{"value": "1", "type": "mobile"}, {"value": "2"}]),
        ),
        ("nothing", user("roles", &json!("r")), json!({"r": []}), json!(null)),
        (
            "elements that are pairs",
            rule(
                "Group",
                "members",
                &json!({"at": "$.rows[*]", "each": {"value": "$[0]", "display": "$[1]"}, "mutability": "readOnly"}),
            ),
            json!({"rows": [["1", "Ada"]]}),
            json!([{"value": "1", "display": "Ada"}]),
        ),
    ];
    for (name, rule, record, want) in cases {
        assert_eq!(rule.get(&record).unwrap_or_default(), want, "{name}");
    }
}

#[test]
fn an_element_becomes_an_item_and_is_found_again() {
    let added = json!({"value": "ada", "display": "forged"});
    assert_eq!(members().element_item(&added).unwrap(), json!({"username": "ada"}));
    let ids = rule("Group", "members", &json!({"at": "ids", "type": "int"}));
    assert_eq!(ids.element_item(&json!({"value": "7"})).unwrap(), json!(7));
    assert_eq!(ids.element_item(&json!("7")).unwrap(), json!(7));
    assert!(ids.element_item(&json!({"value": "x"})).is_err());
    let record = json!({"members": [{"username": "bob"}, {"username": "ada", "membership": 9}]});
    assert_eq!(members().item_in(&record, &added), Some(json!({"username": "ada", "membership": 9})));
    assert_eq!(members().item_in(&record, &json!({"value": "eve"})), None);
}

#[test]
fn added_and_removed_elements_are_told_by_value() {
    let resource = |members: Value| json!({"members": members}).as_object().unwrap().clone();
    let old = resource(json!([{"value": "a", "display": "A"}, {"value": "b"}]));
    let new = resource(json!([{"value": "c"}, {"value": "a"}, {"value": "c"}]));
    let (added, removed) = members().added_and_removed(&old, &new);
    assert_eq!((added, removed), (vec![json!({"value": "c"})], vec![json!({"value": "b"})]));
}

#[test]
fn the_element_that_a_client_means_is_found() {
    let work = user("emails[type eq \"work\"].value", &json!("w"));
    let main = user("emails[type eq \"work\" and primary eq true].value", &json!("w"));
    let primary = user("emails[primary eq true].value", &json!("w"));
    let two = view(
        "User",
        &json!({"id": "id", "emails[type eq \"work\" and primary eq true].value": "w", "emails[type eq \"home\"].value": "h"}),
    );
    let cases = [
        ("by type", &work, json!([{"type": "home", "value": "h"}, {"type": "Work", "value": "w"}]), Some("w")),
        ("no such type", &work, json!([{"type": "home", "value": "h"}]), None),
        (
            "by type and primary",
            &main,
            json!([{"type": "work", "value": "1"}, {"type": "work", "value": "2", "primary": true}]),
            Some("2"),
        ),
        (
            "the type before primary",
            &main,
            json!([{"type": "home", "value": "1", "primary": true}, {"type": "work", "value": "2"}]),
            Some("2"),
        ),
        ("the only one", &main, json!([{"value": "1"}]), Some("1")),
        (
            "the only primary one",
            &main,
            json!([{"type": "other", "value": "1"}, {"value": "2", "primary": true}]),
            Some("2"),
        ),
        ("none in particular", &main, json!([{"type": "other", "value": "1"}, {"value": "2"}]), None),
        ("primary alone", &primary, json!([{"value": "1"}, {"value": "2", "primary": true}]), Some("2")),
        ("none is primary", &primary, json!([{"value": "1"}, {"value": "2"}]), None),
        ("an element of another rule", &two.rules[1], json!([{"type": "home", "value": "h"}]), None),
        ("a single object", &work, json!({"type": "work", "value": "w"}), Some("w")),
        ("an empty text", &work, json!([{"type": "work", "value": ""}]), None),
    ];
    for (name, rule, emails, want) in cases {
        let resource = json!({"emails": emails}).as_object().unwrap().clone();
        assert_eq!(rule.value_in(&resource), want.map(Value::from), "{name}");
    }
}

#[test]
fn a_search_value_is_one_that_a_record_can_hold() {
    let id = || user("externalId", &json!({"at": "x", "type": "int"}));
    let cases = [
        ("a number", id(), json!("42"), json!(42)),
        ("leading zeros", id(), json!("007"), json!(null)),
        ("empty", id(), json!(""), json!(null)),
        ("text", id(), json!("ada"), json!(null)),
        ("another kind", id(), json!(true), json!(null)),
        (
            "folded",
            user("userName", &json!({"at": "u", "case": "lower", "text": "CORP\\{}"})),
            json!("ADA"),
            json!("CORP\\ada"),
        ),
        ("an element's value", members(), json!("ada"), json!("ada")),
        ("a shown text", user("title", &json!({"show": "Dr"})), json!("Dr"), json!(null)),
    ];
    for (name, rule, value, want) in cases {
        assert_eq!(rule.encode(&value).unwrap_or_default(), want, "{name}");
    }
}

#[test]
fn a_shown_text_is_made_of_fields() {
    let record = json!({"rev": 7, "first": "Ada", "last": null, "org": {"unit": "R"}, "yes": true, "list": [1]});
    let cases = [
        ("a number in quotes", "W/\"{rev}\"", Some("W/\"7\"")),
        ("a missing field", "{first} {last}", None),
        ("an optional field", "{first}{last?}", Some("Ada")),
        ("a path", "{$.org.unit}/{org['unit']}", Some("R/R")),
        ("a constant", "User", Some("User")),
        ("literal braces", "{{{first}}}", Some("{Ada}")),
        ("a boolean and a list", "{yes}{list}", Some("true[1]")),
        ("nothing but missing fields", "{last?}", None),
    ];
    for (name, text, want) in cases {
        assert_eq!(Show::parse(text).unwrap().text(&record, &Value::Null).as_deref(), want, "{name}");
    }
    for (name, text, range) in [("open", "a{b", 1..2), ("closed", "a}b", 1..2), ("no path", "{a-b}", 2..3)] {
        assert_eq!(Show::parse(text).unwrap_err().range, range, "{name}");
    }
    let active = user("active", &json!({"show": "true"}));
    assert_eq!(active.get(&json!({})), Some(json!(true)), "a constant of another kind");
}

/// A record in which a rule may find all kinds of things at its place.
fn records() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({})),
        Just(json!({"x": null})),
        Just(json!({"x": {"y": [1]}, "keep": 1})),
        "[A-Z]{0,3}".prop_map(|text| json!({"x": text, "keep": [1, 2]})),
        any::<i64>().prop_map(|number| json!({"x": number, "keep": {"a": 1}})),
        proptest::collection::vec(any::<u8>(), 0..4).prop_map(|list| json!({"x": list})),
    ]
}

const TEXT: &str = "[a-zA-Z;_ -]{1,6}";

/// A rule with each codec, and a value to put.
fn single_puts() -> impl Strategy<Value = (Rule, Value)> {
    let map = json!({"at": "x", "map": {"true": "A", "false": ["D", "L"]}});
    prop_oneof![
        TEXT.prop_map(|value| (user("title", &json!("x")), json!(value))),
        TEXT.prop_map(|value| (user("title", &json!("a.b[?@.k=='x'].v")), json!(value))),
        TEXT.prop_map(|value| (user("userName", &json!({"at": "x", "case": "lower", "text": "C-{}"})), json!(value))),
        TEXT.prop_map(|value| (user("locale", &json!({"at": "x", "replace": {"-": "_"}})), json!(value))),
        any::<i64>()
            .prop_map(|value| (user("externalId", &json!({"at": "x", "type": "int"})), json!(value.to_string()))),
        any::<bool>().prop_map(move |value| (user("active", &map), json!(value))),
        any::<bool>().prop_map(|value| (user("active", &json!({"at": "x", "type": "string"})), json!(value))),
        (0..2_000_000_000_i64).prop_map(|value| {
            let moment = jiff::Timestamp::from_second(value).unwrap().to_string();
            (user("title", &json!({"at": "x", "time": "epoch_ms"})), json!(moment))
        }),
    ]
}

/// A rule of several values, and values to put.
fn several_puts() -> impl Strategy<Value = (Rule, Value)> {
    prop_oneof![
        (TEXT, TEXT).prop_map(|(given, family)| {
            let rule = user("name", &json!({"at": "x", "text": "{givenName*} {familyName}", "lossy": "reject"}));
            (rule, json!({"givenName": given, "familyName": family}))
        }),
        proptest::collection::vec(TEXT, 1..4).prop_map(|values| {
            let elements: Vec<_> = values.iter().map(|value| json!({"value": value})).collect();
            (user("roles", &json!({"at": "x", "split": ";"})), json!(elements))
        }),
        proptest::collection::vec((TEXT, any::<bool>()), 1..4).prop_map(|values| {
            let element =
                |(value, primary): &(String, bool)| json!({"value": value, "primary": primary, "type": "work"});
            let elements: Vec<_> = values.iter().map(element).collect();
            let each = json!({"value": "number", "primary": "main", "type": {"at": "kind", "map": {"work": "office"}}});
            (user("phoneNumbers", &json!({"at": "x", "each": each})), json!(elements))
        }),
    ]
}

proptest! {
    #[test]
    fn what_was_put_is_what_is_read_or_is_refused((rule, value) in prop_oneof![2 => single_puts().boxed(), 1 => several_puts().boxed()], record in records()) {
        let mut after = record.clone();
        if rule.put(&mut after, Some(&value)).is_ok() {
            let seen = rule.get(&after);
            prop_assert!(rule.is_same(seen.as_ref(), Some(&value)), "{} {seen:?}", rule.name);
            prop_assert_eq!(after.get("keep"), record.get("keep"));
            // GetPut: putting what is shown changes nothing.
            let before = after.clone();
            rule.put(&mut after, seen.as_ref()).unwrap();
            prop_assert_eq!(&after, &before);
            rule.put(&mut after, None).unwrap();
            prop_assert_eq!(rule.get(&after), None);
        }
    }
}
