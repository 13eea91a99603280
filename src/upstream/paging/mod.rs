//! From page to page of a list. Pure: an answer and the progress so far give the next position, the end, or a fault.

use http::HeaderMap;
use http::header::LINK;
use serde_json::Value;
use url::Url;

use crate::mapping::call::Call;
use crate::upstream::Answer;

/// How a list call is paged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paging {
    /// One answer holds all.
    Once,
    /// By page number.
    Page,
    /// By the number of records before.
    Offset,
    /// By a cursor that each answer gives.
    Cursor,
    /// By a URL that each answer gives.
    NextUrl,
}

/// Where a walk stands: the values for a call's paging holes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The page number.
    pub page: u64,
    /// Records before this page.
    pub offset: u64,
    /// Records asked for.
    pub count: u64,
    /// The upstream's cursor, or the next URL; `None` on the first page.
    pub cursor: Option<Value>,
}

/// What follows a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Another page.
    Page(Position),
    /// The list is at its end.
    Done,
    /// The upstream pages in a way that would lose records or never end; one sentence for the log.
    Fault(&'static str),
}

impl Paging {
    /// How a call is paged, by its holes and its `next`.
    pub fn of(call: &Call) -> Self {
        if call.reads.cursor {
            Self::Cursor
        } else if call.next.is_some() {
            Self::NextUrl
        } else if call.reads.page {
            Self::Page
        } else if call.reads.offset {
            Self::Offset
        } else {
            Self::Once
        }
    }

    /// The position of the first page with full-sized pages.
    pub fn start(call: &Call) -> Position {
        Position { page: call.page_first, offset: 0, count: call.page_size, cursor: None }
    }

    /// What follows the page at `position`, which held `received` records.
    ///
    /// A short page ends the list, unless a total promises more: then an offset goes on from what came, while page numbers
    /// would skip records.
    pub fn next(self, call: &Call, answer: &Answer, position: &Position, received: u64) -> Next {
        if answer.ends_list {
            return Next::Done;
        }
        match self {
            Self::Once => Next::Done,
            Self::Page | Self::Offset => self.next_window(call, answer, position, received),
            Self::Cursor | Self::NextUrl => self.next_link(call, answer, position, received),
        }
    }

    fn next_window(self, call: &Call, answer: &Answer, position: &Position, received: u64) -> Next {
        let read = match self {
            // Page numbers count full pages.
            Self::Page => (position.page.saturating_sub(call.page_first)).saturating_mul(position.count) + received,
            Self::Offset | Self::Once | Self::Cursor | Self::NextUrl => position.offset + received,
        };
        let short = received < position.count;
        match answer.total(call) {
            Some(total) if read >= total => return Next::Done,
            Some(_) if received == 0 => return Next::Fault("a page is empty while the total promises more records"),
            Some(_) if short && self == Self::Page => {
                return Next::Fault(
                    "a page is shorter than asked while the total promises more records: set `page.size`",
                );
            }
            None if short => return Next::Done,
            Some(_) | None => {}
        }
        Next::Page(Position {
            page: position.page + 1,
            offset: position.offset + received,
            count: position.count,
            cursor: None,
        })
    }

    fn next_link(self, call: &Call, answer: &Answer, position: &Position, received: u64) -> Next {
        let target = match call.next.as_ref().and_then(|source| answer.source(source)) {
            Some(target) if self.leads_on(&target) => target,
            Some(_) | None => return Next::Done,
        };
        let (target, is_itself) = match (self, target.as_str()) {
            (Self::NextUrl, Some(text)) => match same_origin(&answer.url, text) {
                Some(url) => (Value::from(url.as_str()), url == answer.url),
                None => return Next::Fault("the next page is on another origin"),
            },
            (Self::NextUrl | Self::Cursor | Self::Page | Self::Offset | Self::Once, _) => {
                let is_itself = position.cursor.as_ref() == Some(&target);
                (target, is_itself)
            }
        };
        if is_itself {
            return Next::Fault("the next page is the page itself");
        }
        Next::Page(Position {
            page: position.page + 1,
            offset: position.offset + received,
            count: position.count,
            cursor: Some(target),
        })
    }

    /// Whether what an answer says of its next page leads there. No value, `false` or an empty one is how an upstream says that
    /// there is none; a cursor may be a text, a number, or a table or list that goes back as it came.
    fn leads_on(self, target: &Value) -> bool {
        match target {
            Value::String(text) => !text.is_empty(),
            Value::Number(_) => self == Self::Cursor,
            Value::Array(parts) => self == Self::Cursor && !parts.is_empty(),
            Value::Object(parts) => self == Self::Cursor && !parts.is_empty(),
            Value::Null | Value::Bool(_) => false,
        }
    }
}

/// The next URL, relative ones resolved; `None` when it leads to another scheme, host or port.
fn same_origin(current: &str, next: &str) -> Option<String> {
    let current = Url::parse(current).ok()?;
    let next = current.join(next).ok()?;
    let plain = next.username().is_empty() && next.password().is_none();
    (plain && next.origin() == current.origin()).then(|| next.into())
}

/// The `rel="next"` target among the `Link` headers (RFC 8288 §3).
pub(crate) fn link_next(headers: &HeaderMap) -> Option<String> {
    headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok()).find_map(next_target)
}

fn next_target(mut text: &str) -> Option<String> {
    loop {
        let (_, after) = text.split_once('<')?;
        let (target, after) = after.split_once('>')?;
        let (parameters, rest) = after.split_at(end_of_link(after));
        if has_rel_next(parameters) {
            return Some(target.trim().to_owned());
        }
        text = rest;
    }
}

/// The comma that ends a link's parameters; one in quotes does not.
fn end_of_link(text: &str) -> usize {
    let mut quoted = false;
    text.find(|letter| {
        quoted ^= letter == '"';
        letter == ',' && !quoted
    })
    .unwrap_or(text.len())
}

fn has_rel_next(parameters: &str) -> bool {
    parameters.split(';').filter_map(|parameter| parameter.split_once('=')).any(|(name, value)| {
        let mut relations = value.trim().trim_matches('"').split_ascii_whitespace();
        name.trim().eq_ignore_ascii_case("rel") && relations.any(|relation| relation.eq_ignore_ascii_case("next"))
    })
}

#[cfg(test)]
mod tests;
