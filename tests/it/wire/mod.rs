//! Tests over real sockets on 127.0.0.1.

mod calls;
mod create;
mod demo;
mod hangup;
mod inverse;
mod list;
mod members;
mod okta;
mod policies;
mod search;
mod session;
mod update;
