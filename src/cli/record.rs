//! `scim-bridge record`: serves as `run` does, and writes down what happens.

use std::path::PathBuf;
use std::sync::Arc;

use crate::cli::run::{self, Changes, Site};
use crate::cli::{CONFIGURATION, Terminal, output};
use crate::config::TenantSettings;
use crate::http::Tenant;
use crate::mapping::scope::Surroundings;
use crate::record::{Desk, Recording, Writer};

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
    let pen = Arc::<Desk>::clone(&desk);
    let open = move |tenant: TenantSettings, site: &Site<'_, Recording>| {
        let TenantSettings {
            name,
            path,
            hosts,
            public_url,
            plans,
            access,
            jwt,
            url,
            variables,
            secrets,
            mapping: folder,
            ..
        } = tenant;
        if plans {
            return Err(format!("tenant `{name}` only plans: what it answers to a change could not be played"));
        }
        let access = site.admitting(&name, access, jwt);
        let surroundings = Surroundings { tenant: name.clone(), variables, secrets };
        let transport = Arc::clone(&site.transport);
        let transport = transport.for_upstream(&site.mapping.upstream, url.as_deref(), &folder, &surroundings);
        let transport = transport.map_err(|error| format!("tenant `{name}`: {error}"))?;
        let location = site.location(public_url.as_deref(), &path);
        let urls = (url.as_deref(), path.as_str(), location.as_str());
        let recording = Recording::new((site.mapping, site.source), surroundings, urls, (transport, &pen));
        let recording = recording.map_err(|error| format!("tenant `{name}`: {error}"))?;
        Ok(Tenant::new(&name, &path, access, recording.announcing(site.server.limits.bulk)).under(hosts))
    };
    let observer = Arc::<Desk>::clone(&desk);
    let opening = (open, Changes::Ignored);
    let code = run::serve_with((&asked.config, environment), terminal, opening, Some(observer));
    desk.close();
    code
}
