//! The mapping file as it was written: typed, with places, unresolved.

use std::time::Duration;

use serde_json::Value;

use crate::mapping::diagnostic::TextFault;
use crate::mapping::source::Span;

mod calls;
mod file;
mod rules;
mod sign;
mod templates;
mod tree;
mod types;
mod upstream;

#[cfg(test)]
mod tests;

/// A value and the place where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Spanned<T> {
    /// Where it stands in the file; for strings with their quotes.
    pub span: Span,
    /// The value.
    pub value: T,
}

/// A string and its place.
pub type Text = Spanned<String>;

/// A JSON-like tree (a `body`, `constants`, `add`): strings keep their places because they are templates.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// A string, that is a template.
    Text(Text),
    /// A number, boolean or null.
    Literal(Value),
    /// A list.
    List(Vec<Tree>),
    /// A table, in file order.
    Table(Vec<(Text, Tree)>),
}

/// The whole file.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// `[upstream]`.
    pub upstream: UpstreamDocument,
    /// `[User]`, `[Group]` and types of one's own, in file order.
    pub types: Vec<TypeDocument>,
}

/// `[upstream]`.
#[derive(Clone, Debug, Default)]
pub struct UpstreamDocument {
    /// The header's place, or the file's start where there is none.
    pub span: Span,
    /// `url`
    pub url: Option<Text>,
    /// `call`
    pub call: Option<Text>,
    /// `headers`
    pub headers: Vec<(Text, Text)>,
    /// `query`
    pub query: Vec<(Text, Text)>,
    /// `basic`: user, password
    pub basic: Option<(Text, Text)>,
    /// `page`
    pub page: PageDocument,
    /// `format`
    pub format: Option<Spanned<Format>>,
    /// `unset`
    pub unset: Option<Spanned<Value>>,
    /// `insecure`
    pub insecure: bool,
    /// `limits`
    pub limits: LimitsDocument,
    /// `errors`
    pub errors: Vec<ErrorRowDocument>,
    /// `session`
    pub session: Option<SessionDocument>,
    /// `form_arrays` and `form_bools`
    pub form: FormDocument,
    /// `xml_lists`
    pub xml_lists: Vec<Text>,
    /// `etag`
    pub etag: bool,
    /// `sign`
    pub sign: Option<SignDocument>,
    /// `retry_after`: `header` and `as`
    pub retry_after: Option<(Text, Option<Text>)>,
    /// `tls`
    pub tls: TlsDocument,
    /// `proxy`
    pub proxy: Option<Text>,
}

/// `tls`: each is PEM, or the path of a file that holds it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TlsDocument {
    /// `ca`
    pub ca: Option<Text>,
    /// `cert` and `key`
    pub identity: Option<(Text, Text)>,
}

/// `[upstream.session]`.
#[derive(Clone, Debug, Default)]
pub struct SessionDocument {
    /// The login.
    pub call: CallDocument,
    /// `ttl`
    pub ttl: Option<Duration>,
}

/// `page`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PageDocument {
    /// The number of the first page.
    pub first: Option<u64>,
    /// Records a page, 1 or more.
    pub size: Option<u64>,
}

/// How a body is encoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// `application/json`
    #[default]
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
    /// `multipart/form-data`
    Multipart,
    /// `application/xml`
    Xml,
}

/// `[upstream.limits]`; absent keys take their defaults when compiled.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LimitsDocument {
    /// Calls per period: `"10/s"` is `(10, 1 s)`, `"300/min"` is `(300, 60 s)`.
    pub rate: Option<(u32, Duration)>,
    /// Calls in flight.
    pub concurrent: Option<u64>,
    /// For one call.
    pub timeout: Option<Duration>,
    /// For one SCIM request.
    pub deadline: Option<Duration>,
    /// Further tries after the first.
    pub retries: Option<u64>,
    /// Shortest and longest wait between tries.
    pub backoff: Option<(Duration, Duration)>,
    /// Records read to answer one filter here.
    pub scan: Option<u64>,
    /// Bytes of one answer.
    pub max_body: Option<u64>,
    /// Waits before a create's outcome is looked up again.
    pub settle: Option<Vec<Duration>>,
}

/// `sign`.
#[derive(Clone, Debug)]
pub struct SignDocument {
    /// `header`
    pub header: Text,
    /// `key`
    pub key: Text,
    /// `hash`: `sha1`, `sha256` or `sha512`
    pub hash: Option<Text>,
    /// `over`, if it is not the usual text
    pub over: Option<Vec<SignedPiece>>,
    /// `as`: `hex` or `base64`
    pub encoding: Option<Text>,
    /// `text`, if it is more than the signature
    pub text: Option<Vec<SignedPiece>>,
}

