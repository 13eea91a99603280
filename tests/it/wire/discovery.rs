//! What an answer holds of a resource: `attributes` and `excludedAttributes`, what is returned when; discovery of several tenants.

use serde_json::{Value, json};

use crate::support::bridge::serve;
use crate::support::case::{Case, HEAD, patch, play_one, user};
use crate::support::upstream::{Step, Upstream, expect};

const URN: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Simple rules, which are streamed: the groups are a part of their own.
const STREAMED: &str = r#"
[User.attributes]
id = "id"
userName = "login"
name.givenName = "first"
name.familyName = "last"
password = { at = "secret", mutability = "writeOnly" }
'emails[type eq "work"].value' = "mail"
'emails[type eq "home"].value' = "mail2"
roles = { at = "roles", each = { value = "id", display = { at = "name", mutability = "readOnly" } } }
groups = { at = "teams", each = { value = "id", display = "name" } }
meta.created = { at = "born", mutability = "readOnly" }
"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department" = "dept"
"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value" = "boss"
"urn:acme:scim:schemas:extension:1.0:User:badge" = { at = "badge", schema = { type = "string", caseExact = true } }
[[User.get]]
call = "GET /users/{id}"
[[User.get]]
call = "GET /users/{id}/teams"
items = "$[*]"
into = "teams"
[User]
list = { call = "GET /users?page={page}", items = "$.rows[*]" }
update = "PATCH /users/{id}"
create = "POST /users"
[Group]
list = { call = "GET /teams?page={page}", items = "$.rows[*]" }
get = "GET /teams/{id}"
[Group.attributes]
id = "id"
displayName = "name"
"#;

/// The same, where a hidden record makes the bridge look at values.
fn by_value() -> String {
    format!("{HEAD}{STREAMED}").replace("[User]\n", "[User]\nhide = \"$.record.gone == true\"\n")
}

fn record() -> Value {
    json!({ "id": "7", "login": "ada", "first": "Ada", "last": "Byrne", "secret": "pa55-Word", "mail": "a@x", "mail2": "b@x",
        "roles": [{ "id": "r1", "name": "Lead" }], "born": "2020-01-01T00:00:00Z", "dept": "R", "boss": "9", "badge": "B1" })
}

fn read() -> Step {
    expect("GET /users/7").answer(200, &record())
}

fn teams() -> Step {
    expect("GET /users/7/teams").answer(200, &json!([{ "id": "3", "name": "Crew" }]))
}

/// The names of what an answer holds, as paths, in order; `schemas` and `id` aside, which are always there.
fn names(body: &Value) -> Vec<String> {
    let mut names = Vec::new();
    let inner = |value: &Value| match value.as_array() {
        Some(elements) => elements.first().cloned().unwrap_or_default(),
        None => value.clone(),
    };
    for (name, value) in body.as_object().unwrap() {
        let short = name.rsplit(':').next().unwrap();
        let is_extension = name.starts_with("urn:");
        match inner(value).as_object() {
            _ if matches!(name.as_str(), "schemas" | "id") => {}
            Some(parts) if is_extension => {
                for (part, value) in parts {
                    match value.as_object() {
                        Some(parts) => names.extend(parts.keys().map(|sub| format!("{short}:{part}.{sub}"))),
                        None => names.push(format!("{short}:{part}")),
                    }
                }
            }
            Some(parts) => names.extend(parts.keys().map(|part| format!("{name}.{part}"))),
            None => names.push(name.clone()),
        }
    }
    names.sort();
    names
}

const ALL: [&str; 18] = [
    "User:badge",
    "User:department",
    "User:manager.$ref",
    "User:manager.value",
    "emails.type",
    "emails.value",
    "groups.$ref",
    "groups.display",
    "groups.value",
    "meta.created",
    "meta.location",
    "meta.resourceType",
    "meta.version",
    "name.familyName",
    "name.givenName",
    "roles.display",
    "roles.value",
    "userName",
];

/// All names but those that begin with one of these; where something was not read, the version is not known.
fn all_but(without: &[&str]) -> Vec<&'static str> {
    let known = ALL.into_iter().filter(|name| *name != "meta.version" || !without.contains(&"groups"));
    known.filter(|name| !without.iter().any(|start| name.starts_with(start))).collect()
}

