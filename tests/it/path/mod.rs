//! The README's way from an OpenAPI document to Okta, walked as it is written: each command is run, each output compared.

use crate::support::program::folder;

mod curl;
mod shown;
mod terminal;

use shown::{differs, edited};
use terminal::Terminal;

const README: &str = include_str!("../../../README.md");

/// The heading of the section.
const SECTION: &str = "\n## From an OpenAPI document to Okta in ten\n";

/// A block of the section: what it is, and its text.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let section = README.split(SECTION).nth(1).unwrap().split("\n## ").next().unwrap();
    let opened = section.split("\n```").step_by(2).count() - 1;
    let blocks: Vec<_> = section
        .split("\n```")
        .skip(1)
        .step_by(2)
        .map(|block| block.split_once('\n').unwrap_or_else(|| panic!("an empty block: {block}")))
        .collect();
    assert_eq!(blocks.len(), opened);
    blocks
}

/// The commands of a block, each with the output that is shown below it.
fn commands(block: &str) -> Vec<(&str, String)> {
    let mut commands: Vec<(&str, String)> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command, String::new())),
            (None, Some((_, output))) => output.extend([line, "\n"]),
            (None, None) => panic!("output before a command: {line}"),
        }
    }
    commands
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_from_an_openapi_document_to_okta_is_as_the_readme_shows_it() {
    let mut terminal = Terminal::new(folder("openapi-to-okta"));
    let mut walked = 0;
    for (info, block) in blocks() {
        match info {
            "console path" => {
                for (command, shown) in commands(block) {
                    let printed = terminal.run(command).await;
                    walked += 1;
                    if let Some(difference) = differs(&shown, &printed) {
                        panic!("$ {command}\n{difference}\n--- all of it\n{printed}");
                    }
                }
            }
            "diff path" => {
                let file = terminal.folder.join("mappings/helpdesk/mapping.toml");
                let draft = std::fs::read_to_string(&file).unwrap();
                std::fs::write(&file, edited(&draft, block)).unwrap();
            }
            other => panic!("a block of the way is `console path` or `diff path`, not `{other}`"),
        }
    }
    assert!(walked > 15, "{walked} commands");
}
