//! What is left of an upstream when the settings are read anew, and how it is.

use std::sync::Arc;

use crate::secret::Fingerprint;
use crate::upstream::Upstream;

/// How an upstream is at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// `closed`, `open` or `probing`: whether calls are let through.
    pub circuit: &'static str,
    /// Calls in flight.
    pub in_flight: usize,
    /// Calls that wait for a place or for their turn under the rate.
    pub waiting: usize,
}

impl Upstream {
    /// The same upstream with a seal: two of one seal have the same credentials, and may share a session and connections.
    #[must_use]
    pub fn sealed(self, seal: Fingerprint) -> Self {
        Self { seal: Some(seal), ..self }
    }

    /// The same upstream in the place of an earlier one. At the same URL it goes on with what was learnt there: whether
    /// anybody answers, how many further tries are left; under the same limits with the queue; and with the same seal on the
    /// same connections and in the same session.
    #[must_use]
    pub fn taking_over(mut self, earlier: &Self) -> Self {
        if self.url() != earlier.url() {
            return self;
        }
        self.door.circuit = Arc::clone(&earlier.door.circuit);
        self.retries = Arc::clone(&earlier.retries);
        let bounds = |upstream: &Self| (upstream.limits.rate, upstream.limits.concurrent);
        if bounds(&self) == bounds(earlier) {
            self.gate = Arc::clone(&earlier.gate);
        }
        let is_same = matches!((&self.seal, &earlier.seal), (Some(one), Some(other)) if one.is(other));
        if is_same && self.session.is_some() == earlier.session.is_some() {
            self.session.clone_from(&earlier.session);
            self.transport = Arc::clone(&earlier.transport);
        }
        self
    }

    /// How it is.
    pub fn condition(&self) -> Condition {
        let (in_flight, waiting) = self.gate.load();
        Condition { circuit: self.door.circuit.word(), in_flight, waiting }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::call::{Limits, Purpose, UpstreamSettings};
    use crate::upstream::sample::{Script, compile, upstream};

    /// An upstream with so many calls in flight, and the seal of a text.
    fn made(settings: &UpstreamSettings, concurrent: usize, seal: &str) -> Upstream {
        let limits = Limits { concurrent, ..settings.limits.clone() };
        let settings = UpstreamSettings { limits, ..settings.clone() };
        upstream(&settings, &Script::new([])).sealed(Fingerprint::of(seal.as_bytes()))
    }

    #[test]
    fn what_lives_in_memory_goes_on_where_it_still_fits() {
        let (settings, _) = compile("[User]\nget = \"GET /u\"", Purpose::Get);
        let earlier = made(&settings, 7, "a");
        let cases = [
            // (name, calls in flight, seal, the queue goes on, the connections go on)
            ("nothing has changed", 7, "a", true, true),
            ("other limits", 8, "a", false, true),
            ("other credentials", 7, "b", true, false),
        ];
        for (name, concurrent, seal, has_gate, has_transport) in cases {
            let next = made(&settings, concurrent, seal).taking_over(&earlier);
            assert!(Arc::ptr_eq(&next.door.circuit, &earlier.door.circuit), "{name}");
            assert_eq!(Arc::ptr_eq(&next.gate, &earlier.gate), has_gate, "{name}");
            assert_eq!(Arc::ptr_eq(&next.transport, &earlier.transport), has_transport, "{name}");
        }
        let surroundings = crate::mapping::scope::Surroundings::default();
        let elsewhere = Upstream::new(&settings, Some("http://127.0.0.1/v2"), surroundings, Script::new([])).unwrap();
        let elsewhere = elsewhere.sealed(Fingerprint::of(b"a")).taking_over(&earlier);
        assert!(!Arc::ptr_eq(&elsewhere.door.circuit, &earlier.door.circuit), "another API");
        assert!(!Arc::ptr_eq(&elsewhere.gate, &earlier.gate), "another API");
    }
}
