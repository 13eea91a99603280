//! How a document says that callers prove who they are.

use serde_json::Value;

use crate::init::api::Credential;
use crate::init::curl::is_secret;
use crate::init::openapi::document::Document;

/// The credentials of an operation, or of the whole document; the second part is what no mapping can do by itself.
pub(super) fn read(document: Document<'_>, operation: Option<&Value>) -> (Vec<Credential>, Vec<String>) {
    let schemes = &document.member("components")["securitySchemes"];
    let own = operation.map(|operation| &operation["security"]).filter(|own| own.is_array());
    let required = own.unwrap_or_else(|| document.member("security")).as_array();
    // Each element is one way in; the first that can be gone is taken. Without a word of it, whatever scheme there is.
    let ways = required.into_iter().flatten().filter_map(Value::as_object).filter(|way| !way.is_empty());
    let mut ways: Vec<Vec<&str>> = ways.map(|way| way.keys().map(String::as_str).collect()).collect();
    if ways.is_empty() {
        ways.extend(schemes.as_object().into_iter().flatten().map(|(name, _)| vec![name.as_str()]));
    }
    let mut unknown = Vec::new();
    for way in &ways {
        let found: Vec<_> = way.iter().map(|name| credential(document, &schemes[*name])).collect();
        if let Some(credentials) = found.iter().cloned().collect::<Option<Vec<_>>>() {
            return (credentials, Vec::new());
        }
        unknown.push(format!("the API wants `{}`, which is no way in for a program alone", way.join("` and `")));
    }
    (Vec::new(), unknown.into_iter().take(1).collect())
}

fn credential(document: Document<'_>, scheme: &Value) -> Option<Credential> {
    let scheme: &Value = scheme.get("$ref").map_or(scheme, |_| &Value::Null);
    let name = scheme["name"].as_str().unwrap_or_default().to_owned();
    match (scheme["type"].as_str()?, scheme["in"].as_str(), scheme["scheme"].as_str()) {
        ("apiKey", Some("header"), _) => Some(Credential::Header(name, prefix(scheme))),
        ("apiKey", Some("query"), _) => Some(Credential::Query(name)),
        ("apiKey", Some("cookie"), _) => Some(Credential::Cookie(name)),
        ("http", _, Some(scheme)) if scheme.eq_ignore_ascii_case("basic") => Some(Credential::Basic),
        ("http", _, Some(_)) => Some(bearer()),
        ("oauth2", ..) => {
            let flow = &scheme["flows"]["clientCredentials"];
            let url = flow["tokenUrl"].as_str()?;
            let scopes: Vec<&str> =
                flow["scopes"].as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
            Some(Credential::Client(absolute(document, url), scopes.join(" ")))
        }
        _ => None,
    }
}

/// Keys that an operation takes as plain parameters, as documents without security schemes have them.
pub(super) fn parameters(parameters: &[&Value]) -> Vec<Credential> {
    let of_parameter = |parameter: &&Value| {
        let name = parameter["name"].as_str().filter(|name| is_secret(name))?.to_owned();
        match parameter["in"].as_str()? {
            "header" => Some(Credential::Header(name, String::new())),
            "query" => Some(Credential::Query(name)),
            _ => None,
        }
    };
    parameters.iter().filter_map(of_parameter).collect()
}

/// `Authorization: Bearer …`.
pub(super) fn bearer() -> Credential {
    Credential::Header("Authorization".to_owned(), "Bearer ".to_owned())
}

/// What stands before the key, where the description shows it: `Token abc`.
fn prefix(scheme: &Value) -> String {
    let description = scheme["description"].as_str().unwrap_or_default().to_lowercase();
    let is_authorization = scheme["name"].as_str().is_some_and(|name| name.eq_ignore_ascii_case("authorization"));
    let known = ["Bearer ", "Token ", "ApiKey "];
    let shown = known.iter().find(|word| description.contains(&word.to_lowercase()));
    shown.filter(|_| is_authorization).map_or_else(String::new, |word| (*word).to_owned())
}

/// A URL of the document: relative ones are relative to the server.
pub(super) fn absolute(document: Document<'_>, url: &str) -> String {
    let base = super::server(document).and_then(|base| url::Url::parse(&base).ok());
    match (url::Url::parse(url), base) {
        (Err(_), Some(base)) => base.join(url).map_or_else(|_| url.to_owned(), String::from),
        (Ok(_) | Err(_), _) => url.to_owned(),
    }
}
