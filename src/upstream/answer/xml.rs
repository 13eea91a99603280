//! XML answers as the JSON that paths see: an element is a member, an attribute is `@name`, text beside either is `#text`.

use bytes::Bytes;
use encoding_rs::{Encoding, UTF_8};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value};

use crate::mapping::xml::XmlReading;
use crate::upstream::Answer;

/// Elements in elements; twice as deep in JSON, where each may be in a list, is what a JSON parser takes.
const DEPTH: usize = 60;
/// Attributes of one element.
const ATTRIBUTES: usize = 256;
/// How far into a body its encoding is looked for.
const DECLARATION: usize = 128;

/// The document as a value; the one member is its root. `None` where it is not well-formed, or is what nobody needs for data:
/// a document type with entities of its own, more than 60 elements deep.
///
/// `charset` is the one of the answer's media type.
pub(super) fn parse(body: &Bytes, charset: Option<&str>, reading: &XmlReading) -> Option<Value> {
    let (text, _, broken) = encoding(body, charset)?.decode(body);
    if broken {
        return None;
    }
    let mut reader = Reader::from_str(&text);
    let mut open: Vec<Element> = Vec::new();
    let mut root: Option<(String, Value)> = None;
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) if open.len() < DEPTH && root.is_none() => open.push(Element::open(&tag)?),
            Event::Empty(tag) if open.len() < DEPTH && root.is_none() => {
                open.push(Element::open(&tag)?);
                close(&mut open, &mut root, reading)?;
            }
            Event::Start(_) | Event::Empty(_) | Event::DocType(_) => return None,
            Event::End(_) => close(&mut open, &mut root, reading)?,
            Event::Text(text) => put_text(open.last_mut(), &text.xml10_content())?,
            Event::CData(text) => put_text(open.last_mut(), &text.xml10_content())?,
            Event::GeneralRef(entity) => {
                let element = open.last_mut()?;
                match entity.resolve_char_ref().ok()? {
                    Some(letter) => element.text.push(letter),
                    None => element.text.push_str(resolve_xml_entity(&entity)?),
                }
            }
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
    }
    let (name, value) = root.filter(|_| open.is_empty())?;
    Some(Value::Object(Map::from_iter([(name, value)])))
}

/// Whether an answer is XML: by its media type, or, where it has none, by how it begins. A page for people is none.
pub(super) fn is_xml(answer: &Answer) -> bool {
    let Some(value) = answer.headers.get(CONTENT_TYPE) else {
        let body = answer.body.trim_ascii_start();
        return body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).starts_with(b"<");
    };
    let essence = crate::value::essence(value.as_bytes()).to_ascii_lowercase();
    let is_type = matches!(essence.as_str(), "application/xml" | "text/xml");
    is_type || essence.ends_with("+xml") && essence != "application/xhtml+xml"
}

/// The encoding that the media type names.
pub(super) fn charset(headers: &HeaderMap) -> Option<&str> {
    let mut parameters = headers.get(CONTENT_TYPE)?.to_str().ok()?.split(';').skip(1);
    parameters.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    })
}

/// The encoding: of the byte order mark, else of the media type, else of the document's first line.
fn encoding(body: &[u8], charset: Option<&str>) -> Option<&'static Encoding> {
    if let Some((encoding, _)) = Encoding::for_bom(body) {
        return Some(encoding);
    }
    if let Some(charset) = charset {
        return Encoding::for_label(charset.as_bytes());
    }
    let head = String::from_utf8_lossy(&body[..body.len().min(DECLARATION)]);
    let declaration =
        head.trim_start().strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")).map(|(text, _)| text);
    let Some((_, label)) = declaration.and_then(|text| text.split_once("encoding")) else { return Some(UTF_8) };
    let label = label.trim_start().strip_prefix('=')?.trim_start();
    let quote = label.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let (label, _) = label[1..].split_once(quote)?;
    Encoding::for_label(label.as_bytes())
}

/// An element that is not closed yet.
struct Element {
    name: String,
    members: Map<String, Value>,
    text: String,
    /// `xsi:nil`: it has no value, whatever else it has.
    nil: bool,
}

