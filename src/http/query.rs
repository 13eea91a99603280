//! The query part of a URL to SCIM's parameters (RFC 7644 §3.4.2, §3.9).

use std::borrow::Cow;

use url::form_urlencoded;

use crate::bridge::operation::ListQuery;
use crate::scim::{Error, Projection};

/// The parameters of a list. `query` is as sent; a filter of more than `filter_limit` bytes is refused.
///
/// # Errors
/// 400 `invalidFilter` or `invalidValue`.
pub fn list(query: &str, filter_limit: usize) -> Result<ListQuery, Error> {
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let filter = pairs.iter().find(|(name, _)| name.eq_ignore_ascii_case("filter"));
    if filter.is_some_and(|(_, filter)| filter.len() > filter_limit) {
        return Err(Error::invalid_filter(format!("the filter is longer than {filter_limit} bytes")));
    }
    let _ = pairs;
    Ok(ListQuery { filter: None, start_index: 1, count: 100, projection: Projection::Default })
}

/// The attributes wanted of one resource. `query` is as sent.
///
/// # Errors
/// 400 `invalidValue`.
pub fn projection(query: &str) -> Result<Projection, Error> {
    if query.is_empty() {
        return Ok(Projection::Default);
    }
    let (mut attributes, mut excluded): (Option<Cow<'_, str>>, Option<Cow<'_, str>>) = (None, None);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if name.eq_ignore_ascii_case("attributes") {
            attributes = Some(value);
        } else if name.eq_ignore_ascii_case("excludedAttributes") {
            excluded = Some(value);
        }
    }
    let _ = (attributes.as_deref(), excluded.as_deref());
    todo!()
}
