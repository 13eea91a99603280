//! Settings and mappings as they are read together, at the start and later.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::cli::check::{self, MAPPING_FILE};
use crate::config::{self, Settings, TenantSettings};
use crate::mapping::Mapping;
use crate::mapping::check::{Offer, against_settings};
use crate::mapping::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::mapping::source::Source;
use crate::secret::{Fingerprint, Secret};
use crate::value::on_one_line;

/// All that a process serves by: checked, every secret resolved.
pub(super) struct Loaded {
    /// The settings.
    pub(super) settings: Settings,
    /// The mappings with their texts; each folder is read once.
    pub(super) mappings: BTreeMap<PathBuf, (Mapping, Source)>,
    /// What does not stop the start, with the texts it is about: of the settings, then of the mappings.
    pub(super) warnings: [(Vec<Diagnostic>, Vec<Source>); 2],
}

/// Why that cannot be served by.
pub(super) struct Refused {
    /// All findings, warnings among them.
    pub(super) found: Vec<Diagnostic>,
    /// The texts.
    pub(super) sources: Vec<Source>,
    /// The warnings that were found before.
    pub(super) before: Option<(Vec<Diagnostic>, Vec<Source>)>,
}

impl Loaded {
    /// # Errors
    /// All findings of the settings, or of the mappings, if one of them is an error.
    pub(super) fn read(config: &Path, environment: &[(String, String)]) -> Result<Self, Refused> {
        let shown: Vec<Source> = config::shown(config).into_iter().collect();
        let (settings, warnings) = match Settings::load(config, environment) {
            Ok(loaded) => loaded,
            Err(found) => return Err(Refused { found, sources: shown, before: None }),
        };
        let (mut mappings, mut sources, mut all) = (BTreeMap::new(), Vec::new(), Vec::new());
        for tenant in &settings.tenants {
            let path = tenant.mapping.join(MAPPING_FILE);
            let mut found = Diagnostics::new(path.display().to_string());
            if !mappings.contains_key(&tenant.mapping)
                && let Some(mapping) = check::read(&path, &mut found, &mut sources)
                && let Some(source) = sources.last()
            {
                mappings.insert(tenant.mapping.clone(), (mapping, source.clone()));
            }
            if let Some((mapping, _)) = mappings.get(&tenant.mapping) {
                offered(tenant, config, |offer| against_settings(mapping, Some(offer), &mut found));
            }
            all.append(&mut found.found);
        }
        if all.iter().any(|finding| finding.code.severity() == Severity::Error) {
            return Err(Refused { found: all, sources, before: Some((warnings, shown)) });
        }
        Ok(Self { settings, mappings, warnings: [(warnings, shown), (all, sources)] })
    }
}

impl Refused {
    /// The first error on one line: `mapping.toml:3:1: error[E06]: …`.
    pub(super) fn first(&self) -> String {
        let error = self.found.iter().find(|finding| finding.code.severity() == Severity::Error);
        error.map_or_else(String::new, |finding| {
            let source = self.sources.iter().find(|source| source.path == finding.path);
            let place = source.map_or_else(String::new, |source| {
                let place = source.place(finding.span.start);
                format!(":{}:{}", place.line, place.column)
            });
            on_one_line(&format!("{}{place}: error[{}]: {}", finding.path, finding.code.name(), finding.message))
        })
    }
}

/// What a tenant's settings offer to its mapping.
pub(in crate::cli) fn offered(tenant: &TenantSettings, config: &Path, ask: impl FnOnce(&Offer<'_>)) {
    let secrets = tenant.secrets.keys().cloned().collect();
    let variables = tenant.variables.keys().cloned().chain(["name".to_owned()]).collect();
    let settings = config.display().to_string();
    ask(&Offer { tenant: &tenant.name, settings: &settings, secrets: &secrets, variables: &variables, store: false });
}

/// The fingerprint of all that is read: another one means that something has changed. Times of files are not asked: mounted
/// folders set them as they like.
pub(super) fn look(config: &Path, environment: &[(String, String)]) -> Fingerprint {
    let mut seen = Vec::new();
    note_file(config, &mut seen);
    match Settings::load(config, environment) {
        Ok((settings, _)) => {
            for tenant in &settings.tenants {
                note_file(&tenant.mapping.join(MAPPING_FILE), &mut seen);
                seen.extend(tenant.access.fingerprints().flat_map(Fingerprint::bytes));
                tenant.secrets.values().for_each(|secret| note_secret(secret, &mut seen));
            }
            let admin = settings.admin.as_ref().and_then(|admin| admin.token.as_ref());
            if let Some(token) = admin {
                note_secret(token, &mut seen);
            }
        }
        Err(found) => found.iter().for_each(|finding| note(finding.message.as_bytes(), &mut seen)),
    }
    Fingerprint::of(&seen)
}

fn note_file(path: &Path, seen: &mut Vec<u8>) {
    match Source::read(path) {
        Ok(source) => note(source.text.as_bytes(), seen),
        Err(fault) => note(fault.message.as_bytes(), seen),
    }
}

fn note_secret(secret: &Secret, seen: &mut Vec<u8>) {
    note(secret.reveal().as_bytes(), seen);
}

/// Notes the hash, which is of one length: two texts never look like one.
fn note(bytes: &[u8], seen: &mut Vec<u8>) {
    seen.extend_from_slice(&Sha256::digest(bytes));
}
