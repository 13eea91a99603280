use serde_json::{Value, json};

use super::View;
use crate::mapping::compile::rule::tests::view;
use crate::scim::Resource;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn users() -> View {
    let department = format!("{ENTERPRISE}:department");
    let manager = format!("{ENTERPRISE}:manager.value");
    view(
        "User",
        &json!({
            "id": {"at": "uid", "type": "int"}, "userName": "login", "name.givenName": "first", "name.familyName": "last",
            "active": {"at": "status", "map": {"true": "ACTIVE", "false": ["DISABLED", "LOCKED"]}},
            "emails[type eq \"work\" and primary eq true].value": "email", "emails[type eq \"home\"].value": "home_email",
            "password": "secret", "meta.created": {"at": "created", "time": "epoch_s"},
            "displayName": {"show": "{first} {last}"}, "groups": {"at": "teams", "type": "int"},
            (department.as_str()): "dept", (manager.as_str()): {"at": "boss", "type": "int"},
        }),
    )
}

fn record() -> Value {
    json!({
        "uid": 7, "login": "ada", "first": "Ada", "last": "Lovelace", "status": "LOCKED", "email": "a@x", "secret": "hash",
        "created": 0, "teams": [1], "dept": "R", "unmapped": {"kept": 1.50},
    })
}

fn resource(value: &Value) -> Resource {
    value.as_object().unwrap().clone()
}

#[test]
fn a_record_is_shown_as_a_resource() {
    let got = Value::Object(users().read(&record()));
    let want = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "id": "7", "userName": "ada", "name": {"givenName": "Ada", "familyName": "Lovelace"}, "active": false,
        "emails": [{"type": "work", "primary": true, "value": "a@x"}], "displayName": "Ada Lovelace",
        "groups": [{"value": "1"}], ENTERPRISE: {"department": "R"},
        "meta": {"resourceType": "User", "created": "1970-01-01T00:00:00Z"},
    });
    assert_eq!(got, want);
    let bare = Value::Object(users().read(&json!({"uid": 1})));
    let schemas = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
    assert_eq!(bare, json!({"schemas": schemas, "id": "1", "meta": {"resourceType": "User"}}));
}

#[test]
fn ids_are_those_that_a_record_can_have() {
    let users = users();
    let cases = [
        ("a number", "42", json!(42)),
        ("beyond u64", "18446744073709551617", serde_json::from_str("18446744073709551617").unwrap()),
        ("leading zeros", "007", json!(null)),
        ("a plus", "+7", json!(null)),
        ("a space", " 7", json!(null)),
        ("minus zero", "-0", json!(null)),
        ("empty", "", json!(null)),
        ("text", "ada", json!(null)),
        ("beyond reason", &"9".repeat(41), json!(null)),
    ];
    for (name, id, want) in cases {
        assert_eq!(users.encode_id(id).unwrap_or_default(), want, "{name}");
    }
    let by_name = view("User", &json!({"id": "login"}));
    assert_eq!(by_name.encode_id("ada/x"), Some(json!("ada/x")));
    assert_eq!(by_name.encode_id(""), None);
    assert_eq!(by_name.id(&json!({"login": ""})), None, "an empty id is none");
    assert_eq!(by_name.id(&json!({"login": 9_007_199_254_740_993_u64})).as_deref(), Some("9007199254740993"));
}

#[test]
fn a_new_record_is_built_on_the_constants() {
    let mut record = json!({"status": "ACTIVE", "source": "scim"});
    let new =
        json!({"userName": "bob", "id": "9", "groups": [{"value": "1"}], "password": "p", "name": {"givenName": ""}});
    users().build(&mut record, &resource(&new)).unwrap();
    assert_eq!(record, json!({"status": "ACTIVE", "source": "scim", "login": "bob", "secret": "p"}));
    let error = users().build(&mut record, &resource(&json!({ENTERPRISE: {"manager": {"value": "x"}}}))).unwrap_err();
    assert_eq!(error.detail, format!("`{ENTERPRISE}:manager.value`: expected a whole number"));
}

#[test]
fn only_what_differs_is_put_and_named() {
    let users = users();
    let index = |name: &str| users.rules.iter().position(|rule| rule.name == name).unwrap();
    let cases = [
        ("nothing", json!({}), vec![], json!({})),
        (
            "a name",
            json!({"name": {"givenName": "Ada", "familyName": "Byron"}}),
            vec!["name.familyName"],
            json!({"last": "Byron"}),
        ),
        ("only the case", json!({"userName": "Ada"}), vec!["userName"], json!({"login": "Ada"})),
        ("a locked user stays locked", json!({"active": false}), vec![], json!({})),
        ("activated", json!({"active": true}), vec!["active"], json!({"status": "ACTIVE"})),
        (
            "a removed mail",
            json!({"emails": null}),
            vec!["emails[type eq \"work\" and primary eq true].value"],
            json!({"email": null}),
        ),
        ("a password", json!({"password": "p"}), vec!["password"], json!({"secret": "p"})),
        ("read-only ones", json!({"id": "8", "displayName": "x", "groups": [], "meta": {}}), vec![], json!({})),
        (
            "an extension",
            json!({ENTERPRISE: {"manager": {"value": "3"}}}),
            vec!["dept", "boss"],
            json!({"dept": null, "boss": 3}),
        ),
    ];
    for (name, change, changed, difference) in cases {
        let old = users.read(&record());
        let mut new = old.clone();
        new.extend(resource(&change));
        let mut after = record();
        let got = users.update(&mut after, &old, &new).unwrap();
        let mut want = record();
        want.as_object_mut().unwrap().extend(resource(&difference));
        assert_eq!(after, want, "{name}");
        let changed: Vec<_> = changed
            .iter()
            .map(|name| match *name {
                "dept" => index(&format!("{ENTERPRISE}:department")),
                "boss" => index(&format!("{ENTERPRISE}:manager.value")),
                name => index(name),
            })
            .collect();
        assert_eq!(got, changed, "{name}");
        let seen = users.read(&after);
        assert!(users.update(&mut after, &seen, &seen).unwrap().is_empty(), "{name}: a repeat");
    }
}

#[test]
fn what_is_written_elsewhere_or_by_calls_alone_is_changed_by_its_view() {
    let groups = view(
        "Group",
        &json!({"id": "id", "displayName": {"read_at": "label", "write_at": "new_label"}, "members": "$.teams[*].ids"}),
    );
    let mut record = json!({"id": "1", "label": "old", "new_label": "new", "teams": [{"ids": ["a"]}]});
    let old = groups.read(&record);
    let mut new = old.clone();
    new.extend(resource(&json!({"displayName": "new", "members": [{"value": "b"}]})));
    let before = record.clone();
    assert_eq!(groups.update(&mut record, &old, &new).unwrap(), [1, 2]);
    assert_eq!(record, before);
}

#[test]
fn an_answer_is_the_resource_when_nothing_lacks() {
    let users = users();
    let wanted = json!({"userName": "ada", "emails": [{"type": "work", "value": "a@x"}], "password": "p"});
    let cases = [
        ("whole", record(), Some("7"), true),
        ("any id", record(), None, true),
        ("another id", record(), Some("8"), false),
        ("no id", json!({"login": "ada", "email": "a@x"}), None, false),
        ("a value lacks", json!({"uid": 7, "login": "ada"}), Some("7"), false),
        ("a value of its own", json!({"uid": 7, "login": "other", "email": "b@x"}), Some("7"), true),
    ];
    for (name, answer, id, want) in cases {
        assert_eq!(users.is_whole(&answer, &resource(&wanted), id), want, "{name}");
    }
}
