//! The integration tests: the library as a whole, over real sockets.

mod support;
mod wire;
