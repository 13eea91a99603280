//! THE table of every key of the mapping format: where it is allowed, its type, its default, what it means.
//!
//! The reader of the file, the did-you-mean texts and the reference of the documentation all come from here.

/// One key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The key, as the file writes it.
    pub key: &'static str,
    /// The type of its value.
    pub kind: Kind,
    /// The default as the file would write it; empty where there is none.
    pub default: &'static str,
    /// What it means, in one sentence.
    pub doc: &'static str,
}

/// The type of a key's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A string.
    Text,
    /// A string with holes.
    Template,
    /// A string that is an RFC 9535 path.
    Path,
    /// A string that is a condition.
    Condition,
    /// One of these words.
    Word(&'static [&'static str]),
    /// `true` or `false`.
    Boolean,
    /// A whole number from this one on.
    Integer(u64),
    /// A string such as `"10s"`.
    Duration,
    /// A string such as `"200ms..5s"`.
    DurationRange,
    /// A list of durations.
    Durations,
    /// A string such as `"300/min"`.
    Rate,
    /// A string such as `"16MiB"`.
    Size,
    /// A list of strings.
    Texts,
    /// A table whose values are strings.
    TextTable,
    /// A string, number or boolean.
    Literal,
    /// Any value; its strings are no templates.
    Value,
    /// Any value; its strings are templates.
    Tree,
    /// A table of its own kind.
    Table,
    /// A list of tables.
    Tables,
    /// A call: a string or a table.
    Call,
    /// A call or several.
    Calls,
    /// A path into the answer's body or a table with `header`.
    Source,
    /// A status number or a word.
    Then,
}

impl Kind {
    /// The type in words, as in "must be …".
    pub fn words(self) -> String {
        let words = match self {
            Self::Text => "a string",
            Self::Template => "a string, holes allowed",
            Self::Path => "a path in a string",
            Self::Condition => "a condition in a string",
            Self::Word(words) => return format!("`{}`", words.join("` or `")),
            Self::Boolean => "`true` or `false`",
            Self::Integer(0) => "a whole number",
            Self::Integer(least) => return format!("a whole number, {least} or more"),
            Self::Duration => "a duration such as `\"10s\"`",
            Self::DurationRange => "two durations such as `\"200ms..5s\"`",
            Self::Durations => "a list of durations such as `[\"1s\", \"3s\"]`",
            Self::Rate => "a rate such as `\"10/s\"` or `\"300/min\"`",
            Self::Size => "a size such as `\"16MiB\"`",
            Self::Texts => "a list of strings",
            Self::TextTable => "a table of strings",
            Self::Literal => "a string, number or boolean",
            Self::Value => "any value but a date",
            Self::Tree => "any value, holes allowed in its strings",
            Self::Table => "a table",
            Self::Tables => "a list of tables",
            Self::Call => "a string or a table",
            Self::Calls => "a string, a table or a list of tables",
            Self::Source => "a path in a string, or a table with `header`",
            Self::Then => "a word or an HTTP status",
        };
        words.to_owned()
    }
}

/// A kind of table of the format and the keys that may stand in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// What the table is, as in "unknown key in …".
    pub name: &'static str,
    /// Its keys, in the reference's order.
    pub fields: &'static [Field],
}

impl Table {
    /// The row of a key.
    pub fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.key == key)
    }
}

/// A key.
pub const fn key(key: &'static str, kind: Kind, default: &'static str, doc: &'static str) -> Field {
    Field { key, kind, default, doc }
}

/// Every table of the format.
pub const TABLES: &[&Table] = &[
    &MAPPING,
    &UPSTREAM,
    &BASIC,
    &SESSION,
    &PAGE,
    &LIMITS,
    &RETRY_AFTER,
    &SIGN,
    &TLS,
    &ERROR_ROW,
    &RESOURCE_TYPE,
    &DELETE_SET,
    &RULE,
    &OWN,
    &CALL,
    &SOURCE,
];

/// How a body is encoded.
const FORMAT: Kind = Kind::Word(&["json", "form", "multipart", "xml"]);

/// How a form writes a list.
const FORM_ARRAYS: Kind = Kind::Word(&["repeat", "brackets", "indexed"]);

