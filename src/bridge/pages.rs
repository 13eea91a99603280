//! Walking the pages of a list call, whatever its style of paging.

use crate::bridge::Error;
use crate::bridge::work::Work;
use crate::mapping::Call;
use crate::mapping::scope::Scope;
use crate::upstream::Answer;
use crate::upstream::paging::{Next, Paging, Position};

/// A walk over the pages of one call.
#[derive(Debug)]
pub(crate) struct Pages<'a> {
    call: &'a Call,
    /// Where the next page begins.
    pub(crate) position: Position,
    /// No further page.
    pub(crate) ended: bool,
    /// The number of all records, where the upstream says it.
    pub(crate) total: Option<u64>,
    /// The first item of the page before, to notice a page that repeats.
    before: Option<String>,
}

impl<'a> Pages<'a> {
    /// A walk from the first page.
    pub(crate) fn new(call: &'a Call) -> Self {
        Self::at(call, Paging::start(call))
    }

    /// A walk from a place.
    pub(crate) fn at(call: &'a Call, position: Position) -> Self {
        Self { call, position, ended: false, total: None, before: None }
    }

    /// The call that is walked.
    pub(crate) fn call(&self) -> &'a Call {
        self.call
    }

    /// The next page's answer; `None` after the last. After it, `advance` has to be told what the page held.
    ///
    /// # Errors
    /// Whatever the upstream answers.
    pub(crate) async fn read(&mut self, work: &Work<'_>, scope: &Scope<'_>) -> Result<Option<Answer>, Error> {
        if self.ended {
            return Ok(None);
        }
        let scope = Scope {
            page: Some(self.position.page),
            offset: Some(self.position.offset),
            count: Some(self.position.count),
            cursor: self.position.cursor.as_ref(),
            ..*scope
        };
        let answer = work.send(self.call, &scope).await?;
        if answer.ends_list {
            self.ended = true;
            return Ok(None);
        }
        Ok(Some(answer))
    }

    /// Moves behind the page that `answer` is.
    ///
    /// # Errors
    /// [`Error::Answer`] for a page that repeats the one before, a next page that is this one, or a page that is shorter than
    /// the upstream's own total allows.
    pub(crate) fn advance(&mut self, work: &Work<'_>, answer: &Answer, items: &[&str]) -> Result<(), Error> {
        if self.before.is_some() && self.repeats(work, items) {
            return Err(Error::answer(&self.call.label, "a page repeats the one before"));
        }
        self.total = answer.total(self.call).or(self.total);
        let received = items.len() as u64;
        match Paging::of(self.call).next(self.call, answer, &self.position, received) {
            Next::Page(position) => self.position = position,
            Next::Done => self.ended = true,
            Next::Fault(reason) => return Err(Error::answer(&self.call.label, reason)),
        }
        self.before = if self.ended { None } else { items.first().map(|item| (*item).to_owned()) };
        Ok(())
    }

    fn repeats(&self, work: &Work<'_>, items: &[&str]) -> bool {
        let (Some(before), Some(first)) = (&self.before, items.first()) else { return false };
        let id = |raw: &str| work.kind.id_of(crate::bridge::kind::Record::Raw(raw));
        before == first || id(before).is_some_and(|before| Some(before) == id(first))
    }
}
