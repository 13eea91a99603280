//! The compiled call: a request template, where the answer is, when it runs and what it carries.

use std::time::Duration;

use serde_json::Value;
use url::{Host, Url};

use crate::mapping::condition::Condition;
use crate::mapping::document::{Format, SignedPart};
use crate::mapping::hole::{BodyTemplate, Hole, Template};
use crate::mapping::path::Path;
use crate::mapping::scope::SortWords;
use crate::mapping::slot::SlottedPath;
use crate::mapping::source::Span;
use crate::mapping::xml::XmlReading;
use crate::scim::{AttributePath, ErrorType, ResourceSchema, Sort};

/// One upstream request template. Everything that load can do is done.
#[expect(clippy::struct_excessive_bools, reason = "each says one thing of its own, as a key of the format does")]
#[derive(Clone, Debug)]
pub struct Call {
    /// `GET /users/{id}`: for logs and metrics; never holds a value.
    pub label: String,
    /// The HTTP method.
    pub method: http::Method,
    /// Scheme, host and port of a login that is not below the base URL.
    pub origin: Option<Url>,
    /// The path below the base URL: literal text already percent-encoded, holes encoded per segment when filled.
    pub path: Template,
    /// Query parameters, the call's and then the upstream's, in order.
    pub query: Vec<(String, Template)>,
    /// The call's own headers; they replace the upstream's of the same name.
    pub headers: Vec<(http::HeaderName, Template)>,
    /// The body, if any.
    pub body: Option<BodyTemplate>,
    /// How the body is encoded.
    pub format: Format,
    /// How a form writes lists and booleans.
    pub form: FormStyle,
    /// What the call is there for; decides what a 404 or a 409 means.
    pub purpose: Purpose,
    /// What `{record}` is.
    pub send: Send,
    /// Paths removed from `{record}`.
    pub drop: Vec<Path>,
    /// Fields put into `{record}` where it has none: a table.
    pub add: Option<BodyTemplate>,
    /// The record in the answer.
    pub item: Path,
    /// The list in the answer.
    pub items: Option<Path>,
    /// Where an assembled part goes in the record (`get` only).
    pub into: Option<Path>,
    /// The number of all records.
    pub total: Option<Source>,
    /// A call that gives the number of all records, where the list itself does not.
    pub counted: Option<Box<Counted>>,
    /// The way to the next page.
    pub next: Option<Source>,
    /// The orders that it can ask for.
    pub sorts: Vec<SortRow>,
    /// The number of the first page.
    pub page_first: u64,
    /// Records a page.
    pub page_size: u64,
    /// `false`: items are stubs.
    pub complete: bool,
    /// Indexes of the type's rules that this call carries (create, update); sorted.
    pub carries: Vec<usize>,
    /// Whether the call has `for`.
    pub specific: bool,
    /// May go out without reading the resource first, and for which changes.
    pub blind: Option<Blind>,
    /// Runs once per added or removed element of the list rule in `for`, or once per changed rule.
    pub each: Option<Each>,
    /// With `each`: one run for so many elements.
    pub batch: Option<Batch>,
    /// Calls that run before each run and only capture.
    pub before: Vec<Call>,
    /// Skipped when false.
    pub when: Option<Condition>,
    /// Values kept for later calls, and `id`.
    pub capture: Vec<(String, Source)>,
    /// Compensation if a later call of the operation fails.
    pub undo: Option<Box<Call>>,
    /// May be repeated after an unknown outcome.
    pub idempotent: bool,
    /// How its answer is read where it is XML; `None` where it must not be.
    pub xml: Option<XmlReading>,
    /// Goes out with the ETag that the read gave (update, delete).
    pub etag: bool,
    /// The call's own rows, then the upstream's.
    pub errors: Vec<ErrorRow>,
    /// Attributes that filter holes name, with their operator; all must have a value for the call to be usable.
    pub filters: Vec<FilterHole>,
    /// The paths of `item`, `items` and sources that have holes, by their `slot`.
    pub slots: Vec<SlottedPath>,
    /// Which parts of the scope its holes and conditions read.
    pub reads: Reads,
    /// The place in the mapping file.
    pub span: Span,
}

