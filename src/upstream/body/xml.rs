//! XML bodies: members are elements, `@name` is an attribute, `#text` the text beside either, a list is its element again and again.

use serde_json::{Map, Value};

use crate::mapping::found::Found;
use crate::mapping::xml::is_xml_name;

/// The document of the one root element.
///
/// # Errors
/// The name of what XML cannot hold: a second root, a name with a space, a control character.
pub(super) fn encode(members: &Map<String, Value>) -> Result<String, String> {
    let mut roots = members.iter();
    let (Some((name, root)), None) = (roots.next(), roots.next()) else {
        return Err(members.keys().nth(1).cloned().unwrap_or_default());
    };
    let mut out = r#"<?xml version="1.0" encoding="UTF-8"?>"#.to_owned();
    match root {
        Value::Array(_) => return Err(name.clone()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            element(name, root, &mut out)?;
        }
    }
    Ok(out)
}

fn element(name: &str, value: &Value, out: &mut String) -> Result<(), String> {
    if !is_xml_name(name) {
        return Err(name.to_owned());
    }
    match value {
        Value::Array(elements) => elements.iter().try_for_each(|value| element(name, value, out)),
        Value::Object(members) => {
            out.push('<');
            out.push_str(name);
            for (attribute, value) in members.iter().filter_map(|(name, value)| Some((name.strip_prefix('@')?, value)))
            {
                if !is_xml_name(attribute) {
                    return Err(attribute.to_owned());
                }
                out.push(' ');
                out.push_str(attribute);
                out.push_str("=\"");
                text(attribute, value, out)?;
                out.push('"');
            }
            let inside = open(out);
            for (member, value) in members.iter().filter(|(name, _)| !name.starts_with('@')) {
                if member == "#text" { text(name, value, out)? } else { element(member, value, out)? }
            }
            close(name, inside, out);
            Ok(())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.push('<');
            out.push_str(name);
            let inside = open(out);
            text(name, value, out)?;
            close(name, inside, out);
            Ok(())
        }
    }
}

/// Ends a start tag: the place of what comes inside.
fn open(out: &mut String) -> usize {
    out.push('>');
    out.len()
}

/// The end tag; an element with nothing in it is one tag.
fn close(name: &str, inside: usize, out: &mut String) {
    if out.len() == inside {
        out.truncate(inside - 1);
        out.push_str("/>");
    } else {
        out.push_str("</");
        out.push_str(name);
        out.push('>');
    }
}

/// A value as text, escaped for elements and attributes alike; null is none. Line ends are written so that no reader makes
/// spaces of them.
fn text(name: &str, value: &Value, out: &mut String) -> Result<(), String> {
    let Some(text) = Found::Value(value).text() else { return Ok(()) };
    for letter in text.chars() {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\t' => out.push_str("&#9;"),
            // XML has no way to write these.
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => return Err(name.to_owned()),
            other => out.push(other),
        }
    }
    Ok(())
}
