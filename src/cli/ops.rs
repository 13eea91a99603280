//! `scim-bridge ops`: what is pending in a running bridge, and what an operator does about it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::cli::{CONFIGURATION, FAULTS, FINE, USAGE, output, serving};

/// How long an answer of the admin listener is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// What `ops` can be told.
#[derive(Debug, clap::Args)]
pub(super) struct OpsArguments {
    #[command(subcommand)]
    act: Act,
    /// The admin listener of the bridge
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9090", global = true)]
    admin: String,
    /// The environment variable that holds its token
    #[arg(long, value_name = "NAME", default_value = "ADMIN_TOKEN", global = true)]
    token_env: String,
    /// The file that holds its token, instead
    #[arg(long, value_name = "FILE", global = true)]
    token_file: Option<PathBuf>,
}

/// What is done.
#[derive(Debug, clap::Subcommand)]
enum Act {
    /// List what is held, what was not delivered, and operations whose end is not known
    List,
    /// Show what is pending under a request id
    Show {
        /// The request id
        op: String,
    },
    /// Let the removals of a tenant through for an hour that the brake holds
    Release {
        /// The tenant's name
        tenant: String,
    },
    /// Forget what is pending under a request id, once it was seen to
    Forget {
        /// The tenant's name
        tenant: String,
        /// The request id
        op: String,
    },
}

/// Asks the admin listener; gives the exit code.
pub(super) fn ops(asked: &OpsArguments, environment: &[(String, String)]) -> u8 {
    let token = match token(asked.token_file.as_deref(), &asked.token_env, environment) {
        Ok(token) => token,
        Err(error) => return refuse(&error, USAGE),
    };
    let base = asked.admin.trim_end_matches('/');
    let escaped =
        |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    let (method, path) = match &asked.act {
        Act::List | Act::Show { .. } => (reqwest::Method::GET, "/ops".to_owned()),
        Act::Release { tenant } => (reqwest::Method::POST, format!("/ops/{tenant}/release")),
        Act::Forget { tenant, op } => (reqwest::Method::POST, format!("/ops/{tenant}/forget/{}", escaped(op))),
    };
    let asking = async { ask(method, &format!("{base}{path}"), token.as_deref()).await };
    let answer = serving::runtime().and_then(|runtime| runtime.block_on(asking));
    let (status, body) = match answer {
        Ok(answer) => answer,
        Err(error) => return refuse(&error, CONFIGURATION),
    };
    match (status, &asked.act) {
        (200, Act::List) => output::data(&listed(&body, None)),
        (200, Act::Show { op }) => {
            let shown = listed(&body, Some(op));
            if shown.is_empty() {
                return refuse("nothing is pending under this id", FAULTS);
            }
            output::data(&shown);
        }
        (200, Act::Release { tenant }) => {
            output::data(&format!("removals of `{tenant}` are let through for an hour\n"));
        }
        (200, Act::Forget { op, .. }) => output::data(&format!("{op} is forgotten\n")),
        (401 | 403, _) => {
            let help = "the admin listener wants its token: set `[admin] token` in the settings, and give it here";
            return refuse(&format!("{help} by `--token-env` or `--token-file`"), FAULTS);
        }
        (status, _) => {
            let detail = body["detail"].as_str().map_or_else(|| format!("it answered {status}"), str::to_owned);
            return refuse(&detail, FAULTS);
        }
    }
    FINE
}

/// The token, if there is one.
fn token(file: Option<&Path>, name: &str, environment: &[(String, String)]) -> Result<Option<String>, String> {
    let Some(file) = file else {
        let found = environment.iter().find(|(own, _)| own == name);
        return Ok(found.map(|(_, value)| value.trim().to_owned()));
    };
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(Some(text.trim().to_owned()))
}

/// One request to the admin listener.
async fn ask(method: reqwest::Method, url: &str, token: Option<&str>) -> Result<(u16, Value), String> {
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE);
    let client = client.build().map_err(|error| format!("no HTTP client: {error}"))?;
    let mut request = client.request(method, url);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let unreachable = |error: reqwest::Error| format!("the admin listener cannot be asked: {}", error.without_url());
    let response = request.send().await.map_err(unreachable)?;
    let status = response.status().as_u16();
    let body = response.bytes().await.map_err(unreachable)?;
    Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
}

/// What is pending, a line each; of one request id, or of all.
fn listed(answer: &Value, op: Option<&str>) -> String {
    let mut lines = String::new();
    for tenant in answer["tenants"].as_array().into_iter().flatten() {
        let name = tenant["name"].as_str().unwrap_or_default();
        for (list, what) in [("holds", "held"), ("undelivered", "undelivered"), ("unfinished", "unfinished")] {
            let entries = tenant["pending"][list].as_array().into_iter().flatten();
            for entry in entries.filter(|entry| op.is_none_or(|op| entry["op"] == op)) {
                let _ = write!(lines, "{name}  {what}");
                for (field, value) in entry.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
                    let _ = match value.as_str() {
                        Some(text) => write!(lines, "  {field}={}", text.escape_debug()),
                        None => write!(lines, "  {field}={value}"),
                    };
                }
                lines.push('\n');
            }
        }
    }
    if lines.is_empty() && op.is_none() {
        lines.push_str("nothing is pending\n");
    }
    lines
}

fn refuse(error: &str, code: u8) -> u8 {
    output::words(&format!("error: {error}\n"));
    code
}
