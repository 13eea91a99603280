//! The one document that holes and conditions see.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::mapping::found::Found;
use crate::scim::Resource;

/// A first name in the scope table of the reference.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Name {
    /// `id`
    Id,
    /// `scim`
    Scim,
    /// `record`
    Record,
    /// `old`
    Old,
    /// `kept`
    Kept,
    /// `item`
    Item,
    /// `filter.<attribute>` with its operator
    Filter(String, crate::scim::filter::Operator),
    /// `page`
    Page,
    /// `offset`
    Offset,
    /// `count`
    Count,
    /// `last`
    Last,
    /// `cursor`
    Cursor,
    /// `sort`, or `sort.order` when true
    Sort(bool),
    /// `got.<name>`
    Got(String),
    /// `secret.<name>`
    Secret(String),
    /// `session.<name>`
    Session(String),
    /// `status`
    Status,
    /// `headers['<name>']`
    Header(String),
    /// `body`
    Body,
    /// `tenant.<name>`
    Tenant(String),
    /// `op.id`
    OperationId,
    /// `now` (RFC 3339), or `now.epoch_s` when true
    Now(bool),
    /// `uuid`
    Uuid,
    /// `random.N`
    Random(usize),
}

/// What an operation knows when a hole is filled or a condition asked. Absent parts are `None`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scope<'a> {
    /// This resource's id in the upstream's type.
    pub id: Option<&'a Value>,
    /// The resource as it shall be.
    pub scim: Option<&'a Resource>,
    /// What `{record}` sends: obeys `send`, `drop` and what the call carries.
    pub sent: Option<&'a Value>,
    /// The same as JSON text, where no value was made of it.
    pub text: Option<&'a str>,
    /// What `{record.x}` and `$.record.x` see: all of the record as it shall be (in `hide`: as read).
    pub record: Option<&'a Value>,
    /// The record as it is now.
    pub old: Option<&'a Value>,
    /// What the bridge keeps of the resource, as it shall be (in `hide`: as it is), under SCIM names.
    pub kept: Option<&'a Resource>,
    /// One element in the upstream's form; of a batch, each field as the list of the elements' values, or as joined text.
    pub item: Option<&'a Value>,
    /// What `{item}` itself is where it is not `item`: the elements of a batch.
    pub batch: Option<&'a Value>,
    /// Pushed-down filter terms: (attribute, operator, value in the upstream's form).
    pub filter: &'a [(String, crate::scim::filter::Operator, Value)],
    /// The page number.
    pub page: Option<u64>,
    /// Records before this window.
    pub offset: Option<u64>,
    /// Records asked for.
    pub count: Option<u64>,
    /// The upstream's cursor.
    pub cursor: Option<&'a Value>,
    /// The ETag of the record as it was read.
    pub etag: Option<&'a http::HeaderValue>,
    /// The order asked of the upstream.
    pub sort: Option<&'a SortWords>,
    /// Values captured earlier in this operation.
    pub got: Option<&'a BTreeMap<String, Value>>,
    /// The answer just received: status, headers, body.
    pub answer: Option<AnswerScope<'a>>,
    /// Values drawn once per operation: `now`, `uuid`, `random.N`.
    pub drawn: Option<&'a Drawn>,
    /// The operation's idempotency key, the same when it is repeated: `op.id`.
    pub operation_id: Option<&'a str>,
    /// What the login captured; the upstream brings it.
    pub session: Option<&'a SessionValues>,
    /// Secrets and tenant variables; the upstream brings them.
    pub surroundings: Option<&'a Surroundings>,
}

/// An order in the upstream's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortWords {
    /// `{sort}`
    pub word: String,
    /// `{sort.order}`
    pub order: String,
    /// Both, for whoever tells orders apart.
    pub name: String,
}

/// What a login captured. Nothing of it is ever shown.
#[derive(Clone, Default)]
pub struct SessionValues(pub BTreeMap<String, Value>);

impl std::fmt::Debug for SessionValues {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<session>")
    }
}

/// The answer part of a [`Scope`].
#[derive(Clone, Copy, Debug)]
pub struct AnswerScope<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: &'a http::HeaderMap,
    /// The body as a value: parsed JSON, or the text of a plain-text answer. `None` when there is none or it does not parse.
    pub body: Option<&'a Value>,
}

/// Values drawn once per operation, so that a repeat of a call within it sends the same.
#[derive(Clone, Debug, Default)]
pub struct Drawn {
    /// RFC 3339, UTC.
    pub now: String,
    /// Seconds since 1970.
    pub now_epoch_s: i64,
    /// A random version-4 UUID.
    pub uuid: String,
    /// Random letters and digits for `random.N`.
    pub random: Letters,
}

