use serde_json::json;

use super::*;
use crate::scim::schema::ENTERPRISE_USER;

mod clients;
mod mutability;
mod refusals;

fn object(value: &Value) -> Resource {
    value.as_object().unwrap().clone()
}

fn ada() -> Resource {
    object(&json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "7",
        "userName": "ada",
        "active": true,
        "name": {"givenName": "Ada", "familyName": "Byron"},
        "emails": [
            {"value": "ada@work.example", "type": "work", "primary": true},
            {"value": "ada@home.example", "type": "home"}
        ],
        "groups": [{"value": "g1"}],
        ENTERPRISE_USER: {"department": "Maths", "manager": {"value": "m1", "displayName": "Charles"}}
    }))
}

fn team() -> Resource {
    object(&json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "id": "9",
        "displayName": "Team",
        "members": [{"value": "1"}, {"value": "2", "display": "Two"}]
    }))
}

fn patch(operations: &Value) -> Result<Patch, Error> {
    let body = json!({"schemas": [PATCH_SCHEMA], "Operations": operations});
    Patch::parse(body.to_string().as_bytes())
}

fn apply(resource: &Resource, operations: &Value) -> Result<Applied, Error> {
    let resource_type = if resource.contains_key("displayName") { "Group" } else { "User" };
    patch(operations)?.apply(resource, ResourceSchema::standard(resource_type).unwrap())
}

/// Name, operations, a JSON pointer into the result, the value there (null: nothing). `ENTERPRISE` stands for the URN.
type Case = (&'static str, &'static str, &'static str, &'static str);

fn json_of(text: &str) -> Value {
    serde_json::from_str(&text.replace("ENTERPRISE", ENTERPRISE_USER)).unwrap()
}

