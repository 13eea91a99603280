//! Parts of a JSON text, found without parsing the rest.

use std::fmt;
use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::mapping::path::{Path, Step};
use crate::value::scan::{self, NotJson};

/// The way to a list whose path is names and at most a last `[*]`.
pub(super) struct ListWay<'p> {
    /// The names that lead to it.
    pub(super) names: Vec<&'p str>,
    /// Whether `[*]` asks for what is in it; without, a table there is the one item itself.
    pub(super) has_wildcard: bool,
}

impl<'p> ListWay<'p> {
    /// `None` where the path has other steps.
    pub(super) fn of(path: &'p Path) -> Option<Self> {
        let steps = path.steps.as_deref()?;
        let (names, has_wildcard) = match steps.split_last() {
            Some((Step::Every, names)) => (names, true),
            Some((Step::Name(_) | Step::Index(_) | Step::Where(_), _)) | None => (steps, false),
        };
        let names = names.iter().map(|step| match step {
            Step::Name(name) => Some(name.as_str()),
            Step::Index(_) | Step::Where(_) | Step::Every => None,
        });
        Some(Self { names: names.collect::<Option<_>>()?, has_wildcard })
    }

    /// The items in what the names lead to: the elements of a list, of a table its members or itself; null is an empty list;
    /// `None` for a single value.
    ///
    /// # Errors
    /// The text is no JSON.
    pub(super) fn items<'a>(&self, value: &'a str) -> Result<Option<Vec<&'a str>>, NotJson> {
        match value.as_bytes().first() {
            Some(b'[') => scan::elements(value).map(Some),
            Some(b'{') if self.has_wildcard => {
                let mut members = Vec::new();
                scan::members(value, None, |_, member| members.push(member))?;
                Ok(Some(members))
            }
            Some(b'{') => scan::only(value).map(|item| Some(vec![item])),
            Some(b'n') => Ok(Some(Vec::new())),
            _ => Ok(None),
        }
    }
}

/// The value that the names lead to; `None` when a name is missing on the way.
///
/// # Errors
/// The text is no JSON, as far as it was looked at.
pub(super) fn walk<'a>(text: &'a [u8], names: &[&str]) -> Result<Option<&'a str>, NotJson> {
    match names.split_first() {
        None => scan::only(std::str::from_utf8(text).map_err(|_| NotJson)?).map(Some),
        Some(names) => member(text, names).map(|found| found.map(RawValue::get)).map_err(|_| NotJson),
    }
}

/// The same where there are names. Texts of other members need be no UTF-8.
fn member<'a>(text: &'a [u8], (first, rest): (&&str, &[&str])) -> Result<Option<&'a RawValue>, serde_json::Error> {
    if text.trim_ascii_start().first() != Some(&b'{') {
        return serde_json::from_slice::<IgnoredAny>(text).map(|_| None);
    }
    let mut body = serde_json::Deserializer::from_slice(text);
    let mut value: Option<&RawValue> = body.deserialize_map(Member(first))?;
    body.end()?;
    for name in rest {
        let Some(parent) = value.filter(|parent| parent.get().starts_with('{')) else { return Ok(None) };
        value = serde_json::Deserializer::from_str(parent.get()).deserialize_map(Member(name))?;
    }
    Ok(value)
}

/// Names of members, and the places of their values.
pub(super) type Members = Vec<(String, Range<usize>)>;

/// The members of an object, each with the place of its value in `text`; `None` when it is no object or no JSON.
pub(super) fn members(text: &[u8]) -> Option<Members> {
    split(text, None).map(|(members, _)| members)
}

/// The same, and in the same pass the elements of the member with this name; `None` also when that is no list.
pub(super) fn members_and_elements<'a>(text: &'a [u8], list: &str) -> Option<(Members, Vec<&'a str>)> {
    let (members, elements) = split(text, Some(list))?;
    Some((members, elements?))
}

fn split<'a>(text: &'a [u8], list: Option<&str>) -> Option<(Members, Option<Vec<&'a str>>)> {
    let text = std::str::from_utf8(text).ok()?;
    let mut members = Vec::new();
    let elements = scan::members(text, list, |name, value| members.push((name, place(text, value))));
    Some((members, elements.ok()?))
}

/// Where a part of a text stands in it.
fn place(text: &str, part: &str) -> Range<usize> {
    let at = part.as_ptr().addr() - text.as_ptr().addr();
    at..at + part.len()
}

/// Finds one member; of several with this name the last, as a parser into a table does.
struct Member<'n>(&'n str);

impl<'de> Visitor<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(wanted) = members.next_key_seed(IsName(self.0))? {
            if wanted {
                found = Some(members.next_value()?);
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

/// Compares a key without a copy.
struct IsName<'n>(&'n str);

impl<'de> DeserializeSeed<'de> for IsName<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, key: D) -> Result<bool, D::Error> {
        key.deserialize_str(self)
    }
}

impl Visitor<'_> for IsName<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<bool, E> {
        Ok(key == self.0)
    }
}
