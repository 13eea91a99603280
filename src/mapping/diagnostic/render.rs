//! Findings as text: the author's line, a caret under the fault, what to type.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

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

/// Findings as text, an empty line between two and a newline at the end; nothing for no findings.
///
/// The line with the fault is shown where one of `sources` has the finding's path.
pub fn render(findings: &[Diagnostic], sources: &[&Source], style: Style) -> String {
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    };
    let texts: Vec<String> = findings
        .iter()
        .map(|finding| {
            let source = sources.iter().find(|source| source.path == finding.path);
            renderer.render(&[group(finding, source.copied())]) + "\n"
        })
        .collect();
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
    // An empty text has no line to show.
    let mut group = match source.filter(|source| !source.text.is_empty()) {
        Some(source) => title.element(Snippet::source(&source.text).path(&source.path).annotation(
            AnnotationKind::Primary.span(within(&source.text, &finding.span)).label(finding.label.as_deref()),
        )),
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

/// `span` cut to what the text holds, on character boundaries and within its first line: a caret marks one line.
fn within(text: &str, span: &std::ops::Range<usize>) -> std::ops::Range<usize> {
    let boundary =
        |offset: usize| (0..=offset.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let start = boundary(span.start);
    let end = boundary(span.end).max(start);
    let line = text[start..end].find(['\r', '\n']).map_or(end, |newline| start + newline);
    start..line
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
        assert_eq!(within("ab\ncd", &(1..5)), 1..2);
    }
}
