//! Tokens of an issuer, whose keys a server of the test shows: over real sockets, from the settings to the audit.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::{Answer, Program, bearer, okta};
use crate::support::upstream::{Upstream, expect};

const DISCOVERY: &str = "GET /ServiceProviderConfig";

/// A key of the issuer, with its name.
struct Signer {
    id: &'static str,
    algorithm: Algorithm,
    key: EncodingKey,
}

impl Signer {
    fn rsa(id: &'static str) -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let pkcs8: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().unwrap();
        // What PKCS #8 puts around a key of this size is 26 bytes long; the encoder takes the key alone (PKCS #1).
        Self { id, algorithm: Algorithm::RS256, key: EncodingKey::from_rsa_der(&pkcs8.as_ref()[26..]) }
    }

    fn elliptic(id: &'static str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let key = EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref());
        Self { id, algorithm: Algorithm::ES256, key }
    }

    fn public(&self) -> Value {
        let mut jwk = Jwk::from_encoding_key(&self.key, self.algorithm).unwrap();
        jwk.common.key_id = Some(self.id.to_owned());
        serde_json::to_value(jwk).unwrap()
    }

    /// The header line of a token with these claims over the usual ones; null takes one out.
    fn token(&self, changes: &Value) -> String {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.id.to_owned());
        bearer(&jsonwebtoken::encode(&header, &claims(changes), &self.key).unwrap())
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn claims(changes: &Value) -> Value {
    let mut claims = json!({
        "iss": "https://id.example", "aud": ["other", "scim"], "sub": "sync", "exp": now() + 300, "nbf": now() - 5,
    });
    for (name, value) in changes.as_object().into_iter().flatten() {
        let claims = claims.as_object_mut().unwrap();
        claims.shift_remove(name);
        if !value.is_null() {
            claims.insert(name.clone(), value.clone());
        }
    }
    claims
}

/// A token of three parts as they are given.
fn written(header: &Value, claims: &Value, signature: &[u8]) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{}", part(header), part(claims), URL_SAFE_NO_PAD.encode(signature))
}

/// A server that shows keys: status, header lines and body of its answers, and how many it gave.
#[derive(Clone)]
struct Shown {
    address: SocketAddr,
    answer: Arc<Mutex<(String, usize)>>,
}