/// The file.
pub const MAPPING: Table = Table {
    name: "a mapping",
    fields: &[
        key("scim_bridge", Kind::Integer(1), "", "The version of the format: 1. The first line of every file."),
        key("upstream", Kind::Table, "", "Where and how to reach your API."),
        key("User", Kind::Table, "", "The resource type User: rules and calls."),
        key("Group", Kind::Table, "", "The resource type Group: rules and calls."),
    ],
};

/// `[upstream]`.
pub const UPSTREAM: Table = Table {
    name: "[upstream]",
    fields: &[
        key("url", Kind::Template, "", "The base URL; a tenant's `url` in the settings replaces it."),
        key(
            "call",
            Kind::Text,
            "",
            "`METHOD /path` for calls that give only a body; `POST` alone is the base URL itself.",
        ),
        key("headers", Kind::TextTable, "{}", "Headers of every call."),
        key("query", Kind::TextTable, "{}", "Query parameters of every call."),
        key("basic", Kind::Table, "", "HTTP basic authentication."),
        key("page", Kind::Table, "{}", "Paging defaults."),
        key("format", FORMAT, "\"json\"", "How bodies are encoded."),
        key("unset", Kind::Value, "null", "What your API uses for \"no value\"."),
        key("insecure", Kind::Boolean, "false", "Allows plain http to a host that is not this machine."),
        key("limits", Kind::Table, "{}", "Protection of your API."),
        key("errors", Kind::Tables, "[]", "Rows that say what an answer means, tried after the call's own."),
        key("session", Kind::Table, "", "A login whose captured values `{session.x}` gives to every other call."),
        key("sign", Kind::Table, "", "HMAC signing of requests."),
        key("tls", Kind::Table, "", "A private certificate authority, a client certificate."),
        key("proxy", Kind::Template, "none", "An outbound proxy: `http://host:port`; the environment names none."),
        key("retry_after", Kind::Table, "", "The header that says how long to wait, when it is not `Retry-After`."),
        key(
            "etag",
            Kind::Boolean,
            "false",
            "Sends `If-Match` with the ETag that the read gave, which is then the version of the resource.",
        ),
        key(
            "xml_lists",
            Kind::Texts,
            "[]",
            "Elements of XML answers that are lists even where there is one: `roles.role`.",
        ),
        key(
            "form_arrays",
            FORM_ARRAYS,
            "\"repeat\"",
            "How a form writes a list: `a=1&a=2`, `a[]=1&a[]=2`, `a[0]=1&a[1]=2`.",
        ),
        key(
            "form_bools",
            Kind::Text,
            "\"true/false\"",
            "How a form writes true and false: two words with a slash between them.",
        ),
    ],
};

/// `retry_after`.
pub const RETRY_AFTER: Table = Table {
    name: "`retry_after`",
    fields: &[
        key("header", Kind::Text, "", "The header; where it is missing or cannot be read, `Retry-After` counts."),
        key(
            "as",
            Kind::Word(&["s", "ms", "epoch_s", "http_date"]),
            "\"s\"",
            "What it holds: seconds or milliseconds to wait, the time to wait for in seconds since 1970, or as an HTTP date.",
        ),
    ],
};

/// `sign`.
pub const SIGN: Table = Table {
    name: "`sign`",
    fields: &[
        key("header", Kind::Text, "", "The header that carries the signature."),
        key("key", Kind::Template, "", "The key: `{secret.x}`."),
        key("hash", Kind::Word(&["sha1", "sha256", "sha512"]), "\"sha256\"", "The hash of the HMAC."),
        key(
            "over",
            Kind::Template,
            "\"{method}\\n{path}\\n{now.epoch_s}\\n{body.sha256}\"",
            "What is signed; `{path}` is path and query as they are sent, `{body.sha256}` is in hexadecimal digits.",
        ),
        key("as", Kind::Word(&["hex", "base64"]), "\"hex\"", "How the signature is written."),
        key("text", Kind::Template, "\"{signature}\"", "What the header holds."),
    ],
};

/// `basic`.
pub const BASIC: Table = Table {
    name: "`basic`",
    fields: &[
        key("user", Kind::Template, "", "The user's name."),
        key("password", Kind::Template, "", "The password."),
    ],
};

