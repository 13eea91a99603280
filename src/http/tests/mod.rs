//! The listener over a real socket, with a scripted engine behind it.

use std::sync::Arc;

use crate::http::Limits;
use crate::scim::discovery::BulkLimits;

mod admin;
mod bulk;
mod ending;
mod script;
mod slow;

use script::{InMemory, Running, TOKEN};

/// A search for everything.
const SEARCH: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}"#;

/// Small bounds, so that a test can pass them.
fn small() -> Limits {
    Limits {
        body: 100,
        group_body: 200,
        bulk: BulkLimits { max_operations: 3, max_payload_size: 600 },
        header_bytes: 2000,
        header_lines: 20,
        url: 200,
        filter: 20,
        ..Limits::default()
    }
}

#[tokio::test]
async fn every_refusal_is_a_scim_error_with_its_status() {
    let server = Running::start(small()).await;
    let long_url = format!("GET /Users/{}", "x".repeat(300));
    let long_header = format!("X-Long: {}\r\n", "x".repeat(2000));
    let many_headers = "X-Many: 1\r\n".repeat(21);
    let long_body = "x".repeat(101);
    let (long_bulk, many_operations) = ("x".repeat(601), bulk::body("{},{},{},{}"));
    let cases = [
        // (name, request, headers, body, status, header of the answer)
        (
            "no token",
            "GET /Users/1",
            "Authorization: non-token\r\n",
            "",
            401,
            Some(("www-authenticate", "Bearer realm=\"scim\"")),
        ),
        ("no token, and a body", "POST /Users", "Authorization: Bearer x\r\n", "{}", 401, None),
        ("an unknown path", "GET /Devices", "", "", 404, None),
        ("a wrong method", "DELETE /Users", "", "", 405, Some(("allow", "GET, HEAD, POST, OPTIONS"))),
        (
            "a method that nobody knows",
            "BREW /Users/1",
            "",
            "",
            405,
            Some(("allow", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS")),
        ),
        ("a bulk request that is none", "POST /Bulk", "", "{}", 400, None),
        ("a form for a bulk request", "POST /Bulk", "Content-Type: text/plain\r\n", "{}", 415, None),
        ("a bulk request by GET", "GET /Bulk", "", "", 405, Some(("allow", "POST, OPTIONS"))),
        ("a large bulk request", "POST /Bulk", "", &long_bulk, 413, None),
        ("a bulk request of many operations", "POST /Bulk", "", &many_operations, 413, None),
        ("me", "GET /Me", "", "", 501, None),
        ("a search that says nothing", "POST /.search", "", "", 400, None),
        ("a search that is none", "POST /Users/.search", "", "{}", 400, None),
        ("a form for a search", "POST /Users/.search", "Content-Type: text/plain\r\n", "{}", 415, None),
        ("a large search", "POST /Groups/.search", "", &long_body, 413, None),
        ("a search by GET", "GET /Users/.search", "", "", 405, Some(("allow", "POST, OPTIONS"))),
        ("a page", "GET /Users/1", "Accept: text/html\r\n", "", 406, None),
        ("a creation for a page", "POST /Users", "Accept: text/html, */*;q=0\r\n", "{}", 406, None),
        ("a form", "POST /Users", "Content-Type: application/x-www-form-urlencoded\r\n", "a=b", 415, None),
        ("a compressed body", "POST /Users", "Content-Encoding: gzip\r\n", "x", 415, None),
        ("a large body", "POST /Users", "", &long_body, 413, None),
        ("an announced large body", "POST /Users", "Expect: 100-continue\r\nContent-Length: 101\r\n", "", 413, None),
        ("a large body in chunks", "POST /Users", "Transfer-Encoding: chunked\r\n", "", 413, None),
        ("a long URL", &long_url, "", "", 414, None),
        ("a long header", "GET /Users/1", &long_header, "", 431, None),
        ("many headers", "GET /Users/1", &many_headers, "", 431, None),
        ("a broken parameter", "GET /Users?count=x", "", "", 400, None),
        ("a long filter", "GET /Users?filter=userName%20eq%20%22a-long-name%22", "", "", 400, None),
        ("a refused value", "GET /Users/refused", "", "", 400, None),
    ];
    for (name, line, headers, body, status, want) in cases {
        if name.ends_with("in chunks") {
            let mut client = server.connect().await;
            client.request(line, headers, "").await;
            client.send("65\r\n").await;
            client.send(&long_body).await;
            client.send("\r\n0\r\n\r\n").await;
            assert_eq!(client.answer(false).await.status, status, "{name}");
            continue;
        }
        let answer = server.ask(line, headers, body).await;
        assert_eq!(answer.status, status, "{name}");
        if let Some((header, value)) = want {
            assert_eq!(answer.header(header), Some(value), "{name}");
        }
    }
}

#[tokio::test]
async fn what_fits_is_carried_out() {
    let server = Running::start(small()).await;
    let cases = [
        // (name, request, headers, body, status, body of the answer)
        ("a user", "GET /Users/a%2Fb", "", "", 200, "get a/b"),
        ("a GET with a content type", "GET /Users/1", "Content-Type: text/plain\r\n", "", 200, "get 1"),
        ("the headers of a user", "HEAD /Users/1", "", "", 200, ""),
        ("the users", "GET /Users", "", "", 200, "list"),
        ("a new user", "POST /Users", "Content-Type: application/json\r\n", "{}", 201, "create"),
        ("a change", "PATCH /Users/1", "Content-Type: application/scim+json; charset=utf-8\r\n", "{}", 200, "patch"),
        ("a removal", "DELETE /Users/1", "", "", 204, ""),
        ("the methods of a path", "OPTIONS /Users", "", "", 204, ""),
        ("the methods of a search", "OPTIONS /Users/.search", "", "", 204, ""),
        ("a search", "POST /Users/.search", "Content-Type: application/json\r\n", SEARCH, 200, "list"),
        ("a search over everything", "POST /.search", "", SEARCH, 200, "search"),
        ("a scheme in lower case", "GET /Users/1", "Authorization: bearer a-token-of-the-tests\r\n", "", 200, "get 1"),
    ];
    for (name, line, headers, body, status, want) in cases {
        let answer = server.ask(line, headers, body).await;
        assert_eq!((answer.status, answer.body.as_str()), (status, want), "{name}");
    }
    let large = "x".repeat(150);
    assert_eq!(server.ask("POST /Groups", "", &large).await.status, 201, "a group may be larger");
    let plain = server.ask("GET /Users/1", "Accept: application/json\r\n", "").await;
    assert_eq!(plain.header("content-type"), Some("application/json"), "to whom takes nothing else");
    let created = server.ask("POST /Users", "", "{}").await;
    assert_eq!(created.header("location"), Some("https://scim.example/scim/v2/Users/1"));
    assert_eq!(created.header("content-type"), Some("application/scim+json"));
}

#[tokio::test]
async fn one_connection_serves_many_requests_also_after_a_refusal() {
    let server = Running::start(small()).await;
    let mut client = server.connect().await;
    for (line, headers, body, status) in [
        ("GET /Users/1", "", "", 200),
        ("POST /Users", "Authorization: none\r\n", "{}", 401),
        ("POST /Users", "", "{}", 201),
        ("GET /nothing", "", "", 404),
        ("HEAD /Users/1", "", "", 200),
        ("HEAD /nothing", "", "", 404),
        ("GET /Users/2", "", "", 200),
    ] {
        client.request(line, headers, body).await;
        assert_eq!(client.answer(line.starts_with("HEAD")).await.status, status, "{line}");
    }
}

#[tokio::test]
async fn nothing_is_smuggled_behind_a_body_of_ambiguous_length() {
    let mut server = Running::start(small()).await;
    let token = format!("Host: x\r\nAuthorization: Bearer {TOKEN}\r\n");
    let smuggled = format!("DELETE /scim/v2/Users/slow HTTP/1.1\r\n{token}\r\n");
    let cases = [
        // (name, header lines, body, how the only answer begins)
        ("two lengths", "Content-Length: 2\r\nContent-Length: 3\r\n", "{}", "HTTP/1.1 400"),
        ("a signed length", "Content-Length: +2\r\n", "{}", "HTTP/1.1 400"),
        (
            "chunks and a length",
            "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
            "2\r\n{}\r\n0\r\n\r\n",
            "HTTP/1.1 201",
        ),
        (
            "a length and chunks",
            "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
            "2\r\n{}\r\n0\r\n\r\n",
            "HTTP/1.1 201",
        ),
        ("not chunked in the end", "Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n", "HTTP/1.1 400"),
        ("a space before the colon", "Content-Length : 2\r\n", "{}", "HTTP/1.1 400"),
        ("a folded line", "X-A: b\r\n Content-Length: 2\r\n", "{}", "HTTP/1.1 400"),
    ];
    for (name, headers, body, want) in cases {
        let mut client = server.connect().await;
        client.send(&format!("POST /scim/v2/Users HTTP/1.1\r\n{token}{headers}\r\n{body}{smuggled}")).await;
        let answers = client.rest().await;
        assert!(answers.starts_with(want), "{name}: {answers}");
        assert_eq!(answers.matches("HTTP/1.1 ").count(), 1, "{name}: {answers}");
    }
    assert!(server.events.try_recv().is_err(), "nothing was deleted");
}

#[tokio::test]
async fn a_harmless_request_id_comes_back() {
    let server = Running::start(small()).await;
    let kept = server.ask("GET /Users/1", "X-Request-Id: okta-1.2_3\r\n", "").await;
    assert_eq!(kept.header("x-request-id"), Some("okta-1.2_3"));
    let replaced = server.ask("GET /Users/1", "X-Request-Id: a b\r\n", "").await;
    assert_eq!(replaced.header("x-request-id").map(str::len), Some(16));
}

#[tokio::test]
async fn a_panic_is_a_500_and_the_rest_is_served() {
    let server = Running::start(small()).await;
    let mut client = server.connect().await;
    for line in ["GET /Users/panic", "DELETE /Users/panic", "GET /Users/1"] {
        client.request(line, "", "").await;
        let answer = client.answer(false).await;
        assert_eq!(answer.status, if line.ends_with('1') { 200 } else { 500 }, "{line}");
        assert!(!answer.body.contains("as the script says"));
    }
    assert_eq!(server.metrics.panics.get(), 2);
    assert_eq!(server.metrics.in_flight.get(), 0);
}

#[tokio::test]
async fn beyond_the_bound_of_operations_a_client_is_told_to_wait() {
    let mut server = Running::start(Limits { in_flight: 1, ..small() }).await;
    let mut client = server.connect().await;
    client.request("GET /Users/slow", "", "").await;
    assert_eq!(server.event().await, "started");
    let answer = server.ask("GET /Users/1", "", "").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    server.gate.add_permits(1);
    assert_eq!(client.answer(false).await.status, 200);
    assert_eq!(server.ask("GET /Users/1", "", "").await.status, 200);
}

#[tokio::test]
async fn a_body_for_which_there_is_no_room_is_told_to_come_again() {
    let InMemory { mut client, service, .. } = InMemory::start(small());
    let others = Arc::clone(&service.room).acquire_many_owned(u32::try_from(small().bodies() - 1).unwrap());
    let others = others.await.unwrap();
    client.request("POST /Users", "", "{}").await;
    let answer = client.answer(false).await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    assert_eq!(service.room.available_permits(), 1, "what was taken for the refused body is given back");
    drop(others);
    client.request("POST /Users", "", "{}").await;
    assert_eq!(client.answer(false).await.status, 201);
    assert_eq!(service.room.available_permits(), small().bodies());
}

#[tokio::test]
async fn a_change_keeps_the_room_of_its_body_until_its_end_also_without_a_client() {
    let InMemory { mut client, gate, service, mut events } = InMemory::start(small());
    client.request("POST /Users", "Transfer-Encoding: chunked\r\n", "").await;
    client.send("2\r\nsl\r\n2\r\now\r\n0\r\n\r\n").await;
    assert_eq!(events.recv().await.unwrap(), "started");
    drop(client);
    assert_eq!(service.room.available_permits(), small().bodies() - "slow".len());
    gate.add_permits(1);
    assert_eq!(events.recv().await.unwrap(), "finished");
    service.operations.close();
    service.operations.wait().await;
    assert_eq!(service.room.available_permits(), small().bodies());
    assert_eq!(service.at_work(), 0);
}
