//! The report for programs.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::word;
use crate::verify::exchange::{Exchange, Outcome as Ending};
use crate::verify::{Finding, Outcome, Report};

/// The report as JSON, with a newline at its end.
pub fn json(report: &Report) -> String {
    let [passed, failed, skipped, person] = report.counts();
    let left = report.left.iter().map(|left| json!({"what": left.what, "why": left.why}));
    let whole = json!({
        "url": report.url,
        "began": report.began,
        "run": report.run,
        "readOnly": report.reads_only,
        "brokenOff": report.is_broken_off,
        "summary": {"passed": passed, "failed": failed, "skipped": skipped, "person": person},
        "checks": report.outcomes.iter().map(check).collect::<Vec<_>>(),
        "notRemoved": left.collect::<Vec<_>>(),
    });
    format!("{whole:#}\n")
}

fn check(outcome: &Outcome) -> Value {
    let check = outcome.case.check;
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("id", json!(outcome.case.id()));
    put("suite", json!(outcome.case.suite));
    put("claim", json!(check.claim));
    put("source", json!(check.source));
    put("result", json!(word(&outcome.finding)));
    match &outcome.finding {
        Finding::Passed => {}
        Finding::Failed(fault) => {
            put("expected", json!(fault.expected));
            put("got", json!(fault.got));
            put("exchange", json!(fault.exchange));
            put("change", json!(check.cure));
        }
        Finding::Skipped(why) => {
            put("because", json!(why));
        }
        Finding::Person => {
            put("do", json!(check.cure));
        }
    }
    put("milliseconds", json!(milliseconds(outcome.took)));
    put("exchanges", json!(outcome.exchanges.iter().map(exchange).collect::<Vec<_>>()));
    Value::Object(object)
}

fn exchange(exchange: &Exchange) -> Value {
    let answer = match &exchange.outcome {
        Ending::Answered { status, headers, body } => {
            let headers: Map<String, Value> =
                headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
            json!({"status": status, "headers": headers, "body": body})
        }
        Ending::Lost(why) => json!({"lost": why}),
    };
    json!({
        "method": exchange.method,
        "target": exchange.target,
        "sent": exchange.sent,
        "answer": answer,
        "milliseconds": milliseconds(exchange.took),
    })
}

fn milliseconds(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}
