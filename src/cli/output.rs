//! Data to stdout, words to stderr. Whoever closes the pipe has read enough: that is no fault.

use std::io::Write as _;

/// Writes to standard output, at once.
pub(super) fn data(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Writes to standard error.
pub(super) fn words(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
