//! `scim-bridge record`: serves as `run` does, and writes down what happens.

use std::path::PathBuf;
use std::sync::Arc;

use crate::cli::{CONFIGURATION, Terminal, output, run};
use crate::config::{ServerSettings, TenantSettings};
use crate::http::Tenant;
use crate::mapping::Mapping;
use crate::mapping::scope::Surroundings;
use crate::mapping::source::Source;
use crate::record::{Desk, Recording, Writer};
use crate::upstream::transport::HttpTransport;

/// What `record` can be told.
#[derive(Debug, clap::Args)]
pub(super) struct RecordArguments {
    /// The settings
    #[arg(long, value_name = "FILE", default_value = "config.toml")]
    config: PathBuf,
    /// The folder for the transcripts; made if it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Serves and writes until a signal; gives the exit code.
pub(super) fn record(asked: &RecordArguments, environment: &[(String, String)], terminal: Terminal) -> u8 {
    let writer = Writer::new(&asked.out, |line| output::data(&format!("{line}\n")));
    let desk = match writer {
        Ok(writer) => Arc::new(Desk::new(writer)),
        Err(error) => {
            output::words(&format!("error: {error}\n"));
            return CONFIGURATION;
        }
    };
    let open = |tenant: TenantSettings,
                mapping: &(Mapping, Source),
                server: &ServerSettings,
                transport: Arc<HttpTransport>| {
        let TenantSettings { name, path, access, url, variables, secrets, mapping: folder, .. } = tenant;
        let surroundings = Surroundings { tenant: name.clone(), variables, secrets };
        let transport = transport.for_upstream(&mapping.0.upstream, url.as_deref(), &folder, &surroundings);
        let transport = transport.map_err(|error| format!("tenant `{name}`: {error}"))?;
        let location = format!("{}{path}", server.public_url);
        let urls = (url.as_deref(), path.as_str(), location.as_str());
        let recording = Recording::new((&mapping.0, &mapping.1), surroundings, urls, (transport, &desk));
        let recording = recording.map_err(|error| format!("tenant `{name}`: {error}"))?;
        Ok(Tenant::new(&name, &path, access, recording.announcing(server.limits.bulk)))
    };
    let observer = Arc::<Desk>::clone(&desk);
    let code = run::serve_with((&asked.config, environment), terminal, open, Some(observer));
    desk.close();
    code
}
