//! What was expected and what came, in one spelling, so that equal things read equal and a difference is a few lines.

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};

use crate::transcript::{Body, Call, Reply};
use crate::upstream::transport::Request;

mod parts;

/// Two texts that should be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// What the transcript says.
    pub expected: String,
    /// What came.
    pub got: String,
}

/// What would make a decoded path or parameter ambiguous.
const AMBIGUOUS: &AsciiSet = &CONTROLS.add(b'%').add(b'/').add(b'?').add(b'#').add(b'&').add(b'+').add(b'=');
/// The same in the value of a parameter, which may hold slashes.
const AMBIGUOUS_VALUE: &AsciiSet = &CONTROLS.add(b'%').add(b'#').add(b'&').add(b'+');

/// A call that came, and the one that was expected; `None` when they are the same. `base` is the mapping's URL.
pub fn call(expected: &Call, got: &Request, base: &Url) -> Option<Pair> {
    let target = below(base, &got.url);
    let mut pair = Pair {
        expected: format!("-> {} {}", expected.method, readable(&expected.target, None)).trim_end().to_owned(),
        got: format!("-> {} {}", got.method, readable(&target, Some(&expected.target))).trim_end().to_owned(),
    };
    headers(&expected.headers, &got.headers, &mut pair);
    bodies(expected.body.as_ref(), got, &mut pair);
    (pair.expected != pair.got).then_some(pair)
}

/// The first line of a call: `-> GET /users/42`.
pub fn line(got: &Request, base: &Url) -> String {
    format!("-> {} {}", got.method, readable(&below(base, &got.url), None)).trim_end().to_owned()
}

/// A call as an author would write it, headers aside.
pub fn written(got: &Request, base: &Url) -> String {
    let mut text = line(got, base);
    if let Some(body) = &got.body {
        let _ = write!(text, "\n{}", body_text(body, &got.headers));
    }
    text
}

/// An answer that came, and the one that was expected; `None` when it holds all of it.
pub fn reply(expected: &Reply, status: u16, got_headers: &HeaderMap, body: &Bytes) -> Option<Pair> {
    let value: Option<Value> = serde_json::from_slice(body).ok();
    let mut pair = Pair { expected: expected.status.to_string(), got: status.to_string() };
    headers(&expected.headers, got_headers, &mut pair);
    if status != expected.status {
        return Some(Pair { got: answered(status, got_headers, body), ..pair });
    }
    if let Some(wanted) = &expected.body {
        let _ = write!(pair.expected, "\n{}", pretty(wanted));
        match &value {
            Some(value) => {
                let _ = write!(pair.got, "\n{}", pretty(&part(value, wanted)));
            }
            None => pair.got.push_str("\n(no body)"),
        }
    }
    for path in &expected.absent {
        for found in value.iter().flat_map(|value| path.get(value)) {
            let _ = write!(pair.expected, "\n(nothing at {})", path.text);
            let _ = write!(pair.got, "\n{}: {}", path.text, pretty(found));
        }
    }
    (pair.expected != pair.got).then_some(pair)
}

/// An answer to the client: a SCIM error in one line, anything else with its body.
pub fn answered(status: u16, headers: &HeaderMap, body: &Bytes) -> String {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    match (value.get("detail").and_then(Value::as_str), value.get("scimType").and_then(Value::as_str)) {
        (Some(detail), Some(scim_type)) if status >= 400 => format!("{status} {scim_type}: {detail}"),
        (Some(detail), None) if status >= 400 => format!("{status}: {detail}"),
        _ => format!("{status}\n{}", body_text(body, headers)).trim_end().to_owned(),
    }
}

/// Path and query below the base URL; the whole URL where it is not below it.
pub fn below(base: &Url, url: &Url) -> String {
    let query = url.query().map_or_else(String::new, |query| format!("?{query}"));
    let rest = url.path().strip_prefix(base.path().trim_end_matches('/'));
    match rest {
        Some(rest) if url.origin() == base.origin() && (rest.is_empty() || rest.starts_with('/')) => {
            format!("{}{query}", if rest == "/" { "" } else { rest })
        }
        _ => url.to_string(),
    }
}

