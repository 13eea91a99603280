//! Rules as written to a compiled [`View`].
//!
//! `attribute` says what the left side names, `place` where the value stands in the record, `conversions` builds the codecs,
//! `laws` looks at the rules together.

use serde_json::Value;

use crate::mapping::codec::Codec;
use crate::mapping::diagnostic::{Code, Diagnostics, Severity, TextFault};
use crate::mapping::document::{RuleDocument, Text};
use crate::mapping::hole::{BodyTemplate, Template};
use crate::mapping::name::nearest;
use crate::mapping::rule::{Beside, Holds, Lossy, Odd, Removal, Rule, Show};
use crate::mapping::scope::Name;
use crate::mapping::source::Span;
use crate::mapping::view::View;
use crate::scim::schema::{Attribute, Kind, Mutability};
use crate::scim::{AttributePath, ResourceSchema};

mod attribute;
mod conversions;
mod inverse;
mod kept;
mod laws;
mod place;
mod reading;
mod references;
#[cfg(test)]
pub(crate) mod tests;

use attribute::Left;
pub use place::report_unwritable;

/// Compiles the rules of one type, of which `full` is the whole schema, into a view: unknown attributes, bad paths, codecs, overlaps between rules, the missing
/// `id` rule. `unset` is the upstream's default, `header` the place of the type's header. `None` when there is no usable view.
///
/// A list whose path can only be read compiles to a rule without `write_at` but with
/// [`unwritable`](Rule::unwritable): whoever knows the calls says [`report_unwritable`] unless calls with `each` carry it.
pub fn compile_view(
    full: &ResourceSchema,
    rules: &[RuleDocument],
    (unset, types, holding): (&Value, &[&str], &[&str]),
    header: &Span,
    found: &mut Diagnostics,
) -> Option<View> {
    let faults = found.found.len();
    let holds = |rule: &RuleDocument| {
        let is_it = |left: &Text| holding.iter().any(|name| left.value.eq_ignore_ascii_case(name));
        rule.left.as_ref().is_some_and(is_it)
    };
    let compiled: Vec<_> =
        rules.iter().filter_map(|rule| compile_rule(full, rule, (unset, holds(rule)), found)).collect();
    let mut compiled = laws::arrange(&compiled);
    references::settle(&mut compiled, full, types);
    laws::check(&compiled, found);
    let is_id = |rule: &Rule| rule.target.extension.is_none() && rule.target.name == "id";
    let id = compiled.iter().position(is_id);
    let names_id = |rule: &RuleDocument| rule.left.as_ref().is_some_and(|left| left.value.eq_ignore_ascii_case("id"));
    if id.is_none() && !rules.iter().any(names_id) {
        found
            .add(Code::E18, header.clone(), format!("the {} mapping has no rule for `id`", full.name))
            .help("say where your API keeps what identifies the record: id = \"id\"");
    }
    if found.found[faults..].iter().any(|finding| finding.code.severity() == Severity::Error) {
        return None;
    }
    let mapped: Vec<_> = compiled.iter().flat_map(mapped).collect();
    let mut schema = full.only(&mapped);
    references::require(&mut schema, &compiled);
    let advertised = references::advertised(&schema, &compiled);
    Some(View { rules: laws::settle_removals(compiled), id: id?, schema, advertised })
}

/// The default of a rule. It becomes a part of the resource before anything is sent, and clients see it.
fn default_of(rule: &RuleDocument, found: &mut Diagnostics) -> Option<BodyTemplate> {
    let tree = rule.default.as_ref()?;
    let mut texts = Vec::new();
    tree.texts(&mut texts);
    for text in texts {
        let Ok(template) = Template::parse(&text.value) else { continue };
        for hole in template.holes() {
            let span = text.within(&hole.range);
            if matches!(hole.name, Name::Secret(_)) {
                found
                    .add(Code::E23, span, "a secret may not stand in `default`: clients see the value")
                    .help("write it into what is sent: `constants`, or the `body` of the create call");
            } else if !(matches!(hole.name, Name::Scim | Name::Tenant(_) | Name::OperationId) || hole.name.is_drawn()) {
                found
                    .add(Code::E17, span, format!("hole {{{}}} does not exist in `default`", hole.text))
                    .help("a default is made before any call, of `scim`, `tenant`, `now`, `uuid` and `random`");
            }
        }
    }
    BodyTemplate::compile(tree, found)
}

