//! `tokens` and `basic` of a tenant: who may call, by the hash of a secret.

use crate::config::layers::{Basic, Layers, Reference, Token};
use crate::config::reference::Resolver;
use crate::http::access::Caller;
use crate::http::auth::{Scheme, fingerprint_of};
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::secret::Fingerprint;
use crate::telemetry::metrics::Label;

/// Reads the callers of one tenant.
pub(super) struct Callers<'r> {
    /// The tenant's key and name.
    key: &'r str,
    tenant: &'r str,
    layers: &'r Layers,
    resolver: &'r Resolver<'r>,
    /// Those read so far.
    pub(super) read: Vec<Caller>,
}

impl<'r> Callers<'r> {
    /// Nobody yet. `key` is the tenant's: `tenants.acme`.
    pub(super) fn new(key: &'r str, tenant: &'r str, (layers, resolver): (&'r Layers, &'r Resolver<'r>)) -> Self {
        Self { key, tenant, layers, resolver, read: Vec::new() }
    }

    /// Reads `tokens`.
    pub(super) fn tokens(&mut self, tokens: &[Token], found: &mut Diagnostics) {
        let what = format!("a token of tenant `{}`", self.tenant);
        for (index, token) in tokens.iter().enumerate() {
            let key = format!("{}.tokens.{index}", self.key);
            let name = token.name.clone().unwrap_or_else(|| format!("token-{}", index + 1));
            let scheme = match token.scheme.as_deref() {
                Some("none") => Scheme::None,
                _ => Scheme::Bearer,
            };
            let is_named = self.is_named(&key, &name, found);
            if let Some(secret) = self.resolver.token(&key, &what, &token.reference(), found)
                && is_named
            {
                let fingerprint = (!secret.reveal().is_empty()).then(|| secret.fingerprint());
                self.add(&key, (&name, token.read_only, scheme), fingerprint, found);
            }
        }
    }

    /// Reads `basic`.
    pub(super) fn users(&mut self, users: &[Basic], found: &mut Diagnostics) {
        for (index, basic) in users.iter().enumerate() {
            let key = format!("{}.basic.{index}", self.key);
            let Some(user) = basic.user.as_deref().filter(|user| is_user(user)) else {
                let message = "`user` must be there, without a colon, white space or control characters";
                self.layers.places.add(&key, Code::E14, message, found).help("user = \"okta\"");
                continue;
            };
            let what = format!("the password of user `{user}`");
            let reference = basic.password.clone().unwrap_or_else(Reference::default);
            let password = self.resolver.token(&format!("{key}.password"), &what, &reference, found);
            let name = basic.name.as_deref().unwrap_or(user);
            if self.is_named(&key, name, found)
                && let Some(password) = password
            {
                let fingerprint = (!password.reveal().is_empty()).then(|| fingerprint_of(user, password.reveal()));
                self.add(&key, (name, basic.read_only, Scheme::Basic), fingerprint, found);
            }
        }
    }

    /// Whether a name can stand in the audit, and is nobody else's: who calls must be clear from it.
    fn is_named(&self, key: &str, name: &str, found: &mut Diagnostics) -> bool {
        if name.is_empty() || name.chars().any(|letter| letter.is_control() || letter.is_whitespace()) {
            let message = "`name` must not be empty, and have no white space or control characters";
            self.layers.places.add(key, Code::E14, message, found);
            return false;
        }
        let is_taken = self.read.iter().any(|caller| caller.name.as_str() == name);
        if is_taken {
            let message = format!("tenant `{}` has two callers with the name `{name}`", self.tenant);
            self.layers.places.add(key, Code::E19, message, found).help("the audit tells callers apart by `name`");
        }
        !is_taken
    }

    /// Adds a caller, unless the secret is unset (where it may be) or somebody else's.
    fn add(
        &mut self,
        key: &str,
        (name, read_only, scheme): (&str, bool, Scheme),
        fingerprint: Option<Fingerprint>,
        found: &mut Diagnostics,
    ) {
        let Some(fingerprint) = fingerprint else { return };
        let same = |caller: &&Caller| fingerprint.is_one_of(std::slice::from_ref(&caller.fingerprint));
        if let Some(other) = self.read.iter().find(same) {
            let message =
                format!("`{name}` and `{}` of tenant `{}` are the same secret", other.name.as_str(), self.tenant);
            self.layers.places.add(key, Code::E19, message, found).help("who called could not be told");
            return;
        }
        self.read.push(Caller { name: Label::new(name), read_only, scheme, fingerprint });
    }
}

/// Whether a text can be a user (RFC 7617 §2).
fn is_user(user: &str) -> bool {
    !user.is_empty() && !user.chars().any(|letter| letter == ':' || letter.is_control() || letter.is_whitespace())
}
