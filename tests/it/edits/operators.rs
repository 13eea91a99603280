//! Single edits of a mapping, as a hand slips: each changes one line, or takes one table out.

use std::collections::BTreeMap;

/// One edit: what was done, where, and the text with it.
pub(super) struct Edit {
    /// The operator's name.
    pub(super) operator: &'static str,
    /// The first line that is another one, from 1; in the text with the edit.
    pub(super) line: usize,
    /// The line as it was, and as it is.
    pub(super) what: String,
    /// The lines of the headers that the edit stands below.
    pub(super) headers: Vec<usize>,
    /// The last line that belongs to it: of a section that is renamed, its last one.
    pub(super) end: usize,
    /// What a finding elsewhere has to say: the attribute, the key or the operation that is gone or has another name.
    pub(super) about: Vec<String>,
    /// The whole text.
    pub(super) text: String,
}

/// A line of a mapping and the header above it.
struct Line<'t> {
    header: &'t str,
    text: &'t str,
}

impl Line<'_> {
    fn is_rule(&self) -> bool {
        self.header.contains(".attributes") && self.key().is_some()
    }

    /// The key and what is behind its `=`.
    fn key(&self) -> Option<(&str, &str)> {
        let is_text = self.text.starts_with(|sign: char| sign.is_alphabetic() || sign == '\'' || sign == '"');
        self.text.split_once('=').filter(|_| is_text && !self.text.starts_with('\'')).or_else(|| {
            // `'emails[type eq "work"].value' = …`
            let end = self.text.strip_prefix('\'')?.find('\'')? + 2;
            let behind = self.text[end..].find('=')?;
            Some((&self.text[..end + behind], &self.text[end + behind + 1..]))
        })
    }
}

/// What an operator makes of a line: none, one or several others; `None` in a list takes the line out.
type Change = fn(&Line<'_>, Option<&Line<'_>>) -> Vec<Option<String>>;

const OPERATORS: [(&str, Change); 10] = [
    ("a rule dropped", |line, _| if line.is_rule() { vec![None] } else { Vec::new() }),
    ("a key dropped", |line, _| if !line.is_rule() && line.key().is_some() { vec![None] } else { Vec::new() }),
    ("a hole dropped", |line, _| holes(line)),
    ("a quote dropped", |line, _| {
        let is_value = !line.text.starts_with(['#', '[']);
        let code = line.text.split(" # ").next().unwrap();
        code.find(['"', '\'']).filter(|_| is_value).map(|at| Some(without(line.text, at, at + 1))).into_iter().collect()
    }),
    ("two names swapped", |line, next| {
        let Some((next, true)) =
            next.map(|next| (next, line.is_rule() && next.is_rule() && line.header == next.header))
        else {
            return Vec::new();
        };
        let (Some((own, behind)), Some((other, _))) = (line.key(), next.key()) else { return Vec::new() };
        vec![Some(format!("{}={behind}\n{}", other, next.text.replacen(other, own, 1)))]
    }),
    ("a path changed", |line, _| paths(line)),
    ("a method changed", |line, _| {
        const METHODS: [(&str, &str); 5] = [
            ("\"GET ", "\"POST "),
            ("\"POST ", "\"PUT "),
            ("\"PUT ", "\"PATCH "),
            ("\"PATCH ", "\"PUT "),
            ("\"DELETE ", "\"GET "),
        ];
        METHODS
            .iter()
            .filter(|(from, _)| line.text.contains(from))
            .map(|(from, to)| Some(line.text.replacen(from, to, 1)))
            .collect()
    }),
    ("a conversion changed", |line, _| {
        const CONVERSIONS: [(&str, &str); 12] = [
            ("type = \"int\"", "type = \"string\""),
            (", type = \"int\"", ""),
            ("time = \"epoch_ms\"", "time = \"epoch_s\""),
            ("%H:%M", "%M:%H"),
            ("%Y-%m-%d", "%Y-%d-%m"),
            ("{ true = ", "{ false = "),
            ("\"-\" = \"_\"", "\"_\" = \"-\""),
            ("else = false", "else = true"),
            ("unset = \"\"", "unset = \"-\""),
            ("\"writeOnly\"", "\"readWrite\""),
            ("\"readOnly\"", "\"readWrite\""),
            ("familyName*", "familyName"),
        ];
        let hits = CONVERSIONS.iter().filter(|(from, _)| line.text.contains(from));
        hits.map(|(from, to)| Some(line.text.replacen(from, to, 1))).collect()
    }),
    ("a section renamed", |line, _| {
        const SECTIONS: [(&str, &str); 7] = [
            ("User", "Group"),
            ("Group", "User"),
            (".list]", ".get]"),
            (".get]", ".list]"),
            (".create]", ".update]"),
            (".update]", ".create]"),
            (".delete]", ".update]"),
        ];
        // A comment behind the header may name sections too.
        let (header, comment) = line.text.split_at(line.text.find('#').unwrap_or(line.text.len()));
        let hits = SECTIONS.iter().filter(|(from, _)| header.starts_with('[') && header.contains(from));
        hits.map(|(from, to)| Some(format!("{}{comment}", header.replacen(from, to, 1)))).collect()
    }),
    ("a key misspelt", |line, _| keys(line)),
];

