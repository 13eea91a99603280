//! Every transcript of the tree is played, and what a failing one says is in the `.txt` file beside it.
//!
//! To write the texts anew after a change, and read the difference in the version control:
//! `UPDATE_GOLDEN=1 cargo test --test it transcripts::`

use std::path::{Path, PathBuf};

use scim_bridge::mapping::diagnostic::{Code, Diagnostic, Style, render};
use scim_bridge::transcript::Suite;
use scim_bridge::transcript::suite::play_all;

use crate::support::golden::{self, root};

/// The folders in a folder that hold a mapping.
pub(crate) fn mappings(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<_> = entries.filter(|path| path.join("mapping.toml").is_file()).collect();
    folders.sort();
    folders
}

/// What is wrong with the texts of a suite.
fn findings(suite: &Suite) -> String {
    render(&suite.errors(), &suite.sources.iter().collect::<Vec<_>>(), Style::Plain)
}

#[test]
fn every_transcript_of_the_tree_is_followed() {
    let suites: Vec<Suite> = ["mappings", "tests/transcripts"]
        .iter()
        .flat_map(|folder| mappings(folder))
        .map(|it| Suite::of_folder(&it))
        .collect();
    let faults: Vec<String> = suites.iter().map(findings).filter(|text| !text.is_empty()).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let played = play_all(&suites).unwrap();
    let failed: Vec<String> = played.iter().filter_map(|played| played.report(Style::Plain)).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    let files: usize = suites.iter().map(|suite| suite.files.len()).sum();
    assert!(played.len() >= files && files > 0, "{} transcripts in {files} files", played.len());
}

#[test]
fn check_has_nothing_to_say_about_their_mappings() {
    let mut texts = Vec::new();
    for folder in mappings("tests/transcripts") {
        let suite = Suite::load(&folder.join("mapping.toml"), &[]);
        // An API that takes its key in the query leaves no other way.
        let told = |finding: &Diagnostic| finding.code == Code::W33 && folder.ends_with("01-keys-in-headers");
        let found: Vec<Diagnostic> = suite.found.iter().filter(|finding| !told(finding)).cloned().collect();
        texts.push(render(&found, &suite.sources.iter().collect::<Vec<_>>(), Style::Plain));
    }
    assert_eq!(texts.concat(), "");
}

/// What `test` says about a file, with paths as from the root.
fn said(path: &Path) -> String {
    let suite = Suite::of_file(path);
    let mut texts = vec![findings(&suite)];
    let played = play_all(&[suite]).unwrap();
    assert!(played.iter().all(|played| played.deviation.is_some()), "{} is followed", path.display());
    texts.extend(played.iter().filter_map(|played| played.report(Style::Plain)));
    texts.retain(|text| !text.is_empty());
    texts.join("\n").replace(&format!("{}/", root().display()), "")
}

#[test]
fn what_a_failing_transcript_says_is_as_written_beside_it() {
    let entries = std::fs::read_dir(root().join("tests/failing/tests")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|end| end == "scim")).collect();
    files.sort();
    golden::hold(files.into_iter().map(|path| (path.with_extension("txt"), said(&path))));
}

#[test]
fn colours_are_for_terminals() {
    let played = play_all(&[Suite::of_file(&root().join("tests/failing/tests/another_call.scim"))]).unwrap();
    let (plain, coloured) = (played[0].report(Style::Plain).unwrap(), played[0].report(Style::Coloured).unwrap());
    assert!(!plain.contains('\u{1b}'));
    assert!(coloured.contains("\u{1b}[31m-   \"job\": \"Cook\"\u{1b}[0m"), "{coloured}");
}
