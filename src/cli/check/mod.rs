//! `scim-bridge check`: every finding in mappings and settings.

use std::path::PathBuf;

use clap::ValueEnum;
use clap::builder::PossibleValuesParser;

use crate::cli::{FINE, Terminal, output};
use crate::mapping::Code;
use crate::mapping::diagnostic::{Style, explain};

mod report;
mod watch;

use report::Report;
pub(super) use report::{MAPPING_FILE, mappings, read};

/// What `check` can be told.
#[derive(Debug, clap::Args)]
pub(super) struct CheckArguments {
    /// Mapping folders, folders of them, mapping files, or configuration files
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Who reads it: people, programs (one JSON object a line), or GitHub's workflow log
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Warn too of what is often meant as it is
    #[arg(long)]
    strict: bool,
    /// Check again whenever a file changes, until Ctrl-C
    #[arg(long)]
    watch: bool,
    /// Say what a finding's code means, what causes it and what cures it
    #[arg(long, value_name = "CODE", ignore_case = true, hide_possible_values = true, conflicts_with_all = ["paths", "strict", "watch"])]
    #[arg(value_parser = PossibleValuesParser::new(Code::ALL.iter().map(|code| code.name())))]
    explain: Option<String>,
}

/// How findings are written.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Format {
    /// For people.
    #[default]
    Text,
    /// One object a line.
    Json,
    /// Workflow commands.
    Github,
}

/// Checks what is asked for and prints the findings; gives the exit code.
pub(super) fn check(asked: CheckArguments, environment: &[(String, String)], terminal: Terminal) -> u8 {
    if let Some(name) = asked.explain {
        let code = Code::ALL.iter().find(|code| code.name().eq_ignore_ascii_case(&name));
        output::data(&code.map(|code| explain(*code)).unwrap_or_default());
        return FINE;
    }
    let paths = if asked.paths.is_empty() { vec![here()] } else { asked.paths };
    if asked.watch {
        return watch::watch(&paths, (asked.format, asked.strict), environment, terminal);
    }
    let report = Report::of(&paths, asked.strict, environment);
    output::data(&report.text(asked.format, style(terminal)));
    report.exit_code()
}

fn style(terminal: Terminal) -> Style {
    if terminal.stdout { Style::Coloured } else { Style::Plain }
}

/// What is checked when nothing is named: the configuration here, or else all mappings.
fn here() -> PathBuf {
    let config = PathBuf::from("config.toml");
    if config.is_file() { config } else { PathBuf::from("mappings") }
}
