use serde_json::json;

use super::*;
use crate::scim::schema::{ENTERPRISE_USER, Mutability};

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

/// Each case: name, operations, a JSON pointer into the result, the value there (null: nothing).
fn assert_results(resource: &Resource, cases: &[(&str, Value, &str, Value)]) {
    for (name, operations, pointer, want) in cases {
        let applied = apply(resource, operations).unwrap_or_else(|error| panic!("{name}: {error}"));
        let got = Value::Object(applied.resource);
        assert_eq!(got.pointer(pointer).unwrap_or(&Value::Null), want, "{name}: {got}");
    }
}

#[test]
fn single_values_are_set_and_removed() {
    let manager = format!("{ENTERPRISE_USER}:manager");
    let at = |part: &str| format!("/{ENTERPRISE_USER}{part}");
    assert_results(
        &ada(),
        &[
            ("add", json!([{"op": "add", "path": "title", "value": "Countess"}]), "/title", json!("Countess")),
            (
                "replace",
                json!([{"op": "replace", "path": "userName", "value": "lovelace"}]),
                "/userName",
                json!("lovelace"),
            ),
            ("replace what is absent", json!([{"op": "replace", "path": "title", "value": "x"}]), "/title", json!("x")),
            ("remove", json!([{"op": "remove", "path": "active"}]), "/active", json!(null)),
            (
                "any case of a name",
                json!([{"op": "replace", "path": "USERNAME", "value": "x"}]),
                "/userName",
                json!("x"),
            ),
            (
                "the core URN",
                json!([{"op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User:userName", "value": "x"}]),
                "/userName",
                json!("x"),
            ),
            (
                "a part",
                json!([{"op": "replace", "path": "name.familyName", "value": "King"}]),
                "/name",
                json!({"givenName": "Ada", "familyName": "King"}),
            ),
            (
                "a part of what is absent",
                json!([{"op": "remove", "path": "name"}, {"op": "add", "path": "name.formatted", "value": "A"}]),
                "/name",
                json!({"formatted": "A"}),
            ),
            (
                "the last part removed",
                json!([{"op": "remove", "path": "name.givenName"}, {"op": "remove", "path": "name.familyName"}]),
                "/name",
                json!(null),
            ),
            (
                "a complex value keeps parts it does not name",
                json!([{"op": "replace", "path": "name", "value": {"familyName": "King"}}]),
                "/name",
                json!({"givenName": "Ada", "familyName": "King"}),
            ),
            (
                "an extension",
                json!([{"op": "replace", "path": format!("{ENTERPRISE_USER}:department"), "value": "R"}]),
                &at("/department"),
                json!("R"),
            ),
            (
                "a whole extension",
                json!([{"op": "add", "path": ENTERPRISE_USER, "value": {"division": "D"}}]),
                &at("/division"),
                json!("D"),
            ),
            ("a whole extension removed", json!([{"op": "remove", "path": ENTERPRISE_USER}]), &at(""), json!(null)),
            (
                "another manager loses the name of the first",
                json!([{"op": "replace", "path": manager, "value": {"value": "m2"}}]),
                &at("/manager"),
                json!({"value": "m2"}),
            ),
            (
                "the same manager keeps it",
                json!([{"op": "replace", "path": manager, "value": {"value": "m1"}}]),
                &at("/manager/displayName"),
                json!("Charles"),
            ),
        ],
    );
}

