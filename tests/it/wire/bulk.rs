//! `POST /Bulk`: several operations in one request (RFC 7644 §3.7).

use scim_bridge::demo::Seed;
use serde_json::{Value, json};

use crate::support::bridge::{Served, demo, serve};
use crate::support::case::{HEAD, group, patch, replace, user};
use crate::support::client::{Answer, holds};
use crate::support::upstream::{Step, Upstream, expect};

/// Users and groups, a call each.
fn mapping() -> String {
    let rules = r#"
[User.attributes]
id = { at = "id", type = "int" }
userName = "login"
active = "enabled"
[User]
get = "GET /users/{id}"
create = "POST /users"
update = "PATCH /users/{id}"
delete = "DELETE /users/{id}"
[Group.attributes]
id = { at = "id", type = "int" }
displayName = "name"
members = { at = "members", type = "int" }
[Group]
get = "GET /groups/{id}"
create = "POST /groups"
update = "PATCH /groups/{id}"
"#;
    format!("{HEAD}{rules}")
}

fn ada(id: u32) -> Value {
    json!({ "id": id, "login": "ada", "enabled": true })
}

fn created() -> Step {
    expect("POST /users").json(json!({ "login": "ada", "enabled": true })).answer(201, &ada(7))
}

fn post(bulk_id: &str) -> Value {
    let data = user(json!({ "userName": "ada", "active": true }));
    json!({ "method": "POST", "path": "/Users", "bulkId": bulk_id, "data": data })
}

/// Sends operations to a bridge over an upstream with this script.
async fn send(steps: Vec<Step>, mut request: Value) -> (Answer, Served) {
    let upstream = Upstream::serve(steps).await;
    let bridge = serve(&mapping(), &upstream.url(), &[]).await;
    request["schemas"] = json!(["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]);
    let answer = bridge.scim.send("POST /Bulk", Some(&request)).await;
    (answer, bridge)
}

/// What is answered of each operation.
fn results(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]));
    answer.body["Operations"].as_array().unwrap().clone()
}

#[tokio::test]
async fn operations_are_carried_out_in_order_and_references_lead_to_what_was_created() {
    let team = |members: &[u32]| json!({ "id": 3, "name": "R and D", "members": members });
    let steps = vec![
        created(),
        expect("POST /groups").json(json!({ "name": "R and D", "members": [7] })).answer(201, &team(&[7])),
        expect("GET /users/7").answer(200, &ada(7)),
        expect("PATCH /users/7")
            .json(json!({ "enabled": false }))
            .answer(200, &json!({ "id": 7, "login": "ada", "enabled": false })),
        expect("GET /groups/3").answer(200, &team(&[7, 8])),
        expect("PATCH /groups/3").json(json!({ "members": [8] })).answer(200, &team(&[8])),
        expect("DELETE /users/7").answer(204, &Value::Null),
    ];
    let members = json!({ "displayName": "R and D", "members": [{ "value": "bulkId:ada" }] });
    let leave = patch(&json!([{ "op": "remove", "path": "members[value eq \"bulkId:ada\"]" }]));
    let operations = json!([
        post("ada"),
        { "method": "POST", "path": "/Groups", "bulkId": "team", "data": group(members) },
        { "method": "patch", "path": "/Users/bulkId:ada", "data": replace(&json!({ "active": false })) },
        { "method": "PATCH", "path": "/Groups/bulkId:team", "data": leave },
        { "method": "DELETE", "path": "/Users/7" },
    ]);
    let (answer, bridge) = send(steps, json!({ "Operations": operations })).await;
    let at = |path: &str| format!("{}{path}", bridge.base);
    let want = [
        json!({ "method": "POST", "bulkId": "ada", "location": at("/Users/7"), "status": "201" }),
        json!({ "method": "POST", "bulkId": "team", "location": at("/Groups/3"), "status": "201" }),
        json!({ "method": "PATCH", "location": at("/Users/7"), "status": "200" }),
        json!({ "method": "PATCH", "location": at("/Groups/3"), "status": "200" }),
        json!({ "method": "DELETE", "location": at("/Users/7"), "status": "204" }),
    ];
    for (got, want) in results(&answer).iter().zip(&want) {
        assert!(holds(got, want), "{got} is not {want}");
        assert_eq!(got["version"].is_string(), want["method"] != "DELETE", "{got}");
        assert_eq!(got.get("response"), None, "{got}");
    }
    assert_eq!(results(&answer).len(), want.len());
}

