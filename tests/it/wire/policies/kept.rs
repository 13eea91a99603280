//! Attributes that the bridge keeps itself: shown, searched, changed and forgotten, without a place in the upstream.

use std::sync::Arc;

use scim_bridge::store::{Answer, Error, Kept, Memory, Owner, Store};
use serde_json::{Map, Value, json};

use crate::support::bridge::{Served, serve, serve_as};
use crate::support::case::{HEAD, group, patch, replace, user};
use crate::support::client::holds;
use crate::support::upstream::{Step, Upstream, expect};

/// An API that has no place for `externalId`, and in which nobody is ever deleted.
const MAPPING: &str = r#"
[User.attributes]
id = { at = "id", type = "int" }
userName = "login"
title = "job"
externalId = { kept = true }
'emails[type eq "home"].value' = { kept = true }
"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter" = { kept = true }
meta.created = { kept = true, default = "2026-01-01T00:00:00Z" }
deleted = { kept = true }
origin = { kept = true, default = "scim" }
[User]
list = { call = "GET /people?login={filter.userName?}", items = "$.rows[*]", unpaged = true }
get = "GET /people/{id}"
create = { call = "POST /people", undo = "DELETE /people/{id}" }
delete = { set = { deleted = true } }
hide = "$.kept.deleted == true"
existing = "adopt"
[[User.update]]
call = "PATCH /people/{id}"
[[User.update]]
for = ["externalId"]
when = "$.kept.origin == 'scim'"
call = "POST /people/{id}/links?to={kept.externalId}"
[Group.attributes]
id = "name"
displayName = "name"
externalId = { kept = true }
[Group]
list = { call = "GET /teams", items = "$[*]", unpaged = true }
delete = "DELETE /teams/{id}"
"#;

fn mapping() -> String {
    // A group's id and name stand in one place: it cannot change.
    format!("{HEAD}{MAPPING}")
        .replace("displayName = \"name\"", "displayName = { at = \"name\", mutability = \"immutable\" }")
}

fn ada() -> Value {
    json!({ "id": 7, "login": "ada", "job": "Engineer" })
}

fn read() -> Step {
    expect("GET /people/7").answer(200, &ada())
}

/// A bridge with an upstream that follows the script of all its requests.
struct Played {
    upstream: Upstream,
    bridge: Served,
}

impl Played {
    async fn begin(script: Vec<Step>) -> Self {
        let upstream = Upstream::serve(script).await;
        let bridge = serve(&mapping(), &upstream.url(), &[]).await;
        Self { upstream, bridge }
    }

    async fn keeping(script: Vec<Step>, store: Arc<dyn Store>) -> Self {
        let upstream = Upstream::serve(script).await;
        let bridge = serve_as(&mapping(), &upstream.url(), &[], |bridge| bridge.keeping(store)).await;
        Self { upstream, bridge }
    }

    /// Sends a request; its answer must have this status and hold this at least.
    async fn send(&self, line: &str, body: Value, status: u16, wanted: &Value) -> Value {
        let answer = self.bridge.scim.send(line, Some(&body).filter(|body| !body.is_null())).await;
        assert_eq!(answer.status, status, "{line}: {}", answer.body);
        assert!(wanted.is_null() || holds(&answer.body, wanted), "{line}: {}", answer.body);
        answer.body
    }

    fn end(self) {
        self.upstream.assert_followed("all requests");
    }
}

fn new_ada() -> Value {
    user(json!({
        "userName": "ada", "title": "Engineer", "externalId": "okta-1",
        "emails": [{ "type": "home", "value": "ada@home.example" }],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "costCenter": "R4" }
    }))
}

fn created() -> Step {
    expect("POST /people").json(json!({ "login": "ada", "job": "Engineer" })).answer(201, &ada())
}

fn linked(to: &str) -> Step {
    expect(&format!("POST /people/7/links?to={to}"))
}

