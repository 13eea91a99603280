//! The text of a file and places in it.

use std::io::Read;
use std::ops::Range;
use std::path::Path;

use crate::mapping::diagnostic::{Code, Diagnostic, Diagnostics};

/// A byte range in a [`Source`].
pub type Span = Range<usize>;

/// The longest file that is read, in bytes.
pub const LONGEST_FILE: u64 = 1 << 20;

/// A mapping or settings file as it was read.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path as it shall be shown to its author.
    pub path: String,
    /// The text.
    pub text: String,
}

/// A place as editors count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineColumn {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

impl Source {
    /// A text with the path to show for it.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }

    /// Reads a file, symbolic links followed, whole and never beyond [`LONGEST_FILE`].
    ///
    /// # Errors
    /// `E27` where there is no regular file, it cannot be read, is too long, is not UTF-8 or holds a NUL.
    pub fn read(path: &Path) -> Result<Self, Box<Diagnostic>> {
        let shown = path.display().to_string();
        let refused = |message: String| Box::new(Diagnostic::new(Code::E27, &shown, 0..0, message));
        let unreadable = |error: std::io::Error| refused(format!("this file cannot be read: {error}"));
        // Asked before opening: opening a FIFO would wait for its writer.
        if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
            return Err(refused("this is not a regular file".to_owned()));
        }
        let file = std::fs::File::open(path).map_err(unreadable)?;
        let mut bytes = Vec::new();
        file.take(LONGEST_FILE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > LONGEST_FILE {
            return Err(refused("this file is longer than 1 MiB".to_owned()));
        }
        let text = String::from_utf8(bytes).map_err(|fault| {
            refused(format!("this file is not UTF-8, from byte {} on", fault.utf8_error().valid_up_to() + 1))
        })?;
        match text.find('\0') {
            Some(at) => Err(refused(format!("this file holds a NUL, at byte {}", at + 1))),
            None => Ok(Self { path: shown, text }),
        }
    }

    /// The part of a TOML file that a place stands for: below a header up to the next one, else the place itself.
    pub fn part(&self, span: &Span) -> Span {
        let is_header =
            self.text.get(span.clone()).is_some_and(|text| text.starts_with('[')) && self.place(span.start).column == 1;
        if !is_header {
            return span.clone();
        }
        let next = self.text[span.end..].find("\n[").map_or(self.text.len(), |newline| span.end + newline);
        span.start..next
    }

    /// Line and column of a byte offset; the last place for an offset beyond the text.
    pub fn place(&self, offset: usize) -> LineColumn {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        LineColumn { line: before.matches('\n').count() + 1, column: before[start..].chars().count() + 1 }
    }
}

/// Warns about a file that every user of the machine may change.
pub fn warn_if_world_writable(path: &Path, found: &mut Diagnostics) {
    if mode(path).is_some_and(|mode| mode & 0o002 != 0) {
        let shown = path.display().to_string();
        found
            .add_at(&shown, Code::W41, 0..0, "every user of this machine may change this file")
            .help(format!("chmod o-w {shown}"));
    }
}

/// The permission bits of a file, where the system has them.
#[cfg(unix)]
pub fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).ok().map(|metadata| metadata.permissions().mode() & 0o7777)
}

/// The permission bits of a file, where the system has them.
#[cfg(not(unix))]
pub fn mode(_path: &Path) -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_lines_and_characters_from_one() {
        let source = Source::new("m.toml", "a = 1\nü = 'x'\n");
        let cases = [
            ("the first byte", 0, (1, 1)),
            ("the end of a line", 5, (1, 6)),
            ("after a character of two bytes", 8, (2, 2)),
            ("inside a character", 7, (3, 1)),
            ("beyond the end", 99, (3, 1)),
        ];
        for (name, offset, (line, column)) in cases {
            assert_eq!(source.place(offset), LineColumn { line, column }, "{name}");
        }
    }

    #[test]
    fn a_header_stands_for_what_is_below_it() {
        let source = Source::new("m.toml", "[a]\nx = [\n1]\n[[b]]\ny = 2\n");
        let cases = [
            ("a header", 0..3, "[a]\nx = [\n1]"),
            ("the last header", 13..18, "[[b]]\ny = 2\n"),
            ("a value", 8..12, "[\n1]"),
        ];
        for (name, span, want) in cases {
            assert_eq!(&source.text[source.part(&span)], want, "{name}");
        }
    }

    #[test]
    fn what_is_no_readable_text_file_is_refused() {
        let folder = std::env::temp_dir().join(format!("scim-bridge-source-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let cases = [
            ("a folder", folder.clone(), "this is not a regular file"),
            ("a device", "/dev/zero".into(), "this is not a regular file"),
            ("too long", write("long", &vec![b'#'; (1 << 20) + 1]), "this file is longer than 1 MiB"),
            ("not UTF-8", write("latin", b"a = \"\xfc\""), "this file is not UTF-8, from byte 6 on"),
            ("a NUL", write("nul", b"a\0"), "this file holds a NUL, at byte 2"),
        ];
        for (name, path, message) in cases {
            let fault = Source::read(&path).unwrap_err();
            assert_eq!((fault.code, fault.message.as_str()), (Code::E27, message), "{name}");
        }
        assert!(Source::read(&folder.join("none")).unwrap_err().message.starts_with("this file cannot be read"));
        assert_eq!(Source::read(&write("fine", b"a = 1")).unwrap().text, "a = 1");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
