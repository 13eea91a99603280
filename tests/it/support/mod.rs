//! What the wire tests stand on: a scripted upstream, a bridge on a real listener, and a client that looks at every answer.

pub(crate) mod bridge;
pub(crate) mod case;
pub(crate) mod client;
pub(crate) mod directory;
pub(crate) mod example;
pub(crate) mod golden;
pub(crate) mod process;
pub(crate) mod program;
pub(crate) mod upstream;
