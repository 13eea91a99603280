//! Who is served under which path.

use std::collections::HashMap;
use std::sync::Arc;

use crate::bridge::{Bridge, Discovery};
use crate::http::access::Access;
use crate::http::engine::Engine;
use crate::http::route::Place;
use crate::http::watched::UpstreamState;
use crate::telemetry::metrics::Label;
use crate::upstream::Upstream;

/// One tenant: a path, who may call it, and the engine behind it.
#[derive(Debug)]
pub struct Tenant<E = Bridge> {
    /// The name, as log and metrics carry it.
    pub name: Label,
    /// The path before `/Users`: `/scim/v2`, without a slash at its end.
    pub path: String,
    /// The hosts that it is found under, in lower case; under any when there are none.
    pub hosts: Vec<String>,
    /// Who may call now.
    pub access: Access,
    /// Who carries the operations out.
    pub engine: E,
    /// How the last operations that called the upstream ended.
    pub upstream: Arc<UpstreamState>,
    /// Which mapping it is served by.
    pub edition: Edition,
    types: Vec<TypePaths>,
    search: Label,
    bulk: Label,
    discovery: DiscoveryPaths,
}

/// A mapping as it was loaded.
#[derive(Clone, Debug, Default)]
pub struct Edition {
    /// The first 12 hex digits of its text's SHA-256; empty where nobody said.
    pub version: String,
    /// When this version was loaded first.
    pub loaded: Option<jiff::Timestamp>,
}

#[derive(Debug)]
struct TypePaths {
    endpoint: String,
    collection: Label,
    resource: Label,
    search: Label,
}

#[derive(Debug)]
struct DiscoveryPaths {
    service_provider_config: Label,
    resource_types: Label,
    resource_type: Label,
    schemas: Label,
    schema: Label,
}

impl<E: Engine> Tenant<E> {
    /// A tenant; `path` is `/scim/v2` or alike. `access` may be a list of bearer tokens.
    pub fn new(name: &str, path: &str, access: impl Into<Access>, engine: E) -> Self {
        let types = engine
            .endpoints()
            .into_iter()
            .map(|endpoint| TypePaths {
                collection: Label::new(&endpoint),
                resource: Label::new(&format!("{endpoint}/{{id}}")),
                search: Label::new(&format!("{endpoint}/.search")),
                endpoint,
            })
            .collect();
        Self {
            name: Label::new(name),
            path: path.trim_end_matches('/').to_owned(),
            hosts: Vec::new(),
            access: access.into(),
            engine,
            upstream: Arc::default(),
            edition: Edition::default(),
            types,
            search: Label::new("/.search"),
            bulk: Label::new("/Bulk"),
            discovery: DiscoveryPaths {
                service_provider_config: Label::new("/ServiceProviderConfig"),
                resource_types: Label::new("/ResourceTypes"),
                resource_type: Label::new("/ResourceTypes/{name}"),
                schemas: Label::new("/Schemas"),
                schema: Label::new("/Schemas/{urn}"),
            },
        }
    }

    /// The same tenant, found under these hosts alone; under any when there are none.
    #[must_use]
    pub fn under(self, hosts: Vec<String>) -> Self {
        Self { hosts, ..self }
    }

    /// Whether it is found under a host, which may be none at all.
    fn is_under(&self, host: Option<&str>) -> bool {
        self.hosts.is_empty() || host.is_some_and(|host| self.hosts.iter().any(|own| own.eq_ignore_ascii_case(host)))
    }

    /// The same tenant, served by this edition of its mapping.
    #[must_use]
    pub fn of(self, edition: Edition) -> Self {
        Self { edition, ..self }
    }

    /// The same tenant in the place of an earlier one over the same upstream: what was seen of that is still known.
    #[must_use]
    pub fn following(self, earlier: &Self) -> Self {
        Self { upstream: Arc::clone(&earlier.upstream), ..self }
    }

    /// Whether no change reaches the upstream.
    pub fn plans(&self) -> bool {
        self.engine.upstream().is_some_and(Upstream::plans)
    }