/// Compiles one rule; `None` when it has an error.
fn compile_rule(
    schema: &ResourceSchema,
    rule: &RuleDocument,
    (unset, holds): (&Value, bool),
    found: &mut Diagnostics,
) -> Option<Rule> {
    if let Some(inverse) = &rule.inverse {
        return inverse::compile(schema, rule, inverse, found);
    }
    if rule.kept.as_ref().is_some_and(|kept| kept.value) {
        return kept::compile(schema, rule, found);
    }
    let mut left = attribute::left(schema, rule.left.as_ref()?, found)?;
    if holds {
        left.holds = Holds::Inverse;
        left.standard = Mutability::ReadOnly;
    }
    assemble(&left, rule, unset, found)
}

fn assemble(left: &Left<'_>, rule: &RuleDocument, unset: &Value, found: &mut Diagnostics) -> Option<Rule> {
    let faults = found.found.len();
    attribute::check_shape(left, rule, found);
    let mutability = mutability(left, rule, found);
    let codecs = conversions::compile(left, rule, found);
    let show = rule.show.as_ref().and_then(|text| located(Show::parse(&text.value), text, Code::E16, found));
    let presence = reading::presence(left, rule, found);
    let read_default = reading::read_default(left, rule, found);
    let search_case = reading::search_case(left, rule, found);
    let place = place::compile(left, rule, mutability, found);
    let single = reading::single(left, rule, place.as_ref().and_then(|place| place.write.as_ref()), found);
    let has_parts = left.list && !rule.each.is_empty();
    let each = has_parts.then(|| each(left, rule, (unset, mutability), found));
    let default = default_of(rule, found);
    let is_text = codecs.codecs.iter().any(|codec| matches!(codec, Codec::Text(_)));
    let lossy = word(rule.lossy.as_ref(), "lossy", &Lossy::WORDS, Lossy::parse, found);
    // An empty list is `[]` unless the rule says otherwise; the upstream's word is for single values.
    let is_array = left.list && rule.split.is_none() && rule.single.is_none();
    let unset = match &rule.unset {
        Some(own) => own.value.clone(),
        // No bit is set.
        None if rule.bits.is_some() => Value::from(0),
        None if is_array => Value::Array(Vec::new()),
        None => unset.clone(),
    };
    if found.found.len() > faults {
        return None;
    }
    let place = place?;
    Some(Rule {
        name: left.name.clone(),
        target: left.target.clone(),
        read_at: place.read,
        write_at: place.write,
        beside: None,
        show,
        presence,
        read_default,
        codecs,
        each,
        default,
        unset,
        removal: if rule.unset.is_some() { Removal::OwnUnset } else { Removal::Unset },
        single,
        search_case,
        lossy: lossy.unwrap_or(if is_text { Lossy::Warn } else { Lossy::Reject }),
        strict: lossy == Some(Lossy::Reject) && mutability == Mutability::ReadOnly,
        mutability,
        holds: left.holds,
        refers_to: None,
        required: rule.required.as_ref().map_or(left.required && rule.default.is_none(), |required| required.value),
        attribute: left.attribute.clone(),
        list: left.list,
        unwritable: place.unwritable,
        odd: Odd::default(),
        span: rule.span.clone(),
    })
}

/// The rules of a list's elements.
fn each(left: &Left<'_>, rule: &RuleDocument, inherited: (&Value, Mutability), found: &mut Diagnostics) -> Vec<Rule> {
    let (unset, mutability) = inherited;
    let mut rules: Vec<Rule> = Vec::with_capacity(rule.each.len());
    for part in &rule.each {
        let Some(text) = &part.left else { continue };
        let Some(mut sub) = attribute::part(left, text, found) else { continue };
        if mutability == Mutability::ReadOnly {
            sub.standard = Mutability::ReadOnly;
            sub.holds = left.holds;
        }
        let Some(compiled) = assemble(&sub, part, unset, found) else { continue };
        if rules.iter().any(|other| other.target.sub == compiled.target.sub) {
            found
                .add(Code::E19, text.span.clone(), format!("`{}` is mapped twice", compiled.name))
                .help("remove one of the rules");
            continue;
        }
        reading::check_part(left, part, &compiled, found);
        rules.push(compiled);
    }
    laws::settle_removals(rules)
}