impl Call {
    /// Whether it can list everything: it needs no filter and no order.
    pub fn is_plain(&self) -> bool {
        !self.reads.sort && self.filters.iter().all(|hole| hole.optional)
    }

    /// The upstream's words for an order, where it has some for this attribute and this direction.
    pub fn sort_words(&self, sort: &Sort, schema: &ResourceSchema) -> Option<&SortWords> {
        let filters_allow = self.filters.iter().all(|hole| hole.optional);
        let row = self.sorts.iter().find(|row| filters_allow && sort.is_by(&row.by, schema))?;
        if sort.descending { row.descending.as_ref() } else { row.ascending.as_ref() }
    }

    /// All holes of what the call sends, those of `add` included.
    pub fn sent_holes(&self) -> impl Iterator<Item = &Hole> {
        let address = self.path.holes().chain(self.query.iter().flat_map(|(_, template)| template.holes()));
        let headers = self.headers.iter().flat_map(|(_, template)| template.holes());
        let body = self.body.iter().chain(&self.add).flat_map(BodyTemplate::holes);
        address.chain(headers).chain(body)
    }
}

/// An attribute that the upstream can sort by.
#[derive(Clone, Debug)]
pub struct SortRow {
    /// The attribute.
    pub by: AttributePath,
    /// From the first to the last.
    pub ascending: Option<SortWords>,
    /// From the last to the first.
    pub descending: Option<SortWords>,
}

/// A call of its own that counts records.
#[derive(Clone, Debug)]
pub struct Counted {
    /// The call.
    pub call: Call,
    /// Where the number stands in its answer.
    pub at: Source,
}

/// How a form writes what it has no words for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormStyle {
    /// Lists.
    pub arrays: FormArrays,
    /// The words for true and false, where they are others.
    pub bools: Option<(String, String)>,
}

/// How a form writes a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FormArrays {
    /// `a=1&a=2`
    #[default]
    Repeat,
    /// `a[]=1&a[]=2`
    Brackets,
    /// `a[0]=1&a[1]=2`
    Indexed,
}

/// `{filter.userName}`, `{filter.name.familyName.sw?}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterHole {
    /// The attribute path's canonical text as in the hole: `userName`, `emails.value`.
    pub attribute: String,
    /// `eq` by default.
    pub operator: crate::scim::filter::Operator,
    /// Whether the list call can do without.
    pub optional: bool,
}

/// Which parts of the scope a call reads; decides what must be there before it is sent.
#[expect(clippy::struct_excessive_bools, reason = "a set of names, each there or not")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// `scim`
    pub scim: bool,
    /// `old`
    pub old: bool,
    /// `record`
    pub record: bool,
    /// Something in `record`, not only all that is sent of it.
    pub fields: bool,
    /// `{page}`
    pub page: bool,
    /// `{offset}` or `{last}`
    pub offset: bool,
    /// `{count}`
    pub count: bool,
    /// `{cursor}`
    pub cursor: bool,
    /// `{sort}` or `{sort.order}`, without which it cannot be sent
    pub sort: bool,
    /// `now`, `uuid` or `random.N`: values drawn once per operation
    pub drawn: bool,
    /// `op.id`
    pub operation_id: bool,
    /// `session`
    pub session: bool,
}

/// What a call is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Reads a page of records.
    List,
    /// Reads one record.
    Get,
    /// Reads a part of one record (`into`).
    Part,
    /// Makes a record.
    Create,
    /// Changes a record.
    Update,
    /// Adds one element (`each = "added"`).
    Add,
    /// Removes one element (`each = "removed"`).
    Remove,
    /// Changes one field (`each = "changed"`).
    Change,
    /// Looks something up for one element (`before`).
    Before,
    /// Deletes a record.
    Delete,
    /// Compensates.
    Undo,
    /// Opens a session.
    Login,
}

impl Purpose {
    /// Whether such a call only reads, or is the login that reading needs. Nothing else leaves the process where nothing may be
    /// changed.
    pub fn only_reads(self) -> bool {
        match self {
            // A look-up may be a POST whose nature nobody has said: it is not sent.
            Self::List | Self::Get | Self::Part | Self::Login => true,
            Self::Create
            | Self::Update
            | Self::Add
            | Self::Remove
            | Self::Change
            | Self::Before
            | Self::Delete
            | Self::Undo => false,
        }
    }
}

