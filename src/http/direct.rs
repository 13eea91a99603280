//! A request answered without a listener: for transcripts, and for what is asked on the command line.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method, Response};
use http_body_util::Full;

use crate::http::accept;
use crate::http::body;
use crate::http::bulk::{self, Ended, Floor};
use crate::http::engine::Engine;
use crate::http::limits::Limits;
use crate::http::precondition;
use crate::http::response::{self, Early};
use crate::http::route::{self, Body, Job, Verb};
use crate::telemetry::Trace;

/// A request below a tenant's path, whoever sent it.
#[derive(Clone, Debug)]
pub struct Request<'r> {
    /// The method.
    pub method: &'r Method,
    /// Path and query.
    pub target: &'r str,
    /// The headers.
    pub headers: &'r HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// Routes a request and carries it out, as a listener would. `id` is the correlation id.
pub async fn answer(engine: &impl Engine, request: Request<'_>, id: &str) -> Response<Full<Bytes>> {
    let Request { method, target, headers, body } = request;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let endpoints = engine.endpoints();
    let place = route::place(path, |endpoint| endpoints.iter().position(|known| known == endpoint));
    let Some(place) = place else { return Early::NotFound.into_response() };
    let route = match route::route(Verb::from(method), place) {
        Ok(route) => route,
        Err(none) => return Early::NoOperation(none).into_response(),
    };
    if accept::taken(headers).is_none() {
        return Early::NotAcceptable.into_response();
    }
    if route.body() != Body::Ignored && !body::is_readable(headers) {
        return Early::MediaType.into_response();
    }
    let job = match route.into_job(query, Limits::default().bounds(), precondition::of(headers), body) {
        Ok(job) => job,
        Err(error) => return Early::Parameter(error).into_response(),
    };
    let trace = Arc::new(Trace::new(id.to_owned()));
    let outcome = match job {
        Job::One(operation) => engine.run(operation, Arc::clone(&trace), None).await,
        Job::Bulk(request) => Ok(Box::pin(bulk::run(&Alone(engine), request, &trace)).await),
    };
    // There is no connection on which it could be lost.
    trace.receipts.taken();
    match outcome {
        Ok(reply) => response::from_reply(reply),
        Err(error) => {
            let (shown, retry_after) = error.to_scim(id);
            response::from_error(&shown, retry_after)
        }
    }
}

/// An engine that carries a bulk request out for nobody but who asked.
struct Alone<'e, E>(&'e E);

impl<E: Engine> Floor for Alone<'_, E> {
    type Engine = E;

    fn engine(&self) -> &E {
        self.0
    }

    fn kind(&self, endpoint: &str) -> Option<usize> {
        self.0.endpoints().iter().position(|known| known == endpoint)
    }

    fn is_left(&self) -> bool {
        false
    }

    fn ended(&self, _: &Ended<'_>) {}
}
