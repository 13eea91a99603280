//! One call to the ISV's API, sent decently. Knows HTTP; of SCIM only the error types.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;

use crate::mapping::call::{Call, Limits, Purpose, RetryAfter, UpstreamSettings};
use crate::mapping::hole::FillError;
use crate::mapping::scope::{Scope, Surroundings};
use crate::secret::Fingerprint;
use crate::telemetry::{Trace, TracedCall};

pub mod answer;
mod body;
mod circuit;
pub mod error;
mod intent;
mod limits;
mod line;
pub mod paging;
pub mod rehearsal;
mod request;
mod retry;
mod session;
mod takeover;
pub mod transport;
mod verdict;

pub use answer::Answer;
pub use error::{Error, Outcome};
pub use intent::Intent;
pub use line::Lane;
pub use paging::{Next, Paging, Position};
pub use rehearsal::Rehearsal;
pub use takeover::Condition;
pub use transport::{HttpTransport, Transport};

use circuit::Circuit;
use limits::Gate;
use request::{Base, Filled};
use retry::{Class, Failure, RetryBudget, Tries};
use session::{Open, Session};
use transport::{Request, Response, TransportError};

/// Upstream calls of one SCIM request at most; runs of `each` calls and reads of stubs are not counted.
const CALLS_PER_REQUEST: u32 = 1000;
/// Bytes of an upstream's body in a log line at most.
const LOGGED_BODY: usize = 1024;

/// The upstream of one tenant: base URL, credentials, limits, connections.
pub struct Upstream {
    door: Door,
    session: Option<Arc<Session>>,
    limits: Limits,
    retry_after: Option<RetryAfter>,
    surroundings: Surroundings,
    transport: Arc<dyn Transport>,
    gate: Arc<Gate>,
    retries: Arc<RetryBudget>,
    rehearsal: Option<Arc<dyn Rehearsal>>,
    /// Whether calls that change something are planned and not sent.
    plans: bool,
    /// Of the credentials and all else that a session and a connection depend on.
    seal: Option<Fingerprint>,
}

/// Where calls go: the base URL with what all of them send, and whether anybody answers there.
#[derive(Debug)]
pub(crate) struct Door {
    base: Base,
    circuit: Arc<Circuit>,
}

impl Door {
    fn new(base: Base) -> Self {
        Self { base, circuit: Arc::default() }
    }
}

/// What one operation may still spend: time and calls.
#[derive(Clone, Debug)]
pub struct Budget {
    /// When the operation must be done.
    pub deadline: Instant,
    /// The operation's trace; its counter also bounds the calls (1,000).
    pub trace: Arc<Trace>,
    /// Whether its calls count towards that bound: those that something else bounds do not.
    pub bounded: bool,
    /// Before whom its calls go where calls have to wait.
    pub lane: Lane,
    /// Where calls are noted that are only planned.
    pub intent: Option<Arc<Intent>>,
}

impl Budget {
    /// The same time, for calls that something else bounds: reads of a window's items, compensations.
    #[must_use]
    pub fn unbounded(&self) -> Self {
        Self { bounded: false, ..self.clone() }
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upstream").field("tenant", &self.surroundings.tenant).finish_non_exhaustive()
    }
}

impl Upstream {
    /// An upstream for one tenant. `url` replaces the mapping's.
    ///
    /// # Errors
    /// One sentence for the operator: the URL is not valid, or plain http off loopback; a secret that the upstream's own
    /// headers need is not set.
    pub fn new(
        settings: &UpstreamSettings,
        url: Option<&str>,
        surroundings: Surroundings,
        transport: Arc<dyn Transport>,
    ) -> Result<Self, String> {
        let base = Base::new(settings, url, &surroundings)?;
        let (limits, gate) = (settings.limits.clone(), Arc::new(Gate::new(&settings.limits)));
        let session = settings.session.as_ref().map(|session| Arc::new(Session::new(session, &base, settings)));
        let (door, retries) = (Door::new(base), Arc::new(RetryBudget::new()));
        let retry_after = settings.retry_after.clone();
        Ok(Self {
            door,
            session,
            limits,
            retry_after,
            surroundings,
            transport,
            gate,
            retries,
            rehearsal: None,
            plans: false,
            seal: None,
        })
    }

    /// The tenant's values and secrets.
    pub fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// The same upstream by another way to the network.
    #[must_use]
    pub fn over(self, transport: Arc<dyn Transport>) -> Self {
        Self { transport, ..self }
    }

    /// The same upstream, whose calls somebody sees, and may answer, before they go out.
    #[must_use]
    pub fn rehearsed(self, rehearsal: Arc<dyn Rehearsal>) -> Self {
        Self { rehearsal: Some(rehearsal), ..self }
    }

    /// Whether somebody sees its calls before they go out.
    pub fn is_rehearsed(&self) -> bool {
        self.rehearsal.is_some()
    }

