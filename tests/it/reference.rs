//! The reference of the format: its committed copy is what the program says, and its examples load.

use std::path::PathBuf;

use scim_bridge::mapping::compile::load;
use scim_bridge::mapping::diagnostic::{Diagnostics, Style, render};
use scim_bridge::mapping::reference::reference;
use scim_bridge::mapping::source::Source;
use scim_bridge::transcript::Suite;

use crate::support::example::whole;
use crate::support::golden;
use crate::transcripts::mappings;

/// The examples of the reference: the word after `toml` in its fence, the line it begins in, and its text.
fn examples(text: &str) -> Vec<(String, usize, String)> {
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let body: Vec<&str> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
        if let Some(kind) = info.strip_prefix("toml") {
            found.push((kind.trim().to_owned(), number + 1, body.join("\n") + "\n"));
        }
    }
    found
}

#[test]
fn the_committed_reference_is_the_programs_own() {
    golden::hold([(PathBuf::from("mappings/REFERENCE.md"), reference())]);
}

#[test]
fn every_example_of_the_reference_loads() {
    let text = reference();
    let examples = examples(&text);
    assert!(examples.len() > 10, "{}", examples.len());
    let mut faults = Vec::new();
    for (kind, line, example) in examples {
        let source = Source::new(format!("example at line {line}"), whole(&kind, &example));
        let mut found = Diagnostics::new(&source.path);
        load(&source, &mut found);
        if !found.found.is_empty() {
            faults.push(render(&found.found, &[&source], Style::Plain));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_place_that_the_reference_links_to_is_there() {
    let text = reference();
    let links = text.split("](").skip(1).map(|rest| rest.split([')', '#']).next().unwrap());
    let links: Vec<&str> = links.filter(|link| !link.is_empty() && !link.starts_with("https://")).collect();
    assert!(!links.is_empty());
    for link in links {
        assert!(golden::root().join("mappings").join(link).exists(), "{link}");
    }
}

/// How many things real APIs ask of a mapping.
const CAPABILITIES: usize = 33;

/// The rows of the table of capabilities: the number, if any, and the folders that it links to.
fn capabilities(text: &str) -> Vec<(Option<usize>, Vec<String>)> {
    let chapter = text.split("\n## Capabilities\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = chapter.lines().filter(|line| line.starts_with("| ")).skip(2);
    rows.map(|row| {
        let number = row.trim_start_matches("| ").split(' ').next().unwrap().parse().ok();
        let links = row.split("(../tests/transcripts/").skip(1).map(|rest| rest.split(')').next().unwrap().to_owned());
        (number, links.collect())
    })
    .collect()
}

/// The number that the name of a transcript's folder begins with.
fn number(folder: &str) -> Option<usize> {
    let (number, _) = folder.split_once('-')?;
    if number.len() == 2 { number.parse().ok() } else { None }
}

#[test]
fn each_capability_is_shown_by_transcripts_of_its_own() {
    let rows = capabilities(&reference());
    let numbers: Vec<usize> = rows.iter().filter_map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..=CAPABILITIES).collect::<Vec<_>>());
    for (row, folders) in &rows {
        assert!(!folders.is_empty(), "{row:?} is shown by nothing");
        for folder in folders {
            assert_eq!(number(folder), *row, "{folder} stands in the row of another capability");
            let suite = Suite::of_folder(&golden::root().join("tests/transcripts").join(folder));
            assert!(!suite.files.is_empty(), "{folder} has no transcript");
        }
    }
    let there = mappings("tests/transcripts");
    let there = there.iter().map(|path| path.file_name().unwrap().to_str().unwrap());
    for folder in there.filter(|folder| number(folder).is_some()) {
        let is_linked = rows.iter().any(|(_, folders)| folders.iter().any(|linked| linked == folder));
        assert!(is_linked, "{folder} is missing in the table of capabilities");
    }
}
