//! Who may call: the program as a process, from its settings to its log, over real sockets.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::bridge::TOKEN;
use crate::support::program::{command, folder, write};

mod audit;
mod callers;
mod hosts;
mod jwt;
mod networks;
mod tls;

/// The token that may only read.
const READER: &str = "token-of-a-reader-0002";
/// The password of the user `hr`.
const PASSWORD: &str = "password-of-hr-0001";

const MAPPING: &str = r#"scim_bridge = 1
[upstream]
url = "http://127.0.0.1:1"
[User.attributes]
id = "id"
userName = "login"
active = "enabled"
[User]
list = { call = "GET /users", items = "$", unpaged = true }
get = "GET /users/{id}"
create = "POST /users"
update = "PUT /users/{id}"
delete = "DELETE /users/{id}"
"#;

/// The program at work.
struct Program {
    /// Where the SCIM listener is.
    address: SocketAddr,
    /// Where the admin listener is.
    admin: SocketAddr,
    child: Child,
    lines: Receiver<Value>,
    /// What was said before the listeners were there.
    early: Vec<Value>,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    /// Starts it in a folder of this name. `server` are lines of `[server]`, `tenant` those of the tenant `acme`.
    fn start(name: &str, server: &str, tenant: &str) -> Self {
        folder(&format!("access-{name}"));
        Self::start_in(name, server, tenant)
    }

    /// The same, in a folder that is there.
    fn start_in(name: &str, server: &str, tenant: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("access-{name}"));
        write(&folder, "mappings/acme/mapping.toml", MAPPING);
        let settings = format!(
            "[server]\nlisten = '127.0.0.1:0'\n{server}\n[admin]\nlisten = '127.0.0.1:0'\n[log]\nformat = 'json'\n\
             [tenants.acme]\nmapping = 'mappings/acme'\npath = '/scim/v2'\n{tenant}\n"
        );
        write(&folder, "config.toml", &settings);
        let mut command = command(&folder);
        command.env("READER", READER).env("HR", PASSWORD).arg("run").stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let words = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in words.lines() {
                let line = line.unwrap();
                let line = serde_json::from_str(&line).unwrap_or(Value::String(line));
                let _ = sender.send(line);
            }
        });
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 1));
        let mut program = Self { address: nowhere, admin: nowhere, child, lines, early: Vec::new() };
        program.address = program.listening("scim");
        program.admin = program.listening("admin");
        program
    }

    fn listening(&mut self, listener: &str) -> SocketAddr {
        loop {
            let line = self.lines.recv().unwrap_or_else(|_| panic!("the program has ended: {:#?}", self.early));
            if line["message"] == "listening" && line["listener"] == listener {
                return line["server.address"].as_str().unwrap().parse().unwrap();
            }
            self.early.push(line);
        }
    }

    /// Sends it a signal.
    fn signal(&self, name: &str) {
        let kill = Command::new("sh").args(["-c", &format!("kill -{name} {}", self.child.id())]).status();
        assert!(kill.unwrap().success());
    }

    /// The next line of the log that fits; those before it are left out.
    fn line(&self, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            let line = self.lines.recv().expect("the program has ended");
            assert!(line.is_object(), "a line that is no JSON object: {line}");
            if fits(&line) {
                return line;
            }
        }
    }

    /// One request to the SCIM listener on a connection of its own.
    async fn ask(&self, line: &str, headers: &str, body: &str) -> Answer {
        ask(TcpStream::connect(self.address).await.unwrap(), line, headers, body).await
    }

    /// The value of a metric; 0 while it is not there.
    async fn metric(&self, name: &str) -> u64 {
        let mut stream = TcpStream::connect(self.admin).await.unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.map_or(0, |value| value.parse().unwrap())
    }
}

/// An answer, read whole.
#[derive(Debug)]
struct Answer {
    status: u16,
    /// The header lines, in lower case.
    headers: String,
    body: Value,
}

impl Answer {
    /// The text of an error, whose body is a whole SCIM Error.
    fn detail(&self) -> &str {
        assert_eq!(self.body["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error", "{self:?}");
        assert_eq!(self.body["status"], self.status.to_string(), "{self:?}");
        self.body["detail"].as_str().unwrap()
    }
}

/// One request, `GET /Users` below the tenant's path, with these header lines; the connection ends with it.
async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, line: &str, headers: &str, body: &str) -> Answer {
    let (method, path) = line.split_once(' ').unwrap();
    let request = format!(
        "{method} /scim/v2{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{line} answered {text:?}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let body = if body.is_empty() { Value::Null } else { serde_json::from_str(body).unwrap() };
    Answer { status, headers: head.to_ascii_lowercase(), body }
}

/// A header line with a bearer token.
fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

/// The settings of a tenant with the usual token over the API at `url`.
fn tenant(url: &str) -> String {
    format!("tokens = [{{ name = 'okta', env = 'OKTA_TOKEN' }}]\nurl = '{url}'")
}

/// The header line of the usual token.
fn okta() -> String {
    bearer(TOKEN)
}
