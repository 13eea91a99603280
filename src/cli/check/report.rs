//! The findings of what `check` is given: folders, mappings, settings.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::cli::check::Format;
use crate::cli::{FAULTS, FINE};
use crate::config::{self, Declared, DeclaredTenant};
use crate::mapping::Mapping;
use crate::mapping::check::{Offer, against_settings, closely, strictly};
use crate::mapping::compile;
use crate::mapping::diagnostic::{Code, Diagnostic, Diagnostics, Severity, Style, github, json, render};
use crate::mapping::source::Source;
use crate::upstream::transport::connection_faults;

/// The file of a mapping in its folder.
pub(in crate::cli) const MAPPING_FILE: &str = "mapping.toml";
/// Folders in folders that are looked through.
const DEPTH: usize = 4;

/// The findings of several files.
#[derive(Debug, Default)]
pub(super) struct Report {
    found: Vec<Diagnostic>,
    sources: Vec<Source>,
    files: usize,
    /// Whether to warn of what is often meant as it is.
    strict: bool,
    /// Mappings read so far by their file, so that tenants that share one do not repeat its findings.
    mappings: BTreeMap<PathBuf, Option<Mapping>>,
}

impl Report {
    /// Checks what the paths name.
    pub(super) fn of(paths: &[PathBuf], strict: bool, environment: &[(String, String)]) -> Self {
        let mut report = Self { strict, ..Self::default() };
        for path in paths {
            report.path(path, environment);
        }
        report
    }

    /// Whether two reports are of the same texts with the same findings.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let texts = |report: &Self| report.sources.iter().map(|source| source.text.clone()).collect::<Vec<_>>();
        texts(self) == texts(other) && self.text(Format::Json, Style::Plain) == other.text(Format::Json, Style::Plain)
    }

    fn path(&mut self, path: &Path, environment: &[(String, String)]) {
        if path.is_dir() {
            let mappings = mappings(path);
            if mappings.is_empty() {
                self.unreadable(&path.join(MAPPING_FILE));
            }
            for mapping in mappings {
                self.mapping(&mapping, None);
            }
        } else if is_mapping(path) {
            self.mapping(path, None);
        } else {
            self.config(path, environment);
        }
    }

    /// A file that is not there.
    fn unreadable(&mut self, path: &Path) {
        self.files += 1;
        if let Err(fault) = Source::read(path) {
            self.found.push(*fault);
        }
    }

    /// One mapping, and what it asks of the settings; without settings, what it will ask of them.
    fn mapping(&mut self, path: &Path, offer: Option<&Offer<'_>>) {
        let mut found = Diagnostics::new(path.display().to_string());
        let mapping = if let Some(known) = self.mappings.get(path) {
            known.clone()
        } else {
            self.files += 1;
            let mapping = read(path, &mut found, &mut self.sources);
            if let (Some(mapping), Some(source)) = (&mapping, self.sources.last()) {
                let look = if self.strict { strictly } else { closely };
                look(source, mapping, &mut found);
            }
            self.mappings.insert(path.to_owned(), mapping.clone());
            mapping
        };
        if let Some(mapping) = &mapping {
            against_settings(mapping, offer, &mut found);
        }
        self.found.append(&mut found.found);
    }

    /// Settings, and every mapping that they name.
    fn config(&mut self, path: &Path, environment: &[(String, String)]) {
        self.files += 1;
        self.sources.extend(config::shown(path));
        let (declared, mut found) = match Declared::load(path, environment) {
            Ok((declared, found)) => (declared, found),
            Err(found) => (Declared { tenants: Vec::new() }, found),
        };
        self.found.append(&mut found);
        let settings = path.display().to_string();
        for tenant in &declared.tenants {
            let offer = Offer {
                tenant: &tenant.name,
                settings: &settings,
                secrets: &tenant.secrets,
                variables: &tenant.variables,
                store: false,
            };
            self.mapping(&tenant.mapping.join(MAPPING_FILE), Some(&offer));
            self.connections(tenant);
        }
    }

    /// What a tenant's mapping says of connections, with the secrets and the files that are here. Tenants that share a mapping
    /// mostly share its faults.
    fn connections(&mut self, tenant: &DeclaredTenant) {
        let path = tenant.mapping.join(MAPPING_FILE);
        let Some(Some(mapping)) = self.mappings.get(&path) else { return };
        let mut found = Diagnostics::new(path.display().to_string());
        for (span, fault) in connection_faults(&mapping.upstream, &tenant.mapping, &tenant.surroundings) {
            found.add(Code::E89, span, fault);
        }
        found.found.retain(|finding| !self.found.contains(finding));
        self.found.append(&mut found.found);
    }

    /// The findings in a format: for people with what they amount to at the end.
    pub(super) fn text(&self, format: Format, style: Style) -> String {
        let sources: Vec<&Source> = self.sources.iter().collect();
        match format {
            Format::Text => {
                let mut text = render(&self.found, &sources, style);
                if let Some(first) = self.found.first() {
                    let _ = write!(text, "\nmore about a finding: scim-bridge check --explain {}\n", first.code);
                }
                text + &self.summary()
            }
            Format::Json => json(&self.found, &sources),
            Format::Github => github(&self.found, &sources),
        }
    }

    /// The exit code that the findings call for.
    pub(super) fn exit_code(&self) -> u8 {
        if self.count(Severity::Error) > 0 { FAULTS } else { FINE }
    }

    fn count(&self, severity: Severity) -> usize {
        self.found.iter().filter(|finding| finding.code.severity() == severity).count()
    }

    fn summary(&self) -> String {
        let counted = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
        let files = counted(self.files, "file");
        match (self.count(Severity::Error), self.count(Severity::Warning)) {
            (0, 0) => format!("no faults in {files}\n"),
            (0, warnings) => format!("{} in {files}\n", counted(warnings, "warning")),
            (errors, 0) => format!("{} in {files}\n", counted(errors, "error")),
            (errors, warnings) => {
                format!("{}, {} in {files}\n", counted(errors, "error"), counted(warnings, "warning"))
            }
        }
    }
}

/// Reads and compiles one mapping file; its text is kept for showing.
pub(in crate::cli) fn read(path: &Path, found: &mut Diagnostics, sources: &mut Vec<Source>) -> Option<Mapping> {
    match Source::read(path) {
        Ok(source) => {
            crate::mapping::source::warn_if_world_writable(path, found);
            let mapping = compile::load(&source, found);
            sources.push(source);
            mapping
        }
        Err(fault) => {
            found.found.push(*fault);
            None
        }
    }
}

/// The mapping files in a folder and the folders below it, by name.
pub(in crate::cli) fn mappings(folder: &Path) -> Vec<PathBuf> {
    let mut mappings = Vec::new();
    collect(folder, DEPTH, &mut mappings);
    mappings
}

fn collect(folder: &Path, depth: usize, mappings: &mut Vec<PathBuf>) {
    let file = folder.join(MAPPING_FILE);
    if file.is_file() {
        mappings.push(file);
        return;
    }
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    for folder in folders.iter().filter(|_| depth > 0) {
        collect(folder, depth - 1, mappings);
    }
}

/// Whether a file is a mapping rather than settings: it begins with the format's version.
fn is_mapping(path: &Path) -> bool {
    let named = path.file_name().is_some_and(|name| name == MAPPING_FILE);
    let text = || Source::read(path).map(|source| source.text).unwrap_or_default();
    named || text().lines().any(|line| line.trim_start().starts_with("scim_bridge"))
}
