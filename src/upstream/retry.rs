//! What may be tried again, and when.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use http::HeaderMap;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use tokio::time::Instant;

use crate::mapping::call::{Call, Limits, Purpose, RetryAfter, Then, WaitUnit};
use crate::scim::ErrorType;
use crate::upstream::{Error, Outcome};

/// The longest `Retry-After` that is passed on.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// A failed try.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What the caller gets if this was the last try.
    pub(crate) error: Error,
    /// Whether a repeat is safe.
    pub(crate) class: Class,
    /// The upstream is in trouble: it counts for the circuit.
    pub(crate) unhealthy: bool,
}

/// The retry classes of the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// No repeat helps.
    Final,
    /// Only another login helps.
    LoggedOut,
    /// The request did not leave: always repeated.
    NotSent,
    /// The upstream asked for patience, perhaps for so long: always repeated.
    Refused(Option<Duration>),
    /// Perhaps carried out: repeated where that is harmless.
    Unknown,
}

impl Failure {
    /// A failure that no repeat helps.
    pub(crate) fn last(error: Error) -> Self {
        Self { error, class: Class::Final, unhealthy: false }
    }
}

/// The tries of one call.
pub(crate) struct Tries {
    waits: ExponentialBackoff,
    idempotent: bool,
    purpose: Purpose,
    /// The first failure whose outcome is unknown: a later refusal does not make it undone.
    unknown: Option<Error>,
}

impl Tries {
    /// No try made yet.
    pub(crate) fn new(call: &Call, limits: &Limits) -> Self {
        let (shortest, longest) = limits.backoff;
        let waits =
            ExponentialBuilder::new().with_min_delay(shortest).with_max_delay(longest).with_max_times(limits.retries);
        Self { waits: waits.build(), idempotent: call.idempotent, purpose: call.purpose, unknown: None }
    }

    /// The wait before the next try, with full jitter (`fraction`, 0 to 1).
    ///
    /// # Errors
    /// The call's error, when there shall be no further try.
    pub(crate) fn after(
        &mut self,
        failure: Failure,
        fraction: f64,
        deadline: Instant,
        budget: &RetryBudget,
    ) -> Result<Duration, Error> {
        let asked = match failure.class {
            Class::Final | Class::LoggedOut => return Err(self.worst(failure.error)),
            Class::Unknown if !self.idempotent => return Err(failure.error),
            Class::Refused(asked) => asked.unwrap_or_default(),
            Class::NotSent | Class::Unknown => Duration::ZERO,
        };
        let Some(wait) = self.waits.next().map(|wait| wait.mul_f64(fraction).max(asked)) else {
            return Err(self.worst(failure.error));
        };
        if Instant::now() + wait >= deadline || !budget.withdraw() {
            return Err(self.worst(failure.error));
        }
        if self.unknown.is_none() && failure.error.outcome() == Outcome::Unknown {
            self.unknown = Some(failure.error);
        }
        Ok(wait)
    }

    /// The error that says most of what may have happened: after a try that was perhaps carried out, no failure of a later one
    /// proves that nothing was done, be it a refusal, a login or credentials. Only what the upstream says of this very request
    /// stands: that the record is gone, was changed meanwhile, or that it never takes these values. Of a create not even that, nor
    /// ever "is there already".
    pub(crate) fn worst(&mut self, last: Error) -> Error {
        let is_verdict = match &last {
            Error::Answered { then, .. } => {
                self.purpose != Purpose::Create && *then != Then::Type(ErrorType::Uniqueness)
            }
            Error::Fill { .. }
            | Error::NotSent { .. }
            | Error::TimedOut { .. }
            | Error::Unreadable { .. }
            | Error::Refused { .. }
            | Error::Busy { .. }
            | Error::CircuitOpen { .. }
            | Error::CredentialsRefused { .. }
            | Error::ProxyRefused { .. }
            | Error::Login { .. }
            | Error::Failed { .. }
            | Error::Planned { .. }
            | Error::TooManyCalls { .. } => false,
        };
        if is_verdict || last.outcome() == Outcome::Unknown { last } else { self.unknown.take().unwrap_or(last) }
    }
}

/// How long the upstream wants us to wait: what its own header says, where it has one that can be read, else `Retry-After`;
/// `None` when negative, garbage or absent. Never more than an hour.
pub(crate) fn retry_after(headers: &HeaderMap, own: Option<&RetryAfter>, now: Timestamp) -> Option<Duration> {
    let own = own.and_then(|own| own_wait(headers.get(&own.header)?.to_str().ok()?.trim(), own.unit, now));
    own.map(|wait| wait.min(LONGEST_RETRY_AFTER)).or_else(|| standard(headers, now))
}

/// The wait that an upstream's own header says, in its unit.
fn own_wait(text: &str, unit: WaitUnit, now: Timestamp) -> Option<Duration> {
    let number = || text.parse::<f64>().ok().filter(|number| number.is_finite());
    let seconds = match unit {
        WaitUnit::Seconds => number()?,
        WaitUnit::Milliseconds => number()? / 1000.0,
        WaitUnit::Epoch => number()? - now.as_duration().as_secs_f64(),
        WaitUnit::Date => {
            let date = DateTimeParser::new().parse_timestamp(text).ok()?;
            (date.as_duration() - now.as_duration()).as_secs_f64()
        }
    };
    Duration::try_from_secs_f64(seconds.min(LONGEST_RETRY_AFTER.as_secs_f64())).ok()
}

