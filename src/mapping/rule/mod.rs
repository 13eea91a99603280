//! One SCIM attribute, one place of the record: `get` and `put`.
//!
//! Two laws hold for every rule. `GetPut`: a value that the record already shows leaves the record untouched, by construction.
//! `PutGet`: a value that was written reads back; `put` looks, and `lossy` decides what happens where it does not.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use crate::mapping::codec::{CodecError, Codecs};
use crate::mapping::equality::{same, same_option};
use crate::mapping::hole::BodyTemplate;
use crate::mapping::path::Path;
use crate::mapping::source::Span;
use crate::scim::compare::fold;
use crate::scim::schema::{Attribute, Kind, Mutability};
use crate::scim::{self, Resource};

mod fallback;
#[cfg(test)]
mod keys_tests;
mod list;
mod presence;
mod show;
mod target;
#[cfg(test)]
mod tests;

pub use fallback::ReadDefault;
pub use show::{Show, ShowPart};
pub use target::Target;

/// A compiled rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The left side in canonical spelling: `emails[type eq "work"].value`.
    pub name: String,
    /// Where the value stands in a resource.
    pub target: Target,
    /// Where it is read in the record; `None` for `show`.
    pub read_at: Option<Path>,
    /// Where it is written; `None` when read-only.
    pub write_at: Option<Path>,
    /// Where the value stands instead, when the record has no place for it.
    pub beside: Option<Beside>,
    /// Text made of the record's fields, instead of a place.
    pub show: Option<Show>,
    /// The value is whether what the path selects is there: it is `true` iff that is so (`true`), or not so (`false`).
    pub presence: Option<bool>,
    /// Shown where the record has no value.
    pub read_default: Option<ReadDefault>,
    /// The conversions of a value, or of each element of a list.
    pub codecs: Codecs,
    /// For lists of tables: the rules of one element.
    pub each: Option<Vec<Rule>>,
    /// Used on create when the client sends nothing.
    pub default: Option<BodyTemplate>,
    /// The upstream's "no value" for this rule; for lists, what stands in place of an empty one.
    pub unset: Value,
    /// What removing the value does to the record.
    pub removal: Removal,
    /// For a list: your place holds one value at most, not a list.
    pub single: Option<Single>,
    /// How your search takes the case of a text that SCIM compares without.
    pub search_case: SearchCase,
    /// What happens to a value that would not read back.
    pub lossy: Lossy,
    /// Whether a client that asks a read-only attribute to be something else is refused: the author's own word for it.
    pub strict: bool,
    /// Who may write it, after the mapping's word.
    pub mutability: Mutability,
    /// Who changes what it holds.
    pub holds: Holds,
    /// Where `value` is the id of another resource of this mapping: that resource's endpoint (`/Users`), for `$ref`.
    pub refers_to: Option<String>,
    /// Missing in POST or PUT is 400.
    pub required: bool,
    /// The characteristics of the attribute or sub-attribute.
    pub attribute: Attribute,
    /// Whether the value is a list (the rule names a multi-valued attribute without a value filter).
    pub list: bool,
    /// The part of the path that can be read but not written, where clients may write the attribute: then `write_at` is
    /// `None`, and only calls with `each` carry it.
    pub unwritable: Option<Span>,
    /// Whether a value that the rule cannot read was already logged.
    pub odd: Odd,
    /// The place in the mapping file.
    pub span: Span,
}

/// Where a value stands that the record has no place for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Beside {
    /// In the bridge's own store.
    Kept,
    /// The same, under a name that SCIM does not know: no client sees or writes it.
    Own,
    /// In a list of the other resources.
    Inverse,
}

/// Whose list a place holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// The resource's own values.
    Own,
    /// An inverse list of another type: the bridge writes it, though no client does.
    Inverse,
}

/// What removing a value does to the record.
#[derive(Clone, Debug)]
pub enum Removal {
    /// The rule's `unset` is written.
    Unset,
    /// The same, also where the path goes through an element of its own: the rule says by its own `unset` that the API keeps
    /// such elements (a numbered custom field) and takes an absent one for unchanged.
    OwnUnset,
    /// The element at this path goes: no other rule reads or writes it.
    Element(Path),
}

/// `lossy`: what happens to a value that would not read back as it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lossy {
    /// 400 `invalidValue`.
    Reject,
    /// It is written all the same, and logged.
    Warn,
}

