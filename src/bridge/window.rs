//! A window of a plain list: where the upstream's pages are read from.

use std::sync::Arc;

use crate::bridge::Error;
use crate::bridge::cursor::{At, expired};
use crate::bridge::list::Listed;
use crate::bridge::operation::ListQuery;
use crate::bridge::state::{Place, Places};
use crate::bridge::walk::{Walk, name_of};
use crate::bridge::work::Work;
use crate::mapping::scope::SortWords;
use crate::mapping::{Call, TypeMapping};
use crate::scim::Sort;
use crate::upstream::paging::{Paging, Position};
use crate::upstream::{self, Answer};

/// A part of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    /// Resources before it.
    pub(crate) before: usize,
    /// Resources in it at most.
    pub(crate) count: usize,
}

impl Window {
    /// Resources before what follows it.
    pub(crate) fn end(&self) -> usize {
        self.before.saturating_add(self.count)
    }
}

/// Where a walk begins.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    /// The page that is read first.
    pub(crate) position: Position,
    /// Resources before it.
    pub(crate) first: usize,
    /// The page itself, where it was kept.
    pub(crate) page: Option<Arc<Answer>>,
}

impl Start {
    fn at(position: Position, first: usize) -> Self {
        Self { position, first, page: None }
    }

    /// The first page of the list.
    fn beginning(call: &Call) -> Self {
        Self::at(Paging::start(call), 0)
    }

    /// A place that was remembered under the index of its first resource.
    fn remembered((index, place): (usize, Place)) -> Self {
        Self { position: place.position, first: index - 1, page: place.page.map(|page| page.answer) }
    }
}

/// The window of the plain list that begins at `at`.
///
/// # Errors
/// 501 without a list call that asks for nothing; 400 `expiredCursor` for a place that the upstream has forgotten; or whatever
/// the upstream answers.
pub(crate) async fn window(work: &Work<'_>, query: &ListQuery, at: At) -> Result<Listed, Error> {
    let call = work.kind.mapping.list.iter().find(|call| call.is_plain());
    let call = call.ok_or_else(|| work.kind.unsupported("list"))?;
    ordered(work, query, (call, None), at).await
}

/// The list call that asks for an order, and its words for it.
pub(crate) fn sorting<'a>(work: &Work<'a>, sort: &Sort) -> Option<(&'a Call, &'a SortWords)> {
    let TypeMapping { list, view, .. } = &work.kind.mapping;
    list.iter().find_map(|call| Some((call, call.sort_words(sort, &view.schema)?)))
}

/// The window of a list in an order of the upstream that begins at `at`.
///
/// # Errors
/// As for [`window`].
pub(crate) async fn ordered(
    work: &Work<'_>,
    query: &ListQuery,
    (call, order): (&Call, Option<&SortWords>),
    at: At,
) -> Result<Listed, Error> {
    let window = Window { before: at.before(), count: query.count };
    let (places, list) = (&work.bridge.state.places, (work.kind.index, name_of(order)));
    let is_cursor = matches!(at, At::Page { .. });
    let start = match at {
        At::Page { position, first, .. } => {
            let page = places.page(list, first + 1, &position);
            Start { position, first, page }
        }
        At::Index(_) => start(work, (call, window), places, list),
    };
    let (first, is_told) = (start.first, start.position.cursor.is_some());
    match Walk::new(work, query, (call, window), (start, order)).run().await {
        // A place that the upstream gave us, and does not take any more.
        Err(failure) if is_told && is_refusal(&failure) => {
            if is_cursor {
                return Err(expired().into());
            }
            places.forget(list, first + 1);
            Box::pin(Walk::new(work, query, (call, window), (Start::beginning(call), order)).run()).await
        }
        outcome => outcome,
    }
}

/// Where the window at an index is read from. Lists that can only be walked from their beginning go on at the place that was
/// reached, so that a client paging forward costs one call per page; so does a list whose last window ended inside a page.
fn start(work: &Work<'_>, (call, window): (&Call, Window), places: &Places, list: (usize, &str)) -> Start {
    match (Paging::of(call), &work.kind.mapping.policies.hide) {
        (paging @ (Paging::Page | Paging::Offset), None) => match places.covering(list, window.before + 1) {
            Some(found) => Start::remembered(found),
            None => directly(paging, window, call),
        },
        (Paging::Once | Paging::Cursor | Paging::NextUrl, _) | (Paging::Page | Paging::Offset, Some(_)) => {
            let found = places.nearest(list, window.before + 1);
            found.map_or_else(|| Start::beginning(call), Start::remembered)
        }
    }
}

/// The page that a window begins in, where pages are told by numbers.
fn directly(paging: Paging, window: Window, call: &Call) -> Start {
    let position = if paging == Paging::Page { numbered(window, call) } else { from_offset(window, call) };
    let first = usize::try_from(position.offset).unwrap_or(usize::MAX);
    Start::at(position, first)
}

/// Numbered pages: one call where the window is a page, else the pages that the window touches, sliced.
fn numbered(window: Window, call: &Call) -> Position {
    let (before, count) = (window.before as u64, window.count as u64);
    let is_page = call.reads.count && count > 0 && before.is_multiple_of(count) && count <= call.page_size;
    let size = if is_page { count } else { call.page_size };
    let number = before / size;
    Position { page: call.page_first + number, offset: number * size, count: size, cursor: None }
}

/// Offsets: exactly the window, in as many calls as the upstream's page size needs.
fn from_offset(window: Window, call: &Call) -> Position {
    let count = window.count as u64;
    let size = if call.reads.count && count > 0 { count.min(call.page_size) } else { call.page_size };
    Position { page: call.page_first, offset: window.before as u64, count: size, cursor: None }
}

/// Whether the upstream said no to what was asked, rather than failing.
fn is_refusal(failure: &Error) -> bool {
    use upstream::Error::{Answered, Failed};
    matches!(failure, Error::Upstream(Answered { .. } | Failed { status: 400..=499, .. }))
}
