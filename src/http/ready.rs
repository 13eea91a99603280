//! Whether new requests should come here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Readiness, shared by the listener that decides it and the admin listener that tells it.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// Not ready yet.
    pub fn new() -> Self {
        Self::default()
    }
    /// From now on requests are welcome.
    pub fn announce(&self) {
        self.0.store(true, Ordering::Release);
    }
    /// From now on they had better go elsewhere.
    pub fn withdraw(&self) {
        self.0.store(false, Ordering::Release);
    }
    /// Whether requests are welcome.
    pub fn is_ready(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
