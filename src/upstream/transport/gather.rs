//! The chunks of a body, up to a bound.

use bytes::{Bytes, BytesMut};

use super::TransportError;

/// A body as far as it was read. One that comes in one piece, as most do, is not copied.
#[derive(Debug)]
pub(super) struct Gathered {
    first: Bytes,
    more: BytesMut,
    announced: usize,
    bound: usize,
}

impl Gathered {
    /// An empty body of at most `bound` bytes, of which the head may have announced how many come.
    ///
    /// # Errors
    /// [`TransportError::TooLarge`]: more are announced.
    pub(super) fn new(announced: Option<u64>, bound: usize) -> Result<Self, TransportError> {
        if announced.is_some_and(|length| length > bound as u64) {
            return Err(TransportError::TooLarge(bound));
        }
        let announced = announced.and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
        Ok(Self { first: Bytes::new(), more: BytesMut::new(), announced, bound })
    }

    /// Takes the next chunk.
    ///
    /// # Errors
    /// [`TransportError::TooLarge`]: it would be more than the bound.
    pub(super) fn take(&mut self, chunk: Bytes) -> Result<(), TransportError> {
        if self.first.len().max(self.more.len()) + chunk.len() > self.bound {
            return Err(TransportError::TooLarge(self.bound));
        }
        if self.first.is_empty() {
            self.first = chunk;
            return Ok(());
        }
        if self.more.is_empty() {
            self.more.reserve(self.announced.max(self.first.len() + chunk.len()));
            self.more.extend_from_slice(&self.first);
        }
        self.more.extend_from_slice(&chunk);
        Ok(())
    }

    /// All that was taken.
    pub(super) fn whole(self) -> Bytes {
        if self.more.is_empty() { self.first } else { self.more.freeze() }
    }
}
