//! Slow peers, on a clock that moves only when everybody waits.

use std::sync::Arc;
use std::time::Duration;

use rcgen::generate_simple_self_signed;
use tokio::io::DuplexStream;
use tokio::time::Instant;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::script::InMemory;
use super::small;

#[tokio::test(start_paused = true)]
async fn a_slow_peer_is_cut_off_in_the_time_of_what_it_is_late_with() {
    let cases = [
        // (name, what is sent, seconds until the connection is closed)
        ("no byte at all", "", 75),
        ("one byte", "G", 10),
        ("half a header block", "GET /scim/v2/Users/1 HTTP/1.1\r\nHost: x\r\n", 10),
    ];
    for (name, sent, seconds) in cases {
        let mut client = InMemory::start(small()).client;
        let since = Instant::now();
        client.send(sent).await;
        assert!(client.is_closed().await, "{name}");
        assert_eq!(since.elapsed().as_secs(), seconds, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_time_of_a_header_block_is_not_lengthened_by_every_byte() {
    let mut client = InMemory::start(small()).client;
    for _ in 0..3 {
        client.send("X").await;
        tokio::time::sleep(Duration::from_secs(3)).await;
    }
    let since = Instant::now();
    assert!(client.is_closed().await);
    assert_eq!(since.elapsed().as_secs(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_outlives_the_time_of_a_header_block() {
    let mut client = InMemory::start(small()).client;
    for _ in 0..3 {
        client.request("GET /Users/1", "", "").await;
        assert_eq!(client.answer(false).await.status, 200);
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    client.request("GET /Users/1", "", "").await;
    assert_eq!(client.answer(false).await.status, 200);
    let since = Instant::now();
    assert!(client.is_closed().await);
    assert_eq!(since.elapsed().as_secs(), 75);
}

#[tokio::test(start_paused = true)]
async fn a_long_operation_is_not_a_slow_peer() {
    for line in ["GET /Users/slow", "DELETE /Users/slow"] {
        let InMemory { mut client, gate, .. } = InMemory::start(small());
        client.request(line, "", "").await;
        tokio::time::sleep(Duration::from_secs(200)).await;
        gate.add_permits(1);
        assert!(client.answer(false).await.status < 300, "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_a_408_in_its_time() {
    let mut client = InMemory::start(small()).client;
    client.request("POST /Users", "Content-Length: 10\r\n", "").await;
    client.send("{").await;
    let since = Instant::now();
    assert_eq!(client.answer(false).await.status, 408);
    assert_eq!(since.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_its_answer_is_cut_off() {
    let mut client = InMemory::start(small()).client;
    let since = Instant::now();
    client.flood("GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(since.elapsed().as_secs(), 75);
}

/// A connection whose handshake is done.
async fn over_tls() -> InMemory<TlsStream<DuplexStream>> {
    let own = generate_simple_self_signed(["scim.acme.example".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let server = ServerConfig::builder().with_no_client_auth();
    let server = TlsAcceptor::from(Arc::new(server.with_single_cert(vec![own.cert.der().clone()], key).unwrap()));
    let mut roots = RootCertStore::empty();
    roots.add(own.cert.der().clone()).unwrap();
    let client = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let (near, far) = tokio::io::duplex(1024);
    let name = ServerName::try_from("scim.acme.example").unwrap();
    let connector = TlsConnector::from(Arc::new(client));
    let (near, far) = tokio::join!(connector.connect(name, near), server.accept(far));
    InMemory::between(small(), near.unwrap(), far.unwrap())
}

#[tokio::test(start_paused = true)]
async fn over_tls_a_slow_peer_is_cut_off_in_the_same_time() {
    for (name, sent, seconds) in
        [("no byte at all", "", 75), ("half a header block", "GET /scim/v2/Users/1 HTTP/1.1\r\n", 10)]
    {
        let mut client = over_tls().await.client;
        let since = Instant::now();
        client.send(sent).await;
        assert!(client.is_closed().await, "{name}");
        assert_eq!(since.elapsed().as_secs(), seconds, "{name}");
    }
    let InMemory { mut client, .. } = over_tls().await;
    client.request("GET /Users/1", "", "").await;
    assert_eq!(client.answer(false).await.status, 200, "who is not slow is served");
    let since = Instant::now();
    client.flood("GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(since.elapsed().as_secs(), 75, "who does not read");
}
