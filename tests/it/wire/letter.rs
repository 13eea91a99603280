//! Demands of the RFCs that no check of `verify` asks for; which they are stands in `tests/demands`.

use scim_bridge::demo::Seed;
use serde_json::{Value, json};

use crate::support::bridge::{Running, TOKEN, demo};
use crate::support::client::{Answer, Client};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A new user of the demo, as it was answered.
async fn create(running: &Running, mut members: Value) -> Value {
    members["schemas"] = json!([USER, ENTERPRISE]);
    let answer = running.bridge.scim.send("POST /Users", Some(&members)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body
}

/// A PATCH of one operation.
async fn patch(running: &Running, target: &str, operation: Value) -> Answer {
    let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation] });
    running.bridge.scim.send(&format!("PATCH {target}"), Some(&body)).await
}

async fn get(running: &Running, target: &str) -> Answer {
    running.bridge.scim.send(&format!("GET {target}"), None).await
}

fn refusal(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.body["scimType"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn what_has_no_order_cannot_be_asked_for_one() {
    let running = demo(Seed::Empty).await;
    for filter in ["active%20gt%20%22f%22", "active%20le%20true", "emails%5Bprimary%20ge%20%22x%22%5D"] {
        let answer = get(&running, &format!("/Users?filter={filter}")).await;
        assert_eq!(refusal(&answer), (400, "invalidFilter"), "{filter}");
        let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
            "filter": "active lt \"x\"" });
        let answer = running.bridge.scim.send("POST /.search", Some(&body)).await;
        assert_eq!(refusal(&answer), (400, "invalidFilter"), "over all types");
    }
    let answer = get(&running, "/Users?filter=userName%20regex%20%22a%22").await;
    assert_eq!(refusal(&answer), (400, "invalidFilter"), "an operator that nobody knows");
    assert!(answer.body["detail"].as_str().unwrap().contains("expected an operator"), "{}", answer.body);
}

#[tokio::test]
async fn documents_are_shown_whole_or_not_at_all() {
    let running = demo(Seed::Empty).await;
    for document in ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig"] {
        let whole = get(&running, document).await;
        assert_eq!(whole.status, 200);
        let paged =
            get(&running, &format!("{document}?startIndex=2&count=1&sortBy=id&sortOrder=descending&filter=")).await;
        assert_eq!(paged.body, whole.body, "{document}: parameters of lists do not count");
        let filtered = get(&running, &format!("{document}?filter=id%20pr")).await;
        assert_eq!(filtered.status, 403, "{document}: {}", filtered.body);
    }
}

