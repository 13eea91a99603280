//! The parts of a transcript as text, as an author would write them; [`parse`](crate::transcript::parse) reads them back.

use std::fmt::Write as _;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::transcript::Failure;
use crate::transcript::expect::{self, sent_fields, title_case};
use crate::transcript::parse::is_mark;
use crate::upstream::transport::{Request, Response, TransportError};

/// The longest line of JSON that is not broken.
const WIDTH: usize = 110;

/// `PATCH /Users/42` and its body, which is not shown where it is no text.
pub fn request(method: &str, target: &str, body: &Bytes) -> String {
    let mut text = format!("{method} {target}\n");
    text.push_str(&body_of(body, &HeaderMap::new(), "\n"));
    text
}

/// `-> PUT /users/42` with those of its headers that `shows`, and its body. `base` is the mapping's URL.
pub fn call(request: &Request, base: &Url, shows: impl Fn(&HeaderName) -> bool) -> String {
    let mut text = format!("{}\n", expect::line(request, base));
    for (name, value) in request.headers.iter().filter(|(name, _)| **name != ACCEPT && shows(name)) {
        let value = String::from_utf8_lossy(value.as_bytes());
        let _ = writeln!(text, "{}: {}", title_case(name), expect::basic(name, &value).unwrap_or(value.into_owned()));
    }
    text.push_str(&body_of(request.body.as_ref().unwrap_or(&Bytes::new()), &request.headers, "\n"));
    text
}

/// `<- 200` with the headers that tell something, and the body; or `<- timeout` and its like.
pub fn answer(answer: &Result<Response, TransportError>) -> String {
    let response = match answer {
        Ok(response) => response,
        Err(TransportError::TimedOut(_)) => return format!("<- {}\n", Failure::Timeout),
        Err(TransportError::NotSent(_)) => return format!("<- {}\n", Failure::Refused),
        Err(TransportError::Broken(_) | TransportError::TooLarge(_)) => return format!("<- {}\n", Failure::Reset),
    };
    let mut text = format!("<- {}\n", response.status);
    for (name, value) in response.headers.iter().filter(|(name, value)| tells(name, value, &response.body)) {
        let _ = writeln!(text, "{}: {}", title_case(name), String::from_utf8_lossy(value.as_bytes()));
    }
    text.push_str(&body_of(&response.body, &HeaderMap::new(), "\n"));
    text
}

/// `200`, the location of what was created, and the body.
pub fn reply(status: u16, headers: &HeaderMap, body: &Bytes) -> String {
    let mut text = format!("{status}\n");
    for name in [http::header::LOCATION, http::header::RETRY_AFTER] {
        if let Some(value) = headers.get(&name) {
            let _ = writeln!(text, "{}: {}", title_case(&name), String::from_utf8_lossy(value.as_bytes()));
        }
    }
    text.push_str(&body_of(body, &HeaderMap::new(), "\n"));
    text
}

/// Whether a header of an answer may matter to a mapping; how it was sent does not.
fn tells(name: &HeaderName, value: &HeaderValue, body: &Bytes) -> bool {
    const TRANSPORT: [&str; 8] =
        ["connection", "content-length", "date", "keep-alive", "server", "transfer-encoding", "vary", "set-cookie"];
    let is_usual_json = *name == CONTENT_TYPE
        && value.as_bytes().starts_with(b"application/json")
        && serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok();
    let is_empty = *name == CONTENT_TYPE && body.is_empty();
    !(is_usual_json || is_empty || TRANSPORT.contains(&name.as_str()))
}

/// A body with a newline at its end; nothing where there is none.
fn body_of(body: &Bytes, headers: &HeaderMap, end: &str) -> String {
    if body.is_empty() {
        return String::new();
    }
    if let Some(form) = form(body, headers) {
        return form + end;
    }
    if let Ok(value) = serde_json::from_slice::<Value>(body) {
        let text = json(&value);
        return if is_mark(&text) { format!("```\n{text}\n```{end}") } else { text + end };
    }
    let text = String::from_utf8_lossy(body);
    let is_plain =
        !text.starts_with(['{', '[', '\n', ' ']) && !text.ends_with(['\n', ' ']) && !text.lines().any(is_mark);
    if is_plain { format!("\n{text}{end}") } else { format!("```\n{text}\n```{end}") }
}

