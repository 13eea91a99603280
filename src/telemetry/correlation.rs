//! Correlation ids: the name of a request in our log, in the client's and in the upstream's.

use std::sync::atomic::{AtomicU64, Ordering};

/// The header that carries the id of a request, in both directions and to the upstream.
pub const X_REQUEST_ID: http::HeaderName = http::HeaderName::from_static("x-request-id");

/// The longest id taken over from a client, in bytes.
const LONGEST: usize = 64;

/// Makes ids that do not repeat within a process, and hardly between two.
#[derive(Debug)]
pub struct CorrelationIds(AtomicU64);

impl CorrelationIds {
    /// Ids that start at a random place.
    pub fn new() -> Self {
        Self(AtomicU64::new(getrandom::u64().unwrap_or_else(|_| u64::from(std::process::id()))))
    }
    /// Ids that start at `seed`, for tests.
    pub fn from_seed(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
    /// The id of a request: the client's own if it is harmless, else 16 new hex digits.
    pub fn choose(&self, presented: Option<&[u8]>) -> String {
        presented.and_then(harmless).map_or_else(|| self.next(), str::to_owned)
    }
    /// 16 new hex digits.
    pub(crate) fn next(&self) -> String {
        // splitmix64 is a bijection: as long as the counter does not wrap around, no id comes twice.
        let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        hex(z ^ (z >> 31))
    }
}

impl Default for CorrelationIds {
    fn default() -> Self {
        Self::new()
    }
}

/// A number as 16 hex digits.
pub(crate) fn hex(number: u64) -> String {
    let mut text = String::with_capacity(16);
    for byte in number.to_be_bytes() {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
    }
    text
}

/// A client's id that can stand in a log line, a header and a URL as it is.
fn harmless(presented: &[u8]) -> Option<&str> {
    let fits = !presented.is_empty()
        && presented.len() <= LONGEST
        && presented.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
    fits.then(|| std::str::from_utf8(presented).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_id_is_taken_over_only_when_it_is_harmless() {
        let ids = CorrelationIds::from_seed(7);
        let long = "a".repeat(65);
        let cases: [(&str, &[u8], bool); 7] = [
            ("letters, digits, dot, underscore, hyphen", b"Okta.Req_1-x", true),
            ("as long as allowed", &long.as_bytes()[..64], true),
            ("too long", long.as_bytes(), false),
            ("empty", b"", false),
            ("a line break", b"a\r\nX-Evil: 1", false),
            ("a space", b"a b", false),
            ("not ASCII", "é".as_bytes(), false),
        ];
        for (name, presented, kept) in cases {
            let id = ids.choose(Some(presented));
            assert_eq!(id.as_bytes() == presented, kept, "{name}");
            assert!(kept || (id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit())), "{name}: {id}");
        }
    }

    #[test]
    fn new_ids_do_not_repeat() {
        let ids = CorrelationIds::from_seed(0);
        let made: std::collections::HashSet<String> = (0..1000).map(|_| ids.choose(None)).collect();
        assert_eq!(made.len(), 1000);
    }
}
