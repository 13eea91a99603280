//! Each slip of the hand in a shipped mapping is seen: by `check` at its line, or by a transcript. What neither sees is
//! listed in `tests/edits/survivors.txt` with the reason why it does no harm.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use scim_bridge::mapping::check::closely;
use scim_bridge::mapping::compile;
use scim_bridge::mapping::diagnostic::{Diagnostic, Diagnostics};
use scim_bridge::mapping::source::Source;
use scim_bridge::transcript::suite::play_all;
use scim_bridge::transcript::{File, Suite};

use crate::support::golden::root;
use crate::transcripts::mappings;

mod operators;

use operators::{Edit, edits};

/// How far from the edit a finding may stand.
const NEAR: usize = 1;

/// What became of an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    /// `check` finds it where it is.
    Checked,
    /// A transcript fails.
    Played,
    /// Nothing sees it.
    Survived,
}

/// Whether a finding stands at the edit or at the header above it, names its line, or says elsewhere what is missing.
fn is_near(finding: &Diagnostic, source: &Source, edit: &Edit) -> bool {
    let (first, last) = (source.place(finding.span.start).line, source.place(finding.span.end).line);
    let near = first <= edit.end + NEAR && edit.line <= last + NEAR;
    let texts = || finding.notes.iter().chain(&finding.label).chain(&finding.help).chain([&finding.message]);
    let named = texts().filter(|text| text.contains("line")).any(|text| {
        let words = text.split(|sign: char| !sign.is_ascii_digit());
        words.filter_map(|word| word.parse::<usize>().ok()).any(|line| line.abs_diff(edit.line) <= NEAR)
    });
    let said = edit.about.iter().any(|name| texts().any(|text| text.contains(name)));
    near || named || said || edit.headers.contains(&first)
}

/// Judges an edit: the transcripts are asked where `check` has nothing to say at the line.
fn judge(edit: &Edit, original: &Suite) -> (Fate, Vec<Diagnostic>) {
    let source = Source::new("mapping.toml", &edit.text);
    let mut found = Diagnostics::new(&source.path);
    let mapping = compile::load(&source, &mut found);
    let is_seen = |found: &Diagnostics| found.found.iter().any(|finding| is_near(finding, &source, edit));
    if is_seen(&found) {
        return (Fate::Checked, Vec::new());
    }
    let Some(mapping) = mapping else { return (Fate::Survived, found.found) };
    closely(&source, &mapping, &mut found);
    if is_seen(&found) {
        return (Fate::Checked, Vec::new());
    }
    for file in &original.files {
        // One transcript at a time: the first that fails is enough.
        for transcript in &file.transcripts {
            let file = File { transcripts: vec![transcript.clone()], ..file.clone() };
            let suite =
                Suite { mapping: Some(mapping.clone()), files: vec![file], found: Vec::new(), sources: Vec::new() };
            if play_all(&[suite]).unwrap().iter().any(|played| played.deviation.is_some()) {
                return (Fate::Played, Vec::new());
            }
        }
    }
    (Fate::Survived, found.found)
}

/// The survivors that are known, and why each is harmless: a reason in a line with `#` is that of the edits below it.
fn known() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(root().join("tests/edits/survivors.txt")).unwrap();
    let mut reason = String::new();
    let mut known = BTreeMap::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        if let Some(why) = line.strip_prefix("# ") {
            why.clone_into(&mut reason);
        } else {
            assert!(!reason.is_empty(), "{line}: no reason");
            known.insert(line.to_owned(), reason.clone());
        }
    }
    known
}

/// Judges the edits of all shipped mappings of which `chosen` says so by their number.
#[expect(clippy::print_stdout, reason = "how many edits of each kind are seen, and by what, is worth to be known")]
fn hold(chosen: impl Fn(usize) -> bool) {
    let mut counts: BTreeMap<&str, BTreeMap<Fate, usize>> = BTreeMap::new();
    let (mut survivors, mut asked, mut all) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
    for folder in mappings("mappings") {
        let suite = Suite::of_folder(&folder);
        assert!(!suite.files.is_empty(), "{} has no transcripts", folder.display());
        let name = folder.file_name().unwrap().to_str().unwrap();
        let shown = |edit: &Edit| format!("{name}: {}: {}", edit.operator, edit.what);
        let edits = edits(&suite.sources[0].text);
        all.extend(edits.iter().map(shown));
        let first = all.len();
        let edits: Vec<Edit> =
            edits.into_iter().enumerate().filter(|(index, _)| chosen(first + index)).map(|(_, edit)| edit).collect();
        let next = AtomicUsize::new(0);
        let work = || {
            let mut fates = Vec::new();
            while let Some(edit) = edits.get(next.fetch_add(1, Ordering::Relaxed)) {
                fates.push((edit, judge(edit, &suite)));
            }
            fates
        };
        let fates: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        for (edit, (fate, found)) in fates {
            *counts.entry(edit.operator).or_default().entry(fate).or_default() += 1;
            asked.insert(shown(edit));
            if fate == Fate::Survived {
                let found: Vec<String> =
                    found.iter().map(|finding| format!("  {} {}", finding.code, finding.message)).collect();
                survivors.insert(shown(edit), found.join("\n"));
            }
        }
    }
    for (operator, fates) in &counts {
        let count = |fate| fates.get(&fate).copied().unwrap_or_default();
        let (checked, played, survived) = (count(Fate::Checked), count(Fate::Played), count(Fate::Survived));
        println!("{operator}: {checked} seen by check, {played} by a transcript, {survived} by neither");
    }
    assert!(asked.len() >= 300, "{} edits", asked.len());
    let known = known();
    let new: Vec<String> = survivors
        .iter()
        .filter(|(edit, _)| !known.contains_key(*edit))
        .map(|(edit, found)| format!("{edit}\n{found}"))
        .collect();
    assert!(new.is_empty(), "of {} edits these {} are not seen:\n{}", asked.len(), new.len(), new.join("\n"));
    let is_gone = |edit: &&String| !all.contains(*edit) || asked.contains(*edit) && !survivors.contains_key(*edit);
    let gone: Vec<&String> = known.keys().filter(is_gone).collect();
    assert!(gone.is_empty(), "these are seen now, take them off the list:\n{gone:#?}");
}

#[test]
fn a_slip_in_a_shipped_mapping_is_seen_or_known_to_be_harmless() {
    hold(|number| number % 6 == 0);
}

/// All of them: `cargo test --test it edits:: -- --ignored --nocapture`.
#[test]
#[ignore = "takes minutes; every sixth is tried by the test above"]
fn every_slip_in_a_shipped_mapping_is_seen_or_known_to_be_harmless() {
    hold(|_| true);
}
