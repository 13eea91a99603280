//! What a run has found, for people and for programs.

mod escape;
mod html;
mod json;
mod junit;
mod text;

pub use html::html;
pub use json::json;
pub use junit::junit;
pub use text::text;

use crate::verify::{Finding, Outcome, Report, suites};

/// The word for a finding, the same in all forms.
fn word(finding: &Finding) -> &'static str {
    match finding {
        Finding::Passed => "passed",
        Finding::Failed(_) => "failed",
        Finding::Skipped(_) => "skipped",
        Finding::Person => "person",
    }
}

/// The outcomes of each suite that was played, with its title, in order.
fn by_suite(report: &Report) -> impl Iterator<Item = (&'static suites::Suite, Vec<&Outcome>)> {
    suites::SUITES.iter().filter_map(move |suite| {
        let own: Vec<&Outcome> = report.outcomes.iter().filter(|outcome| outcome.case.suite == suite.name).collect();
        (!own.is_empty()).then_some((suite, own))
    })
}