impl Lossy {
    /// The words of the format.
    pub const WORDS: [&str; 2] = ["reject", "warn"];

    /// The policy that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "reject" => Some(Self::Reject),
            "warn" => Some(Self::Warn),
            _ => None,
        }
    }
}

/// `search_case`: how a search of yours takes the case of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchCase {
    /// As SCIM does: one question finds every spelling.
    AsScim,
    /// It heeds case, so that it is asked for the folded value too.
    Exact,
}

/// `single`: what happens when a client wants more values than the place of a list holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Single {
    /// 400 `invalidValue`.
    Reject,
    /// The primary one, else the last one is kept.
    Replace,
}

impl Single {
    /// The words of the format.
    pub const WORDS: [&str; 2] = ["reject", "replace"];

    /// The policy that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "reject" => Some(Self::Reject),
            "replace" => Some(Self::Replace),
            _ => None,
        }
    }
}

/// Logs the first value that a rule cannot read, and no later one: a page of odd records is one line.
#[derive(Clone, Debug, Default)]
pub struct Odd(Arc<AtomicBool>);

impl Odd {
    fn note(&self, rule: &str) {
        if !self.0.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                scim.attribute = rule,
                "a record holds a value that its rule cannot read; the attribute is left out"
            );
        }
    }
}

impl Rule {
    /// The SCIM value that the record holds, or what stands beside it; `None` when absent, unset or not decodable.
    pub fn get_with(&self, record: &Value, beside: Option<&Resource>) -> Option<Value> {
        if self.beside.is_some() { self.value_in(beside?) } else { self.get(record) }
    }

    /// The SCIM value that the record shows: the one that it holds, else `read_default`.
    pub fn get(&self, record: &Value) -> Option<Value> {
        self.find(record).or_else(|| self.read_default.as_ref()?.value(self, record))
    }

    /// The SCIM value that the record holds; `None` when absent, unset or not decodable.
    pub(crate) fn find(&self, record: &Value) -> Option<Value> {
        if let Some(show) = &self.show {
            return show.text(record, &self.unset).and_then(|text| self.shown(text));
        }
        let path = self.read_at.as_ref()?;
        if let Some(present) = self.presence {
            return Some(Value::Bool(self.is_there(path, record) == present));
        }
        if self.list { self.get_list(path, record) } else { self.decode(path.first(record)?) }
    }

    /// Writes a SCIM value; `None` removes. Untouched when the record already reads as `value`.
    ///
    /// # Errors
    /// 400 `invalidValue` when the value cannot be encoded or would not read back.
    pub fn put(&self, record: &mut Value, value: Option<&Value>) -> Result<(), scim::Error> {
        self.write(record, value).map(|_| ())
    }

    /// [`put`](Self::put), telling whether the record is another one now.
    pub(crate) fn write(&self, record: &mut Value, value: Option<&Value>) -> Result<bool, scim::Error> {
        match &self.write_at {
            Some(path) if self.presence.is_some() => {
                self.put_presence(path, record, (value, self.presence == Some(true)))
            }
            Some(path) if self.list => self.put_list(path, record, value),
            Some(path) => self.put_single(path, record, value),
            None => Ok(false),
        }
    }

    /// A single SCIM value in the upstream's form, for a filter term or an id; `None` when it cannot be one.
    ///
    /// Of a list rule, the form of one element's `value`. A value that no record can show (`007` where the API keeps
    /// integers) has none.
    pub fn encode(&self, value: &Value) -> Option<Value> {
        if self.show.is_some() || self.presence.is_some() {
            return None;
        }
        if let Some(each) = &self.each {
            return each.iter().find(|rule| rule.target.sub.as_deref() == Some("value"))?.encode(value);
        }
        let yours = self.codecs.encode(value).ok()?;
        let seen = self.decode(&yours)?;
        same(&self.codecs.canonical(value), &self.codecs.canonical(&seen)).then_some(yours)
    }

    /// The same for the value in the case that comparisons without regard to case use, where your search heeds case.
    pub fn encode_folded(&self, value: &Value) -> Option<Value> {
        let text = value.as_str().filter(|_| self.search_case == SearchCase::Exact)?;
        self.encode(&Value::from(fold(text)))
    }

    /// Whether a search for [`encode`](Self::encode)'s value finds every record that reads as `value`: not so where several
    /// values of yours read alike.
    pub fn is_searchable(&self, value: &Value) -> bool {
        self.show.is_none()
            && self.presence.is_none()
            && !self.may_be_default(value)
            && self.codecs.is_searchable(value)
    }

