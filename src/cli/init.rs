//! `scim-bridge init`: a first mapping.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::cli::check::MAPPING_FILE;
use crate::cli::{FAULTS, FINE, Terminal, output};
use crate::init::{Draft, Known, draft};
use crate::mapping::compile;
use crate::mapping::diagnostic::{Diagnostics, Severity, Style, render};
use crate::mapping::source::Source;

/// The longest OpenAPI file or sample, in bytes.
const LONGEST: u64 = 64 << 20;

/// What `init` can be told.
#[derive(Debug, clap::Args)]
pub(super) struct InitArguments {
    /// The name of the mapping: lower-case letters, digits, `-` and `_`
    #[arg(value_parser = name)]
    name: String,
    /// An OpenAPI 3 file, JSON or YAML
    #[arg(long, value_name = "FILE")]
    openapi: Option<PathBuf>,
    /// A curl line that works against the API
    #[arg(long, value_name = "LINE")]
    curl: Option<String>,
    /// A file with the record of one user, or an answer that holds one, as JSON
    #[arg(long, value_name = "FILE")]
    sample: Option<PathBuf>,
    /// The folder of all mappings
    #[arg(long, value_name = "DIR", default_value = "mappings")]
    out: PathBuf,
}

/// A name that a folder, a tenant and a secret can have.
fn name(text: &str) -> Result<String, String> {
    let is_fine = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || matches!(sign, '-' | '_');
    if text.starts_with(|sign: char| sign.is_ascii_lowercase()) && text.chars().all(is_fine) {
        Ok(text.to_owned())
    } else {
        Err("a name begins with a lower-case letter and has lower-case letters, digits, `-` and `_`".to_owned())
    }
}

/// Drafts the mapping, writes it and prints what belongs into the settings; gives the exit code.
pub(super) fn init(asked: &InitArguments, terminal: Terminal) -> u8 {
    match drafted(asked) {
        Ok((draft, file)) => tell(&draft, &file, terminal),
        Err(error) => {
            output::words(&format!("error: {error}\n"));
            FAULTS
        }
    }
}

fn drafted(asked: &InitArguments) -> Result<(Draft, PathBuf), String> {
    let folder = asked.out.join(&asked.name);
    let file = folder.join(MAPPING_FILE);
    // Asked first, so that nobody waits for a draft that cannot be kept; the writing asks again.
    if file.exists() {
        return Err(format!("{} is there already; nothing was changed", file.display()));
    }
    let read = |path: &Option<PathBuf>| path.as_deref().map(text_of).transpose();
    let known = Known {
        name: asked.name.clone(),
        openapi: read(&asked.openapi)?,
        curl: asked.curl.clone(),
        sample: read(&asked.sample)?,
    };
    let draft = draft(&known)?;
    let write = || -> std::io::Result<()> {
        fs::create_dir_all(&folder)?;
        OpenOptions::new().write(true).create_new(true).open(&file)?.write_all(draft.mapping.as_bytes())
    };
    write().map_err(|error| format!("{} cannot be written: {error}", file.display()))?;
    Ok((draft, file))
}

fn text_of(path: &Path) -> Result<String, String> {
    let refused = |error: std::io::Error| format!("{} cannot be read: {error}", path.display());
    let length = fs::metadata(path).map_err(refused)?.len();
    if length > LONGEST {
        return Err(format!("{} is longer than 64 MiB", path.display()));
    }
    fs::read_to_string(path).map_err(refused)
}

/// Says what was written and what is to be done next; an error in the draft would be a fault of this program.
fn tell(draft: &Draft, file: &Path, terminal: Terminal) -> u8 {
    let source = Source::new(file.display().to_string(), draft.mapping.clone());
    let mut found = Diagnostics::new(&source.path);
    compile::load(&source, &mut found);
    let style = if terminal.stderr { Style::Coloured } else { Style::Plain };
    output::words(&render(&found.found, &[&source], style));
    let shown = file.display();
    let folder = file.parent().unwrap_or(file).display();
    let unknown = match draft.unknown {
        0 => String::new(),
        1 => " One place in it is marked UNKNOWN.".to_owned(),
        number => format!(" {number} places in it are marked UNKNOWN."),
    };
    output::data(&format!(
        "{shown} is written.{unknown}\nInto config.toml:\n\n{}\nThen: scim-bridge check {folder}\n",
        draft.settings
    ));
    if found.found.iter().any(|finding| finding.code.severity() == Severity::Error) { FAULTS } else { FINE }
}
