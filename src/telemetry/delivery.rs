//! Whether the answer of a request was taken.

use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};

/// Somebody who has to know what became of an answer; told once.
pub trait Delivery: Send + Sync + Debug {
    /// The answer was handed to the connection.
    fn taken(&self);
    /// The answer was dropped before: nobody waited for it any more.
    fn lost(&self);
}

/// Those who have to know what becomes of one answer. Dropped without [`taken`](Self::taken), the answer is lost.
#[derive(Debug, Default)]
pub struct Receipts(Mutex<Vec<Box<dyn Delivery>>>);

impl Receipts {
    /// One more.
    pub fn add(&self, delivery: Box<dyn Delivery>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(delivery);
    }

    /// The answer was handed to the connection.
    pub fn taken(&self) {
        self.all().iter().for_each(|delivery| delivery.taken());
    }

    /// The same ones, to go with the answer from now on; `None` where nobody has to know.
    pub fn depart(&self) -> Option<Self> {
        let all = self.all();
        (!all.is_empty()).then(|| Self(Mutex::new(all)))
    }

    /// Takes over those of a part of the answer.
    pub fn join(&self, part: &Self) {
        part.all().into_iter().for_each(|delivery| self.add(delivery));
    }

    fn all(&self) -> Vec<Box<dyn Delivery>> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Receipts {
    fn drop(&mut self) {
        self.all().iter().for_each(|delivery| delivery.lost());
    }
}
