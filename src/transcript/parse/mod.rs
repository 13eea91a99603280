//! The text of a `.scim` file to transcripts.
//!
//! What a line is, its first characters say; a line that is none of a transcript's own is a header, or part of a body. A body
//! ends where the next such line begins. JSON is never in danger of that, as long as it is indented; any other text can
//! stand between two lines of three backticks, where it is taken as it is.

use std::ops::Range;

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value;

use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::path::Path;
use crate::mapping::source::Source;
use crate::transcript::{Answer, Body, Call, Canned, Exchange, Failure, File, Reply, Request, Transcript};

mod line;

use line::{Line, Mark, is_method, lines, status};

/// What a URL cannot hold as it is, so that a filter may be written readably.
const UNWRITABLE: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'{').add(b'}').add(b'|').add(b'\\').add(b'^');

/// Reads a file; the findings have errors if it cannot be played.
pub fn parse(source: &Source, found: &mut Diagnostics) -> File {
    let mut parser = Parser { text: &source.text, lines: lines(&source.text), at: 0, found };
    let variables = parser.head();
    let mut transcripts = Vec::new();
    while let Some((title, line)) = parser.title() {
        transcripts.push(parser.transcript(title, line));
    }
    if transcripts.is_empty() && !found.has_errors() {
        found.add(Code::E82, 0..0, "this file has no transcript").help("begin one with a line `== what it shows`");
    }
    File { source: source.clone(), variables, transcripts }
}

/// A SCIM request in one line, `PATCH /Users/42`, with its body; `None` where the line is none.
pub fn request(line: &str, body: Option<String>) -> Option<Request> {
    let Mark::Request(method, target) = (Line { number: 1, start: 0, text: line.trim() }).mark() else { return None };
    let json = |text: &String| serde_json::from_str(text).ok();
    Some(Request {
        lines: 1..2,
        method: http::Method::from_bytes(method.as_bytes()).ok()?,
        target: utf8_percent_encode(target, UNWRITABLE).to_string(),
        headers: HeaderMap::new(),
        body: body.map(|text| Body { json: json(&text), text, is_verbatim: false }),
    })
}

/// Whether a line, were it part of a body, would be taken for something else.
pub fn is_mark(text: &str) -> bool {
    !matches!(Line { number: 1, start: 0, text }.mark(), Mark::Text | Mark::Blank)
}

struct Parser<'t, 'd> {
    text: &'t str,
    lines: Vec<Line<'t>>,
    at: usize,
    found: &'d mut Diagnostics,
}

/// Everything below a first line that belongs to it.
struct Block {
    lines: Range<usize>,
    headers: HeaderMap,
    body: Option<Body>,
    absent: Vec<Path>,
}

