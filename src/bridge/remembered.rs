//! What one tenant's bridge remembers of its operations, also beyond a reload of its mapping.

use crate::bridge::brake::Brakes;
use crate::bridge::census::Census;
use crate::bridge::fresh::Fresh;
use crate::bridge::ops::Ends;
use crate::bridge::undelivered::Undelivered;

/// All of it in memory, all of it bounded.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    /// Creates whose answer nobody took.
    pub(crate) undelivered: Undelivered,
    /// What was made a moment ago.
    pub(crate) fresh: Fresh,
    /// How many resources were there.
    pub(crate) census: Census,
    /// How many were removed.
    pub(crate) brakes: Brakes,
    /// Operations whose end is not known.
    pub(crate) ends: Ends,
}