/// `tls`.
pub const TLS: Table = Table {
    name: "`tls`",
    fields: &[
        key("ca", Kind::Template, "the public ones", "The only certificate authorities that are trusted, as PEM."),
        key("cert", Kind::Template, "", "The client certificate with its intermediates, as PEM."),
        key("key", Kind::Template, "", "Its private key, as PEM."),
    ],
};

/// `[upstream.session]`.
pub const SESSION: Table = Table {
    name: "[upstream.session]",
    fields: &[
        key("call", Kind::Template, "upstream's", "`METHOD /path?query`, or `METHOD https://elsewhere/path`."),
        key("headers", Kind::TextTable, "{}", "Headers of the login."),
        key("query", Kind::TextTable, "{}", "Query parameters of the login."),
        key("body", Kind::Tree, "", "The body."),
        key("format", FORMAT, "upstream's", "How the body is encoded."),
        key("capture", Kind::Table, "", "Values of the answer; one called `ttl` is its life in seconds."),
        key("ttl", Kind::Duration, "", "How long a session lasts; without it, until the API says that it is over."),
        key("errors", Kind::Tables, "[]", "Rows that say what an answer means, tried before upstream's."),
    ],
};

/// `page`.
pub const PAGE: Table = Table {
    name: "`page`",
    fields: &[
        key("first", Kind::Integer(0), "1", "The number of the first page."),
        key("size", Kind::Integer(1), "100", "Records a page; `{count}` never exceeds it."),
    ],
};

/// `[upstream.limits]`.
pub const LIMITS: Table = Table {
    name: "[upstream.limits]",
    fields: &[
        key("rate", Kind::Rate, "", "Calls in a period, without bursts."),
        key("concurrent", Kind::Integer(1), "64", "Calls in flight."),
        key("timeout", Kind::Duration, "\"10s\"", "The time for one call."),
        key("deadline", Kind::Duration, "\"45s\"", "The time for one SCIM request."),
        key("retries", Kind::Integer(0), "3", "Further tries after the first."),
        key("backoff", Kind::DurationRange, "\"200ms..5s\"", "The shortest and the longest wait between tries."),
        key("scan", Kind::Integer(0), "1000", "Records that the bridge reads to answer one filter itself."),
        key("max_body", Kind::Size, "\"16MiB\"", "The longest answer."),
        key(
            "settle",
            Kind::Durations,
            "[\"1s\", \"3s\"]",
            "Waits before a create of unknown outcome is looked up again.",
        ),
    ],
};

/// A row of `errors`.
pub const ERROR_ROW: Table = Table {
    name: "an error row",
    fields: &[
        key("when", Kind::Condition, "", "Tried on every answer; the first row that holds wins."),
        key(
            "then",
            Kind::Then,
            "",
            "A SCIM error type, `notFound`, an HTTP status, `ok`, `empty`, `retry` or `login`.",
        ),
        key("detail", Kind::Template, "", "The client's text."),
    ],
};

/// `[User]`, `[Group]`, `[Device]`.
pub const RESOURCE_TYPE: Table = Table {
    name: "a resource type",
    fields: &[
        key("attributes", Kind::Table, "{}", "The rules: SCIM attribute = your field."),
        key("list", Kind::Calls, "", "Reads a page of records; the first usable call is taken."),
        key("get", Kind::Calls, "", "Reads one record."),
        key("create", Kind::Calls, "", "Makes a record."),
        key("update", Kind::Calls, "", "Changes a record."),
        key("delete", Kind::Calls, "", "Deletes a record, or `{ set = { active = false } }`."),
        key(
            "key",
            Kind::Text,
            "\"userName\" or \"displayName\"",
            "The attribute that identifies an existing resource.",
        ),
        key(
            "existing",
            Kind::Word(&["reject", "adopt", "revive"]),
            "\"reject\"",
            "What a create does about an existing resource: 409, take it over, or only if it is inactive or hidden.",
        ),
        key("hide", Kind::Condition, "", "Records that do not exist for SCIM."),
        key("constants", Kind::Table, "{}", "Written into every created record."),
        key(
            "on_put_missing",
            Kind::Word(&["clear", "keep"]),
            "\"clear\"",
            "What a PUT that leaves an attribute out means.",
        ),
        key(
            "unique",
            Kind::Word(&["upstream", "bridge"]),
            "\"upstream\"",
            "Who refuses a second resource with the same `key`.",
        ),
        key("protect", Kind::Condition, "", "Records that cannot be changed or deleted through SCIM."),
        key("schema", Kind::Text, "RFC 7643's", "The URN of the schema of a resource type of your own."),
        key("endpoint", Kind::Text, "RFC 7643's", "The endpoint of a resource type of your own: `/Devices`."),
    ],
};

