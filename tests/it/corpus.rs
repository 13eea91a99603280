//! The kept inputs of the fuzz targets (`fuzz/`): whatever was found once, and seeds that reach far.

use std::path::Path;

#[path = "../fuzzed/filter.rs"]
mod filter;
#[path = "../fuzzed/patch.rs"]
mod patch;
#[path = "../fuzzed/path.rs"]
mod path;
#[path = "../fuzzed/request.rs"]
mod request;

/// Runs every kept input of a target.
fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(target);
    let mut inputs = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let input = entry.unwrap().path();
        let bytes = std::fs::read(&input).unwrap();
        assert!(std::panic::catch_unwind(|| check(&bytes)).is_ok(), "{} fails", input.display());
        inputs += 1;
    }
    assert!(inputs > 2, "the corpus of `{target}` is gone");
}

#[test]
fn kept_filters_pass() {
    replay("filter", filter::check);
}

#[test]
fn kept_paths_pass() {
    replay("path", path::check);
}

#[test]
fn kept_patches_pass() {
    replay("patch", patch::check);
}

#[test]
fn kept_requests_pass() {
    replay("request", request::check);
}

#[test]
fn every_fuzz_target_has_a_corpus_and_is_replayed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let names = |folder: &str| {
        let entries = std::fs::read_dir(root.join(folder)).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().path().file_stem().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(names("fuzz/targets"), names("tests/corpus"));
    assert_eq!(names("fuzz/targets"), ["filter", "patch", "path", "request"]);
}
