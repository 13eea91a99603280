//! XML holds text alone.

use crate::mapping::call::{Call, Purpose};
use crate::mapping::codec::{Codec, Packed, Yours};
use crate::mapping::compile::TypeMapping;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::Format;
use crate::mapping::rule::Rule;
use crate::scim::schema::Kind;

/// Warns of rules that expect a number or a boolean of records that are read as XML: no such value reads back.
pub(super) fn check(compiled: &TypeMapping, found: &mut Diagnostics) {
    let mut reads = compiled.get.iter().filter(|call| call.purpose == Purpose::Get).chain(&compiled.list);
    if reads.next().is_some_and(|call: &Call| call.format == Format::Xml) {
        warn(&compiled.view.rules, found);
    }
}

fn warn(rules: &[Rule], found: &mut Diagnostics) {
    for rule in rules {
        warn(rule.each.as_deref().unwrap_or_default(), found);
        let Some(expected) = expected(rule) else { continue };
        let message = format!("`{}` expects {expected}, and in XML every value is text", rule.name);
        let finding = found.add(Code::W78, rule.span.clone(), message);
        finding.help(match rule.codecs.packed {
            Some(Packed::Bits(_)) => "`bits` does not go with XML: `split` reads a text of several words",
            Some(Packed::Split(_)) | None => "write `type = \"string\"`, or `map` for words of your own",
        });
    }
}

/// What the rule expects that is no text.
fn expected(rule: &Rule) -> Option<&'static str> {
    if rule.read_at.is_none() || rule.presence.is_some() || rule.each.is_some() {
        return None;
    }
    if matches!(rule.codecs.packed, Some(Packed::Bits(_))) {
        return Some("a number");
    }
    match (rule.codecs.codecs.last(), rule.attribute.kind) {
        (Some(Codec::Type(kind)), _) => match kind.yours {
            Yours::Int | Yours::Number => Some("a number"),
            Yours::Bool => Some("a boolean"),
            Yours::String => None,
        },
        (Some(Codec::Time(time)), _) => time.is_number().then_some("a number"),
        (None, Kind::Boolean) => Some("a boolean"),
        (None, Kind::Integer | Kind::Decimal) => Some("a number"),
        (Some(_) | None, _) => None,
    }
}
