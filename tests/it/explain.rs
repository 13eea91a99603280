//! `explain` tells what really happens: its calls are those of every transcript, and what it prints can be played.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use scim_bridge::explain::{Asked, Explained};
use scim_bridge::mapping::call::Purpose;
use scim_bridge::mapping::compile;
use scim_bridge::mapping::diagnostic::{Diagnostics, Style};
use scim_bridge::mapping::scope::Surroundings;
use scim_bridge::mapping::source::Source;
use scim_bridge::secret::Secret;
use scim_bridge::transcript::suite::play_all;
use scim_bridge::transcript::{Answer, Call, Suite, Transcript, parse};
use scim_bridge::upstream::transport::HttpTransport;
use serde_json::{Value, json};

use crate::support::golden::{self, root};
use crate::support::upstream::{Upstream, expect};
use crate::transcripts::mappings;

/// Every mapping of the tree with its transcripts.
fn suites() -> Vec<Suite> {
    ["mappings", "tests/transcripts"].iter().flat_map(|it| mappings(it)).map(|it| Suite::of_folder(&it)).collect()
}

fn on_a_paused_clock<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(future)
}

/// The transcripts in a text, which must be without fault.
fn read(text: &str) -> Vec<Transcript> {
    let source = Source::new("explained.scim", text);
    let mut found = Diagnostics::new("explained.scim");
    let file = parse::parse(&source, &mut found);
    assert!(found.found.is_empty(), "{:?}\n{text}", found.found);
    file.transcripts
}

/// Plays a text over a suite's mapping.
fn played(suite: &Suite, folder: &str, text: &str) -> Option<String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("explained.scim");
    std::fs::write(&path, text).unwrap();
    let again = Suite::load(Path::new(&suite.sources[0].path), &[path]);
    let played = play_all(&[again]).unwrap();
    assert!(!played.is_empty(), "{text}");
    played.iter().find_map(|played| played.report(Style::Plain))
}

#[test]
fn the_calls_that_it_prints_are_those_of_every_transcript() {
    for suite in suites() {
        let explained = Explained { mapping: suite.mapping.as_ref().unwrap(), source: &suite.sources[0] };
        for file in &suite.files {
            let variables: BTreeMap<_, _> =
                file.variables.iter().map(|(name, value, _)| (name.clone(), value.clone())).collect();
            let head = variables.iter().map(|(name, value)| format!("tenant.{name} = {value}\n"));
            let head = head.collect::<Vec<_>>().concat();
            for transcript in file.transcripts.iter().filter(|it| is_explainable(it)) {
                let explanations = on_a_paused_clock(explained.transcript(transcript, &variables)).unwrap();
                let texts: Vec<String> = explanations.into_iter().map(|it| it.text).collect();
                let text = format!("{head}== {}\n{}", transcript.title, texts.join("\n"));
                let calls = |transcript: &Transcript| {
                    let calls = transcript.exchanges.iter().flat_map(|exchange| &exchange.calls);
                    calls.map(|call| call.method.clone()).collect::<Vec<_>>()
                };
                assert_eq!(calls(&read(&text)[0]), calls(transcript), "{text}");
                // That each call is the one that the bridge makes, with its answer, the player sees.
                let deviation = played(&suite, "explain-transcripts", &text);
                assert!(deviation.is_none(), "{}\n{text}", deviation.unwrap());
            }
        }
    }
}

/// Requests whose headers or broken bodies matter are for `test` alone: `explain` sends neither.
fn is_explainable(transcript: &Transcript) -> bool {
    let plain = |body: &Option<scim_bridge::transcript::Body>| body.as_ref().is_none_or(|body| !body.is_verbatim);
    transcript.exchanges.iter().all(|exchange| exchange.request.headers.is_empty() && plain(&exchange.request.body))
}

/// Whether a printed call changes something: its comment says so.
fn writes(text: &str) -> Vec<String> {
    let mut writes = Vec::new();
    let mut is_write = false;
    for line in text.lines() {
        if line.starts_with("# ") && line.contains(", mapping.toml:") {
            is_write = !line.contains(": reads ") && !line.contains(": looks ");
        } else if line.starts_with("-> ") && is_write {
            writes.push(line.to_owned());
        }
    }
    writes
}

