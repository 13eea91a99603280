//! Values drawn once per operation: time, random id, random letters; and the idempotency key, which a repeat shares.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::mapping::scope::{Drawn, Letters, MOST_RANDOM, TRANSCRIPT_OPERATION_ID};
use crate::value::hex;

/// Letters and digits that are not mistaken for one another when a first password is read aloud.
const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

/// Where the values come from.
#[derive(Debug, Default)]
pub(crate) enum Draws {
    /// The clock and chance.
    #[default]
    Live,
    /// What can be known beforehand; the operations begun so far.
    Frozen(AtomicU64),
}

impl Draws {
    /// No operation has begun.
    pub(crate) fn frozen() -> Self {
        Self::Frozen(AtomicU64::new(0))
    }

    /// Whether nothing is left to chance, nor to time.
    pub(crate) fn is_frozen(&self) -> bool {
        matches!(self, Self::Frozen(_))
    }

    /// An operation begins.
    pub(crate) fn begin(&self) {
        match self {
            Self::Live => {}
            Self::Frozen(begun) => {
                begun.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// The values of the operation that began last.
    pub(crate) fn draw(&self) -> Drawn {
        match self {
            Self::Live => draw(),
            Self::Frozen(begun) => Drawn::in_transcript(begun.load(Ordering::Relaxed)),
        }
    }

    /// The idempotency key of an operation; `identity` is what makes a repeat the same operation.
    pub(crate) fn identify(&self, tenant: &str, kind: &str, identity: &[&[u8]]) -> String {
        match self {
            Self::Live => operation_id(tenant, kind, identity),
            Self::Frozen(_) => TRANSCRIPT_OPERATION_ID.to_owned(),
        }
    }

    /// Makes the record, as it was read, a part of the idempotency key.
    pub(crate) fn identify_by(&self, operation_id: &mut String, record: &Value) {
        match self {
            Self::Live => *operation_id = of_record(operation_id, record),
            Self::Frozen(_) => {}
        }
    }
}

/// Draws the values.
fn draw() -> Drawn {
    let now = jiff::Timestamp::now();
    let mut bytes = [0_u8; 16 + 2 * MOST_RANDOM];
    // Without a source of randomness there is no password worth sending: the holes stay empty and the call is refused.
    let (uuid, random) = match getrandom::fill(&mut bytes) {
        Ok(()) => {
            let (id, rest) = bytes.split_at(16);
            (uuid(id), letters(rest))
        }
        Err(error) => {
            tracing::error!(%error, "no random values from the system");
            (String::new(), String::new())
        }
    };
    let second = jiff::Timestamp::from_second(now.as_second()).unwrap_or(now);
    Drawn { now: second.to_string(), now_epoch_s: now.as_second(), uuid, random: Letters::Drawn(random) }
}

/// A version-4 UUID (RFC 9562 §5.4) of 16 random bytes.
fn uuid(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        let byte = match index {
            6 => (byte & 0x0f) | 0x40,
            8 => (byte & 0x3f) | 0x80,
            _ => *byte,
        };
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Letters and digits, each as likely as any other: bytes that would favour the first ones are passed over.
fn letters(bytes: &[u8]) -> String {
    let fair = 256 - 256 % LETTERS.len();
    let chosen = bytes.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < fair);
    chosen.map(|byte| char::from(LETTERS[byte % LETTERS.len()])).take(MOST_RANDOM).collect()
}

/// The idempotency key of an operation on a record that stands as it does.
fn of_record(operation_id: &str, record: &Value) -> String {
    let mut hash = Sha256::new();
    hash.update(operation_id);
    hash.update(record.to_string());
    short(hash)
}

/// The idempotency key: a hash of the tenant, the resource type and what makes a repeat the same operation.
fn operation_id(tenant: &str, kind: &str, identity: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in [tenant.as_bytes(), kind.as_bytes()].iter().chain(identity) {
        // The length in front keeps ("ab", "c") and ("a", "bc") apart.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    short(hash)
}

/// The first 128 bits of a hash, as hexadecimal digits.
fn short(hash: Sha256) -> String {
    hex(&hash.finalize()[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_idempotency_key_is_that_of_the_operation() {
        let key = |tenant, parts: &[&[u8]]| Draws::Live.identify(tenant, "User", parts);
        assert_eq!(key("a", &[b"POST", b"{}"]), key("a", &[b"POST", b"{}"]));
        assert_ne!(key("a", &[b"POST", b"{}"]), key("b", &[b"POST", b"{}"]));
        assert_ne!(key("a", &[b"PO", b"ST{}"]), key("a", &[b"POST", b"{}"]));
    }

    #[test]
    fn the_same_change_of_another_record_is_another_operation() {
        let (on, off) = (serde_json::json!({ "state": "on" }), serde_json::json!({ "state": "off" }));
        assert_eq!(of_record("a", &on), of_record("a", &on));
        assert_ne!(of_record("a", &on), of_record("a", &off));
        assert_ne!(of_record("a", &on), of_record("b", &on));
    }

    #[test]
    fn random_values_are_long_enough_and_differ() {
        let (one, other) = (draw(), draw());
        let (Letters::Drawn(letters), Letters::Drawn(others)) = (one.random, other.random) else { panic!("known") };
        assert_eq!(letters.len(), MOST_RANDOM);
        assert_ne!(letters, others);
        assert_ne!(one.uuid, other.uuid);
        assert_eq!(one.uuid.as_bytes()[14], b'4');
        assert!(letters.bytes().all(|letter| LETTERS.contains(&letter)));
    }

    #[test]
    fn a_frozen_bridge_counts_its_operations() {
        let draws = Draws::frozen();
        draws.begin();
        draws.begin();
        let values = draws.draw();
        let mut operation_id = draws.identify("a", "User", &[b"POST"]);
        draws.identify_by(&mut operation_id, &Value::Null);
        assert_eq!(values.now, jiff::Timestamp::from_second(values.now_epoch_s).unwrap().to_string());
        assert_eq!(values.uuid, "00000000-0000-4000-8000-000000000002");
        assert_eq!(operation_id, "op:id");
        let Letters::Known(texts) = values.random else { panic!("drawn") };
        assert_eq!((texts[24].as_str(), texts[MOST_RANDOM].as_str()), ("random:24", "random:128"));
    }
}
