//! Members of groups that the users' records hold.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::support::bridge::serve;
use crate::support::case::{Case, HEAD, group, patch, play};
use crate::support::client::holds;
use crate::support::upstream::{Step, Upstream, expect};

const RULES: &str = r#"
[User]
list = { call = "GET /users?team={filter.groups?}&page={page}", items = "$.rows[*]" }
get = "GET /users/{id}"
update = "PATCH /users/{id}"
[User.attributes]
id = "id"
userName = { at = "id", mutability = "immutable" }
groups = { at = "teams", type = "int" }
[Group]
list = { call = "GET /teams?page={page}", items = "$.rows[*]" }
get = "GET /teams/{id}"
create = { call = "POST /teams", undo = "DELETE /teams/{id}" }
[Group.attributes]
id = { at = "id", type = "int" }
displayName = { at = "name", mutability = "immutable" }
members = { inverse = "User.groups" }
"#;

fn mapping() -> String {
    format!("{HEAD}{RULES}")
}

/// The same, of an API that has no search.
fn without_search() -> String {
    mapping().replace("team={filter.groups?}&", "")
}

fn team(id: u32) -> Step {
    expect(&format!("GET /teams/{id}")).answer(200, &json!({ "id": id, "name": "crew" }))
}

fn user(id: &str, teams: &[u32]) -> Step {
    expect(&format!("GET /users/{id}")).answer(200, &json!({ "id": id, "teams": teams }))
}

fn change(id: &str, teams: &[u32]) -> Step {
    let body = json!({ "teams": teams });
    expect(&format!("PATCH /users/{id}")).json(body).answer(200, &json!({ "id": id, "teams": teams }))
}

fn rows(line: &str, users: &[(&str, &[u32])]) -> Step {
    let rows: Vec<Value> = users.iter().map(|(id, teams)| json!({ "id": id, "teams": teams })).collect();
    expect(line).answer(200, &json!({ "rows": rows }))
}

fn case(name: &'static str, upstream: Vec<Step>, request: (&'static str, Value), answer: (u16, Value)) -> Case {
    Case { name, upstream, request: request.0, body: request.1, status: answer.0, wanted: answer.1 }
}

fn members(ids: &[&str]) -> Value {
    ids.iter().map(|id| json!({ "value": id })).collect()
}

fn add(ids: &[&str]) -> Value {
    patch(&json!([{ "op": "add", "path": "members", "value": members(ids) }]))
}

#[tokio::test]
async fn what_is_done_of_a_failed_change_stays_and_a_repeat_goes_on_from_there() {
    let asked = || patch(&json!([{ "op": "replace", "path": "members", "value": members(&["b", "c"]) }]));
    let first = vec![
        team(7),
        rows("GET /users?page=1&team=7", &[("a", &[7])]),
        user("a", &[7]),
        change("a", &[]),
        user("b", &[]),
        change("b", &[7]),
        user("c", &[]),
        expect("PATCH /users/c")
            .json(json!({ "teams": [7] }))
            .answer(503, &json!({ "error": "SECRET-TRACE at line 7" }))
            .answer_header("retry-after", "7"),
    ];
    let again = vec![
        team(7),
        rows("GET /users?page=1&team=7", &[("b", &[7])]),
        user("c", &[]),
        change("c", &[7]),
        team(7),
        rows("GET /users?page=1&team=7", &[("b", &[7]), ("c", &[7])]),
    ];
    let upstream = Upstream::serve(first.into_iter().chain(again)).await;
    let text = mapping().replace("retries = 1", "retries = 0");
    let bridge = serve(&text, &upstream.url(), &[]).await;
    let failed = bridge.scim.send("PATCH /Groups/7", Some(&asked())).await;
    assert_eq!(failed.status, 503, "{}", failed.body);
    assert_eq!(failed.headers["retry-after"], "7");
    assert!(!failed.body.to_string().contains("SECRET-TRACE"), "{}", failed.body);
    let done = bridge.scim.send("PATCH /Groups/7", Some(&asked())).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert!(holds(&done.body, &json!({ "members": members(&["b", "c"]) })), "{}", done.body);
}

