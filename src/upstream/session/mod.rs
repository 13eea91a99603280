//! The session that a login opens: made before the first call, kept, renewed before it ends or when the upstream says that it is
//! over. However many calls wait for it, there is one login at a time, and they share its failure too; who comes later tries anew.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use crate::mapping::call::{Call, Purpose, SessionSettings, Signing, Source, UpstreamSettings};
use crate::mapping::scope::{Name, Scope, SessionValues};
use crate::upstream::request::Base;
use crate::upstream::transport::Response;
use crate::upstream::{Answer, Budget, Door, Error, Upstream};

/// The captured value that says how many seconds the session lasts.
const TTL: &str = "ttl";
/// A session is renewed when a tenth of its life is left, but never earlier than this before its end.
const EARLIEST_RENEWAL: Duration = Duration::from_secs(60);

/// The login of one upstream, and what it gave.
#[derive(Debug)]
pub(crate) struct Session {
    call: Call,
    /// Where the login goes; its failures do not close the way to the upstream itself.
    pub(crate) door: Door,
    ttl: Option<Duration>,
    /// For somebody who looks on: each value by its name.
    names: SessionValues,
    /// Every call sends a value of the session.
    everywhere: bool,
    state: Mutex<State>,
    logging_in: tokio::sync::Mutex<()>,
}

/// What the last login gave.
#[derive(Debug, Default)]
struct State {
    open: Option<Arc<Open>>,
    /// Logins that were made so far, and that said something of the upstream.
    ended: u64,
    /// The failure of the last of them.
    failure: Option<Arc<Error>>,
}

/// An open session.
#[derive(Debug)]
pub(crate) struct Open {
    /// What the login captured.
    pub(crate) values: SessionValues,
    renewal: Option<Instant>,
}

impl Session {
    /// The login of a mapping, not made yet. `base` is what it shares with all calls if it is at the same origin.
    pub(crate) fn new(settings: &SessionSettings, base: &Base, upstream: &UpstreamSettings) -> Self {
        let mut call = settings.call.clone();
        let door = Door::new(base.for_login(call.origin.as_ref()));
        if door.base.origin() == base.origin() {
            call.query.extend(settings.query.iter().cloned());
            call.errors.extend(settings.errors.iter().cloned());
        }
        let names = call.capture.iter().map(|(name, _)| (name.clone(), Value::from(format!("session:{name}"))));
        let names = SessionValues(names.collect());
        let headers = upstream.headers.iter().flat_map(|(_, template)| template.holes());
        let mut holes = headers.chain(upstream.sign.iter().flat_map(Signing::holes));
        let everywhere = holes.any(|hole| matches!(hole.name, Name::Session(_)));
        Self {
            call,
            door,
            names,
            ttl: settings.ttl,
            everywhere,
            state: Mutex::default(),
            logging_in: tokio::sync::Mutex::default(),
        }
    }

