//! `scim-bridge run`: settings and mappings, then the listeners.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::task::JoinHandle;

use crate::cli::{CONFIGURATION, FAULTS, FINE, Terminal, output, serving, signals};
use crate::config::{AdminSettings, LogFormat};
use crate::http::admin::Admin;
use crate::http::networks::Networks;
use crate::http::tls::{Tls, TlsFiles};
use crate::http::{Drained, Engine, Observer, Readiness, Reloads, Server, Tenants};
use crate::mapping::diagnostic::{Diagnostic, Style, render};
use crate::mapping::source::Source;
use crate::secret::Fingerprint;
use crate::telemetry::Metrics;
use crate::telemetry::format::Format;
use crate::telemetry::log::init;
use crate::upstream::transport::HttpTransport;

mod fixed;
mod identity;
mod load;
mod reload;
mod site;

pub(super) use load::offered;
pub(super) use site::{Open, Site};

use fixed::Fixed;
use load::{Loaded, Refused, look};
use reload::Reloader;

/// What `run` can be told.
#[derive(Debug, clap::Args)]
pub(super) struct RunArguments {
    /// The settings
    #[arg(long, value_name = "FILE", default_value = "config.toml")]
    config: PathBuf,
    /// Let changed files change which record a SCIM id stands for: `id` rules, `key`, `hide`, the API's base URL
    #[arg(long)]
    allow_identity_change: bool,
}

/// What happens when files change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Changes {
    /// Nothing until the next start.
    Ignored,
    /// They are read; who is who stays as it is.
    Read,
    /// They are read, whatever they change.
    ReadAll,
}

/// Serves until a signal; gives the exit code.
pub(super) fn run(asked: &RunArguments, environment: &[(String, String)], terminal: Terminal) -> u8 {
    let changes = if asked.allow_identity_change { Changes::ReadAll } else { Changes::Read };
    serve_with((&asked.config, environment), terminal, (site::open, changes), None)
}

/// Serves tenants opened in some way, until a signal. Nothing is bound before everything is known to be usable.
pub(super) fn serve_with<E: Engine>(
    (config, environment): (&Path, &[(String, String)]),
    terminal: Terminal,
    (open, changes): (impl Open<E>, Changes),
    observer: Option<Arc<dyn Observer>>,
) -> u8 {
    let style = if terminal.stderr { Style::Coloured } else { Style::Plain };
    // Before the files are read: what changes meanwhile is seen later.
    let seen = look(config, environment);
    let loaded = match Loaded::read(config, environment) {
        Ok(loaded) => loaded,
        Err(Refused { found, sources, before }) => {
            if let Some((found, sources)) = &before {
                tell(found, sources, style);
            }
            tell(&found, &sources, style);
            return CONFIGURATION;
        }
    };
    for (found, sources) in &loaded.warnings {
        tell(found, sources, style);
    }
    let metrics = Arc::new(Metrics::new());
    let format = match loaded.settings.log.format {
        LogFormat::Text => Format::Text { colour: terminal.stderr },
        LogFormat::Auto if terminal.stderr => Format::Text { colour: true },
        LogFormat::Auto | LogFormat::Json => Format::Json,
    };
    let level = &loaded.settings.log.level;
    let log = init(format, level, metrics.log_lines_dropped.clone()).map_err(|error| error.to_string());
    let served = log.and_then(|log| {
        let start = Start { config: config.to_owned(), environment: environment.to_vec(), loaded, seen, changes };
        let served = serving::runtime()?.block_on(serve(start, metrics, open, observer));
        drop(log);
        served
    });
    match served {
        Ok(Drained { cut: 0 }) => FINE,
        Ok(Drained { .. }) => FAULTS,
        Err(error) => {
            output::words(&format!("error: {error}\n"));
            CONFIGURATION
        }
    }
}

/// Prints findings.
fn tell(found: &[Diagnostic], sources: &[Source], style: Style) {
    let sources: Vec<&Source> = sources.iter().collect();
    output::words(&render(found, &sources, style));
}

/// What a process starts with.
struct Start {
    config: PathBuf,
    environment: Vec<(String, String)>,
    loaded: Loaded,
    seen: Fingerprint,
    changes: Changes,
}

