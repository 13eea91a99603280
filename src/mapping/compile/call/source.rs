//! Where values stand in an answer.

use regex::Regex;

use crate::mapping::call::{HeaderPattern, Source};
use crate::mapping::compile::call::line::header_name;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{SourceDocument, Text};
use crate::mapping::path::Path;

/// Compiles a path into an answer.
pub(super) fn path(text: &Text, found: &mut Diagnostics) -> Option<Path> {
    if text.value.contains('{') {
        found.add(Code::E21, text.span.clone(), "a hole in a path is not in this version");
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

/// Compiles a source; `link` is a word only where a next page is meant.
pub(super) fn compile(source: &SourceDocument, links: bool, found: &mut Diagnostics) -> Option<Source> {
    match source {
        SourceDocument::Path(text) if links && text.value == "link" => Some(Source::Link),
        SourceDocument::Path(text) => path(text, found).map(Source::Body),
        SourceDocument::Header { name, text } => {
            let name = header_name(name, found);
            let pattern = text.as_ref().map(|text| pattern(text, found));
            match pattern {
                Some(pattern) => Some(Source::Header(name?, Some(pattern?))),
                None => Some(Source::Header(name?, None)),
            }
        }
    }
}

/// Compiles `capture`.
pub(super) fn captures(captures: &[(Text, SourceDocument)], found: &mut Diagnostics) -> Vec<(String, Source)> {
    captures.iter().filter_map(|(name, source)| Some((name.value.clone(), compile(source, false, found)?))).collect()
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
