//! Walking the pages of a list call, whatever its style of paging.

use serde_json::value::RawValue;

use crate::bridge::Error;
use crate::bridge::work::Work;
use crate::mapping::Call;
use crate::mapping::scope::Scope;
use crate::upstream::{Answer, paging};

/// How a call pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// One answer holds everything.
    Once,
    /// Numbered pages.
    Page,
    /// Records to pass over.
    Offset,
    /// Each answer says where the next one is.
    Next,
}

impl Style {
    /// The style that the call's holes show.
    pub(crate) fn of(call: &Call) -> Self {
        if call.next.is_some() {
            Self::Next
        } else if call.reads.page {
            Self::Page
        } else if call.reads.offset {
            Self::Offset
        } else {
            Self::Once
        }
    }
}

/// Where a page begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Position {
    /// The page's number.
    pub(crate) page: u64,
    /// Records before the page.
    pub(crate) offset: u64,
    /// The upstream's cursor, or the URL of the page.
    pub(crate) next: Option<String>,
}

/// A walk over the pages of one call.
#[derive(Debug)]
pub(crate) struct Pages<'a> {
    call: &'a Call,
    style: Style,
    /// Where the next page begins; the one after the last page read.
    pub(crate) position: Position,
    /// Records asked for per page.
    pub(crate) size: u64,
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
        let position = Position { page: call.page_first, offset: 0, next: None };
        Self::at(call, position, call.page_size)
    }

    /// A walk from a place, with `size` records a page.
    pub(crate) fn at(call: &'a Call, position: Position, size: u64) -> Self {
        Self { call, style: Style::of(call), position, size, ended: false, total: None, before: None }
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
        let url = self.position.next.as_deref().filter(|_| !self.call.reads.cursor);
        let scope = Scope {
            page: Some(self.position.page),
            offset: Some(self.position.offset),
            count: Some(self.size),
            cursor: self.position.next.as_deref().filter(|_| self.call.reads.cursor),
            ..*scope
        };
        let answer = match url {
            None => work.send(self.call, &scope).await?,
            Some(url) => work.upstream().send_to(self.call, url, &scope, &work.budget).await?,
        };
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
    pub(crate) fn advance(&mut self, work: &Work<'_>, answer: &Answer, items: &[&RawValue]) -> Result<(), Error> {
        let label = &self.call.label;
        let count = items.len() as u64;
        self.total = paging::total(self.call, answer).or(self.total);
        if self.before.is_some() && self.repeats(work, items) {
            return Err(Error::answer(label, "a page repeats the one before"));
        }
        self.position.page += 1;
        self.position.offset += count;
        let known_end = self.total.map(|total| self.position.offset >= total);
        match self.style {
            Style::Once => self.ended = true,
            Style::Next => {
                let next = paging::next(self.call, answer).map_err(|reason| Error::answer(label, reason))?;
                if next.is_some() && next == self.position.next {
                    return Err(Error::answer(label, "the next page is this page again"));
                }
                self.ended = next.is_none();
                self.position.next = next;
            }
            Style::Offset => self.ended = count == 0 || known_end.unwrap_or(count < self.size),
            Style::Page => {
                if known_end == Some(false) && count > 0 && count < self.size {
                    let hint = "a page is shorter than asked while the total promises more; set `page.size` to what the upstream gives";
                    return Err(Error::answer(label, hint));
                }
                self.ended = count == 0 || known_end.unwrap_or(count < self.size);
            }
        }
        self.before = if self.ended { None } else { items.first().map(|item| item.get().to_owned()) };
        Ok(())
    }

    fn repeats(&self, work: &Work<'_>, items: &[&RawValue]) -> bool {
        let (Some(before), Some(first)) = (&self.before, items.first()) else { return false };
        let id = |raw: &str| work.kind.id_of(crate::bridge::kind::Record::Raw(raw));
        before == first.get() || id(before).is_some_and(|before| Some(before) == id(first.get()))
    }
}
