//! Okta's event table, request by request with literal bodies, in both of Okta's dialects: catalogue apps update by PATCH,
//! wizard apps by GET and PUT of the whole user. What counts in the end is the state of the API behind the bridge, read at
//! its own endpoints; it is the same for both.

use scim_bridge::demo::Seed;
use serde_json::{Value, json};

use crate::support::bridge::{Running, demo};
use crate::support::client::{Client, holds};

mod catalogue;
mod wizard;

/// One request of Okta's and what it must be answered.
struct Step {
    name: &'static str,
    line: &'static str,
    body: Value,
    /// The statuses that Okta takes.
    statuses: &'static [u16],
    /// What the answer must hold at least.
    wanted: Value,
}

/// A step; `body` null sends none, `wanted` null asks nothing of the answer.
fn step(name: &'static str, line: &'static str, body: Value, statuses: &'static [u16], wanted: Value) -> Step {
    Step { name, line, body, statuses, wanted }
}

const OK: &[u16] = &[200];
const CREATED: &[u16] = &[201];
const NO_CONTENT: &[u16] = &[204];
const CHANGED: &[u16] = &[200, 204];

async fn play(scim: &Client, steps: Vec<Step>) {
    for Step { name, line, body, statuses, wanted } in steps {
        let answer = scim.send(line, Some(&body).filter(|body| !body.is_null())).await;
        assert!(statuses.contains(&answer.status), "{name}: {line} answered {} {}", answer.status, answer.body);
        assert!(wanted.is_null() || holds(&answer.body, &wanted), "{name}: {line} answered {}", answer.body);
        assert!(answer.body.get("password").is_none(), "{name}: the password came back");
    }
}

/// Provisioning is switched on, two users are assigned: the same requests in both dialects.
fn assigning() -> Vec<Step> {
    let list = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
    let nobody = json!({ "schemas": [list], "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": [] });
    vec![
        step("the first look", "GET /Users?startIndex=1&count=2", Value::Null, OK, nobody.clone()),
        step("the first look at groups", "GET /Groups?startIndex=1&count=100", Value::Null, OK, nobody.clone()),
        step(
            "looking for ada",
            "GET /Users?filter=userName%20eq%20%22ada%40acme.example%22&startIndex=1&count=100",
            Value::Null,
            OK,
            nobody,
        ),
        step(
            "assigning ada",
            "POST /Users",
            ada(),
            CREATED,
            json!({ "id": "1", "userName": "ada@acme.example", "active": true }),
        ),
        step(
            "assigning ada twice",
            "POST /Users",
            ada(),
            &[409],
            json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "409", "scimType": "uniqueness" }),
        ),
        step(
            "assigning bo, with every attribute",
            "POST /Users",
            bo(),
            CREATED,
            json!({ "id": "2", "title": "Buyer" }),
        ),
        step(
            "matching in capitals",
            "GET /Users?filter=userName%20eq%20%22ADA%40ACME.EXAMPLE%22&startIndex=1&count=100",
            Value::Null,
            OK,
            json!({ "totalResults": 1, "Resources": [{ "id": "1" }] }),
        ),
    ]
}

fn ada() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "ada@acme.example",
        "name": { "givenName": "Ada", "familyName": "Byrne" },
        "emails": [{ "primary": true, "value": "ada@acme.example", "type": "work" }],
        "displayName": "Ada Byrne",
        "locale": "en-US",
        "externalId": "00ujl29u0le5T6Aj10h7",
        "groups": [],
        "password": "1mz050nq",
        "active": true
    })
}

fn bo() -> Value {
    json!({
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
        ],
        "userName": "bo@acme.example",
        "name": { "givenName": "Bo", "familyName": "Dvořák" },
        "emails": [
            { "primary": true, "value": "bo@acme.example", "type": "work" },
            { "primary": false, "value": "bo@home.example", "type": "home" }
        ],
        "phoneNumbers": [{ "primary": true, "value": "+44 7700 900123", "type": "mobile" }],
        "displayName": "Bo Dvořák",
        "title": "Buyer",
        "locale": "cs-CZ",
        "timezone": "Europe/Prague",
        "externalId": "00ujl29u0le5T6Aj10h8",
        "groups": [],
        "password": "tlpWENT2m",
        "active": true,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "employeeNumber": "S-2", "costCenter": "CC-600", "department": "Operations", "manager": { "value": "1" }
        }
    })
}

