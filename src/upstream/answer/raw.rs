//! Parts of a JSON text, found without parsing the rest.

use std::fmt;
use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::mapping::path::{Path, Step};

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
    pub(super) fn items<'a>(&self, value: &'a str) -> Result<Option<Vec<&'a RawValue>>, serde_json::Error> {
        let mut text = serde_json::Deserializer::from_str(value);
        match value.as_bytes().first() {
            Some(b'[') => text.deserialize_seq(Children).map(Some),
            Some(b'{') if self.has_wildcard => text.deserialize_map(Children).map(Some),
            Some(b'{') => serde_json::from_str(value).map(|item| Some(vec![item])),
            Some(b'n') => Ok(Some(Vec::new())),
            _ => Ok(None),
        }
    }
}

/// The value that the names lead to; `None` when a name is missing on the way.
///
/// # Errors
/// The text is no JSON, as far as it was looked at.
pub(super) fn walk<'a>(text: &'a [u8], names: &[&str]) -> Result<Option<&'a RawValue>, serde_json::Error> {
    let Some((first, rest)) = names.split_first() else { return serde_json::from_slice(text).map(Some) };
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
    let mut body = serde_json::Deserializer::from_slice(text);
    let members = body.deserialize_map(AllMembers).ok()?;
    body.end().ok()?;
    let start = text.as_ptr().addr();
    let place = |value: &RawValue| {
        let at = value.get().as_ptr().addr() - start;
        at..at + value.get().len()
    };
    Some(members.into_iter().map(|(name, value)| (name, place(value))).collect())
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

struct Children;

impl<'de> Visitor<'de> for Children {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list or an object")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(items)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some((_, item)) = members.next_entry::<IgnoredAny, _>()? {
            items.push(item);
        }
        Ok(items)
    }
}

/// All members, with the text of each value.
struct AllMembers;

impl<'de> Visitor<'de> for AllMembers {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(member) = members.next_entry()? {
            found.push(member);
        }
        Ok(found)
    }
}
