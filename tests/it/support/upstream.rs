//! An upstream that follows a script: each request must be the next expected one, and every expected one must come.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// One expected request and its canned answer.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Option<Value>,
    status: u16,
    answer: Bytes,
}

/// Expects `GET /accounts?login=ada`: method, path, and the query as a set. It is answered 200 without a body until
/// [`Step::answer`] says otherwise.
pub(crate) fn expect(line: &str) -> Step {
    let (method, target) = line.split_once(' ').expect("METHOD /path");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Step {
        method: method.to_owned(),
        path: path.to_owned(),
        query: pairs(query),
        headers: Vec::new(),
        body: None,
        status: 200,
        answer: Bytes::new(),
    }
}

impl Step {
    /// Expects this header as well; others may stand beside it.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
    /// Expects exactly this JSON body. Without it any body is fine.
    pub(crate) fn json(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }
    /// The status and the JSON body of the answer; null stands for none.
    pub(crate) fn answer(mut self, status: u16, body: &Value) -> Self {
        self.status = status;
        self.answer = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        self
    }

    /// What the request has otherwise than expected.
    fn difference(&self, parts: &http::request::Parts, body: &[u8]) -> Option<String> {
        let query = pairs(parts.uri.query().unwrap_or_default());
        if (parts.method.as_str(), parts.uri.path()) != (&self.method, &self.path) {
            return Some("another call was expected".to_owned());
        }
        if query != self.query {
            return Some(format!("query {query:?}, expected {:?}", self.query));
        }
        for (name, value) in &self.headers {
            let got = parts.headers.get(name).and_then(|value| value.to_str().ok());
            if got != Some(value) {
                return Some(format!("header {name} is {got:?}, expected {value:?}"));
            }
        }
        let sent = serde_json::from_slice(body).unwrap_or(Value::Null);
        let expected = self.body.as_ref().filter(|expected| **expected != sent)?;
        Some(format!("body {}, expected {expected}", String::from_utf8_lossy(body)))
    }
}

/// Names and values of a query, decoded and sorted.
fn pairs(query: &str) -> Vec<(String, String)> {
    let mut pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    pairs.sort();
    pairs
}

#[derive(Debug, Default)]
struct Script {
    steps: VecDeque<Step>,
    faults: Vec<String>,
}

/// A scripted upstream on a port of its own. Dropping it fails the test when the script was not followed to its end.
#[derive(Debug)]
pub(crate) struct Upstream {
    address: SocketAddr,
    script: Arc<Mutex<Script>>,
    accepting: JoinHandle<()>,
}

impl Upstream {
    /// Serves the steps in order on 127.0.0.1.
    pub(crate) async fn serve(steps: impl IntoIterator<Item = Step>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let script = Arc::new(Mutex::new(Script { steps: steps.into_iter().collect(), faults: Vec::new() }));
        let served = Arc::clone(&script);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let script = Arc::clone(&served);
                let service = service_fn(move |request| {
                    let script = Arc::clone(&script);
                    async move { Ok::<_, Infallible>(follow(request, &script).await) }
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Self { address, script, accepting }
    }

    /// The base URL.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// Answers one request by the next step; 418 with the difference when it is not the one expected.
async fn follow(request: Request<Incoming>, script: &Mutex<Script>) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let mut script = script.lock().unwrap();
    let line = format!("{} {}", parts.method, parts.uri);
    let (difference, step) = match script.steps.front() {
        None => (Some("the script is at its end".to_owned()), None),
        Some(step) => (step.difference(&parts, &body), Some(step.clone())),
    };
    let mut response = Response::new(Full::default());
    match (difference, step) {
        (None, Some(step)) => {
            script.steps.pop_front();
            *response.status_mut() = StatusCode::from_u16(step.status).unwrap();
            if !step.answer.is_empty() {
                response.headers_mut().insert("content-type", http::HeaderValue::from_static("application/json"));
            }
            *response.body_mut() = Full::new(step.answer);
        }
        (difference, step) => {
            let wanted = step.map_or_else(String::new, |step| format!(" (next: {} {})", step.method, step.path));
            script.faults.push(format!("{line}: {}{wanted}", difference.unwrap_or_default()));
            *response.status_mut() = StatusCode::IM_A_TEAPOT;
        }
    }
    response
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.accepting.abort();
        if std::thread::panicking() {
            return;
        }
        let script = self.script.lock().unwrap();
        let missing: Vec<String> = script.steps.iter().map(|step| format!("{} {}", step.method, step.path)).collect();
        assert!(script.faults.is_empty(), "the upstream was called otherwise than scripted: {:#?}", script.faults);
        assert!(missing.is_empty(), "the upstream was not called: {missing:#?}");
    }
}
