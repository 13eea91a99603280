//! Findings for programs: JSON lines, and the workflow commands of GitHub Actions.

use serde_json::json;

use crate::mapping::diagnostic::{Diagnostic, Severity};
use crate::mapping::source::{LineColumn, Source};

/// The first place of a finding and the place after its last character, where its file is at hand.
fn places(finding: &Diagnostic, sources: &[&Source]) -> Option<(LineColumn, LineColumn)> {
    let source = sources.iter().find(|source| source.path == finding.path)?;
    Some((source.place(finding.span.start), source.place(finding.span.end)))
}

/// One JSON object a line for each finding. `line`, `column`, `end_line` and `end_column` count from 1, columns in
/// characters; they are null where a finding has no file, as that of a variable of the environment.
pub fn json(findings: &[Diagnostic], sources: &[&Source]) -> String {
    let object = |finding: &Diagnostic| {
        let (start, end) = places(finding, sources).unzip();
        let severity = match finding.code.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let object = json!({
            "code": finding.code.name(),
            "severity": severity,
            "message": finding.message,
            "path": finding.path,
            "line": start.map(|place| place.line),
            "column": start.map(|place| place.column),
            "end_line": end.map(|place| place.line),
            "end_column": end.map(|place| place.column),
            "label": finding.label,
            "notes": finding.notes,
            "help": finding.help,
        });
        format!("{object}\n")
    };
    findings.iter().map(object).collect()
}

/// One workflow command a line for each finding: GitHub shows them at the lines of a pull request.
pub fn github(findings: &[Diagnostic], sources: &[&Source]) -> String {
    let command = |finding: &Diagnostic| {
        let severity = match finding.code.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let place = places(finding, sources)
            .map_or_else(String::new, |(start, _)| format!(",line={},col={}", start.line, start.column));
        let mut message = finding.message.clone();
        let facts = finding.label.iter().chain(&finding.notes).chain(&finding.help);
        for fact in facts {
            message.push('\n');
            message.push_str(fact);
        }
        let (path, code) = (property(&finding.path), finding.code);
        format!("::{severity} file={path}{place},title={code}::{}\n", data(&message))
    };
    findings.iter().map(command).collect()
}

/// The text of a command, in GitHub's escapes.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command, in GitHub's escapes.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::diagnostic::{Code, Diagnostics};

    fn findings() -> (Vec<Diagnostic>, Source) {
        let source = Source::new("mappings/a,b/mapping.toml", "scim_bridge = 1\nitmes = \"ü\"\n[a]\n");
        let mut found = Diagnostics::new(&source.path);
        found.add(Code::E01, 16..21, "unknown key `itmes`").label("did you mean `items`?").help("100% sure");
        found.add(Code::W32, 16..32, "over two lines");
        found.add_at("environment", Code::N34, 0..0, "a variable");
        (found.found, source)
    }

    #[test]
    fn programs_read_one_object_a_line() {
        let (found, source) = findings();
        insta::assert_snapshot!(json(&found, &[&source]), @r#"
        {"code":"E01","severity":"error","message":"unknown key `itmes`","path":"mappings/a,b/mapping.toml","line":2,"column":1,"end_line":2,"end_column":6,"label":"did you mean `items`?","notes":[],"help":"100% sure"}
        {"code":"W32","severity":"warning","message":"over two lines","path":"mappings/a,b/mapping.toml","line":2,"column":1,"end_line":3,"end_column":4,"label":null,"notes":[],"help":null}
        {"code":"N34","severity":"note","message":"a variable","path":"environment","line":null,"column":null,"end_line":null,"end_column":null,"label":null,"notes":[],"help":null}
        "#);
    }

    #[test]
    fn github_reads_commands_with_its_own_escapes() {
        let (found, source) = findings();
        insta::assert_snapshot!(github(&found, &[&source]), @"
        ::error file=mappings/a%2Cb/mapping.toml,line=2,col=1,title=E01::unknown key `itmes`%0Adid you mean `items`?%0A100%25 sure
        ::warning file=mappings/a%2Cb/mapping.toml,line=2,col=1,title=W32::over two lines
        ::notice file=environment,title=N34::a variable
        ");
    }
}
