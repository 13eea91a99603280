//! Okta's way through roles and entitlements: find the types, read all that can be granted, grant it, take it away.

use serde_json::{Value, json};

use super::schemas::over;
use crate::support::bridge::Served;
use crate::support::case::{patch, replace, user};

/// The endpoints of the types that have Okta's schemas, and what they list: the attribute of a user that holds it, the ids.
async fn catalogue(bridge: &Served) -> Vec<(&'static str, Vec<String>)> {
    let types = bridge.scim.send("GET /ResourceTypes", None).await.body;
    let mut found = Vec::new();
    for kind in types["Resources"].as_array().unwrap() {
        let schema = kind["schema"].as_str().unwrap();
        let attribute = match schema {
            "urn:okta:scim:schemas:core:1.0:Role" => "roles",
            "urn:okta:scim:schemas:core:1.0:Entitlement" => "entitlements",
            _ => continue,
        };
        let (endpoint, mut ids) = (kind["endpoint"].as_str().unwrap(), Vec::new());
        loop {
            let page = format!("GET {endpoint}?startIndex={}&count=2", ids.len() + 1);
            let page = bridge.scim.send(&page, None).await.body;
            for granted in page["Resources"].as_array().unwrap() {
                assert_eq!(granted["schemas"], json!([schema]), "{granted}");
                assert!(granted["displayName"].is_string() && granted["type"].is_string(), "{granted}");
                assert!(granted["description"].is_string(), "{granted}");
                let one = format!("GET {endpoint}/{}", granted["id"].as_str().unwrap());
                let mut one = bridge.scim.send(&one, None).await.body;
                // Lists say nothing of versions.
                assert!(one["meta"].as_object_mut().unwrap().remove("version").is_some());
                assert_eq!(one, *granted);
                ids.push(granted["id"].as_str().unwrap().to_owned());
            }
            if ids.len() as u64 >= page["totalResults"].as_u64().unwrap() {
                break;
            }
        }
        found.push((attribute, ids));
    }
    found
}

/// The values of a list of a user, in order.
fn values(user: &Value, list: &str) -> Vec<String> {
    let elements = user[list].as_array().into_iter().flatten();
    let mut values: Vec<String> = elements.map(|it| it["value"].as_str().unwrap().to_owned()).collect();
    values.sort();
    values
}

#[tokio::test]
async fn okta_grants_and_takes_away_all_that_the_crm_lists() {
    let bridge = over("crm").await;
    let catalogue = catalogue(&bridge).await;
    assert_eq!(
        catalogue.iter().map(|(list, ids)| (*list, ids.len())).collect::<Vec<_>>(),
        [("roles", 3), ("entitlements", 4)]
    );
    let made =
        bridge.scim.send("POST /Users", Some(&user(json!({ "userName": "ada@acme.example", "active": true })))).await;
    let path = format!("/Users/{}", made.body["id"].as_str().unwrap());
    for (list, ids) in &catalogue {
        let mut sorted = ids.clone();
        sorted.sort();
        // One after the other, the last with its name, as Okta sends it.
        for (place, id) in ids.iter().enumerate() {
            let element = json!([{ "value": id, "display": "As Okta calls it", "type": "Anything" }]);
            let body = patch(&json!([{ "op": "add", "path": list, "value": element }]));
            let granted = bridge.scim.send(&format!("PATCH {path}"), Some(&body)).await;
            assert_eq!((granted.status, values(&granted.body, list).len()), (200, place + 1), "{}", granted.body);
        }
        let read = bridge.scim.send(&format!("GET {path}"), None).await.body;
        assert_eq!(values(&read, list), sorted);
        assert!(!read.to_string().contains("As Okta calls it"), "the name is the CRM's: {read}");
        // An import sees them too.
        let imported = bridge.scim.send("GET /Users?startIndex=1&count=100", None).await.body;
        assert_eq!(imported["Resources"][0][list], read[list]);
        // One is taken away; by a PUT of what was read all but the first; by an empty list the rest.
        let body = patch(&json!([{ "op": "remove", "path": format!("{list}[value eq \"{}\"]", ids[0]) }]));
        let taken = bridge.scim.send(&format!("PATCH {path}"), Some(&body)).await;
        assert_eq!(values(&taken.body, list), sorted.iter().filter(|id| **id != ids[0]).cloned().collect::<Vec<_>>());
        let mut whole = read.clone();
        whole[list].as_array_mut().unwrap().truncate(1);
        let put = bridge.scim.send(&format!("PUT {path}"), Some(&whole)).await;
        assert_eq!((put.status, values(&put.body, list).len()), (200, 1), "{}", put.body);
        let mut none = json!({});
        none[list] = json!([]);
        let emptied = bridge.scim.send(&format!("PATCH {path}"), Some(&replace(&none))).await;
        assert_eq!((emptied.status, emptied.body.get(list)), (200, None), "{}", emptied.body);
    }
}
