//! `init`: drafts of mappings from APIs of different habits, each beside its file, and usable as they are.

use std::path::PathBuf;

use scim_bridge::init::{Draft, Known, draft};
use scim_bridge::mapping::compile::load;
use scim_bridge::mapping::diagnostic::{Diagnostics, Severity, Style, render};
use scim_bridge::mapping::source::Source;
use serde_json::json;

use crate::support::bridge::{self, TOKEN};
use crate::support::client::Client;
use crate::support::golden::{self, root};
use crate::support::program::{folder, run, write};
use crate::support::upstream::{Upstream, expect};

/// A record as somebody would paste it, in the answer that it came in.
const SAMPLE: &str = r#"{ "data": [{ "user_id": 17, "login": "ada", "first": "Ada", "last": "Byrne", "mail": "ada@acme.example",
  "state": "active", "created": 1700000000000, "updated": "2024-03-18 07:45:12", "teams": [{ "id": 3, "name": "Ops" }] }],
  "total": 1 }"#;

/// A line as somebody would paste it.
const CURL: &str = "curl -H 'X-Api-Key: K-123' 'https://api.acme.example/v1/accounts?page=1&per_page=50'";

fn file(name: &str) -> String {
    std::fs::read_to_string(root().join("tests/init").join(name)).unwrap()
}

fn of_file(name: &str) -> Draft {
    draft(&Known { name: "acme".to_owned(), openapi: Some(file(name)), ..Known::default() }).unwrap()
}

fn of_sample_and_curl() -> Draft {
    let known = Known {
        name: "acme".to_owned(),
        curl: Some(CURL.to_owned()),
        sample: Some(SAMPLE.to_owned()),
        ..Known::default()
    };
    draft(&known).unwrap()
}

/// Every draft by the name of its golden file.
fn drafts() -> Vec<(&'static str, Draft)> {
    let files = ["spring.yaml", "rails.json", "jsonapi.yaml", "awkward.yaml", "realms.yaml"];
    let mut drafts: Vec<_> = files.into_iter().map(|name| (name.split('.').next().unwrap(), of_file(name))).collect();
    drafts.push(("sample", of_sample_and_curl()));
    drafts.push(("nothing", draft(&Known { name: "acme".to_owned(), ..Known::default() }).unwrap()));
    drafts
}

#[test]
fn each_draft_is_as_written_beside_its_file() {
    golden::hold(drafts().into_iter().flat_map(|(name, draft)| {
        let path = |end: &str| PathBuf::from(format!("tests/init/{name}.{end}.toml"));
        [(path("mapping"), draft.mapping), (path("config"), draft.settings)]
    }));
}

#[test]
fn a_draft_has_no_errors_and_says_how_much_is_unknown() {
    for (name, draft) in drafts() {
        let source = Source::new(name, &draft.mapping);
        let mut found = Diagnostics::new(name);
        load(&source, &mut found);
        let errors = found.found.iter().any(|finding| finding.code.severity() == Severity::Error);
        assert!(!errors, "{}", render(&found.found, &[&source], Style::Plain));
        assert_eq!(
            draft.mapping.matches("UNKNOWN:").count() + draft.mapping.matches("UNKNOWN the").count(),
            draft.unknown,
            "{name}"
        );
    }
}

#[test]
fn no_secret_of_a_curl_line_is_written() {
    let draft = of_sample_and_curl();
    assert!(!draft.mapping.contains("K-123") && !draft.settings.contains("K-123"));
    assert!(draft.settings.contains("acme_key = { env = \"ACME_KEY\" }"));
}

#[tokio::test]
async fn the_draft_of_a_spring_api_serves_it() {
    let user = |status: &str| json!({ "id": 7, "username": "ada", "email": "ada@acme.example", "status": status });
    let upstream = Upstream::serve([
        expect("GET /users?username=ada&page=0&size=200")
            .header("Authorization", "Bearer token-of-the-draft")
            .answer(200, &json!({ "content": [user("ACTIVE")], "totalElements": 1 })),
        expect("GET /users/7").answer(200, &user("ACTIVE")),
        expect("POST /users/7/disable").answer(204, &json!(null)),
        expect("GET /users/7").answer(200, &user("DISABLED")),
    ])
    .await;
    let mapping = of_file("spring.yaml").mapping;
    let served = bridge::serve(&mapping, &upstream.url(), &[("acme_token", "token-of-the-draft")]).await;
    let client = Client::new(&served.base, TOKEN);
    let found = client.send("GET /Users?filter=userName%20eq%20%22ada%22", None).await;
    assert_eq!(found.body["Resources"][0]["id"], "7", "{}", found.body);
    let change = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{ "op": "replace", "value": { "active": false } }] });
    let changed = client.send("PATCH /Users/7", Some(&change)).await;
    assert_eq!((changed.status, &changed.body["active"]), (200, &json!(false)), "{}", changed.body);
}

