//! What is recorded can be played, and speaks of nobody.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use scim_bridge::demo::{self, Api, Seed};
use scim_bridge::http::{Limits, Server, Tenant, Tenants};
use scim_bridge::mapping::compile;
use scim_bridge::mapping::diagnostic::{Diagnostics, Style};
use scim_bridge::mapping::scope::Surroundings;
use scim_bridge::mapping::source::Source;
use scim_bridge::record::{Desk, Recording, Writer};
use scim_bridge::secret::Secret;
use scim_bridge::telemetry::Metrics;
use scim_bridge::transcript::Suite;
use scim_bridge::transcript::suite::{files, play_all};
use scim_bridge::upstream::transport::HttpTransport;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::support::bridge::TOKEN;
use crate::support::case::{patch, replace, user};
use crate::support::client::Client;
use crate::support::upstream::{Upstream, expect};

/// A bridge that is recorded into a folder of its own.
struct Recorded {
    scim: Client,
    folder: PathBuf,
    mapping: PathBuf,
    told: Arc<Mutex<Vec<String>>>,
    desk: Arc<Desk>,
    stop: oneshot::Sender<()>,
    server: tokio::task::JoinHandle<scim_bridge::http::Drained>,
}

async fn record(name: &str, mapping: &str, url: &str, secrets: &[(&str, &str)]) -> Recorded {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("record").join(name);
    let _ = std::fs::remove_dir_all(&root);
    let folder = root.join("recorded");
    std::fs::create_dir_all(&root).unwrap();
    let path = root.join("mapping.toml");
    std::fs::write(&path, mapping).unwrap();
    let source = Source::read(&path).unwrap();
    let mut found = Diagnostics::new(&source.path);
    let mapping = compile::load(&source, &mut found).unwrap_or_else(|| panic!("{:?}", found.found));

    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = Arc::clone(&told);
    let writer = Writer::new(&folder, move |line| telling.lock().unwrap().push(line.to_owned())).unwrap();
    let desk = Arc::new(Desk::new(writer));
    let secrets = secrets.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value)));
    let surroundings =
        Surroundings { tenant: "acme".to_owned(), secrets: secrets.collect(), ..Surroundings::default() };
    let tenants = Arc::new(ArcSwap::from_pointee(Tenants::new([])));
    let any = "127.0.0.1:0".parse().unwrap();
    let server = Server::bind(any, Arc::clone(&tenants), Limits::default(), Arc::new(Metrics::new())).await.unwrap();
    let base = format!("http://{}/scim/v2", server.local_addr());
    let transport = Arc::new(HttpTransport::new().unwrap());
    let recording =
        Recording::new((&mapping, &source), surroundings, (Some(url), "/scim/v2", &base), (transport, &desk)).unwrap();
    tenants.store(Arc::new(Tenants::new([Tenant::new("acme", "/scim/v2", &[Secret::new(TOKEN)], recording)])));
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async {
        let _ = stopped.await;
    };
    let server = server.observed(Arc::<Desk>::clone(&desk));
    let server = tokio::spawn(server.run(shutdown, std::future::pending()));
    Recorded { scim: Client::new(&base, TOKEN), folder, mapping: path, told, desk, stop, server }
}

impl Recorded {
    /// Ends the recording; every file must be followed when it is played, and hold none of these texts.
    async fn check(self, requests: usize, originals: &[&str]) {
        drop(self.stop);
        self.server.await.unwrap();
        let desk = self.desk;
        tokio::task::spawn_blocking(move || desk.close()).await.unwrap();
        let told = self.told.lock().unwrap();
        assert!(told.len() == requests && told.iter().all(|line| !line.contains(' ')), "{told:#?}");
        let files = files(&self.folder);
        assert_eq!(files.len(), requests);
        let suite = Suite::load(&self.mapping, &files);
        assert_eq!(suite.errors().iter().map(|it| it.message.clone()).collect::<Vec<_>>(), Vec::<String>::new());
        let played = play_all(&[suite]).unwrap();
        let failed: Vec<String> = played.iter().filter_map(|played| played.report(Style::Plain)).collect();
        assert!(failed.is_empty() && played.len() == requests, "{}", failed.join("\n"));
        for path in files {
            let text = std::fs::read_to_string(&path).unwrap();
            let lower = text.to_lowercase();
            for original in originals {
                assert!(!lower.contains(&original.to_lowercase()), "{} holds {original}:\n{text}", path.display());
            }
            assert!(!lower.contains("authorization"), "{text}");
        }
    }
}

