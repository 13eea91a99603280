//! Where values stand in an answer.

use regex::Regex;

use crate::mapping::call::{HeaderPattern, Source};
use crate::mapping::compile::call::line::header_name;
use crate::mapping::compile::call::place::{self, Context};
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{SourceDocument, Text};
use crate::mapping::path::Path;
use crate::mapping::slot::SlottedPath;

/// The paths of one call's answer, and those of them that have holes.
pub(super) struct Paths<'c, 'd> {
    /// Where the paths stand.
    pub(super) context: Context<'c>,
    /// The paths with holes so far.
    pub(super) slots: &'d mut Vec<SlottedPath>,
}

impl Paths<'_, '_> {
    /// Compiles a path into the answer, in which a literal may be a hole.
    pub(super) fn path(&mut self, text: &Text) -> Option<Path> {
        if !text.value.contains('{') {
            return path(text, self.context.found);
        }
        let template = place::template(text, &mut self.context)?;
        let slotted = SlottedPath::compile(text, template, self.context.found)?;
        let path = Path { slot: Some(self.slots.len()), ..slotted.path().clone() };
        self.slots.push(slotted);
        Some(path)
    }

    /// Compiles a source; `link` is a word only where a next page is meant.
    pub(super) fn source(&mut self, source: &SourceDocument, links: bool) -> Option<Source> {
        match source {
            SourceDocument::Path(text) if links && text.value == "link" => Some(Source::Link),
            SourceDocument::Path(text) => self.path(text).map(Source::Body),
            SourceDocument::Header { name, text } => {
                let name = header_name(name, self.context.found);
                let pattern = text.as_ref().map(|text| pattern(text, self.context.found));
                match pattern {
                    Some(pattern) => Some(Source::Header(name?, Some(pattern?))),
                    None => Some(Source::Header(name?, None)),
                }
            }
            // Compiled with the list that it counts.
            SourceDocument::Call { .. } => None,
        }
    }

    /// Compiles `capture`.
    pub(super) fn captures(&mut self, captures: &[(Text, SourceDocument)]) -> Vec<(String, Source)> {
        captures.iter().filter_map(|(name, source)| Some((name.value.clone(), self.source(source, false)?))).collect()
    }
}

/// Compiles a path without holes.
pub(super) fn path(text: &Text, found: &mut Diagnostics) -> Option<Path> {
    if text.value.contains('{') {
        let finding = found.add(Code::E60, text.span.clone(), "a hole cannot stand in this path");
        finding.help("holes stand in `item`, `items` and in sources: `capture`, `total`, `next`");
        return None;
    }
    match Path::parse(&text.value) {
        Ok(path) => Some(path),
        Err(fault) => {
            found.add(Code::E16, text.within(&fault.range), fault.message).help = fault.help;
            None
        }
    }
}

/// `{}` is the part taken, `{_}` any text; the whole value must match.
fn pattern(text: &Text, found: &mut Diagnostics) -> Option<HeaderPattern> {
    let taken = text.value.matches("{}").count();
    if taken != 1 {
        let finding = found.add(Code::E19, text.span.clone(), "the pattern must have one `{}`, the part taken");
        finding.help("`{_}` stands for any other text: `{_}/users/{}`");
        return None;
    }
    let literal = regex::escape(&text.value);
    let expression = literal.replace(&regex::escape("{}"), "(.+?)").replace(&regex::escape("{_}"), ".*");
    let expression = Regex::new(&format!("^{expression}$")).ok();
    if expression.is_none() {
        found.add(Code::E14, text.span.clone(), "the pattern is too long");
    }
    expression.map(|expression| HeaderPattern { text: text.value.clone(), expression })
}