fn without(text: &str, start: usize, end: usize) -> String {
    format!("{}{}", &text[..start], &text[end..])
}

/// The line without each of its holes; without the parameter too where the hole is all of it.
fn holes(line: &Line<'_>) -> Vec<Option<String>> {
    let code = line.text.split(" # ").next().unwrap();
    let is_template =
        code.starts_with("call") || code.starts_with("body") || code.contains("= \"GET ") || code.contains("= \"P");
    if line.header.contains(".attributes") || !is_template && !code.contains("= \"DELETE ") && !code.contains("headers")
    {
        return Vec::new();
    }
    let starts = code.match_indices('{').map(|(at, _)| at);
    let starts = starts.filter(|at| !code[at + 1..].starts_with([' ', '{']));
    starts
        .filter_map(|at| Some((at, at + code[at..].find('}')? + 1)))
        .map(|(from, to)| Some(without(line.text, from, to)))
        .collect()
}

/// The line with each word of a path or an address changed.
fn paths(line: &Line<'_>) -> Vec<Option<String>> {
    let Some((_, value)) = line.key() else { return Vec::new() };
    let start = line.text.len() - value.len();
    let code = value.split(" # ").next().unwrap();
    let mut changed = Vec::new();
    let mut insert =
        |at: usize| changed.push(Some(format!("{}x{}", &line.text[..start + at], &line.text[start + at..])));
    let simple = code.trim_start();
    if line.is_rule() && simple.starts_with('"') {
        simple[1..].find('"').into_iter().for_each(|end| insert(code.len() - simple.len() + 1 + end));
    }
    for mark in ["at = \"", "into  = \"", "items = \"", "item = \"", "next  = \"", "total = \""] {
        let hit = line.text.find(mark).filter(|at| *at < start + code.len());
        if let Some(at) = hit {
            let from = at + mark.len();
            let end = from + line.text[from..].find('"').unwrap();
            let end = line.text[from..end].find("[*]").map_or(end, |star| from + star);
            insert(end - start.min(end));
        }
    }
    for method in ["GET /", "POST /", "PUT /", "PATCH /", "DELETE /"] {
        for (at, _) in code.match_indices(&format!("\"{method}")) {
            let from = at + 1 + method.len();
            let end = code[from..].find(['/', '?', '"', '{']).unwrap();
            insert(from + end);
        }
    }
    changed
}

/// The line with each of its keys misspelt: its last letter twice. Names of the author's own are no keys of the format.
fn keys(line: &Line<'_>) -> Vec<Option<String>> {
    let code = line.text.split(" # ").next().unwrap();
    if code.starts_with('#') || code.starts_with('[') && !code.starts_with('[') {
        return Vec::new();
    }
    let mut changed = Vec::new();
    if let Some((key, _)) = line.key() {
        let end = key.trim_end_matches([' ', '\'', '"']).len();
        changed.push(end);
    }
    let mut inside = false;
    for (at, sign) in code.char_indices() {
        if sign == '"' {
            inside = !inside;
        }
        let is_key = !inside && sign == ' ' && code[at..].starts_with(" = ") && code[..at].contains(['{', ',']);
        if is_key && code[..at].ends_with(char::is_alphanumeric) {
            changed.push(at);
        }
    }
    changed.dedup();
    let double = |at: usize| {
        code[..at].chars().next_back().map(|last| format!("{}{last}{}", &line.text[..at], &line.text[at..]))
    };
    changed.into_iter().map(double).collect()
}

