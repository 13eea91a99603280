//! Values for trials: ordinary ones, and those that conversions stumble over. The same ones each time.

use serde_json::{Map, Number, Value};

use crate::mapping::codec::kind::Yours;
use crate::mapping::codec::{Codec, Packed};
use crate::mapping::rule::Rule;
use crate::scim::schema::Kind;

/// Pieces of text: names, what looks like another type, what has a meaning somewhere, long and foreign ones.
const PIECES: [&str; 28] = [
    "Ada",
    "Mary Ann",
    "de la Cruz",
    "O'Brien",
    "ada@acme.com",
    "17",
    "007",
    "-3",
    "1.10",
    "true",
    "false",
    "null",
    "Ünïcode",
    "e\u{301}",
    "ß",
    "İ",
    "李小龍",
    "👩‍💻",
    "a\"b\\c",
    "<x>&amp;",
    "{id}",
    "%41",
    "A,B;C|D",
    " x ",
    "two\nlines",
    "2024-02-29T12:00:00Z",
    "en_GB",
    "de-DE",
];

/// Times that RFC 3339 has: fractions, zones, the ends of days, months and years.
const TIMES: [&str; 12] = [
    "2024-11-30T13:45:56Z",
    "2024-02-29T23:59:59Z",
    "1999-12-31T23:59:59.999Z",
    "2024-01-01T00:00:00Z",
    "2024-06-15T12:30:00+02:00",
    "2024-06-15T00:15:00+14:00",
    "2024-06-15T23:45:30-11:30",
    "2038-01-19T03:14:08Z",
    "2024-03-31T01:30:00.5Z",
    "2024-07-04T21:05:09.123456Z",
    "1971-01-01T00:00:01Z",
    "2060-10-10T10:10:10Z",
];

/// The length of a long text.
const LONG: usize = 300;

/// Draws that look like chance and are the same for the same name.
pub(super) struct Draw(u64);

impl Draw {
    /// The draws of a rule.
    pub(super) fn of(name: &str) -> Self {
        // FNV-1a; never 0, which xorshift would stay at.
        let hash = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Self(hash | 1)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end.max(1)
    }

    fn one<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let index = self.below(u64::try_from(all.len()).ok()?);
        all.get(usize::try_from(index).ok()?)
    }
}

/// A value that a client might send for a rule.
pub(super) fn value(rule: &Rule, draw: &mut Draw) -> Value {
    if !rule.list {
        return single(rule, &separators(rule), draw);
    }
    let separators = separators(rule);
    let mut elements: Vec<Value> = (0..=draw.below(3)).map(|_| element(rule, &separators, draw)).collect();
    if draw.below(4) == 0 {
        elements.extend(elements.first().cloned());
    }
    Value::Array(elements)
}

fn element(rule: &Rule, separators: &[&str], draw: &mut Draw) -> Value {
    let Some(each) = &rule.each else {
        let value = single(rule, separators, draw);
        return if rule.attribute.kind == Kind::Complex { named("value", value) } else { value };
    };
    let mut element = Map::new();
    for part in each {
        let Some(sub) = &part.target.sub else { continue };
        if sub == "value" || draw.below(3) > 0 {
            element.insert(sub.clone(), value(part, draw));
        }
    }
    Value::Object(element)
}

fn named(name: &str, value: Value) -> Value {
    Value::Object(Map::from_iter([(name.to_owned(), value)]))
}

