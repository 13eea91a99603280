//! The codecs of a rule from the words of the mapping.

use serde_json::Value;

use super::attribute::Left;
use super::{located, word};
use crate::mapping::codec::kind::{Inner, Yours};
use crate::mapping::codec::{
    Bits, Case, Codec, Codecs, JsonType, Packed, Replace, ScimText, Split, TextPattern, TimeFormat, ValueMap,
};
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{RuleDocument, Text};
use crate::mapping::equality::same;
use crate::mapping::name::nearest;
use crate::mapping::source::Span;
use crate::scim::schema::{Attribute, Kind};

/// The codecs of a rule; none for a list of tables, where each part has its own.
pub(super) fn compile(left: &Left<'_>, rule: &RuleDocument, found: &mut Diagnostics) -> Codecs {
    check_company(left, rule, found);
    // Of a list of tables it is the `value` that is converted.
    let value = if left.list { left.attribute.sub("value").unwrap_or(left.attribute) } else { left.attribute };
    let mut codecs = Vec::new();
    codecs.extend(scim_text(value, rule, found).map(Codec::ScimText));
    codecs.extend(case(value, rule, found).map(Codec::Case));
    codecs.extend(text(value, rule, found).map(Codec::Text));
    codecs.extend(replace(rule, found).map(Codec::Replace));
    let map = map(left, value, rule, found);
    let is_mapped = map.is_some();
    codecs.extend(map.map(Codec::Map));
    let time = time(left, value, rule, found);
    let inner = match (&time, value.kind) {
        (Some(format), _) if format.is_number() => Inner::Number,
        (None, Kind::Boolean) => Inner::Truth,
        (None, Kind::Integer | Kind::Decimal) => Inner::Number,
        (Some(_), _) | (None, Kind::String | Kind::DateTime | Kind::Binary | Kind::Reference | Kind::Complex) => {
            Inner::Text
        }
    };
    codecs.extend(time.map(Codec::Time));
    codecs.extend(json_type(left, inner, is_mapped, rule, found).map(Codec::Type));
    let packed = split(left, rule, found).map(Packed::Split).or(bits(left, rule, found).map(Packed::Bits));
    Codecs { shape: Some(value.kind), codecs, packed }
}

/// Reports keys of the rule that do not go together.
fn check_company(left: &Left<'_>, rule: &RuleDocument, found: &mut Diagnostics) {
    let map = rule.map.as_ref().map(|map| &map.span);
    let span = |text: &Option<Text>| text.as_ref().map(|text| text.span.clone());
    let conversions = [
        ("type", span(&rule.kind)),
        ("map", map.cloned()),
        ("time", span(&rule.time)),
        ("text", span(&rule.text)),
        ("scim_text", span(&rule.scim_text)),
        ("replace", rule.replace.as_ref().map(|replace| replace.span.clone())),
        ("case", span(&rule.case)),
        ("split", span(&rule.split)),
        ("bits", rule.bits.as_ref().map(|bits| bits.span.clone())),
    ];
    let alone = if rule.show.is_some() {
        Some(("show", "`show` is a text of its own; remove the other key"))
    } else if rule.present.is_some() {
        Some(("present", "`present` looks at no value; remove the other key"))
    } else if rule.each.is_empty() {
        None
    } else {
        Some(("each", "put it on the part that it converts"))
    };
    for (key, span) in conversions {
        if let (Some(span), Some((other, help))) = (span, alone) {
            clash(key, other, span, help, found);
        }
    }
    if let (Some(_), Some(time)) = (map, &rule.time) {
        clash("map", "time", time.span.clone(), "keep one of them", found);
    }
    check_packed(left, rule, found);
    if let (Some(show), Some(_)) = (&rule.show, &rule.default) {
        clash("default", "show", show.span.clone(), "what is shown is never written; remove `default`", found);
    }
    if let (Some(show), Some(_)) = (&rule.show, &rule.present) {
        clash("present", "show", show.span.clone(), "remove one of them", found);
    }
}

