//! Tenants at one path, told apart by the host that a request names.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Program, READER};
use crate::support::bridge::TOKEN;
use crate::support::upstream::{Step, Upstream, expect};

/// Two customers with the same ids and logins; the program serves both at one path, a third one at any host.
async fn start(name: &str, acme: Vec<Step>, globex: Vec<Step>) -> (Program, [Upstream; 2]) {
    let upstreams = [Upstream::serve(acme).await, Upstream::serve(globex).await];
    let tenants = format!(
        "tokens = [{{ env = 'OKTA_TOKEN' }}]\nurl = '{}'\nhosts = ['acme.example', 'ACME.test']\n\
         public_url = 'https://acme.example'\n\
         [tenants.globex]\nmapping = 'mappings/acme'\npath = '/scim/v2'\ntokens = [{{ env = 'READER' }}]\nurl = '{}'\n\
         hosts = ['globex.example']\npublic_url = 'https://globex.example'\n\
         [tenants.any]\nmapping = 'mappings/acme'\npath = '/any'\ntokens = [{{ env = 'HR' }}]",
        upstreams[0].url(),
        upstreams[1].url(),
    );
    (Program::start(name, "", &tenants), upstreams)
}

fn user(mark: &str) -> Value {
    json!({ "id": "7", "login": format!("ada-of-{mark}"), "enabled": true })
}

fn read(mark: &str) -> Step {
    expect("GET /users/7").answer(200, &user(mark))
}

/// One request with these lines for the host; the status and the whole answer.
async fn ask(address: SocketAddr, target: &str, hosts: &str, token: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let lines = format!("Authorization: Bearer {token}\r\nConnection: close\r\n{hosts}");
    stream.write_all(format!("GET {target} HTTP/1.1\r\n{lines}\r\n").as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    (text.split(' ').nth(1).unwrap().parse().unwrap(), text)
}

const ADA: &str = "/scim/v2/Users/7";

#[tokio::test]
async fn the_host_decides_whose_request_it_is_and_the_token_whether_it_may() {
    let (program, _upstreams) = start("hosts", vec![read("acme"); 4], vec![read("globex"); 2]).await;
    let absolute = "http://globex.example:8080/scim/v2/Users/7";
    let cases = [
        ("a host", ADA, "Host: acme.example\r\n", TOKEN, 200, "ada-of-acme"),
        ("with a port", ADA, "Host: acme.example:8443\r\n", TOKEN, 200, "ada-of-acme"),
        ("in upper case", ADA, "Host: ACME.EXAMPLE\r\n", TOKEN, 200, "ada-of-acme"),
        ("its other host", ADA, "Host: acme.test\r\n", TOKEN, 200, "ada-of-acme"),
        ("another host", ADA, "Host: globex.example\r\n", READER, 200, "ada-of-globex"),
        ("an absolute target", absolute, "Host: acme.example\r\n", READER, 200, "ada-of-globex"),
        ("the other's token", ADA, "Host: acme.example\r\n", READER, 401, "no valid bearer token"),
        ("the first's token", ADA, "Host: globex.example\r\n", TOKEN, 401, "no valid bearer token"),
        ("an absolute target, with the header's token", absolute, "Host: acme.example\r\n", TOKEN, 401, "no valid"),
        ("an unknown host", ADA, "Host: other.example\r\n", TOKEN, 404, "there is no such path here"),
        ("a host below", ADA, "Host: x.acme.example\r\n", TOKEN, 404, "there is no such path here"),
        ("a host that only begins so", ADA, "Host: acme.example.evil\r\n", TOKEN, 404, "there is no such path here"),
        (
            "somebody else's word",
            ADA,
            "Host: o.example\r\nX-Forwarded-Host: acme.example\r\n",
            TOKEN,
            404,
            "no such path",
        ),
        ("two hosts", ADA, "Host: acme.example\r\nHost: acme.example\r\n", TOKEN, 404, "there is no such path here"),
        ("none", ADA, "", TOKEN, 404, "there is no such path here"),
        ("a tenant of any host", "/any/Users/7", "Host: other.example\r\n", TOKEN, 401, "no valid bearer token"),
    ];
    for (name, target, hosts, token, status, wanted) in cases {
        let (got, text) = ask(program.address, target, hosts, token).await;
        assert_eq!(got, status, "{name}: {text}");
        assert!(text.contains(wanted), "{name}: {text}");
        if status == 404 {
            assert!(text.contains("urn:ietf:params:scim:api:messages:2.0:Error"), "{name}: {text}");
        }
        // What the request names is never the place of a resource.
        let place = |mark: &str| format!("\"location\":\"https://{mark}.example/scim/v2/Users/7\"");
        let mark = wanted.strip_prefix("ada-of-").unwrap_or_default();
        assert!(status != 200 || text.contains(&place(mark)), "{name}: {text}");
    }
}

#[tokio::test]
async fn mixed_requests_of_two_customers_never_meet() {
    const EACH: usize = 100;
    let (program, upstreams) = start("mixed", vec![read("acme"); EACH], vec![read("globex"); EACH]).await;
    let address = program.address;
    let asking = (0..2 * EACH).map(|count| {
        tokio::spawn(async move {
            let (own, other, token) =
                if count % 2 == 0 { ("acme", "globex", TOKEN) } else { ("globex", "acme", READER) };
            let (status, text) = ask(address, ADA, &format!("Host: {own}.example\r\n"), token).await;
            assert!(status == 200 && text.contains(&format!("ada-of-{own}")), "{own}: {text}");
            assert!(!text.contains(other), "{own}: {text}");
            // With the other's token nothing comes at all.
            let (status, text) = ask(address, ADA, &format!("Host: {other}.example\r\n"), token).await;
            assert!(status == 401 && !text.contains("ada-of"), "{own}: {text}");
        })
    });
    for asked in asking.collect::<Vec<_>>() {
        asked.await.unwrap();
    }
    for upstream in &upstreams {
        upstream.assert_followed("each customer's API");
    }
}

#[test]
fn the_program_does_not_start_with_tenants_that_nobody_can_tell_apart() {
    use crate::support::program::{folder, run, write};
    let folder = folder("access-twins");
    write(&folder, "mappings/acme/mapping.toml", super::MAPPING);
    let tenant = |name: &str, hosts: &str| {
        format!(
            "[tenants.{name}]\nmapping = 'mappings/acme'\npath = '/scim/v2'\ntokens = [{{ env = 'OKTA_TOKEN' }}]\n{hosts}\n"
        )
    };
    let twins = tenant("a", "hosts = ['x.example', 'y.example']") + &tenant("b", "hosts = ['z.example', 'Y.EXAMPLE']");
    write(&folder, "config.toml", &twins);
    for (arguments, code) in [(["check", "config.toml"].as_slice(), 1), (&["run"], 78)] {
        let ended = run(&folder, arguments);
        let said = format!("{}{}", ended.out, ended.words);
        assert_eq!(ended.code, code, "{said}");
        assert!(said.contains("error[E37]") && said.contains("no host tells them apart"), "{said}");
    }
}