/// What the API must hold when all is done, whatever the dialect; times and revisions aside.
async fn assert_end_state(running: &Running) {
    let people = json!([
        {
            "no": 1, "login": "ada@acme.example", "given_name": "Adele", "family_name": "Byrne",
            "shown_name": "Adele Byrne", "job": null, "mail": "adele@acme.example", "mail2": null,
            "phone_office": "415.123.4567", "phone_mobile": null, "lang": "en_US", "time_zone": null, "dept": null,
            "cost_centre": null, "staff_no": null, "boss": null, "hr_ref": "00ujl29u0le5T6Aj10h7", "state": "D",
            "teams": [{ "no": 3, "name": "Research" }]
        },
        {
            "no": 2, "login": "bo@acme.example", "given_name": "Bo", "family_name": "Dvořák",
            "shown_name": "Bo Dvořák", "job": "Buyer", "mail": "bo@acme.example", "mail2": "bo@home.example",
            "phone_office": null, "phone_mobile": "+44 7700 900123", "lang": "cs_CZ", "time_zone": "Europe/Prague",
            "dept": "Operations", "cost_centre": "CC-600", "staff_no": "S-2", "boss": 1,
            "hr_ref": "00ujl29u0le5T6Aj10h8", "state": "A", "teams": [{ "no": 3, "name": "Research" }]
        }
    ]);
    assert_eq!(rows(running, "GET /people").await, people);
    let teams = json!([{ "no": 3, "name": "Research", "ext_ref": null }]);
    assert_eq!(rows(running, "GET /teams").await, teams);
    let members = json!([
        { "no": 1, "login": "ada@acme.example", "shown_name": "Adele Byrne" },
        { "no": 2, "login": "bo@acme.example", "shown_name": "Bo Dvořák" }
    ]);
    assert_eq!(rows(running, "GET /teams/3/people").await, members);
    let doors = [
        ("the first password", "login=bo@acme.example&password=tlpWENT2m", 403),
        ("the password synchronised later", "login=bo@acme.example&password=q8ZLw20x", 204),
        ("a deactivated user", "login=ada@acme.example&password=1mz050nq", 403),
    ];
    for (name, form, status) in doors {
        let form_type = "application/x-www-form-urlencoded";
        assert_eq!(running.api.send_text("POST /door", form_type, Some(form)).await.status, status, "{name}");
    }
}

/// The rows of a list of the API, without what depends on the clock and on the number of writes.
async fn rows(running: &Running, line: &str) -> Value {
    let mut rows = running.api.send(line, None).await.body["rows"].take();
    for row in rows.as_array_mut().unwrap() {
        for name in ["created", "changed", "revision"] {
            row.as_object_mut().unwrap().shift_remove(name);
        }
    }
    rows
}

#[tokio::test]
async fn a_catalogue_apps_events_leave_the_api_in_the_state_okta_asked_for() {
    let running = demo(Seed::Empty).await;
    play(&running.bridge.scim, assigning()).await;
    play(&running.bridge.scim, catalogue::steps()).await;
    assert_end_state(&running).await;
}

#[tokio::test]
async fn a_wizard_apps_events_leave_the_api_in_the_state_okta_asked_for() {
    let running = demo(Seed::Empty).await;
    play(&running.bridge.scim, assigning()).await;
    play(&running.bridge.scim, wizard::steps()).await;
    assert_end_state(&running).await;
}

#[tokio::test]
async fn a_created_user_has_its_own_url_as_location() {
    let running = demo(Seed::Empty).await;
    let created = running.bridge.scim.send("POST /Users", Some(&ada())).await;
    let location = created.headers["location"].to_str().unwrap();
    assert!(location.ends_with("/scim/v2/Users/1"), "{location}");
    assert_eq!(created.body["meta"]["location"], location);
}

#[tokio::test]
async fn wrong_credentials_are_401_with_a_scim_error_and_reach_nothing() {
    let running = demo(Seed::Empty).await;
    let base = format!("{}/", running.bridge.base);
    let error = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "401" });
    for header in ["non-token", "Bearer wrong-token-of-some-length", "Bearer ", "Basic YWRhOmFkYQ=="] {
        let client = Client::with_header(&base, "Authorization", header);
        let answer = client.send("POST /Users", Some(&ada())).await;
        assert_eq!(answer.status, 401, "{header}");
        assert!(holds(&answer.body, &error) && answer.body["detail"].is_string(), "{header}: {}", answer.body);
    }
    assert_eq!(rows(&running, "GET /people").await, json!([]));
}

#[tokio::test]
async fn an_import_reads_every_user_of_the_company_once() {
    let running = demo(Seed::Company).await;
    let mut ids = Vec::new();
    while ids.len() < 200 {
        let line = format!("GET /Users?startIndex={}&count=100", ids.len() + 1);
        let page = running.bridge.scim.send(&line, None).await;
        assert_eq!((page.status, &page.body["totalResults"]), (200, &json!(200)), "{line}");
        let users = page.body["Resources"].as_array().unwrap();
        assert_eq!(users.len(), 100, "{line}");
        ids.extend(users.iter().map(|user| user["id"].as_str().unwrap().to_owned()));
    }
    let all: Vec<String> = (1..=200).map(|no: u32| no.to_string()).collect();
    assert_eq!(ids, all);
    let groups = running.bridge.scim.send("GET /Groups?startIndex=1&count=100", None).await;
    assert_eq!((groups.status, &groups.body["totalResults"]), (200, &json!(12)));
    let everybody = running.bridge.scim.send("GET /Groups/209", None).await;
    assert_eq!(everybody.body["members"].as_array().map(Vec::len), Some(200));
}
