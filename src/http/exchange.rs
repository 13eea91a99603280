//! One request from its first line to its answer: log, metrics, and whoever watches.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response};
use http_body_util::Full;

use crate::bridge::{self, Reply};
use crate::http::access::{Refusal, Visitor};
use crate::http::audit::{self, Audited};
use crate::http::engine::Engine;
use crate::http::response::{self, Early, X_REQUEST_ID};
use crate::http::route::{self, Place, Route, Verb};
use crate::http::service::Service;
use crate::http::tenant::Tenant;
use crate::telemetry::Trace;
use crate::telemetry::context::Context;
use crate::telemetry::metrics::{Label, RefusalLabels, RequestLabels, RouteLabels, TenantLabels};

/// Sees every finished request; the `demo` prints them.
pub trait Observer: Send + Sync {
    /// Called once per request, after its answer is decided and before it is sent.
    fn finished(&self, request: &Finished<'_>);
}

/// A finished request.
#[derive(Clone, Copy, Debug)]
pub struct Finished<'a> {
    /// The method, as sent.
    pub method: &'a str,
    /// Path and query, as sent.
    pub target: &'a str,
    /// The status answered; 499 when the client hung up first.
    pub status: u16,
    /// From the end of the headers to the answer.
    pub took: Duration,
    /// The upstream calls, in detail.
    pub trace: &'a Trace,
}

/// The status in log and metrics of a request whose client did not wait for an answer.
const CLIENT_GONE: u16 = 499;

/// The status in log and metrics of an operation that was to go on without its client, and that the process did not wait for.
const CUT: u16 = 500;

/// What is known about a request while it is at work. When dropped without an answer, it logs why there is none.
pub struct Exchange<E: Engine> {
    service: Arc<Service<E>>,
    /// The trace that the operation writes into.
    pub trace: Arc<Trace>,
    verb: Verb,
    /// Method and target as sent, kept only for an observer.
    watched: Option<(String, String)>,
    tenant: Option<Arc<Tenant<E>>>,
    template: Option<Label>,
    /// Where the connection comes from.
    peer: IpAddr,
    /// What the audit event will tell; nothing of a request that only reads.
    audited: Option<Box<Audited>>,
    started: Instant,
    is_detached: bool,
    /// It is several operations, each of which tells of the upstream.
    is_many: bool,
    is_answered: bool,
}

/// How a request ended, for the log.
pub(super) struct End<'a> {
    pub(super) status: u16,
    pub(super) kind: &'static str,
    pub(super) error: Option<&'a dyn std::fmt::Display>,
    /// The operation's failure.
    pub(super) failure: Option<&'a bridge::Error>,
}

impl<E: Engine> Exchange<E> {
    /// A request has come, over a connection from `peer`.
    pub fn begin(service: &Arc<Service<E>>, head: &Parts, peer: IpAddr) -> Self {
        let id = service.correlation_ids.choose(head.headers.get(X_REQUEST_ID).map(HeaderValue::as_bytes));
        let context = Context::of(&head.headers, &service.correlation_ids);
        let is_watched = service.observer.is_some();
        Self {
            trace: Arc::new(Trace { context, ..if is_watched { Trace::watched(id) } else { Trace::new(id) } }),
            verb: Verb::from(&head.method),
            watched: is_watched.then(|| (head.method.to_string(), head.uri.to_string())),
            tenant: None,
            template: None,
            peer,
            audited: None,
            started: Instant::now(),
            is_detached: false,
            is_many: false,
            is_answered: false,
            service: Arc::clone(service),
        }
    }

    /// The request's method.
    pub fn verb(&self) -> Verb {
        self.verb
    }

    /// It is for this tenant.
    pub fn belongs_to(&mut self, tenant: &Arc<Tenant<E>>) {
        self.tenant = Some(Arc::clone(tenant));
    }

