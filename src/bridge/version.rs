//! Versions of resources: what `ETag` and `meta.version` say (RFC 7644 §3.14).
//!
//! A version is that of the resource as a GET without parameters shows it, whatever an answer holds of it. Where not all of
//! that is known, an answer has no version: never one that a GET would not show.

use bytes::Bytes;
use http::HeaderValue;
use serde_json::{Map, Value};
use xxhash_rust::xxh3::xxh3_64;

use crate::bridge::Error;
use crate::bridge::fetch::{Found, Parts};
use crate::bridge::kind::{Kind, Record, Unshown};
use crate::bridge::work::Work;
use crate::mapping::TypeMapping;
use crate::mapping::call::Purpose;
use crate::mapping::read::Written;
use crate::scim::precondition::{Judgement, Precondition, entity_tag};
use crate::scim::{self, AttributePath, Projection};

/// Where the versions of a resource type come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Versions {
    /// A rule for `meta.version`.
    Mapped,
    /// The upstream's own `ETag`, where one call reads all of a resource.
    Upstream,
    /// The resource's JSON.
    Computed,
}

impl Versions {
    /// Where those of a type come from; `tags` says that the upstream gives its records an `ETag`.
    pub(crate) fn of(mapping: &TypeMapping, tags: bool) -> Self {
        let is_version = |name: &str| name.eq_ignore_ascii_case("meta.version");
        if mapping.view.rules.iter().any(|rule| is_version(&rule.name) && rule.is_shown()) {
            return Self::Mapped;
        }
        // An ETag says nothing of what other calls bring, or what stands beside the record.
        let in_one_call = !mapping.get.is_empty()
            && mapping.get.iter().all(|call| call.purpose == Purpose::Get && call.items.is_none())
            && mapping.view.rules.iter().all(|rule| rule.beside.is_none());
        if tags && in_one_call { Self::Upstream } else { Self::Computed }
    }
}

/// What is known of a record beside what it holds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Known<'a> {
    /// Whether it is all that a GET shows.
    pub(crate) whole: bool,
    /// The ETag of the answer that it came in.
    pub(crate) etag: Option<&'a HeaderValue>,
}

/// A resource as it is answered.
#[derive(Debug)]
pub(crate) struct Shown {
    /// Its id.
    pub(crate) id: String,
    /// Its JSON.
    pub(crate) body: Vec<u8>,
    /// Its version, where it is known.
    pub(crate) version: Option<HeaderValue>,
}

impl Kind {
    /// The resource that `write` writes, with its version. `write` appends the resource as a projection wants it.
    ///
    /// # Errors
    /// Those of `write`.
    pub(crate) fn show<E>(
        &self,
        projection: &Projection,
        known: Known<'_>,
        mut body: Vec<u8>,
        write: impl Fn(&Projection, &mut Vec<u8>) -> Result<Written, E>,
    ) -> Result<Shown, E> {
        let written = write(projection, &mut body)?;
        let version = match (self.versions, projection) {
            (Versions::Upstream, _) => known.etag.cloned(),
            (Versions::Mapped, Projection::Default) => mapped(&body, &written),
            (Versions::Mapped, _) => {
                let mut alone = Vec::new();
                let written = write(&version_alone(), &mut alone);
                written.ok().and_then(|written| mapped(&alone, &written))
            }
            (Versions::Computed, Projection::Default) if known.whole => computed(&body),
            (Versions::Computed, _) if known.whole => {
                let mut whole = Vec::with_capacity(1536);
                write(&Projection::Default, &mut whole).ok().and_then(|_| computed(&whole))
            }
            (Versions::Computed, _) => None,
        };
        if let (Some(version), Versions::Upstream | Versions::Computed) = (&version, self.versions) {
            add(version, projection, &mut body);
        }
        Ok(Shown { id: written.id, body, version })
    }

    /// The version of a record that was read; `None` where it is not known.
    fn version_of(&self, found: &Found) -> Option<HeaderValue> {
        let record = found.record()?;
        let shown = self.show(&Projection::Default, found.known(), Vec::new(), |projection, out| {
            self.write(record, projection, out)
        });
        shown.ok()?.version
    }

