//! GET of a resource type: a window of a plain list, or the resources that a filter finds.

use bytes::Bytes;

use crate::bridge::collect::Collector;
use crate::bridge::operation::{ListQuery, Reply};
use crate::bridge::pages::Pages;
use crate::bridge::state::Place;
use crate::bridge::work::Work;
use crate::bridge::{Error, search};
use crate::mapping::Call;
use crate::scim::list::ListResponse;
use crate::upstream::Answer;
use crate::upstream::paging::{Paging, Position};

/// Lists resources.
///
/// # Errors
/// 400 `invalidFilter` or `tooMany`, 501 without a list call, or whatever the upstream answers.
pub(crate) async fn list(work: &Work<'_>, query: &ListQuery) -> Result<Reply, Error> {
    match &query.filter {
        Some(filter) => search::search(work, query, filter).await,
        None => window(work, query).await,
    }
}

/// A ListResponse of what was collected.
pub(crate) fn frame(collected: &Collector<'_>, total: usize, start_index: usize) -> Reply {
    let mut body = Vec::with_capacity(collected.out.len() + 192);
    ListResponse { total_results: total, start_index, items_per_page: collected.written }.open(&mut body);
    body.extend_from_slice(&collected.out);
    ListResponse::close(&mut body);
    Reply { status: 200, location: None, body: Bytes::from(body) }
}

async fn window(work: &Work<'_>, query: &ListQuery) -> Result<Reply, Error> {
    let usable = |call: &&Call| call.filters.iter().all(|hole| hole.optional);
    let call = work.kind.mapping.list.iter().find(usable).ok_or_else(|| work.kind.unsupported("list"))?;
    match (Paging::of(call), &work.kind.mapping.hide) {
        (Paging::Page, None) => numbered(work, query, call).await,
        (Paging::Offset, None) => from_offset(work, query, call).await,
        (Paging::Once | Paging::Cursor | Paging::NextUrl, _) | (Paging::Page | Paging::Offset, Some(_)) => {
            walk(work, query, call).await
        }
    }
}

/// Numbered pages: one call where the window is a page, else the pages that the window touches, sliced.
async fn numbered(work: &Work<'_>, query: &ListQuery, call: &Call) -> Result<Reply, Error> {
    let (before, count) = ((query.start_index - 1) as u64, query.count as u64);
    let is_page = call.reads.count && count > 0 && before % count == 0 && count <= call.page_size;
    let size = if is_page { count } else { call.page_size };
    let number = before / size;
    let position = Position { page: call.page_first + number, offset: number * size, count: size, cursor: None };
    read_window(work, query, Pages::at(call, position), before % size).await
}

/// Offsets: exactly the window, in as many calls as the upstream's page size needs.
async fn from_offset(work: &Work<'_>, query: &ListQuery, call: &Call) -> Result<Reply, Error> {
    let before = (query.start_index - 1) as u64;
    let size = if call.reads.count { (query.count as u64).clamp(1, call.page_size) } else { call.page_size };
    let position = Position { page: call.page_first, offset: before, count: size, cursor: None };
    read_window(work, query, Pages::at(call, position), 0).await
}

/// Reads pages until the window is full or the list ends; `skip` records of the first page lie before the window.
async fn read_window(work: &Work<'_>, query: &ListQuery, mut pages: Pages<'_>, skip: u64) -> Result<Reply, Error> {
    let call = pages.call();
    let mut collected = Collector::new(work.kind, &query.projection, (0, query.count));
    let mut skip = usize::try_from(skip).unwrap_or(usize::MAX);
    let scope = work.scope();
    while let Some(answer) = pages.read(work, &scope).await? {
        let items = answer.items(call)?;
        pages.advance(work, &answer, &items)?;
        let inside = &items[skip.min(items.len())..];
        let inside = &inside[..inside.len().min(query.count - collected.written)];
        skip = skip.saturating_sub(items.len());
        if work.needs_each(call, &query.projection, None) {
            for found in work.each_item(call, inside, &query.projection).await? {
                found.record().into_iter().for_each(|record| collected.take(record));
            }
        } else {
            inside.iter().for_each(|item| collected.take((*item).into()));
        }
        if collected.is_full() && (query.count > 0 || pages.total.is_some()) {
            break;
        }
    }
    let total = match pages.total {
        Some(total) => usize::try_from(total).unwrap_or(usize::MAX),
        None if pages.ended => usize::try_from(pages.read_to).unwrap_or(usize::MAX),
        None => query.start_index + collected.written,
    };
    Ok(frame(&collected, total, query.start_index))
}

/// Lists that can only be walked from their beginning: the place reached is remembered, so that a client paging forward
/// costs one call per page.
async fn walk(work: &Work<'_>, query: &ListQuery, call: &Call) -> Result<Reply, Error> {
    let places = &work.bridge.state.places;
    let start = places.nearest(work.kind.index, query.start_index);
    let (mut index, mut pages) = match start {
        Some((index, Place::Position(position))) => (index, Pages::at(call, position)),
        Some((index, Place::Answer(answer))) => {
            let mut collected = Collector::new(work.kind, &query.projection, (query.start_index - index, query.count));
            take_all(work, query, (call, &answer), &mut collected).await?;
            return Ok(frame(&collected, collected.matched, query.start_index));
        }
        None => (1, Pages::new(call)),
    };
    let mut collected = Collector::new(work.kind, &query.projection, (query.start_index - index, query.count));
    let begin = index;
    let scope = work.scope();
    while !collected.is_full() || query.count == 0 {
        let here = pages.position.clone();
        let Some(answer) = pages.read(work, &scope).await? else { break };
        let items = answer.items(call)?;
        pages.advance(work, &answer, &items)?;
        take_all(work, query, (call, &answer), &mut collected).await?;
        let past = begin + collected.matched;
        if Paging::of(call) == Paging::Once {
            places.remember((work.kind.index, 1), Place::Answer(std::sync::Arc::new(answer)));
        } else if past > query.start_index + query.count {
            places.remember((work.kind.index, index), Place::Position(here));
        } else if !pages.ended {
            places.remember((work.kind.index, past), Place::Position(pages.position.clone()));
        }
        index = past;
    }
    let seen = begin - 1 + collected.matched;
    let total = match pages.total.filter(|_| work.kind.mapping.hide.is_none()) {
        Some(total) => usize::try_from(total).unwrap_or(usize::MAX),
        None if pages.ended => seen,
        None => seen.max(query.start_index - 1 + collected.written) + 1,
    };
    Ok(frame(&collected, total, query.start_index))
}

async fn take_all(
    work: &Work<'_>,
    query: &ListQuery,
    (call, answer): (&Call, &Answer),
    collected: &mut Collector<'_>,
) -> Result<(), Error> {
    let items = answer.items(call)?;
    if work.needs_each(call, &query.projection, None) {
        for found in work.each_item(call, &items, &query.projection).await? {
            found.record().into_iter().for_each(|record| collected.take(record));
        }
    } else {
        items.iter().for_each(|item| collected.take((*item).into()));
    }
    Ok(())
}
