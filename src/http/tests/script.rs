//! An engine that does what the id of a request says, a server over it, and a client that reads bytes.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::bridge::{self, Operation, Reply};
use crate::http::networks::Networks;
use crate::http::service::Service;
use crate::http::{Drained, Engine, Limits, Server, Tenant, Tenants, listener};
use crate::scim;
use crate::secret::Secret;
use crate::telemetry::{Metrics, Trace};

pub(super) const TOKEN: &str = "a-token-of-the-tests";

/// How long an operation of the script may take.
pub(super) const DEADLINE: Duration = Duration::from_secs(45);

/// The headers that an answer may carry.
const ALLOWED: [&str; 10] = [
    "etag",
    "content-type",
    "content-length",
    "location",
    "retry-after",
    "www-authenticate",
    "allow",
    "x-request-id",
    "date",
    "connection",
];

/// `slow` waits at the gate; `panic` panics; everything else is answered at once with what was asked.
pub(super) struct Script {
    gate: Arc<Semaphore>,
    events: mpsc::UnboundedSender<String>,
}

/// Tells that an operation was dropped before its end.
struct Unfinished(mpsc::UnboundedSender<String>, bool);

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _ = self.0.send(if self.1 { "finished" } else { "cancelled" }.to_owned());
    }
}

impl Engine for Script {
    fn endpoints(&self) -> Vec<String> {
        vec!["/Users".to_owned(), "/Groups".to_owned()]
    }

    fn deadline(&self) -> Duration {
        DEADLINE
    }

    fn location(&self, kind: usize, id: &str) -> String {
        format!("https://scim.example/scim/v2{}/{id}", self.endpoints()[kind])
    }

    async fn run(&self, operation: Operation, _: Arc<Trace>, _: Option<Instant>) -> Result<Reply, bridge::Error> {
        let (status, id, shown) = match operation {
            Operation::List { .. } => (200, String::new(), "list".to_owned()),
            Operation::Search { .. } => (200, String::new(), "search".to_owned()),
            Operation::Get { id, .. } => (200, id.clone(), format!("get {id}")),
            Operation::Create { body, .. } => (201, String::from_utf8_lossy(&body).into_owned(), "create".to_owned()),
            Operation::Replace { id, .. } => (200, id, "replace".to_owned()),
            Operation::Patch { id, .. } => (200, id, "patch".to_owned()),
            Operation::Delete { id, .. } => (204, id, String::new()),
            Operation::Discover(_) => (200, String::new(), "discover".to_owned()),
        };
        match id.as_str() {
            "slow" => {
                let mut unfinished = Unfinished(self.events.clone(), false);
                let _ = self.events.send("started".to_owned());
                self.gate.acquire().await.unwrap().forget();
                unfinished.1 = true;
            }
            "panic" => panic!("as the script says"),
            "refused" => {
                return Err(bridge::Error::Request(scim::Error::invalid_value("as the script says")));
            }
            _ => {}
        }
        let location = (status == 201).then(|| "https://scim.example/scim/v2/Users/1".to_owned());
        Ok(Reply { status, location, version: None, body: Bytes::from(shown) })
    }
}

/// One tenant with a script behind it; the script's gate, and what it tells.
fn tenants() -> (Arc<ArcSwap<Tenants<Script>>>, Arc<Semaphore>, mpsc::UnboundedReceiver<String>) {
    let (sender, events) = mpsc::unbounded_channel();
    let gate = Arc::new(Semaphore::new(0));
    let engine = Script { gate: Arc::clone(&gate), events: sender };
    let tenant = Tenant::new("acme", "/scim/v2", &[Secret::new(TOKEN)], engine);
    (Arc::new(ArcSwap::from_pointee(Tenants::new([tenant]))), gate, events)
}

/// One connection in memory, so that with a paused clock nothing but the clock makes time pass.
pub(super) struct InMemory<S = DuplexStream> {
    pub(super) client: Client<S>,
    pub(super) gate: Arc<Semaphore>,
    pub(super) events: mpsc::UnboundedReceiver<String>,
    pub(super) service: Arc<Service<Script>>,
}

impl InMemory {
    pub(super) fn start(limits: Limits) -> Self {
        let (near, far) = tokio::io::duplex(1024);
        Self::between(limits, near, far)
    }
}

