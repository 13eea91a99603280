//! `scim-bridge run`: settings and mappings, then the listeners.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::bridge::Bridge;
use crate::cli::check::{self, MAPPING_FILE};
use crate::cli::{CONFIGURATION, FAULTS, FINE, Terminal, output, serving, signals};
use crate::config::{self, LogFormat, ServerSettings, Settings, TenantSettings};
use crate::http::admin::Admin;
use crate::http::tls::Tls;
use crate::http::{Drained, Engine, Observer, Server, Tenant, Tenants};
use crate::mapping::Mapping;
use crate::mapping::check::{Offer, against_settings};
use crate::mapping::diagnostic::{Diagnostic, Diagnostics, Severity, Style, render};
use crate::mapping::scope::Surroundings;
use crate::mapping::source::Source;
use crate::telemetry::Metrics;
use crate::telemetry::format::Format;
use crate::telemetry::log::init;
use crate::upstream::Upstream;
use crate::upstream::transport::HttpTransport;

/// Serves until a signal; gives the exit code.
pub(super) fn run(config: &Path, environment: &[(String, String)], terminal: Terminal) -> u8 {
    serve_with((config, environment), terminal, open, None)
}

/// Opens a tenant: its settings, its mapping with the file, the public URL, the way to the network.
pub(super) trait Open<E: Engine>:
    Fn(TenantSettings, &(Mapping, Source), &ServerSettings, Arc<HttpTransport>) -> Result<Tenant<E>, String>
{
}

impl<E: Engine, F> Open<E> for F where
    F: Fn(TenantSettings, &(Mapping, Source), &ServerSettings, Arc<HttpTransport>) -> Result<Tenant<E>, String>
{
}

