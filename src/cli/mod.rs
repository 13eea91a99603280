//! The command line: what can be asked, and the exit codes.

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

mod check;
mod completions;
mod demo;
mod doc;
mod explain;
mod init;
mod ops;
mod output;
mod record;
mod run;
mod schema;
mod serving;
mod signals;
mod tenant;
mod test;
mod try_out;
mod verify;

/// All is well.
const FINE: u8 = 0;
/// `check` found faults, or a server ended with operations cut off.
const FAULTS: u8 = 1;
/// The command line cannot be understood (as clap does).
const USAGE: u8 = 2;
/// The settings or a mapping cannot be used (`EX_CONFIG` of sysexits.h).
const CONFIGURATION: u8 = 78;

/// What the user typed.
#[derive(Debug, Parser)]
#[command(
    name = "scim-bridge",
    version,
    about = "Gives any existing user-management API a SCIM 2.0 face, by a mapping file alone",
    after_help = "Examples:\n  scim-bridge demo                        try it: a legacy API and the bridge in one process\n  \
                  scim-bridge init acme --openapi a.yaml  a first mapping\n  \
                  scim-bridge check mappings/acme         what is wrong with a mapping, and where\n  \
                  scim-bridge check config.toml           the settings, their mappings, and both together\n  \
                  scim-bridge test mappings/acme          whether it calls and answers as its transcripts say\n  \
                  scim-bridge run --config config.toml    serve\n\n\
                  Exit codes: 0 fine, 1 faults found, 2 usage, 78 unusable configuration"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve a legacy user API, made up and in memory, and the bridge before it
    #[command(after_help = "Example:\n  scim-bridge demo --listen 127.0.0.1:8080 --empty")]
    Demo(DemoArguments),
    /// Serve the tenants of a configuration
    #[command(after_help = "Example:\n  OKTA_TOKEN=... scim-bridge run --config /etc/scim-bridge/config.toml\n\n\
                            Changed files are read anew, and so they are on SIGHUP; what cannot be used is refused and told")]
    Run(run::RunArguments),
    /// See what is pending in a running bridge, and see to it
    #[command(
        after_help = "Examples:\n  scim-bridge ops list\n  scim-bridge ops release acme --admin http://127.0.0.1:9090\n\n\
                            Whatever changes something needs `[admin] token`"
    )]
    Ops(ops::OpsArguments),
    /// Say what is wrong with mappings and settings, and where
    #[command(after_help = "Examples:\n  scim-bridge check mappings/acme\n  scim-bridge check config.toml\n  \
                            scim-bridge check                 ./config.toml, or else all below ./mappings\n  \
                            scim-bridge check --watch mappings/acme\n  \
                            scim-bridge check --explain E06   what a code means, an example, its cure\n  \
                            scim-bridge check --format github   as workflow commands, in GitHub Actions")]
    Check(check::CheckArguments),
    /// Show the calls that a request would cause, and why; nothing is changed
    #[command(
        after_help = "Examples:\n  scim-bridge explain --mapping mappings/acme 'PATCH /Users/42' change.json --record record.json\n  \
                            scim-bridge explain --live 'PATCH /Users/42' change.json\n  \
                            scim-bridge explain --transcript mappings/acme/tests/leavers.scim\n\n\
                            What is printed is a transcript with comments: it can be kept, and played by `test`"
    )]
    Explain(explain::ExplainArguments),
    /// Serve as `run` does, and write down what happens as transcripts without anybody's name in them
    #[command(after_help = "Example:\n  scim-bridge record --config config.toml --out recorded\n\n\
                            Calls to the API go out one at a time. `test --mapping DIR recorded` plays what was written.\n\
                            Look at the files before you give them to others")]
    Record(record::RecordArguments),
    /// Read a few records of the real API and show what SCIM makes of them
    #[command(after_help = "Example:\n  scim-bridge try --config config.toml acme --type User --count 3\n\n\
                            Only calls that read are made")]
    Try(try_out::TryArguments),
    /// Play the transcripts beside mappings, without network
    #[command(after_help = "Examples:\n  scim-bridge test                  all below ./mappings\n  \
                            scim-bridge test mappings/acme\n  \
                            scim-bridge test mappings/acme/tests/leavers.scim\n  \
                            scim-bridge test --mapping mappings/acme recorded")]
    Test(test::TestArguments),
    /// Play an identity provider against a SCIM server, this one or any other, and say what is wrong
    #[command(after_help = "Examples:\n  \
                            scim-bridge verify --url https://api.acme.example/scim/v2 --token-env SCIM_TOKEN\n  \
                            scim-bridge verify --url http://127.0.0.1:8080/scim/v2 --token … --case rfc-create-status\n  \
                            scim-bridge verify --url … --token … --suite lifecycle --format html > report.html\n  \
                            scim-bridge verify --list\n\n\
                            Users and groups of its own are made and removed again; nobody else is touched.\n\n\
                            Exit codes: 0 no failure, 1 failures, 2 usage, 78 not reachable or not let in")]
    Verify(verify::VerifyArguments),
    /// Write pages for people, as Markdown
    #[command(
        after_help = "Examples:\n  scim-bridge doc mappings/acme > acme.md\n  scim-bridge doc --format-reference > REFERENCE.md"
    )]
    Doc(doc::DocArguments),
    /// Draft a mapping from an OpenAPI file, a curl line or a record
    #[command(after_help = "Examples:\n  scim-bridge init acme --openapi acme.openapi.yaml\n  \
                            scim-bridge init acme --sample user.json --curl \"curl -H 'X-Api-Key: …' https://api.acme.example/v1/users\"\n\n\
                            What it could not know is marked UNKNOWN in mappings/acme/mapping.toml; what belongs into\n\
                            config.toml is printed. Secrets in the curl line are left out. Nothing is overwritten.")]
    Init(init::InitArguments),
    /// Write the JSON Schema of mappings, by which editors complete keys and mark faults
    #[command(after_help = "Example:\n  scim-bridge schema > mappings/mapping.schema.json\n\n\
                            A mapping names it in its first line: #:schema ../mapping.schema.json")]
    Schema,
    /// Write the script by which a shell completes commands and options
    #[command(after_help = "Examples:\n  \
                            scim-bridge completions bash > /etc/bash_completion.d/scim-bridge\n  \
                            scim-bridge completions zsh  > \"${fpath[1]}/_scim-bridge\"\n  \
                            scim-bridge completions fish > ~/.config/fish/completions/scim-bridge.fish")]
    Completions(completions::CompletionsArguments),
}

