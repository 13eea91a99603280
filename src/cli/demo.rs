//! `scim-bridge demo`.

use crate::cli::{CONFIGURATION, DemoArguments, FINE, Terminal, USAGE, output, serving, signals};
use crate::demo::{self, Options, Seed};
use crate::secret::Secret;
use crate::telemetry::Metrics;
use crate::telemetry::format::Format;
use crate::telemetry::log::init;

/// Serves the demo until a signal; gives the exit code.
pub(super) fn demo(asked: DemoArguments, terminal: Terminal) -> u8 {
    let token = asked.token.map(Secret::new);
    if let Some(fault) = token.as_ref().and_then(demo::token_fault) {
        output::words(&format!("error: {fault}\n"));
        return USAGE;
    }
    let format = Format::Text { colour: terminal.stderr };
    // What each request does is on stdout already; the log has what went wrong.
    let log = match init(format, "warn", Metrics::new().log_lines_dropped.clone()) {
        Ok(log) => log,
        Err(error) => return refuse(&error.to_string()),
    };
    let options = Options {
        listen: asked.listen,
        api_listen: asked.api_listen,
        token,
        seed: if asked.empty { Seed::Empty } else { Seed::Company },
    };
    let served = serving::runtime().and_then(|runtime| {
        runtime.block_on(async {
            let (first, second) = signals::two().map_err(|error| format!("signals cannot be watched: {error}"))?;
            demo::run(options, first, second, |text| output::data(&format!("{text}\n"))).await
        })
    });
    drop(log);
    match served {
        Ok(()) => FINE,
        Err(error) => refuse(&error),
    }
}

fn refuse(error: &str) -> u8 {
    output::words(&format!("error: {error}\n"));
    CONFIGURATION
}
