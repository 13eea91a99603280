//! Any bytes as the body of a PATCH.

use std::sync::LazyLock;

use scim_bridge::scim::{Patch, Resource, ResourceSchema};
use serde_json::{Value, json};

/// The user that is changed, in canonical spelling.
static ADA: LazyLock<Resource> = LazyLock::new(|| {
    let ada = json!({
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
        ],
        "id": "7",
        "userName": "ada",
        "active": true,
        "name": { "givenName": "Ada", "familyName": "Lovelace" },
        "emails": [{ "value": "ada@acme.example", "type": "work", "primary": true }, { "value": "a@b", "type": "home" }],
        "meta": { "resourceType": "User", "created": "2024-05-01T12:00:00Z" },
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "manager": { "value": "m1" } },
    });
    let Value::Object(members) = ada else { unreachable!("an object") };
    members
});

/// A body is refused as a fault of the client, or gives a resource in canonical spelling that keeps what no client writes.
pub(crate) fn check(data: &[u8]) {
    let schema = ResourceSchema::standard("User").expect("RFC 7643 has users");
    let applied = match Patch::parse(data).and_then(|patch| patch.apply(&ADA, schema)) {
        Ok(applied) => applied,
        Err(error) => {
            assert_eq!(error.status, 400, "{error:?}");
            return;
        }
    };
    let resource = &applied.resource;
    for fixed in ["id", "meta"] {
        assert_eq!(resource.get(fixed), ADA.get(fixed), "`{fixed}` is the service provider's");
    }
    assert!(resource.contains_key("userName"), "what is required stays");
    assert!(resource.values().all(has_value), "{resource:?} holds something without a value");
    for list in resource.values().filter_map(Value::as_array) {
        let primary = list.iter().filter(|element| element.get("primary") == Some(&Value::Bool(true)));
        assert!(primary.count() <= 1, "{list:?} has two primary values");
    }
    assert!(applied.ignored.len() <= 32, "what a client makes up is remembered without bound");
}

/// No null and nothing empty, at any depth.
fn has_value(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(elements) => !elements.is_empty() && elements.iter().all(has_value),
        Value::Object(members) => !members.is_empty() && members.values().all(has_value),
        Value::Bool(_) | Value::Number(_) => true,
    }
}
