//! TLS of the listener itself: handshakes, certificates of clients, files that change.

use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion};

use super::{Program, ask, okta, tenant};
use crate::support::program::{command, folder, write};
use crate::support::upstream::{Gate, Upstream, expect};

const DISCOVERY: &str = "GET /ServiceProviderConfig";
const TLS: &str = "tls = { cert = 'tls/cert.pem', key = 'tls/key.pem' }";

/// The versions that are spoken.
static BOTH: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate for `127.0.0.1` and its key, as PEM.
fn issued(by: &Authority) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "scim.acme.example");
    (params.signed_by(&key, by).unwrap().pem(), key.serialize_pem())
}

/// Files of TLS in the folder of a test: the chain with its authority, and the key.
fn files(name: &str, by: &Authority) -> PathBuf {
    let folder = folder(&format!("access-{name}"));
    put(&folder, by);
    folder
}

fn put(folder: &std::path::Path, by: &Authority) {
    let (certificate, key) = issued(by);
    write(folder, "tls/key.pem", &key);
    std::fs::set_permissions(folder.join("tls/key.pem"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    write(folder, "tls/cert.pem", &format!("{certificate}{}", by.pem()));
}

/// What a client trusts, shows and speaks.
struct Visitor<'v> {
    trusts: &'v Authority,
    shows: Option<(String, String)>,
    versions: &'v [&'static SupportedProtocolVersion],
    speaks: &'v [&'static str],
}

impl<'v> Visitor<'v> {
    fn of(trusts: &'v Authority) -> Self {
        Self { trusts, shows: None, versions: BOTH, speaks: &[] }
    }

    async fn connect(&self, program: &Program) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.trusts.der().clone()).unwrap();
        let builder = ClientConfig::builder_with_protocol_versions(self.versions).with_root_certificates(roots);
        let mut config = match &self.shows {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
                let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
                builder.with_client_auth_cert(vec![certificate], key).unwrap()
            }
        };
        config.alpn_protocols = self.speaks.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        let stream = TcpStream::connect(program.address).await?;
        TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("127.0.0.1").unwrap(), stream).await
    }
}

