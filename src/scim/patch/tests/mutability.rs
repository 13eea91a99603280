//! Attributes that are not mapped, read-only or immutable.

use super::*;
use crate::scim::schema::Mutability;

fn mapped(rows: &[(&str, Mutability)]) -> ResourceSchema {
    let rows: Vec<_> =
        rows.iter().map(|(text, mutability)| (AttributePath::parse(text).unwrap(), *mutability)).collect();
    ResourceSchema::standard("User").unwrap().only(&rows)
}

#[test]
fn attributes_without_a_rule_are_ignored_and_reported() {
    let schema = mapped(&[("userName", Mutability::ReadWrite), ("name.givenName", Mutability::ReadWrite)]);
    let operations = json!([
        {"op": "add", "path": "nickName", "value": "x"},
        {"op": "replace", "path": "name.familyName", "value": "x"},
        {"op": "add", "value": {"shoeSize": 1, "name": {"middleName": "y"}, "groups": [], ENTERPRISE_USER: {"department": "R"}}},
        {"op": "add", "path": "userName", "value": "lovelace"}
    ]);
    let applied = patch(&operations).unwrap().apply(&ada(), &schema).unwrap();
    assert_eq!(applied.ignored, ["nickName", "name.familyName", "shoeSize", "name.middleName", ENTERPRISE_USER]);
    assert_eq!(applied.named.iter().map(ToString::to_string).collect::<Vec<_>>(), ["userName"]);
    assert_eq!(applied.resource["userName"], "lovelace");

    let read_only = json!([{"op": "add", "path": "groups", "value": []}]);
    let refused = patch(&read_only).unwrap().apply(&ada(), &schema);
    assert_eq!(refused, Err(Error::mutability("`groups` is read-only")), "not mapped, but read-only by the RFC");
}

#[test]
fn what_only_the_mapping_makes_read_only_keeps_its_value() {
    let schema = mapped(&[
        ("userName", Mutability::ReadWrite),
        ("active", Mutability::ReadOnly),
        ("name.givenName", Mutability::ReadWrite),
        ("name.familyName", Mutability::ReadOnly),
        ("emails", Mutability::ReadOnly),
    ]);
    let cases = [
        ("the value shown", json!([{"op": "replace", "path": "active", "value": true}]), vec![]),
        ("another value", json!([{"op": "replace", "path": "active", "value": false}]), vec!["active"]),
        ("another value without path", json!([{"op": "replace", "value": {"active": false}}]), vec!["active"]),
        ("removal", json!([{"op": "remove", "path": "active"}]), vec!["active"]),
        ("the part shown", json!([{"op": "replace", "path": "name.familyName", "value": "Byron"}]), vec![]),
        (
            "another part",
            json!([{"op": "replace", "value": {"name": {"familyName": "King"}}}]),
            vec!["name.familyName"],
        ),
        (
            "the list shown",
            json!([{"op": "replace", "path": "emails", "value": [{"value": "ada@home.example", "type": "home"}, {"value": "ada@work.example", "type": "work", "primary": true}]}]),
            vec![],
        ),
        ("another list", json!([{"op": "remove", "path": "emails"}]), vec!["emails"]),
    ];
    for (name, operations, ignored) in cases {
        let applied = patch(&operations).unwrap().apply(&ada(), &schema).unwrap();
        assert_eq!(applied.ignored, ignored, "{name}");
        assert_eq!(Value::Object(applied.resource), Value::Object(ada()), "{name}");
    }
}

#[test]
fn immutable_attributes_are_set_once() {
    let schema = mapped(&[
        ("userName", Mutability::Immutable),
        ("title", Mutability::Immutable),
        ("password", Mutability::Immutable),
        ("name.givenName", Mutability::Immutable),
    ]);
    let fixed = |name: &str| Err(Error::mutability(format!("`{name}` cannot be changed once it is set")));
    let cases = [
        ("the same value", json!([{"op": "replace", "path": "userName", "value": "ada"}]), Ok(())),
        ("another value", json!([{"op": "replace", "path": "userName", "value": "eve"}]), fixed("userName")),
        ("removal", json!([{"op": "remove", "path": "userName"}]), fixed("userName")),
        ("a value where there was none", json!([{"op": "add", "path": "title", "value": "T"}]), Ok(())),
        ("a secret nobody can compare", json!([{"op": "replace", "value": {"password": "x"}}]), fixed("password")),
        ("no secret", json!([{"op": "replace", "value": {"password": ""}}]), Ok(())),
        ("another part", json!([{"op": "replace", "value": {"name": {"givenName": "X"}}}]), fixed("name.givenName")),
    ];
    for (name, operations, want) in cases {
        let got = patch(&operations).unwrap().apply(&ada(), &schema);
        assert_eq!(got.map(|_| ()), want, "{name}");
    }
}