/// The longest `{random.N}`.
pub const MOST_RANDOM: usize = 128;

/// The time in transcripts: 2026-01-01T00:00:00Z.
const TRANSCRIPT_EPOCH_S: i64 = 1_767_225_600;
/// `op.id` in transcripts.
pub const TRANSCRIPT_OPERATION_ID: &str = "op:id";

impl Drawn {
    /// What is known beforehand of the values of operation `number`, counted from 1, in a transcript.
    pub fn in_transcript(number: u64) -> Self {
        Self {
            now: "2026-01-01T00:00:00Z".to_owned(),
            now_epoch_s: TRANSCRIPT_EPOCH_S,
            uuid: format!("00000000-0000-4000-8000-{number:012}"),
            random: Letters::Known((0..=MOST_RANDOM).map(|length| format!("random:{length}")).collect()),
        }
    }
}

/// What `random.N` takes its letters from.
#[derive(Clone, Debug)]
pub enum Letters {
    /// As many as the longest one asks; `N` takes the first `N`.
    Drawn(String),
    /// For each `N`, from 0 on, a text that is known beforehand.
    Known(Vec<String>),
}

impl Default for Letters {
    fn default() -> Self {
        Self::Drawn(String::new())
    }
}

impl Letters {
    /// The text of `random.N`.
    fn first(&self, length: usize) -> Option<&str> {
        match self {
            Self::Drawn(letters) => letters.get(..length),
            Self::Known(texts) => texts.get(length).map(String::as_str),
        }
    }
}

/// What the process brings to a mapping: secrets and the tenant.
#[derive(Debug, Default)]
pub struct Surroundings {
    /// The tenant's name: `{tenant.name}`.
    pub tenant: String,
    /// `{tenant.x}`.
    pub variables: BTreeMap<String, String>,
    /// `{secret.x}`.
    pub secrets: BTreeMap<String, crate::secret::Secret>,
}

impl<'a> Scope<'a> {
    /// The node that a name stands for; `None` where the operation does not have it.
    pub fn find(&self, name: &Name) -> Option<Found<'a>> {
        let value = |part: Option<&'a Value>| part.map(Found::Value);
        let number = |part: Option<u64>| part.and_then(|number| i64::try_from(number).ok()).map(Found::Number);
        match name {
            Name::Id => value(self.id),
            Name::Scim => self.scim.map(Found::Table),
            Name::Record => value(self.record),
            Name::Old => value(self.old),
            Name::Kept => self.kept.map(Found::Table),
            Name::Item => value(self.item),
            Name::Filter(attribute, operator) => {
                let term =
                    |(name, other, _): &&(String, _, Value)| other == operator && name.eq_ignore_ascii_case(attribute);
                self.filter.iter().find(term).map(|(_, _, value)| Found::Value(value))
            }
            Name::Page => number(self.page),
            Name::Offset => number(self.offset),
            Name::Count => number(self.count),
            Name::Last => number((self.offset?.checked_add(self.count?)?).checked_sub(1)),
            Name::Cursor => self.cursor.map(Found::Value),
            Name::Sort(false) => self.sort.map(|sort| Found::Text(&sort.word)),
            Name::Sort(true) => self.sort.map(|sort| Found::Text(&sort.order)),
            Name::Got(name) => value(self.got?.get(name)),
            Name::Secret(name) => self.surroundings?.secrets.get(name).map(|secret| Found::Text(secret.reveal())),
            Name::Session(name) => value(self.session?.0.get(name)),
            Name::Status => self.answer.map(|answer| Found::Number(answer.status.into())),
            Name::Header(name) => self.answer?.headers.get(name)?.to_str().ok().map(Found::Text),
            Name::Body => value(self.answer?.body),
            Name::Tenant(name) => self.surroundings?.tenant_value(name).map(Found::Text),
            Name::OperationId => self.operation_id.map(Found::Text),
            Name::Now(false) => drawn(&self.drawn?.now),
            Name::Now(true) => Some(Found::Number(self.drawn?.now_epoch_s)),
            Name::Uuid => drawn(&self.drawn?.uuid),
            Name::Random(length) => self.drawn?.random.first(*length).map(Found::Text),
        }
    }
}

/// A drawn text; one that was not drawn for this operation has no value.
fn drawn(text: &str) -> Option<Found<'_>> {
    (!text.is_empty()).then_some(Found::Text(text))
}

impl Surroundings {
    /// `{tenant.x}`: the tenant's name, or one of its variables.
    pub fn tenant_value(&self, name: &str) -> Option<&str> {
        if name == "name" { Some(&self.tenant) } else { self.variables.get(name).map(String::as_str) }
    }
}
