//! Searches over all resource types (RFC 7644 §3.4.3): their lists one behind the other, in the order of the types.

use std::sync::Arc;

use crate::bridge::cursor::{At, Resume};
use crate::bridge::list::{self, Listed};
use crate::bridge::narrow::{Narrowed, narrowed};
use crate::bridge::operation::{ListQuery, Reply};
use crate::bridge::order::join;
use crate::bridge::work::Work;
use crate::bridge::{Bridge, Error, search};
use crate::scim::Sort;
use crate::scim::list::ListResponse;
use crate::telemetry::Trace;

/// What a search over all types is about.
struct Search<'a> {
    /// Each type that can be listed, with the client's query in its own names.
    types: Vec<(Work<'a>, ListQuery)>,
    /// The client's query.
    query: &'a ListQuery,
}

/// Lists the resources of all types.
///
/// # Errors
/// As for the list of one type; 501 where no type has one.
pub(crate) async fn search(bridge: &Bridge, trace: &Arc<Trace>, query: &ListQuery) -> Result<Reply, Error> {
    let search = Search::new(bridge, trace, query)?;
    match (&query.sort, &query.cursor) {
        (Some(sort), _) if query.count > 0 => search.sorted(bridge, sort).await,
        (_, Some(cursor)) => search.by_cursor(bridge, cursor).await,
        (_, None) => search.by_index().await,
    }
}

/// What the cursors of a search over all types belong to.
fn of(bridge: &Bridge) -> String {
    format!("{}/", bridge.tenant)
}

