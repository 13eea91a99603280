//! Lists of resources (RFC 7644 §3.4.2): what is asked for, and the frame around the answer.

use std::io::Write as _;
use std::time::Duration;

use crate::scim::{Error, ErrorType, Filter, Projection, Sort};

/// The number of resources of an answer when the client names none.
pub const DEFAULT_COUNT: usize = 100;

/// The highest number of resources of one answer; advertised as `filter.maxResults`.
pub const MAX_COUNT: usize = 1_000;

/// How long a cursor is good for; advertised as `pagination.cursorTimeout`.
pub const CURSOR_LIFE: Duration = Duration::from_secs(600);

/// The parameters of a list (RFC 7644 §3.4.2, RFC 9865 §2).
#[derive(Clone, Debug, PartialEq)]
pub struct ListQuery {
    /// The filter.
    pub filter: Option<Filter>,
    /// From 1.
    pub start_index: usize,
    /// 0 to 1,000; 100 by default. 1 to 1,000 where there is a cursor.
    pub count: usize,
    /// The order wanted; boxed, for hardly any client asks for one.
    pub sort: Option<Box<Sort>>,
    /// The cursor of the page before, empty for the first page; `None` where the client pages by index.
    pub cursor: Option<String>,
    /// The attributes wanted.
    pub projection: Projection,
}

impl Default for ListQuery {
    fn default() -> Self {
        Self {
            filter: None,
            start_index: 1,
            count: DEFAULT_COUNT,
            sort: None,
            cursor: None,
            projection: Projection::Default,
        }
    }
}

impl ListQuery {
    /// Reads decoded query parameters; the last of several with one name counts, others are ignored.
    ///
    /// # Errors
    /// 400 `invalidFilter` with the place of the fault; 400 `invalidValue` for an index or a count that is no whole number,
    /// an order that is none, and for the faults of [`Projection::parse`]; 400 `invalidCount` for a count that no page by
    /// cursor can have.
    pub fn parse<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Error> {
        let mut asked = Asked::default();
        for (name, value) in parameters {
            let place = match name {
                "filter" => &mut asked.filter,
                "startIndex" => &mut asked.start_index,
                "count" => &mut asked.count,
                "sortBy" => &mut asked.sort_by,
                "sortOrder" => &mut asked.sort_order,
                "cursor" => &mut asked.cursor,
                "attributes" => &mut asked.attributes,
                "excludedAttributes" => &mut asked.excluded,
                _ => continue,
            };
            *place = Some(value);
        }
        asked.into_query()
    }
}

/// What a client says, as text: in a URL or in a search.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::scim) struct Asked<'a> {
    pub(in crate::scim) filter: Option<&'a str>,
    pub(in crate::scim) start_index: Option<&'a str>,
    pub(in crate::scim) count: Option<&'a str>,
    pub(in crate::scim) sort_by: Option<&'a str>,
    pub(in crate::scim) sort_order: Option<&'a str>,
    pub(in crate::scim) cursor: Option<&'a str>,
    pub(in crate::scim) attributes: Option<&'a str>,
    pub(in crate::scim) excluded: Option<&'a str>,
}

impl Asked<'_> {
    /// What is meant by it.
    pub(in crate::scim) fn into_query(self) -> Result<ListQuery, Error> {
        let number = |name, text: Option<&str>| text.map_or(Ok(None), |text| whole_number(name, text));
        let start_index = number("startIndex", self.start_index)?;
        let count = number("count", self.count)?;
        // Nothing at all is the total alone, by whatever one pages (RFC 9865 §2).
        let is_total = count == Some(0) && self.cursor.is_some_and(str::is_empty);
        let cursor = self.cursor.filter(|_| !is_total);
        if cursor.is_some() {
            check_paged_by_cursor(start_index, count)?;
        }
        Ok(ListQuery {
            filter: self.filter.map_or(Ok(None), filter)?,
            start_index: start_index.unwrap_or(1).max(1),
            count: count.unwrap_or(DEFAULT_COUNT).min(MAX_COUNT),
            sort: Sort::parse(self.sort_by, self.sort_order)?.map(Box::new),
            cursor: cursor.map(str::to_owned),
            projection: Projection::parse(self.attributes, self.excluded)?,
        })
    }
}

/// A page by cursor begins where the cursor says and holds something (RFC 9865 §2.1).
fn check_paged_by_cursor(start_index: Option<usize>, count: Option<usize>) -> Result<(), Error> {
    if count.is_some_and(|count| !(1..=MAX_COUNT).contains(&count)) {
        let detail = format!("with a `cursor`, `count` must be between 1 and {MAX_COUNT}");
        return Err(Error::new(ErrorType::InvalidCount, detail));
    }
    if start_index.is_some_and(|index| index > 1) {
        return Err(Error::invalid_value("`startIndex` and `cursor` exclude each other"));
    }
    Ok(())
}

fn filter(text: &str) -> Result<Option<Filter>, Error> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    Filter::parse(text).map(Some).map_err(|error| Error::invalid_filter(format!("the filter cannot be read: {error}")))
}

/// A whole number of any size: negative is 0, what exceeds the machine's range is its end; nothing at all is `None`.
fn whole_number(name: &str, text: &str) -> Result<Option<usize>, Error> {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if text.is_empty() {
        return Ok(None);
    }
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Error::invalid_value(format!("`{name}` must be a whole number")));
    }
    if text.starts_with('-') { Ok(Some(0)) } else { Ok(Some(digits.parse().unwrap_or(usize::MAX))) }
}