    /// Whether everything that a GET shows of a record has been read, where what `projection` wants was.
    pub(crate) fn reads_whole(&self, projection: &Projection) -> bool {
        *projection == Projection::Default
            || self.parts.iter().all(|part| part.rules.is_empty() || self.wants(part, projection))
                && self.mapping.inverse.iter().all(|inverse| self.wants_inverse(inverse, projection))
    }

    /// Whether a read of these parts shows everything that a GET shows.
    pub(crate) fn is_whole_of(&self, parts: Parts<'_>) -> bool {
        match parts {
            Parts::All => true,
            Parts::Own => self.mapping.inverse.is_empty(),
            Parts::Deleted => self.parts.is_empty() && self.mapping.inverse.is_empty(),
            Parts::But(_) => false,
            Parts::For(projection) | Parts::Matching(projection, _) => self.reads_whole(projection),
        }
    }
}

impl Work<'_> {
    /// Refuses to change a resource of which the client knows another version. `found` is all of it.
    ///
    /// # Errors
    /// 412.
    pub(crate) fn admit_version(&self, precondition: Option<&Precondition>, found: &Found) -> Result<(), Error> {
        let Some(precondition) = precondition else { return Ok(()) };
        let version = self.kind.version_of(found);
        match precondition.judge(version.as_ref().and_then(|version| version.to_str().ok()), false) {
            Judgement::Proceed => Ok(()),
            Judgement::Failed | Judgement::NotModified => Err(failed()),
        }
    }

    /// The same record, known to be all that a GET shows where an answer to a write shows as much: every field of the record
    /// `before` it, or else something for every rule.
    pub(crate) fn judged(&self, shown: Found, before: Option<&Value>) -> Found {
        let kind = self.kind;
        let view = &kind.mapping.view;
        let is_alone = kind.versions == Versions::Computed && kind.parts.is_empty() && kind.mapping.inverse.is_empty();
        let whole = is_alone
            && shown.get().is_some_and(|record| match before {
                Some(before) => crate::bridge::update::holds_all(record, before),
                None => view.tells_all(record),
            });
        shown.with_whole(whole)
    }
}

/// The 412.
pub(crate) fn failed() -> Error {
    scim::Error::with_status(412, "the resource has another version than the request names: read it again").into()
}

impl Found {
    /// What is known of it.
    pub(crate) fn known(&self) -> Known<'_> {
        Known { whole: self.whole, etag: self.etag() }
    }
}

impl Record<'_> {
    /// The resource that it shows, with its version.
    ///
    /// # Errors
    /// As of [`Kind::write`].
    pub(crate) fn show(self, kind: &Kind, projection: &Projection, known: Known<'_>) -> Result<Shown, Unshown> {
        let body = Vec::with_capacity(1536);
        kind.show(projection, known, body, |projection, out| kind.write(self, projection, out))
    }
}

/// Asks for `meta.version`, and nothing else.
fn version_alone() -> Projection {
    let path = AttributePath { schema: None, name: "meta".to_owned(), filter: None, sub: Some("version".to_owned()) };
    Projection::Only(vec![path])
}

/// The version that a rule gives.
fn mapped(body: &[u8], written: &Written) -> Option<HeaderValue> {
    let text: String = match &written.version {
        Some(range) => {
            let raw = body.get(range.clone())?;
            if let Some(tag) = weak(raw) {
                return Some(tag);
            }
            serde_json::from_slice(raw).ok()?
        }
        None if body.windows(9).any(|part| part == b"\"version\"") => {
            let resource: Value = serde_json::from_slice(body).ok()?;
            resource.pointer("/meta/version")?.as_str()?.to_owned()
        }
        None => return None,
    };
    HeaderValue::try_from(entity_tag(&text)?).ok()
}

