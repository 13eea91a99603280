//! The scope table of the reference: which names exist, how they are written, and where they may stand.

use std::ops::Range;

use crate::mapping::call::Purpose;
use crate::mapping::diagnostic::{Code, TextFault};
use crate::mapping::scope::Name;
use crate::scim::filter::Operator;

/// A fault in a text, and the code of the finding that it becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodedFault {
    /// The finding's code.
    pub code: Code,
    /// The fault.
    pub fault: TextFault,
}

/// A place where names stand; decides which of them exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// The call's purpose; `None` for what belongs to the upstream as a whole.
    pub purpose: Option<Purpose>,
    /// The call is not the first of its operation.
    pub follows: bool,
    /// The call reads pages (`items`).
    pub paged: bool,
    /// The call, or the one it compensates, runs once per element.
    pub each: bool,
    /// The kind of text.
    pub text: SiteText,
}

/// The kind of text a name stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteText {
    /// What is sent: path, query, headers, body.
    Request,
    /// The condition on which a call is sent.
    When,
    /// A path in the answer: `item`, `items`, a source.
    Source,
    /// The condition of an error row.
    Row,
    /// The text of an error row.
    Detail,
}

/// The first words of all names.
pub(super) const WORDS: [&str; 24] = [
    "id", "scim", "record", "old", "kept", "item", "filter", "page", "offset", "count", "last", "cursor", "sort",
    "got", "secret", "session", "status", "headers", "body", "tenant", "op", "now", "uuid", "random",
];
/// The most letters that `{random.N}` gives, and so as many as are drawn for an operation.
pub const RANDOM_MAX: usize = 128;

impl Name {
    /// Whether its value is drawn once per operation: time, random values.
    pub fn is_drawn(&self) -> bool {
        matches!(self, Self::Now(_) | Self::Uuid | Self::Random(_))
    }

    /// Parses the name at the start of a hole's text; gives the bytes that belong to it, the rest is a path.
    ///
    /// # Errors
    /// An unknown name (with did-you-mean), or one that is not complete.
    pub fn parse(text: &str) -> Result<(Self, usize), CodedFault> {
        let end = text.find(['.', '[']).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        let (key, length) = match word {
            "filter" => return Ok((filter_name(rest, end)?, text.len())),
            "headers" | "got" | "secret" | "session" | "tenant" | "op" | "random" => {
                let (key, length) = key(rest).ok_or_else(|| incomplete(word, 0..text.len()))?;
                (Some(key), end + length)
            }
            "now" | "sort" if !rest.is_empty() => {
                let (key, length) = key(rest).ok_or_else(|| incomplete(word, 0..text.len()))?;
                (Some(key), end + length)
            }
            _ => (None, end),
        };
        Ok((Self::new(word, key, 0..length)?, length))
    }

    /// The name with this first word and the key below it.
    ///
    /// # Errors
    /// An unknown name (with did-you-mean), or one that is not complete; the fault's place is `range`.
    pub fn new(word: &str, key: Option<&str>, range: Range<usize>) -> Result<Self, CodedFault> {
        Ok(match (word, key) {
            ("id", _) => Self::Id,
            ("scim", _) => Self::Scim,
            ("record", _) => Self::Record,
            ("old", _) => Self::Old,
            ("kept", _) => Self::Kept,
            ("item", _) => Self::Item,
            ("page", _) => Self::Page,
            ("offset", _) => Self::Offset,
            ("count", _) => Self::Count,
            ("last", _) => Self::Last,
            ("cursor", _) => Self::Cursor,
            ("status", _) => Self::Status,
            ("body", _) => Self::Body,
            ("uuid", _) => Self::Uuid,
            ("op", Some("id")) => Self::OperationId,
            ("sort", None) => Self::Sort(false),
            ("sort", Some("order")) => Self::Sort(true),
            ("now", None) => Self::Now(false),
            ("now", Some("epoch_s")) => Self::Now(true),
            ("got", Some(key)) => Self::Got(key.to_owned()),
            ("secret", Some(key)) => Self::Secret(key.to_owned()),
            ("session", Some(key)) => Self::Session(key.to_owned()),
            ("tenant", Some(key)) => Self::Tenant(key.to_owned()),
            ("headers", Some(key)) => header_name(key, range)?,
            ("random", Some(key)) => Self::Random(random_length(key, range)?),
            ("op" | "now" | "sort" | "got" | "secret" | "session" | "tenant" | "headers" | "random" | "filter", _) => {
                return Err(incomplete(word, range));
            }
            (_, _) => return Err(unknown(word, range)),
        })
    }

