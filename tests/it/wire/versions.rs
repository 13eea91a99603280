//! Versions: `ETag` and `meta.version`, and requests that depend on them (RFC 7644 §3.14).

use serde_json::{Value, json};

use crate::support::bridge::serve;
use crate::support::case::{HEAD, group, patch, replace, user};
use crate::support::client::Answer;
use crate::support::upstream::{Step, Upstream, expect};

/// Users that one call reads, groups whose members come from another one; `tags` stands in `[upstream]`.
fn mapping(tags: &str) -> String {
    let head = HEAD.replacen("[upstream]", &format!("[upstream]\n{tags}"), 1);
    let rules = r#"
[User.attributes]
id = { at = "id", type = "int" }
userName = "login"
title = "title"
'emails[type eq "work" and primary eq true].value' = "mails[?@.kind == 'work'].address"
active = "enabled"
[User]
list = { call = "GET /users?login={filter.userName?}&page={page}", items = "$[*]" }
get = "GET /users/{id}"
create = "POST /users"
update = "PATCH /users/{id}"
delete = "DELETE /users/{id}"
[Group.attributes]
id = { at = "id", type = "int" }
displayName = "name"
members = { at = "people", each = { value = "login" } }
[Group]
create = "POST /groups"
delete = "DELETE /groups/{id}"
[[Group.get]]
call = "GET /groups/{id}"
[[Group.get]]
call = "GET /groups/{id}/people?page={page}"
items = "$[*]"
into = "people"
[[Group.update]]
call = "PATCH /groups/{id}"
"#;
    format!("{head}{rules}")
}

fn ada(title: &str) -> Value {
    json!({ "id": 7, "login": "ada", "title": title, "mails": [{ "kind": "work", "address": "ada@a.example" }], "enabled": true })
}

fn read(title: &str) -> Step {
    expect("GET /users/7").answer(200, &ada(title))
}

