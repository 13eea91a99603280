//! `scim-bridge doc`: pages for people.

use crate::cli::{FINE, output};
use crate::mapping::reference::reference;

/// What `doc` can be told.
#[derive(Debug, clap::Args)]
pub(super) struct DocArguments {
    /// The reference of the mapping format: every key with its meaning
    #[arg(long, required = true)]
    format_reference: bool,
}

/// Prints the page that is asked for; gives the exit code.
pub(super) fn doc(_asked: &DocArguments) -> u8 {
    output::data(&reference());
    FINE
}
