//! hyper to [`crate::bridge::Operation`] and back.
//!
//! A request is a straight line through [`service`]: limits, tenant, token, route, body, operation, answer.

pub mod accept;
pub mod access;
pub mod admin;
mod answer;
pub mod audit;
pub mod auth;
pub mod body;
mod bulk;
pub mod direct;
pub mod engine;
pub mod exchange;
mod floor;
mod host;
pub mod jwt;
pub mod limits;
pub mod listener;
pub mod networks;
mod ops;
mod precondition;
pub mod query;
pub mod ready;
pub mod reloads;
pub mod response;
pub mod route;
pub mod service;
pub mod tenant;
pub mod timed_io;
pub mod tls;
mod unwind;
pub mod watched;

pub use access::Access;
pub use engine::Engine;
pub use exchange::{Finished, Observer};
pub use limits::Limits;
pub use listener::{Drained, Server};
pub use ready::Readiness;
pub use reloads::Reloads;
pub use tenant::{Edition, Tenant, Tenants};

#[cfg(test)]
mod tests;
