//! The dialect of an app from Okta's catalogue: changes come as PATCH.

use serde_json::{Value, json};

use super::{CHANGED, CREATED, NO_CONTENT, OK, Step, step};

const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

fn patch(operations: &Value) -> Value {
    json!({ "schemas": [PATCH], "Operations": operations })
}

/// `{"op": "replace", "value": {…}}`, without a path, as Okta sends it.
fn replace(value: &Value) -> Value {
    patch(&json!([{ "op": "replace", "value": value }]))
}

pub(super) fn steps() -> Vec<Step> {
    let mut steps = profiles();
    steps.extend(lifecycle());
    steps.extend(groups());
    steps
}

fn profiles() -> Vec<Step> {
    vec![
        step(
            "one attribute changes",
            "PATCH /Users/1",
            replace(&json!({ "name": { "givenName": "Adele" } })),
            OK,
            json!({ "id": "1", "name": { "givenName": "Adele", "familyName": "Byrne" } }),
        ),
        step(
            "several attributes change",
            "PATCH /Users/1",
            replace(&json!({
                "emails": [{ "primary": true, "value": "adele@acme.example", "type": "work" }],
                "displayName": "Adele Byrne",
                "title": "Engineer",
                "phoneNumbers": [{ "primary": true, "value": "415.123.4567", "type": "work" }]
            })),
            OK,
            json!({
                "displayName": "Adele Byrne",
                "title": "Engineer",
                "emails": [{ "value": "adele@acme.example", "type": "work" }],
                "phoneNumbers": [{ "value": "415.123.4567", "type": "work" }]
            }),
        ),
        step(
            "an emptied attribute",
            "PATCH /Users/1",
            replace(&json!({ "title": "" })),
            OK,
            json!({ "id": "1", "displayName": "Adele Byrne" }),
        ),
    ]
}

fn lifecycle() -> Vec<Step> {
    vec![
        step(
            "deactivating",
            "PATCH /Users/1",
            replace(&json!({ "active": false })),
            OK,
            json!({ "id": "1", "active": false }),
        ),
        step(
            "a deactivated user stays visible",
            "GET /Users?filter=userName%20eq%20%22ada%40acme.example%22&startIndex=1&count=100",
            Value::Null,
            OK,
            json!({ "totalResults": 1, "Resources": [{ "id": "1", "active": false }] }),
        ),
        step("reading before reactivation", "GET /Users/1", Value::Null, OK, json!({ "id": "1", "active": false })),
        step(
            "reactivating",
            "PATCH /Users/1",
            replace(&json!({ "active": true })),
            OK,
            json!({ "id": "1", "active": true, "externalId": "00ujl29u0le5T6Aj10h7", "displayName": "Adele Byrne" }),
        ),
        step(
            "synchronising a password",
            "PATCH /Users/2",
            replace(&json!({ "password": "q8ZLw20x" })),
            OK,
            json!({ "id": "2" }),
        ),
        step(
            "importing users",
            "GET /Users?startIndex=1&count=100",
            Value::Null,
            OK,
            json!({ "totalResults": 2, "itemsPerPage": 2, "Resources": [{ "id": "1" }, { "id": "2" }] }),
        ),
    ]
}

fn groups() -> Vec<Step> {
    let group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "R and D",
        "members": [{ "value": "1", "display": "ada@acme.example" }]
    });
    let empty =
        json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Empty", "members": [] });
    let swap = patch(&json!([
        { "op": "remove", "path": "members[value eq \"1\"]" },
        { "op": "add", "path": "members", "value": [{ "value": "2", "display": "bo@acme.example" }] }
    ]));
    let both = json!([{ "value": "1", "display": "ada@acme.example" }, { "value": "2", "display": "bo@acme.example" }]);
    let push_now = patch(&json!([{ "op": "replace", "path": "members", "value": both }]));
    vec![
        step(
            "looking for the group",
            "GET /Groups?filter=displayName%20eq%20%22R%20and%20D%22&startIndex=1&count=100",
            Value::Null,
            OK,
            json!({ "totalResults": 0, "Resources": [] }),
        ),
        step("pushing a group", "POST /Groups", group, CREATED, json!({ "id": "3", "displayName": "R and D" })),
        step(
            "renaming it, the id inside the value",
            "PATCH /Groups/3",
            replace(&json!({ "id": "3", "displayName": "Research" })),
            OK,
            json!({ "id": "3", "displayName": "Research" }),
        ),
        step("one member goes, one comes", "PATCH /Groups/3", swap.clone(), CHANGED, Value::Null),
        step("the same again is success", "PATCH /Groups/3", swap, CHANGED, Value::Null),
        step("only the new member is in", "GET /Groups/3", Value::Null, OK, json!({ "members": [{ "value": "2" }] })),
        step("push now", "PATCH /Groups/3", push_now.clone(), CHANGED, Value::Null),
        step("push now again", "PATCH /Groups/3", push_now, CHANGED, Value::Null),
        step(
            "both members are in",
            "GET /Groups/3",
            Value::Null,
            OK,
            json!({ "displayName": "Research", "members": [{ "value": "1" }, { "value": "2" }] }),
        ),
        step("pushing an empty group", "POST /Groups", empty, CREATED, json!({ "id": "4", "displayName": "Empty" })),
        step("unlinking and deleting it", "DELETE /Groups/4", Value::Null, NO_CONTENT, Value::Null),
        step("it is gone", "GET /Groups/4", Value::Null, &[404], json!({ "status": "404" })),
        step("deleting it again", "DELETE /Groups/4", Value::Null, &[404], json!({ "status": "404" })),
        step("unassigning ada", "PATCH /Users/1", replace(&json!({ "active": false })), OK, json!({ "active": false })),
        step(
            "unassigning ada again",
            "PATCH /Users/1",
            replace(&json!({ "active": false })),
            OK,
            json!({ "active": false }),
        ),
    ]
}
