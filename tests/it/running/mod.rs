//! The process as it runs: signals, changed files, what it says of itself.

use std::path::PathBuf;

use scim_bridge::demo::{Api, MAPPING, Seed};
use tokio::sync::oneshot;

use crate::support::program::{folder, write};

mod health;
mod plan;
mod reload;
mod shutdown;
mod traced;

/// Settings with one tenant over the API at `url`.
fn settings(url: &str) -> String {
    format!(
        r#"
[server]
listen = "127.0.0.1:0"
[admin]
listen = "127.0.0.1:0"
[secrets]
staff_key = {{ env = "STAFF_KEY" }}
acme_key = {{ env = "ACME_KEY" }}
[tenants.acme]
mapping = "mappings/acme"
path = "/scim/v2"
tokens = [{{ env = "OKTA_TOKEN" }}]
url = "{url}"
"#
    )
}

/// The demo's API, and a folder with the demo's mapping over it.
struct Setting {
    folder: PathBuf,
    url: String,
    _stop: oneshot::Sender<()>,
}

async fn setting(name: &str) -> Setting {
    let api = Api::bind("127.0.0.1:0".parse().unwrap(), Seed::Company).await.unwrap();
    let url = api.url();
    let (stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(api.run(async {
        let _ = stopped.await;
    }));
    let folder = over(name, &url, MAPPING);
    Setting { folder, url, _stop: stop }
}

/// A folder with a mapping over the API at `url`.
fn over(name: &str, url: &str, mapping: &str) -> PathBuf {
    let folder = folder(&format!("running-{name}"));
    write(&folder, "config.toml", &settings(url));
    write(&folder, "mappings/acme/mapping.toml", mapping);
    folder
}
