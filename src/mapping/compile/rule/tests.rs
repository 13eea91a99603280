use serde_json::{Value, json};

use super::{compile_view, report_unwritable};
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{RuleDocument, Spanned, Text, Tree};
use crate::mapping::view::View;
use crate::scim::ResourceSchema;
use crate::scim::schema::Mutability;

/// A text at a place of its own; with quotes around it.
fn text(value: &str) -> Text {
    Spanned { span: 100..102 + value.len(), value: value.to_owned() }
}

/// A rule from a JSON table with the keys of the mapping; a string is `at`.
fn rule(left: &str, right: &Value) -> RuleDocument {
    let get = |key: &str| right.get(key).and_then(Value::as_str).map(text);
    let value = |key: &str| right.get(key).map(|value| Spanned { span: 0..1, value: value.clone() });
    let all = |value: &Value| -> Vec<Spanned<Value>> {
        let list = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        list.into_iter().map(|value| Spanned { span: 50..51, value }).collect()
    };
    let object = |key: &str| right.get(key).and_then(Value::as_object).cloned();
    let mut map = object("map");
    let otherwise = map.as_mut().and_then(|map| map.shift_remove("else"));
    RuleDocument {
        left: Some(text(left)),
        span: 0..1,
        at: right.as_str().map(text).or(get("at")),
        read_at: get("read_at"),
        write_at: get("write_at"),
        kind: get("type"),
        map: map
            .map(|map| Spanned { span: 0..1, value: map.iter().map(|(key, value)| (text(key), all(value))).collect() }),
        map_else: otherwise.map(|value| Spanned { span: 0..1, value }),
        time: get("time"),
        text: get("text"),
        scim_text: get("scim_text"),
        replace: object("replace").map(|pairs| Spanned {
            span: 0..1,
            value: pairs.iter().map(|(key, value)| (text(key), text(value.as_str().unwrap()))).collect(),
        }),
        case: get("case"),
        search_case: get("search_case"),
        present: right.get("present").and_then(Value::as_bool).map(|value| Spanned { span: 0..1, value }),
        split: get("split"),
        bits: object("bits").map(|rows| Spanned {
            span: 0..1,
            value: rows.into_iter().map(|(name, value)| (text(&name), Spanned { span: 0..1, value })).collect(),
        }),
        single: get("single"),
        each: object("each").iter().flatten().map(|(left, right)| rule(left, right)).collect(),
        kept: right.get("kept").and_then(Value::as_bool).map(|value| Spanned { span: 0..1, value }),
        show: get("show"),
        default: right.get("default").map(|value| Tree::Literal(value.clone())),
        read_default: value("read_default"),
        unset: value("unset"),
        mutability: get("mutability"),
        required: right.get("required").and_then(Value::as_bool).map(|value| Spanned { span: 0..1, value }),
        lossy: get("lossy"),
        inverse: None,
        schema: None,
    }
}

/// Compiles rules written as a JSON table.
pub(crate) fn compiled(type_name: &str, rules: &Value) -> (Option<View>, Diagnostics) {
    let rules: Vec<_> = rules.as_object().unwrap().iter().map(|(left, right)| rule(left, right)).collect();
    let mut found = Diagnostics::new("test.toml");
    let view = compile_view(
        ResourceSchema::standard(type_name).unwrap(),
        &rules,
        (&Value::Null, &["User", "Group"], &[]),
        &(7..13),
        &mut found,
    );
    (view, found)
}

/// The view of rules that are right.
pub(crate) fn view(type_name: &str, rules: &Value) -> View {
    let (view, found) = compiled(type_name, rules);
    assert!(found.found.is_empty(), "{:#?}", found.found);
    view.unwrap()
}