/// The frame of a `ListResponse`; `Resources` is an array even when it is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListResponse<'a> {
    /// How many resources there are in all; not told where nobody knows and the client pages by cursor.
    pub total_results: Option<usize>,
    /// The index of the first one here, from 1; not told where the client pages by cursor.
    pub start_index: Option<usize>,
    /// How many are here.
    pub items_per_page: usize,
    /// Where the next page begins, where the client pages by cursor and there is one.
    pub next_cursor: Option<&'a str>,
}

impl ListResponse<'_> {
    /// Appends what stands before the first resource.
    pub fn open(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(br#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"]"#);
        // Writing to a `Vec` cannot fail.
        if let Some(total) = self.total_results {
            let _ = write!(out, r#","totalResults":{total}"#);
        }
        if let Some(start_index) = self.start_index {
            let _ = write!(out, r#","startIndex":{start_index}"#);
        }
        let _ = write!(out, r#","itemsPerPage":{}"#, self.items_per_page);
        if let Some(cursor) = self.next_cursor {
            // Its letters need no escape.
            let _ = write!(out, r#","nextCursor":"{cursor}""#);
        }
        out.extend_from_slice(br#","Resources":["#);
    }

    /// Appends what stands after the last resource.
    pub fn close(out: &mut Vec<u8>) {
        out.extend_from_slice(b"]}");
    }

    /// The whole body around resources that are JSON already.
    pub fn write<T: AsRef<[u8]>>(total_results: usize, start_index: usize, resources: &[T]) -> Vec<u8> {
        let size: usize = resources.iter().map(|resource| resource.as_ref().len() + 1).sum();
        let mut out = Vec::with_capacity(size + 192);
        let items_per_page = resources.len();
        let frame = ListResponse {
            total_results: Some(total_results),
            start_index: Some(start_index),
            items_per_page,
            next_cursor: None,
        };
        frame.open(&mut out);
        for (index, resource) in resources.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            out.extend_from_slice(resource.as_ref());
        }
        Self::close(&mut out);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_with_tolerance_for_odd_numbers() {
        let cases = [
            // (name, parameters, start index, count)
            ("nothing", vec![], 1, 100),
            ("Okta's page", vec![("startIndex", "101"), ("count", "100")], 101, 100),
            ("an index of 0", vec![("startIndex", "0")], 1, 100),
            ("a negative index", vec![("startIndex", "-5")], 1, 100),
            ("a negative count", vec![("count", "-1")], 1, 0),
            ("the total alone", vec![("count", "0")], 1, 0),
            ("too many", vec![("count", "5000")], 1, 1_000),
            ("beyond the machine", vec![("startIndex", "99999999999999999999")], usize::MAX, 100),
            ("empty", vec![("startIndex", ""), ("count", "")], 1, 100),
            ("a first page by cursor", vec![("cursor", ""), ("count", "1000")], 1, 1_000),
            ("the total alone by cursor", vec![("cursor", ""), ("count", "-1")], 1, 0),
            ("an index that says nothing beside a cursor", vec![("cursor", "x"), ("startIndex", "1")], 1, 100),
            ("others", vec![("page", "7")], 1, 100),
        ];
        for (name, parameters, start_index, count) in cases {
            let query = ListQuery::parse(parameters).unwrap();
            assert_eq!((query.start_index, query.count), (start_index, count), "{name}");
            assert_eq!(query.filter, None, "{name}");
        }
    }

    #[test]
    fn a_filter_and_attributes_are_read() {
        let query = ListQuery::parse([("filter", r#"userName eq "ada""#), ("excludedAttributes", "members")]).unwrap();
        assert_eq!(query.filter, Filter::parse(r#"userName eq "ada""#).ok());
        assert!(!query.projection.wants(None, "members", None));
    }

    #[test]
    fn unusable_parameters_are_refused() {
        let count = || Error::new(ErrorType::InvalidCount, "with a `cursor`, `count` must be between 1 and 1000");
        let paged = |name, value| vec![("cursor", ""), (name, value)];
        let by_cursor = [
            ("nothing at all from a place on", vec![("cursor", "x"), ("count", "0")], count()),
            ("too many by cursor", paged("count", "1001"), count()),
            (
                "two places",
                paged("startIndex", "2"),
                Error::invalid_value("`startIndex` and `cursor` exclude each other"),
            ),
        ];
        for (name, parameters, want) in by_cursor {
            assert_eq!(ListQuery::parse(parameters), Err(want), "{name}");
        }
        let cases = [
            ("a word for an index", ("startIndex", "one"), Error::invalid_value("`startIndex` must be a whole number")),
            ("a fraction", ("count", "1.5"), Error::invalid_value("`count` must be a whole number")),
            ("a sign alone", ("count", "-"), Error::invalid_value("`count` must be a whole number")),
            (
                "a broken filter",
                ("filter", "userName eq"),
                Error::invalid_filter(
                    "the filter cannot be read: expected a string in double quotes, a number, `true`, `false` or `null` at character 12",
                ),
            ),
        ];
        for (name, parameter, want) in cases {
            assert_eq!(ListQuery::parse([parameter]), Err(want), "{name}");
        }
    }

    #[test]
    fn a_list_has_all_five_members() {
        let head = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":"#;
        let cases = [
            ("empty", 0, 1, vec![], format!(r#"{head}0,"startIndex":1,"itemsPerPage":0,"Resources":[]}}"#)),
            (
                "two",
                12,
                11,
                vec![r#"{"id":"1"}"#, r#"{"id":"2"}"#],
                format!(r#"{head}12,"startIndex":11,"itemsPerPage":2,"Resources":[{{"id":"1"}},{{"id":"2"}}]}}"#),
            ),
        ];
        for (name, total, start_index, resources, want) in cases {
            let body = ListResponse::write(total, start_index, &resources);
            assert_eq!(String::from_utf8(body).unwrap(), want, "{name}");
        }
    }
}
