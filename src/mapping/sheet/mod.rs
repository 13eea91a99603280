//! The data sheet of a mapping: what SCIM sees of one upstream, for people who never open the mapping.

use std::fmt::Write as _;

use crate::mapping::compile::{Delete, Mapping, TypeMapping};
use crate::mapping::document::{Document, TypeDocument};
use crate::mapping::reference::cell;
use crate::mapping::rule::Rule;
use crate::mapping::source::Source;
use crate::scim::schema::ResourceSchema;

mod attributes;
mod calls;
mod words;

/// The sheet as Markdown. `document` and `mapping` are of the same `source`; `title` names the upstream.
pub fn sheet(title: &str, source: &Source, document: &Document, mapping: &Mapping) -> String {
    let mut text = format!("# {title}\n\n{}", introduction(&source.text));
    overview(mapping, &mut text);
    for (written, compiled) in document.types.iter().zip(&mapping.types) {
        let _ = write!(text, "\n## {}\n", compiled.view.schema.endpoint.trim_start_matches('/'));
        features(compiled, &mut text);
        attributes::write(written, compiled, &mut text);
        calls::operations(document, written, &mut text);
        calls::filters(compiled, mapping, &mut text);
        missing(written, compiled, &mut text);
    }
    calls::refusals(document, &mut text);
    limits(mapping, &mut text);
    needs(mapping, &mut text);
    text
}

/// The first paragraph of the comment that the file begins with.
fn introduction(text: &str) -> String {
    let comment = text.lines().skip_while(|line| line.starts_with("#:"));
    let lines = comment.map_while(|line| line.strip_prefix("# ").filter(|line| !line.is_empty()));
    let paragraph: Vec<&str> = lines.collect();
    if paragraph.is_empty() { String::new() } else { paragraph.join("\n") + "\n\n" }
}

/// What is the same for all resource types.
fn overview(mapping: &Mapping, text: &mut String) {
    let endpoints: Vec<String> = mapping.types.iter().map(|kind| format!("`{}`", kind.view.schema.endpoint)).collect();
    let _ = writeln!(text, "| | |\n| --- | --- |\n| Protocol | SCIM 2.0 |\n| Endpoints | {} |", endpoints.join(", "));
    let _ = writeln!(
        text,
        "| Authentication | bearer token |\n| PATCH, bulk, filters, sorting, paging, versions (`ETag`) | yes |"
    );
}

/// What an identity provider's form asks for, in its own words.
fn features(kind: &TypeMapping, text: &mut String) {
    let writable = |name: &str| kind.view.rules.iter().any(|rule| rule.target.name == name && rule.is_writable());
    let deletes = match &kind.delete {
        Delete::None => "no",
        Delete::Calls(_) => "yes",
        Delete::Set(_) => "yes: the record is kept and marked",
    };
    let yes_or_no = |yes: bool| if yes { "yes" } else { "no" };
    let mut rows = vec![
        ("Import", yes_or_no(!kind.list.is_empty())),
        ("Create", yes_or_no(!kind.create.is_empty())),
        ("Update attributes", yes_or_no(!kind.update.is_empty())),
    ];
    if kind.view.schema.name == "User" {
        let updates = !kind.update.is_empty();
        rows.push(("Deactivate and reactivate", yes_or_no(updates && writable("active"))));
        rows.push(("Set the password", yes_or_no(writable("password"))));
    }
    if kind.view.schema.name == "Group" {
        rows.push(("Change members", yes_or_no(!kind.update.is_empty() && writable("members"))));
    }
    rows.push(("Delete", deletes));
    text.push_str("\n| feature | |\n| --- | --- |\n");
    for (feature, answer) in rows {
        let _ = writeln!(text, "| {feature} | {answer} |");
    }
    if let Some(key) = kind.key.and_then(|index| kind.view.rules.get(index)) {
        let _ = writeln!(text, "| Unique identifier | `{}` |", key.name);
    }
}

/// What the type does not have.
fn missing(written: &TypeDocument, kind: &TypeMapping, text: &mut String) {
    let operations = [
        ("`list`", written.list.is_empty()),
        ("`get`", written.get.is_empty() && written.list.is_empty()),
        ("`create`", written.create.is_empty()),
        ("`update`", written.update.is_empty()),
        ("`delete`", matches!(kind.delete, Delete::None)),
    ];
    let without: Vec<&str> = operations.iter().filter(|(_, missing)| *missing).map(|(name, _)| *name).collect();
    let is_mapped = |name: &str| kind.view.rules.iter().any(|rule: &Rule| rule.target.name.eq_ignore_ascii_case(name));
    let standard = ResourceSchema::standard(&kind.view.schema.name);
    let unmapped: Vec<String> = standard
        .into_iter()
        .flat_map(ResourceSchema::attributes)
        .map(|(_, attribute)| attribute.name.as_str())
        .filter(|name| !is_mapped(name) && *name != "meta" && *name != "schemas")
        .map(|name| format!("`{name}`"))
        .collect();
    if without.is_empty() && unmapped.is_empty() {
        return;
    }
    text.push_str("\n### Not supported\n\n");
    if !without.is_empty() {
        let _ = writeln!(text, "- Operations: {}; they are answered 501.", without.join(", "));
    }
    if !unmapped.is_empty() {
        let _ = writeln!(text, "- Attributes: {}; they are accepted and ignored.", unmapped.join(", "));
    }
}

/// How the API is spared.
fn limits(mapping: &Mapping, text: &mut String) {
    let limits = &mapping.upstream.limits;
    let rate = limits.rate.map_or_else(
        || "not limited".to_owned(),
        |(calls, period)| format!("{calls} calls in {} at most", words::duration(period)),
    );
    let _ = write!(
        text,
        "\n## Limits\n\n| | |\n| --- | --- |\n| Calls to the API | {rate}, {} at one time |\n\
         | One call | {} |\n| One SCIM request | {} |\n| Further tries | {} |\n\
         | Records read to answer a filter that the API cannot | {} |\n",
        limits.concurrent,
        words::duration(limits.timeout),
        words::duration(limits.deadline),
        limits.retries,
        limits.scan,
    );
}

/// What whoever sets the bridge up must provide.
fn needs(mapping: &Mapping, text: &mut String) {
    let named = |names: &[(String, crate::mapping::source::Span)]| {
        let mut names: Vec<String> = names.iter().map(|(name, _)| format!("`{name}`")).collect();
        names.dedup();
        names.join(", ")
    };
    if mapping.secrets.is_empty() && mapping.variables.is_empty() {
        return;
    }
    text.push_str("\n## Needed in the settings\n\n");
    if !mapping.secrets.is_empty() {
        let _ = writeln!(text, "- Secrets: {}", named(&mapping.secrets));
    }
    if !mapping.variables.is_empty() {
        let _ = writeln!(text, "- Variables of the tenant: {}", named(&mapping.variables));
    }
}

/// A text as code in a cell.
fn code(text: &str) -> String {
    if text.contains('`') { format!("`` {} ``", cell(text)) } else { format!("`{}`", cell(text)) }
}
