//! Reading a filter costs time in proportion to its length, whatever it is made of; and the bounds come first.

use super::*;
use crate::value::steps;

/// A beginning, a part again and again, a middle, and an end as often.
type Parts = (&'static str, &'static str, &'static str, &'static str);

/// So many bytes of a text.
fn text(bytes: usize, (start, part, middle, end): Parts) -> String {
    let times = (bytes - start.len() - middle.len()) / (part.len() + end.len());
    [start, &part.repeat(times), middle, &end.repeat(times)].concat()
}

/// Name and parts.
const TEXTS: &[(&str, Parts)] = &[
    ("parentheses", ("", "(         ", "a pr", "         )")),
    ("negations", ("", "not (         ", "a pr", "     )")),
    ("lists that nest to the right", ("", "ab.cd pr and (", "a pr", "     )")),
    ("lists that nest to the left", ("", "(     ", "a pr", " and ab.cd pr)")),
    ("lists of both kinds in turn", ("", "(a pr or b pr and ", "a pr", " )")),
    ("a long conjunction", ("a pr", " and a.b eq 1.10", "", "")),
    ("a long disjunction", ("a pr", " or a eq \"x\\u0041\"", "", "")),
    ("a long list in brackets", ("a[b pr", " and b pr or c pr", "]", "")),
    ("many brackets", ("a pr", " and a[b pr].c pr", "", "")),
    ("a long text", ("a eq \"", "\\\"é", "\"", "")),
    ("a text without an end", ("a eq \"", "\\\"x", "", "")),
    ("a long name", ("", "a", " pr", "")),
    ("a long URN", ("urn", ":a", ":b pr", "")),
    ("many dots", ("a", ".a", " pr", "")),
    ("a long number", ("a eq ", "7", "", "")),
    ("much space", ("a ", " ", " pr", "")),
    ("space without a filter", ("", " \t", "", "")),
    ("parentheses without an end", ("", "(                   ", "", "")),
    ("negations without an end", ("", "not(                ", "", "")),
    ("brackets without an end", ("", "a[", "", "")),
    ("ends without a beginning", ("a pr", ")]", "", "")),
    ("words", ("", "and or not ", "", "")),
    ("signs", ("a eq ", "\u{1f30d}", "", "")),
];

/// Reads a text without bounds, on a thread whose stack holds any nesting; the steps that it took.
fn steps_of(text: String) -> u64 {
    let read = move || {
        let (filter, taken) = steps::of(|| Filter::parse_within(&text, Bounds::LIFTED));
        // The tree is as deep as the text, and falls apart here.
        drop(filter);
        taken
    };
    std::thread::Builder::new().stack_size(1 << 30).spawn(read).unwrap().join().unwrap()
}

#[test]
fn ten_times_the_text_is_ten_times_the_work() {
    for (name, parts) in TEXTS {
        let (short, long) = (steps_of(text(100_000, *parts)), steps_of(text(1_000_000, *parts)));
        assert!(long <= 11 * short, "{name}: {short} steps for 100 kB, {long} for 1 MB");
        assert!(long <= 12_000_000, "{name}: {long} steps for 1 MB");
    }
}

#[test]
fn a_long_filter_is_refused_before_it_is_looked_at() {
    for (name, parts) in TEXTS {
        for bytes in [100_000, 1_000_000] {
            let (read, taken) = steps::of(|| Filter::parse(&text(bytes, *parts)));
            assert_eq!(read.unwrap_err().message, "the text is longer than 8192 bytes", "{name}");
            assert_eq!(taken, 0, "{name}");
        }
    }
}
