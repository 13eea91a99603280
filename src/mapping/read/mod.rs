//! The simple rules compiled to one streaming plan: record bytes to SCIM bytes.
//!
//! A plan is a tree of the names that the rules read, walked once over the record (`tree`, `slots`), and a skeleton of the
//! answer whose gaps are filled from the raw texts that the walk found (`skeleton`, `emit`, `list`). It answers
//! what `View::read` does; where a record is too odd for it, that is what it calls.

use std::borrow::Cow;
use std::ops::Range;

use percent_encoding::utf8_percent_encode;
use serde_json::Value;

use crate::mapping::rule::{Rule, Show};
use crate::mapping::view::View;
use crate::scim::Projection;
use crate::scim::resource::project;
use crate::scim::schema::Returned;
use crate::value::IN_URL;
use crate::value::scan::NotJson;

mod emit;
mod glance;
mod list;
pub(in crate::mapping) mod raw;
mod skeleton;
mod skim;
mod slots;
#[cfg(test)]
mod tests;
mod tree;

pub use glance::Glance;

use glance::Sight;
use list::Asked;
use skeleton::{Attribute, Member, enclose, key};
use slots::{Places, Route};
use tree::Slots;

/// Bytes of `,"version":`.
const VERSION_KEY: usize = 11;

/// A streaming read plan; exists where every rule is simple enough.
#[derive(Clone, Debug)]
pub struct ReadPlan {
    places: Places,
    /// `{"schemas":["urn:…"`
    head: Vec<u8>,
    /// The core attributes, the id among them.
    attributes: Vec<Attribute>,
    /// Which of them is the id.
    id: usize,
    extensions: Vec<Extension>,
    /// `,"resourceType":"User"`
    resource_type: Vec<u8>,
    meta: Vec<Member>,
    /// Which of them is the version, where there is one.
    version: Option<usize>,
    /// For each rule of the view: where its value is seen.
    sights: Vec<Sight>,
    /// For records that are too odd.
    view: View,
}

/// An extension's part of the answer.
#[derive(Clone, Debug)]
struct Extension {
    urn: String,
    /// `,"urn:…":`
    key: Vec<u8>,
    attributes: Vec<Attribute>,
}

/// What the plan learned about the record it wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The resource's id.
    pub id: String,
    /// Where the text of its `meta.version` begins and ends, where a rule gives one and it is known.
    pub version: Option<Range<usize>>,
}

/// Why a record was not written; nothing is appended then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unwritten {
    /// The bytes are no JSON object.
    #[error("the record is not a JSON object")]
    NotAnObject,
    /// The id rule finds nothing.
    #[error("the record has no id")]
    NoId,
}

/// A record that the plan leaves to values.
struct Odd;

impl From<serde_json::Error> for Odd {
    fn from(_: serde_json::Error) -> Self {
        Self
    }
}

impl From<NotJson> for Odd {
    fn from(_: NotJson) -> Self {
        Self
    }
}

