//! A request as a straight line: limits, tenant, token, route, body, operation, answer.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;

use crate::http::accept::{self, Media};
use crate::http::access::{Refusal, Visitor};
use crate::http::body::{self, RequestBody};
use crate::http::bulk;
use crate::http::engine::Engine;
use crate::http::exchange::{Exchange, Observer};
use crate::http::floor::{TenantFloor, Waiting};
use crate::http::host;
use crate::http::jwt;
use crate::http::limits::{Limits, Slot};
use crate::http::networks::Networks;
use crate::http::precondition;
use crate::http::response::{self, Early};
use crate::http::route::{self, Body, Job, Route};
use crate::http::tenant::{Tenant, Tenants};
use crate::http::unwind::unwinding;
use crate::telemetry::Metrics;
use crate::telemetry::correlation::CorrelationIds;
use crate::telemetry::metrics::Label;

/// What all connections share.
pub struct Service<E: Engine> {
    /// Who is served; read once per request.
    pub tenants: Arc<ArcSwap<Tenants<E>>>,
    /// The bounds.
    pub limits: Limits,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Who watches.
    pub observer: Option<Arc<dyn Observer>>,
    /// Whose `X-Forwarded-For` counts.
    pub proxies: Networks,
    /// Where correlation ids come from.
    pub correlation_ids: CorrelationIds,
    /// One permit per operation at work.
    pub permits: Arc<Semaphore>,
    /// One permit per byte of request bodies in memory.
    pub room: Arc<Semaphore>,
    /// The mutating operations at work, whether their clients still wait or not.
    pub operations: TaskTracker,
    /// Every answer is from now on the last of its connection.
    pub is_closing: AtomicBool,
    /// The label of a request that belongs to no tenant, or has no known path.
    pub nobody: Label,
}

/// An operation that may start.
struct Admitted<E> {
    tenant: Arc<Tenant<E>>,
    job: Job,
    is_mutating: bool,
    slot: Slot,
    /// What the body takes of the room for all.
    room: Option<OwnedSemaphorePermit>,
}

impl<E: Engine> Service<E> {
    /// A service without work.
    pub fn new(
        tenants: Arc<ArcSwap<Tenants<E>>>,
        limits: Limits,
        metrics: Arc<Metrics>,
        observer: Option<Arc<dyn Observer>>,
        proxies: Networks,
    ) -> Self {
        Self {
            tenants,
            permits: Arc::new(Semaphore::new(limits.in_flight)),
            room: Arc::new(Semaphore::new(limits.bodies())),
            limits,
            metrics,
            observer,
            proxies,
            correlation_ids: CorrelationIds::new(),
            operations: TaskTracker::new(),
            is_closing: AtomicBool::new(false),
            nobody: Label::new("-"),
        }
    }

    /// The operations at work, and the requests whose body is still coming.
    pub fn at_work(&self) -> usize {
        self.limits.in_flight.saturating_sub(self.permits.available_permits())
    }

    /// Answers one request of the connection from `peer`. Dropping the future cancels a read; a mutating operation that has started goes on to its end.
    pub async fn answer(self: Arc<Self>, request: Request<Incoming>, peer: IpAddr) -> Response<Full<Bytes>> {
        let (head, incoming) = request.into_parts();
        let mut exchange = Exchange::begin(&self, &head, peer);
        let mut body = RequestBody::new(incoming, &head.headers, &self.room, self.limits.body_timeout);
        let media = accept::taken(&head.headers);
        let response = match self.admit(&mut exchange, (&head, media), &mut body).await {
            Ok(admitted) => self.perform(exchange, admitted).await,
            Err(early) => {
                body.discard(self.limits.body).await;
                exchange.refuse(early)
            }
        };
        match media {
            Some(Media::Plain) => response::as_plain_json(response),
            Some(Media::Scim) | None => response,
        }
    }

