//! Every `tests/check/*.toml` and what `check` says about it, in the `.txt` file beside it.
//!
//! To write the texts anew after a change, and read the difference in the version control:
//! `UPDATE_GOLDEN=1 cargo test --test it check::`

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use scim_bridge::mapping::check::{Offer, against_settings, closely};
use scim_bridge::mapping::compile::load;
use scim_bridge::mapping::diagnostic::{Code, Diagnostics, Severity, Style, render};
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

/// What `check` finds in a mapping whose settings offer one secret and one variable.
fn check(path: &Path) -> (String, Vec<Code>) {
    let name = path.file_name().unwrap().to_str().unwrap();
    let source = Source::new(format!("tests/check/{name}"), std::fs::read_to_string(path).unwrap());
    let mut found = Diagnostics::new(&source.path);
    if let Some(mapping) = load(&source, &mut found) {
        closely(&source, &mapping, &mut found);
        let names = |name: &str| BTreeSet::from([name.to_owned()]);
        let (secrets, variables) = (names("acme_key"), names("org"));
        let offer =
            Offer { tenant: "acme", settings: "config.toml", secrets: &secrets, variables: &variables, store: false };
        against_settings(&mapping, Some(&offer), &mut found);
    }
    (render(&found.found, &[&source], Style::Plain), found.found.iter().map(|finding| finding.code).collect())
}

#[test]
fn every_mapping_is_judged_as_written_beside_it() {
    let texts = mappings().into_iter().map(|path| {
        let (text, _) = check(&path);
        (path.with_extension("txt"), text)
    });
    golden::hold(texts);
}

#[test]
fn a_mapping_finds_the_code_that_its_name_begins_with() {
    for path in mappings() {
        let (text, codes) = check(&path);
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
fn every_error_has_a_mapping_that_shows_it() {
    // Faults of settings and of files have their tests beside the code that finds them.
    let elsewhere = [Code::E27, Code::E36, Code::E37, Code::E38, Code::E39];
    let elsewhere = elsewhere.into_iter().chain([Code::E80, Code::E81, Code::E82, Code::E83, Code::E84]);
    let elsewhere: Vec<Code> = elsewhere.collect();
    let shown: Vec<Code> = mappings().iter().flat_map(|path| check(path).1).collect();
    let errors = Code::ALL.iter().filter(|code| code.severity() == Severity::Error && !elsewhere.contains(code));
    let missing: Vec<String> = errors.filter(|code| !shown.contains(code)).map(ToString::to_string).collect();
    assert!(missing.is_empty(), "no mapping in tests/check shows {}", missing.join(", "));
}
