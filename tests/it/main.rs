//! The integration tests: the library as a whole, over real sockets.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod check;
mod cli;
mod docs;
mod explain;
mod init;
mod layers;
mod mappings;
mod record;
mod reference;
mod sample;
mod schema;
mod support;
mod transcripts;
mod wire;