/// A single value of a rule's kind; now and then one of those that its conversions name.
fn single(rule: &Rule, separators: &[&str], draw: &mut Draw) -> Value {
    if let Some(Packed::Bits(bits)) = &rule.codecs.packed {
        return draw.one(&bits.0).map_or(Value::Null, |(name, _)| Value::from(name.as_str()));
    }
    let mut is_time = rule.attribute.kind == Kind::DateTime;
    for codec in &rule.codecs.codecs {
        match codec {
            Codec::Map(map) if draw.below(4) > 0 => {
                return draw.one(&map.rows).map_or(Value::Null, |(scim, _)| scim.clone());
            }
            Codec::Text(pattern) if !pattern.is_single() => {
                let mut parts = Map::new();
                for hole in &pattern.holes {
                    if draw.below(5) > 0 {
                        parts.insert(hole.name.clone(), Value::from(text(separators, draw)));
                    }
                }
                return Value::Object(parts);
            }
            // The text that SCIM wants around it.
            Codec::ScimText(around) if draw.below(4) > 0 => {
                let inside = Value::from(text(separators, draw));
                return around.decode(&inside).unwrap_or(inside);
            }
            Codec::Type(kind) if kind.yours != Yours::String && draw.below(4) > 0 => {
                return typed(rule, kind.yours, draw);
            }
            Codec::Time(_) => is_time = true,
            Codec::ScimText(_)
            | Codec::Case(_)
            | Codec::Text(_)
            | Codec::Replace(_)
            | Codec::Map(_)
            | Codec::Type(_) => {}
        }
    }
    match rule.attribute.kind {
        Kind::Boolean => Value::Bool(draw.below(2) == 0),
        Kind::Integer => Value::from(i64::try_from(draw.below(1 << 40)).unwrap_or_default() - 1000),
        Kind::Decimal => {
            format!("{}.{}", draw.below(1000), draw.below(100)).parse::<Number>().map_or(Value::Null, Value::Number)
        }
        Kind::String | Kind::DateTime | Kind::Binary | Kind::Reference | Kind::Complex if is_time => time(draw),
        Kind::String | Kind::DateTime | Kind::Binary | Kind::Reference | Kind::Complex => {
            Value::from(text(separators, draw))
        }
    }
}

/// A value that fits a JSON type of the API, as the attribute's kind spells it.
fn typed(rule: &Rule, yours: Yours, draw: &mut Draw) -> Value {
    let value = match (yours, rule.attribute.kind) {
        (Yours::Bool, _) | (Yours::Int | Yours::Number | Yours::String, Kind::Boolean) => {
            Value::Bool(draw.below(2) == 0)
        }
        (Yours::Int | Yours::Number | Yours::String, _) => Value::from(draw.below(100_000)),
    };
    match rule.attribute.kind {
        Kind::Boolean | Kind::Decimal | Kind::Integer => value,
        Kind::DateTime => time(draw),
        Kind::String | Kind::Binary | Kind::Reference | Kind::Complex => Value::from(value.to_string()),
    }
}

/// A time that RFC 3339 has.
pub(super) fn time(draw: &mut Draw) -> Value {
    Value::from(draw.one(&TIMES).copied().unwrap_or_default())
}

fn text(separators: &[&str], draw: &mut Draw) -> String {
    let mut text = draw.one(&PIECES).copied().unwrap_or_default().to_owned();
    for _ in 0..draw.below(3) {
        text.push_str(draw.one(separators).copied().unwrap_or_default());
        text.push_str(draw.one(&PIECES).copied().unwrap_or_default());
    }
    match draw.below(24) {
        0 => text.repeat(LONG / text.len().max(1) + 1),
        1 => String::new(),
        _ => text,
    }
}

/// The texts that a rule's conversions cut at.
fn separators(rule: &Rule) -> Vec<&str> {
    let mut separators = vec![" "];
    for codec in &rule.codecs.codecs {
        match codec {
            Codec::Text(pattern) => {
                separators.push(&pattern.lead);
                separators.extend(pattern.holes.iter().map(|hole| hole.after.as_str()));
            }
            Codec::Replace(replace) => {
                separators.extend(replace.pairs.iter().flat_map(|(scim, yours)| [scim.as_str(), yours.as_str()]));
            }
            Codec::ScimText(_) | Codec::Case(_) | Codec::Map(_) | Codec::Time(_) | Codec::Type(_) => {}
        }
    }
    if let Some(Packed::Split(split)) = &rule.codecs.packed {
        separators.push(&split.0);
    }
    separators
}
