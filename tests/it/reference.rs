//! The reference of the format: its committed copy is what the program says, and its examples load.

use std::path::PathBuf;

use scim_bridge::mapping::Code;
use scim_bridge::mapping::compile::load;
use scim_bridge::mapping::diagnostic::{Diagnostics, Style, render};
use scim_bridge::mapping::reference::reference;
use scim_bridge::mapping::source::Source;

use crate::support::example::whole;
use crate::support::golden;

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
        // What this version does not carry is refused for that alone.
        if found.found.iter().any(|finding| finding.code != Code::E21) {
            faults.push(render(&found.found, &[&source], Style::Plain));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_file_that_the_reference_links_to_is_there() {
    let text = reference();
    let links = text.split("](").skip(1).map(|rest| rest.split([')', '#']).next().unwrap());
    let links: Vec<&str> = links.filter(|link| !link.is_empty() && !link.starts_with("https://")).collect();
    assert!(!links.is_empty());
    for link in links {
        assert!(golden::root().join("mappings").join(link).is_file(), "{link}");
    }
}
