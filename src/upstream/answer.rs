//! What the upstream answered.

use std::sync::OnceLock;

use bytes::Bytes;
use serde_json::Value;

use crate::mapping::scope::AnswerScope;

/// A usable answer.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: http::HeaderMap,
    /// The body's bytes.
    pub body: Bytes,
    /// A row said `empty`: the list ends here; or a 404 that means an empty list.
    pub ends_list: bool,
    /// The URL the call went to, for a same-origin `next` URL.
    pub url: String,
    value: OnceLock<Option<Value>>,
}

impl Answer {
    /// An answer.
    pub fn new(status: u16, headers: http::HeaderMap, body: Bytes, ends_list: bool, url: String) -> Self {
        Self { status, headers, body, ends_list, url, value: OnceLock::new() }
    }
    /// The body as a value, parsed when first asked for; a plain-text body is a string; `None` when empty or not JSON.
    pub fn value(&self) -> Option<&Value> {
        self.value.get_or_init(|| serde_json::from_slice(&self.body).ok()).as_ref()
    }
    /// The answer as conditions and holes see it.
    pub fn scope(&self) -> AnswerScope<'_> {
        AnswerScope { status: self.status, headers: &self.headers, body: self.value() }
    }
}
