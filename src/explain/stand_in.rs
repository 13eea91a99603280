//! An upstream that has one record and believes everything it is told.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use crate::explain::Asked;
use crate::mapping::call::{Purpose, Source};
use crate::mapping::path::Path;
use crate::mapping::scope::Scope;
use crate::mapping::{Call, TypeMapping};
use crate::scim::schema::Mutability;
use crate::upstream::transport::Response;

/// The record, as it is after all that was called so far.
#[derive(Debug)]
pub(super) struct StandIn {
    /// The id that the request names.
    id: Option<String>,
    /// The endpoint of its type.
    endpoint: String,
    /// What the caller said of the record.
    given: Option<Value>,
    /// The record; `None` where there is none.
    current: Option<Value>,
    changed: bool,
    /// How often each list was asked since the last change: a second page has nothing.
    pages: BTreeMap<usize, u32>,
    /// Records of other types that were changed, by the name of the type and the id.
    others: BTreeMap<(String, String), Value>,
}

impl StandIn {
    /// Before a request. A POST finds nothing: what is given then says what the upstream makes of it.
    pub(super) fn new(asked: &Asked, given: Option<Value>) -> Self {
        let path = asked.target.split('?').next().unwrap_or_default();
        let endpoint = format!("/{}", path.split('/').nth(1).unwrap_or_default());
        let id = path.split('/').nth(2).filter(|id| !id.is_empty());
        let id = id.map(|id| percent_decode_str(id).decode_utf8_lossy().into_owned());
        let current = if asked.method == Method::POST { None } else { given.clone() };
        let current = current.or_else(|| id.as_ref().map(|_| json!({})));
        Self { id, endpoint, given, current, changed: false, pages: BTreeMap::new(), others: BTreeMap::new() }
    }

    /// Whether what a call reads was changed here, so that no real upstream knows of it.
    pub(super) fn has_changed(&self, scope: &Scope<'_>, kind: Option<&TypeMapping>) -> bool {
        match kind.filter(|kind| self.is_other(kind)) {
            Some(kind) => match id_of(scope, kind) {
                Some(id) => self.others.contains_key(&(kind.view.schema.name.clone(), id)),
                None => self.others.keys().any(|(name, _)| *name == kind.view.schema.name),
            },
            None => self.changed,
        }
    }

    /// Whether the request is about another type.
    fn is_other(&self, kind: &TypeMapping) -> bool {
        !kind.view.schema.endpoint.eq_ignore_ascii_case(&self.endpoint)
    }

    /// The answer to a call of a resource type.
    pub(super) fn answer(&mut self, call: &Call, scope: &Scope<'_>, kind: Option<&TypeMapping>) -> Response {
        match kind.filter(|kind| self.is_other(kind)) {
            Some(other) => self.answer_of_other(call, scope, other),
            None => self.answer_of_own(call, scope, kind),
        }
    }

    /// The answer to a call of a type that the request is not about: a change of a group's members may be one of users. Who is
    /// asked for is there, with nothing but an id until it is changed.
    fn answer_of_other(&mut self, call: &Call, scope: &Scope<'_>, kind: &TypeMapping) -> Response {
        let name = kind.view.schema.name.clone();
        let id = id_of(scope, kind);
        let known = id.clone().and_then(|id| self.others.get(&(name.clone(), id)).cloned());
        let mut here = StandIn {
            given: None,
            current: known.or_else(|| id.as_ref().map(|_| json!({}))),
            pages: std::mem::take(&mut self.pages),
            endpoint: kind.view.schema.endpoint.clone(),
            others: BTreeMap::new(),
            changed: false,
            id,
        };
        if here.id.is_none() && call.items.is_some() {
            let all = self.others.iter().filter(|((other, _), _)| *other == name);
            let all: Vec<Value> = all.map(|(_, record)| record.clone()).collect();
            let body = here.page(call, all);
            self.pages = here.pages;
            return json_response(200, HeaderMap::new(), &body);
        }
        let response = here.answer_of_own(call, scope, Some(kind));
        self.pages = here.pages;
        if let (true, Some(id), Some(record)) = (here.changed, here.id, here.current) {
            self.others.insert((name, id), record);
        }
        response
    }

    fn answer_of_own(&mut self, call: &Call, scope: &Scope<'_>, kind: Option<&TypeMapping>) -> Response {
        let mut headers = HeaderMap::new();
        let mut body = match call.purpose {
            Purpose::List | Purpose::Get if call.items.is_some() => {
                let record = self.current.clone().map(|record| self.with_id(record, kind));
                self.page(call, record.into_iter().collect())
            }
            Purpose::List | Purpose::Get => {
                let mut record = self.current.clone().unwrap_or_default();
                // What other calls read is not here.
                for part in kind.iter().flat_map(|kind| kind.get.iter().filter_map(|call| call.into.as_ref())) {
                    part.clear(&mut record);
                }
                at(&call.item, record)
            }
            Purpose::Part => {
                let current = self.current.as_ref();
                let part = current.and_then(|current| call.into.as_ref()?.first(current)).cloned();
                match (&call.items, part) {
                    (None, part) => at(&call.item, part.unwrap_or_default()),
                    (Some(_), Some(Value::Array(items))) => self.page(call, items),
                    (Some(_), _) => self.page(call, Vec::new()),
                }
            }
            Purpose::Create => {
                let record = self.created(call, scope, kind);
                self.becomes(Some(record.clone()));
                at(&call.item, record)
            }
            Purpose::Update => {
                let record = visible(scope.record.cloned().unwrap_or_default(), kind);
                self.becomes(Some(record.clone()));
                // A call for one purpose hardly ever answers with the record.
                if call.specific { Value::Null } else { at(&call.item, record) }
            }
            Purpose::Add | Purpose::Remove | Purpose::Change => {
                self.becomes(scope.record.cloned().map(|record| visible(record, kind)));
                Value::Null
            }
            Purpose::Delete => {
                self.becomes(None);
                Value::Null
            }
            Purpose::Before | Purpose::Undo | Purpose::Login => Value::Null,
        };
        capture(call, scope, &mut body, &mut headers);
        if body.is_null() && headers.is_empty() && !call.purpose.only_reads() {
            return Response { status: 204, headers, body: Bytes::new() };
        }
        json_response(if call.purpose == Purpose::Create { 201 } else { 200 }, headers, &body)
    }

