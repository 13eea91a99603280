//! Calls that would change something, written down instead of sent.

use std::sync::{Mutex, PoisonError};

use crate::mapping::Call;
use crate::mapping::call::Purpose;
use crate::mapping::scope::Scope;
use crate::upstream::{Budget, Error, Upstream};

/// What an operation would have sent, in order: labels of calls with what each is there for, which hold no values, and how often
/// each comes.
#[derive(Debug, Default)]
pub struct Intent(Mutex<Vec<Noted>>);

#[derive(Debug)]
struct Noted {
    label: String,
    purpose: Option<Purpose>,
    count: usize,
}

impl Intent {
    /// Notes a call and what it is there for, or something else that would have been done.
    pub fn note(&self, label: &str, purpose: Option<Purpose>) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match noted.iter_mut().find(|noted| noted.label == label && noted.purpose == purpose) {
            Some(noted) => noted.count += 1,
            None => noted.push(Noted { label: label.to_owned(), purpose, count: 1 }),
        }
    }

    /// Whether nothing has been noted.
    pub fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// What has been noted: `POST /users (create)`, `POST /groups/{id}/members (add, 3 times)`. An API whose calls all have one
    /// path would else be told by its path alone.
    pub fn noted(&self) -> Vec<String> {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = |Noted { label, purpose, count }: &Noted| match (purpose.map(word), count) {
            (None, _) => label.clone(),
            (Some(word), 1) => format!("{label} ({word})"),
            (Some(word), count) => format!("{label} ({word}, {count} times)"),
        };
        noted.iter().map(text).collect()
    }
}

/// What a call is there for, as an administrator would say it.
fn word(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::List | Purpose::Get | Purpose::Part => "read",
        Purpose::Create => "create",
        Purpose::Update | Purpose::Change => "change",
        Purpose::Add => "add",
        Purpose::Remove => "remove",
        Purpose::Before => "look-up",
        Purpose::Delete => "delete",
        Purpose::Undo => "take back",
        Purpose::Login => "login",
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
            intent.note(&call.label, Some(call.purpose));
        }
        Error::Planned { call: call.label.clone() }
    }
}

#[cfg(test)]
mod tests {
    use Purpose::{Add, Create, Remove};

    use super::*;

    #[test]
    fn what_comes_several_times_is_counted() {
        let intent = Intent::default();
        assert!(intent.is_empty());
        for (label, purpose) in [("POST", Create), ("PUT /m", Add), ("PUT /m", Add), ("POST", Remove)] {
            intent.note(label, Some(purpose));
        }
        intent.note("values", None);
        assert_eq!(intent.noted(), ["POST (create)", "PUT /m (add, 2 times)", "POST (remove)", "values"]);
    }
}
