//! The command line.

use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the program: `arguments` with the program's name first, `environment` as read once by `main`.
pub fn main(arguments: Vec<OsString>, environment: Vec<(String, String)>) -> ExitCode {
    let _ = (arguments, environment);
    todo!()
}
