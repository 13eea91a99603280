//! The headers that make a request depend on a version (RFC 9110 §13.1).

use http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue};

use crate::scim::Precondition;

/// What a request depends on; `None` for most.
pub(super) fn of(headers: &HeaderMap) -> Option<Box<Precondition>> {
    // A value that is no text is a version that nothing has.
    let values = |name: HeaderName| headers.get_all(name).iter().map(text);
    Precondition::parse(values(IF_MATCH), values(IF_NONE_MATCH)).map(Box::new)
}

fn text(value: &HeaderValue) -> &str {
    value.to_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::precondition::Judgement;

    #[test]
    fn a_condition_is_made_of_the_headers_that_there_are() {
        let mut headers = HeaderMap::new();
        assert_eq!(of(&headers), None);
        headers.append(IF_MATCH, HeaderValue::from_bytes(b"\"\xff\"").unwrap());
        let asked = of(&headers).unwrap();
        assert_eq!(asked.judge(Some("\"1\""), false), Judgement::Failed, "what is no text is no version");
        headers.append(IF_MATCH, HeaderValue::from_static("W/\"1\""));
        assert_eq!(of(&headers).unwrap().judge(Some("\"1\""), false), Judgement::Proceed);
    }
}