/// Of a password not even the length or the kind of its signs is told.
fn assert_passwords_are_alike(folder: &Path) {
    let texts: Vec<String> = files(folder).iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let passwords: Vec<&str> = texts
        .iter()
        .flat_map(|text| text.split("password\":").skip(1))
        .map(|rest| rest.trim_start().trim_start_matches('"').split('"').next().unwrap())
        .collect();
    assert!(passwords.len() >= 4 && passwords.iter().all(|password| *password == "a-password"), "{passwords:?}");
}

#[tokio::test]
async fn a_session_over_the_demo_plays_and_names_nobody() {
    let api = Api::bind("127.0.0.1:0".parse().unwrap(), Seed::Company).await.unwrap();
    let url = api.url();
    let (_stop_api, stopped) = oneshot::channel::<()>();
    tokio::spawn(api.run(async {
        let _ = stopped.await;
    }));
    let recorded = record("demo", demo::MAPPING, &url, &[("staff_key", demo::api::KEY)]).await;
    let zoe = user(json!({
        "userName": "zoe@acme.example", "name": { "givenName": "Zoë", "familyName": "McDonald" },
        "displayName": "Zoë McDonald", "emails": [{ "primary": true, "value": "zoe@acme.example", "type": "work" }],
        "phoneNumbers": [{ "value": "+44 7700 900123", "type": "mobile" }], "externalId": "00ujl29u0le5T6Aj10h7",
        "locale": "en-US", "password": "S3cret-of-Zoe", "active": true, "groups": []
    }));
    let group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Falconers",
        "members": [{ "value": "17", "display": "Quentin" }]
    });
    let members = patch(&json!([
        { "op": "add", "path": "members", "value": [{ "value": "17", "display": "Quentin" }] },
        { "op": "remove", "path": "members[value eq \"3\"]" }
    ]));
    let profile = replace(&json!({
        "name": { "familyName": "Lovelace" },
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
            { "department": "Falconry", "employeeNumber": "E-4711", "manager": { "value": "2" } }
    }));
    let email = patch(&json!([
        { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "q.lovelace@acme.example" }
    ]));
    let requests: Vec<(&str, Option<Value>, u16)> = vec![
        ("GET /Users?startIndex=1&count=2", None, 200),
        ("GET /Users?filter=userName%20eq%20%22zoe%40acme.example%22", None, 200),
        ("POST /Users", Some(zoe.clone()), 201),
        ("POST /Users", Some(zoe), 409),
        ("PATCH /Users/17", Some(replace(&json!({ "active": false }))), 200),
        ("PATCH /Users/17", Some(profile), 200),
        ("PATCH /Users/17", Some(email), 200),
        ("PATCH /Users/17", Some(replace(&json!({ "password": "An0ther-one" }))), 200),
        ("GET /Users/17", None, 200),
        ("GET /Users/9999", None, 404),
        ("GET /Users/ada", None, 404),
        ("GET /Users?filter=name.familyName%20eq%20%22Lovelace%22", None, 200),
        ("GET /Groups?startIndex=1&count=100", None, 200),
        ("GET /Groups/203", None, 200),
        ("POST /Groups", Some(group), 201),
        ("PATCH /Groups/203", Some(members), 204),
        ("DELETE /Users/18", None, 204),
    ];
    let count = requests.len();
    for (line, body, status) in requests {
        let answer = recorded.scim.send(line, body.as_ref()).await;
        assert_eq!(answer.status, status, "{line}: {}", answer.body);
    }
    // Discovery speaks of nobody and calls nothing.
    assert_eq!(recorded.scim.send("GET /Schemas", None).await.status, 200);
    let names = ["zoe", "zoë", "mcdonald", "quentin", "lovelace", "byrne", "hartwell", "falcon", "acme.example"];
    let others = ["900123", "4711", "s3cret", "an0ther", "00ujl29u0le5T6Aj10h7", demo::api::KEY, "127.0.0.1:"];
    let folder = recorded.folder.clone();
    recorded.check(count, &[names.as_slice(), others.as_slice()].concat()).await;
    assert_passwords_are_alike(&folder);
}

