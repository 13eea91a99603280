//! Findings as text: the author's line, a caret under the fault, what to type.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet, Title};

use crate::mapping::diagnostic::{Diagnostic, Severity};
use crate::mapping::source::Source;

/// How findings look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Text alone: files, pipes, snapshots.
    Plain,
    /// With colours: terminals.
    Coloured,
}

/// The most findings that are shown; whoever has more begins with the first.
const MOST_SHOWN: usize = 200;

/// The longest line that is shown, in bytes: longer ones are no longer read but generated.
const LONGEST_LINE: usize = 2_000;

/// Findings as text, an empty line between two and a newline at the end; nothing for no findings. Of very many, the first.
///
/// The line with the fault is shown where one of `sources` has the finding's path.
pub fn render(findings: &[Diagnostic], sources: &[&Source], style: Style) -> String {
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    };
    let mut texts: Vec<String> = Vec::new();
    for finding in findings.iter().take(MOST_SHOWN) {
        let source = sources.iter().find(|source| source.path == finding.path);
        texts.push(renderer.render(&[group(finding, source.copied())]) + "\n");
    }
    if findings.len() > MOST_SHOWN {
        texts.push(format!("... and {} more\n", findings.len() - MOST_SHOWN));
    }
    texts.join("\n")
}

/// One finding in the renderer's terms.
fn group<'a>(finding: &'a Diagnostic, source: Option<&'a Source>) -> Group<'a> {
    let level = match finding.code.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(&finding.message).id(finding.code.name());
    let mut group = match source {
        Some(source) => located(title, finding, source),
        None => title.element(Origin::path(&finding.path)),
    };
    for note in &finding.notes {
        group = group.element(Level::NOTE.message(note));
    }
    match &finding.help {
        Some(help) => group.element(Level::HELP.message(help)),
        None => group,
    }
}

/// The title with the line of the fault, or with its place alone where the line is empty or too long to show.
fn located<'a>(title: Title<'a>, finding: &'a Diagnostic, source: &'a Source) -> Group<'a> {
    let (line, span) = first_line(&source.text, &finding.span);
    let place = source.place(finding.span.start);
    if line.is_empty() || line.len() > LONGEST_LINE || is_private_key(&source.text, place.line) {
        return title.element(Origin::path(&source.path).line(place.line).char_column(place.column));
    }
    let caret = AnnotationKind::Primary.span(span).label(finding.label.as_deref());
    title.element(Snippet::source(line).path(&source.path).line_start(place.line).annotation(caret))
}

/// Whether a line, counted from 1, is of a private key.
fn is_private_key(text: &str, line: usize) -> bool {
    const BEGIN: &str = "-----BEGIN ";
    let up_to: String = text.split_inclusive('\n').take(line).collect();
    let line_start = up_to.trim_end_matches('\n').rfind('\n').map_or(0, |newline| newline + 1);
    let Some(begin) = up_to.rfind(BEGIN) else { return false };
    let label = up_to[begin + BEGIN.len()..].split("-----").next().unwrap_or_default();
    let is_over = begin < line_start && up_to[begin..line_start].contains("-----END ");
    label.ends_with("PRIVATE KEY") && !is_over
}

/// The line that a span begins in, and the span within it, cut to the line and to character boundaries.
fn first_line<'t>(text: &'t str, span: &Range<usize>) -> (&'t str, Range<usize>) {
    let boundary =
        |offset: usize| (0..=offset.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let (from, to) = (boundary(span.start), boundary(span.end));
    let start = text[..from].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[from..].find('\n').map_or(text.len(), |newline| from + newline);
    let line = text[start..end].trim_end_matches('\r');
    let last = to.max(from).min(start + line.len()) - start;
    (line, (from - start).min(last)..last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::diagnostic::{Code, Diagnostics};

    #[test]
    fn a_finding_shows_the_line_the_caret_and_what_to_type() {
        let source = Source::new("mappings/portal/mapping.toml", "scim_bridge = 1\n\nlist = { itmes = \"ü\" }\n");
        let mut found = Diagnostics::new(&source.path);
        found
            .add(Code::E01, 26..31, "unknown key `itmes` in a call")
            .label("did you mean `items`?")
            .note("a call is one request")
            .help("type items");
        found.add(Code::W32, 17..31, "plain");
        insta::assert_snapshot!(render(&found.found, &[&source], Style::Plain), @r#"
        error[E01]: unknown key `itmes` in a call
         --> mappings/portal/mapping.toml:3:10
          |
        3 | list = { itmes = "ü" }
          |          ^^^^^ did you mean `items`?
          |
          = note: a call is one request
          = help: type items

        warning[W32]: plain
         --> mappings/portal/mapping.toml:3:1
          |
        3 | list = { itmes = "ü" }
          | ^^^^^^^^^^^^^^
        "#);
        assert!(render(&found.found, &[&source], Style::Coloured).contains("\u{1b}["));
    }

    #[test]
    fn no_line_of_a_private_key_is_shown() {
        let block =
            "a = 1\nkey = \"\"\"-----BEGIN EC PRIVATE KEY-----\ns3cret\n-----END EC PRIVATE KEY-----\"\"\"\nb = 2\n";
        let line = "a = 1\nkey = \"-----BEGIN PRIVATE KEY-----\\ns3cret\\n-----END PRIVATE KEY-----\\n\"\nb = 2\n";
        for (text, hidden) in [(block, 2..5), (line, 2..3)] {
            let source = Source::new("m", text);
            for (index, shown) in text.lines().enumerate() {
                let start = text.find(shown).unwrap();
                let finding = Diagnostic::new(Code::E14, "m", start..start + 1, "odd");
                let told = render(&[finding], &[&source], Style::Plain);
                assert_eq!(told.contains(shown), !hidden.contains(&(index + 1)), "{told}");
                assert!(told.contains(&format!("m:{}:1", index + 1)), "{told}");
            }
        }
    }

    #[test]
    fn a_finding_without_a_source_names_its_path_alone() {
        let finding = Diagnostic::new(Code::E27, "none.toml", 0..0, "this is not a regular file");
        insta::assert_snapshot!(render(&[finding], &[], Style::Plain), @"
        error[E27]: this is not a regular file
        --> none.toml
        ");
    }

    #[test]
    fn odd_spans_are_cut_to_the_text() {
        let source = Source::new("m", "ü = 1\nb = 2");
        for span in [1..1, 0..99, 50..99, 2..9, 11..11] {
            let finding = Diagnostic::new(Code::E14, "m", span.clone(), "odd");
            assert!(render(&[finding], &[&source], Style::Plain).starts_with("error[E14]: odd\n"), "{span:?}");
        }
        let cases = [
            ("over the end of a line", 1..5, ("ab", 1..2)),
            ("in a later line", 5..6, ("cd", 1..2)),
            ("at the end of a line", 3..3, ("ab", 2..2)),
            ("beyond the text", 9..12, ("cd", 2..2)),
        ];
        for (name, span, want) in cases {
            assert_eq!(first_line("ab\r\ncd", &span), want, "{name}");
        }
    }

    #[test]
    fn a_generated_file_does_not_flood_its_reader() {
        let source = Source::new("m", "a".repeat(1 << 20));
        let findings = vec![Diagnostic::new(Code::E14, "m", 5..6, "odd"); 1_000];
        let text = render(&findings, &[&source], Style::Plain);
        assert!(text.starts_with("error[E14]: odd\n--> m:1:6\n"), "{}", &text[..99]);
        assert!(text.ends_with("\n... and 800 more\n") && text.len() < 10_000);
    }
}
