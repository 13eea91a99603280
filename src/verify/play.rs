//! What a check does: requests that are kept for the report, resources of its own, and their removal.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::scim::patch::PATCH_SCHEMA;
use crate::scim::schema::{GROUP, USER};
use crate::verify::announced::Announced;
use crate::verify::answer::Answer;
use crate::verify::clean::{Left, Trace};
use crate::verify::client::{Client, Request, escape};
use crate::verify::draft;
use crate::verify::exchange::{Exchange, Outcome};
use crate::verify::verdict::{Stop, Verdict, fault, skipped};

/// The state of a run: one check after the other uses it.
pub struct Play {
    pub(crate) client: Arc<Client>,
    pub(crate) announced: Announced,
    pub(crate) exchanges: Vec<Exchange>,
    pub(crate) traces: Vec<Trace>,
    pub(crate) left: Vec<Left>,
    names: Names,
}

/// Names that nobody else has.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    /// What all of them begin with.
    pub(crate) own: String,
    /// What stands behind the `@` of user names.
    pub(crate) domain: String,
    pub(crate) next: u64,
}

/// A user or a group that a check has made.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) id: String,
    /// Below the base URL: `/Users/42`.
    pub(crate) path: String,
    /// As it was sent.
    pub(crate) sent: Value,
}

impl Made {
    /// The user name that was sent.
    pub(crate) fn user_name(&self) -> &str {
        self.sent["userName"].as_str().unwrap_or_default()
    }
    /// The display name that was sent.
    pub(crate) fn display_name(&self) -> &str {
        self.sent["displayName"].as_str().unwrap_or_default()
    }
}

impl Play {
    pub(crate) fn new(client: Arc<Client>, announced: Announced, names: Names) -> Self {
        Self { client, announced, exchanges: Vec::new(), traces: Vec::new(), left: Vec::new(), names }
    }

    /// Sends a request and keeps the exchange.
    pub(crate) async fn send(&mut self, request: Request) -> Result<Answer, Stop> {
        let trace = Trace::of(&request);
        let place = trace.map(|trace| {
            self.traces.push(trace);
            self.traces.len() - 1
        });
        let (exchange, received) = self.client.send(&request).await;
        let at = self.exchanges.len();
        let lost = match &exchange.outcome {
            Outcome::Lost(why) => Some(why.clone()),
            Outcome::Answered { .. } => None,
        };
        self.exchanges.push(exchange);
        let Some(received) = received else {
            return Err(fault(at, "an answer", lost.unwrap_or_default()));
        };
        let json = serde_json::from_str(&received.body).unwrap_or(Value::Null);
        if let Some(trace) = place.and_then(|place| self.traces.get_mut(place)) {
            trace.answered(received.status, id_of(&json, &received.headers));
        }
        let has_body = !received.body.trim().is_empty();
        Ok(Answer { at, status: received.status, headers: received.headers, json, has_body })
    }

    pub(crate) async fn get(&mut self, target: &str) -> Result<Answer, Stop> {
        self.send(Request::new("GET", target)).await
    }

    pub(crate) async fn post(&mut self, target: &str, body: &Value) -> Result<Answer, Stop> {
        self.send(Request::new("POST", target).body(body.to_string())).await
    }

    pub(crate) async fn put(&mut self, target: &str, body: &Value) -> Result<Answer, Stop> {
        self.send(Request::new("PUT", target).body(body.to_string())).await
    }

    /// Sends a PATCH with these operations.
    pub(crate) async fn patch(&mut self, target: &str, operations: Value) -> Result<Answer, Stop> {
        let body = json!({"schemas": [PATCH_SCHEMA], "Operations": operations});
        self.send(Request::new("PATCH", target).body(body.to_string())).await
    }

    pub(crate) async fn delete(&mut self, target: &str) -> Result<Answer, Stop> {
        self.send(Request::new("DELETE", target)).await
    }

    /// Asks an endpoint by a filter.
    pub(crate) async fn filter(&mut self, endpoint: &str, filter: &str) -> Result<Answer, Stop> {
        self.get(&format!("{endpoint}?filter={}", escape(filter))).await
    }

    /// A name that nobody else has: of a group, or within a text.
    pub(crate) fn name(&mut self) -> String {
        self.names.next += 1;
        format!("{}{}", self.names.own, self.names.next)
    }

    /// A user name that nobody else has: an address.
    pub(crate) fn user_name(&mut self) -> String {
        format!("{}@{}", self.name(), self.names.domain)
    }

    /// A user to create.
    pub(crate) fn draft(&mut self) -> Value {
        let name = self.user_name();
        let shown = format!("Ada {}", name.split('@').next().unwrap_or_default());
        draft::user(&self.announced, &name, &shown)
    }

    /// A group to create.
    pub(crate) fn group_draft(&mut self, members: &[&Made]) -> Value {
        let members: Vec<Value> = members.iter().map(|made| json!({"value": made.id})).collect();
        let name = self.name();
        if members.is_empty() {
            return json!({"schemas": [GROUP], "displayName": name});
        }
        json!({"schemas": [GROUP], "displayName": name, "members": members})
    }

