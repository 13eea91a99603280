//! The tables of what the RFCs demand: every row has tests that there are, or a reason.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use scim_bridge::verify::suites;

/// BCP 14's words for what is demanded.
const WORDS: [&str; 8] = ["MUST", "MUST NOT", "SHALL", "SHALL NOT", "SHOULD", "SHOULD NOT", "REQUIRED", "RECOMMENDED"];

/// The tables, the sections that have demands in each, and the rows at least: none may get lost.
const TABLES: [(&str, &[u32], usize); 3] = [
    ("rfc7643.md", &[2, 3, 4, 5, 6, 7, 9], 105),
    ("rfc7644.md", &[1, 2, 3, 4, 5, 7], 160),
    ("rfc9865.md", &[2, 4, 5], 20),
];

/// One demand.
struct Row {
    place: String,
    section: String,
    word: String,
    demand: String,
    /// What is in backticks before the reason.
    tests: Vec<String>,
    /// `not done: …` or `not ours: …`, where there is one.
    reason: Option<String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The rows of a table, without its two lines of head.
fn rows(table: &str) -> Vec<Row> {
    let text = std::fs::read_to_string(root().join("tests/demands").join(table)).unwrap();
    let lines = text.lines().enumerate().filter(|(_, line)| line.starts_with("| ")).skip(2);
    lines
        .map(|(index, line)| {
            let place = format!("{table}:{}", index + 1);
            let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            let [section, word, demand, shown] = cells[..] else { panic!("{place}: four cells") };
            let at = ["not done", "not ours"].iter().filter_map(|start| shown.find(start)).min();
            let (tests, reason) = shown.split_at(at.unwrap_or(shown.len()));
            Row {
                place,
                section: section.to_owned(),
                word: word.to_owned(),
                demand: demand.to_owned(),
                tests: tests.split('`').skip(1).step_by(2).map(str::to_owned).collect(),
                reason: (!reason.is_empty()).then(|| reason.to_owned()),
            }
        })
        .collect()
}

/// The names of all tests in the sources, and of all checks of `verify`.
fn known() -> BTreeSet<String> {
    let mut folders: Vec<PathBuf> = ["src", "tests"].map(|folder| root().join(folder)).into();
    let mut known: BTreeSet<String> = suites::all().into_iter().map(|case| case.check.id.to_owned()).collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                known.extend(tests(&std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    known
}

/// The names of the functions that an attribute makes tests.
fn tests(source: &str) -> Vec<String> {
    let (mut found, mut is_test) = (Vec::new(), false);
    for line in source.lines().map(str::trim_start) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if let Some(rest) = line.trim_start_matches("async ").strip_prefix("fn ") {
            if is_test {
                found.push(rest.split(['(', '<']).next().unwrap().to_owned());
            }
            is_test = false;
        }
    }
    found
}

/// The numbers of a section: `3.4.2` and no leading zeros.
fn numbers(section: &str) -> Option<Vec<u32>> {
    let number = |text: &str| text.parse::<u32>().ok().filter(|number| number.to_string() == text);
    section.split('.').map(number).collect()
}

#[test]
fn every_demand_has_tests_or_a_reason() {
    let known = known();
    for (table, sections, least) in TABLES {
        let rows = rows(table);
        assert!(rows.len() >= least, "{table} has {} rows", rows.len());
        let mut before = Vec::new();
        for row in rows {
            let place = &row.place;
            let section = numbers(&row.section).unwrap_or_else(|| panic!("{place}: `{}` is no section", row.section));
            assert!(
                sections.contains(&section[0]) && section.len() <= 4,
                "{place}: `{}` is no such section",
                row.section
            );
            assert!(before <= section, "{place}: the sections are in their order");
            before = section;
            assert!(WORDS.contains(&row.word.as_str()), "{place}: `{}` is no word of BCP 14", row.word);
            assert!(row.demand.len() > 10, "{place}: what is demanded?");
            assert!(!row.tests.is_empty() || row.reason.is_some(), "{place}: neither a test nor a reason");
            if let Some(reason) = &row.reason {
                assert!(reason.split_once(": ").is_some_and(|(_, why)| why.len() > 10), "{place}: why is it {reason}?");
            }
            for test in &row.tests {
                assert!(known.contains(test), "{place}: there is no test or check `{test}`");
            }
        }
    }
}

#[test]
fn tests_are_found_by_their_attributes() {
    let source = "#[test]\nfn one() {}\nfn no() {}\n    #[tokio::test(start_paused = true)]\n    #[ignore]\n    async fn two() {}\n#[test]\nfn three(x in 0..1) {}";
    assert_eq!(tests(source), ["one", "two", "three"]);
}