/// What `demo` can be told.
#[derive(Debug, clap::Args)]
struct DemoArguments {
    /// Where SCIM is served; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Where the legacy API is served
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    api_listen: SocketAddr,
    /// The bearer token, 16 characters or more; without it one is made and shown
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
    /// Start with nobody instead of 200 people and 12 teams
    #[arg(long)]
    empty: bool,
}

/// How output shall look.
#[derive(Clone, Copy, Debug)]
struct Terminal {
    /// Standard output takes colours.
    stdout: bool,
    /// Standard error takes colours.
    stderr: bool,
    /// Standard output is a screen that can be cleared.
    screen: bool,
}

/// Runs the program: `arguments` with the program's name first, `environment` as read once by `main`.
pub fn main(arguments: Vec<OsString>, environment: &[(String, String)]) -> ExitCode {
    ExitCode::from(execute(arguments, environment))
}

fn execute(arguments: Vec<OsString>, environment: &[(String, String)]) -> u8 {
    let plain = environment.iter().any(|(name, value)| name == "NO_COLOR" && !value.is_empty());
    let choice = if plain { clap::ColorChoice::Never } else { clap::ColorChoice::Auto };
    let parsed = Arguments::command().color(choice).try_get_matches_from(arguments);
    let parsed = match parsed.and_then(|matches| Arguments::from_arg_matches(&matches)) {
        Ok(parsed) => parsed,
        Err(error) => {
            // Help and the version are asked for; everything else is a fault. A closed pipe is nobody's fault.
            let _ = error.print();
            return if error.use_stderr() { USAGE } else { FINE };
        }
    };
    let terminal = Terminal {
        stdout: !plain && std::io::stdout().is_terminal(),
        stderr: !plain && std::io::stderr().is_terminal(),
        screen: std::io::stdout().is_terminal(),
    };
    match parsed.command {
        Command::Demo(asked) => demo::demo(asked, terminal),
        Command::Run(asked) => run::run(&asked, environment, terminal),
        Command::Check(asked) => check::check(asked, environment, terminal),
        Command::Explain(asked) => explain::explain(&asked, environment, terminal),
        Command::Try(asked) => try_out::try_out(&asked, environment, terminal),
        Command::Record(asked) => record::record(&asked, environment, terminal),
        Command::Test(asked) => test::test(asked, terminal),
        Command::Verify(asked) => verify::verify(&asked, environment, terminal),
        Command::Doc(asked) => doc::doc(&asked, terminal),
        Command::Init(asked) => init::init(&asked, terminal),
        Command::Ops(asked) => ops::ops(&asked, environment),
        Command::Schema => schema::schema(),
        Command::Completions(asked) => completions::completions(&asked, Arguments::command()),
    }
}

#[cfg(test)]
mod tests;
