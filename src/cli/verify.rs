//! `scim-bridge verify`.

use crate::cli::{CONFIGURATION, FAULTS, FINE, Terminal, USAGE, output, serving, signals};
use crate::secret::Secret;
use crate::verify::suites::{SUITES, all};
use crate::verify::{Case, Clock, Kind, Options, Report, random_word, report, run};

/// What `verify` can be told.
#[derive(Debug, clap::Args)]
pub(super) struct VerifyArguments {
    /// The URL before `/Users`
    #[arg(long, value_name = "URL", required_unless_present = "list")]
    url: Option<String>,
    /// The bearer token, or a whole `Authorization` header such as "Basic …"
    #[arg(long, value_name = "TOKEN", conflicts_with = "token_env")]
    token: Option<String>,
    /// The environment variable that holds the token
    #[arg(long, value_name = "NAME")]
    token_env: Option<String>,
    /// Which checks to play
    #[arg(long, value_enum, default_value_t = SuiteName::All)]
    suite: SuiteName,
    /// Play this check alone; may be given several times
    #[arg(long = "case", value_name = "ID")]
    cases: Vec<String>,
    /// Send nothing that changes anything
    #[arg(long)]
    read_only: bool,
    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// What stands behind the @ of the users that are made
    #[arg(long, value_name = "NAME", default_value = "example.com")]
    domain: String,
    /// List the checks instead of playing them
    #[arg(long)]
    list: bool,
}

/// The suites, and all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum SuiteName {
    /// What RFC 7643 and RFC 7644 demand
    Rfc,
    /// What Okta asks of a server
    Okta,
    /// What Entra ID asks of a server
    Entra,
    /// The cases of Okta's OIN test plan
    Lifecycle,
    /// All of them
    All,
}

/// The forms of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For a terminal
    Text,
    /// For programs, with everything that was sent
    Json,
    /// For build servers
    Junit,
    /// One page to hand on
    Html,
}

/// Plays the checks and prints the report; gives the exit code.
pub(super) fn verify(asked: &VerifyArguments, environment: &[(String, String)], terminal: Terminal) -> u8 {
    let cases = match chosen(asked) {
        Ok(cases) => cases,
        Err(error) => return refuse(&error, USAGE),
    };
    if asked.list {
        output::data(&listed(&cases));
        return FINE;
    }
    let options = match options(asked, environment) {
        Ok(options) => options,
        Err(error) => return refuse(&error, USAGE),
    };
    let is_watched = terminal.stderr;
    let played = serving::runtime().and_then(|runtime| {
        runtime.block_on(async {
            let (stop, again) = signals::two().map_err(|error| format!("signals cannot be watched: {error}"))?;
            let total = cases.len();
            let begin = |number: usize, case: &Case| {
                if is_watched {
                    output::words(&format!("\r\x1b[2K{}/{total} {}", number + 1, case.id()));
                }
            };
            tokio::select! {
                played = run(&options, &cases, stop, begin) => played.map_err(|error| error.to_string()),
                () = again => Err("broken off: what was made so far is not removed".to_owned()),
            }
        })
    });
    if is_watched {
        output::words("\r\x1b[2K");
    }
    match played {
        Ok(report) => {
            output::data(&rendered(&report, asked.format));
            let [_, failed, ..] = report.counts();
            if failed == 0 && !report.is_broken_off { FINE } else { FAULTS }
        }
        Err(error) => refuse(&error, CONFIGURATION),
    }
}

/// The cases that were asked for.
fn chosen(asked: &VerifyArguments) -> Result<Vec<Case>, String> {
    let name = match asked.suite {
        SuiteName::Rfc => "rfc",
        SuiteName::Okta => "okta",
        SuiteName::Entra => "entra",
        SuiteName::Lifecycle => "lifecycle",
        SuiteName::All => "",
    };
    let suites = SUITES.iter().filter(|suite| name.is_empty() || suite.name == name);
    let mut cases: Vec<Case> = suites.flat_map(crate::verify::suites::Suite::cases).collect();
    if asked.cases.is_empty() {
        return Ok(cases);
    }
    if let Some(unknown) = asked.cases.iter().find(|id| !all().iter().any(|case| case.is(id))) {
        return Err(format!("there is no check `{unknown}`; `scim-bridge verify --list` shows all"));
    }
    cases.retain(|case| asked.cases.iter().any(|id| case.is(id)));
    if cases.is_empty() { Err("the suite has none of these checks".to_owned()) } else { Ok(cases) }
}

fn options(asked: &VerifyArguments, environment: &[(String, String)]) -> Result<Options, String> {
    let url = asked.url.as_deref().unwrap_or_default();
    let is_base = url::Url::parse(url).is_ok_and(|url| {
        let is_bare = url.username().is_empty() && url.password().is_none() && url.query().is_none();
        matches!(url.scheme(), "http" | "https") && url.has_host() && is_bare && url.fragment().is_none()
    });
    if !is_base {
        // It is not shown: a password may be in it.
        return Err(
            "`--url` must be what stands before `/Users`, and no more: https://api.acme.example/scim/v2".to_owned()
        );
    }
    let token = match (&asked.token, &asked.token_env) {
        (Some(token), _) => token.clone(),
        (None, Some(name)) => {
            let found = environment.iter().find(|(own, _)| own == name);
            found
                .map(|(_, value)| value.clone())
                .ok_or_else(|| format!("the environment variable {name} is not set"))?
        }
        (None, None) => return Err("`--token` or `--token-env` says how to be let in".to_owned()),
    };
    if token.trim().is_empty() {
        return Err("the token is empty".to_owned());
    }
    Ok(Options {
        clock: Clock::of_the_machine(),
        url: url.trim_end_matches('/').to_owned(),
        token: Secret::new(token.trim()),
        reads_only: asked.read_only,
        domain: asked.domain.clone(),
        run: random_word()?,
    })
}

fn rendered(report: &Report, format: Format) -> String {
    match format {
        Format::Text => report::text(report),
        Format::Json => report::json(report),
        Format::Junit => report::junit(report),
        Format::Html => report::html(report),
    }
}

/// The checks, a line each.
fn listed(cases: &[Case]) -> String {
    let width = cases.iter().map(|case| case.id().len()).max().unwrap_or_default();
    let line = |case: &Case| {
        let kind = match case.check.kind {
            Kind::Reads(_) => "reads ",
            Kind::Writes(_) | Kind::Styled(_) => "writes",
            Kind::Person => "person",
        };
        format!("{:width$}  {kind}  {}  ({})\n", case.id(), case.check.claim, case.check.source)
    };
    cases.iter().map(line).collect()
}

fn refuse(error: &str, code: u8) -> u8 {
    output::words(&format!("error: {error}\n"));
    code
}