#[tokio::test]
async fn an_operation_that_cannot_be_done_does_not_keep_the_others_from_being_done() {
    let taken = expect("POST /users").answer(409, &Value::Null);
    let missing = expect("GET /users/9").answer(404, &Value::Null);
    let with = |method: &str, path: &str| json!({ "method": method, "path": path, "data": {} });
    let members = group(json!({ "displayName": "x", "members": [{ "value": "bulkId:nobody" }] }));
    let cases = vec![
        ("it exists already", vec![taken], post("a"), "409", Some("uniqueness")),
        (
            "there is none",
            vec![missing],
            json!({ "method": "PATCH", "path": "/Users/9", "data": replace(&json!({ "active": true })) }),
            "404",
            None,
        ),
        ("a read", vec![], with("GET", "/Users/7"), "400", Some("invalidSyntax")),
        ("no method", vec![], json!({ "path": "/Users/7" }), "400", Some("invalidSyntax")),
        ("an unknown path", vec![], with("PUT", "/Devices/7"), "404", None),
        (
            "a bulk request",
            vec![],
            json!({ "method": "POST", "path": "/Bulk", "bulkId": "b", "data": {} }),
            "400",
            Some("invalidSyntax"),
        ),
        (
            "a search",
            vec![],
            json!({ "method": "POST", "path": "/Users/.search", "bulkId": "s", "data": {} }),
            "400",
            Some("invalidSyntax"),
        ),
        ("all of a type", vec![], with("DELETE", "/Users"), "405", None),
        ("a create without a name for it", vec![], with("POST", "/Users"), "400", Some("invalidSyntax")),
        ("a change without data", vec![], json!({ "method": "PUT", "path": "/Users/7" }), "400", Some("invalidSyntax")),
        ("a reference to nothing", vec![], with("PUT", "/Users/bulkId:nobody"), "400", Some("invalidValue")),
        ("a reference to what comes later", vec![], with("PUT", "/Users/bulkId:last"), "409", None),
        (
            "a value that is nobody's id",
            vec![],
            json!({ "method": "POST", "path": "/Groups", "bulkId": "g", "data": members }),
            "400",
            Some("invalidValue"),
        ),
    ];
    for (name, mut steps, operation, status, scim_type) in cases {
        steps.push(created());
        let (answer, _) = send(steps, json!({ "Operations": [operation, post("last")] })).await;
        let results = results(&answer);
        assert_eq!(results[0]["status"], status, "{name}: {}", results[0]);
        assert_eq!(results[0]["response"]["status"], status, "{name}: {}", results[0]);
        assert_eq!(results[0]["response"]["scimType"].as_str(), scim_type, "{name}: {}", results[0]);
        assert_eq!(results[1]["status"], "201", "{name}: {}", results[1]);
    }
}

#[tokio::test]
async fn after_as_many_failures_as_the_client_bears_nothing_more_is_done() {
    let broken = json!({ "method": "PUT", "path": "/Users/7" });
    let request = json!({ "failOnErrors": 2, "Operations": [broken, post("a"), broken, post("b")] });
    let (answer, _) = send(vec![created()], request).await;
    let statuses: Vec<Value> = results(&answer).iter().map(|result| result["status"].clone()).collect();
    assert_eq!(statuses, ["400", "201", "400"], "what was not begun is not answered");
    // What stood for a create that failed stands for nothing.
    let taken = expect("POST /users").answer(409, &Value::Null);
    let after = json!({ "method": "DELETE", "path": "/Users/bulkId:a" });
    let (answer, _) = send(vec![taken], json!({ "Operations": [post("a"), after] })).await;
    assert_eq!(results(&answer)[1]["status"], "409");
}

#[tokio::test]
async fn an_operation_for_another_version_is_refused() {
    let off = replace(&json!({ "active": false }));
    let with = |version: &str| json!({ "method": "PATCH", "path": "/Users/7", "version": version, "data": off });
    let read = || expect("GET /users/7").answer(200, &ada(7));
    let changed = expect("PATCH /users/7").answer(200, &json!({ "id": 7, "login": "ada", "enabled": false }));
    let steps = vec![read(), read(), changed];
    let (answer, bridge) = send(steps, json!({ "Operations": [with("W/\"1\""), with("*")] })).await;
    let results = results(&answer);
    let location = json!(format!("{}/Users/7", bridge.base));
    assert_eq!((&results[0]["status"], &results[0]["location"]), (&json!("412"), &location));
    assert_eq!(results[1]["status"], "200");
}

#[tokio::test]
async fn the_configuration_says_how_much_one_request_may_hold_and_more_is_refused() {
    let running = demo(Seed::Empty).await;
    let config = running.bridge.scim.send("GET /ServiceProviderConfig", None).await.body;
    assert_eq!(config["bulk"], json!({ "supported": true, "maxOperations": 1000, "maxPayloadSize": 1_048_576 }));
    let request = |operations: Vec<Value>| json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations });
    let many = request(vec![json!({}); 1001]);
    let large = request(vec![json!({ "data": "x".repeat(1_048_576) })]);
    for (name, body) in [("operations", many), ("bytes", large)] {
        let answer = running.bridge.scim.send("POST /Bulk", Some(&body)).await;
        assert_eq!((answer.status, &answer.body["status"]), (413, &json!("413")), "{name}");
    }
    let none = running.bridge.scim.send("POST /Bulk", Some(&request(Vec::new()))).await;
    assert_eq!((none.status, &none.body["Operations"]), (200, &json!([])));
}
