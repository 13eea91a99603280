//! Between the bridge and its upstream: writes down what goes by, and why.

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::bridge::{Planned, Witness};
use crate::explain::stand_in::StandIn;
use crate::explain::{Explained, provenance};
use crate::mapping::call::{Each, Purpose};
use crate::mapping::compile::Delete;
use crate::mapping::scope::Scope;
use crate::mapping::source::Source;
use crate::mapping::{Call, Mapping, TypeMapping};
use crate::scim::schema::Mutability;
use crate::transcript::write;
use crate::upstream::transport::{Request, Response, Transport, TransportError};
use crate::upstream::{Answer, Rehearsal, Upstream};

/// Who answers.
#[derive(Debug)]
pub(super) enum Mode {
    /// A stand-in answers everything.
    Alone(Box<StandIn>),
    /// The real API answers what only reads; a stand-in the rest, and what is read after it.
    Live(Box<StandIn>),
    /// A transcript answers everything.
    Played,
}

/// The desk of one explanation.
#[derive(Debug)]
pub(super) struct Desk {
    source: Source,
    mapping: Mapping,
    /// `update`, and the index of the type, by the place of the call in the file.
    operations: BTreeMap<usize, (&'static str, usize)>,
    /// Fills calls with the names of secrets.
    shown: Upstream,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    mode: Mode,
    events: Vec<String>,
    /// The names of the rules that the last plan changes, by index.
    changed: Vec<(usize, String)>,
    /// What stands in the explanation for the answer to a login.
    disguise: Option<Response>,
    /// The label of the call that was made last.
    last: String,
    /// Why that had no answer.
    unanswered: Option<TransportError>,
}

impl Desk {
    pub(super) fn new(explained: Explained<'_>, shown: Upstream, mode: Mode) -> Self {
        let state = State {
            mode,
            events: Vec::new(),
            changed: Vec::new(),
            disguise: None,
            last: String::new(),
            unanswered: None,
        };
        let operations = operations(explained.mapping);
        let (source, mapping) = (explained.source.clone(), explained.mapping.clone());
        Self { source, mapping, operations, shown, state: Mutex::new(state) }
    }

    /// The mapping's file.
    pub(super) fn source(&self) -> &Source {
        &self.source
    }

    /// What a call is part of: the operation, and the type that it is for; `None` for a compensation.
    pub(super) fn part_of(&self, call: &Call) -> Option<(&'static str, &TypeMapping)> {
        let (operation, kind) = self.operations.get(&call.span.start)?;
        Some((operation, self.mapping.types.get(*kind)?))
    }

    /// What went by since this was last asked, each with a newline at its end.
    pub(super) fn events(&self) -> Vec<String> {
        let mut state = self.lock();
        state.changed.clear();
        std::mem::take(&mut state.events)
    }

