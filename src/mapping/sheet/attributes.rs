//! The attributes of a resource type.

use std::fmt::Write as _;

use crate::mapping::compile::{TypeMapping, offered};
use crate::mapping::document::{RuleDocument, TypeDocument};
use crate::mapping::rule::Rule;
use crate::mapping::sheet::{code, words};
use crate::scim::schema::{Mutability, Returned};

/// The table of attributes, in the order of the file.
pub(super) fn write(written: &TypeDocument, kind: &TypeMapping, text: &mut String) {
    text.push_str(
        "\n### Attributes\n\n| SCIM attribute | direction | mutability | field | |\n| --- | --- | --- | --- | --- |\n",
    );
    for document in &written.attributes {
        // The compiled rules are ordered by attribute; both have the left side's place.
        let Some(rule) = kind.view.rules.iter().find(|rule| rule.span == document.span) else { continue };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            code(&rule.name),
            direction(rule, mutability(rule, kind)),
            mutability(rule, kind).as_str(),
            words::place(document).unwrap_or_default(),
            remarks(document, rule),
        );
    }
}

/// The mutability of a rule, as far as there are calls to keep it.
fn mutability(rule: &Rule, kind: &TypeMapping) -> Mutability {
    if rule.is_kept() || rule.is_inverse() {
        return rule.mutability;
    }
    offered::limited(rule.mutability, !kind.create.is_empty(), !kind.update.is_empty())
}

/// Which way values go.
fn direction(rule: &Rule, mutability: Mutability) -> &'static str {
    let is_read = mutability != Mutability::WriteOnly && rule.attribute.returned != Returned::Never;
    match (is_read, rule.is_writable() && mutability != Mutability::ReadOnly) {
        (true, true) => "both",
        (true, false) => "to the identity provider",
        (false, true) => "to the API",
        (false, false) => "none",
    }
}

fn remarks(document: &RuleDocument, rule: &Rule) -> String {
    let mut remarks = words::conversions(document);
    if rule.target.primary {
        remarks.push("the primary one".to_owned());
    }
    remarks.join("; ")
}
