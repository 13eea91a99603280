//! Values and conversions in words.

use std::time::Duration;

use serde_json::Value;

use crate::mapping::document::{BitRow, RuleDocument, Spanned, Text, Tree};
use crate::mapping::sheet::code;

/// A duration as a settings file would have it.
pub(super) fn duration(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    let units = [(3_600_000, "h"), (60_000, "min"), (1_000, "s")];
    let fitting = units.iter().find(|(unit, _)| milliseconds > 0 && milliseconds.is_multiple_of(*unit));
    match fitting {
        Some((unit, name)) => format!("{} {name}", milliseconds / unit),
        None => format!("{milliseconds} ms"),
    }
}

/// A tree as compact JSON, holes as they were written.
pub(super) fn json(tree: &Tree) -> Value {
    match tree {
        Tree::Text(text) => Value::from(text.value.as_str()),
        Tree::Literal(value) => value.clone(),
        Tree::List(elements) => elements.iter().map(json).collect(),
        Tree::Table(members) => members.iter().map(|(name, tree)| (name.value.clone(), json(tree))).collect(),
    }
}

/// What happens to a value on its way, in the order of the format's reference.
pub(super) fn conversions(rule: &RuleDocument) -> Vec<String> {
    // Named one by one: a key that comes to the format comes to the sheet, or is left out on purpose.
    let RuleDocument {
        left: _,
        span: _,
        at: _,
        read_at: _,
        write_at,
        kind,
        map,
        map_else,
        time,
        text,
        scim_text,
        replace,
        case,
        search_case: _,
        present,
        split,
        bits,
        single,
        each,
        kept,
        show,
        default,
        read_default,
        unset,
        mutability: _,
        required,
        lossy: _,
        inverse: _,
        schema: _,
    } = rule;
    let mut words = Vec::new();
    let mut say = |text: Option<String>| words.extend(text);
    say(show.as_ref().map(|show| format!("made of {}", code(&show.value))));
    say(kept.as_ref().filter(|kept| kept.value).map(|_| "kept by the bridge itself".to_owned()));
    say(write_at.as_ref().map(|path| format!("written to {}", code(&path.value))));
    say(scim_text.as_ref().map(|pattern| format!("{} in SCIM", code(&pattern.value))));
    say(case.as_ref().map(|case| format!("written in {} case", case.value)));
    say(text.as_ref().map(|pattern| format!("pattern {}", code(&pattern.value))));
    say(replace.as_ref().map(|replace| of_pairs(&replace.value)));
    say(map.as_ref().map(|map| {
        let rows = map.value.iter().map(|(scim, yours)| format!("{} is {}", code(&scim.value), values(yours)));
        rows.collect::<Vec<_>>().join(", ")
    }));
    say(map_else.as_ref().map(|other| format!("anything else reads as {}", value(&other.value))));
    say(time.as_ref().map(|time| unit(&time.value)));
    say(kind.as_ref().map(|kind| json_type(&kind.value).to_owned()));
    say(split.as_ref().map(|split| format!("one text, divided by {}", code(&split.value))));
    say(bits.as_ref().map(|bits| of_bits(&bits.value)));
    say(present.as_ref().map(|present| format!("whether it is {}there", if present.value { "" } else { "not " })));
    say(single.as_ref().map(|single| match single.value.as_str() {
        "replace" => "one value, the last one wins".to_owned(),
        _ => "one value".to_owned(),
    }));
    say((!each.is_empty()).then(|| format!("of each element: {}", elements(each))));
    say(unset.as_ref().map(|unset| format!("{} is no value", value(&unset.value))));
    say(read_default.as_ref().map(|default| format!("{} is shown when there is none", value(&default.value))));
    say(default.as_ref().map(|default| format!("{} when a create has none", value(&json(default)))));
    say(required.as_ref().filter(|required| required.value).map(|_| "required".to_owned()));
    words
}

/// `time`, as words.
fn unit(format: &str) -> String {
    match format {
        "epoch_s" => "seconds since 1970".to_owned(),
        "epoch_ms" => "milliseconds since 1970".to_owned(),
        "date" => "a date".to_owned(),
        format => format!("time as {}", code(format)),
    }
}

/// `type`, as words.
fn json_type(word: &str) -> &str {
    match word {
        "int" => "whole number",
        "bool" => "boolean",
        other => other,
    }
}

