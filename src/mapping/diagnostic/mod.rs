//! Findings of `check`: a stable code, a place, one sentence, a help line.

use std::ops::Range;

use crate::mapping::source::Span;

mod code;
mod explain;
mod machine;
mod render;

pub use code::{Code, Severity};
pub use explain::explain;
pub use machine::{github, json};
pub use render::{Style, render};

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

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
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
        let path = self.path.clone();
        self.add_at(&path, code, span, message)
    }

    /// Adds a finding in another file, or at what else has no place in this one, such as a variable of the environment.
    pub fn add_at(&mut self, path: &str, code: Code, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        let index = self.found.len();
        self.found.push(Diagnostic::new(code, path, span, message));
        &mut self.found[index]
    }

    /// Whether a finding is an error.
    pub fn has_errors(&self) -> bool {
        self.found.iter().any(|finding| finding.code.severity() == Severity::Error)
    }

    /// Puts the findings in the order of their places, this file's first, and one place's by code; the same fault at one place
    /// is kept once.
    pub fn sort(&mut self) {
        let path = &self.path;
        self.found.sort_by(|a, b| {
            let key =
                |finding: &Diagnostic| (finding.path != *path, finding.span.start, finding.code, finding.span.end);
            key(a).cmp(&key(b)).then_with(|| a.path.cmp(&b.path))
        });
        self.found.dedup_by(|a, b| (a.code, &a.span, &a.path, &a.message) == (b.code, &b.span, &b.path, &b.message));
    }
}

impl Diagnostic {
    /// A finding without label, notes or help.
    pub fn new(code: Code, path: impl Into<String>, span: Span, message: impl Into<String>) -> Self {
        Self { code, path: path.into(), span, message: message.into(), label: None, notes: Vec::new(), help: None }
    }

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
