//! Every `tests/check/*.toml` and what `check` says about it, in the `.txt` file beside it.
//!
//! To write the texts anew after a change, and read the difference in the version control:
//! `UPDATE_GOLDEN=1 cargo test --test it check::`

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use scim_bridge::mapping::check::{Offer, against_settings, closely};
use scim_bridge::mapping::compile::load;
use scim_bridge::mapping::diagnostic::{Code, Diagnostic, Diagnostics, Style, render};
use scim_bridge::mapping::source::Source;

use crate::support::golden;

/// The mappings of the folder, by name.
fn mappings() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut mappings: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    mappings.sort();
    mappings
}

/// A text and what is found in it.
struct Checked {
    source: Source,
    found: Vec<Diagnostic>,
}

impl Checked {
    fn text(&self) -> String {
        render(&self.found, &[&self.source], Style::Plain)
    }

    fn codes(&self) -> Vec<Code> {
        self.found.iter().map(|finding| finding.code).collect()
    }
}

fn check(path: &Path) -> Checked {
    let name = path.file_name().unwrap().to_str().unwrap();
    check_text(Source::new(format!("tests/check/{name}"), std::fs::read_to_string(path).unwrap()))
}

/// What `check` finds in a mapping whose settings offer one secret and one variable.
fn check_text(source: Source) -> Checked {
    let mut found = Diagnostics::new(&source.path);
    if let Some(mapping) = load(&source, &mut found) {
        closely(&source, &mapping, &mut found);
        let names = |name: &str| BTreeSet::from([name.to_owned()]);
        let (secrets, variables) = (names("acme_key"), names("org"));
        let offer =
            Offer { tenant: "acme", settings: "config.toml", secrets: &secrets, variables: &variables, store: false };
        against_settings(&mapping, Some(&offer), &mut found);
    }
    Checked { source, found: found.found }
}

#[test]
fn every_mapping_is_judged_as_written_beside_it() {
    let texts = mappings().into_iter().map(|path| {
        let text = check(&path).text();
        (path.with_extension("txt"), text)
    });
    golden::hold(texts);
}

#[test]
fn a_mapping_finds_the_code_that_its_name_begins_with() {
    for path in mappings() {
        let checked = check(&path);
        let (text, codes) = (checked.text(), checked.codes());
        let name = path.file_stem().unwrap().to_str().unwrap().to_uppercase();
        let code = name.split('_').next().unwrap();
        if code == "CLEAN" {
            assert_eq!(text, "", "{name}");
        } else {
            assert!(codes.iter().any(|found| found.name() == code), "{name}:\n{text}");
        }
    }
}

#[test]
fn every_code_has_a_mapping_that_shows_it() {
    // What no mapping alone can show: faults of settings, of the files they name, and of transcripts.
    let of_settings = [
        Code::E27,
        Code::W30,
        Code::W31,
        Code::N34,
        Code::E36,
        Code::E37,
        Code::E38,
        Code::E39,
        Code::E89,
        Code::E44,
        Code::W46,
        Code::N95,
        Code::W96,
    ];
    let of_files = [Code::W40, Code::W41];
    let of_transcripts = [Code::E80, Code::E81, Code::E82, Code::E83, Code::E84];
    let elsewhere: Vec<Code> = [&of_settings[..], &of_files, &of_transcripts].concat();
    let shown: Vec<Code> = mappings().iter().flat_map(|path| check(path).codes()).collect();
    let missing = Code::ALL.iter().filter(|code| !elsewhere.contains(code) && !shown.contains(code));
    let missing: Vec<String> = missing.map(ToString::to_string).collect();
    let needless: Vec<&Code> = elsewhere.iter().filter(|code| shown.contains(code)).collect();
    assert!(needless.is_empty(), "mappings show these: {needless:?}");
    assert!(missing.is_empty(), "no mapping in tests/check shows {}", missing.join(", "));
}

/// The name in `did you mean …?`.
fn meant(finding: &Diagnostic) -> Option<&str> {
    let texts = finding.label.iter().chain(&finding.help).chain([&finding.message]);
    texts.filter_map(|text| text.split_once("did you mean `")?.1.split_once('`')).map(|(name, _)| name).next()
}

/// The text with what stands at a finding replaced by the name that is suggested there; within quotes where they are its own.
fn cured(checked: &Checked, finding: &Diagnostic, name: &str) -> String {
    let text = &checked.source.text;
    let old = &text[finding.span.clone()];
    let quotes: &[_] = &['\'', '"'];
    let (open, close) = match old.chars().next().filter(|sign| quotes.contains(sign) && old.ends_with(*sign)) {
        Some(quote) => (quote.to_string(), quote.to_string()),
        // A hole keeps its braces, and what it says beside the name.
        None if old.starts_with('{') && !name.starts_with('{') => {
            let tail = old.trim_end_matches('}').trim_start_matches('{');
            let space = tail.split('.').next().filter(|_| tail.contains('.') && !name.contains('.'));
            let mark = if tail.ends_with('?') { "?}" } else { "}" };
            (space.map_or("{".to_owned(), |space| format!("{{{space}.")), mark.to_owned())
        }
        None => (String::new(), String::new()),
    };
    format!("{}{open}{name}{close}{}", &text[..finding.span.start], &text[finding.span.end..])
}

#[test]
fn a_name_that_a_finding_suggests_cures_it_when_it_is_typed() {
    let (mut tried, mut useless) = (0, Vec::new());
    for path in mappings() {
        let checked = check(&path);
        for (index, finding) in checked.found.iter().enumerate() {
            let Some(name) = meant(finding) else { continue };
            tried += 1;
            let text = cured(&checked, finding, name);
            let after = check_text(Source::new(checked.source.path.clone(), text));
            let same = |other: &&Diagnostic| other.message == finding.message && other.span.start == finding.span.start;
            if after.found.iter().any(|other| same(&other)) {
                useless.push(format!("{} {index}: {}\n{}", path.display(), finding.message, after.text()));
            }
        }
    }
    assert!(useless.is_empty(), "{}", useless.join("\n"));
    assert!(tried >= 15, "{tried} suggestions");
}