impl<S> InMemory<S> {
    /// Over the two ends of a connection.
    pub(super) fn between(limits: Limits, near: S, far: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Self {
        let (tenants, gate, events) = tenants();
        let connections = GracefulShutdown::new();
        let builder = listener::builder(&limits);
        let service = Arc::new(Service::new(tenants, limits, Arc::new(Metrics::new()), None, Networks::default()));
        let serving = Arc::clone(&service);
        tokio::spawn(async move {
            let peer = std::net::Ipv4Addr::LOCALHOST.into();
            listener::serve(builder, serving, far, peer, connections.watcher()).await;
            // Not earlier: it would end the connection.
            drop(connections);
        });
        Self { client: Client { stream: near, read: Vec::new() }, gate, events, service }
    }
}

/// A running server.
pub(super) struct Running {
    pub(super) address: std::net::SocketAddr,
    pub(super) gate: Arc<Semaphore>,
    pub(super) events: mpsc::UnboundedReceiver<String>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) shutdown: oneshot::Sender<()>,
    pub(super) abort: oneshot::Sender<()>,
    pub(super) ended: JoinHandle<Drained>,
}

impl Running {
    pub(super) async fn start(limits: Limits) -> Self {
        let (tenants, gate, events) = tenants();
        let metrics = Arc::new(Metrics::new());
        let any = "127.0.0.1:0".parse().unwrap();
        let server = Server::bind(any, tenants, limits, Arc::clone(&metrics)).await.unwrap();
        let address = server.local_addr();
        let (shutdown, shut) = oneshot::channel::<()>();
        let (abort, aborted) = oneshot::channel::<()>();
        let never_or = |receiver: oneshot::Receiver<()>| async {
            if receiver.await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        let ended = tokio::spawn(server.run(never_or(shut), never_or(aborted)));
        Self { address, gate, events, metrics, shutdown, abort, ended }
    }

    pub(super) async fn connect(&self) -> Client {
        Client { stream: TcpStream::connect(self.address).await.unwrap(), read: Vec::new() }
    }

    /// One request on a connection of its own.
    pub(super) async fn ask(&self, line: &str, headers: &str, body: &str) -> Answer {
        let mut client = self.connect().await;
        client.request(line, headers, body).await;
        client.answer(line.starts_with("HEAD")).await
    }

    pub(super) async fn event(&mut self) -> String {
        self.events.recv().await.unwrap()
    }
}

pub(super) struct Client<S = TcpStream> {
    stream: S,
    read: Vec<u8>,
}

/// A response, checked: only allowed headers, and a SCIM Error body if it failed.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    /// Sends `GET /Users` with the token, the `headers` (each with a line end) and the body's length.
    pub(super) async fn request(&mut self, line: &str, headers: &str, body: &str) {
        let (method, path) = line.split_once(' ').unwrap();
        let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        let token = if headers.contains("Authorization") {
            String::new()
        } else {
            format!("Authorization: Bearer {TOKEN}\r\n")
        };
        self.send(&format!("{method} /scim/v2{path} HTTP/1.1\r\nHost: x\r\n{token}{headers}{length}\r\n{body}")).await;
    }

    pub(super) async fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// Sends the text again and again, without reading, until the server has closed the connection.
    pub(super) async fn flood(&mut self, text: &str) {
        while self.stream.write_all(text.as_bytes()).await.is_ok() {}
    }

    /// Everything that comes until the server closes the connection.
    pub(super) async fn rest(&mut self) -> String {
        let mut rest = std::mem::take(&mut self.read);
        // A reset, after bytes that the server did not want to read, is an end as well.
        while let Ok(1..) = self.stream.read_buf(&mut rest).await {}
        String::from_utf8(rest).unwrap()
    }

    /// Whether the server has closed the connection without a further byte.
    pub(super) async fn is_closed(&mut self) -> bool {
        matches!(self.stream.read(&mut [0; 1]).await, Ok(0) | Err(_))
    }

    pub(super) async fn answer(&mut self, is_head: bool) -> Answer {
        let end = loop {
            if let Some(end) = self.read.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
            assert_ne!(self.stream.read_buf(&mut self.read).await.unwrap(), 0, "closed before the headers ended");
        };
        let head = String::from_utf8(self.read.drain(..end + 4).collect()).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<_> = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        for (name, _) in &headers {
            assert!(ALLOWED.contains(&name.as_str()), "header {name} may not be sent");
        }
        let mut answer = Answer { status, headers, body: String::new() };
        let length =
            if is_head { 0 } else { answer.header("content-length").map_or(0, |length| length.parse().unwrap()) };
        while self.read.len() < length {
            assert_ne!(self.stream.read_buf(&mut self.read).await.unwrap(), 0, "closed before the body ended");
        }
        answer.body = String::from_utf8(self.read.drain(..length).collect()).unwrap();
        if status >= 400 && !is_head {
            let error: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
            assert_eq!(error["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error");
            assert_eq!(error["status"], status.to_string());
            assert!(!error["detail"].as_str().unwrap().is_empty());
            assert_eq!(answer.header("content-type"), Some("application/scim+json"));
        }
        assert!(answer.header("x-request-id").is_some());
        answer
    }
}
