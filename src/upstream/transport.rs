//! The way to the network: one request, one answer, no policy.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;

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
#[derive(Debug, thiserror::Error)]
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