impl Element {
    fn open(tag: &BytesStart<'_>) -> Option<Self> {
        let mut members = Map::new();
        let mut nil = false;
        for attribute in tag.attributes() {
            let attribute = attribute.ok()?;
            let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok()?;
            let name = attribute.key.into_inner();
            nil |= name == "xsi:nil" && matches!(value.trim(), "true" | "1");
            members.insert(format!("@{name}"), Value::from(value));
            if members.len() > ATTRIBUTES {
                return None;
            }
        }
        Some(Self { name: tag.name().into_inner().to_owned(), members, text: String::new(), nil })
    }

    /// Its value: text alone is a string, nothing at all is null. White space between elements, or alone, is layout.
    fn value(mut self) -> Value {
        if self.nil {
            return Value::Null;
        }
        let layout = self.text.trim().is_empty();
        if self.members.is_empty() {
            return if layout { Value::Null } else { Value::from(self.text) };
        }
        if !layout {
            let is_leaf = self.members.keys().all(|name| name.starts_with('@'));
            let text = if is_leaf { self.text.as_str() } else { self.text.trim() };
            self.members.insert("#text".to_owned(), Value::from(text));
        }
        Value::Object(self.members)
    }
}

/// Text outside of the root is white space, or no XML.
fn put_text(element: Option<&mut Element>, text: &str) -> Option<()> {
    match element {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return None,
    }
    Some(())
}

