use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use super::*;
use crate::mapping::compile;
use crate::mapping::diagnostic::Diagnostics;
use crate::mapping::source::Source;
use crate::secret::Secret;
use crate::upstream::transport::{Request, Response, Transport, TransportError};

/// A certificate authority.
fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate for `127.0.0.1` and its key, as PEM.
fn issued(by: &CertifiedIssuer<'static, KeyPair>) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&key, by).unwrap();
    (certificate.pem(), key.serialize_pem())
}

async fn until_blank_line(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let (mut read, mut byte) = (Vec::new(), [0; 1]);
    while !read.ends_with(b"\r\n\r\n") && stream.read(&mut byte).await.is_ok_and(|count| count > 0) {
        read.push(byte[0]);
    }
    String::from_utf8(read).unwrap()
}

async fn answer(stream: &mut (impl AsyncWrite + Unpin)) {
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}").await;
    let _ = stream.shutdown().await;
}

/// An API over TLS; with `clients`, it takes only those whose certificate that authority gave. Gives its port.
async fn api(authority: &CertifiedIssuer<'static, KeyPair>, clients: bool) -> u16 {
    let (certificate, key) = issued(authority);
    let builder = if clients {
        let mut roots = RootCertStore::empty();
        roots.add(authority.der().clone()).unwrap();
        ServerConfig::builder()
            .with_client_cert_verifier(WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap())
    } else {
        ServerConfig::builder().with_no_client_auth()
    };
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(builder.with_single_cert(vec![certificate], key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            until_blank_line(&mut stream).await;
            answer(&mut stream).await;
        }
    });
    port
}

fn settings(upstream: &str) -> UpstreamSettings {
    let text = format!(
        "scim_bridge = 1\n[upstream]\nurl = 'https://127.0.0.1/v1'\n{upstream}\n\
         [User.attributes]\nid = 'id'\nuserName = 'login'\n[User]\nget = 'GET /users/{{id}}'\n"
    );
    let mut found = Diagnostics::new("mapping.toml");
    compile::load(&Source::new("mapping.toml", &text), &mut found)
        .unwrap_or_else(|| panic!("{:?}", found.found))
        .upstream
}

fn opened(upstream: &str, folder: &Path, secrets: &[(&str, &str)]) -> Result<Arc<HttpTransport>, String> {
    opened_at(None, upstream, folder, secrets)
}

fn opened_at(
    url: Option<&str>,
    upstream: &str,
    folder: &Path,
    secrets: &[(&str, &str)],
) -> Result<Arc<HttpTransport>, String> {
    let secrets = secrets.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value))).collect();
    let surroundings = Surroundings { secrets, ..Surroundings::default() };
    Arc::new(HttpTransport::new()?).for_upstream(&settings(upstream), url, folder, &surroundings)
}

async fn get(transport: &HttpTransport, url: &str) -> Result<Response, TransportError> {
    let request = Request {
        method: http::Method::GET,
        url: url.parse().unwrap(),
        headers: http::HeaderMap::new(),
        body: None,
        timeout: Duration::from_secs(5),
        max_body: 100,
    };
    transport.send(request).await
}

#[tokio::test]
async fn a_private_authority_is_trusted_where_the_mapping_names_it() {
    let (ours, other) = (authority(), authority());
    let url = format!("https://127.0.0.1:{}/", api(&ours, false).await);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ca.pem"), ours.pem()).unwrap();
    std::fs::write(folder.path().join("other.pem"), other.pem()).unwrap();
    let secrets = [("ca", ours.pem())];
    let secrets: Vec<_> = secrets.iter().map(|(name, value)| (*name, value.as_str())).collect();
    for (name, upstream, trusted) in [
        ("nothing is named", "", false),
        ("a file beside the mapping", "tls = { ca = 'ca.pem' }", true),
        ("a secret that is PEM", "tls = { ca = '{secret.ca}' }", true),
        ("another authority", "tls = { ca = 'other.pem' }", false),
    ] {
        match get(&opened(upstream, folder.path(), &secrets).unwrap(), &url).await {
            Ok(answer) => assert!(trusted && answer.status == 200, "{name}"),
            Err(TransportError::NotSent(reason)) => {
                assert!(!trusted && reason.to_lowercase().contains("certificate"), "{name}: {reason}");
            }
            Err(other) => panic!("{name}: {other}"),
        }
    }
}

