//! Output as a page shows it: `…` stands for any text, alone on a line for any lines.

/// Where a printed text is not what is shown; `None` where it is.
pub(super) fn differs(shown: &str, printed: &str) -> Option<String> {
    // Lines that are left out come between runs of lines that are not.
    let mut rest: Vec<&str> = printed.trim_end().lines().collect();
    let runs: Vec<Vec<&str>> = shown.trim_end().split("\n…").map(|run| run.lines().collect()).collect();
    let (first, last) = (shown.starts_with('…'), shown.trim_end().ends_with("\n…"));
    for (index, run) in runs.iter().enumerate() {
        // The first `…` has no line before it, and stays in its run; what follows a `…` begins with the rest of its line.
        let run: Vec<&str> = run.iter().copied().skip_while(|line| line.is_empty() || *line == "…").collect();
        if run.is_empty() {
            continue;
        }
        let places = if index == 0 && !first { 0..1 } else { 0..rest.len().max(1) };
        let fits = |from: &usize| {
            rest.len() >= from + run.len() && run.iter().zip(&rest[*from..]).all(|(shown, line)| is_line(shown, line))
        };
        let Some(from) = places.into_iter().find(fits) else {
            return Some(format!("--- shown\n{}\n--- not found in\n{}", run.join("\n"), rest.join("\n")));
        };
        rest.drain(..from + run.len());
    }
    (!rest.is_empty() && !last && shown.trim() != "…").then(|| format!("--- not shown\n{}", rest.join("\n")))
}

/// Whether a line is the one that is shown.
fn is_line(shown: &str, line: &str) -> bool {
    let parts: Vec<&str> = shown.split('…').collect();
    let Some((first, others)) = parts.split_first() else { return false };
    let Some((last, between)) = others.split_last() else { return shown == line };
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    for part in between {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// A text after a change that is shown as a difference.
pub(super) fn edited(text: &str, difference: &str) -> String {
    let side = |wanted: char| {
        let lines = difference.lines().filter(|line| line.starts_with([' ', wanted]));
        lines.flat_map(|line| [&line[1..], "\n"]).collect::<String>()
    };
    let (old, new) = (side('-'), side('+'));
    assert_eq!(text.matches(&old).count(), 1, "not there, or more than once:\n{old}\n--- in\n{text}");
    text.replace(&old, &new)
}

#[test]
fn what_is_left_out_is_left_out_and_nothing_else() {
    let printed = "one\ntwo: 2\nthree\nfour\n";
    let shown =
        ["one\n…\nfour\n", "…\nthree\nfour\n", "one\n…\n", "…\n", "one\ntwo: …\nth…e\nfour", "…\ntwo…\n…\nfour"];
    for shown in shown {
        assert_eq!(differs(shown, printed), None, "{shown}");
    }
    let wrong =
        ["one\nfour", "one\ntwo: 2\n", "…\none\n…\none\n…", "…\nthree\n", "", "one\n…\nfive", "one…\n…\ntwo: 3\n…"];
    for shown in wrong {
        assert!(differs(shown, printed).is_some(), "{shown}");
    }
    assert_eq!(edited("a\nb\nc\n", " a\n-b\n+B\n"), "a\nB\nc\n");
}
