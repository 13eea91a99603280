//! A few records as they are read, and beside them what SCIM makes of them.

use std::fmt;
use std::fmt::Write as _;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method};
use http_body_util::BodyExt as _;
use serde_json::Value;
use url::Url;

use crate::bridge::Bridge;
use crate::explain::{Explained, Explanation};
use crate::http::direct;
use crate::mapping::call::Purpose;
use crate::mapping::scope::{Scope, Surroundings};
use crate::mapping::{Call, TypeMapping};
use crate::scim::Resource;
use crate::transcript::expect::{answered, line};
use crate::transcript::play::{self, REQUEST_ID};
use crate::transcript::write;
use crate::upstream::transport::{Request, Response, Transport, TransportError};
use crate::upstream::{Answer, Rehearsal, Upstream};

/// The longest value that is shown whole, in characters.
const VALUE: usize = 40;
/// Characters of an answer that are shown where nothing could be made of it.
const BODY: usize = 400;

impl Explained<'_> {
    /// Reads the first `count` resources of a type from the real API and shows them beside their records.
    ///
    /// # Errors
    /// One sentence: the mapping cannot be used like this.
    pub async fn sample(
        &self,
        (kind, count): (usize, u16),
        (surroundings, url): (Surroundings, Option<&str>),
        transport: Arc<dyn Transport>,
    ) -> Result<Explanation, String> {
        let (shown, settings) = self.named(&surroundings.variables)?;
        let tenant = surroundings.tenant.clone();
        let reader = Arc::new(Reader { inner: transport, shown, state: Mutex::default() });
        let upstream = Upstream::new(&settings.upstream, url, surroundings, Arc::<Reader>::clone(&reader) as Arc<_>)?;
        let base = upstream.url().clone();
        let upstream = upstream.rehearsed(Arc::<Reader>::clone(&reader) as Arc<_>);
        let bridge = Bridge::new(&settings, upstream, tenant, play::LOCATION.to_owned());
        let Some(kind) = settings.types.get(kind) else { return Err("the mapping has no resource type".to_owned()) };
        let target = format!("{}?startIndex=1&count={count}{}", kind.view.schema.endpoint, asked_for(kind));
        let headers = HeaderMap::new();
        let asked = direct::Request { method: &Method::GET, target: &target, headers: &headers, body: Bytes::new() };
        let (head, body) = Box::pin(direct::answer(&bridge, asked, REQUEST_ID)).await.into_parts();
        let Ok(body) = body.collect().await.map(http_body_util::Collected::to_bytes);
        let status = head.status.as_u16();
        let seen = reader.take();
        let text = if status < 300 {
            resources(kind, &seen, &body)
        } else {
            let told = answered(status, &head.headers, &body).replace(&format!(" (request {REQUEST_ID})"), "");
            format!("{}a SCIM client is told {told}\n{}", calls(&seen), self.advice(seen.last(), &base))
        };
        Ok(Explanation { text, status, unanswered: None })
    }
}

impl Explained<'_> {
    /// What to look at where the last call came to nothing: the URL, the credentials.
    fn advice(&self, last: Option<&Seen>, base: &Url) -> String {
        let advice = match last.and_then(|seen| seen.answer.as_ref()) {
            Some(Err(TransportError::NotSent(_))) => format!(
                "nothing can be reached at {base}: look at `url` in [upstream], or at the tenant's own, and whether the API runs"
            ),
            Some(Ok(response)) if matches!(response.status, 401 | 403) => {
                let secrets: Vec<String> = self.mapping.secrets.iter().map(|(name, _)| format!("`{name}`")).collect();
                let of = if secrets.is_empty() { String::new() } else { format!(": look at {}", secrets.join(", ")) };
                format!("the API does not take these credentials{of}")
            }
            Some(Ok(response)) if response.status == 404 => {
                format!(
                    "paths are appended to {base}: look at `url` in [upstream], or at the tenant's own, and at the path"
                )
            }
            Some(Ok(response)) if (300..400).contains(&response.status) => {
                let to =
                    response.headers.get(http::header::LOCATION).and_then(|to| to.to_str().ok()).unwrap_or("elsewhere");
                format!("redirects are not followed, and this one leads to {to}: `url` should say so at once")
            }
            Some(Ok(_) | Err(_)) | None => return String::new(),
        };
        format!("help: {advice}\n")
    }
}

