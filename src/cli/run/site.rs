//! A tenant where it is to be served: its mapping, its way to the network, and the one before it.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::bridge::Bridge;
use crate::config::{ServerSettings, TenantSettings};
use crate::http::jwt::{Issuer, JwtSettings};
use crate::http::{Access, Edition, Engine, Tenant};
use crate::mapping::Mapping;
use crate::mapping::scope::Surroundings;
use crate::mapping::source::Source;
use crate::secret::Fingerprint;
use crate::upstream::Upstream;
use crate::upstream::transport::{HttpTransport, connection_files};
use crate::value::hex;

/// What a tenant is opened with, beside its settings.
pub(in crate::cli) struct Site<'a, E> {
    /// The mapping.
    pub(in crate::cli) mapping: &'a Mapping,
    /// Its file.
    pub(in crate::cli) source: &'a Source,
    /// The listener's settings.
    pub(in crate::cli) server: &'a ServerSettings,
    /// The connections that all tenants share.
    pub(in crate::cli) transport: Arc<HttpTransport>,
    /// The tenant of this name that is served so far.
    pub(in crate::cli) earlier: Option<&'a Tenant<E>>,
}

/// Opens a tenant, or says in one sentence why it cannot be.
pub(in crate::cli) trait Open<E: Engine>:
    Fn(TenantSettings, &Site<'_, E>) -> Result<Tenant<E>, String> + Send + 'static
{
}

impl<E: Engine, F> Open<E> for F where F: Fn(TenantSettings, &Site<'_, E>) -> Result<Tenant<E>, String> + Send + 'static {}

/// A tenant with its upstream and its bridge.
pub(super) fn open(tenant: TenantSettings, site: &Site<'_, Bridge>) -> Result<Tenant, String> {
    let TenantSettings {
        name,
        path,
        hosts,
        public_url,
        plans,
        access,
        jwt,
        url,
        variables,
        secrets,
        mapping: folder,
        brake,
    } = tenant;
    let settings = &site.mapping.upstream;
    let access = site.admitting(&name, access, jwt);
    let surroundings = Surroundings { tenant: name.clone(), variables, secrets };
    let said = |error: String| format!("tenant `{name}`: {error}");
    let transport = Arc::clone(&site.transport).for_upstream(settings, url.as_deref(), &folder, &surroundings);
    let seal = seal(site, url.as_deref(), &folder, &surroundings);
    let upstream = Upstream::new(settings, url.as_deref(), surroundings, transport.map_err(said)?);
    let upstream = upstream.map_err(said)?.sealed(seal);
    let mut bridge = Bridge::new(site.mapping, upstream, name.clone(), site.location(public_url.as_deref(), &path));
    bridge = bridge.announcing(site.server.limits.bulk).braked(brake).planning(plans);
    let edition = site.edition();
    if let Some(earlier) = site.earlier {
        bridge = bridge.taking_over(&earlier.engine, earlier.edition.version == edition.version);
    }
    let is_same_upstream = site.earlier.filter(|earlier| earlier.engine.upstream().url() == bridge.upstream().url());
    let tenant = Tenant::new(&name, &path, access, bridge).under(hosts).of(edition);
    Ok(match is_same_upstream {
        Some(earlier) => tenant.following(earlier),
        None => tenant,
    })
}

impl<E> Site<'_, E> {
    /// Who may call: those that the settings name, and whoever brings a token of the issuer.
    pub(in crate::cli) fn admitting(&self, tenant: &str, access: Access, jwt: Option<JwtSettings>) -> Access {
        let Some(settings) = jwt else { return access };
        let earlier = self.earlier.and_then(|earlier| earlier.access.issuer());
        let transport = Arc::<HttpTransport>::clone(&self.transport);
        access.issued_by(Issuer::open(tenant, settings, transport, earlier))
    }

    /// The URL below which a tenant's resources are: never one that a request names.
    pub(in crate::cli) fn location(&self, public_url: Option<&str>, path: &str) -> String {
        format!("{}{path}", public_url.unwrap_or(&self.server.public_url))
    }

    /// Which mapping this is: the earlier one, where its text is the same.
    fn edition(&self) -> Edition {
        let version = hex(&Sha256::digest(&self.source.text)[..6]);
        let earlier = self.earlier.map(|earlier| &earlier.edition);
        match earlier.filter(|earlier| earlier.version == version) {
            Some(earlier) => earlier.clone(),
            None => Edition { version, loaded: Some(Timestamp::now()) },
        }
    }
}

/// What a session and connections depend on: `[upstream]` without its limits, what fills it, and its certificates.
fn seal<E>(site: &Site<'_, E>, url: Option<&str>, folder: &Path, surroundings: &Surroundings) -> Fingerprint {
    let mut table = table(site.source, "upstream").unwrap_or_default();
    table.remove("limits");
    let mut whole = Sha256::new();
    let mut add = |bytes: &[u8]| {
        whole.update((bytes.len() as u64).to_be_bytes());
        whole.update(bytes);
    };
    add(table.to_string().as_bytes());
    add(url.unwrap_or_default().as_bytes());
    for (name, value) in &surroundings.variables {
        add(name.as_bytes());
        add(value.as_bytes());
    }
    for (name, secret) in &surroundings.secrets {
        add(name.as_bytes());
        add(secret.reveal().as_bytes());
    }
    for file in connection_files(&site.mapping.upstream, folder, surroundings) {
        add(&file);
    }
    Fingerprint::of(&whole.finalize())
}

/// A table of a mapping's text, without its places.
pub(super) fn table(source: &Source, name: &str) -> Option<toml::Table> {
    let mut whole: toml::Table = toml::from_str(&source.text).ok()?;
    match whole.remove(name) {
        Some(toml::Value::Table(table)) => Some(table),
        Some(_) | None => None,
    }
}
