//! The only integration binary.

mod check;