/// The mutability after the mapping's word.
fn mutability(left: &Left<'_>, rule: &RuleDocument, found: &mut Diagnostics) -> Mutability {
    const WORDS: [&str; 4] = ["readWrite", "readOnly", "immutable", "writeOnly"];
    const ALL: [Mutability; 4] =
        [Mutability::ReadWrite, Mutability::ReadOnly, Mutability::Immutable, Mutability::WriteOnly];
    let parse = |word: &str| ALL.into_iter().find(|mutability| mutability.as_str() == word);
    let asked = word(rule.mutability.as_ref(), "mutability", &WORDS, parse, found);
    let standard_read_only = left.standard == Mutability::ReadOnly;
    // A text made of fields, and a place that is only read, cannot be written.
    let only_read = rule.show.is_some() || (rule.read_at.is_some() && rule.write_at.is_none());
    match (asked, &rule.mutability) {
        (Some(asked), Some(text)) if asked != Mutability::ReadOnly && standard_read_only => {
            found
                .add(Code::E19, text.span.clone(), format!("RFC 7643 makes `{}` read-only", left.name))
                .help("leave `mutability` out");
        }
        (Some(asked), Some(text)) if asked != Mutability::ReadOnly && only_read => {
            found
                .add(Code::E19, text.span.clone(), format!("nothing says where `{}` is written", left.name))
                .help("use `at`, or add `write_at`, or make it mutability = \"readOnly\"");
        }
        (Some(_) | None, _) => {}
    }
    match asked {
        _ if only_read || standard_read_only => Mutability::ReadOnly,
        Some(asked) => asked,
        None => left.standard,
    }
}

/// What a rule adds to the advertised schema: paths and their mutability.
/// The places that a rule maps.
fn mapped(rule: &Rule) -> Vec<(AttributePath, Mutability)> {
    let path = |sub: Option<&str>| AttributePath {
        schema: rule.target.extension.clone(),
        name: rule.target.name.clone(),
        filter: None,
        sub: sub.map(str::to_owned),
    };
    match rule.beside {
        Some(Beside::Own) => return Vec::new(),
        Some(Beside::Kept) if !rule.target.is_element() => {
            return vec![(path(rule.target.sub.as_deref()), rule.mutability)];
        }
        Some(Beside::Kept | Beside::Inverse) | None => {}
    }
    if rule.target.is_element() {
        // The name was printed from a path, so it parses.
        return AttributePath::parse(&rule.name).map(|path| (path, rule.mutability)).into_iter().collect();
    }
    let mut all = vec![(path(rule.target.sub.as_deref()), rule.mutability)];
    all.extend(rule.refers_to.iter().map(|_| (path(Some("$ref")), rule.mutability)));
    all.extend(rule.parts().unwrap_or_default().into_iter().map(|part| (path(Some(part)), rule.mutability)));
    if rule.list && rule.attribute.kind == Kind::Complex {
        let attribute = &rule.attribute;
        let mut add = |name: &str, own: Option<Mutability>| {
            all.extend(attribute.sub(name).map(|sub| (path(Some(name)), part_mutability(rule, own, sub))));
        };
        match &rule.each {
            None => add("value", None),
            Some(each) => {
                for part in each {
                    part.target.sub.iter().for_each(|name| add(name, Some(part.mutability)));
                }
            }
        }
    }
    all
}

/// A part is what RFC 7643 says, unless the whole list is read-only or the part's own rule says otherwise.
fn part_mutability(rule: &Rule, own: Option<Mutability>, sub: &Attribute) -> Mutability {
    if rule.mutability == Mutability::ReadOnly { Mutability::ReadOnly } else { own.unwrap_or(sub.mutability) }
}

/// A word of a closed list, or a fault that names the words.
fn word<T>(
    text: Option<&Text>,
    key: &str,
    words: &[&str],
    parse: impl Fn(&str) -> Option<T>,
    found: &mut Diagnostics,
) -> Option<T> {
    let text = text?;
    let parsed = parse(&text.value);
    if parsed.is_none() {
        let quoted: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
        let fault = found.add(Code::E19, text.span.clone(), format!("`{}` is no value of `{key}`", text.value));
        match nearest(&text.value, words.iter().copied()) {
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None => fault.help(format!("one of {}", quoted.join(", "))),
        };
    }
    parsed
}

/// A parsed text, or its fault at its place.
fn located<T>(parsed: Result<T, TextFault>, text: &Text, code: Code, found: &mut Diagnostics) -> Option<T> {
    match parsed {
        Ok(parsed) => Some(parsed),
        Err(fault) => {
            let (span, message) = text.fault(&fault);
            let finding = found.add(code, span, message);
            if let Some(help) = fault.help {
                finding.help(help);
            }
            None
        }
    }
}
