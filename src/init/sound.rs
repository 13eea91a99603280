//! A draft without errors: what `check` refuses becomes a comment with the reason.

use crate::mapping::compile::load;
use crate::mapping::diagnostic::{Diagnostics, Severity};
use crate::mapping::source::Source;

/// The most lines that are taken out; a draft has not more that could be wrong.
const MOST: usize = 200;

/// The text with every line that has an error in it as a comment.
pub(super) fn sound(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..MOST {
        let source = Source::new("mapping.toml", text.clone());
        let mut found = Diagnostics::new(&source.path);
        load(&source, &mut found);
        let error = found.found.iter().find(|finding| finding.code.severity() == Severity::Error);
        let Some(error) = error else { break };
        let line = source.place(error.span.start).line;
        let reason =
            error.help.as_ref().map_or_else(|| error.message.clone(), |help| format!("{} ({help})", error.message));
        let Some(changed) = without(&text, line, &reason) else { break };
        text = changed;
    }
    text
}

/// The text with one line as a comment; `None` where the line is a header or a comment already.
fn without(text: &str, line: usize, reason: &str) -> Option<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let wrong = lines.get_mut(line.checked_sub(1)?)?;
    if wrong.starts_with(['[', '#']) || wrong.is_empty() {
        return None;
    }
    *wrong = format!("# UNKNOWN: {reason}\n# {wrong}");
    Some(lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_an_error_becomes_a_comment_with_the_reason() {
        let text = "scim_bridge = 1\nupstream.url = \"https://x.example\"\n[User.attributes]\nid = \"id\"\nuserName = \"login\"\n\
                    title = \"$.a[\"\n[User]\nget = \"GET /users/{id}\"\nupdate = \"PUT /users/{id}\"\n";
        let sound = sound(text);
        assert!(sound.contains("# UNKNOWN: the path `$.a[` ends too early"), "{sound}");
        let source = Source::new("m", sound);
        let mut found = Diagnostics::new("m");
        assert!(load(&source, &mut found).is_some(), "{:?}", found.found);
    }
}
