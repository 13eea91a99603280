//! The page of each code: its example gives the code, its cured example does not.
//!
//! A block of a page is what its fence says: `toml fault` and `toml cured` are parts of a mapping, with `rules` below
//! `[User.attributes]`, with `file` whole; with `settings` they are parts of `config.toml`. `text … scim` is a transcript,
//! `console …` commands in the folder of the settings.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use scim_bridge::mapping::Code;
use toml::Table;

use crate::support::bridge::TOKEN;
use crate::support::example::{complete, whole};
use crate::support::program::{PROGRAM, folder, run, write};

const MAPPING: &str = r#"scim_bridge = 1
upstream.url = "https://api.acme.example/v1"
upstream.headers = { X-Api-Key = "{secret.acme_key}" }
User.attributes = { id = { at = "id", type = "int" }, userName = "login", active = "enabled" }
User.get = "GET /{tenant.org}/users/{id}"
User.update = "PUT /users/{id}"
"#;

const SETTINGS: &str = r#"
server.listen = "127.0.0.1:8080"
secrets.acme_key = { env = "ACME_KEY" }
secrets.signing = { file = "secrets/signing.key" }
tenants.acme = { mapping = "mappings/acme", path = "/scim/v2", tokens = [{ env = "OKTA_TOKEN" }], vars = { org = "acme" } }
"#;

/// The blocks of a page: the words of the fence and the text.
fn blocks(page: &str) -> Vec<(Vec<&str>, String)> {
    let mut parts = page.split("```");
    let mut found = Vec::new();
    parts.next();
    while let Some(block) = parts.next() {
        let (info, text) = block.split_once('\n').unwrap();
        found.push((info.split(' ').collect(), text.to_owned()));
        parts.next();
    }
    found
}

/// The commands of a console block, and the program's answer where none of them is a check.
fn commands(folder: &Path, text: &str) -> String {
    let mut said = String::new();
    for line in text.lines() {
        let line = line.strip_prefix("$ ").unwrap_or_else(|| panic!("`{line}` is no command"));
        let line = line.replace("scim-bridge", PROGRAM);
        let variables = [("ACME_KEY", "k-8Yb2fL0qT5wZ"), ("OKTA_TOKEN", TOKEN)];
        let output = Command::new("sh").args(["-c", &line]).envs(variables).current_dir(folder).output().unwrap();
        said.push_str(&String::from_utf8(output.stdout).unwrap());
    }
    if text.contains("scim-bridge") { said } else { run(folder, &["check", "config.toml"]).out }
}

fn first_word(line: &str) -> &str {
    line.split(' ').next().filter(|word| !word.is_empty()).unwrap_or("-")
}

/// The codes that the program names for a block.
fn codes(info: &[&str], text: &str) -> BTreeSet<String> {
    let folder = folder("explained");
    let settings = |over: &str| {
        let mut settings: Table = over.parse().unwrap();
        // A reference to a secret is whole: none of its keys is completed.
        let own = |line: &&str| !over.lines().any(|other| line.starts_with(&format!("secrets.{}", first_word(other))));
        complete(&mut settings, &SETTINGS.lines().filter(own).collect::<Vec<_>>().join("\n"));
        write(&folder, "config.toml", &toml::to_string(&settings).unwrap());
    };
    write(&folder, "secrets/signing.key", "Wm4aXr8t");
    std::fs::set_permissions(folder.join("secrets/signing.key"), std::fs::Permissions::from_mode(0o600)).unwrap();
    write(&folder, "mappings/acme/mapping.toml", MAPPING);
    settings("");
    let said = match info {
        ["toml", _, "settings"] => {
            settings(text);
            run(&folder, &["check", "config.toml"]).out
        }
        ["toml", _, kind @ ..] => {
            write(&folder, "mappings/acme/mapping.toml", &whole(kind.first().unwrap_or(&""), text));
            run(&folder, &["check", "config.toml"]).out
        }
        ["text", _, "scim"] => {
            let mapping = MAPPING.replace("/{tenant.org}", "");
            write(&folder, "mappings/acme/mapping.toml", &mapping);
            write(&folder, "mappings/acme/tests/example.scim", text);
            run(&folder, &["test", "mappings/acme"]).out
        }
        ["console", _] => commands(&folder, text),
        other => panic!("{other:?} is no kind of block"),
    };
    let named = said.lines().filter_map(|line| line.split_once("]: ")?.0.split_once('['));
    let named: BTreeSet<String> = named.map(|(_, code)| code.to_owned()).collect();
    assert!(!named.is_empty() || said.contains("no faults") || said.contains("passed"), "{info:?}\n{text}{said}");
    named
}

#[test]
fn the_example_of_a_code_gives_it_and_the_cured_one_gives_nothing() {
    for code in Code::ALL {
        let blocks = blocks(code.page());
        let kinds: Vec<&str> = blocks.iter().map(|(info, _)| *info.get(1).unwrap_or(&"")).collect();
        assert_eq!(kinds, ["fault", "cured"], "{code}");
        for (info, text) in blocks {
            let named = codes(&info, &text);
            if info[1] == "fault" {
                assert!(named.contains(code.name()), "{code}: {named:?}");
            } else {
                // A mapping that is checked alone has its note of the secrets; files may be on another machine.
                let is_fine = |other: &String| ["N34", "W30"].contains(&other.as_str()) && other != code.name();
                assert!(named.iter().all(is_fine), "{code} cured: {named:?}");
            }
        }
    }
}

#[test]
fn a_page_is_printed_for_a_code_in_any_case() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["E01", "e01"] {
        let ended = run(here, &["check", "--explain", name]);
        assert_eq!(ended.code, 0);
        assert!(ended.out.starts_with("E01 (error): A key that the format does not know.\n\n"), "{}", ended.out);
        assert!(ended.out.contains("\nThis is the cure:\n\n    [User.list]\n"), "{}", ended.out);
    }
}
