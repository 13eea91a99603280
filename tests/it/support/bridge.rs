//! A bridge on a listener of its own, from the text of a mapping.

use std::sync::Arc;

use arc_swap::ArcSwap;
use scim_bridge::bridge::Bridge;
use scim_bridge::demo::{self, Api, Seed};
use scim_bridge::http::admin::Admin;
use scim_bridge::http::{Drained, Limits, Readiness, Reloads, Server, Tenant, Tenants};
use scim_bridge::mapping::compile;
use scim_bridge::mapping::diagnostic::{Diagnostics, Style, render};
use scim_bridge::mapping::scope::Surroundings;
use scim_bridge::mapping::source::Source;
use scim_bridge::secret::Secret;
use scim_bridge::telemetry::Metrics;
use scim_bridge::upstream::Upstream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::client::Client;

/// The token of every bridge under test.
pub(crate) const TOKEN: &str = "token-of-the-tests-0001";

/// A bridge that serves until it is stopped or dropped.
pub(crate) struct Served {
    /// The SCIM base URL.
    pub(crate) base: String,
    /// A client with the right token.
    pub(crate) scim: Client,
    tenants: Arc<ArcSwap<Tenants>>,
    stop: oneshot::Sender<()>,
    server: JoinHandle<Drained>,
}

impl Served {
    /// An admin listener over it, with this token; its URL.
    pub(crate) async fn admin(&self, token: &str) -> String {
        let (address, tenants, token) = ("127.0.0.1:0".parse().unwrap(), Arc::clone(&self.tenants), Secret::new(token));
        let (metrics, told) = (Arc::new(Metrics::new()), (Readiness::new(), Arc::new(Reloads::new())));
        let admin = Admin::bind(address, Some(&token), tenants, metrics, told).await.unwrap();
        let url = format!("http://{}", admin.local_addr());
        tokio::spawn(admin.run(std::future::pending()));
        url
    }

    /// Looks at the bridge itself.
    pub(crate) fn with_bridge<T>(&self, look: impl FnOnce(&Bridge) -> T) -> T {
        let tenants = self.tenants.load();
        look(&tenants.sorted()[0].engine)
    }

    /// Stops it; operations that are at work end first.
    pub(crate) async fn stop(self) -> Drained {
        drop(self.stop);
        self.server.await.unwrap()
    }
}

/// Serves a mapping over the upstream at `url`, with these secrets.
pub(crate) async fn serve(mapping: &str, url: &str, secrets: &[(&str, &str)]) -> Served {
    serve_as(mapping, url, secrets, |bridge| bridge).await
}

/// The same, of a bridge that is changed before it serves.
pub(crate) async fn serve_as(
    mapping: &str,
    url: &str,
    secrets: &[(&str, &str)],
    change: impl FnOnce(Bridge) -> Bridge,
) -> Served {
    let source = Source::new("mapping.toml", mapping);
    let mut found = Diagnostics::new("mapping.toml");
    let mapping = compile::load(&source, &mut found);
    let mapping = mapping.unwrap_or_else(|| panic!("{}", render(&found.found, &[&source], Style::Plain)));
    let secrets = secrets.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value)));
    let surroundings =
        Surroundings { tenant: "test".to_owned(), secrets: secrets.collect(), ..Surroundings::default() };
    let transport = scim_bridge::upstream::transport::HttpTransport::new().unwrap();
    let upstream = Upstream::new(&mapping.upstream, Some(url), surroundings, Arc::new(transport)).unwrap();

    let tenants = Arc::new(ArcSwap::from_pointee(Tenants::new([])));
    let address = "127.0.0.1:0".parse().unwrap();
    let metrics = Arc::new(Metrics::new());
    let server = Server::bind(address, Arc::clone(&tenants), Limits::default(), metrics).await.unwrap();
    let base = format!("http://{}/scim/v2", server.local_addr());
    let bridge = change(Bridge::new(&mapping, upstream, "test".to_owned(), base.clone()));
    tenants.store(Arc::new(Tenants::new([Tenant::new("test", "/scim/v2", &[Secret::new(TOKEN)], bridge)])));

    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async {
        let _ = stopped.await;
    };
    let server = tokio::spawn(server.run(shutdown, std::future::pending()));
    Served { scim: Client::new(&base, TOKEN), base, tenants, stop, server }
}

/// The demo's API with the bridge before it.
pub(crate) struct Running {
    /// The bridge.
    pub(crate) bridge: Served,
    /// A client of the API's own endpoints.
    pub(crate) api: Client,
    _stop_api: oneshot::Sender<()>,
}

/// The demo's API and its shipped mapping, on ports of their own.
pub(crate) async fn demo(seed: Seed) -> Running {
    let api = Api::bind("127.0.0.1:0".parse().unwrap(), seed).await.unwrap();
    let url = api.url();
    let (stop_api, stopped) = oneshot::channel::<()>();
    tokio::spawn(api.run(async {
        let _ = stopped.await;
    }));
    let bridge = serve(demo::MAPPING, &url, &[("staff_key", demo::api::KEY)]).await;
    Running { bridge, api: Client::with_header(&url, "X-Staff-Key", demo::api::KEY), _stop_api: stop_api }
}
