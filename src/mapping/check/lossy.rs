//! Patterns that take a text apart otherwise than it was put together.

use serde_json::{Map, Value};

use crate::mapping::codec::Codec;
use crate::mapping::codec::text::TextPattern;
use crate::mapping::compile::TypeMapping;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::TypeDocument;

/// Warns of such patterns where the author has not said by `*` or `lossy` that they know.
pub(super) fn check(written: &TypeDocument, compiled: &TypeMapping, found: &mut Diagnostics) {
    for rule in &compiled.view.rules {
        let document = written.attributes.iter().find(|document| document.span == rule.span);
        let Some(document) = document.filter(|document| document.lossy.is_none()) else { continue };
        let patterns = rule.codecs.codecs.iter().filter_map(|codec| match codec {
            Codec::Text(pattern) => Some(pattern),
            Codec::ScimText(_)
            | Codec::Case(_)
            | Codec::Replace(_)
            | Codec::Map(_)
            | Codec::Time(_)
            | Codec::Type(_) => None,
        });
        for pattern in patterns.filter(|pattern| pattern.star.is_none() && rule.write_at.is_some()) {
            let Some(example) = counter_example(pattern) else { continue };
            let span = document.text.as_ref().map_or(rule.span.clone(), |text| text.span.clone());
            let help = "a `*` behind a hole's name, as in {givenName*}, gives it the longest text; `lossy = \"reject\"` refuses such values";
            found.add(Code::W04, span, format!("`{}` does not always read back", rule.name)).note(example).help(help);
        }
    }
}

/// A value that does not read back: the separator stands within its first part.
fn counter_example(pattern: &TextPattern) -> Option<String> {
    let first = pattern.holes.first().filter(|_| pattern.holes.len() > 1)?;
    let mut parts = Map::new();
    for hole in &pattern.holes {
        parts.insert(hole.name.clone(), Value::from("Smith"));
    }
    parts.insert(first.name.clone(), Value::from(format!("Mary{}Ann", first.after)));
    let sent = Value::Object(parts);
    let kept = pattern.encode(&sent).ok()?;
    let shown = pattern.decode(&kept).ok()?;
    (shown != sent).then(|| format!("example: {sent} -> {kept} -> {shown}"))
}
