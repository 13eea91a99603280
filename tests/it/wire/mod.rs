//! Tests over real sockets on 127.0.0.1.

mod brake;
mod bulk;
mod calls;
mod conditional;
mod create;
mod delete;
mod demo;
mod discovery;
mod entitlements;
mod hangup;
mod inverse;
mod lag;
mod letter;
mod list;
mod manager;
mod members;
mod okta;
mod plan;
mod policies;
mod schemas;
mod search;
mod session;
mod stale;
mod undo;
mod update;
mod versions;
