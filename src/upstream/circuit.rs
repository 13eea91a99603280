//! The circuit of one upstream: after repeated failures it is not called for a while, then probed once.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Consecutive failures that open the circuit.
const FAILURES: u32 = 7;
/// The first and the longest penalty.
const PENALTY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(10));

/// Closed while the upstream answers; open for a penalty after 7 consecutive failures; then one probe decides.
#[derive(Debug, Default)]
pub(crate) struct Circuit {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    penalty: Duration,
    open_until: Option<Instant>,
    probing: bool,
}

/// The right to make one call. Dropped unsettled (a cancelled call), it says nothing about the upstream.
#[derive(Debug)]
pub(crate) struct Ticket<'a> {
    circuit: &'a Circuit,
    probe: bool,
}

impl Circuit {
    /// Whether calls are let through at this moment.
    ///
    /// # Errors
    /// The time until the next probe.
    pub(crate) fn check(&self) -> Result<(), Duration> {
        self.lock().wait().map_or(Ok(()), Err)
    }

    /// Lets one call through; of those that come after a penalty, the first, as a probe.
    ///
    /// # Errors
    /// The time until the next probe.
    pub(crate) fn enter(&self) -> Result<Ticket<'_>, Duration> {
        let mut state = self.lock();
        if let Some(wait) = state.wait() {
            return Err(wait);
        }
        let probe = state.open_until.is_some();
        state.probing = probe;
        Ok(Ticket { circuit: self, probe })
    }

    /// `closed`, `open` or `probing`.
    pub(crate) fn word(&self) -> &'static str {
        let state = self.lock();
        match (state.open_until, state.probing) {
            (None, _) => "closed",
            (Some(_), false) => "open",
            (Some(_), true) => "probing",
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn wait(&self) -> Option<Duration> {
        let until = self.open_until?;
        let left = until.saturating_duration_since(Instant::now());
        if self.probing { Some(left.max(PENALTY.0)) } else { (!left.is_zero()).then_some(left) }
    }

    fn open(&mut self, penalty: Duration, fraction: f64) {
        self.penalty = penalty;
        // Jitter only shortens: the upstream is found again within one penalty.
        self.open_until = Some(Instant::now() + penalty.mul_f64(0.8 + 0.2 * fraction));
    }
}

impl Ticket<'_> {
    /// Says whether the upstream answered properly. `fraction` (0 to 1, drawn when it is needed) spreads the penalties of many processes. Gives whether
    /// the circuit opened or closed by it.
    pub(crate) fn settle(mut self, healthy: bool, fraction: impl FnOnce() -> f64) -> bool {
        let mut state = self.circuit.lock();
        let was_open = state.open_until.is_some();
        if self.probe {
            self.probe = false;
            state.probing = false;
            if healthy {
                *state = State::default();
            } else {
                let penalty = (state.penalty * 2).min(PENALTY.1);
                state.open(penalty, fraction());
            }
        } else if state.open_until.is_none() {
            state.failures = if healthy { 0 } else { state.failures + 1 };
            if state.failures >= FAILURES {
                state.open(PENALTY.0, fraction());
            }
        }
        state.open_until.is_some() != was_open
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        if self.probe {
            self.circuit.lock().probing = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fail(circuit: &Circuit, times: u32) {
        for _ in 0..times {
            assert_eq!(circuit.enter().unwrap().settle(false, || 1.0), circuit.check().is_err());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_opens_after_seven_consecutive_failures_only() {
        let circuit = Circuit::default();
        fail(&circuit, 6);
        assert!(!circuit.enter().unwrap().settle(true, || 1.0));
        fail(&circuit, 6);
        assert_eq!(circuit.check(), Ok(()));
        fail(&circuit, 1);
        assert_eq!(circuit.check(), Err(Duration::from_secs(1)));
    }

    #[tokio::test(start_paused = true)]
    async fn one_probe_is_let_through_and_the_penalty_doubles_to_ten_seconds() {
        let circuit = Circuit::default();
        fail(&circuit, 7);
        for expected in [2, 4, 8, 10, 10] {
            tokio::time::advance(circuit.check().unwrap_err()).await;
            let probe = circuit.enter().unwrap();
            assert!(circuit.enter().is_err(), "a second probe");
            assert!(!probe.settle(false, || 1.0), "it stays open");
            assert_eq!(circuit.check(), Err(Duration::from_secs(expected)));
        }
        tokio::time::advance(Duration::from_secs(10)).await;
        assert!(circuit.enter().unwrap().settle(true, || 1.0), "it closes");
        fail(&circuit, 6);
        assert_eq!(circuit.check(), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_probe_makes_room_for_another() {
        let circuit = Circuit::default();
        fail(&circuit, 7);
        tokio::time::advance(Duration::from_secs(1)).await;
        drop(circuit.enter().unwrap());
        assert!(circuit.enter().is_ok());
    }
}
