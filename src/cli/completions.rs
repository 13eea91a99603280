//! `scim-bridge completions`: what a shell completes after the program's name.

use clap::Command;
use clap_complete::Shell;

use crate::cli::{FINE, output};

/// What `completions` can be told.
#[derive(Debug, clap::Args)]
pub(super) struct CompletionsArguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the script for a shell, made of the program's own definition; gives the exit code.
pub(super) fn completions(asked: &CompletionsArguments, mut program: Command) -> u8 {
    let (name, mut script) = (program.get_name().to_owned(), Vec::new());
    clap_complete::generate(asked.shell, &mut program, name, &mut script);
    output::data(&sound(&String::from_utf8_lossy(&script), program.get_name()));
    FINE
}

/// Mends bash scripts of programs with a hyphen in their name: `clap_complete` writes the hyphen in two ways there, so that no
/// option of a command would be completed. Other scripts do not have such names.
fn sound(script: &str, name: &str) -> String {
    script.replace(&name.replace('-', "__subcmd__"), &name.replace('-', "__"))
}
