//! Any text as a filter.

use std::sync::LazyLock;

use scim_bridge::scim::filter::{Filter, MAX_LENGTH};
use scim_bridge::scim::{Resource, ResourceSchema};
use serde_json::{Value, json};

/// A user with a value of every kind.
static ADA: LazyLock<Resource> = LazyLock::new(|| {
    let ada = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "aB7",
        "userName": "Ada",
        "active": false,
        "name": { "givenName": "Ada", "familyName": "ΟΔΥΣΣΕΥΣ" },
        "emails": [{ "value": "ada@acme.example", "type": "work", "primary": true }, { "value": "a", "type": "home" }],
        "level": 1.10,
        "meta": { "created": "2024-05-01T12:00:00+02:00" },
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "manager": { "value": "m1" } },
    });
    let Value::Object(members) = ada else { unreachable!("an object") };
    members
});

/// What is read prints as what reads back, and is satisfied by a resource or its negation is.
pub(crate) fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let filter = match Filter::parse(text) {
        Ok(filter) => filter,
        Err(error) => {
            assert!(error.offset <= text.len(), "{error:?} lies outside of {text:?}");
            return;
        }
    };
    let printed = filter.to_string();
    if printed.len() <= MAX_LENGTH {
        assert_eq!(Filter::parse(&printed).as_ref(), Ok(&filter), "{text:?} prints as {printed:?}");
    }
    let schema = ResourceSchema::standard("User").expect("RFC 7643 has users");
    let holds = filter.matches(&ADA, schema);
    assert_ne!(Filter::Not(Box::new(filter)).matches(&ADA, schema), holds, "{text:?} and its negation");
}