#[tokio::test]
async fn a_create_is_taken_back_with_every_user_that_it_may_have_reached_or_not_at_all() {
    let body = || group(json!({ "displayName": "crew", "members": members(&["a", "b", "c"]) }));
    let created = || expect("POST /teams").answer(201, &json!({ "id": 9, "name": "crew" }));
    let broken = || expect("PATCH /users/b").json(json!({ "teams": [9] })).answer(500, &Value::Null);
    let undone = vec![
        created(),
        user("a", &[7]),
        change("a", &[7, 9]),
        user("b", &[]),
        broken(),
        // It did reach the upstream.
        user("b", &[9]),
        change("b", &[]),
        user("a", &[7, 9]),
        change("a", &[7]),
        expect("DELETE /teams/9").answer(204, &Value::Null),
    ];
    let stuck = vec![
        created(),
        user("a", &[7]),
        change("a", &[7, 9]),
        user("b", &[]),
        broken(),
        user("b", &[]),
        user("a", &[7, 9]),
        // A user is left in the team: it stays.
        expect("PATCH /users/a").json(json!({ "teams": [7] })).answer(422, &Value::Null),
    ];
    let told = "an earlier step could not be taken back";
    for (name, script, tells) in [("all goes back", undone, false), ("one cannot go back", stuck, true)] {
        let upstream = Upstream::serve(script).await;
        let bridge = serve(&mapping(), &upstream.url(), &[]).await;
        let answer = bridge.scim.send("POST /Groups", Some(&body())).await;
        upstream.assert_followed(name);
        assert_eq!(answer.status, 502, "{name}: {}", answer.body);
        assert_eq!(answer.body["detail"].as_str().unwrap().contains(told), tells, "{name}: {}", answer.body);
    }
}

#[tokio::test]
async fn without_a_search_all_users_are_read_once_for_all_groups_and_named_members_without() {
    let teams = || {
        expect("GET /teams?page=1")
            .answer(200, &json!({ "rows": [{ "id": 7, "name": "crew" }, { "id": 8, "name": "band" }] }))
    };
    let users = || rows("GET /users?page=1", &[("a", &[7, 8]), ("b", &[8])]);
    let both = json!({ "Resources": [
        { "id": "7", "members": members(&["a"]) },
        { "id": "8", "members": members(&["a", "b"]) }
    ] });
    let cases = vec![
        case("two groups", vec![teams(), users()], ("GET /Groups?attributes=members", Value::Null), (200, both)),
        case("a plain list", vec![teams()], ("GET /Groups", Value::Null), (200, json!({ "totalResults": 2 }))),
        case(
            "named",
            vec![team(7), user("b", &[8]), change("b", &[8, 7])],
            ("PATCH /Groups/7", add(&["b"])),
            (204, Value::Null),
        ),
    ];
    play(&without_search(), cases).await;
    let wanted = json!({ "scimType": "tooMany", "detail": "finding the members would read more than 1 records" });
    let cases = vec![case("too many", vec![team(7), users()], ("GET /Groups/7", Value::Null), (400, wanted))];
    let short = without_search().replace("[upstream.limits]", "page = { size = 2 }\n[upstream.limits]\nscan = 1");
    play(&short, cases).await;
}

#[tokio::test]
async fn of_many_members_a_repeat_changes_only_who_is_missing() {
    let names: Vec<String> = (10..32).map(|number| format!("u{number}")).collect();
    let ids: Vec<&str> = names.iter().map(String::as_str).collect();
    let (there, missing) = ids.split_at(20);
    let of = |ids: &[&str]| {
        let rows: Vec<Value> = ids.iter().map(|id| json!({ "id": id, "teams": [7] })).collect();
        expect("GET /users?page=1&team=7").answer(200, &json!({ "rows": rows }))
    };
    let mut script = vec![team(7), of(there)];
    script.extend(missing.iter().flat_map(|id| [user(id, &[]), change(id, &[7])]));
    script.extend([team(7), of(&ids)]);
    play(&mapping(), vec![case("22 members", script, ("PATCH /Groups/7", add(&ids)), (200, json!({ "id": "7" })))])
        .await;
}

/// An API that keeps one list of teams for each user, and replaces it as a whole.
#[derive(Debug, Default)]
struct Api {
    users: Mutex<BTreeMap<String, Value>>,
    /// Where those who leave a team wait for each other.
    leaving: Option<Barrier>,
}

impl Api {
    async fn serve(self) -> (String, Arc<Self>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let api = Arc::new(self);
        let served = Arc::clone(&api);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let api = Arc::clone(&served);
                let service = service_fn(move |request| answer(request, Arc::clone(&api)));
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        (url, api)
    }

    /// The user; with `key`, `teams` or another list of ids replaced by what is asked.
    fn user(&self, id: &str, asked: Option<&Value>) -> Value {
        let mut users = self.users.lock().unwrap();
        let user = users.entry(id.to_owned()).or_insert_with(|| json!({ "id": id, "teams": [] }));
        for (key, value) in asked.and_then(Value::as_object).into_iter().flatten() {
            user[key] = value.clone();
        }
        user.clone()
    }

