//! What the source tree promises: layers that look one way, files of a readable size, nothing left undone.

use std::path::{Path, PathBuf};

/// The modules of `src/`, each after those that it may use.
const ORDER: [&str; 18] = [
    "value",
    "secret",
    "telemetry",
    "scim",
    "mapping",
    "upstream",
    "store",
    "bridge",
    "http",
    "transcript",
    "explain",
    "record",
    "config",
    "demo",
    "init",
    "verify",
    "cli",
    "main",
];

/// The highest number of lines of a file.
const LINES: usize = 600;

/// Every Rust file below a folder of the repository, by its path from there, with its text.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let (mut folders, mut found) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                found.push((path.strip_prefix(&root).unwrap().to_owned(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

/// The module that a file of `src/` belongs to: `http/body.rs` and `http.rs` to `http`.
fn module(path: &Path) -> String {
    let first = path.components().next().unwrap();
    Path::new(&first).file_stem().unwrap().to_str().unwrap().to_owned()
}

/// The names that follow `crate::` in a text, also in a list: `crate::{one, other::Name}`.
fn used(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |sign: char| sign.is_alphanumeric() || sign == '_';
    text.split("crate::").skip(1).flat_map(move |after| {
        let list = after.strip_prefix('{').map(|list| list.split('}').next().unwrap());
        let parts = list.unwrap_or(after).split(',').take(if list.is_some() { usize::MAX } else { 1 });
        parts.map(str::trim).map(move |part| &part[..part.find(|sign| !is_part(sign)).unwrap_or(part.len())])
    })
}

#[test]
fn a_module_uses_only_those_before_it() {
    let rank = |name: &str| ORDER.iter().position(|known| *known == name);
    let mut faults = Vec::new();
    for (path, text) in sources("src") {
        let module = module(&path);
        // It declares the modules and uses none.
        if module == "lib" {
            continue;
        }
        match rank(&module) {
            None => faults.push(format!("`{module}` has no place in the order")),
            Some(own) => faults.extend(
                used(&text)
                    .filter(|name| rank(name).is_some_and(|other| other > own))
                    .map(|name| format!("{} uses `{name}`", path.display())),
            ),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_names_after_crate_are_found_alone_and_in_lists() {
    let cases = [
        ("a use", "use crate::http::body;", vec!["http"]),
        ("two in a line", "crate::scim::Error -> crate::value", vec!["scim", "value"]),
        ("a list", "use crate::{scim, upstream::Answer};\nlet (a, http) = b;", vec!["scim", "upstream"]),
        ("a list over lines", "use crate::{\n    scim,\n    cli,\n};", vec!["scim", "cli", ""]),
        ("none", "use std::fmt;", vec![]),
    ];
    for (name, text, want) in cases {
        assert_eq!(used(text).collect::<Vec<_>>(), want, "{name}");
    }
}

#[test]
fn a_file_can_be_read_in_one_sitting() {
    let long = ["src", "tests"].into_iter().flat_map(sources).filter(|(_, text)| text.lines().count() > LINES);
    let long: Vec<_> = long.map(|(path, _)| path).collect();
    assert!(long.is_empty(), "more than {LINES} lines: {long:?}");
}

#[test]
fn nothing_is_left_to_be_done() {
    // In two parts, so that this file would pass its own test.
    let mark = concat!("todo", "!(");
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let files = sources("src").into_iter().chain([(PathBuf::from("README.md"), readme)]);
    let unfinished: Vec<_> = files.filter(|(_, text)| text.contains(mark)).map(|(path, _)| path).collect();
    assert!(unfinished.is_empty(), "unfinished: {unfinished:?}");
}
