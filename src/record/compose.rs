//! An exchange as the text of a transcript, disguised.

use std::collections::HashSet;
use std::fmt::Write as _;

use bytes::Bytes;
use http::header::LOCATION as LOCATION_HEADER;
use http::{HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use serde_json::Value;
use url::form_urlencoded;

use crate::mapping::call::{Purpose, Source};
use crate::mapping::compile::Delete;
use crate::mapping::scope::{Letters, TRANSCRIPT_OPERATION_ID};
use crate::mapping::{Call, TypeMapping};
use crate::record::disguise::Disguise;
use crate::record::redact::Redactor;
use crate::record::{Exchange, Made, Recorded, brings_records, replaced};
use crate::transcript::play::LOCATION;
use crate::transcript::write;
use crate::upstream::transport::{Response, TransportError};

/// What a path or a parameter cannot hold as it is; spaces and quotation marks may be read as they are.
const ENCODED: &AsciiSet = &CONTROLS.add(b'%').add(b'&').add(b'+').add(b'#').add(b'/').add(b'?').add(b'=');
/// The shortest random text that is looked for.
const RANDOM: usize = 8;

/// The text, title and all.
pub(super) fn compose(method: &str, target: &str, exchange: &Exchange, disguise: &mut Disguise) -> String {
    let known = Known::of(exchange);
    // Who is spoken of in an answer may be known from a later one only: the second time all are known.
    let composer = Composer { exchange, known: &known };
    let _ = composer.text(method, target, disguise);
    composer.text(method, target, disguise)
}

/// What is known beforehand in a transcript, by what stood for it in truth.
struct Known {
    texts: Vec<(String, String)>,
}

impl Known {
    fn of(exchange: &Exchange) -> Self {
        let tenant = &exchange.tenant;
        let mut texts: Vec<(String, String)> = Vec::new();
        for (name, secret) in tenant.secrets.iter().filter(|(_, secret)| secret.len() > 3) {
            texts.push((secret.clone(), format!("secret:{name}")));
        }
        texts.extend(exchange.session.iter().cloned());
        texts.push((tenant.location.clone(), LOCATION.to_owned()));
        texts.push((bare(&tenant.url), bare(tenant.shown.url().as_str())));
        texts.extend(exchange.operation_id.iter().map(|id| (id.clone(), TRANSCRIPT_OPERATION_ID.to_owned())));
        if let Some(drawn) = &exchange.drawn {
            texts.push((drawn.uuid.clone(), "00000000-0000-4000-8000-000000000001".to_owned()));
            texts.push((drawn.now.clone(), "2026-01-01T00:00:00Z".to_owned()));
            if let Letters::Drawn(letters) = &drawn.random {
                // The longest first: a shorter one is its beginning.
                let lengths = (RANDOM..=letters.len()).rev();
                texts.extend(
                    lengths.filter_map(|length| Some((letters.get(..length)?.to_owned(), format!("random:{length}")))),
                );
            }
        }
        texts.retain(|(from, to)| !from.is_empty() && from != to);
        Self { texts }
    }

    fn in_bytes(&self, bytes: &Bytes) -> Bytes {
        self.texts.iter().fold(bytes.clone(), |bytes, (from, to)| replaced(&bytes, from, to))
    }

    fn in_text(&self, text: &str) -> String {
        self.texts.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from.as_str(), to))
    }
}

fn bare(url: &str) -> String {
    url.trim_end_matches('/').to_owned()
}

struct Composer<'e> {
    exchange: &'e Exchange,
    known: &'e Known,
}