async fn serve<E: Engine>(
    start: Start,
    metrics: Arc<Metrics>,
    open: impl Open<E>,
    observer: Option<Arc<dyn Observer>>,
) -> Result<Drained, String> {
    let unwatched = |error| format!("signals cannot be watched: {error}");
    let (first, second) = signals::two().map_err(unwatched)?;
    let Start { config, environment, loaded: Loaded { settings, mappings, .. }, seen, changes } = start;
    let fixed = Fixed::of(&settings);
    let transport = Arc::new(HttpTransport::new()?);
    let (mut tenants, mut texts) = (Vec::new(), BTreeMap::new());
    for tenant in settings.tenants {
        let Some((mapping, source)) = mappings.get(&tenant.mapping) else { continue };
        texts.insert(tenant.name.clone(), source.clone());
        let (transport, server) = (Arc::clone(&transport), fixed.server());
        tenants.push(open(tenant, &Site { mapping, source, server, transport, earlier: None })?);
    }
    let tenants = Arc::new(ArcSwap::from_pointee(Tenants::new(tenants)));
    let reloads = Arc::new(Reloads::new());
    let listen = settings.server.listen;
    let server = Server::bind(listen, Arc::clone(&tenants), settings.server.limits, Arc::clone(&metrics)).await;
    let mut server = server.map_err(|error| format!("cannot listen on {listen}: {error}"))?;
    if let Some(observer) = observer {
        server = server.observed(observer);
    }
    server = guarded(server, settings.server.trusted_proxies, settings.server.tls)?;
    let hangups = (changes != Changes::Ignored).then(signals::Hangups::new).transpose().map_err(unwatched)?;
    tenants.load().tell_modes();
    tracing::info!(server.address = %server.local_addr(), listener = "scim", "listening");
    let (stop_admin, admin_stopped) = tokio::sync::oneshot::channel::<()>();
    let told = (server.readiness(), Arc::clone(&reloads));
    let shared = (Arc::clone(&tenants), Arc::clone(&metrics));
    let admin = administered(settings.admin, shared, told, admin_stopped).await?;
    let allows_identity_change = changes == Changes::ReadAll;
    let reloader = Reloader {
        config,
        environment,
        tenants,
        open,
        transport,
        fixed,
        texts,
        allows_identity_change,
        reloads,
        metrics,
        seen,
    };
    let watching = hangups.map(|hangups| tokio::spawn(reloader.watch(hangups)));
    let drained = server.run(first, second).await;
    watching.as_ref().inspect(|watching| JoinHandle::abort(watching));
    drop(stop_admin);
    if let Some(admin) = admin {
        let _ = admin.await;
    }
    Ok(drained)
}

/// The admin listener at work, where there is one: until the sender of `stopped` is gone.
async fn administered<E: Engine>(
    admin: Option<AdminSettings>,
    (tenants, metrics): (Arc<ArcSwap<Tenants<E>>>, Arc<Metrics>),
    told: (Readiness, Arc<Reloads>),
    stopped: tokio::sync::oneshot::Receiver<()>,
) -> Result<Option<JoinHandle<()>>, String> {
    let Some(AdminSettings { listen, token }) = admin else { return Ok(None) };
    let bound = Admin::bind(listen, token.as_ref(), tenants, metrics, told).await;
    let bound = bound.map_err(|error| format!("cannot listen on {listen}: {error}"))?;
    tracing::info!(server.address = %bound.local_addr(), listener = "admin", "listening");
    Ok(Some(tokio::spawn(bound.run(async {
        // A sender that is gone means the same.
        let _ = stopped.await;
    }))))
}

/// The server with whom it trusts, over TLS of its own where it has files for that.
fn guarded<E: Engine>(server: Server<E>, proxies: Networks, tls: Option<TlsFiles>) -> Result<Server<E>, String> {
    let server = server.trusting(proxies);
    match tls {
        Some(files) => Ok(server.over(Tls::open(files).map_err(|fault| fault.to_string())?)),
        None => Ok(server),
    }
}