/// `replace`, as words.
fn of_pairs(pairs: &[(Text, Text)]) -> String {
    let pairs = pairs.iter().map(|(scim, yours)| format!("{} is {}", code(&scim.value), code(&yours.value)));
    pairs.collect::<Vec<_>>().join(", ")
}

/// `bits`, as words.
fn of_bits(rows: &[BitRow]) -> String {
    let rows = rows.iter().map(|(name, bits)| format!("{} is {}", code(&name.value), value(&bits.value)));
    format!("bits of a number: {}", rows.collect::<Vec<_>>().join(", "))
}

/// The rules of one element: `value` is `user_id`.
fn elements(each: &[RuleDocument]) -> String {
    let rules = each.iter().map(|rule| {
        let left = rule.left.as_ref().map_or("", |left| left.value.as_str());
        let place = place(rule).unwrap_or_default();
        let converted = conversions(rule);
        let how = if converted.is_empty() { String::new() } else { format!(" ({})", converted.join("; ")) };
        format!("{} is {place}{how}", code(left))
    });
    rules.collect::<Vec<_>>().join(", ")
}

/// Where a rule reads, or else writes.
pub(super) fn place(rule: &RuleDocument) -> Option<String> {
    let path = rule.at.as_ref().or(rule.read_at.as_ref()).or(rule.write_at.as_ref())?;
    Some(code(&path.value))
}

/// The values that read alike; the first is the one that is written.
fn values(yours: &[Spanned<Value>]) -> String {
    let mut texts = yours.iter().map(|yours| value(&yours.value));
    let first = texts.next().unwrap_or_default();
    let others: Vec<String> = texts.collect();
    if others.is_empty() { first } else { format!("{first} (also {})", others.join(", ")) }
}

fn value(value: &Value) -> String {
    code(&value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::diagnostic::Diagnostics;
    use crate::mapping::document::Document;
    use crate::mapping::source::Source;

    #[test]
    fn a_duration_has_the_largest_unit_that_fits() {
        let cases = [
            (0, "0 ms"),
            (250, "250 ms"),
            (1_500, "1500 ms"),
            (45_000, "45 s"),
            (120_000, "2 min"),
            (3_600_000, "1 h"),
        ];
        for (milliseconds, want) in cases {
            assert_eq!(duration(Duration::from_millis(milliseconds)), want);
        }
    }

    #[test]
    fn every_conversion_has_its_words() {
        let cases = [
            ("{ at = 'a', type = 'int', required = true }", "whole number; required"),
            (
                "{ at = 'a', map = { true = 1, false = [0, 2], else = false } }",
                "`true` is `1`, `false` is `0` (also `2`); anything else reads as `false`",
            ),
            ("{ at = 'a', time = 'epoch_ms', unset = 0 }", "milliseconds since 1970; `0` is no value"),
            ("{ at = 'a', text = 'X|{}', case = 'upper' }", r"written in upper case; pattern `X\|{}`"),
            ("{ read_at = 'a', write_at = 'b', split = ';' }", "written to `b`; one text, divided by `;`"),
            ("{ show = '{a}' }", "made of `{a}`"),
            ("{ at = 'a', scim_text = '{}@x' }", "`{}@x` in SCIM"),
            ("{ at = 'a', bits = { read = 1, write = 2 } }", "bits of a number: `read` is `1`, `write` is `2`"),
            ("{ at = 'a[?@.b == 9]', present = false }", "whether it is not there"),
            ("{ at = 'a', single = 'replace' }", "one value, the last one wins"),
            ("{ at = 'a', read_default = '{b}' }", "`\"{b}\"` is shown when there is none"),
            (
                "{ at = 'a', each = { value = 'id', type = { at = 'kind', map = { work = 'W' } } } }",
                "of each element: `value` is `id`, `type` is `kind` (`work` is `\"W\"`)",
            ),
            ("{ at = 'a', default = '{random.24}' }", "`\"{random.24}\"` when a create has none"),
        ];
        for (rule, want) in cases {
            let source = Source::new("m", format!("scim_bridge = 1\nUser.attributes.title = {rule}"));
            let document = Document::read(&source, &mut Diagnostics::new("m")).unwrap();
            assert_eq!(conversions(&document.types[0].attributes[0]).join("; "), want, "{rule}");
        }
    }
}
