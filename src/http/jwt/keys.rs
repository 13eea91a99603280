//! An issuer's public keys: fetched, kept, and fetched again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use http::header::ACCEPT;
use http::{HeaderMap, HeaderValue, Method};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::upstream::Transport;
use crate::upstream::transport::Request;

/// How old keys are when they are fetched again.
const FRESH: Duration = Duration::from_secs(300);
/// How long keys count that cannot be fetched again.
pub(super) const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// The time between two fetches that tokens cause, and the longest one between two tries in a row.
pub(super) const PAUSE: Duration = Duration::from_secs(30);
/// The time for one fetch.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of a key set at most.
const LARGEST: usize = 256 << 10;
/// Keys of a set that are looked at.
const MOST: usize = 64;

/// A public key for one algorithm.
#[derive(Debug)]
pub(super) struct Key {
    /// Its name in the headers of tokens.
    pub(super) id: Option<String>,
    /// The algorithm.
    pub(super) algorithm: Algorithm,
    /// The key itself.
    pub(super) public: DecodingKey,
}

/// The keys as they were fetched.
#[derive(Debug)]
struct Known {
    keys: Vec<Key>,
    since: Instant,
    at: jiff::Timestamp,
}

/// The keys of an issuer.
pub(super) struct KeySet {
    tenant: String,
    url: url::Url,
    transport: Arc<dyn Transport>,
    known: ArcSwapOption<Known>,
    /// Held by who fetches; inside, when a token last caused it.
    fetching: tokio::sync::Mutex<Option<Instant>>,
    /// Fetches that have ended.
    ended: AtomicU64,
    /// Why the last one failed.
    failure: Mutex<Option<String>>,
}

/// A set as it is served.
#[derive(Deserialize)]
struct Served {
    keys: Vec<Value>,
}

impl KeySet {
    /// Keys that are fetched from now on, until nobody has them any more.
    pub(super) fn watch(tenant: &str, url: &url::Url, transport: Arc<dyn Transport>) -> Arc<Self> {
        let keys = Arc::new(Self {
            tenant: tenant.to_owned(),
            url: url.clone(),
            transport,
            known: ArcSwapOption::empty(),
            fetching: tokio::sync::Mutex::default(),
            ended: AtomicU64::new(0),
            failure: Mutex::default(),
        });
        tokio::spawn(again_and_again(Arc::downgrade(&keys)));
        keys
    }

    /// The keys, if there are any that still count.
    pub(super) fn known(&self) -> Option<impl std::ops::Deref<Target = [Key]> + use<>> {
        let known = self.known.load_full().filter(|known| known.since.elapsed() < KEPT)?;
        Some(KnownKeys(known))
    }

    /// Fetches the keys because a token needs other ones, once in a while; or waits for a fetch that is under way. Whoever
    /// does not wait for its end does not stop it.
    pub(super) async fn ask(self: &Arc<Self>) {
        let before = self.ended.load(Ordering::Acquire);
        let keys = Arc::clone(self);
        let fetch = async move {
            let mut asked = keys.fetching.lock().await;
            // Somebody else has fetched them meanwhile, or has done so of late.
            let is_new = keys.ended.load(Ordering::Acquire) != before;
            if is_new || asked.is_some_and(|asked| asked.elapsed() < PAUSE) {
                return;
            }
            *asked = Some(Instant::now());
            keys.fetch().await;
        };
        // One that panics leaves the keys as they are.
        let _ = tokio::spawn(fetch).await;
    }

    /// For `/health`.
    pub(super) fn health(&self) -> Value {
        let known = self.known.load_full();
        let counting = known.as_ref().filter(|known| known.since.elapsed() < KEPT);
        json!({
            "keys": counting.map_or(0, |known| known.keys.len()),
            "fetched": known.as_ref().map(|known| crate::http::reloads::in_seconds(known.at)),
            "failure": self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        })
    }

    /// One fetch; whether it brought keys. What cannot be used leaves the keys as they are. To be called by who holds `fetching`.
    async fn fetch(&self) -> bool {
        let fetched = self.fetched().await;
        let failure = fetched.as_ref().err().cloned();
        if let Ok(keys) = fetched {
            let at = jiff::Timestamp::now();
            self.known.store(Some(Arc::new(Known { keys, since: Instant::now(), at })));
        }
        if let Some(reason) = &failure {
            tracing::warn!(tenant = self.tenant, reason, "the keys of the tenant's token issuer cannot be fetched");
        }
        let is_fetched = failure.is_none();
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = failure;
        self.ended.fetch_add(1, Ordering::Release);
        is_fetched
    }

    /// # Errors
    /// In words, without what was answered.
    async fn fetched(&self) -> Result<Vec<Key>, String> {
        let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
        let (method, url) = (Method::GET, self.url.clone());
        let request = Request { method, url, headers, body: None, timeout: TIMEOUT, max_body: LARGEST };
        let response = self.transport.send(request).await.map_err(|error| error.to_string())?;
        if response.status != 200 {
            return Err(format!("answered {}", response.status));
        }
        let served: Served =
            serde_json::from_slice(&response.body).map_err(|_| "the answer is no set of keys".to_owned())?;
        let keys: Vec<Key> = served.keys.into_iter().take(MOST).filter_map(usable).collect();
        if keys.is_empty() { Err("no key of the set can be used".to_owned()) } else { Ok(keys) }
    }
}

/// Fetches keys before they are old, until they are nobody's any more.
async fn again_and_again(keys: Weak<KeySet>) {
    let mut failures = 0_u32;
    loop {
        let Some(own) = keys.upgrade() else { return };
        let asked = own.fetching.lock().await;
        let is_fetched = own.fetch().await;
        drop(asked);
        drop(own);
        failures = if is_fetched { 0 } else { failures.saturating_add(1) };
        let wait = match failures {
            0 => FRESH,
            tries => Duration::from_secs(1 << (tries - 1).min(5)).min(PAUSE),
        };
        tokio::time::sleep(wait).await;
    }
}

/// Keys that are looked at while others may be fetched.
struct KnownKeys(Arc<Known>);

impl std::ops::Deref for KnownKeys {
    type Target = [Key];

    fn deref(&self) -> &[Key] {
        &self.0.keys
    }
}

/// A key of a set that signatures can be checked by; `None` for one of another kind or for another purpose. A symmetric key is
/// never one: whoever can check by it can sign.
fn usable(served: Value) -> Option<Key> {
    let jwk: Jwk = serde_json::from_value(served).ok()?;
    let is_for_signatures = matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let may_verify = jwk.common.key_operations.as_ref().is_none_or(|all| all.contains(&KeyOperations::Verify));
    let is_rsa = matches!(&jwk.algorithm, AlgorithmParameters::RSA(_));
    let is_elliptic =
        matches!(&jwk.algorithm, AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256);
    let (algorithm, named) = match (is_rsa, is_elliptic) {
        (true, _) => (Algorithm::RS256, KeyAlgorithm::RS256),
        (_, true) => (Algorithm::ES256, KeyAlgorithm::ES256),
        (false, false) => return None,
    };
    let is_for_this = jwk.common.key_algorithm.is_none_or(|known| known == named);
    if !is_for_signatures || !may_verify || !is_for_this {
        return None;
    }
    let public = DecodingKey::from_jwk(&jwk).ok()?;
    Some(Key { id: jwk.common.key_id, algorithm, public })
}
