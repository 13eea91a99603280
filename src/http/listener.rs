//! The SCIM listener: accepting, bounding, draining.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use arc_swap::ArcSwap;
use http::HeaderValue;
use http::header::CONNECTION;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::bridge::Bridge;
use crate::http::answer;
use crate::http::audit;
use crate::http::engine::Engine;
use crate::http::exchange::Observer;
use crate::http::limits::{Limits, Slot};
use crate::http::networks::Networks;
use crate::http::ready::Readiness;
use crate::http::service::Service;
use crate::http::tenant::Tenants;
use crate::http::timed_io::{Activity, TimedIo};
use crate::http::tls::{HandshakeError, Tls};
use crate::telemetry::Metrics;

/// Room for header lines above our own limit, so that it is our answer that a client sees.
const MORE_LINES: usize = 28;
/// Room for the bytes of a request line and headers above our own limits, likewise.
const MORE_BYTES: usize = 16 * 1024;
/// How long a connection without a request is kept open after the last accept. A client that sends one at this moment would
/// else see the connection closed under its request, and could not tell whether that was carried out.
const LINGER: Duration = Duration::from_millis(500);
/// How often it is looked whether all connections have ended within that time.
const LOOK: Duration = Duration::from_millis(10);
/// The wait after an accept that failed for want of resources, such as file descriptors.
const BACK_OFF: Duration = Duration::from_millis(100);

/// A bound listener that does not accept yet.
pub struct Server<E: Engine = Bridge> {
    listener: TcpListener,
    local_address: SocketAddr,
    tenants: Arc<ArcSwap<Tenants<E>>>,
    limits: Limits,
    metrics: Arc<Metrics>,
    observer: Option<Arc<dyn Observer>>,
    proxies: Networks,
    tls: Option<Arc<Tls>>,
    readiness: Readiness,
}

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    /// Operations that were still at work when time was up.
    pub cut: usize,
}

impl<E: Engine> Server<E> {
    /// Takes the address; port 0 takes a free one. `tenants` may be swapped at any time.
    ///
    /// # Errors
    /// The address cannot be had.
    pub async fn bind(
        address: SocketAddr,
        tenants: Arc<ArcSwap<Tenants<E>>>,
        limits: Limits,
        metrics: Arc<Metrics>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let local_address = listener.local_addr()?;
        let (observer, proxies, tls, readiness) = (None, Networks::default(), None, Readiness::new());
        Ok(Self { listener, local_address, tenants, limits, metrics, observer, proxies, tls, readiness })
    }

    /// Shows every finished request to `observer`, with its upstream calls in detail.
    #[must_use]
    pub fn observed(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Believes the `X-Forwarded-For` of these proxies; without them, nobody's.
    #[must_use]
    pub fn trusting(mut self, proxies: Networks) -> Self {
        self.proxies = proxies;
        self
    }

    /// Speaks TLS; without it, plain HTTP.
    #[must_use]
    pub fn over(mut self, tls: Tls) -> Self {
        self.tls = Some(Arc::new(tls));
        self
    }

    /// The address taken.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_address
    }

    /// Whether the server wants requests; for the admin listener.
    pub fn readiness(&self) -> Readiness {
        self.readiness.clone()
    }

    /// Serves until `shutdown`, then lets open operations end: for `grace` at most, or until `abort`.
    ///
    /// On `shutdown` readiness is withdrawn, and every answer becomes the last of its connection; for `drain_delay` new
    /// connections are still taken, then no more. Connections without a request are closed half a second later.
    pub async fn run(self, shutdown: impl Future<Output = ()>, abort: impl Future<Output = ()>) -> Drained {
        let Self { listener, tenants, limits, metrics, observer, proxies, tls, readiness, .. } = self;
        let service = Arc::new(Service::new(tenants, limits, metrics, observer, proxies));
        let acceptor = Acceptor::new(Arc::clone(&service), tls);
        let mut abort = pin!(abort);
        readiness.announce();
        let stop = async {
            shutdown.await;
            readiness.withdraw();
            service.is_closing.store(true, Ordering::Relaxed);
            tracing::info!(open = service.at_work(), "shutting down");
            tokio::time::sleep(service.limits.drain_delay).await;
        };
        let is_aborted = tokio::select! {
            () = stop => false,
            () = abort.as_mut() => true,
            never = acceptor.accept(&listener) => match never {},
        };
        readiness.withdraw();
        if is_aborted {
            return ended(&service);
        }
        acceptor.close(listener);
        service.operations.close();
        let drain = async {
            linger(&acceptor.connections).await;
            acceptor.handshakes.cancel();
            acceptor.connections.shutdown().await;
            service.operations.wait().await;
        };
        tokio::select! {
            () = drain => {}
            () = abort => {}
            () = tokio::time::sleep(service.limits.grace) => {}
        }
        ended(&service)
    }
}

/// Waits until all connections have ended, for [`LINGER`] at most.
async fn linger(connections: &GracefulShutdown) {
    let end = Instant::now() + LINGER;
    while connections.count() > 0 && Instant::now() < end {
        tokio::time::sleep(LOOK).await;
    }
}

