//! The admin listener: liveness, readiness, health, metrics. Never on the SCIM port.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::bridge::Bridge;
use crate::http::auth;
use crate::http::engine::Engine;
use crate::http::jwt::Issuer;
use crate::http::ops;
use crate::http::ready::Readiness;
use crate::http::reloads::{Reloads, in_seconds};
use crate::http::tenant::Tenants;
use crate::secret::{Fingerprint, Secret};
use crate::telemetry::Metrics;
use crate::upstream::Upstream;

/// Connections at most; probes and scrapers are few.
const CONNECTIONS: usize = 32;
/// How long a connection may stay without a whole header block.
const IDLE: Duration = Duration::from_secs(30);
/// The wait after an accept that failed.
const BACK_OFF: Duration = Duration::from_millis(100);

/// A bound admin listener.
pub struct Admin<E: Engine = Bridge> {
    listener: TcpListener,
    local_address: SocketAddr,
    view: Arc<View<E>>,
}

/// What the admin listener can see.
struct View<E: Engine> {
    tenants: Arc<ArcSwap<Tenants<E>>>,
    metrics: Arc<Metrics>,
    readiness: Readiness,
    reloads: Arc<Reloads>,
    access: Access,
}

/// Who may see health and metrics.
enum Access {
    /// Everybody who reaches the loopback address.
    Open,
    /// Those who bring the token.
    Token(Box<[Fingerprint]>),
    /// Nobody: off loopback without a token.
    Closed,
}

impl<E: Engine> Admin<E> {
    /// Takes the address; port 0 takes a free one. Without a `token`, health and metrics are shown on loopback alone.
    ///
    /// # Errors
    /// The address cannot be had.
    pub async fn bind(
        address: SocketAddr,
        token: Option<&Secret>,
        tenants: Arc<ArcSwap<Tenants<E>>>,
        metrics: Arc<Metrics>,
        (readiness, reloads): (Readiness, Arc<Reloads>),
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let local_address = listener.local_addr()?;
        let access = match token {
            Some(token) => Access::Token(Box::new([token.fingerprint()])),
            None if local_address.ip().is_loopback() => Access::Open,
            None => Access::Closed,
        };
        Ok(Self { listener, local_address, view: Arc::new(View { tenants, metrics, readiness, reloads, access }) })
    }

    /// The address taken.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_address
    }

    /// Serves until `shutdown`, which should come after the SCIM listener has drained.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let slots = Arc::new(Semaphore::new(CONNECTIONS));
        let mut shutdown = pin!(shutdown);
        loop {
            let accepted = tokio::select! {
                () = shutdown.as_mut() => return,
                accepted = self.listener.accept() => accepted,
            };
            match (accepted, Arc::clone(&slots).try_acquire_owned()) {
                (Ok((stream, _)), Ok(slot)) => {
                    let view = Arc::clone(&self.view);
                    tokio::spawn(async move {
                        serve(view, stream).await;
                        drop(slot);
                    });
                }
                // More than anybody needs: closed at once.
                (Ok(_), Err(_)) => {}
                (Err(error), _) => {
                    tracing::warn!(error = %error, "accept failed");
                    tokio::time::sleep(BACK_OFF).await;
                }
            }
        }
    }
}

async fn serve<E: Engine>(view: Arc<View<E>>, stream: TcpStream) {
    let answer = service_fn(move |request: Request<_>| {
        let response = view.answer(request.method(), request.uri().path(), request.headers());
        async move { Ok::<_, Infallible>(response) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(IDLE);
    if let Err(error) = builder.serve_connection(TokioIo::new(stream), answer).await {
        tracing::debug!(error = %error, "admin connection ended");
    }
}

impl<E: Engine> View<E> {
    fn answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> Response<Full<Bytes>> {
        match (path, method == Method::GET || method == Method::HEAD) {
            ("/live" | "/ready" | "/health" | "/metrics", false) => status_only(StatusCode::METHOD_NOT_ALLOWED),
            ("/live", true) => status_only(StatusCode::OK),
            ("/ready", true) if self.readiness.is_ready() => status_only(StatusCode::OK),
            ("/ready", true) => status_only(StatusCode::SERVICE_UNAVAILABLE),
            ("/health", true) => self.guarded(headers, || {
                let body = Bytes::from(self.health().to_string());
                with_body(body, HeaderValue::from_static("application/json"))
            }),
            ("/metrics", true) => self.guarded(headers, || {
                let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
                with_body(Bytes::from(self.metrics.render()), HeaderValue::from_static(media_type))
            }),
            ("/ops", true) => self.guarded(headers, || as_json(&ops::pending(&self.tenants.load()))),
            (path, false) if method == Method::POST => match path.strip_prefix("/ops/") {
                Some(act) => self.acted(headers, act),
                None => status_only(StatusCode::NOT_FOUND),
            },
            _ => status_only(StatusCode::NOT_FOUND),
        }
    }

    fn guarded(&self, headers: &HeaderMap, answer: impl Fn() -> Response<Full<Bytes>>) -> Response<Full<Bytes>> {
        match &self.access {
            Access::Open => answer(),
            Access::Token(known) if auth::is_bearer_of(headers, known) => answer(),
            Access::Token(_) => {
                let mut response = status_only(StatusCode::UNAUTHORIZED);
                response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"admin\""));
                response
            }
            Access::Closed => status_only(StatusCode::FORBIDDEN),
        }
    }

    /// What somebody with the token does. Without one there is nobody who may, on loopback neither.
    fn acted(&self, headers: &HeaderMap, act: &str) -> Response<Full<Bytes>> {
        match &self.access {
            Access::Token(_) => self.guarded(headers, || {
                let (status, said) = ops::act(&self.tenants.load(), act);
                let mut response = as_json(&said);
                *response.status_mut() = status;
                response
            }),
            Access::Open | Access::Closed => status_only(StatusCode::FORBIDDEN),
        }
    }

    fn health(&self) -> Value {
        let tenants = self.tenants.load();
        let tenants: Vec<_> = tenants
            .sorted()
            .into_iter()
            .map(|tenant| {
                let mut upstream = tenant.upstream.health();
                if let Some(condition) = tenant.engine.upstream().map(Upstream::condition) {
                    upstream["circuit"] = condition.circuit.into();
                    upstream["in_flight"] = condition.in_flight.into();
                    upstream["waiting"] = condition.waiting.into();
                }
                json!({
                    "name": tenant.name.as_str(),
                    "path": tenant.path,
                    "hosts": tenant.hosts,
                    "jwt": tenant.access.issuer().map(Issuer::health),
                    "mode": if tenant.plans() { "plan" } else { "live" },
                    "mapping": {
                        "version": tenant.edition.version,
                        "loaded": tenant.edition.loaded.map(in_seconds),
                    },
                    "upstream": upstream,
                })
            })
            .collect();
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "ready": self.readiness.is_ready(),
            "in_flight": self.metrics.in_flight.get(),
            "connections": self.metrics.connections.get(),
            "settings": self.reloads.health(),
            "tenants": tenants,
        })
    }
}

fn status_only(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

fn as_json(value: &Value) -> Response<Full<Bytes>> {
    with_body(Bytes::from(value.to_string()), HeaderValue::from_static("application/json"))
}

fn with_body(body: Bytes, media_type: HeaderValue) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}
