//! Parts of a JSON text, cut out as they are written.
//!
//! `jiter` does the walking. A value that it refuses although it is JSON is passed over by `serde_json`: half a character
//! (`"\ud800"`, which languages whose texts are 16-bit units cut out of longer ones), nesting beyond its bound, numbers
//! without end. One such name must not hide the other records of a page.

use jiter::{Jiter, JiterError, Peek};
use serde::de::IgnoredAny;

/// The text is no JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is not JSON")]
pub struct NotJson;

impl From<JiterError> for NotJson {
    fn from(_: JiterError) -> Self {
        Self
    }
}

/// A place in a JSON text.
#[derive(Debug)]
pub struct Scan<'t> {
    text: &'t str,
    /// Where `rest` begins.
    base: usize,
    rest: Jiter<'t>,
}

impl<'t> Scan<'t> {
    /// The beginning of a text.
    pub fn new(text: &'t str) -> Self {
        Self { text, base: 0, rest: Jiter::new(text.as_bytes()) }
    }

    /// What comes next, behind white space.
    ///
    /// # Errors
    /// Nothing does.
    pub fn peek(&mut self) -> Result<Peek, NotJson> {
        Ok(self.rest.peek()?)
    }

    /// How far the walk has come, in bytes.
    pub fn place(&self) -> usize {
        self.base + self.rest.current_index()
    }

    /// Enters the object that comes next; the name of its first member, whose value comes next.
    ///
    /// # Errors
    /// The text is no JSON, or an escape in the name is half a character.
    pub fn first_key(&mut self) -> Result<Option<&str>, NotJson> {
        Ok(self.rest.next_object()?)
    }

    /// The name of the next member; `None` behind the last, and the object is left.
    ///
    /// # Errors
    /// As [`first_key`](Self::first_key).
    pub fn next_key(&mut self) -> Result<Option<&str>, NotJson> {
        Ok(self.rest.next_key()?)
    }

    /// Enters the list that comes next; what its first element is.
    ///
    /// # Errors
    /// The text is no JSON.
    pub fn first_element(&mut self) -> Result<Option<Peek>, NotJson> {
        Ok(self.rest.next_array()?)
    }

    /// What the next element is; `None` behind the last, and the list is left.
    ///
    /// # Errors
    /// The text is no JSON.
    pub fn next_element(&mut self) -> Result<Option<Peek>, NotJson> {
        Ok(self.rest.array_step()?)
    }

    /// Passes over the value that comes next, and was looked at, and gives its text.
    ///
    /// # Errors
    /// The text is no JSON.
    pub fn value(&mut self, next: Peek) -> Result<&'t str, NotJson> {
        let start = self.place();
        if self.rest.known_skip(next).is_err() {
            let rest = self.text.get(start..).ok_or(NotJson)?;
            let mut values = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
            values.next().and_then(Result::ok).ok_or(NotJson)?;
            self.base = start + values.byte_offset();
            // What is open is not kept by `jiter` but asked of it, so that a new one can go on.
            self.rest = Jiter::new(self.text.get(self.base..).ok_or(NotJson)?.as_bytes());
        }
        self.since(start)
    }

    /// The text from `start` on, a [`place`](Self::place) before.
    ///
    /// # Errors
    /// There is no such place.
    pub fn since(&self, start: usize) -> Result<&'t str, NotJson> {
        self.text.get(start..self.place()).ok_or(NotJson)
    }

    /// Passes over the list that comes next, and gives the texts of its elements.
    fn elements(&mut self) -> Result<Vec<&'t str>, NotJson> {
        let (mut elements, mut next) = (Vec::new(), self.first_element()?);
        while let Some(first) = next {
            elements.push(self.value(first)?);
            next = self.next_element()?;
        }
        Ok(elements)
    }

    /// Nothing but white space is left.
    ///
    /// # Errors
    /// Something is left.
    pub fn end(&mut self) -> Result<(), NotJson> {
        Ok(self.rest.finish()?)
    }
}

/// The one value that a text is, without white space around it.
///
/// # Errors
/// The text is no JSON, or more than one value.
pub fn only(text: &str) -> Result<&str, NotJson> {
    let mut scan = Scan::new(text);
    let next = scan.peek()?;
    let value = scan.value(next)?;
    scan.end()?;
    Ok(value)
}

/// The raw texts of a list's elements.
///
/// # Errors
/// The text is no list.
pub fn elements(list: &str) -> Result<Vec<&str>, NotJson> {
    let mut scan = Scan::new(list);
    let elements = scan.elements()?;
    scan.end()?;
    Ok(elements)
}