/// A request: `GET /Users/7`, one more header, a body.
type Request = (&'static str, Option<(&'static str, &'static str)>, Value);

/// Sends requests to a bridge over an upstream with this script; each with one more header, if any, in which `TAG` stands for
/// the version of the first answer.
async fn ask(tags: &str, steps: Vec<Step>, requests: &[Request]) -> Vec<Answer> {
    let upstream = Upstream::serve(steps).await;
    let bridge = serve(&mapping(tags), &upstream.url(), &[]).await;
    let mut answers: Vec<Answer> = Vec::new();
    for (line, header, body) in requests {
        let body = Some(body).filter(|body| !body.is_null());
        let answer = match header {
            Some((name, value)) => {
                let value = match answers.first() {
                    Some(first) => value.replace("TAG", Answer::etag(first).unwrap_or_default()),
                    None => (*value).to_owned(),
                };
                bridge.scim.send_if(line, (name, &value), body).await
            }
            None => bridge.scim.send(line, body).await,
        };
        answers.push(answer);
    }
    answers
}

fn get(target: &'static str) -> Request {
    (target, None, Value::Null)
}

#[tokio::test]
async fn a_resource_has_the_same_version_in_header_and_body_whatever_is_asked_of_it() {
    let steps = vec![read("Engineer"), read("Engineer"), read("Engineer"), read("Engineer"), read("Boss")];
    let requests = [
        get("GET /Users/7"),
        get("GET /Users/7?attributes=userName"),
        get("GET /Users/7?attributes=meta.version"),
        get("GET /Users/7?excludedAttributes=meta.version,emails"),
        get("GET /Users/7"),
    ];
    let answers = ask("", steps, &requests).await;
    let tags: Vec<&str> = answers.iter().map(|answer| answer.etag().unwrap()).collect();
    assert_eq!(tags[0].len(), "W/\"0123456789abcdef\"".len(), "{}", tags[0]);
    assert_eq!(tags[..4], [tags[0]; 4], "all of one version");
    assert_ne!(tags[4], tags[0], "another resource has another one");
    let shown: Vec<Option<&str>> = answers.iter().map(|answer| answer.body["meta"]["version"].as_str()).collect();
    assert_eq!(shown, [Some(tags[0]), None, Some(tags[0]), None, Some(tags[4])]);
}

#[tokio::test]
async fn the_version_of_a_change_is_that_of_the_next_read_however_the_answer_is_spelt() {
    // The same record as text: escapes and the order of members differ.
    let spelt = r#"{"enabled":true,"mails":[{"address":"ada@a.example","kind":"work","x":1}],"title":"A\/B \u00e9","login":"ada","id":7}"#;
    let shown = || expect("GET /users/7").raw(200, "application/json", spelt);
    let of = |title: &str| replace(&json!({ "title": title }));
    let changed = |title: &str| expect("PATCH /users/7").answer(200, &ada(title));
    let whole = user(
        json!({ "userName": "ada", "title": "A/B é", "active": true, "emails": [{ "type": "work", "primary": true, "value": "ada@a.example" }] }),
    );
    let steps = vec![
        read("Engineer"),
        changed("A/B é"),
        shown(),
        // Nothing changes.
        shown(),
        shown(),
        read("Engineer"),
        changed("A/B é"),
        // The answer shows nothing: it is read.
        read("Engineer"),
        expect("PATCH /users/7").answer(204, &Value::Null),
        shown(),
    ];
    let requests = [
        ("PATCH /Users/7", None, of("A/B é")),
        get("GET /Users/7"),
        ("PATCH /Users/7", None, of("A/B é")),
        get("GET /Users/7"),
        ("PUT /Users/7", None, whole),
        ("PATCH /Users/7", None, patch(&json!([{ "op": "replace", "path": "title", "value": "A/B é" }]))),
    ];
    let answers = ask("", steps, &requests).await;
    for (answer, (line, ..)) in answers.iter().zip(&requests) {
        assert_eq!((answer.status, answer.etag()), (200, answers[1].etag()), "{line}");
        assert_eq!(answer.body["meta"]["version"].as_str(), answers[1].etag(), "{line}");
    }
}

#[tokio::test]
async fn a_create_has_a_version_where_its_answer_tells_all_that_a_read_shows() {
    let body = user(json!({ "userName": "ada", "title": "Engineer", "active": true }));
    let told = json!({ "id": 7, "login": "ada", "title": "Engineer", "enabled": true, "mails": [] });
    let untold = json!({ "id": 7, "login": "ada", "title": "Engineer", "enabled": true });
    let cases = [("all is told, if only that there is none", told, true), ("something is left out", untold, false)];
    for (name, made, has_version) in cases {
        let read = json!({ "id": 7, "login": "ada", "title": "Engineer", "enabled": true, "mails": [] });
        let steps = vec![expect("POST /users").answer(201, &made), expect("GET /users/7").answer(200, &read)];
        let answers = ask("", steps, &[("POST /Users", None, body.clone()), get("GET /Users/7")]).await;
        assert_eq!(answers[0].status, 201, "{name}");
        let version = answers[1].etag().filter(|_| has_version);
        assert_eq!(answers[0].etag(), version, "{name}");
        assert_eq!(answers[0].body["meta"]["version"].as_str(), version, "{name}");
    }
}

#[tokio::test]
async fn what_the_client_has_already_is_not_sent_again() {
    let cases = [
        ("this version", "If-None-Match", "TAG", 304),
        ("among others", "If-None-Match", "\"1\", TAG", 304),
        ("any", "If-None-Match", "*", 304),
        ("another one", "If-None-Match", "W/\"1\"", 200),
        ("only this version", "If-Match", "TAG", 200),
        ("only another one", "If-Match", "W/\"1\"", 412),
    ];
    for (name, header, value, status) in cases {
        let steps = vec![read("Engineer"), read("Engineer")];
        let requests = [get("GET /Users/7"), ("GET /Users/7", Some((header, value)), Value::Null)];
        let answers = ask("", steps, &requests).await;
        let second = &answers[1];
        assert_eq!(second.status, status, "{name}");
        match status {
            304 => assert_eq!((second.etag(), &second.body), (answers[0].etag(), &Value::Null), "{name}"),
            412 => assert_eq!(second.body["status"], "412", "{name}"),
            _ => assert_eq!(second.body["id"], "7", "{name}"),
        }
    }
}

#[tokio::test]
async fn a_change_of_another_version_is_refused_before_any_call_that_changes_something() {
    let off = || replace(&json!({ "title": "Boss" }));
    let whole = user(json!({ "userName": "ada", "title": "Boss", "active": true }));
    let stale = [
        ("PATCH /Users/7", ("If-Match", "W/\"1\""), off()),
        ("PUT /Users/7", ("If-Match", "W/\"1\""), whole.clone()),
        ("DELETE /Users/7", ("If-Match", "W/\"1\""), Value::Null),
        ("PATCH /Users/7", ("If-None-Match", "*"), off()),
    ];
    for (line, header, body) in stale {
        let answers = ask("", vec![read("Engineer")], &[(line, Some(header), body)]).await;
        assert_eq!((answers[0].status, &answers[0].body["status"]), (412, &json!("412")), "{line}");
    }
    for value in ["TAG", "*"] {
        let changed = expect("PATCH /users/7").json(json!({ "title": "Boss" })).answer(200, &ada("Boss"));
        let gone = expect("DELETE /users/7").answer(204, &Value::Null);
        let steps = vec![read("Engineer"), read("Engineer"), changed, read("Engineer"), gone];
        let requests = [
            get("GET /Users/7"),
            ("PATCH /Users/7", Some(("If-Match", value)), off()),
            ("DELETE /Users/7", Some(("If-Match", value)), Value::Null),
        ];
        let statuses: Vec<u16> = ask("", steps, &requests).await.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses, [200, 200, 204], "{value}");
    }
    let missing = expect("GET /users/7").answer(404, &Value::Null);
    let answers = ask("", vec![missing], &[("DELETE /Users/7", Some(("If-Match", "*")), Value::Null)]).await;
    assert_eq!(answers[0].status, 404, "what is not there has no version");
}

