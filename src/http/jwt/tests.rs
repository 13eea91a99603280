use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use bytes::Bytes;
use http::HeaderMap;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::jwk::Jwk;
use serde_json::json;

use super::keys::{KEPT, PAUSE};
use super::*;
use crate::upstream::transport::{Request, Response, TransportError};

/// A key of the issuer, with its name.
struct Signer {
    id: &'static str,
    key: EncodingKey,
}

impl Signer {
    fn new(id: &'static str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self { id, key: EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref()) }
    }

    fn public(&self) -> Value {
        let mut jwk = Jwk::from_encoding_key(&self.key, Algorithm::ES256).unwrap();
        jwk.common.key_id = Some(self.id.to_owned());
        serde_json::to_value(jwk).unwrap()
    }

    fn token(&self) -> String {
        self.signs(&json!({ "iss": "https://id.example", "aud": "scim", "sub": "okta", "exp": 4_000_000_000_u64 }))
    }

    fn signs(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(self.id.to_owned());
        jsonwebtoken::encode(&header, claims, &self.key).unwrap()
    }
}

/// Where keys are served, or not.
#[derive(Default)]
struct Served {
    /// The set; `None` while nobody answers.
    keys: Mutex<Option<Value>>,
    fetches: AtomicUsize,
}

impl Served {
    fn shows(&self, signers: &[&Signer]) {
        let keys: Vec<Value> = signers.iter().map(|signer| signer.public()).collect();
        *self.keys.lock().unwrap() = Some(json!({ "keys": keys }));
    }

    fn is_down(&self) {
        *self.keys.lock().unwrap() = None;
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::Relaxed)
    }
}

impl Transport for Served {
    fn send<'a>(&'a self, _: Request) -> Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>> {
        Box::pin(async move {
            self.fetches.fetch_add(1, Ordering::Relaxed);
            // As long as others need to come to the same place.
            tokio::time::sleep(Duration::from_millis(10)).await;
            let keys = self.keys.lock().unwrap().clone();
            let keys = keys.ok_or_else(|| TransportError::NotSent("nobody is there".to_owned()))?;
            Ok(Response { status: 200, headers: HeaderMap::new(), body: Bytes::from(keys.to_string()) })
        })
    }
}

fn settings() -> JwtSettings {
    JwtSettings {
        issuer: "https://id.example".to_owned(),
        audience: "scim".to_owned(),
        jwks_url: "https://id.example/keys".parse().unwrap(),
        algorithms: vec![Algorithm::RS256, Algorithm::ES256],
        leeway: Duration::from_secs(60),
        read_only: false,
        subjects: Vec::new(),
    }
}

fn open(served: &Arc<Served>) -> Issuer {
    Issuer::open("acme", settings(), Arc::<Served>::clone(served) as Arc<_>, None)
}

async fn asked(issuer: &Issuer, token: &str) -> Result<String, Fault> {
    issuer.visitor(token).await.unwrap().map(|visitor| visitor.name.as_str().to_owned())
}

const OKTA: &str = "jwt:okta";

#[tokio::test(start_paused = true)]
async fn a_new_key_is_fetched_once_and_a_name_that_is_none_causes_no_storm() {
    let (one, two, stranger) = (Signer::new("one"), Signer::new("two"), Signer::new("stranger"));
    let served = Arc::<Served>::default();
    served.shows(&[&one]);
    let issuer = open(&served);
    assert_eq!(asked(&issuer, &one.token()).await.as_deref(), Ok(OKTA), "it waits for the first fetch");
    assert_eq!(served.fetches(), 1);
    served.shows(&[&one, &two]);
    let asking = (0..20).map(|_| {
        let (issuer, token) = (issuer.clone(), two.token());
        tokio::spawn(async move { asked(&issuer, &token).await })
    });
    for answer in asking.collect::<Vec<_>>() {
        assert_eq!(answer.await.unwrap().as_deref(), Ok(OKTA));
    }
    assert_eq!(served.fetches(), 2, "one for all of them");
    for _ in 0..20 {
        assert_eq!(asked(&issuer, &stranger.token()).await, Err(Fault::Key));
    }
    assert_eq!(served.fetches(), 2, "none so soon");
    tokio::time::advance(PAUSE).await;
    for _ in 0..20 {
        assert_eq!(asked(&issuer, &stranger.token()).await, Err(Fault::Key));
    }
    assert_eq!(served.fetches(), 3, "one in half a minute");
    served.shows(&[&two]);
    tokio::time::sleep(Duration::from_secs(301)).await;
    assert_eq!(
        asked(&issuer, &one.token()).await,
        Err(Fault::Key),
        "what the issuer took away is gone in five minutes"
    );
}