    /// The call that was made last and why it had no answer, where it had none.
    pub(super) fn unanswered(&self) -> Option<String> {
        let state = self.lock();
        state.unanswered.as_ref().map(|reason| format!("{}: {reason}", state.last))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes how the call that was noted last was answered.
    fn answered(&self, answer: &Result<Response, TransportError>) {
        let mut state = self.lock();
        // What a real login gives is nobody's to see.
        let disguise = state.disguise.take();
        let disguise = disguise.filter(|_| answer.as_ref().is_ok_and(|response| self.opens_session(response))).map(Ok);
        if let Some(last) = state.events.last_mut() {
            last.push_str(&write::answer(disguise.as_ref().unwrap_or(answer)));
        }
    }

    /// Whether an answer to the login gives anything of a session; one that refuses it is shown as it is.
    fn opens_session(&self, response: &Response) -> bool {
        let answer =
            || Answer::new(response.status, response.headers.clone(), response.body.clone(), false, String::new());
        let login = self.shown.sample_login().map(|(call, _)| call);
        response.status < 300 && login.is_some_and(|login| answer().captured(login).next().is_some())
    }

    /// `# User.update, mapping.toml:27: carries active`
    fn reason(&self, call: &Call, scope: &Scope<'_>, changed: &[(usize, String)]) -> String {
        let operation = match self.part_of(call) {
            Some((operation, kind)) => format!("{}.{operation}", kind.view.schema.name),
            None => "undo".to_owned(),
        };
        let place = provenance::place(&self.source, &call.span);
        let carried = || {
            let names = changed.iter().filter(|(index, _)| call.carries.contains(index));
            names.map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", ")
        };
        let item = || scope.batch.or(scope.item).map_or_else(String::new, write::flat);
        let why = match call.purpose {
            Purpose::List if scope.filter.is_empty() => "reads a page".to_owned(),
            Purpose::List => "looks for what the filter or the key names".to_owned(),
            Purpose::Get => "reads the record".to_owned(),
            Purpose::Part => {
                format!("reads what belongs at `{}`", call.into.as_ref().map_or("", |into| into.text.as_str()))
            }
            Purpose::Create => "creates".to_owned(),
            Purpose::Update => format!("carries {}", carried()),
            Purpose::Add => format!("adds to {}: {}", carried(), item()),
            Purpose::Remove => format!("removes from {}: {}", carried(), item()),
            Purpose::Change => format!("changes {}", item()),
            Purpose::Before => format!("looks up {}", item()),
            Purpose::Delete => "deletes".to_owned(),
            Purpose::Undo => "takes back".to_owned(),
            Purpose::Login => return format!("# {}: logs in\n", provenance::place(&self.source, &call.span)),
        };
        format!("# {operation}, {place}: {why}\n")
    }
}

impl Rehearsal for Desk {
    fn attempt(&self, call: &Call, scope: &Scope<'_>) -> Option<Response> {
        let mut state = self.lock();
        (state.last, state.unanswered) = (call.label.clone(), None);
        let mut text = self.reason(call, scope, &state.changed);
        if call.purpose == Purpose::Create {
            text.push_str(&provenance::asked(self, call, scope));
        }
        if let Ok(request) = self.shown.preview(call, scope) {
            let named = |name: &http::HeaderName| *name != http::header::CONTENT_TYPE;
            text.push_str(&write::call(&request, self.shown.url(), named));
        }
        let kind = self.part_of(call).map(|(_, kind)| kind);
        let login = if call.purpose == Purpose::Login { self.shown.sample_login() } else { None };
        state.disguise = login.as_ref().map(|(_, response)| response.clone());
        let answer = match &mut state.mode {
            Mode::Alone(_) if login.is_some() => login.map(|(_, response)| response),
            Mode::Alone(stand_in) => Some(stand_in.answer(call, scope, kind)),
            // What was never changed in truth cannot be read there.
            Mode::Live(stand_in) if !call.purpose.only_reads() || stand_in.has_changed(scope, kind) => {
                Some(stand_in.answer(call, scope, kind))
            }
            Mode::Live(_) | Mode::Played => None,
        };
        state.events.push(text);
        drop(state);
        answer.inspect(|response| self.answered(&Ok(response.clone())))
    }
}

impl Witness for Desk {
    fn planned(&self, planned: &Planned<'_>) {
        let Planned { mapping, old, new, changed, calls } = planned;
        let mut state = self.lock();
        let rules = changed.iter().filter_map(|index| Some((*index, mapping.view.rules.get(*index)?)));
        state.changed = rules.clone().map(|(index, rule)| (index, rule.name.clone())).collect();
        let mut text = String::new();
        if changed.is_empty() {
            text.push_str("# nothing changes: it reads as asked already\n");
        } else {
            text.push_str("# changes\n");
        }
        for (_, rule) in rules {
            let (from, to) = (rule.value_in(old), rule.value_in(new));
            let shown = |value: Option<Value>| value.map_or_else(|| "nothing".to_owned(), |value| write::flat(&value));
            let (place, name) = (provenance::place(&self.source, &rule.span), &rule.name);
            if rule.mutability == Mutability::WriteOnly {
                let _ = writeln!(text, "#   {name}: always sent, never read ({place})");
                continue;
            }
            let _ = writeln!(text, "#   {name}: {} -> {} ({place})", shown(from), shown(to));
        }
        let skipped: Vec<&Call> =
            mapping.update.iter().filter(|call| !calls.iter().any(|made| std::ptr::eq(*made, *call))).collect();
        if !skipped.is_empty() && !changed.is_empty() {
            text.push_str("# not called\n");
            for call in skipped {
                let place = provenance::place(&self.source, &call.span);
                let _ = writeln!(text, "#   {} ({place}): {}", call.label, why_not(call, mapping, changed));
            }
        }
        state.events.push(text);
    }
}

/// Why a plan does without a call.
fn why_not(call: &Call, mapping: &TypeMapping, changed: &[usize]) -> String {
    let carries: Vec<&str> =
        call.carries.iter().filter_map(|index| mapping.view.rules.get(*index)).map(|rule| rule.name.as_str()).collect();
    if !changed.iter().any(|index| call.carries.contains(index)) {
        let names = if carries.len() > 4 { format!("{}, …", carries[..4].join(", ")) } else { carries.join(", ") };
        return format!("nothing that it carries changes: {names}");
    }
    match (&call.when, call.each) {
        (Some(when), _) => format!("`when` is false: {}", when.text),
        (None, Some(Each::Added)) => "nothing is added".to_owned(),
        (None, Some(Each::Removed)) => "nothing is removed".to_owned(),
        (None, Some(Each::Changed) | None) => "not needed here".to_owned(),
    }
}

/// Every call of the mapping, by its place.
fn operations(mapping: &Mapping) -> BTreeMap<usize, (&'static str, usize)> {
    let mut operations = BTreeMap::new();
    for (index, kind) in mapping.types.iter().enumerate() {
        let delete = match &kind.delete {
            Delete::Calls(calls) => calls.as_slice(),
            Delete::None | Delete::Set(_) => &[],
        };
        let named = [
            ("list", kind.list.as_slice()),
            ("get", &kind.get),
            ("create", &kind.create),
            ("update", &kind.update),
            ("delete", delete),
        ];
        for (operation, calls) in named {
            let all = calls.iter().flat_map(|call| std::iter::once(call).chain(&call.before));
            operations.extend(all.map(|call| (call.span.start, (operation, index))));
        }
    }
    operations
}

/// A transport whose answers the desk writes down.
pub(super) struct Watched {
    inner: Arc<dyn Transport>,
    desk: Arc<Desk>,
}

impl Watched {
    pub(super) fn new(inner: Arc<dyn Transport>, desk: Arc<Desk>) -> Self {
        Self { inner, desk }
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").finish_non_exhaustive()
    }
}

impl Transport for Watched {
    fn send<'a>(
        &'a self,
        request: Request,
    ) -> Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>> {
        Box::pin(async move {
            let answer = self.inner.send(request).await;
            self.desk.answered(&answer);
            self.desk.lock().unanswered = answer.as_ref().err().cloned();
            answer
        })
    }
}
