//! `METHOD /path?query`, headers, parameters.

use std::ops::Range;

use http::{HeaderName, Method};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use url::Url;
use url::form_urlencoded::byte_serialize;

use crate::mapping::call::{Purpose, url_fault};
use crate::mapping::compile::call::place::{self, Context};
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::Text;
use crate::mapping::hole::{Template, is_dot_segment};
use crate::mapping::name::nearest;
use crate::mapping::scope::Name;
use crate::mapping::source::Span;

/// What RFC 3986 does not allow in a path as it is; `%` stays, so that an author may encode what they want.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'\\')
    .add(b'^')
    .add(b'|');
/// The same for the text of a query as written in an address.
const QUERY: &AsciiSet = &PATH.remove(b'?').add(b'\'');

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// The request line, compiled.
pub(super) struct Line {
    /// Method and path as written.
    pub(super) label: String,
    /// Scheme, host and port of an absolute address, which only a login has.
    pub(super) origin: Option<Url>,
    /// The method.
    pub(super) method: Method,
    /// The path, literal text encoded.
    pub(super) path: Template,
    /// The parameters of the address, encoded.
    pub(super) query: Vec<(String, Template)>,
}

/// Compiles `METHOD /path?query`.
pub(super) fn compile(text: &Text, context: &mut Context<'_>) -> Option<Line> {
    let value = &text.value;
    let blank = value.find(' ').unwrap_or(value.len());
    let method = method(&part(text, 0..blank), context.found)?;
    let start = value[blank..].find(|letter| letter != ' ').map_or(value.len(), |offset| blank + offset);
    let mut address = part(text, start..value.trim_end().len().max(start));
    let mut origin = None;
    if context.site.purpose == Some(Purpose::Login)
        && let Some(scheme) = address.value.find("://")
    {
        let end = address.value[scheme + 3..].find(['/', '?']).map_or(address.value.len(), |at| scheme + 3 + at);
        origin = Some(self::origin(&part(&address, 0..end), context)?);
        address = part(&address, end..address.value.len());
    }
    let pieces = split(&address.value, '?', 2);
    let path = path(&part(&address, pieces[0].clone()), context);
    let mut query = Vec::new();
    if let Some(range) = pieces.get(1) {
        let written = part(&address, range.clone());
        for piece in split(&written.value, '&', usize::MAX).into_iter().filter(|piece| !piece.is_empty()) {
            query.extend(parameter(&part(&written, piece), context));
        }
    }
    let path = path?;
    let shown = origin.as_ref().map(|origin| origin.as_str().trim_end_matches('/')).unwrap_or_default();
    let label = format!("{method} {shown}{}", path.text).trim_end().to_owned();
    Some(Line { label, origin, method, path, query })
}

/// Scheme, host and port of a login that is elsewhere.
fn origin(text: &Text, context: &mut Context<'_>) -> Option<Url> {
    let (message, help) = if text.value.contains('{') {
        ("a hole cannot stand in the host of a URL", "write the host as it is: only its path may hold `{tenant.x}`")
    } else {
        let invalid = ("the URL is not valid", "write a whole URL: `POST https://login.example.com/token`");
        // Whether it may be plain http is asked where the upstream's settings are known.
        match Url::parse(&text.value).map(|url| (url_fault(&url, true), url)) {
            Ok((None, url)) => return Some(url),
            Ok((Some(fault), _)) => fault,
            Err(_) => invalid,
        }
    };
    context.found.add(Code::E22, text.span.clone(), message).help(help);
    None
}

fn method(text: &Text, found: &mut Diagnostics) -> Option<Method> {
    if METHODS.contains(&text.value.as_str()) {
        return Method::from_bytes(text.value.as_bytes()).ok();
    }
    let finding = found.add(Code::E14, text.span.clone(), format!("`{}` is no method of a call", text.value));
    finding.help = Some(match nearest(&text.value, METHODS) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "a call begins with GET, POST, PUT, PATCH or DELETE".to_owned(),
    });
    None
}