/// The record that the first calls of an exchange read.
fn record_read(suite: &Suite, request: &Asked, calls: &[Call]) -> Option<Value> {
    let endpoint = format!("/{}", request.target.split(['/', '?']).nth(1)?);
    let mut types = suite.mapping.as_ref()?.types.iter();
    let kind = types.find(|kind| kind.view.schema.endpoint == endpoint)?;
    let logins = usize::from(suite.mapping.as_ref()?.upstream.session.is_some());
    let bodies = calls.iter().skip(logins).filter_map(|call| match &call.answer {
        Answer::Response(canned) => canned.body.as_ref()?.json.clone(),
        Answer::Failure(_) => None,
    });
    let mut record: Option<Value> = None;
    for (get, body) in kind.get.iter().zip(bodies) {
        match (get.purpose, &get.into, &get.items) {
            (Purpose::Get, _, Some(items)) => {
                let is_it = |item: &&Value| kind.view.id(item).is_some_and(|id| request.target.contains(&id));
                record = items.get(&body).into_iter().find(is_it).cloned();
            }
            (Purpose::Get, _, None) => record = get.item.first(&body).cloned(),
            (_, Some(into), Some(items)) => {
                let items: Vec<Value> = items.get(&body).into_iter().cloned().collect();
                into.put(record.as_mut()?, Value::Array(items));
            }
            (_, Some(into), None) => {
                into.put(record.as_mut()?, get.item.first(&body).cloned().unwrap_or_default());
            }
            (..) => {}
        }
    }
    record
}

#[test]
fn over_a_record_it_plans_the_writes_that_every_successful_transcript_has() {
    let mut compared = 0;
    for suite in suites() {
        let explained = Explained { mapping: suite.mapping.as_ref().unwrap(), source: &suite.sources[0] };
        for transcript in suite.files.iter().filter(|it| it.variables.is_empty()).flat_map(|file| &file.transcripts) {
            let all = on_a_paused_clock(explained.transcript(transcript, &BTreeMap::new()));
            let succeeds = |call: &Call| matches!(&call.answer, Answer::Response(canned) if canned.status < 300);
            for (exchange, whole) in transcript.exchanges.iter().zip(all.into_iter().flatten()) {
                let asked = explained.asked(&exchange.request);
                if asked.method == "GET" || whole.status >= 300 || !exchange.calls.iter().all(succeeds) {
                    continue;
                }
                // A create that makes nothing links whom it finds, and nobody tells here whom.
                if asked.method == "POST" && exchange.calls.iter().all(|call| call.method != "POST") {
                    continue;
                }
                // A change of members that users hold depends on records of others, and only one is given.
                if names_another_type(&suite, &asked, &whole.text) {
                    continue;
                }
                let record = if asked.method == "POST" { None } else { record_read(&suite, &asked, &exchange.calls) };
                let alone = on_a_paused_clock(explained.with_record(&asked, record)).unwrap();
                // The id of what is created is made up, and so is what a call captures.
                let numberless = |text: &str| {
                    let made = text.lines().find_map(|line| line.strip_prefix("Location: ")?.rsplit('/').next());
                    let made = made.map(|id| format!("/{id}")).filter(|_| asked.method == "POST");
                    let text = writes(text).join("\n");
                    let text = made.map_or_else(|| text.clone(), |made| text.replace(&made, "/"));
                    let text = text.replace(|sign: char| sign.is_ascii_digit(), "");
                    let captured = |part: &str| part.trim_start_matches(|sign: char| sign.is_alphanumeric()).to_owned();
                    let mut parts = text.split("got:");
                    let first = parts.next().unwrap_or_default().to_owned();
                    parts.fold(first, |text, part| text + &captured(part))
                };
                assert_eq!(numberless(&alone.text), numberless(&whole.text), "{}\n{}", transcript.title, alone.text);
                let text = format!("== {}\n{}", transcript.title, alone.text);
                let deviation = played(&suite, "explain-records", &text);
                assert!(deviation.is_none(), "{}\n{text}", deviation.unwrap());
                compared += 1;
            }
        }
    }
    assert!(compared > 15, "{compared}");
}

