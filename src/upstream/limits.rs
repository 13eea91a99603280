//! What protects the upstream: calls in flight, calls per period. A wait is bounded by the caller.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

use crate::mapping::call::Limits;

/// The gate that every call passes.
#[derive(Debug)]
pub(crate) struct Gate {
    permits: Semaphore,
    rate: Option<Rate>,
}

/// A full queue: the wait would be longer than the caller can bear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full {
    /// After what time it is worth coming again.
    pub(crate) retry_after: Duration,
}

impl Gate {
    /// The gate with these limits.
    pub(crate) fn new(limits: &Limits) -> Self {
        let permits = Semaphore::new(limits.concurrent.clamp(1, Semaphore::MAX_PERMITS));
        Self { permits, rate: limits.rate.and_then(|(calls, period)| Rate::new(calls, period)) }
    }

    /// Waits for a place among the calls in flight, and then for a turn under the rate, `longest` at most.
    ///
    /// # Errors
    /// [`Full`], as soon as it is known that the wait would be too long.
    pub(crate) async fn enter(&self, longest: Duration) -> Result<SemaphorePermit<'_>, Full> {
        let full = Full { retry_after: longest.max(Duration::from_secs(1)) };
        let until = Instant::now() + longest;
        let waiting = self.rate.as_ref().map(|rate| rate.queue(longest)).transpose()?;
        let permit = timeout_at(until, self.permits.acquire()).await.ok().and_then(Result::ok).ok_or(full)?;
        if let Some(waiting) = waiting {
            timeout_at(until, waiting.turn()).await.map_err(|_| full)?;
        }
        Ok(permit)
    }
}

/// Calls per period, evenly spaced: a burst of one.
#[derive(Debug)]
struct Rate {
    limiter: RateLimiter<NotKeyed, InMemoryState, TimerClock, NoOpMiddleware<Duration>>,
    /// Held by the one whose turn is next, so that turns are taken in order of arrival.
    next: Mutex<()>,
    waiting: AtomicU32,
    spacing: Duration,
}

impl Rate {
    fn new(calls: u32, period: Duration) -> Option<Self> {
        let spacing = period / calls.max(1);
        let quota = Quota::with_period(spacing)?.allow_burst(NonZeroU32::MIN);
        let limiter = RateLimiter::direct_with_clock(quota, TimerClock { start: Instant::now() });
        Some(Self { limiter, next: Mutex::new(()), waiting: AtomicU32::new(0), spacing })
    }

    /// Joins the queue, unless those ahead already take longer than `longest`.
    fn queue(&self, longest: Duration) -> Result<Waiting<'_>, Full> {
        let ahead = self.waiting.fetch_add(1, Ordering::Relaxed);
        let waiting = Waiting { rate: self };
        let wait = self.spacing.saturating_mul(ahead);
        if wait > longest { Err(Full { retry_after: wait }) } else { Ok(waiting) }
    }
}

/// A place in the queue for a turn; given up when dropped.
struct Waiting<'a> {
    rate: &'a Rate,
}

impl Waiting<'_> {
    async fn turn(&self) {
        let _next = self.rate.next.lock().await;
        while let Err(not_until) = self.rate.limiter.check() {
            tokio::time::sleep(not_until.wait_time_from(self.rate.limiter.clock().now())).await;
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.rate.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The runtime's clock, which tests can pause; as time since the limiter was made.
#[derive(Clone, Debug)]
struct TimerClock {
    start: Instant,
}

impl Clock for TimerClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn limits(concurrent: usize, rate: Option<(u32, Duration)>) -> Limits {
        Limits { rate, concurrent, ..Limits::default() }
    }

    #[tokio::test(start_paused = true)]
    async fn turns_are_evenly_spaced_and_in_order() {
        let gate = Arc::new(Gate::new(&limits(64, Some((10, Duration::from_secs(1))))));
        let start = Instant::now();
        let mut times = Vec::new();
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                let gate = Arc::clone(&gate);
                tokio::spawn(async move { gate.enter(Duration::from_secs(20)).await.map(|_| start.elapsed()).unwrap() })
            })
            .collect();
        for task in tasks {
            times.push(task.await.unwrap());
        }
        for (index, time) in times.iter().enumerate() {
            let expected = Duration::from_millis(100 * index as u64);
            assert!(*time >= expected && *time < expected + Duration::from_millis(10), "{index}: {time:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_queue_that_is_too_long_is_refused_at_once() {
        let gate = Gate::new(&limits(64, Some((1, Duration::from_secs(1)))));
        let rate = gate.rate.as_ref().unwrap();
        let queued: Vec<_> = (0..6).map(|_| rate.queue(Duration::from_secs(5)).unwrap()).collect();
        let start = Instant::now();
        assert_eq!(gate.enter(Duration::from_secs(5)).await.unwrap_err(), Full { retry_after: Duration::from_secs(6) });
        assert_eq!(start.elapsed(), Duration::ZERO);
        drop(queued);
        assert!(gate.enter(Duration::from_secs(5)).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_for_a_place_ends_at_its_bound() {
        let gate = Gate::new(&limits(1, None));
        let held = gate.enter(Duration::from_secs(1)).await.unwrap();
        let start = Instant::now();
        assert_eq!(gate.enter(Duration::from_secs(3)).await.unwrap_err(), Full { retry_after: Duration::from_secs(3) });
        assert_eq!(start.elapsed().as_secs(), 3);
        drop(held);
        assert!(gate.enter(Duration::from_secs(3)).await.is_ok());
    }
}