/// Serves tenants opened in some way, until a signal. Nothing is bound before everything is known to be usable.
pub(super) fn serve_with<E: Engine>(
    (config, environment): (&Path, &[(String, String)]),
    terminal: Terminal,
    open: impl Open<E>,
    observer: Option<Arc<dyn Observer>>,
) -> u8 {
    let style = if terminal.stderr { Style::Coloured } else { Style::Plain };
    let shown: Vec<Source> = config::shown(config).into_iter().collect();
    let (settings, warnings) = match Settings::load(config, environment) {
        Ok(loaded) => loaded,
        Err(found) => return refuse(&found, &shown, style),
    };
    tell(&warnings, &shown, style);
    let mappings = match Mappings::load(&settings, config) {
        Ok(mappings) => mappings,
        Err((found, sources)) => return refuse(&found, &sources, style),
    };
    tell(&mappings.warnings, &mappings.sources, style);
    let metrics = Arc::new(Metrics::new());
    let format = match settings.log.format {
        LogFormat::Text => Format::Text { colour: terminal.stderr },
        LogFormat::Auto if terminal.stderr => Format::Text { colour: true },
        LogFormat::Auto | LogFormat::Json => Format::Json,
    };
    let log = init(format, &settings.log.level, metrics.log_lines_dropped.clone()).map_err(|error| error.to_string());
    let served = log.and_then(|log| {
        let served = serving::runtime()?.block_on(serve((settings, &mappings.by_folder), metrics, open, observer));
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

/// Prints findings that do not stop the start.
fn tell(found: &[Diagnostic], sources: &[Source], style: Style) {
    let sources: Vec<&Source> = sources.iter().collect();
    output::words(&render(found, &sources, style));
}

fn refuse(found: &[Diagnostic], sources: &[Source], style: Style) -> u8 {
    tell(found, sources, style);
    CONFIGURATION
}

/// The mappings of all tenants; each folder is read once.
struct Mappings {
    by_folder: BTreeMap<PathBuf, (Mapping, Source)>,
    warnings: Vec<Diagnostic>,
    sources: Vec<Source>,
}

impl Mappings {
    /// # Errors
    /// All findings, if one of them is an error.
    fn load(settings: &Settings, config: &Path) -> Result<Self, (Vec<Diagnostic>, Vec<Source>)> {
        let mut loaded = Self { by_folder: BTreeMap::new(), warnings: Vec::new(), sources: Vec::new() };
        for tenant in &settings.tenants {
            let path = tenant.mapping.join(MAPPING_FILE);
            let mut found = Diagnostics::new(path.display().to_string());
            if !loaded.by_folder.contains_key(&tenant.mapping)
                && let Some(mapping) = check::read(&path, &mut found, &mut loaded.sources)
                && let Some(source) = loaded.sources.last()
            {
                loaded.by_folder.insert(tenant.mapping.clone(), (mapping, source.clone()));
            }
            if let Some((mapping, _)) = loaded.by_folder.get(&tenant.mapping) {
                offered(tenant, config, |offer| against_settings(mapping, Some(offer), &mut found));
            }
            loaded.warnings.append(&mut found.found);
        }
        if loaded.warnings.iter().any(|finding| finding.code.severity() == Severity::Error) {
            return Err((loaded.warnings, loaded.sources));
        }
        Ok(loaded)
    }
}

/// What a tenant's settings offer to its mapping.
pub(super) fn offered(tenant: &TenantSettings, config: &Path, ask: impl FnOnce(&Offer<'_>)) {
    let secrets = tenant.secrets.keys().cloned().collect();
    let variables = tenant.variables.keys().cloned().chain(["name".to_owned()]).collect();
    let settings = config.display().to_string();
    ask(&Offer { tenant: &tenant.name, settings: &settings, secrets: &secrets, variables: &variables, store: false });
}

async fn serve<E: Engine>(
    (settings, mappings): (Settings, &BTreeMap<PathBuf, (Mapping, Source)>),
    metrics: Arc<Metrics>,
    open: impl Open<E>,
    observer: Option<Arc<dyn Observer>>,
) -> Result<Drained, String> {
    let (first, second) = signals::two().map_err(|error| format!("signals cannot be watched: {error}"))?;
    let transport = Arc::new(HttpTransport::new()?);
    let mut tenants = Vec::new();
    for tenant in settings.tenants {
        let Some(mapping) = mappings.get(&tenant.mapping) else { continue };
        tenants.push(open(tenant, mapping, &settings.server, Arc::clone(&transport))?);
    }
    let tenants = Arc::new(ArcSwap::from_pointee(Tenants::new(tenants)));
    let listen = settings.server.listen;
    let server = Server::bind(listen, Arc::clone(&tenants), settings.server.limits, Arc::clone(&metrics)).await;
    let mut server = server.map_err(|error| format!("cannot listen on {listen}: {error}"))?;
    if let Some(observer) = observer {
        server = server.observed(observer);
    }
    server = server.trusting(settings.server.trusted_proxies);
    if let Some(files) = settings.server.tls {
        server = server.over(Tls::open(files).map_err(|fault| fault.to_string())?);
    }
    tracing::info!(server.address = %server.local_addr(), listener = "scim", "listening");
    let (stop_admin, admin_stopped) = tokio::sync::oneshot::channel::<()>();
    let admin = match settings.admin {
        None => None,
        Some(admin) => {
            let ready = server.readiness();
            let bound = Admin::bind(admin.listen, admin.token.as_ref(), tenants, metrics, ready).await;
            let bound = bound.map_err(|error| format!("cannot listen on {}: {error}", admin.listen))?;
            tracing::info!(server.address = %bound.local_addr(), listener = "admin", "listening");
            Some(tokio::spawn(bound.run(async {
                // A sender that is gone means the same.
                let _ = admin_stopped.await;
            })))
        }
    };
    let drained = server.run(first, second).await;
    drop(stop_admin);
    if let Some(admin) = admin {
        let _ = admin.await;
    }
    Ok(drained)
}

/// A tenant with its upstream and its bridge.
fn open(
    tenant: TenantSettings,
    (mapping, _): &(Mapping, Source),
    server: &ServerSettings,
    transport: Arc<HttpTransport>,
) -> Result<Tenant, String> {
    let TenantSettings { name, path, access, url, variables, secrets, mapping: folder, brake } = tenant;
    let surroundings = Surroundings { tenant: name.clone(), variables, secrets };
    let transport = transport.for_upstream(&mapping.upstream, url.as_deref(), &folder, &surroundings);
    let transport = transport.map_err(|error| format!("tenant `{name}`: {error}"))?;
    let upstream = Upstream::new(&mapping.upstream, url.as_deref(), surroundings, transport);
    let upstream = upstream.map_err(|error| format!("tenant `{name}`: {error}"))?;
    let ServerSettings { public_url, limits, .. } = server;
    let bridge = Bridge::new(mapping, upstream, name.clone(), format!("{public_url}{path}"));
    let bridge = bridge.announcing(limits.bulk).braked(brake);
    Ok(Tenant::new(&name, &path, access, bridge))
}
