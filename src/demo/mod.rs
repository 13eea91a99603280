//! An embedded legacy user API, in memory, with its own odd shape; and the bridge over it.
