//! What did not go as a transcript says, to be read at a glance: the author's own lines, and below them what differs.

use std::fmt::Write as _;
use std::ops::Range;

use similar::{ChangeTag, TextDiff};

use crate::mapping::diagnostic::Style;
use crate::mapping::source::Source;
use crate::transcript::expect::Pair;
use crate::transcript::play::{Cause, Deviation};

/// Lines of the transcript that are shown.
const SHOWN: usize = 16;
/// Lines of a difference that are shown.
const DIFFERENCE: usize = 60;
/// Unchanged lines around each change.
const AROUND: usize = 2;

/// A deviation as text, with a newline at its end.
pub fn render(source: &Source, title: &str, deviation: &Deviation, style: Style) -> String {
    let paint = Paint(style);
    let Deviation { lines, cause } = deviation;
    let last = lines.end.saturating_sub(1).min(lines.start + SHOWN);
    let gutter = " ".repeat(last.to_string().len());
    let (red, bold, blue) = ("\u{1b}[1;31m", "\u{1b}[1m", "\u{1b}[1;34m");
    let mut out = format!("{}{}\n", paint.with(red, "failed"), paint.with(bold, &format!(": {title}")));
    let arrow = paint.with(blue, &format!("{gutter}-->"));
    let _ = writeln!(out, "{arrow} {}:{}", source.path, lines.start);
    let bar = paint.with(blue, &format!("{gutter} |"));
    let _ = writeln!(out, "{bar}");
    for (number, line) in shown(source, lines) {
        let number = number.map_or_else(|| gutter.clone(), |number| format!("{number:>width$}", width = gutter.len()));
        let _ = writeln!(out, "{}", format!("{} {line}", paint.with(blue, &format!("{number} |"))).trim_end());
    }
    let _ = writeln!(out, "{bar}");
    let equals = paint.with(blue, &format!("{gutter} ="));
    let _ = writeln!(out, "{equals} {}", sentence(cause));
    let indent = format!("{gutter}   ");
    match cause {
        Cause::OtherCall(pair) | Cause::Reply(pair) => difference(pair, &indent, paint, &mut out),
        Cause::ExtraCall(text) | Cause::MissingCall(text) => {
            for line in cut(text.lines().map(str::to_owned).collect()) {
                let _ = writeln!(out, "{indent}{}", paint.with(GREEN, &format!("+ {line}")));
            }
        }
        Cause::Unusable(error) => {
            let _ = writeln!(out, "{indent}{error}");
        }
    }
    out
}

const RED: &str = "\u{1b}[31m";
const GREEN: &str = "\u{1b}[32m";

/// Colours, on a terminal only.
#[derive(Clone, Copy)]
struct Paint(Style);

impl Paint {
    fn with(self, colour: &str, text: &str) -> String {
        match self.0 {
            Style::Plain => text.to_owned(),
            Style::Coloured => format!("{colour}{text}\u{1b}[0m"),
        }
    }
}

/// The author's lines with their numbers, the last ones left out where they are many.
fn shown<'s>(source: &'s Source, lines: &Range<usize>) -> Vec<(Option<usize>, &'s str)> {
    let own = source.text.lines().enumerate().map(|(index, line)| (index + 1, line.trim_end()));
    let mut shown: Vec<_> =
        own.filter(|(number, _)| lines.contains(number)).map(|(number, line)| (Some(number), line)).collect();
    if shown.len() > SHOWN {
        shown.truncate(SHOWN - 1);
        shown.push((None, "..."));
    }
    shown
}

fn sentence(cause: &Cause) -> &'static str {
    match cause {
        Cause::OtherCall(_) => "another call came than this one (- expected, + came)",
        Cause::ExtraCall(_) => "before this answer came a call that the transcript does not have",
        Cause::MissingCall(_) => "this call did not come; the client was answered",
        Cause::Reply(_) => "the client was answered otherwise (- expected, + came)",
        Cause::Unusable(_) => "the mapping cannot be used",
    }
}

/// Only the lines that differ, with a few around them.
fn difference(pair: &Pair, indent: &str, paint: Paint, out: &mut String) {
    // Each line has an end, so that the last one does not differ by that alone.
    let (expected, got) = (format!("{}\n", pair.expected), format!("{}\n", pair.got));
    let diff = TextDiff::from_lines(&expected, &got);
    let mut lines = Vec::new();
    for (index, group) in diff.grouped_ops(AROUND).iter().enumerate() {
        if index > 0 {
            lines.push("  ...".to_owned());
        }
        for change in group.iter().flat_map(|operation| diff.iter_changes(operation)) {
            let line = change.value().trim_end_matches('\n');
            lines.push(match change.tag() {
                ChangeTag::Equal => format!("  {line}"),
                ChangeTag::Delete => paint.with(RED, &format!("- {line}")),
                ChangeTag::Insert => paint.with(GREEN, &format!("+ {line}")),
            });
        }
    }
    for line in cut(lines) {
        let _ = writeln!(out, "{indent}{line}");
    }
}

fn cut(mut lines: Vec<String>) -> Vec<String> {
    if lines.len() > DIFFERENCE {
        let more = lines.len() - DIFFERENCE;
        lines.truncate(DIFFERENCE);
        lines.push(format!("... and {more} more lines"));
    }
    lines
}
