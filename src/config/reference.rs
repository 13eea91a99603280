//! Secrets by reference: a variable, a file, or, for trying out, the value itself.

use std::io::Read;
use std::path::Path;

use crate::config::layers::Reference;
use crate::config::places::Places;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::source;
use crate::secret::Secret;

/// The longest secret file, in bytes.
const LONGEST: u64 = 64 << 10;

/// Fewest characters of a token.
const SHORTEST_TOKEN: usize = 16;

/// Fewest different characters of a token.
const VARIED: usize = 4;

/// Resolves references.
pub(super) struct Resolver<'r> {
    /// The folder of `config.toml`.
    pub(super) folder: &'r Path,
    /// The environment.
    pub(super) environment: &'r [(String, String)],
    /// Where the settings came from.
    pub(super) places: &'r Places,
    /// Whether a secret may be unset: a warning then, and an empty secret.
    pub(super) unset_is_fine: bool,
}

impl Resolver<'_> {
    /// The secret that stands at `key`. `what` names it in messages: "secret `acme_key`".
    pub(super) fn secret(
        &self,
        key: &str,
        what: &str,
        reference: &Reference,
        found: &mut Diagnostics,
    ) -> Option<Secret> {
        let fault = match (&reference.env, &reference.file, &reference.value) {
            (Some(variable), None, None) => {
                let value = self.environment.iter().find(|(name, _)| name == variable).map(|(_, value)| value);
                match value.filter(|value| !value.is_empty()) {
                    Some(value) => return Some(Secret::new(value.clone())),
                    None => format!("{what}: variable `{}` is not set", variable.escape_debug()),
                }
            }
            (None, Some(file), None) => match self.file(key, file, found) {
                Ok(secret) => return Some(secret),
                Err(reason) => format!("{what}: file `{}` {reason}", file.escape_debug()),
            },
            (None, None, Some(value)) => {
                let message = format!("{what} is written as a plain value");
                let help = "name where it is instead: { env = \"NAME\" } or { file = \"/run/secrets/name\" }";
                self.places.add(key, Code::W31, message, found).help(help);
                return Some(Secret::new(value.clone()));
            }
            (None, None, None) if self.places.is_faulty(key, found) => return None,
            _ => {
                let message = format!("{what} must have exactly one of `env`, `file` and `value`");
                self.places.add(key, Code::E39, message, found);
                return None;
            }
        };
        if self.unset_is_fine {
            self.places.add(key, Code::W30, fault, found);
            return Some(Secret::new(""));
        }
        let code = if reference.env.is_some() { Code::E11 } else { Code::E39 };
        self.places.add(key, code, fault, found);
        None
    }

    /// A token: a secret that is hard to guess and can stand in a header.
    pub(super) fn token(
        &self,
        key: &str,
        what: &str,
        reference: &Reference,
        found: &mut Diagnostics,
    ) -> Option<Secret> {
        let token = self.secret(key, what, reference, found)?;
        let text = token.reveal();
        let fault = if text.is_empty() && self.unset_is_fine && reference.value.is_none() {
            return Some(token);
        } else if text.chars().any(|letter| !letter.is_ascii_graphic()) {
            "holds white space or other characters that cannot stand in a header".to_owned()
        } else if text.len() < SHORTEST_TOKEN {
            format!("is shorter than {SHORTEST_TOKEN} characters")
        } else if text.bytes().collect::<std::collections::BTreeSet<_>>().len() < VARIED {
            format!("has fewer than {VARIED} different characters")
        } else {
            return Some(token);
        };
        self.places.add(key, Code::E36, format!("{what} {fault}"), found).help("make one with: openssl rand -hex 32");
        None
    }

    /// The content of a secret file without one newline at its end.
    fn file(&self, key: &str, file: &str, found: &mut Diagnostics) -> Result<Secret, String> {
        let path = self.folder.join(file);
        let unreadable = |error: std::io::Error| format!("cannot be read: {}", error.kind());
        if !std::fs::metadata(&path).map_err(unreadable)?.is_file() {
            return Err("is not a regular file".to_owned());
        }
        let mut text = String::new();
        let read = std::fs::File::open(&path).map_err(unreadable)?.take(LONGEST + 1).read_to_string(&mut text);
        if read.map_err(unreadable)? as u64 > LONGEST {
            return Err("is longer than 64 KiB".to_owned());
        }
        if source::mode(&path).is_some_and(|mode| mode & !0o640 != 0) {
            let message = format!("secret file `{}` may be read by more than its owner and group", file.escape_debug());
            self.places.add(key, Code::W40, message, found).help(format!("chmod 0640 {}", path.display()));
        }
        let line = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
        if line.is_empty() { Err("is empty".to_owned()) } else { Ok(Secret::new(line)) }
    }
}
