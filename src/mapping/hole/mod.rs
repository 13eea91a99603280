//! `{name?}` templates, and escaping by place.

use percent_encoding::utf8_percent_encode;
use url::form_urlencoded::byte_serialize;

use crate::mapping::found::Found;
use crate::mapping::path::Path;
use crate::mapping::query::Query;
use crate::mapping::scope::{Name, Scope};
use crate::value::IN_URL;

mod body;
mod json;
mod parse;
#[cfg(test)]
mod tests;

pub use body::BodyTemplate;

/// A string with holes, parsed once.
#[derive(Clone, Debug)]
pub struct Template {
    /// As written.
    pub text: String,
    /// The parts, in order; literal braces are resolved.
    pub parts: Vec<Part>,
}

/// A part of a template.
#[derive(Clone, Debug)]
pub enum Part {
    /// Literal text.
    Text(String),
    /// A hole.
    Hole(Hole),
}

/// `{name.path?}`.
#[derive(Clone, Debug)]
pub struct Hole {
    /// As written, without braces.
    pub text: String,
    /// The scope's name.
    pub name: Name,
    /// The path below the name.
    pub path: Option<Path>,
    /// With `?`: without a value, what it stands in is left out.
    pub optional: bool,
    /// The byte range in the template's text, braces included.
    pub range: std::ops::Range<usize>,
    query: Query,
    singular: bool,
    in_json: json::Seat,
}

/// Where a template's text ends up; decides the escaping of what fills its holes. Literal text is as it shall be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A path segment: percent-encoded with `/`; `.`, `..` and empty refused.
    Path,
    /// A query parameter: form-encoded.
    Query,
    /// A header value: control characters refused.
    Header,
    /// Plain text: a `detail`, a form value before encoding.
    Plain,
}

/// Why a template could not be filled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FillError {
    /// A hole that is not optional has no value.
    #[error("`{{{0}}}` has no value")]
    Missing(String),
    /// A filter hole has no value: the list call is not usable.
    #[error("`{{{0}}}` is not in the filter")]
    Unfiltered(String),
    /// The path below the name selects several nodes.
    #[error("`{{{0}}}` selects several values")]
    Several(String),
    /// The value may not stand at this place (an empty path segment, `..`, a line break in a header).
    #[error("the value of `{{{0}}}` cannot stand in a {1}")]
    Unfit(String, &'static str),
}

impl Hole {
    /// The node that fills the hole; `None` without a value.
    ///
    /// # Errors
    /// [`FillError::Several`] when the path selects more than one node.
    pub fn find<'a>(&'a self, scope: &Scope<'a>) -> Result<Option<Found<'a>>, FillError> {
        if self.name == Name::Record && self.path.is_none() {
            let value = || scope.sent.or(scope.record).map(Found::Value);
            return Ok(scope.text.map(Found::Json).or_else(value));
        }
        if self.name == Name::Item && self.path.is_none() {
            return Ok(scope.batch.or(scope.item).map(Found::Value));
        }
        if self.singular {
            return Ok(self.query.only(scope, None));
        }
        match self.query.nodes(scope, None).as_slice() {
            [] => Ok(None),
            [node] => Ok(Some(*node)),
            [_, _, ..] => Err(FillError::Several(self.text.clone())),
        }
    }

    /// Whether it is `{record}`: what the call sends of the record.
    pub fn is_record(&self) -> bool {
        self.name == Name::Record && self.path.is_none()
    }

    fn missing(&self) -> FillError {
        let text = self.text.clone();
        if matches!(self.name, Name::Filter(..)) { FillError::Unfiltered(text) } else { FillError::Missing(text) }
    }
}

impl Template {
    /// Fills the holes, escaped for `place`. `None`: an optional hole had no value, so what it stands in is left out.
    ///
    /// # Errors
    /// See [`FillError`].
    pub fn fill(&self, scope: &Scope<'_>, place: Place) -> Result<Option<String>, FillError> {
        let mut out = String::with_capacity(self.text.len() + 16);
        Ok(self.fill_into(scope, place, &mut out)?.then_some(out))
    }

    /// As [`Template::fill`], appended to `out`. `false`: left out, and `out` is as before.
    ///
    /// # Errors
    /// See [`FillError`].
    pub fn fill_into(&self, scope: &Scope<'_>, place: Place, out: &mut String) -> Result<bool, FillError> {
        let before = out.len();
        let mut segment = Segment { start: before, hole: None };
        for part in &self.parts {
            match part {
                Part::Text(text) if place == Place::Path => segment.push_literal(text, out)?,
                Part::Text(text) => out.push_str(text),
                Part::Hole(hole) => {
                    segment.hole = Some(hole);
                    let Some(text) = hole.find(scope)?.and_then(Found::text) else {
                        out.truncate(before);
                        return if hole.optional { Ok(false) } else { Err(hole.missing()) };
                    };
                    let unfit = |place| FillError::Unfit(hole.text.clone(), place);
                    let text = if place == Place::Path { text } else { hole.in_json.seated(text).map_err(unfit)? };
                    escape(&text, place, out).map_err(unfit)?;
                }
            }
        }
        if place == Place::Path {
            segment.check(out)?;
        }
        Ok(true)
    }

    /// Fills the holes as plain text; a hole without a value is empty (the law of `detail`).
    pub fn fill_loosely(&self, scope: &Scope<'_>) -> String {
        let mut out = String::with_capacity(self.text.len() + 16);
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Hole(hole) => {
                    if let Some(text) = hole.find(scope).ok().flatten().and_then(Found::text) {
                        out.push_str(&text);
                    }
                }
            }
        }
        out
    }

    /// The holes, in order.
    pub fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Hole(hole) => Some(hole),
        })
    }

    /// The template with its literal text changed, for text that is encoded once at load.
    #[must_use]
    pub fn map_literals(mut self, encode: impl Fn(&str) -> String) -> Self {
        for part in &mut self.parts {
            if let Part::Text(text) = part {
                *text = encode(text);
            }
        }
        self
    }
}

fn escape(text: &str, place: Place, out: &mut String) -> Result<(), &'static str> {
    match place {
        Place::Path => out.extend(utf8_percent_encode(text, IN_URL)),
        Place::Query => out.extend(byte_serialize(text.as_bytes())),
        Place::Header if text.chars().any(char::is_control) => return Err("header"),
        Place::Header | Place::Plain => out.push_str(text),
    }
    Ok(())
}

/// The path segment being filled. URL parsers collapse `.` and `..`, also written as `%2e`, so that a value could leave its place.
struct Segment<'a> {
    start: usize,
    hole: Option<&'a Hole>,
}

impl Segment<'_> {
    fn push_literal(&mut self, text: &str, out: &mut String) -> Result<(), FillError> {
        let mut pieces = text.split('/');
        out.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            self.check(out)?;
            out.push('/');
            *self = Segment { start: out.len(), hole: None };
            out.push_str(piece);
        }
        Ok(())
    }

    fn check(&self, out: &str) -> Result<(), FillError> {
        let Some(hole) = self.hole else { return Ok(()) };
        if is_dot_segment(&out[self.start..]) { Err(FillError::Unfit(hole.text.clone(), "path")) } else { Ok(()) }
    }
}

/// Whether a URL parser would drop the segment or climb with it.
pub(crate) fn is_dot_segment(segment: &str) -> bool {
    segment.len() <= 6 && matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "" | "." | "..")
}
