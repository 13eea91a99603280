//! What protects the upstream: calls in flight, calls per period. A wait is bounded by the caller, and writes go before reads.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

use crate::mapping::call::Limits;
use crate::upstream::line::{Lane, Line, Place};

/// The gate that every call passes.
#[derive(Debug)]
pub(crate) struct Gate {
    /// Before the calls in flight; under a rate, before the next turn.
    line: Line,
    most: usize,
    rate: Option<Rate>,
}

/// A call's right to be in flight.
#[derive(Debug)]
#[expect(dead_code, reason = "held, not read")]
pub(crate) enum Permit<'g> {
    /// Where only the number is bounded.
    Place(Place<'g>),
    /// Where the rate is as well.
    Permit(SemaphorePermit<'g>),
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
        let most = limits.concurrent.clamp(1, Semaphore::MAX_PERMITS);
        let rate = limits.rate.and_then(|(calls, period)| Rate::new(calls, period, most));
        Self { line: Line::new(if rate.is_some() { 1 } else { most }), most, rate }
    }

    /// Waits for a place among the calls in flight, and for a turn under the rate, `longest` at most.
    ///
    /// # Errors
    /// [`Full`], as soon as it is known that the wait would be too long.
    pub(crate) async fn enter(&self, lane: Lane, longest: Duration) -> Result<Permit<'_>, Full> {
        let Some(rate) = &self.rate else {
            if let Some(place) = self.line.try_enter() {
                return Ok(Permit::Place(place));
            }
            let place = tokio::time::timeout(longest, self.line.enter(lane)).await;
            return place.map(Permit::Place).map_err(|_| Full::after(longest));
        };
        let wait = rate.spacing.saturating_mul(self.line.ahead(lane).try_into().unwrap_or(u32::MAX));
        if wait > longest {
            return Err(Full { retry_after: wait });
        }
        let until = Instant::now() + longest;
        // Whoever has the turn waits for the rest, so that all others wait in their order.
        let turn = async {
            let _turn = self.line.enter(lane).await;
            let permit = rate.permits.acquire().await.ok();
            rate.ready().await;
            permit
        };
        let permit = timeout_at(until, turn).await.ok().flatten();
        permit.map(Permit::Permit).ok_or_else(|| Full::after(longest))
    }
}

impl Full {
    /// Somebody has waited as long as they could.
    fn after(longest: Duration) -> Self {
        Self { retry_after: longest.max(Duration::from_secs(1)) }
    }
}

impl Gate {
    /// Calls in flight, and calls that wait for a place or for their turn.
    pub(crate) fn load(&self) -> (usize, usize) {
        let (taken, waiting) = self.line.load();
        match &self.rate {
            None => (taken, waiting),
            Some(rate) => (self.most.saturating_sub(rate.permits.available_permits()), waiting),
        }
    }
}

/// Calls per period, evenly spaced: a burst of one.
#[derive(Debug)]
struct Rate {
    limiter: RateLimiter<NotKeyed, InMemoryState, TimerClock, NoOpMiddleware<Duration>>,
    permits: Semaphore,
    spacing: Duration,
}

impl Rate {
    fn new(calls: u32, period: Duration, most: usize) -> Option<Self> {
        let spacing = period / calls.max(1);
        let quota = Quota::with_period(spacing)?.allow_burst(NonZeroU32::MIN);
        let limiter = RateLimiter::direct_with_clock(quota, TimerClock { start: Instant::now() });
        Some(Self { limiter, permits: Semaphore::new(most), spacing })
    }

    /// Waits until the next call may go.
    async fn ready(&self) {
        while let Err(not_until) = self.limiter.check() {
            tokio::time::sleep(not_until.wait_time_from(self.limiter.clock().now())).await;
        }
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
                tokio::spawn(async move {
                    gate.enter(Lane::Reads, Duration::from_secs(20)).await.map(|_| start.elapsed()).unwrap()
                })
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
        let gate = Arc::new(Gate::new(&limits(64, Some((1, Duration::from_secs(1))))));
        let patience = Duration::from_secs(30);
        let queued: Vec<_> = (0..7)
            .map(|_| {
                let gate = Arc::clone(&gate);
                tokio::spawn(async move { gate.enter(Lane::Writes, patience).await.map(drop) })
            })
            .collect();
        tokio::task::yield_now().await;
        let start = Instant::now();
        // The first has gone, the second has the turn.
        let full = Full { retry_after: Duration::from_secs(6) };
        assert_eq!(gate.enter(Lane::Writes, Duration::from_secs(5)).await.unwrap_err(), full);
        assert_eq!(gate.enter(Lane::Reads, Duration::from_secs(5)).await.unwrap_err(), full);
        assert_eq!(start.elapsed(), Duration::ZERO);
        for queued in queued {
            queued.await.unwrap().unwrap();
        }
        assert!(gate.enter(Lane::Reads, Duration::from_secs(5)).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_thousand_creates_at_once_go_out_ten_a_second_or_are_told_to_come_again() {
        let gate = Arc::new(Gate::new(&limits(64, Some((10, Duration::from_secs(1))))));
        let (start, half) = (Instant::now(), Duration::from_millis(22_500));
        let enter = |_| {
            let gate = Arc::clone(&gate);
            tokio::spawn(async move { gate.enter(Lane::Writes, half).await.map(|_| start.elapsed()) })
        };
        let tasks: Vec<_> = (0..1000).map(enter).collect();
        let (mut gone, mut refused) = (Vec::new(), 0);
        for task in tasks {
            match task.await.unwrap() {
                Ok(time) => gone.push(time),
                Err(full) => {
                    assert!(full.retry_after >= half && full.retry_after < Duration::from_secs(24), "{full:?}");
                    refused += 1;
                }
            }
        }
        assert!((224..=227).contains(&gone.len()) && gone.len() + refused == 1000, "{} went", gone.len());
        let busiest =
            gone.iter().map(|from| gone.iter().filter(|at| *at >= from && **at < *from + Duration::from_secs(1)));
        assert_eq!(busiest.map(Iterator::count).max(), Some(10), "in any second");
    }

    #[tokio::test(start_paused = true)]
    async fn under_a_rate_writes_go_before_the_reads_that_wait() {
        let gate = Arc::new(Gate::new(&limits(64, Some((10, Duration::from_secs(1))))));
        let order = Arc::new(std::sync::Mutex::new(String::new()));
        let enter = |lane| {
            let (gate, order) = (Arc::clone(&gate), Arc::clone(&order));
            tokio::spawn(async move {
                let _permit = gate.enter(lane, Duration::from_secs(20)).await.unwrap();
                order.lock().unwrap().push(if lane == Lane::Reads { 'r' } else { 'w' });
            })
        };
        let tasks: Vec<_> = [[Lane::Reads; 4], [Lane::Writes; 4]].concat().into_iter().map(enter).collect();
        for task in tasks {
            task.await.unwrap();
        }
        // The first went at once, the second had the turn.
        assert_eq!(*order.lock().unwrap(), "rrwwwwrr");
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_for_a_place_ends_at_its_bound() {
        let gate = Gate::new(&limits(1, None));
        let held = gate.enter(Lane::Writes, Duration::from_secs(1)).await.unwrap();
        let start = Instant::now();
        assert_eq!(
            gate.enter(Lane::Reads, Duration::from_secs(3)).await.unwrap_err(),
            Full { retry_after: Duration::from_secs(3) }
        );
        assert_eq!(start.elapsed().as_secs(), 3);
        drop(held);
        assert!(gate.enter(Lane::Writes, Duration::from_secs(3)).await.is_ok());
    }
}
