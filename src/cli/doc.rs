//! `scim-bridge doc`: pages for people.

use std::path::{Path, PathBuf};

use crate::cli::check::MAPPING_FILE;
use crate::cli::{FAULTS, FINE, Terminal, output};
use crate::mapping::compile;
use crate::mapping::diagnostic::{Diagnostics, Style, render};
use crate::mapping::document::Document;
use crate::mapping::reference::reference;
use crate::mapping::sheet::sheet;
use crate::mapping::source::Source;

/// What `doc` can be told.
#[derive(Debug, clap::Args)]
pub(super) struct DocArguments {
    /// The mapping, by its folder or file: its attributes, operations, filters and limits
    #[arg(value_name = "MAPPING", required_unless_present = "format_reference", conflicts_with = "format_reference")]
    mapping: Option<PathBuf>,
    /// The reference of the mapping format: every key with its meaning
    #[arg(long)]
    format_reference: bool,
}

/// Prints the page that is asked for; gives the exit code.
pub(super) fn doc(asked: &DocArguments, terminal: Terminal) -> u8 {
    match &asked.mapping {
        None => {
            output::data(&reference());
            FINE
        }
        Some(path) => describe(path, if terminal.stderr { Style::Coloured } else { Style::Plain }),
    }
}

/// The sheet of one mapping; what keeps it from being read goes to standard error.
fn describe(path: &Path, style: Style) -> u8 {
    let file = if path.is_dir() { path.join(MAPPING_FILE) } else { path.to_owned() };
    let source = match Source::read(&file) {
        Ok(source) => source,
        Err(fault) => {
            output::words(&render(&[*fault], &[], style));
            return FAULTS;
        }
    };
    let mut found = Diagnostics::new(&source.path);
    let mapping = compile::load(&source, &mut found);
    // The same text was read before: its findings are there already.
    let document = Document::read(&source, &mut Diagnostics::new(&source.path));
    let (Some(mapping), Some(document)) = (mapping, document) else {
        output::words(&render(&found.found, &[&source], style));
        return FAULTS;
    };
    output::data(&sheet(&title(&file), &source, &document, &mapping));
    FINE
}

/// The name of the folder that a mapping lies in.
fn title(file: &Path) -> String {
    let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let folder = absolute.parent().and_then(Path::file_name);
    folder.map_or_else(|| "mapping".to_owned(), |name| name.to_string_lossy().into_owned())
}
