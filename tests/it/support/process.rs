//! `scim-bridge run` as a process, with its log and both of its listeners.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::bridge::TOKEN;
use super::client::Client;
use super::program::command;

/// Far longer than anything takes: a test that waits in vain fails at last.
const PATIENCE: Duration = Duration::from_secs(30);

/// A process that serves until it ends or this is dropped.
pub(crate) struct Process {
    pub(crate) folder: PathBuf,
    /// Where SCIM is served, without a tenant's path.
    pub(crate) base: String,
    /// A client of the tenant at `/scim/v2`.
    pub(crate) scim: Client,
    admin: Client,
    child: Child,
    lines: UnboundedReceiver<String>,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Process {
    /// Starts it over the `config.toml` of a folder, which has an `[admin]`; waits until it listens.
    pub(crate) async fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = command(folder);
        command.env("STAFF_KEY", scim_bridge::demo::api::KEY).arg("run").args(arguments);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let words = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = unbounded_channel();
        std::thread::spawn(move || {
            // Read to the end, whether somebody still listens or not: the process is never held up.
            for line in words.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let nobody = Client::new("", "");
        let folder = folder.to_owned();
        let mut process = Self { folder, base: String::new(), scim: nobody.clone(), admin: nobody, child, lines };
        let scim = process.line("\"listener\":\"scim\"").await;
        let admin = process.line("\"listener\":\"admin\"").await;
        let at = |line: &Value| format!("http://{}", line["server.address"].as_str().unwrap());
        process.base = at(&scim);
        process.scim = Client::new(&format!("{}/scim/v2", process.base), TOKEN);
        process.admin = Client::new(&at(&admin), "");
        process
    }

    /// Waits for the next line of the log that holds this text.
    pub(crate) async fn line(&mut self, text: &str) -> Value {
        let mut before = Vec::new();
        let found = async {
            loop {
                match self.lines.recv().await {
                    Some(line) if line.contains(text) => return Some(line),
                    Some(line) => before.push(line),
                    None => return None,
                }
            }
        };
        let found = tokio::time::timeout(PATIENCE, found).await.ok().flatten();
        let line = found.unwrap_or_else(|| panic!("no line has {text}, but:\n{}", before.join("\n")));
        serde_json::from_str(&line).unwrap()
    }

    /// Writes the tenant's mapping and asks to read it; waits for the word on it.
    pub(crate) async fn reload(&mut self, mapping: &str, word: &str) -> Value {
        super::program::write(&self.folder, "mappings/acme/mapping.toml", mapping);
        self.signal("HUP");
        self.line(word).await
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// What `/health` says.
    pub(crate) async fn health(&self) -> Value {
        let answer = self.admin.send("GET /health", None).await;
        assert_eq!(answer.status, 200);
        answer.body
    }

    /// Waits for its end; gives the exit code.
    pub(crate) async fn ended(mut self) -> i32 {
        let waited = async {
            loop {
                if let Some(status) = self.child.try_wait().unwrap() {
                    return status.code().unwrap();
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waited).await.unwrap()
    }
}
