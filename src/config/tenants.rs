//! `[tenants]`: who is served where, with which tokens and secrets.

use std::collections::BTreeMap;

use crate::bridge::{Brake, BrakeSettings};
use crate::config::TenantSettings;
use crate::config::addresses;
use crate::config::callers::Callers;
use crate::config::jwt;
use crate::config::layers::{self, Layers, Reference, Tenant};
use crate::config::listeners::{networks, public_url};
use crate::config::reference::Resolver;
use crate::http::access::Access;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::secret::Secret;

/// The tenants without fault, by name.
pub(super) fn tenants(layers: &Layers, resolver: &Resolver<'_>, found: &mut Diagnostics) -> Vec<TenantSettings> {
    let tenants = &layers.values.tenants;
    if tenants.is_empty() {
        let help =
            "[tenants.acme]\nmapping = \"mappings/acme\"\npath = \"/scim/v2\"\ntokens = [{ env = \"OKTA_TOKEN\" }]";
        found.add(Code::E20, 0..0, "there is no tenant").help(help);
    }
    addresses::check(layers, found);
    let reader = Reader { layers, resolver };
    // A secret of `[secrets]` is resolved for every tenant, and a fault of it told once: findings of one place are joined.
    let settings = tenants.iter().filter_map(|(name, tenant)| reader.tenant(name, tenant, found)).collect();
    if tenants.is_empty() {
        reader.secrets("secrets", &layers.values.secrets, found);
    }
    settings
}

/// Reads tenants.
struct Reader<'r> {
    layers: &'r Layers,
    resolver: &'r Resolver<'r>,
}

impl Reader<'_> {
    /// One tenant.
    fn tenant(&self, name: &str, tenant: &Tenant, found: &mut Diagnostics) -> Option<TenantSettings> {
        let key = format!("tenants.{name}");
        let mapping = self.required(&key, "mapping", tenant.mapping.as_deref(), found);
        let path = self.required(&key, "path", tenant.path.as_deref(), found);
        let public_url = self.public_url(&key, tenant, found);
        let plans = self.plans(&key, name, tenant, found);
        let access = self.access(&key, name, tenant, found);
        let issuer = |jwt| jwt::issuer(&format!("{key}.jwt"), jwt, self.layers, found);
        let jwt = tenant.jwt.as_ref().map(issuer);
        self.check_url(&key, tenant.url.as_deref(), found);
        if tenant.vars.contains_key("name") {
            let message = "`{tenant.name}` is the tenant's name and cannot be a variable";
            self.layers.places.add(&format!("{key}.vars.name"), Code::E19, message, found);
        }
        let mut secrets = self.secrets(&format!("{key}.secrets"), &tenant.secrets, found);
        for (name, secret) in self.secrets("secrets", &self.layers.values.secrets, found) {
            secrets.entry(name).or_insert(secret);
        }
        Some(TenantSettings {
            name: name.to_owned(),
            mapping: self.resolver.folder.join(mapping?),
            path: path?.to_owned(),
            hosts: tenant.hosts.iter().map(|host| host.to_ascii_lowercase()).collect(),
            public_url,
            plans,
            access: access?,
            jwt: match jwt {
                Some(jwt) => Some(jwt?),
                None => None,
            },
            url: tenant.url.clone(),
            brake: brake(&self.layers.values.brake),
            variables: tenant.vars.clone(),
            secrets,
        })
    }

    /// What clients call this tenant, where it is not what they call the process.
    fn public_url(&self, key: &str, tenant: &Tenant, found: &mut Diagnostics) -> Option<String> {
        let url = tenant.public_url.as_deref()?;
        public_url(&format!("{key}.public_url"), url, self.layers, found)
    }

    /// Whether a tenant only plans. Whoever forgets it would wonder why nothing arrives.
    fn plans(&self, key: &str, name: &str, tenant: &Tenant, found: &mut Diagnostics) -> bool {
        let plans = tenant.mode.as_deref() == Some("plan");
        if plans {
            let message = format!("tenant `{name}` only plans: no change reaches its API");
            self.layers.places.add(&format!("{key}.mode"), Code::N95, message, found);
        }
        plans
    }

    /// A key that a tenant must have.
    fn required<'v>(
        &self,
        tenant: &str,
        key: &str,
        value: Option<&'v str>,
        found: &mut Diagnostics,
    ) -> Option<&'v str> {
        if value.is_none() {
            self.layers.places.add(tenant, Code::E20, format!("`{key}` is missing in [{tenant}]"), found);
        }
        value
    }

    /// Who may call: somebody must, and it must be clear from where.
    fn access(&self, key: &str, name: &str, tenant: &Tenant, found: &mut Diagnostics) -> Option<Access> {
        if tenant.tokens.is_empty() && tenant.basic.is_empty() && tenant.jwt.is_none() {
            let message = format!("tenant `{name}` has no token, so nobody could call it");
            let help = "tokens = [{ env = \"OKTA_TOKEN\" }]";
            self.layers.places.add(&format!("{key}.tokens"), Code::E20, message, found).help(help);
        }
        let networks_key = format!("{key}.networks");
        let networks = networks(&networks_key, &tenant.networks, self.layers, found);
        let server = &self.layers.values.server;
        if !tenant.networks.is_empty() && server.behind_proxy && server.trusted_proxies.is_empty() {
            let message = format!("behind a proxy, `networks` of tenant `{name}` sees only the proxy's address");
            let help = "name the proxy's networks in [server]: trusted_proxies = [\"10.0.0.0/8\"]";
            self.layers.places.add(&networks_key, Code::W46, message, found).help(help);
        }
        let mut callers = Callers::new(key, name, (self.layers, self.resolver));
        callers.tokens(&tenant.tokens, found);
        callers.users(&tenant.basic, found);
        Some(Access::new(callers.read, networks?))
    }

    /// A table of secrets.
    fn secrets(
        &self,
        key: &str,
        references: &BTreeMap<String, Reference>,
        found: &mut Diagnostics,
    ) -> BTreeMap<String, Secret> {
        let mut secrets = BTreeMap::new();
        for (name, reference) in references {
            let (key, what) = (format!("{key}.{name}"), format!("secret `{name}`"));
            if let Some(secret) = self.resolver.secret(&key, &what, reference, found) {
                secrets.insert(name.clone(), secret);
            }
        }
        secrets
    }

    /// Reports a `url` that is none; whether plain http is allowed, the mapping says.
    fn check_url(&self, key: &str, url: Option<&str>, found: &mut Diagnostics) {
        let fits = |text: &str| {
            url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        };
        if url.is_some_and(|text| !fits(text)) {
            let key = format!("{key}.url");
            self.layers.places.add(&key, Code::E22, format!("`{key}` must be an http or https URL"), found);
        }
    }
}

/// `[brake]`.
fn brake(brake: &layers::Brake) -> BrakeSettings {
    // The words were checked with the keys.
    let mode = |word: &str| match word {
        "off" => Brake::Off,
        "warn" => Brake::Warn,
        _ => Brake::Hold,
    };
    let (delete, deactivate) = (mode(&brake.delete), mode(&brake.deactivate));
    BrakeSettings { delete, deactivate, share: brake.share, least: brake.least }
}
