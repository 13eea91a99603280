//! Ends: of a client's patience, and of the server.

use tokio::time::Instant;

use super::script::Running;
use super::small;
use crate::http::{Drained, Limits};

#[tokio::test]
async fn a_hang_up_cancels_a_read_and_never_a_change() {
    let mut server = Running::start(small()).await;
    for (line, end) in [("GET /Users/slow", "cancelled"), ("DELETE /Users/slow", "finished")] {
        let mut client = server.connect().await;
        client.request(line, "", "").await;
        assert_eq!(server.event().await, "started", "{line}");
        drop(client);
        if end == "finished" {
            // The server has seen the hang-up once the connection is gone.
            while server.metrics.connections.get() > 0 {
                tokio::task::yield_now().await;
            }
            server.gate.add_permits(1);
        }
        assert_eq!(server.event().await, end, "{line}");
    }
}

#[tokio::test]
async fn an_open_request_is_answered_after_the_signal() {
    let mut server = Running::start(small()).await;
    let mut idle = server.connect().await;
    idle.request("GET /Users/1", "", "").await;
    assert_eq!(idle.answer(false).await.status, 200);
    let mut client = server.connect().await;
    client.request("GET /Users/slow", "", "").await;
    assert_eq!(server.event().await, "started");
    server.shutdown.send(()).unwrap();
    assert!(idle.is_closed().await, "an idle connection is closed");
    assert!(tokio::net::TcpStream::connect(server.address).await.is_err(), "no connection is accepted any more");
    server.gate.add_permits(1);
    let answer = client.answer(false).await;
    assert_eq!((answer.status, answer.header("connection")), (200, Some("close")));
    assert_eq!(server.ended.await.unwrap(), Drained { cut: 0 });
}

#[tokio::test]
async fn a_request_that_crosses_the_signal_is_answered_as_the_last_of_its_connection() {
    let mut server = Running::start(small()).await;
    let (mut kept, mut fresh) = (server.connect().await, server.connect().await);
    kept.request("GET /Users/1", "", "").await;
    assert_eq!(kept.answer(false).await.header("connection"), None);
    let mut slow = server.connect().await;
    slow.request("GET /Users/slow", "", "").await;
    assert_eq!(server.event().await, "started", "the two before it have been accepted");
    server.shutdown.send(()).unwrap();
    while tokio::net::TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    for client in [&mut kept, &mut fresh] {
        client.request("GET /Users/1", "", "").await;
        let answer = client.answer(false).await;
        assert_eq!((answer.status, answer.header("connection")), (200, Some("close")));
    }
    server.gate.add_permits(1);
    assert_eq!(slow.answer(false).await.status, 200);
    assert_eq!(server.ended.await.unwrap(), Drained { cut: 0 });
}

#[tokio::test]
async fn a_second_signal_ends_the_drain_and_the_cut_operations_are_counted() {
    let mut server = Running::start(small()).await;
    let mut client = server.connect().await;
    client.request("DELETE /Users/slow", "", "").await;
    assert_eq!(server.event().await, "started");
    server.shutdown.send(()).unwrap();
    server.abort.send(()).unwrap();
    assert_eq!(server.ended.await.unwrap(), Drained { cut: 1 });
}

#[test]
fn a_change_that_the_process_cut_off_is_not_taken_for_a_client_that_has_gone() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for (line, status) in [("DELETE /Users/slow", 500), ("GET /Users/slow", 499)] {
        let (method, _) = line.split_once(' ').unwrap();
        let runtime = runtime();
        let metrics = runtime.block_on(async {
            let mut server = Running::start(small()).await;
            let mut client = server.connect().await;
            client.request(line, "", "").await;
            assert_eq!(server.event().await, "started", "{line}");
            server.abort.send(()).unwrap();
            assert_eq!(server.ended.await.unwrap(), Drained { cut: 1 }, "{line}");
            server.metrics
        });
        drop(runtime);
        let labels = format!(r#"tenant="acme",method="{method}",template="/Users/{{id}}",status="{status}""#);
        let want = format!("scim_requests_total{{{labels}}} 1");
        assert!(metrics.render().lines().any(|found| found == want), "{want} is not in\n{}", metrics.render());
    }
}

#[tokio::test]
async fn the_drain_ends_after_the_grace_time() {
    let mut server = Running::start(small()).await;
    let mut client = server.connect().await;
    client.request("DELETE /Users/slow", "", "").await;
    assert_eq!(server.event().await, "started");
    // From here on nothing comes over the socket.
    tokio::time::pause();
    let signalled = Instant::now();
    server.shutdown.send(()).unwrap();
    assert_eq!(server.ended.await.unwrap(), Drained { cut: 1 });
    assert_eq!(signalled.elapsed().as_secs(), Limits::default().grace.as_secs());
}