/// The attributes by name, where some are left out of lists because a call of their own reads them.
fn asked_for(kind: &TypeMapping) -> String {
    if kind.get.iter().all(|call| call.into.is_none()) {
        return String::new();
    }
    let shown = kind.view.rules.iter().filter(|rule| rule.is_shown());
    let mut names: Vec<&str> = shown.map(|rule| rule.name.split('[').next().unwrap_or_default()).collect();
    names.dedup();
    format!("&attributes={}", names.join(","))
}

/// What went to the API and came back.
#[derive(Debug)]
struct Seen {
    call: Call,
    line: String,
    answer: Option<Result<Response, TransportError>>,
}

/// Lets calls that read pass, and keeps what they bring.
struct Reader {
    inner: Arc<dyn Transport>,
    shown: Upstream,
    state: Mutex<Vec<Seen>>,
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}

impl Reader {
    fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Rehearsal for Reader {
    fn attempt(&self, call: &Call, scope: &Scope<'_>) -> Option<Response> {
        let request = self.shown.preview(call, scope).ok();
        let line = request.map_or_else(String::new, |request| line(&request, self.shown.url()));
        let seen = Seen { call: call.clone(), line, answer: None };
        self.state.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
        // A listing has none of these; should it ever, it goes no further than here.
        let refused = || Response { status: 204, headers: HeaderMap::new(), body: Bytes::new() };
        (!call.purpose.only_reads()).then(refused)
    }
}

impl Transport for Reader {
    fn send<'a>(
        &'a self,
        request: Request,
    ) -> Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>> {
        Box::pin(async move {
            let answer = self.inner.send(request).await;
            if let Some(last) = self.state.lock().unwrap_or_else(PoisonError::into_inner).last_mut() {
                last.answer = Some(answer.clone());
            }
            answer
        })
    }
}

/// The calls with what they were answered, for somebody who wonders why nothing can be shown.
fn calls(seen: &[Seen]) -> String {
    let told: Vec<String> = seen.iter().map(exchange).collect();
    let mut text = String::new();
    // The same once more is another try.
    for same in told.chunk_by(|one, other| one == other) {
        text.push_str(&same[0]);
        if same.len() > 1 {
            let _ = writeln!(text, "   ({} tries)", same.len());
        }
        text.push('\n');
    }
    text
}

/// A call with what it was answered.
fn exchange(Seen { call, line, answer }: &Seen) -> String {
    match answer {
        // What a login gives is nobody's to see.
        Some(Ok(response)) if call.purpose == Purpose::Login => format!("{line}\n<- {}\n", response.status),
        Some(Ok(response)) => {
            let body: String = String::from_utf8_lossy(&response.body).chars().take(BODY).collect();
            let body = body.trim_end();
            let end = if body.is_empty() { "" } else { "\n" };
            format!("{line}\n<- {}\n{body}{end}", response.status)
        }
        Some(Err(error)) => format!("{line}\n   {error}\n"),
        None => format!("{line}\n"),
    }
}

/// The records that the calls brought, as values; a record read alone stands for its stub.
fn records(kind: &TypeMapping, seen: &[Seen]) -> Vec<Value> {
    let mut records: Vec<Value> = Vec::new();
    for Seen { call, answer, .. } in seen {
        let Some(Ok(response)) = answer else { continue };
        let answer =
            Answer::new(response.status, response.headers.clone(), response.body.clone(), false, String::new())
                .to(call);
        let raw: Vec<String> = match call.purpose {
            Purpose::List => answer.items(call).into_iter().flatten().map(str::to_owned).collect(),
            Purpose::Get => answer.item(call).ok().flatten().iter().map(ToString::to_string).collect(),
            Purpose::Part
            | Purpose::Create
            | Purpose::Update
            | Purpose::Add
            | Purpose::Remove
            | Purpose::Change
            | Purpose::Before
            | Purpose::Delete
            | Purpose::Undo
            | Purpose::Login => Vec::new(),
        };
        records.extend(raw.iter().filter_map(|raw| serde_json::from_str(raw).ok()));
    }
    // The later one of two with an id counts.
    let id = |record: &Value| kind.view.id(record);
    let later: Vec<Option<String>> = records.iter().map(id).collect();
    let mut index = 0;
    records.retain(|_| {
        index += 1;
        !later[index..].contains(&later[index - 1])
    });
    records
}