    /// The SCIM value of a node; `None` for null, `unset` and what the codecs cannot read.
    pub(crate) fn decode(&self, node: &Value) -> Option<Value> {
        if node.is_null() || same(node, &self.unset) {
            return None;
        }
        self.codecs.decode(node).inspect_err(|_| self.odd.note(&self.name)).ok()
    }

    /// A `show` text as the attribute's kind wants it.
    pub(crate) fn shown(&self, text: String) -> Option<Value> {
        match self.attribute.kind {
            Kind::String | Kind::DateTime | Kind::Binary | Kind::Reference => Some(Value::String(text)),
            Kind::Boolean => text.parse().ok().map(Value::Bool),
            Kind::Integer | Kind::Decimal => text.parse().ok().map(Value::Number),
            Kind::Complex => None,
        }
    }

    /// Whether it can be changed and the mapping has a way to.
    pub fn is_writable(&self) -> bool {
        self.write_at.is_some() || self.unwritable.is_some() || self.beside.is_some()
    }

    /// Whether the bridge keeps the value in its own store.
    pub fn is_kept(&self) -> bool {
        matches!(self.beside, Some(Beside::Kept | Beside::Own))
    }

    /// Whether the list is stored in the other resources.
    pub fn is_inverse(&self) -> bool {
        self.beside == Some(Beside::Inverse)
    }

    /// Whether no client sees or writes it.
    pub fn is_own(&self) -> bool {
        self.beside == Some(Beside::Own)
    }

    /// Whether it is written at another place than it is read.
    pub(crate) fn is_split(&self) -> bool {
        match (&self.read_at, &self.write_at) {
            (Some(read), Some(write)) => read.query != write.query,
            (None, Some(_)) => true,
            (_, None) => false,
        }
    }

    /// Whether two values of this rule are the same: text exactly (folded where the rule has `case`), times to the rule's
    /// precision, lists without order.
    pub(crate) fn is_same(&self, left: Option<&Value>, right: Option<&Value>) -> bool {
        if self.is_kept() {
            return same_option(left, right);
        }
        if self.list {
            return self.is_same_list(left, right);
        }
        let canonical = |value| self.codecs.canonical(value);
        same_option(left.map(canonical).as_deref(), right.map(canonical).as_deref())
    }

    fn put_single(&self, path: &Path, record: &mut Value, value: Option<&Value>) -> Result<bool, scim::Error> {
        let before = path.first(record).map(Cow::Borrowed);
        let shown = before.as_deref().and_then(|node| self.decode(node));
        // What is written elsewhere than it is read may be there unseen: its removal is written.
        if self.is_same(shown.as_ref(), value) && (value.is_some() || !self.is_split()) {
            return Ok(false);
        }
        let before = before.map(Cow::into_owned);
        let Some(value) = value else {
            match &self.removal {
                Removal::Unset | Removal::OwnUnset => path.put(record, self.unset.clone()),
                Removal::Element(element) => element.clear(record),
            }
            return Ok(path.first(record) != before.as_ref());
        };
        match self.codecs.encode(value) {
            Ok(yours) => path.put(record, yours),
            // The record says so by having no value.
            Err(_) if self.is_read_default(value) => path.put(record, self.unset.clone()),
            Err(error) => return Err(self.refused(&error)),
        }
        let back = path.first(record).and_then(|node| self.decode(node));
        let back = back.or_else(|| self.read_default.as_ref()?.value(self, record));
        if !self.is_same(back.as_ref(), Some(value)) {
            self.guard()?;
        }
        Ok(path.first(record) != before.as_ref())
    }

    /// What `lossy` says about a value that does not read back.
    fn guard(&self) -> Result<(), scim::Error> {
        match self.lossy {
            Lossy::Reject => Err(self.refused(&CodecError("this value would not read back as it was sent".to_owned()))),
            Lossy::Warn => {
                tracing::warn!(
                    scim.attribute = self.name,
                    "a value was written that does not read back as it was sent"
                );
                Ok(())
            }
        }
    }

    fn in_the_way(&self) -> scim::Error {
        self.refused(&CodecError("the record has no list at this place".to_owned()))
    }

    fn refused(&self, error: &CodecError) -> scim::Error {
        scim::Error::invalid_value(format!("`{}`: {error}", self.name))
    }
}
