//! A line of a transcript: what its beginning makes of it.

use http::{HeaderName, HeaderValue};

/// A line with its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'t> {
    /// From 1.
    pub(super) number: usize,
    /// The offset of its first byte.
    pub(super) start: usize,
    /// Its text, without white space at its end.
    pub(super) text: &'t str,
}

/// What begins with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark<'t> {
    /// `== title`
    Title(&'t str),
    /// `PATCH /Users/42`
    Request(&'t str, &'t str),
    /// `-> POST /people`
    Call(&'t str),
    /// `<- 200`
    Answer(&'t str),
    /// `200`
    Reply(u16),
    /// `- password`
    Absent(&'t str),
    /// Three backticks: a body that is taken as it is, up to the next three.
    Fence,
    /// `# …`
    Comment,
    /// Nothing.
    Blank,
    /// A header, a body, `tenant.x = …`.
    Text,
}

/// The lines of a text.
pub(super) fn lines(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    let line = |(index, whole): (usize, &'_ str)| {
        let from = start;
        start += whole.len();
        (index, from, whole.len())
    };
    let places: Vec<_> = text.split_inclusive('\n').enumerate().map(line).collect();
    let shown = |(index, from, length): (usize, usize, usize)| Line {
        number: index + 1,
        start: from,
        text: text[from..from + length].trim_end(),
    };
    places.into_iter().map(shown).collect()
}

impl<'t> Line<'t> {
    /// What the line begins.
    pub(super) fn mark(&self) -> Mark<'t> {
        let text = self.text;
        let after = |mark: &str| {
            let rest = text.strip_prefix(mark)?;
            (rest.is_empty() || rest.starts_with(' ')).then_some(rest.trim_start())
        };
        if text.is_empty() {
            return Mark::Blank;
        }
        if text.starts_with('#') {
            return Mark::Comment;
        }
        if text.starts_with("```") {
            return Mark::Fence;
        }
        if let Some(title) = after("==") {
            return Mark::Title(title);
        }
        if let Some(call) = after("->") {
            return Mark::Call(call);
        }
        if let Some(answer) = after("<-") {
            return Mark::Answer(answer);
        }
        if let Some(path) = after("-") {
            return Mark::Absent(path);
        }
        if let Some(status) = status(text) {
            return Mark::Reply(status);
        }
        match text.split_once(' ') {
            Some((method, target)) if is_method(method) && target.starts_with('/') => Mark::Request(method, target),
            _ => Mark::Text,
        }
    }

    /// The header that the line is, if it is one.
    pub(super) fn header(&self) -> Option<(HeaderName, Option<HeaderValue>)> {
        let (name, value) = self.text.split_once(':')?;
        let separated = value.is_empty() || value.starts_with(' ');
        let name = HeaderName::from_bytes(name.as_bytes()).ok().filter(|_| separated)?;
        Some((name, HeaderValue::from_str(value.trim()).ok()))
    }

    /// The bytes of the line in the file.
    pub(super) fn span(&self) -> std::ops::Range<usize> {
        self.start..self.start + self.text.len()
    }

    /// The bytes in the file of a part of the line's text.
    pub(super) fn span_of(&self, part: &str) -> std::ops::Range<usize> {
        let from = self.text.rfind(part).unwrap_or(0);
        self.start + from..self.start + from + part.len()
    }
}

/// A status, alone or with a reason behind it: `200`, `404 Not Found`.
pub(super) fn status(text: &str) -> Option<u16> {
    let number = text.split(' ').next()?;
    let is_status = number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit());
    number.parse().ok().filter(|status| is_status && (100..600).contains(status))
}

/// Whether a word is a method: capitals alone.
pub(super) fn is_method(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_line_says_what_it_is() {
        let cases = [
            ("a title", "== a  title", Mark::Title("a  title")),
            ("an empty title", "==", Mark::Title("")),
            ("a request", "GET /Users?count=1", Mark::Request("GET", "/Users?count=1")),
            ("a call", "-> GET /people", Mark::Call("GET /people")),
            ("an answer", "<- timeout", Mark::Answer("timeout")),
            ("a status", "204", Mark::Reply(204)),
            ("a status with its reason", "404 Not Found", Mark::Reply(404)),
            ("no status", "999", Mark::Text),
            ("a longer number", "2000", Mark::Text),
            ("what must be absent", "- name.formatted", Mark::Absent("name.formatted")),
            ("a comment", "# GET /Users", Mark::Comment),
            ("a fence", "```", Mark::Fence),
            ("white space", "  ", Mark::Blank),
            ("an indented mark", "  200", Mark::Text),
            ("a header", "Cookie: SID=1", Mark::Text),
            ("a form", "a=->", Mark::Text),
            ("a word in capitals without a path", "GET it", Mark::Text),
            ("a dash in a word", "-1", Mark::Text),
        ];
        for (name, text, want) in cases {
            let text = text.trim_end();
            assert_eq!(Line { number: 1, start: 0, text }.mark(), want, "{name}");
        }
    }

    #[test]
    fn lines_know_their_places() {
        let lines: Vec<_> = lines("a \r\n\nü\nend").iter().map(|line| (line.number, line.start, line.text)).collect();
        assert_eq!(lines, [(1, 0, "a"), (2, 4, ""), (3, 5, "ü"), (4, 8, "end")]);
    }
}