#[tokio::test]
async fn a_client_certificate_is_shown_to_an_api_that_wants_one() {
    let (ours, other) = (authority(), authority());
    let url = format!("https://127.0.0.1:{}/", api(&ours, true).await);
    let folder = tempfile::tempdir().unwrap();
    let ((certificate, key), (strange, strange_key)) = (issued(&ours), issued(&other));
    for (name, content) in [("ca", ours.pem()), ("c", certificate), ("k", key), ("s", strange), ("sk", strange_key)] {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    for (name, upstream, welcome) in [
        ("its own", "tls = { ca = 'ca', cert = 'c', key = 'k' }", true),
        ("none", "tls = { ca = 'ca' }", false),
        ("one of another authority", "tls = { ca = 'ca', cert = 's', key = 'sk' }", false),
    ] {
        let answer = get(&opened(upstream, folder.path(), &[]).unwrap(), &url).await;
        assert_eq!(answer.is_ok(), welcome, "{name}: {answer:?}");
    }
}

#[tokio::test]
async fn calls_go_through_the_proxy_that_the_mapping_names() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let proxy = tokio::spawn(async move {
        let mut heads = Vec::new();
        for _ in 0..3 {
            let (mut stream, _) = listener.accept().await.unwrap();
            heads.push(until_blank_line(&mut stream).await);
            if heads.len() == 2 {
                let _ = stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").await;
            } else {
                answer(&mut stream).await;
            }
        }
        heads
    });
    let upstream = format!("proxy = 'http://ada:{{secret.word}}@127.0.0.1:{port}'");
    let transport = opened(&upstream, Path::new("."), &[("word", "s3/c:r@t")]).unwrap();
    assert_eq!(get(&transport, "http://api.example/v1/users").await.unwrap().status, 200);
    let refused = get(&transport, "https://api.example/v1/users").await.unwrap_err();
    assert!(matches!(&refused, TransportError::NotSent(reason) if !reason.contains("s3/c")), "{refused}");
    let whole = format!("http://ada:s3%2Fc%3Ar%40t@127.0.0.1:{port}");
    let transport = opened("proxy = '{secret.proxy}'", Path::new("."), &[("proxy", &whole)]).unwrap();
    assert_eq!(get(&transport, "http://api.example/v1/users").await.unwrap().status, 200);
    let heads = proxy.await.unwrap();
    assert!(heads[0].starts_with("GET http://api.example/v1/users HTTP/1.1\r\n"), "{}", heads[0]);
    assert!(heads[1].starts_with("CONNECT api.example:443 HTTP/1.1\r\n"), "{}", heads[1]);
    for head in &heads {
        assert!(head.to_lowercase().contains("proxy-authorization: basic ywrhonmzl2m6ckb0"), "{head}");
    }
}

#[tokio::test]
async fn certificates_are_for_the_upstream_alone_and_not_for_a_login_elsewhere() {
    let ours = authority();
    let at = |port: u16| format!("https://127.0.0.1:{port}/");
    let (home, other) = (at(api(&ours, false).await), at(api(&ours, false).await));
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ca.pem"), ours.pem()).unwrap();
    for (name, login, trusted) in
        [("a login elsewhere", format!("{other}token"), false), ("one at the same origin", "/token".to_owned(), true)]
    {
        let upstream = format!(
            "tls = {{ ca = 'ca.pem' }}\nsession = {{ call = 'POST {login}', capture = {{ token = '$.token' }} }}"
        );
        let transport = opened_at(Some(&home), &upstream, folder.path(), &[]).unwrap();
        assert_eq!(get(&transport, &home).await.map(|answer| answer.status), Ok(200), "{name}");
        let elsewhere = get(&transport, &other).await;
        assert_eq!(elsewhere.is_ok(), trusted, "{name}: {elsewhere:?}");
        assert!(trusted || matches!(elsewhere, Err(TransportError::NotSent(_))), "{name}: {elsewhere:?}");
    }
}

