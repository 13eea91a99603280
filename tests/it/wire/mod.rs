//! Tests over real sockets on 127.0.0.1.

mod create;
mod demo;
mod hangup;
mod members;
mod okta;