/// Closes the innermost element: it becomes a member of the one around it, or the root.
fn close(open: &mut Vec<Element>, root: &mut Option<(String, Value)>, reading: &XmlReading) -> Option<()> {
    let names: Vec<&str> = open.iter().map(|element| element.name.as_str()).collect();
    let is_list = reading.is_list(&names);
    let missing: Vec<&str> = reading.lists_in(&names).collect();
    let mut element = open.pop()?;
    if element.text.trim().is_empty() {
        for name in missing {
            element.members.entry(name).or_insert_with(|| Value::Array(Vec::new()));
        }
    }
    let name = std::mem::take(&mut element.name);
    let value = element.value();
    let Some(parent) = open.last_mut() else {
        *root = Some((name, value));
        return Some(());
    };
    match parent.members.get_mut(&name) {
        None if is_list => {
            parent.members.insert(name, Value::Array(vec![value]));
        }
        None => {
            parent.members.insert(name, value);
        }
        // No element's value is a list: a list here is of elements.
        Some(Value::Array(list)) => list.push(value),
        Some(first) => {
            let first_value = first.take();
            *first = Value::Array(vec![first_value, value]);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str, lists: &[&[&str]]) -> Option<Value> {
        let names = |list: &&[&str]| list.iter().map(|name| (*name).to_owned()).collect();
        let reading = XmlReading { lists: lists.iter().map(names).collect() };
        parse(&Bytes::copy_from_slice(text.as_bytes()), None, &reading)
    }

    #[test]
    fn elements_are_members_attributes_have_an_at_and_text_beside_them_a_name() {
        let table = [
            ("text", "<id>42</id>", json!({ "id": "42" })),
            ("nested", "<u><id>42</id><n><g>Ada</g></n></u>", json!({ "u": { "id": "42", "n": { "g": "Ada" } } })),
            ("an attribute", r#"<u id="4&amp;2"/>"#, json!({ "u": { "@id": "4&2" } })),
            ("text beside it", r#"<u id="7"> Ada </u>"#, json!({ "u": { "@id": "7", "#text": " Ada " } })),
            ("several of one name", "<r><a>1</a><b/><a>2</a></r>", json!({ "r": { "a": ["1", "2"], "b": null } })),
            ("nothing", "<r><a></a><b/><c> </c></r>", json!({ "r": { "a": null, "b": null, "c": null } })),
            ("no value by a word", r#"<r><a xsi:nil="true" t="x"/></r>"#, json!({ "r": { "a": null } })),
            ("a prefix", r#"<s:B xmlns:s="u"><s:c>1</s:c></s:B>"#, json!({ "s:B": { "@xmlns:s": "u", "s:c": "1" } })),
            ("references", "<a>&lt;&#65;&#x42;&amp;b&gt;</a>", json!({ "a": "<AB&b>" })),
            ("CDATA", "<a><![CDATA[<b>&amp;]]>c</a>", json!({ "a": "<b>&amp;c" })),
            ("layout", "\n<?xml version='1.0'?>\n<!-- x --><r>\n <a>x y</a>\n</r>\n", json!({ "r": { "a": "x y" } })),
            ("text among elements", "<r> a <b>1</b> c </r>", json!({ "r": { "b": "1", "#text": "a  c" } })),
        ];
        for (name, text, expected) in table {
            assert_eq!(read(text.trim_start(), &[]), Some(expected), "{name}");
        }
    }

    #[test]
    fn what_is_a_list_is_one_with_one_element_or_none() {
        let lists: &[&[&str]] = &[&["roles", "role"], &["user"]];
        let table = [
            ("one", "<u><roles><role>a</role></roles></u>", json!({ "u": { "roles": { "role": ["a"] } } })),
            (
                "two",
                "<u><roles><role>a</role><role>b</role></roles></u>",
                json!({ "u": { "roles": { "role": ["a", "b"] } } }),
            ),
            ("none", "<u><roles/></u>", json!({ "u": { "roles": { "role": [] } } })),
            ("not there", "<u/>", json!({ "u": null })),
            ("elsewhere", "<u><role>a</role></u>", json!({ "u": { "role": "a" } })),
            ("by its own name", "<us><user>a</user></us>", json!({ "us": { "user": ["a"] } })),
            ("never the root", "<user>a</user>", json!({ "user": "a" })),
        ];
        for (name, text, expected) in table {
            assert_eq!(read(text, lists), Some(expected), "{name}");
        }
    }

    #[test]
    fn what_is_no_data_is_refused() {
        let deep = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        let attributes = (0..=ATTRIBUTES).map(|number| format!(" a{number}=''")).collect::<Vec<_>>().concat();
        let table = [
            ("half", "<a><b>"),
            ("tags that cross", "<a><b></a></b>"),
            ("two roots", "<a/><b/>"),
            ("text behind the root", "<a/>x"),
            ("text alone", "x"),
            ("nothing", ""),
            ("no XML", "{\"a\":1}"),
            ("a document type", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>"),
            ("a document type from elsewhere", "<!DOCTYPE a SYSTEM \"http://127.0.0.1/a.dtd\"><a/>"),
            ("an entity of its own", "<a>&b;</a>"),
            ("the same in an attribute", "<a b='&c;'/>"),
            ("an attribute twice", "<a b='1' b='2'/>"),
            ("too deep", &deep(DEPTH + 1)),
            ("too many attributes", &format!("<a{attributes}/>")),
            ("an unknown encoding", "<?xml version='1.0' encoding='klingon'?><a/>"),
        ];
        for (name, text) in table {
            assert_eq!(read(text, &[]), None, "{name}");
        }
        assert!(read(&deep(DEPTH), &[]).is_some());
    }

    #[test]
    fn the_deepest_document_is_json_that_can_be_read_again() {
        let text = format!("{}{}", "<a>".repeat(DEPTH), "</a>".repeat(DEPTH));
        let value = read(&text, &[&["a"]]).unwrap();
        assert!(serde_json::from_str::<Value>(&value.to_string()).is_ok());
    }

    #[test]
    fn letters_come_in_the_encoding_that_is_said() {
        let table: [(&str, &[u8], Option<&str>); 5] = [
            ("UTF-8 without a word", "<a>Ä</a>".as_bytes(), None),
            ("the document's word", b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xc4</a>", None),
            ("the media type's word", b"<a>\xc4</a>", Some("windows-1252")),
            ("the media type goes first", b"<?xml version='1.0' encoding='UTF-8'?><a>\xc4</a>", Some("latin1")),
            ("a byte order mark goes before all", b"\xef\xbb\xbf<a>\xc3\x84</a>", Some("latin1")),
        ];
        for (name, body, charset) in table {
            let read = parse(&Bytes::copy_from_slice(body), charset, &XmlReading::default());
            assert_eq!(read, Some(json!({ "a": "Ä" })), "{name}");
        }
        assert_eq!(parse(&Bytes::from_static(b"<a>\xc4</a>"), None, &XmlReading::default()), None, "no UTF-8");
    }
}
