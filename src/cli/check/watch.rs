//! `check --watch`: again and again, while files are edited.

use std::path::PathBuf;
use std::time::Duration;

use tokio::time::MissedTickBehavior;

use crate::cli::check::{Format, Report, style};
use crate::cli::{CONFIGURATION, Terminal, output, serving, signals};

/// The time between two looks. Looking is reading and checking anew: editors and mounted folders notify in too many ways.
const BETWEEN: Duration = Duration::from_millis(500);

/// The screen and what was scrolled out of it are emptied, the next text begins at the top.
const CLEARED: &str = "\u{1b}[2J\u{1b}[3J\u{1b}[H";

/// Prints the findings, and prints them again whenever a text or a finding changed, until a signal; gives the exit code
/// that the last findings call for.
pub(super) fn watch(
    paths: &[PathBuf],
    (format, strict): (Format, bool),
    environment: &[(String, String)],
    terminal: Terminal,
) -> u8 {
    let watched = serving::runtime().and_then(|runtime| {
        runtime.block_on(async {
            let (ended, _) = signals::two().map_err(|error| format!("signals cannot be watched: {error}"))?;
            let mut ended = std::pin::pin!(ended);
            let mut looks = tokio::time::interval(BETWEEN);
            looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut shown: Option<Report> = None;
            loop {
                tokio::select! {
                    biased;
                    () = &mut ended => return Ok(shown.as_ref().map_or(0, Report::exit_code)),
                    _ = looks.tick() => {}
                }
                let report = Report::of(paths, strict, environment);
                if shown.as_ref().is_none_or(|shown| !shown.is_same(&report)) {
                    let clear = if terminal.screen { CLEARED } else { "" };
                    output::data(&format!("{clear}{}", report.text(format, style(terminal))));
                    shown = Some(report);
                }
            }
        })
    });
    watched.unwrap_or_else(|error: String| {
        output::words(&format!("error: {error}\n"));
        CONFIGURATION
    })
}