/// Every resource of a reply beside its record, then what holds for all of them.
fn resources(kind: &TypeMapping, seen: &[Seen], body: &Bytes) -> String {
    let reply: Value = serde_json::from_slice(body).unwrap_or_default();
    let shown: Vec<&Resource> =
        reply["Resources"].as_array().into_iter().flatten().filter_map(Value::as_object).collect();
    let records = records(kind, seen);
    let mut text = String::new();
    let mut found = vec![false; kind.view.rules.len()];
    for resource in &shown {
        let id = resource.get("id").and_then(Value::as_str).unwrap_or_default();
        let Some(record) = records.iter().find(|record| kind.view.id(record).as_deref() == Some(id)) else { continue };
        let _ = writeln!(text, "{} {id}", kind.view.schema.name);
        text.push_str(&beside(kind, record, resource, &mut found));
        text.push('\n');
    }
    if shown.is_empty() {
        return format!("{}the API has no {} to show\n", calls(seen), kind.view.schema.name);
    }
    let never: Vec<String> = kind
        .view
        .rules
        .iter()
        .zip(&found)
        .filter(|(rule, found)| !**found && rule.is_shown())
        .map(|(rule, _)| short(&rule.name))
        .collect();
    if !never.is_empty() {
        let _ = writeln!(text, "found in none of these {}: {}", shown.len(), never.join(", "));
    }
    text
}

/// A record's fields left, the attributes that they become right.
fn beside(kind: &TypeMapping, record: &Value, resource: &Resource, found: &mut [bool]) -> String {
    let mut rows: Vec<[String; 4]> = Vec::new();
    let mut nothing = Vec::new();
    for (rule, found) in kind.view.rules.iter().zip(found).filter(|(rule, _)| rule.is_shown()) {
        let scim = rule.value_in(resource);
        *found |= scim.is_some();
        let place = match (&rule.read_at, &rule.show) {
            (Some(path), _) => path.text.clone(),
            (None, Some(show)) => show.paths().map(|path| path.text.as_str()).collect::<Vec<_>>().join(" "),
            (None, None) => String::new(),
        };
        let yours = rule.read_at.as_ref().and_then(|path| path.first(record));
        match scim {
            Some(scim) => {
                let yours = yours.map(|value| cut(&write::flat(value))).unwrap_or_default();
                rows.push([place, yours, short(&rule.name), cut(&write::flat(&scim))]);
            }
            // The field is there, and the rule makes nothing of it: that is worth a look.
            None if yours.is_some_and(|value| !value.is_null() && *value != rule.unset) => {
                let yours = yours.map(|value| cut(&write::flat(value))).unwrap_or_default();
                rows.push([place, yours, short(&rule.name), "(cannot be read)".to_owned()]);
            }
            None => nothing.push(format!("{} ({place})", short(&rule.name))),
        }
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    let mut text = String::new();
    for [place, yours, name, scim] in &rows {
        let row = format!("  {place:<0$}  {yours:<1$}  {name:<2$}  {scim}", widths[0], widths[1], widths[2]);
        let _ = writeln!(text, "{}", row.trim_end());
    }
    let unread = kind.view.nodes(record).unread(record);
    for (what, names) in [("not mapped", unread), ("found nothing", nothing)] {
        if !names.is_empty() {
            let _ = writeln!(text, "  {what}: {}", names.join(", "));
        }
    }
    text
}

/// The name of an attribute, an extension's without what all URNs of extensions begin with.
fn short(name: &str) -> String {
    name.replace("urn:ietf:params:scim:schemas:extension:", "urn:…:")
}

fn cut(text: &str) -> String {
    if text.chars().count() <= VALUE {
        return text.to_owned();
    }
    text.chars().take(VALUE - 1).chain(['…']).collect()
}
