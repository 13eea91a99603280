//! Forms: names and texts, however deep the values are.

use std::borrow::Cow;

use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::mapping::call::{FormArrays, FormStyle};
use crate::mapping::found::Found;

/// The form as it is sent.
pub(super) fn encode(members: &Map<String, Value>, style: &FormStyle) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    flatten(members, style, &mut |name, text| {
        out.append_pair(name, text);
    });
    out.finish()
}

/// Tables become `a[b]`, null is an empty text, numbers are text; lists and booleans are as the style says.
pub(super) fn flatten(members: &Map<String, Value>, style: &FormStyle, put: &mut impl FnMut(&str, &str)) {
    for (name, value) in members {
        field(name, value, style, put);
    }
}

fn field(name: &str, value: &Value, style: &FormStyle, put: &mut impl FnMut(&str, &str)) {
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                field(&format!("{name}[{member}]"), value, style, put);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let name = match style.arrays {
                    FormArrays::Repeat => Cow::Borrowed(name),
                    FormArrays::Brackets => Cow::Owned(format!("{name}[]")),
                    FormArrays::Indexed => Cow::Owned(format!("{name}[{index}]")),
                };
                field(&name, item, style, put);
            }
        }
        Value::Bool(is) if style.bools.is_some() => {
            put(name, style.bools.as_ref().map_or("", |(yes, no)| if *is { yes } else { no }));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            put(name, &Found::Value(value).text().unwrap_or_default());
        }
    }
}
