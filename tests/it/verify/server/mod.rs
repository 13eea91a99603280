//! A small SCIM server that does everything right, in memory; and a place to put a fault between it and its client.

use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use scim_bridge::verify::Clock;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub(super) mod directory;

pub(super) use directory::Directory;

/// The token that is let in.
pub(super) const TOKEN: &str = "token-of-the-good-server";

/// What stands between the client and the directory: a good one hands the request on.
pub(super) type Between = fn(&Asked, &mut Directory) -> Reply;

/// A request, read whole.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) method: String,
    /// Below the base URL, as it was sent.
    pub(super) path: String,
    /// Decoded.
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: http::HeaderMap,
    pub(super) body: String,
}

/// An answer; a body that is null is none.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Value,
}

impl Asked {
    /// Whether this is a request to that endpoint itself: `POST /Users`.
    pub(super) fn is(&self, line: &str) -> bool {
        line == format!("{} {}", self.method, self.path)
    }

    /// Whether this is a request for one resource: `GET /Users`.
    pub(super) fn is_one(&self, line: &str) -> bool {
        let (method, endpoint) = line.split_once(' ').unwrap();
        let rest = self.path.strip_prefix(endpoint).and_then(|rest| rest.strip_prefix('/'));
        self.method == method && rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('.'))
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn without_parameter(&self, name: &str) -> Self {
        let mut asked = self.clone();
        asked.query.retain(|(own, _)| own != name);
        asked
    }

    pub(super) fn with_parameter(&self, name: &str, value: &str) -> Self {
        let mut asked = self.without_parameter(name);
        asked.query.push((name.to_owned(), value.to_owned()));
        asked
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    pub(super) fn with_json(&self, body: &Value) -> Self {
        Self { body: body.to_string(), ..self.clone() }
    }

    /// The same with every operation of a PATCH changed.
    pub(super) fn with_operations(&self, change: impl Fn(&mut Value)) -> Self {
        let mut body = self.json();
        if let Some(operations) = body.get_mut("Operations").and_then(Value::as_array_mut) {
            operations.iter_mut().for_each(change);
        }
        self.with_json(&body)
    }
}

impl Reply {
    pub(super) fn new(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body }
    }

    pub(super) fn is_done(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(super) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// The same with every resource of its body changed: the one, or those of a list.
    pub(super) fn each(mut self, change: impl Fn(&mut Value)) -> Self {
        if let Some(resources) = self.body.get_mut("Resources").and_then(Value::as_array_mut) {
            resources.iter_mut().for_each(change);
        } else if self.body.is_object() {
            change(&mut self.body);
        }
        self
    }

    /// The same with its body changed.
    pub(super) fn body(mut self, change: impl FnOnce(&mut Value)) -> Self {
        change(&mut self.body);
        self
    }

    /// The same with another value of a header.
    pub(super) fn with_header(self, name: &str, value: &str) -> Self {
        let mut reply = self.without_header(name);
        reply.headers.push((name.to_owned(), value.to_owned()));
        reply
    }

    pub(super) fn without_header(mut self, name: &str) -> Self {
        self.headers.retain(|(own, _)| own != name);
        self
    }
}

/// Takes a member away.
pub(super) fn drop_member(value: &mut Value, name: &str) {
    if let Some(members) = value.as_object_mut() {
        members.shift_remove(name);
    }
}

/// A server on a port of its own.
pub(super) struct Server {
    address: SocketAddr,
    directory: Arc<Mutex<Directory>>,
    accepting: JoinHandle<()>,
}

impl Server {
    /// Serves on 127.0.0.1, with something in between.
    pub(super) async fn serve(between: Between) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let directory = Arc::new(Mutex::new(Directory::new(&format!("http://{address}/scim/v2"))));
        let served = Arc::clone(&directory);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let directory = Arc::clone(&served);
                let service = service_fn(move |request| {
                    let directory = Arc::clone(&directory);
                    async move {
                        let asked = read(request).await;
                        Ok::<_, std::convert::Infallible>(write(between(&asked, &mut directory.lock().unwrap())))
                    }
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Self { address, directory, accepting }
    }

    /// The URL before `/Users`.
    pub(super) fn base(&self) -> String {
        format!("http://{}/scim/v2", self.address)
    }

    /// The clock by which requests to it take time.
    pub(super) fn clock(&self) -> Clock {
        let clock = self.look(|directory| Arc::clone(&directory.clock));
        Clock::new(move || Duration::from_millis(clock.load(Ordering::Relaxed)))
    }

    /// Looks at what the server holds.
    pub(super) fn look<T>(&self, look: impl FnOnce(&mut Directory) -> T) -> T {
        look(&mut self.directory.lock().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn read(request: Request<Incoming>) -> Asked {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let query = url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
    Asked {
        method: parts.method.to_string(),
        path: parts.uri.path().replace("/scim_v2", "/scim/v2").strip_prefix("/scim/v2").unwrap_or_default().to_owned(),
        query: query.into_owned().collect(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

fn write(reply: Reply) -> Response<Full<Bytes>> {
    let mut response = Response::builder().status(reply.status);
    if !reply.headers.iter().any(|(name, _)| name == "content-type") {
        response = response.header("content-type", "application/scim+json");
    }
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    let body = match reply.body {
        Value::Null => Bytes::new(),
        // A text stands for a body that is no JSON.
        Value::String(text) => Bytes::from(text),
        json @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            Bytes::from(json.to_string())
        }
    };
    response.body(Full::new(body)).unwrap()
}