    /// A new user. How it is answered is a matter of other checks: here any success is enough.
    pub(crate) async fn user(&mut self) -> Result<Made, Stop> {
        let draft = self.draft();
        self.make("/Users", draft).await
    }

    /// A new group with these members.
    pub(crate) async fn group(&mut self, members: &[&Made]) -> Result<Made, Stop> {
        self.needs_groups()?;
        let draft = self.group_draft(members);
        self.make("/Groups", draft).await
    }

    /// Creates what is drafted.
    pub(crate) async fn make(&mut self, endpoint: &str, draft: Value) -> Result<Made, Stop> {
        let answer = self.post(endpoint, &draft).await?;
        answer.done()?;
        made(endpoint, draft, &answer)
    }

    /// What the server has of a resource now.
    pub(crate) async fn read(&mut self, made: &Made) -> Result<Answer, Stop> {
        let answer = self.get(&made.path).await?;
        answer.status(&[200])?.object()?;
        Ok(answer)
    }

    /// Notes something that was made otherwise than by a POST to its endpoint, to be removed.
    pub(crate) fn owe(&mut self, endpoint: &str, id: &str) {
        self.traces.push(Trace::owed(endpoint, id));
    }

    /// Holds that a group has these members and no others.
    pub(crate) async fn has_members(&mut self, group: &Made, wanted: &[&Made]) -> Verdict {
        let read = self.read(group).await?;
        let members = read.at("/members").and_then(Value::as_array).cloned().unwrap_or_default();
        let mut ids: Vec<&str> = members.iter().filter_map(|member| member.get("value")?.as_str()).collect();
        let mut wanted: Vec<&str> = wanted.iter().map(|made| made.id.as_str()).collect();
        ids.sort_unstable();
        wanted.sort_unstable();
        if ids == wanted {
            return Ok(());
        }
        Err(read.fault(format!("the members {}", json!(wanted)), json!(ids).to_string()))
    }

    /// Goes on only where there are groups.
    pub(crate) fn needs_groups(&self) -> Result<(), Stop> {
        if self.announced.has_groups() { Ok(()) } else { Err(skipped("the server has no groups")) }
    }

    /// Goes on only where the server does not say that it lacks a feature.
    pub(crate) fn needs(&self, feature: &str) -> Result<(), Stop> {
        match self.announced.supports(feature) {
            Some(false) => Err(skipped(format!("the server says that it does not support `{feature}`"))),
            Some(true) | None => Ok(()),
        }
    }

    /// Goes on only where the server says that it has a feature.
    pub(crate) fn needs_announced(&self, feature: &str) -> Result<(), Stop> {
        match self.announced.supports(feature) {
            Some(true) => Ok(()),
            Some(false) | None => Err(skipped(format!("the server does not announce `{feature}`"))),
        }
    }

    /// Goes on only where clients may write an attribute of a user.
    pub(crate) fn needs_attribute(&self, path: &str) -> Result<(), Stop> {
        self.needs_attribute_of(USER, path)
    }

    /// Goes on only where clients may write an attribute.
    pub(crate) fn needs_attribute_of(&self, urn: &str, path: &str) -> Result<(), Stop> {
        if self.announced.writes(urn, path) {
            return Ok(());
        }
        Err(skipped(format!("the server announces no `{path}` that a client may write")))
    }

    /// A text of a user that a client may write and leave out again.
    pub(crate) fn spare_text(&self) -> Result<&'static str, Stop> {
        const CANDIDATES: [&str; 6] = ["title", "nickName", "userType", "displayName", "preferredLanguage", "locale"];
        let is_required = |path: &str| {
            self.announced.attribute(USER, path).is_some_and(|attribute| attribute["required"] == Value::Bool(true))
        };
        let found = CANDIDATES.into_iter().find(|path| self.announced.writes(USER, path) && !is_required(path));
        found.ok_or_else(|| skipped("the server announces no text attribute that can be left out"))
    }
}

/// What an answer says that was created.
pub(crate) fn made(endpoint: &str, draft: Value, answer: &Answer) -> Result<Made, Stop> {
    let id = id_of(&answer.json, &answer.headers);
    let id =
        id.ok_or_else(|| answer.fault("an `id` of what was created", "none, neither in the body nor in `Location`"))?;
    let path = format!("{endpoint}/{}", escape(&id));
    Ok(Made { id, path, sent: draft })
}

/// The id of a created resource: in its body, or at the end of its location.
fn id_of(json: &Value, headers: &http::HeaderMap) -> Option<String> {
    match json.get("id") {
        Some(Value::String(id)) if !id.is_empty() => return Some(id.clone()),
        Some(Value::Number(id)) => return Some(id.to_string()),
        Some(_) | None => {}
    }
    let location = headers.get("location")?.to_str().ok()?;
    let last = location.split(['?', '#']).next()?.trim_end_matches('/').rsplit('/').next()?;
    let id = percent_encoding::percent_decode_str(last).decode_utf8().ok()?;
    (!id.is_empty()).then(|| id.into_owned())
}