impl Composer<'_> {
    fn text(&self, method: &str, target: &str, disguise: &mut Disguise) -> String {
        let tenant = &*self.exchange.tenant;
        for (_, stand_in) in &self.known.texts {
            disguise.keep(stand_in);
        }
        let mut redactor = Redactor { disguise };
        let target = scim_target(target.strip_prefix(tenant.path.as_str()).unwrap_or(target), &mut redactor);
        let body = self.scim_body(&self.exchange.body, &mut redactor);
        let mut text = write::request(method, &target, &body);
        for made in &self.exchange.calls {
            let Some(answer) = &made.answer else { continue };
            let call = (&made.call, kind_of(tenant, &made.call));
            let request = made.filled.request(call, &tenant.shown, &mut redactor, |value| self.named(value));
            let Some(request) = request else { continue };
            let answer = self.answer(made, answer, &mut redactor);
            let headers = headers_of(tenant, &made.call);
            let call = write::call(&request, tenant.shown.url(), |name| headers.contains(name));
            let _ = write!(text, "\n{call}{}", write::answer(&answer));
        }
        if let Some((status, headers, body)) = &self.exchange.reply {
            let body = self.scim_body(body, &mut redactor);
            let mut headers = headers.clone();
            if let Some(url) = headers.get(LOCATION_HEADER).and_then(|value| value.to_str().ok()) {
                let shown = location(&self.known.in_text(url), &mut redactor);
                if let Ok(shown) = HeaderValue::try_from(shown) {
                    headers.insert(LOCATION_HEADER, shown);
                }
            }
            let _ = write!(text, "\n{}", write::reply(*status, &headers, &body));
            let title = format!("{method} {target} is answered {status}");
            return format!("{}== {title}\n{text}", head(tenant));
        }
        format!("== {method} {target} is not answered\n{text}")
    }

    fn scim_body(&self, body: &Bytes, redactor: &mut Redactor<'_>) -> Bytes {
        let body = self.known.in_bytes(body);
        match serde_json::from_slice::<Value>(&body) {
            Ok(value) => locations(&redactor.scim(&value), redactor).to_string().into(),
            // What cannot be read cannot be disguised: only that it could not be read matters.
            Err(_) if body.is_empty() => body,
            Err(_) => Bytes::from_static(b"{ \"unreadable\":"),
        }
    }

    /// What a transcript knows by another name, in all texts of a value.
    fn named(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.known.in_text(text).into(),
            Value::Array(items) => Value::Array(items.iter().map(|item| self.named(item)).collect()),
            Value::Object(members) => {
                Value::Object(members.iter().map(|(name, value)| (name.clone(), self.named(value))).collect())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    /// A header; only those that a mapping makes or that hold a URL can speak of somebody.
    fn header(&self, (name, value): (&HeaderName, &HeaderValue), redactor: &Redactor<'_>) -> HeaderValue {
        const PROTOCOL: [&str; 6] = ["content-type", "accept", "authorization", "etag", "retry-after", "if-match"];
        if PROTOCOL.contains(&name.as_str()) {
            return value.clone();
        }
        let text = String::from_utf8_lossy(value.as_bytes());
        HeaderValue::try_from(redactor.disguise.known(&self.known.in_text(&text))).unwrap_or_else(|_| value.clone())
    }

    fn answer(
        &self,
        made: &Made,
        answer: &Result<Response, TransportError>,
        redactor: &mut Redactor<'_>,
    ) -> Result<Response, TransportError> {
        let response = match answer {
            Ok(response) => response,
            Err(TransportError::NotSent(_)) => return Err(TransportError::NotSent(String::new())),
            Err(TransportError::TimedOut(time)) => return Err(TransportError::TimedOut(*time)),
            Err(TransportError::Broken(_) | TransportError::TooLarge(_)) => {
                return Err(TransportError::Broken(String::new()));
            }
        };
        if made.call.purpose == Purpose::Login
            && response.status < 300
            && let Some((_, sample)) = self.exchange.tenant.shown.sample_login()
        {
            return Ok(sample);
        }
        let body = self.known.in_bytes(&response.body);
        let kind = kind_of(&self.exchange.tenant, &made.call);
        keep_id(&made.call, &body, redactor);
        let body = match (serde_json::from_slice::<Value>(&body), kind) {
            (Ok(value), Some(kind)) if response.status < 300 && brings_records(made.call.purpose) => {
                records(&value, &made.call, kind, redactor).to_string().into()
            }
            (Ok(value), _) => redactor.known(&value).to_string().into(),
            (Err(_), _) => redactor.disguise.known(&String::from_utf8_lossy(&body)).into(),
        };
        let headers = response.headers.iter().map(|(name, value)| (name.clone(), self.header((name, value), redactor)));
        Ok(Response { status: response.status, headers: headers.collect(), body })
    }
}

/// Has the id that a call captures from an answer stay what it is on the other side, wherever the answer shows it.
fn keep_id(call: &Call, body: &[u8], redactor: &mut Redactor<'_>) {
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return };
    let captured = call.capture.iter().find_map(|(name, source)| match source {
        Source::Body(path) if name == "id" => path.first(&body)?.as_str(),
        Source::Body(_) | Source::Header(..) | Source::Link => None,
    });
    if let Some(id) = captured.filter(|id| redactor.id(id) == **id) {
        redactor.disguise.keep(id);
    }
}

/// The variables of the tenant, as a transcript's head says them.
fn head(tenant: &Recorded) -> String {
    let named = [("name".to_owned(), tenant.name.clone())];
    let used = |name: &str| name == "name" || tenant.mapping.variables.iter().any(|(used, _)| used == name);
    let all = named.into_iter().chain(tenant.variables.clone()).filter(|(name, _)| used(name));
    let lines: Vec<String> = all.map(|(name, value)| format!("tenant.{name} = {value}\n")).collect();
    format!("{}\n", lines.concat())
}

