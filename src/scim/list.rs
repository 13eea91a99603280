//! Lists of resources (RFC 7644 §3.4.2): what is asked for, and the frame around the answer.

use std::io::Write as _;

use crate::scim::{Error, Filter, Projection};

/// The number of resources of an answer when the client names none.
pub const DEFAULT_COUNT: usize = 100;

/// The highest number of resources of one answer; advertised as `filter.maxResults`.
pub const MAX_COUNT: usize = 1_000;

/// The parameters of a list (RFC 7644 §3.4.2).
#[derive(Clone, Debug, PartialEq)]
pub struct ListQuery {
    /// The filter.
    pub filter: Option<Filter>,
    /// From 1.
    pub start_index: usize,
    /// 0 to 1,000; 100 by default.
    pub count: usize,
    /// The attributes wanted.
    pub projection: Projection,
}

impl Default for ListQuery {
    fn default() -> Self {
        Self { filter: None, start_index: 1, count: DEFAULT_COUNT, projection: Projection::Default }
    }
}

impl ListQuery {
    /// Reads decoded query parameters; the last of several with one name counts, others are ignored (`sortBy` too: the
    /// service provider configuration says that sorting is not supported).
    ///
    /// # Errors
    /// 400 `invalidFilter` with the place of the fault; 400 `invalidValue` for an index or a count that is no whole number,
    /// and for the faults of [`Projection::parse`].
    pub fn parse<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Error> {
        let mut query = Self::default();
        let (mut attributes, mut excluded) = (None, None);
        for (name, value) in parameters {
            match name {
                "filter" => query.filter = filter(value)?,
                "startIndex" => query.start_index = whole_number(name, value)?.unwrap_or(1).max(1),
                "count" => query.count = whole_number(name, value)?.unwrap_or(DEFAULT_COUNT).min(MAX_COUNT),
                "attributes" => attributes = Some(value),
                "excludedAttributes" => excluded = Some(value),
                _ => {}
            }
        }
        query.projection = Projection::parse(attributes, excluded)?;
        Ok(query)
    }
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

/// The frame of a `ListResponse`: all five members, `Resources` an array even when it is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListResponse {
    /// How many resources there are in all.
    pub total_results: usize,
    /// The index of the first one here, from 1.
    pub start_index: usize,
    /// How many are here.
    pub items_per_page: usize,
}

impl ListResponse {
    /// Appends what stands before the first resource.
    pub fn open(&self, out: &mut Vec<u8>) {
        let Self { total_results, start_index, items_per_page } = self;
        // Writing to a `Vec` cannot fail.
        let _ = write!(
            out,
            r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":{total_results},"startIndex":{start_index},"itemsPerPage":{items_per_page},"Resources":["#
        );
    }

    /// Appends what stands after the last resource.
    pub fn close(out: &mut Vec<u8>) {
        out.extend_from_slice(b"]}");
    }

    /// The whole body around resources that are JSON already.
    pub fn write<T: AsRef<[u8]>>(total_results: usize, start_index: usize, resources: &[T]) -> Vec<u8> {
        let size: usize = resources.iter().map(|resource| resource.as_ref().len() + 1).sum();
        let mut out = Vec::with_capacity(size + 192);
        Self { total_results, start_index, items_per_page: resources.len() }.open(&mut out);
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
            ("sorting is ignored", vec![("sortBy", "userName"), ("sortOrder", "descending")], 1, 100),
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
