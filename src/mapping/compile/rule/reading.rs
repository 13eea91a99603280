//! Keys that say what is read where there is no plain value: `present`, `read_default`; how it is searched for and how much
//! a place holds: `search_case`, `single`.

use serde_json::Value;

use super::attribute::Left;
use super::conversions::is_text;
use super::{located, word};
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::RuleDocument;
use crate::mapping::path::Path;
use crate::mapping::rule::{ReadDefault, Rule, SearchCase, Show, ShowPart, Single};
use crate::scim::schema::Kind;

/// `present`, for a boolean alone.
pub(super) fn presence(left: &Left<'_>, rule: &RuleDocument, found: &mut Diagnostics) -> Option<bool> {
    let present = rule.present.as_ref()?;
    if left.attribute.kind != Kind::Boolean {
        let message = format!("`present` is a boolean, and `{}` is not", left.name);
        found.add(Code::E19, present.span.clone(), message).help("remove `present`");
        return None;
    }
    Some(present.value)
}

/// Reports a path at which nothing could be made to exist.
pub(super) fn check_presence(path: &Path, span: std::ops::Range<usize>, found: &mut Diagnostics) -> bool {
    let makes = path.list().is_some_and(|(list, terms)| list.is_writable() && !terms.is_empty());
    if !makes {
        found
            .add(Code::E50, span, "nothing says what would have to be written for this to exist")
            .note("an element that a filter describes can be added to its list: $.groups[?@.id == '9']")
            .help(
                "for a field that is there or not, say what is written: map = { false = \"…\", else = false }, \
                 read_default = true; or make it mutability = \"readOnly\"",
            );
    }
    makes
}

/// `read_default`: a literal, or a text with fields.
pub(super) fn read_default(left: &Left<'_>, rule: &RuleDocument, found: &mut Diagnostics) -> Option<ReadDefault> {
    let default = rule.read_default.as_ref()?;
    let mut refuse = |message: String, help: &str| {
        found.add(Code::E19, default.span.clone(), message).help(help);
    };
    if rule.show.is_some() || rule.present.is_some() {
        let other = if rule.show.is_some() { "show" } else { "present" };
        refuse(format!("`read_default` and `{other}` do not go together"), "remove `read_default`");
        return None;
    }
    if left.list || left.attribute.kind == Kind::Complex {
        refuse(
            format!("`read_default` shows one value, and `{}` has several", left.name),
            "put it on the part that it is for",
        );
        return None;
    }
    if let Value::String(text) = &default.value {
        let text = crate::mapping::document::Spanned { span: default.span.clone(), value: text.clone() };
        let show = located(Show::parse(&text.value), &text, Code::E16, found)?;
        if show.paths().next().is_some() {
            return Some(ReadDefault::Text(show));
        }
        // Braces that stand for themselves are resolved.
        let literal = show.parts.iter().map(|part| match part {
            ShowPart::Text(text) => text.as_str(),
            ShowPart::Field { .. } => "",
        });
        let literal = literal.collect::<String>();
        if is_text(left.attribute) && !literal.is_empty() {
            return Some(ReadDefault::Value(Value::String(literal)));
        }
    } else if super::conversions::fits(left.attribute.kind, &default.value) {
        return Some(ReadDefault::Value(default.value.clone()));
    }
    found
        .add(Code::E14, default.span.clone(), format!("`{}` cannot have the value {}", left.name, default.value))
        .help("`read_default` is SCIM's value, or a text with fields of yours: \"{first} {last}\"");
    None
}

/// Reports a default made of fields for a part that clients may write: whether they left it out or asked for this very text
/// could not be told.
pub(super) fn check_part(list: &Left<'_>, document: &RuleDocument, part: &Rule, found: &mut Diagnostics) {
    let is_written = part.write_at.is_some() && !list.attribute.refers_to_resources();
    let has_fields = part.read_default.as_ref().is_some_and(|default| default.show().is_some());
    if let (Some(default), true, true) = (&document.read_default, is_written, has_fields) {
        found
            .add(
                Code::E19,
                default.span.clone(),
                format!("`{}` can be written, so a text with fields cannot stand for no value", part.name),
            )
            .help("use a text without fields, or `show` instead of `at`");
    }
}

/// `search_case`, where it can change what is found.
pub(super) fn search_case(left: &Left<'_>, rule: &RuleDocument, found: &mut Diagnostics) -> SearchCase {
    let parse = |word: &str| (word == "exact").then_some(SearchCase::Exact);
    let asked = word(rule.search_case.as_ref(), "search_case", &["exact"], parse, found);
    let (Some(text), Some(asked)) = (&rule.search_case, asked) else { return SearchCase::AsScim };
    let value = if left.list { left.attribute.sub("value").unwrap_or(left.attribute) } else { left.attribute };
    let why = if !is_text(value) {
        format!("`{}` is no text", left.name)
    } else if value.case_exact {
        format!("`{}` is case-exact in SCIM, so it is asked for as it was sent", left.name)
    } else if rule.case.is_some() {
        "`case` says already in which case your API keeps it".to_owned()
    } else {
        return asked;
    };
    found.add(Code::E19, text.span.clone(), why).help("remove `search_case`");
    SearchCase::AsScim
}

/// `single`, for a list whose place is one value.
pub(super) fn single(
    left: &Left<'_>,
    rule: &RuleDocument,
    write: Option<&Path>,
    found: &mut Diagnostics,
) -> Option<Single> {
    let text = rule.single.as_ref()?;
    let single = word(Some(text), "single", &Single::WORDS, Single::parse, found)?;
    let why = if !left.list {
        format!("`{}` holds one value anyway", left.name)
    } else if rule.split.is_some() || rule.bits.is_some() {
        "`single` is for a place that holds one element, and this one packs several".to_owned()
    } else if write.is_some_and(|path| path.list().is_some()) {
        "`single` is for a place that holds one element, and this path selects those of a list".to_owned()
    } else {
        return Some(single);
    };
    found.add(Code::E19, text.span.clone(), why).help("remove `single`");
    None
}