/// The usual text of a version, `"W/\"3\""` in JSON, as a tag.
fn weak(raw: &[u8]) -> Option<HeaderValue> {
    let opaque = raw.strip_prefix(br#""W/\""#)?.strip_suffix(br#"\"""#)?;
    if !opaque.iter().all(|byte| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~')) {
        return None;
    }
    let mut tag = Vec::with_capacity(opaque.len() + 4);
    tag.extend_from_slice(b"W/\"");
    tag.extend_from_slice(opaque);
    tag.push(b'"');
    HeaderValue::from_maybe_shared(Bytes::from(tag)).ok()
}

/// The version that a whole resource has by its JSON: 64 bits of XXH3, which are the same in every build.
fn computed(body: &[u8]) -> Option<HeaderValue> {
    // One letter may be escaped in several ways, and which one depends on the way that the resource came.
    let hash = if body.contains(&b'\\') {
        let resource: Map<String, Value> = serde_json::from_slice(body).ok()?;
        xxh3_64(&serde_json::to_vec(&resource).ok()?)
    } else {
        xxh3_64(body)
    };
    let mut tag = *b"W/\"0000000000000000\"";
    for (place, digit) in tag[3..19].iter_mut().enumerate() {
        let four = (hash >> (60 - 4 * place)) & 0xf;
        *digit = b"0123456789abcdef"[usize::try_from(four).unwrap_or_default()];
    }
    HeaderValue::from_bytes(&tag).ok()
}

/// Adds `meta.version` to a resource, where it is wanted.
fn add(version: &HeaderValue, projection: &Projection, body: &mut Vec<u8>) {
    let Ok(text) = version.to_str() else { return };
    if !projection.wants(None, "meta", Some("version")) {
        return;
    }
    if *projection == Projection::Default && body.ends_with(b"}}") {
        // `meta` is always the last member, and never empty.
        body.truncate(body.len() - 2);
        body.extend_from_slice(b",\"version\":");
        let _ = serde_json::to_writer(&mut *body, text);
        body.extend_from_slice(b"}}");
        return;
    }
    let Ok(mut resource) = serde_json::from_slice::<Map<String, Value>>(body) else { return };
    let meta = resource.entry("meta").or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(meta) = meta {
        meta.insert("version".to_owned(), Value::from(text));
    }
    body.clear();
    let _ = serde_json::to_writer(body, &resource);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_a_rule_is_a_tag_however_it_is_spelt() {
        let cases = [
            ("a weak tag", r#""W/\"3\"""#, Some("W/\"3\"")),
            ("an escape inside", r#""W/\"\u0033\"""#, Some("W/\"3\"")),
            ("a strong tag", r#""\"3\"""#, Some("\"3\"")),
            ("bare", r#""3""#, Some("W/\"3\"")),
            ("a space", r#""W/\"3 4\"""#, None),
        ];
        for (name, raw, want) in cases {
            let written = Written { id: "1".to_owned(), version: Some(0..raw.len()) };
            let found = mapped(raw.as_bytes(), &written);
            assert_eq!(found.as_ref().map(|tag| tag.to_str().unwrap()), want, "{name}");
        }
        let by_value = Written { id: "1".to_owned(), version: None };
        let body = br#"{"id":"1","meta":{"version":"W/\"3\""}}"#;
        assert_eq!(mapped(body, &by_value).unwrap(), "W/\"3\"", "where the place is not known");
    }

    #[test]
    fn a_computed_version_does_not_depend_on_how_a_letter_is_escaped_and_never_changes_by_itself() {
        let computed = |body: &str| computed(body.as_bytes()).unwrap();
        assert_eq!(computed(r#"{"title":"a\/b"}"#), computed(r#"{"title":"a/b"}"#));
        assert_ne!(computed(r#"{"title":"a"}"#), computed(r#"{"title":"b"}"#));
        // As XXH3 defines it: what clients have kept is good after an update of this program.
        assert_eq!(computed(""), "W/\"2d06800538d394c2\"");
    }

    #[test]
    fn a_version_stands_in_meta_where_it_is_wanted() {
        let version = HeaderValue::from_static("W/\"3\"");
        let parse = |attributes, excluded| Projection::parse(attributes, excluded).unwrap();
        let whole = r#"{"id":"1","meta":{"location":"x"}}"#;
        let added = r#"{"id":"1","meta":{"location":"x","version":"W/\"3\""}}"#;
        let alone = r#"{"id":"1","meta":{"version":"W/\"3\""}}"#;
        let cases = [
            ("all", Projection::Default, whole, added),
            ("alone", parse(Some("meta.version"), None), r#"{"id":"1"}"#, alone),
            ("not asked for", parse(Some("userName"), None), whole, whole),
            ("excluded", parse(None, Some("meta.version")), whole, whole),
            ("something else excluded", parse(None, Some("title")), whole, added),
        ];
        for (name, projection, before, want) in cases {
            let mut body = before.as_bytes().to_vec();
            add(&version, &projection, &mut body);
            assert_eq!(String::from_utf8(body).unwrap(), want, "{name}");
        }
    }
}
