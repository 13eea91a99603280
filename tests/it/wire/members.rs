//! Membership changes that come at the same moment.

use scim_bridge::demo::Seed;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::bridge::demo;

#[tokio::test]
async fn of_twenty_members_added_at_once_none_is_lost() {
    let running = demo(Seed::Company).await;
    let group =
        json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Racers", "members": [] });
    let created = running.bridge.scim.send("POST /Groups", Some(&group)).await;
    assert_eq!(created.status, 201, "{}", created.body);
    let id = created.body["id"].as_str().unwrap().to_owned();

    let mut adds = JoinSet::new();
    for member in 1..=20 {
        let (scim, line) = (running.bridge.scim.clone(), format!("PATCH /Groups/{id}"));
        adds.spawn(async move {
            let body = json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [{ "op": "add", "path": "members", "value": [{ "value": member.to_string() }] }]
            });
            scim.send(&line, Some(&body)).await
        });
    }
    for answer in adds.join_all().await {
        assert!([200, 204].contains(&answer.status), "{} {}", answer.status, answer.body);
    }

    let people = running.api.send(&format!("GET /teams/{id}/people?size=100"), None).await;
    let numbers: Vec<&Value> = people.body["rows"].as_array().unwrap().iter().map(|row| &row["no"]).collect();
    assert_eq!(json!(numbers), json!((1..=20).collect::<Vec<u32>>()));
}
