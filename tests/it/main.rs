//! The integration tests: the library as a whole, over real sockets.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod access;
mod check;
mod cli;
mod connect;
mod corpus;
mod demands;
mod docs;
mod edits;
mod explain;
mod helpdesk;
mod init;
mod layers;
mod mappings;
mod paging;
mod path;
mod record;
mod reference;
mod running;
mod sample;
mod schema;
#[path = "../stand_ins/mod.rs"]
mod stand_ins;
mod support;
mod transcripts;
mod verify;
mod wire;