#[test]
fn lists_are_changed_by_element() {
    let work = r#"emails[type eq "work"]"#;
    assert_results(
        &ada(),
        &[
            (
                "add one",
                json!([{"op": "add", "path": "emails", "value": [{"value": "x"}]}]),
                "/emails/2",
                json!({"value": "x"}),
            ),
            (
                "add one that is there",
                json!([{"op": "add", "path": "emails", "value": [{"value": "ada@home.example", "type": "home"}]}]),
                "/emails/2",
                json!(null),
            ),
            (
                "add one that is there without saying its type",
                json!([{"op": "add", "path": "emails", "value": [{"value": "ada@home.example"}]}]),
                "/emails/2",
                json!(null),
            ),
            (
                "a new primary ends the old one",
                json!([{"op": "add", "path": "emails", "value": [{"value": "x", "primary": true}]}]),
                "/emails/0/primary",
                json!(false),
            ),
            (
                "an element made primary",
                json!([{"op": "replace", "path": "emails[type eq \"home\"].primary", "value": true}]),
                "/emails/0/primary",
                json!(false),
            ),
            (
                "replace all",
                json!([{"op": "replace", "path": "emails", "value": [{"value": "x"}]}]),
                "/emails",
                json!([{"value": "x"}]),
            ),
            ("replace by nothing", json!([{"op": "replace", "path": "emails", "value": []}]), "/emails", json!(null)),
            ("remove all", json!([{"op": "remove", "path": "emails"}]), "/emails", json!(null)),
            (
                "remove one",
                json!([{"op": "remove", "path": work}]),
                "/emails",
                json!([{"value": "ada@home.example", "type": "home"}]),
            ),
            (
                "remove what is not there",
                json!([{"op": "remove", "path": "emails[type eq \"other\"]"}]),
                "/emails/1/type",
                json!("home"),
            ),
            ("remove the last one", json!([{"op": "remove", "path": "emails[value pr]"}]), "/emails", json!(null)),
            (
                "replace a part",
                json!([{"op": "replace", "path": format!("{work}.value"), "value": "x"}]),
                "/emails/0",
                json!({"value": "x", "type": "work", "primary": true}),
            ),
            (
                "remove a value and with it the element",
                json!([{"op": "remove", "path": format!("{work}.value")}]),
                "/emails",
                json!([{"value": "ada@home.example", "type": "home"}]),
            ),
            (
                "remove another part",
                json!([{"op": "remove", "path": format!("{work}.primary")}]),
                "/emails/0",
                json!({"value": "ada@work.example", "type": "work"}),
            ),
            (
                "replace an element whole",
                json!([{"op": "replace", "path": work, "value": {"value": "x"}}]),
                "/emails/0",
                json!({"type": "work", "value": "x"}),
            ),
            (
                "add to an element",
                json!([{"op": "add", "path": work, "value": {"display": "W"}}]),
                "/emails/0/display",
                json!("W"),
            ),
            (
                "a filter without regard to case",
                json!([{"op": "remove", "path": "EMAILS[TYPE EQ \"WORK\"]"}]),
                "/emails/1",
                json!(null),
            ),
            (
                "an order of operations",
                json!([{"op": "remove", "path": "emails"}, {"op": "add", "path": "emails", "value": [{"value": "x"}]}]),
                "/emails",
                json!([{"value": "x"}]),
            ),
        ],
    );
}

#[test]
fn what_okta_sends_is_understood() {
    assert_results(
        &ada(),
        &[
            ("deactivation", json!([{"op": "replace", "value": {"active": false}}]), "/active", json!(false)),
            (
                "a profile push",
                json!([{"op": "replace", "value": {"name": {"givenName": "X"}, "title": "T"}}]),
                "/name",
                json!({"givenName": "X", "familyName": "Byron"}),
            ),
            (
                "an emptied value",
                json!([{"op": "replace", "value": {"name": {"givenName": ""}}}]),
                "/name",
                json!({"familyName": "Byron"}),
            ),
            (
                "an extension",
                json!([{"op": "replace", "value": {ENTERPRISE_USER: {"department": "R"}}}]),
                &format!("/{ENTERPRISE_USER}/department"),
                json!("R"),
            ),
            (
                "read-only attributes in a value",
                json!([{"op": "replace", "value": {"groups": [], "id": "8", "meta": {}, "title": "T"}}]),
                "/groups/0/value",
                json!("g1"),
            ),
            ("the id in a value", json!([{"op": "replace", "value": {"id": "8", "title": "T"}}]), "/id", json!("7")),
        ],
    );
    assert_results(
        &team(),
        &[
            (
                "a rename with the id",
                json!([{"op": "replace", "value": {"id": "9", "displayName": "New"}}]),
                "/displayName",
                json!("New"),
            ),
            (
                "a member removed and one added",
                json!([{"op": "remove", "path": "members[value eq \"1\"]"}, {"op": "add", "path": "members", "value": [{"value": "3", "display": "ada"}]}]),
                "/members/1/value",
                json!("3"),
            ),
            (
                "a member that is there already",
                json!([{"op": "add", "path": "members", "value": [{"value": "2", "display": "Other"}]}]),
                "/members",
                json!([{"value": "1"}, {"value": "2", "display": "Two"}]),
            ),
            (
                "push now",
                json!([{"op": "replace", "path": "members", "value": [{"value": "2"}, {"value": "2"}, {"value": "5"}]}]),
                "/members",
                json!([{"value": "2"}, {"value": "5"}]),
            ),
            (
                "an id in another case is another member",
                json!([{"op": "add", "path": "members", "value": [{"value": "a"}, {"value": "A"}]}]),
                "/members/3/value",
                json!("A"),
            ),
        ],
    );
}