impl ReadPlan {
    /// The plan for a view, or `None` where only values will do. It shows what the record holds, and nothing beside it.
    pub fn compile(view: &View) -> Option<Self> {
        let shown: Vec<&Rule> = view.rules.iter().filter(|rule| rule.is_shown() && rule.beside.is_none()).collect();
        let is_id = |rule: &Rule| rule.target.extension.is_none() && rule.target.name == "id";
        // What is returned always or on request only is for the projection of values.
        if shown.iter().any(|rule| !(rule.attribute.returned == Returned::Default || is_id(rule))) {
            return None;
        }
        let places = Places::new(&routes(&shown)?);
        let (mut attributes, mut extensions, mut meta) = (Vec::new(), Vec::<Extension>::new(), Vec::new());
        for rules in shown.chunk_by(|one, other| same_attribute(one, other)) {
            let target = &rules[0].target;
            match &target.extension {
                None if target.name == "meta" => {
                    for rule in rules {
                        meta.push(Member::new(rule, skeleton::single(rule, &places)?));
                    }
                }
                None => attributes.push(Attribute::new(rules, &places)?),
                Some(urn) => {
                    let place = extensions.iter().position(|known| known.urn == *urn).unwrap_or_else(|| {
                        extensions.push(Extension { urn: urn.clone(), key: key(urn), attributes: Vec::new() });
                        extensions.len() - 1
                    });
                    extensions[place].attributes.push(Attribute::new(rules, &places)?);
                }
            }
        }
        let mut head = b"{\"schemas\":[".to_vec();
        raw::append_text(&mut head, &view.schema.core.id);
        let mut resource_type = key("resourceType");
        raw::append_text(&mut resource_type, &view.schema.name);
        let id = attributes.iter().position(|attribute| attribute.name == "id")?;
        let version = meta.iter().position(|member| member.name == "version");
        let sights = view.rules.iter().map(|rule| Sight::new(rule, &places)).collect();
        let view = view.clone();
        Some(Self { places, head, attributes, id, extensions, resource_type, meta, version, sights, view })
    }

    /// Appends the resource as compact JSON with `meta.location` = `location` + the percent-encoded id.
    ///
    /// # Errors
    /// See [`Unwritten`].
    pub fn write(
        &self,
        record: &[u8],
        projection: &Projection,
        location: &str,
        out: &mut Vec<u8>,
    ) -> Result<Written, Unwritten> {
        let text = std::str::from_utf8(record).map_err(|_| Unwritten::NotAnObject)?;
        if !text.trim_start().starts_with('{') {
            return Err(Unwritten::NotAnObject);
        }
        let start = out.len();
        let mut slots = vec![None; self.places.count];
        let projection = self.resolved(projection);
        let streamed = self.places.fill(text, &mut slots);
        match streamed.and_then(|()| self.stream(&slots, &projection, location, out)) {
            Ok(Some(written)) => Ok(written),
            Ok(None) => {
                out.truncate(start);
                Err(Unwritten::NoId)
            }
            Err(Odd) => {
                out.truncate(start);
                self.write_by_value(text, &projection, location, out)
            }
        }
    }

    /// The projection in the spelling of the schema.
    fn resolved<'p>(&self, projection: &'p Projection) -> Cow<'p, Projection> {
        if *projection == Projection::Default {
            Cow::Borrowed(projection)
        } else {
            Cow::Owned(projection.for_schema(&self.view.schema))
        }
    }

    /// The quick way; `None` when the record has no id.
    fn stream(
        &self,
        slots: &Slots<'_>,
        projection: &Projection,
        location: &str,
        out: &mut Vec<u8>,
    ) -> Result<Option<Written>, Odd> {
        let asked = Asked { projection, base: base_of(location, &self.view) };
        out.extend_from_slice(&self.head);
        let schemas_end = out.len();
        out.push(b']');
        let mut id = 0..0;
        for (index, attribute) in self.attributes.iter().enumerate() {
            let start = out.len();
            attribute.write(slots, None, asked, out)?;
            if index == self.id {
                id = start..out.len();
            }
        }
        let Some(id) = id_text(&out[id]) else { return Ok(None) };
        let mut urns = Vec::new();
        for extension in &self.extensions {
            if extension.write(slots, asked, out)? {
                urns.push(b',');
                raw::append_text(&mut urns, &extension.urn);
            }
        }
        let version = self.write_meta(slots, projection, &location_of(location, &id), out);
        out.push(b'}');
        insert(out, schemas_end, &urns);
        let version = version.map(|text| text.start + urns.len()..text.end + urns.len());
        Ok(Some(Written { id, version }))
    }

    /// Appends what is wanted of `meta`; tells where the text of a version stands.
    fn write_meta(
        &self,
        slots: &Slots<'_>,
        projection: &Projection,
        location: &str,
        out: &mut Vec<u8>,
    ) -> Option<Range<usize>> {
        let wants = |part| *projection == Projection::Default || projection.wants(None, "meta", part);
        if !wants(None) {
            return None;
        }
        let mut version = None;
        let start = out.len();
        out.extend_from_slice(b",\"meta\":");
        let inside = out.len();
        if wants(Some("resourceType")) {
            out.extend_from_slice(&self.resource_type);
        }
        for (index, member) in self.meta.iter().enumerate() {
            let before = out.len();
            member.write(slots, wants(Some(&member.name)), out);
            if self.version == Some(index) && out.len() > before {
                version = Some(before + VERSION_KEY..out.len());
            }
        }
        if wants(Some("location")) {
            out.extend_from_slice(b",\"location\":");
            raw::append_text(out, location);
        }
        if !enclose(out, inside, *b"{}") {
            out.truncate(start);
        }
        version
    }

    /// The slow way: through the view.
    fn write_by_value(
        &self,
        record: &str,
        projection: &Projection,
        location: &str,
        out: &mut Vec<u8>,
    ) -> Result<Written, Unwritten> {
        let record: Value = serde_json::from_str(record).map_err(|_| Unwritten::NotAnObject)?;
        let id = self.view.id(&record).ok_or(Unwritten::NoId)?;
        let mut resource = self.view.read(&record);
        if let Some(Value::Object(meta)) = resource.get_mut("meta") {
            meta.insert("location".to_owned(), Value::String(location_of(location, &id)));
        }
        self.view.refer(&mut resource, base_of(location, &self.view));
        project(&mut resource, projection, &self.view.schema);
        raw::append(out, &Value::Object(resource));
        Ok(Written { id, version: None })
    }
}