#[tokio::test(start_paused = true)]
async fn known_keys_count_for_a_day_while_they_cannot_be_fetched() {
    let one = Signer::new("one");
    let served = Arc::<Served>::default();
    served.shows(&[&one]);
    let issuer = open(&served);
    assert_eq!(asked(&issuer, &one.token()).await.as_deref(), Ok(OKTA));
    served.is_down();
    tokio::time::sleep(KEPT.saturating_sub(Duration::from_secs(1))).await;
    assert_eq!(asked(&issuer, &one.token()).await.as_deref(), Ok(OKTA));
    let health = issuer.health();
    assert_eq!((&health["keys"], &health["failure"]), (&json!(1), &json!("not connected: nobody is there")));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(asked(&issuer, &one.token()).await, Err(Fault::NoKeys));
    assert_eq!(issuer.health()["keys"], json!(0));
    served.shows(&[&one]);
    tokio::time::sleep(PAUSE + Duration::from_secs(1)).await;
    assert_eq!(asked(&issuer, &one.token()).await.as_deref(), Ok(OKTA));
    assert_eq!(issuer.health()["failure"], Value::Null);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_fetched_at_the_start_is_tried_again() {
    let one = Signer::new("one");
    let served = Arc::<Served>::default();
    let issuer = open(&served);
    assert_eq!(asked(&issuer, &one.token()).await, Err(Fault::NoKeys));
    served.shows(&[&one]);
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(asked(&issuer, &one.token()).await.as_deref(), Ok(OKTA));
    let before = served.fetches();
    drop(issuer);
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(served.fetches(), before, "what nobody has is not fetched");
}

#[tokio::test(start_paused = true)]
async fn the_keys_outlive_a_change_of_the_settings_but_not_of_their_url() {
    let one = Signer::new("one");
    let served = Arc::<Served>::default();
    served.shows(&[&one]);
    let issuer = open(&served);
    assert_eq!(asked(&issuer, &one.token()).await.as_deref(), Ok(OKTA));
    let transport = || Arc::<Served>::clone(&served) as Arc<_>;
    let stricter = JwtSettings { subjects: vec!["entra".to_owned()], ..settings() };
    let next = Issuer::open("acme", stricter, transport(), Some(&issuer));
    assert_eq!(asked(&next, &one.token()).await, Err(Fault::Subject));
    assert_eq!(served.fetches(), 1);
    let elsewhere = JwtSettings { jwks_url: "https://id.example/other".parse().unwrap(), ..settings() };
    let next = Issuer::open("acme", elsewhere, transport(), Some(&issuer));
    assert_eq!(asked(&next, &one.token()).await.as_deref(), Ok(OKTA));
    assert_eq!(served.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn only_public_keys_for_signatures_are_used() {
    let one = Signer::new("one");
    let with = |changes: Value| {
        let mut key = one.public();
        for (name, value) in changes.as_object().unwrap() {
            key[name] = value.clone();
        }
        key
    };
    let cases = [
        ("the key", with(json!({})), Ok(OKTA)),
        ("for signatures", with(json!({ "use": "sig", "key_ops": ["verify"] })), Ok(OKTA)),
        ("for encryption", with(json!({ "use": "enc" })), Err(Fault::NoKeys)),
        ("for signing alone", with(json!({ "key_ops": ["sign"] })), Err(Fault::NoKeys)),
        ("for another algorithm", with(json!({ "alg": "ES384" })), Err(Fault::NoKeys)),
        ("of another curve", with(json!({ "crv": "P-384" })), Err(Fault::NoKeys)),
        ("a shared secret", json!({ "kty": "oct", "k": "c2VjcmV0", "kid": "one" }), Err(Fault::NoKeys)),
        ("of a kind that nobody knows", json!({ "kty": "AKP", "kid": "one" }), Err(Fault::NoKeys)),
        ("no key at all", json!(7), Err(Fault::NoKeys)),
        ("another point", with(json!({ "x": one.public()["y"] })), Err(Fault::Signature)),
    ];
    for (name, key, want) in cases {
        let served = Arc::<Served>::default();
        *served.keys.lock().unwrap() = Some(json!({ "keys": [key] }));
        let issuer = open(&served);
        assert_eq!(asked(&issuer, &one.token()).await.as_deref().map_err(|fault| *fault), want, "{name}");
    }
}

#[test]
fn a_subject_is_named_cut_and_escaped() {
    let long = "x".repeat(100);
    let cases = [
        ("a service", "okta-provisioning", false, "jwt:okta-provisioning".to_owned()),
        ("a service account", "system:serviceaccount:hr:sync", false, "jwt:system:serviceaccount:hr:sync".to_owned()),
        ("a long one", long.as_str(), false, format!("jwt:{}…", "x".repeat(64))),
        ("control characters", "a\r\nb\u{1b}c d", false, "jwt:a\\u{d}\\u{a}b\\u{1b}c\\u{20}d".to_owned()),
        ("a backslash", "a\\b", false, "jwt:a\\u{5c}b".to_owned()),
        ("other letters", "bücher", false, "jwt:b\\u{fc}cher".to_owned()),
        ("an address", "ada@acme.example", false, "jwt:sha256:2a1322415fff".to_owned()),
        ("an address that the settings name", "sync@acme.example", true, "jwt:sync@acme.example".to_owned()),
    ];
    for (case, subject, is_listed, want) in cases {
        assert_eq!(name(subject, is_listed), want, "{case}");
    }
}
