//! Callers with tokens of an issuer: JWTs (RFC 7519), checked by the issuer's public keys (RFC 7517).

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Header, Validation, decode, decode_header};
use serde_json::Value;

use crate::http::access::Visitor;
use crate::telemetry::metrics::Label;
use crate::upstream::Transport;

mod claims;
mod keys;

pub use jsonwebtoken::Algorithm;

use claims::Claims;
use keys::{Key, KeySet};

/// Characters of a subject in the audit at most.
const NAMED: usize = 64;

/// Whose tokens open a tenant, and what they open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwtSettings {
    /// What `iss` must be.
    pub issuer: String,
    /// What `aud` must be, or hold.
    pub audience: String,
    /// Where the issuer's keys are.
    pub jwks_url: url::Url,
    /// How tokens may be signed.
    pub algorithms: Vec<Algorithm>,
    /// How far the issuer's clock may be from ours.
    pub leeway: Duration,
    /// Whether requests that change something are refused.
    pub read_only: bool,
    /// What `sub` must be one of; anything when there are none.
    pub subjects: Vec<String>,
}

/// Why a token opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is signed in a way that is not admitted, or not at all.
    Algorithm,
    /// It is signed by a key that the issuer does not show.
    Key,
    /// Its signature is wrong.
    Signature,
    /// A claim is missing, or is not what it must be; or it demands something that nobody here knows (`crit`).
    Claims,
    /// It is over.
    Expired,
    /// It is not valid yet.
    Early,
    /// It is of another issuer.
    Issuer,
    /// It is for somebody else.
    Audience,
    /// Its subject may not call.
    Subject,
    /// There is no key to check it by: the issuer's could not be fetched.
    NoKeys,
}

impl Fault {
    /// The word for it, in log and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Algorithm => "jwt_algorithm",
            Self::Key => "jwt_key",
            Self::Signature => "jwt_signature",
            Self::Claims => "jwt_claims",
            Self::Expired => "jwt_expired",
            Self::Early => "jwt_early",
            Self::Issuer => "jwt_issuer",
            Self::Audience => "jwt_audience",
            Self::Subject => "jwt_subject",
            Self::NoKeys => "jwt_no_keys",
        }
    }
}

/// An issuer of tokens.
#[derive(Clone)]
pub struct Issuer {
    settings: JwtSettings,
    keys: Arc<KeySet>,
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Issuer {
    /// An issuer whose keys are fetched from now on, and again and again, as long as it is there. With the same URL as an
    /// `earlier` one it goes on with the keys that are known. To be called within a runtime.
    pub fn open(tenant: &str, settings: JwtSettings, transport: Arc<dyn Transport>, earlier: Option<&Self>) -> Self {
        let same = earlier.filter(|earlier| earlier.settings.jwks_url == settings.jwks_url);
        let keys = match same {
            Some(earlier) => Arc::clone(&earlier.keys),
            None => KeySet::watch(tenant, &settings.jwks_url, transport),
        };
        Self { settings, keys }
    }

    /// Who brings a token; `None` where it is no JWT.
    ///
    /// # Errors
    /// It opens nothing; why.
    pub(super) async fn visitor(&self, token: &str) -> Option<Result<Visitor, Fault>> {
        let is_shaped = token.bytes().filter(|byte| *byte == b'.').count() == 2;
        is_shaped.then_some(())?;
        Some(self.checked(token).await.and_then(|claims| self.admit(&claims, now())))
    }

    /// For `/health`: how many keys there are, since when, and why they could not be fetched last.
    pub fn health(&self) -> Value {
        self.keys.health()
    }

    /// The claims of a token with a right signature.
    async fn checked(&self, token: &str) -> Result<Claims, Fault> {
        // `none` is no algorithm that the decoder knows.
        let header = decode_header(token).map_err(|_| Fault::Algorithm)?;
        if !self.settings.algorithms.contains(&header.alg) {
            return Err(Fault::Algorithm);
        }
        if header.crit.is_some() {
            return Err(Fault::Claims);
        }
        match self.by_known_keys(token, &header) {
            // The issuer may have changed its keys.
            Err(Fault::Key | Fault::NoKeys) => {
                self.keys.ask().await;
                self.by_known_keys(token, &header)
            }
            Err(Fault::Signature) if header.kid.is_none() => {
                self.keys.ask().await;
                self.by_known_keys(token, &header)
            }
            checked => checked,
        }
    }

    fn by_known_keys(&self, token: &str, header: &Header) -> Result<Claims, Fault> {
        let keys = self.keys.known().ok_or(Fault::NoKeys)?;
        let fits = |key: &&Key| key.algorithm == header.alg && (header.kid.is_none() || key.id == header.kid);
        let mut failure = Fault::Key;
        for key in keys.iter().filter(fits) {
            match decode::<Claims>(token, &key.public, &signature_alone(header.alg)) {
                Ok(token) => return Ok(token.claims),
                Err(error) if matches!(error.kind(), ErrorKind::InvalidSignature) => failure = Fault::Signature,
                // The signature is looked at first: what else there is, is of what it signs.
                Err(error) if matches!(error.kind(), ErrorKind::Json(_) | ErrorKind::Base64(_)) => {
                    return Err(Fault::Claims);
                }
                Err(_) => failure = Fault::Signature,
            }
        }
        Err(failure)
    }

    /// Who has these claims, of a token with a right signature.
    fn admit(&self, claims: &Claims, now: f64) -> Result<Visitor, Fault> {
        let JwtSettings { issuer, audience, leeway, read_only, subjects, .. } = &self.settings;
        claims.hold(issuer, audience, (now, leeway.as_secs_f64()))?;
        let is_listed = subjects.contains(&claims.sub);
        if !is_listed && !subjects.is_empty() {
            return Err(Fault::Subject);
        }
        Ok(Visitor { name: Label::new(&name(&claims.sub, is_listed)), read_only: *read_only })
    }
}

/// What the decoder checks: the signature. Its own check of times does not read numbers as this program's JSON keeps them, so
/// the claims are held against the settings here.
fn signature_alone(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    (validation.validate_exp, validation.validate_nbf, validation.validate_aud) = (false, false, false);
    validation
}

/// How the audit calls a subject. It is mostly the name of a service. One that looks like a person's address, and that the
/// settings do not name, stands there by its hash.
fn name(subject: &str, is_listed: bool) -> String {
    if subject.contains('@') && !is_listed {
        use sha2::{Digest as _, Sha256};
        return format!("jwt:sha256:{}", crate::value::hex(&Sha256::digest(subject)[..6]));
    }
    let escaped = subject.chars().take(NAMED).flat_map(|letter| {
        let is_plain = letter.is_ascii_graphic() && letter != '\\';
        let (plain, escaped) = if is_plain { (Some(letter), None) } else { (None, Some(letter.escape_unicode())) };
        plain.into_iter().chain(escaped.into_iter().flatten())
    });
    let cut = if subject.chars().nth(NAMED).is_some() { "…" } else { "" };
    format!("jwt:{}{cut}", escaped.collect::<String>())
}

/// Seconds since 1970.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

#[cfg(test)]
mod tests;
