//! The cursors that clients are given (RFC 9865): where their list goes on, sealed.
//!
//! A cursor holds the place itself, so that nothing has to be remembered of it. It is encrypted and authenticated with a key
//! that this process made at its start: a client can neither read the upstream's own cursors nor make up any. What else the
//! query says is authenticated along with it.

use std::time::Duration;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::Instant;

use crate::bridge::operation::ListQuery;
use crate::scim::list::CURSOR_LIFE;
use crate::scim::{Error, ErrorType};
use crate::upstream::paging::Position;

/// Bytes of an upstream's cursor that one of ours carries at most, for it has to fit into a URL. Of a longer one the place is
/// told by its index.
const LONGEST: usize = 3 * 1024;

/// Bytes of a cursor that is looked at.
const MOST: usize = 8 * 1024;

/// Makes and opens the cursors of one tenant.
#[derive(Debug)]
pub(crate) struct Cursors {
    key: Option<RandomizedNonceKey>,
    begun: Instant,
}

/// Where the next page of a query begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resume {
    /// The resource type, by its index.
    pub(crate) kind: usize,
    /// Where in its list.
    pub(crate) at: At,
    /// The number of all resources, where it was known to the first page of a query over several types.
    pub(crate) total: Option<usize>,
}

/// Where in a list a window begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// Behind so many resources.
    Index(usize),
    /// Behind `before` resources, of which `first` stand before the upstream's page at `position`.
    Page {
        /// Where the page is.
        position: Position,
        /// Resources before it.
        first: usize,
        /// Resources before the window.
        before: usize,
    },
}

impl At {
    /// Resources before the window.
    pub(crate) fn before(&self) -> usize {
        match self {
            Self::Index(before) | Self::Page { before, .. } => *before,
        }
    }
}

/// What is sealed.
#[derive(Deserialize, Serialize)]
struct Sealed {
    /// Seconds from the start of the process to the making of the cursor.
    made: u64,
    count: usize,
    kind: usize,
    before: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<SealedPage>,
}

#[derive(Deserialize, Serialize)]
struct SealedPage {
    first: usize,
    page: u64,
    offset: u64,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<Value>,
}

impl Default for Cursors {
    fn default() -> Self {
        let mut key = [0; 32];
        let key = getrandom::fill(&mut key).ok().and_then(|()| RandomizedNonceKey::new(&AES_256_GCM, &key).ok());
        Self { key, begun: Instant::now() }
    }
}

impl Cursors {
    /// The cursor for a place. `query` is what the client asked, `of` whatever else the place belongs to: the tenant, the
    /// resource types.
    ///
    /// # Errors
    /// 500 where the machine gives no randomness.
    pub(crate) fn seal(&self, resume: &Resume, (query, of): (&ListQuery, &str)) -> Result<String, Error> {
        let page = match &resume.at {
            At::Page { position, first, .. } if position.cursor.as_ref().is_none_or(fits) => {
                let Position { page, offset, count, cursor } = position.clone();
                Some(SealedPage { first: *first, page, offset, size: count, cursor })
            }
            At::Page { .. } | At::Index(_) => None,
        };
        let sealed = Sealed {
            made: self.now(),
            count: query.count,
            kind: resume.kind,
            before: resume.at.before(),
            total: resume.total,
            page,
        };
        self.encrypt(&sealed, &binding(query, of))
            .ok_or_else(|| Error::with_status(500, "this service cannot make cursors"))
    }

    fn encrypt(&self, sealed: &Sealed, binding: &str) -> Option<String> {
        let mut bytes = serde_json::to_vec(sealed).ok()?;
        let key = self.key.as_ref()?;
        let nonce = key.seal_in_place_append_tag(Aad::from(binding), &mut bytes).ok()?;
        bytes.extend_from_slice(nonce.as_ref());
        Some(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The place that a cursor means; `None` for an empty one, which means the beginning.
    ///
    /// # Errors
    /// 400 `invalidCursor` for one that this process did not make, or made for another query; `expiredCursor` for an old one;
    /// `invalidCount` where the count has changed since.
    pub(crate) fn open(&self, cursor: &str, (query, of): (&ListQuery, &str)) -> Result<Option<Resume>, Error> {
        if cursor.is_empty() {
            return Ok(None);
        }
        let sealed = self.decrypt(cursor, &binding(query, of)).ok_or_else(invalid)?;
        if self.now().saturating_sub(sealed.made) > CURSOR_LIFE.as_secs() {
            return Err(expired());
        }
        if sealed.count != query.count {
            let detail = format!("`count` must stay what it was on the first page: {}", sealed.count);
            return Err(Error::new(ErrorType::InvalidCount, detail));
        }
        let at = match sealed.page {
            None => At::Index(sealed.before),
            Some(SealedPage { first, page, offset, size, cursor }) => {
                let position = Position { page, offset, count: size, cursor };
                At::Page { position, first, before: sealed.before }
            }
        };
        Ok(Some(Resume { kind: sealed.kind, at, total: sealed.total }))
    }

    fn decrypt(&self, cursor: &str, binding: &str) -> Option<Sealed> {
        if cursor.len() > MOST {
            return None;
        }
        let mut bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let end = bytes.len().checked_sub(NONCE_LEN)?;
        let (bytes, nonce) = bytes.split_at_mut(end);
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let opened = self.key.as_ref()?.open_in_place(nonce, Aad::from(binding), bytes).ok()?;
        serde_json::from_slice(opened).ok()
    }

    fn now(&self) -> u64 {
        Instant::now().saturating_duration_since(self.begun).as_secs()
    }
}

/// Whether an upstream's cursor is short enough to be carried.
fn fits(cursor: &Value) -> bool {
    cursor.as_str().map_or_else(|| cursor.to_string().len(), str::len) <= LONGEST
}

/// What a cursor is good for, beside its count.
fn binding(query: &ListQuery, of: &str) -> String {
    let filter = query.filter.as_ref().map(ToString::to_string).unwrap_or_default();
    let sort = query.sort.as_ref().map(|sort| format!("{} {}", sort.by, sort.descending)).unwrap_or_default();
    // Lengths in front, so that no two queries read alike.
    format!("{}:{of} {}:{filter} {sort}", of.len(), filter.len())
}

fn invalid() -> Error {
    let detail = "the cursor is none of this service for this query: begin with an empty `cursor`, then repeat the query \
                  with the `nextCursor` of each page";
    Error::new(ErrorType::InvalidCursor, detail)
}

/// The refusal of a cursor whose place is not known any more.
pub(crate) fn expired() -> Error {
    let seconds = Duration::as_secs(&CURSOR_LIFE);
    let detail =
        format!("the cursor has expired: ask for the next page within {seconds} seconds; begin with an empty `cursor`");
    Error::new(ErrorType::ExpiredCursor, detail)
}

#[cfg(test)]
mod tests;
