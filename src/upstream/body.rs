//! The request's body: JSON or a form.

use bytes::Bytes;
use http::HeaderValue;
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::mapping::call::{FormArrays, FormStyle};
use crate::mapping::document::Format;
use crate::mapping::found::Found;
use crate::mapping::hole::{BodyTemplate, FillError};
use crate::mapping::scope::Scope;

/// The filled body; `None` when its only hole is optional and has no value.
///
/// # Errors
/// See [`FillError`].
pub(crate) fn encode(
    body: &BodyTemplate,
    (format, style): (Format, &FormStyle),
    scope: &Scope<'_>,
) -> Result<Option<Bytes>, FillError> {
    match format {
        Format::Json => {
            let mut out = Vec::with_capacity(256);
            Ok(body.write_json(scope, &mut out)?.then(|| out.into()))
        }
        Format::Form => match body.fill(scope)? {
            None => Ok(None),
            Some(Value::Object(members)) => Ok(Some(form(&members, style).into())),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
                let hole = body.holes().first().map_or_else(String::new, |hole| hole.text.clone());
                Err(FillError::Unfit(hole, "form"))
            }
        },
    }
}

/// The media type that goes with a format.
pub(crate) fn content_type(format: Format) -> HeaderValue {
    HeaderValue::from_static(match format {
        Format::Json => "application/json",
        Format::Form => "application/x-www-form-urlencoded",
    })
}

/// Tables become `a[b]=`, null is an empty field, numbers are text; lists and booleans are as the style says.
fn form(members: &Map<String, Value>, style: &FormStyle) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    for (name, value) in members {
        append(&mut out, name, value, style);
    }
    out.finish()
}

fn append(out: &mut form_urlencoded::Serializer<'_, String>, name: &str, value: &Value, style: &FormStyle) {
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                append(out, &format!("{name}[{member}]"), value, style);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                match style.arrays {
                    FormArrays::Repeat => append(out, name, item, style),
                    FormArrays::Brackets => append(out, &format!("{name}[]"), item, style),
                    FormArrays::Indexed => append(out, &format!("{name}[{index}]"), item, style),
                }
            }
        }
        Value::Bool(is) if style.bools.is_some() => {
            let word = style.bools.as_ref().map_or("", |(yes, no)| if *is { yes } else { no });
            out.append_pair(name, word);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.append_pair(name, &Found::Value(value).text().unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::mapping::hole::Template;

    fn sent(record: &Value, format: Format) -> Result<Option<String>, FillError> {
        sent_as(record, format, &FormStyle::default())
    }

    fn sent_as(record: &Value, format: Format, style: &FormStyle) -> Result<Option<String>, FillError> {
        let body = BodyTemplate::of(Template::parse("{record}").unwrap());
        let scope = Scope { sent: Some(record), ..Scope::default() };
        Ok(encode(&body, (format, style), &scope)?.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()))
    }

    #[test]
    fn a_form_names_what_is_nested() {
        let table = [
            ("texts, numbers, booleans", json!({ "a": "x y&z=1", "n": 7, "b": true }), "a=x+y%26z%3D1&n=7&b=true"),
            ("null is an empty field", json!({ "a": null }), "a="),
            ("a table", json!({ "a": { "b": { "c": 1 } } }), "a%5Bb%5D%5Bc%5D=1"),
            ("a list repeats", json!({ "a": ["x", "y"] }), "a=x&a=y"),
            ("an empty list is nothing", json!({ "a": [], "b": 1 }), "b=1"),
            ("names are encoded too", json!({ "a&b": 1 }), "a%26b=1"),
        ];
        for (name, record, expected) in table {
            assert_eq!(sent(&record, Format::Form), Ok(Some(expected.to_owned())), "{name}");
        }
        assert_eq!(sent(&json!([1]), Format::Form), Err(FillError::Unfit("record".into(), "form")));
    }

    #[test]
    fn a_form_writes_lists_and_booleans_as_its_style_says() {
        let record = json!({ "a": ["x", true], "b": { "c": [{ "d": 1 }, { "d": 2 }] }, "e": false });
        let words = Some(("1".to_owned(), "0".to_owned()));
        let table = [
            (FormArrays::Repeat, None, "a=x&a=true&b[c][d]=1&b[c][d]=2&e=false"),
            (FormArrays::Brackets, words.clone(), "a[]=x&a[]=1&b[c][][d]=1&b[c][][d]=2&e=0"),
            (FormArrays::Indexed, words, "a[0]=x&a[1]=1&b[c][0][d]=1&b[c][1][d]=2&e=0"),
        ];
        for (arrays, bools, expected) in table {
            let body = sent_as(&record, Format::Form, &FormStyle { arrays, bools }).unwrap().unwrap();
            assert_eq!(body.replace("%5B", "[").replace("%5D", "]"), expected);
        }
    }

    #[test]
    fn a_record_is_sent_with_its_numbers_as_they_were() {
        let record = serde_json::from_str(r#"{"price":1.10,"id":98765432109876543210}"#).unwrap();
        assert_eq!(sent(&record, Format::Json), Ok(Some(r#"{"price":1.10,"id":98765432109876543210}"#.to_owned())));
    }
}
