//! The program itself, as a process.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The program's file.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_scim-bridge");

/// What a process that ended has left.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) words: String,
}

/// The program in a folder, with the variables that the settings of the tests name, and no others.
pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    command.env("ACME_KEY", "k-8Yb2fL0qT5wZ").env("OKTA_TOKEN", crate::support::bridge::TOKEN);
    command
}

/// Runs the program to its end.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Ended {
    let output = command(folder).args(arguments).output().unwrap();
    Ended {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        words: String::from_utf8(output.stderr).unwrap(),
    }
}

/// An empty folder for one test.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Writes a file and the folders above it. A reader sees the old text or the new one, never a part.
pub(crate) fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let beside = path.with_extension("new");
    std::fs::write(&beside, text).unwrap();
    std::fs::rename(beside, path).unwrap();
}
