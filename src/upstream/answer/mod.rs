//! What the upstream answered.

use std::borrow::Cow;
use std::sync::OnceLock;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use serde_json::Value;

use crate::mapping::call::{Call, Source};
use crate::mapping::path::Path;
use crate::mapping::scope::AnswerScope;
use crate::upstream::Error;
use crate::value::essence;
use crate::value::scan::NotJson;

mod raw;
mod source;
#[cfg(test)]
mod tests;
mod xml;

/// A usable answer.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: http::HeaderMap,
    /// The body's bytes.
    pub body: Bytes,
    /// A row said `empty`: the list ends here; or a 404 that means an empty list.
    pub ends_list: bool,
    /// The URL the call went to, for a same-origin `next` URL.
    pub url: String,
    /// What the body is, where its media type does not say so: read as XML, or not to be read.
    read_as: Option<Media>,
    value: OnceLock<Option<Value>>,
    /// The members of the body, found in one pass: names and places. `None` where the body is no object.
    members: OnceLock<Option<raw::Members>>,
    /// Items that had to be taken out of `value`.
    items: OnceLock<Vec<String>>,
    /// The call's paths with holes, with the values of this call in them.
    bound: Vec<Path>,
}

/// What the body's media type makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    /// JSON, or no media type.
    Json,
    /// Plain text.
    Text,
    /// XML that cannot be read.
    BrokenXml,
    /// Anything else: a login page, a file.
    Other,
}

impl Answer {
    /// An answer.
    pub fn new(status: u16, headers: http::HeaderMap, body: Bytes, ends_list: bool, url: String) -> Self {
        Self {
            status,
            headers,
            body,
            ends_list,
            url,
            read_as: None,
            value: OnceLock::new(),
            members: OnceLock::new(),
            items: OnceLock::new(),
            bound: Vec::new(),
        }
    }

    /// The same answer, read by these paths where the call's own have holes.
    #[must_use]
    pub(crate) fn with_paths(self, bound: Vec<Path>) -> Self {
        Self { bound, ..self }
    }

    /// The same answer to this call: XML, where the call takes it, as the JSON that paths see.
    #[must_use]
    pub fn to(self, call: &Call) -> Self {
        let Some(reading) = call.xml.as_ref().filter(|_| !self.body.is_empty() && xml::is_xml(&self)) else {
            return self;
        };
        let read = xml::parse(&self.body, xml::charset(&self.headers), reading);
        match read.and_then(|value| Some((serde_json::to_vec(&value).ok()?, value))) {
            Some((body, value)) => {
                Self { body: body.into(), read_as: Some(Media::Json), value: OnceLock::from(Some(value)), ..self }
            }
            None => Self { read_as: Some(Media::BrokenXml), ..self },
        }
    }

    /// Whether the body came as XML, in which every value is text.
    fn was_xml(&self) -> bool {
        self.read_as == Some(Media::Json)
    }

    /// A path of the call, with the values of its holes in their places.
    fn bound<'p>(&'p self, path: &'p Path) -> &'p Path {
        path.slot.and_then(|slot| self.bound.get(slot)).unwrap_or(path)
    }

    /// The body as a value, parsed when first asked for; a plain-text body is a string; `None` when empty or not JSON.
    pub fn value(&self) -> Option<&Value> {
        self.value.get_or_init(|| self.parse()).as_ref()
    }

    fn parse(&self) -> Option<Value> {
        if self.body.is_empty() {
            return None;
        }
        match self.media() {
            Media::Json => serde_json::from_slice(&self.body).ok(),
            Media::Text => std::str::from_utf8(&self.body).ok().map(Value::from),
            Media::BrokenXml | Media::Other => None,
        }
    }

    /// The body's media type.
    pub(crate) fn media(&self) -> Media {
        if let Some(media) = self.read_as {
            return media;
        }
        let Some(value) = self.headers.get(CONTENT_TYPE) else { return Media::Json };
        let essence = essence(value.as_bytes());
        let is = |name: &str| essence.eq_ignore_ascii_case(name);
        let suffix = essence.len().checked_sub(5).and_then(|start| essence.get(start..));
        if essence.is_empty()
            || is("application/json")
            || suffix.is_some_and(|suffix| suffix.eq_ignore_ascii_case("+json"))
        {
            Media::Json
        } else if is("text/plain") {
            Media::Text
        } else {
            Media::Other
        }
    }