/// The query, whether the groups are read for it, and the names of what it shows.
fn projections() -> Vec<(String, bool, Vec<&'static str>)> {
    let core = "urn:ietf:params:scim:schemas:core:2.0:User";
    let acme = "urn:acme:scim:schemas:extension:1.0:User";
    vec![
        (String::new(), true, all_but(&[])),
        ("attributes=userName".into(), false, vec!["userName"]),
        ("attributes=USERNAME,%20Name.GivenName".into(), false, vec!["name.givenName", "userName"]),
        (format!("attributes={core}:userName,{core}:emails.value"), false, vec!["emails.value", "userName"]),
        ("attributes=id".into(), false, vec![]),
        ("attributes=password".into(), false, vec![]),
        ("attributes=nothing,title".into(), false, vec![]),
        ("attributes=meta.location".into(), false, vec!["meta.location"]),
        ("attributes=groups".into(), true, vec!["groups.$ref", "groups.display", "groups.value"]),
        ("attributes=groups.display".into(), true, vec!["groups.display"]),
        ("attributes=roles.value".into(), false, vec!["roles.value"]),
        (format!("attributes={URN}"), false, vec!["User:department", "User:manager.$ref", "User:manager.value"]),
        (format!("attributes={URN}:manager"), false, vec!["User:manager.$ref", "User:manager.value"]),
        (format!("attributes={URN}:MANAGER.value,{acme}:badge"), false, vec!["User:badge", "User:manager.value"]),
        ("attributes=department".into(), false, vec![]),
        (format!("attributes={acme}"), false, vec!["User:badge"]),
        ("excludedAttributes=groups".into(), false, all_but(&["groups"])),
        ("excludedAttributes=groups,id,schemas,userName".into(), false, all_but(&["groups", "userName"])),
        (format!("excludedAttributes=groups,{URN}"), false, all_but(&["groups", "User:department", "User:manager"])),
        (format!("excludedAttributes=groups,{URN}:manager.value"), false, all_but(&["groups", "User:manager.value"])),
        (
            "excludedAttributes=groups,emails.type,name.familyName".into(),
            false,
            all_but(&["groups", "emails.type", "name.familyName"]),
        ),
        ("excludedAttributes=groups,meta".into(), false, all_but(&["groups", "meta"])),
        ("excludedAttributes=groups,nothing".into(), false, all_but(&["groups"])),
    ]
}

