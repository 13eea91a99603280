//! The reference of the mapping format: prose that lies beside this file, with the tables of keys and findings in it.

use std::fmt::Write as _;

use crate::mapping::diagnostic::Code;
use crate::mapping::fields::{Field, TABLES, Table};

/// The prose, in the order of reading. `<!-- keys: NAME -->` is the place of a table of keys.
const PROSE: &[&str] = &[
    include_str!("01_file.md"),
    include_str!("02_upstream.md"),
    include_str!("03_types.md"),
    include_str!("04_rules.md"),
    include_str!("05_calls.md"),
    include_str!("06_scope.md"),
    include_str!("07_errors.md"),
    include_str!("08_operations.md"),
    include_str!("09_transcripts.md"),
    include_str!("10_capabilities.md"),
];

/// The first line of the document: where it comes from.
const ORIGIN: &str = "<!-- Written by `scim-bridge doc --format-reference`. -->\n\n";

/// The whole reference as Markdown.
pub fn reference() -> String {
    let prose = PROSE.concat();
    let mut text = ORIGIN.to_owned();
    for line in prose.lines() {
        match line.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->")) {
            Some("contents") => text.push_str(&contents(&prose)),
            Some("findings") => text.push_str(&findings()),
            Some(mark) => text.push_str(&marked(mark)),
            None => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    text
}

/// The table that a mark names; a mark that names none stays, where a test finds it.
fn marked(mark: &str) -> String {
    let table = mark.strip_prefix("keys: ").and_then(|name| TABLES.iter().find(|table| table.name == name));
    table.map_or_else(|| format!("<!-- {mark} -->\n"), |table| keys(table))
}

/// The chapters and their sections, each a link.
fn contents(prose: &str) -> String {
    let mut text = String::new();
    for line in headings(prose) {
        if let Some(title) = line.strip_prefix("## ") {
            let _ = write!(text, "\n- [{title}](#{})", anchor(title));
        } else if let Some(title) = line.strip_prefix("### ") {
            let _ = write!(text, " · [{title}](#{})", anchor(title));
        }
    }
    text.trim_start().to_owned() + "\n"
}

/// The headings of a Markdown text; a line of code that begins with `#` is none.
pub fn headings(prose: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    prose.lines().filter(move |line| {
        in_code ^= line.starts_with("```");
        !in_code && line.starts_with("##")
    })
}

/// The anchor that Markdown renderers give a heading.
pub fn anchor(title: &str) -> String {
    let kept = title.chars().filter(|sign| sign.is_alphanumeric() || matches!(sign, ' ' | '-'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// A table of keys with its name in front.
fn keys(table: &Table) -> String {
    let name = if table.name.starts_with('[') { format!("`{}`", table.name) } else { table.name.to_owned() };
    rows(&format!("**Keys of {name}**"), table)
}

/// The keys of a table, one a row, below a heading.
pub fn rows(heading: &str, table: &Table) -> String {
    let mut text = format!("{heading}\n\n| key | value | default | |\n| --- | --- | --- | --- |\n");
    for field in table.fields {
        let (kind, doc) = (cell(&field.kind.words()), cell(field.doc));
        let _ = writeln!(text, "| `{}` | {kind} | {} | {doc} |", field.key, cell(&default(field)));
    }
    text
}

/// A default: as code where the file could have it so, else in words.
fn default(field: &Field) -> String {
    let is_literal = format!("x = {}", field.default).parse::<toml::Table>().is_ok();
    if is_literal { format!("`{}`", field.default) } else { field.default.to_owned() }
}

/// Every code, one a row.
fn findings() -> String {
    let rows = Code::ALL.iter().map(|code| format!("| {code} | {} |\n", cell(code.summary())));
    format!("| code | |\n| --- | --- |\n{}", rows.collect::<String>())
}

/// A text as a cell of a Markdown table.
pub(super) fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests;