/// A piece of what is signed, or of what carries the signature.
#[derive(Clone, Debug)]
pub enum SignedPiece {
    /// A template.
    Template(Text),
    /// Something of the request that is about to be sent.
    Request(SignedPart),
}

/// What a signature is made over, and the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedPart {
    /// `{method}`
    Method,
    /// `{path}`: with the query, as both are sent
    Path,
    /// `{body}`
    Body,
    /// `{body.sha256}`
    BodyHash,
    /// `{signature}`
    Signature,
}

/// How forms are written.
#[derive(Clone, Debug, Default)]
pub struct FormDocument {
    /// `form_arrays`: `repeat`, `brackets` or `indexed`
    pub arrays: Option<Text>,
    /// `form_bools`: `yes/no`
    pub bools: Option<Text>,
}

/// One row of `errors`.
#[derive(Clone, Debug)]
pub struct ErrorRowDocument {
    /// The row's place.
    pub span: Span,
    /// `when`
    pub when: Option<Text>,
    /// `then`: a word or a status number as text
    pub then: Option<Text>,
    /// `detail`
    pub detail: Option<Text>,
}

/// `[User]` and what is below it.
#[derive(Clone, Debug, Default)]
pub struct TypeDocument {
    /// The type's name and its place.
    pub name: Option<Text>,
    /// The rules, flattened: `name.givenName` is one left side.
    pub attributes: Vec<RuleDocument>,
    /// `list` calls, in order; the same for the next four.
    pub list: Vec<CallDocument>,
    /// `get`
    pub get: Vec<CallDocument>,
    /// `create`
    pub create: Vec<CallDocument>,
    /// `update`
    pub update: Vec<CallDocument>,
    /// `delete`
    pub delete: Vec<CallDocument>,
    /// `delete = { set = { … } }`: SCIM attribute and value.
    pub delete_set: Vec<(Text, Spanned<Value>)>,
    /// `key`
    pub key: Option<Text>,
    /// `existing`: `reject`, `adopt` or `revive`
    pub existing: Option<Text>,
    /// `unique`: `upstream` or `bridge`
    pub unique: Option<Text>,
    /// `protect`
    pub protect: Option<Text>,
    /// `hide`
    pub hide: Option<Text>,
    /// `constants`
    pub constants: Vec<(Text, Tree)>,
    /// `on_put_missing`
    pub on_put_missing: Option<Spanned<PutMissing>>,
    /// `schema`: the URN of a type of one's own
    pub schema: Option<Text>,
    /// `endpoint`
    pub endpoint: Option<Text>,
}

/// What a PUT that leaves an attribute out means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PutMissing {
    /// The attribute is cleared.
    #[default]
    Clear,
    /// The attribute stays.
    Keep,
}

/// A row of `map`: the SCIM value, and yours of which the first is written.
pub type MapRow = (Text, Vec<Spanned<Value>>);

/// A row of `bits`: an element's name and its bits.
pub type BitRow = (Text, Spanned<Value>);

/// One rule as written.
#[derive(Clone, Debug, Default)]
pub struct RuleDocument {
    /// The left side, with the file's dots and quotes resolved: `emails[type eq "work"].value`.
    pub left: Option<Text>,
    /// The whole rule's place.
    pub span: Span,
    /// `at`, or the plain string
    pub at: Option<Text>,
    /// `read_at`
    pub read_at: Option<Text>,
    /// `write_at`
    pub write_at: Option<Text>,
    /// `type`
    pub kind: Option<Text>,
    /// `map`: SCIM value (the key) and yours; the first of yours is written.
    pub map: Option<Spanned<Vec<MapRow>>>,
    /// `map`'s `else`
    pub map_else: Option<Spanned<Value>>,
    /// `time`
    pub time: Option<Text>,
    /// `text`
    pub text: Option<Text>,
    /// `scim_text`
    pub scim_text: Option<Text>,
    /// `replace`: text on the SCIM side and text on yours
    pub replace: Option<Spanned<Vec<(Text, Text)>>>,
    /// `case`
    pub case: Option<Text>,
    /// `search_case`
    pub search_case: Option<Text>,
    /// `present`
    pub present: Option<Spanned<bool>>,
    /// `split`
    pub split: Option<Text>,
    /// `bits`: an element's name and its bits
    pub bits: Option<Spanned<Vec<BitRow>>>,
    /// `single`: `reject` or `replace`
    pub single: Option<Text>,
    /// `each`: rules of the elements; a plain string is a rule `at` that place
    pub each: Vec<RuleDocument>,
    /// `kept`
    pub kept: Option<Spanned<bool>>,
    /// `inverse`: `User.groups`
    pub inverse: Option<Text>,
    /// `show`
    pub show: Option<Text>,
    /// `default`
    pub default: Option<Tree>,
    /// `read_default`
    pub read_default: Option<Spanned<Value>>,
    /// `unset`
    pub unset: Option<Spanned<Value>>,
    /// `mutability`
    pub mutability: Option<Text>,
    /// `required`
    pub required: Option<Spanned<bool>>,
    /// `lossy`: `reject` or `warn`
    pub lossy: Option<Text>,
    /// `schema`
    pub schema: Option<Spanned<OwnDocument>>,
}

