//! What an OpenAPI 3 document tells of users and groups.

use serde_json::Value;

use crate::init::api::{Api, Resource};
use crate::init::envelope::beside;
use crate::init::words::{Noun, Verb};

mod document;
mod membership;
mod operations;
mod requests;
mod security;

use document::Document;
use operations::{About, Operation, Role};

/// Reads a document, JSON or YAML.
///
/// # Errors
/// One sentence: it is neither, or no OpenAPI 3 document.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    if let Ok(value) = serde_json::from_str(text) {
        return Ok(value);
    }
    match text.trim_start().chars().next() {
        None => return Err("this file is empty".to_owned()),
        Some('<') => {
            return Err("this is a web page or XML: the document itself often stands at /openapi.json, \
                        /swagger.json or /v3/api-docs"
                .to_owned());
        }
        Some(_) => {}
    }
    // Words such as `no` and `on` stay words: they are values of fields, not booleans.
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(text, options)
        .map_err(|error| format!("this is neither JSON nor YAML: {error}"))
}

/// What a document tells.
///
/// # Errors
/// One sentence: it is no OpenAPI 3 document, or nothing in it is about users.
pub(super) fn read(root: &Value) -> Result<Api, String> {
    let document = Document::new(root)?;
    let operations = operations::all(document);
    let resources: Vec<Resource> =
        [Noun::User, Noun::Group].into_iter().filter_map(|noun| resource(document, &operations, noun)).collect();
    let elsewhere = document.elsewhere().map(|file| {
        format!("the document leans on other files (`{file}`), which are not read: bundle it into one first (redocly bundle)")
    });
    if resources.is_empty() {
        let hint = elsewhere.map_or_else(String::new, |hint| format!("; {hint}"));
        return Err(format!("no path of this document reads users, accounts, people or groups{hint}"));
    }
    let of_users = operations::of_noun(&operations, Noun::User);
    let (mut credentials, mut unknown) = security::read(document, of_users.first().map(|about| about.operation.value));
    if let Some(about) = of_users.first().filter(|_| credentials.is_empty()) {
        credentials = security::parameters(&about.operation.parameters);
        if !credentials.is_empty() {
            unknown.clear();
        }
    }
    unknown.extend(elsewhere);
    let create = of_users.iter().find(|about| about.role == Role::Of(Verb::Create));
    let answers = create.map_or(&Value::Null, |about| &about.operation.value["responses"]);
    let refusals = ["409", "422", "400", "4XX", "default"].map(|status| document.content(&answers[status]));
    let texts = ["message", "detail", "errordescription", "errormessage", "title", "error"];
    let refusal = refusals.iter().find_map(|refusal| beside(refusal, &texts, &["string"])).map(|(path, _)| path);
    let info = document.member("info");
    let named = |name: &str| info[name].as_str().unwrap_or_default();
    Ok(Api {
        sources: vec![format!("{} {}", named("title"), named("version")).trim().to_owned()],
        url: server(document),
        path: path(document),
        credentials,
        conflict: answers["409"].is_object(),
        refusal,
        resources,
        unknown,
        ..Api::default()
    })
}

/// The base URL: of the first server; `None` where it has no host.
fn server(document: Document<'_>) -> Option<String> {
    first_server(document).filter(|url| url.starts_with("http://") || url.starts_with("https://"))
}

/// The path of a first server that has no host: `/v1`.
fn path(document: Document<'_>) -> String {
    first_server(document).filter(|url| url.starts_with('/') && !url.starts_with("//")).unwrap_or_default()
}

/// The URL of the first server, with the defaults of its variables.
fn first_server(document: Document<'_>) -> Option<String> {
    let server = document.member("servers").get(0)?;
    let mut url = server["url"].as_str()?.to_owned();
    for (name, variable) in server["variables"].as_object().into_iter().flatten() {
        url = url.replace(&format!("{{{name}}}"), variable["default"].as_str().unwrap_or_default());
    }
    Some(url.trim_end_matches('/').to_owned())
}

/// One resource type; `None` where the document has no such endpoints.
fn resource<'d>(document: Document<'d>, operations: &[Operation<'d>], noun: Noun) -> Option<Resource> {
    let about: Vec<About<'d>> = operations::of_noun(operations, noun);
    if about.is_empty() {
        return None;
    }
    let mut resource = requests::resource(document, &about, noun);
    if noun == Noun::Group {
        membership::complete(operations, &mut resource);
    }
    Some(resource)
}
