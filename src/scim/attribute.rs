//! Attribute paths (RFC 7644 §3.5.2, figure 7; §3.10): `urn:...:User:emails[type eq "work"].value`.

use std::fmt;

use crate::scim::Filter;
use crate::scim::bounds::Bounds;
use crate::scim::filter::Parser;

/// A place in a resource: schema URN, attribute, value filter, sub-attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributePath {
    /// The schema URN in front, as written, without the final colon.
    pub schema: Option<String>,
    /// The attribute name, as written (names are case-insensitive); empty where the path is a schema URN alone and names
    /// the whole extension.
    pub name: String,
    /// The filter in brackets, over the elements of a multi-valued attribute.
    pub filter: Option<Box<Filter>>,
    /// The sub-attribute after the dot.
    pub sub: Option<String>,
}

impl AttributePath {
    /// Reads a path: of a PATCH operation, of a mapping's left side, of `attributes`.
    ///
    /// URNs hold dots and colons: the last colon ends the URN. A text such as `urn:...:2.0:User`, a name right after a
    /// version, is a URN alone; where that guess is wrong for a schema, `ResourceSchema::locate` puts it right.
    ///
    /// # Errors
    /// [`SyntaxError`] with the place of the fault.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        Self::parse_within(text, Bounds::PRODUCT)
    }

    /// As [`parse`](Self::parse), within other bounds.
    pub(in crate::scim) fn parse_within(text: &str, bounds: Bounds) -> Result<Self, SyntaxError> {
        let mut parser = Parser::new(text, bounds)?;
        let path = parser.path()?;
        parser.end("expected the end of the path")?;
        Ok(path)
    }

    /// Whether the path is a schema URN alone.
    pub fn is_schema(&self) -> bool {
        self.name.is_empty()
    }

    /// Reads a path without brackets; `offset` is where `token` stands in the whole text.
    pub(in crate::scim) fn from_token(token: &str, offset: usize) -> Result<Self, SyntaxError> {
        let Some((schema, rest)) = split_schema(token) else {
            let (name, sub) = split_sub(token, offset)?;
            return Ok(Self { schema: None, name, filter: None, sub });
        };
        if rest.is_empty() && schema.len() == token.len() {
            return Ok(Self { schema: Some(schema.to_owned()), name: String::new(), filter: None, sub: None });
        }
        let (name, sub) = split_sub(rest, offset + token.len() - rest.len())?;
        Ok(Self { schema: Some(schema.to_owned()), name, filter: None, sub })
    }
}

/// The URN in front of a name, and the rest; the whole and nothing for a URN alone; `None` without a URN.
fn split_schema(token: &str) -> Option<(&str, &str)> {
    if !token.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:")) {
        return None;
    }
    let (schema, rest) = token.rsplit_once(':')?;
    let after_version = schema.rsplit_once(':').is_some_and(|(_, last)| is_version(last));
    if is_version(rest) || after_version && is_name(rest) { Some((token, "")) } else { Some((schema, rest)) }
}

fn split_sub(text: &str, offset: usize) -> Result<(String, Option<String>), SyntaxError> {
    let (name, sub) = match text.split_once('.') {
        Some((name, sub)) => (name, Some(sub)),
        None => (text, None),
    };
    if !is_name(name) {
        return Err(SyntaxError::new(offset, "expected an attribute name"));
    }
    if sub.is_some_and(|sub| !is_name(sub)) {
        return Err(SyntaxError::new(offset + name.len() + 1, "expected the name of a sub-attribute"));
    }
    Ok((name.to_owned(), sub.map(str::to_owned)))
}

/// `ATTRNAME` of RFC 7644 figure 1, and `$ref`.
pub(in crate::scim) fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'$')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn is_version(text: &str) -> bool {
    text.bytes().next().is_some_and(|first| first.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            f.write_str(schema)?;
            if !self.is_schema() {
                f.write_str(":")?;
            }
        }
        f.write_str(&self.name)?;
        if let Some(filter) = &self.filter {
            write!(f, "[{filter}]")?;
        }
        if let Some(sub) = &self.sub {
            write!(f, ".{sub}")?;
        }
        Ok(())
    }
}