    fn ids(&self, user: &str, key: &str) -> Vec<Value> {
        let mut ids = self.user(user, None)[key].as_array().cloned().unwrap_or_default();
        ids.sort_by_key(Value::to_string);
        ids
    }
}

async fn answer(request: Request<Incoming>, api: Arc<Api>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let asked: Option<Value> = serde_json::from_slice(&body).ok();
    let path: Vec<&str> = parts.uri.path().trim_start_matches('/').split('/').collect();
    // Others get their turn between a read and the write that follows.
    tokio::task::yield_now().await;
    let answer = Response::builder().header("content-type", "application/json");
    let body = match (path.as_slice(), asked) {
        (["teams"], _) => json!({ "id": 9, "name": "crew" }),
        (["teams", id], _) => json!({ "id": id.parse::<u32>().unwrap(), "name": "crew" }),
        (["users", "broken"], Some(_)) => return Ok(answer.status(500).body(Full::default()).unwrap()),
        (["users", id], Some(asked)) => {
            let leaves = asked["teams"].as_array().is_some_and(Vec::is_empty);
            if let Some(leaving) = api.leaving.as_ref().filter(|_| leaves) {
                leaving.wait().await;
            }
            api.user(id, Some(&asked))
        }
        (["users", id], None) => api.user(id, None),
        (path, _) => panic!("{} {path:?}", parts.method),
    };
    Ok(answer.body(Full::new(Bytes::from(body.to_string()))).unwrap())
}

#[tokio::test]
async fn of_twenty_groups_that_take_the_same_user_at_once_none_is_lost() {
    let (url, api) = Api::default().serve().await;
    let bridge = serve(&mapping().replace("concurrent = 1", "concurrent = 8"), &url, &[]).await;
    let mut adds = JoinSet::new();
    for group in 1..=20 {
        let scim = bridge.scim.clone();
        adds.spawn(async move { scim.send(&format!("PATCH /Groups/{group}"), Some(&add(&["a", "b"]))).await });
    }
    for answer in adds.join_all().await {
        assert_eq!(answer.status, 204, "{}", answer.body);
    }
    for id in ["a", "b"] {
        let mut teams: Vec<u64> = serde_json::from_value(api.user(id, None)["teams"].clone()).unwrap();
        teams.sort_unstable();
        assert_eq!(teams, (1..=20).collect::<Vec<_>>(), "{id}");
    }
}

#[tokio::test]
async fn users_are_taken_out_of_a_group_that_goes_again_side_by_side() {
    // Who leaves alone waits in vain.
    let (url, api) = Api { leaving: Some(Barrier::new(2)), ..Api::default() }.serve().await;
    let bridge = serve(&mapping().replace("concurrent = 1", "concurrent = 8"), &url, &[]).await;
    let body = group(json!({ "displayName": "crew", "members": members(&["a", "b", "broken"]) }));
    let answer = bridge.scim.send("POST /Groups", Some(&body)).await;
    assert_eq!(answer.status, 502, "{}", answer.body);
    let told = "an earlier step could not be taken back";
    assert!(!answer.body["detail"].as_str().unwrap().contains(told), "{}", answer.body);
    assert_eq!((api.ids("a", "teams"), api.ids("b", "teams")), (Vec::new(), Vec::new()));
}

/// Users who know their chiefs, and who are shown with those whose chief they are.
const CHIEFS: &str = r#"
[User]
list = { call = "GET /users?chief={filter.entitlements?}", items = "$.rows[*]", unpaged = true }
get = "GET /users/{id}"
update = "PATCH /users/{id}"
[User.attributes]
id = "id"
userName = { at = "id", mutability = "immutable" }
entitlements = "chiefs"
roles = { inverse = "User.entitlements" }
"#;

#[tokio::test]
async fn users_who_become_each_others_chiefs_do_not_wait_for_each_other() {
    let (url, api) = Api::default().serve().await;
    let bridge = serve(&format!("{HEAD}{CHIEFS}"), &url, &[]).await;
    let mut adds = JoinSet::new();
    for round in 0..20 {
        let scim = bridge.scim.clone();
        let (chief, other) = if round % 2 == 0 { ("a", "b") } else { ("b", "a") };
        let body = patch(&json!([{ "op": "add", "path": "roles", "value": members(&[other]) }]));
        adds.spawn(async move { scim.send(&format!("PATCH /Users/{chief}"), Some(&body)).await });
    }
    for answer in adds.join_all().await {
        assert_eq!(answer.status, 204, "{}", answer.body);
    }
    assert_eq!((api.ids("a", "chiefs"), api.ids("b", "chiefs")), (vec![json!("b")], vec![json!("a")]));
}
