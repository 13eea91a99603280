//! `{name?}` templates, and escaping by place.

use serde_json::Value;

use crate::mapping::diagnostic::TextFault;
use crate::mapping::path::Path;
use crate::mapping::scope::{Name, Scope};

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
}

/// A body: a tree whose strings are templates.
#[derive(Clone, Debug)]
pub enum BodyTemplate {
    /// A string that is one hole: becomes the typed value.
    Whole(Hole),
    /// A string with or without holes.
    Text(Template),
    /// A number, boolean or null.
    Literal(Value),
    /// A list.
    List(Vec<BodyTemplate>),
    /// A table, in order.
    Table(Vec<(String, BodyTemplate)>),
}

/// Where a template's text ends up; decides the escaping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A path segment: percent-encoded with `/`; `.`, `..` and empty refused.
    Path,
    /// A query parameter: form-encoded.
    Query,
    /// A header value: CR and LF refused.
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

impl Template {
    /// Parses a string.
    ///
    /// # Errors
    /// A [`TextFault`] with the place in `text`: an unbalanced brace, an unknown name (with did-you-mean), a bad path.
    pub fn parse(text: &str) -> Result<Self, TextFault> {
        let _ = text;
        todo!()
    }
    /// Fills the holes, escaped for `place`. `None`: an optional hole had no value, so what it stands in is left out.
    ///
    /// # Errors
    /// See [`FillError`].
    pub fn fill(&self, scope: &Scope<'_>, place: Place) -> Result<Option<String>, FillError> {
        let _ = (scope, place);
        todo!()
    }
}
