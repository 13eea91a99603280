//! One record by its id: the `get` calls, or the list where there is no `get`.

use std::sync::OnceLock;

use bytes::Bytes;
use http::HeaderValue;
use http::header::ETAG;
use serde_json::Value;

use crate::bridge::Error;
use crate::bridge::fresh::READS;
use crate::bridge::kind::Record;
use crate::bridge::pages::Pages;
use crate::bridge::work::Work;
use crate::mapping::Call;
use crate::mapping::call::Purpose;
use crate::mapping::scope::Scope;
use crate::scim::filter::Operator;
use crate::scim::{Filter, Projection, Resource};
use crate::upstream::Answer;

/// A record as read: its bytes where it came in one piece, its value when something asks for it.
#[derive(Debug)]
pub(crate) struct Found {
    raw: Option<Bytes>,
    value: OnceLock<Option<Value>>,
    beside: Option<Box<Resource>>,
    etag: Option<Box<HeaderValue>>,
    /// Whether it is all that a GET shows.
    pub(crate) whole: bool,
}

impl Found {
    /// A record that stands in an answer as these bytes.
    pub(crate) fn raw(bytes: Bytes) -> Self {
        Self { raw: Some(bytes), value: OnceLock::new(), beside: None, etag: None, whole: false }
    }

    /// A record that stands in an answer as these bytes, parsed already.
    pub(crate) fn both(bytes: Bytes, value: Value) -> Self {
        Self { raw: Some(bytes), value: OnceLock::from(Some(value)), beside: None, etag: None, whole: false }
    }

    /// A record that was put together.
    pub(crate) fn value(value: Value) -> Self {
        Self { raw: None, value: OnceLock::from(Some(value)), beside: None, etag: None, whole: false }
    }

    /// The same record, with what stands beside it.
    pub(crate) fn beside(self, beside: Resource) -> Self {
        Self { beside: Some(Box::new(beside)), ..self }
    }

    /// The same record; `whole` says whether it is all that a GET shows.
    pub(crate) fn with_whole(self, whole: bool) -> Self {
        Self { whole, ..self }
    }

    /// What stands beside it.
    pub(crate) fn kept(&self) -> Option<&Resource> {
        self.beside.as_deref()
    }

    /// The same record, with the ETag of the answer that it came in.
    fn tagged(self, answer: &Answer) -> Self {
        Self { etag: answer.headers.get(ETAG).cloned().map(Box::new), ..self }
    }

    /// The ETag of the answer that it came in, where the mapping asks for it.
    pub(crate) fn etag(&self) -> Option<&HeaderValue> {
        self.etag.as_deref()
    }

    /// The record as a value; `None` when its bytes are no JSON.
    pub(crate) fn get(&self) -> Option<&Value> {
        let parse = || self.raw.as_ref().and_then(|raw| serde_json::from_slice(raw).ok());
        self.value.get_or_init(parse).as_ref()
    }

    /// The record in the form at hand, bytes before value.
    pub(crate) fn record(&self) -> Option<Record<'_>> {
        match (&self.raw, &self.beside) {
            (_, Some(beside)) => self.get().map(|record| Record::Beside(record, beside)),
            (Some(raw), None) => std::str::from_utf8(raw).ok().map(Record::Raw),
            (None, None) => self.get().map(Record::Value),
        }
    }
}

/// Which of the `get` calls with `into` run.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Parts<'a> {
    /// All: a change is going to be planned on the record.
    All,
    /// Those that the calls of a delete look at, or that decide whether there may be one.
    Deleted,
    /// All, and no inverse list.
    Own,
    /// All but the one with this index among the `get` calls.
    But(usize),
    /// Those that bring something asked for.
    For(&'a Projection),
    /// Those that bring something asked for, or something that the filter looks at.
    Matching(&'a Projection, &'a Filter),
}

/// Which record a read shall give.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted<'a> {
    /// The one that shows this id; an answer with another one is none.
    Id(&'a str),
    /// Whatever the upstream finds by a key that shares the id's place: the filter decides.
    Key,
}

impl Wanted<'_> {
    fn accepts(self, id: &str) -> bool {
        match self {
            Self::Id(wanted) => wanted == id,
            Self::Key => true,
        }
    }
}

