//! Calls that would change something, written down instead of sent.

use std::sync::{Mutex, PoisonError};

use crate::mapping::Call;
use crate::mapping::scope::Scope;
use crate::upstream::{Budget, Error, Upstream};

/// What an operation would have sent, in order: labels of calls, which hold no values, and how often each comes in a row.
#[derive(Debug, Default)]
pub struct Intent(Mutex<Vec<(String, usize)>>);

impl Intent {
    /// Notes a call, or something else that would have been done.
    pub fn note(&self, label: &str) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match noted.iter_mut().find(|(known, _)| known == label) {
            Some((_, count)) => *count += 1,
            None => noted.push((label.to_owned(), 1)),
        }
    }

    /// Whether nothing has been noted.
    pub fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// What has been noted: `POST /users`, `POST /groups/{id}/members (3 times)`.
    pub fn noted(&self) -> Vec<String> {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = |(label, count): &(String, usize)| match count {
            1 => label.clone(),
            count => format!("{label} ({count} times)"),
        };
        noted.iter().map(text).collect()
    }
}

impl Upstream {
    /// The same upstream, to which calls that change something are only planned, where `plans` says so.
    #[must_use]
    pub fn planning(self, plans: bool) -> Self {
        Self { plans, ..self }
    }

    /// Whether nothing that changes something is sent.
    pub fn plans(&self) -> bool {
        self.plans
    }

    /// Notes a call instead of sending it; gives what the operation fails with.
    ///
    /// A value that it cannot be filled with is told as ever, but only of an operation's first such call: later ones may miss
    /// what the earlier ones would have brought.
    pub(super) fn plan(&self, call: &Call, scope: &Scope<'_>, budget: &Budget) -> Error {
        let is_first = budget.intent.as_ref().is_none_or(|intent| intent.is_empty());
        if let Err(source) = self.preview(call, scope)
            && is_first
        {
            return Error::Fill { call: call.label.clone(), source };
        }
        if let Some(intent) = &budget.intent {
            intent.note(&call.label);
        }
        Error::Planned { call: call.label.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_several_times_is_counted() {
        let intent = Intent::default();
        assert!(intent.is_empty());
        for label in ["POST /groups", "PUT /m", "PUT /m", "DELETE /m"] {
            intent.note(label);
        }
        assert_eq!(intent.noted(), ["POST /groups", "PUT /m (2 times)", "DELETE /m"]);
    }
}
