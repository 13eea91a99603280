//! Two JSON texts side by side, and the members of one. The texts are known to be JSON.

use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Whether `text` has every field of `other`, at any depth of objects, in the same order; false says nothing.
pub(super) fn has_fields_of(text: &str, other: &str) -> bool {
    let (mut text, mut other) = (Skim(text.as_bytes()), Skim(other.as_bytes()));
    text.keeps_up_with(&mut other, 0).is_some()
}

/// Objects in objects that are looked into.
const DEEPEST: usize = 32;

/// What is left of a text.
struct Skim<'t>(&'t [u8]);

impl<'t> Skim<'t> {
    /// The next byte that is no white space.
    fn next(&mut self) -> Option<u8> {
        self.0 = self.0.trim_ascii_start();
        self.0.first().copied()
    }

    /// Passes over a byte, if it is the next one.
    fn pass(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then(|| self.0 = &self.0[1..])
    }

    /// Passes over a value, and the same value of `other`, whose objects have no other members.
    fn keeps_up_with(&mut self, other: &mut Self, depth: usize) -> Option<()> {
        if other.next()? != b'{' {
            other.value()?;
            return self.value();
        }
        if depth > DEEPEST {
            return None;
        }
        self.pass(b'{')?;
        other.pass(b'{')?;
        if other.next()? == b'}' {
            other.pass(b'}')?;
            return self.pass(b'}');
        }
        loop {
            if self.string()? != other.string()? {
                return None;
            }
            self.pass(b':')?;
            other.pass(b':')?;
            self.keeps_up_with(other, depth + 1)?;
            match (self.next()?, other.next()?) {
                (b',', b',') => {
                    self.pass(b',')?;
                    other.pass(b',')?;
                }
                (b'}', b'}') => {
                    self.pass(b'}')?;
                    return other.pass(b'}');
                }
                _ => return None,
            }
        }
    }

    /// Passes over a value.
    fn value(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.next()? {
                b'"' => {
                    self.string()?;
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.0 = &self.0[1..];
                    continue;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    self.0 = &self.0[1..];
                }
                b',' | b':' => {
                    self.0 = &self.0[1..];
                    continue;
                }
                _ => {
                    let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace();
                    let end = self.0.iter().position(ends).unwrap_or(self.0.len());
                    self.0 = &self.0[end..];
                }
            }
            if depth == 0 {
                return Some(());
            }
        }
    }

    /// Passes over a string; gives its inside as it is written.
    fn string(&mut self) -> Option<&'t [u8]> {
        self.pass(b'"')?;
        let mut end = 0;
        loop {
            end += self.0.get(end..)?.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
            if self.0[end] == b'"' {
                break;
            }
            end += 2;
        }
        let inside = &self.0[..end];
        self.0 = &self.0[end + 1..];
        Some(inside)
    }
}

/// The members of an object, each with its text; `None` where a name is written with an escape.
pub(super) fn members(text: &str) -> Option<Vec<(&str, &RawValue)>> {
    serde_json::Deserializer::from_str(text).deserialize_map(Members).ok()
}

struct Members;

impl<'r> Visitor<'r> for Members {
    type Value = Vec<(&'r str, &'r RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'r>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(member) = members.next_entry()? {
            found.push(member);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::has_fields_of;

    #[test]
    fn fields_are_compared_side_by_side() {
        let table = [
            ("the same", r#"{"a":1,"b":{"c":[1,{"x":2}]}}"#, r#"{"a":1,"b":{"c":[1,{"x":2}]}}"#, true),
            (
                "other values",
                r#"{"a":"x\"}","b":{"c":[]},"d":null}"#,
                r#" { "a" : 1 , "b" : { "c" : {} } , "d" : [[1], "]"] } "#,
                false,
            ),
            (
                "a list where a value was",
                r#"{"a":"x\"}","b":{"c":[]}}"#,
                r#" { "a" : 1 , "b" : { "c" : null } } "#,
                true,
            ),
            ("a field lacks", r#"{"a":1}"#, r#"{"a":1,"b":2}"#, false),
            ("a field lacks inside", r#"{"a":{}}"#, r#"{"a":{"b":2}}"#, false),
            ("no object any more", r#"{"a":7}"#, r#"{"a":{}}"#, false),
            ("another order is for others to judge", r#"{"b":1,"a":1}"#, r#"{"a":1,"b":1}"#, false),
            ("a further field, too", r#"{"a":1,"b":1}"#, r#"{"a":1}"#, false),
            ("no fields", "{}", " { } ", true),
        ];
        for (name, text, other, want) in table {
            assert_eq!(has_fields_of(text, other), want, "{name}");
        }
    }
}