#[test]
fn a_mapping_that_is_there_is_never_overwritten() {
    let folder = folder("init");
    write(&folder, "user.json", SAMPLE);
    let arguments = ["init", "acme", "--sample", "user.json", "--curl", CURL];
    let first = run(&folder, &arguments);
    assert_eq!((first.code, first.words.as_str()), (0, ""));
    assert!(
        first.out.starts_with("mappings/acme/mapping.toml is written. 3 places in it are marked UNKNOWN.\n"),
        "{}",
        first.out
    );
    assert!(first.out.contains("\n[secrets]\nacme_key = "), "{}", first.out);
    let written = std::fs::read_to_string(folder.join("mappings/acme/mapping.toml")).unwrap();
    assert_eq!(written, of_sample_and_curl().mapping);

    write(&folder, "mappings/acme/mapping.toml", "mine");
    let second = run(&folder, &arguments);
    assert_eq!((second.code, second.out.as_str()), (1, ""));
    assert_eq!(second.words, "error: mappings/acme/mapping.toml is there already; nothing was changed\n");
    assert_eq!(std::fs::read_to_string(folder.join("mappings/acme/mapping.toml")).unwrap(), "mine");
    assert_eq!(run(&folder, &["init", "other", "--out", "elsewhere"]).code, 0);
    assert!(folder.join("elsewhere/other/mapping.toml").is_file());
}