    /// The name as it is written.
    pub fn text(&self) -> String {
        match self {
            Self::Id => "id".into(),
            Self::Scim => "scim".into(),
            Self::Record => "record".into(),
            Self::Old => "old".into(),
            Self::Kept => "kept".into(),
            Self::Item => "item".into(),
            Self::Filter(attribute, _) => format!("filter.{attribute}"),
            Self::Page => "page".into(),
            Self::Offset => "offset".into(),
            Self::Count => "count".into(),
            Self::Last => "last".into(),
            Self::Cursor => "cursor".into(),
            Self::Sort(false) => "sort".into(),
            Self::Sort(true) => "sort.order".into(),
            Self::Got(key) => format!("got.{key}"),
            Self::Secret(key) => format!("secret.{key}"),
            Self::Session(key) => format!("session.{key}"),
            Self::Status => "status".into(),
            Self::Header(key) => format!("headers['{key}']"),
            Self::Body => "body".into(),
            Self::Tenant(key) => format!("tenant.{key}"),
            Self::OperationId => "op.id".into(),
            Self::Now(true) => "now.epoch_s".into(),
            Self::Now(false) => "now".into(),
            Self::Uuid => "uuid".into(),
            Self::Random(length) => format!("random.{length}"),
        }
    }

    /// Whether the name is a single text or number, so that no path may follow.
    pub fn is_scalar(&self) -> bool {
        !matches!(
            self,
            Self::Id
                | Self::Scim
                | Self::Record
                | Self::Old
                | Self::Kept
                | Self::Item
                | Self::Got(_)
                | Self::Session(_)
                | Self::Body
        )
    }

    /// Whether the name exists at `site`.
    pub fn exists_at(&self, site: &Site) -> bool {
        use Purpose::{Add, Before, Change, Create, Delete, Get, List, Login, Part, Remove, Undo, Update};
        let Some(purpose) = site.purpose else { return self.exists_at_upstream(site.text) };
        let elements = matches!(purpose, Add | Remove | Change | Before);
        let changes = elements || matches!(purpose, Update | Undo);
        match self {
            Self::Id => changes || matches!(purpose, Get | Part | Delete) || (purpose == Create && site.follows),
            Self::Scim => changes || purpose == Create,
            Self::Record | Self::Kept => {
                changes || matches!(purpose, Create | Part) || (purpose == Get && site.follows)
            }
            Self::Old => changes || purpose == Delete,
            Self::Item => site.each,
            Self::Filter(..) => purpose == List && matches!(site.text, SiteText::Request | SiteText::Source),
            Self::Sort(_) => purpose == List && site.text == SiteText::Request,
            Self::Page | Self::Offset | Self::Count | Self::Last | Self::Cursor => {
                (purpose == List || site.paged) && site.text == SiteText::Request
            }
            // Update and delete read the record first, and a get call may capture.
            Self::Session(_) => purpose != Login && site.text == SiteText::Request,
            Self::Got(_) => site.follows || changes || purpose == Delete,
            Self::Secret(_) | Self::Now(_) | Self::Uuid | Self::Random(_) => site.text == SiteText::Request,
            Self::Status | Self::Header(_) | Self::Body => matches!(site.text, SiteText::Row | SiteText::Detail),
            Self::Tenant(_) => true,
            Self::OperationId => {
                matches!(purpose, Create | Update | Add | Remove | Change | Delete) && site.text == SiteText::Request
            }
        }
    }

