//! `POST /Bulk`: operations in order, each as a request of its own (RFC 7644 §3.7).

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Method;
use percent_encoding::utf8_percent_encode;
use serde::Deserialize;

use crate::bridge::{self, Operation, Reply};
use crate::http::engine::Engine;
use crate::http::limits::Limits;
use crate::http::route::{self, Body, Job, Place, Route, Verb};
use crate::http::unwind::unwinding;
use crate::scim::bulk::{BulkIds, BulkOperation, BulkOutcome, BulkRequest, response};
use crate::scim::{Error, Precondition};
use crate::telemetry::Trace;
use crate::value::IN_URL;

/// Who carries the operations of a bulk request out, and who sees them.
pub(super) trait Floor: Sync {
    /// What carries one operation out.
    type Engine: Engine;

    /// The engine.
    fn engine(&self) -> &Self::Engine;

    /// The index of the type with an endpoint (`/Users`).
    fn kind(&self, endpoint: &str) -> Option<usize>;

    /// Whether nobody waits for the answer any more.
    fn is_left(&self) -> bool;

    /// Sees an operation that has ended.
    fn ended(&self, ended: &Ended<'_>);
}

/// An operation that has ended.
pub(super) struct Ended<'a> {
    /// The method.
    pub(super) verb: Verb,
    /// The path, with ids in the place of references.
    pub(super) path: &'a str,
    /// Where that is.
    pub(super) place: Option<&'a Place<'a>>,
    /// The status of its answer.
    pub(super) status: u16,
    /// From its beginning to its end.
    pub(super) took: Duration,
    /// The calls that it made.
    pub(super) trace: &'a Trace,
    /// Why it failed; `None` for one that panicked, too.
    pub(super) error: Option<&'a bridge::Error>,
    /// Whether it panicked.
    pub(super) panicked: bool,
    /// The id of the resource that it answered.
    pub(super) made: Option<&'a str>,
}

/// The id in the body of a resource.
#[derive(Deserialize)]
struct WithId {
    id: String,
}

/// Carries a bulk request out. It takes no longer than one operation may; in the last third of that time none is begun. What
/// is not begun by then is answered 503, and is not begun at all when nobody waits for the answer any more.
pub(super) async fn run(floor: &impl Floor, request: BulkRequest, trace: &Arc<Trace>) -> Reply {
    let time = floor.engine().deadline();
    let begun = tokio::time::Instant::now();
    let bulk = Bulk { floor, trace, by: begun + time };
    let mut ids = BulkIds::of(&request);
    let (mut answers, mut failures) = (Vec::with_capacity(request.operations.len()), 0);
    for operation in &request.operations {
        if floor.is_left() {
            tracing::warn!(
                operations = request.operations.len() - answers.len(),
                request.id = trace.id.as_str(),
                "operations of a bulk request not begun: the client is gone"
            );
            break;
        }
        let outcome = if begun.elapsed() > time * 2 / 3 {
            let detail = "there was no time left to begin this operation: nothing of it was done; send it again";
            failed(None, Error::with_status(503, detail))
        } else {
            bulk.carry_out(operation, &mut ids).await
        };
        failures += usize::from(outcome.error.is_some());
        answers.push(operation.answer(&outcome));
        if request.fail_on_errors.is_some_and(|most| failures >= most) {
            break;
        }
    }
    Reply { status: 200, location: None, version: None, body: Bytes::from(response(answers)) }
}

fn failed(location: Option<String>, error: Error) -> BulkOutcome {
    BulkOutcome { location, version: None, status: error.status, error: Some(error) }
}

/// A bulk request at work.
struct Bulk<'b, F> {
    floor: &'b F,
    trace: &'b Arc<Trace>,
    by: tokio::time::Instant,
}

