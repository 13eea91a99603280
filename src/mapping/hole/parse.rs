//! Text to template.

use std::ops::Range;

use crate::mapping::diagnostic::{Code, Diagnostics, TextFault};
use crate::mapping::document::Text;
use crate::mapping::hole::{Hole, Part, Template, json};
use crate::mapping::name::CodedFault;
use crate::mapping::path::Path;
use crate::mapping::query::{Origin, Query, parse};
use crate::mapping::scope::Name;

impl Template {
    /// Parses a string.
    ///
    /// # Errors
    /// A [`TextFault`] with the place in `text`: an unbalanced brace, an unknown name (with did-you-mean), a bad path.
    pub fn parse(text: &str) -> Result<Self, TextFault> {
        Self::parse_coded(text).map_err(|coded| coded.fault)
    }

    /// Parses a string of the mapping file, and reports what is wrong with it.
    pub fn compile(text: &Text, found: &mut Diagnostics) -> Option<Self> {
        match Self::parse_coded(&text.value) {
            Ok(template) => Some(template),
            Err(CodedFault { code, fault }) => {
                found.add(code, text.within(&fault.range), fault.message).help = fault.help;
                None
            }
        }
    }

    /// Parses a string; the fault carries the code of the finding it becomes.
    ///
    /// # Errors
    /// As [`Template::parse`].
    pub fn parse_coded(text: &str) -> Result<Self, CodedFault> {
        let (mut parts, mut literal, mut at) = (Vec::new(), String::new(), 0);
        while let Some(next) = text[at..].find(['{', '}']).map(|offset| at + offset) {
            literal.push_str(&text[at..next]);
            let doubled = text[next..].starts_with("{{") || text[next..].starts_with("}}");
            if doubled {
                literal.push_str(&text[next..=next]);
                at = next + 2;
            } else if text[next..].starts_with('}') {
                return Err(brace(next..next + 1, "this brace closes nothing", "write `}}` for a literal brace"));
            } else {
                let end = closing(text, next).ok_or_else(|| {
                    brace(next..next + 1, "this brace is never closed", "write `{{` for a literal brace")
                })?;
                if !literal.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut literal)));
                }
                parts.push(Part::Hole(hole(&text[next + 1..end], next)?));
                at = end + 1;
            }
        }
        literal.push_str(&text[at..]);
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        json::seat(&mut parts);
        Ok(Self { text: text.to_owned(), parts })
    }
}

/// The brace that closes the one at `open`; a brace in quotes inside the hole's path closes nothing.
fn closing(text: &str, open: usize) -> Option<usize> {
    let (mut quote, mut brackets) = (None, 0_usize);
    for (index, letter) in text[open + 1..].char_indices() {
        match (quote, letter) {
            (Some(expected), letter) if letter == expected => quote = None,
            (None, '\'' | '"') if brackets > 0 => quote = Some(letter),
            (None, '[') => brackets += 1,
            (None, ']') => brackets = brackets.saturating_sub(1),
            (None, '}') => return Some(open + 1 + index),
            (_, _) => {}
        }
    }
    None
}

fn brace(range: Range<usize>, message: &str, help: &str) -> CodedFault {
    CodedFault { code: Code::E24, fault: TextFault { range, message: message.to_owned(), help: Some(help.to_owned()) } }
}

/// Parses what stands between the braces; `open` is the place of the opening one.
fn hole(written: &str, open: usize) -> Result<Hole, CodedFault> {
    let text = written.strip_suffix('?').unwrap_or(written);
    let shift = |mut coded: CodedFault, by: usize| {
        coded.fault.range = coded.fault.range.start + by..coded.fault.range.end + by;
        coded
    };
    if text.is_empty() {
        return Err(brace(open..open + written.len() + 2, "this hole has no name", "write `{{}}` for literal braces"));
    }
    let (name, length) = Name::parse(text).map_err(|coded| shift(coded, open + 1))?;
    let rest = &text[length..];
    let (path, segments) = if rest.is_empty() {
        (None, Vec::new())
    } else {
        // The path is parsed with a `$` in front, which the author did not write.
        let bad = |mut fault: TextFault| {
            fault.range = fault.range.start.saturating_sub(1)..fault.range.end.saturating_sub(1);
            shift(CodedFault { code: Code::E16, fault }, open + 1 + length)
        };
        if name.is_scalar() {
            let message = format!("`{}` is a single value, nothing stands below it", name.text());
            return Err(bad(TextFault { range: 1..rest.len() + 1, message, help: None }));
        }
        let rooted = format!("${rest}");
        let path = Path::parse(&rooted).map_err(bad)?;
        let segments = parse::segments(&rooted, &path.query).map_err(bad)?;
        (Some(path), segments)
    };
    let query = Query { origin: Origin::Scope(name.clone()), segments };
    let range = open..open + written.len() + 2;
    let (optional, singular) = (text.len() < written.len(), query.is_singular());
    Ok(Hole { text: text.to_owned(), name, path, optional, range, query, singular, in_json: json::Seat::Nowhere })
}