#[tokio::test]
async fn operations_of_a_bulk_request_are_written_down_each_and_nothing_that_depends_on_a_version() {
    let api = Api::bind("127.0.0.1:0".parse().unwrap(), Seed::Company).await.unwrap();
    let url = api.url();
    let (_stop_api, stopped) = oneshot::channel::<()>();
    tokio::spawn(api.run(async {
        let _ = stopped.await;
    }));
    let recorded = record("bulk", demo::MAPPING, &url, &[("staff_key", demo::api::KEY)]).await;
    let bulk = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{ "method": "DELETE", "path": "/Users/18" }, { "method": "DELETE", "path": "/Users/19" }]
    });
    assert_eq!(recorded.scim.send("POST /Bulk", Some(&bulk)).await.status, 200);
    let known = recorded.scim.send_if("GET /Users/17", ("If-None-Match", "*"), None).await;
    assert_eq!(known.status, 304);
    recorded.check(2, &[demo::api::KEY]).await;
}

/// Ids that are names, text made of other text, and values drawn by chance.
const PORTAL: &str = r#"
scim_bridge = 1
[upstream]
url     = "https://portal.example/{tenant.name}"
headers = { X-Key = "{secret.portal_key}" }
[[upstream.errors]]
when   = "$.status == 409 && search($.body.error, 'already taken')"
then   = "uniqueness"
detail = "{body.error}"
[User.attributes]
id           = { at = "account", text = 'CORP\{}' }
userName     = { at = "account", text = 'CORP\{}', case = "lower", mutability = "immutable" }
name         = { at = "full", text = "{givenName*} {familyName}" }
displayName  = { show = "{full} ({badge})" }
active       = { at = "state", map = { true = "on", false = ["off", "gone"] } }
password     = { at = "secret", mutability = "writeOnly", default = "{random.24}" }
'emails[type eq "work"].value' = "$.mails[?@.kind == 'office'].address"
"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber" = { at = "number", type = "int" }
[User]
constants = { source = "scim" }
get    = { call = "GET /people/{id}", item = "$.person" }
delete = "DELETE /people/{id}?by={old.full}"
list   = { call = "POST /people/search", body = { account = "{filter.userName}" }, items = "$.found[*]" }
update = { call = "PUT /people/{id}" }
[User.create]
call = "POST /people"
headers = { X-Operation = "{op.id}" }
body = { person = "{record}", token = "{uuid}", at = "{now}" }
item = "$.person"
"#;