impl Extension {
    /// Appends what is wanted of the extension; whether it has a value, wanted or not.
    fn write(&self, slots: &Slots<'_>, asked: Asked<'_>, out: &mut Vec<u8>) -> Result<bool, Odd> {
        let start = out.len();
        out.extend_from_slice(&self.key);
        let inside = out.len();
        let mut made = false;
        for attribute in &self.attributes {
            made |= attribute.write(slots, Some(&self.urn), asked, out)?;
        }
        if !enclose(out, inside, *b"{}") {
            out.truncate(start);
        }
        Ok(made)
    }
}

/// The URL below which all resources are: `location` less this type's endpoint.
fn base_of<'l>(location: &'l str, view: &View) -> &'l str {
    let location = location.strip_suffix('/').unwrap_or(location);
    location.strip_suffix(view.schema.endpoint.as_str()).unwrap_or(location)
}

/// The URL of a resource: `location` + the id, percent-encoded as a path segment.
fn location_of(location: &str, id: &str) -> String {
    let mut url = String::with_capacity(location.len() + id.len());
    url.push_str(location);
    url.extend(utf8_percent_encode(id, IN_URL));
    url
}

/// The id from the member as it was written, `,"id":"42"`; `None` when it is no text, or empty.
fn id_text(member: &[u8]) -> Option<String> {
    let text = member.strip_prefix(b",\"id\":".as_slice())?;
    raw::text_of(text).filter(|id| !id.is_empty())
}

/// Puts bytes in between, in one move of what follows.
fn insert(out: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let end = out.len();
    out.extend_from_slice(bytes);
    out.copy_within(at..end, at + bytes.len());
    out[at..at + bytes.len()].copy_from_slice(bytes);
}

fn same_attribute(one: &Rule, other: &Rule) -> bool {
    one.target.extension == other.target.extension && one.target.name == other.target.name
}

/// The routes of all places that the rules read in the record; `None` when one asks for more than a plan can.
fn routes(rules: &[&Rule]) -> Option<Vec<Route>> {
    let mut routes = Vec::new();
    for rule in rules {
        if rule.list {
            routes.push(list::route(rule)?.0);
            continue;
        }
        if let Some(path) = &rule.read_at {
            routes.push(Route::of(path)?);
        }
        routes.extend(rule.shows().flat_map(Show::paths).map(Route::of).collect::<Option<Vec<_>>>()?);
    }
    Some(routes)
}
