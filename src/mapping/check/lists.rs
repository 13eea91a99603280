//! Lists: a way to page, and filters that find everybody.

use crate::mapping::compile::TypeMapping;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{CallDocument, Text, TypeDocument};
use crate::mapping::hole::Template;
use crate::mapping::rule::Rule;
use crate::mapping::scope::Name;
use crate::mapping::source::{Source, Span};

/// Checks the list calls of a type.
pub(super) fn check(source: &Source, written: &TypeDocument, compiled: &TypeMapping, found: &mut Diagnostics) {
    for (document, call) in written.list.iter().zip(&compiled.list) {
        let is_search = !call.is_plain();
        let reads = &call.reads;
        let turns = reads.page || reads.offset || reads.cursor || call.next.is_some();
        let pages = turns || call.total.is_some();
        let unpaged = document.unpaged.as_ref().is_some_and(|unpaged| unpaged.value);
        if let (Some(said), true) = (&document.unpaged, unpaged && turns) {
            found
                .add(Code::E19, said.span.clone(), "this list says that it has no pages, and pages")
                .help("remove `unpaged`, or the paging hole or `next`");
        }
        if !is_search && !pages && !unpaged {
            found
                .add(Code::W32, document.span.clone(), "this list has no way to page")
                .note("only what one answer holds is seen: no {page}, {offset} or {cursor}, no `next` and no `total`")
                .help("where one answer holds all records, say so: unpaged = true");
        }
        for filter in &call.filters {
            check_filter(source, document, &filter.attribute, compiled, found);
        }
    }
}

/// Reports a filter that one of several rules answers.
fn check_filter(
    source: &Source,
    document: &CallDocument,
    attribute: &str,
    compiled: &TypeMapping,
    found: &mut Diagnostics,
) {
    let feeding: Vec<&Rule> = compiled.view.rules.iter().filter(|rule| feeds(rule, attribute)).collect();
    if feeding.len() < 2 {
        return;
    }
    let lines: Vec<String> = feeding.iter().map(|rule| source.place(rule.span.start).line.to_string()).collect();
    let span = hole(document, attribute).unwrap_or_else(|| document.span.clone());
    found
        .add(Code::E10, span, format!("`{{filter.{attribute}}}` would miss resources"))
        .note(format!(
            "{} rules feed `{attribute}` (lines {}), but this searches one place",
            feeding.len(),
            lines.join(", ")
        ))
        .help("remove the hole; the bridge then answers this filter itself (limits.scan)");
}

/// Whether a rule's values are values of an attribute: `emails[type eq "work"].value` feeds `emails.value` and `emails`.
fn feeds(rule: &Rule, attribute: &str) -> bool {
    let target = &rule.target;
    let urn = target.extension.as_ref().map(|urn| format!("{urn}:")).unwrap_or_default();
    let whole = format!("{urn}{}", target.name);
    let sub = target.sub.as_ref().map(|sub| format!("{whole}.{sub}"));
    let value = format!("{whole}.value");
    let is = |text: &str| text.eq_ignore_ascii_case(attribute);
    match &sub {
        Some(sub) => is(sub) || *sub == value && is(&whole),
        None => is(&whole) || rule.list && is(&value),
    }
}

/// The place of the hole of a filter in a call.
fn hole(document: &CallDocument, attribute: &str) -> Option<Span> {
    let mut texts: Vec<&Text> = document.call.iter().chain(document.query.iter().map(|(_, value)| value)).collect();
    texts.extend(document.headers.iter().map(|(_, value)| value));
    if let Some(body) = &document.body {
        body.texts(&mut texts);
    }
    texts.into_iter().find_map(|text| {
        let template = Template::parse(&text.value).ok()?;
        let hole = template.holes().find(|hole| matches!(&hole.name, Name::Filter(name, _) if name == attribute))?;
        Some(text.within(&hole.range))
    })
}
