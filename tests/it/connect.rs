//! README, "Connecting Okta": what an admin sees in Tasks is what the bridge answers, failure by failure.

use serde_json::{Value, json};

use crate::support::bridge::{self, TOKEN};
use crate::support::case::replace;
use crate::support::client::Client;
use crate::support::upstream::{Step, Upstream, expect};

const README: &str = include_str!("../../README.md");

/// A failure, as a request meets it.
struct Failure {
    name: &'static str,
    /// What the upstream is asked, and does.
    upstream: Vec<Step>,
    /// Whether the upstream is there.
    is_reachable: bool,
    /// Lines of the mapping that are otherwise than in the README.
    mapping: &'static [(&'static str, &'static str)],
    /// The requests; the last one's answer is what the admin sees.
    requests: Vec<(&'static str, Value)>,
}

fn failure(name: &'static str, upstream: Vec<Step>, requests: Vec<(&'static str, Value)>) -> Failure {
    Failure { name, upstream, is_reachable: true, mapping: &[], requests }
}

const READ: &str = "GET /Users/42";

fn read() -> Vec<(&'static str, Value)> {
    vec![(READ, Value::Null)]
}

fn create() -> Vec<(&'static str, Value)> {
    let core = "urn:ietf:params:scim:schemas:core:2.0:User";
    vec![("POST /Users", json!({ "schemas": [core], "userName": "ada", "active": true }))]
}

/// Every failure of the table, in its order; the wrong token, which reaches nothing, is tried apart.
fn failures() -> Vec<Failure> {
    let asked = || expect("GET /users/42");
    let nothing = &Value::Null;
    let fast: &[(&str, &str)] =
        &[("[User.attributes]", "[upstream.limits]\nretries = 0\ntimeout = '1s'\n[User.attributes]")];
    let once: &[(&str, &str)] = &[("[User.attributes]", "[upstream.limits]\nretries = 0\n[User.attributes]")];
    let seven: Vec<Step> = (0..7).map(|_| asked().answer(500, nothing)).collect();
    vec![
        failure("removed in the application", vec![asked().answer(404, nothing)], read()),
        failure("a taken key", vec![expect("POST /users").answer(409, nothing)], create()),
        failure("a refused value", vec![expect("POST /users").answer(400, nothing)], create()),
        Failure { mapping: &[("create = \"POST /users\"\n", "")], ..failure("no such call", vec![], create()) },
        failure("refused credentials", vec![asked().answer(401, nothing)], read()),
        Failure { mapping: once, ..failure("a proxy in between", vec![asked().answer(407, nothing)], read()) },
        Failure { mapping: once, ..failure("a failure of the API", vec![asked().answer(500, nothing)], read()) },
        Failure {
            mapping: once,
            ..failure("no JSON", vec![asked().raw(200, "text/html", "<html>log in</html>")], read())
        },
        Failure { is_reachable: false, mapping: once, ..failure("nobody there", vec![], read()) },
        Failure {
            mapping: once,
            ..failure("one failure after the other", seven, (0..8).map(|_| (READ, Value::Null)).collect())
        },
        Failure { mapping: once, ..failure("too fast", vec![asked().answer(429, nothing)], read()) },
        Failure { mapping: fast, ..failure("too slow", vec![asked().hangs()], read()) },
        Failure {
            mapping: once,
            ..failure(
                "a lost answer to a create",
                vec![expect("POST /users").breaks(), expect("GET /users?username=ada&page=1&per_page=50").breaks()],
                create(),
            )
        },
    ]
}

/// The status and the text of an answer, the request's id left out.
fn shown(status: u16, body: &Value) -> (String, String) {
    let detail = body["detail"].as_str().unwrap();
    let detail =
        detail.split_once(" (request ").map_or_else(|| detail.to_owned(), |(text, _)| format!("{text} (request …)"));
    (status.to_string(), detail)
}

async fn met(failure: &Failure) -> (String, String) {
    let upstream = Upstream::serve(failure.upstream.clone()).await;
    let mut mapping = README.split("```toml mapping\n").nth(1).unwrap().split("\n```").next().unwrap().to_owned();
    for (from, to) in failure.mapping {
        assert!(mapping.contains(from), "{}: {from}", failure.name);
        mapping = mapping.replacen(from, to, 1);
    }
    let url = if failure.is_reachable { upstream.url() } else { "http://127.0.0.1:1".to_owned() };
    let served = bridge::serve(&mapping, &url, &[("acme_key", "key-of-the-readme")]).await;
    let mut last = None;
    for (line, body) in &failure.requests {
        last = Some(served.scim.send(line, Some(body).filter(|body| !body.is_null())).await);
    }
    upstream.assert_followed(failure.name);
    let last = last.unwrap();
    assert_eq!(last.body["status"], json!(last.status.to_string()), "{}", failure.name);
    shown(last.status, &last.body)
}

#[tokio::test]
async fn what_an_admin_sees_in_tasks_is_what_the_readme_says() {
    let (_, section) = README.split_once("### 5. What an admin sees in Tasks").unwrap();
    let rows = section.lines().skip_while(|line| !line.starts_with("| ---")).skip(1);
    let rows = rows.take_while(|line| line.starts_with('|')).map(|line| {
        let mut cells = line.trim_matches('|').split(" | ").map(str::trim);
        (cells.next().unwrap().to_owned(), cells.next().unwrap().to_owned())
    });
    let served = bridge::serve(
        README.split("```toml mapping\n").nth(1).unwrap().split("\n```").next().unwrap(),
        "http://127.0.0.1:1",
        &[("acme_key", "key")],
    )
    .await;
    let stranger = Client::new(&served.base, &format!("{TOKEN}x")).send(READ, None).await;
    let mut got = vec![shown(stranger.status, &stranger.body)];
    for failure in failures() {
        got.push(met(&failure).await);
    }
    let upstream =
        Upstream::serve(
            [expect("GET /users/42").answer(200, &json!({ "id": 42, "username": "ada", "enabled": true }))],
        )
        .await;
    let mapping = README.split("```toml mapping\n").nth(1).unwrap().split("\n```").next().unwrap();
    let secrets = [("acme_key", "key-of-the-readme")];
    let planning = bridge::serve_as(mapping, &upstream.url(), &secrets, |bridge| bridge.planning(true)).await;
    let off = replace(&json!({ "active": false }));
    let planned = planning.scim.send("PATCH /Users/42", Some(&off)).await;
    let place = got.iter().position(|(status, _)| status == "503").unwrap();
    got.insert(place, shown(planned.status, &planned.body));
    assert_eq!(got, rows.collect::<Vec<_>>());
}
