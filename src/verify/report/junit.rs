//! The report for build servers, in the dialect of `JUnit` that all of them read.

use std::fmt::Write as _;

use super::by_suite;
use super::escape::Escaped;
use super::text::failure;
use crate::verify::{Finding, Outcome, Report};

/// The report as XML. A case for a person counts as skipped.
pub fn junit(report: &Report) -> String {
    let [_, failed, skipped, person] = report.counts();
    let tests = report.outcomes.len();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        out,
        "<testsuites name=\"scim-bridge verify\" tests=\"{tests}\" failures=\"{failed}\" skipped=\"{}\" time=\"{:.3}\">",
        skipped + person,
        seconds(report.outcomes.iter()),
    );
    for (suite, outcomes) in by_suite(report) {
        let is = |wanted: fn(&Finding) -> bool| outcomes.iter().filter(|outcome| wanted(&outcome.finding)).count();
        let _ = writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\" timestamp=\"{}\" time=\"{:.3}\">",
            suite.name,
            outcomes.len(),
            is(|finding| matches!(finding, Finding::Failed(_))),
            is(|finding| matches!(finding, Finding::Skipped(_) | Finding::Person)),
            Escaped(report.began.trim_end_matches('Z')),
            seconds(outcomes.iter().copied()),
        );
        for outcome in outcomes {
            case(&mut out, suite.name, outcome);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn case(out: &mut String, suite: &str, outcome: &Outcome) {
    let (id, claim) = (outcome.case.id(), outcome.case.check.claim);
    let open = format!(
        "    <testcase classname=\"scim.{suite}\" name=\"{}: {}\" time=\"{:.3}\"",
        Escaped(&id),
        Escaped(claim),
        outcome.took.as_secs_f64()
    );
    let _ = match &outcome.finding {
        Finding::Passed => writeln!(out, "{open}/>"),
        Finding::Failed(fault) => {
            let mut lines = String::new();
            failure(&mut lines, outcome, fault);
            let message = format!("expected {}, got {}", fault.expected, fault.got);
            let (message, lines) = (Escaped(&message), Escaped(&lines));
            writeln!(out, "{open}>\n      <failure message=\"{message}\">\n{lines}</failure>\n    </testcase>")
        }
        Finding::Skipped(why) => {
            writeln!(out, "{open}>\n      <skipped message=\"{}\"/>\n    </testcase>", Escaped(why))
        }
        Finding::Person => {
            let task = format!("for a person: {}", outcome.case.check.cure);
            writeln!(out, "{open}>\n      <skipped message=\"{}\"/>\n    </testcase>", Escaped(&task))
        }
    };
}

fn seconds<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> f64 {
    outcomes.map(|outcome| outcome.took.as_secs_f64()).sum()
}