impl<'a> Search<'a> {
    fn new(bridge: &'a Bridge, trace: &Arc<Trace>, query: &'a ListQuery) -> Result<Self, Error> {
        let mut types: Vec<(Work<'a>, ListQuery)> = Vec::with_capacity(bridge.kinds.len());
        for kind in bridge.kinds.iter().filter(|kind| !kind.mapping.list.is_empty()) {
            let mut work = bridge.work(kind.index, Arc::clone(trace), &[])?;
            // One request, one deadline.
            if let Some((first, _)) = types.first() {
                work.budget = first.budget.clone();
            }
            let projection = query.projection.for_schema(&kind.mapping.view.schema);
            types.push((work, ListQuery { cursor: None, sort: None, projection, ..query.clone() }));
        }
        let unsupported = || Error::Unsupported { kind: "any resource type".to_owned(), operation: "list" };
        if types.is_empty() { Err(unsupported()) } else { Ok(Self { types, query }) }
    }

    /// The window at an index of all lists together. Those before it and behind it are counted.
    async fn by_index(&self) -> Result<Reply, Error> {
        let (mut page, mut all) = (Page::new(self.query.count), 0_usize);
        let before = list::before(self.query);
        for (work, query) in &self.types {
            let skip = before.saturating_sub(all);
            let query = ListQuery { count: page.room, ..query.clone() };
            let listed = list::look(work, &query, At::Index(if page.room == 0 { 0 } else { skip })).await?;
            // Whoever has leapt behind the end has not seen how far away it is.
            let leapt = !listed.is_exact && listed.written == 0 && skip > 0 && page.room > 0;
            all = all.saturating_add(if leapt { count(work, &query).await? } else { listed.total });
            page.take(listed);
        }
        Ok(page.listed(all).by_index(self.query.start_index))
    }

    /// The page that a cursor means. How many resources there are in all is counted for the first one.
    async fn by_cursor(&self, bridge: &Bridge, cursor: &str) -> Result<Reply, Error> {
        let cursors = &bridge.state.cursors;
        let of = of(bridge);
        let resume = cursors.open(cursor, (self.query, &of))?;
        let (mut kind, mut at, known) = match resume {
            None => (0, At::Index(0), None),
            Some(Resume { kind, at, total }) => (kind, at, Some(total)),
        };
        let (mut page, mut all, mut next) = (Page::new(self.query.count), Some(0_usize), None);
        while let Some((work, query)) = self.types.get(kind).filter(|_| next.is_none()) {
            let query = ListQuery { count: page.room, ..query.clone() };
            let listed = list::look(work, &query, at).await?;
            all = all.filter(|_| listed.is_exact).map(|all| all.saturating_add(listed.total));
            next = page.take(listed).map(|at| (kind, at));
            (kind, at) = (kind + 1, At::Index(0));
            if page.room == 0 && next.is_none() && kind < self.types.len() {
                next = Some((kind, At::Index(0)));
            }
        }
        let total = match known {
            Some(total) => total,
            None => self.counted(kind, all).await?,
        };
        let next = next.map(|(kind, at)| cursors.seal(&Resume { kind, at, total }, (self.query, &of))).transpose()?;
        Ok(list::frame(
            &page.out,
            ListResponse {
                total_results: total,
                start_index: None,
                items_per_page: page.written,
                next_cursor: next.as_deref(),
            },
        ))
    }

    /// The number of all resources, where those of the types before `kind` are `all`; `None` where nobody knows.
    async fn counted(&self, kind: usize, mut all: Option<usize>) -> Result<Option<usize>, Error> {
        for (work, query) in &self.types[kind.min(self.types.len())..] {
            let Some(before) = all else { return Ok(None) };
            let listed = list::look(work, &ListQuery { count: 0, ..query.clone() }, At::Index(0)).await?;
            all = listed.is_exact.then_some(before.saturating_add(listed.total));
        }
        Ok(all)
    }

    /// The window of all resources in the order asked for.
    async fn sorted(&self, bridge: &Bridge, sort: &Sort) -> Result<Reply, Error> {
        let cursors = &bridge.state.cursors;
        let of = of(bridge);
        let before = match &self.query.cursor {
            None => list::before(self.query),
            Some(cursor) => cursors.open(cursor, (self.query, &of))?.map_or(0, |resume| resume.at.before()),
        };
        let (mut rows, mut read) = (Vec::new(), 0);
        for (work, query) in &self.types {
            let schema = &work.kind.mapping.view.schema;
            sort.applies_to(schema)?;
            let filter = match query.filter.as_ref().map(|filter| narrowed(filter, schema)) {
                None | Some(Narrowed::Always) => None,
                Some(Narrowed::Never) => continue,
                Some(Narrowed::Filter(filter)) => Some(filter),
            };
            rows.extend(search::keyed(work, &query.projection, (filter.as_deref(), sort), &mut read).await?);
        }
        rows.sort_by(|(one, _), (other, _)| sort.compare(one, other));
        let total = rows.len();
        let (out, written) = join(rows.into_iter().skip(before).take(self.query.count).map(|(_, text)| text));
        let end = before.saturating_add(written);
        let next = (written > 0 && end < total).then_some(At::Index(end));
        let listed = Listed { out, written, total, is_exact: true, next };
        if self.query.cursor.is_none() {
            return Ok(listed.by_index(self.query.start_index));
        }
        let resume = listed.next.map(|at| Resume { kind: 0, at, total: None });
        let next = resume.map(|resume| cursors.seal(&resume, (self.query, &of))).transpose()?;
        Ok(list::frame(
            &listed.out,
            ListResponse {
                total_results: Some(total),
                start_index: None,
                items_per_page: written,
                next_cursor: next.as_deref(),
            },
        ))
    }
}

/// The number of all resources of a type, read to the end of its list where nobody tells it.
async fn count(work: &Work<'_>, query: &ListQuery) -> Result<usize, Error> {
    let listed = list::look(work, &ListQuery { count: 0, ..query.clone() }, At::Index(0)).await?;
    if listed.is_exact {
        return Ok(listed.total);
    }
    let detail = format!(
        "the application does not tell how many resources of the type {} it has, and there are too many to be counted: page by \
         `cursor`, or through one type at a time",
        work.kind.name()
    );
    Err(crate::scim::Error::too_many(detail).into())
}

/// A page filled from several lists.
struct Page {
    out: Vec<u8>,
    written: usize,
    /// Resources that still fit.
    room: usize,
}

impl Page {
    fn new(room: usize) -> Self {
        Self { out: Vec::new(), written: 0, room }
    }

    /// Takes what a list gave; gives where that list goes on.
    fn take(&mut self, listed: Listed) -> Option<At> {
        if listed.written > 0 && self.written > 0 {
            self.out.push(b',');
        }
        self.out.extend_from_slice(&listed.out);
        self.written += listed.written;
        self.room = self.room.saturating_sub(listed.written);
        listed.next
    }

    fn listed(self, total: usize) -> Listed {
        Listed { out: self.out, written: self.written, total, is_exact: true, next: None }
    }
}
