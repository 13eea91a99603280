//! `check`: its formats, its exit codes, its watching.

use std::io::{BufRead as _, BufReader, Lines};
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::support::program::{command, folder, run, write};

const FINE: &str = r#"scim_bridge = 1
upstream.url = "https://api.acme.example/v1"
User.attributes = { id = "id", userName = "login", active = "enabled" }
User.get = "GET /users/{id}"
User.update = "PUT /users/{id}"
"#;

/// A mapping with a warning.
fn warned() -> String {
    FINE.replace("User.get", "User.list = { call = \"GET /users\", items = \"$[*]\" }\nUser.get")
}

/// A mapping with an error.
fn faulty() -> String {
    FINE.replace("{id}\"\nUser.update", "{idd}\"\nUser.update")
}

/// A folder with this mapping in it.
fn with_mapping(name: &str, text: &str) -> std::path::PathBuf {
    let folder = folder(name);
    write(&folder, "mappings/acme/mapping.toml", text);
    folder
}

#[test]
fn the_exit_code_says_whether_there_are_errors_whatever_the_format() {
    let cases = [("fine", FINE.to_owned(), 0), ("warned", warned(), 0), ("faulty", faulty(), 1)];
    for (name, text, code) in cases {
        let folder = with_mapping("exit-codes", &text);
        for format in ["text", "json", "github"] {
            let ended = run(&folder, &["check", "mappings/acme", "--format", format]);
            assert_eq!((ended.code, ended.words.as_str()), (code, ""), "{name}: {}", ended.out);
        }
    }
}

#[test]
fn people_are_led_to_the_page_of_a_code() {
    let folder = with_mapping("people", &faulty());
    let ended = run(&folder, &["check"]);
    let wanted = "\nmore about a finding: scim-bridge check --explain E09\n1 error in 1 file\n";
    assert!(ended.out.ends_with(wanted), "{}", ended.out);
}

#[test]
fn programs_get_one_object_a_line_and_nothing_else() {
    let folder = with_mapping("programs", &format!("{}[Users]\n", faulty()));
    let ended = run(&folder, &["check", "mappings", "--format", "json"]);
    let objects: Vec<Value> = ended.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let places: Vec<_> = objects.iter().map(|object| (object["code"].as_str().unwrap(), &object["line"])).collect();
    assert_eq!(places, [("E09", &4.into()), ("E01", &6.into())]);
    assert_eq!(objects[0]["path"], "mappings/acme/mapping.toml");
    assert_eq!(run(&with_mapping("programs", FINE), &["check", "--format", "json"]).out, "");
}

#[test]
fn github_gets_commands_that_name_file_and_line() {
    let folder = with_mapping("github", &faulty());
    let ended = run(&folder, &["check", "--format", "github"]);
    let wanted = "::error file=mappings/acme/mapping.toml,line=4,col=";
    assert!(ended.out.starts_with(wanted) && ended.out.lines().count() == 1, "{}", ended.out);
}

#[test]
fn with_the_settings_certificates_keys_and_proxies_are_looked_at() {
    let settings = r#"
server.listen = "127.0.0.1:8080"
secrets.acme_key = { env = "ACME_KEY" }
secrets.unset = { env = "UNSET" }
tenants.acme = { mapping = "mappings/acme", path = "/acme", tokens = [{ env = "OKTA_TOKEN" }] }
tenants.other = { mapping = "mappings/acme", path = "/other", tokens = [{ env = "OKTA_TOKEN" }] }
"#;
    let key = "-----BEGIN PRIVATE KEY-----\\ns3cret\\n-----END PRIVATE KEY-----\\n";
    let cases = [
        (
            "a file that is not there",
            "tls = { ca = \"ca.pem\" }".to_owned(),
            "the file of `tls.ca`, mappings/acme/ca.pem, cannot be read",
        ),
        (
            "a file that is none",
            "tls = { ca = \"mapping.toml\" }".to_owned(),
            "mappings/acme/mapping.toml, holds no PEM certificate",
        ),
        ("a key that is none", format!("tls = {{ cert = \"{key}\", key = \"{key}\" }}"), "`tls.cert`"),
        (
            "a secret that is no file",
            "tls = { ca = \"{secret.acme_key}\" }".to_owned(),
            "the file of `tls.ca` cannot be read",
        ),
        ("no proxy", "proxy = \"{secret.acme_key}\"".to_owned(), "`proxy` is no URL"),
        ("a secret that is not here", "tls = { ca = \"{secret.unset}\" }".to_owned(), ""),
        ("a proxy", "proxy = \"http://proxy.example:3128\"".to_owned(), ""),
    ];
    for (name, upstream, told) in cases {
        let folder = with_mapping(
            "connections",
            &FINE.replace("User.attributes", &format!("upstream.{upstream}\nUser.attributes")),
        );
        write(&folder, "config.toml", settings);
        let ended = run(&folder, &["check", "config.toml"]);
        assert_eq!(ended.out.matches("error[E89]").count(), usize::from(!told.is_empty()), "{name}: {}", ended.out);
        assert!(ended.out.contains(told) && !ended.out.contains("s3cret"), "{name}: {}", ended.out);
        assert!(!ended.out.contains("k-8Yb2fL0qT5wZ"), "{name}: {}", ended.out);
    }
}

/// The lines up to the one that sums up.
fn next_report(lines: &mut Lines<BufReader<ChildStdout>>) -> String {
    let mut report = String::new();
    loop {
        let line = lines.next().expect("the watching ended").unwrap();
        report = report + &line + "\n";
        if line.ends_with("in 1 file") {
            return report;
        }
    }
}

#[test]
#[cfg(unix)]
fn a_watched_mapping_is_checked_again_when_it_changes_until_the_signal() {
    fn save(folder: &Path, text: &str) {
        write(folder, "mappings/acme/mapping.toml", text);
    }
    let folder = with_mapping("watched", FINE);
    let mut watching =
        command(&folder).args(["check", "--watch", "mappings/acme"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(watching.stdout.take().unwrap()).lines();
    assert_eq!(next_report(&mut lines), "no faults in 1 file\n");
    save(&folder, &faulty());
    assert!(next_report(&mut lines).contains("error[E09]"));
    // The same finding at another place is a change as well, and so is a comment.
    save(&folder, &format!("# moved\n{}", faulty()));
    assert!(next_report(&mut lines).contains("mapping.toml:5:"));
    save(&folder, FINE);
    assert_eq!(next_report(&mut lines), "no faults in 1 file\n");
    std::fs::remove_file(folder.join("mappings/acme/mapping.toml")).unwrap();
    assert!(next_report(&mut lines).contains("error[E27]"));

    let interrupt = Command::new("kill").args(["-INT", &watching.id().to_string()]).status().unwrap();
    assert!(interrupt.success());
    assert_eq!(watching.wait().unwrap().code(), Some(1), "the code of the last findings");
    assert!(lines.next().is_none(), "nothing is cleared or printed at the end");
}

#[test]
fn what_cannot_be_asked_together_is_refused() {
    let folder = with_mapping("refused", FINE);
    for arguments in [
        ["check", "--explain", "E99"].as_slice(),
        &["check", "--format", "xml"],
        &["check", "--explain", "E01", "--watch"],
        &["check", "--explain", "E01", "mappings"],
    ] {
        assert_eq!(run(&folder, arguments).code, 2, "{arguments:?}");
    }
}
