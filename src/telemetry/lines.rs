//! Finished log lines on their way to stderr: a bounded buffer and the one thread that empties it.
//!
//! A request only copies its line into memory; a pipe that nobody reads stops the thread, never a request. What does not
//! fit is dropped and counted, and the count is logged as soon as lines flow again.

use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use prometheus_client::metrics::counter::Counter;

/// Bytes of waiting lines at most.
const CAPACITY: usize = 1024 * 1024;
/// How long the thread gathers lines before it writes them at once.
const GATHER: Duration = Duration::from_millis(5);
/// How long the end of the program waits for the last lines.
const FLUSH: Duration = Duration::from_secs(1);

/// The writing end; cheap to clone.
#[derive(Clone, Debug)]
pub struct Lines {
    queue: Arc<Queue>,
    dropped: Counter,
}

#[derive(Debug, Default)]
struct Queue {
    state: Mutex<State>,
    arrived: Condvar,
    written: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<u8>,
    /// Lines dropped since the last one that was written.
    dropped: u64,
    writing: bool,
    closed: bool,
}

/// Keeps the thread; when dropped, the waiting lines are written first, for one second at most.
#[derive(Debug)]
pub struct Writer {
    queue: Arc<Queue>,
    thread: Option<JoinHandle<()>>,
}

/// Starts the thread that writes to `output`; `dropped` counts the lines lost, and `notice` makes the line that tells their number.
///
/// # Errors
/// The thread cannot be started.
pub fn start(
    output: impl Write + Send + 'static,
    dropped: Counter,
    notice: impl Fn(u64) -> String + Send + 'static,
) -> std::io::Result<(Lines, Writer)> {
    let queue = Arc::new(Queue::default());
    let of_thread = Arc::clone(&queue);
    let thread =
        std::thread::Builder::new().name("log".to_owned()).spawn(move || of_thread.empty_into(output, notice))?;
    Ok((Lines { queue: Arc::clone(&queue), dropped }, Writer { queue, thread: Some(thread) }))
}

impl Lines {
    /// Puts one line, line feed included, into the buffer, or drops it when there is no room.
    pub fn push(&self, line: &[u8]) {
        let mut state = self.queue.lock();
        if state.waiting.len() + line.len() > CAPACITY {
            state.dropped += 1;
            drop(state);
            self.dropped.inc();
            return;
        }
        let was_empty = state.waiting.is_empty();
        state.waiting.extend_from_slice(line);
        drop(state);
        if was_empty {
            self.queue.arrived.notify_one();
        }
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn empty_into(&self, mut output: impl Write, notice: impl Fn(u64) -> String) {
        let mut batch = Vec::new();
        while self.take(&mut batch, &notice) {
            // A closed stderr leaves nobody to tell.
            let _ = output.write_all(&batch).and_then(|()| output.flush());
            batch.clear();
            self.lock().writing = false;
            self.written.notify_all();
        }
    }

    /// Waits for lines and takes them all; `false` when the buffer is closed and empty.
    fn take(&self, batch: &mut Vec<u8>, notice: &impl Fn(u64) -> String) -> bool {
        let idle = |state: &mut State| state.waiting.is_empty() && !state.closed;
        let mut state = self.arrived.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
        if !state.closed {
            // Under load this makes one write, and one wake-up, out of many lines.
            let until_closed = |state: &mut State| !state.closed;
            state =
                self.arrived.wait_timeout_while(state, GATHER, until_closed).unwrap_or_else(PoisonError::into_inner).0;
        }
        std::mem::swap(batch, &mut state.waiting);
        if state.dropped > 0 {
            batch.extend_from_slice(notice(std::mem::take(&mut state.dropped)).as_bytes());
        }
        state.writing = !batch.is_empty();
        state.writing
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        state.closed = true;
        self.queue.arrived.notify_all();
        let end = Instant::now() + FLUSH;
        while state.writing || !state.waiting.is_empty() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return; // the pipe is blocked: leave the thread to the end of the process
            }
            state = self.queue.written.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(state);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Blocks in its first write until told to go on; then collects.
    struct Pipe {
        entered: mpsc::Sender<()>,
        go: mpsc::Receiver<()>,
        text: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let _ = self.entered.send(());
            let _ = self.go.recv();
            self.text.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_blocked_pipe_drops_and_counts_lines_and_never_blocks_a_request() {
        let (entered, has_entered) = mpsc::channel();
        let (release, go) = mpsc::channel();
        let text = Arc::new(Mutex::new(Vec::new()));
        let dropped = Counter::default();
        let pipe = Pipe { entered, go, text: Arc::clone(&text) };
        let (lines, writer) = start(pipe, dropped.clone(), |count| format!("lost {count}\n")).unwrap();
        lines.push(b"first\n");
        has_entered.recv().unwrap();
        let line = [vec![b'x'; CAPACITY / 2 - 1], b"\n".to_vec()].concat();
        for _ in 0..5 {
            lines.push(&line);
        }
        assert_eq!(dropped.get(), 3);
        drop(release);
        drop(writer);
        let text = text.lock().unwrap();
        assert!(text.starts_with(b"first\n"));
        assert!(text.ends_with(b"lost 3\n"));
        assert_eq!(text.len(), 6 + CAPACITY + 7);
    }

    #[test]
    fn the_last_lines_are_written_before_the_program_ends() {
        let (entered, _has_entered) = mpsc::channel();
        let (release, go) = mpsc::channel();
        drop(release);
        let text = Arc::new(Mutex::new(Vec::new()));
        let pipe = Pipe { entered, go, text: Arc::clone(&text) };
        let (lines, writer) = start(pipe, Counter::default(), |_| String::new()).unwrap();
        lines.push(b"one\n");
        lines.push(b"two\n");
        drop(writer);
        assert_eq!(*text.lock().unwrap(), b"one\ntwo\n");
    }
}
