//! Changed files.

use scim_bridge::demo::MAPPING;
use serde_json::json;

use super::{over, setting, settings};
use crate::support::bridge::TOKEN;
use crate::support::client::Client;
use crate::support::process::Process;
use crate::support::program::write;
use crate::support::upstream::{Upstream, expect};

const TAKEN: &str = "settings and mappings reloaded";
const REFUSED: &str = "settings and mappings refused";

/// The mapping with something else in it.
fn with(from: &str, to: &str) -> String {
    assert!(MAPPING.contains(from), "{from}");
    MAPPING.replacen(from, to, 1)
}

/// The title of somebody who has one.
async fn title(scim: &Client) -> Option<String> {
    let answer = scim.send("GET /Users?count=1", None).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["Resources"][0]["title"].as_str().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_under_load_loses_no_request() {
    let setting = setting("load").await;
    let mut process = Process::start(&setting.folder, &[]).await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let clients: Vec<_> = (1..=4)
        .map(|number| {
            let (scim, stopped) = (process.scim.clone(), stopped.clone());
            tokio::spawn(async move {
                let mut statuses = Vec::new();
                while !*stopped.borrow() {
                    statuses.push(scim.send("GET /Users?count=2", None).await.status);
                    let body = json!({
                        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                        "Operations": [{ "op": "replace", "path": "nickName", "value": "x" },
                                       { "op": "replace", "path": "displayName", "value": format!("n{}", statuses.len()) }],
                    });
                    statuses.push(scim.send(&format!("PATCH /Users/{number}"), Some(&body)).await.status);
                }
                statuses
            })
        })
        .collect();
    for round in 0..6 {
        let mapping = if round % 2 == 0 { with("title       = \"job\"", "") } else { MAPPING.to_owned() };
        process.reload(&mapping, TAKEN).await;
        // The new mapping is the one that answers from now on.
        assert_eq!(title(&process.scim).await.is_some(), round % 2 == 1, "round {round}");
    }
    stop.send(true).unwrap();
    for client in clients {
        let statuses = client.await.unwrap();
        assert!(!statuses.is_empty());
        assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    }
}

#[tokio::test]
async fn a_changed_file_is_read_without_being_asked() {
    let setting = setting("watched").await;
    let mut process = Process::start(&setting.folder, &[]).await;
    assert!(title(&process.scim).await.is_some());
    write(&setting.folder, "mappings/acme/mapping.toml", &with("title       = \"job\"", ""));
    process.line(TAKEN).await;
    assert!(title(&process.scim).await.is_none());
    // A customer more, who has a path of their own.
    let more =
        settings(&setting.url).replace("[tenants.acme]", "[tenants.globex]").replace("/scim/v2", "/globex/scim/v2");
    let more = more.split("[tenants").nth(1).unwrap();
    write(&setting.folder, "config.toml", &format!("{}[tenants{more}", settings(&setting.url)));
    process.line(TAKEN).await;
    let globex = Client::new(&format!("{}/globex/scim/v2", process.base), TOKEN);
    assert!(title(&globex).await.is_none());
}

#[tokio::test]
async fn a_broken_mapping_is_refused_and_health_says_so() {
    let setting = setting("broken").await;
    let mut process = Process::start(&setting.folder, &[]).await;
    let before = process.health().await;
    assert_eq!(before["settings"]["refused"], json!(null));
    let line = process.reload(&with("userName    = \"login\"", "userName    = { at = 7 }"), REFUSED).await;
    let reason = line["reason"].as_str().unwrap();
    assert!(reason.starts_with("mappings/acme/mapping.toml:") && reason.contains(": error[E"), "{reason}");
    assert!(title(&process.scim).await.is_some(), "the old one serves");
    let health = process.health().await;
    assert_eq!(health["settings"]["refused"]["reason"], reason);
    assert_eq!(health["tenants"][0]["mapping"], before["tenants"][0]["mapping"]);
    // Settings that cannot be used are refused in the same way.
    write(&setting.folder, "config.toml", "[tenants.acme]\n");
    process.signal("HUP");
    let line = process.line(REFUSED).await;
    assert!(line["reason"].as_str().unwrap().starts_with("config.toml:1:"), "{line}");
    write(&setting.folder, "config.toml", &settings(&setting.url));
    process.reload(&with("title       = \"job\"", ""), TAKEN).await;
    let health = process.health().await;
    assert_eq!(health["settings"]["refused"], json!(null));
    assert_ne!(health["tenants"][0]["mapping"]["version"], before["tenants"][0]["mapping"]["version"]);
}

#[tokio::test]
async fn who_is_who_stays_unless_somebody_said_otherwise() {
    let other_id = with("id          = { at = \"no\", type = \"int\" }", "id          = \"created\"");
    let setting = setting("identity").await;
    let mut process = Process::start(&setting.folder, &[]).await;
    let line = process.reload(&other_id, REFUSED).await;
    let reason = line["reason"].as_str().unwrap();
    assert!(reason.starts_with("tenant `acme`: the `id` rule of User differs"), "{reason}");
    write(&setting.folder, "config.toml", &settings("http://127.0.0.1:9/api"));
    let line = process.reload(MAPPING, REFUSED).await;
    let reason = line["reason"].as_str().unwrap();
    assert!(reason.starts_with("tenant `acme`: the base URL of its API differs"), "{reason}");

    write(&setting.folder, "config.toml", &settings(&setting.url));
    let mut process = Process::start(&setting.folder, &["--allow-identity-change"]).await;
    process.reload(&other_id, TAKEN).await;
    let answer = process.scim.send("GET /Users?count=1", None).await;
    let id = answer.body["Resources"][0]["id"].as_str().unwrap();
    assert!(id.contains(':'), "a time: {id}");
}

#[tokio::test]
async fn what_cannot_change_while_it_runs_is_named() {
    let setting = setting("fixed").await;
    let mut process = Process::start(&setting.folder, &[]).await;
    let changed =
        settings(&setting.url).replace("[admin]", "limits = { in_flight = 7 }\n[log]\nlevel = \"warn\"\n[admin]");
    write(&setting.folder, "config.toml", &changed);
    process.signal("HUP");
    let line = process.line("takes effect at the next start").await;
    assert_eq!(line["setting"], "server.limits");
    let line = process.line("takes effect at the next start").await;
    assert_eq!(line["setting"], "log");
    process.line(TAKEN).await;
    assert_eq!(process.health().await["settings"]["at_next_start"], json!(["server.limits", "log"]));
}

#[tokio::test]
async fn a_session_with_the_api_outlives_a_reload() {
    let mapping = r#"
scim_bridge = 1
[upstream]
url = "http://127.0.0.1"
headers = { Authorization = "Bearer {session.token}" }
[upstream.session]
call = "POST /login"
body = { key = "{secret.acme_key}" }
capture = { token = "$.token" }
[User.attributes]
id = "id"
userName = "login"
[User]
get = "GET /users/{id}"
"#;
    let read = |token: &str| {
        let answer = json!({ "id": "7", "login": "ada" });
        expect("GET /users/7").header("Authorization", &format!("Bearer {token}")).answer(200, &answer)
    };
    let login = |token: &str| expect("POST /login").answer(200, &json!({ "token": token }));
    let upstream = Upstream::serve([login("t-1"), read("t-1"), read("t-1"), login("t-2"), read("t-2")]).await;
    let mut process = Process::start(&over("session", &upstream.url(), mapping), &[]).await;
    assert_eq!(process.scim.send("GET /Users/7", None).await.status, 200);
    process.reload(&mapping.replace("[User]\n", "[User]\nprotect = \"$.record.login == 'root'\"\n"), TAKEN).await;
    assert_eq!(process.scim.send("GET /Users/7", None).await.status, 200);
    // Other credentials open a session of their own.
    let other = settings(&upstream.url()).replace("{ env = \"ACME_KEY\" }", "{ env = \"STAFF_KEY\" }");
    write(&process.folder, "config.toml", &other);
    process.signal("HUP");
    process.line(TAKEN).await;
    assert_eq!(process.scim.send("GET /Users/7", None).await.status, 200);
}