#[tokio::test]
async fn messages_are_no_schemas() {
    let running = demo(Seed::Empty).await;
    let schemas = get(&running, "/Schemas").await.body;
    let ids: Vec<&str> = schemas["Resources"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(schemas["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
    assert!(ids.contains(&USER) && ids.iter().all(|id| !id.contains(":scim:api:")), "{ids:?}");
    let message = get(&running, "/Schemas/urn:ietf:params:scim:api:messages:2.0:PatchOp").await;
    assert_eq!(message.status, 404);
}

#[tokio::test]
async fn parameters_that_nobody_knows_and_other_versions_are_told_apart() {
    let running = demo(Seed::Company).await;
    let (plain, odd) =
        (get(&running, "/Users?count=3").await, get(&running, "/Users?count=3&page=2&x&expand=all").await);
    assert_eq!((odd.status, odd.body), (200, plain.body), "a parameter that nobody knows does not count");
    for version in ["v1", "v3", "V2"] {
        let client = Client::new(&running.bridge.base.replace("/v2", &format!("/{version}")), TOKEN);
        assert_eq!(client.send("GET /Users", None).await.status, 404, "{version}");
    }
}

#[tokio::test]
async fn resources_are_found_by_the_schemas_that_they_have() {
    let running = demo(Seed::Empty).await;
    create(&running, json!({ "userName": "plain" })).await;
    create(&running, json!({ "userName": "more", ENTERPRISE: { "department": "R&D" } })).await;
    for (urn, total) in [(USER, 2), (ENTERPRISE, 1), ("urn:x", 0)] {
        let answer = get(&running, &format!("/Users?filter=schemas%20eq%20%22{urn}%22")).await;
        assert_eq!((answer.status, &answer.body["totalResults"]), (200, &json!(total)), "{urn}");
    }
}

#[tokio::test]
async fn the_order_of_members_and_schemas_says_nothing() {
    let running = demo(Seed::Empty).await;
    let texts = [
        format!(
            r#"{{"schemas":["{USER}","{ENTERPRISE}"],"userName":"a","name":{{"givenName":"G","familyName":"F"}},"{ENTERPRISE}":{{"department":"D","costCenter":"C"}}}}"#
        ),
        format!(
            r#"{{"{ENTERPRISE}":{{"costCenter":"C","department":"D"}},"name":{{"familyName":"F","givenName":"G"}},"userName":"b","schemas":["{ENTERPRISE}","{USER}"]}}"#
        ),
    ];
    let mut seen = Vec::new();
    for text in texts {
        let answer = running.bridge.scim.send_text("POST /Users", "application/json", Some(&text)).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        assert_eq!(
            answer.body["schemas"],
            json!([USER, ENTERPRISE]),
            "the base schema, the extension in use, each once"
        );
        seen.push([answer.body["name"]["familyName"].clone(), answer.body[ENTERPRISE].clone()]);
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn null_and_an_empty_list_are_no_value() {
    let running = demo(Seed::Empty).await;
    let made = create(&running, json!({ "userName": "a", "title": null, "emails": [] })).await;
    assert!(made.get("title").is_none() && made.get("emails").is_none(), "{made}");
    let target = format!("/Users/{}", made["id"].as_str().unwrap());
    let full = json!({ "title": "T", "emails": [{ "value": "a@x", "type": "work" }] });
    patch(&running, &target, json!({ "op": "add", "value": full })).await;
    let found = "/Users?filter=title%20eq%20null%20and%20not%20(emails%20pr)";
    assert_eq!(get(&running, found).await.body["totalResults"], 0);
    let body = json!({ "schemas": [USER], "userName": "a", "title": null, "emails": [] });
    let cleared = running.bridge.scim.send(&format!("PUT {target}"), Some(&body)).await;
    assert_eq!(cleared.status, 200);
    assert!(cleared.body.get("title").is_none() && cleared.body.get("emails").is_none(), "{}", cleared.body);
    assert_eq!(get(&running, found).await.body["totalResults"], 1);
}

#[tokio::test]
async fn what_the_service_provider_says_of_a_resource_is_its_own() {
    let running = demo(Seed::Empty).await;
    let meta = json!({ "resourceType": "Pet", "created": "1999-01-01T00:00:00Z", "location": "http://x/" });
    let made =
        create(&running, json!({ "userName": "a", "id": "bulkId:1", "meta": meta, "groups": [{ "value": "1" }] }))
            .await;
    let id = made["id"].as_str().unwrap();
    assert!(!id.contains("bulkId"), "{made}");
    assert_eq!(made["meta"]["resourceType"], "User");
    assert_eq!(made["meta"]["location"], format!("{}/Users/{id}", running.bridge.base));
    assert!(!made["meta"]["created"].as_str().unwrap().starts_with("1999"), "{made}");
    assert_eq!(made["meta"]["created"], made["meta"]["lastModified"], "never changed");
    assert!(made.get("externalId").is_none() && made.get("groups").is_none(), "nothing is made up: {made}");
    let target = format!("/Users/{id}");
    for path in ["id", "meta.created", "groups"] {
        let answer = patch(&running, &target, json!({ "op": "replace", "path": path, "value": "x" })).await;
        assert_eq!(refusal(&answer), (400, "mutability"), "{path}");
    }
    let body = json!({ "schemas": [USER], "userName": "a", "id": "9", "meta": { "created": "1999-01-01T00:00:00Z" } });
    let replaced = running.bridge.scim.send(&format!("PUT {target}"), Some(&body)).await;
    assert_eq!(
        (replaced.status, &replaced.body["id"], &replaced.body["meta"]["created"]),
        (200, &made["id"], &made["meta"]["created"])
    );
    assert_eq!(get(&running, &target).await.body["id"], made["id"], "the same at every read");
}

#[tokio::test]
async fn a_password_never_comes_back_whoever_asks_for_it() {
    let running = demo(Seed::Empty).await;
    let made = create(&running, json!({ "userName": "a", "password": "s3cret-s3cret" })).await;
    let target = format!("/Users/{}", made["id"].as_str().unwrap());
    let changed = patch(
        &running,
        &format!("{target}?attributes=password"),
        json!({ "op": "replace", "path": "password", "value": "another-0ne" }),
    )
    .await;
    let search =
        json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "attributes": ["password"] });
    let answers = [
        made.clone(),
        changed.body,
        get(&running, &target).await.body,
        get(&running, &format!("{target}?attributes=password")).await.body,
        get(&running, "/Users?attributes=password,userName").await.body,
        running.bridge.scim.send("POST /Users/.search", Some(&search)).await.body,
    ];
    for answer in answers {
        let text = answer.to_string();
        assert!(!text.contains("password") && !text.contains("s3cret") && !text.contains("another"), "{text}");
    }
}

#[tokio::test]
async fn whoever_names_attributes_gets_them_in_every_answer() {
    let running = demo(Seed::Empty).await;
    let made = create(&running, json!({ "userName": "a", "title": "T" })).await;
    let target = format!("/Users/{}", made["id"].as_str().unwrap());
    let put = json!({ "schemas": [USER], "userName": "a", "title": "V" });
    let changed = patch(
        &running,
        &format!("{target}?attributes=title"),
        json!({ "op": "replace", "path": "title", "value": "U" }),
    )
    .await;
    let replaced = running.bridge.scim.send(&format!("PUT {target}?attributes=title"), Some(&put)).await;
    for (answer, title) in [(changed, "U"), (replaced, "V")] {
        assert_eq!((answer.status, &answer.body["title"], &answer.body["id"]), (200, &json!(title), &made["id"]));
        assert!(answer.body.get("userName").is_none() && answer.body.get("meta").is_none(), "{}", answer.body);
    }
    let both = get(&running, &format!("{target}?attributes=title&excludedAttributes=title")).await;
    assert_eq!(both.status, 400, "they exclude each other");
    let without = get(&running, &format!("{target}?excludedAttributes=id,schemas,title")).await.body;
    assert!(
        without.get("title").is_none() && without["id"] == made["id"] && without["schemas"] == json!([USER]),
        "{without}"
    );
}

#[tokio::test]
async fn what_is_there_already_changes_nothing_not_even_the_time() {
    let running = demo(Seed::Empty).await;
    let emails = json!([{ "value": "a@x", "type": "work" }]);
    let made = create(&running, json!({ "userName": "a", "title": "T", "emails": emails })).await;
    let (id, target) = (made["id"].as_str().unwrap(), format!("/Users/{}", made["id"].as_str().unwrap()));
    let record = running.api.send(&format!("GET /people/{id}"), None).await.body;
    for value in [json!({ "title": "T" }), json!({ "emails": emails })] {
        let answer = patch(&running, &target, json!({ "op": "add", "value": value })).await;
        assert_eq!((answer.status, &answer.body["meta"]), (200, &made["meta"]));
    }
    assert_eq!(running.api.send(&format!("GET /people/{id}"), None).await.body, record, "not a revision more");
}

#[tokio::test]
async fn a_deleted_resource_is_gone_whatever_is_asked_of_it() {
    let running = demo(Seed::Empty).await;
    let made = create(&running, json!({ "userName": "a" })).await;
    let target = format!("/Users/{}", made["id"].as_str().unwrap());
    assert_eq!(running.bridge.scim.send(&format!("DELETE {target}"), None).await.status, 204);
    let put = json!({ "schemas": [USER], "userName": "a" });
    assert_eq!(get(&running, &target).await.status, 404);
    assert_eq!(running.bridge.scim.send(&format!("PUT {target}"), Some(&put)).await.status, 404);
    assert_eq!(running.bridge.scim.send(&format!("DELETE {target}"), None).await.status, 404);
    let answer = patch(&running, &target, json!({ "op": "replace", "path": "title", "value": "T" })).await;
    assert_eq!(answer.status, 404);
    assert_eq!(get(&running, "/Users?filter=userName%20eq%20%22a%22").await.body["totalResults"], 0);
    create(&running, json!({ "userName": "a" })).await;
}

#[tokio::test]
async fn a_list_by_no_method_is_by_index_and_the_total_alone_by_any() {
    let running = demo(Seed::Company).await;
    let plain = get(&running, "/Users").await;
    assert_eq!((plain.status, &plain.body["startIndex"]), (200, &json!(1)));
    assert!(plain.body.get("nextCursor").is_none(), "a client of indexes knows no cursors");
    for query in ["count=0", "count=-3", "cursor=&count=0", "cursor=&count=-3"] {
        let answer = get(&running, &format!("/Users?{query}")).await;
        assert_eq!((answer.status, &answer.body["totalResults"]), (200, &json!(200)), "{query}");
        assert_eq!(answer.body["itemsPerPage"], 0, "{query}");
    }
    let first = get(&running, "/Users?cursor=&count=150").await.body;
    let cursor = first["nextCursor"].as_str().unwrap();
    assert!(cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)), "{cursor}");
    let stranger = Client::new(&running.bridge.base, "somebody-elses-token-01");
    let refused = stranger.send(&format!("GET /Users?cursor={cursor}&count=150"), None).await;
    assert_eq!(refused.status, 401, "a cursor opens nothing");
    let last = get(&running, &format!("/Users?cursor={cursor}&count=150")).await.body;
    assert!(last.get("nextCursor").is_none() && last["itemsPerPage"] == 50, "{}", last["itemsPerPage"]);
}
