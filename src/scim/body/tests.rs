use serde_json::json;

use super::*;
use crate::scim::AttributePath;
use crate::scim::schema::{ENTERPRISE_USER, USER};

fn object(value: &Value) -> Resource {
    value.as_object().unwrap().clone()
}

fn user() -> &'static ResourceSchema {
    ResourceSchema::standard("User").unwrap()
}

fn mapped(rows: &[(&str, Mutability)]) -> ResourceSchema {
    let rows: Vec<_> =
        rows.iter().map(|(text, mutability)| (AttributePath::parse(text).unwrap(), *mutability)).collect();
    user().only(&rows)
}

#[test]
fn a_body_is_brought_to_canonical_form() {
    let department = format!("{ENTERPRISE_USER}:department");
    let cases = [
        // (name, members beside schemas, the result beside schemas)
        ("as it should be", json!({"userName": "ada", "active": true}), json!({"userName": "ada", "active": true})),
        (
            "names in another case",
            json!({"USERNAME": "ada", "Name": {"GIVENNAME": "A"}}),
            json!({"userName": "ada", "name": {"givenName": "A"}}),
        ),
        ("no values", json!({"title": "", "nickName": null, "roles": [], "name": {"givenName": null}}), json!({})),
        ("what the provider writes", json!({"id": "1", "meta": {"created": "x"}, "groups": []}), json!({})),
        ("a boolean as text", json!({"active": "FALSE"}), json!({"active": false})),
        ("one object for a list", json!({"emails": {"value": "x"}}), json!({"emails": [{"value": "x"}]})),
        ("an element twice", json!({"emails": [{"value": "x"}, {"value": "x"}]}), json!({"emails": [{"value": "x"}]})),
        ("an extension", json!({ENTERPRISE_USER: {"Department": "R"}}), json!({ENTERPRISE_USER: {"department": "R"}})),
        ("an extension in flat keys", json!({department: "R"}), json!({ENTERPRISE_USER: {"department": "R"}})),
        (
            "a bare manager",
            json!({ENTERPRISE_USER: {"manager": "m"}}),
            json!({ENTERPRISE_USER: {"manager": {"value": "m"}}}),
        ),
        ("a password", json!({"password": "s3cret"}), json!({"password": "s3cret"})),
    ];
    for (name, body, want) in cases {
        let mut body = object(&body);
        body.insert("schemas".to_owned(), json!([USER]));
        let (mut got, ignored) = normalise(&body, user()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let urns = got.shift_remove("schemas").unwrap();
        assert_eq!(Value::Object(got.clone()), want, "{name}");
        assert_eq!(urns.as_array().map(Vec::len), Some(1 + usize::from(got.contains_key(ENTERPRISE_USER))), "{name}");
        assert!(ignored.is_empty(), "{name}: {ignored:?}");
    }
}

#[test]
fn attributes_without_effect_are_reported_by_name() {
    let schema = mapped(&[("userName", Mutability::ReadWrite), ("title", Mutability::ReadOnly)]);
    let body = object(&json!({
        "schemas": [USER], "userName": "ada", "title": "T", "nickName": "N", "shoeSize": 1, "not a name": 1, "groups": [],
        ENTERPRISE_USER: {"department": "R"}
    }));
    let (resource, ignored) = normalise(&body, &schema).unwrap();
    assert_eq!(Value::Object(resource), json!({"schemas": [USER], "userName": "ada"}));
    assert_eq!(ignored, ["title", "nickName", "shoeSize", "not a name", ENTERPRISE_USER]);
}

#[test]
fn what_is_remembered_of_unknown_names_is_bounded() {
    let mut body = object(&json!({"schemas": [USER]}));
    for index in 0..1_000 {
        body.insert(format!("x{index}{}", "y".repeat(1_000)), json!(1));
    }
    let (_, ignored) = normalise(&body, user()).unwrap();
    assert_eq!(ignored.len(), 32);
    assert!(ignored.iter().all(|name| name.len() <= 128));
}

#[test]
fn a_body_without_its_schema_or_with_wrong_values_is_refused() {
    let cases = [
        ("no schemas", json!({"userName": "ada"}), Error::invalid_syntax(format!("`schemas` must contain `{USER}`"))),
        (
            "another schema",
            json!({"schemas": [ENTERPRISE_USER]}),
            Error::invalid_syntax(format!("`schemas` must contain `{USER}`")),
        ),
        (
            "a number for a text",
            json!({"schemas": [USER], "userName": 1}),
            Error::invalid_value("`userName` must be a string, not a number"),
        ),
        (
            "a wrong part",
            json!({"schemas": [USER], "emails": [{"primary": "no"}]}),
            Error::invalid_value("`emails.primary` must be a boolean, not a string"),
        ),
    ];
    for (name, body, want) in cases {
        assert_eq!(normalise(&object(&body), user()), Err(want), "{name}");
    }
    let other_case = object(&json!({"SCHEMAS": USER.to_uppercase()}));
    assert!(normalise(&other_case, user()).is_ok(), "a single URN in another case");
}

fn ada() -> Resource {
    object(&json!({
        "schemas": [USER, ENTERPRISE_USER], "id": "7", "userName": "ada", "active": false, "title": "T",
        "name": {"givenName": "Ada", "familyName": "Byron"}, "groups": [{"value": "g"}],
        "emails": [{"value": "x"}], ENTERPRISE_USER: {"department": "R", "division": "D"}
    }))
}

#[test]
fn a_put_replaces_what_clients_write() {
    let clear = Missing { clear: true, keep: &[] };
    let kept = ["EMAILS".to_owned(), format!("{ENTERPRISE_USER}:division")];
    let keep_some = Missing { clear: true, keep: &kept };
    let keep_all = Missing { clear: false, keep: &[] };
    let body = json!({"schemas": [USER], "userName": "ada", "name": {"givenName": "A"}, "id": "8", "groups": []});
    let cases = [
        // (name, policy, pointer, want)
        ("a value given", clear, "/name/givenName", json!("A")),
        ("a missing part is cleared", clear, "/name/familyName", json!(null)),
        ("a missing value is cleared", clear, "/title", json!(null)),
        ("a missing extension is cleared", clear, &format!("/{ENTERPRISE_USER}"), json!(null)),
        ("active is kept", clear, "/active", json!(false)),
        ("read-only values are kept", clear, "/groups/0/value", json!("g")),
        ("the id is kept", clear, "/id", json!("7")),
        ("a list that is to be kept", keep_some, "/emails/0/value", json!("x")),
        ("of an extension, what is to be kept", keep_some, &format!("/{ENTERPRISE_USER}"), json!({"division": "D"})),
        ("what is not to be kept", keep_some, "/title", json!(null)),
        ("all kept", keep_all, "/title", json!("T")),
        ("all parts kept", keep_all, "/name", json!({"givenName": "A", "familyName": "Byron"})),
    ];
    for (name, missing, pointer, want) in cases {
        let applied = replace(&ada(), &object(&body), user(), missing).unwrap();
        let got = Value::Object(applied.resource);
        assert_eq!(got.pointer(pointer).unwrap_or(&Value::Null), &want, "{name}: {got}");
    }
}

#[test]
fn a_put_of_what_is_there_changes_nothing() {
    let missing = Missing { clear: true, keep: &[] };
    let applied = replace(&ada(), &ada(), user(), missing).unwrap();
    assert_eq!(applied.resource, ada());
    assert_eq!(applied.ignored, Vec::<String>::new());
}

#[test]
fn a_put_does_not_touch_what_is_fixed() {
    let schema = mapped(&[
        ("userName", Mutability::Immutable),
        ("title", Mutability::ReadOnly),
        ("name.givenName", Mutability::ReadWrite),
        ("name.familyName", Mutability::ReadOnly),
    ]);
    let missing = Missing { clear: true, keep: &[] };
    let put = |body: Value| replace(&ada(), &object(&body), &schema, missing);

    let applied =
        put(json!({"schemas": [USER], "userName": "ada", "title": "X", "name": {"familyName": "King"}})).unwrap();
    assert_eq!(applied.ignored, ["title", "name.familyName"]);
    assert_eq!(applied.resource["title"], "T");
    assert_eq!(applied.resource["name"], json!({"familyName": "Byron"}));

    let applied = put(json!({"schemas": [USER], "title": "T"})).unwrap();
    assert_eq!(applied.ignored, Vec::<String>::new(), "the value shown is no fault");
    assert_eq!(applied.resource["userName"], "ada", "an immutable attribute that is not named stays");

    let refused = put(json!({"schemas": [USER], "userName": "eve"}));
    assert_eq!(refused, Err(Error::mutability("`userName` cannot be changed once it is set")));
}

#[test]
fn a_put_without_a_required_attribute_is_refused() {
    let body = object(&json!({"schemas": [USER], "title": "T"}));
    let refused = replace(&ada(), &body, user(), Missing { clear: true, keep: &[] });
    assert_eq!(refused, Err(Error::invalid_value("`userName` is required")));
    assert_eq!(require(&object(&json!({"userName": "ada"})), user()), Ok(()));
}
