//! The brake, and the operator's way past it.

use scim_bridge::bridge::{Brake, BrakeSettings, Bridge};
use serde_json::{Value, json};

use crate::support::bridge::{Served, serve_as};
use crate::support::case::{HEAD, replace, user};
use crate::support::client::holds;
use crate::support::program::command;
use crate::support::upstream::{Step, Upstream, expect};

const RULES: &str = r#"
[User.attributes]
id = "id"
userName = "login"
active = "enabled"
[User]
list = { call = "GET /users", items = "$.rows[*]" }
get = "GET /users/{id}"
create = "POST /users"
update = "PATCH /users/{id}"
delete = "DELETE /users/{id}"
"#;

/// A bridge that finds three removals in an hour too many.
async fn braked(upstream: &Upstream, deactivate: Brake) -> Served {
    let brake = BrakeSettings { delete: Brake::Hold, deactivate, share: 50, least: 2 };
    serve_as(&format!("{HEAD}{RULES}"), &upstream.url(), &[], |bridge| bridge.braked(brake)).await
}

fn gone(id: u32) -> Step {
    expect(&format!("DELETE /users/{id}")).answer(204, &Value::Null)
}

fn record(id: u32, enabled: bool) -> Value {
    json!({ "id": id.to_string(), "login": format!("u{id}"), "enabled": enabled })
}

#[tokio::test]
async fn one_delete_too_many_in_an_hour_is_held_and_calls_nothing() {
    let missing = expect("DELETE /users/9").answer(404, &Value::Null);
    let made = expect("POST /users").answer(201, &record(5, true));
    let upstream = Upstream::serve([missing, gone(1), gone(2), made, gone(5)]).await;
    let bridge = braked(&upstream, Brake::Warn).await;
    for (id, status) in [(9, 404), (1, 204), (2, 204)] {
        assert_eq!(bridge.scim.send(&format!("DELETE /Users/{id}"), None).await.status, status, "{id}");
    }
    let held = bridge.scim.send("DELETE /Users/3", None).await;
    assert_eq!(held.status, 503, "{}", held.body);
    let detail = held.body["detail"].as_str().unwrap();
    assert!(detail.contains("`scim-bridge ops release test`"), "{detail}");
    let wait: u64 = held.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((3500..=3600).contains(&wait), "{wait}");
    // What the bridge made it may delete.
    let ada = user(json!({ "userName": "u5", "active": true }));
    assert_eq!(bridge.scim.send("POST /Users", Some(&ada)).await.status, 201);
    assert_eq!(bridge.scim.send("DELETE /Users/5", None).await.status, 204);
    upstream.assert_followed("the one that was held was not called");
}

#[tokio::test]
async fn the_share_is_of_what_a_list_has_shown() {
    let rows: Vec<Value> = (1..=8).map(|id| record(id, true)).collect();
    let list = expect("GET /users").answer(200, &json!({ "rows": rows }));
    let upstream = Upstream::serve([list].into_iter().chain((1..=4).map(gone))).await;
    let bridge = braked(&upstream, Brake::Warn).await;
    assert_eq!(bridge.scim.send("GET /Users?count=100", None).await.body["totalResults"], 8);
    for (id, status) in [(1, 204), (2, 204), (3, 204), (4, 204), (5, 503)] {
        assert_eq!(bridge.scim.send(&format!("DELETE /Users/{id}"), None).await.status, status, "{id}");
    }
}

