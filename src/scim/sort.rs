//! The order of a list (RFC 7644 §3.4.2.3): what is asked for, and what a resource has to be ordered by.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::{Number, Value};

use crate::scim::compare::{fold, instant};
use crate::scim::schema::{Attribute, Kind};
use crate::scim::{AttributePath, Error, Resource, ResourceSchema};
use crate::value::{compare_numbers, member};

/// An order that a client asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Sort {
    /// The attribute.
    pub by: AttributePath,
    /// From the last to the first.
    pub descending: bool,
}

/// What a resource is ordered by. Values of different types follow each other in this order; none comes last.
#[derive(Clone, Debug)]
pub enum Key {
    /// `false` before `true`.
    Boolean(bool),
    /// By value.
    Number(Number),
    /// By time.
    Time(Timestamp),
    /// By code point; folded where case does not count.
    Text(String),
    /// No value.
    Missing,
}

impl Sort {
    /// Reads `sortBy` and `sortOrder`; empty is as good as absent, and without `sortBy` there is no order.
    ///
    /// # Errors
    /// 400 `invalidValue` for what is no attribute path, or no order.
    pub fn parse(by: Option<&str>, order: Option<&str>) -> Result<Option<Self>, Error> {
        let Some(by) = by.map(str::trim).filter(|by| !by.is_empty()) else { return Ok(None) };
        let path = AttributePath::parse(by);
        let by = path.map_err(|error| Error::invalid_value(format!("`sortBy` is no attribute: {error}")))?;
        let descending = match order.map(str::trim).unwrap_or_default() {
            "" => false,
            order if order.eq_ignore_ascii_case("ascending") => false,
            order if order.eq_ignore_ascii_case("descending") => true,
            _ => return Err(Error::invalid_value("`sortOrder` must be `ascending` or `descending`")),
        };
        Ok(Some(Self { by, descending }))
    }

    /// Whether resources of this type can differ in what they are sorted by.
    ///
    /// # Errors
    /// 400 `invalidValue` for an attribute with parts none of which is named.
    pub fn applies_to(&self, schema: &ResourceSchema) -> Result<bool, Error> {
        let Some(place) = schema.place(&self.by) else { return Ok(false) };
        let attribute = place.attribute;
        match (&self.by.sub, attribute.sub("value")) {
            (Some(sub), _) => Ok(attribute.sub(sub).is_some()),
            (None, None) if attribute.kind == Kind::Complex => {
                let part = attribute.sub_attributes.first().map_or("value", |part| part.name.as_str());
                let detail = format!("`{by}` has parts: sort by one of them, such as `{by}.{part}`", by = self.by);
                Err(Error::invalid_value(detail))
            }
            (None, _) => Ok(true),
        }
    }

    /// Whether this is an order by the value at `path`, whatever the spelling.
    pub fn is_by(&self, path: &AttributePath, schema: &ResourceSchema) -> bool {
        let own = spelt(&self.by, schema);
        own.is_some() && own == spelt(path, schema)
    }

    /// What a resource is ordered by: of a list the primary element's value, else the first one's.
    pub fn key(&self, resource: &Resource, schema: &ResourceSchema) -> Key {
        self.find(resource, schema).unwrap_or(Key::Missing)
    }

    fn find(&self, resource: &Resource, schema: &ResourceSchema) -> Option<Key> {
        let place = schema.place(&self.by)?;
        let holder = match place.extension {
            Some(extension) => resource.get(&extension.id)?.as_object()?,
            None => resource,
        };
        let value = holder.get(&place.attribute.name)?;
        let element = value.as_array().map_or(Some(value), |elements| self.chosen(elements, place.attribute))?;
        match element.as_object() {
            Some(parts) => {
                let name = self.by.sub.as_deref().unwrap_or("value");
                key(member(parts, name)?, place.attribute.sub(name))
            }
            None => key(element, Some(place.attribute)),
        }
    }

    /// The element that speaks for a list.
    fn chosen<'v>(&self, elements: &'v [Value], attribute: &Attribute) -> Option<&'v Value> {
        let is_meant =
            |element: &&Value| self.by.filter.as_ref().is_none_or(|filter| filter.matches_element(element, attribute));
        let is_primary = |element: &&Value| element.get("primary") == Some(&Value::Bool(true));
        let meant = || elements.iter().filter(is_meant);
        meant().find(is_primary).or_else(|| meant().next())
    }

    /// Which of two keys comes first; a missing value is greater than every other one.
    pub fn compare(&self, one: &Key, other: &Key) -> Ordering {
        if self.descending { other.cmp(one) } else { one.cmp(other) }
    }
}

/// A path as the schema spells it: extension, attribute, part. `None` for one with a value filter.
fn spelt<'s>(path: &AttributePath, schema: &'s ResourceSchema) -> Option<(Option<&'s str>, &'s str, Option<&'s str>)> {
    let place = schema.place(path).filter(|_| path.filter.is_none())?;
    let part = match &path.sub {
        Some(sub) => Some(place.attribute.sub(sub)?),
        None => place.attribute.sub("value"),
    };
    let extension = place.extension.map(|extension| extension.id.as_str());
    Some((extension, place.attribute.name.as_str(), part.map(|part| part.name.as_str())))
}

fn key(value: &Value, attribute: Option<&Attribute>) -> Option<Key> {
    match value {
        Value::Bool(boolean) => Some(Key::Boolean(*boolean)),
        Value::Number(number) => Some(Key::Number(number.clone())),
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => {
            if attribute.is_some_and(|attribute| attribute.kind == Kind::DateTime)
                && let Some(time) = instant(text)
            {
                return Some(Key::Time(time));
            }
            let exact = attribute.is_some_and(|attribute| attribute.case_exact);
            Some(Key::Text(if exact { text.clone() } else { fold(text).into_owned() }))
        }
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

impl Key {
    fn rank(&self) -> u8 {
        match self {
            Self::Boolean(_) => 0,
            Self::Number(_) => 1,
            Self::Time(_) => 2,
            Self::Text(_) => 3,
            Self::Missing => 4,
        }
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Boolean(one), Self::Boolean(other)) => one.cmp(other),
            (Self::Number(one), Self::Number(other)) => compare_numbers(one, other),
            (Self::Time(one), Self::Time(other)) => one.cmp(other),
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            (one, other) => one.rank().cmp(&other.rank()),
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests;