#[test]
fn what_entra_sends_is_understood() {
    let manager = format!("{ENTERPRISE_USER}:manager");
    let at = |part: &str| format!("/{ENTERPRISE_USER}{part}");
    assert_results(
        &ada(),
        &[
            ("operations in capitals", json!([{"op": "Replace", "path": "title", "value": "x"}]), "/title", json!("x")),
            (
                "a boolean as text",
                json!([{"op": "Replace", "path": "active", "value": "False"}]),
                "/active",
                json!(false),
            ),
            (
                "a boolean as text without path",
                json!([{"op": "Replace", "value": {"active": "False"}}]),
                "/active",
                json!(false),
            ),
            (
                "a single value in a list",
                json!([{"op": "Add", "path": "title", "value": [{"value": "x"}]}]),
                "/title",
                json!("x"),
            ),
            ("a bare value in a list", json!([{"op": "Add", "path": "title", "value": ["x"]}]), "/title", json!("x")),
            (
                "a part of an absent element",
                json!([{"op": "Replace", "path": "phoneNumbers[type eq \"work\"].value", "value": "1"}]),
                "/phoneNumbers",
                json!([{"type": "work", "value": "1"}]),
            ),
            (
                "an absent element",
                json!([{"op": "Add", "path": "addresses[type eq \"work\"]", "value": {"country": "UK"}}]),
                "/addresses",
                json!([{"type": "work", "country": "UK"}]),
            ),
            (
                "an absent primary element",
                json!([{"op": "Add", "path": "emails[type eq \"other\" and primary eq \"True\"].value", "value": "x"}]),
                "/emails/0/primary",
                json!(false),
            ),
            (
                "a bare id",
                json!([{"op": "Add", "path": manager, "value": "m2"}]),
                &at("/manager"),
                json!({"value": "m2"}),
            ),
            (
                "a manager emptied",
                json!([{"op": "Replace", "path": manager, "value": {"value": "", "$ref": ""}}]),
                &at("/manager"),
                json!(null),
            ),
            (
                "a manager of null",
                json!([{"op": "Replace", "path": manager, "value": null}]),
                &at(""),
                json!({"department": "Maths"}),
            ),
            (
                "null",
                json!([{"op": "Replace", "path": "name.givenName", "value": null}]),
                "/name/givenName",
                json!(null),
            ),
            (
                "an empty text",
                json!([{"op": "Add", "path": "emails[type eq \"work\"].value", "value": ""}]),
                "/emails/0/type",
                json!("home"),
            ),
            (
                "a dotted key",
                json!([{"op": "Add", "value": {"name.familyName": "King"}}]),
                "/name/familyName",
                json!("King"),
            ),
            (
                "a value path as a key",
                json!([{"op": "Replace", "value": {"emails[type eq \"work\"].value": "x"}}]),
                "/emails/0/value",
                json!("x"),
            ),
            (
                "a URN as a key",
                json!([{"op": "Replace", "value": {format!("{ENTERPRISE_USER}:department"): "R"}}]),
                &at("/department"),
                json!("R"),
            ),
            (
                "a URN with a part as a key",
                json!([{"op": "Replace", "value": {format!("{ENTERPRISE_USER}:manager.value"): "m2"}}]),
                &at("/manager"),
                json!({"value": "m2"}),
            ),
            (
                "one object for a list",
                json!([{"op": "Add", "path": "emails", "value": {"value": "x"}}]),
                "/emails/2/value",
                json!("x"),
            ),
        ],
    );
    assert_results(
        &team(),
        &[
            (
                "members to remove in the value",
                json!([{"op": "Remove", "path": "members", "value": [{"value": "1"}]}]),
                "/members",
                json!([{"value": "2", "display": "Two"}]),
            ),
            (
                "one member to remove in the value",
                json!([{"op": "Remove", "path": "members", "value": {"value": "1"}}]),
                "/members/0/value",
                json!("2"),
            ),
            (
                "no member to remove in the value",
                json!([{"op": "Remove", "path": "members", "value": []}]),
                "/members/1/value",
                json!("2"),
            ),
            ("all members", json!([{"op": "Remove", "path": "members", "value": null}]), "/members", json!(null)),
            (
                "bare ids",
                json!([{"op": "Add", "path": "members", "value": ["3"]}]),
                "/members/2",
                json!({"value": "3"}),
            ),
        ],
    );
}

