//! Who may call a tenant: with which tokens or passwords, and from where.

use http::HeaderMap;

use crate::http::auth::{self, Fault, Scheme};
use crate::http::jwt::{self, Issuer};
use crate::http::networks::Networks;
use crate::secret::{Fingerprint, Secret};
use crate::telemetry::metrics::Label;

/// Somebody who may call, known by the hash of a secret.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The name, for the audit.
    pub name: Label,
    /// Whether requests that change something are refused.
    pub read_only: bool,
    /// How the secret is presented.
    pub scheme: Scheme,
    /// The secret's hash.
    pub fingerprint: Fingerprint,
}

/// Somebody who calls, and may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// The name, for the audit.
    pub name: Label,
    /// Whether requests that change something are refused.
    pub read_only: bool,
}

/// Who may call one tenant.
#[derive(Clone, Debug)]
pub struct Access {
    callers: Vec<Caller>,
    issuer: Option<Issuer>,
    /// Where requests may come from; from anywhere when it is empty.
    pub networks: Networks,
    /// What is asked of somebody who presents nothing valid.
    pub challenge: Challenge,
}

impl Access {
    /// The hashes of the secrets.
    pub fn fingerprints(&self) -> impl Iterator<Item = &Fingerprint> {
        self.callers.iter().map(|caller| &caller.fingerprint)
    }
}

/// Why somebody may not call, as log and metrics carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No `Authorization` header.
    Missing,
    /// A header that presents nothing, or two of them.
    Malformed,
    /// A secret that is none of the tenant's.
    Unknown,
    /// An address outside the tenant's networks.
    Network,
    /// A change, with a token that may only read.
    ReadOnly,
    /// A token of the tenant's issuer that opens nothing, or that cannot be checked.
    Jwt(jwt::Fault),
}

impl Refusal {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::Unknown => "unknown",
            Self::Network => "network",
            Self::ReadOnly => "read_only",
            Self::Jwt(fault) => fault.as_str(),
        }
    }
}

/// What a tenant asks callers to present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// A bearer token.
    Bearer,
    /// A token, in one form or the other.
    Token,
    /// A user and a password.
    Basic,
    /// A token, or a user and a password.
    Either,
}

impl Challenge {
    /// What the client reads.
    pub fn detail(self) -> &'static str {
        match self {
            Self::Bearer => "the `Authorization` header carries no valid bearer token",
            Self::Token => "the `Authorization` header carries no valid token",
            Self::Basic => "the `Authorization` header carries no valid user and password",
            Self::Either => "the `Authorization` header carries no valid token and no valid user and password",
        }
    }

    /// The values of `WWW-Authenticate` (RFC 9110 §11.6.1). A bare token has no scheme of its own to name.
    pub fn schemes(self) -> &'static [&'static str] {
        match self {
            Self::Bearer | Self::Token => &["Bearer realm=\"scim\""],
            Self::Basic => &["Basic realm=\"scim\""],
            Self::Either => &["Bearer realm=\"scim\"", "Basic realm=\"scim\""],
        }
    }
}

impl Access {
    /// Admits these callers, from these networks; from everywhere when there are none.
    pub fn new(callers: Vec<Caller>, networks: Networks) -> Self {
        let has = |scheme| callers.iter().any(|caller: &Caller| caller.scheme == scheme);
        let challenge = match (has(Scheme::Bearer) || has(Scheme::None), has(Scheme::Basic)) {
            (true, true) => Challenge::Either,
            (false, true) => Challenge::Basic,
            (_, false) if has(Scheme::None) => Challenge::Token,
            (_, false) => Challenge::Bearer,
        };
        Self { callers, issuer: None, networks, challenge }
    }

    /// The same, for whoever brings a token of an issuer, too.
    #[must_use]
    pub fn issued_by(self, issuer: Issuer) -> Self {
        let challenge = match self.challenge {
            Challenge::Basic => Challenge::Either,
            challenge @ (Challenge::Bearer | Challenge::Token | Challenge::Either) => challenge,
        };
        Self { issuer: Some(issuer), challenge, ..self }
    }

    /// The issuer of tokens, if there is one.
    pub fn issuer(&self) -> Option<&Issuer> {
        self.issuer.as_ref()
    }

