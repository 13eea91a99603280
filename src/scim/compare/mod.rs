//! SCIM equality and order (RFC 7643 §2.3, RFC 7644 §3.4.2.2): filters over resources, folding for keys, and the exact
//! comparison that decides what an update changed.

mod fold;
mod matches;
#[cfg(test)]
mod model;
mod same;

pub use fold::{eq_folded, fold};
pub(in crate::scim) use same::element_key;
pub use same::{same, same_element};

use jiff::Timestamp;

/// The instant that an RFC 3339 text names; `None` without an offset or when it is no time.
pub(in crate::scim) fn instant(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}
