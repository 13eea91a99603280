//! The `scim-bridge` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    scim_bridge::cli::main(std::env::args_os().collect(), std::env::vars().collect())
}