    /// The index of the resource type with this endpoint, exact spelling.
    pub fn kind(&self, endpoint: &str) -> Option<usize> {
        self.types.iter().position(|paths| paths.endpoint == endpoint)
    }

    /// The endpoint of the type with this index, as log and metrics carry it.
    pub fn endpoint(&self, kind: usize) -> Option<&Label> {
        self.types.get(kind).map(|paths| &paths.collection)
    }

    /// Whether the type's resources are groups, whose bodies may be larger.
    pub fn is_group(&self, kind: usize) -> bool {
        self.types.get(kind).is_some_and(|paths| paths.endpoint == "/Groups")
    }

    /// The place's path without ids; `None` when it is not one of ours.
    pub fn template(&self, place: &Place<'_>) -> Option<&Label> {
        match place {
            Place::Collection(kind) => self.types.get(*kind).map(|paths| &paths.collection),
            Place::Resource(kind, _) => self.types.get(*kind).map(|paths| &paths.resource),
            Place::Discovery(Discovery::ServiceProviderConfig) => Some(&self.discovery.service_provider_config),
            Place::Discovery(Discovery::ResourceTypes) => Some(&self.discovery.resource_types),
            Place::Discovery(Discovery::ResourceType(_)) => Some(&self.discovery.resource_type),
            Place::Discovery(Discovery::Schemas) => Some(&self.discovery.schemas),
            Place::Discovery(Discovery::Schema(_)) => Some(&self.discovery.schema),
            Place::Search(Some(kind)) => self.types.get(*kind).map(|paths| &paths.search),
            Place::Search(None) => Some(&self.search),
            Place::Bulk => Some(&self.bulk),
            Place::Unsupported(_) => None,
        }
    }
}

/// All tenants, found by host and path.
#[derive(Debug)]
pub struct Tenants<E = Bridge> {
    by_path: HashMap<String, Vec<Arc<Tenant<E>>>>,
    /// Bytes of the longest path.
    longest: usize,
}

impl<E: Engine> Tenants<E> {
    /// The tenants; no path may be another's beginning, unless the hosts tell them apart (the settings see to that).
    pub fn new(tenants: impl IntoIterator<Item = Tenant<E>>) -> Self {
        let mut by_path: HashMap<String, Vec<Arc<Tenant<E>>>> = HashMap::new();
        for tenant in tenants {
            by_path.entry(tenant.path.clone()).or_default().push(Arc::new(tenant));
        }
        let longest = by_path.keys().map(String::len).max().unwrap_or(0);
        Self { by_path, longest }
    }

