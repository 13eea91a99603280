//! The `scim-bridge` binary.

use std::process::ExitCode;

// A request is some hundred small allocations: of a POST's time, the system's allocator took a fifth in a profile.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // The one place where the environment is read. A variable that is not Unicode cannot be a setting of ours.
    let environment: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    scim_bridge::cli::main(std::env::args_os().collect(), &environment)
}