#[test]
fn what_cannot_be_read_is_said_in_one_sentence_and_nothing_is_written() {
    let folder = folder("init-refused");
    write(&folder, "swagger.json", r#"{ "swagger": "2.0", "paths": {} }"#);
    write(&folder, "orders.json", r#"{ "openapi": "3.0.0", "paths": { "/orders": { "get": {} } } }"#);
    write(&folder, "bad.yaml", "a: [1\nb: }");
    write(&folder, "list.json", "[]");
    write(&folder, "empty.yaml", "\n");
    write(&folder, "page.html", "<!DOCTYPE html><title>Swagger UI</title>");
    write(&folder, "later.yaml", "openapi: 4.0.0\npaths: {}");
    write(&folder, "parts.yaml", "openapi: 3.0.0\npaths: { /users: { $ref: paths/users.yaml } }");
    let cases = [
        (["--openapi", "none.json"], "none.json cannot be read", 1),
        (["--openapi", "swagger.json"], "the OpenAPI file: this is Swagger 2", 1),
        (["--openapi", "orders.json"], "the OpenAPI file: no path of this document", 1),
        (["--openapi", "bad.yaml"], "the OpenAPI file: this is neither JSON nor YAML", 1),
        (["--openapi", "empty.yaml"], "the OpenAPI file: this file is empty", 1),
        (["--openapi", "page.html"], "the OpenAPI file: this is a web page or XML: the document itself often", 1),
        (["--openapi", "later.yaml"], "the OpenAPI file: this is OpenAPI 4.0.0: documents of version 3", 1),
        (
            ["--openapi", "parts.yaml"],
            "the OpenAPI file: no path of this document reads users, accounts, people or groups; the document leans on \
             other files (`paths/users.yaml`)",
            1,
        ),
        (["--sample", "list.json"], "the sample: the sample holds no record", 1),
        (["--sample", "bad.yaml"], "the sample is not JSON", 1),
        (["--curl", "curl 'x"], "the curl line: the quotes", 1),
    ];
    for (arguments, words, code) in cases {
        let ended = run(&folder, &[&["init", "acme"], arguments.as_slice()].concat());
        assert_eq!(ended.code, code);
        assert!(ended.words.starts_with(&format!("error: {words}")), "{}", ended.words);
    }
    for name in ["Acme", "../acme", "", "a b"] {
        assert_eq!(run(&folder, &["init", name]).code, 2, "{name}");
    }
    assert!(!folder.join("mappings").exists());
}

/// The mapping drafted from the text of a document.
fn of_text(text: &str) -> String {
    draft(&Known { name: "acme".to_owned(), openapi: Some(text.to_owned()), ..Known::default() }).unwrap().mapping
}

/// A document of version 3.1, the number, whose users have these fields and whose create must be given these.
fn users(fields: &str, create: &str) -> String {
    let answer =
        |schema: &str| format!("responses: {{ '200': {{ content: {{ application/json: {{ schema: {schema} }} }} }} }}");
    format!(
        "openapi: 3.1\nservers: [{{ url: /api/v2/ }}]\npaths:\n  /users:\n    get: {{ {} }}\n    post:\n      {}\n      requestBody: {{ content: {{ \
         application/json: {{ schema: {create} }} }} }}\n  /users/{{id}}: {{ get: {{ {} }} }}\n",
        answer(&format!("{{ type: array, items: {{ type: object, properties: {fields} }} }}")),
        answer(&format!("{{ type: object, properties: {fields} }}")),
        answer(&format!("{{ type: object, properties: {fields} }}")),
    )
}

#[test]
fn a_server_without_a_host_leaves_its_path_in_the_url() {
    let mapping = of_text(&users("{ id: {}, login: {} }", "{}"));
    assert!(
        mapping.contains(
            "# UNKNOWN: the base URL; all paths below are appended to it.\nurl = \"https://api.example.com/api/v2\"\n"
        ),
        "{mapping}"
    );
}

#[test]
fn a_document_that_does_not_say_who_may_come_in_has_that_marked() {
    let without = of_text(&users("{ id: {}, login: {} }", "{}"));
    assert!(without.contains("# UNKNOWN: no field says who may come in"), "{without}");
    let read_only = of_text(&users("{ id: {}, login: {}, active: { type: boolean } }", "{}"));
    assert!(
        read_only.contains("# UNKNOWN: no call shuts anybody out: how does your API do it?\nactive"),
        "{read_only}"
    );
}

#[test]
fn a_value_that_everybody_gets_is_a_question_and_no_power_is_given_by_a_guess() {
    let create = "{ type: object, required: [login, role, plan, kind, site], properties: { login: {}, role: { enum: [admin, \
                  viewer] }, plan: { enum: [a, b], default: b }, kind: { enum: [person] }, site: { example: HQ } } }";
    let mapping = of_text(&users("{ id: {}, login: {} }", create));
    let wanted = "[User]\n# UNKNOWN: a create must say `role`: which one gets everybody? One of \"admin\", \"viewer\".\n\
                  # UNKNOWN: a create must say `site`: which one gets everybody?\n\
                  constants = { role = \"viewer\", plan = \"b\", kind = \"person\", site = \"HQ\" }\n";
    assert!(mapping.contains(wanted), "{mapping}");
}

#[test]
fn a_document_in_several_files_says_which_of_them_were_not_read() {
    let mapping = of_text(&users("{ id: {}, login: {}, team: { $ref: 'schemas/team.yaml#/Team' } }", "{}"));
    assert!(mapping.contains("# UNKNOWN: the document leans on other files (`schemas/team.yaml`)"), "{mapping}");
}

#[test]
fn odd_documents_are_drafted_or_refused_and_nothing_worse() {
    let odd = [
        r#"{ "openapi": "3.0.0" }"#,
        r#"{ "openapi": "3.0.0", "paths": [] }"#,
        r#"{ "openapi": "3.0.0", "paths": { "/users": { "get": true } } }"#,
        r#"{ "openapi": "3.0.0", "paths": { "/users": { "get": {} }, "/users/{}": { "get": {} }, "//": { "get": {} } } }"#,
        r##"{ "openapi": "3.0.0", "paths": { "/users": { "$ref": "#/paths/~1users" } } }"##,
        r##"{ "openapi": "3.0.0", "servers": [{ "url": "/" }], "paths": { "/users": { "get": { "responses": { "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/U" } } } } } } } },
             "components": { "schemas": { "U": { "properties": { "u": { "$ref": "#/components/schemas/U" }, "id": {}, "na'me": { "enum": [] }, "status": { "enum": [null, 1, "x"] } }, "items": { "$ref": "#/components/schemas/U" } } } } }"##,
        "openapi: 3.0.0\npaths: { /users: { get: { responses: { 200: { content: { application/json: { schema: { type: array, items: { type: object, properties: { 'id': {}, \"lo\\\"gin\": {}, 'e{mail}': {} } } } } } } } } } }",
        "openapi: 3.0.0\npaths: &p { /users: { get: { x: no } } }\nx: { <<: *p }",
    ];
    let laughing = (1..12).fold("openapi: 3.0.0\nl0: &l0 [x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, number| {
        let last = format!("*l{}, ", number - 1).repeat(9);
        format!("{text}l{number}: &l{number} [{}]\n", last.trim_end_matches(", "))
    });
    for text in odd.into_iter().chain([laughing.as_str()]) {
        let known = Known { name: "odd".to_owned(), openapi: Some(text.to_owned()), ..Known::default() };
        let Ok(draft) = draft(&known) else { continue };
        let mut found = Diagnostics::new("odd");
        load(&Source::new("odd", &draft.mapping), &mut found);
        let errors: Vec<_> = found.found.iter().filter(|finding| finding.code.severity() == Severity::Error).collect();
        assert!(errors.is_empty(), "{}\n{errors:#?}", draft.mapping);
    }
}
