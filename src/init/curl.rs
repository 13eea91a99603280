//! What a curl line that works tells: the URL, who asks, the form of a body.

use serde_json::{Map, Value};
use url::Url;

use crate::init::api::{Api, Call, Credential, Listing, Resource};
use crate::init::envelope;
use crate::init::paging::{self, Parameter};
use crate::init::shape::{self, schema_of};
use crate::init::words::{Noun, normal, split};

/// A curl line.
#[derive(Debug, Default)]
struct Curl {
    url: Option<String>,
    headers: Vec<(String, String)>,
    basic: bool,
    data: Option<String>,
}

/// Puts what a curl line tells into what is known; secrets in it go nowhere.
///
/// # Errors
/// One sentence: the quotes are not closed, or there is no URL.
pub(super) fn read(line: &str, api: &mut Api) -> Result<(), String> {
    let curl = parse(line)?;
    let text = curl.url.clone().ok_or("there is no URL in the curl line")?;
    let text = if text.contains("://") { text } else { format!("https://{text}") };
    let url = Url::parse(&text).map_err(|error| format!("`{text}` is no URL: {error}"))?;
    let body = curl.data.as_deref().map(|data| (body(data), data.trim_start().starts_with(['{', '['])));
    credentials(&curl, &url, api);
    api.form |= body.as_ref().is_some_and(|(_, is_json)| !is_json);
    let segments: Vec<&str> = url.path_segments().into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let noun_at = |noun: Noun| segments.iter().rposition(|segment| noun.rank(&split(segment).concat()).is_some());
    let found = [Noun::User, Noun::Group].into_iter().find_map(|noun| Some((noun, noun_at(noun)?)));
    let (noun, at) = found.unwrap_or((Noun::User, segments.len().saturating_sub(1)));
    let base = segments.get(..at).unwrap_or_default().join("/");
    let origin = url.origin().ascii_serialization();
    api.url = Some(if base.is_empty() { origin } else { format!("{origin}/{base}") });
    api.sources.push("a curl line".to_owned());
    if api.resources.iter().all(|resource| resource.noun != noun) {
        let collection = segments.get(at).copied().unwrap_or("users");
        api.resources.push(usual(noun, collection));
        api.unknown.push(format!("the calls are those of most APIs with `/{collection}`: hold them against yours"));
    }
    let Some(resource) = api.resources.iter_mut().find(|resource| resource.noun == noun) else { return Ok(()) };
    if let Some((body, _)) = body {
        let schema = schema_of(&body);
        let (_, record) = envelope::record(&schema, noun);
        resource.record = shape::with_example(std::mem::take(&mut resource.record), &shape::fields(record));
    }
    let parameters: Vec<Parameter> = url
        .query_pairs()
        .filter(|(name, _)| !is_secret(name))
        .map(|(name, value)| Parameter { name: name.into_owned(), schema: example(&value), required: false })
        .collect();
    if let Some(listing) = resource.list.as_mut().filter(|listing| listing.paging.is_empty() && !parameters.is_empty())
    {
        paging::read(listing, &parameters, &Value::Null, &[]);
        // The example's page is any page, not the first one.
        listing.first = listing.first.filter(|first| *first == 0);
    }
    Ok(())
}

fn example(value: &str) -> Value {
    let value = value.parse::<u64>().map_or_else(|_| Value::from(value), Value::from);
    schema_of(&value)
}

/// The words of the line.
fn parse(line: &str) -> Result<Curl, String> {
    let line = line.replace("\\\r\n", " ").replace("\\\n", " ");
    let words = shlex::split(&line).ok_or("the quotes of the curl line are not closed")?;
    let mut curl = Curl::default();
    let mut words = words.into_iter().skip_while(|word| word == "$" || word == "curl");
    while let Some(word) = words.next() {
        // `--header=x` and `-Hx` are `--header x` and `-H x`.
        let (option, glued) = match word.split_once('=') {
            Some((option, value)) if option.starts_with("--") => (option.to_owned(), Some(value.to_owned())),
            _ if word.len() > 2 && word.starts_with('-') && !word.starts_with("--") && word.is_char_boundary(2) => {
                (word[..2].to_owned(), Some(word[2..].to_owned()))
            }
            _ => (word.clone(), None),
        };
        let mut value = || glued.clone().or_else(|| words.next());
        match option.as_str() {
            "-H" | "--header" => {
                if let Some((name, value)) = value().as_deref().and_then(|header| header.split_once(':')) {
                    curl.headers.push((name.trim().to_owned(), value.trim().to_owned()));
                }
            }
            "-b" | "--cookie" => curl.headers.extend(value().map(|cookie| ("Cookie".to_owned(), cookie))),
            "-u" | "--user" => curl.basic = value().is_some(),
            "-d" | "--data" | "--data-raw" | "--data-binary" | "--data-ascii" | "--json" | "--data-urlencode" => {
                let more = value().unwrap_or_default();
                curl.data = Some(curl.data.map_or_else(|| more.clone(), |data| format!("{data}&{more}")));
            }
            "--url" => curl.url = value(),
            "-X" | "--request" | "-A" | "--user-agent" | "-o" | "--output" | "-e" | "--referer" | "-m"
            | "--max-time" => {
                value();
            }
            other if !other.starts_with('-') => curl.url = curl.url.or(Some(word)),
            _ => {}
        }
    }
    Ok(curl)
}