    fn becomes(&mut self, record: Option<Value>) {
        self.current = record;
        self.changed = true;
        self.pages.clear();
    }

    /// The items as the first page of a list; every later page is empty.
    fn page(&mut self, call: &Call, items: Vec<Value>) -> Value {
        let asked = self.pages.entry(call.span.start).or_default();
        *asked += 1;
        let total = items.len();
        let items = if *asked == 1 { items } else { Vec::new() };
        let Some(path) = &call.items else { return Value::Null };
        // An item may be a part of the list's element, or one that stands without a list.
        let (list, part) = path.list_and_part().unwrap_or_else(|| (path.clone(), None));
        let whole = |item| if let Some(part) = &part { at(part, item) } else { item };
        let mut body = at(&list, items.into_iter().map(whole).collect());
        if let Some(Source::Body(path)) = &call.total {
            path.put(&mut body, total.into());
        }
        body
    }

    /// What a create makes: what is given, with what was sent over it. A new user is active unless that was sent.
    fn created(&self, call: &Call, scope: &Scope<'_>, kind: Option<&TypeMapping>) -> Value {
        let mut record = self.current.clone().or(self.given.clone()).unwrap_or_else(|| Value::Object(Map::new()));
        merge(&mut record, scope.sent.cloned().unwrap_or_default());
        for (index, rule) in kind.iter().flat_map(|kind| kind.view.rules.iter().enumerate()) {
            if rule.name == "active" && !call.carries.contains(&index) && rule.get(&record).is_none() {
                // A mapping in which nothing stands for an active user needs nothing written.
                let _ = rule.put(&mut record, Some(&Value::Bool(true)));
            }
        }
        self.with_id(visible(record, kind), kind)
    }

    /// The record with an id: the one it has, the one asked for, or one made up.
    fn with_id(&self, mut record: Value, kind: Option<&TypeMapping>) -> Value {
        let Some(view) = kind.map(|kind| &kind.view) else { return record };
        if view.id(&record).is_some() {
            return record;
        }
        let Some(path) = view.rules.get(view.id).and_then(|rule| rule.read_at.as_ref()) else { return record };
        let asked = self.id.as_deref().and_then(|id| view.encode_id(id));
        for id in asked.into_iter().chain([json!("new-id"), json!(1), json!("1")]) {
            path.put(&mut record, id);
            if view.id(&record).is_some_and(|id| view.encode_id(&id).is_some()) {
                break;
            }
        }
        record
    }
}

/// The id of the resource that a call is for.
fn id_of(scope: &Scope<'_>, kind: &TypeMapping) -> Option<String> {
    kind.view.rules.get(kind.view.id)?.decode(scope.id?)?.as_str().map(str::to_owned)
}

fn json_response(status: u16, mut headers: HeaderMap, body: &Value) -> Response {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Response { status, headers, body: body.to_string().into() }
}

/// The record without what an API takes and never shows: passwords.
fn visible(mut record: Value, kind: Option<&TypeMapping>) -> Value {
    let rules = kind.into_iter().flat_map(|kind| &kind.view.rules);
    for rule in rules.filter(|rule| rule.mutability == Mutability::WriteOnly) {
        if let Some(path) = &rule.write_at {
            path.clear(&mut record);
        }
    }
    record
}

/// A body that has a value at this place and nothing else.
fn at(path: &Path, value: Value) -> Value {
    if path.names().is_some_and(|names| names.is_empty()) {
        return value;
    }
    let mut body = Value::Null;
    path.put(&mut body, value);
    body
}

/// Writes one object over another; what is no object replaces what was there.
fn merge(record: &mut Value, other: Value) {
    match (record, other) {
        (Value::Object(members), Value::Object(others)) => {
            for (name, value) in others {
                merge(members.entry(name).or_insert(Value::Null), value);
            }
        }
        (_, Value::Null) => {}
        (record, other) => *record = other,
    }
}

/// Puts something at every place that the call captures from and that is empty, so that later calls can be filled.
fn capture(call: &Call, scope: &Scope<'_>, body: &mut Value, headers: &mut HeaderMap) {
    for (name, source) in call.capture.iter().filter(|(name, _)| name != "id") {
        let known = format!("got:{name}");
        match source {
            Source::Body(path) => {
                let bound = path.slot.and_then(|slot| call.slots.get(slot)?.bind(scope).ok());
                let path = bound.as_ref().unwrap_or(path);
                if path.first(body).is_none() {
                    path.put(body, known.into());
                }
            }
            Source::Header(header, None) => {
                if let Ok(value) = HeaderValue::try_from(known) {
                    headers.insert(header.clone(), value);
                }
            }
            Source::Header(_, Some(_)) | Source::Link => {}
        }
    }
}
