//! `jwt` of a tenant: the issuer whose tokens open it.

use std::time::Duration;

use url::{Host, Url};

use crate::config::layers::{Jwt, Layers};
use crate::http::jwt::{Algorithm, JwtSettings};
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::units;

/// The default of `leeway`.
const LEEWAY: Duration = Duration::from_secs(60);
/// The longest `leeway`: what is over for longer is over.
const LONGEST: Duration = Duration::from_secs(300);
/// How tokens may be signed. By a key of these, nobody but the issuer can sign.
const ALGORITHMS: [(&str, Algorithm); 2] = [("RS256", Algorithm::RS256), ("ES256", Algorithm::ES256)];

/// Reads the issuer at `key`. `None` where something is wrong with it.
pub(super) fn issuer(key: &str, jwt: &Jwt, layers: &Layers, found: &mut Diagnostics) -> Option<JwtSettings> {
    let mut required = |name: &str, value: Option<&String>, help: &str| {
        let value = value.filter(|value| !value.is_empty()).cloned();
        if value.is_none() {
            let message = format!("`{name}` is missing in [{key}]");
            layers.places.add(&format!("{key}.{name}"), Code::E20, message, found).help(help);
        }
        value
    };
    let issuer =
        required("issuer", jwt.issuer.as_ref(), "issuer = \"https://id.acme.example\", as `iss` of its tokens has it");
    let audience = required(
        "audience",
        jwt.audience.as_ref(),
        "audience = \"scim\", as `aud` of the tokens for this tenant has it",
    );
    let url =
        required("jwks_url", jwt.jwks_url.as_ref(), "jwks_url = \"https://id.acme.example/.well-known/jwks.json\"");
    let jwks_url = url.and_then(|url| jwks_url(&format!("{key}.jwks_url"), &url, layers, found));
    let algorithms = algorithms(&format!("{key}.algorithms"), jwt.algorithms.as_deref(), layers, found);
    // Its form was checked with the keys.
    let leeway = jwt.leeway.as_deref().and_then(units::duration).unwrap_or(LEEWAY);
    if leeway > LONGEST {
        let message = "`leeway` is longer than 5 minutes: tokens would count that are over";
        layers.places.add(&format!("{key}.leeway"), Code::E14, message, found);
    }
    if jwt.subjects.iter().any(String::is_empty) {
        layers.places.add(&format!("{key}.subjects"), Code::E14, "a subject is not empty", found);
    }
    let (read_only, subjects) = (jwt.read_only, jwt.subjects.clone());
    Some(JwtSettings {
        issuer: issuer?,
        audience: audience?,
        jwks_url: jwks_url?,
        algorithms: algorithms?,
        leeway,
        read_only,
        subjects,
    })
}

/// An https URL, or one of this machine. Whoever can change the keys on their way can make tokens.
fn jwks_url(key: &str, text: &str, layers: &Layers, found: &mut Diagnostics) -> Option<Url> {
    let is_loopback = |url: &Url| match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let fits = |url: &Url| {
        let is_safe = url.scheme() == "https" || url.scheme() == "http" && is_loopback(url);
        is_safe && url.has_host() && url.username().is_empty() && url.password().is_none() && url.fragment().is_none()
    };
    let url = Url::parse(text).ok().filter(fits);
    if url.is_none() {
        let message = format!("`{key}` must be an https URL without a user");
        let help =
            "keys that somebody could change on their way would open the tenant; plain http is for loopback alone";
        layers.places.add(key, Code::E22, message, found).help(help);
    }
    url
}

/// The algorithms; all that there are where nothing is said.
fn algorithms(key: &str, named: Option<&[String]>, layers: &Layers, found: &mut Diagnostics) -> Option<Vec<Algorithm>> {
    let Some(named) = named else { return Some(ALGORITHMS.map(|(_, algorithm)| algorithm).to_vec()) };
    let known = |name: &String| ALGORITHMS.iter().find(|(known, _)| known == name).map(|(_, algorithm)| *algorithm);
    let algorithms: Option<Vec<Algorithm>> = named.iter().map(known).collect();
    let algorithms = algorithms.filter(|algorithms| !algorithms.is_empty());
    if algorithms.is_none() {
        let message = format!("`{key}` must be some of \"RS256\" and \"ES256\"");
        let help = "tokens that are signed with a shared secret (HS256), or not at all, are never taken";
        layers.places.add(key, Code::E14, message, found).help(help);
    }
    algorithms
}
