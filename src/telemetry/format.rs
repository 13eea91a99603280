//! One event as one line: JSON for machines, text for people.
//!
//! Every line is built in one buffer without intermediate values: a request's line is on its hot path.

use std::fmt::{self, Write as _};

use tracing::field::{Field, Visit};
use tracing::{Event, Level};

/// Bytes of one value at most; the rest is cut.
const LONGEST_VALUE: usize = 2048;

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object.
    Json,
    /// `time LEVEL message key=value ...`
    Text {
        /// With terminal colours.
        colour: bool,
    },
}

impl Format {
    /// Appends the event as one line, line feed included.
    pub fn write(self, line: &mut String, time: jiff::Timestamp, event: &Event<'_>) {
        let level = *event.metadata().level();
        // Writing to a string cannot fail.
        let _ = match self {
            Self::Json => write!(line, r#"{{"time":"{time:.3}","level":"{level}""#),
            Self::Text { colour: true } => write!(line, "\x1b[2m{time:.3}\x1b[0m {}{level:5}\x1b[0m", colour_of(level)),
            Self::Text { colour: false } => write!(line, "{time:.3} {level:5}"),
        };
        event.record(&mut Fields { line, format: self });
        line.push_str(if self == Self::Json { "}\n" } else { "\n" });
    }

    /// The line that tells how many lines were lost.
    pub fn lost(self, time: jiff::Timestamp, count: u64) -> String {
        match self {
            Self::Json => {
                format!(
                    "{{\"time\":\"{time:.3}\",\"level\":\"WARN\",\"message\":\"log lines dropped\",\"count\":{count}}}\n"
                )
            }
            Self::Text { .. } => format!("{time:.3} WARN  log lines dropped count={count}\n"),
        }
    }
}

fn colour_of(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        Level::DEBUG | Level::TRACE => "\x1b[34m",
    }
}

struct Fields<'a> {
    line: &'a mut String,
    format: Format,
}

impl Fields<'_> {
    fn key(&mut self, field: &Field) {
        let name = field.name();
        let (before, after) = match self.format {
            Format::Json => (",\"", "\":"),
            Format::Text { .. } if name == "message" => return self.line.push(' '),
            Format::Text { colour: true } => (" \x1b[2m", "=\x1b[0m"),
            Format::Text { colour: false } => (" ", "="),
        };
        self.line.push_str(before);
        self.line.push_str(name);
        self.line.push_str(after);
    }

    fn bare(&mut self, field: &Field, value: impl fmt::Display) {
        self.key(field);
        // Writing to a string cannot fail.
        let _ = write!(self.line, "{value}");
    }

    fn text(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        self.key(field);
        let quoted = self.format == Format::Json;
        if quoted {
            self.line.push('"');
        }
        let start = self.line.len();
        let _ = Escaped { line: self.line, left: LONGEST_VALUE, quoted }.write_fmt(value);
        if quoted {
            self.line.push('"');
        } else if field.name() != "message" {
            quote_if_ambiguous(self.line, start);
        }
    }
}

/// Quotes the value that begins at `start` where it could be taken for several fields.
fn quote_if_ambiguous(line: &mut String, start: usize) {
    let is_ambiguous = |value: &str| value.is_empty() || value.contains([' ', '=', '"']);
    if line.get(start..).is_some_and(is_ambiguous) {
        let value = line.split_off(start).replace('\\', "\\\\").replace('"', "\\\"");
        line.push('"');
        line.push_str(&value);
        line.push('"');
    }
}

/// Whether a character could lead a reader astray: it ends lines, or turns the direction of writing.
fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, format_args!("{value}"));
    }
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, format_args!("{value:?}"));
    }
    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.text(field, format_args!("{value}"));
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.bare(field, value);
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.bare(field, value);
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.bare(field, value);
    }
}

/// Lets no value break out of its line: control characters are escaped, long values cut.
struct Escaped<'a> {
    line: &'a mut String,
    left: usize,
    quoted: bool,
}

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // Nearly all texts: nothing to escape, nothing to cut.
        if text.len() < self.left
            && text.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'))
        {
            self.left -= text.len();
            self.line.push_str(text);
            return Ok(());
        }
        for character in text.chars() {
            if self.left == 0 {
                return Ok(());
            }
            self.left -= 1;
            if self.left == 0 {
                self.line.push('…');
                return Ok(());
            }
            match character {
                '"' | '\\' if self.quoted => self.line.extend(['\\', character]),
                '\n' => self.line.push_str("\\n"),
                '\r' => self.line.push_str("\\r"),
                '\t' => self.line.push_str("\\t"),
                _ if is_deceptive(character) => write!(self.line, "\\u{:04x}", u32::from(character))?,
                _ => self.line.push(character),
            }
        }
        Ok(())
    }
}
