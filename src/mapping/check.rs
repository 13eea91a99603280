//! Laws and coverage across rules and calls.