fn path(text: &Text, context: &mut Context<'_>) -> Option<Template> {
    if !text.value.is_empty() && !text.value.starts_with('/') {
        let finding = context.found.add(Code::E22, text.span.clone(), "the path of a call begins with `/`");
        finding.help("it is appended to the upstream's `url`; only a login may go elsewhere");
        return None;
    }
    let template = place::template(text, context)?;
    for segment in template.text.split('/').filter(|segment| !segment.is_empty()) {
        if is_dot_segment(segment) {
            context.found.add(Code::E22, text.span.clone(), format!("a path may not hold the segment `{segment}`"));
            return None;
        }
    }
    for hole in template.holes() {
        if hole.optional {
            let finding =
                context.found.add(Code::E19, text.within(&hole.range), "an optional hole cannot stand in a path");
            finding.help("remove the `?`, or move it to a parameter");
        }
    }
    warn_of_secrets(&template, text, context);
    Some(template.map_literals(|literal| utf8_percent_encode(literal, PATH).to_string()))
}

/// `name=value` of an address, as written.
fn parameter(text: &Text, context: &mut Context<'_>) -> Option<(String, Template)> {
    let pieces = split(&text.value, '=', 2);
    let name = part(text, pieces[0].clone());
    if name.value.contains('{') {
        let finding = context.found.add(Code::E19, name.span.clone(), "a hole cannot stand in a parameter's name");
        finding.help("write `name={hole}`");
        return None;
    }
    let value = part(text, pieces.get(1).cloned().unwrap_or(text.value.len()..text.value.len()));
    let template = place::template(&value, context)?;
    warn_of_secrets(&template, &value, context);
    let encode = |literal: &str| utf8_percent_encode(literal, QUERY).to_string();
    Some((encode(&name.value), template.map_literals(encode)))
}

/// A `query` table: its texts are plain, and encoded as a whole.
pub(super) fn parameters(query: &[(Text, Text)], context: &mut Context<'_>) -> Vec<(String, Template)> {
    let encode = |literal: &str| byte_serialize(literal.as_bytes()).collect::<String>();
    let mut parameters = Vec::with_capacity(query.len());
    for (name, value) in query {
        let Some(template) = place::template(value, context) else { continue };
        warn_of_secrets(&template, value, context);
        parameters.push((encode(&name.value), template.map_literals(encode)));
    }
    parameters
}

/// A `headers` table.
pub(super) fn headers(headers: &[(Text, Text)], context: &mut Context<'_>) -> Vec<(HeaderName, Template)> {
    let mut compiled = Vec::with_capacity(headers.len());
    for (name, value) in headers {
        let header = header_name(name, context.found);
        if value.value.chars().any(char::is_control) {
            context.found.add(
                Code::E14,
                value.span.clone(),
                "a header cannot hold a line break or another control character",
            );
        } else if let (Some(template), Some(header)) = (place::template(value, context), header) {
            compiled.push((header, template));
        }
    }
    compiled
}

/// A header's name.
pub(super) fn header_name(name: &Text, found: &mut Diagnostics) -> Option<HeaderName> {
    let header = HeaderName::from_bytes(name.value.as_bytes()).ok();
    let own = ["host", "content-length", "transfer-encoding", "connection", "te", "trailer", "upgrade"];
    match header {
        Some(header) if own.contains(&header.as_str()) => {
            found.add(Code::E19, name.span.clone(), format!("the header `{}` is set by the bridge itself", name.value));
            None
        }
        Some(header) => Some(header),
        None => {
            found.add(Code::E14, name.span.clone(), format!("`{}` is no name of a header", name.value));
            None
        }
    }
}

fn warn_of_secrets(template: &Template, text: &Text, context: &mut Context<'_>) {
    for hole in template.holes().filter(|hole| matches!(hole.name, Name::Secret(_))) {
        warn_of_secret(text.within(&hole.range), context.found);
    }
}

/// Some APIs leave no choice, so that a secret in a URL is no error.
pub(super) fn warn_of_secret(span: Span, found: &mut Diagnostics) {
    let finding = found.add(Code::W33, span, "a secret in a URL is seen by proxies and in the logs of the API");
    finding.help("send it in a header if the API allows");
}

/// A part of a text as a text with its own place.
pub(super) fn part(text: &Text, range: Range<usize>) -> Text {
    Text { span: text.within(&range), value: text.value[range].to_owned() }
}

/// The pieces between separators, `most` at most; a separator inside a hole does not count.
fn split(text: &str, separator: char, most: usize) -> Vec<Range<usize>> {
    let (mut pieces, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (index, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ if letter == separator && depth == 0 && pieces.len() + 1 < most => {
                pieces.push(start..index);
                start = index + letter.len_utf8();
            }
            _ => {}
        }
    }
    pieces.push(start..text.len());
    pieces
}
