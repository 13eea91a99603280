//! The laws of a rule, tried with values: what was written reads back, and what reads as asked is left alone.

use std::slice::from_ref;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::values::{self, Draw};
use crate::mapping::codec::time::TimeFormat;
use crate::mapping::codec::{Codec, Packed};
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::RuleDocument;
use crate::mapping::rule::Rule;
use crate::scim::schema::Kind;

/// The number of values that each rule is tried with.
const TRIALS: usize = 200;
/// The most characters of a value that are shown.
const SHOWN: usize = 120;

/// Tries one rule.
pub(super) fn check(document: &RuleDocument, rule: &Rule, found: &mut Diagnostics) {
    if rule.write_at.is_none() {
        return;
    }
    if let Some((value, why)) = refused(rule) {
        found
            .add(Code::E03, rule.span.clone(), format!("`{}` cannot be set to {}, which its own rule names", rule.name, shown(&value)))
            .note(why)
            .help("change what stands for it in `map` or `bits`, or the key that does not go with it: `case`, `split`, `type`, `unset`");
        return;
    }
    if let Some((time, back)) = uncut(rule) {
        found
            .add(Code::W04, rule.span.clone(), format!("`{}` does not always read back", rule.name))
            .note(format!("example: {} -> {}", shown(&time), shown(&back)))
            .help("let the pattern hold the whole time: \"%Y-%m-%dT%H:%M:%SZ\"");
        return;
    }
    let said = says_lossy(document);
    let mut draw = Draw::of(&rule.name);
    let mut record = Value::Object(Map::new());
    let mut taken = 0;
    for _ in 0..TRIALS {
        let value = values::value(rule, &mut draw);
        let before = record.clone();
        if rule.put(&mut record, Some(&value)).is_err() {
            record = before;
            continue;
        }
        taken += 1;
        if let Some(example) = broken(rule, &value, &record).filter(|_| !said) {
            found
                .add(Code::W04, rule.span.clone(), format!("`{}` does not always read back", rule.name))
                .note(example)
                .help("`lossy = \"reject\"` refuses such values, `lossy = \"warn\"` takes them as they are");
            return;
        }
    }
    if taken == 0 {
        found
            .add(Code::W77, rule.span.clone(), format!("`{}` takes no value that a client would send", rule.name))
            .note(format!("all of {TRIALS} values are refused, {} among them", shown(&values::value(rule, &mut draw))))
            .help("make the rule fit the attribute, or read-only: mutability = \"readOnly\"");
    }
}

/// Whether the author has said that some values do not read back, or which part of a text takes the rest.
fn says_lossy(document: &RuleDocument) -> bool {
    let starred = document.text.as_ref().is_some_and(|text| text.value.contains("*}"));
    document.lossy.is_some() || starred || document.each.iter().any(says_lossy)
}

/// The law that a value breaks which was written into a record.
fn broken(rule: &Rule, value: &Value, record: &Value) -> Option<String> {
    // What is read elsewhere reads back when the API has put it there.
    if rule.is_split() {
        return None;
    }
    let back = rule.get(record);
    let yours = rule.write_at.as_ref().and_then(|path| path.first(record)).unwrap_or(&Value::Null);
    let seen = back.as_ref().map_or_else(|| "nothing".to_owned(), shown);
    if !rule.is_same(back.as_ref(), Some(value)) {
        return Some(format!("example: {} -> {} -> {seen}", shown(value), shown(yours)));
    }
    let mut again = record.clone();
    let rewritten = rule.put(&mut again, back.as_ref()).is_err() || again != *record;
    rewritten.then(|| format!("example: {} reads as {seen}, and to write that gives another record", shown(yours)))
}

/// A value that a conversion of the rule names, and that cannot be written; with the reason.
fn refused(rule: &Rule) -> Option<(Value, String)> {
    let mut parts = rule.each.iter().flatten().filter(|part| part.write_at.is_some() && rule.is_written(part));
    parts.find_map(refused).or_else(|| {
        let is_element = rule.list && rule.attribute.kind == Kind::Complex;
        named(rule).into_iter().find_map(|value| {
            let sent = match (rule.list, is_element) {
                (false, _) => value.clone(),
                (true, false) => Value::from(from_ref(&value)),
                (true, true) => {
                    Value::from([Value::Object(Map::from_iter([("value".to_owned(), value.clone())]))].as_slice())
                }
            };
            let mut record = Value::Object(Map::new());
            let error = rule.put(&mut record, Some(&sent)).err()?;
            Some((value, error.detail))
        })
    })
}

/// The values that a rule names: those of `map` and `bits`, and both of a boolean.
fn named(rule: &Rule) -> Vec<Value> {
    if let Some(Packed::Bits(bits)) = &rule.codecs.packed {
        return bits.0.iter().map(|(name, _)| Value::from(name.as_str())).collect();
    }
    let map = rule.codecs.codecs.iter().find_map(|codec| match codec {
        Codec::Map(map) => Some(map.rows.iter().map(|(scim, _)| scim.clone()).collect()),
        Codec::ScimText(_) | Codec::Case(_) | Codec::Text(_) | Codec::Replace(_) | Codec::Time(_) | Codec::Type(_) => {
            None
        }
    });
    let truths =
        || if rule.attribute.kind == Kind::Boolean { vec![Value::Bool(true), Value::Bool(false)] } else { Vec::new() };
    map.unwrap_or_else(truths)
}

/// A time that reads back as one that is not the same time cut to whole seconds, minutes, hours or days.
fn uncut(rule: &Rule) -> Option<(Value, Value)> {
    let of_part = rule.each.iter().flatten().filter(|part| part.write_at.is_some()).find_map(uncut);
    if of_part.is_some() {
        return of_part;
    }
    let format: &TimeFormat = rule.codecs.codecs.iter().find_map(|codec| match codec {
        Codec::Time(format) => Some(format),
        Codec::ScimText(_) | Codec::Case(_) | Codec::Text(_) | Codec::Replace(_) | Codec::Map(_) | Codec::Type(_) => {
            None
        }
    })?;
    let mut draw = Draw::of(&rule.name);
    (0..TRIALS).map(|_| values::time(&mut draw)).find_map(|time| {
        let back = format.decode(&format.encode(&time).ok()?).ok()?;
        (!is_cut(&time, &back)).then_some((time, back))
    })
}

fn is_cut(time: &Value, back: &Value) -> bool {
    let moment = |value: &Value| value.as_str()?.parse::<Timestamp>().ok();
    let (Some(time), Some(back)) = (moment(time), moment(back)) else { return false };
    let (whole, left) = (time.as_second(), back.as_second());
    let units = [1, 60, 3600, 86_400];
    left == whole || units.iter().any(|unit| whole - whole.rem_euclid(*unit) == left && back.subsec_nanosecond() == 0)
}

/// A value as it is shown: long ones are cut.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= SHOWN { text } else { text.chars().take(SHOWN).chain(['…']).collect() }
}
