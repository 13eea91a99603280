//! Where a rule's value stands in the record: `at`, or `read_at` and `write_at`.

use super::attribute::Left;
use super::{located, reading};
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{RuleDocument, Text};
use crate::mapping::path::Path;
use crate::mapping::rule::{Holds, Rule};
use crate::mapping::source::Span;
use crate::scim::schema::Mutability;

/// The places of a rule.
pub(super) struct Places {
    pub read: Option<Path>,
    pub write: Option<Path>,
    /// The part of a list's path that can only be read, where clients may write the list.
    pub unwritable: Option<Span>,
}

/// Parses the paths of a rule.
pub(super) fn compile(
    left: &Left<'_>,
    rule: &RuleDocument,
    mutability: Mutability,
    found: &mut Diagnostics,
) -> Option<Places> {
    check_keys(left, rule, found);
    let mut parse = |text: Option<&Text>| -> Option<Path> {
        let text = text?;
        located(Path::parse(&text.value), text, Code::E16, found)
    };
    let read = parse(rule.at.as_ref().or(rule.read_at.as_ref()));
    let write_text = rule.at.as_ref().or(rule.write_at.as_ref());
    let write = match (&rule.at, &rule.write_at) {
        (Some(_), _) => read.clone(),
        (None, text) => parse(text.as_ref()),
    };
    let mut places = Places { read, write: None, unwritable: None };
    let (Some(write), Some(text)) = (write, write_text) else {
        return Some(places);
    };
    if mutability == Mutability::ReadOnly && left.holds == Holds::Own {
        return Some(places);
    }
    if rule.present.is_some() {
        if !reading::check_presence(&write, text.span.clone(), found) {
            return None;
        }
        places.write = Some(write);
        return Some(places);
    }
    match write.unwritable() {
        None => places.write = Some(write),
        Some(range) if left.list => places.unwritable = Some(text.within(&range)),
        Some(range) => {
            report(text.within(&range), found);
            return None;
        }
    }
    Some(places)
}

fn check_keys(left: &Left<'_>, rule: &RuleDocument, found: &mut Diagnostics) {
    let places = [("at", &rule.at), ("read_at", &rule.read_at), ("write_at", &rule.write_at)];
    let mut given = places.into_iter().filter_map(|(key, text)| Some((key, text.as_ref()?)));
    let first = given.next();
    if first.is_none() && rule.show.is_none() {
        found
            .add(Code::E20, rule.span.clone(), format!("the rule for `{}` says no place", left.name))
            .help("add `at`, the path of the value in your record");
    }
    let second = given.next().filter(|_| rule.at.is_some());
    if let (Some((first, _)), Some((second, text))) = (first, second) {
        found
            .add(Code::E19, text.span.clone(), format!("`{first}` and `{second}` do not go together"))
            .help("`at` is both places; `read_at` and `write_at` are for two");
    }
    if let (Some((key, text)), Some(_)) = (first, &rule.show) {
        found
            .add(Code::E19, text.span.clone(), format!("`{key}` and `show` do not go together"))
            .help("`show` makes a read-only text; remove one of them");
    }
}

/// Reports that a rule's path cannot be written (E02). For lists that no call with `each` carries.
pub fn report_unwritable(rule: &Rule, found: &mut Diagnostics) {
    if let Some(span) = &rule.unwritable {
        report(span.clone(), found);
    }
}

fn report(span: Span, found: &mut Diagnostics) {
    found
        .add(Code::E02, span, "this path can be read but not written")
        .label("only names, indexes and `@.field == literal` joined by `&&` can be written")
        .help("use an equality, or make the rule read-only: { read_at = \"…\", mutability = \"readOnly\" }");
}