#[tokio::test]
async fn what_the_upstream_has_no_place_for_is_kept_shown_and_searched() {
    let all = json!({ "rows": [{ "id": 3, "login": "bo" }, ada()] });
    let script = vec![
        created(),
        linked("okta-1"),
        read(),
        read(),
        read(),
        expect("GET /people").answer(200, &all),
        expect("GET /people").answer(200, &all),
        expect("GET /people?login=ada").answer(200, &json!({ "rows": [ada()] })),
    ];
    let played = Played::begin(script).await;
    let wanted = json!({
        "id": "7", "userName": "ada", "externalId": "okta-1",
        "emails": [{ "type": "home", "value": "ada@home.example" }],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "costCenter": "R4" },
        "meta": { "created": "2026-01-01T00:00:00Z" }
    });
    let answer = played.send("POST /Users", new_ada(), 201, &wanted).await;
    assert!(answer.get("origin").is_none() && answer.get("deleted").is_none(), "{answer}");
    let answer = played.send("GET /Users/7", Value::Null, 200, &wanted).await;
    assert!(answer["schemas"].as_array().unwrap().len() == 2 && answer.get("origin").is_none(), "{answer}");

    let one = json!({ "totalResults": 1, "Resources": [wanted] });
    let none = json!({ "totalResults": 0 });
    played.send("GET /Users?filter=externalId%20eq%20%22okta-1%22", Value::Null, 200, &one).await;
    played.send("GET /Users?filter=externalId%20eq%20%22OKTA-1%22", Value::Null, 200, &none).await;
    played.send("GET /Users?filter=origin%20eq%20%22scim%22", Value::Null, 200, &none).await;
    played.send("GET /Users?filter=externalId%20sw%20%22okta%22", Value::Null, 200, &one).await;
    let both = json!({ "totalResults": 2, "Resources": [{ "userName": "bo" }, wanted] });
    played.send("GET /Users", Value::Null, 200, &both).await;
    let filter = "GET /Users?filter=userName%20eq%20%22ada%22%20and%20emails.value%20eq%20%22ADA@home.example%22";
    played.send(filter, Value::Null, 200, &one).await;
    played.end();
}