/// A SCIM target: ids of resources, and what a filter compares with.
fn scim_target(target: &str, redactor: &mut Redactor<'_>) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut segments: Vec<String> = path.split('/').map(str::to_owned).collect();
    if let Some(id) = segments.get_mut(2) {
        let decoded = percent_decode_str(id).decode_utf8_lossy().into_owned();
        *id = utf8_percent_encode(&redactor.id(&decoded), ENCODED).to_string();
    }
    let mut text = segments.join("/");
    for (index, (name, value)) in form_urlencoded::parse(query.as_bytes()).enumerate() {
        let value = if name == "filter" { redactor.filter(&value) } else { value.into_owned() };
        let _ = write!(text, "{}{name}={}", if index == 0 { '?' } else { '&' }, query_value(&value));
    }
    text
}

/// A parameter's value, readable: only what would end it is encoded.
fn query_value(value: &str) -> String {
    let encoded = |sign: char| match sign {
        '%' | '&' | '+' | '#' => utf8_percent_encode(sign.encode_utf8(&mut [0; 4]), ENCODED).to_string(),
        other => other.to_string(),
    };
    value.chars().map(encoded).collect()
}

/// URLs of resources end with an id, which may be a name.
fn locations(value: &Value, redactor: &mut Redactor<'_>) -> Value {
    match value {
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                let url = value.as_str().filter(|_| name == "location" || name == "$ref");
                let value = match url {
                    Some(url) => location(url, redactor).into(),
                    None => locations(value, redactor),
                };
                (name.clone(), value)
            };
            Value::Object(members.iter().map(member).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| locations(item, redactor)).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn location(url: &str, redactor: &mut Redactor<'_>) -> String {
    let Some((before, id)) = url.rsplit_once('/') else { return url.to_owned() };
    let decoded = percent_decode_str(id).decode_utf8_lossy().into_owned();
    format!("{before}/{}", utf8_percent_encode(&redactor.id(&decoded), crate::value::IN_URL))
}

/// The type that a call is for.
fn kind_of<'t>(tenant: &'t Recorded, call: &Call) -> Option<&'t TypeMapping> {
    tenant.mapping.types.iter().find(|kind| {
        let delete = match &kind.delete {
            Delete::Calls(calls) => calls.as_slice(),
            Delete::None | Delete::Set(_) => &[],
        };
        let mut calls = [&kind.list, &kind.get, &kind.create, &kind.update].into_iter().flatten().chain(delete);
        calls.any(|known| known.span == call.span)
    })
}

/// An answer with records in it: what is theirs is disguised by the rules, the rest by what is known.
fn records(body: &Value, call: &Call, kind: &TypeMapping, redactor: &mut Redactor<'_>) -> Value {
    let path = call.items.as_ref().unwrap_or(&call.item);
    let mut selected: HashSet<usize> = HashSet::new();
    for node in path.get(body) {
        match (node, &call.items) {
            // `items` may select the list itself.
            (Value::Array(items), Some(path)) if path.list().is_none() => {
                selected.extend(items.iter().map(|item| std::ptr::from_ref(item).addr()));
            }
            (node, _) => {
                selected.insert(std::ptr::from_ref(node).addr());
            }
        }
    }
    rebuilt(
        body,
        &selected,
        &mut |node, redactor| match &call.into {
            None => redactor.record(node, kind),
            Some(into) => part(node, (into, call.items.is_some()), kind, redactor),
        },
        redactor,
    )
}

/// A part of a record, disguised as it is where it belongs.
fn part(
    node: &Value,
    (into, is_list): (&crate::mapping::path::Path, bool),
    kind: &TypeMapping,
    redactor: &mut Redactor<'_>,
) -> Value {
    let mut record = Value::Null;
    into.put(&mut record, if is_list { Value::Array(vec![node.clone()]) } else { node.clone() });
    let record = redactor.record(&record, kind);
    let part = into.first(&record).cloned();
    match part {
        Some(Value::Array(mut items)) if is_list && items.len() == 1 => items.pop().unwrap_or_default(),
        Some(part) => part,
        None => redactor.known(node),
    }
}

fn rebuilt(
    node: &Value,
    selected: &HashSet<usize>,
    record: &mut impl FnMut(&Value, &mut Redactor<'_>) -> Value,
    redactor: &mut Redactor<'_>,
) -> Value {
    if selected.contains(&std::ptr::from_ref(node).addr()) {
        return record(node, redactor);
    }
    match node {
        Value::Object(members) => Value::Object(
            members.iter().map(|(name, value)| (name.clone(), rebuilt(value, selected, record, redactor))).collect(),
        ),
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| rebuilt(item, selected, record, redactor)).collect())
        }
        Value::String(_) => redactor.known(node),
        Value::Null | Value::Bool(_) | Value::Number(_) => node.clone(),
    }
}

/// The headers that the mapping itself sends with a call, but no credentials of HTTP.
fn headers_of(tenant: &Recorded, call: &Call) -> Vec<HeaderName> {
    let own = tenant.mapping.upstream.headers.iter().chain(&call.headers);
    own.map(|(name, _)| name.clone()).filter(|name| *name != http::header::AUTHORIZATION).collect()
}
