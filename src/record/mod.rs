//! Writes down what really happens, one transcript for each SCIM request, without anybody's name in it.
//!
//! A [`Recording`] carries operations out as the bridge does. A [`Recorder`] stands on both sides of its upstream: before a
//! call is filled, to fill it once more with the names of secrets, and at the transport, for the answers. Which request a call
//! belongs to, the task that runs it knows. A [`Writer`] disguises and writes, on a thread of its own.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http_body_util::BodyExt as _;
use tokio::time::Instant;

use crate::bridge::{self, Bridge, Operation, Reply};
use crate::http::{Engine, Finished, Observer, response};
use crate::mapping::call::Purpose;
use crate::mapping::scope::{Drawn, Scope, SessionValues, Surroundings};
use crate::mapping::source::Source;
use crate::mapping::{Call, Mapping};
use crate::scim::discovery::BulkLimits;
use crate::telemetry::Trace;
use crate::transcript::player::Player;
use crate::upstream::transport::{Request, Response, Transport, TransportError};
use crate::upstream::{Rehearsal, Upstream};

mod compose;
mod disguise;
mod redact;
mod scope;
mod writer;

pub use writer::Writer;

use scope::Filled;

tokio::task_local! {
    /// The request that this task works for.
    static AT_WORK: Arc<Mutex<Exchange>>;
}

/// A tenant that is recorded.
#[derive(Debug)]
pub struct Recorded {
    /// The tenant's name.
    pub name: String,
    /// The path before `/Users`.
    pub path: String,
    /// The URL of its resources, without a final slash.
    pub location: String,
    /// The variables of the tenant.
    pub variables: Vec<(String, String)>,
    /// The real base URL.
    pub url: String,
    /// Names and values of secrets: nothing of the latter may be written.
    pub secrets: Vec<(String, String)>,
    /// The mapping.
    pub mapping: Mapping,
    /// Its file.
    pub source: Source,
    /// Fills calls with the names of secrets.
    shown: Upstream,
}

/// A SCIM request with all that it caused.
#[derive(Debug)]
pub(crate) struct Exchange {
    tenant: Arc<Recorded>,
    body: Bytes,
    calls: Vec<Made>,
    drawn: Option<Drawn>,
    operation_id: Option<String>,
    /// Values of the session and their names: nothing of the former may be written.
    session: Vec<(String, String)>,
    reply: Option<(u16, HeaderMap, Bytes)>,
}

/// An upstream call that was made.
#[derive(Debug)]
pub(crate) struct Made {
    call: Call,
    /// What it was filled with.
    filled: Filled,
    answer: Option<Result<Response, TransportError>>,
}

impl Exchange {
    /// Notes the values of a session. A session that an earlier request opened is opened by this one when it is played.
    fn opened(&mut self, session: &SessionValues, shown: &Upstream) {
        let texts = session.0.iter().filter_map(|(name, value)| Some((name, value.as_str()?)));
        for (name, text) in texts.filter(|(_, text)| text.len() > 3) {
            if !self.session.iter().any(|(known, _)| known == text) {
                self.session.push((text.to_owned(), format!("session:{name}")));
            }
        }
        let is_login = |made: &Made| made.call.purpose == Purpose::Login;
        if let Some((call, response)) = shown.sample_login().filter(|_| !self.calls.iter().any(is_login)) {
            let filled = Filled::of(&Scope::default());
            self.calls.push(Made { call: call.clone(), filled, answer: Some(Ok(response)) });
        }
    }
}

/// The bridge of a tenant, recorded.
#[derive(Debug)]
pub struct Recording {
    bridge: Bridge,
    recorder: Arc<Recorder>,
}

/// What stands between the bridge and its upstream.
pub struct Recorder {
    tenant: Arc<Recorded>,
    inner: Arc<dyn Transport>,
    desk: Arc<Desk>,
}

