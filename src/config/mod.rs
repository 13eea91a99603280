//! Settings of the process: `config.toml`, layered with variables of the environment.
//!
//! The file is read twice on purpose. The `toml` crate reads it with places, so that every fault is shown at its line and
//! column; the `config` crate then puts defaults, file and environment on top of each other, which loses the places.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::bridge::BrakeSettings;
use crate::http::access::Access;
use crate::http::jwt::JwtSettings;
use crate::http::limits::Limits;
use crate::http::networks::Networks;
use crate::http::tls::TlsFiles;
use crate::mapping::diagnostic::{Diagnostic, Diagnostics};
use crate::mapping::scope::Surroundings;
use crate::mapping::source::{self, Source};
use crate::secret::Secret;

mod addresses;
mod callers;
mod environment;
pub mod fields;
mod jwt;
mod layers;
mod listeners;
mod masked;
mod places;
mod reference;
mod tenants;
mod tls;

use layers::Layers;
use reference::Resolver;

/// The settings of a process that is about to serve; every secret is resolved.
#[derive(Debug)]
pub struct Settings {
    /// The listener that identity providers call.
    pub server: ServerSettings,
    /// The listener for health and metrics, if any.
    pub admin: Option<AdminSettings>,
    /// Logging.
    pub log: LogSettings,
    /// The tenants, by name.
    pub tenants: Vec<TenantSettings>,
}

/// `[server]`.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// What clients call this process, without a final slash; a resource's location is this and the tenant's path.
    pub public_url: String,
    /// Whether something in front of this listener ends TLS.
    pub behind_proxy: bool,
    /// Whose `X-Forwarded-For` counts.
    pub trusted_proxies: Networks,
    /// The files of this listener's own TLS; `None`: it speaks plain HTTP.
    pub tls: Option<TlsFiles>,
    /// `[server.limits]`
    pub limits: Limits,
}

/// `[admin]`.
#[derive(Debug)]
pub struct AdminSettings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The bearer token for `/health` and `/metrics`; always there off loopback.
    pub token: Option<Secret>,
}

/// `[log]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// A level, or a list of `target=level`.
    pub level: String,
    /// The format of a line.
    pub format: LogFormat,
}

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, else JSON.
    Auto,
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// `[tenants.<name>]`.
#[derive(Debug)]
pub struct TenantSettings {
    /// The name: `{tenant.name}`.
    pub name: String,
    /// The folder that holds `mapping.toml`.
    pub mapping: PathBuf,
    /// Where the identity provider finds it: `/scim/v2`.
    pub path: String,
    /// The hosts that it is found under, in lower case; under any when there are none.
    pub hosts: Vec<String>,
    /// What clients call it before its path, where that is not what they call the process.
    pub public_url: Option<String>,
    /// Whether changes are planned, and none is made.
    pub plans: bool,
    /// Who may call now, and from where; of tokens and passwords only the hashes are kept.
    pub access: Access,
    /// The issuer whose tokens open it, too.
    pub jwt: Option<JwtSettings>,
    /// Replaces the mapping's `url`.
    pub url: Option<String>,
    /// When removals are too many.
    pub brake: BrakeSettings,
    /// `{tenant.x}`
    pub variables: BTreeMap<String, String>,
    /// `{secret.x}`: the tenant's own and, below them, those of `[secrets]`.
    pub secrets: BTreeMap<String, Secret>,
}

/// What the settings declare, for `check`.
#[derive(Debug)]
pub struct Declared {
    /// The tenants, by name.
    pub tenants: Vec<DeclaredTenant>,
}

/// A tenant as `check` needs it.
#[derive(Debug)]
pub struct DeclaredTenant {
    /// The name.
    pub name: String,
    /// The folder that holds `mapping.toml`.
    pub mapping: PathBuf,
    /// Replaces the mapping's `url`.
    pub url: Option<String>,
    /// The names that `{tenant.x}` may have, `name` among them.
    pub variables: BTreeSet<String>,
    /// The names that `{secret.x}` may have.
    pub secrets: BTreeSet<String>,
    /// What they stand for; a secret that is unset here is empty.
    pub surroundings: Surroundings,
}

impl Settings {
    /// Reads `path` and layers `environment` on it; gives the settings and the warnings.
    ///
    /// # Errors
    /// All faults at once, warnings among them. Secrets that are declared but unset are faults here.
    pub fn load(path: &Path, environment: &[(String, String)]) -> Result<(Self, Vec<Diagnostic>), Vec<Diagnostic>> {
        let (settings, found) = read(path, environment, false);
        match settings {
            Some(settings) if !found.has_errors() => Ok((settings, found.found)),
            Some(_) | None => Err(found.found),
        }
    }
}

impl Declared {
    /// Reads `path` and layers `environment` on it as [`Settings::load`] does, but needs no secret to be set: it checks what can
    /// be checked where the settings are written.
    ///
    /// # Errors
    /// All faults at once, warnings among them.
    pub fn load(path: &Path, environment: &[(String, String)]) -> Result<(Self, Vec<Diagnostic>), Vec<Diagnostic>> {
        let (settings, found) = read(path, environment, true);
        match settings {
            Some(settings) if !found.has_errors() => Ok((Self::of(settings), found.found)),
            Some(_) | None => Err(found.found),
        }
    }

    /// The names in settings whose secrets may be placeholders.
    fn of(settings: Settings) -> Self {
        let tenant = |tenant: TenantSettings| DeclaredTenant {
            name: tenant.name.clone(),
            mapping: tenant.mapping,
            url: tenant.url,
            variables: tenant.variables.keys().cloned().chain(["name".to_owned()]).collect(),
            secrets: tenant.secrets.keys().cloned().collect(),
            surroundings: Surroundings { tenant: tenant.name, variables: tenant.variables, secrets: tenant.secrets },
        };
        Self { tenants: settings.tenants.into_iter().map(tenant).collect() }
    }
}

/// The file as findings may show it: what could be a secret is masked, places stay what they are. `None` where it cannot be read.
pub fn shown(path: &Path) -> Option<Source> {
    let source = Source::read(path).ok()?;
    Some(Source { text: masked::masked(&source.text), path: source.path })
}

/// Reads the settings; `None` where not even their shape is clear. With `unset_is_fine`, secrets without a value are empty.
fn read(path: &Path, environment: &[(String, String)], unset_is_fine: bool) -> (Option<Settings>, Diagnostics) {
    let mut found = Diagnostics::new(path.display().to_string());
    let settings = match Source::read(path) {
        Ok(source) => {
            source::warn_if_world_writable(path, &mut found);
            Layers::read(&source, environment, &mut found).map(|layers| {
                let folder = path.parent().unwrap_or(Path::new(""));
                let resolver = Resolver { folder, environment, places: &layers.places, unset_is_fine };
                assemble(&layers, &resolver, &mut found)
            })
        }
        Err(mut fault) => {
            if !path.exists() {
                fault.help("`scim-bridge init` prints the first settings");
            }
            found.found.push(*fault);
            None
        }
    };
    found.sort();
    (settings.flatten(), found)
}

/// Checks what the layers say together and resolves the secrets.
fn assemble(layers: &Layers, resolver: &Resolver<'_>, found: &mut Diagnostics) -> Option<Settings> {
    let server = listeners::server(layers, resolver, found);
    let admin = listeners::admin(layers, resolver, found);
    let log = listeners::log(layers, found);
    let tenants = tenants::tenants(layers, resolver, found);
    Some(Settings { server: server?, admin: admin?, log: log?, tenants })
}

#[cfg(test)]
mod tests;