/// A target decoded as far as it stays clear, its parameters in the order of `like`, the others behind them.
fn readable(target: &str, like: Option<&str>) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (origin, path) = match path.find("://").and_then(|at| path[at + 3..].find('/').map(|slash| at + 3 + slash)) {
        Some(slash) => path.split_at(slash),
        None => ("", path),
    };
    let segment = |text: &str| {
        let decoded = percent_decode_str(text).decode_utf8_lossy();
        utf8_percent_encode_ascii(&decoded, AMBIGUOUS)
    };
    let mut text = format!("{origin}{}", path.split('/').map(segment).collect::<Vec<_>>().join("/"));
    if text == "/" {
        text.clear();
    }
    let order: Vec<(String, String)> = like.map(parameters).unwrap_or_default();
    let mut pairs = parameters_of(query);
    let place = |pair: &(String, String)| order.iter().position(|known| known == pair);
    let by_name = |pair: &(String, String)| order.iter().position(|(name, _)| *name == pair.0);
    pairs.sort_by_key(|pair| place(pair).or_else(|| by_name(pair)).unwrap_or(usize::MAX));
    for (index, (name, value)) in pairs.iter().enumerate() {
        text.push(if index == 0 { '?' } else { '&' });
        text.push_str(&utf8_percent_encode_ascii(name, AMBIGUOUS));
        text.push('=');
        text.push_str(&utf8_percent_encode_ascii(value, AMBIGUOUS_VALUE));
    }
    text
}

/// Encodes what stands in the set; letters of other alphabets stay.
fn utf8_percent_encode_ascii(text: &str, set: &'static AsciiSet) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii() {
            out.extend(utf8_percent_encode(letter.encode_utf8(&mut [0; 4]), set));
        } else {
            out.push(letter);
        }
    }
    out
}

fn parameters(target: &str) -> Vec<(String, String)> {
    parameters_of(target.split_once('?').map_or("", |(_, query)| query))
}

fn parameters_of(query: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// The expected headers, and those of that name that came. The credentials of HTTP basic may be written as they are.
fn headers(expected: &HeaderMap, got: &HeaderMap, pair: &mut Pair) {
    for name in expected.keys() {
        for value in expected.get_all(name) {
            let value = String::from_utf8_lossy(value.as_bytes());
            let _ = write!(pair.expected, "\n{}: {value}", title_case(name));
            let came: Vec<String> =
                got.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect();
            let plain = |came: &String| basic(name, came).is_some_and(|plain| plain == value);
            if let Some(found) =
                came.iter().find(|came| **came == value).or_else(|| came.iter().find(|came| plain(came)))
            {
                let shown = if *found == value { found.as_str() } else { &value };
                let _ = write!(pair.got, "\n{}: {shown}", title_case(name));
            } else {
                for value in came {
                    let value = basic(name, &value).unwrap_or(value);
                    let _ = write!(pair.got, "\n{}: {value}", title_case(name));
                }
            }
        }
    }
}

/// `Basic dXNlcjpwYXNz` as `Basic user:pass`.
pub fn basic(name: &HeaderName, value: &str) -> Option<String> {
    let encoded = value.strip_prefix("Basic ").filter(|_| *name == AUTHORIZATION)?;
    let decoded = STANDARD.decode(encoded).ok()?;
    Some(format!("Basic {}", String::from_utf8(decoded).ok()?))
}

/// `x-api-key` as people write it: `X-Api-Key`.
pub fn title_case(name: &HeaderName) -> String {
    let words = name.as_str().split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        format!("{}{rest}", first.to_ascii_uppercase())
    });
    words.collect::<Vec<_>>().join("-")
}

/// The bodies: JSON as JSON, forms and parts as their fields, XML without the white space between its tags, all else as it is.
fn bodies(expected: Option<&Body>, got: &Request, pair: &mut Pair) {
    let got_body = got.body.as_ref().filter(|body| !body.is_empty());
    let value = got_body.and_then(|body| serde_json::from_slice::<Value>(body).ok());
    let expected_text = match (expected, &value) {
        (None, _) => None,
        (Some(Body { json: Some(json), .. }), _) => Some(pretty(json)),
        (Some(body), _) if is_form(&got.headers) => {
            let got = got_body.and_then(|body| sent_fields(body, &got.headers)).unwrap_or_default();
            Some(form_fields(&body.text, got))
        }
        (Some(body), _) if is_xml(&got.headers) => Some(xml_lines(&body.text)),
        (Some(body), _) => Some(body.text.clone()),
    };
    if let Some(text) = expected_text {
        let _ = write!(pair.expected, "\n{text}");
    }
    if let Some(body) = got_body {
        let text = match (&value, expected) {
            (Some(value), Some(Body { json: Some(wanted), .. })) => pretty(&alike(value, wanted)),
            _ => body_text(body, &got.headers),
        };
        let _ = write!(pair.got, "\n{text}");
    }
}

