//! The report for a terminal.

use std::fmt::Write as _;

use crate::value::on_one_line;
use crate::verify::exchange::{Exchange, Outcome as Ending, shortened};
use crate::verify::verdict::Fault;
use crate::verify::{Finding, Outcome, Report};

/// The longest body that is shown, in bytes.
const LONGEST: usize = 600;

/// The report as text: a line for each case, and below it what a failed one needs to be understood.
pub fn text(report: &Report) -> String {
    let mut out = String::new();
    let mut suite = "";
    for outcome in &report.outcomes {
        if outcome.case.suite != suite {
            suite = outcome.case.suite;
            let _ = writeln!(out, "{}{suite}", if out.is_empty() { "" } else { "\n" });
        }
        case(&mut out, outcome);
    }
    if !report.left.is_empty() {
        out.push_str("\nNot removed; please look yourself:\n");
        for left in &report.left {
            let _ = writeln!(out, "  {}: {}", on_one_line(&left.what), on_one_line(&left.why));
        }
    }
    if report.is_broken_off {
        out.push_str("\nBroken off: the remaining cases were not played.\n");
    }
    let [passed, failed, skipped, person] = report.counts();
    let _ = writeln!(out, "\n{passed} passed, {failed} failed, {skipped} skipped, {person} for a person");
    out
}

fn case(out: &mut String, outcome: &Outcome) {
    let (id, check) = (outcome.case.id(), outcome.case.check);
    let mark = match &outcome.finding {
        Finding::Passed => "ok    ",
        Finding::Failed(_) => "FAIL  ",
        Finding::Skipped(_) => "skip  ",
        Finding::Person => "person",
    };
    let _ = writeln!(out, "  {mark} {id}  {}", check.claim);
    match &outcome.finding {
        Finding::Passed => {}
        Finding::Failed(fault) => failure(out, outcome, fault),
        Finding::Skipped(why) => line(out, "because", why),
        Finding::Person => line(out, "do", check.cure),
    }
}

/// What a failed case needs to be understood.
pub(super) fn failure(out: &mut String, outcome: &Outcome, fault: &Fault) {
    line(out, "expected", &fault.expected);
    line(out, "got", &fault.got);
    if let Some(exchange) = fault.exchange.and_then(|at| outcome.exchanges.get(at)) {
        sent(out, exchange);
    }
    line(out, "source", outcome.case.check.source);
    line(out, "change", outcome.case.check.cure);
}

fn sent(out: &mut String, exchange: &Exchange) {
    let body = exchange.sent.as_deref().unwrap_or_default();
    line(out, "sent", format!("{} {} {}", exchange.method, exchange.target, shortened(body, LONGEST)).trim_end());
    let answered = match &exchange.outcome {
        Ending::Answered { status, body, .. } => format!("{status} {}", shortened(body, LONGEST)),
        Ending::Lost(why) => format!("not at all: {why}"),
    };
    line(out, "answered", answered.trim_end());
}

fn line(out: &mut String, name: &str, text: &str) {
    let _ = writeln!(out, "         {name:<9} {}", on_one_line(text));
}
