//! What an `Authorization` header presents: a bearer token (RFC 6750), a bare token, a user with a password (RFC 7617).

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::secret::Fingerprint;

/// How a secret is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `Bearer <token>`
    Bearer,
    /// The token alone, without a scheme: the *Header* mode of Okta's catalogue.
    None,
    /// `Basic <user and password in base64>`
    Basic,
}

/// Why nothing usable is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is no such header.
    Missing,
    /// There are two, or it is none of the schemes.
    Malformed,
}

/// Padding may be left off, as some clients do.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The scheme and the fingerprint of what a request presents; it is hashed once.
///
/// Two `Authorization` headers are refused: which of them counts would be a guess.
///
/// # Errors
/// See [`Fault`].
pub fn presented(headers: &HeaderMap) -> Result<(Scheme, Fingerprint), Fault> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (Some(value), None) => value.as_bytes(),
        (None, _) => return Err(Fault::Missing),
        (Some(_), Some(_)) => return Err(Fault::Malformed),
    };
    if let Some(token) = after(b"bearer", value) {
        return Ok((Scheme::Bearer, Fingerprint::of(token)));
    }
    if let Some(pair) = after(b"basic", value) {
        let pair = BASE64.decode(pair).map_err(|_| Fault::Malformed)?;
        return Ok((Scheme::Basic, Fingerprint::of(&pair)));
    }
    let is_bare = !value.is_empty() && value.iter().all(u8::is_ascii_graphic);
    if is_bare { Ok((Scheme::None, Fingerprint::of(value))) } else { Err(Fault::Malformed) }
}

/// The bearer token that a request presents, where it presents one.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => std::str::from_utf8(after(b"bearer", value.as_bytes())?).ok(),
        (None, _) | (Some(_), Some(_)) => None,
    }
}

/// Whether a request carries one of the `known` bearer tokens.
pub fn is_bearer_of(headers: &HeaderMap, known: &[Fingerprint]) -> bool {
    matches!(presented(headers), Ok((Scheme::Bearer, token)) if token.is_one_of(known))
}

/// The fingerprint of a user with a password, as [`presented`] gives it.
pub fn fingerprint_of(user: &str, password: &str) -> Fingerprint {
    Fingerprint::of(format!("{user}:{password}").as_bytes())
}

/// What follows `<scheme> `; the scheme's case does not count (RFC 9110 §11.1).
fn after<'v>(scheme: &[u8], value: &'v [u8]) -> Option<&'v [u8]> {
    let (front, rest) = value.split_at_checked(scheme.len())?;
    let credentials = rest.trim_ascii();
    let fits = front.eq_ignore_ascii_case(scheme) && rest.first() == Some(&b' ') && !credentials.is_empty();
    fits.then_some(credentials)
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use http::HeaderValue;

    use super::*;
    use crate::secret::Secret;

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    /// What is presented: the scheme and the secret.
    type Presented<'s> = Result<(Scheme, &'s str), Fault>;

    #[test]
    fn a_header_presents_one_secret_by_one_scheme() {
        let basic = format!("Basic {}", STANDARD.encode("okta:a:b"));
        let bare = basic.trim_end_matches('=');
        let cases: [(&str, &[&str], Presented<'_>); 17] = [
            ("a bearer token", &["Bearer one"], Ok((Scheme::Bearer, "one"))),
            ("a scheme in lower case", &["bearer one"], Ok((Scheme::Bearer, "one"))),
            ("a scheme in upper case", &["BEARER one"], Ok((Scheme::Bearer, "one"))),
            ("two spaces", &["Bearer  one"], Ok((Scheme::Bearer, "one"))),
            ("no scheme (Okta's test suite)", &["non-token"], Ok((Scheme::None, "non-token"))),
            ("no space", &["Bearerone"], Ok((Scheme::None, "Bearerone"))),
            ("the scheme alone", &["Bearer"], Ok((Scheme::None, "Bearer"))),
            ("a user and a password with a colon", &[&basic], Ok((Scheme::Basic, "okta:a:b"))),
            ("no padding", &[bare], Ok((Scheme::Basic, "okta:a:b"))),
            ("no header", &[], Err(Fault::Missing)),
            ("an empty header", &[""], Err(Fault::Malformed)),
            ("no base64", &["Basic okta:a"], Err(Fault::Malformed)),
            ("another scheme", &["Digest one"], Err(Fault::Malformed)),
            ("an empty bearer token", &["Bearer "], Err(Fault::Malformed)),
            ("an empty pair", &["Basic "], Err(Fault::Malformed)),
            ("letters that no token has", &["ein-schlüssel"], Err(Fault::Malformed)),
            ("two headers", &["Bearer one", "Bearer one"], Err(Fault::Malformed)),
        ];
        for (name, values, want) in cases {
            let got = presented(&headers(values));
            let matches = match (&got, want) {
                (Ok((scheme, found)), Ok((wanted, secret))) => {
                    *scheme == wanted && found.is_one_of(&[Secret::new(secret).fingerprint()])
                }
                (Err(fault), Err(wanted)) => *fault == wanted,
                (Ok(_), Err(_)) | (Err(_), Ok(_)) => false,
            };
            assert!(matches, "{name}: {got:?}");
        }
    }

    #[test]
    fn only_a_known_bearer_token_opens_what_takes_nothing_else() {
        let known = [Secret::new("token-of-okta-0001").fingerprint(), Secret::new("token-of-okta-0002").fingerprint()];
        let cases: [(&str, &[&str], bool); 5] = [
            ("the token", &["Bearer token-of-okta-0001"], true),
            ("the second token", &["Bearer token-of-okta-0002"], true),
            ("the token alone", &["token-of-okta-0001"], false),
            ("another token", &["Bearer token-of-okta-0003"], false),
            ("no header", &[], false),
        ];
        for (name, values, want) in cases {
            assert_eq!(is_bearer_of(&headers(values), &known), want, "{name}");
        }
        assert!(!is_bearer_of(&headers(&["Bearer "]), &[]), "nothing opens when no token is known");
    }
}
