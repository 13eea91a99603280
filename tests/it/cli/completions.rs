//! `completions`.

use std::process::Command;

use crate::support::program::{folder, run, write};

#[test]
fn bash_takes_the_script_and_completes_options_with_it() {
    let folder = folder("completions");
    let ended = run(&folder, &["completions", "bash"]);
    assert_eq!((ended.code, ended.words.as_str()), (0, ""));
    write(&folder, "scim-bridge.bash", &ended.out);
    let asked = "source scim-bridge.bash; COMP_WORDS=(scim-bridge check --f); COMP_CWORD=2; \
                 complete -p scim-bridge | grep -o ' _[a-z_]*' > name; \
                 $(cat name) scim-bridge --f check; echo \"${COMPREPLY[@]}\"";
    let output = Command::new("bash").args(["-c", asked]).current_dir(&folder).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "--format\n", "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn an_unknown_shell_is_refused() {
    assert_eq!(run(&folder("completions-of-none"), &["completions", "tcsh"]).code, 2);
}