#[tokio::test]
async fn deactivations_are_let_through_unless_they_shall_be_held() {
    let off = replace(&json!({ "active": false }));
    for (mode, last) in [(Brake::Warn, 200), (Brake::Hold, 503)] {
        let change = |id: u32| {
            let path = format!("/users/{id}");
            [
                expect(&format!("GET {path}")).answer(200, &record(id, true)),
                expect(&format!("PATCH {path}")).answer(200, &record(id, false)),
            ]
        };
        let mut steps: Vec<Step> = (1..=3).flat_map(change).collect();
        if last == 503 {
            steps.pop();
        }
        let upstream = Upstream::serve(steps).await;
        let bridge = braked(&upstream, mode).await;
        for (id, status) in [(1, 200), (2, 200), (3, last)] {
            let answer = bridge.scim.send(&format!("PATCH /Users/{id}"), Some(&off)).await;
            assert_eq!(answer.status, status, "{mode:?} {id}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn what_is_held_is_seen_and_let_through_after_a_release_and_a_reload_forgets_nothing() {
    let upstream = Upstream::serve((1..=3).map(gone)).await;
    let brake = BrakeSettings { delete: Brake::Hold, deactivate: Brake::Warn, share: 5, least: 2 };
    let mapping = format!("{HEAD}{RULES}");
    let first = serve_as(&mapping, &upstream.url(), &[], |bridge| bridge.braked(brake)).await;
    for id in 1..=2 {
        assert_eq!(first.scim.send(&format!("DELETE /Users/{id}"), None).await.status, 204);
    }
    let second = serve_as(&mapping, &upstream.url(), &[], |bridge| {
        first.with_bridge(|before| bridge.braked(brake).taking_over(before, true))
    })
    .await;
    assert_eq!(second.scim.send("DELETE /Users/3", None).await.status, 503);
    let pending = serde_json::to_value(second.with_bridge(Bridge::pending)).unwrap();
    assert!(holds(&pending, &json!({ "holds": [{ "type": "User", "what": "deletes", "refused": 1 }] })), "{pending}");
    let admin = second.admin(ADMIN_TOKEN).await;
    let refused = ops(&admin, "x", &["release", "test"]).await;
    assert!(refused.0 == 1 && refused.1.contains("wants its token"), "{refused:?}");
    let listed = ops(&admin, ADMIN_TOKEN, &["list"]).await;
    assert!(listed.0 == 0 && listed.1.starts_with("test  held  type=User  what=deletes  since="), "{listed:?}");
    let unknown = ops(&admin, ADMIN_TOKEN, &["release", "other"]).await;
    assert_eq!(unknown, (1, "error: there is no such tenant\n".to_owned()));
    let released = ops(&admin, ADMIN_TOKEN, &["release", "test"]).await;
    assert_eq!(released, (0, "removals of `test` are let through for an hour\n".to_owned()));
    assert_eq!(second.scim.send("DELETE /Users/3", None).await.status, 204);
    assert_eq!(ops(&admin, ADMIN_TOKEN, &["list"]).await, (0, "nothing is pending\n".to_owned()));
}

#[tokio::test]
async fn a_delete_whose_end_nobody_knows_is_listed_until_it_is_forgotten() {
    let upstream = Upstream::serve([gone(1).breaks(), gone(1).breaks()]).await;
    let bridge = braked(&upstream, Brake::Warn).await;
    let answer = bridge.scim.send("DELETE /Users/1", None).await;
    assert_eq!(answer.status, 502, "{}", answer.body);
    let op = answer.headers["x-request-id"].to_str().unwrap().to_owned();
    let admin = bridge.admin(ADMIN_TOKEN).await;
    let shown = ops(&admin, ADMIN_TOKEN, &["show", &op]).await;
    assert!(shown.0 == 0 && shown.1.starts_with(&format!("test  unfinished  op={op}  type=User  id=1  ")), "{shown:?}");
    assert!(shown.1.contains("operation=delete") && shown.1.contains("what=unknown"), "{shown:?}");
    let forgotten = ops(&admin, ADMIN_TOKEN, &["forget", "test", &op]).await;
    assert_eq!(forgotten, (0, format!("{op} is forgotten\n")));
    let shown = ops(&admin, ADMIN_TOKEN, &["show", &op]).await;
    assert_eq!(shown, (1, "error: nothing is pending under this id\n".to_owned()));
}

const ADMIN_TOKEN: &str = "a-token-of-the-operator";

/// `scim-bridge ops`: its exit code, and what it says.
async fn ops(admin: &str, token: &str, arguments: &[&str]) -> (i32, String) {
    let mut command = command(std::path::Path::new("."));
    command.env("ADMIN_TOKEN", token).arg("ops").args(arguments).args(["--admin", admin]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}
