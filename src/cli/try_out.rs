//! `scim-bridge try`: a few records of the real API, and what SCIM makes of them.

use std::path::PathBuf;
use std::sync::Arc;

use crate::cli::{CONFIGURATION, FAULTS, FINE, Terminal, USAGE, output, serving, tenant};
use crate::explain::Explained;
use crate::mapping::diagnostic::Style;
use crate::mapping::scope::Surroundings;
use crate::upstream::transport::HttpTransport;

/// What `try` can be told.
#[derive(Debug, clap::Args)]
pub(super) struct TryArguments {
    /// The settings
    #[arg(long, value_name = "FILE", default_value = "config.toml")]
    config: PathBuf,
    /// The tenant, where the settings have several
    #[arg(value_name = "TENANT")]
    tenant: Option<String>,
    /// The resource type; the mapping's first one where none is named
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// Records to show at most
    #[arg(long, value_name = "NUMBER", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=100))]
    count: u16,
}

/// Reads and shows; gives the exit code.
pub(super) fn try_out(asked: &TryArguments, environment: &[(String, String)], terminal: Terminal) -> u8 {
    let style = if terminal.stderr { Style::Coloured } else { Style::Plain };
    let chosen = match tenant::choose(&asked.config, asked.tenant.as_deref(), environment, style) {
        Ok(chosen) => chosen,
        Err(code) => return code,
    };
    let types: Vec<&str> = chosen.mapping.types.iter().map(|kind| kind.view.schema.name.as_str()).collect();
    let wanted = asked.kind.as_deref();
    let kind = types.iter().position(|known| wanted.is_none_or(|wanted| known.eq_ignore_ascii_case(wanted)));
    let Some(kind) = kind else {
        let wanted = wanted.unwrap_or_default();
        output::words(&format!("error: the mapping has no type `{wanted}`, but: {}\n", types.join(", ")));
        return USAGE;
    };
    let explained = Explained { mapping: &chosen.mapping, source: &chosen.source };
    let settings = chosen.settings;
    let surroundings = Surroundings { tenant: settings.name, variables: settings.variables, secrets: settings.secrets };
    let sampled = serving::runtime().and_then(|runtime| {
        runtime.block_on(async {
            let url = settings.url.as_deref();
            let transport = Arc::new(HttpTransport::new()?);
            let transport = transport.for_upstream(&chosen.mapping.upstream, url, &settings.mapping, &surroundings)?;
            explained.sample((kind, asked.count), (surroundings, url), transport).await
        })
    });
    match sampled {
        Ok(sample) => {
            output::data(&sample.text);
            if sample.status < 300 { FINE } else { FAULTS }
        }
        Err(error) => {
            output::words(&format!("error: {error}\n"));
            CONFIGURATION
        }
    }
}