/// `each`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Each {
    /// Once per added element.
    Added,
    /// Once per removed element.
    Removed,
    /// Once per changed rule.
    Changed,
}

/// The changes for which a call may go out without reading the resource first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blind {
    /// Indexes of the rules that it may set without knowing the record; sorted.
    pub rules: Vec<usize>,
    /// Indexes of the rules that its holes and its condition look at: the change must set them.
    pub needs: Vec<usize>,
}

/// `batch` and `join`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Elements of one run at most.
    pub size: usize,
    /// What stands between the elements' texts; without it `{item.x}` is a list.
    pub join: Option<String>,
}

/// `send`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Send {
    /// `constants` and all mapped writable fields with a value.
    Mapped,
    /// The record as read, with the carried changes.
    Whole,
    /// Each changed top-level field, whole.
    Changed,
}

/// Where a value stands in an answer.
#[derive(Clone, Debug)]
pub enum Source {
    /// In the body.
    Body(Path),
    /// In a header, whole or a part of it.
    Header(http::HeaderName, Option<HeaderPattern>),
    /// `next = "link"`: the `rel="next"` target of RFC 8288.
    Link,
}

/// A pattern over a header's value: `{}` is taken, `{_}` is any text.
#[derive(Clone, Debug)]
pub struct HeaderPattern {
    /// As written.
    pub text: String,
    /// The compiled pattern; capture group 1 is the part taken.
    pub expression: regex::Regex,
}

impl HeaderPattern {
    /// A value from which the pattern takes `part`.
    pub fn holding(&self, part: &str) -> String {
        self.text.replace("{_}", "").replace("{}", part)
    }
}

/// A compiled row of `errors`.
#[derive(Clone, Debug)]
pub struct ErrorRow {
    /// Tried on every answer.
    pub when: Condition,
    /// What the answer then means.
    pub then: Then,
    /// The client's text.
    pub detail: Option<Template>,
}

/// What a matching row means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// A SCIM error type, with the status that RFC 7644 gives it.
    Type(ErrorType),
    /// The record does not exist.
    NotFound,
    /// This status.
    Status(u16),
    /// Success.
    Ok,
    /// The list ends here.
    Empty,
    /// Try again later.
    Retry,
    /// The session is over: log in and try once more.
    Login,
}

/// `[upstream]`, compiled.
#[derive(Clone, Debug)]
pub struct UpstreamSettings {
    /// The base URL; holes of `tenant` may stand in its path.
    pub url: Template,
    /// Headers of every call.
    pub headers: Vec<(http::HeaderName, Template)>,
    /// HTTP basic: user, password.
    pub basic: Option<(Template, Template)>,
    /// Plain http off loopback is allowed.
    pub insecure: bool,
    /// What the API uses for "no value".
    pub unset: Value,
    /// The limits.
    pub limits: Limits,
    /// The login, if there is one.
    pub session: Option<SessionSettings>,
    /// Changes go out on the condition that nobody changed the record since it was read.
    pub etag: bool,
    /// What signs every request.
    pub sign: Option<Signing>,
    /// The header that says how long to wait, when it is not `Retry-After`.
    pub retry_after: Option<RetryAfter>,
    /// The certificates of its connections.
    pub tls: TlsSettings,
    /// The proxy that its connections go through.
    pub proxy: Option<Fixed>,
}

/// `tls`, compiled. Each is PEM once filled, or the path of a file that holds it.
#[derive(Clone, Debug, Default)]
pub struct TlsSettings {
    /// The only certificate authorities that are trusted, instead of the public ones.
    pub ca: Option<Fixed>,
    /// The client certificate with its intermediates, and its key.
    pub identity: Option<(Fixed, Fixed)>,
}

/// A text that is filled once, at the start.
#[derive(Clone, Debug)]
pub struct Fixed {
    /// The text, whose holes are of the tenant and the secrets, and all needed.
    pub template: Template,
    /// Where it stands.
    pub span: Span,
}

