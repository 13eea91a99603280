use clap::ValueEnum as _;
use clap_complete::Shell;

use super::*;

#[test]
fn every_command_says_what_it_does_and_shows_how() {
    let program = Arguments::command();
    // clap asserts here that the definition has no contradictions.
    program.clone().debug_assert();
    let commands: Vec<_> = program.get_subcommands().collect();
    assert!(commands.len() > 5);
    for command in commands {
        let name = command.get_name();
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(!about.is_empty() && !about.ends_with('.'), "{name}: {about}");
        assert!(examples.starts_with("Example"), "{name}: {examples}");
        for line in examples.lines().filter(|line| line.contains("scim-bridge ")) {
            assert!(line.contains(&format!("scim-bridge {name}")), "{name}: {line}");
        }
        for argument in command.get_arguments().filter(|argument| argument.get_id() != "help") {
            assert!(argument.get_help().is_some(), "{name} {}", argument.get_id());
        }
    }
}

#[test]
fn every_shell_completes_every_command() {
    for shell in Shell::value_variants() {
        let mut script = Vec::new();
        clap_complete::generate(*shell, &mut Arguments::command(), "scim-bridge", &mut script);
        let script = String::from_utf8(script).unwrap();
        for command in Arguments::command().get_subcommands() {
            assert!(script.contains(command.get_name()), "{shell}: {}", command.get_name());
        }
    }
}
