//! `scim-bridge verify`: plays an identity provider against any SCIM server, and says what is wrong with its answers.
//!
//! | module | holds |
//! |---|---|
//! | [`suites`] | every check, in one table |
//! | [`check`], [`verdict`] | what a check is, and what it can find |
//! | `client`, [`exchange`] | requests and answers; what of them may be shown |
//! | `announced`, `draft` | what the server says of itself, and users made of that alone |
//! | [`clock`] | how long it takes |
//! | [`play`], `push`, `answer` | the words that checks are written in |
//! | `clean` | nothing is left behind |
//! | `blot` | nothing secret is shown |
//! | [`report`] | the forms of the report |
//!
//! A check works on users and groups that it has made itself. It never passes by not looking: what cannot be asked of a
//! server is skipped, with the reason.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use crate::secret::Secret;

mod announced;
mod answer;
mod blot;
pub mod check;
mod clean;
mod client;
pub mod clock;
mod draft;
pub mod exchange;
pub mod play;
mod push;
pub mod report;
pub mod suites;
pub mod verdict;

pub use announced::Unusable;
pub use check::{Case, Check, Kind};
pub use clean::Left;
pub use clock::Clock;

use announced::Announced;
use client::Client;
use exchange::Exchange;
use play::{Names, Play};
use verdict::{Fault, Stop, Verdict};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// The URL before `/Users`.
    pub url: String,
    /// The token; with a scheme in front, it is the whole `Authorization` header.
    pub token: Secret,
    /// Send nothing that changes anything.
    pub reads_only: bool,
    /// What stands behind the `@` of the user names that are made.
    pub domain: String,
    /// A word that no other run has: part of all names that are made.
    pub run: String,
    /// What times are measured by.
    pub clock: Clock,
}

/// The end of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// As it must be.
    Passed,
    /// Not so.
    Failed(Fault),
    /// Not asked, and why.
    Skipped(String),
    /// A person has to look.
    Person,
}

/// One case with what was found.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The case.
    pub case: Case,
    /// What was found.
    pub finding: Finding,
    /// Everything that was sent for it, in order.
    pub exchanges: Vec<Exchange>,
    /// How long it took.
    pub took: Duration,
}

/// What a run has found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The URL before `/Users`.
    pub url: String,
    /// The word that is part of all names that were made.
    pub run: String,
    /// When it began, as RFC 3339 has it.
    pub began: String,
    /// Whether nothing was to be changed.
    pub reads_only: bool,
    /// Whether it was broken off.
    pub is_broken_off: bool,
    /// The cases, in order.
    pub outcomes: Vec<Outcome>,
    /// What could not be removed.
    pub left: Vec<Left>,
}

impl Report {
    /// How many cases passed, failed, were skipped, and are for a person.
    pub fn counts(&self) -> [usize; 4] {
        let mut counts = [0; 4];
        for outcome in &self.outcomes {
            let place = match outcome.finding {
                Finding::Passed => 0,
                Finding::Failed(_) => 1,
                Finding::Skipped(_) => 2,
                Finding::Person => 3,
            };
            counts[place] += 1;
        }
        counts
    }
}

/// Plays the cases against a server, until all are done or `stop` comes. `begin` is told each case before it is played.
///
/// # Errors
/// The server cannot be reached, does not accept the token, or is none.
pub async fn run(
    options: &Options,
    cases: &[Case],
    stop: impl Future<Output = ()>,
    mut begin: impl FnMut(usize, &Case),
) -> Result<Report, Unusable> {
    let own = format!("verify-{}-", options.run);
    let client = Client::new(options, &own).map_err(Unusable)?;
    let mut stop = pin!(stop);
    let announced = tokio::select! {
        biased;
        () = &mut stop => return Err(Unusable("broken off before the first check".to_owned())),
        announced = Announced::read(&client) => announced?,
    };
    let names = Names { own, domain: options.domain.clone(), next: 0 };
    let mut play = Play::new(Arc::new(client), announced, names);
    let mut report = Report {
        url: options.url.clone(),
        run: options.run.clone(),
        began: jiff::Timestamp::now().round(jiff::Unit::Second).unwrap_or_default().to_string(),
        reads_only: options.reads_only,
        is_broken_off: false,
        outcomes: Vec::with_capacity(cases.len()),
        left: Vec::new(),
    };
    for (number, case) in cases.iter().enumerate() {
        begin(number, case);
        let started = options.clock.now();
        let finding = tokio::select! {
            biased;
            () = &mut stop => None,
            finding = play_one(&mut play, case, options.reads_only) => Some(finding),
        };
        play.clean().await;
        let Some(finding) = finding else {
            report.is_broken_off = true;
            break;
        };
        let exchanges = std::mem::take(&mut play.exchanges);
        report.outcomes.push(Outcome { case: *case, finding, exchanges, took: options.clock.since(started) });
    }
    report.left = play.left;
    Ok(report.without(play.client.secret()))
}

async fn play_one(play: &mut Play, case: &Case, reads_only: bool) -> Finding {
    let verdict = match (case.check.kind, case.style) {
        (Kind::Person, _) => return Finding::Person,
        (Kind::Writes(_) | Kind::Styled(_), _) if reads_only => {
            return Finding::Skipped("it changes something, and only reading is allowed".to_owned());
        }
        (Kind::Reads(run) | Kind::Writes(run), _) => run(play).await,
        (Kind::Styled(run), style) => run(play, style.unwrap_or(verdict::Style::Patch)).await,
    };
    finding(verdict)
}

fn finding(verdict: Verdict) -> Finding {
    match verdict {
        Ok(()) => Finding::Passed,
        Err(Stop::Failed(fault)) => Finding::Failed(fault),
        Err(Stop::Skipped(why)) => Finding::Skipped(why),
    }
}

/// A word for [`Options::run`]: eight letters and digits.
///
/// # Errors
/// The system gives no random numbers.
pub fn random_word() -> Result<String, String> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| format!("no random numbers: {error}"))?;
    Ok(bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect())
}
