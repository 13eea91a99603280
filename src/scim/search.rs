//! Searches as clients POST them: the body of `/.search` (RFC 7644 §3.4.3).

use std::borrow::Cow;

use serde_json::Value;

use crate::scim::list::Asked;
use crate::scim::{Error, ListQuery, resource};
use crate::value::{member, type_name};

/// The URN of a search (RFC 7644 §3.4.3).
const SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// Reads the body of a search. Members that are null or unknown do not count; a filter of more than `filter_limit` bytes is
/// refused unread.
///
/// # Errors
/// 400 `invalidSyntax` for what is no search; 400 `invalidValue` for a member of the wrong type; and those of
/// [`ListQuery::parse`].
pub fn parse(body: &[u8], filter_limit: usize) -> Result<ListQuery, Error> {
    let search = resource::parse(body)?;
    let is_search = |urn: &Value| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(SCHEMA));
    let named = match member(&search, "schemas") {
        Some(Value::Array(urns)) => urns.iter().any(is_search),
        Some(single) => is_search(single),
        None => false,
    };
    if !named {
        return Err(Error::invalid_syntax(format!("`schemas` must contain `{SCHEMA}`")));
    }
    let given = |name| member(&search, name).filter(|value| !value.is_null());
    let (filter, sort_by) = (text("filter", given("filter"))?, text("sortBy", given("sortBy"))?);
    let (sort_order, cursor) = (text("sortOrder", given("sortOrder"))?, text("cursor", given("cursor"))?);
    let (start_index, count) = (number("startIndex", given("startIndex"))?, number("count", given("count"))?);
    let attributes = names("attributes", given("attributes"))?;
    let excluded = names("excludedAttributes", given("excludedAttributes"))?;
    if filter.is_some_and(|filter| filter.len() > filter_limit) {
        return Err(Error::invalid_filter(format!("the filter is longer than {filter_limit} bytes")));
    }
    let asked = Asked {
        filter,
        start_index,
        count,
        sort_by,
        sort_order,
        cursor,
        attributes: attributes.as_deref(),
        excluded: excluded.as_deref(),
    };
    asked.into_query()
}

fn text<'v>(name: &str, value: Option<&'v Value>) -> Result<Option<&'v str>, Error> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(wrong(name, "a string", other)),
    }
}

/// A number as its digits; some clients write it as text.
fn number<'v>(name: &str, value: Option<&'v Value>) -> Result<Option<&'v str>, Error> {
    match value {
        None => Ok(None),
        Some(Value::Number(number)) => Ok(Some(number.as_str())),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(wrong(name, "a whole number", other)),
    }
}

/// Attribute names as a URL has them; a list in the RFC, a single text from some clients.
fn names<'v>(name: &str, value: Option<&'v Value>) -> Result<Option<Cow<'v, str>>, Error> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(Cow::Borrowed(text))),
        Some(Value::Array(list)) => {
            let names: Result<Vec<&str>, Error> = list
                .iter()
                .map(|value| value.as_str().ok_or_else(|| wrong(name, "a list of strings", value)))
                .collect();
            Ok(Some(Cow::Owned(names?.join(","))))
        }
        Some(other) => Err(wrong(name, "a list of strings", other)),
    }
}

fn wrong(name: &str, wanted: &str, found: &Value) -> Error {
    Error::invalid_value(format!("`{name}` must be {wanted}, not {}", type_name(found)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scim::{AttributePath, ErrorType, Filter, Projection, Sort};

    fn search(mut members: Value) -> Result<ListQuery, Error> {
        if members.get("schemas").is_none() {
            members["schemas"] = json!([SCHEMA]);
        }
        parse(members.to_string().as_bytes(), 40)
    }

    #[test]
    fn a_search_says_what_a_url_says() {
        let plain = ListQuery::default;
        let names = |attributes| Projection::parse(Some(attributes), None).unwrap();
        let cases = [
            ("nothing", json!({}), plain()),
            ("nulls", json!({ "filter": null, "count": null, "attributes": null, "cursor": null }), plain()),
            ("a window", json!({ "startIndex": 11, "count": 10 }), ListQuery { start_index: 11, count: 10, ..plain() }),
            ("numbers as text", json!({ "startIndex": "11" }), ListQuery { start_index: 11, ..plain() }),
            ("too many", json!({ "count": 100_000 }), ListQuery { count: 1_000, ..plain() }),
            (
                "a filter",
                json!({ "filter": "userName pr" }),
                ListQuery { filter: Filter::parse("userName pr").ok(), ..plain() },
            ),
            (
                "attributes",
                json!({ "attributes": ["userName", "name.givenName"] }),
                ListQuery { projection: names("userName,name.givenName"), ..plain() },
            ),
            (
                "attributes as one text",
                json!({ "ATTRIBUTES": "userName" }),
                ListQuery { projection: names("userName"), ..plain() },
            ),
            ("no attributes at all", json!({ "attributes": [], "excludedAttributes": [] }), plain()),
            (
                "an order",
                json!({ "sortBy": "userName", "sortOrder": "descending" }),
                ListQuery {
                    sort: Some(Box::new(Sort { by: AttributePath::parse("userName").unwrap(), descending: true })),
                    ..plain()
                },
            ),
            ("a cursor", json!({ "cursor": "abc" }), ListQuery { cursor: Some("abc".to_owned()), ..plain() }),
            ("what nobody knows", json!({ "page": 3 }), plain()),
        ];
        for (name, members, want) in cases {
            assert_eq!(search(members), Ok(want), "{name}");
        }
    }

    #[test]
    fn what_is_no_search_is_refused() {
        let no_schema = || Error::invalid_syntax(format!("`schemas` must contain `{SCHEMA}`"));
        let wrong = |detail: &str| Error::invalid_value(detail);
        let cases = [
            ("no schema", json!({ "schemas": [] }), no_schema()),
            ("another schema", json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"] }), no_schema()),
            ("a filter that is a list", json!({ "filter": [] }), wrong("`filter` must be a string, not an array")),
            ("a count that is none", json!({ "count": true }), wrong("`count` must be a whole number, not a boolean")),
            ("a fraction", json!({ "count": 1.5 }), wrong("`count` must be a whole number")),
            (
                "attributes that are none",
                json!({ "attributes": ["id", 1] }),
                wrong("`attributes` must be a list of strings, not a number"),
            ),
            (
                "both projections",
                json!({ "attributes": ["id"], "excludedAttributes": ["name"] }),
                wrong("`attributes` and `excludedAttributes` exclude each other"),
            ),
            (
                "a long filter",
                json!({ "filter": format!("userName eq \"{}\"", "x".repeat(40)) }),
                Error::invalid_filter("the filter is longer than 40 bytes"),
            ),
            (
                "no count by cursor",
                json!({ "cursor": "x", "count": 0 }),
                Error::new(ErrorType::InvalidCount, "with a `cursor`, `count` must be between 1 and 1000"),
            ),
        ];
        for (name, members, want) in cases {
            assert_eq!(search(members), Err(want), "{name}");
        }
        assert_eq!(parse(b"[]", 40), Err(Error::invalid_syntax("the body must be a JSON object, not an array")));
    }
}