#[test]
fn what_is_wrong_is_refused_with_its_type() {
    let cases = [
        (
            "an unknown attribute",
            json!([{"op": "add", "path": "shoeSize", "value": 1}]),
            Error::invalid_path("`shoeSize` is no attribute of `User`"),
        ),
        (
            "an unknown part",
            json!([{"op": "add", "path": "name.nick", "value": "x"}]),
            Error::invalid_path("`name.nick` is no attribute of `User`"),
        ),
        (
            "an unknown schema",
            json!([{"op": "add", "path": "urn:a:b:c", "value": "x"}]),
            Error::invalid_path("`urn:a:b:c` is no attribute of `User`"),
        ),
        (
            "a broken path",
            json!([{"op": "add", "path": "emails[", "value": "x"}]),
            Error::invalid_path("the path `emails[` cannot be read: expected an attribute name at character 8"),
        ),
        (
            "a filter on a single value",
            json!([{"op": "add", "path": "name[givenName pr]", "value": {}}]),
            Error::invalid_path("`name` has one value, a value filter cannot select in it"),
        ),
        (
            "a filter over an unknown part",
            json!([{"op": "remove", "path": "emails[kind eq \"x\"]"}]),
            Error::invalid_path("`emails` has no sub-attribute `kind`"),
        ),
        (
            "a part of several elements",
            json!([{"op": "replace", "path": "emails.value", "value": "x"}]),
            Error::invalid_path(
                "`emails.value` could mean several elements: select one, as in `emails[type eq \"work\"].value`",
            ),
        ),
        (
            "a filter that describes no element",
            json!([{"op": "replace", "path": "emails[type ne \"work\" and type ne \"home\"].value", "value": "x"}]),
            Error::no_target("no element of `emails` satisfies the value filter of the path"),
        ),
        (
            "a read-only attribute",
            json!([{"op": "add", "path": "groups", "value": [{"value": "g2"}]}]),
            Error::mutability("`groups` is read-only"),
        ),
        (
            "a read-only part",
            json!([{"op": "replace", "path": format!("{ENTERPRISE_USER}:manager.displayName"), "value": "x"}]),
            Error::mutability(format!("`{ENTERPRISE_USER}:manager.displayName` is read-only")),
        ),
        ("the id", json!([{"op": "replace", "path": "id", "value": "8"}]), Error::mutability("`id` is read-only")),
        (
            "a required attribute removed",
            json!([{"op": "remove", "path": "userName"}]),
            Error::mutability("`userName` is required and cannot be removed"),
        ),
        (
            "a required attribute emptied",
            json!([{"op": "replace", "value": {"userName": ""}}]),
            Error::mutability("`userName` is required and cannot be removed"),
        ),
        (
            "no boolean",
            json!([{"op": "replace", "path": "active", "value": "perhaps"}]),
            Error::invalid_value("`active` must be a boolean, not a string"),
        ),
        (
            "a number for a text",
            json!([{"op": "replace", "path": "name.givenName", "value": 7}]),
            Error::invalid_value("`name.givenName` must be a string, not a number"),
        ),
        (
            "an object for a text",
            json!([{"op": "replace", "value": {"title": {"a": 1}}}]),
            Error::invalid_value("`title` must be a string, not an object"),
        ),
        (
            "a list for a single value",
            json!([{"op": "replace", "path": "title", "value": ["a", "b"]}]),
            Error::invalid_value("`title` takes one value, not a list of several"),
        ),
        (
            "a text for a complex value",
            json!([{"op": "replace", "path": "name", "value": "Ada"}]),
            Error::invalid_value("`name` must be an object, not a string"),
        ),
        (
            "a wrong part of an element",
            json!([{"op": "add", "path": "emails", "value": [{"value": 5}]}]),
            Error::invalid_value("`emails.value` must be a string, not a number"),
        ),
        (
            "two primaries",
            json!([{"op": "add", "path": "emails", "value": [{"value": "a", "primary": true}, {"value": "b", "primary": true}]}]),
            Error::invalid_value("`emails` has more than one `primary` value"),
        ),
        (
            "two made primary",
            json!([{"op": "add", "path": "emails[value pr].primary", "value": true}]),
            Error::invalid_value("only one value of `emails` can be `primary`"),
        ),
        (
            "an extension that is no object",
            json!([{"op": "replace", "value": {ENTERPRISE_USER: 1}}]),
            Error::invalid_value(format!("`{ENTERPRISE_USER}` must be an object of attributes")),
        ),
    ];
    for (name, operations, want) in cases {
        assert_eq!(apply(&ada(), &operations), Err(want), "{name}");
    }
    let member = json!([{"op": "replace", "path": "members[value eq \"1\"].value", "value": "5"}]);
    assert_eq!(apply(&team(), &member), Err(Error::mutability("`members.value` cannot be changed once it is set")));
}

