//! The runtime that everything is served on.

use tokio::runtime::{Builder, Runtime};

/// A runtime for the cores at hand. On one core a second thread would only cost switches between the two.
///
/// # Errors
/// One sentence: the system gives no threads or no event queue.
pub(super) fn runtime() -> Result<Runtime, String> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut builder = if cores == 1 { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    builder.enable_all().build().map_err(|error| format!("no runtime: {error}"))
}