    /// Rows of the upstream see the scope of whatever call they judge; its headers and its query belong to every call.
    fn exists_at_upstream(&self, text: SiteText) -> bool {
        match self {
            Self::Tenant(_) => true,
            Self::Secret(_) | Self::Session(_) | Self::Now(_) | Self::Uuid | Self::Random(_) => {
                text == SiteText::Request
            }
            Self::Status
            | Self::Header(_)
            | Self::Body
            | Self::Id
            | Self::Scim
            | Self::Record
            | Self::Old
            | Self::Kept
            | Self::Item
            | Self::Got(_) => text != SiteText::Request,
            Self::Filter(..)
            | Self::Page
            | Self::Offset
            | Self::Count
            | Self::Last
            | Self::Cursor
            | Self::Sort(_)
            | Self::OperationId => false,
        }
    }

    /// Where the name exists, in the words of the reference.
    pub fn whereabouts(&self) -> &'static str {
        match self {
            Self::Id => "get, update, delete, undo, and after the first create call",
            Self::Scim => "create, update, undo",
            Self::Record | Self::Kept => "create, update, undo, and later get calls",
            Self::Old => "update, delete, undo",
            Self::Item => "calls with `each`, their `before`, `when`, `undo` and `errors`",
            Self::Filter(..) | Self::Sort(_) => "list calls",
            Self::Page | Self::Offset | Self::Count | Self::Last | Self::Cursor => "list calls, and calls with `items`",
            Self::Got(_) => "later calls of the operation, and `undo`",
            Self::Secret(_) => "`url`, `headers`, `query`, `body`, `basic`, `sign`, `tls` and `proxy`",
            Self::Session(_) => "what any call but the login sends",
            Self::Status | Self::Header(_) | Self::Body => "`errors`",
            Self::Tenant(_) => "any call",
            Self::OperationId => "create, update and delete calls",
            Self::Now(_) | Self::Uuid | Self::Random(_) => "what a call sends",
        }
    }
}

/// The key after a word: `.x` up to the next dot or bracket, or `['x']`; and its length with punctuation.
fn key(rest: &str) -> Option<(&str, usize)> {
    if let Some(plain) = rest.strip_prefix('.') {
        let end = plain.find(['.', '[']).unwrap_or(plain.len());
        return (end > 0).then(|| (&plain[..end], end + 1));
    }
    let inner = rest.strip_prefix('[')?;
    let quote = inner.chars().next().filter(|first| matches!(first, '\'' | '"'))?;
    let end = inner[1..].find(quote)? + 1;
    let closed = inner[end + 1..].starts_with(']');
    (closed && end > 1).then(|| (&inner[1..end], end + 3))
}

fn filter_name(rest: &str, start: usize) -> Result<Name, CodedFault> {
    let range = 0..start + rest.len();
    let (attribute, operator) = if rest.starts_with('[') {
        let (attribute, length) = key(rest).ok_or_else(|| incomplete("filter", range.clone()))?;
        let after = &rest[length..];
        (attribute, if after.is_empty() { Some(Operator::Eq) } else { after.strip_prefix('.').and_then(operator) })
    } else {
        let path = rest
            .strip_prefix('.')
            .filter(|path| !path.is_empty())
            .ok_or_else(|| incomplete("filter", range.clone()))?;
        match path.rsplit_once('.').map(|(attribute, word)| (attribute, operator(word))) {
            Some((attribute, Some(operator))) => (attribute, Some(operator)),
            Some((_, None)) | None => (path, Some(Operator::Eq)),
        }
    };
    let operator = operator.ok_or_else(|| {
        coded(Code::E09, range, "unknown filter operator", Some("use one of: eq ne co sw ew gt ge lt le"))
    })?;
    Ok(Name::Filter(attribute.to_owned(), operator))
}

fn operator(word: &str) -> Option<Operator> {
    Some(match word {
        "eq" => Operator::Eq,
        "ne" => Operator::Ne,
        "co" => Operator::Co,
        "sw" => Operator::Sw,
        "ew" => Operator::Ew,
        "gt" => Operator::Gt,
        "ge" => Operator::Ge,
        "lt" => Operator::Lt,
        "le" => Operator::Le,
        _ => return None,
    })
}

