//! The end of a process.

use super::{over, setting};
use crate::support::bridge::TOKEN;
use crate::support::process::Process;
use crate::support::program::write;
use crate::support::upstream::{Gate, Upstream, expect};

const MAPPING: &str = r#"
scim_bridge = 1
[upstream]
url = "http://127.0.0.1"
[User.attributes]
id = "id"
userName = "login"
[User]
get = "GET /users/{id}"
"#;

/// Asks until nobody listens any more; gives how many answers there were. Every request that got a connection is answered.
async fn ask_to_the_end(url: String) -> usize {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut answers = 0;
    loop {
        match http.get(&url).bearer_auth(TOKEN).send().await {
            Ok(answer) => {
                assert_eq!(answer.status(), 200);
                answer.bytes().await.unwrap();
                answers += 1;
            }
            Err(error) => {
                assert!(error.is_connect(), "{error:?}");
                return answers;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_signal_breaks_no_answer() {
    let setting = setting("sigterm").await;
    let mut process = Process::start(&setting.folder, &[]).await;
    let url = format!("{}/scim/v2/Users?count=3", process.base);
    let clients: Vec<_> = (0..4).map(|_| tokio::spawn(ask_to_the_end(url.clone()))).collect();
    for _ in 0..20 {
        process.line("\"message\":\"request\"").await;
    }
    process.signal("TERM");
    for client in clients {
        assert!(client.await.unwrap() > 0);
    }
    assert_eq!(process.ended().await, 0);
}

#[tokio::test]
async fn the_second_signal_ends_it_at_once() {
    let gate = Gate::default();
    let upstream = Upstream::serve([expect("GET /users/7").held(&gate)]).await;
    let mut process = Process::start(&over("twice", &upstream.url(), MAPPING), &[]).await;
    let asked = tokio::spawn({
        let url = format!("{}/scim/v2/Users/7", process.base);
        async move { reqwest::Client::builder().no_proxy().build().unwrap().get(url).bearer_auth(TOKEN).send().await }
    });
    gate.arrived().await;
    process.signal("TERM");
    process.line("shutting down").await;
    process.signal("TERM");
    let line = process.line("shut down with operations cut off").await;
    assert_eq!(line["cut"], 1);
    assert_eq!(process.ended().await, 1);
    assert!(asked.await.unwrap().is_err());
}

#[tokio::test]
async fn grace_ends_what_hangs() {
    let gate = Gate::default();
    let upstream = Upstream::serve([expect("GET /users/7").held(&gate)]).await;
    let folder = over("grace", &upstream.url(), MAPPING);
    let settings = super::settings(&upstream.url()).replace("[admin]", "limits = { grace = \"100ms\" }\n[admin]");
    write(&folder, "config.toml", &settings);
    let mut process = Process::start(&folder, &[]).await;
    let asked = tokio::spawn({
        let url = format!("{}/scim/v2/Users/7", process.base);
        async move { reqwest::Client::builder().no_proxy().build().unwrap().get(url).bearer_auth(TOKEN).send().await }
    });
    gate.arrived().await;
    process.signal("TERM");
    assert_eq!(process.line("shut down with operations cut off").await["cut"], 1);
    assert_eq!(process.ended().await, 1);
    assert!(asked.await.unwrap().is_err());
}