/// The requests that are carried out, and not yet answered; by their traces.
#[derive(Debug)]
pub struct Desk {
    open: Mutex<HashMap<usize, Arc<Mutex<Exchange>>>>,
    writer: Writer,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("tenant", &self.tenant.name).finish_non_exhaustive()
    }
}

impl Desk {
    /// A desk whose transcripts this one writes.
    pub fn new(writer: Writer) -> Self {
        Self { open: Mutex::default(), writer }
    }

    /// Waits until everything is written.
    pub fn close(&self) {
        self.writer.close();
    }
}

impl Observer for Desk {
    fn finished(&self, request: &Finished<'_>) {
        let exchange = lock(&self.open).remove(&place(request.trace));
        if let Some(exchange) = exchange {
            self.writer.write(request.method, request.target, exchange);
        }
    }
}

impl Recording {
    /// A bridge for a tenant whose requests are written down. Its upstream is called once at a time, so that the order of
    /// calls is that of a transcript.
    ///
    /// # Errors
    /// One sentence: the mapping cannot be used with these settings.
    pub fn new(
        (mapping, source): (&Mapping, &Source),
        surroundings: Surroundings,
        (url, path, location): (Option<&str>, &str, &str),
        (transport, desk): (Arc<dyn Transport>, &Arc<Desk>),
    ) -> Result<Self, String> {
        let mut mapping = mapping.clone();
        mapping.upstream.limits.concurrent = 1;
        let secrets = surroundings.secrets.iter().map(|(name, secret)| (name.clone(), secret.reveal().to_owned()));
        let variables = surroundings.variables.iter().map(|(name, value)| (name.clone(), value.clone()));
        let names = crate::transcript::play::surroundings(&mapping, &surroundings.variables);
        let names = Surroundings { tenant: surroundings.tenant.clone(), ..names };
        let (name, secrets, variables) = (surroundings.tenant.clone(), secrets.collect(), variables.collect());
        // The same URL as in a transcript: the mapping's own.
        let shown = Upstream::new(&mapping.upstream, None, names, Arc::<Player>::default())?;
        let real = Upstream::new(&mapping.upstream, url, surroundings, Arc::<Player>::default())?;
        let tenant = Arc::new(Recorded {
            name: name.clone(),
            path: path.to_owned(),
            location: location.to_owned(),
            variables,
            url: real.url().to_string(),
            secrets,
            mapping: mapping.clone(),
            source: source.clone(),
            shown,
        });
        let recorder = Arc::new(Recorder { tenant, inner: transport, desk: Arc::clone(desk) });
        let upstream = real
            .over(Arc::<Recorder>::clone(&recorder) as Arc<_>)
            .rehearsed(Arc::<Recorder>::clone(&recorder) as Arc<_>);
        Ok(Self { bridge: Bridge::new(&mapping, upstream, name, location.to_owned()), recorder })
    }
}

impl Recording {
    /// The same, which says that bulk requests have these limits.
    #[must_use]
    pub fn announcing(self, bulk: BulkLimits) -> Self {
        Self { bridge: self.bridge.announcing(bulk), ..self }
    }
}

impl Engine for Recording {
    fn endpoints(&self) -> Vec<String> {
        self.bridge.endpoints()
    }

    fn deadline(&self) -> Duration {
        self.bridge.deadline()
    }

    fn location(&self, kind: usize, id: &str) -> String {
        self.bridge.location(kind, id)
    }