/// A body as an author would write it.
pub fn body_text(body: &Bytes, headers: &HeaderMap) -> String {
    if let Some(sent) = sent_fields(body, headers) {
        return fields(sent);
    }
    if let Ok(value) = serde_json::from_slice::<Value>(body) {
        return pretty(&value);
    }
    let text = String::from_utf8_lossy(body);
    if is_xml(headers) { xml_lines(&text) } else { text.into_owned() }
}

/// The fields that an author wrote: one `name=value` a line as it reads, or else the form as it is sent.
fn form_fields(text: &str, got: Vec<(String, String)>) -> String {
    let line = |line: &str| line.split_once('=').map(|(name, value)| (name.trim().to_owned(), value.to_owned()));
    let plain: Option<Vec<(String, String)>> = text.lines().map(line).collect();
    let sent: Vec<(String, String)> = form_urlencoded::parse(text.trim().as_bytes()).into_owned().collect();
    let got = fields(got);
    match plain.map(fields) {
        Some(plain) if plain == got || text.trim().contains('\n') || !text.contains('&') => plain,
        _ => fields(sent),
    }
}

/// Fields one a line, by name; those of one name in the order in which they are sent.
fn fields(mut fields: Vec<(String, String)>) -> String {
    fields.sort_by(|(left, _), (right, _)| left.cmp(right));
    let line = |(name, value): (String, String)| {
        format!("{name}={}", value.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r"))
    };
    fields.into_iter().map(line).collect::<Vec<_>>().join("\n")
}

fn is_form(headers: &HeaderMap) -> bool {
    is(headers, "application/x-www-form-urlencoded") || is(headers, "multipart/form-data")
}

/// The fields of a form, or of the parts of a body.
pub(super) fn sent_fields(body: &Bytes, headers: &HeaderMap) -> Option<Vec<(String, String)>> {
    if is(headers, "application/x-www-form-urlencoded") {
        return Some(form_urlencoded::parse(body).into_owned().collect());
    }
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok())?;
    if is(headers, "multipart/form-data") { parts::fields(media_type, body) } else { None }
}

fn is(headers: &HeaderMap, media_type: &str) -> bool {
    essence(headers).eq_ignore_ascii_case(media_type)
}

fn is_xml(headers: &HeaderMap) -> bool {
    essence(headers).to_ascii_lowercase().ends_with("xml")
}

fn essence(headers: &HeaderMap) -> &str {
    headers.get(CONTENT_TYPE).map_or("", |value| crate::value::essence(value.as_bytes()))
}

/// One tag a line, without the white space between tags.
fn xml_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.trim();
    while let Some(end) = rest.find('>') {
        out.push_str(&rest[..=end]);
        let after = &rest[end + 1..];
        rest = after.trim_start();
        if rest.starts_with('<') {
            out.push('\n');
        } else {
            rest = after;
            let next = rest.find('<').unwrap_or(rest.len());
            out.push_str(&rest[..next]);
            rest = &rest[next..];
        }
    }
    out.push_str(rest);
    out
}

/// Indented JSON.
pub fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// A value with its members in the order of another, those that the other has not behind them.
pub fn alike(value: &Value, like: &Value) -> Value {
    match (value, like) {
        (Value::Object(members), Value::Object(order)) => {
            let known = order.iter().filter_map(|(name, like)| Some((name.clone(), alike(members.get(name)?, like))));
            let others = members.iter().filter(|(name, _)| !order.contains_key(*name));
            Value::Object(known.chain(others.map(|(name, value)| (name.clone(), value.clone()))).collect())
        }
        (Value::Array(items), Value::Array(order)) => {
            let items = items.iter().enumerate();
            let like = |index: usize| order.get(index).unwrap_or(&Value::Null);
            Value::Array(items.map(|(index, item)| alike(item, like(index))).collect())
        }
        (other, _) => other.clone(),
    }
}

/// The part of a value that another one asks for: the members that it names, in its order. Lists are compared whole, element
/// by element, and each element by what is asked of it.
fn part(value: &Value, wanted: &Value) -> Value {
    match (value, wanted) {
        (Value::Object(members), Value::Object(wanted)) => {
            let known = |(name, wanted): (&String, &Value)| Some((name.clone(), part(members.get(name)?, wanted)));
            Value::Object(wanted.iter().filter_map(known).collect::<Map<_, _>>())
        }
        (Value::Array(items), Value::Array(wanted)) => {
            let items = items.iter().enumerate();
            let of =
                |(index, item): (usize, &Value)| wanted.get(index).map_or_else(|| item.clone(), |it| part(item, it));
            Value::Array(items.map(of).collect())
        }
        (other, _) => other.clone(),
    }
}

#[cfg(test)]
mod tests;
