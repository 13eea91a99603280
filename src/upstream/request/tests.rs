use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::mapping::call::Purpose;
use crate::scim::filter::Operator;
use crate::secret::Secret;
use crate::upstream::sample::{Script, budget, compile, response, upstream};
use crate::upstream::transport::Request;

/// What is sent for a call of a mapping.
async fn sent(text: &str, purpose: Purpose, scope: Scope<'_>) -> Request {
    let (settings, call) = compile(text, purpose);
    let script: Arc<Script> = Script::new([Ok(response(200, &[], "{}"))]);
    upstream(&settings, &script).send(&call, &scope, &budget(45)).await.unwrap();
    script.sent.lock().unwrap().remove(0).1
}

#[tokio::test]
async fn the_address_is_put_together_without_resolving_anything() {
    let (id, cursor) = (json!("a/../b?c"), json!("c/="));
    let filter = [("userName".to_owned(), Operator::Eq, json!("x&y=1"))];
    let scope = Scope {
        id: Some(&id),
        filter: &filter,
        page: Some(2),
        count: Some(50),
        cursor: Some(&cursor),
        ..Scope::default()
    };
    let table = [
        ("a path", r#"call = "GET /users""#, "http://127.0.0.1/v1/users"),
        ("the base itself", r#"call = "POST""#, "http://127.0.0.1/v1"),
        ("a hole in the path", r#"call = "GET /users/{cursor}/x""#, "http://127.0.0.1/v1/users/c%2F%3D/x"),
        ("two slashes", r#"call = "GET //evil.example/x""#, "http://127.0.0.1/v1//evil.example/x"),
        ("literal text is encoded", r#"call = "GET /a b/ü""#, "http://127.0.0.1/v1/a%20b/%C3%BC"),
        ("what is encoded stays", r#"call = "GET /a%20b?q=c%26d""#, "http://127.0.0.1/v1/a%20b?q=c%26d"),
        (
            "parameters",
            r#"call = "GET /u?n={filter.userName}&p={page}&s={count}&$f=a,b""#,
            "http://127.0.0.1/v1/u?n=x%26y%3D1&p=2&s=50&$f=a,b",
        ),
        ("an optional parameter is left out", r#"call = "GET /u?a={filter.title?}&b=1""#, "http://127.0.0.1/v1/u?b=1"),
        ("all parameters are left out", r#"call = "GET /u?a={filter.title?}""#, "http://127.0.0.1/v1/u"),
        (
            "a table of parameters",
            r#"call = "GET /u?a=1", query = { "b c" = "100% {page}", d = "{cursor}" }"#,
            "http://127.0.0.1/v1/u?a=1&b+c=100%25+2&d=c%2F%3D",
        ),
        ("a flag", r#"call = "GET /u?deleted&a=""#, "http://127.0.0.1/v1/u?deleted=&a="),
    ];
    for (name, keys, expected) in table {
        let request = sent(&format!("[User]\nlist = {{ items = \"$[*]\", {keys} }}"), Purpose::List, scope).await;
        assert_eq!(request.url.as_str(), expected, "{name}");
    }
    let request = sent("[User]\nget = \"GET /users/{id}\"", Purpose::Get, scope).await;
    assert_eq!(request.url.as_str(), "http://127.0.0.1/v1/users/a%2F..%2Fb%3Fc");
}

#[tokio::test]
async fn headers_hold_secrets_and_say_so() {
    let text = r#"
headers = { X-Api-Key = "{secret.key}", X-Realm = "{tenant.realm}", X-Time = "{now.epoch_s?}", X-Who = "bridge" }
query = { tenant = "{tenant.name}" }
basic = { user = "{secret.user}", password = "{secret.key}" }
[User]
update = { call = "PATCH /u", headers = { X-Who = "call {id}", X-None = "{scim.title?}" } }
"#;
    let (id, record) = (json!(7), json!({ "a": 1 }));
    let scope = Scope { id: Some(&id), sent: Some(&record), ..Scope::default() };
    let request = sent(text, Purpose::Update, scope).await;
    let mut headers: Vec<_> = request
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap(), value.is_sensitive()))
        .collect();
    headers.sort_unstable();
    let expected = [
        ("accept", "application/json", false),
        ("authorization", "Basic YWRhOnMzY3JldA==", true),
        ("content-type", "application/json", false),
        ("x-api-key", "s3cret", true),
        ("x-realm", "r/1", false),
        ("x-request-id", "t", false),
        ("x-who", "call 7", false),
    ];
    assert_eq!(headers, expected);
    assert_eq!((request.url.query(), request.body.as_deref()), (Some("tenant=acme"), Some(&br#"{"a":1}"#[..])));
}

#[tokio::test]
async fn a_form_says_that_it_is_one() {
    let record = json!({ "name": "Ada L" });
    let text = "format = \"form\"\n[User]\ncreate = \"POST /u\"";
    let request = sent(text, Purpose::Create, Scope { sent: Some(&record), ..Scope::default() }).await;
    assert_eq!(request.headers[CONTENT_TYPE], "application/x-www-form-urlencoded");
    assert_eq!(request.body.as_deref(), Some(&b"name=Ada+L"[..]));
}

#[test]
fn a_next_url_goes_nowhere_else() {
    let (settings, call) =
        compile("[User]\nlist = { call = \"GET /u\", items = \"$[*]\", next = \"$.next\" }", Purpose::List);
    let base = Base::new(&settings, None, &Surroundings::default()).unwrap();
    let url = |cursor: &str| {
        let cursor = json!(cursor);
        base.fill(&call, &Scope { cursor: Some(&cursor), ..Scope::default() }).map(|filled| filled.url.to_string())
    };
    assert_eq!(url("http://127.0.0.1/other?page=2"), Ok("http://127.0.0.1/other?page=2".to_owned()));
    for foreign in ["http://evil.example/", "https://127.0.0.1/", "http://127.0.0.1:8080/", "/relative"] {
        assert_eq!(url(foreign), Err(FillError::Unfit("cursor".into(), "URL")), "{foreign}");
    }
}

#[test]
fn a_base_url_that_is_not_allowed_is_refused() {
    let (settings, _) = compile("[User]\nget = \"GET /u\"", Purpose::Get);
    let surroundings = || Surroundings {
        tenant: "t".into(),
        secrets: [("s".into(), Secret::new("line\nbreak"))].into(),
        ..Surroundings::default()
    };
    let table = [
        ("https", "https://api.example/v1", true),
        ("a tenant in the path", "https://api.example/{tenant.name}", true),
        ("http on loopback", "http://localhost:8080", true),
        ("http elsewhere", "http://api.example/v1", false),
        ("no scheme", "api.example/v1", false),
        ("a file", "file:///etc/passwd", false),
        ("a query", "https://api.example/v1?a=1", false),
        ("credentials", "https://a:b@api.example/v1", false),
        ("an unknown variable", "https://api.example/{tenant.realm}", false),
    ];
    for (name, url, expected) in table {
        let base = Base::new(&settings, Some(url), &surroundings());
        assert_eq!(base.is_ok(), expected, "{name}: {base:?}");
    }
    let (insecure, _) = compile("insecure = true\n[User]\nget = \"GET /u\"", Purpose::Get);
    assert!(Base::new(&insecure, Some("http://api.example/v1"), &surroundings()).is_ok());
}

#[test]
fn a_secret_that_cannot_be_sent_is_told_without_its_value() {
    let (settings, _) = compile("headers = { X-Key = \"{secret.s}\" }\n[User]\nget = \"GET /u\"", Purpose::Get);
    for (name, secrets) in [("missing", vec![]), ("a line break", vec![("s".to_owned(), Secret::new("line\nbreak"))])] {
        let surroundings = Surroundings { secrets: secrets.into_iter().collect(), ..Surroundings::default() };
        let error = Base::new(&settings, None, &surroundings).unwrap_err();
        assert!(error.contains("secret.s") && error.contains("x-key") && !error.contains("line"), "{name}: {error}");
    }
}

#[test]
fn an_upstream_that_would_sign_with_nothing_is_not_opened() {
    let text = "sign = { header = \"X-Sign\", key = \"{secret.sign}\" }\n[User]\nget = \"GET /u\"";
    let settings = compile(text, Purpose::Get).0;
    for (secret, refused) in [("", true), ("s3cret", false)] {
        let secrets = [("sign".to_owned(), Secret::new(secret))].into();
        let surroundings = Surroundings { secrets, ..Surroundings::default() };
        let base = Base::new(&settings, None, &surroundings);
        assert_eq!(base.err(), refused.then(|| "the key of `sign` is empty".to_owned()));
    }
}
