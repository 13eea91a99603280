//! The commands as they are typed: exit codes, data on one stream, words on the other.

use std::process::{Command, Output};

use crate::support::golden::root;
use crate::support::program;

fn run(arguments: &[&str]) -> Output {
    let binary = env!("CARGO_BIN_EXE_scim-bridge");
    Command::new(binary).args(arguments).current_dir(root()).env_clear().output().unwrap()
}

#[test]
fn the_exit_code_says_how_it_went() {
    let patch = r#"{ "Operations": [{ "op": "replace", "value": { "active": false } }] }"#;
    let explain = ["explain", "--mapping", "mappings/demo", "PATCH /Users/17"];
    let cases: [(&str, Vec<&str>, i32, &str, &str); 14] = [
        // (name, arguments, exit code, text on stdout, text on stderr)
        ("all transcripts", vec!["test"], 0, " passed, 0 failed\n", ""),
        ("one file", vec!["test", "mappings/demo/tests/teams.scim"], 0, " passed, 0 failed\n", ""),
        ("files elsewhere", vec!["test", "--mapping", "mappings/demo", "mappings/demo/tests"], 0, ", 0 failed\n", ""),
        ("failing transcripts", vec!["test", "tests/failing"], 1, "failed: another body\n", ""),
        ("no mapping there", vec!["test", "tests/it"], 1, "error[E27]", ""),
        ("a file that is not there", vec!["test", "mappings/demo/tests/none.scim"], 1, "error[E27]", ""),
        ("an explanation", [&explain[..], &[patch, "--record", "{}"]].concat(), 0, "-> POST /people/17/disable\n", ""),
        (
            "an explained transcript",
            vec!["explain", "--transcript", "mappings/demo/tests/people.scim:a user is deleted once"],
            0,
            "-> DELETE /people/17\n",
            "",
        ),
        ("no such title", vec!["explain", "--transcript", "mappings/demo/tests/people.scim:x"], 2, "", "no transcript"),
        ("no request", vec!["explain", "--mapping", "mappings/demo", "Users/17"], 2, "", "is no request"),
        ("a body that is none", [&explain[..], &["{ \"a\""]].concat(), 2, "", "not valid JSON"),
        ("nothing to explain over", vec!["explain", "GET /Users/17"], 2, "", "<--mapping <DIR>|--live|"),
        ("a mapping that is none", vec!["explain", "--mapping", "tests/it", "GET /Users"], 78, "", "error[E27]"),
        ("settings that are none", vec!["try", "--config", "none.toml"], 78, "", "help: `scim-bridge init` prints"),
    ];
    for (name, arguments, code, data, words) in cases {
        let output = run(&arguments);
        let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert_eq!(output.status.code(), Some(code), "{name}: {out}{err}");
        assert!(out.contains(data) && err.contains(words), "{name}: {out}{err}");
        assert!(out.is_empty() || err.is_empty(), "{name}: both {out} and {err}");
        assert!(!out.contains('\u{1b}') && !err.contains('\u{1b}'), "{name}: colours off a terminal");
    }
}

#[test]
fn an_explained_transcript_can_be_played() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let explained = run(&["explain", "--transcript", "tests/transcripts/drawn/tests/known.scim"]);
    let file = folder.join("explained-known.scim");
    std::fs::write(&file, explained.stdout).unwrap();
    let played = run(&["test", "--mapping", "tests/transcripts/drawn", file.to_str().unwrap()]);
    assert_eq!(String::from_utf8(played.stdout).unwrap(), "3 passed, 0 failed\n");
}

#[test]
fn a_mapping_without_transcripts_is_told_where_they_stand_and_who_writes_them() {
    let folder = program::folder("nothing-to-play");
    program::write(&folder, "mapping.toml", scim_bridge::demo::MAPPING);
    let ended = program::run(&folder, &["test", "."]);
    assert_eq!((ended.code, ended.out.as_str()), (0, "0 passed, 0 failed\n"));
    assert!(ended.words.starts_with("note: there is nothing to play"), "{}", ended.words);
}

#[test]
fn a_path_where_nothing_is_fails() {
    let folder = program::folder("nothing-there");
    program::write(&folder, "mapping.toml", scim_bridge::demo::MAPPING);
    for arguments in [&["test", "typo"][..], &["test", "mapping.tml"], &["test", "--mapping", ".", "typo"]] {
        let ended = program::run(&folder, arguments);
        assert_eq!(ended.code, 1, "{arguments:?}");
        let named = ended.out.contains("typo") || ended.out.contains("mapping.tml");
        assert!(named && ended.out.contains("1 error"), "{}", ended.out);
    }
}

#[test]
fn an_explanation_without_a_record_says_so() {
    let folder = program::folder("explained-without");
    program::write(&folder, "mapping.toml", scim_bridge::demo::MAPPING);
    let body = r#"{ "Operations": [{ "op": "replace", "value": { "active": false } }] }"#;
    let ended = program::run(&folder, &["explain", "--mapping", ".", "PATCH /Users/17", body]);
    assert_eq!(ended.code, 0, "{}", ended.words);
    assert!(ended.words.starts_with("note: without `--record`"), "{}", ended.words);
}

#[test]
fn an_explanation_can_be_kept_and_played() {
    let folder = program::folder("kept-explanation");
    program::write(&folder, "mapping.toml", scim_bridge::demo::MAPPING);
    let body = r#"{ "Operations": [{ "op": "replace", "value": { "active": false } }] }"#;
    let record = r#"{ "no": 17, "login": "ada", "state": "A" }"#;
    let explained = program::run(&folder, &["explain", "--mapping", ".", "PATCH /Users/17", body, "--record", record]);
    assert!(explained.out.starts_with("== PATCH /Users/17\nPATCH /Users/17\n"), "{}", explained.out);
    program::write(&folder, "tests/leaver.scim", &explained.out);
    let played = program::run(&folder, &["test", "."]);
    assert_eq!((played.code, played.out.as_str()), (0, "1 passed, 0 failed\n"), "{}", explained.out);
}
