//! The upstream of a transcript: every call must be the next one expected, and is answered as the transcript says.

use std::collections::VecDeque;
use std::future::Future;
use std::ops::Range;
use std::pin::Pin;
use std::sync::{Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;
use url::Url;

use crate::transcript::expect::{self, Pair};
use crate::transcript::{Answer, Call, Canned, Failure};
use crate::upstream::transport::{Request, Response, Transport, TransportError};

/// Plays canned answers. From the first call that is not as expected on, it answers nothing: what the bridge would make of
/// such an answer is of no interest.
#[derive(Debug, Default)]
pub struct Player {
    base: OnceLock<Url>,
    state: Mutex<State>,
    failed: Notify,
}

#[derive(Debug, Default)]
struct State {
    expected: VecDeque<Call>,
    fault: Option<Fault>,
}

/// A call that should not have come like this.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Another one was expected.
    Other {
        /// The lines of the expected call.
        lines: Range<usize>,
        /// Both.
        pair: Pair,
    },
    /// None was expected; as an author would write it.
    Extra(String),
}

impl Player {
    /// Calls are written relative to this URL.
    pub fn stands_at(&self, base: Url) {
        // A bridge has one base; a second one would be the same.
        let _ = self.base.set(base);
    }

    /// Expects these calls, in order.
    pub fn expect(&self, calls: &[Call]) {
        self.lock().expected.extend(calls.iter().cloned());
    }

    /// Waits for a call that is not as expected.
    pub async fn failed(&self) -> Fault {
        loop {
            let failed = self.failed.notified();
            if let Some(fault) = self.lock().fault.clone() {
                return fault;
            }
            failed.await;
        }
    }

    /// The lines of the first expected call that did not come; nothing is expected any more.
    pub fn missing(&self) -> Option<Range<usize>> {
        let expected = std::mem::take(&mut self.lock().expected);
        expected.front().map(|call| call.lines.clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer to a call; `None` when it is not the one expected.
    fn next(&self, request: &Request) -> Option<Answer> {
        let base = self.base.get().unwrap_or(&request.url);
        let mut state = self.lock();
        if state.fault.is_some() {
            return None;
        }
        let fault = match state.expected.front() {
            None => Fault::Extra(expect::written(request, base)),
            Some(expected) => match expect::call(expected, request, base) {
                None => return state.expected.pop_front().map(|call| call.answer),
                Some(pair) => Fault::Other { lines: expected.lines.clone(), pair },
            },
        };
        state.fault = Some(fault);
        drop(state);
        self.failed.notify_waiters();
        None
    }

    async fn answer(&self, request: Request) -> Result<Response, TransportError> {
        let Some(answer) = self.next(&request) else { return std::future::pending().await };
        match answer {
            Answer::Response(canned) => {
                let Canned { status, headers, body } = *canned;
                let body = body.map_or_else(Bytes::new, |body| body.text.into());
                if body.len() > request.max_body {
                    return Err(TransportError::TooLarge(request.max_body));
                }
                Ok(Response { status, headers, body })
            }
            Answer::Failure(Failure::Timeout) => {
                tokio::time::sleep(request.timeout).await;
                Err(TransportError::TimedOut(request.timeout))
            }
            Answer::Failure(Failure::Reset) => Err(TransportError::Broken("reset by the transcript".to_owned())),
            Answer::Failure(Failure::Refused) => Err(TransportError::NotSent("refused by the transcript".to_owned())),
        }
    }
}

impl Transport for Player {
    fn send<'a>(
        &'a self,
        request: Request,
    ) -> Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>> {
        Box::pin(self.answer(request))
    }
}
