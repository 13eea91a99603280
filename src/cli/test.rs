//! `scim-bridge test`: every transcript beside a mapping, without network.

use std::path::{Path, PathBuf};

use crate::cli::check::{MAPPING_FILE, mappings};
use crate::cli::{FAULTS, FINE, Terminal, output};
use crate::mapping::diagnostic::{Diagnostic, Style, render};
use crate::mapping::source::Source;
use crate::transcript::Suite;
use crate::transcript::suite::{files, play_all};

/// What `test` can be told.
#[derive(Debug, clap::Args)]
pub(super) struct TestArguments {
    /// Mapping folders, folders of them, or files of transcripts
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The mapping's folder, for transcripts that are not beside it: the paths are then files, or folders of files
    #[arg(long, value_name = "DIR", requires = "paths")]
    mapping: Option<PathBuf>,
}

/// Plays what the paths name and prints what did not go as written; gives the exit code.
pub(super) fn test(asked: TestArguments, terminal: Terminal) -> u8 {
    let style = if terminal.stdout { Style::Coloured } else { Style::Plain };
    let paths = if asked.paths.is_empty() { vec![PathBuf::from("mappings")] } else { asked.paths };
    let mut suites = Vec::new();
    let mut missing = Vec::new();
    match &asked.mapping {
        Some(mapping) => {
            missing.extend(paths.iter().filter_map(|path| absent(path)));
            let files: Vec<PathBuf> = paths.iter().filter(|path| path.exists()).flat_map(|path| files(path)).collect();
            suites.push(Suite::load(&file_of(mapping), &files));
        }
        None => paths.iter().for_each(|path| suites_of(path, &mut suites, &mut missing)),
    }
    let played = match play_all(&suites) {
        Ok(played) => played,
        Err(error) => {
            output::words(&format!("error: {error}\n"));
            return FAULTS;
        }
    };
    if suites.iter().all(|suite| suite.files.is_empty() && suite.found.is_empty()) && missing.is_empty() {
        output::words(
            "note: there is nothing to play: transcripts are files `tests/*.scim` beside a mapping; `explain` and `record` \
             write them\n",
        );
    }
    let errors: Vec<Diagnostic> = suites.iter().flat_map(Suite::errors).chain(missing).collect();
    let sources: Vec<&Source> = suites.iter().flat_map(|suite| &suite.sources).collect();
    let losses: Vec<Diagnostic> = suites.iter().flat_map(Suite::losses).collect();
    let mut texts = vec![render(&errors, &sources, style), render(&losses, &sources, style)];
    texts.extend(played.iter().filter_map(|played| played.report(style)));
    let failed = played.iter().filter(|played| played.deviation.is_some()).count();
    texts.push(summary(played.len() - failed, failed, errors.len()));
    texts.retain(|text| !text.is_empty());
    output::data(&texts.join("\n"));
    if errors.is_empty() && failed == 0 { FINE } else { FAULTS }
}

/// That there is nothing at this path.
fn absent(path: &Path) -> Option<Diagnostic> {
    if path.exists() { None } else { Source::read(path).err().map(|fault| *fault) }
}

/// The mapping's file in its folder, or the file itself.
fn file_of(mapping: &Path) -> PathBuf {
    if mapping.is_dir() { mapping.join(MAPPING_FILE) } else { mapping.to_owned() }
}

/// A file of transcripts, a mapping's file or folder, or a folder of such folders.
fn suites_of(path: &Path, suites: &mut Vec<Suite>, missing: &mut Vec<Diagnostic>) {
    if let Some(fault) = absent(path) {
        return missing.push(fault);
    }
    if path.extension().is_some_and(|ending| ending == "scim") {
        return suites.push(Suite::of_file(path));
    }
    let mappings = if path.is_dir() { mappings(path) } else { vec![path.to_owned()] };
    if mappings.is_empty() {
        let fault = Source::read(&path.join(MAPPING_FILE)).err();
        missing.extend(fault.map(|fault| *fault));
    }
    suites.extend(mappings.iter().map(|mapping| Suite::of_folder(mapping.parent().unwrap_or(Path::new("")))));
}

fn summary(passed: usize, failed: usize, errors: usize) -> String {
    let plural = if errors == 1 { "" } else { "s" };
    let errors = if errors == 0 { String::new() } else { format!(", {errors} error{plural}") };
    format!("{passed} passed, {failed} failed{errors}\n")
}