/// (name, resource type, rules, code, start and end of the place)
const FAULTS: [(&str, &str, &str, Code, usize, usize); 40] = [
    ("no id", "User", r#"{"userName": "login"}"#, Code::E18, 7, 13),
    ("an unknown attribute", "User", r#"{"id": "id", "usrName": "login"}"#, Code::E15, 100, 109),
    ("an unknown sub-attribute", "User", r#"{"id": "id", "name.givnName": "x"}"#, Code::E15, 106, 114),
    ("an unknown extension", "User", r#"{"id": "id", "urn:x:1.0:User:a": "x"}"#, Code::E15, 100, 118),
    ("no attribute path", "User", r#"{"id": "id", "emails[type eq].value": "x"}"#, Code::E15, 115, 122),
    ("a core attribute of another type", "Group", r#"{"id": "id", "userName": "x"}"#, Code::E15, 100, 110),
    ("what the bridge makes", "User", r#"{"id": "id", "meta.location": "x"}"#, Code::E19, 100, 115),
    ("no path", "User", r#"{"id": "id", "userName": "user-name"}"#, Code::E16, 105, 106),
    ("a path that is only readable", "User", r#"{"id": "id", "userName": "a[?@.r < 3].v"}"#, Code::E02, 104, 111),
    (
        "an overlapping map",
        "User",
        r#"{"id": "id", "active": {"at": "s", "map": {"true": "A", "false": ["D", "A"]}}}"#,
        Code::E03,
        50,
        51,
    ),
    (
        "a map key that is no boolean",
        "User",
        r#"{"id": "id", "active": {"at": "s", "map": {"yes": "A"}}}"#,
        Code::E14,
        100,
        105,
    ),
    (
        "an else that is no boolean",
        "User",
        r#"{"id": "id", "active": {"at": "s", "map": {"true": "A", "else": "no"}}}"#,
        Code::E14,
        0,
        1,
    ),
    (
        "a replacement that cannot be undone",
        "User",
        r#"{"id": "id", "locale": {"at": "l", "replace": {"-": "_", " ": "_"}}}"#,
        Code::E03,
        100,
        103,
    ),
    ("the id moves with the name", "User", r#"{"id": "username", "userName": "username"}"#, Code::E07, 0, 1),
    ("two rules write one place", "User", r#"{"id": "id", "userName": "mail", "nickName": "$.mail"}"#, Code::E08, 0, 1),
    ("one writes a part of the other", "User", r#"{"id": "id", "userName": "a.b", "nickName": "a"}"#, Code::E08, 0, 1),
    ("an attribute mapped twice", "User", r#"{"id": "id", "userName": "a", "USERNAME": "b"}"#, Code::E19, 0, 1),
    (
        "a whole and its part",
        "User",
        r#"{"id": "id", "name.givenName": "g", "name": {"at": "n", "text": "{givenName} {familyName}"}}"#,
        Code::E19,
        0,
        1,
    ),
    (
        "a list and its element",
        "User",
        r#"{"id": "id", "emails": "m", "emails[type eq \"work\"].value": "w"}"#,
        Code::E19,
        0,
        1,
    ),
    (
        "map and time",
        "User",
        r#"{"id": "id", "title": {"at": "t", "map": {"a": 1}, "time": "date"}}"#,
        Code::E19,
        100,
        106,
    ),
    (
        "case on a case-exact attribute",
        "User",
        r#"{"id": "id", "externalId": {"at": "x", "case": "lower"}}"#,
        Code::E19,
        100,
        107,
    ),
    ("split of a single value", "User", r#"{"id": "id", "title": {"at": "x", "split": ";"}}"#, Code::E19, 100, 103),
    ("an unknown type", "User", r#"{"id": {"at": "id", "type": "integer"}}"#, Code::E19, 100, 109),
    ("an unknown case", "User", r#"{"id": "id", "userName": {"at": "x", "case": "lowr"}}"#, Code::E19, 100, 106),
    (
        "an unknown mutability",
        "User",
        r#"{"id": "id", "userName": {"at": "x", "mutability": "readonly"}}"#,
        Code::E19,
        100,
        110,
    ),
    ("an unknown time", "User", r#"{"id": "id", "meta.created": {"at": "x", "time": "epoch"}}"#, Code::E19, 100, 107),
    ("an unknown policy", "User", r#"{"id": "id", "userName": {"at": "x", "lossy": "ignore"}}"#, Code::E19, 100, 108),
    (
        "a pattern without separators",
        "User",
        r#"{"id": "id", "name": {"at": "n", "text": "{givenName}{familyName}"}}"#,
        Code::E19,
        101,
        112,
    ),
    (
        "a pattern of unknown parts",
        "User",
        r#"{"id": "id", "name": {"at": "n", "text": "{given} {familyName}"}}"#,
        Code::E15,
        101,
        108,
    ),
    ("a complex attribute without parts", "User", r#"{"id": "id", "name": "n"}"#, Code::E19, 0, 1),
    ("a list of tables without a value", "User", r#"{"id": "id", "addresses": "n"}"#, Code::E19, 0, 1),
    (
        "each on a single value",
        "User",
        r#"{"id": "id", "title": {"at": "n", "each": {"value": "v"}}}"#,
        Code::E19,
        0,
        1,
    ),
    ("a filter without a part", "User", r#"{"id": "id", "emails[type eq \"work\"]": "n"}"#, Code::E19, 100, 124),
    (
        "a filter that cannot make an element",
        "User",
        r#"{"id": "id", "emails[type ne \"work\"].value": "n"}"#,
        Code::E19,
        100,
        130,
    ),
    ("a part of no element in particular", "User", r#"{"id": "id", "emails.value": "n"}"#, Code::E19, 100, 114),
    ("at beside write_at", "User", r#"{"id": "id", "title": {"at": "a", "write_at": "b"}}"#, Code::E19, 100, 103),
    ("show beside at", "User", r#"{"id": "id", "title": {"at": "a", "show": "b"}}"#, Code::E19, 100, 103),
    ("no place", "User", r#"{"id": "id", "title": {"case": "lower"}}"#, Code::E20, 0, 1),
    (
        "a read-only attribute made writable",
        "User",
        r#"{"id": "id", "groups": {"at": "g", "mutability": "readWrite"}}"#,
        Code::E19,
        100,
        111,
    ),
    (
        "writable, but no place to write",
        "User",
        r#"{"id": "id", "title": {"read_at": "g", "mutability": "immutable"}}"#,
        Code::E19,
        100,
        111,
    ),
];

#[test]
fn a_fault_has_its_code_its_place_and_a_help_line() {
    for (name, type_name, rules, code, start, end) in FAULTS {
        let (view, found) = compiled(type_name, &serde_json::from_str(rules).unwrap());
        let places: Vec<_> = found.found.iter().map(|finding| (finding.code, finding.span.clone())).collect();
        assert_eq!(places, [(code, start..end)], "{name}: {:#?}", found.found);
        assert!(found.found[0].help.is_some(), "{name}: help");
        assert!(view.is_none(), "{name}: no view");
    }
}

#[test]
fn messages_say_what_to_type() {
    let cases = [
        (
            "a slip",
            json!({"id": "id", "usrName": "x"}),
            "SCIM has no attribute `usrName` in User",
            "did you mean `userName`?",
        ),
        (
            "an attribute of the extension",
            json!({"id": "id", "departmnt": "x"}),
            "SCIM has no attribute `departmnt` in User",
            "did you mean `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`?",
        ),
        (
            "a part",
            json!({"id": "id", "name.givnName": "x"}),
            "`name` has no sub-attribute `givnName`",
            "did you mean `givenName`?",
        ),
        (
            "the id moves",
            json!({"id": "username", "userName": "$.username"}),
            "`id` would change when `userName` changes: both are `$.username`",
            "userName = { at = \"$.username\", mutability = \"immutable\" }",
        ),
        (
            "a map",
            json!({"id": "id", "active": {"at": "s", "map": {"true": "A", "false": "A"}}}),
            "`active` would not read back: `true` and `false` are both written as \"A\"",
            "give each SCIM value values of its own",
        ),
        (
            "a word",
            json!({"id": {"at": "id", "type": "strng"}}),
            "`strng` is no value of `type`",
            "did you mean `string`?",
        ),
        (
            "other words",
            json!({"id": {"at": "id", "type": "uuid"}}),
            "`uuid` is no value of `type`",
            "one of `int`, `number`, `bool`, `string`",
        ),
    ];
    for (name, rules, message, help) in cases {
        let (_, found) = compiled("User", &rules);
        assert_eq!(found.found[0].message, message, "{name}");
        assert_eq!(found.found[0].help.as_deref(), Some(help), "{name}");
    }
}

#[test]
fn all_faults_are_found_at_once() {
    let rules = json!({"usrName": "x", "title": "user-name", "active": {"at": "s", "map": {"true": 1, "false": 1}}});
    let codes: Vec<_> = compiled("User", &rules).1.found.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, [Code::E15, Code::E16, Code::E03, Code::E18]);
}

#[test]
fn what_is_right_is_left_alone() {
    let cases = [
        (
            "a read-only rule shares a place",
            "User",
            json!({"id": "u", "userName": {"at": "u", "mutability": "immutable"}, "displayName": {"at": "u", "mutability": "readOnly"}}),
        ),
        (
            "filters with different literals",
            "User",
            json!({"id": "id", "name.givenName": "n[?@.k=='g'].v", "name.familyName": "n[?@.k=='f'].v"}),
        ),
        (
            "a place that is only read",
            "User",
            json!({"id": "id", "userName": "u", "title": {"read_at": "$.jobs[?@.rank < 3].name", "mutability": "readOnly"}}),
        ),
        (
            "another place to write",
            "User",
            json!({"id": "id", "emails[type eq \"work\"].value": {"read_at": "emails[0].address", "write_at": "email"}}),
        ),
        (
            "a redundant type beside a map",
            "User",
            json!({"id": "id", "active": {"at": "s", "type": "int", "map": {"true": 1, "false": [0, 2]}}}),
        ),
        (
            "a text that does not always read back",
            "User",
            json!({"id": "id", "name": {"at": "n", "text": "{givenName*} {familyName}"}}),
        ),
        ("an upper case spelling", "User", json!({"ID": "id", "USERNAME": "u"})),
        (
            "a core URN in front",
            "User",
            json!({"id": "id", "urn:ietf:params:scim:schemas:core:2.0:User:userName": "u"}),
        ),
    ];
    for (name, type_name, rules) in cases {
        let (view, found) = compiled(type_name, &rules);
        assert!(found.found.is_empty() && view.is_some(), "{name}: {:#?}", found.found);
    }
}

#[test]
fn a_list_that_only_calls_can_write_is_told_from_others() {
    let view = view("Group", &json!({"id": "id", "displayName": "n", "members": "$.teams[*].ids"}));
    let members = &view.rules[2];
    assert!(members.write_at.is_none() && members.is_writable());
    let mut found = Diagnostics::new("test.toml");
    report_unwritable(members, &mut found);
    assert_eq!((found.found[0].code, found.found[0].span.clone()), (Code::E02, 108..111));
    found.found.clear();
    report_unwritable(&view.rules[1], &mut found);
    assert!(found.found.is_empty());
}

#[test]
fn rules_of_one_attribute_and_one_element_stand_together() {
    let rules = json!({
        "emails[type eq \"work\"].value": "a", "userName": "u", "name.givenName": "g", "emails[type eq \"home\"].value": "b",
        "emails[type eq \"work\"].display": "c", "id": "id", "name.familyName": "f",
    });
    let view = view("User", &rules);
    let names: Vec<_> = view.rules.iter().map(|rule| rule.name.as_str()).collect();
    let want = [
        "emails[type eq \"work\"].value",
        "emails[type eq \"work\"].display",
        "emails[type eq \"home\"].value",
        "userName",
        "name.givenName",
        "name.familyName",
        "id",
    ];
    assert_eq!(names, want);
    assert_eq!(view.id, 6);
}

#[test]
fn the_schema_advertises_what_is_mapped_with_its_true_mutability() {
    let enterprise = crate::scim::schema::ENTERPRISE_USER;
    let department = format!("{enterprise}:department");
    let rules = json!({
        "id": "id", "userName": {"at": "u", "mutability": "immutable"}, "name": {"at": "n", "text": "{givenName} {familyName}"},
        "emails[type eq \"work\"].value": "mail", "title": {"show": "Dr"}, "groups": "g",
        (department.as_str()): {"at": "d", "mutability": "readOnly"}, "password": {"at": "p"},
    });
    let view = view("User", &rules);
    let attribute = |path: &str| {
        view.schema.attribute(&crate::scim::AttributePath::parse(path).unwrap()).map(|found| found.mutability)
    };
    let cases = [
        ("userName".to_owned(), Some(Mutability::Immutable)),
        ("name.givenName".to_owned(), Some(Mutability::ReadWrite)),
        ("name.middleName".to_owned(), None),
        ("emails.type".to_owned(), Some(Mutability::ReadWrite)),
        ("emails.display".to_owned(), None),
        ("title".to_owned(), Some(Mutability::ReadOnly)),
        ("groups.value".to_owned(), Some(Mutability::ReadOnly)),
        (department, Some(Mutability::ReadOnly)),
        (format!("{enterprise}:manager"), None),
        ("password".to_owned(), Some(Mutability::WriteOnly)),
        ("nickName".to_owned(), None),
    ];
    for (path, want) in cases {
        assert_eq!(attribute(&path), want, "{path}");
    }
}