/// Everything that the server says to a request, if anything.
async fn said(stream: &mut TlsStream<TcpStream>) -> String {
    let request = format!("GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\n{}\r\n", okta());
    let _ = stream.write_all(request.as_bytes()).await;
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn the_listener_speaks_tls_from_1_2_on_and_http_1_1_within() {
    let ours = authority("Acme R1");
    files("versions", &ours);
    let program = Program::start_in("versions", TLS, "tokens = [{ env = 'OKTA_TOKEN' }]");
    let cases: [(&str, &[&'static SupportedProtocolVersion], &[&'static str], ProtocolVersion); 3] = [
        ("the newest", &[&TLS13, &TLS12], &[], ProtocolVersion::TLSv1_3),
        ("an older one", &[&TLS12], &[], ProtocolVersion::TLSv1_2),
        ("a client of both HTTPs", &[&TLS13], &["h2", "http/1.1"], ProtocolVersion::TLSv1_3),
    ];
    for (name, versions, speaks, want) in cases {
        let visitor = Visitor { versions, speaks, ..Visitor::of(&ours) };
        let stream = visitor.connect(&program).await.unwrap();
        let (_, state) = stream.get_ref();
        assert_eq!(state.protocol_version(), Some(want), "{name}");
        let agreed = (!speaks.is_empty()).then_some(b"http/1.1".as_slice());
        assert_eq!(state.alpn_protocol(), agreed, "{name}");
        let answer = ask(stream, DISCOVERY, &okta(), "").await;
        assert_eq!(answer.status, 200, "{name}");
        let location = answer.body["meta"]["location"].as_str().unwrap();
        assert!(location.starts_with("https://127.0.0.1:"), "{location}");
    }
    let only_http2 = Visitor { speaks: &["h2"], ..Visitor::of(&ours) };
    assert!(only_http2.connect(&program).await.is_err(), "HTTP/2 is not spoken");

    let mut plain = TcpStream::connect(program.address).await.unwrap();
    plain.write_all(b"GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "no HTTP without TLS: {answer:?}");
    while program.metric("tls_handshakes_failed_total").await < 2 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_stalled_handshake_takes_a_slot_for_a_while_and_holds_nobody_up() {
    let ours = authority("Acme R1");
    files("stalled", &ours);
    let server = format!("{TLS}\n[server.limits]\nheader_timeout = '2s'");
    let program = Program::start_in("stalled", &server, "tokens = [{ env = 'OKTA_TOKEN' }]");
    let mut silent = TcpStream::connect(program.address).await.unwrap();
    let mut slow = TcpStream::connect(program.address).await.unwrap();
    // The beginning of a handshake that says it would be longer.
    slow.write_all(&[22, 3, 1, 2, 0, 1]).await.unwrap();
    while program.metric("connections_open").await < 2 {
        tokio::task::yield_now().await;
    }
    let answer = ask(Visitor::of(&ours).connect(&program).await.unwrap(), DISCOVERY, &okta(), "").await;
    assert_eq!(answer.status, 200);
    for stalled in [&mut silent, &mut slow] {
        assert!(matches!(stalled.read(&mut [0; 1]).await, Ok(0) | Err(_)), "closed without a word");
    }
    while program.metric("connections_open").await > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_new_certificate_counts_from_the_next_handshake_and_a_broken_one_never() {
    let (ours, newer) = (authority("Acme R1"), authority("Acme R2"));
    let folder = files("renewed", &ours);
    let program = Program::start_in("renewed", TLS, "tokens = [{ env = 'OKTA_TOKEN' }]");
    let before = Visitor::of(&ours).connect(&program).await.unwrap();

    write(&folder, "tls/cert.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let answer = ask(Visitor::of(&ours).connect(&program).await.unwrap(), DISCOVERY, &okta(), "").await;
    assert_eq!(answer.status, 200, "the old one stays");
    let warning = program.line(|line| line["level"] == "WARN");
    assert_eq!(warning["message"], "certificate reload rejected, the old one stays");
    assert!(warning["error"].as_str().unwrap().contains("tls/cert.pem"), "{warning}");

    put(&folder, &newer);
    let answer = ask(Visitor::of(&newer).connect(&program).await.unwrap(), DISCOVERY, &okta(), "").await;
    assert_eq!(answer.status, 200);
    assert!(Visitor::of(&ours).connect(&program).await.is_err(), "the old one is gone");
    assert_eq!(ask(before, DISCOVERY, &okta(), "").await.status, 200, "who was there before stays");
    assert_eq!(program.line(|line| line["message"] == "certificate reloaded")["level"], "INFO");
}

#[tokio::test]
async fn a_client_without_the_right_certificate_never_reaches_http() {
    let (ours, others) = (authority("Acme R1"), authority("Other R1"));
    let folder = files("mutual", &ours);
    write(&folder, "tls/ca.pem", &ours.pem());
    let server = "tls = { cert = 'tls/cert.pem', key = 'tls/key.pem', client_ca = 'tls/ca.pem' }";
    let program = Program::start_in("mutual", server, "tokens = [{ env = 'OKTA_TOKEN' }]");
    let right = Visitor { shows: Some(issued(&ours)), ..Visitor::of(&ours) };
    assert_eq!(ask(right.connect(&program).await.unwrap(), DISCOVERY, &okta(), "").await.status, 200);
    for (name, shows) in [("none", None), ("another authority's", Some(issued(&others)))] {
        for version in [&TLS12, &TLS13] {
            let visitor = Visitor { shows: shows.clone(), versions: &[version], ..Visitor::of(&ours) };
            // With TLS 1.3 the client hears of the refusal only after its side of the handshake.
            if let Ok(mut stream) = visitor.connect(&program).await {
                assert_eq!(said(&mut stream).await, "", "{name}");
            }
            let line = program.line(|line| line["audit"] == "refused");
            assert_eq!((&line["reason"], &line["client.address"]), (&json!("certificate"), &json!("127.0.0.1")));
        }
    }
    assert_eq!(program.metric("tls_handshakes_failed_total").await, 4);
}

#[tokio::test]
async fn an_open_request_over_tls_is_answered_after_the_signal_and_a_handshake_is_not_waited_for() {
    let ours = authority("Acme R1");
    files("signal", &ours);
    let gate = Gate::default();
    let ada = json!({ "id": "7", "login": "ada", "enabled": true });
    let upstream = Upstream::serve([expect("GET /users/7").answer(200, &ada).held(&gate)]).await;
    let server = format!("{TLS}\n[server.limits]\nheader_timeout = '1h'\ngrace = '1h'");
    let mut program = Program::start_in("signal", &server, &tenant(&upstream.url()));
    let _stalled = TcpStream::connect(program.address).await.unwrap();
    while program.metric("connections_open").await < 1 {
        tokio::task::yield_now().await;
    }
    let mut stream = Visitor::of(&ours).connect(&program).await.unwrap();
    let request = format!("GET /scim/v2/Users/7 HTTP/1.1\r\nHost: x\r\n{}\r\n", okta());
    stream.write_all(request.as_bytes()).await.unwrap();
    gate.arrived().await;
    program.signal("TERM");
    program.line(|line| line["message"] == "shutting down");
    gate.open();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.to_lowercase().contains("connection: close"), "{answer}");
    assert!(program.child.wait().unwrap().success());
}

#[test]
fn files_that_cannot_be_used_are_refused_at_the_start_and_a_missing_intermediate_is_told() {
    let (ours, others) = (authority("Acme R1"), authority("Other R1"));
    let (certificate, key) = issued(&ours);
    let cases = [
        ("a key of another", certificate.clone(), issued(&others).1, "does not belong to the first certificate"),
        ("no certificate", "nothing".to_owned(), key.clone(), "tls/cert.pem, holds no certificate in PEM"),
        ("no key", certificate.clone(), "nothing".to_owned(), "tls/key.pem, holds no private key in PEM"),
    ];
    for (name, certificate, key, want) in cases {
        let folder = folder("access-unusable");
        write(&folder, "mappings/acme/mapping.toml", super::MAPPING);
        write(&folder, "tls/cert.pem", &certificate);
        write(&folder, "tls/key.pem", &key);
        let tenant = "[tenants.acme]\nmapping = 'mappings/acme'\npath = '/scim/v2'\ntokens = [{ env = 'OKTA_TOKEN' }]";
        write(&folder, "config.toml", &format!("[server]\nlisten = '127.0.0.1:0'\n{TLS}\n{tenant}\n"));
        let output = command(&folder).arg("run").output().unwrap();
        let words = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(78), "{name}");
        assert!(words.contains("error[E44]") && words.contains(want), "{name}: {words}");
    }

    let folder = files("alone", &ours);
    write(&folder, "tls/cert.pem", &certificate);
    write(&folder, "tls/key.pem", &key);
    std::fs::set_permissions(folder.join("tls/key.pem"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let program = Program::start_in("alone", TLS, "tokens = [{ env = 'OKTA_TOKEN' }]");
    let warning = program.early.iter().find(|line| line["message"] == "clients may refuse the certificate");
    let missing = "the certificate of `CN=Acme R1`, which issued that of `CN=scim.acme.example`, is not in the file";
    assert!(warning.unwrap()["error"].as_str().unwrap().starts_with(missing), "{warning:?}");
}