#[tokio::test]
async fn pem_is_known_as_such_whatever_stands_before_it() {
    let ours = authority();
    let url = format!("https://127.0.0.1:{}/", api(&ours, false).await);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("marked.pem"), format!("\u{feff}{}", ours.pem())).unwrap();
    let exported = format!("Bag Attributes\n    friendlyName: ours\nsubject=CN = ours\n{}", ours.pem());
    for (name, upstream) in [
        ("as it is", format!("tls = {{ ca = '''{}''' }}", ours.pem())),
        ("exported with its attributes", format!("tls = {{ ca = '''{exported}''' }}")),
        ("a byte order mark", format!("tls = {{ ca = '''\u{feff}{}''' }}", ours.pem())),
        ("a file with a byte order mark", "tls = { ca = 'marked.pem' }".to_owned()),
    ] {
        let transport = opened(&upstream, folder.path(), &[]).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert_eq!(get(&transport, &url).await.unwrap().status, 200, "{name}");
    }
}

#[test]
fn nothing_of_pem_in_a_mapping_is_ever_shown() {
    for (name, key) in [
        ("a key that is none", "-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----\n"),
        ("with attributes", "Bag Attributes\n    id: s3cret\n-----BEGIN PRIVATE KEY-----\ns3cret\n"),
        ("with a byte order mark", "\u{feff}-----BEGIN PRIVATE KEY-----\ns3cret\n"),
        ("without its first line", "Bag Attributes\ns3cret\n"),
        ("all in one line", "-----BEGIN PRIVATE KEY-----\\ns3cret\\n-----END PRIVATE KEY-----"),
    ] {
        let upstream = format!("tls = {{ cert = '''{}''', key = '''{key}''' }}", issued(&authority()).0);
        let refused = opened(&upstream, Path::new("/none"), &[]).err().unwrap_or_else(|| panic!("{name}"));
        assert!(refused.contains("`tls.key`") && !refused.contains("s3cret"), "{name}: {refused}");
    }
}

#[tokio::test]
async fn no_call_to_this_machine_goes_through_the_proxy() {
    // It would wait for ever for somebody to accept the connection.
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            until_blank_line(&mut stream).await;
            answer(&mut stream).await;
        }
    });
    let upstream = format!("proxy = 'http://{}'", proxy.local_addr().unwrap());
    let transport = opened(&upstream, Path::new("."), &[]).unwrap();
    for host in ["127.0.0.1", "localhost"] {
        let answered = get(&transport, &format!("http://{host}:{port}/")).await;
        assert_eq!(answered.map(|answer| answer.status), Ok(200), "{host}");
    }
}

#[test]
fn what_cannot_be_used_is_said_without_what_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("empty.pem"), "s3cret").unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    for (name, upstream, expected) in [
        (
            "no file",
            "tls = { ca = 'none.pem' }",
            format!("the file of `tls.ca`, {}, cannot be read: entity not found", at("none.pem")),
        ),
        (
            "no certificate",
            "tls = { ca = 'empty.pem' }",
            format!("the file of `tls.ca`, {}, holds no PEM certificate", at("empty.pem")),
        ),
        (
            "no identity",
            "tls = { cert = 'empty.pem', key = '{secret.key}' }",
            "the file of `tls.key` cannot be read: entity not found".to_owned(),
        ),
        ("no secret", "tls = { ca = '{secret.unset}' }", "`tls.ca`: `{secret.unset}` has no value".to_owned()),
        ("no URL", "proxy = 'proxy.example:3128'", "`proxy` is no URL such as `http://proxy.example:3128`".to_owned()),
        (
            "another way",
            "proxy = 'socks5://proxy.example'",
            "`proxy` is no URL such as `http://proxy.example:3128`".to_owned(),
        ),
    ] {
        let refused = opened(upstream, folder.path(), &[("key", "s3cret")]).err();
        assert_eq!(refused.as_deref(), Some(expected.as_str()), "{name}");
    }
}
