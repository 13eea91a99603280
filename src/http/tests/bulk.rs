//! Several operations in one request.

use std::time::Duration;

use serde_json::{Value, json};

use super::script::{DEADLINE, InMemory, Running};
use super::small;

/// A bulk request with these operations.
pub(super) fn body(operations: &str) -> String {
    format!(r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{operations}]}}"#)
}

/// A bulk request that deletes these users.
fn deletes(ids: &[&str]) -> String {
    let deletes: Vec<String> =
        ids.iter().map(|id| json!({"method": "DELETE", "path": format!("/Users/{id}")}).to_string()).collect();
    body(&deletes.join(","))
}

/// The statuses in the answer to a bulk request.
fn statuses(answer: &str) -> Vec<String> {
    let answer: Value = serde_json::from_str(answer).unwrap();
    let operations = answer["Operations"].as_array().unwrap();
    operations.iter().map(|operation| operation["status"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn each_operation_ends_for_itself() {
    let server = Running::start(small()).await;
    let answer = server.ask("POST /Bulk", "", &deletes(&["panic", "refused", "1"])).await;
    assert_eq!((answer.status, statuses(&answer.body)), (200, ["500", "400", "204"].map(str::to_owned).to_vec()));
    assert_eq!(server.metrics.panics.get(), 1);
    let answer: Value = serde_json::from_str(&answer.body).unwrap();
    let third = json!({"method": "DELETE", "location": "https://scim.example/scim/v2/Users/1", "status": "204"});
    assert_eq!(answer["Operations"][2], third);
    assert_eq!(answer["Operations"][1]["response"]["detail"], "as the script says");
}

#[tokio::test(start_paused = true)]
async fn what_there_is_no_time_for_is_not_begun_and_said_to_be_so() {
    let mut server = InMemory::start(small());
    server.client.request("POST /Bulk", "", &deletes(&["slow", "slow", "1"])).await;
    assert_eq!(server.events.recv().await.unwrap(), "started");
    tokio::time::advance(DEADLINE * 2 / 3 + Duration::from_secs(1)).await;
    server.gate.add_permits(2);
    let answer = server.client.answer(false).await;
    assert_eq!((answer.status, statuses(&answer.body)), (200, ["204", "503", "503"].map(str::to_owned).to_vec()));
    assert_eq!(server.events.recv().await.unwrap(), "finished");
    assert!(server.events.try_recv().is_err(), "the second one was not begun");
}

#[tokio::test]
async fn after_a_hang_up_what_has_begun_is_finished_and_nothing_else_begun() {
    let mut server = Running::start(small()).await;
    let mut client = server.connect().await;
    client.request("POST /Bulk", "", &deletes(&["slow", "slow"])).await;
    assert_eq!(server.event().await, "started");
    drop(client);
    // The server has seen the hang-up once the connection is gone.
    while server.metrics.connections.get() > 0 {
        tokio::task::yield_now().await;
    }
    server.gate.add_permits(2);
    assert_eq!(server.event().await, "finished");
    server.shutdown.send(()).unwrap();
    server.ended.await.unwrap();
    assert!(server.events.try_recv().is_err(), "the second one was not begun");
}
