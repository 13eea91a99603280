//! The text of a file and places in it.

use std::ops::Range;

/// A byte range in a [`Source`].
pub type Span = Range<usize>;

/// A mapping or settings file as it was read.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path as it shall be shown to its author.
    pub path: String,
    /// The text.
    pub text: String,
}