/// The fields of a form or of the parts of a body, one a line; a form in one line where a field would not read back.
fn form(body: &Bytes, headers: &HeaderMap) -> Option<String> {
    let fields = sent_fields(body, headers)?;
    let odd = |text: &str| text.contains(['\n', '\r', '\\']) || text != text.trim();
    let lines: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let is_plain = fields.iter().all(|(name, value)| !odd(name) && !odd(value) && !name.contains(['=', ':']))
        && !lines.iter().any(|line| is_mark(line));
    let in_one_line = || form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
    Some(if is_plain { lines.join("\n") } else { in_one_line() })
}

/// JSON in as few lines as are wide enough to read.
pub fn json(value: &Value) -> String {
    let mut out = String::new();
    write_json(value, 0, 0, &mut out);
    out
}

fn write_json(value: &Value, indent: usize, before: usize, out: &mut String) {
    let flat = flat(value);
    let width = indent + before + flat.chars().count();
    let inner = " ".repeat(indent + 2);
    match value {
        Value::Object(members) if width > WIDTH && !members.is_empty() => {
            out.push('{');
            for (index, (name, value)) in members.iter().enumerate() {
                let name = Value::from(name.as_str()).to_string();
                let _ = write!(out, "{}\n{inner}{name}: ", if index > 0 { "," } else { "" });
                write_json(value, indent + 2, name.chars().count() + 2, out);
            }
            let _ = write!(out, "\n{}}}", " ".repeat(indent));
        }
        Value::Array(items) if width > WIDTH && !items.is_empty() => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                let _ = write!(out, "{}\n{inner}", if index > 0 { "," } else { "" });
                write_json(item, indent + 2, 0, out);
            }
            let _ = write!(out, "\n{}]", " ".repeat(indent));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            out.push_str(&flat);
        }
    }
}

/// JSON in one line, with room between its parts.
pub fn flat(value: &Value) -> String {
    match value {
        Value::Object(members) if !members.is_empty() => {
            let member = |(name, value): (&String, &Value)| format!("{}: {}", Value::from(name.as_str()), flat(value));
            format!("{{ {} }}", members.iter().map(member).collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(flat).collect::<Vec<_>>().join(", ")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_is_broken_only_where_it_is_long() {
        assert_eq!(json(&json!({ "a": [1, { "b": null }], "c": {} })), r#"{ "a": [1, { "b": null }], "c": {} }"#);
        let long = json!({ "first": "x".repeat(70), "second": ["y".repeat(70), { "z": true }] });
        let expected = format!(
            "{{\n  \"first\": \"{}\",\n  \"second\": [\"{}\", {{ \"z\": true }}]\n}}",
            "x".repeat(70),
            "y".repeat(70)
        );
        assert_eq!(json(&long), expected);
    }

    #[test]
    fn a_body_that_would_be_taken_for_something_else_is_fenced() {
        let cases = [
            ("nothing", "", ""),
            ("JSON", r#"{"a":1}"#, "{ \"a\": 1 }\n"),
            ("text", "busy", "\nbusy\n"),
            ("a status", "200", "```\n200\n```\n"),
            ("a line like a status", "a\n200 b", "```\na\n200 b\n```\n"),
            ("broken JSON", "{ \"a\"", "```\n{ \"a\"\n```\n"),
            ("a newline at the end", "a\n", "```\na\n\n```\n"),
        ];
        for (name, body, want) in cases {
            assert_eq!(body_of(&Bytes::from(body), &HeaderMap::new(), "\n"), want, "{name}");
        }
    }

    #[test]
    fn a_form_is_written_by_fields_where_they_read_back() {
        let headers = [(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))];
        let headers: HeaderMap = headers.into_iter().collect();
        let cases = [("plain", "a=x+y&b=", "a=x y\nb=\n"), ("a newline within", "a=x%0Ay", "a=x%0Ay\n")];
        for (name, body, want) in cases {
            assert_eq!(body_of(&Bytes::from(body), &headers, "\n"), want, "{name}");
        }
    }
}