impl Work<'_> {
    /// The record with this id, in the upstream's type `key` and as the client wrote it; `None` when there is none, or it is hidden.
    ///
    /// # Errors
    /// Whatever the upstream answers, but for "not found".
    pub(crate) async fn fetch(&self, key: &Value, id: &str, parts: Parts<'_>) -> Result<Option<Found>, Error> {
        self.fetch_wanted(key, Wanted::Id(id), parts).await
    }

    /// [`fetch`](Self::fetch) for a record that may be another one than the id says.
    ///
    /// # Errors
    /// Whatever the upstream answers, but for "not found".
    pub(crate) async fn fetch_wanted(
        &self,
        key: &Value,
        wanted: Wanted<'_>,
        parts: Parts<'_>,
    ) -> Result<Option<Found>, Error> {
        let found = self.find(key, wanted).await?;
        self.complete(found, (key, wanted), parts).await
    }

    /// [`fetch`](Self::fetch) for a record that was read already and not found.
    ///
    /// # Errors
    /// As above.
    pub(crate) async fn fetch_again(&self, key: &Value, id: &str, parts: Parts<'_>) -> Result<Option<Found>, Error> {
        self.complete(None, (key, Wanted::Id(id)), parts).await
    }

    /// The record itself.
    async fn find(&self, key: &Value, wanted: Wanted<'_>) -> Result<Option<Found>, Error> {
        if self.kind.mapping.get.is_empty() {
            self.fetch_from_list(key, wanted).await
        } else {
            self.fetch_by_get(key, wanted).await
        }
    }

    /// A fresh record, once the upstream shows it.
    async fn find_late(&self, key: &Value, wanted: Wanted<'_>) -> Result<Option<Found>, Error> {
        for wait in READS {
            if wait >= self.left() {
                break;
            }
            tokio::time::sleep(wait).await;
            if let Some(found) = self.find(key, wanted).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// A record as it was found, with all that belongs to it.
    async fn complete(
        &self,
        found: Option<Found>,
        (key, wanted): (&Value, Wanted<'_>),
        parts: Parts<'_>,
    ) -> Result<Option<Found>, Error> {
        let found = match (found, wanted) {
            (None, Wanted::Id(id)) if self.is_fresh(id) => Box::pin(self.find_late(key, wanted)).await?,
            (found, Wanted::Id(_) | Wanted::Key) => found,
        };
        let Some(found) = found else { return Ok(None) };
        let found = if self.kind.keeps() { self.with_kept(found).await? } else { found };
        let found = self.assemble(found, key, parts).await?;
        let found = if self.kind.mapping.inverse.is_empty() { found } else { self.with_inverse(found, parts).await? };
        let found = found.with_whole(self.kind.is_whole_of(parts));
        Ok((self.sees_hidden || !self.is_hidden(&found)).then_some(found))
    }

    /// Whether a record does not exist for SCIM; one that is no JSON cannot be known to, where some are hidden.
    pub(crate) fn is_hidden(&self, found: &Found) -> bool {
        self.kind.mapping.policies.hide.is_some()
            && found.get().is_none_or(|record| self.kind.hides(record, found.kept()))
    }

    /// The alternatives in order, until one is not "not found".
    async fn fetch_by_get(&self, key: &Value, wanted: Wanted<'_>) -> Result<Option<Found>, Error> {
        for call in self.kind.mapping.get.iter().filter(|call| call.purpose == Purpose::Get) {
            let scope = Scope { id: Some(key), ..self.scope() };
            if call.when.as_ref().is_some_and(|when| !when.holds(&scope)) {
                continue;
            }
            if call.items.is_some() {
                if let Some(found) = self.find_in_pages(call, &scope, wanted).await? {
                    return Ok(Some(found));
                }
                continue;
            }
            match self.send(call, &scope).await {
                Ok(answer) => {
                    if let Some(found) = self.record_in(call, &answer, key, wanted)? {
                        return Ok(Some(found));
                    }
                }
                Err(failure) if failure.is_not_found() => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(None)
    }

    /// The record in the answer of a call that addressed it. An answer without the id gets the asked one; one with another id is none.
    pub(crate) fn item_of(&self, call: &Call, answer: &Answer, key: &Value, id: &str) -> Result<Option<Found>, Error> {
        self.record_in(call, answer, key, Wanted::Id(id))
    }

    fn record_in(&self, call: &Call, answer: &Answer, key: &Value, wanted: Wanted<'_>) -> Result<Option<Found>, Error> {
        let Some(item) = answer.item(call)? else { return Ok(None) };
        let view = &self.kind.mapping.view;
        let Ok(mut record) = serde_json::from_str::<Value>(&item) else {
            return Err(Error::answer(&call.label, "the answer is not JSON"));
        };
        let found = match view.id(&record) {
            Some(read) if wanted.accepts(&read) => Found::both(answer.bytes_of(&item), record),
            Some(_) => return Ok(None),
            None => {
                if !record.is_object() && !record.is_array() {
                    return Err(Error::answer(&call.label, "the record is neither an object nor a list"));
                }
                if let Some(path) = view.rules.get(view.id).and_then(|rule| rule.read_at.as_ref()) {
                    path.put(&mut record, key.clone());
                }
                Found::value(record)
            }
        };
        Ok(Some(self.tagged(found, answer)))
    }

    /// A record with the ETag of the answer that it came in, where the mapping asks for it.
    pub(crate) fn tagged(&self, found: Found, answer: &Answer) -> Found {
        if self.bridge.settings.etag { found.tagged(answer) } else { found }
    }

    /// No `get`: the list that takes the id as a filter, or else all pages within the bound.
    async fn fetch_from_list(&self, key: &Value, wanted: Wanted<'_>) -> Result<Option<Found>, Error> {
        let terms = [("id".to_owned(), Operator::Eq, key.clone())];
        let by_id = |call: &&Call| {
            !call.reads.sort
                && call.filters.iter().any(|hole| hole.attribute == "id" && hole.operator == Operator::Eq)
                && call.filters.iter().all(|hole| hole.optional || hole.attribute == "id")
        };
        let plain = |call: &&Call| call.is_plain();
        let list = &self.kind.mapping.list;
        if let Some(call) = list.iter().find(by_id) {
            return self.find_in_pages(call, &Scope { filter: &terms, ..self.scope() }, wanted).await;
        }
        match list.iter().find(plain) {
            Some(call) => self.find_in_pages(call, &self.scope(), wanted).await,
            None => Err(self.kind.unsupported("get")),
        }
    }

    /// Walks the pages of a call to the item with the wanted id.
    async fn find_in_pages(&self, call: &Call, scope: &Scope<'_>, wanted: Wanted<'_>) -> Result<Option<Found>, Error> {
        let mut pages = Pages::new(call);
        let mut read = 0;
        while let Some(answer) = pages.read(self, scope).await? {
            let items = answer.items(call)?;
            pages.advance(self, &answer, &items)?;
            for item in &items {
                if self.kind.id_of((*item).into()).is_some_and(|id| wanted.accepts(&id)) {
                    return Ok(Some(Found::raw(Bytes::copy_from_slice(item.as_bytes()))));
                }
            }
            read += items.len();
            if !pages.ended {
                self.bound(read + 1)?;
            }
        }
        Ok(None)
    }

    /// Adds what the `get` calls with `into` bring.
    async fn assemble(&self, found: Found, key: &Value, parts: Parts<'_>) -> Result<Found, Error> {
        let mut whole: Option<Value> = None;
        for part in &self.kind.parts {
            let wanted = match parts {
                Parts::All | Parts::Own => true,
                Parts::Deleted => part.is_seen_by_delete,
                Parts::But(call) => part.call != call,
                Parts::For(projection) => self.kind.wants(part, projection),
                Parts::Matching(projection, filter) => {
                    self.kind.wants(part, projection) || self.kind.is_searched(part, filter)
                }
            };
            let (true, Some(call)) = (wanted, self.kind.mapping.get.get(part.call)) else { continue };
            let mut record = match whole.take() {
                Some(record) => record,
                None => found.get().cloned().unwrap_or(Value::Null),
            };
            let brought = self.part(call, key, (&record, found.kept())).await?;
            if let (Some(into), Some(value)) = (&call.into, brought) {
                into.put(&mut record, value);
            }
            whole = Some(record);
        }
        Ok(match whole {
            Some(record) => Found { beside: found.beside, etag: found.etag, ..Found::value(record) },
            None => found,
        })
    }

    /// What one call with `into` brings: its item, or the items of all its pages as one list.
    async fn part(
        &self,
        call: &Call,
        key: &Value,
        (record, kept): (&Value, Option<&Resource>),
    ) -> Result<Option<Value>, Error> {
        let scope = Scope { id: Some(key), record: Some(record), kept, ..self.scope() };
        if call.when.as_ref().is_some_and(|when| !when.holds(&scope)) {
            return Ok(None);
        }
        if call.items.is_none() {
            let answer = self.send(call, &scope).await?;
            let item = answer.item(call)?;
            let item = item.map(|item| serde_json::from_str(&item)).transpose();
            return item.map_err(|_| Error::answer(&call.label, "the answer is not JSON"));
        }
        let mut list = Vec::new();
        let mut pages = Pages::new(call);
        while let Some(answer) = pages.read(self, &scope).await? {
            let items = answer.items(call)?;
            pages.advance(self, &answer, &items)?;
            for item in items {
                let item = serde_json::from_str(item);
                list.push(item.map_err(|_| Error::answer(&call.label, "an item is not JSON"))?);
            }
        }
        Ok(Some(Value::Array(list)))
    }

    /// Refuses to read more records than `limits.scan`.
    ///
    /// # Errors
    /// 400 `tooMany`; 400 `invalidFilter` where scans are switched off.
    pub(crate) fn bound(&self, read: usize) -> Result<(), Error> {
        let scan = self.bridge.settings.limits.scan;
        if scan == 0 {
            return Err(crate::scim::Error::invalid_filter("the application cannot search by this filter").into());
        }
        if read > scan {
            let detail =
                format!("the filter would read more than {scan} records; use one the application can search by");
            return Err(crate::scim::Error::too_many(detail).into());
        }
        Ok(())
    }
}