/// What is left of the work, told to the operator.
fn ended<E: Engine>(service: &Service<E>) -> Drained {
    let cut = service.at_work();
    if cut == 0 {
        tracing::info!("shut down");
    } else {
        tracing::error!(cut, "shut down with operations cut off");
    }
    Drained { cut }
}

/// Takes connections and serves each in a task of its own.
struct Acceptor<E: Engine> {
    service: Arc<Service<E>>,
    connections: GracefulShutdown,
    builder: http1::Builder,
    slots: Arc<Semaphore>,
    tls: Option<Arc<Tls>>,
    /// Ends the handshakes that are under way.
    handshakes: CancellationToken,
}

impl<E: Engine> Acceptor<E> {
    fn new(service: Arc<Service<E>>, tls: Option<Arc<Tls>>) -> Self {
        let (builder, slots) = (builder(&service.limits), Arc::new(Semaphore::new(service.limits.connections)));
        let (connections, handshakes) = (GracefulShutdown::new(), CancellationToken::new());
        Self { service, connections, builder, slots, tls, handshakes }
    }

    async fn accept(&self, listener: &TcpListener) -> Infallible {
        loop {
            // Never closed, so always granted in the end.
            let Ok(permit) = Arc::clone(&self.slots).acquire_owned().await else { continue };
            match listener.accept().await {
                Ok((stream, peer)) => self.take(stream, peer.ip(), permit),
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    tracing::warn!(error = %error, "accept failed");
                    tokio::time::sleep(BACK_OFF).await;
                }
            }
        }
    }

    /// Takes what has already connected, and closes the listener: closed first, it would reset them.
    fn close(&self, listener: TcpListener) {
        // Asked directly: the runtime may not have heard yet that somebody is there.
        let Ok(listener) = listener.into_std() else { return };
        while let Ok(permit) = Arc::clone(&self.slots).try_acquire_owned() {
            let Ok((stream, peer)) = listener.accept() else { return };
            if stream.set_nonblocking(true).is_ok()
                && let Ok(stream) = TcpStream::from_std(stream)
            {
                self.take(stream, peer.ip(), permit);
            }
        }
    }

    fn take(&self, stream: TcpStream, peer: IpAddr, permit: OwnedSemaphorePermit) {
        // Without this a small answer may wait for the client's acknowledgement; a socket that refuses still works.
        let _ = stream.set_nodelay(true);
        let (builder, service, watcher) = (self.builder.clone(), Arc::clone(&self.service), self.connections.watcher());
        let slot = Slot::new(permit, &self.service.metrics.connections);
        let Some(tls) = self.tls.clone() else {
            tokio::spawn(async move {
                serve(builder, service, stream, peer, watcher).await;
                drop(slot);
            });
            return;
        };
        let ending = self.handshakes.clone();
        tokio::spawn(async move {
            let asks = tls.asks_for_certificates();
            let shaken = tls.accept(stream, service.limits.header_timeout);
            match ending.run_until_cancelled(shaken).await {
                Some(Ok(stream)) => serve(builder, service, stream, peer, watcher).await,
                Some(Err(error)) => unshaken(&service, peer, asks, &error),
                None => {}
            }
            drop(slot);
        });
    }
}

/// A handshake came to nothing: counted, and audited where clients need a certificate.
fn unshaken<E: Engine>(service: &Service<E>, peer: IpAddr, asks: bool, error: &HandshakeError) {
    service.metrics.tls_handshakes_failed.inc();
    tracing::debug!(error = %error, client.address = %peer, "tls handshake failed");
    if asks && matches!(error, HandshakeError::Failed(_)) {
        audit::refused_handshake(peer.to_canonical());
    }
}

/// Whether the fault was the peer's, so that the next connection may be taken at once.
fn is_of_one_connection(error: &io::Error) -> bool {
    let kinds = [
        io::ErrorKind::ConnectionAborted,
        io::ErrorKind::ConnectionReset,
        io::ErrorKind::ConnectionRefused,
        io::ErrorKind::Interrupted,
    ];
    kinds.contains(&error.kind())
}

pub(super) fn builder(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .header_read_timeout(None)
        .max_headers(limits.header_lines + MORE_LINES)
        .max_buf_size((limits.header_bytes + limits.url + MORE_BYTES).max(64 * 1024));
    builder
}

/// Serves one connection, which comes from `peer`, to its end.
pub(super) async fn serve<E: Engine>(
    builder: http1::Builder,
    service: Arc<Service<E>>,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: IpAddr,
    watcher: Watcher,
) {
    let activity = Activity::default();
    let io = TimedIo::new(stream, activity.clone(), service.limits.header_timeout, service.limits.idle);
    let answer = service_fn(move |request| {
        activity.begin();
        let (service, activity) = (Arc::clone(&service), activity.clone());
        async move {
            let mut response = Arc::clone(&service).answer(request, peer).await;
            if service.is_closing.load(Ordering::Relaxed) {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            activity.end();
            Ok::<_, Infallible>(answer::tell_tale(response))
        }
    });
    if let Err(error) = watcher.watch(builder.serve_connection(io, answer)).await {
        tracing::debug!(error = %error, "connection ended");
    }
}
