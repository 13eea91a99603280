//! The page on a code, as it is read in a terminal.

use crate::mapping::diagnostic::{Code, Severity};

/// The page: what the code means, an example that causes it, and the example cured.
pub fn explain(code: Code) -> String {
    let weight = match code.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let mut text = format!("{code} ({weight}): {}\n\n", code.summary());
    let mut in_example = false;
    for line in code.page().lines() {
        if let Some(info) = line.strip_prefix("```") {
            in_example = !in_example;
            let heading = if info.contains(" fault") { "This causes it:\n\n" } else { "This is the cure:\n\n" };
            text.push_str(if in_example { heading } else { "" });
        } else {
            text.push_str(if in_example && !line.is_empty() { "    " } else { "" });
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_what_it_means_what_causes_it_and_the_cure() {
        insta::assert_snapshot!(explain(Code::W33), @r#"
        W33 (warning): A secret in a URL.

        A secret in a path or query is written into the logs of proxies and of your API. Send it in a header if your API allows.

        This causes it:

            [User]
            get = "GET /users/{id}?key={secret.acme_key}"

        This is the cure:

            [User.get]
            call    = "GET /users/{id}"
            headers = { X-Api-Key = "{secret.acme_key}" }
        "#);
    }

    #[test]
    fn every_page_can_be_read_in_a_terminal() {
        for code in Code::ALL {
            let text = explain(*code);
            assert!(text.lines().all(|line| line.chars().count() <= 132) && text.ends_with('\n'), "{code}");
            assert!(!text.contains("```"), "{code}");
        }
    }
}
