//! A line before a number of places: writes go first, and reads still get their turn. Within its lane, first come, first served.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Writes that may go before a read that waits.
const WRITES_IN_A_ROW: usize = 8;

/// For what an operation makes its calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// To answer a question.
    Reads,
    /// To change something; what it reads for that goes first as well.
    Writes,
}

/// The places, and who waits for one.
#[derive(Debug)]
pub(crate) struct Line(Mutex<State>);

#[derive(Debug)]
struct State {
    places: usize,
    /// Not taken; none while somebody waits.
    free: usize,
    reads: VecDeque<Arc<Ticket>>,
    writes: VecDeque<Arc<Ticket>>,
    /// Writes that went one after the other since the last read.
    row: usize,
}

/// One who waits.
#[derive(Debug, Default)]
struct Ticket {
    /// Written under the line's lock.
    has_place: AtomicBool,
    called: Notify,
}

/// A place, free again when dropped.
#[derive(Debug)]
pub(crate) struct Place<'l>(&'l Line);

/// Somebody in the line; dropped, they leave it, or give the place on that they had just got.
struct Waiting<'l> {
    line: &'l Line,
    lane: Lane,
    ticket: Arc<Ticket>,
}

impl Line {
    /// A line before so many places.
    pub(crate) fn new(places: usize) -> Self {
        Self(Mutex::new(State { places, free: places, reads: VecDeque::new(), writes: VecDeque::new(), row: 0 }))
    }

    /// A place, if there is one at once.
    pub(crate) fn try_enter(&self) -> Option<Place<'_>> {
        let mut state = self.lock();
        state.free = state.free.checked_sub(1)?;
        Some(Place(self))
    }

    /// Waits for a place.
    pub(crate) async fn enter(&self, lane: Lane) -> Place<'_> {
        let waiting = {
            let mut state = self.lock();
            if let Some(free) = state.free.checked_sub(1) {
                state.free = free;
                return Place(self);
            }
            let ticket = Arc::<Ticket>::default();
            state.lane(lane).push_back(Arc::clone(&ticket));
            Waiting { line: self, lane, ticket }
        };
        waiting.ticket.called.notified().await;
        waiting.ticket.has_place.store(false, Ordering::Relaxed);
        Place(self)
    }

    /// How many would go before one who joined this lane now, as far as can be told.
    pub(crate) fn ahead(&self, lane: Lane) -> usize {
        let state = self.lock();
        let (reads, writes) = (state.reads.len(), state.writes.len());
        if state.free > 0 {
            return 0;
        }
        1 + match lane {
            Lane::Writes => writes + reads.min(writes / WRITES_IN_A_ROW),
            Lane::Reads => reads + writes.min((reads + 1) * WRITES_IN_A_ROW),
        }
    }

    /// Places taken, and how many wait for one.
    pub(crate) fn load(&self) -> (usize, usize) {
        let state = self.lock();
        (state.places.saturating_sub(state.free), state.reads.len() + state.writes.len())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn lane(&mut self, lane: Lane) -> &mut VecDeque<Arc<Ticket>> {
        match lane {
            Lane::Reads => &mut self.reads,
            Lane::Writes => &mut self.writes,
        }
    }

    /// Gives a place to the next in line.
    fn pass_on(&mut self) {
        let is_reads_turn = self.writes.is_empty() || (self.row >= WRITES_IN_A_ROW && !self.reads.is_empty());
        self.row = if is_reads_turn { 0 } else { self.row + 1 };
        let next = self.lane(if is_reads_turn { Lane::Reads } else { Lane::Writes }).pop_front();
        match next {
            Some(ticket) => {
                ticket.has_place.store(true, Ordering::Relaxed);
                ticket.called.notify_one();
            }
            None => self.free += 1,
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.lock().pass_on();
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.line.lock();
        if self.ticket.has_place.load(Ordering::Relaxed) {
            state.pass_on();
        } else {
            state.lane(self.lane).retain(|other| !Arc::ptr_eq(other, &self.ticket));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who waits in a line of one place, and the order in which they got it.
    struct Queue {
        line: Arc<Line>,
        order: Arc<Mutex<String>>,
        tasks: Vec<tokio::task::JoinHandle<()>>,
    }

    impl Queue {
        fn new() -> Self {
            Self { line: Arc::new(Line::new(1)), order: Arc::default(), tasks: Vec::new() }
        }

        async fn join(&mut self, lane: Lane) {
            let (before, order) = (Arc::clone(&self.line), Arc::clone(&self.order));
            self.tasks.push(tokio::spawn(async move {
                let _place = before.enter(lane).await;
                order.lock().unwrap().push(if lane == Lane::Reads { 'r' } else { 'w' });
            }));
            tokio::task::yield_now().await;
        }

        async fn order(self) -> String {
            for task in self.tasks {
                task.await.unwrap();
            }
            self.order.lock().unwrap().clone()
        }
    }

    #[tokio::test]
    async fn writes_go_first_and_a_read_after_eight_of_them() {
        let mut queue = Queue::new();
        let line = Arc::clone(&queue.line);
        let place = line.try_enter().unwrap();
        for lane in [[Lane::Reads; 3].as_slice(), &[Lane::Writes; 10]].concat() {
            queue.join(lane).await;
        }
        assert_eq!((line.ahead(Lane::Writes), line.ahead(Lane::Reads)), (12, 14));
        assert!(line.try_enter().is_none(), "nobody jumps the line");
        drop(place);
        assert_eq!(queue.order().await, "wwwwwwwwrwwrr");
        assert_eq!(line.ahead(Lane::Reads), 0);
    }

    #[tokio::test]
    async fn who_gives_up_leaves_nothing_behind() {
        let mut queue = Queue::new();
        let line = Arc::clone(&queue.line);
        let place = line.try_enter().unwrap();
        queue.join(Lane::Writes).await;
        queue.join(Lane::Reads).await;
        queue.join(Lane::Reads).await;
        let gone = queue.tasks.remove(1);
        gone.abort();
        assert!(gone.await.unwrap_err().is_cancelled());
        assert_eq!(line.lock().reads.len(), 1);
        // This one goes with the place that it was just given.
        let mut given = Box::pin(line.enter(Lane::Writes));
        assert!(futures_util::poll!(&mut given).is_pending());
        line.lock().writes.swap(0, 1);
        drop(place);
        drop(given);
        assert_eq!(queue.order().await, "wr");
        assert_eq!(line.lock().free, 1);
    }
}
