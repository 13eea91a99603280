use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// A server that reads one request and then behaves as `respond` says. Gives its address and what it read.
async fn serve<F, R>(respond: F) -> (String, tokio::task::JoinHandle<io::Result<String>>)
where
    F: FnOnce(TcpStream) -> R + Send + 'static,
    R: Future<Output = io::Result<()>> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/v1/users?q=secret-value", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        let (mut read, mut buffer) = (Vec::new(), [0; 1024]);
        while !read.windows(4).any(|four| four == b"\r\n\r\n") {
            let count = stream.read(&mut buffer).await?;
            if count == 0 {
                break;
            }
            read.extend_from_slice(&buffer[..count]);
        }
        respond(stream).await?;
        Ok(String::from_utf8_lossy(&read).into_owned())
    });
    (address, server)
}

async fn send(url: &str, timeout: Duration, max_body: usize) -> Result<Response, TransportError> {
    let request = Request {
        method: http::Method::GET,
        url: url.parse().unwrap(),
        headers: [(http::header::ACCEPT, http::HeaderValue::from_static("application/json"))].into_iter().collect(),
        body: None,
        timeout,
        max_body,
    };
    HttpTransport::new().unwrap().send(request).await
}

const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(200);

#[tokio::test]
async fn an_answer_is_read_whole() {
    let (url, server) = serve(async |mut stream: TcpStream| {
        stream.write_all(b"HTTP/1.1 404 Not Found\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{\"\r\n5\r\na\":1}\r\n0\r\n\r\n").await
    })
    .await;
    let answer = send(&url, LONG, 100).await.unwrap();
    assert_eq!(
        (answer.status, &answer.body[..], answer.headers["x-a"].as_bytes()),
        (404, &br#"{"a":1}"#[..], &b"1"[..])
    );
    let request = server.await.unwrap().unwrap().to_lowercase();
    assert!(request.starts_with("get /v1/users?q=secret-value http/1.1\r\n"), "{request}");
    assert!(
        request.contains("\r\naccept: application/json\r\n") && request.contains("user-agent: scim-bridge/"),
        "{request}"
    );
    assert!(!request.contains("accept-encoding"), "{request}");
}

#[tokio::test]
async fn a_server_that_never_answers_is_timed_out() {
    let (url, server) = serve(async |mut stream: TcpStream| stream.read_u8().await.map(|_| ()).or(Ok(()))).await;
    assert!(matches!(send(&url, SHORT, 100).await, Err(TransportError::TimedOut(SHORT))));
    server.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_server_that_drips_is_timed_out() {
    let (url, server) = serve(async |mut stream: TcpStream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n").await?;
        let mut tick = tokio::time::interval(Duration::from_millis(10));
        while stream.write_all(b"x").await.is_ok() {
            tick.tick().await;
        }
        Ok(())
    })
    .await;
    assert!(matches!(send(&url, SHORT, 2_000_000).await, Err(TransportError::TimedOut(SHORT))));
    server.await.unwrap().unwrap();
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_not_read_to_its_end() {
    for announced in [true, false] {
        let (url, server) = serve(async move |mut stream: TcpStream| {
            let head = if announced {
                "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n"
            } else {
                "HTTP/1.1 200 OK\r\n\r\n"
            };
            stream.write_all(head.as_bytes()).await?;
            while stream.write_all(&[b'x'; 1024]).await.is_ok() {}
            Ok(())
        })
        .await;
        assert!(matches!(send(&url, LONG, 4096).await, Err(TransportError::TooLarge(4096))), "announced: {announced}");
        server.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let location = other.local_addr().unwrap();
    let (url, _server) = serve(async move |mut stream: TcpStream| {
        stream
            .write_all(
                format!("HTTP/1.1 302 Found\r\nLocation: http://{location}/\r\nContent-Length: 0\r\n\r\n").as_bytes(),
            )
            .await
    })
    .await;
    assert_eq!(send(&url, LONG, 100).await.unwrap().status, 302);
    assert!(
        tokio::time::timeout(Duration::from_millis(20), other.accept()).await.is_err(),
        "the other host was called"
    );
}

#[tokio::test]
async fn a_refused_connection_was_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/?q=secret-value", listener.local_addr().unwrap());
    drop(listener);
    let error = send(&url, LONG, 100).await.unwrap_err();
    assert!(matches!(error, TransportError::NotSent(_)), "{error:?}");
    assert!(!error.to_string().contains("secret-value"), "{error}");
}

#[tokio::test]
async fn a_connection_that_breaks_may_have_done_its_work() {
    let table: [(&str, &[u8]); 3] = [
        ("before the answer", b""),
        ("in the body", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"a\""),
        ("no HTTP", b"SSH-2.0-OpenSSH\r\n\r\n"),
    ];
    for (name, bytes) in table {
        let (url, _server) = serve(async move |mut stream: TcpStream| stream.write_all(bytes).await).await;
        let error = send(&url, LONG, 100).await.unwrap_err();
        assert!(matches!(error, TransportError::Broken(_)), "{name}: {error:?}");
        assert!(!error.to_string().contains("secret-value"), "{name}: {error}");
    }
}
