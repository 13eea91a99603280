//! How long things take.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Tells the time since some moment; it never goes back.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Duration + Send + Sync>);

impl Clock {
    /// The clock of the machine.
    pub fn of_the_machine() -> Self {
        let began = Instant::now();
        Self::new(move || began.elapsed())
    }

    /// A clock that tells what `now` says.
    pub fn new(now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time since that moment.
    pub(crate) fn now(&self) -> Duration {
        (self.0)()
    }

    /// How long it is since `then`.
    pub(crate) fn since(&self, then: Duration) -> Duration {
        self.now().saturating_sub(then)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Clock").field(&self.now()).finish()
    }
}
