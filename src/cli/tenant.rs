//! One tenant of a configuration, for commands that look at a real API.

use std::path::Path;

use crate::cli::check::{self, MAPPING_FILE};
use crate::cli::{CONFIGURATION, USAGE, output};
use crate::config::{self, Settings, TenantSettings};
use crate::mapping::Mapping;
use crate::mapping::check::against_settings;
use crate::mapping::diagnostic::{Diagnostics, Severity, Style, render};
use crate::mapping::source::Source;

/// A tenant with its mapping.
pub(super) struct Chosen {
    /// The settings.
    pub(super) settings: TenantSettings,
    /// The mapping.
    pub(super) mapping: Mapping,
    /// The mapping's file.
    pub(super) source: Source,
}

/// The tenant of this name, or the only one. What is wrong is printed.
///
/// # Errors
/// The exit code.
pub(super) fn choose(
    config: &Path,
    name: Option<&str>,
    environment: &[(String, String)],
    style: Style,
) -> Result<Chosen, u8> {
    let shown: Vec<Source> = config::shown(config).into_iter().collect();
    let tell = |found: &[_], sources: &[Source]| {
        output::words(&render(found, &sources.iter().collect::<Vec<_>>(), style));
    };
    let (settings, warnings) = Settings::load(config, environment).map_err(|found| {
        tell(&found, &shown);
        CONFIGURATION
    })?;
    tell(&warnings, &shown);
    let settings = one(settings.tenants, name)?;
    let path = settings.mapping.join(MAPPING_FILE);
    let (mut found, mut sources) = (Diagnostics::new(path.display().to_string()), Vec::new());
    let mapping = check::read(&path, &mut found, &mut sources);
    if let Some(mapping) = &mapping {
        super::run::offered(&settings, config, |offer| against_settings(mapping, Some(offer), &mut found));
    }
    found.found.retain(|finding| finding.code.severity() == Severity::Error);
    tell(&found.found, &sources);
    match (mapping, sources.pop()) {
        (Some(mapping), Some(source)) if found.found.is_empty() => Ok(Chosen { settings, mapping, source }),
        (..) => Err(CONFIGURATION),
    }
}

fn one(mut tenants: Vec<TenantSettings>, name: Option<&str>) -> Result<TenantSettings, u8> {
    let names: Vec<String> = tenants.iter().map(|tenant| format!("`{}`", tenant.name)).collect();
    match name {
        Some(name) => tenants.retain(|tenant| tenant.name == name),
        None if tenants.len() > 1 => {
            output::words(&format!("error: the settings have several tenants: {}\n", names.join(", ")));
            return Err(USAGE);
        }
        None => {}
    }
    tenants.pop().ok_or_else(|| {
        output::words(&format!("error: there is no such tenant, but: {}\n", names.join(", ")));
        USAGE
    })
}
