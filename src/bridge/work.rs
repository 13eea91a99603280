//! One operation under way: its bridge, its resource type, what it may still spend, what it captured.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::bridge::inverse::Held;
use crate::bridge::kind::Kind;
use crate::bridge::lock::{Guard, Key};
use crate::bridge::{Bridge, Error};
use crate::mapping::Call;
use crate::mapping::scope::{Drawn, Scope};
use crate::upstream::{Answer, Budget, Upstream};

/// One operation under way.
pub(crate) struct Work<'a> {
    /// The tenant's bridge.
    pub(crate) bridge: &'a Bridge,
    /// The resource type.
    pub(crate) kind: &'a Kind,
    /// Time and calls left.
    pub(crate) budget: Budget,
    /// Values drawn once, where some call of the type reads them.
    pub(crate) drawn: Option<Drawn>,
    /// The idempotency key, where some call of the type reads it.
    pub(crate) operation_id: Option<String>,
    /// Values captured by earlier calls.
    pub(crate) got: BTreeMap<String, Value>,
    /// Whether hidden records are found too: by a create that may take one over.
    pub(crate) sees_hidden: bool,
    /// Whether what is read is one of many.
    pub(crate) in_list: bool,
    /// What was found out about inverse lists, where the type has some.
    pub(crate) held: Option<Arc<Held>>,
    /// The folded key of a create.
    pub(crate) new_key: Option<String>,
}

/// The attempts at a change: one, and another one where somebody else changed the record between our read and our write.
///
/// The second begins as if nothing had been tried: what it plans, and the idempotency key that it sends, are no others than those
/// of a request which comes later.
#[derive(Debug)]
pub(crate) struct Attempts(Option<(Option<String>, BTreeMap<String, Value>)>);

impl Attempts {
    /// Whether the change, of which an attempt failed so, is to be planned once more; the operation is at its beginning then.
    pub(crate) fn again(&mut self, work: &mut Work<'_>, failure: &Error) -> bool {
        let Some((operation_id, got)) = self.0.take().filter(|_| failure.is_changed_meanwhile()) else { return false };
        (work.operation_id, work.got) = (operation_id, got);
        true
    }
}

/// The locks of an operation on the resource that it is about.
#[derive(Debug)]
pub(crate) struct Alone<'a> {
    _id: Guard<'a>,
    _circle: Option<Guard<'a>>,
}

impl<'a> Work<'a> {
    /// The upstream.
    pub(crate) fn upstream(&self) -> &Upstream {
        &self.bridge.upstream
    }

    /// Another look at the same resource type within the operation.
    pub(crate) fn aside(&self) -> Work<'a> {
        Work {
            budget: self.budget.clone(),
            drawn: self.drawn.clone(),
            operation_id: self.operation_id.clone(),
            got: self.got.clone(),
            held: self.held.clone(),
            new_key: None,
            ..*self
        }
    }

    /// A scope that holds what every call sees.
    pub(crate) fn scope(&self) -> Scope<'_> {
        let surroundings = Some(self.upstream().surroundings());
        let (drawn, operation_id) = (self.drawn.as_ref(), self.operation_id.as_deref());
        Scope { drawn, operation_id, got: Some(&self.got), surroundings, ..Scope::default() }
    }

    /// Sends a call.
    ///
    /// # Errors
    /// [`Error::Upstream`].
    pub(crate) async fn send(&self, call: &Call, scope: &Scope<'_>) -> Result<Answer, Error> {
        Ok(Box::pin(self.upstream().send(call, scope, &self.budget)).await?)
    }

    /// Makes the record, as it was read, a part of the idempotency key: deactivating, reactivating and deactivating again are
    /// three operations, though the first and the last read alike.
    pub(crate) fn identify_by(&mut self, record: &Value) {
        if let Some(operation_id) = &mut self.operation_id {
            self.bridge.draws.identify_by(operation_id, record);
        }
    }

    /// The attempts at a change that has not been tried yet.
    pub(crate) fn attempts(&self) -> Attempts {
        Attempts(Some((self.operation_id.clone(), self.got.clone())))
    }

    /// Waits for the lock on the resource that the operation is about. Where it may change resources which in turn change others
    /// of this type, it runs alone among its like: two of them could wait for each other's resources.
    ///
    /// # Errors
    /// [`Error::Locked`].
    pub(crate) async fn lock_own(&self, id: &str, changes_others: bool) -> Result<Alone<'a>, Error> {
        let circle = match self.kind.circle.filter(|_| changes_others) {
            Some(circle) => Some(self.lock((circle, "circle".to_owned())).await?),
            None => None,
        };
        Ok(Alone { _id: self.lock_id(id).await?, _circle: circle })
    }

    /// Waits for the lock on an id of this resource type, at most half of what is left of the deadline.
    ///
    /// # Errors
    /// [`Error::Locked`].
    pub(crate) async fn lock_id(&self, id: &str) -> Result<Guard<'a>, Error> {
        self.lock((self.kind.index, format!("id:{id}"))).await
    }

    /// Waits for the lock on a key value of this resource type, under which creates of it run one at a time.
    ///
    /// # Errors
    /// [`Error::Locked`].
    pub(crate) async fn lock_key(&mut self, key: &str) -> Result<Guard<'a>, Error> {
        let folded = crate::scim::compare::fold(key);
        let key = (self.kind.index, format!("key:{folded}"));
        self.new_key = Some(folded.into_owned());
        self.lock(key).await
    }

    async fn lock(&self, key: Key) -> Result<Guard<'a>, Error> {
        let patience = self.left() / 2;
        let locks = &self.bridge.state.locks;
        locks.lock(key, patience).await.map_err(|_| Error::Locked { kind: self.kind.name().to_owned() })
    }

    /// The time left.
    pub(crate) fn left(&self) -> Duration {
        self.budget.deadline.saturating_duration_since(tokio::time::Instant::now())
    }
}
