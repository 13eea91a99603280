//! Reading a PATCH costs time in proportion to its length, whatever it is made of; and the bounds come first.

use super::*;
use crate::value::steps;

/// A beginning, a part again and again, and an end as often.
type Parts = (&'static str, &'static str, &'static str);

/// So many bytes of a message, whose operations are these parts.
fn message(bytes: usize, (start, part, end): Parts) -> String {
    let head = format!(r#"{{"schemas":["{PATCH_SCHEMA}"],"Operations":["#);
    let times = (bytes - head.len() - start.len()) / (part.len() + end.len());
    [&head, start, &part.repeat(times), &end.repeat(times)].concat()
}

const NEGATIONS: &str = r#"{"op":"remove","path":"a[not (not (not (b pr)))]"},"#;

/// Name; the parts; whether the product refuses even the short one for its form, and how.
const MESSAGES: &[(&str, Parts, &str)] = &[
    ("lists in a value", (r#"{"op":"add","path":"a","value":"#, "[", "]"), "the body is nested deeper than 64"),
    (
        "objects in a value",
        (r#"{"op":"add","path":"a","value":"#, r#"{"a":"#, "}"),
        "the body is nested deeper than 64",
    ),
    ("operations in operations", ("", r#"{"op":"add","value":["#, ""), "the body is nested deeper than 64"),
    ("many operations", ("", r#"{"op":"remove","path":"title"},"#, ""), "the body is not valid JSON"),
    ("many filters", ("", NEGATIONS, ""), "the body is not valid JSON"),
    ("a text without an end", (r#"{"op":"add","value":""#, r#"\""#, ""), "the body is not valid JSON"),
    ("numbers", (r#"{"op":"add","value":"#, "7", ""), "the body is not valid JSON"),
    ("brackets", ("]}", "}]", ""), "the body is not valid JSON"),
    ("space", ("", " \n", ""), "the body is not valid JSON"),
];

/// The operations, whole; what the product says of them.
const WHOLE: &[(&str, Parts, &str, &str)] = &[
    (
        "a chain of operations",
        (r#"{"op":"remove","path":"title"}"#, r#",{"op":"remove","path":"title"}"#, ""),
        "]}",
        "at most 1000 operations",
    ),
    (
        "a chain in a path",
        (r#"{"op":"remove","path":"a[b pr"#, " and b pr", ""),
        r#"]"}]}"#,
        "the text is longer than 8192 bytes",
    ),
    (
        "nesting in a path",
        (r#"{"op":"remove","path":"a["#, "not (              ", ""),
        r#""}]}"#,
        "the text is longer than 8192 bytes",
    ),
    ("junk in a path", (r#"{"op":"remove","path":""#, "[(a.", ""), r#""}]}"#, "the text is longer than 8192 bytes"),
    ("names that nobody knows", (r#"{"z":0"#, r#","OpQ":1,"pathq":2"#, ""), "}]}", "`op` must be"),
];

/// Reads a message without bounds, on a thread whose stack holds any nesting; the steps that it took.
fn steps_of(message: String) -> u64 {
    let read = move || steps::of(|| drop(Patch::parse_within(message.as_bytes(), Bounds::LIFTED))).1;
    std::thread::Builder::new().stack_size(1 << 30).spawn(read).unwrap().join().unwrap()
}

fn assert_linear(name: &str, short: String, long: String) {
    let (short, long) = (steps_of(short), steps_of(long));
    assert!(long <= 11 * short, "{name}: {short} steps for 100 kB, {long} for 1 MB");
}

#[test]
fn ten_times_the_message_is_ten_times_the_work() {
    for (name, parts, _) in MESSAGES {
        assert_linear(name, message(100_000, *parts), message(1_000_000, *parts));
    }
    for (name, parts, end, _) in WHOLE {
        assert_linear(name, message(100_000, *parts) + end, message(1_000_000, *parts) + end);
    }
}

#[test]
fn what_nests_repeats_or_makes_no_sense_is_refused_by_its_bound() {
    let refused = |name: &str, message: String, want: &str| {
        let (read, taken) = steps::of(|| Patch::parse(message.as_bytes()));
        let detail = read.unwrap_err().detail;
        assert!(detail.contains(want), "{name}: {detail}");
        assert!(taken <= 11 * message.len() as u64, "{name}: {taken} steps");
    };
    for bytes in [100_000, 1_000_000] {
        for (name, parts, want) in MESSAGES {
            refused(name, message(bytes, *parts), want);
        }
        for (name, parts, end, want) in WHOLE {
            refused(name, message(bytes, *parts) + end, want);
        }
    }
}