/// What a rule's `schema` says of an attribute of one's own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OwnDocument {
    /// `type`
    pub kind: Option<Text>,
    /// `multiValued`
    pub multi_valued: Option<Spanned<bool>>,
    /// `caseExact`
    pub case_exact: Option<Spanned<bool>>,
    /// `description`
    pub description: Option<Text>,
    /// `canonicalValues`
    pub canonical_values: Vec<Text>,
    /// `uniqueness`
    pub uniqueness: Option<Text>,
    /// `referenceTypes`
    pub reference_types: Vec<Text>,
}

/// One call as written.
#[derive(Clone, Debug, Default)]
pub struct CallDocument {
    /// The call's place.
    pub span: Span,
    /// `call`, or the plain string
    pub call: Option<Text>,
    /// `headers`
    pub headers: Vec<(Text, Text)>,
    /// `query`
    pub query: Vec<(Text, Text)>,
    /// `body`
    pub body: Option<Tree>,
    /// `format`
    pub format: Option<Spanned<Format>>,
    /// `form_arrays` and `form_bools`
    pub form: FormDocument,
    /// `xml_lists`; without it the upstream's count
    pub xml_lists: Option<Vec<Text>>,
    /// `send`: `mapped`, `whole` or `changed`
    pub send: Option<Text>,
    /// `drop`
    pub drop: Vec<Text>,
    /// `add`: names and trees, in order
    pub add: Vec<(Text, Tree)>,
    /// `item`
    pub item: Option<Text>,
    /// `items`
    pub items: Option<Text>,
    /// `into`
    pub into: Option<Text>,
    /// `total`
    pub total: Option<SourceDocument>,
    /// `next`: a source, or `"link"`
    pub next: Option<SourceDocument>,
    /// `page`
    pub page: PageDocument,
    /// `sort`: SCIM attributes and one or two words
    pub sort: Vec<(Text, Vec<Text>)>,
    /// `sort_order`: `asc/desc`
    pub sort_order: Option<Text>,
    /// `unpaged`
    pub unpaged: Option<Spanned<bool>>,
    /// `complete`
    pub complete: Option<Spanned<bool>>,
    /// `for`
    pub carries: Option<Vec<Text>>,
    /// `without`
    pub without: Vec<Text>,
    /// `blind`
    pub blind: Option<Spanned<bool>>,
    /// `each`: `added`, `removed` or `changed`
    pub each: Option<Text>,
    /// `batch`
    pub batch: Option<Spanned<u64>>,
    /// `join`
    pub join: Option<Text>,
    /// `before`
    pub before: Vec<CallDocument>,
    /// `when`
    pub when: Option<Text>,
    /// `capture`
    pub capture: Vec<(Text, SourceDocument)>,
    /// `undo`
    pub undo: Option<Box<CallDocument>>,
    /// `idempotent`
    pub idempotent: Option<bool>,
    /// `errors`
    pub errors: Vec<ErrorRowDocument>,
}

/// Where a value stands in an answer.
#[derive(Clone, Debug)]
pub enum SourceDocument {
    /// A path into the body.
    Path(Text),
    /// A header, and a pattern that takes a part of it.
    Header {
        /// The header's name.
        name: Text,
        /// `{}` is the part taken, `{_}` any text.
        text: Option<Text>,
    },
    /// A call of its own, and where the value stands in its answer: the body itself without a source.
    Call {
        /// `METHOD /path?query`
        call: Text,
        /// Where the value stands.
        source: Option<Box<SourceDocument>>,
    },
}

impl Text {
    /// The place in the file of `range`, bytes of the string's value. Exact where the string holds no escapes; the whole
    /// place where the file holds only a part of the value, as with a rule below a header of its own.
    pub fn within(&self, range: &std::ops::Range<usize>) -> Span {
        let Some(around) = self.span.len().checked_sub(self.value.len()) else { return self.span.clone() };
        let quote = around / 2;
        let start = (self.span.start + quote + range.start).min(self.span.end);
        let end = (self.span.start + quote + range.end).clamp(start, self.span.end);
        start..end
    }

    /// A fault of this text as a place in the file and its message.
    pub fn fault(&self, fault: &TextFault) -> (Span, String) {
        (self.within(&fault.range), fault.message.clone())
    }
}
