//! The body of an answer, which tells when the connection has taken it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};

use crate::telemetry::Receipts;

/// The bytes of an answer, and who has to know what becomes of them.
#[derive(Debug)]
pub(super) struct Answer {
    bytes: Full<Bytes>,
    receipts: Option<Arc<Receipts>>,
}

/// A response whose body tells, where somebody has to know.
pub(super) fn tell_tale(mut response: Response<Full<Bytes>>) -> Response<Answer> {
    let receipts = response.extensions_mut().remove();
    response.map(|bytes| Answer { bytes, receipts })
}

impl Body for Answer {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let answer = self.get_mut();
        let polled = Pin::new(&mut answer.bytes).poll_frame(context);
        if let Some(receipts) = answer.receipts.take() {
            receipts.taken();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.bytes.size_hint()
    }
}