/// Calls `seen` with the name and the raw text of each member of an object. Gives, of the same pass, the elements of the
/// member named `list`, where it is a list; of several the last.
///
/// # Errors
/// The text is no object.
pub fn members<'t>(
    object: &'t str,
    list: Option<&str>,
    mut seen: impl FnMut(String, &'t str),
) -> Result<Option<Vec<&'t str>>, NotJson> {
    let mut scan = Scan::new(object);
    let (mut elements, mut name) = (None, scan.first_key()?.map(str::to_owned));
    while let Some(found) = name {
        let (next, start) = (scan.peek()?, scan.place());
        let is_asked_for = list == Some(found.as_str());
        if is_asked_for && next == Peek::Array {
            elements = Some(scan.elements()?);
        } else {
            scan.value(next)?;
            elements = elements.filter(|_| !is_asked_for);
        }
        seen(found, scan.since(start)?);
        name = scan.next_key()?.map(str::to_owned);
    }
    scan.end()?;
    Ok(elements)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    use super::*;

    #[test]
    fn json_is_taken() {
        let good = [
            "0",
            "-0",
            "10",
            "1.5",
            "1e5",
            "1E+5",
            "-1.25e-10",
            "true",
            "false",
            "null",
            r#""""#,
            r#""a\"b\\\u00e9\n""#,
            "[]",
            "{}",
            "[[],{}]",
            r#"{"a":1,"b":[2,{"c":null}]}"#,
            " [ 1 , 2 ] ",
            "{ \"a\" : { } }\n",
            "\"a longer text without anything special, and é\"",
            r#""\ud800""#,
            r#"[{"a":"\udc00"},1,"\ud800", {}]"#,
        ];
        for text in good {
            assert_eq!(only(text), Ok(text.trim()), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_is_refused() {
        let bad = [
            "",
            " ",
            "01",
            "-",
            "+1",
            ".5",
            "1.",
            "1e",
            "1e+",
            "1.e5",
            "tru",
            "True",
            "nul",
            "\"",
            "\"a",
            "\"a\nb\"",
            "\"01234567\u{1}\"",
            r#""\x""#,
            r#""\u12""#,
            r#""\u12g4""#,
            "[",
            "[1",
            "[1,",
            "[1,]",
            "[,]",
            "[1 2]",
            "]",
            "{",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":1",
            "{\"a\":1,",
            "{\"a\":1,}",
            "{a:1}",
            "{1:1}",
            "{\"a\" 1}",
            "[1}",
            "{\"a\":1]",
            "1 2",
            "[] x",
            "\"a\"\"b\"",
            "{\"a\":1 \"b\":2}",
            "\\",
            "\"\\",
            "NaN",
            "[-Infinity]",
        ];
        for text in bad {
            assert_eq!(only(text), Err(NotJson), "{text}");
        }
    }

    #[test]
    fn any_depth_is_walked() {
        for depth in [63, 199, 200, 201, 100_000] {
            let lists = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
            assert!(only(&lists).is_ok(), "{depth} lists");
            let mixed = format!("{}1{}", "[{\"a\":".repeat(depth), "}]".repeat(depth));
            assert!(only(&mixed).is_ok(), "{depth} lists and objects");
            assert_eq!(only(&mixed.replace("}]}]", "}]]}")), Err(NotJson), "{depth} crossed");
        }
    }

    #[test]
    fn members_and_elements_are_cut_out_as_they_are_written() {
        let long = "1".repeat(5000);
        let text = format!(r#" {{"a" : 1.10, "\u0062":["x\\y", {{}} ],"c":"\ud800", "a":-0 ,"d":{long}}} "#);
        let mut found = Vec::new();
        members(&text, None, |name, value| found.push((name, value))).unwrap();
        let want = [("a", "1.10"), ("b", r#"["x\\y", {} ]"#), ("c", r#""\ud800""#), ("a", "-0"), ("d", &long)];
        assert_eq!(found, want.map(|(name, text)| (name.to_owned(), text)));
        assert!(members("[]", None, |_, _| ()).is_err());
        assert!(members(r#"{"\ud800":1}"#, None, |_, _| ()).is_err(), "half a character is no name");

        let list = r#" [12345678901234567890123, {"a":[ "\udc00"]} ,"]", "\ud83d"] "#;
        assert_eq!(
            elements(list),
            Ok(vec!["12345678901234567890123", r#"{"a":[ "\udc00"]}"#, r#""]""#, r#""\ud83d""#])
        );
        assert_eq!(elements("{}"), Err(NotJson));
        assert_eq!(elements("[] 1"), Err(NotJson));
    }

    #[test]
    fn a_list_is_split_in_the_pass_that_finds_it() {
        for (object, elements) in [
            (r#"{"a":1,"l":[1, {"a":2} ],"b":2}"#, Some(vec!["1", r#"{"a":2}"#])),
            (r#"{"l":[1],"l":[]}"#, Some(vec![])),
            (r#"{"l":[1],"l":{"a":[2]}}"#, None),
            (r#"{"m":[1]}"#, None),
        ] {
            let (mut one, mut other) = (Vec::new(), Vec::new());
            let found = members(object, Some("l"), |name, text| one.push((name, text)));
            members(object, None, |name, text| other.push((name, text))).unwrap();
            assert_eq!((found, one), (Ok(elements), other), "{object}");
        }
        for bad in ["[]", r#"{"l":[1}"#, r#"{"l":[1]"#, r#"{"l":[1]} 2"#] {
            assert_eq!(members(bad, Some("l"), |_, _| ()), Err(NotJson), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn it_takes_what_a_parser_takes(text in r#"([\[\]{},:"\\ aeu0-9.+-]|\n|true|null|"[a-z]{0,12}":?|\\u00e9|\\ud800|é){0,14}"#) {
            let parsed = serde_json::from_str::<&RawValue>(&text);
            prop_assert_eq!(only(&text).is_ok(), parsed.is_ok(), "{}", text);
        }
    }
}
