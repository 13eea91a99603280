//! The request's body: JSON, a form, parts, XML.

use bytes::Bytes;
use http::HeaderValue;
use serde_json::{Map, Value};

use crate::mapping::call::FormStyle;
use crate::mapping::document::Format;
use crate::mapping::hole::{BodyTemplate, FillError};
use crate::mapping::scope::Scope;

mod form;
mod multipart;
#[cfg(test)]
mod tests;
mod xml;

/// A body as it goes out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Encoded {
    /// The bytes.
    pub(crate) bytes: Bytes,
    /// The media type that goes with them.
    pub(crate) media_type: HeaderValue,
    /// Whether nothing but this media type tells how to read them.
    pub(crate) is_bound: bool,
}

/// The filled body; `None` when its only hole is optional and has no value.
///
/// # Errors
/// See [`FillError`].
pub(crate) fn encode(
    body: &BodyTemplate,
    (format, style): (Format, &FormStyle),
    scope: &Scope<'_>,
) -> Result<Option<Encoded>, FillError> {
    let plain = |bytes: Vec<u8>, media_type| {
        Some(Encoded { bytes: bytes.into(), media_type: HeaderValue::from_static(media_type), is_bound: false })
    };
    Ok(match format {
        Format::Json => {
            let mut out = Vec::with_capacity(256);
            let is_there = body.write_json(scope, &mut out)?;
            plain(out, "application/json").filter(|_| is_there)
        }
        Format::Form => match fields(body, scope, "form")? {
            Some(fields) => plain(form::encode(&fields, style).into_bytes(), "application/x-www-form-urlencoded"),
            None => None,
        },
        Format::Multipart => match fields(body, scope, "body of parts")? {
            Some(fields) => Some(multipart::encode(&fields, style)?),
            None => None,
        },
        Format::Xml => match fields(body, scope, "body of XML")? {
            Some(fields) => {
                let unfit = |name| FillError::Unfit(name, "body of XML");
                plain(xml::encode(&fields).map_err(unfit)?.into_bytes(), "application/xml")
            }
            None => None,
        },
    })
}

/// The members of a body that has names.
fn fields(body: &BodyTemplate, scope: &Scope<'_>, what: &'static str) -> Result<Option<Map<String, Value>>, FillError> {
    match body.fill(scope)? {
        None => Ok(None),
        Some(Value::Object(members)) => Ok(Some(members)),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
            let hole = body.holes().first().map_or_else(String::new, |hole| hole.text.clone());
            Err(FillError::Unfit(hole, what))
        }
    }
}