/// `Retry-After`: whole seconds or an HTTP date (RFC 9110 §10.2.3).
fn standard(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
        Duration::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        let date = DateTimeParser::new().parse_timestamp(text).ok()?;
        Duration::from_secs(u64::try_from(date.as_second() - now.as_second()).ok()?)
    };
    Some(wait.min(LONGEST_RETRY_AFTER))
}

/// Keeps retries from multiplying the load on an upstream in trouble: at most a tenth of the calls, plus one a second.
#[derive(Debug)]
pub(crate) struct RetryBudget {
    state: Mutex<(u32, Instant)>,
}

impl RetryBudget {
    /// Ten retries, in tenths.
    const FULL: u32 = 100;

    /// A full budget.
    pub(crate) fn new() -> Self {
        Self { state: Mutex::new((Self::FULL, Instant::now())) }
    }

    /// A first try pays in a tenth of a retry.
    pub(crate) fn deposit(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.0 = (state.0 + 1).min(Self::FULL);
    }

    /// Takes one retry; `false` when there is none left.
    fn withdraw(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = state.1.elapsed().as_secs();
        state.1 += Duration::from_secs(seconds);
        state.0 = state.0.saturating_add(u32::try_from(seconds).unwrap_or(u32::MAX).saturating_mul(10)).min(Self::FULL);
        let enough = state.0 >= 10;
        state.0 -= if enough { 10 } else { 0 };
        enough
    }
}

/// A random number from 0 to 1, for jitter.
pub(crate) fn fraction() -> f64 {
    // Without randomness there is still a wait, only the same for all.
    getrandom::u32().map_or(0.5, |random| f64::from(random) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = Timestamp::from_second(784_111_777).unwrap();
        let table = [
            ("seconds", "7", Some(7)),
            ("no wait", "0", Some(0)),
            ("a date ahead", "Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("a date gone by", "Sun, 06 Nov 1994 08:49:07 GMT", None),
            ("negative", "-5", None),
            ("garbage", "soon", None),
            ("empty", "", None),
            ("too long", "99999", Some(3600)),
            ("beyond all numbers", "99999999999999999999999", Some(3600)),
        ];
        for (name, text, expected) in table {
            let headers = [(http::header::RETRY_AFTER, text.parse().unwrap())].into_iter().collect();
            assert_eq!(retry_after(&headers, None, now), expected.map(Duration::from_secs), "{name}");
        }
    }

    #[test]
    fn an_upstreams_own_header_says_how_long_to_wait_in_its_unit() {
        let now = Timestamp::from_second(784_111_777).unwrap();
        let millis = |millis| Some(Duration::from_millis(millis));
        let table = [
            ("seconds", WaitUnit::Seconds, "7", millis(7000)),
            ("parts of a second", WaitUnit::Seconds, "0.25", millis(250)),
            ("milliseconds", WaitUnit::Milliseconds, "1500", millis(1500)),
            ("a time", WaitUnit::Epoch, "784111807", millis(30_000)),
            ("a time gone by", WaitUnit::Epoch, "784111747", None),
            ("a date", WaitUnit::Date, "Sun, 06 Nov 1994 08:50:07 GMT", millis(30_000)),
            ("a date gone by", WaitUnit::Date, "Sun, 06 Nov 1994 08:49:07 GMT", None),
            ("garbage", WaitUnit::Seconds, "soon", None),
            ("no number", WaitUnit::Epoch, "NaN", None),
            ("no text", WaitUnit::Seconds, "\u{fc}", None),
            ("too long", WaitUnit::Milliseconds, "1e99", millis(3_600_000)),
        ];
        let header = http::HeaderName::from_static("x-wait");
        let standard = (http::header::RETRY_AFTER, "9".parse().unwrap());
        for (name, unit, text, expected) in table {
            let own = RetryAfter { header: header.clone(), unit };
            let said = (header.clone(), http::HeaderValue::from_bytes(text.as_bytes()).unwrap());
            let headers = [said.clone()].into_iter().collect();
            assert_eq!(retry_after(&headers, Some(&own), now), expected, "{name}, alone");
            let headers = [said, standard.clone()].into_iter().collect();
            assert_eq!(retry_after(&headers, Some(&own), now), expected.or(millis(9000)), "{name}");
            let headers = [standard.clone()].into_iter().collect();
            assert_eq!(retry_after(&headers, Some(&own), now), millis(9000), "without it");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn retries_are_a_tenth_of_the_calls_plus_ten_in_ten_seconds() {
        let budget = RetryBudget::new();
        assert_eq!((0..50).filter(|_| budget.withdraw()).count(), 10);
        for _ in 0..40 {
            budget.deposit();
        }
        assert_eq!((0..50).filter(|_| budget.withdraw()).count(), 4);
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!((0..50).filter(|_| budget.withdraw()).count(), 10);
    }
}
