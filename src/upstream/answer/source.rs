//! Values out of an answer: sources, totals, lists whose path is no plain one.

use std::borrow::Cow;

use http::HeaderName;
use http::header::{CONTENT_LOCATION, LOCATION};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::mapping::call::Source;
use crate::mapping::path::Path;
use crate::upstream::Answer;
use crate::upstream::paging::link_next;

/// More records than any upstream has: a total beyond it is a mistake.
const ABSURD_TOTAL: u64 = 1_000_000_000;

/// The value of a source; null is none, several nodes give the first.
pub(super) fn read(source: &Source, answer: &Answer) -> Option<Value> {
    match source {
        Source::Body(path) => answer.at(path),
        Source::Header(name, pattern) => {
            // A header may come several times, as cookies do: the first that fits.
            let texts = answer.headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
            let mut taken = texts.filter_map(|text| match pattern {
                Some(pattern) => Some(plain(name, pattern.expression.captures(text)?.get(1)?.as_str())),
                None => Some(text.into()),
            });
            taken.find(|taken| !taken.is_empty()).map(Value::from)
        }
        Source::Link => link_next(&answer.headers).map(Value::from),
    }
}

/// A part of a header's value. One of a URL is escaped there, and would be escaped again where it is sent.
fn plain<'a>(name: &HeaderName, part: &'a str) -> Cow<'a, str> {
    let holds_url = [LOCATION, CONTENT_LOCATION].contains(name);
    if holds_url { percent_decode_str(part).decode_utf8().unwrap_or(part.into()) } else { part.into() }
}

/// A total is a whole number; text counts only in a header and in XML, where there is nothing else.
pub(super) fn total(source: &Source, answer: &Answer) -> Option<u64> {
    let value = read(source, answer)?;
    let total = match source {
        Source::Body(_) if answer.was_xml() => value.as_str()?.trim().parse().ok(),
        Source::Body(_) => value.as_u64(),
        Source::Header(..) => value.as_str()?.trim().parse().ok(),
        Source::Link => None,
    };
    total.filter(|total| *total <= ABSURD_TOTAL)
}

/// The items at a path: what it selects, or the elements of the one list that it selects. `None` when their parent is missing.
pub(super) fn list<'a>(path: &Path, body: &'a Value) -> Option<Vec<&'a Value>> {
    let selected = path.get(body);
    let Some((parent, _)) = path.list() else {
        return match selected.as_slice() {
            [Value::Array(list)] => Some(list.iter().collect()),
            [] => None,
            [_, ..] => Some(selected),
        };
    };
    let has_parent =
        || parent.first(body).is_some_and(|parent| parent.is_array() || parent.is_object() || parent.is_null());
    (!selected.is_empty() || has_parent()).then_some(selected)
}
