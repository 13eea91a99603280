//! What one tenant's bridge remembers of its operations, also beyond a reload of its mapping.

use crate::bridge::fresh::Fresh;
use crate::bridge::undelivered::Undelivered;

/// All of it in memory, all of it bounded.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    /// Creates whose answer nobody took.
    pub(crate) undelivered: Undelivered,
    /// What was made a moment ago.
    pub(crate) fresh: Fresh,
}
