//! What commands say to scripts when they could not do what they were asked.

use std::net::TcpListener;

use crate::support::program::{folder, run, write};

const MAPPING: &str = r#"scim_bridge = 1
upstream.url = "http://127.0.0.1:1"
upstream.limits = { retries = 0 }
User.attributes = { id = "id", userName = "login", active = "enabled" }
User.get = "GET /users/{id}"
User.update = "PUT /users/{id}"
"#;

#[test]
fn a_live_explanation_of_an_api_that_does_not_answer_is_a_failure() {
    // Bound and given up at once: nobody listens there.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let folder = folder("unreached");
    write(&folder, "mappings/acme/mapping.toml", MAPPING);
    let settings = format!(
        "server.listen = \"127.0.0.1:0\"\n[tenants.acme]\nmapping = \"mappings/acme\"\npath = \"/scim/v2\"\n\
         url = \"http://127.0.0.1:{port}\"\ntokens = [{{ env = \"OKTA_TOKEN\" }}]\n"
    );
    write(&folder, "config.toml", &settings);
    for request in ["PATCH /Users/42", "GET /Users/42"] {
        let body = r#"{"Operations":[{"op":"replace","value":{"active":false}}]}"#;
        let mut arguments = vec!["explain", "--live", request];
        arguments.extend(request.starts_with("PATCH").then_some(body));
        let ended = run(&folder, &arguments);
        assert_eq!(ended.code, 1, "{request}: {}{}", ended.out, ended.words);
        let told = "error: the API did not answer, so the explanation ends there: GET /users/{id}: not connected: ";
        assert!(ended.words.contains(told), "{request}: {}", ended.words);
        assert!(ended.out.contains("-> GET /users/42"), "what it came to is shown: {}", ended.out);
    }
    let cannot = run(&folder, &["explain", "--live", "DELETE /Users/42"]);
    assert_eq!(cannot.code, 0, "that the mapping cannot delete is an explanation: {}{}", cannot.out, cannot.words);
}

#[test]
fn a_token_that_is_too_short_is_a_fault_of_the_command_line() {
    let ended = run(&folder("short-token"), &["demo", "--token", "short"]);
    assert_eq!((ended.code, ended.words.as_str()), (2, "error: `--token` must have 16 characters or more\n"));
}
