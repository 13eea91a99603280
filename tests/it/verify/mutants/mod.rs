//! Servers with one fault each: every fault is caught, and every check catches one.

use std::collections::BTreeSet;

use scim_bridge::verify::{Case, Kind, suites};

use super::server::TOKEN;
use super::server::{Between, Server};
use super::{failures, play, play_by};

mod change;
mod entra;
mod lifecycle;
mod look;
mod okta;

/// A fault, and the checks that must name it.
pub(super) struct Mutant {
    /// What the server does wrong.
    name: &'static str,
    /// Checks, each with words that its message must have.
    caught_by: &'static [(&'static str, &'static str)],
    between: Between,
}

/// Checks of which a test of its own shows that they can fail: the fault is not in an answer.
const SHOWN_ALONE: [&str; 1] = ["okta-base-url"];

/// All mutants.
fn all() -> impl Iterator<Item = &'static Mutant> {
    [look::MUTANTS, change::MUTANTS, okta::MUTANTS, entra::MUTANTS, lifecycle::MUTANTS].into_iter().flatten()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_caught_by_a_check_that_names_it() {
    let played: Vec<_> = all().map(|mutant| tokio::spawn(caught(mutant))).collect();
    let mut faults = Vec::new();
    for played in played {
        faults.extend(played.await.unwrap());
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Plays the checks that must catch a mutant; gives what they did not say.
async fn caught(mutant: &'static Mutant) -> Vec<String> {
    let known = suites::all();
    let named = |case: &&Case| mutant.caught_by.iter().any(|(id, _)| case.id() == *id);
    let cases: Vec<Case> = known.iter().filter(named).copied().collect();
    let server = Server::serve(mutant.between).await;
    let found = failures(&play_by(server.clock(), (&server.base(), TOKEN), &cases, false).await);
    let said = |id: &str, words: &str| {
        found
            .iter()
            .any(|line| line.strip_prefix(id).is_some_and(|rest| rest.starts_with(": ") && rest.contains(words)))
    };
    let unsaid = mutant.caught_by.iter().filter(|(id, words)| !said(id, words));
    unsaid.map(|(id, words)| format!("{}: {id} should have said `{words}`; said was {found:#?}", mutant.name)).collect()
}

#[test]
fn every_check_catches_a_fault() {
    let catching: BTreeSet<String> =
        all().flat_map(|mutant| mutant.caught_by).map(|(id, _)| (*id).to_owned()).collect();
    let played = suites::all().into_iter().filter(|case| !matches!(case.check.kind, Kind::Person));
    assert!(all().all(|mutant| !mutant.caught_by.is_empty()), "a mutant that nothing catches");
    let idle: Vec<String> = played
        .map(|case| case.id())
        .filter(|id| !catching.contains(id) && !SHOWN_ALONE.contains(&id.as_str()))
        .collect();
    assert!(idle.is_empty(), "no mutant fails these: {idle:#?}");
    assert!(all().count() >= 30, "{} mutants", all().count());
}

#[tokio::test]
async fn a_base_url_with_an_underscore_is_named() {
    let server = Server::serve(super::GOOD).await;
    let cases: Vec<Case> = suites::all().into_iter().filter(|case| case.id() == "okta-base-url").collect();
    let base = server.base().replace("/scim/v2", "/scim_v2");
    let found = failures(&play(&base, &cases, false).await);
    assert_eq!(found, [format!("okta-base-url: expected a base URL without an underscore, got {base}")]);
}