    /// The answer as conditions and holes see it.
    pub fn scope(&self) -> AnswerScope<'_> {
        AnswerScope { status: self.status, headers: &self.headers, body: self.value() }
    }

    /// The records of a list, each as the upstream wrote it. Where the list's path is plain names, nothing is parsed but the
    /// way to it.
    ///
    /// # Errors
    /// [`Error::Unreadable`] when the body is no JSON, or has no list there: that is a broken answer, never an empty list.
    pub fn items<'a>(&'a self, call: &Call) -> Result<Vec<&'a str>, Error> {
        let Some(path) = call.items.as_ref().map(|path| self.bound(path)) else { return Ok(Vec::new()) };
        if self.ends_list {
            return Ok(Vec::new());
        }
        if let (Some(way), Media::Json) = (raw::ListWay::of(path), self.media()) {
            // The usual page is cut in one pass: its members, and of one of them the elements.
            if let ([list], None) = (way.names.as_slice(), self.members.get())
                && let Some((members, items)) = raw::members_and_elements(&self.body, list)
            {
                let _ = self.members.set(Some(members));
                return Ok(items);
            }
            let not_json = |_| self.unreadable(call, "the body is not JSON");
            let list = self.walk(&way.names).map_err(not_json)?;
            let list = list.ok_or_else(|| self.unreadable(call, "the answer has no list where `items` points"))?;
            let items = way.items(list).map_err(not_json)?;
            return items.ok_or_else(|| self.unreadable(call, "`items` points to no list"));
        }
        let body = self.value().ok_or_else(|| self.unreadable(call, "the body is not JSON"))?;
        let selected = source::list(path, body)
            .ok_or_else(|| self.unreadable(call, "the answer has no list where `items` points"))?;
        let own = || selected.iter().map(ToString::to_string).collect();
        Ok(self.items.get_or_init(own).iter().map(String::as_str).collect())
    }

    /// The record in the answer as the upstream wrote it; `None` when the body is empty, or `item` selects nothing or null.
    ///
    /// # Errors
    /// [`Error::Unreadable`] when the body is no JSON.
    pub fn item<'a>(&'a self, call: &Call) -> Result<Option<Cow<'a, str>>, Error> {
        if self.body.is_empty() {
            return Ok(None);
        }
        let not_json = || self.unreadable(call, "the body is not JSON");
        let path = self.bound(&call.item);
        if let (Some(names), Media::Json) = (path.names(), self.media()) {
            let found = self.walk(&names).map_err(|_| not_json())?;
            return Ok(found.filter(|text| *text != "null").map(Cow::Borrowed));
        }
        let body = self.value().ok_or_else(not_json)?;
        let found = path.first(body).filter(|value| !value.is_null());
        Ok(found.map(|value| Cow::Owned(value.to_string())))
    }

    /// The text of the record in the answer, where it stands in the body; nobody has looked yet whether all of it is JSON.
    pub fn item_text(&self, call: &Call) -> Option<&str> {
        if call.item.names().is_some_and(|names| names.is_empty()) && self.media() == Media::Json {
            return std::str::from_utf8(&self.body).ok();
        }
        match self.item(call).ok()?? {
            Cow::Borrowed(item) => Some(item),
            Cow::Owned(_) => None,
        }
    }

    /// The bytes of an item: a part of the body where it stands there, without a copy.
    pub fn bytes_of(&self, item: &str) -> Bytes {
        let (body, item) = (self.body.as_ref().as_ptr_range(), item.as_bytes());
        let inside = body.contains(&item.as_ptr()) && item.as_ptr_range().end <= body.end;
        if inside { self.body.slice_ref(item) } else { Bytes::copy_from_slice(item) }
    }

    /// The raw text that names lead to, without parsing the rest. The body is split into its members once.
    fn walk(&self, names: &[&str]) -> Result<Option<&str>, NotJson> {
        let Some((first, rest)) = names.split_first() else { return raw::walk(&self.body, &[]) };
        let Some(members) = self.members.get_or_init(|| raw::members(&self.body)) else {
            return raw::walk(&self.body, names);
        };
        // Of several with this name the last, as a parser into a table does.
        match members.iter().rfind(|(name, _)| name == first) {
            Some((_, place)) if rest.is_empty() => {
                std::str::from_utf8(&self.body[place.clone()]).map(Some).map_err(|_| NotJson)
            }
            Some((_, place)) => raw::walk(&self.body[place.clone()], rest),
            None => Ok(None),
        }
    }

    /// The value at a path: parsed alone where plain names lead to it, else found in the whole body.
    pub(super) fn at(&self, path: &Path) -> Option<Value> {
        let path = self.bound(path);
        let names = path.names().filter(|names| !names.is_empty() && self.media() == Media::Json);
        let value = match names {
            Some(names) => serde_json::from_str(self.walk(&names).ok()??).ok()?,
            None => path.first(self.value()?)?.clone(),
        };
        Some(value).filter(|value| !value.is_null())
    }

    /// The number of all records; `None` when the call has no `total`, or the answer's is no sensible number.
    pub fn total(&self, call: &Call) -> Option<u64> {
        source::total(call.total.as_ref()?, self)
    }

    /// The number that a counting call's answer gives; as text where the body is plain text.
    pub fn count(&self, at: &Source) -> Option<u64> {
        let plain = || self.source(at)?.as_str()?.trim().parse().ok();
        source::total(at, self).or_else(|| if self.media() == Media::Text { plain() } else { None })
    }

    /// The values that the call keeps for later, by name; those without a value are absent.
    pub fn captured(&self, call: &Call) -> impl Iterator<Item = (String, Value)> {
        call.capture.iter().filter_map(|(name, source)| Some((name.clone(), self.source(source)?)))
    }

    /// The value of a source; null is none.
    pub fn source(&self, source: &Source) -> Option<Value> {
        source::read(source, self)
    }

    fn unreadable(&self, call: &Call, reason: &str) -> Error {
        Error::Unreadable { call: call.label.clone(), status: Some(self.status), reason: reason.to_owned() }
    }
}
