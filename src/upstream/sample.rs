//! Calls, answers and a scripted transport for tests.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use crate::mapping::call::{Call, Purpose, UpstreamSettings};
use crate::mapping::compile::call::{compile_calls, compile_upstream};
use crate::mapping::diagnostic::Diagnostics;
use crate::mapping::document::Document;
use crate::mapping::scope::Surroundings;
use crate::mapping::source::Source;
use crate::mapping::view::View;
use crate::scim::ResourceSchema;
use crate::secret::Secret;
use crate::telemetry::Trace;
use crate::upstream::transport::{Request, Response, Transport, TransportError};
use crate::upstream::{Answer, Budget, Lane, Upstream};

/// The settings and the first call of a mapping; `[upstream]` begins the text, so that its keys may come first.
pub(super) fn compile(text: &str, purpose: Purpose) -> (UpstreamSettings, Call) {
    let text = format!("scim_bridge = 1\n[upstream]\nurl = \"http://127.0.0.1/v1/\"\n{text}\n");
    let mut found = Diagnostics::new("test.toml");
    let document = Document::read(&Source::new("test.toml", text), &mut found).unwrap();
    let kind = &document.types[0];
    let calls = match purpose {
        Purpose::List => &kind.list,
        Purpose::Get | Purpose::Part => &kind.get,
        Purpose::Create => &kind.create,
        Purpose::Update | Purpose::Add | Purpose::Remove | Purpose::Change => &kind.update,
        Purpose::Before | Purpose::Delete | Purpose::Undo | Purpose::Login => &kind.delete,
    };
    let operation = match purpose {
        Purpose::Part => Purpose::Get,
        Purpose::Add | Purpose::Remove | Purpose::Change => Purpose::Update,
        Purpose::List
        | Purpose::Get
        | Purpose::Create
        | Purpose::Update
        | Purpose::Before
        | Purpose::Delete
        | Purpose::Undo
        | Purpose::Login => purpose,
    };
    let view = View {
        rules: Vec::new(),
        id: 0,
        schema: ResourceSchema::full("User").unwrap(),
        advertised: ResourceSchema::full("User").unwrap(),
    };
    let settings = compile_upstream(&document.upstream, &mut found).unwrap();
    (settings, compile_calls(calls, operation, &view, &document.upstream, &mut found).remove(0))
}

/// A call of this purpose without anything special.
pub(super) fn call(purpose: Purpose) -> Call {
    let text = match purpose {
        Purpose::List => "list = { call = \"GET /u?n={filter.userName?}\", items = \"$.users[*]\" }",
        Purpose::Get => "get = \"GET /u/{id}\"",
        Purpose::Part => "get = { call = \"GET /u/{id}/x\", into = \"x\" }",
        Purpose::Create => "create = \"POST /u\"",
        Purpose::Update => "update = \"PATCH /u/{id}\"",
        Purpose::Add => "update = { call = \"POST /u/{id}/r\", for = [\"groups\"], each = \"added\" }",
        Purpose::Remove => "update = { call = \"DELETE /u/{id}/r\", for = [\"groups\"], each = \"removed\" }",
        Purpose::Change => "update = { call = \"PUT /u/{id}/{item.field}\", each = \"changed\" }",
        Purpose::Before => "delete = \"GET /u/{id}/r\"",
        Purpose::Delete | Purpose::Undo | Purpose::Login => "delete = \"DELETE /u/{id}\"",
    };
    compile(&format!("[User]\n{text}"), purpose).1
}

/// An answer with these headers.
pub(super) fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Answer {
    let response = response(status, headers, body);
    Answer::new(status, response.headers, response.body, false, "http://127.0.0.1/v1/u?page=1".to_owned())
}

/// A response with these headers.
pub(super) fn response(status: u16, headers: &[(&'static str, &str)], body: &str) -> Response {
    let headers = headers.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()));
    Response { status, headers: headers.collect(), body: Bytes::from(body.to_owned()) }
}

/// One step of a script.
pub(super) type Step = Result<Response, TransportError>;

/// Answers with its steps, in order, and notes what was sent and when. After the last step it never answers.
#[derive(Default)]
pub(super) struct Script {
    steps: Mutex<VecDeque<Step>>,
    pub(super) sent: Mutex<Vec<(Instant, Request)>>,
}

impl Script {
    pub(super) fn new(steps: impl IntoIterator<Item = Step>) -> Arc<Self> {
        Arc::new(Self { steps: Mutex::new(steps.into_iter().collect()), sent: Mutex::default() })
    }

    /// Further steps.
    pub(super) fn then(&self, steps: impl IntoIterator<Item = Step>) {
        self.steps.lock().unwrap().extend(steps);
    }

    /// The steps that are still to come.
    pub(super) fn steps_left(&self) -> usize {
        self.steps.lock().unwrap().len()
    }

    /// Leaves out so many of them.
    pub(super) fn skip(&self, steps: usize) {
        self.steps.lock().unwrap().drain(..steps);
    }

    pub(super) fn calls(&self) -> usize {
        self.sent.lock().unwrap().len()
    }
}

impl Transport for Script {
    fn send<'a>(&'a self, request: Request) -> Pin<Box<dyn Future<Output = Step> + Send + 'a>> {
        Box::pin(async move {
            let timeout = request.timeout;
            self.sent.lock().unwrap().push((Instant::now(), request));
            let step = self.steps.lock().unwrap().pop_front();
            match step {
                Some(step) => step,
                None => tokio::time::timeout(timeout, std::future::pending())
                    .await
                    .unwrap_or(Err(TransportError::TimedOut(timeout))),
            }
        })
    }
}

/// An upstream over a script.
pub(super) fn upstream(settings: &UpstreamSettings, script: &Arc<Script>) -> Upstream {
    let surroundings = Surroundings {
        tenant: "acme".into(),
        variables: [("realm".into(), "r/1".into())].into(),
        secrets: [("key".into(), Secret::new("s3cret")), ("user".into(), Secret::new("ada"))].into(),
    };
    Upstream::new(settings, None, surroundings, Arc::clone(script) as Arc<dyn Transport>).unwrap()
}

/// A budget of `seconds`.
pub(super) fn budget(seconds: u64) -> Budget {
    Budget {
        deadline: Instant::now() + Duration::from_secs(seconds),
        trace: Arc::new(Trace::watched("t".to_owned())),
        bounded: true,
        lane: Lane::Reads,
        intent: None,
    }
}
