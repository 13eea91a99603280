//! Text to a query by `jsonpath-rust`, and its segments to steps.

use jsonpath_rust::parser::errors::JsonPathError;
use jsonpath_rust::parser::model::{
    Comparable, Comparison, Filter, FilterAtom, JpQuery, Literal, Segment, Selector, SingularQuery,
    SingularQuerySegment,
};
use jsonpath_rust::parser::parse_json_path;
use serde_json::{Number, Value};

use super::{Step, Term};
use crate::mapping::diagnostic::TextFault;

/// The parsed query of an author's text; `a.b` stands for `$.a.b`.
pub(super) fn query(text: &str) -> Result<JpQuery, TextFault> {
    if text.is_empty() {
        return Err(TextFault {
            range: 0..0,
            message: "a path is missing".to_owned(),
            help: Some(
                "name a place of the record, such as `login` or `$.contact.email`; `$` is the record itself".to_owned(),
            ),
        });
    }
    let lead = if text.starts_with('$') {
        ""
    } else if text.starts_with('[') {
        "$"
    } else {
        "$."
    };
    parse_json_path(&format!("{lead}{text}")).map_err(|error| fault(text, lead.len(), &error))
}

fn fault(text: &str, lead: usize, error: &JsonPathError) -> TextFault {
    let start = offset(text, error).map_or(0, |place| place.saturating_sub(lead).min(text.len()));
    let end = match text[start..].chars().next() {
        Some(at) if offset(text, error).is_some() => start + at.len_utf8(),
        Some(_) | None => text.len(),
    };
    let found = &text[start..end];
    let message = match error {
        JsonPathError::PestError(_) if found.is_empty() => format!("the path `{text}` ends too early"),
        JsonPathError::PestError(_) => format!("unexpected `{found}` in the path `{text}`"),
        JsonPathError::MaxNestingDepthExceeded(_) => format!("the path `{text}` nests too deeply"),
        JsonPathError::UnexpectedRuleLogicError(..)
        | JsonPathError::UnexpectedNoneLogicError(..)
        | JsonPathError::UnexpectedPestOutput
        | JsonPathError::NoRulePath
        | JsonPathError::NoJsonPathDescent
        | JsonPathError::NoJsonPathField
        | JsonPathError::InvalidNumber(_)
        | JsonPathError::InvalidTopLevelRule(_)
        | JsonPathError::EmptyInner(_)
        | JsonPathError::InvalidJsonPath(_) => format!("`{text}` is not a path"),
    };
    TextFault { range: start..end, message, help: Some(help(text, found)) }
}

/// Where the grammar stops, in bytes of the text that was parsed; `pest` tells line and column only in its display.
fn offset(text: &str, error: &JsonPathError) -> Option<usize> {
    let JsonPathError::PestError(error) = error else { return None };
    let shown = error.to_string();
    let (line, column) = shown.split_once("--> ")?.1.lines().next()?.split_once(':')?;
    let column: usize = column.trim().parse().ok()?;
    if line != "1" {
        return None;
    }
    let lead = if text.starts_with('$') { 0 } else { 2 - usize::from(text.starts_with('[')) };
    let before = column.saturating_sub(1).saturating_sub(lead);
    Some(lead + text.chars().take(before).map(char::len_utf8).sum::<usize>())
}

fn help(text: &str, found: &str) -> String {
    let plain = !text.contains(['[', '$', '\'', '"']);
    match found {
        "=" => "equality is written `==`".to_owned(),
        "-" | " " | ":" | "/" | "@" if plain => {
            let quoted = text.replace('.', "']['");
            format!("a name with other characters than letters, digits and `_` is quoted: `$['{quoted}']`")
        }
        _ => "paths are RFC 9535 JSONPath: `contact.email`, `$['first-name']`, `$.mails[?@.kind == 'work'].addr`"
            .to_owned(),
    }
}

