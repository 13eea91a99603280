//! Where the operations of a tenant's bulk request are carried out: each is logged, counted and watched by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::http::bulk::{Ended, Floor};
use crate::http::engine::Engine;
use crate::http::exchange::{End, Exchange, Finished};
use crate::http::response::failure_kind;
use crate::http::tenant::Tenant;
use crate::telemetry::metrics::Label;

/// Held by whoever waits for an answer; when it is dropped, nobody does.
#[derive(Debug, Default)]
pub(super) struct Waiting(Arc<AtomicBool>);

impl Waiting {
    /// What becomes true when nobody waits any more.
    pub(super) fn left(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A tenant with a bulk request at work.
pub(super) struct TenantFloor<'e, E: Engine> {
    /// The request.
    pub(super) exchange: &'e Exchange<E>,
    /// Whose it is.
    pub(super) tenant: &'e Tenant<E>,
    /// Whether its client has hung up.
    pub(super) left: Option<Arc<AtomicBool>>,
}

impl<E: Engine> Floor for TenantFloor<'_, E> {
    type Engine = E;

    fn engine(&self) -> &E {
        &self.tenant.engine
    }

    fn kind(&self, endpoint: &str) -> Option<usize> {
        self.tenant.kind(endpoint)
    }

    fn is_left(&self) -> bool {
        self.left.as_ref().is_some_and(|left| left.load(Ordering::Relaxed))
    }

    fn ended(&self, ended: &Ended<'_>) {
        let Ended { verb, path, place, status, took, trace, error, panicked, made } = *ended;
        let service = self.exchange.service();
        if panicked {
            service.metrics.panics.inc();
        }
        if trace.calls() > 0 {
            self.tenant.upstream.note(status, error);
        }
        macro_rules! event {
            ($level:ident $(, $error:expr)?) => {
                tracing::$level!(
                    http.request.method = verb.as_str(),
                    url.template = place.and_then(|place| self.tenant.template(place)).map_or("-", Label::as_str),
                    http.response.status_code = status,
                    tenant = self.tenant.name.as_str(),
                    duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
                    upstream.calls = trace.calls(),
                    request.id = trace.id.as_str(),
                    trace.id = trace.context.as_ref().map(|context| context.id.as_str()),
                    $(error = %$error,)?
                    "bulk operation"
                )
            };
        }
        match (status, error) {
            (_, Some(error)) if error.is_planned() => event!(info, error),
            (500 | 502, Some(error)) => event!(error, error),
            (501.., Some(error)) => event!(warn, error),
            (500.., None) => event!(error),
            (..500, _) => event!(info),
        }
        if let Some(place) = place {
            let kind = match error {
                _ if panicked => "panic",
                None => "ok",
                Some(error) => failure_kind(error, &error.to_scim(&trace.id).0),
            };
            let end = End { status, kind, error: None, failure: error };
            self.exchange.audit_part((verb, place.clone()), made, (&end, took), trace);
        }
        if let Some(observer) = &service.observer {
            let target = format!("{}{path}", self.tenant.path);
            observer.finished(&Finished { method: verb.as_str(), target: &target, status, took, trace });
        }
    }
}