    async fn admit(
        &self,
        exchange: &mut Exchange<E>,
        (head, media): (&Parts, Option<Media>),
        body: &mut RequestBody,
    ) -> Result<Admitted<E>, Early> {
        self.measure(&head.uri, &head.headers)?;
        let (tenant, route) = self.resolve(exchange, head).await?;
        media.ok_or(Early::NotAcceptable)?;
        let permit = Arc::clone(&self.permits).try_acquire_owned().map_err(|_| Early::Busy)?;
        let slot = Slot::new(permit, &self.metrics.in_flight);
        let bytes = match route.body() {
            Body::Ignored => Bytes::new(),
            Body::Resource(_) | Body::Search | Body::Bulk if !body::is_readable(&head.headers) => {
                return Err(Early::MediaType);
            }
            Body::Resource(kind) if tenant.is_group(kind) => body.read(self.limits.group_body).await?,
            Body::Resource(_) | Body::Search => body.read(self.limits.body).await?,
            Body::Bulk => body.read(self.limits.bulk.max_payload_size).await?,
        };
        let is_mutating = route.is_mutating();
        let query = head.uri.query().unwrap_or_default();
        let precondition = precondition::of(&head.headers);
        let job = route.into_job(query, self.limits.bounds(), precondition, bytes).map_err(Early::Parameter)?;
        Ok(Admitted { tenant, job, is_mutating, slot, room: body.taken() })
    }

    /// Holds URL and headers against the limits. hyper's own bounds lie above these, and answer without a SCIM body.
    fn measure(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Early> {
        let limits = &self.limits;
        if uri.path_and_query().is_some_and(|target| target.as_str().len() > limits.url) {
            return Err(Early::UrlTooLong(limits.url));
        }
        // Colon, space and line end count as four.
        let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
        if headers.len() > limits.header_lines || bytes > limits.header_bytes {
            return Err(Early::HeadersTooLarge(limits.header_lines, limits.header_bytes));
        }
        Ok(())
    }

    async fn resolve<'h>(
        &self,
        exchange: &mut Exchange<E>,
        head: &'h Parts,
    ) -> Result<(Arc<Tenant<E>>, Route<'h>), Early> {
        let (tenant, path) = {
            let tenants = self.tenants.load();
            let (tenant, path) = tenants.find(host::of(head), head.uri.path()).ok_or(Early::NotFound)?;
            (Arc::clone(tenant), path)
        };
        exchange.belongs_to(&tenant);
        let caller = Self::caller(exchange, &tenant, &head.headers).await?;
        let place = route::place(path, |endpoint| tenant.kind(endpoint)).ok_or(Early::NotFound)?;
        exchange.is_for(tenant.template(&place));
        let route = route::route(exchange.verb(), place).map_err(Early::NoOperation)?;
        if route.is_mutating() {
            exchange.audits(&caller, &route, &head.headers);
            if caller.read_only {
                exchange.count_refusal(Refusal::ReadOnly);
                return Err(Early::ReadOnly);
            }
        }
        Ok((tenant, route))
    }

    /// Who calls a tenant; who may not is counted and audited.
    async fn caller(exchange: &Exchange<E>, tenant: &Tenant<E>, headers: &HeaderMap) -> Result<Visitor, Early> {
        let access = &tenant.access;
        // Before the token, so that a stranger cannot try out tokens.
        if !access.networks.is_empty() && !access.networks.hold(exchange.source(headers)) {
            exchange.refuse_access(Refusal::Network, headers);
            return Err(Early::Elsewhere);
        }
        access.visitor(headers).await.map_err(|refusal| {
            exchange.refuse_access(refusal, headers);
            let is_unchecked = refusal == Refusal::Jwt(jwt::Fault::NoKeys);
            if is_unchecked { Early::NoKeys } else { Early::Unauthorized(access.challenge) }
        })
    }

    async fn perform(&self, mut exchange: Exchange<E>, admitted: Admitted<E>) -> Response<Full<Bytes>> {
        let Admitted { tenant, job, is_mutating, slot, room } = admitted;
        let correlation = is_mutating.then(|| {
            exchange.detach();
            exchange.trace.id.clone()
        });
        let waiting = matches!(job, Job::Bulk(_)).then(Waiting::default);
        let left = waiting.as_ref().map(Waiting::left);
        let work = async move {
            let trace = Arc::clone(&exchange.trace);
            let outcome = match job {
                Job::One(operation) => unwinding(tenant.engine.run(operation, trace, None)).await,
                Job::Bulk(request) => {
                    exchange.is_of_many();
                    let floor = TenantFloor { exchange: &exchange, tenant: &tenant, left };
                    unwinding(Box::pin(bulk::run(&floor, request, &trace))).await.map(Ok)
                }
            };
            drop((slot, room));
            match outcome {
                Some(outcome) => exchange.conclude(outcome),
                None => exchange.panicked(),
            }
        };
        match correlation {
            None => work.await,
            // Detached: hyper drops this future when the client hangs up, but not the task.
            Some(correlation) => match self.operations.spawn(work).await {
                Ok(response) => response,
                Err(_) => response::panicked(&correlation),
            },
        }
    }
}