fn header_name(key: &str, range: Range<usize>) -> Result<Name, CodedFault> {
    let lower = key.to_ascii_lowercase();
    if lower == key {
        return Ok(Name::Header(lower));
    }
    Err(coded(Code::E09, range, "header names are in lower case here", Some(&format!("write `headers['{lower}']`"))))
}

fn random_length(key: &str, range: Range<usize>) -> Result<usize, CodedFault> {
    let length = key.parse().ok().filter(|length| (1..=RANDOM_MAX).contains(length));
    length.ok_or_else(|| coded(Code::E09, range, "`random` takes a length from 1 to 128", Some("write `{random.24}`")))
}

fn incomplete(word: &str, range: Range<usize>) -> CodedFault {
    let help = match word {
        "op" => "write `op.id`",
        "now" => "write `now` or `now.epoch_s`",
        "headers" => "name a header in lower case: `headers['x-request-id']`",
        "random" => "say how many letters: `random.24`",
        "filter" => "name an attribute: `filter.userName`",
        _ => "add a name after a dot, such as `.name`",
    };
    coded(Code::E09, range, &format!("`{word}` is not complete"), Some(help))
}

fn unknown(word: &str, range: Range<usize>) -> CodedFault {
    let help = nearest(word, WORDS).map(|near| format!("did you mean `{near}`?"));
    coded(Code::E09, range, &format!("nothing is called `{word}` here"), help.as_deref())
}

fn coded(code: Code, range: Range<usize>, message: &str, help: Option<&str>) -> CodedFault {
    CodedFault { code, fault: TextFault { range, message: message.to_owned(), help: help.map(ToOwned::to_owned) } }
}

/// The candidate that a mistyped word most likely means.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |candidate: &str| strsim::damerau_levenshtein(&word.to_lowercase(), &candidate.to_lowercase());
    let best = candidates
        .into_iter()
        .map(|candidate| (distance(candidate), candidate))
        .min_by_key(|(distance, _)| *distance)?;
    (best.0 <= word.len().div_ceil(3).max(1)).then_some(best.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_matched_longest_first() {
        let table = [
            ("a path follows a name", "old.emails[0]", Name::Old, ".emails[0]"),
            ("a key belongs to the name", "got.token.x", Name::Got("token".into()), ".x"),
            ("a filter takes all", "filter.name.familyName", Name::Filter("name.familyName".into(), Operator::Eq), ""),
            (
                "a final operator is one",
                "filter.name.familyName.sw",
                Name::Filter("name.familyName".into(), Operator::Sw),
                "",
            ),
            (
                "a URN stands in brackets",
                "filter['urn:x:2.0:User:dept'].co",
                Name::Filter("urn:x:2.0:User:dept".into(), Operator::Co),
                "",
            ),
            ("a header stands in brackets", "headers['x-foo']", Name::Header("x-foo".into()), ""),
            ("a number of letters", "random.24", Name::Random(24), ""),
            ("seconds", "now.epoch_s", Name::Now(true), ""),
            ("the operation", "op.id", Name::OperationId, ""),
        ];
        for (name, text, expected, rest) in table {
            let (parsed, length) = Name::parse(text).unwrap();
            assert_eq!((parsed, &text[length..]), (expected, rest), "{name}");
        }
    }

    #[test]
    fn names_that_do_not_exist_are_explained() {
        let table = [
            ("mistyped", "recrod.x", Code::E09, Some("did you mean `record`?")),
            ("nothing near", "wombat", Code::E09, None),
            ("upper case header", "headers['X-Foo']", Code::E09, Some("write `headers['x-foo']`")),
            ("an unknown part of op", "op.name", Code::E09, Some("write `op.id`")),
            ("random without a length", "random.many", Code::E09, Some("write `{random.24}`")),
            ("a secret without a name", "secret", Code::E09, Some("add a name after a dot, such as `.name`")),
        ];
        for (name, text, code, help) in table {
            let fault = Name::parse(text).unwrap_err();
            assert_eq!((fault.code, fault.fault.help.as_deref()), (code, help), "{name}");
        }
    }
}