    async fn run(&self, operation: Operation, trace: Arc<Trace>, by: Option<Instant>) -> Result<Reply, bridge::Error> {
        // A version is another one when the resource is disguised: what depends on one could not be played.
        if operation.precondition().is_some() {
            return self.bridge.run_by(operation, trace, by).await;
        }
        let body = match &operation {
            Operation::Create { body, .. } | Operation::Replace { body, .. } | Operation::Patch { body, .. } => {
                body.clone()
            }
            Operation::List { .. } | Operation::Search { .. } | Operation::Get { .. } | Operation::Delete { .. } => {
                Bytes::new()
            }
            // Nobody is spoken of, and nothing is called.
            Operation::Discover(_) => return self.bridge.run(operation, trace).await,
        };
        let tenant = Arc::clone(&self.recorder.tenant);
        let (calls, session) = (Vec::new(), Vec::new());
        let exchange = Exchange { tenant, body, calls, drawn: None, operation_id: None, session, reply: None };
        let exchange = Arc::new(Mutex::new(exchange));
        let outcome = AT_WORK.scope(Arc::clone(&exchange), self.bridge.run_by(operation, Arc::clone(&trace), by)).await;
        let shown = match &outcome {
            // A version that is made of a resource is another one when the resource is disguised.
            Ok(reply) => response::from_reply(Reply { version: None, body: unversioned(reply), ..reply.clone() }),
            Err(error) => {
                let (shown, retry_after) = error.to_scim(&trace.id);
                response::from_error(&shown, retry_after)
            }
        };
        let (head, body) = shown.into_parts();
        let Ok(body) = body.collect().await.map(http_body_util::Collected::to_bytes);
        // The correlation id of a transcript is another one.
        let own = format!("(request {})", trace.id);
        let body = replaced(&body, &own, "(request test)");
        lock(&exchange).reply = Some((head.status.as_u16(), head.headers, body));
        lock(&self.recorder.desk.open).insert(place(&trace), exchange);
        outcome
    }
}

impl Rehearsal for Recorder {
    fn attempt(&self, call: &Call, scope: &Scope<'_>) -> Option<Response> {
        // Outside of a request there is nothing to write down.
        let _ = AT_WORK.try_with(|exchange| {
            let mut exchange = lock(exchange);
            exchange.drawn = exchange.drawn.take().or_else(|| scope.drawn.cloned());
            exchange.operation_id = exchange.operation_id.take().or_else(|| scope.operation_id.map(str::to_owned));
            if let Some(session) = scope.session {
                exchange.opened(session, &self.tenant.shown);
            }
            exchange.calls.push(Made { call: call.clone(), filled: Filled::of(scope), answer: None });
        });
        None
    }
}

impl Transport for Recorder {
    fn send<'a>(
        &'a self,
        request: Request,
    ) -> Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>> {
        Box::pin(async move {
            let answer = self.inner.send(request).await;
            let kept = answer.clone();
            let _ = AT_WORK.try_with(|exchange| {
                if let Some(last) = lock(exchange).calls.last_mut() {
                    last.answer = Some(kept);
                }
            });
            answer
        })
    }
}

/// What tells a trace from others for as long as its request lasts.
fn place(trace: &Trace) -> usize {
    std::ptr::from_ref(trace).addr()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The body of a reply without the version that the bridge itself gave the resource: one of a rule is made of the record.
fn unversioned(reply: &Reply) -> Bytes {
    let Some(version) = reply.version.as_ref().and_then(|version| version.to_str().ok()) else {
        return reply.body.clone();
    };
    let Ok(text) = serde_json::to_string(version) else { return reply.body.clone() };
    // The bridge puts it last of all.
    replaced(&reply.body, &format!(",\"version\":{text}}}}}"), "}}")
}

/// A text with every occurrence of another one replaced; anything but text stays as it is.
fn replaced(bytes: &Bytes, from: &str, to: &str) -> Bytes {
    match std::str::from_utf8(bytes) {
        Ok(text) if !from.is_empty() && text.contains(from) => text.replace(from, to).into(),
        Ok(_) | Err(_) => bytes.clone(),
    }
}

/// Whether the answer of a call holds records, and where.
fn brings_records(purpose: Purpose) -> bool {
    match purpose {
        Purpose::List | Purpose::Get | Purpose::Part | Purpose::Create | Purpose::Update => true,
        Purpose::Add
        | Purpose::Remove
        | Purpose::Change
        | Purpose::Before
        | Purpose::Delete
        | Purpose::Undo
        | Purpose::Login => false,
    }
}
