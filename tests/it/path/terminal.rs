//! A stranger's terminals: the commands of the page are run as they stand, on ports that are free.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::curl::curl;
use crate::stand_ins::{named, server};
use crate::support::program::PROGRAM;

/// Where the page has the API and the bridge.
const SHOWN: [&str; 2] = ["127.0.0.1:3000", "127.0.0.1:8080"];

/// Terminals in one folder.
pub(super) struct Terminal {
    pub(super) folder: PathBuf,
    /// What was exported.
    variables: Vec<(String, String)>,
    /// Where the API and the bridge really are.
    addresses: [String; 2],
    /// What the function `okta` does.
    okta: String,
    /// What serves, until Ctrl-C.
    serving: Option<Child>,
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Some(mut serving) = self.serving.take() {
            let _ = serving.kill();
            let _ = serving.wait();
        }
    }
}

impl Terminal {
    pub(super) fn new(folder: PathBuf) -> Self {
        let addresses = SHOWN.map(str::to_owned);
        Self { folder, variables: Vec::new(), addresses, okta: String::new(), serving: None }
    }

    /// Runs a command as the page shows it; gives what it printed, as the page would show it.
    pub(super) async fn run(&mut self, command: &str) -> String {
        let printed = if let Some(body) = command.strip_prefix("okta() {") {
            body.strip_suffix("; echo; }").unwrap().trim().clone_into(&mut self.okta);
            String::new()
        } else if let Some(arguments) = command.strip_prefix("okta ") {
            let called = self.called(arguments);
            format!("{}\n", Box::pin(self.line(&called)).await)
        } else {
            self.line(command).await
        };
        SHOWN.iter().zip(&self.addresses).fold(printed, |text, (shown, real)| text.replace(real, shown))
    }

    /// The body of `okta` with its arguments in their places, as a shell would put them there.
    fn called(&self, arguments: &str) -> String {
        let arguments = shlex::split(arguments).unwrap();
        let quote = |text: &str| shlex::try_quote(text).unwrap().into_owned();
        let data = arguments.get(2).map_or_else(String::new, |body| format!("-d {}", quote(body)));
        let before = self.okta.replace("${3:+-d \"$3\"}", "\u{0}");
        assert!(before.contains("\"$1\"") && before.contains("$2\"") && before.contains('\u{0}'), "{before}");
        let target = arguments[1].clone();
        assert!(!target.contains(['"', '$', '`', '\\']), "{target} cannot stand in quotes");
        before.replace("\"$1\"", &quote(&arguments[0])).replace("$2\"", &format!("{target}\"")).replace('\u{0}', &data)
    }

    /// Runs a command at the real addresses, with the variables in their places.
    async fn line(&mut self, command: &str) -> String {
        let here = SHOWN.iter().zip(&self.addresses).fold(command.to_owned(), |text, (shown, real)| {
            // Where something shall listen, the page's own port is only a wish.
            if text.contains("--listen") { text } else { text.replace(shown, real) }
        });
        let here = self.variables.iter().fold(here, |text, (name, value)| text.replace(&format!("${name}"), value));
        let (here, tee) = here.split_once(" | tee ").map_or((here.as_str(), None), |(left, file)| (left, Some(file)));
        let words = shlex::split(here).unwrap();
        let printed = match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["cargo", "run", "--example", "stand-in", "--", name, "--listen", _] => self.stand_in(name).await,
            ["curl", ..] => curl(&words[1..], &self.folder).await.unwrap_or_default(),
            ["mkdir", path] => {
                fs::create_dir(self.folder.join(path)).unwrap();
                String::new()
            }
            ["export", pairs @ ..] => {
                let pairs = pairs.iter().map(|pair| pair.split_once('=').unwrap());
                self.variables.extend(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
                String::new()
            }
            ["scim-bridge", "record", ..] => self.serve(&words[1..]),
            ["scim-bridge", ..] => self.program(&words[1..]),
            other => panic!("the page has a command that is not understood: {other:?}"),
        };
        if let Some(file) = tee {
            fs::write(self.folder.join(file), &printed).unwrap();
        }
        printed
    }

    /// Starts an API of the stand-ins, on a port of its own.
    async fn stand_in(&mut self, name: &str) -> String {
        let listening = server::listen("127.0.0.1:0".parse().unwrap(), named(name).unwrap()).await.unwrap();
        let url = listening.url.clone();
        tokio::spawn(listening.serve());
        url.trim_start_matches("http://").split('/').next().unwrap().clone_into(&mut self.addresses[0]);
        format!("{url}\n")
    }

    fn command(&self, arguments: &[String]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).current_dir(&self.folder).env_clear().stdin(Stdio::null());
        command.env("SCIM_BRIDGE__SERVER__LISTEN", "127.0.0.1:0").envs(self.variables.iter().cloned());
        command
    }

    /// Runs the program to its end, which must be a good one. What `init` wants in the settings is put there.
    fn program(&mut self, arguments: &[String]) -> String {
        self.interrupt();
        let output = self.command(arguments).output().unwrap();
        let (printed, words) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(output.status.success() && words.is_empty(), "{arguments:?}: {printed}{words}");
        if let Some((_, settings)) = printed.split_once("Into config.toml:\n") {
            fs::write(self.folder.join("config.toml"), settings.split("\nThen:").next().unwrap()).unwrap();
        }
        printed
    }

    /// Starts the program and waits until it says where it listens.
    fn serve(&mut self, arguments: &[String]) -> String {
        let mut command = self.command(arguments);
        let mut serving = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut words = BufReader::new(serving.stderr.take().unwrap());
        self.serving = Some(serving);
        let mut line = String::new();
        words.read_line(&mut line).unwrap();
        let address = line.split("\"server.address\":\"").nth(1).unwrap_or_else(|| panic!("{line}"));
        address.split('"').next().unwrap().clone_into(&mut self.addresses[1]);
        // Whatever else it says is read, so that it is never held up.
        std::thread::spawn(move || std::io::copy(&mut words, &mut std::io::sink()));
        String::new()
    }

    /// Ctrl-C for what serves; it must end well.
    fn interrupt(&mut self) {
        if let Some(mut serving) = self.serving.take() {
            let sent = Command::new("kill").args(["-INT", &serving.id().to_string()]).status().unwrap();
            assert!(sent.success() && serving.wait().unwrap().success());
        }
    }
}
