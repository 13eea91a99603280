//! `scim-bridge explain`: the calls that a request would cause, and why.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use http::Method;
use serde_json::Value;

use crate::cli::check::{self, MAPPING_FILE};
use crate::cli::{CONFIGURATION, FAULTS, FINE, Terminal, USAGE, output, serving, tenant};
use crate::explain::Explained;
use crate::mapping::Mapping;
use crate::mapping::diagnostic::{Diagnostics, Style, render};
use crate::mapping::scope::Surroundings;
use crate::mapping::source::Source;
use crate::transcript::{Request, Suite, parse};
use crate::upstream::transport::HttpTransport;

/// What `explain` can be told.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("how").args(["mapping", "live", "transcript"]).multiple(true).required(true))]
pub(super) struct ExplainArguments {
    /// The request below the SCIM base: 'PATCH /Users/42'
    #[arg(value_name = "REQUEST", required_unless_present = "transcript", conflicts_with = "transcript")]
    request: Option<String>,
    /// Its body: a file, or JSON
    #[arg(value_name = "BODY")]
    body: Option<String>,
    /// The mapping's folder
    #[arg(long, value_name = "DIR")]
    mapping: Option<PathBuf>,
    /// The record as your API has it now: a file, or JSON. For a POST: what your API makes of a new one by itself
    #[arg(long, value_name = "JSON", conflicts_with_all = ["live", "transcript"])]
    record: Option<String>,
    /// Explain the requests of a transcript, all or those of one title
    #[arg(long, value_name = "FILE[:TITLE]", conflicts_with_all = ["live", "mapping"])]
    transcript: Option<String>,
    /// Read from the real API. No call that changes anything is sent
    #[arg(long)]
    live: bool,
    /// The settings, for `--live`
    #[arg(long, value_name = "FILE", default_value = "config.toml", requires = "live")]
    config: PathBuf,
    /// The tenant, for `--live`, where the settings have several
    #[arg(long, value_name = "NAME", requires = "live")]
    tenant: Option<String>,
}

/// Prints the explanation; gives the exit code.
pub(super) fn explain(asked: &ExplainArguments, environment: &[(String, String)], terminal: Terminal) -> u8 {
    let explained = match (&asked.transcript, asked.live) {
        (Some(transcript), _) => of_transcript(transcript),
        (None, true) => live(asked, environment, terminal),
        (None, false) => with_record(asked, terminal),
    };
    match explained {
        Ok(text) => {
            show(text, terminal);
            FINE
        }
        Err(code) => code,
    }
}

fn show(text: String, terminal: Terminal) {
    output::data(&if terminal.stdout { dimmed(&text) } else { text });
}

/// Says what is wrong with the command line, or with what it names.
fn refuse(code: u8, error: &str) -> u8 {
    output::words(&format!("error: {error}\n"));
    code
}

fn with_record(asked: &ExplainArguments, terminal: Terminal) -> Result<String, u8> {
    let request = request(asked)?;
    let record = asked.record.as_deref().map(|record| json("--record", record)).transpose()?;
    if record.is_none() && request.method != Method::POST {
        output::words(
            "note: without `--record` the record is taken to have nothing but its id; your API's will have more in it\n",
        );
    }
    let folder = asked.mapping.as_deref().unwrap_or(Path::new("."));
    let (mapping, source) = mapping(folder, terminal)?;
    let explained = Explained { mapping: &mapping, source: &source };
    run(async { explained.with_record(&explained.asked(&request), record).await }, false)
        .map(|explanation| titled(&request, &explanation.text))
}

/// An explanation as a transcript that can be played: under a title.
fn titled(request: &Request, text: &str) -> String {
    format!("== {} {}\n{text}", request.method, request.target)
}

fn live(asked: &ExplainArguments, environment: &[(String, String)], terminal: Terminal) -> Result<String, u8> {
    let request = request(asked)?;
    let style = if terminal.stderr { Style::Coloured } else { Style::Plain };
    let chosen = tenant::choose(&asked.config, asked.tenant.as_deref(), environment, style)?;
    let explained = Explained { mapping: &chosen.mapping, source: &chosen.source };
    let settings = chosen.settings;
    let named = [("name", &settings.name)];
    let variables = named.into_iter().chain(settings.variables.iter().map(|(name, value)| (name.as_str(), value)));
    let head: Vec<String> = variables.map(|(name, value)| format!("tenant.{name} = {value}\n")).collect();
    let surroundings = Surroundings { tenant: settings.name, variables: settings.variables, secrets: settings.secrets };
    let explanation = async {
        let url = settings.url.as_deref();
        let transport = Arc::new(HttpTransport::new()?);
        let transport = transport.for_upstream(&chosen.mapping.upstream, url, &settings.mapping, &surroundings)?;
        explained.live(&explained.asked(&request), (surroundings, url), transport).await
    };
    let explanation = run(explanation, true)?;
    let text = format!("{}\n{}", head.concat(), titled(&request, &explanation.text));
    // That the mapping cannot do it (501) is an explanation; that nothing could be read is none.
    let fault = match &explanation.unanswered {
        Some(reason) => format!("the API did not answer, so the explanation ends there: {reason}"),
        None if explanation.status >= 500 && explanation.status != 501 => {
            "the API gave no answer that can be used, so the explanation ends there".to_owned()
        }
        None => return Ok(text),
    };
    show(text, terminal);
    Err(refuse(FAULTS, &fault))
}

