//! Conditions and error rows.

use crate::mapping::call::{ErrorRow, Then};
use crate::mapping::compile::call::place::{self, Context};
use crate::mapping::condition::Condition;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{ErrorRowDocument, Text};
use crate::mapping::name::{SiteText, nearest};
use crate::scim::ErrorType;

const WORDS: [(&str, Then); 15] = [
    ("uniqueness", Then::Type(ErrorType::Uniqueness)),
    ("invalidValue", Then::Type(ErrorType::InvalidValue)),
    ("mutability", Then::Type(ErrorType::Mutability)),
    ("noTarget", Then::Type(ErrorType::NoTarget)),
    ("tooMany", Then::Type(ErrorType::TooMany)),
    ("sensitive", Then::Type(ErrorType::Sensitive)),
    ("invalidFilter", Then::Type(ErrorType::InvalidFilter)),
    ("invalidSyntax", Then::Type(ErrorType::InvalidSyntax)),
    ("invalidPath", Then::Type(ErrorType::InvalidPath)),
    ("invalidVers", Then::Type(ErrorType::InvalidVersion)),
    ("notFound", Then::NotFound),
    ("ok", Then::Ok),
    ("empty", Then::Empty),
    ("retry", Then::Retry),
    ("login", Then::Login),
];

/// Compiles one row of `errors`.
pub(super) fn compile(row: &ErrorRowDocument, context: &mut Context<'_>) -> Option<ErrorRow> {
    // The reader of the file has reported what is missing.
    let when = row.when.as_ref().and_then(|when| condition(when, context));
    let then = row.then.as_ref().and_then(|word| then(word, context.found));
    let site = context.site;
    context.site.text = SiteText::Detail;
    let detail = row.detail.as_ref().map(|detail| place::template(detail, context));
    context.site = site;
    Some(ErrorRow { when: when?, then: then?, detail: detail.flatten() })
}

/// Parses a condition and checks its names.
pub(super) fn condition(text: &Text, context: &mut Context<'_>) -> Option<Condition> {
    let condition = match Condition::parse(&text.value) {
        Ok(condition) => condition,
        Err(fault) => {
            let finding = context.found.add(Code::E12, text.within(&fault.range), "condition is not valid");
            finding.label(fault.message).help = fault.help;
            return None;
        }
    };
    for name in condition.names() {
        if !name.exists_at(&context.site) {
            let word = name.text();
            let first = word.split(['.', '[']).next().unwrap_or_default();
            let start = text.value.find(&format!("$.{first}"));
            let range = start.map_or(0..text.value.len(), |start| start + 2..start + 2 + first.len());
            place::misplaced(&name, text, &range, context);
        }
    }
    if let Some(view) = context.view {
        for member in condition.kept() {
            place::check_kept(view, member, text.span.clone(), context.found);
        }
    }
    Some(condition)
}

fn then(word: &Text, found: &mut Diagnostics) -> Option<Then> {
    let value = word.value.as_str();
    if let Some((_, then)) = WORDS.iter().find(|(name, _)| *name == value) {
        return Some(*then);
    }
    if let Ok(status) = value.parse::<u16>() {
        if (400..600).contains(&status) {
            return Some(Then::Status(status));
        }
        found
            .add(Code::E14, word.span.clone(), format!("`{status}` is no status of a failure"))
            .help("use 400 to 599, or `ok`");
    } else {
        let finding = found.add(Code::E19, word.span.clone(), format!("`then` cannot be `{value}`"));
        finding.help = Some(match nearest(value, WORDS.iter().map(|(name, _)| *name)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "use a SCIM error type, `notFound`, a status, `ok`, `empty`, `retry` or `login`".to_owned(),
        });
    }
    None
}
