//! A tenant that only plans, from its settings to its log.

use serde_json::{Value, json};

use super::{over, settings};
use crate::support::bridge::TOKEN;
use crate::support::process::Process;
use crate::support::program::{run, write};
use crate::support::upstream::{Upstream, expect};

const MAPPING: &str = r#"
scim_bridge = 1
[upstream]
url = "http://127.0.0.1"
headers = { X-Key = "{secret.acme_key}" }
[User.attributes]
id = "id"
userName = "login"
active = "enabled"
[User]
get = "GET /users/{id}"
update = "PUT /users/{id}"
"#;

fn planning(url: &str) -> String {
    let settings = settings(url).replace("staff_key = { env = \"STAFF_KEY\" }\n", "");
    settings.replace("[tenants.acme]", "[tenants.acme]\nmode = \"plan\"")
}

#[tokio::test]
async fn the_mode_is_shown_everywhere_and_switched_without_a_restart() {
    let ada = |enabled: bool| json!({ "id": "7", "login": "ada@acme.example", "enabled": enabled });
    let read = || expect("GET /users/7").answer(200, &ada(true));
    let changed = expect("PUT /users/7").answer(200, &ada(false));
    let upstream = Upstream::serve([read(), read(), changed, read()]).await;
    let folder = over("plan", &upstream.url(), MAPPING);
    write(&folder, "config.toml", &planning(&upstream.url()));
    let off = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "value": { "active": false } }],
    });
    let mut process = Process::start(&folder, &[]).await;
    assert_eq!(process.health().await["tenants"][0]["mode"], "plan");
    let answer = process.scim.send("PATCH /Users/7", Some(&off)).await;
    assert_eq!(answer.status, 503, "{}", answer.body);
    let line = process.line("planned, not sent\"").await;
    assert_eq!((&line["level"], &line["calls"]), (&json!("INFO"), &json!("PUT /users/{id} (change)")), "{line}");
    assert_eq!((&line["operation"], &line["tenant"]), (&json!("patch"), &json!("acme")), "{line}");
    let request = process.line("\"message\":\"request\"").await;
    assert_eq!((&request["level"], &request["outcome"]), (&json!("INFO"), &json!("planned")), "{request}");
    let audit = process.line("\"audit\":\"operation\"").await;
    assert_eq!((&audit["outcome"], &audit["upstream.calls"]), (&json!("planned"), &json!(1)), "{audit}");
    for line in [line, request, audit] {
        assert!(!line.to_string().contains("ada@"), "no value of a person: {line}");
    }
    let health = process.health().await;
    assert_eq!(health["tenants"][0]["upstream"]["last_failure"], Value::Null, "a plan is no failure of the API");

    write(&folder, "config.toml", &settings(&upstream.url()));
    process.signal("HUP");
    process.line("settings and mappings reloaded").await;
    assert_eq!(process.scim.send("PATCH /Users/7", Some(&off)).await.status, 200);
    assert_eq!(process.health().await["tenants"][0]["mode"], "live");

    write(&folder, "config.toml", &planning(&upstream.url()));
    process.signal("HUP");
    let line = process.line("changes are planned").await;
    assert_eq!((&line["tenant"], &line["mode"]), (&json!("acme"), &json!("plan")));
    process.line("settings and mappings reloaded").await;
    assert_eq!(process.scim.send("PATCH /Users/7", Some(&off)).await.status, 503);
}

#[test]
fn check_says_that_a_tenant_only_plans_and_record_refuses_it() {
    let folder = over("plan-checked", "http://127.0.0.1:1", MAPPING);
    write(&folder, "config.toml", &planning("http://127.0.0.1:1"));
    let ended = run(&folder, &["check", "config.toml"]);
    assert_eq!(ended.code, 0, "{}", ended.out);
    assert!(ended.out.contains("note[N95]: tenant `acme` only plans: no change reaches its API"), "{}", ended.out);
    let ended = run(&folder, &["record", "--out", "recorded"]);
    assert_eq!(ended.code, 78, "{}", ended.words);
    let said = "tenant `acme` only plans: what it answers to a change could not be played";
    assert!(ended.words.contains(said) && !ended.words.contains(TOKEN), "{}", ended.words);
    write(&folder, "config.toml", &planning("http://127.0.0.1:1").replace("\"plan\"", "\"dry\""));
    let ended = run(&folder, &["check", "config.toml"]);
    assert!(ended.code == 1 && ended.out.contains("error[E14]"), "{}", ended.out);
}
