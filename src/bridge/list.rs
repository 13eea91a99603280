//! GET of a resource type: a window of a plain list, or the resources that a filter finds, in the order asked for.

use bytes::Bytes;

use crate::bridge::Error;
use crate::bridge::collect::Collector;
use crate::bridge::cursor::{At, Resume};
use crate::bridge::narrow::{Narrowed, narrowed};
use crate::bridge::operation::{ListQuery, Reply};
use crate::bridge::search::{self, Sought};
use crate::bridge::window;
use crate::bridge::work::Work;
use crate::scim::list::ListResponse;

/// No list is as long as this: windows that begin further on begin here.
const FARTHEST: usize = 1_000_000_000;

/// What a look at a list gave.
#[derive(Debug)]
pub(crate) struct Listed {
    /// The resources, separated by commas.
    pub(crate) out: Vec<u8>,
    /// How many they are.
    pub(crate) written: usize,
    /// How many there are in all, as far as is known.
    pub(crate) total: usize,
    /// Whether that is known for certain.
    pub(crate) is_exact: bool,
    /// Where the next window begins, if there is more.
    pub(crate) next: Option<At>,
}

impl Listed {
    /// A list without resources.
    pub(crate) fn empty() -> Self {
        Self { out: Vec::new(), written: 0, total: 0, is_exact: true, next: None }
    }

    /// What was collected of a search that began behind `before` resources: all that there is was seen.
    pub(crate) fn of(mut collected: Collector<'_>, before: usize) -> Self {
        collected.report();
        collected.arrange();
        let (out, written, total) = (collected.out, collected.written, collected.matched);
        let end = before.saturating_add(written);
        Self { out, written, total, is_exact: true, next: (written > 0 && end < total).then_some(At::Index(end)) }
    }

    /// The answer to a client that pages by index.
    pub(crate) fn by_index(&self, start_index: usize) -> Reply {
        let (total_results, items_per_page) = (Some(self.total), self.written);
        frame(
            &self.out,
            ListResponse { total_results, start_index: Some(start_index), items_per_page, next_cursor: None },
        )
    }
}

/// A `ListResponse` around resources.
pub(crate) fn frame(resources: &[u8], response: ListResponse<'_>) -> Reply {
    let mut body = Vec::with_capacity(resources.len() + 192 + response.next_cursor.map_or(0, str::len));
    response.open(&mut body);
    body.extend_from_slice(resources);
    ListResponse::close(&mut body);
    Reply { status: 200, location: None, version: None, body: Bytes::from(body) }
}

/// Lists resources.
///
/// # Errors
/// 400 `invalidFilter` or `tooMany`, 501 without a list call, or whatever the upstream answers.
pub(crate) async fn list(work: &Work<'_>, query: &ListQuery) -> Result<Reply, Error> {
    match &query.cursor {
        None => Ok(look(work, query, At::Index(before(query))).await?.by_index(query.start_index)),
        Some(cursor) => Box::pin(by_cursor(work, query, cursor)).await,
    }
}

/// The page that a cursor means, and the cursor of the next one.
async fn by_cursor(work: &Work<'_>, query: &ListQuery, cursor: &str) -> Result<Reply, Error> {
    let (cursors, kind) = (&work.bridge.state.cursors, work.kind.index);
    let of = format!("{}{}", work.bridge.tenant, work.kind.mapping.view.schema.endpoint);
    let at = cursors.open(cursor, (query, &of))?.map_or(At::Index(0), |resume| resume.at);
    let Listed { out, written, total, is_exact, next } = look(work, query, at).await?;
    let next = next.map(|at| cursors.seal(&Resume { kind, at, total: None }, (query, &of))).transpose()?;
    let total_results = is_exact.then_some(total);
    let next_cursor = next.as_deref();
    Ok(frame(&out, ListResponse { total_results, start_index: None, items_per_page: written, next_cursor }))
}

/// Resources before the window. What lies beyond every list is as good as what lies far beyond it; without a window there is
/// only the total, which is the same from everywhere.
pub(crate) fn before(query: &ListQuery) -> usize {
    if query.count == 0 { 0 } else { (query.start_index - 1).min(FARTHEST) }
}

/// The window of a list that begins at `at`.
///
/// # Errors
/// As for [`list`].
pub(crate) async fn look(work: &Work<'_>, query: &ListQuery, at: At) -> Result<Listed, Error> {
    let schema = &work.kind.mapping.view.schema;
    query.filter.as_ref().map_or(Ok(()), |filter| filter.suits(schema))?;
    let sort = match query.sort.as_deref() {
        Some(sort) if query.count > 0 && sort.applies_to(schema)? => Some(sort),
        Some(_) | None => None,
    };
    let filter = match query.filter.as_ref().map(|filter| narrowed(filter, schema)) {
        None | Some(Narrowed::Always) => None,
        Some(Narrowed::Never) => return Ok(Listed::empty()),
        Some(Narrowed::Filter(filter)) => Some(filter),
    };
    if filter.is_none() {
        let Some(sort) = sort else {
            let listed = window::window(work, query, at).await?;
            work.count(&listed);
            return Ok(listed);
        };
        if let Some((call, words)) = window::sorting(work, sort) {
            return Box::pin(window::ordered(work, query, (call, Some(words)), at)).await;
        }
    }
    let sought = Sought { filter: filter.as_deref(), sort };
    Box::pin(search::search(work, query, sought, at.before())).await
}

impl Work<'_> {
    /// Notes how many resources of the type there are, where a list tells.
    fn count(&self, listed: &Listed) {
        if !listed.is_exact {
            return;
        }
        if let Some(before) = self.bridge.state.remembered.census.count(self.kind.name(), listed.total) {
            tracing::warn!(
                tenant = self.bridge.tenant,
                scim.resource_type = self.kind.name(),
                before,
                now = listed.total,
                "less than half of the resources are left since they were listed last"
            );
        }
    }
}
