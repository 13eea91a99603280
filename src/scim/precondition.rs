//! Entity tags and what a request makes depend on them (RFC 9110 §8.8.3 and §13.1, RFC 7644 §3.14).

/// What a request asks of the version that a resource has.
///
/// Versions are compared weakly, in `If-Match` too: a SCIM version is weak, and RFC 7644 §3.14 sends it there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Precondition {
    if_match: Option<Tags>,
    if_none_match: Option<Tags>,
}

/// What an `If-Match` or an `If-None-Match` lists.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tags {
    /// `*`: any version.
    Any,
    /// These, without their quotation marks.
    Listed(Vec<String>),
}

/// What a version means for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It is to be carried out.
    Proceed,
    /// The client has this version already.
    NotModified,
    /// The resource is not what the client takes it for.
    Failed,
}

impl Precondition {
    /// Reads the values of the two headers, each as often as it was sent; `None` where neither was.
    pub fn parse<'v>(
        if_match: impl IntoIterator<Item = &'v str>,
        if_none_match: impl IntoIterator<Item = &'v str>,
    ) -> Option<Self> {
        let precondition = Self { if_match: Tags::parse(if_match), if_none_match: Tags::parse(if_none_match) };
        (precondition != Self::default()).then_some(precondition)
    }

    /// What a resource's version means for a request that reads it (`reads`) or changes it. A resource whose version is not
    /// known matches `*` only. `If-Match` comes first (RFC 9110 §13.2.2).
    pub fn judge(&self, version: Option<&str>, reads: bool) -> Judgement {
        if self.if_match.as_ref().is_some_and(|tags| !tags.match_any(version)) {
            return Judgement::Failed;
        }
        match &self.if_none_match {
            Some(tags) if tags.match_any(version) && reads => Judgement::NotModified,
            Some(tags) if tags.match_any(version) => Judgement::Failed,
            Some(_) | None => Judgement::Proceed,
        }
    }
}

impl Tags {
    fn parse<'v>(values: impl IntoIterator<Item = &'v str>) -> Option<Self> {
        let mut values = values.into_iter().peekable();
        values.peek()?;
        let mut listed = Vec::new();
        for value in values {
            if value.trim() == "*" {
                return Some(Self::Any);
            }
            let mut rest = value.trim_start_matches([' ', '\t', ',']);
            while !rest.is_empty() {
                let (opaque, behind) = first(rest);
                listed.push(opaque.to_owned());
                rest = behind.trim_start_matches([' ', '\t', ',']);
            }
        }
        Some(Self::Listed(listed))
    }

    fn match_any(&self, version: Option<&str>) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(listed) => version.is_some_and(|version| {
                let (own, _) = first(version);
                listed.iter().any(|tag| tag == own)
            }),
        }
    }
}

/// The opaque part of the first tag of a list, and what stands behind it. A tag without quotation marks, as a client may take
/// it from `meta.version`, is taken as it stands.
fn first(list: &str) -> (&str, &str) {
    let quoted = list.strip_prefix("W/").or_else(|| list.strip_prefix("w/")).unwrap_or(list);
    if let Some((opaque, behind)) = quoted.strip_prefix('"').and_then(|inside| inside.split_once('"')) {
        return (opaque, behind);
    }
    let end = list.find(',').unwrap_or(list.len());
    (list[..end].trim_end(), &list[end..])
}

/// A version as an entity tag: as it is where it is one, weak in quotation marks where it can be one, else `None`.
pub fn entity_tag(version: &str) -> Option<String> {
    let is_opaque = |text: &str| text.bytes().all(|byte| matches!(byte, b'!' | b'#'..=b'~'));
    let quoted = version.strip_prefix("W/").unwrap_or(version);
    let inside = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    if inside.is_some_and(is_opaque) {
        return Some(version.to_owned());
    }
    (!version.is_empty() && is_opaque(version)).then(|| format!("W/\"{version}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_judged_by_what_the_request_asks() {
        use Judgement::{Failed, NotModified, Proceed};
        let (none, two) = (None, Some("W/\"2\""));
        let cases = [
            // (name, If-Match, If-None-Match, version, judged for a read, for a change)
            ("the version itself", Some("W/\"2\""), None, two, Proceed, Proceed),
            ("another version", Some("W/\"1\""), None, two, Failed, Failed),
            ("a strong tag of the same text", Some("\"2\""), None, two, Proceed, Proceed),
            ("one of several", Some("\"1\", W/\"2\",\"3\""), None, two, Proceed, Proceed),
            ("a comma within a tag", Some("\"2,\", \"1,2\""), None, two, Failed, Failed),
            ("without quotation marks", Some("1, 2"), None, two, Proceed, Proceed),
            ("any version", Some("*"), None, two, Proceed, Proceed),
            ("any version, none is known", Some("*"), None, none, Proceed, Proceed),
            ("a version, none is known", Some("\"2\""), None, none, Failed, Failed),
            ("an empty list", Some(""), None, two, Failed, Failed),
            ("a tag that never ends", Some("\"2"), None, two, Failed, Failed),
            ("known already", None, Some("W/\"2\""), two, NotModified, Failed),
            ("known in another version", None, Some("W/\"1\""), two, Proceed, Proceed),
            ("any is known", None, Some("*"), two, NotModified, Failed),
            ("a fresh look at a known one", Some("\"2\""), Some("\"2\""), two, NotModified, Failed),
            ("the first condition decides", Some("\"1\""), Some("\"2\""), two, Failed, Failed),
        ];
        for (name, if_match, if_none_match, version, read, change) in cases {
            let asked = Precondition::parse(if_match, if_none_match).expect("a condition");
            assert_eq!((asked.judge(version, true), asked.judge(version, false)), (read, change), "{name}");
        }
        assert_eq!(Precondition::parse([], []), None, "nothing is asked");
        let twice = Precondition::parse(["\"1\"", "\"2\""], []).unwrap();
        assert_eq!(twice.judge(two, false), Proceed, "a header sent twice");
    }

    #[test]
    fn a_version_is_an_entity_tag_where_it_can_be_one() {
        let cases = [
            ("weak", "W/\"3\"", Some("W/\"3\"")),
            ("strong", "\"a-b\"", Some("\"a-b\"")),
            ("bare", "3", Some("W/\"3\"")),
            ("empty", "", None),
            ("a space", "two words", None),
            ("a quotation mark inside", "a\"b", None),
            ("two tags", "\"a\",\"b\"", None),
        ];
        for (name, version, want) in cases {
            assert_eq!(entity_tag(version).as_deref(), want, "{name}");
        }
    }
}