/// The byte range of each segment of a valid path; of a filter, of what stands between `[?` and `]`.
pub(super) fn segment_ranges(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut ranges: Vec<std::ops::Range<usize>> = Vec::new();
    let (mut depth, mut quote, mut escaped, mut start) = (0_usize, None, false, None);
    for (place, symbol) in text.char_indices() {
        if let Some(delimiter) = quote {
            let ends = symbol == delimiter && !escaped;
            escaped = symbol == '\\' && !escaped;
            quote = (!ends).then_some(delimiter);
            continue;
        }
        match symbol {
            '\'' | '"' => quote = Some(symbol),
            '[' => {
                // The dots of `..[` belong to their segment.
                if depth == 0 && start.is_none_or(|start| &text[start..place] != "..") {
                    ranges.extend(start.replace(place).map(|start| start..place));
                }
                depth += 1;
            }
            ']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    ranges.extend(start.take().map(|start| inner(text, start, place)));
                }
            }
            // The second dot of `..` belongs to its segment.
            '.' if depth == 0 && start.is_none_or(|start| start + 1 != place || !text[start..].starts_with('.')) => {
                ranges.extend(start.replace(place).map(|start| start..place));
            }
            '$' if place == 0 => {}
            _ if start.is_none() && !symbol.is_whitespace() => start = Some(place),
            _ => {}
        }
    }
    ranges.extend(start.map(|start| start..text.len()));
    ranges
}

/// The content of a filter in brackets, or the brackets.
fn inner(text: &str, start: usize, end: usize) -> std::ops::Range<usize> {
    match text[start..].strip_prefix("[?") {
        Some(filter) => {
            let spaces = filter.len() - filter.trim_start().len();
            start + 2 + spaces..end.max(start + 2 + spaces)
        }
        None => start..end + 1,
    }
}

/// The step that a segment is, if it is one of the simple ones.
pub(super) fn step(segment: &Segment) -> Option<Step> {
    match segment {
        Segment::Selector(Selector::Name(name)) => Some(Step::Name(name.clone())),
        Segment::Selector(Selector::Index(index)) => Some(Step::Index(*index)),
        Segment::Selector(Selector::Wildcard) => Some(Step::Every),
        Segment::Selector(Selector::Filter(filter)) => {
            let mut terms = Vec::new();
            equalities(filter, &mut terms).then_some(Step::Where(terms))
        }
        Segment::Selector(Selector::Slice(..)) | Segment::Selectors(_) | Segment::Descendant(_) => None,
    }
}

/// Collects the equalities of a filter; false when it holds anything else.
fn equalities(filter: &Filter, terms: &mut Vec<Term>) -> bool {
    match filter {
        Filter::And(filters) => filters.iter().all(|filter| equalities(filter, terms)),
        Filter::Atom(FilterAtom::Filter { expr, not: false }) => equalities(expr, terms),
        Filter::Atom(FilterAtom::Comparison(comparison)) => match comparison.as_ref() {
            Comparison::Eq(Comparable::SingularQuery(SingularQuery::Current(names)), Comparable::Literal(literal))
            | Comparison::Eq(Comparable::Literal(literal), Comparable::SingularQuery(SingularQuery::Current(names))) => {
                equality(names, literal).map(|term| terms.push(term)).is_some()
            }
            Comparison::Eq(..)
            | Comparison::Ne(..)
            | Comparison::Gt(..)
            | Comparison::Gte(..)
            | Comparison::Lt(..)
            | Comparison::Lte(..) => false,
        },
        Filter::Or(_) | Filter::Atom(FilterAtom::Filter { .. } | FilterAtom::Test { .. }) => false,
    }
}

fn equality(names: &[SingularQuerySegment], literal: &Literal) -> Option<Term> {
    let names = names.iter().map(|segment| match segment {
        SingularQuerySegment::Name(name) => Some(name.clone()),
        SingularQuerySegment::Index(_) => None,
    });
    let literal = match literal {
        Literal::Int(number) => Value::from(*number),
        Literal::Float(number) => Value::Number(Number::from_f64(*number)?),
        Literal::String(text) => Value::from(text.as_str()),
        Literal::Bool(truth) => Value::Bool(*truth),
        Literal::Null => Value::Null,
    };
    Some((names.collect::<Option<_>>()?, literal))
}
