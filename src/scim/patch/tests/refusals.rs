//! What is refused, with its type and its words.

use super::*;
use crate::scim::ErrorType;

/// Name, operations, `scimType: detail`.
const REFUSED: &[(&str, &str, &str)] = &[
    (
        "an unknown attribute",
        r#"[{"op": "add", "path": "shoeSize", "value": 1}]"#,
        "invalidPath: `shoeSize` is no attribute of `User`",
    ),
    (
        "an unknown part",
        r#"[{"op": "add", "path": "name.nick", "value": "x"}]"#,
        "invalidPath: `name.nick` is no attribute of `User`",
    ),
    (
        "an unknown schema",
        r#"[{"op": "add", "path": "urn:a:b:c", "value": "x"}]"#,
        "invalidPath: `urn:a:b:c` is no attribute of `User`",
    ),
    (
        "a broken path",
        r#"[{"op": "add", "path": "emails[", "value": "x"}]"#,
        "invalidPath: the path `emails[` cannot be read: expected an attribute name at character 8",
    ),
    (
        "a filter on a single value",
        r#"[{"op": "add", "path": "name[givenName pr]", "value": {}}]"#,
        "invalidPath: `name` has one value, a value filter cannot select in it",
    ),
    (
        "a filter over an unknown part",
        r#"[{"op": "remove", "path": "emails[kind eq \"x\"]"}]"#,
        "invalidPath: `emails` has no sub-attribute `kind`",
    ),
    (
        "a part of several elements",
        r#"[{"op": "replace", "path": "emails.value", "value": "x"}]"#,
        "invalidPath: `emails.value` could mean several elements: select one, as in `emails[type eq \"work\"].value`",
    ),
    (
        "a filter that describes no element",
        r#"[{"op": "replace", "path": "emails[type ne \"work\" and type ne \"home\"].value", "value": "x"}]"#,
        "noTarget: no element of `emails` satisfies the value filter of the path",
    ),
    (
        "a read-only attribute",
        r#"[{"op": "add", "path": "groups", "value": [{"value": "g2"}]}]"#,
        "mutability: `groups` is read-only",
    ),
    (
        "a read-only part",
        r#"[{"op": "replace", "path": "ENTERPRISE:manager.displayName", "value": "x"}]"#,
        "mutability: `ENTERPRISE:manager.displayName` is read-only",
    ),
    ("the id", r#"[{"op": "replace", "path": "id", "value": "8"}]"#, "mutability: `id` is read-only"),
    (
        "a required attribute removed",
        r#"[{"op": "remove", "path": "userName"}]"#,
        "mutability: `userName` is required and cannot be removed",
    ),
    (
        "a required attribute emptied",
        r#"[{"op": "replace", "value": {"userName": ""}}]"#,
        "mutability: `userName` is required and cannot be removed",
    ),
    (
        "no boolean",
        r#"[{"op": "replace", "path": "active", "value": "perhaps"}]"#,
        "invalidValue: `active` must be a boolean, not a string",
    ),
    (
        "a number for a text",
        r#"[{"op": "replace", "path": "name.givenName", "value": 7}]"#,
        "invalidValue: `name.givenName` must be a string, not a number",
    ),
    (
        "an object for a text",
        r#"[{"op": "replace", "value": {"title": {"a": 1}}}]"#,
        "invalidValue: `title` must be a string, not an object",
    ),
    (
        "a list for a single value",
        r#"[{"op": "replace", "path": "title", "value": ["a", "b"]}]"#,
        "invalidValue: `title` takes one value, not a list of several",
    ),
    (
        "a text for a complex value",
        r#"[{"op": "replace", "path": "name", "value": "Ada"}]"#,
        "invalidValue: `name` must be an object, not a string",
    ),
    (
        "a wrong part of an element",
        r#"[{"op": "add", "path": "emails", "value": [{"value": 5}]}]"#,
        "invalidValue: `emails.value` must be a string, not a number",
    ),
    (
        "no base64",
        r#"[{"op": "add", "path": "x509Certificates", "value": [{"value": "MII="}, {"value": "MII DQ=="}]}]"#,
        "invalidValue: `x509Certificates.value` must be a base64 text",
    ),
    (
        "an order of truth values",
        r#"[{"op": "remove", "path": "emails[primary gt \"x\"]"}]"#,
        "invalidFilter: `gt` orders, and `primary` is boolean, without an order",
    ),
    (
        "two primaries",
        r#"[{"op": "add", "path": "emails", "value": [{"value": "a", "primary": true}, {"value": "b", "primary": true}]}]"#,
        "invalidValue: `emails` has more than one `primary` value",
    ),
    (
        "two made primary",
        r#"[{"op": "add", "path": "emails[value pr].primary", "value": true}]"#,
        "invalidValue: only one value of `emails` can be `primary`",
    ),
    (
        "an extension that is no object",
        r#"[{"op": "replace", "value": {"ENTERPRISE": 1}}]"#,
        "invalidValue: `ENTERPRISE` must be an object of attributes",
    ),
];

#[test]
fn what_is_wrong_is_refused_with_its_type() {
    for (name, operations, want) in REFUSED {
        let error = apply(&ada(), &json_of(operations)).unwrap_err();
        let got = format!("{}: {}", error.scim_type.map_or("", ErrorType::as_str), error.detail);
        assert_eq!(got, want.replace("ENTERPRISE", ENTERPRISE_USER), "{name}");
        assert_eq!(error.status, 400, "{name}");
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