/// Explains the transcripts of a file, or the one that is named behind a colon.
fn of_transcript(named: &str) -> Result<String, u8> {
    let (path, title) = match named.split_once(".scim:") {
        Some((path, title)) => (format!("{path}.scim"), Some(title)),
        None => (named.to_owned(), None),
    };
    let suite = Suite::of_file(Path::new(&path));
    let errors = suite.errors();
    let (Some(mapping), Some(file), Some(source)) = (&suite.mapping, suite.files.first(), suite.sources.first()) else {
        output::words(&render(&errors, &suite.sources.iter().collect::<Vec<_>>(), Style::Plain));
        return Err(CONFIGURATION);
    };
    let explained = Explained { mapping, source };
    let variables = file.variables.iter().map(|(name, value, _)| (name.clone(), value.clone())).collect();
    let wanted: Vec<_> =
        file.transcripts.iter().filter(|transcript| title.is_none_or(|title| transcript.title == title)).collect();
    if wanted.is_empty() {
        return Err(refuse(USAGE, &format!("{path} has no transcript with this title")));
    }
    let head = file.variables.iter().map(|(name, value, _)| format!("tenant.{name} = {value}\n"));
    let mut texts = vec![head.collect::<Vec<_>>().concat()];
    for transcript in wanted {
        let explanations = run(explained.transcript(transcript, &variables), false)?;
        let shown: Vec<String> = explanations.into_iter().map(|explanation| explanation.text).collect();
        texts.push(format!("== {}\n{}", transcript.title, shown.join("\n")));
    }
    texts.retain(|text| !text.is_empty());
    Ok(texts.join("\n"))
}

/// Runs to the end: without network on a clock that leaps over waits.
fn run<T>(explaining: impl Future<Output = Result<T, String>>, is_live: bool) -> Result<T, u8> {
    let runtime = if is_live {
        serving::runtime()
    } else {
        let paused = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        paused.map_err(|error| format!("no runtime: {error}"))
    };
    match runtime.and_then(|runtime| runtime.block_on(explaining)) {
        Ok(explained) => Ok(explained),
        Err(error) if is_live => Err(refuse(CONFIGURATION, &error)),
        Err(error) => Err(refuse(FAULTS, &error)),
    }
}

fn request(asked: &ExplainArguments) -> Result<Request, u8> {
    let body = asked.body.as_deref().map(|body| json("the body", body)).transpose()?;
    let line = asked.request.as_deref().unwrap_or_default();
    let request = parse::request(line, body.map(|body| body.to_string()));
    request.ok_or_else(|| refuse(USAGE, &format!("`{line}` is no request; write one as 'PATCH /Users/42'")))
}

/// JSON that is written on the command line or stands in a file.
fn json(what: &str, given: &str) -> Result<Value, u8> {
    let text = if given.trim_start().starts_with(['{', '[']) {
        given.to_owned()
    } else {
        let read = Source::read(Path::new(given));
        read.map_err(|fault| refuse(USAGE, &format!("{what}: {given}: {}", fault.message)))?.text
    };
    serde_json::from_str(&text).map_err(|fault| refuse(USAGE, &format!("{what} is not valid JSON: {fault}")))
}

/// The mapping in a folder, or a mapping's file.
fn mapping(path: &Path, terminal: Terminal) -> Result<(Mapping, Source), u8> {
    let path = if path.is_dir() { path.join(MAPPING_FILE) } else { path.to_owned() };
    let (mut found, mut sources) = (Diagnostics::new(path.display().to_string()), Vec::new());
    let mapping = check::read(&path, &mut found, &mut sources);
    match (mapping, sources.pop()) {
        (Some(mapping), Some(source)) => Ok((mapping, source)),
        (_, source) => {
            let style = if terminal.stderr { Style::Coloured } else { Style::Plain };
            output::words(&render(&found.found, &source.iter().collect::<Vec<_>>(), style));
            Err(CONFIGURATION)
        }
    }
}

/// The comments stand back behind what is called.
fn dimmed(text: &str) -> String {
    let line = |line: &str| {
        if line.starts_with('#') { format!("\u{1b}[36m{line}\u{1b}[0m\n") } else { format!("{line}\n") }
    };
    text.lines().map(line).collect()
}