    /// The login, and an answer that gives each value by its name.
    pub(crate) fn sample(&self) -> (&Call, Response) {
        let (mut body, mut headers) = (Value::Null, HeaderMap::new());
        for (name, source) in &self.call.capture {
            let Some(value) = self.names.0.get(name) else { continue };
            match source {
                Source::Body(path) => path.put(&mut body, value.clone()),
                Source::Header(header, pattern) => {
                    let text = value.as_str().unwrap_or_default();
                    let text = pattern.as_ref().map_or_else(|| text.to_owned(), |pattern| pattern.holding(text));
                    if let Ok(text) = HeaderValue::try_from(text) {
                        headers.append(header.clone(), text);
                    }
                }
                Source::Link => {}
            }
        }
        if body.is_null() {
            return (&self.call, Response { status: 204, headers, body: Bytes::new() });
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        (&self.call, Response { status: 200, headers, body: body.to_string().into() })
    }

    /// The values by their names: `session:token`.
    pub(crate) fn names(&self) -> &SessionValues {
        &self.names
    }

    /// Whether a call sends a value of the session.
    pub(crate) fn serves(&self, call: &Call) -> bool {
        call.purpose != Purpose::Login && (self.everywhere || call.reads.session)
    }

    /// The session as it is; `None` when there has to be a login first. `over` is one that the upstream no longer takes.
    pub(crate) fn ready(&self, over: Option<&Arc<Open>>) -> Option<Arc<Open>> {
        self.state().usable(over)
    }

    /// An open session other than `over`, by a login where there is none.
    ///
    /// # Errors
    /// [`Error::Login`] when the login fails or does not give what the mapping captures; [`Error::NotSent`] when it does not end
    /// before the operation's deadline.
    pub(crate) async fn open(
        &self,
        upstream: &Upstream,
        over: Option<&Arc<Open>>,
        (scope, budget): (&Scope<'_>, &Budget),
    ) -> Result<Arc<Open>, Error> {
        let before = {
            let state = self.state();
            if let Some(open) = state.usable(over) {
                return Ok(open);
            }
            state.ended
        };
        let Ok(_turn) = timeout_at(budget.deadline, self.logging_in.lock()).await else {
            let reason = "the login did not end in time".to_owned();
            return Err(Error::NotSent { call: self.call.label.clone(), reason });
        };
        {
            let state = self.state();
            if let Some(open) = state.usable(over) {
                return Ok(open);
            }
            if let Some(failure) = state.failure.as_ref().filter(|_| state.ended != before) {
                return Err(Error::Login { call: self.call.label.clone(), source: Arc::clone(failure) });
            }
        }
        let login = Scope { drawn: scope.drawn, ..Scope::default() };
        let outcome = upstream.log_in(&self.call, &login, budget).await.and_then(|answer| self.read(&answer));
        let mut state = self.state();
        state.open = None;
        match outcome {
            Ok(open) => {
                state.ended += 1;
                state.failure = None;
                Ok(Arc::clone(state.open.insert(Arc::new(open))))
            }
            // No login was tried: those who wait for it try for themselves.
            Err(failure @ (Error::CircuitOpen { .. } | Error::Busy { .. } | Error::TooManyCalls { .. })) => {
                Err(failure)
            }
            Err(failure) => {
                let source = Arc::new(failure);
                // Where this operation's time was up, that says nothing to those who have more. The circuit bounds their tries.
                if Instant::now() < budget.deadline {
                    state.ended += 1;
                    state.failure = Some(Arc::clone(&source));
                }
                Err(Error::Login { call: self.call.label.clone(), source })
            }
        }
    }

    /// What the login's answer gives.
    fn read(&self, answer: &Answer) -> Result<Open, Error> {
        let values = SessionValues(answer.captured(&self.call).collect());
        if let Some((missing, _)) =
            self.call.capture.iter().find(|(name, _)| name != TTL && !values.0.contains_key(name))
        {
            let reason = format!("the answer has no `{missing}`");
            return Err(Error::Unreadable { call: self.call.label.clone(), status: Some(answer.status), reason });
        }
        let life = values.0.get(TTL).and_then(seconds).or(self.ttl);
        let left = life.map(|life| life.saturating_sub((life / 10).min(EARLIEST_RENEWAL)));
        let renewal = left.and_then(|left| Instant::now().checked_add(left));
        Ok(Open { values, renewal })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn usable(&self, over: Option<&Arc<Open>>) -> Option<Arc<Open>> {
        let open = self.open.as_ref()?;
        let fresh = open.renewal.is_none_or(|renewal| Instant::now() < renewal);
        (fresh && !over.is_some_and(|over| Arc::ptr_eq(over, open))).then(|| Arc::clone(open))
    }
}

/// A life in seconds, as a number or as text; none where it is no time.
fn seconds(value: &Value) -> Option<Duration> {
    let seconds = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    Duration::try_from_secs_f64(seconds).ok().filter(|life| !life.is_zero())
}

#[cfg(test)]
mod tests;