impl Shown {
    async fn serve(signers: &[&Signer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let shown = Self { address: listener.local_addr().unwrap(), answer: Arc::default() };
        shown.shows(signers);
        let served = shown.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let served = served.clone();
                tokio::spawn(async move {
                    let mut head = [0; 4096];
                    let _ = stream.read(&mut head).await;
                    let answer = {
                        let mut answer = served.answer.lock().unwrap();
                        answer.1 += 1;
                        answer.0.clone()
                    };
                    let _ = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        shown
    }

    fn answers(&self, status: &str, headers: &str, body: &str) {
        let length = body.len();
        self.answer.lock().unwrap().0 =
            format!("HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}");
    }

    fn shows(&self, signers: &[&Signer]) {
        let keys: Vec<Value> = signers.iter().map(|signer| signer.public()).collect();
        self.answers("200", "", &json!({ "keys": keys }).to_string());
    }

    fn fetches(&self) -> usize {
        self.answer.lock().unwrap().1
    }

    /// The settings of a tenant that takes tokens of this issuer beside the usual one.
    fn tenant(&self, more: &str) -> String {
        format!(
            "tokens = [{{ name = 'okta', env = 'OKTA_TOKEN' }}]\n{more}\n[tenants.acme.jwt]\nissuer = 'https://id.example'\n\
             audience = 'scim'\njwks_url = 'http://{}/keys'\n",
            self.address
        )
    }
}

async fn health(program: &Program) -> Value {
    let mut stream = TcpStream::connect(program.admin).await.unwrap();
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    let body: Value = serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap();
    body["tenants"][0]["jwt"].clone()
}

fn refused(program: &Program) -> Value {
    program.line(|line| line["audit"] == "refused")["reason"].clone()
}

/// Tokens that nobody must take: not signed; signed with the public key as a shared secret, in two forms; signed with a key for
/// another algorithm; with a demand (`crit`); with a key that it brings along; with other claims than were signed.
fn forged(rsa: &Signer, elliptic: &Signer, stranger: &Signer) -> [String; 7] {
    let public = rsa.public();
    let modulus = URL_SAFE_NO_PAD.decode(public["n"].as_str().unwrap()).unwrap();
    // The public key as a shared secret: who takes the algorithm from the token believes it.
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("r".to_owned());
    let confused = |secret: &[u8]| {
        bearer(&jsonwebtoken::encode(&header, &claims(&json!({})), &EncodingKey::from_secret(secret)).unwrap())
    };
    let none = bearer(&written(&json!({ "alg": "none", "kid": "r" }), &claims(&json!({})), b""));
    let another_family = bearer(&written(&json!({ "alg": "ES256", "kid": "r" }), &claims(&json!({})), &[7; 64]));
    let demanding = {
        let mut header = Header::new(Algorithm::ES256);
        (header.kid, header.crit) = (Some("e".to_owned()), Some(vec!["b64".to_owned()]));
        bearer(&jsonwebtoken::encode(&header, &claims(&json!({})), &elliptic.key).unwrap())
    };
    let mut own_key = Header::new(Algorithm::ES256);
    own_key.jwk = Some(Jwk::from_encoding_key(&stranger.key, Algorithm::ES256).unwrap());
    let own_key = bearer(&jsonwebtoken::encode(&own_key, &claims(&json!({})), &stranger.key).unwrap());
    let changed = {
        let token = elliptic.token(&json!({}));
        let parts: Vec<&str> = token.trim().split('.').collect();
        let other = URL_SAFE_NO_PAD.encode(claims(&json!({ "sub": "root" })).to_string());
        format!("{}.{other}.{}\r\n", parts[0], parts[2])
    };
    let shown_confused = confused(public.to_string().as_bytes());
    [none, confused(&modulus), shown_confused, another_family, demanding, own_key, changed]
}

#[tokio::test]
async fn a_token_counts_only_if_everything_about_it_is_right() {
    let (rsa, elliptic, stranger) = (Signer::rsa("r"), Signer::elliptic("e"), Signer::elliptic("e"));
    let shown = Shown::serve(&[&rsa, &elliptic]).await;
    let program = Program::start("jwt", "", &shown.tenant(""));
    let [none, confused, shown_confused, another_family, demanding, own_key, changed] =
        forged(&rsa, &elliptic, &stranger);
    let cases = [
        ("RS256", rsa.token(&json!({})), None),
        ("ES256", elliptic.token(&json!({})), None),
        ("one audience", elliptic.token(&json!({ "aud": "scim" })), None),
        ("over, within the leeway", elliptic.token(&json!({ "exp": now() - 30 })), None),
        ("over", elliptic.token(&json!({ "exp": now() - 90 })), Some("jwt_expired")),
        ("not yet valid", elliptic.token(&json!({ "nbf": now() + 90 })), Some("jwt_early")),
        ("without an end", elliptic.token(&json!({ "exp": null })), Some("jwt_claims")),
        ("another audience", rsa.token(&json!({ "aud": "billing" })), Some("jwt_audience")),
        ("another issuer", rsa.token(&json!({ "iss": "https://evil.example" })), Some("jwt_issuer")),
        ("without a subject", rsa.token(&json!({ "sub": null })), Some("jwt_claims")),
        ("not signed at all", none, Some("jwt_algorithm")),
        ("signed with the public key", confused, Some("jwt_algorithm")),
        ("signed with the key as it is shown", shown_confused, Some("jwt_algorithm")),
        ("a key for another algorithm", another_family, Some("jwt_key")),
        ("somebody else's key of that name", stranger.token(&json!({})), Some("jwt_signature")),
        ("a key that the token brings along", own_key, Some("jwt_signature")),
        ("other claims than were signed", changed, Some("jwt_signature")),
        ("a demand that nobody knows", demanding, Some("jwt_claims")),
        ("a text that only looks so", bearer("a.b.c"), Some("jwt_algorithm")),
        ("a token that is no JWT", bearer("a-guess-of-a-stranger"), Some("unknown")),
        ("a JWT without its scheme", rsa.token(&json!({})).replace("Bearer ", ""), Some("unknown")),
        ("the static token", okta(), None),
    ];
    for (name, headers, reason) in cases {
        let answer = program.ask(DISCOVERY, &headers, "").await;
        match reason {
            None => assert_eq!(answer.status, 200, "{name}: {answer:?}"),
            Some(reason) => {
                assert_eq!(answer.status, 401, "{name}: {answer:?}");
                assert_eq!(answer.detail(), "the `Authorization` header carries no valid bearer token", "{name}");
                assert_eq!(refused(&program), reason, "{name}");
            }
        }
    }
    let metric = r#"access_refused_total{tenant="acme",reason="jwt_expired"}"#;
    assert_eq!(program.metric(metric).await, 1);
}

#[tokio::test]
async fn a_new_key_of_the_issuer_counts_at_once() {
    let (old, new) = (Signer::rsa("2025"), Signer::elliptic("2026"));
    let shown = Shown::serve(&[&old]).await;
    let program = Program::start("jwt-rotation", "", &shown.tenant(""));
    assert_eq!(program.ask(DISCOVERY, &old.token(&json!({})), "").await.status, 200);
    assert_eq!(shown.fetches(), 1);
    shown.shows(&[&new]);
    assert_eq!(program.ask(DISCOVERY, &old.token(&json!({})), "").await.status, 200, "nobody has asked yet");
    assert_eq!(program.ask(DISCOVERY, &new.token(&json!({})), "").await.status, 200);
    assert_eq!(shown.fetches(), 2);
    assert_eq!(program.ask(DISCOVERY, &old.token(&json!({})), "").await.status, 401, "it was taken away");
    for _ in 0..10 {
        assert_eq!(program.ask(DISCOVERY, &Signer::elliptic("x").token(&json!({})), "").await.status, 401);
    }
    assert_eq!(shown.fetches(), 2, "strangers cause no storm");
    // The issuer is gone; its keys are known.
    shown.answers("500", "", "SECRET-TRACE");
    assert_eq!(program.ask(DISCOVERY, &new.token(&json!({})), "").await.status, 200);
    assert_eq!(health(&program).await["keys"], 1);
}

/// What is asked of a token while there are no keys.
fn assert_unchecked(name: &str, answer: &Answer) {
    assert_eq!(answer.status, 503, "{name}: {answer:?}");
    let detail = "this service cannot fetch the keys of the token's issuer, so it cannot check the token";
    assert_eq!(answer.detail(), detail, "{name}");
    assert!(answer.headers.contains("retry-after: 30"), "{name}: {}", answer.headers);
}

#[tokio::test]
async fn without_keys_the_program_starts_and_says_what_it_lacks() {
    let signer = Signer::elliptic("e");
    let trap = Upstream::serve([]).await;
    let keys = json!({ "keys": [signer.public()] }).to_string();
    let large = format!("{{\"keys\":[{}],\"x\":\"{}\"}}", signer.public(), "x".repeat(300 << 10));
    let elsewhere = format!("Location: {}/keys\r\n", trap.url());
    let cases = [
        ("down", "503", "", "SECRET-TRACE", "answered 503"),
        ("redirected", "302", elsewhere.as_str(), keys.as_str(), "answered 302"),
        ("a page", "200", "Content-Type: text/html\r\n", "<html>SECRET-TRACE", "the answer is no set of keys"),
        ("no keys", "200", "", r#"{"keys":[]}"#, "no key of the set can be used"),
        ("too much", "200", "", large.as_str(), "the answer is larger than 262144 bytes"),
    ];
    for (name, status, headers, body, failure) in cases {
        let shown = Shown::serve(&[]).await;
        shown.answers(status, headers, body);
        let program = Program::start(&format!("jwt-{}", name.replace(' ', "-")), "", &shown.tenant(""));
        assert_unchecked(name, &program.ask(DISCOVERY, &signer.token(&json!({})), "").await);
        assert_eq!(refused(&program), "jwt_no_keys", "{name}");
        assert_eq!(program.ask(DISCOVERY, &okta(), "").await.status, 200, "{name}: other tokens are not touched");
        assert_eq!(program.ask(DISCOVERY, &bearer("a-guess-of-a-stranger"), "").await.status, 401, "{name}");
        let health = health(&program).await;
        assert_eq!((&health["keys"], &health["failure"]), (&json!(0), &json!(failure)), "{name}");
        assert_eq!(health["fetched"], Value::Null, "{name}");
    }
}

#[tokio::test]
async fn the_audit_names_the_subject_and_a_reader_changes_nothing() {
    let signer = Signer::elliptic("e");
    let shown = Shown::serve(&[&signer]).await;
    let deletes = (0..3).map(|_| expect("DELETE /users/7").answer(204, &Value::Null));
    let upstream = Upstream::serve(deletes).await;
    let more = format!("url = '{}'", upstream.url());
    let program = Program::start("jwt-audit", "", &shown.tenant(&more));
    let long = "x".repeat(200);
    for (subject, caller) in [
        ("sync", "jwt:sync".to_owned()),
        (long.as_str(), format!("jwt:{}…", "x".repeat(64))),
        ("ada@acme.example", "jwt:sha256:2a1322415fff".to_owned()),
    ] {
        let answer = program.ask("DELETE /Users/7", &signer.token(&json!({ "sub": subject })), "").await;
        assert_eq!(answer.status, 204, "{answer:?}");
        let line = program.line(|line| line["audit"] == "operation");
        assert_eq!(line["caller"], caller, "{line}");
        assert!(!line.to_string().contains("ada@"), "{line}");
    }

    let reader = format!("{}read_only = true\nsubjects = ['sync', 'report']\n", shown.tenant(&more));
    let program = Program::start("jwt-reader", "", &reader);
    let answer = program.ask("DELETE /Users/7", &signer.token(&json!({})), "").await;
    assert_eq!((answer.status, answer.detail()), (403, "this token may only read"));
    assert_eq!(program.ask(DISCOVERY, &signer.token(&json!({ "sub": "report" })), "").await.status, 200);
    assert_eq!(program.ask(DISCOVERY, &signer.token(&json!({ "sub": "other" })), "").await.status, 401);
    assert_eq!(refused(&program), "jwt_subject");
}

#[tokio::test]
async fn a_token_of_one_tenants_audience_opens_no_other() {
    let signer = Signer::elliptic("e");
    let shown = Shown::serve(&[&signer]).await;
    let other = format!(
        "[tenants.other]\nmapping = 'mappings/acme'\npath = '/other'\n[tenants.other.jwt]\nissuer = 'https://id.example'\n\
         audience = 'other-scim'\njwks_url = 'http://{}/keys'\n",
        shown.address
    );
    let program = Program::start("jwt-tenants", "", &format!("{}{other}", shown.tenant("")));
    let ask = async |path: &str, audience: &str| {
        let headers = signer.token(&json!({ "aud": audience }));
        let mut stream = TcpStream::connect(program.address).await.unwrap();
        let head =
            format!("GET {path}/ServiceProviderConfig HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text.split(' ').nth(1).unwrap().to_owned()
    };
    for (path, audience, status) in [
        ("/scim/v2", "scim", "200"),
        ("/other", "other-scim", "200"),
        ("/scim/v2", "other-scim", "401"),
        ("/other", "scim", "401"),
    ] {
        assert_eq!(ask(path, audience).await, status, "{path} with {audience}");
    }
}
