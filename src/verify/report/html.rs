//! The report as one page, to be handed on: to a reviewer at Okta, or to a colleague.

use std::fmt::Write as _;

use super::escape::Escaped;
use super::{by_suite, word};
use crate::verify::exchange::{Exchange, Outcome as Ending, shortened};
use crate::verify::{Finding, Outcome, Report};

/// The longest body of an exchange on the page, in bytes.
const LONGEST: usize = 2_000;

/// All of the page's looks: nothing is loaded from anywhere.
const STYLE: &str = "body{font:15px/1.45 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}\
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}code,pre{font:13px/1.4 ui-monospace,monospace}\
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f5f6f8;padding:.5rem;margin:.3rem 0}\
details{border-top:1px solid #dde1e6;padding:.35rem 0}summary{cursor:pointer}dl{margin:.4rem 0 .4rem 1rem}\
dt{font-weight:600}dd{margin:0 0 .3rem 0}b.passed{color:#116329}b.failed{color:#a40e26}b.skipped,b.person{color:#6e7781}\
@media print{details:not([open])>*:not(summary){display:none}}";

/// The report as HTML: a summary, and each case with everything that was sent and answered.
pub fn html(report: &Report) -> String {
    let [passed, failed, skipped, person] = report.counts();
    let mut out = String::new();
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>SCIM verification of {url}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1>SCIM verification of <code>{url}</code></h1>\n\
         <p>Played by <code>scim-bridge verify</code> on {began}. {made} What others have as values is not shown.</p>\n\
         <p><b class=\"passed\">{passed} passed</b>, <b class=\"failed\">{failed} failed</b>, {skipped} skipped, \
         {person} for a person</p>\n",
        url = Escaped(&report.url),
        began = Escaped(&report.began),
        made = made(report),
    );
    if report.is_broken_off {
        out.push_str("<p>The run was broken off: the remaining cases were not played.</p>\n");
    }
    if !report.left.is_empty() {
        out.push_str("<h2>Not removed</h2>\n<ul>\n");
        for left in &report.left {
            let _ = writeln!(out, "<li><code>{}</code>: {}</li>", Escaped(&left.what), Escaped(&left.why));
        }
        out.push_str("</ul>\n");
    }
    for (suite, outcomes) in by_suite(report) {
        let _ = writeln!(out, "<h2>{}</h2>", Escaped(suite.title));
        for outcome in outcomes {
            case(&mut out, outcome);
        }
    }
    out.push_str("</body>\n</html>\n");
    out
}

/// What the run worked on.
fn made(report: &Report) -> String {
    if report.reads_only {
        return "Nothing was sent but GET.".to_owned();
    }
    let run = Escaped(&report.run);
    format!(
        "Users and groups were made for it, with names that begin with <code>verify-{run}-</code>, and removed again."
    )
}

fn case(out: &mut String, outcome: &Outcome) {
    let check = outcome.case.check;
    let word = word(&outcome.finding);
    let open = if word == "failed" { " open" } else { "" };
    let _ = writeln!(
        out,
        "<details{open}><summary><b class=\"{word}\">{word}</b> <code>{}</code> {}</summary>\n<dl>",
        Escaped(&outcome.case.id()),
        Escaped(check.claim)
    );
    match &outcome.finding {
        Finding::Passed => {}
        Finding::Failed(fault) => {
            item(out, "Expected", &fault.expected);
            item(out, "Got", &fault.got);
            item(out, "What to change", check.cure);
        }
        Finding::Skipped(why) => item(out, "Because", why),
        Finding::Person => item(out, "To be done by a person", check.cure),
    }
    item(out, "Source", check.source);
    out.push_str("</dl>\n");
    for sent in &outcome.exchanges {
        exchange(out, sent);
    }
    out.push_str("</details>\n");
}

fn item(out: &mut String, name: &str, text: &str) {
    let _ = writeln!(out, "<dt>{name}</dt><dd>{}</dd>", Escaped(text));
}

fn exchange(out: &mut String, exchange: &Exchange) {
    let mut lines = format!("{} {}", exchange.method, exchange.target);
    if let Some(body) = &exchange.sent {
        let _ = write!(lines, "\n{}", shortened(body, LONGEST));
    }
    match &exchange.outcome {
        Ending::Answered { status, headers, body } => {
            let _ = write!(lines, "\n→ {status} in {} ms", exchange.took.as_millis());
            for (name, value) in headers {
                let _ = write!(lines, "\n  {name}: {value}");
            }
            if !body.is_empty() {
                let _ = write!(lines, "\n{}", shortened(body, LONGEST));
            }
        }
        Ending::Lost(why) => {
            let _ = write!(lines, "\n→ {why}");
        }
    }
    let _ = writeln!(out, "<pre>{}</pre>", Escaped(&lines));
}
