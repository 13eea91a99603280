use serde_json::json;

use super::*;

const ENTERPRISE: &str = crate::scim::schema::ENTERPRISE_USER;

fn ada() -> Resource {
    let resource = json!({
        "schemas": ["s"], "id": "7", "userName": "ada", "password": "secret", "unheardOf": 1,
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "emails": [{"value": "a@x", "type": "work"}, {"value": "b@x", "type": "home"}],
        "meta": {"resourceType": "User"},
        ENTERPRISE: {"department": "R", "manager": {"value": "m"}}
    });
    resource.as_object().unwrap().clone()
}

#[test]
fn an_answer_holds_what_the_projection_asks_for() {
    let only = |text: &str| Projection::parse(Some(text), None).unwrap();
    let without = |text: &str| Projection::parse(None, Some(text)).unwrap();
    let base = r#""schemas":["s"],"id":"7""#;
    let emails = r#""emails":[{"value":"a@x","type":"work"},{"value":"b@x","type":"home"}]"#;
    let cases = [
        (
            "all by default, never the password",
            Projection::Default,
            format!(
                r#"{{{base},"userName":"ada","name":{{"givenName":"Ada","familyName":"Lovelace"}},{emails},"meta":{{"resourceType":"User"}},"{ENTERPRISE}":{{"department":"R","manager":{{"value":"m"}}}}}}"#
            ),
        ),
        ("one, and what is always there", only("USERNAME"), format!(r#"{{{base},"userName":"ada"}}"#)),
        (
            "one with its core URN",
            only("urn:ietf:params:scim:schemas:core:2.0:User:userName"),
            format!(r#"{{{base},"userName":"ada"}}"#),
        ),
        ("the password is never there", only("password, userName"), format!(r#"{{{base},"userName":"ada"}}"#)),
        (
            "sub-attributes",
            only("name.givenname,emails.value"),
            format!(r#"{{{base},"name":{{"givenName":"Ada"}},"emails":[{{"value":"a@x"}},{{"value":"b@x"}}]}}"#),
        ),
        (
            "an extension",
            only(ENTERPRISE),
            format!(r#"{{{base},"{ENTERPRISE}":{{"department":"R","manager":{{"value":"m"}}}}}}"#),
        ),
        (
            "one of an extension",
            only(&format!("{ENTERPRISE}:department")),
            format!(r#"{{{base},"{ENTERPRISE}":{{"department":"R"}}}}"#),
        ),
        ("an unknown one", only("unheardOf"), format!("{{{base}}}")),
        (
            "all but some",
            without(&format!("userName,name,meta,emails.type,{ENTERPRISE}")),
            format!(r#"{{{base},"emails":[{{"value":"a@x"}},{{"value":"b@x"}}]}}"#),
        ),
        (
            "what is always there stays",
            without(&format!("id,schemas,userName,name,meta,emails,{ENTERPRISE}:manager")),
            format!(r#"{{{base},"{ENTERPRISE}":{{"department":"R"}}}}"#),
        ),
        (
            "the core schema alone",
            only("urn:ietf:params:scim:schemas:core:2.0:User"),
            format!(r#"{{{base},"userName":"ada","name":{{"givenName":"Ada","familyName":"Lovelace"}},{emails}}}"#),
        ),
    ];
    for (name, projection, want) in cases {
        let mut resource = ada();
        project(&mut resource, &projection, ResourceSchema::standard("User").unwrap());
        assert_eq!(serde_json::to_string(&resource).unwrap(), want, "{name}");
    }
}

#[test]
fn an_attribute_returned_on_request_needs_to_be_named() {
    let mut schema = ResourceSchema::full("User").unwrap();
    for attribute in schema.core.attributes.iter_mut().filter(|attribute| attribute.name == "emails") {
        attribute.returned = Returned::Request;
    }
    let cases = [
        ("by default", Projection::Default, false),
        ("named", Projection::parse(Some("emails"), None).unwrap(), true),
        ("another excluded", Projection::parse(None, Some("name")).unwrap(), false),
    ];
    for (name, projection, want) in cases {
        let mut resource = ada();
        project(&mut resource, &projection, &schema);
        assert_eq!(resource.contains_key("emails"), want, "{name}");
    }
}

#[test]
fn readers_learn_what_is_wanted() {
    let only = Projection::parse(Some("name.givenName,members"), None).unwrap();
    let without = Projection::parse(None, Some("name.givenName,members")).unwrap();
    let cases = [
        // (name, attribute, sub-attribute, wanted with only, wanted with without)
        ("the id", "id", None, true, true),
        ("part of an attribute", "name", None, true, true),
        ("that part", "name", Some("givenName"), true, false),
        ("another part", "name", Some("familyName"), false, true),
        ("a whole attribute", "members", None, true, false),
        ("a part of a whole attribute", "members", Some("value"), true, false),
        ("another attribute", "displayName", None, false, true),
    ];
    for (name, attribute, sub, in_only, in_without) in cases {
        assert_eq!(only.wants(None, attribute, sub), in_only, "{name}: only");
        assert_eq!(without.wants(None, attribute, sub), in_without, "{name}: without");
        assert!(Projection::Default.wants(None, attribute, sub), "{name}: default");
    }
    assert!(!only.wants(Some(ENTERPRISE), "members", None), "an extension's attribute of the same name");
}

#[test]
fn unusable_parameters_are_refused() {
    let cases = [
        ("both", Some("a"), Some("b"), "`attributes` and `excludedAttributes` exclude each other"),
        ("a value filter", Some("emails[type pr]"), None, "`attributes` takes attribute names, not value filters"),
        (
            "no name",
            None,
            Some("a,9"),
            "`excludedAttributes` holds something that is no attribute name: expected an attribute name at character 1",
        ),
    ];
    for (name, attributes, excluded, want) in cases {
        assert_eq!(Projection::parse(attributes, excluded), Err(Error::invalid_value(want)), "{name}");
    }
    assert_eq!(Projection::parse(Some(" "), Some("")), Ok(Projection::Default), "empty is absent");
    assert_eq!(Projection::parse(Some("a"), Some("")).map(|it| matches!(it, Projection::Only(_))), Ok(true));
}

#[test]
fn a_body_must_be_a_json_object_of_bounded_depth() {
    let cases = [
        ("not JSON", "{\"a\": }".to_owned(), "the body is not valid JSON (line 1, column 7)"),
        ("a list", "[]".to_owned(), "the body must be a JSON object, not an array"),
        ("too deep", format!("{{\"a\":{}1{}}}", "[".repeat(64), "]".repeat(64)), "the body is nested deeper than 64"),
    ];
    for (name, body, want) in cases {
        assert_eq!(parse(body.as_bytes()), Err(Error::invalid_syntax(want)), "{name}");
    }
    assert_eq!(parse(b"{\"a\":1}").map(|body| body.len()), Ok(1));
}