/// `[upstream.sign]`, compiled.
#[derive(Clone, Debug)]
pub struct Signing {
    /// The header that carries the signature.
    pub header: http::HeaderName,
    /// The key.
    pub key: Template,
    /// The hash of the HMAC.
    pub hash: Hash,
    /// What is signed.
    pub over: Vec<SignedText>,
    /// Base64, else hexadecimal digits.
    pub base64: bool,
    /// What the header holds.
    pub text: Vec<SignedText>,
}

impl Signing {
    /// Its templates.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        let pieces = self.over.iter().chain(&self.text);
        pieces.filter_map(SignedText::template).chain([&self.key])
    }

    /// Its holes.
    pub fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.templates().flat_map(Template::holes)
    }
}

/// A piece of what is signed, or of what carries the signature.
#[derive(Clone, Debug)]
pub enum SignedText {
    /// A template.
    Template(Template),
    /// Something of the request.
    Request(SignedPart),
}

impl SignedText {
    fn template(&self) -> Option<&Template> {
        match self {
            Self::Template(template) => Some(template),
            Self::Request(_) => None,
        }
    }
}

/// The hash of an HMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-1, for APIs that know no other.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

/// The header that says how long to wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryAfter {
    /// Its name.
    pub header: http::HeaderName,
    /// What it holds.
    pub unit: WaitUnit,
}

/// What a header that says how long to wait holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitUnit {
    /// Seconds to wait.
    Seconds,
    /// Milliseconds to wait.
    Milliseconds,
    /// The time to wait for, in seconds since 1970.
    Epoch,
    /// The time to wait for, as an HTTP date.
    Date,
}

/// `[upstream.session]`, compiled.
#[derive(Clone, Debug)]
pub struct SessionSettings {
    /// The login, without what it would share with all calls.
    pub call: Call,
    /// How long a session lasts; a captured `ttl` goes before.
    pub ttl: Option<Duration>,
    /// The upstream's parameters that hold no `{session.x}`: for a login at the upstream's own origin.
    pub query: Vec<(String, Template)>,
    /// The upstream's rows, for the same.
    pub errors: Vec<ErrorRow>,
}

impl UpstreamSettings {
    /// Whether what every call sends reads `now`, `uuid` or `random.N`.
    pub fn draws(&self) -> bool {
        let headers = self.headers.iter().flat_map(|(_, template)| template.holes());
        let signed = self.sign.iter().flat_map(Signing::holes);
        headers.chain(signed).any(|hole| hole.name.is_drawn())
            || self.session.as_ref().is_some_and(|session| session.call.reads.drawn)
    }
}

/// `[upstream.limits]` with defaults filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Calls per period.
    pub rate: Option<(u32, Duration)>,
    /// Calls in flight, 64.
    pub concurrent: usize,
    /// For one call, 10 s.
    pub timeout: Duration,
    /// For one SCIM request, 45 s.
    pub deadline: Duration,
    /// Further tries, 3.
    pub retries: usize,
    /// Shortest and longest wait, 200 ms and 5 s.
    pub backoff: (Duration, Duration),
    /// Records read to answer one filter here, 1,000.
    pub scan: usize,
    /// Bytes of one answer, 16 MiB.
    pub max_body: usize,
    /// Waits before a create's outcome is looked up again: 1 s, 3 s.
    pub settle: Vec<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rate: None,
            concurrent: 64,
            timeout: Duration::from_secs(10),
            deadline: Duration::from_secs(45),
            retries: 3,
            backoff: (Duration::from_millis(200), Duration::from_secs(5)),
            scan: 1000,
            max_body: 16 << 20,
            settle: vec![Duration::from_secs(1), Duration::from_secs(3)],
        }
    }
}

/// What is wrong with a base URL, and what to type instead; `None` when it is fine.
pub fn url_fault(url: &Url, insecure: bool) -> Option<(&'static str, &'static str)> {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        Some(("a URL begins with `https://` and a host", "write a whole URL: `https://api.example.com/v1`"))
    } else if url.scheme() == "http" && !loopback && !insecure {
        Some(("plain http is allowed on loopback only", "use `https://`, or set `insecure = true`"))
    } else if url.query().is_some() || url.fragment().is_some() {
        Some(("the base URL must not have a query or a fragment", "move parameters to `query`"))
    } else if !url.username().is_empty() || url.password().is_some() {
        Some(("the base URL must not hold credentials", "use `basic`"))
    } else {
        None
    }
}