/// Reports `split` and `bits` where there is no list, or beside a key that their elements cannot have.
fn check_packed(left: &Left<'_>, rule: &RuleDocument, found: &mut Diagnostics) {
    let split = rule.split.as_ref().map(|split| ("split", &split.span));
    let bits = rule.bits.as_ref().map(|bits| ("bits", &bits.span));
    if let (Some((key, span)), false) = (split.or(bits), left.list) {
        found
            .add(Code::E19, span.clone(), format!("`{}` holds one value, so `{key}` has no list to make", left.name))
            .help(format!("remove `{key}`"));
    }
    if let (Some(_), Some((_, span))) = (split, bits) {
        clash("bits", "split", span.clone(), "keep one of them", found);
    }
    let kept = [("type", &rule.kind), ("time", &rule.time)];
    for (key, text) in kept.into_iter().filter_map(|(key, text)| Some((key, text.as_ref()?))) {
        // A text is what `split` gives and takes anyway.
        let is_number = key == "type" || text.value.starts_with("epoch");
        if let (Some(_), true) = (split, is_number && text.value != "string") {
            clash(key, "split", text.span.clone(), "the parts of a text are texts; remove the key", found);
        } else if bits.is_some() {
            clash(key, "bits", text.span.clone(), "your value is a whole number; remove the key", found);
        }
    }
}

fn clash(key: &str, other: &str, span: Span, help: &str, found: &mut Diagnostics) {
    found.add(Code::E19, span, format!("`{key}` and `{other}` do not go together")).help(help);
}

/// Whether the attribute is text to SCIM.
pub(super) fn is_text(attribute: &Attribute) -> bool {
    match attribute.kind {
        Kind::String | Kind::DateTime | Kind::Binary | Kind::Reference => true,
        Kind::Boolean | Kind::Decimal | Kind::Integer | Kind::Complex => false,
    }
}

fn scim_text(value: &Attribute, rule: &RuleDocument, found: &mut Diagnostics) -> Option<ScimText> {
    let text = rule.scim_text.as_ref()?;
    let pattern = located(TextPattern::parse(&text.value), text, Code::E19, found)?;
    if !is_text(value) {
        let message = format!("`{}` is no text, so it has no pattern", value.name);
        found.add(Code::E19, text.span.clone(), message).help("remove `scim_text`");
        return None;
    }
    let made = ScimText::new(&pattern, value.case_exact);
    if made.is_none() {
        found
            .add(Code::E19, text.span.clone(), "`scim_text` is around one value, not around parts")
            .help("write `{}` where your value stands: scim_text = \"{}@acme.com\"");
    }
    made
}

fn case(value: &Attribute, rule: &RuleDocument, found: &mut Diagnostics) -> Option<Case> {
    let text = rule.case.as_ref()?;
    let case = word(Some(text), "case", &Case::WORDS, Case::parse, found)?;
    if value.case_exact || !is_text(value) {
        let why = if is_text(value) { "is case-exact in SCIM" } else { "is no text" };
        found
            .add(Code::E19, text.span.clone(), format!("`{}` {why}, so its case stays", value.name))
            .help("remove `case`");
        return None;
    }
    Some(case)
}

fn text(value: &Attribute, rule: &RuleDocument, found: &mut Diagnostics) -> Option<TextPattern> {
    let text = rule.text.as_ref()?;
    let pattern = located(TextPattern::parse(&text.value), text, Code::E19, found)?;
    if value.kind != Kind::Complex {
        if let Some(hole) = pattern.holes.iter().find(|hole| !hole.name.is_empty()) {
            found
                .add(
                    Code::E19,
                    text.within(&hole.range),
                    format!("`{}` has no parts to fill this hole with", value.name),
                )
                .help("write `{}` where the value stands");
            return None;
        }
        return Some(pattern);
    }
    for (index, hole) in pattern.holes.iter().enumerate() {
        let part = value.sub(&hole.name).filter(|part| is_text(part));
        if part.is_none() {
            let fault = found.add(
                Code::E15,
                text.within(&hole.range),
                format!("`{}` has no text part `{}`", value.name, hole.name),
            );
            let names = value.sub_attributes.iter().map(|sub| sub.name.as_str());
            match nearest(&hole.name, names) {
                Some(near) => fault.help(format!("did you mean `{near}`?")),
                None => fault.help("name its parts: \"{givenName} {familyName}\""),
            };
            return None;
        }
        if pattern.holes[..index].iter().any(|other| other.name.eq_ignore_ascii_case(&hole.name)) {
            found
                .add(Code::E19, text.within(&hole.range), format!("`{}` stands twice in the pattern", hole.name))
                .help("name each part once");
            return None;
        }
    }
    // Names are written as the schema spells them.
    let spelled = pattern.holes.into_iter().map(|mut hole| {
        if let Some(part) = value.sub(&hole.name) {
            hole.name.clone_from(&part.name);
        }
        hole
    });
    Some(TextPattern { holes: spelled.collect(), ..pattern })
}

