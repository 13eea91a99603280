//! The dialects of the two clients, request by request.

use super::*;

/// Okta on users.
const OKTA_USER: &[Case] = &[
    ("deactivation", r#"[{"op": "replace", "value": {"active": false}}]"#, "/active", "false"),
    (
        "a profile push",
        r#"[{"op": "replace", "value": {"name": {"givenName": "X"}, "title": "T"}}]"#,
        "/name",
        r#"{"givenName": "X", "familyName": "Byron"}"#,
    ),
    (
        "an emptied value",
        r#"[{"op": "replace", "value": {"name": {"givenName": ""}}}]"#,
        "/name",
        r#"{"familyName": "Byron"}"#,
    ),
    (
        "an extension",
        r#"[{"op": "replace", "value": {"ENTERPRISE": {"department": "R"}}}]"#,
        "/ENTERPRISE/department",
        r#""R""#,
    ),
    (
        "read-only attributes in a value",
        r#"[{"op": "replace", "value": {"groups": [], "id": "8", "meta": {}, "title": "T"}}]"#,
        "/groups/0/value",
        r#""g1""#,
    ),
    ("the id in a value", r#"[{"op": "replace", "value": {"id": "8", "title": "T"}}]"#, "/id", r#""7""#),
];

/// Okta on groups.
const OKTA_GROUP: &[Case] = &[
    (
        "a rename with the id",
        r#"[{"op": "replace", "value": {"id": "9", "displayName": "New"}}]"#,
        "/displayName",
        r#""New""#,
    ),
    (
        "a member removed and one added",
        r#"[{"op": "remove", "path": "members[value eq \"1\"]"}, {"op": "add", "path": "members", "value": [{"value": "3", "display": "ada"}]}]"#,
        "/members/1/value",
        r#""3""#,
    ),
    (
        "a member that is there already",
        r#"[{"op": "add", "path": "members", "value": [{"value": "2", "display": "Other"}]}]"#,
        "/members",
        r#"[{"value": "1"}, {"value": "2", "display": "Two"}]"#,
    ),
    (
        "push now",
        r#"[{"op": "replace", "path": "members", "value": [{"value": "2"}, {"value": "2"}, {"value": "5"}]}]"#,
        "/members",
        r#"[{"value": "2"}, {"value": "5"}]"#,
    ),
    (
        "an id in another case is another member",
        r#"[{"op": "add", "path": "members", "value": [{"value": "a"}, {"value": "A"}]}]"#,
        "/members/3/value",
        r#""A""#,
    ),
];

/// Entra ID on users.
const ENTRA_USER: &[Case] = &[
    ("operations in capitals", r#"[{"op": "Replace", "path": "title", "value": "x"}]"#, "/title", r#""x""#),
    ("a boolean as text", r#"[{"op": "Replace", "path": "active", "value": "False"}]"#, "/active", "false"),
    ("a boolean as text without path", r#"[{"op": "Replace", "value": {"active": "False"}}]"#, "/active", "false"),
    ("a single value in a list", r#"[{"op": "Add", "path": "title", "value": [{"value": "x"}]}]"#, "/title", r#""x""#),
    ("a bare value in a list", r#"[{"op": "Add", "path": "title", "value": ["x"]}]"#, "/title", r#""x""#),
    (
        "a part of an absent element",
        r#"[{"op": "Replace", "path": "phoneNumbers[type eq \"work\"].value", "value": "1"}]"#,
        "/phoneNumbers",
        r#"[{"type": "work", "value": "1"}]"#,
    ),
    (
        "an absent element",
        r#"[{"op": "Add", "path": "addresses[type eq \"work\"]", "value": {"country": "UK"}}]"#,
        "/addresses",
        r#"[{"type": "work", "country": "UK"}]"#,
    ),
    (
        "an absent primary element",
        r#"[{"op": "Add", "path": "emails[type eq \"other\" and primary eq \"True\"].value", "value": "x"}]"#,
        "/emails/0/primary",
        "false",
    ),
    (
        "a bare id",
        r#"[{"op": "Add", "path": "ENTERPRISE:manager", "value": "m2"}]"#,
        "/ENTERPRISE/manager",
        r#"{"value": "m2"}"#,
    ),
    (
        "a manager emptied",
        r#"[{"op": "Replace", "path": "ENTERPRISE:manager", "value": {"value": "", "$ref": ""}}]"#,
        "/ENTERPRISE/manager",
        "null",
    ),
    (
        "a manager of null",
        r#"[{"op": "Replace", "path": "ENTERPRISE:manager", "value": null}]"#,
        "/ENTERPRISE",
        r#"{"department": "Maths"}"#,
    ),
    ("null", r#"[{"op": "Replace", "path": "name.givenName", "value": null}]"#, "/name/givenName", "null"),
    (
        "an empty text",
        r#"[{"op": "Add", "path": "emails[type eq \"work\"].value", "value": ""}]"#,
        "/emails/0/type",
        r#""home""#,
    ),
    ("a dotted key", r#"[{"op": "Add", "value": {"name.familyName": "King"}}]"#, "/name/familyName", r#""King""#),
    (
        "a value path as a key",
        r#"[{"op": "Replace", "value": {"emails[type eq \"work\"].value": "x"}}]"#,
        "/emails/0/value",
        r#""x""#,
    ),
    (
        "a URN as a key",
        r#"[{"op": "Replace", "value": {"ENTERPRISE:department": "R"}}]"#,
        "/ENTERPRISE/department",
        r#""R""#,
    ),
    (
        "a URN with a part as a key",
        r#"[{"op": "Replace", "value": {"ENTERPRISE:manager.value": "m2"}}]"#,
        "/ENTERPRISE/manager",
        r#"{"value": "m2"}"#,
    ),
    (
        "one object for a list",
        r#"[{"op": "Add", "path": "emails", "value": {"value": "x"}}]"#,
        "/emails/2/value",
        r#""x""#,
    ),
];

/// Entra ID on groups.
const ENTRA_GROUP: &[Case] = &[
    (
        "members to remove in the value",
        r#"[{"op": "Remove", "path": "members", "value": [{"value": "1"}]}]"#,
        "/members",
        r#"[{"value": "2", "display": "Two"}]"#,
    ),
    (
        "one member to remove in the value",
        r#"[{"op": "Remove", "path": "members", "value": {"value": "1"}}]"#,
        "/members/0/value",
        r#""2""#,
    ),
    (
        "no member to remove in the value",
        r#"[{"op": "Remove", "path": "members", "value": []}]"#,
        "/members/1/value",
        r#""2""#,
    ),
    ("all members", r#"[{"op": "Remove", "path": "members", "value": null}]"#, "/members", "null"),
    ("bare ids", r#"[{"op": "Add", "path": "members", "value": ["3"]}]"#, "/members/2", r#"{"value": "3"}"#),
];

#[test]
fn what_okta_sends_is_understood() {
    assert_results(&ada(), OKTA_USER);
    assert_results(&team(), OKTA_GROUP);
}

#[test]
fn what_entra_sends_is_understood() {
    assert_results(&ada(), ENTRA_USER);
    assert_results(&team(), ENTRA_GROUP);
}