#[tokio::test]
async fn what_was_not_read_has_no_version_unless_the_client_asks_for_one() {
    let own = || expect("GET /groups/3").answer(200, &json!({ "id": 3, "name": "R and D" }));
    let people = || expect("GET /groups/3/people?page=1").answer(200, &json!([{ "login": "ada" }]));
    let steps = vec![own(), people(), own(), own(), people(), own(), people()];
    let requests = [
        get("GET /Groups/3"),
        get("GET /Groups/3?excludedAttributes=members"),
        ("GET /Groups/3?excludedAttributes=members", Some(("If-None-Match", "TAG")), Value::Null),
        ("GET /Groups/3?excludedAttributes=members", Some(("If-None-Match", "W/\"1\"")), Value::Null),
    ];
    let answers = ask("", steps, &requests).await;
    let seen: Vec<_> = answers.iter().map(|answer| (answer.status, answer.etag())).collect();
    let tag = answers[0].etag();
    assert!(tag.is_some());
    assert_eq!(seen, [(200, tag), (200, None), (304, tag), (200, tag)]);
    assert_eq!(answers[3].body.get("members"), None, "what the client excludes it does not get");
    let made = expect("POST /groups").answer(201, &json!({ "id": 3, "name": "R and D" }));
    let answers = ask("", vec![made], &[("POST /Groups", None, group(json!({ "displayName": "R and D" })))]).await;
    assert_eq!((answers[0].status, answers[0].etag()), (201, None), "nobody has looked for members");
}

#[tokio::test]
async fn where_the_upstream_has_versions_they_are_those_of_the_resource() {
    let tagged = |step: Step, tag: &'static str| step.answer_header("etag", tag);
    let change = || expect("PATCH /users/7").header("if-match", "\"r1\"").json(json!({ "title": "Boss" }));
    let steps = vec![
        tagged(read("Engineer"), "\"r1\""),
        tagged(read("Engineer"), "\"r1\""),
        // Sent with the upstream's own, and answered with the next one.
        tagged(read("Engineer"), "\"r1\""),
        tagged(change().answer(200, &ada("Boss")), "W/\"r2\""),
        tagged(read("Boss"), "W/\"r2\""),
        // Somebody was faster between our read and our write: the client's version is no longer the current one.
        tagged(read("Engineer"), "\"r1\""),
        change().answer(412, &Value::Null),
        tagged(read("Engineer"), "\"r9\""),
    ];
    let off = || replace(&json!({ "title": "Boss" }));
    let requests = [
        get("GET /Users/7?attributes=userName,meta"),
        ("GET /Users/7", Some(("If-None-Match", "\"r1\"")), Value::Null),
        ("PATCH /Users/7", Some(("If-Match", "\"r1\"")), off()),
        ("PATCH /Users/7", Some(("If-Match", "\"r1\"")), off()),
        ("PATCH /Users/7", Some(("If-Match", "\"r1\"")), off()),
    ];
    let answers = ask("etag = true", steps, &requests).await;
    let seen: Vec<_> = answers.iter().map(|answer| (answer.status, answer.etag())).collect();
    let want = [(200, Some("\"r1\"")), (304, Some("\"r1\"")), (200, Some("W/\"r2\"")), (412, None), (412, None)];
    assert_eq!(seen, want);
    assert_eq!(answers[0].body["meta"]["version"], "\"r1\"");
    assert_eq!(answers[2].body["meta"]["version"], "W/\"r2\"");
}