impl<F: Floor> Bulk<'_, F> {
    /// Carries one operation out.
    async fn carry_out(&self, operation: &BulkOperation, ids: &mut BulkIds) -> BulkOutcome {
        let verb = Method::from_bytes(operation.method.as_bytes()).map_or(Verb::Other, |method| Verb::from(&method));
        let begun = if verb == Verb::Post { ids.begin(operation) } else { Ok(()) };
        let place = begun.and_then(|()| self.place(&operation.path, ids));
        let place = match place {
            Ok(place) => place,
            Err(error) => return failed(None, error),
        };
        let location = match &place {
            Place::Resource(kind, id) => Some(self.floor.engine().location(*kind, id)),
            Place::Collection(_) | Place::Search(_) | Place::Discovery(_) | Place::Bulk | Place::Unsupported(_) => None,
        };
        let asked = match asked(operation, (verb, place.clone()), ids) {
            Ok(asked) => asked,
            Err(error) => return failed(location, error),
        };
        let mut outcome = self.run_one(asked, (verb, &place)).await;
        outcome.outcome.location = outcome.outcome.location.or(location);
        if let (Verb::Post, Some(id)) = (verb, outcome.id) {
            ids.made(operation, id);
        }
        outcome.outcome
    }

    /// The place that a path names, with ids instead of references.
    fn place<'p>(&self, path: &'p str, ids: &BulkIds) -> Result<Place<'p>, Error> {
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        let nowhere = || Error::with_status(404, "there is no such path here");
        Ok(match route::place(path, |endpoint| self.floor.kind(endpoint)).ok_or_else(nowhere)? {
            Place::Resource(kind, id) => match ids.resolve(&id)? {
                Some(made) => Place::Resource(kind, made.to_owned().into()),
                None => Place::Resource(kind, id),
            },
            place @ (Place::Collection(_)
            | Place::Search(_)
            | Place::Bulk
            | Place::Discovery(_)
            | Place::Unsupported(_)) => place,
        })
    }

    async fn run_one(&self, asked: Operation, (verb, place): (Verb, &Place<'_>)) -> Made {
        let engine = self.floor.engine();
        let trace = Arc::new(self.trace.aside());
        let started = Instant::now();
        let result = unwinding(engine.run(asked, Arc::clone(&trace), Some(self.by))).await;
        self.trace.absorb(&trace);
        let made = match &result {
            Some(Ok(reply)) => Made::of(reply),
            Some(Err(error)) => Made { id: None, outcome: failed(None, error.to_scim(&trace.id).0) },
            None => {
                let detail = format!("an internal fault, logged under the request id {}", trace.id);
                Made { id: None, outcome: failed(None, Error::with_status(500, detail)) }
            }
        };
        let path = match place {
            Place::Resource(kind, id) => {
                let endpoint = engine.endpoints().get(*kind).cloned().unwrap_or_default();
                format!("{endpoint}/{}", utf8_percent_encode(id, IN_URL))
            }
            Place::Collection(kind) => engine.endpoints().get(*kind).cloned().unwrap_or_default(),
            Place::Search(_) | Place::Discovery(_) | Place::Bulk | Place::Unsupported(_) => String::new(),
        };
        self.floor.ended(&Ended {
            verb,
            path: &path,
            place: Some(place),
            status: made.outcome.status,
            took: started.elapsed(),
            trace: &trace,
            error: result.as_ref().and_then(|result| result.as_ref().err()),
            panicked: result.is_none(),
            made: made.id.as_deref(),
        });
        made
    }
}

/// How an operation ended, and the id of the resource that it answered.
struct Made {
    id: Option<String>,
    outcome: BulkOutcome,
}

impl Made {
    fn of(reply: &Reply) -> Self {
        let version = reply.version.as_ref().and_then(|version| version.to_str().ok()).map(str::to_owned);
        let id = serde_json::from_slice(&reply.body).ok().map(|WithId { id }| id);
        let outcome = BulkOutcome { location: reply.location.clone(), version, status: reply.status, error: None };
        Self { id, outcome }
    }
}

/// The operation that a member of a bulk request asks for.
fn asked(operation: &BulkOperation, (verb, place): (Verb, Place<'_>), ids: &BulkIds) -> Result<Operation, Error> {
    let is_write = matches!(verb, Verb::Post | Verb::Put | Verb::Patch | Verb::Delete);
    let writes = || Error::invalid_syntax("the method of a bulk operation is `POST`, `PUT`, `PATCH` or `DELETE`");
    if !is_write {
        return Err(writes());
    }
    let route = route::route(verb, place).map_err(|_| {
        Error::with_status(
            405,
            "this path does not take this method: `POST` is for a type, the others are for a resource",
        )
    })?;
    match route {
        Route::Create(_) | Route::Replace(..) | Route::Patch(..) | Route::Delete(..) => {}
        Route::List(_) | Route::Get(..) | Route::Search(_) | Route::Bulk | Route::Discover(_) => {
            return Err(Error::invalid_syntax("a bulk operation is for a resource, or for a type of resources"));
        }
    }
    let body = match (route.body(), &operation.data) {
        (Body::Resource(_), Some(data)) => {
            let mut data = data.clone();
            ids.fill(&mut data)?;
            Bytes::from(data.to_string())
        }
        (Body::Resource(_), None) => {
            return Err(Error::invalid_syntax(format!(
                "an operation with the method `{}` needs `data`",
                verb.as_str()
            )));
        }
        (Body::Ignored | Body::Search | Body::Bulk, _) => Bytes::new(),
    };
    let precondition = Precondition::parse(operation.version.as_deref(), None).map(Box::new);
    match route.into_job("", Limits::default().bounds(), precondition, body)? {
        Job::One(asked) => Ok(asked),
        Job::Bulk(_) => Err(writes()),
    }
}
