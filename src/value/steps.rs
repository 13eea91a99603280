//! How much work the reading of a text takes, counted in unit tests alone.

#[cfg(test)]
use std::cell::Cell;

#[cfg(test)]
thread_local! {
    static TAKEN: Cell<u64> = const { Cell::new(0) };
}

/// Notes so many steps: signs looked at, terms moved, names compared. The product notes nothing.
#[cfg(not(test))]
#[inline]
pub(crate) const fn note(_steps: usize) {}

/// Notes so many steps: signs looked at, terms moved, names compared.
#[cfg(test)]
pub(crate) fn note(steps: usize) {
    TAKEN.with(|taken| taken.set(taken.get() + steps as u64));
}

/// What `work` gives, and the steps that it took on this thread.
#[cfg(test)]
pub(crate) fn of<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let before = TAKEN.with(Cell::get);
    let given = work();
    (given, TAKEN.with(Cell::get) - before)
}