#[tokio::test]
async fn kept_values_change_without_a_call_and_only_when_they_differ() {
    let script = vec![
        created(),
        linked("okta-1"),
        read(),
        // The same again: read, and nothing else.
        read(),
        // The home address goes: no call carries it.
        read(),
        // A kept and a sent one.
        read(),
        expect("PATCH /people/7").json(json!({ "job": "Director" })).answer(200, &ada()),
        linked("okta-2"),
        read(),
        read(),
    ];
    let played = Played::begin(script).await;
    played.send("POST /Users", new_ada(), 201, &Value::Null).await;
    played.send("PATCH /Users/7", replace(&json!({ "externalId": "okta-1" })), 200, &Value::Null).await;
    let removed = patch(&json!([{ "op": "remove", "path": "emails[type eq \"home\"].value" }]));
    let answer = played.send("PATCH /Users/7", removed, 200, &json!({ "externalId": "okta-1" })).await;
    assert!(answer.get("emails").is_none(), "{answer}");
    let both = replace(&json!({ "title": "Director", "externalId": "okta-2" }));
    played.send("PATCH /Users/7", both, 200, &json!({ "externalId": "okta-2" })).await;
    let answer = played.send("GET /Users/7", Value::Null, 200, &json!({ "externalId": "okta-2" })).await;
    assert!(answer.get("emails").is_none(), "{answer}");
    assert_eq!(answer["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]["costCenter"], "R4");
    played.end();
}

#[tokio::test]
async fn a_put_clears_what_it_leaves_out_and_not_what_is_the_bridges_own() {
    let script = vec![created(), linked("okta-1"), read(), read(), linked("okta-3"), read(), read()];
    let played = Played::begin(script).await;
    played.send("POST /Users", new_ada(), 201, &Value::Null).await;
    let body = user(json!({ "userName": "ada", "title": "Engineer", "externalId": "okta-3", "origin": "me" }));
    // The second update call runs under `$.kept.origin == 'scim'`: what a client sends for it has no effect.
    let answer = played.send("PUT /Users/7", body, 200, &json!({ "externalId": "okta-3" })).await;
    assert!(answer.get("emails").is_none() && answer.get("origin").is_none(), "{answer}");
    let path = patch(&json!([{ "op": "replace", "path": "deleted", "value": true }]));
    played.send("PATCH /Users/7", path, 400, &json!({ "scimType": "invalidPath" })).await;
    played.end();
}

#[tokio::test]
async fn a_soft_delete_is_kept_until_the_user_is_created_again() {
    let all = || expect("GET /people").answer(200, &json!({ "rows": [ada(), { "id": 8, "login": "bo" }] }));
    let script = vec![
        created(),
        linked("okta-1"),
        read(),
        // DELETE reads and marks; then the user is gone for every request.
        read(),
        read(),
        read(),
        read(),
        all(),
        // externalId finds the id, and nobody there.
        read(),
        expect("POST /people").answer(409, &Value::Null),
        expect("GET /people?login=ada").answer(200, &json!({ "rows": [ada()] })),
        read(),
        read(),
    ];
    let played = Played::begin(script).await;
    played.send("POST /Users", new_ada(), 201, &Value::Null).await;
    played.send("DELETE /Users/7", Value::Null, 204, &Value::Null).await;
    played.send("DELETE /Users/7", Value::Null, 404, &Value::Null).await;
    played.send("GET /Users/7", Value::Null, 404, &Value::Null).await;
    played.send("PATCH /Users/7", replace(&json!({ "title": "X" })), 404, &Value::Null).await;
    let others = json!({ "totalResults": 1, "Resources": [{ "userName": "bo" }] });
    played.send("GET /Users", Value::Null, 200, &others).await;
    let filter = "GET /Users?filter=externalId%20eq%20%22okta-1%22";
    played.send(filter, Value::Null, 200, &json!({ "totalResults": 0 })).await;
    let again = json!({ "id": "7", "externalId": "okta-1", "title": "Engineer" });
    played.send("POST /Users", new_ada(), 201, &again).await;
    played.send("GET /Users/7", Value::Null, 200, &again).await;
    played.end();
}

#[tokio::test]
async fn a_delete_that_calls_forgets_and_a_type_without_updates_still_keeps() {
    let staff = || expect("GET /teams").answer(200, &json!([{ "name": "Staff" }]));
    let script = vec![staff(), staff(), staff(), expect("DELETE /teams/Staff"), staff()];
    let played = Played::begin(script).await;
    let keep = replace(&json!({ "externalId": "g-1" }));
    played.send("PATCH /Groups/Staff", keep, 200, &json!({ "id": "Staff", "externalId": "g-1" })).await;
    played.send("GET /Groups/Staff", Value::Null, 200, &json!({ "externalId": "g-1" })).await;
    let rename = replace(&json!({ "displayName": "Crew" }));
    played.send("PATCH /Groups/Staff", rename, 400, &json!({ "scimType": "mutability" })).await;
    played.send("DELETE /Groups/Staff", Value::Null, 204, &Value::Null).await;
    let answer = played.send("GET /Groups/Staff", Value::Null, 200, &json!({ "id": "Staff" })).await;
    assert!(answer.get("externalId").is_none(), "{answer}");
    played.end();
}

/// Crews that are known by a value that the bridge keeps, and whose members the people's records hold.
const CREWS: &str = r#"
[User.attributes]
id = { at = "id", type = "int" }
userName = "login"
groups = { at = "crews", type = "int" }
[User]
list = { call = "GET /people?crew={filter.groups?}", items = "$.rows[*]", unpaged = true }
get = "GET /people/{id}"
update = "PATCH /people/{id}"
[Group.attributes]
id = { at = "id", type = "int" }
displayName = "name"
externalId = { kept = true }
members = { inverse = "User.groups" }
[Group]
key = "externalId"
list = { call = "GET /crews", items = "$.rows[*]", unpaged = true }
get = "GET /crews/{id}"
create = { call = "POST /crews", undo = "DELETE /crews/{id}" }
delete = "DELETE /crews/{id}"
"#;

fn crews() -> String {
    format!("{HEAD}{CREWS}")
        .replace("displayName = \"name\"", "displayName = { at = \"name\", mutability = \"immutable\" }")
}

fn crew(id: u32) -> Value {
    json!({ "id": id, "name": "Night" })
}

fn new_crew(members: &Value) -> Value {
    group(json!({ "displayName": "Night", "externalId": "g-1", "members": members }))
}

fn no_members(id: u32) -> Step {
    expect(&format!("GET /people?crew={id}")).answer(200, &json!({ "rows": [] }))
}

#[tokio::test]
async fn a_kept_key_says_nothing_of_a_create_whose_answer_tells_nothing() {
    let made = |id: u32| vec![expect("POST /crews").answer(201, &crew(id))];
    let lost = vec![expect("POST /crews").breaks()];
    // The one that was made before has this key; it is not the one that was made now.
    let silent = vec![expect("POST /crews").answer(201, &Value::Null)];
    let table = [("the answer is lost", lost, 504), ("the answer tells no id", silent, 502)];
    for (name, script, status) in table {
        let text = crews().replace(", undo = \"DELETE /crews/{id}\"", "");
        let upstream = Upstream::serve(made(5).into_iter().chain(script)).await;
        let bridge = serve(&text, &upstream.url(), &[]).await;
        let first = bridge.scim.send("POST /Groups", Some(&new_crew(&json!([])))).await;
        assert_eq!(first.status, 201, "{name}: {}", first.body);
        let answer = bridge.scim.send("POST /Groups", Some(&new_crew(&json!([])))).await;
        assert_eq!(answer.status, status, "{name}: {}", answer.body);
        upstream.assert_followed(name);
    }
}

#[tokio::test]
async fn what_is_kept_goes_with_a_create_that_is_taken_back() {
    let script = vec![
        expect("POST /crews").answer(201, &crew(9)),
        expect("GET /people/3").answer(404, &Value::Null),
        expect("DELETE /crews/9"),
        // Somebody else makes one, which gets the same id.
        expect("GET /crews/9").answer(200, &crew(9)),
        no_members(9),
    ];
    let upstream = Upstream::serve(script).await;
    let bridge = serve(&crews(), &upstream.url(), &[]).await;
    let refused = bridge.scim.send("POST /Groups", Some(&new_crew(&json!([{ "value": "3" }])))).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    let other = bridge.scim.send("GET /Groups/9", None).await;
    assert_eq!(other.status, 200, "{}", other.body);
    assert!(other.body.get("externalId").is_none(), "{}", other.body);
}

#[tokio::test]
async fn what_is_kept_goes_with_a_resource_that_a_delete_does_not_find() {
    let script = vec![
        expect("POST /crews").answer(201, &crew(9)),
        expect("DELETE /crews/9").answer(404, &Value::Null),
        expect("GET /crews/9").answer(200, &crew(9)),
        no_members(9),
    ];
    let upstream = Upstream::serve(script).await;
    let bridge = serve(&crews(), &upstream.url(), &[]).await;
    let made = bridge.scim.send("POST /Groups", Some(&new_crew(&json!([])))).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(bridge.scim.send("DELETE /Groups/9", None).await.status, 404);
    let other = bridge.scim.send("GET /Groups/9", None).await;
    assert!(other.status == 200 && other.body.get("externalId").is_none(), "{}", other.body);
}

/// A store that reads, but does not write.
#[derive(Debug, Default)]
struct Full(Memory);

impl Store for Full {
    fn load<'a>(&'a self, owner: Owner<'a>, ids: &'a [String]) -> Answer<'a, Vec<Option<Map<String, Value>>>> {
        self.0.load(owner, ids)
    }

    fn find<'a>(&'a self, owner: Owner<'a>, key: (&'a str, &'a str), most: usize) -> Answer<'a, Vec<String>> {
        self.0.find(owner, key, most)
    }

    fn save<'a>(&'a self, _: Owner<'a>, _: &'a str, _: Kept) -> Answer<'a, ()> {
        Box::pin(std::future::ready(Err(Error("no space left".into()))))
    }
}

