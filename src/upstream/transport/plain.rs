//! Plain HTTP without a proxy: an API on the same host, or behind the same service mesh, as a sidecar has it.
//!
//! `reqwest` is the way through TLS and proxies. What it adds around the same pool (redirects, cookies, a second reading of
//! the URL) is for nothing here, and costs as much as all that the bridge itself does for a request.

use bytes::Bytes;
use http::header::USER_AGENT;
use http::{HeaderValue, Uri};
use http_body_util::Full;
use hyper::body::{Body as _, Incoming};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::gather::Gathered;
use super::{AGENT, CONNECT_TIMEOUT, IDLE_TIMEOUT, Request, Response, TransportError, innermost};

/// Connections without TLS, kept for the next request.
#[derive(Clone, Debug)]
pub(super) struct Plain {
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Plain {
    pub(super) fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let mut builder = Client::builder(TokioExecutor::new());
        builder.pool_idle_timeout(IDLE_TIMEOUT).pool_timer(TokioTimer::new());
        Self { client: builder.build(connector) }
    }

    /// Sends a request to a URL of the scheme `http`.
    pub(super) async fn exchange(&self, request: Request) -> Result<Response, TransportError> {
        let max_body = request.max_body;
        let uri = Uri::try_from(request.url.as_str()).map_err(|fault| TransportError::NotSent(fault.to_string()))?;
        let mut outgoing = http::Request::new(Full::new(request.body.unwrap_or_default()));
        *outgoing.method_mut() = request.method;
        *outgoing.uri_mut() = uri;
        *outgoing.headers_mut() = request.headers;
        outgoing.headers_mut().entry(USER_AGENT).or_insert(HeaderValue::from_static(AGENT));
        let answer = self.client.request(outgoing).await.map_err(|error| failed(&error))?;
        let (head, body) = answer.into_parts();
        let body = read(body, max_body).await?;
        Ok(Response { status: head.status.as_u16(), headers: head.headers, body })
    }
}

async fn read(mut body: Incoming, max_body: usize) -> Result<Bytes, TransportError> {
    let mut gathered = Gathered::new(body.size_hint().exact(), max_body)?;
    while let Some(frame) = http_body_util::BodyExt::frame(&mut body).await {
        let frame = frame.map_err(|error| TransportError::Broken(innermost(&error)))?;
        if let Ok(chunk) = frame.into_data() {
            gathered.take(chunk)?;
        }
    }
    Ok(gathered.whole())
}

fn failed(error: &hyper_util::client::legacy::Error) -> TransportError {
    if error.is_connect() {
        TransportError::NotSent(innermost(error))
    } else {
        TransportError::Broken(innermost(error))
    }
}