#[tokio::test]
async fn names_in_ids_and_values_drawn_by_chance_have_stand_ins_that_play() {
    let person = |state: &str| {
        json!({
            "account": "CORP\\ada", "full": "Ada King Lovelace", "badge": "B-77", "state": state, "number": 480_592,
            "mails": [{ "kind": "office", "address": "ada@corp.example", "checked": "2026-03-01" }],
            "born": "1815-12-10", "rating": 4.5, "source": "scim", "next of kin": { "name": "Byron", "phone": 5_550_199 }
        })
    };
    let upstream = Upstream::serve([
        expect("GET /acme/people/CORP%5Cada").answer(404, &json!({ "error": "no ada here" })),
        expect("POST /acme/people").answer(201, &json!({ "person": person("on") })),
        expect("POST /acme/people").answer(409, &json!({ "error": "Ada Lovelace is already taken, key the-real-key" })),
        expect("GET /acme/people/CORP%5Cada").answer(200, &json!({ "person": person("on") })),
        expect("PUT /acme/people/CORP%5Cada").answer(200, &person("off")),
        expect("GET /acme/people/CORP%5Cada").answer(200, &json!({ "person": person("off") })),
        expect("DELETE /acme/people/CORP%5Cada?by=Ada+King+Lovelace").answer(204, &Value::Null),
    ])
    .await;
    let url = format!("{}/acme", upstream.url().trim_end_matches('/'));
    let recorded = record("portal", PORTAL, &url, &[("portal_key", "the-real-key")]).await;
    let ada = user(json!({
        "userName": "Ada", "name": { "givenName": "Ada King", "familyName": "Lovelace" }, "active": true,
        "emails": [{ "type": "work", "value": "ada@corp.example" }],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "employeeNumber": "480592" }
    }));
    let requests = [
        ("GET /Users?filter=userName%20eq%20%22Ada%22", None, 200),
        ("POST /Users", Some(&ada), 201),
        ("POST /Users", Some(&ada), 409),
        ("PATCH /Users/ada", Some(&replace(&json!({ "active": false }))), 200),
        ("DELETE /Users/ada", None, 204),
    ];
    for (line, body, status) in requests {
        let answer = recorded.scim.send(line, body).await;
        assert_eq!(answer.status, status, "{line}: {}", answer.body);
    }
    upstream.assert_followed("portal");
    let originals = [
        "ada",
        "king",
        "lovelace",
        "byron",
        "corp.example",
        "480592",
        "5550199",
        "1815",
        "B-77",
        "the-real-key",
        "127.0.0.1",
    ];
    recorded.check(5, &originals).await;
}

/// A login whose token stands in a header and in a parameter.
const SESSION: &str = r#"
scim_bridge = 1
[upstream]
url     = "https://portal.example"
headers = { X-Session = "{session.token}" }
query   = { user = "{session.user}" }
[upstream.session]
call    = "POST /login"
body    = { key = "{secret.portal_key}" }
capture = { token = "$.token", user = { header = "X-User", text = "id={};{_}" }, ttl = "$.ttl" }
[User.attributes]
id       = { at = "uid", type = "int" }
userName = "login"
[User]
get = "GET /users/{id}"
"#;

#[tokio::test]
async fn a_login_is_part_of_every_transcript_that_needs_one_and_gives_nothing_away() {
    let login = |token: &str| {
        expect("POST /login")
            .json(json!({ "key": "the-real-key" }))
            .answer(200, &json!({ "token": token, "ttl": 3600 }))
            .answer_header("x-user", "id=the-real-user; Path=/")
    };
    let read = |token: &str, status: u16| {
        expect("GET /users/7?user=the-real-user")
            .header("X-Session", token)
            .answer(status, &json!({ "uid": 7, "login": "ada", "echo": token }))
    };
    let upstream = Upstream::serve([
        login("first-real-token"),
        read("first-real-token", 200),
        read("first-real-token", 200),
        read("first-real-token", 401),
        login("second-real-token"),
        read("second-real-token", 200),
    ])
    .await;
    let recorded = record("session", SESSION, &upstream.url(), &[("portal_key", "the-real-key")]).await;
    for _ in 0..3 {
        let answer = recorded.scim.send("GET /Users/7", None).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    upstream.assert_followed("session");
    recorded.check(3, &["real-token", "the-real", "ada"]).await;
}

/// Ids are numbers in quotes; a create tells the new one and nothing else.
const QUOTED: &str = r#"
scim_bridge = 1
[upstream]
url = "https://portal.example"
[User.attributes]
id       = "uid"
userName = "login"
[User]
get = "GET /users/{id}"
[User.create]
call    = "POST /users"
capture = { id = "$.made[0]" }
"#;

#[tokio::test]
async fn an_id_that_a_create_tells_is_the_one_that_is_read() {
    let upstream = Upstream::serve([
        expect("POST /users").json(json!({ "login": "ada" })).answer(200, &json!({ "made": ["4711"] })),
        expect("GET /users/4711").answer(200, &json!({ "uid": "4711", "login": "ada" })),
    ])
    .await;
    let recorded = record("quoted", QUOTED, &upstream.url(), &[]).await;
    let user = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada" });
    let answer = recorded.scim.send("POST /Users", Some(&user)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    upstream.assert_followed("quoted");
    recorded.check(1, &["ada"]).await;
}
