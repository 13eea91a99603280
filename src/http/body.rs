//! Reading a request's body within its limits.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, EXPECT};
use http::{HeaderMap, HeaderValue};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use crate::http::response::Early;

/// A body that is still to come.
#[derive(Debug)]
pub struct RequestBody {
    incoming: Incoming,
    /// The bytes that all bodies together may still take, and those that this one has taken.
    room: Arc<Semaphore>,
    taken: Option<OwnedSemaphorePermit>,
    timeout: Duration,
    /// When reading began, plus the time; set by the first read.
    deadline: Option<Instant>,
    /// The client waits for our word before it sends (RFC 9110 §10.1.1): reading would be that word.
    is_awaited: bool,
}

impl RequestBody {
    /// The body of a request with these headers, to be read within `timeout`. `room` has a permit for every byte that may
    /// be in memory.
    pub fn new(incoming: Incoming, headers: &HeaderMap, room: &Arc<Semaphore>, timeout: Duration) -> Self {
        let room = Arc::clone(room);
        Self { incoming, room, taken: None, timeout, deadline: None, is_awaited: headers.contains_key(EXPECT) }
    }

    /// The whole body; a body that comes in one piece is not copied.
    ///
    /// # Errors
    /// 413 beyond `limit` bytes, 408 when it does not come in time, 400 when it breaks off, 503 when there is no room.
    pub async fn read(&mut self, limit: usize) -> Result<Bytes, Early> {
        if self.incoming.size_hint().lower() > limit as u64 {
            return Err(Early::BodyTooLarge(limit));
        }
        self.is_awaited = false;
        let (timeout, deadline) = (self.timeout, self.deadline());
        timeout_at(deadline, self.collect(limit)).await.unwrap_or(Err(Early::BodyTooLate(timeout)))
    }

    /// One for all reading of this body, so that a client cannot be late twice.
    fn deadline(&mut self) -> Instant {
        *self.deadline.get_or_insert_with(|| Instant::now() + self.timeout)
    }

    async fn collect(&mut self, limit: usize) -> Result<Bytes, Early> {
        let first = self.piece().await?.unwrap_or_default();
        if first.len() > limit {
            return Err(Early::BodyTooLarge(limit));
        }
        self.take(first.len())?;
        if self.incoming.is_end_stream() {
            return Ok(first);
        }
        let mut whole = BytesMut::from(first);
        while let Some(piece) = self.piece().await? {
            if whole.len() + piece.len() > limit {
                return Err(Early::BodyTooLarge(limit));
            }
            self.take(piece.len())?;
            whole.extend_from_slice(&piece);
        }
        Ok(whole.freeze())
    }

    fn take(&mut self, bytes: usize) -> Result<(), Early> {
        let permits = u32::try_from(bytes).map_err(|_| Early::Busy)?;
        let more = Arc::clone(&self.room).try_acquire_many_owned(permits).map_err(|_| Early::Busy)?;
        match &mut self.taken {
            None => self.taken = Some(more),
            Some(taken) => taken.merge(more),
        }
        Ok(())
    }

    /// The room that the body read takes, to be given back by whoever drops the body.
    pub fn taken(&mut self) -> Option<OwnedSemaphorePermit> {
        self.taken.take()
    }

    async fn piece(&mut self) -> Result<Option<Bytes>, Early> {
        while let Some(frame) = self.incoming.frame().await {
            if let Ok(data) = frame.map_err(|_| Early::BodyBroken)?.into_data() {
                return Ok(Some(data));
            }
        }
        Ok(None)
    }

    /// Reads and forgets what is left, up to `most` bytes.
    ///
    /// A connection closed with unread bytes is reset, and a client that is still sending would never see the answer.
    pub async fn discard(&mut self, most: usize) {
        self.taken = None;
        if self.is_awaited || self.incoming.is_end_stream() {
            return;
        }
        let deadline = self.deadline();
        let reading = async {
            let mut left = most;
            while let Ok(Some(piece)) = self.piece().await {
                left = left.saturating_sub(piece.len());
                if left == 0 {
                    return;
                }
            }
        };
        // Whether it all came or not: the answer goes out now.
        let _ = timeout_at(deadline, reading).await;
    }
}

/// Whether we read bodies of this type: SCIM's own, plain JSON, or one that the client does not name.
pub fn is_readable(headers: &HeaderMap) -> bool {
    let plain =
        headers.get(CONTENT_ENCODING).is_none_or(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
    plain && headers.get(CONTENT_TYPE).is_none_or(is_json)
}

fn is_json(media_type: &HeaderValue) -> bool {
    let essence = crate::value::essence(media_type.as_bytes());
    ["application/scim+json", "application/json"].iter().any(|known| essence.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scim_and_json_bodies_are_readable_whatever_their_parameters() {
        let cases = [
            ("SCIM", Some("application/scim+json"), None, true),
            ("SCIM with a charset", Some("application/scim+json; charset=utf-8"), None, true),
            ("JSON", Some("application/json"), None, true),
            ("JSON in capitals", Some("Application/JSON;charset=UTF-8"), None, true),
            ("a type that is not named", None, None, true),
            ("a form", Some("application/x-www-form-urlencoded"), None, false),
            ("text", Some("text/plain"), None, false),
            ("a longer name", Some("application/json-patch+json"), None, false),
            ("an empty name", Some(""), None, false),
            ("compressed", Some("application/scim+json"), Some("gzip"), false),
            ("not encoded, and said so", Some("application/scim+json"), Some("identity"), true),
        ];
        for (name, media_type, encoding, want) in cases {
            let mut headers = HeaderMap::new();
            if let Some(value) = media_type {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static(value));
            }
            if let Some(value) = encoding {
                headers.insert(CONTENT_ENCODING, HeaderValue::from_static(value));
            }
            assert_eq!(is_readable(&headers), want, "{name}");
        }
    }
}
