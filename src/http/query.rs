//! The query part of a URL to SCIM's parameters (RFC 7644 §3.4.2, §3.9).

use std::borrow::Cow;

use url::form_urlencoded;

use crate::scim::{Error, ListQuery, Projection};

/// The parameters of a list. `query` is as sent; a filter of more than `filter_limit` bytes is refused unread.
///
/// # Errors
/// 400 `invalidFilter` or `invalidValue`.
pub fn list(query: &str, filter_limit: usize) -> Result<ListQuery, Error> {
    if query.is_empty() {
        return Ok(ListQuery::default());
    }
    let parameters: Vec<(Cow<'_, str>, Cow<'_, str>)> = form_urlencoded::parse(query.as_bytes()).collect();
    if parameters.iter().any(|(name, value)| name == "filter" && value.len() > filter_limit) {
        return Err(Error::invalid_filter(format!("the filter is longer than {filter_limit} bytes")));
    }
    ListQuery::parse(parameters.iter().map(|(name, value)| (name.as_ref(), value.as_ref())))
}

/// The attributes wanted of one resource. `query` is as sent; the last of several parameters with one name counts.
///
/// # Errors
/// 400 `invalidValue`.
pub fn projection(query: &str) -> Result<Projection, Error> {
    let (mut attributes, mut excluded) = (None, None);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "attributes" => attributes = Some(value),
            "excludedAttributes" => excluded = Some(value),
            _ => {}
        }
    }
    Projection::parse(attributes.as_deref(), excluded.as_deref())
}

/// Refuses a filter of discovery documents, which are shown as they are: a client must not take them for what its filter
/// found. Other parameters do not count (RFC 7644 §4).
///
/// # Errors
/// 403 where there is a filter.
pub fn without_filter(query: &str) -> Result<(), Error> {
    if form_urlencoded::parse(query.as_bytes()).any(|(name, value)| name == "filter" && !value.trim().is_empty()) {
        return Err(Error::with_status(403, "this endpoint takes no `filter`: it always shows everything"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::Filter;

    #[test]
    fn the_parameters_of_a_list_are_decoded_before_they_are_read() {
        let ada = || Filter::parse(r#"userName eq "ada+x@acme.example""#).ok();
        let page = |start_index, count| ListQuery { start_index, count, ..ListQuery::default() };
        let cases = [
            // (name, query, parameters)
            ("no query", "", ListQuery::default()),
            ("Okta's page", "startIndex=101&count=50", page(101, 50)),
            ("the last of two counts", "count=5&count=7", page(1, 7)),
            ("an encoded name", "%63ount=5", page(1, 5)),
            ("other parameters", "sortOrder=up&x&=&&", ListQuery::default()),
            (
                "a filter with encoded spaces, quotes and plus",
                "filter=userName%20eq%20%22ada%2Bx%40acme.example%22",
                ListQuery { filter: ada(), ..ListQuery::default() },
            ),
            (
                "a filter with a plus for a space",
                "filter=userName+eq+%22ada%2Bx%40acme.example%22",
                ListQuery { filter: ada(), ..ListQuery::default() },
            ),
            (
                "a projection",
                "excludedAttributes=members",
                ListQuery { projection: Projection::parse(None, Some("members")).unwrap(), ..ListQuery::default() },
            ),
        ];
        for (name, query, want) in cases {
            assert_eq!(list(query, 100), Ok(want), "{name}");
        }
    }

    #[test]
    fn a_filter_is_measured_decoded_and_in_every_parameter_of_its_name() {
        let fits = format!("filter={}%22x%22", "id%20eq%20");
        assert!(list(&fits, 9).is_ok(), "9 bytes once decoded");
        let long = Error::invalid_filter("the filter is longer than 8 bytes");
        assert_eq!(list(&fits, 8), Err(long.clone()));
        assert_eq!(list(&format!("{fits}&filter="), 8), Err(long), "also when another one counts");
    }

    #[test]
    fn unusable_parameters_are_refused() {
        let both = "attributes=userName&excludedAttributes=members";
        let exclusive = Error::invalid_value("`attributes` and `excludedAttributes` exclude each other");
        let cases = [
            ("an index that is a word", "startIndex=one", Error::invalid_value("`startIndex` must be a whole number")),
            ("both projections", both, exclusive.clone()),
        ];
        for (name, query, want) in cases {
            assert_eq!(list(query, 100), Err(want), "{name}");
        }
        assert_eq!(projection(both), Err(exclusive));
    }

    #[test]
    fn the_attributes_of_a_resource_are_decoded() {
        let cases = [
            ("none", "", Projection::Default),
            ("an empty list", "attributes=", Projection::Default),
            ("two", "attributes=userName%2Cname.givenName", {
                Projection::parse(Some("userName,name.givenName"), None).unwrap()
            }),
            ("the last of two", "excludedAttributes=members&excludedAttributes=groups", {
                Projection::parse(None, Some("groups")).unwrap()
            }),
            ("a filter does not count", "filter=broken", Projection::Default),
        ];
        for (name, query, want) in cases {
            assert_eq!(projection(query), Ok(want), "{name}");
        }
    }
}
