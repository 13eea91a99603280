//! Files of the tree that the program makes: compared, or written anew.
//!
//! After a change that is meant: `UPDATE_GOLDEN=1 cargo test`, then read the difference in the version control.

use std::path::{Path, PathBuf};

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Holds each file, by its path from the root, against its text; fails with all that differ.
pub(crate) fn hold(files: impl IntoIterator<Item = (PathBuf, String)>) {
    // The one place where a test reads the environment: an author's word to write instead of compare.
    let write = std::env::vars_os().any(|(name, _)| name == "UPDATE_GOLDEN");
    let mut differing = Vec::new();
    for (path, text) in files {
        let whole = root().join(&path);
        if write {
            std::fs::write(&whole, &text).unwrap();
        }
        let expected = std::fs::read_to_string(&whole).unwrap_or_default();
        if text != expected {
            differing.push(format!("{}:\n{}", path.display(), first_difference(&expected, &text)));
        }
    }
    assert!(
        differing.is_empty(),
        "{}\nIf this is meant, write the files anew and read what changed: UPDATE_GOLDEN=1 cargo test",
        differing.join("\n")
    );
}

/// The lines from the first one that differs on, a few of each text.
fn first_difference(expected: &str, found: &str) -> String {
    let same = expected.lines().zip(found.lines()).take_while(|(one, other)| one == other).count();
    let shown = |text: &str| text.lines().skip(same).take(30).collect::<Vec<_>>().join("\n");
    format!("--- expected, from line {}\n{}\n--- found\n{}", same + 1, shown(expected), shown(found))
}