#[tokio::test]
async fn what_cannot_be_kept_is_no_success() {
    let script = vec![created(), linked("okta-1"), read(), expect("DELETE /people/7"), read()];
    let played = Played::keeping(script, Arc::<Full>::default()).await;
    let refused = json!({ "status": "503" });
    let answer = played.send("POST /Users", new_ada(), 503, &refused).await;
    assert!(!answer.to_string().contains("no space"), "{answer}");
    played.send("PATCH /Users/7", replace(&json!({ "externalId": "okta-2" })), 503, &refused).await;
    played.end();
}

#[tokio::test]
async fn kept_values_outlive_the_bridge_in_a_store_that_does() {
    let store = Arc::<Memory>::default();
    let first = Played::keeping(vec![created(), linked("okta-1"), read()], store.clone()).await;
    first.send("POST /Users", new_ada(), 201, &Value::Null).await;
    first.end();
    let second = Played::keeping(vec![read()], store).await;
    second.send("GET /Users/7", Value::Null, 200, &json!({ "externalId": "okta-1" })).await;
    second.end();
}

#[tokio::test]
async fn the_schema_shows_what_is_kept_and_not_what_is_the_bridges_own() {
    let played = Played::begin(vec![]).await;
    let answer = played.send("GET /Schemas", Value::Null, 200, &Value::Null).await;
    let text = answer.to_string();
    assert!(text.contains("costCenter"), "{text}");
    assert!(!text.contains("\"origin\"") && !text.contains("\"deleted\""), "{text}");
    played.end();
}