    /// The tenant under `host` whose path begins `path`, and the rest of `path`: empty, or from a slash on.
    pub fn find<'p>(&self, host: Option<&str>, path: &'p str) -> Option<(&Arc<Tenant<E>>, &'p str)> {
        self.ends(path).map(|end| path.split_at(end)).find_map(|(front, rest)| {
            let tenant = self.by_path.get(front)?.iter().find(|tenant| tenant.is_under(host))?;
            Some((tenant, rest))
        })
    }

    /// Where a tenant's path may end in `path`. None is sought beyond the longest: a long path of slashes alone would else
    /// cost a look-up of all that stands before each of them, and that without a token.
    fn ends(&self, path: &str) -> impl Iterator<Item = usize> {
        let slashes = path.match_indices('/').map(|(end, _)| end);
        slashes.chain([path.len()]).take_while(|end| *end <= self.longest)
    }

    /// The tenant of this name.
    pub fn named(&self, name: &str) -> Option<&Arc<Tenant<E>>> {
        self.by_path.values().flatten().find(|tenant| tenant.name.as_str() == name)
    }

    /// Says in the log which tenants only plan: whoever forgets it would wonder why nothing arrives.
    pub fn tell_modes(&self) {
        for tenant in self.sorted().into_iter().filter(|tenant| tenant.plans()) {
            tracing::warn!(
                tenant = tenant.name.as_str(),
                mode = "plan",
                "no change reaches the API: changes are planned"
            );
        }
    }

    /// The tenants, by name.
    pub fn sorted(&self) -> Vec<&Arc<Tenant<E>>> {
        let mut tenants: Vec<_> = self.by_path.values().flatten().collect();
        tenants.sort_by(|one, other| one.name.as_str().cmp(other.name.as_str()));
        tenants
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bridge::{Error, Operation, Reply};
    use crate::telemetry::Trace;

    struct Nothing;

    impl Engine for Nothing {
        fn endpoints(&self) -> Vec<String> {
            vec!["/Users".to_owned()]
        }
        fn deadline(&self) -> std::time::Duration {
            std::time::Duration::from_secs(45)
        }
        fn location(&self, _: usize, _: &str) -> String {
            String::new()
        }
        async fn run(&self, _: Operation, _: Arc<Trace>, _: Option<tokio::time::Instant>) -> Result<Reply, Error> {
            Ok(Reply { status: 204, location: None, version: None, body: bytes::Bytes::new() })
        }
    }

    fn tenants(paths: &[&str]) -> Tenants<Nothing> {
        Tenants::new(paths.iter().map(|path| Tenant::new(path, path, Access::default(), Nothing)))
    }

    #[test]
    fn a_tenant_is_found_by_the_whole_segments_of_its_path() {
        let several = tenants(&["/scim/v2", "/acme/scim/v2/"]);
        let cases = [
            ("with a type", "/scim/v2/Users", Some(("/scim/v2", "/Users"))),
            ("with an id", "/acme/scim/v2/Users/1", Some(("/acme/scim/v2/", "/Users/1"))),
            ("alone", "/scim/v2", Some(("/scim/v2", ""))),
            ("with a slash", "/scim/v2/", Some(("/scim/v2", "/"))),
            ("a longer segment", "/scim/v22/Users", None),
            ("a shorter path", "/scim", None),
            ("another beginning", "/x/scim/v2/Users", None),
            ("nothing", "", None),
            ("a star", "*", None),
        ];
        for (name, path, want) in cases {
            let found = several.find(None, path).map(|(tenant, rest)| (tenant.name.as_str(), rest));
            assert_eq!(found, want, "{name}");
        }
        assert_eq!(tenants(&["/"]).find(None, "/Users").map(|(_, rest)| rest), Some("/Users"), "a tenant at the root");
    }

    #[test]
    fn one_path_is_several_tenants_under_their_hosts() {
        let tenant = |name: &str, path: &str, hosts: &[&str]| {
            let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
            Tenant::new(name, path, Access::default(), Nothing).under(hosts)
        };
        let tenants = Tenants::new([
            tenant("acme", "/scim", &["acme.example", "acme.test"]),
            tenant("globex", "/scim", &["globex.example"]),
            tenant("within", "/scim/v2", &["initech.example"]),
            tenant("any", "/any", &[]),
        ]);
        let cases = [
            ("the first", Some("acme.example"), "/scim/Users", Some("acme")),
            ("its other host", Some("ACME.Test"), "/scim/Users", Some("acme")),
            ("the second", Some("globex.example"), "/scim/Users", Some("globex")),
            ("a path within another's", Some("initech.example"), "/scim/v2/Users", Some("within")),
            ("the outer path of that host", Some("initech.example"), "/scim/Users", None),
            ("an unknown host", Some("other.example"), "/scim/Users", None),
            ("a host below", Some("x.acme.example"), "/scim/Users", None),
            ("no host", None, "/scim/Users", None),
            ("whoever takes any", Some("other.example"), "/any/Users", Some("any")),
            ("whoever takes any, without one", None, "/any/Users", Some("any")),
        ];
        for (name, host, path, want) in cases {
            let found = tenants.find(host, path).map(|(tenant, _)| tenant.name.as_str());
            assert_eq!(found, want, "{name}");
        }
    }

    #[test]
    fn a_path_of_many_slashes_costs_no_more_than_a_tenants_own_path() {
        let tenants = tenants(&["/scim/v2"]);
        assert_eq!(tenants.ends(&"/".repeat(16_000)).count(), "/scim/v2".len() + 1);
        assert!(tenants.find(None, &"/".repeat(16_000)).is_none());
    }
}