    /// Who calls with these headers, known by a secret or by a token of the issuer.
    ///
    /// # Errors
    /// Nobody who may; why.
    pub async fn visitor(&self, headers: &HeaderMap) -> Result<Visitor, Refusal> {
        let refusal = match self.caller(headers) {
            Ok(caller) => return Ok(Visitor { name: caller.name.clone(), read_only: caller.read_only }),
            Err(refusal) => refusal,
        };
        let (Refusal::Unknown, Some(issuer), Some(token)) = (refusal, &self.issuer, auth::bearer(headers)) else {
            return Err(refusal);
        };
        // Rare beside the others, and large.
        match Box::pin(issuer.visitor(token)).await {
            Some(checked) => checked.map_err(Refusal::Jwt),
            None => Err(refusal),
        }
    }

    /// The callers.
    pub fn callers(&self) -> &[Caller] {
        &self.callers
    }

    /// Who calls with these headers. Wrong attempts before do not count: nobody can lock out a caller.
    ///
    /// # Errors
    /// Nobody who may; why.
    pub fn caller(&self, headers: &HeaderMap) -> Result<&Caller, Refusal> {
        let (scheme, fingerprint) = auth::presented(headers).map_err(|fault| match fault {
            Fault::Missing => Refusal::Missing,
            Fault::Malformed => Refusal::Malformed,
        })?;
        let of_scheme = || self.callers.iter().filter(|caller| caller.scheme == scheme);
        let place = fingerprint.place_among(of_scheme().map(|caller| &caller.fingerprint));
        place.and_then(|place| of_scheme().nth(place)).ok_or(Refusal::Unknown)
    }
}

impl Default for Access {
    /// Nobody may call.
    fn default() -> Self {
        Self::new(Vec::new(), Networks::default())
    }
}

impl<S: AsRef<[Secret]> + ?Sized> From<&S> for Access {
    /// Bearer tokens named `token-1` and so on, from everywhere.
    fn from(tokens: &S) -> Self {
        let caller = |(count, token): (usize, &Secret)| Caller {
            name: Label::new(&format!("token-{count}")),
            read_only: false,
            scheme: Scheme::Bearer,
            fingerprint: token.fingerprint(),
        };
        Self::new((1..).zip(tokens.as_ref()).map(caller).collect(), Networks::default())
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::AUTHORIZATION;

    use super::*;

    fn caller(name: &str, scheme: Scheme, secret: &str) -> Caller {
        let fingerprint = Secret::new(secret).fingerprint();
        Caller { name: Label::new(name), read_only: false, scheme, fingerprint }
    }

    #[test]
    fn a_caller_is_known_by_the_secret_and_its_scheme() {
        let callers = vec![
            caller("okta", Scheme::Bearer, "token-of-okta-0001"),
            caller("oin", Scheme::None, "token-of-oin-00001"),
            caller("entra", Scheme::Bearer, "token-of-entra-001"),
            caller("legacy", Scheme::Basic, "hr:password-of-hr-01"),
        ];
        let access = Access::new(callers, Networks::default());
        let cases = [
            ("a bearer token", "Bearer token-of-okta-0001", Ok("okta")),
            ("another", "Bearer token-of-entra-001", Ok("entra")),
            ("a bare token", "token-of-oin-00001", Ok("oin")),
            ("a user with a password", "Basic aHI6cGFzc3dvcmQtb2YtaHItMDE=", Ok("legacy")),
            ("a bearer token without its scheme", "token-of-okta-0001", Err(Refusal::Unknown)),
            ("a bare token with a scheme", "Bearer token-of-oin-00001", Err(Refusal::Unknown)),
            ("a pair as a token", "Bearer hr:password-of-hr-01", Err(Refusal::Unknown)),
            ("Okta's test suite", "non-token", Err(Refusal::Unknown)),
        ];
        for (name, value, want) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_static(value));
            assert_eq!(access.caller(&headers).map(|caller| caller.name.as_str()), want, "{name}");
        }
        assert_eq!(access.caller(&HeaderMap::new()).map(|_| ()), Err(Refusal::Missing));
    }

    #[test]
    fn the_challenge_names_what_the_tenant_takes() {
        let cases: [(&[Scheme], Challenge); 6] = [
            (&[], Challenge::Bearer),
            (&[Scheme::Bearer], Challenge::Bearer),
            (&[Scheme::None], Challenge::Token),
            (&[Scheme::Bearer, Scheme::None], Challenge::Token),
            (&[Scheme::Basic], Challenge::Basic),
            (&[Scheme::None, Scheme::Basic], Challenge::Either),
        ];
        for (schemes, want) in cases {
            let callers = schemes.iter().map(|scheme| caller("a", *scheme, "x")).collect();
            assert_eq!(Access::new(callers, Networks::default()).challenge, want, "{schemes:?}");
        }
    }
}
