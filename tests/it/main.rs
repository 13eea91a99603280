//! The integration tests: the library as a whole, over real sockets.

mod check;
mod docs;
mod support;
mod wire;
