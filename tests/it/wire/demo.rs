//! `scim-bridge demo` as it is served.

use std::sync::mpsc;

use scim_bridge::demo::{Demo, Options, Seed};
use serde_json::json;

use crate::support::client::Client;

#[tokio::test]
async fn every_request_is_printed_with_the_calls_it_caused() {
    let options = Options {
        listen: "127.0.0.1:0".parse().unwrap(),
        api_listen: "127.0.0.1:0".parse().unwrap(),
        token: None,
        seed: Seed::Company,
    };
    let demo = Demo::bind(options).await.unwrap();
    assert!(demo.greeting().contains(demo.token().reveal()), "the token it made is shown");
    let scim = Client::new(&demo.base(), demo.token().reveal());
    let (lines, printed) = mpsc::channel();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let shutdown = async {
        let _ = stopped.await;
    };
    let serving =
        tokio::spawn(demo.serve(shutdown, std::future::pending(), move |line| lines.send(line.to_owned()).unwrap()));

    let off = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "value": { "active": false, "password": "q8ZLw20x" } }]
    });
    assert_eq!(scim.send("PATCH /Users/17", Some(&off)).await.status, 200);
    drop(stop);
    serving.await.unwrap();

    let printed: Vec<String> =
        printed.iter().flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    let shown = |start: &str| printed.iter().any(|line| line.starts_with(start));
    assert!(shown("PATCH /Users/17  200  "), "{printed:#?}");
    assert!(shown("   -> POST /people/17/disable  204  "), "{printed:#?}");
    assert!(shown(r#"   -> PUT /people/17/password  {"new_password":"***"}  204  "#), "{printed:#?}");
    assert!(!printed.iter().any(|line| line.contains("demo-staff-key")), "{printed:#?}");
}

#[tokio::test]
async fn a_short_token_is_refused() {
    let token = Some(scim_bridge::secret::Secret::new("short"));
    let refused = Demo::bind(Options {
        listen: "127.0.0.1:0".parse().unwrap(),
        api_listen: "127.0.0.1:0".parse().unwrap(),
        token,
        seed: Seed::Empty,
    })
    .await;
    assert_eq!(refused.err().as_deref(), Some("`--token` must have 16 characters or more"));
}