fn replace(rule: &RuleDocument, found: &mut Diagnostics) -> Option<Replace> {
    let pairs = &rule.replace.as_ref()?.value;
    for (scim, yours) in pairs {
        for text in [scim, yours] {
            if text.value.is_empty() {
                found
                    .add(Code::E19, text.span.clone(), "`replace` cannot replace an empty text")
                    .help("write the text on both sides: replace = { \"-\" = \"_\" }");
                return None;
            }
        }
    }
    let twice = pairs
        .iter()
        .enumerate()
        .find(|(index, (_, yours))| pairs[..*index].iter().any(|(_, other)| other.value == yours.value));
    if let Some((_, (_, yours))) = twice {
        found
            .add(
                Code::E03,
                yours.span.clone(),
                format!("`{}` would not read back: two texts are written so", yours.value),
            )
            .help("give each text a counterpart of its own");
        return None;
    }
    Some(Replace { pairs: pairs.iter().map(|(scim, yours)| (scim.value.clone(), yours.value.clone())).collect() })
}

fn map(left: &Left<'_>, value: &Attribute, rule: &RuleDocument, found: &mut Diagnostics) -> Option<ValueMap> {
    let rows = &rule.map.as_ref()?.value;
    let mut map = ValueMap { rows: Vec::with_capacity(rows.len()), otherwise: None };
    for (key, yours) in rows {
        let Some(scim) = scim_value(value.kind, &key.value) else {
            misfit(left, value, key.span.clone(), &key.value, found);
            return None;
        };
        if yours.is_empty() {
            found
                .add(Code::E14, key.span.clone(), format!("`{}` has no value of yours", key.value))
                .help("write the value that your API keeps for it");
            return None;
        }
        map.rows.push((scim, yours.iter().map(|yours| yours.value.clone()).collect()));
    }
    if let Some(otherwise) = &rule.map_else {
        if !fits(value.kind, &otherwise.value) {
            misfit(left, value, otherwise.span.clone(), &otherwise.value.to_string(), found);
            return None;
        }
        map.otherwise = Some(otherwise.value.clone());
    }
    if let Some((one, other, common)) = map.overlap() {
        let written = |scim: &Value| map.rows.iter().any(|(row, yours)| row == scim && yours.first() == Some(common));
        let how = if written(one) && written(other) { "are both written as" } else { "both stand for" };
        let span = rows
            .iter()
            .flat_map(|(_, yours)| yours)
            .rfind(|yours| same(&yours.value, common))
            .map_or_else(|| rule.span.clone(), |yours| yours.span.clone());
        found
            .add(
                Code::E03,
                span,
                format!("`{}` would not read back: `{}` and `{}` {how} {common}", left.name, shown(one), shown(other)),
            )
            .note(format!("law PutGet: put({other}) = {common}, get({common}) = {one}"))
            .help("give each SCIM value values of its own");
        return None;
    }
    Some(map)
}

/// The SCIM value that a key of `map` stands for.
fn scim_value(kind: Kind, key: &str) -> Option<Value> {
    match kind {
        Kind::Boolean => key.parse().ok().map(Value::Bool),
        Kind::Integer | Kind::Decimal => key.parse().ok().map(Value::Number),
        Kind::String | Kind::DateTime | Kind::Binary | Kind::Reference => Some(Value::from(key)),
        Kind::Complex => None,
    }
}

pub(super) fn fits(kind: Kind, value: &Value) -> bool {
    match kind {
        Kind::Boolean => value.is_boolean(),
        Kind::Integer | Kind::Decimal => value.is_number(),
        Kind::String | Kind::DateTime | Kind::Binary | Kind::Reference => value.is_string(),
        Kind::Complex => value.is_object(),
    }
}

