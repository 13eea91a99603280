//! Who may call: bearer tokens (RFC 6750).

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::secret::Fingerprint;

/// Whether the request carries one of the `known` tokens.
///
/// Two `Authorization` headers are refused: which of them counts would be a guess.
pub fn is_authorized(headers: &HeaderMap, known: &[Fingerprint]) -> bool {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => bearer(value.as_bytes()).is_some_and(|token| Fingerprint::of(token).is_one_of(known)),
        (None, _) | (Some(_), Some(_)) => false,
    }
}

/// The token of `Bearer <token>`; the scheme's case does not count (RFC 9110 §11.1).
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = value.split_at_checked(6)?;
    let token = rest.trim_ascii();
    let fits = scheme.eq_ignore_ascii_case(b"bearer") && rest.first() == Some(&b' ') && !token.is_empty();
    fits.then_some(token)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::secret::Secret;

    #[test]
    fn only_a_known_bearer_token_opens() {
        let known = [Secret::new("token-of-okta-0001").fingerprint(), Secret::new("token-of-okta-0002").fingerprint()];
        let cases: [(&str, &[&str], bool); 12] = [
            ("the token", &["Bearer token-of-okta-0001"], true),
            ("the second token", &["Bearer token-of-okta-0002"], true),
            ("a scheme in lower case", &["bearer token-of-okta-0001"], true),
            ("a scheme in upper case", &["BEARER token-of-okta-0001"], true),
            ("two spaces", &["Bearer  token-of-okta-0001"], true),
            ("no header", &[], false),
            ("no scheme (Okta's test suite)", &["non-token"], false),
            ("another scheme", &["Basic token-of-okta-0001"], false),
            ("no space", &["Bearertoken-of-okta-0001"], false),
            ("an empty token", &["Bearer "], false),
            ("the scheme alone", &["Bearer"], false),
            ("two headers", &["Bearer token-of-okta-0001", "Bearer token-of-okta-0001"], false),
        ];
        for (name, values, want) in cases {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
            }
            assert_eq!(is_authorized(&headers, &known), want, "{name}");
        }
    }

    #[test]
    fn nothing_opens_when_no_token_is_known() {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer "));
        assert!(!is_authorized(&headers, &[]));
    }
}