    /// It is for a path with this template.
    pub fn is_for(&mut self, template: Option<&Label>) {
        self.template = template.cloned();
    }

    /// The address that the request comes from, as far as it is known.
    pub(super) fn source(&self, headers: &HeaderMap) -> IpAddr {
        self.service.proxies.client(self.peer, headers)
    }

    /// It asks for a change, which is audited once it has ended.
    pub(super) fn audits(&mut self, caller: &Visitor, route: &Route<'_>, headers: &HeaderMap) {
        let (caller, source) = (caller.name.clone(), self.source(headers));
        self.audited = self.audited_as(route, (caller, source)).map(Box::new);
    }

    fn audited_as(&self, route: &Route<'_>, (caller, source): (Label, IpAddr)) -> Option<Audited> {
        let (operation, kind, id) = route.change()?;
        let endpoint = self.tenant.as_ref().zip(kind).and_then(|(tenant, kind)| tenant.endpoint(kind)).cloned();
        Some(Audited { caller, source, operation, endpoint, id: id.map(str::to_owned) })
    }

    /// One of many changes has ended: audited for itself. `made` is the id of a new resource.
    pub(super) fn audit_part(
        &self,
        (verb, place): (Verb, Place<'_>),
        made: Option<&str>,
        (end, took): (&End<'_>, Duration),
        trace: &Trace,
    ) {
        let Some(whole) = &self.audited else { return };
        let Ok(route) = route::route(verb, place) else { return };
        if let Some(mut part) = self.audited_as(&route, (whole.caller.clone(), whole.source)) {
            part.id = part.id.or_else(|| made.map(str::to_owned));
            audit::ended(&part, self.tenant_name(), (verb, end, took), trace);
        }
    }

    /// Somebody may not call: counted, and audited with the address.
    pub(super) fn refuse_access(&self, refusal: Refusal, headers: &HeaderMap) {
        self.count_refusal(refusal);
        audit::refused(self.tenant_name(), self.source(headers), self.verb, refusal, &self.trace.id);
    }

    /// Counts somebody who may not call, or not for this.
    pub(super) fn count_refusal(&self, refusal: Refusal) {
        let tenant = self.tenant.as_ref().map_or(&self.service.nobody, |tenant| &tenant.name).clone();
        let labels = RefusalLabels { tenant, reason: refusal.as_str() };
        self.service.metrics.access_refused.get_or_create(&labels).inc();
    }

    fn tenant_name(&self) -> &str {
        self.tenant.as_ref().map_or("-", |tenant| tenant.name.as_str())
    }

    /// From now on the operation does not depend on its client: only the end of the process can cut it off.
    pub fn detach(&mut self) {
        self.is_detached = true;
    }

    /// What is noted of the upstream is noted operation by operation.
    pub(super) fn is_of_many(&mut self) {
        self.is_many = true;
    }

    /// What all connections share.
    pub(super) fn service(&self) -> &Service<E> {
        &self.service
    }

    /// The answer of a request that never became an operation.
    pub fn refuse(mut self, early: Early) -> Response<Full<Bytes>> {
        let kind = early.kind();
        let response = early.into_response();
        self.finish(response, kind, (None, None))
    }

    /// The answer of an operation that ended in one way or the other.
    pub fn conclude(mut self, outcome: Result<Reply, bridge::Error>) -> Response<Full<Bytes>> {
        match outcome {
            Ok(reply) => {
                if let Some(audited) = &mut self.audited {
                    audited.created(reply.location.as_deref());
                }
                self.finish(response::from_reply(reply), "ok", (None, None))
            }
            Err(error) => {
                let (shown, retry_after) = error.to_scim(&self.trace.id);
                let kind = response::failure_kind(&error, &shown);
                self.finish(response::from_error(&shown, retry_after), kind, (Some(&error), Some(&error)))
            }
        }
    }

    /// The answer of an operation that panicked.
    pub fn panicked(mut self) -> Response<Full<Bytes>> {
        self.service.metrics.panics.inc();
        let response = response::panicked(&self.trace.id);
        self.finish(response, "panic", (Some(&"the operation panicked"), None))
    }

    fn finish(
        &mut self,
        mut response: Response<Full<Bytes>>,
        kind: &'static str,
        (error, failure): (Option<&dyn std::fmt::Display>, Option<&bridge::Error>),
    ) -> Response<Full<Bytes>> {
        if let Ok(id) = HeaderValue::from_str(&self.trace.id) {
            response.headers_mut().insert(X_REQUEST_ID, id);
        }
        if let Some(receipts) = self.trace.receipts.depart() {
            response.extensions_mut().insert(Arc::new(receipts));
        }
        self.is_answered = true;
        self.report(&End { status: response.status().as_u16(), kind, error, failure });
        response
    }

    fn report(&self, end: &End<'_>) {
        let took = self.started.elapsed();
        self.log(end, took);
        if let Some(audited) = &self.audited {
            audit::ended(audited, self.tenant_name(), (self.verb, end, took), &self.trace);
        }
        self.count(end, took);
        if let (Some(observer), Some((method, target))) = (&self.service.observer, &self.watched) {
            observer.finished(&Finished { method, target, status: end.status, took, trace: &self.trace });
        }
    }

    /// One flat event per request: names and numbers, never an id, a value or a body.
    fn log(&self, end: &End<'_>, took: Duration) {
        macro_rules! event {
            ($level:ident $(, $error:expr)?) => {
                tracing::$level!(
                    http.request.method = self.verb.as_str(),
                    url.template = self.template.as_ref().map_or("-", Label::as_str),
                    http.response.status_code = end.status,
                    tenant = self.tenant_name(),
                    duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
                    upstream.calls = self.trace.calls(),
                    request.id = self.trace.id.as_str(),
                    trace.id = self.trace.context.as_ref().map(|context| context.id.as_str()),
                    outcome = end.kind,
                    $(error = %$error,)?
                    "request"
                )
            };
        }
        match (end.status, end.error) {
            // What was asked for is no fault.
            (_, Some(error)) if end.failure.is_some_and(bridge::Error::is_planned) => event!(info, error),
            (500 | 502, Some(error)) => event!(error, error),
            (501.., Some(error)) => event!(warn, error),
            (500.., None) => event!(warn),
            (..500, _) => event!(info),
        }
    }

    fn count(&self, &End { status, failure, .. }: &End<'_>, took: Duration) {
        let metrics = &self.service.metrics;
        let calls = self.trace.calls();
        if let (Some(tenant), 1..) = (&self.tenant, calls) {
            let labels = TenantLabels { tenant: tenant.name.clone() };
            metrics.upstream_calls.get_or_create(&labels).inc_by(calls.into());
            if !self.is_many {
                tenant.upstream.note(status, failure);
            }
        }
        let tenant = self.tenant.as_ref().map_or(&self.service.nobody, |tenant| &tenant.name).clone();
        let template = self.template.as_ref().unwrap_or(&self.service.nobody).clone();
        let route = RouteLabels { tenant, method: self.verb.as_str(), template };
        metrics.duration.get_or_create(&route).observe(took.as_secs_f64());
        let labels = RequestLabels { tenant: route.tenant, method: route.method, template: route.template, status };
        metrics.requests.get_or_create(&labels).inc();
    }
}

impl<E: Engine> Drop for Exchange<E> {
    fn drop(&mut self) {
        match (self.is_answered, self.is_detached) {
            (true, _) => {}
            (false, true) => {
                let error = "the process ended before the operation did: its outcome is not known";
                self.report(&End { status: CUT, kind: "cut", error: Some(&error), failure: None });
            }
            (false, false) => {
                self.report(&End { status: CLIENT_GONE, kind: "client_gone", error: None, failure: None });
            }
        }
    }
}