    /// The request that a call makes in this scope. Values of the session stand there by their names: `session:token`.
    ///
    /// # Errors
    /// See [`FillError`].
    pub fn preview(&self, call: &Call, scope: &Scope<'_>) -> Result<Request, FillError> {
        let session = self.session.as_ref().map(|session| session.names());
        let scope = Scope { surroundings: Some(&self.surroundings), session, ..*scope };
        let Filled { url, headers, body } = self.door(call).base.fill(call, &scope)?;
        let (method, max_body) = (call.method.clone(), self.limits.max_body);
        Ok(Request { method, url, headers, body, timeout: self.limits.timeout, max_body })
    }

    /// The login, and an answer to it that gives each value by its name, where a call in this scope sends such values.
    pub fn sample_login(&self) -> Option<(&Call, Response)> {
        self.session.as_ref().map(|session| session.sample())
    }

    /// The base URL, with the tenant's variables in their places.
    pub fn url(&self) -> &url::Url {
        self.door.base.url()
    }

    /// Fills the call's holes, sends it under the limits, tries again where that is safe, and reads the verdict. A call that
    /// sends a value of the session has one opened first, and another one when the upstream says that it is over.
    ///
    /// # Errors
    /// Everything but a usable answer; see [`Error`].
    pub async fn send(&self, call: &Call, scope: &Scope<'_>, budget: &Budget) -> Result<Answer, Error> {
        // The one door: nothing that could change something is filled, waits, logs in or leaves.
        if self.plans && !call.purpose.only_reads() {
            return Err(self.plan(call, scope, budget));
        }
        let scope = Scope { surroundings: Some(&self.surroundings), ..*scope };
        let bound = call.slots.iter().map(|slot| slot.bind(&scope)).collect::<Result<Vec<_>, _>>();
        let bound = bound.map_err(|source| Error::Fill { call: call.label.clone(), source })?;
        let session = self.session.as_deref().filter(|session| session.serves(call));
        let mut over: Option<Arc<Open>> = None;
        let mut tries = Tries::new(call, &self.limits);
        self.retries.deposit();
        loop {
            let open = match session {
                Some(session) => Some(if let Some(open) = session.ready(over.as_ref()) {
                    open
                } else {
                    // Rare, and large: on the heap, so that every other call stays small.
                    let opened = Box::pin(session.open(self, over.as_ref(), (&scope, budget))).await;
                    // The login comes between two tries: its failure says nothing of the first.
                    opened.map_err(|failure| tries.worst(failure))?
                }),
                None => None,
            };
            let scope = Scope { session: open.as_deref().map(|open| &open.values), ..scope };
            let failure = match self.attempt(call, &scope, budget).await {
                Ok(answer) => return Ok(answer.with_paths(bound)),
                Err(failure) => failure,
            };
            tracing::debug!(url.template = call.label, error = %failure.error, "upstream call failed");
            if failure.class == Class::LoggedOut && over.is_none() {
                over = open;
                continue;
            }
            let wait = tries.after(failure, retry::fraction(), budget.deadline, &self.retries)?;
            tokio::time::sleep(wait).await;
        }
    }

