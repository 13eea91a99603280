//! The HTTP client: one base URL, bounded in time and size, no redirects, no proxy.

use std::sync::Mutex;
use std::time::Duration;

use percent_encoding::{percent_decode_str, utf8_percent_encode};

use crate::secret::Secret;
use crate::value::IN_URL;
use crate::verify::exchange::{Exchange, Outcome, answered, sent};
use crate::verify::{Clock, Options};

/// As long as Okta waits for an answer.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The longest answer that is read, in bytes.
const LONGEST_ANSWER: usize = 16 * 1024 * 1024;
/// How often a request is sent again after a 429.
const PATIENCE: usize = 4;
/// The longest wait after a 429.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// The headers that a report shows.
const TELLING: [&str; 6] = ["content-type", "location", "content-location", "etag", "retry-after", "www-authenticate"];

/// A text for one place of a path or a query.
pub(crate) fn escape(text: &str) -> String {
    utf8_percent_encode(text, IN_URL).to_string()
}

/// Which credentials a request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Credentials {
    /// Those that the user gave.
    Given,
    /// None.
    None,
    /// Others, as the whole value of the header.
    Other(&'static str),
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    /// What stands behind the base URL.
    pub(crate) target: String,
    pub(crate) body: Option<String>,
    pub(crate) content_type: &'static str,
    pub(crate) credentials: Credentials,
    /// One more header.
    pub(crate) header: Option<(&'static str, String)>,
}

impl Request {
    pub(crate) fn new(method: &'static str, target: impl Into<String>) -> Self {
        Self {
            method,
            target: target.into(),
            body: None,
            content_type: "application/scim+json",
            credentials: Credentials::Given,
            header: None,
        }
    }

    pub(crate) fn body(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }
}

/// An answer as it came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: String,
}

/// A client of the server under test.
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    authorization: Secret,
    token: Secret,
    reads_only: bool,
    clock: Clock,
    /// What names of our own begin with.
    own: String,
    /// The first 429 whose `Retry-After` Okta cannot read; whether there was a 429 at all.
    throttled: Mutex<Throttled>,
}

/// What was seen of 429.
#[derive(Clone, Debug, Default)]
pub(crate) struct Throttled {
    pub(crate) seen: bool,
    pub(crate) unreadable: Option<Exchange>,
}

impl Client {
    /// A client of the server under test. The token goes out as `Bearer` unless it names a scheme itself.
    pub(crate) fn new(options: &Options, own: &str) -> Result<Self, String> {
        let Options { url, token, reads_only, clock, .. } = options;
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .build()
            .map_err(|error| format!("no HTTP client: {}", error.without_url()))?;
        let named = token.reveal().split_once(' ').is_some();
        let authorization = if named { token.reveal().to_owned() } else { format!("Bearer {}", token.reveal()) };
        Ok(Self {
            http,
            base: url.trim_end_matches('/').to_owned(),
            authorization: Secret::new(authorization),
            token: Secret::new(token.reveal().rsplit(' ').next().unwrap_or_default()),
            reads_only: *reads_only,
            clock: clock.clone(),
            own: own.to_owned(),
            throttled: Mutex::default(),
        })
    }

    /// The URL before `/Users`, without a slash at its end.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// What is in no report.
    pub(crate) fn secret(&self) -> &str {
        self.token.reveal()
    }

    /// What was seen of 429 so far.
    pub(crate) fn throttled(&self) -> Throttled {
        self.throttled.lock().map(|seen| seen.clone()).unwrap_or_default()
    }

    /// Sends a request; after a 429, again when the server says. What happened comes with the answer.
    pub(crate) async fn send(&self, request: &Request) -> (Exchange, Option<Received>) {
        let mut tries = 0;
        loop {
            let (exchange, received) = self.send_once(request).await;
            let Some(answer) = received.as_ref().filter(|answer| answer.status == 429) else {
                return (exchange, received);
            };
            let wait = self.note_throttled(answer, &exchange);
            if tries == PATIENCE {
                return (exchange, received);
            }
            tries += 1;
            tokio::time::sleep(wait).await;
        }
    }

    /// Remembers a 429; gives how long to wait.
    fn note_throttled(&self, answer: &Received, exchange: &Exchange) -> Duration {
        let seconds =
            answer.headers.get("retry-after").and_then(|value| value.to_str().ok()?.trim().parse::<u64>().ok());
        if let Ok(mut seen) = self.throttled.lock() {
            seen.seen = true;
            if seconds.is_none() && seen.unreadable.is_none() {
                seen.unreadable = Some(exchange.clone());
            }
        }
        Duration::from_secs(seconds.unwrap_or(1)).min(LONGEST_WAIT)
    }

    async fn send_once(&self, request: &Request) -> (Exchange, Option<Received>) {
        let started = self.clock.now();
        let result = if self.reads_only && request.method != "GET" {
            // The last wall: no check should come here.
            Err("not sent: only reading is allowed".to_owned())
        } else {
            self.transfer(request).await
        };
        let took = self.clock.since(started);
        let outcome = match &result {
            Ok(received) => Outcome::Answered {
                status: received.status,
                headers: telling(&received.headers),
                body: answered(received.status, &received.body, &self.own),
            },
            Err(error) => Outcome::Lost(error.clone()),
        };
        let target = percent_decode_str(&request.target).decode_utf8_lossy().into_owned();
        let sent = request.body.as_deref().map(sent);
        (Exchange { method: request.method.to_owned(), target, sent, outcome, took }, result.ok())
    }

    async fn transfer(&self, request: &Request) -> Result<Received, String> {
        let method = request.method.parse::<http::Method>().map_err(|error| error.to_string())?;
        let mut builder = self
            .http
            .request(method, format!("{}{}", self.base, request.target))
            .header("Accept", "application/scim+json")
            .header("User-Agent", concat!("scim-bridge-verify/", env!("CARGO_PKG_VERSION")));
        match request.credentials {
            Credentials::Given => builder = builder.header("Authorization", self.authorization.reveal()),
            Credentials::None => {}
            Credentials::Other(value) => builder = builder.header("Authorization", value),
        }
        if let Some((name, value)) = &request.header {
            builder = builder.header(*name, value);
        }
        if let Some(body) = &request.body {
            builder = builder.header("Content-Type", request.content_type).body(body.clone());
        }
        let mut response = builder.send().await.map_err(|error| words(&error))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| words(&error))? {
            if body.len() + chunk.len() > LONGEST_ANSWER {
                return Err(format!("an answer longer than {LONGEST_ANSWER} bytes"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Received { status, headers, body: String::from_utf8_lossy(&body).into_owned() })
    }
}

/// The headers that a report shows.
fn telling(headers: &http::HeaderMap) -> Vec<(String, String)> {
    let text = |name: &str| Some((name.to_owned(), headers.get(name)?.to_str().ok()?.to_owned()));
    TELLING.iter().filter_map(|name| text(name)).collect()
}

/// Why there was no answer. The error of the library would tell the URL, and hide the cause.
fn words(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer within {} seconds", TIMEOUT.as_secs());
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    if error.is_connect() { format!("no connection: {cause}") } else { format!("no whole answer: {cause}") }
}