/// `delete = { set = … }`.
pub const DELETE_SET: Table = Table {
    name: "`delete`",
    fields: &[key("set", Kind::Table, "", "Attributes that DELETE sets instead of a call.")],
};

/// A rule written as a table.
pub const RULE: Table = Table {
    name: "a rule",
    fields: &[
        key("at", Kind::Path, "", "Your place, read and written."),
        key("read_at", Kind::Path, "", "Your place for reading."),
        key("write_at", Kind::Path, "", "Your place for writing."),
        key("type", Kind::Word(&["int", "number", "bool", "string"]), "", "The JSON type that you keep."),
        key("map", Kind::Table, "", "SCIM value = your value, or a list of which the first is written."),
        key("time", Kind::Text, "", "`epoch_s`, `epoch_ms`, `date` or a strftime pattern: how you write times."),
        key("text", Kind::Text, "", "A pattern of your string."),
        key("replace", Kind::TextTable, "", "SCIM text = your text, replaced inside the value."),
        key("case", Kind::Word(&["lower", "upper"]), "", "The case that is written."),
        key("split", Kind::Text, "", "The delimiter of your string that is a SCIM list."),
        key("each", Kind::Table, "", "The rules of one element of a list."),
        key("kept", Kind::Boolean, "false", "Kept by the bridge itself: your API has no place for it."),
        key("show", Kind::Text, "", "Read-only text made of your fields."),
        key("default", Kind::Tree, "", "Used on create when the client sends nothing."),
        key(
            "unset",
            Kind::Value,
            "upstream's",
            "What your API uses for \"no value\" here; written also where the path selects an element, which else is dropped.",
        ),
        key(
            "mutability",
            Kind::Word(&["readWrite", "readOnly", "immutable", "writeOnly"]),
            "the SCIM schema's",
            "Who may write it (RFC 7643 §7).",
        ),
        key("required", Kind::Boolean, "false", "Whether a create without it is refused."),
        key(
            "lossy",
            Kind::Word(&["reject", "warn"]),
            "\"reject\"",
            "What happens to a value that would not read back.",
        ),
        key("scim_text", Kind::Text, "", "A pattern of the SCIM string, of which you keep what stands in `{}`."),
        key("search_case", Kind::Word(&["exact"]), "", "Your search heeds case: the folded value is asked for too."),
        key("present", Kind::Boolean, "", "A boolean that says whether the element that the path selects exists."),
        key("bits", Kind::Table, "", "The bits of your integer that is a SCIM list: `{ read = 1, write = 2 }`."),
        key(
            "single",
            Kind::Word(&["reject", "replace"]),
            "",
            "Your place holds one value where SCIM has a list; a second one is refused, or takes its place.",
        ),
        key("inverse", Kind::Text, "", "The list is stored in the other resource: `User.groups`."),
        key("read_default", Kind::Literal, "", "Shown when your record has no value; a text may hold your fields."),
        key("schema", Kind::Table, "{}", "What an attribute of your own is."),
    ],
};

/// A rule's `schema`.
pub const OWN: Table = Table {
    name: "`schema`",
    fields: &[
        key(
            "type",
            Kind::Word(&["string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"]),
            "\"string\", or \"complex\" where it has parts",
            "The data type (RFC 7643 §2.3).",
        ),
        key("multiValued", Kind::Boolean, "true with `each`, `split`, `bits` or `single`", "Whether it is a list."),
        key("caseExact", Kind::Boolean, "false", "Whether comparison heeds case."),
        key("description", Kind::Text, "its name", "One sentence for people."),
        key("canonicalValues", Kind::Texts, "[]", "Values that are suggested."),
        key("uniqueness", Kind::Word(&["none", "server", "global"]), "\"none\"", "How unique a value is."),
        key("referenceTypes", Kind::Texts, "[]", "What a reference points to: resource types, `external` or `uri`."),
    ],
};

