//! A connection that closes itself when its peer is too slow.
//!
//! hyper's own `header_read_timeout` counts from the moment it begins to wait, so that it would also close an idle
//! keep-alive connection, and it allocates a timer per request. Here one timer per connection serves both: the idle time
//! while nothing has come, and a shorter time from the first byte of a header block to its last.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, Sleep, sleep_until};

/// Whether a request of the connection is at work; while it is, other limits hold.
#[derive(Clone, Debug, Default)]
pub struct Activity(Arc<Flags>);

/// Relaxed in all accesses: the service and the connection are polled by one task.
#[derive(Debug, Default)]
struct Flags {
    is_on: AtomicBool,
    /// A header block has ended since the connection last looked.
    headers_ended: AtomicBool,
}

impl Activity {
    /// The headers have come.
    pub fn begin(&self) {
        self.0.is_on.store(true, Ordering::Relaxed);
        self.0.headers_ended.store(true, Ordering::Relaxed);
    }
    /// The answer is ready to be sent.
    pub fn end(&self) {
        self.0.is_on.store(false, Ordering::Relaxed);
    }
    fn is_on(&self) -> bool {
        self.0.is_on.load(Ordering::Relaxed)
    }
    /// Whether a header block has ended since this was last asked.
    fn take_headers_ended(&self) -> bool {
        self.0.headers_ended.swap(false, Ordering::Relaxed)
    }
}

/// What the connection waits for, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waiting {
    /// For nothing: a request is at work.
    No,
    /// For the first byte of a header block.
    Idle(Instant),
    /// For the last byte of a header block.
    Headers(Instant),
}

/// A connection with its two times.
#[derive(Debug)]
pub struct TimedIo<S> {
    stream: TokioIo<S>,
    activity: Activity,
    waiting: Waiting,
    /// Since when the peer has not taken what we send.
    unread: Option<Instant>,
    header_timeout: Duration,
    idle: Duration,
    /// Set no more often than it fires: a deadline that has moved on is noticed then.
    timer: Option<Pin<Box<Sleep>>>,
}

impl<S> TimedIo<S> {
    /// Wraps a connection. `activity` is told by the service when a request is at work.
    pub fn new(stream: S, activity: Activity, header_timeout: Duration, idle: Duration) -> Self {
        Self {
            stream: TokioIo::new(stream),
            activity,
            waiting: Waiting::No,
            unread: None,
            header_timeout,
            idle,
            timer: None,
        }
    }

    /// What is waited for when nothing new has happened. A request that came and went between two reads, as most do, has
    /// ended the wait for its headers as well.
    fn still_waiting(&self) -> Waiting {
        if self.activity.take_headers_ended() || self.activity.is_on() { Waiting::No } else { self.waiting }
    }

    /// Notes that bytes have come.
    fn received(&mut self) {
        self.waiting = match self.still_waiting() {
            Waiting::No if self.activity.is_on() => Waiting::No,
            Waiting::No | Waiting::Idle(_) => Waiting::Headers(Instant::now()),
            Waiting::Headers(since) => Waiting::Headers(since),
        };
    }

    /// Nothing has come: fails once the deadline has passed.
    fn starved(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.waiting = match self.still_waiting() {
            Waiting::No if !self.activity.is_on() => Waiting::Idle(Instant::now()),
            waiting @ (Waiting::No | Waiting::Idle(_) | Waiting::Headers(_)) => waiting,
        };
        match self.waiting {
            Waiting::No => Poll::Pending,
            Waiting::Idle(since) => self.expire(context, since + self.idle),
            Waiting::Headers(since) => self.expire(context, since + self.header_timeout),
        }
    }

    fn expire(&mut self, context: &mut Context<'_>, deadline: Instant) -> Poll<io::Result<()>> {
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if timer.deadline() > deadline {
            timer.as_mut().reset(deadline);
        }
        while timer.as_mut().poll(context).is_ready() {
            if Instant::now() >= deadline {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            timer.as_mut().reset(deadline);
        }
        Poll::Pending
    }

    /// Passes on how a write went; fails when the peer has not read for the idle time.
    fn sent<T>(&mut self, context: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        match outcome {
            Poll::Ready(outcome) => {
                self.unread = None;
                Poll::Ready(outcome)
            }
            Poll::Pending => {
                let since = *self.unread.get_or_insert_with(Instant::now);
                self.expire(context, since + self.idle).map(|expired| expired.and(Err(io::ErrorKind::TimedOut.into())))
            }
        }
    }
}

impl<S: AsyncRead + Unpin> Read for TimedIo<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match Pin::new(&mut this.stream).poll_read(context, buffer) {
            Poll::Ready(outcome) => {
                this.received();
                Poll::Ready(outcome)
            }
            Poll::Pending => this.starved(context),
        }
    }
}

impl<S: AsyncWrite + Unpin> Write for TimedIo<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.sent(context, outcome)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.stream).poll_flush(context);
        // A plain socket holds nothing back; TLS does when the peer does not read.
        if flushed.is_pending() {
            return this.sent(context, flushed);
        }
        // After an answer hyper does not read again if it has looked for a hang-up meanwhile: idleness begins here.
        if this.still_waiting() == Waiting::No {
            this.waiting = Waiting::No;
            if let Poll::Ready(late) = this.starved(context) {
                return Poll::Ready(late);
            }
        }
        flushed
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let shut = Pin::new(&mut this.stream).poll_shutdown(context);
        // The farewell of TLS is written too.
        if shut.is_pending() { this.sent(context, shut) } else { shut }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        this.sent(context, outcome)
    }
}