/// A body: JSON, or a form.
fn body(data: &str) -> Value {
    serde_json::from_str(data).unwrap_or_else(|_| {
        let pairs = url::form_urlencoded::parse(data.as_bytes());
        Value::Object(pairs.map(|(name, value)| (name.into_owned(), Value::from(value))).collect::<Map<_, _>>())
    })
}

/// Whether a header or a parameter holds a secret.
pub(super) fn is_secret(name: &str) -> bool {
    let name = normal(name);
    if name.contains("page") || name.starts_with("next") {
        return false;
    }
    ["key", "token", "secret", "auth", "password", "session", "cookie"].iter().any(|word| name.contains(word))
}

fn credentials(curl: &Curl, url: &Url, api: &mut Api) {
    let mut found = Vec::new();
    if curl.basic {
        found.push(Credential::Basic);
    }
    for (name, value) in &curl.headers {
        let lower = name.to_lowercase();
        if lower == "authorization" && value.to_lowercase().starts_with("basic ") {
            found.push(Credential::Basic);
        } else if lower == "cookie" {
            found.push(Credential::Cookie(value.split('=').next().unwrap_or_default().to_owned()));
        } else if is_secret(name) {
            let scheme = value.split_once(' ').map_or_else(String::new, |(scheme, _)| format!("{scheme} "));
            found.push(Credential::Header(name.clone(), scheme));
        } else if !["accept", "content-type", "user-agent", "host", "content-length", "accept-encoding"]
            .contains(&lower.as_str())
        {
            api.headers.push((name.clone(), value.clone()));
        }
    }
    found.extend(
        url.query_pairs().filter(|(name, _)| is_secret(name)).map(|(name, _)| Credential::Query(name.into_owned())),
    );
    if !found.is_empty() {
        api.credentials = found;
    }
}

/// The calls that most APIs have for a collection.
pub(super) fn usual(noun: Noun, collection: &str) -> Resource {
    let call =
        |method: &str, end: &str| Some(Call { request: format!("{method} /{collection}{end}"), ..Call::default() });
    let mut resource = Resource::new(noun);
    resource.key = Some("id".to_owned());
    resource.list =
        Some(Listing { call: call("GET", "").unwrap_or_default(), items: "$[*]".to_owned(), ..Listing::default() });
    resource.get = call("GET", "/{id}");
    resource.create = call("POST", "").map(|call| Call { answers: true, ..call });
    resource.update = call("PUT", "/{id}");
    resource.delete = call("DELETE", "/{id}");
    resource
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(line: &str) -> Api {
        let mut api = Api::default();
        read(line, &mut api).unwrap();
        api
    }

    #[test]
    fn a_line_tells_where_how_and_what_and_keeps_no_secret() {
        let api = known(
            "curl -s -X POST 'https://api.acme.example/v1/users?api_key=K-1&page=2&per_page=50' \\\n  -H 'Authorization: Token T-1' \
             -H 'X-Tenant: north' -H \"Accept: application/json\" -d '{\"login\":\"ada\",\"active\":true}'",
        );
        assert_eq!(api.url.as_deref(), Some("https://api.acme.example/v1"));
        assert_eq!(
            api.credentials,
            [Credential::Header("Authorization".into(), "Token ".into()), Credential::Query("api_key".into())]
        );
        assert_eq!(api.headers, [("X-Tenant".to_owned(), "north".to_owned())]);
        let names: Vec<String> = api.resources[0].record.iter().map(shape::Field::at).collect();
        assert_eq!(names, ["login", "active"]);
        assert!(!format!("{api:?}").contains("K-1") && !format!("{api:?}").contains("T-1"));
        let paging = &api.resources[0].list.as_ref().unwrap().paging;
        assert_eq!(paging[0], ("page".to_owned(), "{page}".to_owned()));
    }

    #[test]
    fn forms_basic_and_glued_options_are_understood() {
        let api = known("curl -uada:secret --header='X-A: b' https://x.example/people -d login=ada -d first=Ada");
        assert_eq!((api.credentials, api.form), (vec![Credential::Basic], true));
        assert_eq!(api.resources[0].get.as_ref().unwrap().request, "GET /people/{id}");
        assert_eq!(api.url.as_deref(), Some("https://x.example"));
    }

    #[test]
    fn what_is_no_curl_line_is_refused_with_a_reason() {
        for (line, word) in [("curl 'https://x", "not closed"), ("curl -s", "no URL"), ("curl http://", "no URL")] {
            assert!(read(line, &mut Api::default()).unwrap_err().contains(word), "{line}");
        }
    }
}