/// What is wrong with a filter or a path, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} at character {}", offset + 1)]
pub struct SyntaxError {
    /// Byte offset into the parsed text.
    pub offset: usize,
    /// What was expected or found, lower case, no full stop.
    pub message: String,
}

impl SyntaxError {
    pub(in crate::scim) fn new(offset: usize, message: impl Into<String>) -> Self {
        Self { offset, message: message.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    #[test]
    fn a_path_is_split_into_schema_name_and_sub_attribute() {
        let cases = [
            // (name, text, schema, attribute, sub)
            ("a name", "userName".to_owned(), None, "userName", None),
            ("a sub-attribute", "name.givenName".to_owned(), None, "name", Some("givenName")),
            ("a reference", "members.$ref".to_owned(), None, "members", Some("$ref")),
            ("a URN and a name", format!("{ENTERPRISE}:department"), Some(ENTERPRISE), "department", None),
            (
                "a URN, a name and a sub",
                format!("{ENTERPRISE}:manager.value"),
                Some(ENTERPRISE),
                "manager",
                Some("value"),
            ),
            ("a URN alone", ENTERPRISE.to_owned(), Some(ENTERPRISE), "", None),
            ("a URN that ends in a version", "urn:acme:hr:1.0".to_owned(), Some("urn:acme:hr:1.0"), "", None),
            ("a URN without a version", "urn:acme:hr:badge".to_owned(), Some("urn:acme:hr"), "badge", None),
            ("a URN in capitals", "URN:acme:hr:badge".to_owned(), Some("URN:acme:hr"), "badge", None),
            ("spaces around", "  userName ".to_owned(), None, "userName", None),
        ];
        for (name, text, schema, attribute, sub) in cases {
            let path = AttributePath::parse(&text).unwrap();
            let got = (path.schema.as_deref(), path.name.as_str(), path.sub.as_deref());
            assert_eq!(got, (schema, attribute, sub), "{name}");
            assert_eq!(path.to_string(), text.trim(), "{name}: printed");
            assert_eq!(path.is_schema(), attribute.is_empty(), "{name}: whole schema");
        }
    }

    #[test]
    fn a_value_filter_is_read_and_printed_in_canonical_form() {
        let path = AttributePath::parse(r#"emails[ type EQ "work"  and primary eq True ].value"#).unwrap();
        assert_eq!(path.to_string(), r#"emails[type eq "work" and primary eq true].value"#);
        assert_eq!(AttributePath::parse(&path.to_string()), Ok(path));
    }

    #[test]
    fn a_fault_is_reported_with_its_place() {
        let cases = [
            ("empty", "", "expected an attribute name at character 1"),
            ("a digit first", "9lives", "expected an attribute name at character 1"),
            ("no sub-attribute", "name.", "expected the name of a sub-attribute at character 6"),
            ("two dots", "a.b.c", "expected the name of a sub-attribute at character 3"),
            ("no name after the URN", "urn:a:b:", "expected an attribute name at character 9"),
            ("text after the path", "userName x", "expected the end of the path at character 10"),
            ("no closing bracket", r#"emails[type eq "work""#, "expected `]` at character 22"),
            ("an empty filter", "emails[]", "expected an attribute name at character 8"),
            ("no dot after the bracket", r#"emails[type eq "a"]value"#, "expected the end of the path at character 20"),
            ("brackets on a URN alone", "urn:a:2.0:User[a pr]", "expected the end of the path at character 15"),
        ];
        for (name, text, want) in cases {
            assert_eq!(AttributePath::parse(text).unwrap_err().to_string(), want, "{name}");
        }
    }
}