/// Whether a printed call is one of another type than the request is about.
fn names_another_type(suite: &Suite, asked: &Asked, text: &str) -> bool {
    let own = |name: &str| asked.target.starts_with(&format!("/{name}"));
    let types = suite.mapping.iter().flat_map(|mapping| &mapping.types).map(|kind| kind.view.schema.name.as_str());
    types.filter(|name| !own(name)).any(|name| text.contains(&format!("\n# {name}.")))
}

/// What `explain` is asked, in the files of its golden texts.
const CASES: [(&str, &str, &str, &str, &str); 7] = [
    // (file, mapping, request, body, record)
    (
        "patch",
        "demo",
        "PATCH /Users/17",
        r#"{ "Operations": [{ "op": "replace", "value": { "active": false, "title": "Cook", "password": "x", "userName": "ada" } }] }"#,
        r#"{ "no": 17, "login": "ada", "state": "A", "badge": 9 }"#,
    ),
    (
        "put",
        "mock-legacy",
        "PUT /Users/17",
        r#"{ "userName": "ada" }"#,
        r#"{ "account_id": 17, "login": "ada", "profile": { "title": "x" } }"#,
    ),
    ("post", "demo", "POST /Users", r#"{ "userName": "ada", "active": false }"#, ""),
    ("delete", "demo", "DELETE /Users/17", "", ""),
    ("list", "demo", "GET /Users?filter=userName eq \"ada\"", "", r#"{ "no": 17, "login": "ada", "state": "A" }"#),
    (
        "members",
        "demo",
        "PATCH /Groups/5",
        r#"{ "Operations": [{ "op": "replace", "path": "members", "value": [{ "value": "18" }] }] }"#,
        r#"{ "no": 5, "name": "R and D", "people": [{ "no": 17 }] }"#,
    ),
    (
        "inverse",
        "../tests/transcripts/21-inverse-lists",
        "PATCH /Groups/7?attributes=members",
        r#"{ "Operations": [{ "op": "add", "path": "members", "value": [{ "value": "a" }, { "value": "b" }] }] }"#,
        r#"{ "id": 7, "name": "crew" }"#,
    ),
];

#[test]
fn what_it_prints_is_as_written_in_the_file() {
    let mut files = Vec::new();
    for (name, mapping, request, body, record) in CASES {
        let suite = Suite::of_folder(&root().join("mappings").join(mapping));
        let explained = Explained { mapping: suite.mapping.as_ref().unwrap(), source: &suite.sources[0] };
        let request = parse::request(request, (!body.is_empty()).then(|| body.to_owned())).unwrap();
        let record = serde_json::from_str(record).ok();
        let text = on_a_paused_clock(explained.with_record(&explained.asked(&request), record)).unwrap().text;
        let deviation = played(&suite, "explain-golden", &format!("== {name}\n{text}"));
        assert!(deviation.is_none(), "{}", deviation.unwrap());
        files.push((PathBuf::from(format!("tests/explain/{name}.txt")), text));
    }
    golden::hold(files);
}

/// An API that reads and writes by POST alone: what a call is for, only the mapping knows.
const RPC: &str = r#"
scim_bridge = 1
[upstream]
url     = "http://127.0.0.1/"
call    = "POST /rpc"
headers = { X-Key = "{secret.key}" }
[User.attributes]
id       = { at = "uid", type = "int" }
userName = "login"
title    = "job"
[User]
list   = { body = { find = "{filter.userName}" }, items = "$.rows[*]" }
get    = { body = { get = "{id}" }, item = "$.user" }
create = { body = { add = "{record}" }, item = "$.user", undo = { body = { drop = "{id}" } } }
update = { body = { set = "{record}", uid = "{id}" }, send = "changed" }
delete = { call = "GET /rpc/delete?uid={id}&login={old.login}" }
"#;

#[tokio::test]
async fn live_it_sends_what_only_reads_and_nothing_else() {
    let source = Source::new("mapping.toml", RPC);
    let mut found = Diagnostics::new("mapping.toml");
    let mapping = compile::load(&source, &mut found).unwrap_or_else(|| panic!("{:?}", found.found));
    let explained = Explained { mapping: &mapping, source: &source };
    let read = || {
        let user = json!({ "user": { "uid": 7, "login": "ada", "job": "Cook" } });
        expect("POST /rpc").header("X-Key", "the-real-key").json(json!({ "get": 7 })).answer(200, &user)
    };
    let patch = r#"{ "Operations": [{ "op": "replace", "value": { "title": "Chef" } }] }"#;
    let cases = [
        // (request, body, what is read, the write that is printed)
        ("PATCH /Users/7", patch, vec![read()], "{ \"set\": { \"job\": \"Chef\" }, \"uid\": 7 }"),
        (
            "PUT /Users/7",
            r#"{ "userName": "bo" }"#,
            vec![read()],
            "{ \"set\": { \"login\": \"bo\", \"job\": null }, \"uid\": 7 }",
        ),
        ("POST /Users", r#"{ "userName": "bo" }"#, vec![], "{ \"add\": { \"login\": \"bo\" } }"),
        ("DELETE /Users/7", "", vec![read()], "-> GET /rpc/delete?uid=7&login=ada"),
    ];
    for (request, body, reads, write) in cases {
        let upstream = Upstream::serve(reads).await;
        let asked = parse::request(request, (!body.is_empty()).then(|| body.to_owned())).unwrap();
        let surroundings = Surroundings {
            tenant: "test".to_owned(),
            secrets: [("key".to_owned(), Secret::new("the-real-key"))].into(),
            ..Surroundings::default()
        };
        let transport = Arc::new(HttpTransport::new().unwrap());
        let url = upstream.url();
        let explanation =
            explained.live(&explained.asked(&asked), (surroundings, Some(&url)), transport).await.unwrap();
        upstream.assert_followed(request);
        assert!(explanation.status < 300 && explanation.text.contains(write), "{}", explanation.text);
        assert!(explanation.text.contains("X-Key: secret:key"), "{}", explanation.text);
        assert!(!explanation.text.contains("the-real-key"), "{}", explanation.text);
    }
}

#[tokio::test]
async fn live_it_logs_in_and_shows_nothing_of_the_session() {
    let upstream_keys = r#"headers = { X-Key = "{secret.key}", Authorization = "Bearer {session.token}" }
session = { body = { login = "{secret.key}" }, capture = { token = "$.session.token" } }"#;
    let text = RPC.replace("headers = { X-Key = \"{secret.key}\" }", upstream_keys);
    let source = Source::new("mapping.toml", &text);
    let mut found = Diagnostics::new("mapping.toml");
    let mapping = compile::load(&source, &mut found).unwrap_or_else(|| panic!("{:?}", found.found));
    let explained = Explained { mapping: &mapping, source: &source };
    let user = json!({ "user": { "uid": 7, "login": "ada", "job": "Cook" } });
    let upstream = Upstream::serve([
        expect("POST /rpc")
            .json(json!({ "login": "the-real-key" }))
            .answer(200, &json!({ "session": { "token": "the-real-token" } })),
        expect("POST /rpc").header("Authorization", "Bearer the-real-token").answer(200, &user),
    ])
    .await;
    let body = r#"{ "Operations": [{ "op": "replace", "value": { "title": "Chef" } }] }"#;
    let asked = explained.asked(&parse::request("PATCH /Users/7", Some(body.to_owned())).unwrap());
    let surroundings = Surroundings {
        tenant: "test".to_owned(),
        secrets: [("key".to_owned(), Secret::new("the-real-key"))].into(),
        ..Surroundings::default()
    };
    let transport = Arc::new(HttpTransport::new().unwrap());
    let live = explained.live(&asked, (surroundings, Some(&upstream.url())), transport).await.unwrap();
    upstream.assert_followed("live");
    let alone = explained.with_record(&asked, Some(user["user"].clone())).await.unwrap();
    for explanation in [live, alone] {
        assert!(explanation.status < 300, "{}", explanation.text);
        for shown in
            ["# mapping.toml:7: logs in", "\"token\": \"session:token\"", "Authorization: Bearer session:token"]
        {
            assert!(explanation.text.contains(shown), "{shown}: {}", explanation.text);
        }
        assert!(!explanation.text.contains("the-real"), "{}", explanation.text);
    }
}
