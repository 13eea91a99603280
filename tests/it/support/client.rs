//! A small HTTP client that looks at the headers of every answer.

use serde_json::Value;

/// The headers that an answer may carry at all: nothing of the upstream's gets through.
const ALLOWED_HEADERS: [&str; 11] = [
    "allow",
    "connection",
    "content-length",
    "content-type",
    "date",
    "etag",
    "location",
    "retry-after",
    "transfer-encoding",
    "www-authenticate",
    "x-request-id",
];

/// A client of one base URL.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    authorization: (String, String),
}

/// An answer, read whole.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) headers: reqwest::header::HeaderMap,
    /// The JSON body; null when there is none.
    pub(crate) body: Value,
}

impl Answer {
    /// The version that the header gives.
    pub(crate) fn etag(&self) -> Option<&str> {
        self.headers.get("etag").map(|value| value.to_str().unwrap())
    }
}

impl Client {
    /// A SCIM client with a bearer token.
    pub(crate) fn new(base: &str, token: &str) -> Self {
        Self::with_header(base, "Authorization", &format!("Bearer {token}"))
    }

    /// A client that sends this header for its credentials.
    pub(crate) fn with_header(base: &str, name: &str, value: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { http, base: base.trim_end_matches('/').to_owned(), authorization: (name.to_owned(), value.to_owned()) }
    }

    /// Sends `GET /Users?count=2`, with Okta's headers, and reads the answer. The target is sent as it stands.
    pub(crate) async fn send(&self, line: &str, body: Option<&Value>) -> Answer {
        let text = body.map(Value::to_string);
        self.send_text(line, "application/scim+json; charset=utf-8", text.as_deref()).await
    }

    /// As [`Client::send`], with a body of any kind.
    pub(crate) async fn send_text(&self, line: &str, content_type: &str, body: Option<&str>) -> Answer {
        self.transfer(line, ("Content-Type", content_type), body).await
    }

    /// As [`Client::send`], with one more header.
    pub(crate) async fn send_if(&self, line: &str, header: (&str, &str), body: Option<&Value>) -> Answer {
        self.transfer(line, header, body.map(Value::to_string).as_deref()).await
    }

    async fn transfer(&self, line: &str, (header, content): (&str, &str), body: Option<&str>) -> Answer {
        let (method, target) = line.split_once(' ').expect("METHOD /path");
        let (name, value) = &self.authorization;
        let mut request = self
            .http
            .request(method.parse().unwrap(), format!("{}{target}", self.base))
            .header("Accept", "application/scim+json; charset=utf-8")
            .header("User-Agent", "Okta SCIM Client 1.0.0")
            .header(name, value);
        if body.is_some() || header != "Content-Type" {
            request = request.header(header, content);
        }
        if let Some(body) = body {
            request = request.body(body.to_owned());
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        for header in headers.keys() {
            assert!(ALLOWED_HEADERS.contains(&header.as_str()), "{line} answered with the header `{header}`");
        }
        let bytes = response.bytes().await.unwrap();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).expect("a JSON body") };
        Answer { status, headers, body }
    }
}

/// Whether `wanted` is part of `got`: tables may hold more, lists must be of the same length.
pub(crate) fn holds(got: &Value, wanted: &Value) -> bool {
    match (got, wanted) {
        (Value::Object(got), Value::Object(wanted)) => {
            wanted.iter().all(|(name, wanted)| got.get(name).is_some_and(|got| holds(got, wanted)))
        }
        (Value::Array(got), Value::Array(wanted)) => {
            got.len() == wanted.len() && got.iter().zip(wanted).all(|(got, wanted)| holds(got, wanted))
        }
        (got, wanted) => got == wanted,
    }
}