    /// Opens a session. A future of its own kind: `send` waits for it, and it for `send`.
    fn log_in<'a>(
        &'a self,
        call: &'a Call,
        scope: &'a Scope<'a>,
        budget: &'a Budget,
    ) -> Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send + 'a>> {
        Box::pin(async move {
            let outcome = self.send(call, scope, budget).await;
            if let Err(error) = &outcome {
                tracing::warn!(tenant = self.surroundings.tenant, %error, "login to the upstream failed");
            }
            outcome
        })
    }

    /// Where a call goes.
    fn door(&self, call: &Call) -> &Door {
        match &self.session {
            Some(session) if call.purpose == Purpose::Login => &session.door,
            Some(_) | None => &self.door,
        }
    }

    /// One try.
    async fn attempt(&self, call: &Call, scope: &Scope<'_>, budget: &Budget) -> Result<Answer, Failure> {
        count(call, budget)?;
        let Door { base, circuit } = self.door(call);
        let filled = base.fill(call, scope);
        let filled = filled.map_err(|source| Failure::last(Error::Fill { call: call.label.clone(), source }))?;
        if let Some(response) = self.rehearsal.as_ref().and_then(|rehearsal| rehearsal.attempt(call, scope)) {
            let answer = Answer::new(response.status, response.headers, response.body, false, filled.url.into());
            return Ok(answer.to(call));
        }
        circuit.check().map_err(|retry_after| open(call, retry_after))?;

        let longest = budget.deadline.saturating_duration_since(Instant::now()) / 2;
        // All others wait for a login.
        let lane = if call.purpose == Purpose::Login { Lane::Writes } else { budget.lane };
        let _permit =
            self.gate.enter(lane, longest).await.map_err(|full| {
                Failure::last(Error::Busy { call: call.label.clone(), retry_after: full.retry_after })
            })?;
        // While this call waited, others may have opened the circuit.
        let ticket = circuit.enter().map_err(|retry_after| open(call, retry_after))?;

        let left = budget.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let reason = "the operation's time is up".to_owned();
            return Err(Failure::last(Error::NotSent { call: call.label.clone(), reason }));
        }
        let exchange = self.exchange(call, filled, left.min(self.limits.timeout), &budget.trace).await;
        let verdict = exchange.and_then(|answer| verdict::judge((call, self.retry_after.as_ref()), scope, answer));
        // Logins that are refused again and again would lock the account.
        let troubled = |failure: &Failure| failure.unhealthy || call.purpose == Purpose::Login;
        let healthy = !verdict.as_ref().is_err_and(troubled);
        if ticket.settle(healthy, retry::fraction) {
            let tenant = self.surroundings.tenant.as_str();
            tracing::warn!(tenant, healthy, "upstream circuit changed");
        }
        verdict
    }

    /// Over the wire and back, with a record of it.
    async fn exchange(&self, call: &Call, filled: Filled, timeout: Duration, trace: &Trace) -> Result<Answer, Failure> {
        let Filled { url, mut headers, body } = filled;
        trace.name_in(&mut headers);
        let address = url.as_str().to_owned();
        // What a login sends is nobody's to see.
        let shown = if call.purpose == Purpose::Login { None } else { body.as_ref() };
        let sent = trace.detail.as_ref().map(|_| shown.cloned());
        let (method, max_body) = (call.method.clone(), self.limits.max_body);
        let started = Instant::now();
        let result = self.transport.send(Request { method, url, headers, body, timeout, max_body }).await;
        if let Some(body) = sent {
            record(trace, call, (&address, body), result.as_ref().ok(), started.elapsed());
        }
        match result {
            Ok(response) => {
                log(call, &response, started.elapsed());
                Ok(Answer::new(response.status, response.headers, response.body, false, address).to(call))
            }
            Err(error) => Err(unanswered(call, error)),
        }
    }
}

fn count(call: &Call, budget: &Budget) -> Result<(), Failure> {
    if call.each.is_some() || call.purpose == Purpose::Before || !budget.bounded {
        return Ok(());
    }
    if budget.trace.calls.fetch_add(1, Ordering::Relaxed) < CALLS_PER_REQUEST {
        return Ok(());
    }
    Err(Failure::last(Error::TooManyCalls { call: call.label.clone(), bound: CALLS_PER_REQUEST }))
}

fn open(call: &Call, retry_after: Duration) -> Failure {
    Failure::last(Error::CircuitOpen { call: call.label.clone(), retry_after })
}

fn unanswered(call: &Call, error: TransportError) -> Failure {
    let call = call.label.clone();
    match error {
        TransportError::NotSent(reason) => {
            Failure { error: Error::NotSent { call, reason }, class: Class::NotSent, unhealthy: true }
        }
        TransportError::TimedOut(timeout) => {
            Failure { error: Error::TimedOut { call, timeout }, class: Class::Unknown, unhealthy: true }
        }
        TransportError::Broken(_) => {
            let error = Error::Unreadable { call, status: None, reason: error.to_string() };
            Failure { error, class: Class::Unknown, unhealthy: true }
        }
        // It would be as large the next time.
        TransportError::TooLarge(_) => {
            Failure::last(Error::Unreadable { call, status: None, reason: error.to_string() })
        }
    }
}

fn record(trace: &Trace, call: &Call, sent: (&str, Option<bytes::Bytes>), response: Option<&Response>, took: Duration) {
    let Some(mut calls) = trace.detail.as_ref().and_then(|detail| detail.lock().ok()) else { return };
    let after_scheme = sent.0.find("://").map_or(0, |at| at + 3);
    let target = sent.0[after_scheme..].find('/').map_or("/", |at| &sent.0[after_scheme + at..]);
    calls.push(TracedCall {
        method: call.method.to_string(),
        target: target.to_owned(),
        body: sent.1,
        status: response.map(|response| response.status),
        took,
    });
}

/// Bodies are logged at debug only, cut and escaped: they hold what people call personal data.
fn log(call: &Call, response: &Response, took: Duration) {
    if !tracing::enabled!(tracing::Level::DEBUG) {
        return;
    }
    if call.purpose == Purpose::Login {
        tracing::debug!(url.template = call.label, http.response.status_code = response.status, "login answered");
        return;
    }
    let body = response.body[..response.body.len().min(LOGGED_BODY)].escape_ascii();
    tracing::debug!(
        url.template = call.label,
        http.response.status_code = response.status,
        took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        body = %body,
        "upstream answered"
    );
}

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