#[test]
fn a_message_that_is_none_is_refused() {
    let body = |operations: Value| json!({"schemas": [PATCH_SCHEMA], "Operations": operations}).to_string();
    let one = json!({"op": "add", "path": "title", "value": "x"});
    let many = vec![one.clone(); MAX_OPERATIONS + 1];
    let cases = [
        ("no JSON", "{".to_owned(), Error::invalid_syntax("the body is not valid JSON (line 1, column 1)")),
        (
            "no schema",
            json!({"Operations": [one]}).to_string(),
            Error::invalid_syntax(format!("`schemas` must contain `{PATCH_SCHEMA}`")),
        ),
        (
            "no operations",
            body(json!([])),
            Error::invalid_syntax("`Operations` must be an array of one or more operations"),
        ),
        (
            "a number for an operation",
            body(json!([1])),
            Error::invalid_syntax("an operation must be an object, not a number"),
        ),
        (
            "an unknown operation",
            body(json!([{"op": "move"}])),
            Error::invalid_syntax("`op` must be `add`, `replace` or `remove`"),
        ),
        (
            "a path that is no text",
            body(json!([{"op": "remove", "path": 1}])),
            Error::invalid_syntax("`path` must be a string, not a number"),
        ),
        ("removal without path", body(json!([{"op": "remove"}])), Error::no_target("`remove` needs a `path`")),
        (
            "no value",
            body(json!([{"op": "add", "path": "title"}])),
            Error::invalid_value("`add` and `replace` need a `value`"),
        ),
        (
            "a value alone that is no object",
            body(json!([{"op": "add", "value": "x"}])),
            Error::invalid_value("an operation without `path` needs an object as `value`"),
        ),
        ("too many operations", body(json!(many)), Error::invalid_value("a request can hold at most 1000 operations")),
    ];
    for (name, body, want) in cases {
        assert_eq!(Patch::parse(body.as_bytes()), Err(want), "{name}");
    }
    let tolerated = json!({"SCHEMAS": [PATCH_SCHEMA.to_uppercase()], "operations": one}).to_string();
    assert_eq!(Patch::parse(tolerated.as_bytes()).map(|patch| patch.operations.len()), Ok(1));
}

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