#[tokio::test]
async fn an_answer_holds_what_is_asked_for_and_parts_that_nobody_asks_for_are_not_read() {
    for mapping in [format!("{HEAD}{STREAMED}"), by_value()] {
        for (query, with_groups, wanted) in projections() {
            let mut upstream = vec![read()];
            upstream.extend(with_groups.then(teams));
            let upstream = Upstream::serve(upstream).await;
            let bridge = serve(&mapping, &upstream.url(), &[]).await;
            let answer = bridge.scim.send(&format!("GET /Users/7?{query}"), None).await;
            upstream.assert_followed(&query);
            assert_eq!(answer.status, 200, "{query}: {}", answer.body);
            assert_eq!(names(&answer.body), wanted, "{query}");
            assert!(!answer.body.to_string().contains("pa55-Word"), "{query}: {}", answer.body);
            assert!(answer.body["id"] == "7" && answer.body["schemas"].is_array(), "{query}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn the_password_comes_back_from_no_operation() {
    let record = record();
    let list = || expect("GET /users?page=1").answer(200, &json!({ "rows": [record] }));
    let wanted = Value::Null;
    let case =
        |name, upstream, request, body, status| Case { name, upstream, request, body, status, wanted: wanted.clone() };
    let made = json!({ "login": "ada", "secret": "pa55-Word" });
    let changed = || expect("PATCH /users/7").json(json!({ "secret": "pa55-Word" })).answer(200, &record);
    let password = || patch(&json!([{ "op": "replace", "path": "password", "value": "pa55-Word" }]));
    let cases = vec![
        case("read and asked for", vec![read()], "GET /Users/7?attributes=password,userName", Value::Null, 200),
        case("listed", vec![list()], "GET /Users", Value::Null, 200),
        case("listed and asked for", vec![list()], "GET /Users?attributes=password", Value::Null, 200),
        case(
            "created",
            vec![expect("POST /users").json(made).answer(201, &record)],
            "POST /Users",
            user(json!({ "userName": "ada", "password": "pa55-Word" })),
            201,
        ),
        case("changed", vec![read(), teams(), changed(), read(), teams()], "PATCH /Users/7", password(), 200),
        case(
            "changed and asked for",
            vec![read(), teams(), changed(), read()],
            "PATCH /Users/7?attributes=password",
            password(),
            200,
        ),
    ];
    for case in cases {
        let name = case.name;
        let answer = play_one(&format!("{HEAD}{STREAMED}"), case).await;
        let text = answer.body.to_string();
        assert!(!text.contains("pa55-Word") && !text.contains("\"password\""), "{name}: {text}");
    }
}

#[tokio::test]
async fn the_groups_of_a_user_are_not_for_clients_to_write() {
    let mapping = format!("{HEAD}{STREAMED}");
    let case = |name, upstream, request, body, status, wanted| Case { name, upstream, request, body, status, wanted };
    let renamed = || expect("PATCH /users/7").json(json!({ "first": "Adele" }));
    let mut after = record();
    after["first"] = json!("Adele");
    let groups = json!([{ "value": "4" }]);
    let cases = vec![
        case(
            "named in a path",
            vec![read(), teams()],
            "PATCH /Users/7",
            patch(&json!([{ "op": "add", "path": "groups", "value": groups }])),
            400,
            json!({ "scimType": "mutability" }),
        ),
        case(
            "left out of a value without a path",
            vec![read(), teams(), renamed().answer(200, &after), expect("GET /users/7").answer(200, &after), teams()],
            "PATCH /Users/7",
            patch(&json!([{ "op": "add", "value": { "name": { "givenName": "Adele" }, "groups": groups } }])),
            200,
            json!({ "groups": [{ "value": "3", "display": "Crew" }] }),
        ),
    ];
    for case in cases {
        play_one(&mapping, case).await;
    }
}

#[tokio::test]
async fn each_tenant_announces_its_own() {
    let plain = r#"
[User.attributes]
id = "id"
userName = "login"
[User]
list = { call = "GET /users?page={page}", items = "$.rows[*]" }
"#;
    let upstream = Upstream::serve([]).await;
    let rich = serve(&format!("{HEAD}{STREAMED}"), &upstream.url(), &[]).await;
    let poor = serve(&format!("{HEAD}{plain}"), &upstream.url(), &[]).await;
    let mut seen = Vec::new();
    for bridge in [&rich, &poor] {
        let types = bridge.scim.send("GET /ResourceTypes", None).await.body;
        let schemas = bridge.scim.send("GET /Schemas", None).await.body;
        let config = bridge.scim.send("GET /ServiceProviderConfig", None).await.body;
        for document in types["Resources"].as_array().unwrap().iter().chain(schemas["Resources"].as_array().unwrap()) {
            let location = document["meta"]["location"].as_str().unwrap();
            let target =
                location.strip_prefix(&bridge.base).unwrap_or_else(|| panic!("{location} is another tenant's"));
            assert_eq!(bridge.scim.send(&format!("GET {target}"), None).await.body, *document, "{target}");
        }
        let ids = |list: &Value| -> Vec<String> {
            list["Resources"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
        };
        seen.push((ids(&types), ids(&schemas), config["changePassword"]["supported"].clone()));
    }
    let core = |name: &str| format!("urn:ietf:params:scim:schemas:core:2.0:{name}");
    let acme = "urn:acme:scim:schemas:extension:1.0:User".to_owned();
    let rich = vec![core("User"), URN.to_owned(), acme, core("Group")];
    assert_eq!(seen[0], (vec!["User".to_owned(), "Group".to_owned()], rich, json!(true)));
    assert_eq!(seen[1], (vec!["User".to_owned()], vec![core("User")], json!(false)));
}

#[tokio::test]
async fn two_types_may_share_a_schema_each_with_its_own_attributes() {
    let rules = r#"
[Profile]
schema = "urn:okta:scim:schemas:core:1.0:Entitlement"
endpoint = "/Profiles"
get = "GET /profiles/{id}"
[Profile.attributes]
id = "id"
displayName = "name"
type = { show = "Profile" }
[License]
schema = "urn:okta:scim:schemas:core:1.0:Entitlement"
endpoint = "/Licenses"
get = "GET /licenses/{id}"
[License.attributes]
id = "id"
displayName = "label"
"urn:acme:scim:schemas:extension:1.0:License:seats" = { at = "seats", schema = { type = "integer" } }
"#;
    let upstream = Upstream::serve([
        expect("GET /profiles/p").answer(200, &json!({ "id": "p", "name": "Reader" })),
        expect("GET /licenses/l").answer(200, &json!({ "id": "l", "label": "Voice", "seats": 5 })),
    ])
    .await;
    let bridge = serve(&format!("{HEAD}{rules}"), &upstream.url(), &[]).await;
    let types = bridge.scim.send("GET /ResourceTypes", None).await.body;
    let urn = "urn:okta:scim:schemas:core:1.0:Entitlement";
    let named: Vec<_> =
        types["Resources"].as_array().unwrap().iter().map(|it| (&it["endpoint"], &it["schema"])).collect();
    assert_eq!(named, [(&json!("/Profiles"), &json!(urn)), (&json!("/Licenses"), &json!(urn))]);
    let extensions = &types["Resources"][1]["schemaExtensions"];
    assert_eq!(*extensions, json!([{ "schema": "urn:acme:scim:schemas:extension:1.0:License", "required": false }]));
    let schema = bridge.scim.send(&format!("GET /Schemas/{urn}"), None).await.body;
    let announced: Vec<_> =
        schema["attributes"].as_array().unwrap().iter().map(|it| (&it["name"], &it["mutability"])).collect();
    assert_eq!(announced, [(&json!("displayName"), &json!("readOnly")), (&json!("type"), &json!("readOnly"))]);
    let profile = bridge.scim.send("GET /Profiles/p", None).await.body;
    assert_eq!(
        (&profile["displayName"], &profile["type"], &profile["meta"]["resourceType"]),
        (&json!("Reader"), &json!("Profile"), &json!("Profile"))
    );
    let license = bridge.scim.send("GET /Licenses/l", None).await.body;
    assert_eq!(license["urn:acme:scim:schemas:extension:1.0:License"], json!({ "seats": 5 }));
}
