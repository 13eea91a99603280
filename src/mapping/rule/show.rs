//! `show`: read-only text made of the record's fields.

use std::fmt::Write as _;

use serde_json::Value;

use crate::mapping::diagnostic::TextFault;
use crate::mapping::path::Path;

/// A text with holes that are paths into the record, or into the element of a list; without holes a constant.
#[derive(Clone, Debug)]
pub struct Show {
    /// The parts, in order; literal braces are resolved.
    pub parts: Vec<ShowPart>,
}

/// A part of a [`Show`].
#[derive(Clone, Debug)]
pub enum ShowPart {
    /// Literal text.
    Text(String),
    /// A field.
    Field {
        /// Where it stands.
        at: Path,
        /// With `?`: a missing field is empty text; without, nothing is shown at all.
        optional: bool,
    },
}

impl Show {
    /// Parses `{first} {last?}`; `{{` and `}}` are literal braces.
    ///
    /// # Errors
    /// A [`TextFault`] with the place in `text`: an unbalanced brace, or a hole that is no path.
    pub fn parse(text: &str) -> Result<Self, TextFault> {
        let mut show = Self { parts: Vec::new() };
        let mut place = 0;
        while let Some(found) = text[place..].find(['{', '}']) {
            let brace = place + found;
            show.add(&text[place..brace]);
            let rest = &text[brace..];
            if rest.starts_with("{{") || rest.starts_with("}}") {
                show.add(&rest[..1]);
                place = brace + 2;
                continue;
            }
            let Some(end) = rest.find('}').filter(|end| *end > 0).map(|end| brace + end) else {
                return Err(TextFault {
                    range: brace..brace + 1,
                    message: "unbalanced brace".to_owned(),
                    help: Some("write `{{` or `}}` for the brace itself".to_owned()),
                });
            };
            let inside = &text[brace + 1..end];
            let (path, optional) = inside.strip_suffix('?').map_or((inside, false), |path| (path, true));
            let at = Path::parse(path).map_err(|fault| TextFault {
                range: brace + 1 + fault.range.start..brace + 1 + fault.range.end,
                ..fault
            })?;
            show.parts.push(ShowPart::Field { at, optional });
            place = end + 1;
        }
        show.add(&text[place..]);
        Ok(show)
    }

    /// The places of the fields.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.parts.iter().filter_map(|part| match part {
            ShowPart::Field { at, .. } => Some(at),
            ShowPart::Text(_) => None,
        })
    }

    fn add(&mut self, literal: &str) {
        match self.parts.last_mut() {
            _ if literal.is_empty() => {}
            Some(ShowPart::Text(text)) => text.push_str(literal),
            Some(ShowPart::Field { .. }) | None => self.parts.push(ShowPart::Text(literal.to_owned())),
        }
    }

    /// The text for a record; `None` when a field that is not optional is missing, null or `unset`, or when nothing but
    /// missing fields would be shown.
    pub fn text(&self, record: &Value, unset: &Value) -> Option<String> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                ShowPart::Text(literal) => text.push_str(literal),
                ShowPart::Field { at, optional } => match at.first(record).filter(|field| *field != unset) {
                    Some(Value::String(field)) => text.push_str(field),
                    Some(Value::Null) | None if *optional => {}
                    Some(Value::Null) | None => return None,
                    Some(field @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_))) => {
                        // Writing to a string cannot fail.
                        let _ = write!(text, "{field}");
                    }
                },
            }
        }
        (!text.is_empty()).then_some(text)
    }
}
