//! `text`: a pattern of the API's string around one value, or around the parts of a complex attribute.

use std::ops::Range;

use serde_json::{Map, Value};

use super::CodecError;
use crate::mapping::diagnostic::TextFault;

/// A pattern: literal text, holes, and text between them. `{{` and `}}` are literal braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextPattern {
    /// The text before the first hole.
    pub lead: String,
    /// The holes, in order; one or more.
    pub holes: Vec<TextHole>,
    /// The index of the hole with a `*`, which takes the longest text.
    pub star: Option<usize>,
}

/// A hole and the text behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextHole {
    /// The sub-attribute; empty for `{}`, the value itself.
    pub name: String,
    /// The byte range of the hole in the pattern, braces included.
    pub range: Range<usize>,
    /// The text up to the next hole, or to the end.
    pub after: String,
}

impl TextPattern {
    /// Parses a pattern.
    ///
    /// # Errors
    /// A [`TextFault`]: an unbalanced brace, no hole, holes without text between them, two stars, `{}` beside other holes.
    pub fn parse(text: &str) -> Result<Self, TextFault> {
        let mut pattern = Self { lead: String::new(), holes: Vec::new(), star: None };
        let mut place = 0;
        while let Some(found) = text[place..].find(['{', '}']) {
            let brace = place + found;
            pattern.add(&text[place..brace]);
            if text[brace..].starts_with("{{") || text[brace..].starts_with("}}") {
                pattern.add(&text[brace..=brace]);
                place = brace + 2;
                continue;
            }
            let end = text[brace..].find('}').filter(|_| text[brace..].starts_with('{'));
            let Some(end) = end.map(|end| brace + end) else {
                return Err(fault(
                    brace..brace + 1,
                    "unbalanced brace in the pattern",
                    "write `{{` or `}}` for the brace itself",
                ));
            };
            let name = &text[brace + 1..end];
            let name = match name.strip_suffix('*') {
                Some(_) if pattern.star.is_some() => {
                    return Err(fault(brace..end + 1, "only one hole can take the longest text", "leave one `*`"));
                }
                Some(name) => {
                    pattern.star = Some(pattern.holes.len());
                    name
                }
                None => name,
            };
            pattern.holes.push(TextHole { name: name.to_owned(), range: brace..end + 1, after: String::new() });
            place = end + 1;
        }
        pattern.add(&text[place..]);
        pattern.check(text)?;
        Ok(pattern)
    }

    fn add(&mut self, literal: &str) {
        self.holes.last_mut().map_or(&mut self.lead, |hole| &mut hole.after).push_str(literal);
    }

    fn check(&self, text: &str) -> Result<(), TextFault> {
        let Some((_, before)) = self.holes.split_last() else {
            return Err(fault(0..text.len(), "the pattern has no hole", "put `{}` where the value stands"));
        };
        if let Some(hole) = before.iter().find(|hole| hole.after.is_empty()) {
            return Err(fault(
                hole.range.clone(),
                "nothing separates this hole from the next",
                "put a text between them, or read the parts from places of their own",
            ));
        }
        match self.holes.iter().find(|hole| hole.name.is_empty()) {
            Some(hole) if self.holes.len() > 1 => Err(fault(
                hole.range.clone(),
                "`{}` stands alone in a pattern",
                "name the sub-attribute: `{givenName}`",
            )),
            Some(_) | None => Ok(()),
        }
    }

    /// Whether the pattern is around one value, not around the parts of a complex attribute.
    pub fn is_single(&self) -> bool {
        self.holes.iter().all(|hole| hole.name.is_empty())
    }

    /// The string of the API.
    ///
    /// A missing part takes the text between it and the part before it along.
    ///
    /// # Errors
    /// The value, or a part of it, is no text; or no part is there.
    pub fn encode(&self, value: &Value) -> Result<Value, CodecError> {
        let mut made = self.lead.clone();
        let mut filled = false;
        let mut separator = "";
        for hole in &self.holes {
            let part = if hole.name.is_empty() { Some(value) } else { value.get(&hole.name) };
            match part {
                Some(Value::String(text)) => {
                    if !text.is_empty() || hole.name.is_empty() {
                        made.push_str(if filled { separator } else { "" });
                        made.push_str(text);
                        filled = true;
                    }
                }
                None | Some(Value::Null) => {}
                Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                    return Err(CodecError::expected("text"));
                }
            }
            separator = &hole.after;
        }
        if !filled {
            let names: Vec<_> = self.holes.iter().map(|hole| format!("`{}`", hole.name)).collect();
            return Err(CodecError::expected(&names.join(" or ")));
        }
        made.push_str(separator);
        Ok(Value::String(made))
    }

    /// The value, or the parts as an object.
    ///
    /// Parts before the longest one end at the first separator, those behind it start at the last. Where separators lack,
    /// what is left goes to the longest part whole (to the first part that lacks its separator when no hole has a `*`).
    ///
    /// # Errors
    /// The value is no text, lacks the literal text at its ends, or has no part.
    pub fn decode(&self, value: &Value) -> Result<Value, CodecError> {
        let text = value.as_str().ok_or_else(|| CodecError::expected("text"))?;
        let tail = self.holes.last().map_or("", |hole| hole.after.as_str());
        let middle = text.strip_prefix(self.lead.as_str()).and_then(|rest| rest.strip_suffix(tail));
        let middle = middle.ok_or_else(|| {
            CodecError(format!("expected text that starts with `{}` and ends with `{tail}`", self.lead))
        })?;
        if self.is_single() {
            return Ok(Value::from(middle));
        }
        let mut parts = Map::new();
        for (hole, part) in self.holes.iter().zip(self.parts(middle)) {
            if !part.is_empty() {
                parts.insert(hole.name.clone(), Value::from(part));
            }
        }
        if parts.is_empty() { Err(CodecError::expected("text that is not empty")) } else { Ok(Value::Object(parts)) }
    }

    /// The text of each hole; empty where it has none.
    fn parts<'a>(&self, text: &'a str) -> Vec<&'a str> {
        let mut parts = vec![""; self.holes.len()];
        let longest = self.star.unwrap_or(self.holes.len().saturating_sub(1));
        let mut rest = text;
        for (index, hole) in self.holes.iter().enumerate().take(longest) {
            let Some((part, behind)) = rest.split_once(hole.after.as_str()) else {
                parts[self.star.unwrap_or(index)] = rest;
                return parts;
            };
            parts[index] = part;
            rest = behind;
        }
        for index in (longest + 1..self.holes.len()).rev() {
            let Some((before, part)) = rest.rsplit_once(self.holes[index - 1].after.as_str()) else { break };
            parts[index] = part;
            rest = before;
        }
        parts[longest] = rest;
        parts
    }
}

fn fault(range: Range<usize>, message: &str, help: &str) -> TextFault {
    TextFault { range, message: message.to_owned(), help: Some(help.to_owned()) }
}
