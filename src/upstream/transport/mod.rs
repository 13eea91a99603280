//! The way to the network: one request, one answer, no policy.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;

use gather::Gathered;
use plain::Plain;

/// A filled request.
#[derive(Clone, Debug)]
pub struct Request {
    /// The HTTP method.
    pub method: http::Method,
    /// The absolute URL.
    pub url: url::Url,
    /// The headers.
    pub headers: http::HeaderMap,
    /// The body.
    pub body: Option<Bytes>,
    /// For the whole exchange.
    pub timeout: Duration,
    /// Bytes of the answer's body at most.
    pub max_body: usize,
}

/// A received answer, unjudged.
#[derive(Clone, Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: http::HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection: the request was certainly not carried out.
    #[error("not connected: {0}")]
    NotSent(String),
    /// No answer in time.
    #[error("no answer in {0:?}")]
    TimedOut(Duration),
    /// The connection broke, or the answer is no HTTP.
    #[error("connection broke: {0}")]
    Broken(String),
    /// The answer is larger than allowed.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
}

/// Sends requests.
pub trait Transport: Send + Sync {
    /// Sends one request and reads the whole answer.
    fn send<'a>(
        &'a self,
        request: Request,
    ) -> Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>>;
}

/// Connects within this time or counts as not connected; longer than any healthy handshake, shorter than a call's timeout.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Idle connections are given up before most servers do: a stale one would make the outcome of a POST unknown.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// How the bridge names itself.
const AGENT: &str = concat!("scim-bridge/", env!("CARGO_PKG_VERSION"));

/// The transport to real upstreams: HTTP/1.1, TLS by rustls; no redirects, no proxy but the mapping's, no retries of its own.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    client: reqwest::Client,
    /// For URLs without TLS, where there is no proxy.
    plain: Option<Plain>,
    elsewhere: Option<Elsewhere>,
}

impl HttpTransport {
    /// A transport with a connection pool of its own.
    ///
    /// # Errors
    /// One sentence: TLS cannot be set up.
    pub fn new() -> Result<Self, String> {
        let client = builder().build().map_err(|error| format!("TLS cannot be set up: {}", reason(error)))?;
        Ok(Self { client, plain: Some(Plain::new()), elsewhere: None })
    }

    async fn exchange(&self, request: Request) -> Result<Response, TransportError> {
        if let Some(plain) = self.plain.as_ref().filter(|_| request.url.scheme() == "http") {
            return plain.exchange(request).await;
        }
        let elsewhere = self.elsewhere.as_ref().and_then(|elsewhere| elsewhere.client(&request.url));
        let client = elsewhere.unwrap_or(&self.client);
        let mut outgoing = reqwest::Request::new(request.method, request.url);
        *outgoing.headers_mut() = request.headers;
        *outgoing.body_mut() = request.body.map(reqwest::Body::from);
        let mut answer = client.execute(outgoing).await.map_err(failed)?;
        let mut gathered = Gathered::new(answer.content_length(), request.max_body)?;
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            gathered.take(chunk)?;
        }
        let status = answer.status().as_u16();
        Ok(Response { status, headers: std::mem::take(answer.headers_mut()), body: gathered.whole() })
    }
}

/// What all clients have in common.
fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(AGENT)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .http1_only()
        .tcp_nodelay(true)
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
}

impl Transport for HttpTransport {
    fn send<'a>(
        &'a self,
        request: Request,
    ) -> Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>> {
        Box::pin(async move {
            let timeout = request.timeout;
            // The timeout covers the body as well: an answer that drips is no answer.
            tokio::time::timeout(timeout, self.exchange(request))
                .await
                .unwrap_or(Err(TransportError::TimedOut(timeout)))
        })
    }
}

fn failed(error: reqwest::Error) -> TransportError {
    if error.is_connect() { TransportError::NotSent(reason(error)) } else { TransportError::Broken(reason(error)) }
}

/// Why it failed. A `reqwest::Error` prints the whole URL, which may hold a secret.
fn reason(error: reqwest::Error) -> String {
    innermost(&error.without_url())
}

/// The innermost cause in words.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

mod connection;
mod gather;
mod plain;

use connection::Elsewhere;
pub use connection::{connection_faults, connection_files};

#[cfg(test)]
mod tests;