impl<'t> Parser<'t, '_> {
    /// The next line that says something, without taking it.
    fn peek(&mut self) -> Option<(Line<'t>, Mark<'t>)> {
        while let Some(line) = self.lines.get(self.at) {
            match line.mark() {
                Mark::Blank | Mark::Comment => self.at += 1,
                mark @ (Mark::Title(_)
                | Mark::Request(..)
                | Mark::Call(_)
                | Mark::Answer(_)
                | Mark::Reply(_)
                | Mark::Absent(_)
                | Mark::Fence
                | Mark::Text) => return Some((*line, mark)),
            }
        }
        None
    }

    /// `tenant.x = value` before the first title.
    fn head(&mut self) -> Vec<(String, String, Range<usize>)> {
        let mut variables = Vec::new();
        while let Some((line, mark)) = self.peek() {
            if matches!(mark, Mark::Title(_)) {
                break;
            }
            self.at += 1;
            let pair = line.text.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
            match pair.and_then(|(name, value)| Some((name.strip_prefix("tenant.")?, value))) {
                Some((name, value)) if !name.is_empty() => {
                    variables.push((name.to_owned(), value.to_owned(), line.span_of(name)));
                }
                _ => {
                    let message = "before the first title stand only variables of the tenant";
                    self.found.add(Code::E80, line.span(), message).help("write `tenant.name = value`, or `== title`");
                }
            }
        }
        variables
    }

    fn title(&mut self) -> Option<(String, usize)> {
        let (line, mark) = self.peek()?;
        let Mark::Title(title) = mark else { return None };
        self.at += 1;
        if title.is_empty() {
            self.found.add(Code::E83, line.span(), "this transcript has no title").help("== what it shows");
        }
        Some((title.to_owned(), line.number))
    }

    fn transcript(&mut self, title: String, line: usize) -> Transcript {
        let mut exchanges = Vec::new();
        let (begin, faults) = (self.at.saturating_sub(1), self.found.found.len());
        while let Some((line, mark)) = self.peek() {
            match mark {
                Mark::Title(_) => break,
                Mark::Request(method, target) => exchanges.extend(self.exchange(line, method, target)),
                Mark::Call(_)
                | Mark::Answer(_)
                | Mark::Reply(_)
                | Mark::Absent(_)
                | Mark::Fence
                | Mark::Comment
                | Mark::Blank
                | Mark::Text => {
                    let message = "a SCIM request belongs here";
                    let help = "`PATCH /Users/42`; a body's lines that look like other lines are indented";
                    self.found.add(Code::E80, line.span(), message).help(help);
                    self.skip();
                }
            }
        }
        if exchanges.is_empty() && self.found.found.len() == faults {
            let span = self.lines.get(begin).map_or(0..0, Line::span);
            self.found.add(Code::E82, span, "this transcript has no SCIM request").help("PATCH /Users/42");
        }
        Transcript { title, line, exchanges }
    }

    /// Goes on to where the next request or transcript begins.
    fn skip(&mut self) {
        self.at += 1;
        while let Some((_, mark)) = self.peek() {
            if matches!(mark, Mark::Title(_) | Mark::Request(..)) {
                return;
            }
            self.at += 1;
        }
    }

    fn exchange(&mut self, first: Line<'t>, method: &str, target: &str) -> Option<Exchange> {
        let Block { lines, headers, body, .. } = self.block();
        let method = http::Method::from_bytes(method.as_bytes()).ok()?;
        let target = utf8_percent_encode(target, UNWRITABLE).to_string();
        let request = Request { lines, method, target, headers, body };
        let mut calls = Vec::new();
        loop {
            match self.peek() {
                Some((line, Mark::Call(call))) => calls.extend(self.call(line, call)),
                Some((_, Mark::Reply(status))) => {
                    let Block { lines, headers, body, absent } = self.block();
                    let body = body.and_then(|body| body.json);
                    return Some(Exchange { request, calls, reply: Reply { lines, status, headers, body, absent } });
                }
                Some((line, Mark::Answer(_) | Mark::Absent(_) | Mark::Fence | Mark::Text)) => {
                    let message = "an upstream call or the SCIM answer belongs here";
                    let help = "`-> GET /path` for a call, `200` for the answer to the client";
                    self.found.add(Code::E80, line.span(), message).help(help);
                    self.skip();
                    return None;
                }
                Some((_, Mark::Title(_) | Mark::Request(..) | Mark::Blank | Mark::Comment)) | None => {
                    let message = "this SCIM request has no answer";
                    let help = "write its status, `200`, and what its body must hold, below the calls";
                    self.found.add(Code::E82, first.span(), message).help(help);
                    return None;
                }
            }
        }
    }

    fn call(&mut self, first: Line<'t>, call: &'t str) -> Option<Call> {
        let Block { lines, headers, body, .. } = self.block();
        let (method, target) = call.split_once(' ').map_or((call, ""), |(method, target)| (method, target.trim()));
        let is_target = target.is_empty() || target.starts_with(['/', '?']) || target.contains("://");
        let parsed = http::Method::from_bytes(method.as_bytes()).ok().filter(|_| is_method(method) && is_target);
        if parsed.is_none() {
            let message = "this is no call: a method and a path below the mapping's `url` belong here";
            self.found.add(Code::E83, first.span(), message).help("-> GET /users/42");
        }
        let answer = if let Some((line, Mark::Answer(answer))) = self.peek() {
            self.answer(line, answer)
        } else {
            let message = "this call has no answer of the upstream";
            let help = format!("write `<- 200` and a body below it, or `<- {}`", failures());
            self.found.add(Code::E82, first.span(), message).help(help);
            None
        };
        let target = utf8_percent_encode(target, UNWRITABLE).to_string();
        Some(Call { lines, method: parsed?, target, headers, body, answer: answer? })
    }

    fn answer(&mut self, first: Line<'t>, answer: &str) -> Option<Answer> {
        let Block { mut headers, body, .. } = self.block();
        if let Some(failure) = Failure::ALL.into_iter().find(|failure| failure.to_string() == answer) {
            if body.is_some() || !headers.is_empty() {
                let message = format!("`{failure}` is no answer: nothing can come with it");
                self.found.add(Code::E80, first.span(), message);
            }
            return Some(Answer::Failure(failure));
        }
        let Some(status) = status(answer) else {
            let message = "this is no answer: a status or a failure belongs here";
            self.found.add(Code::E83, first.span(), message).help(format!("`<- 200`, or `<- {}`", failures()));
            return None;
        };
        if let Some(body) = &body
            && !headers.contains_key(CONTENT_TYPE)
        {
            headers.insert(CONTENT_TYPE, http::HeaderValue::from_static(media_type(body)));
        }
        Some(Answer::Response(Box::new(Canned { status, headers, body })))
    }

    /// Takes a first line and what belongs to it: headers, a body, and below a SCIM answer what must be absent.
    fn block(&mut self) -> Block {
        let first = self.at;
        let is_reply = self.lines.get(first).is_some_and(|line| matches!(line.mark(), Mark::Reply(_)));
        self.at += 1;
        let headers = self.headers();
        let body = self.body(is_reply);
        let mut absent = Vec::new();
        while let (true, Some((line, Mark::Absent(path)))) = (is_reply, self.peek()) {
            self.at += 1;
            absent.extend(self.absent(line, path));
        }
        let said = |line: &&Line<'_>| !matches!(line.mark(), Mark::Blank | Mark::Comment);
        let last = self.lines[first..self.at].iter().rev().find(said).map_or(first + 1, |line| line.number);
        Block { lines: first + 1..last + 1, headers, body, absent }
    }

    fn headers(&mut self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        while let Some(line) = self.lines.get(self.at).copied() {
            match (line.mark(), line.header()) {
                (Mark::Comment, _) => {}
                (Mark::Text, Some((name, Some(value)))) => {
                    headers.append(name, value);
                }
                (Mark::Text, Some((name, None))) => {
                    let message = format!("the header `{name}` has a value that cannot be sent");
                    self.found.add(Code::E83, line.span(), message);
                }
                (_, _) => break,
            }
            self.at += 1;
        }
        headers
    }

    fn body(&mut self, is_reply: bool) -> Option<Body> {
        let from = match self.peek() {
            Some((_, Mark::Fence)) => return self.fenced(),
            Some((_, Mark::Text)) => self.at,
            _ => return None,
        };
        while matches!(self.lines.get(self.at).map(Line::mark), Some(Mark::Text | Mark::Blank | Mark::Comment)) {
            self.at += 1;
        }
        let lines: Vec<Line<'_>> = self.lines[from..self.at].to_vec();
        let lines: Vec<&Line<'_>> = lines.iter().filter(|line| line.mark() != Mark::Comment).collect();
        let text = lines.iter().map(|line| line.text).collect::<Vec<_>>().join("\n").trim_end().to_owned();
        let json = match serde_json::from_str::<Value>(&text) {
            Ok(value) => Some(value),
            Err(error) if is_reply || text.starts_with(['{', '[']) => {
                let line = lines.get(error.line().saturating_sub(1)).or(lines.last());
                let start = line.map_or(0, |line| {
                    let column = error.column().saturating_sub(1).min(line.text.len());
                    line.start + (0..=column).rev().find(|&at| line.text.is_char_boundary(at)).unwrap_or(0)
                });
                let message = if is_reply { "a SCIM answer's body is JSON" } else { "this body is not valid JSON" };
                let finding = self.found.add(Code::E81, start..start + 1, message);
                finding.label(json_fault(&error));
                if !is_reply {
                    finding.help("a body that is not to be JSON stands between two lines of three backticks");
                }
                None
            }
            Err(_) => None,
        };
        Some(Body { text, json, is_verbatim: false })
    }

    /// A body between two lines of three backticks.
    fn fenced(&mut self) -> Option<Body> {
        let open = self.lines.get(self.at).copied()?;
        let rest = &self.lines[self.at + 1..];
        let Some(length) = rest.iter().position(|line| line.mark() == Mark::Fence) else {
            self.found.add(Code::E80, open.span(), "these backticks are not closed").help("close them by ```");
            self.at = self.lines.len();
            return None;
        };
        let from = open.start + self.text[open.start..].find('\n').map_or(0, |end| end + 1);
        let to = rest[length].start;
        let text = self.text[from..to].strip_suffix('\n').unwrap_or_default().to_owned();
        self.at += length + 2;
        let json = serde_json::from_str(&text).ok();
        Some(Body { text, json, is_verbatim: true })
    }

    /// What must be absent: a path as in a mapping; or an extension, or an attribute of one, by its URN.
    fn absent(&mut self, line: Line<'_>, text: &str) -> Vec<Path> {
        let paths = match text.strip_prefix("urn:").and_then(|_| text.rsplit_once(':')) {
            Some((urn, rest)) => vec![Path::parse(&format!("$['{urn}'].{rest}")), Path::parse(&format!("$['{text}']"))],
            None => vec![Path::parse(text)],
        };
        let read = paths.into_iter().collect::<Result<Vec<_>, _>>();
        read.unwrap_or_else(|fault| {
            let help = "`- password`, `- name.formatted`, `- $.emails[?@.type == 'home']`";
            let finding = self.found.add(Code::E83, line.span_of(text), "this is no path that could be absent");
            finding.label(fault.message).help(help);
            Vec::new()
        })
    }
}

/// The media type of a canned body whose author names none.
fn media_type(body: &Body) -> &'static str {
    match &body.json {
        Some(_) => "application/json",
        None if body.text.starts_with('<') => "application/xml",
        None if body.text.starts_with(['{', '[']) => "application/json",
        None => "text/plain",
    }
}

fn failures() -> String {
    Failure::ALL.map(|failure| failure.to_string()).join("`, `<- ")
}

/// A JSON fault without its place, which the finding shows.
fn json_fault(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(fault, _)| fault.to_owned())
}
