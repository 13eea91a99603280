//! What the wire tests stand on: a scripted upstream, a bridge on a real listener, and a client that looks at every answer.

pub mod bridge;
pub mod client;
pub mod upstream;
