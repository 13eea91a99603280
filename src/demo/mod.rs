//! `scim-bridge demo`: a legacy user API in memory and the bridge before it, in one process.
//!
//! Nothing is special about the bridge here: it reads the shipped `mappings/demo/mapping.toml` and calls the API over a
//! real socket, as it would call anybody's. What it calls is printed below every SCIM request.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::bridge::Bridge;
use crate::http::{Finished, Limits, Observer, Server, Tenant, Tenants};
use crate::mapping::compile;
use crate::mapping::diagnostic::{self, Diagnostics};
use crate::mapping::scope::Surroundings;
use crate::mapping::source::Source;
use crate::secret::Secret;
use crate::telemetry::Metrics;
use crate::upstream::Upstream;
use crate::upstream::transport::HttpTransport;

pub mod api;
mod greeting;
mod report;

pub use api::{Api, Seed};

/// The mapping of the demo's API, as it is shipped.
pub const MAPPING: &str = include_str!("../../mappings/demo/mapping.toml");

/// The path before `/Users`.
const PATH: &str = "/scim/v2";
/// Characters of a token that the demo makes.
const TOKEN_LENGTH: usize = 32;
/// Characters that a token given must have at least.
const MIN_TOKEN_LENGTH: usize = 16;

/// What the demo is asked for.
#[derive(Debug)]
pub struct Options {
    /// Where SCIM is served; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the API is served; port 0 takes a free one.
    pub api_listen: SocketAddr,
    /// The bearer token; without it one is made and printed.
    pub token: Option<Secret>,
    /// What the API holds at the start.
    pub seed: Seed,
}

/// The API and the bridge, bound and not yet serving.
pub struct Demo {
    api: Api,
    server: Server,
    token: Secret,
    is_own_token: bool,
    seed: Seed,
}

impl Demo {
    /// Binds both listeners and loads the mapping.
    ///
    /// # Errors
    /// One sentence: an address that cannot be had, a token that is too short.
    pub async fn bind(options: Options) -> Result<Self, String> {
        let Options { listen, api_listen, token, seed } = options;
        let is_own_token = token.is_none();
        let token = match token {
            Some(token) => token_fault(&token).map_or(Ok(token), Err)?,
            None => Secret::new(random_token()?),
        };
        let api = Api::bind(api_listen, seed).await;
        let api = api.map_err(|error| format!("cannot listen on {api_listen}: {error}"))?;
        let tenants = Arc::new(ArcSwap::from_pointee(Tenants::new([])));
        let server = Server::bind(listen, Arc::clone(&tenants), Limits::default(), Arc::new(Metrics::new())).await;
        let server = server.map_err(|error| format!("cannot listen on {listen}: {error}"))?;
        // The bridge puts its own URL into `meta.location`, so it is made once the port is known.
        let bridge = bridge(&api, base(server.local_addr()))?;
        tenants.store(Arc::new(Tenants::new([Tenant::new("demo", PATH, std::slice::from_ref(&token), bridge)])));
        Ok(Self { api, server, token, is_own_token, seed })
    }

    /// The SCIM base URL.
    pub fn base(&self) -> String {
        base(self.server.local_addr())
    }

    /// The base URL of the API.
    pub fn api_url(&self) -> String {
        self.api.url()
    }

    /// The bearer token.
    pub fn token(&self) -> &Secret {
        &self.token
    }

    /// Where to reach it and what to try first, as lines for a terminal. A token that the caller brought is not shown.
    pub fn greeting(&self) -> String {
        let token = self.is_own_token.then(|| self.token.reveal());
        greeting::greeting(&self.base(), &self.api.url(), token, self.seed)
    }

    /// Serves until `shutdown`; open operations end first, unless `abort` comes. Every request goes to `output`, with
    /// the upstream calls that it caused.
    pub async fn serve(
        self,
        shutdown: impl Future<Output = ()>,
        abort: impl Future<Output = ()>,
        output: impl Fn(&str) + Send + Sync + 'static,
    ) {
        let (stop_api, api_stopped) = tokio::sync::oneshot::channel::<()>();
        let api = tokio::spawn(self.api.run(async {
            // A sender that is gone means the same.
            let _ = api_stopped.await;
        }));
        self.server.observed(Arc::new(Printer(output))).run(shutdown, abort).await;
        // The API goes last: the bridge's open operations still need it.
        drop(stop_api);
        let _ = api.await;
    }
}

/// What is wrong with a token that somebody brings.
pub fn token_fault(token: &Secret) -> Option<String> {
    let is_short = token.reveal().trim().len() < MIN_TOKEN_LENGTH;
    is_short.then(|| format!("`--token` must have {MIN_TOKEN_LENGTH} characters or more"))
}

/// The demo from its first line to its end.
///
/// # Errors
/// See [`Demo::bind`].
pub async fn run(
    options: Options,
    shutdown: impl Future<Output = ()>,
    abort: impl Future<Output = ()>,
    output: impl Fn(&str) + Send + Sync + 'static,
) -> Result<(), String> {
    let demo = Demo::bind(options).await?;
    output(&demo.greeting());
    demo.serve(shutdown, abort, output).await;
    Ok(())
}

fn base(address: SocketAddr) -> String {
    format!("http://{address}{PATH}")
}

/// The bridge over the API, by the shipped mapping.
fn bridge(api: &Api, location: String) -> Result<Bridge, String> {
    let source = Source::new("mappings/demo/mapping.toml", MAPPING);
    let mut found = Diagnostics::new(&source.path);
    let mapping = compile::load(&source, &mut found)
        .ok_or_else(|| diagnostic::render(&found.found, &[&source], diagnostic::Style::Plain))?;
    let surroundings = Surroundings {
        tenant: "demo".to_owned(),
        secrets: [("staff_key".to_owned(), Secret::new(api::KEY))].into(),
        ..Surroundings::default()
    };
    let upstream = Upstream::new(&mapping.upstream, Some(&api.url()), surroundings, Arc::new(HttpTransport::new()?))?;
    Ok(Bridge::new(&mapping, upstream, "demo".to_owned(), location))
}

/// Random letters and digits. That 62 does not divide 256 costs less than a bit of the 190.
fn random_token() -> Result<String, String> {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut bytes = [0; TOKEN_LENGTH];
    getrandom::fill(&mut bytes).map_err(|error| format!("no random numbers: {error}"))?;
    Ok(bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 62)])).collect())
}

/// Prints every finished request.
struct Printer<F>(F);

impl<F: Fn(&str) + Send + Sync> Observer for Printer<F> {
    fn finished(&self, request: &Finished<'_>) {
        let target = request.target.strip_prefix(PATH).unwrap_or(request.target);
        let mut lines = report::request_line(request.method, target, request.status, request.took);
        for call in request.trace.recorded() {
            lines.push('\n');
            lines.push_str(&report::call_line(&call));
        }
        (self.0)(&lines);
    }
}
