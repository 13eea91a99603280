//! An upstream that follows a script: each request must be the next expected one, and every expected one must come.

use std::collections::VecDeque;
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
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// One expected request and its canned answer.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Option<Value>,
    text: Option<String>,
    status: u16,
    answer: Bytes,
    answer_headers: Vec<(&'static str, &'static str)>,
    ending: Ending,
}

/// How an exchange ends.
#[derive(Clone, Debug)]
enum Ending {
    Answered,
    Held(Gate),
    Broken,
    Silent,
}

/// Holds an answer back until the test lets it go.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gate(Arc<(Notify, Notify)>);

impl Gate {
    /// Waits until the request is there.
    pub(crate) async fn arrived(&self) {
        self.0.0.notified().await;
    }

    /// Lets the answer go.
    pub(crate) fn open(&self) {
        self.0.1.notify_one();
    }

    async fn passed(&self) {
        self.0.0.notify_one();
        self.0.1.notified().await;
    }
}

/// The connection breaks instead of an answer.
#[derive(Debug)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("broken on purpose")
    }
}

impl std::error::Error for Broken {}

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
        text: None,
        status: 200,
        answer: Bytes::new(),
        answer_headers: Vec::new(),
        ending: Ending::Answered,
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
    /// Expects exactly this body, byte for byte.
    pub(crate) fn text(mut self, body: &str) -> Self {
        self.text = Some(body.to_owned());
        self
    }
    /// The status and the body of the answer, of this media type.
    pub(crate) fn raw(mut self, status: u16, media_type: &'static str, body: &str) -> Self {
        self.status = status;
        self.answer = Bytes::from(body.to_owned());
        self.answer_header("content-type", media_type)
    }
    /// Adds a header to the answer.
    pub(crate) fn answer_header(mut self, name: &'static str, value: &'static str) -> Self {
        self.answer_headers.push((name, value));
        self
    }
    /// Breaks the connection after the request was read.
    pub(crate) fn breaks(mut self) -> Self {
        self.ending = Ending::Broken;
        self
    }
    /// Answers when the gate is opened.
    pub(crate) fn held(mut self, gate: &Gate) -> Self {
        self.ending = Ending::Held(gate.clone());
        self
    }
    /// Reads the request and never answers.
    pub(crate) fn hangs(mut self) -> Self {
        self.ending = Ending::Silent;
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
        if let Some(text) = self.text.as_deref().filter(|text| text.as_bytes() != body) {
            return Some(format!("body {}, expected {text}", String::from_utf8_lossy(body)));
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
    headers: Vec<http::HeaderMap>,
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
        let script = Arc::new(Mutex::new(Script { steps: steps.into_iter().collect(), ..Script::default() }));
        let served = Arc::clone(&script);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let script = Arc::clone(&served);
                let service = service_fn(move |request| {
                    let script = Arc::clone(&script);
                    async move {
                        match follow(request, &script).await {
                            (response, Ending::Answered) => Ok(response),
                            (response, Ending::Held(gate)) => {
                                gate.passed().await;
                                Ok(response)
                            }
                            (_, Ending::Broken) => Err(Broken),
                            (_, Ending::Silent) => std::future::pending().await,
                        }
                    }
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

    /// The values that a header had in the requests so far, in order.
    pub(crate) fn header_values(&self, name: &str) -> Vec<String> {
        let script = self.script.lock().unwrap();
        let values = script.headers.iter().filter_map(|headers| headers.get(name));
        values.map(|value| value.to_str().unwrap().to_owned()).collect()
    }

    /// Fails, naming the case, when the script was not followed to its end.
    pub(crate) fn assert_followed(&self, case: &str) {
        let script = self.script.lock().unwrap();
        let missing: Vec<String> = script.steps.iter().map(|step| format!("{} {}", step.method, step.path)).collect();
        assert!(script.faults.is_empty(), "{case}: called otherwise than scripted: {:#?}", script.faults);
        assert!(missing.is_empty(), "{case}: not called: {missing:#?}");
    }
}

/// Answers one request by the next step; 418 with the difference when it is not the one expected.
async fn follow(request: Request<Incoming>, script: &Mutex<Script>) -> (Response<Full<Bytes>>, Ending) {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let mut script = script.lock().unwrap();
    let line = format!("{} {}", parts.method, parts.uri);
    script.headers.push(parts.headers.clone());
    let (difference, step) = match script.steps.front() {
        None => (Some("the script is at its end".to_owned()), None),
        Some(step) => (step.difference(&parts, &body), Some(step.clone())),
    };
    let mut response = Response::new(Full::default());
    let mut ending = Ending::Answered;
    match (difference, step) {
        (None, Some(step)) => {
            script.steps.pop_front();
            *response.status_mut() = StatusCode::from_u16(step.status).unwrap();
            ending = step.ending;
            for (name, value) in step.answer_headers {
                response.headers_mut().append(name, http::HeaderValue::from_static(value));
            }
            if !step.answer.is_empty() && !response.headers().contains_key("content-type") {
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
    (response, ending)
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.accepting.abort();
        if std::thread::panicking() {
            return;
        }
        self.assert_followed("upstream");
    }
}
