//! The dialect of an app made with Okta's wizard: a GET, then a PUT of the whole.

use serde_json::{Value, json};

use super::{CREATED, NO_CONTENT, OK, Step, step};

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

pub(super) fn steps() -> Vec<Step> {
    let mut steps = users();
    steps.extend(groups());
    steps
}

/// Ada as Okta sends her back: what it read, changed in part.
fn ada(changes: &Value) -> Value {
    let mut user = json!({
        "schemas": [CORE, ENTERPRISE],
        "id": "1",
        "externalId": "00ujl29u0le5T6Aj10h7",
        "userName": "ada@acme.example",
        "name": { "givenName": "Adele", "familyName": "Byrne", "formatted": "Ada Byrne" },
        "displayName": "Adele Byrne",
        "locale": "en-US",
        "emails": [{ "primary": true, "value": "adele@acme.example", "type": "work" }],
        "phoneNumbers": [{ "primary": true, "value": "415.123.4567", "type": "work" }],
        "groups": [],
        "active": true
    });
    for (name, value) in changes.as_object().unwrap() {
        user[name] = value.clone();
    }
    user
}

fn bo_with_password() -> Value {
    json!({
        "schemas": [CORE, ENTERPRISE],
        "id": "2",
        "externalId": "00ujl29u0le5T6Aj10h8",
        "userName": "bo@acme.example",
        "name": { "givenName": "Bo", "familyName": "Dvořák" },
        "displayName": "Bo Dvořák",
        "title": "Buyer",
        "locale": "cs-CZ",
        "timezone": "Europe/Prague",
        "emails": [
            { "primary": true, "value": "bo@acme.example", "type": "work" },
            { "value": "bo@home.example", "type": "home" }
        ],
        "phoneNumbers": [{ "value": "+44 7700 900123", "type": "mobile" }],
        "groups": [],
        "password": "q8ZLw20x",
        "active": true,
        ENTERPRISE: {
            "employeeNumber": "S-2", "costCenter": "CC-600", "department": "Operations", "manager": { "value": "1" }
        }
    })
}

fn users() -> Vec<Step> {
    let read = |name| step(name, "GET /Users/1", Value::Null, OK, json!({ "id": "1", "userName": "ada@acme.example" }));
    vec![
        read("reading before the change"),
        step(
            "the whole user, with changes",
            "PUT /Users/1",
            ada(&json!({ "title": "Engineer" })),
            OK,
            json!({
                "id": "1",
                "title": "Engineer",
                "name": { "givenName": "Adele", "familyName": "Byrne" },
                "emails": [{ "value": "adele@acme.example", "type": "work" }],
                "phoneNumbers": [{ "value": "415.123.4567", "type": "work" }]
            }),
        ),
        step(
            "an attribute left out is cleared",
            "PUT /Users/1",
            ada(&json!({})),
            OK,
            json!({ "displayName": "Adele Byrne" }),
        ),
        step(
            "deactivating",
            "PUT /Users/1",
            ada(&json!({ "active": false })),
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
        read("reading before reactivation"),
        step("reactivating", "PUT /Users/1", ada(&json!({ "active": true })), OK, json!({ "id": "1", "active": true })),
        step(
            "synchronising a password",
            "PUT /Users/2",
            bo_with_password(),
            OK,
            json!({ "id": "2", "title": "Buyer" }),
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
    let group = |display_name: &str, members: Value| json!({ "schemas": [GROUP], "displayName": display_name, "members": members });
    let only_bo = json!([{ "value": "2", "display": "bo@acme.example" }]);
    let both = json!([{ "value": "1", "display": "ada@acme.example" }, { "value": "2", "display": "bo@acme.example" }]);
    let ada_alone = json!([{ "value": "1", "display": "ada@acme.example" }]);
    vec![
        step(
            "pushing a group",
            "POST /Groups",
            group("R and D", ada_alone),
            CREATED,
            json!({ "id": "3", "displayName": "R and D" }),
        ),
        step(
            "a new name and other members at once",
            "PUT /Groups/3",
            group("Research", only_bo),
            OK,
            json!({ "id": "3", "displayName": "Research", "members": [{ "value": "2" }] }),
        ),
        step(
            "both members",
            "PUT /Groups/3",
            group("Research", both),
            OK,
            json!({ "members": [{ "value": "1" }, { "value": "2" }] }),
        ),
        step("pushing an empty group", "POST /Groups", group("Empty", json!([])), CREATED, json!({ "id": "4" })),
        step("unlinking and deleting it", "DELETE /Groups/4", Value::Null, NO_CONTENT, Value::Null),
        step(
            "unassigning ada",
            "PUT /Users/1",
            ada(&json!({ "active": false })),
            OK,
            json!({ "id": "1", "active": false }),
        ),
    ]
}