fn misfit(left: &Left<'_>, value: &Attribute, span: Span, text: &str, found: &mut Diagnostics) {
    let kind = match value.kind {
        Kind::Boolean => "`true` or `false`",
        Kind::Integer | Kind::Decimal => "a number",
        Kind::String | Kind::DateTime | Kind::Binary | Kind::Reference => "text",
        Kind::Complex => "a table with parts, which `map` cannot make",
    };
    found
        .add(Code::E14, span, format!("`{text}` is no value of `{}`, which is {kind}", left.name))
        .help("the keys of `map`, and `else`, are SCIM's values; yours stand on the right");
}

/// A value as the author writes it as a key.
fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn time(left: &Left<'_>, value: &Attribute, rule: &RuleDocument, found: &mut Diagnostics) -> Option<TimeFormat> {
    let text = rule.time.as_ref()?;
    if !is_text(value) {
        found.add(Code::E19, text.span.clone(), format!("`{}` is no time", left.name)).help("remove `time`");
        return None;
    }
    match TimeFormat::parse(&text.value) {
        Ok(format) => Some(format),
        Err(message) => {
            let fault = found.add(Code::E19, text.span.clone(), message);
            match nearest(&text.value, TimeFormat::WORDS) {
                Some(near) => fault.help(format!("did you mean `{near}`?")),
                None => fault
                    .help("one of `epoch_s`, `epoch_ms`, `date`, or a strftime pattern such as \"%Y-%m-%d %H:%M:%S\""),
            };
            None
        }
    }
}

fn json_type(
    left: &Left<'_>,
    inner: Inner,
    is_mapped: bool,
    rule: &RuleDocument,
    found: &mut Diagnostics,
) -> Option<JsonType> {
    let text = rule.kind.as_ref()?;
    let yours = word(Some(text), "type", &Yours::WORDS, Yours::parse, found)?;
    if is_mapped {
        let rows = rule.map.iter().flat_map(|map| &map.value).flat_map(|(_, yours)| yours);
        if let Some(other) = rows.into_iter().find(|value| !yours.holds(&value.value)) {
            found
                .add(Code::E19, other.span.clone(), format!("`{}` is not of the type `{}`", other.value, text.value))
                .help("remove `type`: what `map` has on its right is written as it stands");
        }
        return None;
    }
    let made = JsonType::new(yours, inner);
    if made.is_none() {
        found
            .add(Code::E19, text.span.clone(), format!("`{}` is a number, which a boolean cannot keep", left.name))
            .help("use `int`, `number` or `string`, or a `map`");
    }
    // A codec that changes nothing is none.
    made.filter(|_| {
        !matches!(
            (yours, inner),
            (Yours::String, Inner::Text) | (Yours::Bool, Inner::Truth) | (Yours::Number, Inner::Number)
        )
    })
}

fn split(left: &Left<'_>, rule: &RuleDocument, found: &mut Diagnostics) -> Option<Split> {
    let text = rule.split.as_ref().filter(|_| left.list)?;
    if text.value.is_empty() {
        found
            .add(Code::E19, text.span.clone(), "`split` needs a delimiter")
            .help("write the text between the elements: split = \";\"");
        return None;
    }
    Some(Split(text.value.clone()))
}

fn bits(left: &Left<'_>, rule: &RuleDocument, found: &mut Diagnostics) -> Option<Bits> {
    let rows = rule.bits.as_ref().filter(|_| left.list)?;
    if rows.value.is_empty() {
        found
            .add(Code::E20, rows.span.clone(), "`bits` names no element")
            .help("name them, each with its bit: bits = { read = 1, write = 2, approve = 4 }");
        return None;
    }
    let mut made = Bits(Vec::with_capacity(rows.value.len()));
    for (name, bits) in &rows.value {
        let Some(value) = bits.value.as_i64().filter(|value| *value > 0) else {
            found
                .add(Code::E14, bits.span.clone(), format!("{} is no bit of `{}`", bits.value, name.value))
                .help("bits are whole numbers above 0: 1, 2, 4, 8, ...");
            return None;
        };
        made.0.push((name.value.clone(), value));
    }
    if let Some((one, other, bit)) = made.overlap() {
        let span = rows.value.iter().rfind(|(name, _)| name.value == other);
        let span = span.map_or_else(|| rows.span.clone(), |(_, bits)| bits.span.clone());
        found
            .add(
                Code::E03,
                span,
                format!("`{}` would not read back: `{one}` and `{other}` both have the bit {bit}", left.name),
            )
            .help("give each element bits of its own");
        return None;
    }
    Some(made)
}