/// The last line of the section that a header begins, from 1.
fn section_end(lines: &[Line<'_>], start: usize) -> usize {
    let next = lines.iter().skip(start + 1).position(|line| line.text.starts_with('['));
    next.map_or(lines.len(), |next| start + 1 + next)
}

/// A header without its brackets.
fn bare(header: &str) -> &str {
    header.split('#').next().unwrap_or_default().trim().trim_matches(['[', ']'])
}

/// The lines of the headers that a line stands below: its own, that of its type, and one of the same name that a renamed
/// section meets.
fn above(text: &str, header: &str, made: Option<&str>) -> Vec<usize> {
    let own = made.filter(|made| made.starts_with('[')).map_or(bare(header), bare);
    let outer = bare(header).split('.').next().unwrap_or_default();
    let is_above = |line: &str| line.starts_with('[') && [own, bare(header), outer].contains(&bare(line));
    text.lines().enumerate().filter(|(_, line)| is_above(line)).map(|(index, _)| index + 1).collect()
}

/// What a finding elsewhere has to say of an edit: the attribute of a rule, the operation of a call, the key.
fn about(line: &Line<'_>, operator: &str, made: Option<&str>) -> Vec<String> {
    let words = |text: &str| -> Vec<String> {
        text.split(|sign: char| !sign.is_alphanumeric() && sign != '_').map(str::to_owned).collect()
    };
    // A name that is only there now, as the suggestion for another.
    let old = words(line.text);
    let new = words(made.unwrap_or_default()).into_iter().filter(|word| !word.is_empty() && !old.contains(word));
    let mut about: Vec<String> = new.flat_map(|word| [format!("`{word}`"), format!(".{word}`")]).collect();
    let key = line.key().map(|(key, _)| key.trim().trim_matches(['\'', '"']));
    let outer = bare(line.header).split(".attributes").next().unwrap_or_default();
    if line.is_rule() {
        about.extend(key.map(|key| format!("`{}`", attribute(line.header, key))));
    } else if outer.contains('.') {
        // `User.update calls carry …`
        about.push(format!("{outer} "));
    }
    if operator == "a key dropped" || operator == "a key misspelt" {
        about.extend(key.map(|key| format!("`{key}`")));
        about.extend(key.map(|key| format!("{key} = ")));
    }
    about
}

/// The name of the attribute that a rule's line is about.
fn attribute(header: &str, key: &str) -> String {
    let key = key.trim().trim_matches(['\'', '"']);
    let inside = header.trim_matches(['[', ']']).split_once(".attributes").map_or("", |(_, inside)| inside);
    let inside = inside.trim_start_matches('.').trim_end_matches(".each").trim_matches(['\'', '"']);
    if inside.is_empty() { key.to_owned() } else { format!("{inside}.{key}") }
}

/// Tells edits apart that look the same: the second is numbered, and so on.
fn number(edits: &mut [Edit]) {
    let mut seen: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for edit in edits {
        let count = seen.entry((edit.operator, edit.what.clone())).or_default();
        *count += 1;
        if *count > 1 {
            edit.what = format!("{} ({count})", edit.what);
        }
    }
}

/// All single edits of a mapping, each once.
pub(super) fn edits(original: &str) -> Vec<Edit> {
    let mut header = "";
    let lines: Vec<Line<'_>> = original
        .lines()
        .map(|text| {
            if text.starts_with('[') {
                header = text.split('#').next().unwrap().trim_end();
            }
            Line { header, text }
        })
        .collect();
    let mut edits: Vec<Edit> = Vec::new();
    for (index, line) in
        lines.iter().enumerate().filter(|(_, line)| !line.text.is_empty() && !line.text.starts_with('#'))
    {
        for (operator, change) in OPERATORS {
            for made in change(line, lines.get(index + 1)) {
                let taken = if operator == "two names swapped" { 2 } else { 1 };
                let before = lines[..index].iter().map(|line| line.text);
                let after = lines[index + taken..].iter().map(|line| line.text);
                let whole: Vec<&str> = before.chain(made.as_deref()).chain(after).collect();
                let text = whole.join("\n") + "\n";
                if text != original && edits.iter().all(|edit| edit.text != text) {
                    let short =
                        |line: &str| line.split(" # ").next().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
                    let now = made.as_deref().map_or_else(String::new, |made| format!(" -> {}", short(made)));
                    edits.push(Edit {
                        operator,
                        line: index + 1,
                        headers: above(&text, line.header, made.as_deref()),
                        end: if line.text.starts_with('[') { section_end(&lines, index) } else { index + 1 },
                        about: about(line, operator, made.as_deref()),
                        what: format!("{} {}{now}", line.header, short(line.text)),
                        text,
                    });
                }
            }
        }
    }
    edits.extend(calls(&lines));
    number(&mut edits);
    edits
}

/// Each table of a call taken out whole.
fn calls(lines: &[Line<'_>]) -> Vec<Edit> {
    let starts: Vec<usize> = (0..lines.len()).filter(|index| lines[*index].text.starts_with('[')).collect();
    let is_call = |start: &&usize| {
        ["list", "get", "create", "update", "delete"]
            .iter()
            .any(|it| lines[**start].header.contains(&format!(".{it}]")))
    };
    starts
        .iter()
        .filter(is_call)
        .map(|start| {
            let end = starts.iter().find(|other| *other > start).copied().unwrap_or(lines.len());
            let kept = lines[..*start].iter().chain(&lines[end..]).map(|line| line.text);
            let call =
                lines[*start..end].iter().find(|line| line.text.starts_with("call")).map_or("", |line| line.text);
            Edit {
                operator: "a call dropped",
                line: start + 1,
                headers: Vec::new(),
                end: start + 1,
                about: vec![bare(lines[*start].header).to_owned()],
                what: format!("{} {}", lines[*start].header, call.split(" # ").next().unwrap().trim_end()),
                text: kept.collect::<Vec<_>>().join("\n") + "\n",
            }
        })
        .collect()
}