/// A call written as a table.
pub const CALL: Table = Table {
    name: "a call",
    fields: &[
        key("call", Kind::Template, "upstream's", "`METHOD /path?query`."),
        key("headers", Kind::TextTable, "{}", "Headers."),
        key("query", Kind::TextTable, "{}", "Query parameters."),
        key("body", Kind::Tree, "\"{record}\" for general create and update calls", "The body."),
        key("format", FORMAT, "upstream's", "How the body is encoded."),
        key(
            "send",
            Kind::Word(&["mapped", "whole", "changed"]),
            "create mapped, PUT whole, others changed",
            "What `{record}` is.",
        ),
        key("drop", Kind::Texts, "[]", "Paths removed from `{record}`."),
        key("add", Kind::Table, "{}", "Fields put into `{record}` where it has none; holes allowed."),
        key("item", Kind::Path, "\"$\"", "The record in the answer."),
        key("items", Kind::Path, "", "The list in the answer."),
        key("into", Kind::Path, "", "Puts the answer at this place of the record."),
        key("total", Kind::Source, "", "The number of all records."),
        key("next", Kind::Source, "", "The way to the next page: a source, or `link` for the Link header (RFC 8288)."),
        key("page", Kind::Table, "upstream's", "Paging of this call."),
        key(
            "sort",
            Kind::Table,
            "{}",
            "What your API sorts this list by: SCIM attribute = your word, or two words, of which the second one turns the order round.",
        ),
        key("sort_order", Kind::Text, "\"asc/desc\"", "What `{sort.order}` says: two words with a slash between them."),
        key("unpaged", Kind::Boolean, "false", "Says that one answer of this list holds all records."),
        key("complete", Kind::Boolean, "true", "`false`: items are stubs, each is read with `get`."),
        key("for", Kind::Texts, "", "The attributes that this call carries."),
        key("without", Kind::Texts, "[]", "Attributes that this call does not carry."),
        key(
            "blind",
            Kind::Boolean,
            "false",
            "May go out without reading the resource first, when a PATCH sets plain attributes that this call alone carries.",
        ),
        key(
            "each",
            Kind::Word(&["added", "removed", "changed"]),
            "",
            "Runs once per added or removed element, or once per changed attribute with `{item.field}`, `{item.value}`, `{item.old}`.",
        ),
        key("batch", Kind::Integer(1), "1", "With `each`: one run for so many elements; `{item.x}` is then a list."),
        key("join", Kind::Text, "", "With `batch`: `{item.x}` is text, with this between the elements."),
        key(
            "before",
            Kind::Calls,
            "[]",
            "With `each`: calls that run before each run and only capture, such as a membership's own id.",
        ),
        key("when", Kind::Condition, "", "The call is skipped when this does not hold."),
        key("capture", Kind::Table, "{}", "Values of the answer that later calls use; `id` sets the resource's id."),
        key(
            "undo",
            Kind::Call,
            "",
            "Runs if a later call of the operation fails, or if this one may or may not have been carried out.",
        ),
        key("idempotent", Kind::Boolean, "by method and operation", "May be repeated after an unknown outcome."),
        key("errors", Kind::Tables, "[]", "Rows that say what an answer means, tried before upstream's."),
        key("form_arrays", FORM_ARRAYS, "upstream's", "How a form writes a list."),
        key("form_bools", Kind::Text, "upstream's", "How a form writes true and false."),
        key("xml_lists", Kind::Texts, "upstream's", "Elements of the answer that are lists even where there is one."),
    ],
};

/// A source written as a table.
pub const SOURCE: Table = Table {
    name: "a source",
    fields: &[
        key("header", Kind::Text, "", "The header of the answer."),
        key("text", Kind::Text, "", "A pattern of its value: `{}` is taken, `{_}` is any text."),
        key("call", Kind::Template, "", "A call of its own that gives the value; for `total` only."),
        key("at", Kind::Path, "\"$\"", "The place in that call's answer."),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_row_and_a_sentence() {
        for table in TABLES {
            for (index, field) in table.fields.iter().enumerate() {
                let name = format!("`{}` in {}", field.key, table.name);
                assert!(table.fields[..index].iter().all(|other| other.key != field.key), "{name} stands twice");
                assert!(field.doc.ends_with('.'), "{name}: {}", field.doc);
            }
        }
    }
}
