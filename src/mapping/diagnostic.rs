//! Findings of `check`: a stable code, a place, one sentence, a help line.

use std::ops::Range;

use crate::mapping::source::Span;

/// What a text inside a mapping (a path, a template, a condition, a pattern) gets wrong, and where in that text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TextFault {
    /// Byte range inside the parsed text; may be empty.
    pub range: Range<usize>,
    /// One sentence without a full stop.
    pub message: String,
    /// What to type instead.
    pub help: Option<String>,
}

/// A stable code of a finding: `E..` is an error, `W..` a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// A key that the format does not know.
    E01,
    /// A path that can be read but not written.
    E02,
    /// A value would not read back (overlapping `map`, overlapping bits).
    E03,
    /// A value does not always read back.
    W04,
    /// A key under the wrong header (an operation among attributes).
    E05,
    /// No call carries an attribute.
    E06,
    /// The id would change with another attribute.
    E07,
    /// Two rules write the same place.
    E08,
    /// A hole whose name does not exist.
    E09,
    /// A pushed-down filter would miss resources.
    E10,
    /// A secret that is not defined.
    E11,
    /// A condition that is not valid.
    E12,
    /// The file is not TOML.
    E13,
    /// A value of the wrong type, or out of its range.
    E14,
    /// An attribute that SCIM does not know.
    E15,
    /// A JSONPath that is not valid.
    E16,
    /// A hole that exists, but not at this place.
    E17,
    /// No rule for `id`.
    E18,
    /// Keys that do not go together, or an option that does not fit.
    E19,
    /// A required key is missing.
    E20,
    /// A key or value of the format that this version does not carry.
    E21,
    /// A URL that is not allowed: no scheme, plain http off loopback, a hole in the host.
    E22,
    /// A secret at a place that others see.
    E23,
    /// A template with an unbalanced brace.
    E24,
    /// A tenant variable that is not defined.
    E25,
    /// A format version that this program does not read.
    E26,
    /// A file that cannot be read.
    E27,
    /// `for` or `without` names an attribute that has no rule.
    E28,
    /// A call that can never be chosen.
    W29,
    /// A secret that is declared but unset in the environment.
    W30,
    /// A secret written as a plain value.
    W31,
    /// A list without a way to page.
    W32,
    /// A secret in a URL.
    W33,
    /// A secret is used, and no config file is at hand to define it (a note).
    N34,
}

/// One finding.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// The code.
    pub code: Code,
    /// The file's shown path.
    pub path: String,
    /// The place in the file.
    pub span: Span,
    /// One sentence, backticks around names, no full stop.
    pub message: String,
    /// Text beside the caret, if any.
    pub label: Option<String>,
    /// Facts that explain.
    pub notes: Vec<String>,
    /// What to type.
    pub help: Option<String>,
}

/// Collects findings while a file is read and compiled; nothing stops at the first.
#[derive(Debug, Default)]
pub struct Diagnostics {
    /// The shown path that new findings carry.
    pub path: String,
    /// The findings so far.
    pub found: Vec<Diagnostic>,
}

impl Diagnostics {
    /// An empty collection for one file.
    pub fn new(path: impl Into<String>) -> Self {
        Self { path: path.into(), found: Vec::new() }
    }

    /// Adds a finding and gives it back for a label, a note or a help line.
    pub fn add(&mut self, code: Code, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        let index = self.found.len();
        self.found.push(Diagnostic {
            code,
            path: self.path.clone(),
            span,
            message: message.into(),
            label: None,
            notes: Vec::new(),
            help: None,
        });
        &mut self.found[index]
    }
}

impl Diagnostic {
    /// Puts a text beside the caret.
    pub fn label(&mut self, text: impl Into<String>) -> &mut Self {
        self.label = Some(text.into());
        self
    }

    /// Adds a fact.
    pub fn note(&mut self, text: impl Into<String>) -> &mut Self {
        self.notes.push(text.into());
        self
    }

    /// Says what to type.
    pub fn help(&mut self, text: impl Into<String>) -> &mut Self {
        self.help = Some(text.into());
        self
    }
}