fn assert_results(resource: &Resource, cases: &[Case]) {
    for (name, operations, pointer, want) in cases {
        let applied = apply(resource, &json_of(operations)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let got = Value::Object(applied.resource);
        let at = got.pointer(&pointer.replace("ENTERPRISE", ENTERPRISE_USER)).unwrap_or(&Value::Null);
        assert_eq!(at, &json_of(want), "{name}: {got}");
    }
}

const SINGLE_VALUES: &[Case] = &[
    ("add", r#"[{"op": "add", "path": "title", "value": "Countess"}]"#, "/title", r#""Countess""#),
    ("replace", r#"[{"op": "replace", "path": "userName", "value": "lovelace"}]"#, "/userName", r#""lovelace""#),
    ("replace what is absent", r#"[{"op": "replace", "path": "title", "value": "x"}]"#, "/title", r#""x""#),
    ("remove", r#"[{"op": "remove", "path": "active"}]"#, "/active", "null"),
    ("any case of a name", r#"[{"op": "replace", "path": "USERNAME", "value": "x"}]"#, "/userName", r#""x""#),
    (
        "the core URN",
        r#"[{"op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User:userName", "value": "x"}]"#,
        "/userName",
        r#""x""#,
    ),
    (
        "a part",
        r#"[{"op": "replace", "path": "name.familyName", "value": "King"}]"#,
        "/name",
        r#"{"givenName": "Ada", "familyName": "King"}"#,
    ),
    (
        "a part of what is absent",
        r#"[{"op": "remove", "path": "name"}, {"op": "add", "path": "name.formatted", "value": "A"}]"#,
        "/name",
        r#"{"formatted": "A"}"#,
    ),
    (
        "the last part removed",
        r#"[{"op": "remove", "path": "name.givenName"}, {"op": "remove", "path": "name.familyName"}]"#,
        "/name",
        "null",
    ),
    (
        "a complex value keeps parts it does not name",
        r#"[{"op": "replace", "path": "name", "value": {"familyName": "King"}}]"#,
        "/name",
        r#"{"givenName": "Ada", "familyName": "King"}"#,
    ),
    (
        "an extension",
        r#"[{"op": "replace", "path": "ENTERPRISE:department", "value": "R"}]"#,
        "/ENTERPRISE/department",
        r#""R""#,
    ),
    (
        "a whole extension",
        r#"[{"op": "add", "path": "ENTERPRISE", "value": {"division": "D"}}]"#,
        "/ENTERPRISE/division",
        r#""D""#,
    ),
    ("a whole extension removed", r#"[{"op": "remove", "path": "ENTERPRISE"}]"#, "/ENTERPRISE", "null"),
    (
        "another manager loses the name of the first",
        r#"[{"op": "replace", "path": "ENTERPRISE:manager", "value": {"value": "m2"}}]"#,
        "/ENTERPRISE/manager",
        r#"{"value": "m2"}"#,
    ),
    (
        "the same manager keeps it",
        r#"[{"op": "replace", "path": "ENTERPRISE:manager", "value": {"value": "m1"}}]"#,
        "/ENTERPRISE/manager/displayName",
        r#""Charles""#,
    ),
];

#[test]
fn single_values_are_set_and_removed() {
    assert_results(&ada(), SINGLE_VALUES);
}

const LISTS: &[Case] = &[
    ("add one", r#"[{"op": "add", "path": "emails", "value": [{"value": "x"}]}]"#, "/emails/2", r#"{"value": "x"}"#),
    (
        "add one that is there",
        r#"[{"op": "add", "path": "emails", "value": [{"value": "ada@home.example", "type": "home"}]}]"#,
        "/emails/2",
        "null",
    ),
    (
        "add one that is there without saying its type",
        r#"[{"op": "add", "path": "emails", "value": [{"value": "ada@home.example"}]}]"#,
        "/emails/2",
        "null",
    ),
    (
        "a new primary ends the old one",
        r#"[{"op": "add", "path": "emails", "value": [{"value": "x", "primary": true}]}]"#,
        "/emails/0/primary",
        "false",
    ),
    (
        "an element made primary",
        r#"[{"op": "replace", "path": "emails[type eq \"home\"].primary", "value": true}]"#,
        "/emails/0/primary",
        "false",
    ),
    (
        "replace all",
        r#"[{"op": "replace", "path": "emails", "value": [{"value": "x"}]}]"#,
        "/emails",
        r#"[{"value": "x"}]"#,
    ),
    ("replace by nothing", r#"[{"op": "replace", "path": "emails", "value": []}]"#, "/emails", "null"),
    ("remove all", r#"[{"op": "remove", "path": "emails"}]"#, "/emails", "null"),
    (
        "remove one",
        r#"[{"op": "remove", "path": "emails[type eq \"work\"]"}]"#,
        "/emails",
        r#"[{"value": "ada@home.example", "type": "home"}]"#,
    ),
    (
        "remove what is not there",
        r#"[{"op": "remove", "path": "emails[type eq \"other\"]"}]"#,
        "/emails/1/type",
        r#""home""#,
    ),
    ("remove the last one", r#"[{"op": "remove", "path": "emails[value pr]"}]"#, "/emails", "null"),
    (
        "replace a part",
        r#"[{"op": "replace", "path": "emails[type eq \"work\"].value", "value": "x"}]"#,
        "/emails/0",
        r#"{"value": "x", "type": "work", "primary": true}"#,
    ),
    (
        "remove a value and with it the element",
        r#"[{"op": "remove", "path": "emails[type eq \"work\"].value"}]"#,
        "/emails",
        r#"[{"value": "ada@home.example", "type": "home"}]"#,
    ),
    (
        "remove another part",
        r#"[{"op": "remove", "path": "emails[type eq \"work\"].primary"}]"#,
        "/emails/0",
        r#"{"value": "ada@work.example", "type": "work"}"#,
    ),
    (
        "replace an element whole",
        r#"[{"op": "replace", "path": "emails[type eq \"work\"]", "value": {"value": "x"}}]"#,
        "/emails/0",
        r#"{"type": "work", "value": "x"}"#,
    ),
    (
        "add to an element",
        r#"[{"op": "add", "path": "emails[type eq \"work\"]", "value": {"display": "W"}}]"#,
        "/emails/0/display",
        r#""W""#,
    ),
    (
        "a filter without regard to case",
        r#"[{"op": "remove", "path": "EMAILS[TYPE EQ \"WORK\"]"}]"#,
        "/emails/1",
        "null",
    ),
    (
        "an order of operations",
        r#"[{"op": "remove", "path": "emails"}, {"op": "add", "path": "emails", "value": [{"value": "x"}]}]"#,
        "/emails",
        r#"[{"value": "x"}]"#,
    ),
];

#[test]
fn lists_are_changed_by_element() {
    assert_results(&ada(), LISTS);
}

#[test]
fn an_extension_that_comes_to_be_is_named_in_schemas() {
    let mut resource = ada();
    resource.shift_remove(ENTERPRISE_USER);
    let applied =
        apply(&resource, &json!([{"op": "add", "path": format!("{ENTERPRISE_USER}:division"), "value": "D"}])).unwrap();
    assert_eq!(applied.resource["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE_USER]));
}

#[test]
fn changes_of_single_members_are_told_from_others() {
    use ElementChange::{Add, Remove};
    let group = ResourceSchema::standard("Group").unwrap();
    let members = group.core.attribute("members").unwrap();
    let cases = [
        (
            "Okta's pair",
            json!([{"op": "remove", "path": "members[value eq \"1\"]"}, {"op": "add", "path": "members", "value": [{"value": "2", "display": "x"}]}]),
            Some(vec![Remove("1"), Add("2")]),
        ),
        (
            "Entra's removal",
            json!([{"op": "Remove", "path": "members", "value": [{"value": "1"}, {"value": "2"}]}]),
            Some(vec![Remove("1"), Remove("2")]),
        ),
        ("a bare id", json!([{"op": "add", "path": "members", "value": "1"}]), Some(vec![Add("1")])),
        ("all removed", json!([{"op": "remove", "path": "members"}]), None),
        ("replaced", json!([{"op": "replace", "path": "members", "value": []}]), None),
        ("another attribute", json!([{"op": "add", "path": "displayName", "value": "x"}]), None),
        ("without a path", json!([{"op": "add", "value": {"members": []}}]), None),
        ("another filter", json!([{"op": "remove", "path": "members[display eq \"x\"]"}]), None),
        ("an element without an id", json!([{"op": "add", "path": "members", "value": [{"display": "x"}]}]), None),
    ];
    for (name, operations, want) in cases {
        assert_eq!(patch(&operations).unwrap().element_changes(members), want, "{name}");
    }
}
