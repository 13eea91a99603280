//! What every stand-in needs: a listener, requests in one piece, answers as JSON.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};

/// Bytes of a request body that a stand-in reads at most.
const MAX_BODY: usize = 1 << 20;

/// A request, whole.
#[derive(Debug)]
pub(crate) struct Request {
    /// The method: `GET`.
    pub(crate) method: String,
    /// The path, as sent.
    pub(crate) path: String,
    /// The query's parameters in order, decoded.
    pub(crate) query: Vec<(String, String)>,
    /// The headers, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The body; null where there is none or it is no JSON.
    pub(crate) body: Value,
    /// The time, as `2026-01-31T12:00:00Z`.
    pub(crate) now: String,
}

impl Request {
    /// A query parameter's value.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A query parameter that is a number.
    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        self.parameter(name)?.parse().ok()
    }

    /// A header's value; the name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The path's segments below `base`; `None` for a path that is not below it.
    pub(crate) fn segments(&self, base: &str) -> Option<Vec<&str>> {
        Some(self.path.strip_prefix(base)?.strip_prefix('/')?.split('/').collect())
    }
}

/// An answer: a status and a JSON body, or none.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: Option<Value>,
}

impl Answer {
    /// An answer with a body.
    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self { status, body: Some(body) }
    }

    /// An answer without one.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, body: None }
    }
}

/// An API in memory.
pub(crate) trait Api: Send + 'static {
    /// The path below the address under which the API lives: the mapping's `url` ends with it.
    fn base(&self) -> &'static str;

    /// Carries out one request.
    fn answer(&mut self, request: &Request) -> Answer;
}

/// An API on a listener of its own.
pub(crate) struct Listening {
    listener: TcpListener,
    api: Arc<Mutex<Box<dyn Api>>>,
    /// The base URL, as a mapping's `url`.
    pub(crate) url: String,
}

/// Listens; port 0 takes a free one.
pub(crate) async fn listen(address: SocketAddr, api: Box<dyn Api>) -> io::Result<Listening> {
    let listener = TcpListener::bind(address).await?;
    let url = format!("http://{}{}", listener.local_addr()?, api.base());
    Ok(Listening { listener, api: Arc::new(Mutex::new(api)), url })
}

impl Listening {
    /// Serves until the task is dropped.
    pub(crate) async fn serve(self) {
        loop {
            // A connection that died before it was taken is nobody's loss.
            let Ok((stream, _)) = self.listener.accept().await else { continue };
            tokio::spawn(connection(stream, Arc::clone(&self.api)));
        }
    }
}

async fn connection(stream: TcpStream, api: Arc<Mutex<Box<dyn Api>>>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let api = Arc::clone(&api);
        async move { Ok::<_, Infallible>(respond(request, &api).await) }
    });
    // A broken connection is the client's affair.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn respond(request: hyper::Request<Incoming>, api: &Mutex<Box<dyn Api>>) -> hyper::Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    let answer = match Limited::new(body, MAX_BODY).collect().await {
        Err(_) => Answer::empty(400),
        Ok(body) => {
            let query = parts.uri.query().unwrap_or_default();
            let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
                Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
            };
            let request = Request {
                method: parts.method.to_string(),
                path: parts.uri.path().to_owned(),
                query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
                headers: parts.headers.iter().filter_map(header).collect(),
                body: serde_json::from_slice(&body.to_bytes()).unwrap_or(Value::Null),
                now: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            };
            api.lock().unwrap_or_else(PoisonError::into_inner).answer(&request)
        }
    };
    let body = answer.body.map(|body| Bytes::from(body.to_string()));
    let mut response = hyper::Response::builder().status(answer.status);
    if body.is_some() {
        response = response.header("content-type", "application/json; charset=utf-8");
    }
    response.body(Full::new(body.unwrap_or_default())).unwrap_or_default()
}

/// The object at `key` in a body, if it is one.
pub(crate) fn object<'a>(body: &'a Value, key: &str) -> Option<&'a serde_json::Map<String, Value>> {
    body.get(key)?.as_object()
}

/// Text equality as most APIs have it for names: in any case.
pub(crate) fn alike(left: &Value, right: &str) -> bool {
    left.as_str().is_some_and(|left| left.to_lowercase() == right.to_lowercase())
}
