//! `multipart/form-data` (RFC 7578): the fields of a form, each a part.

use std::fmt::Write as _;

use http::HeaderValue;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::mapping::call::FormStyle;
use crate::mapping::hole::FillError;
use crate::upstream::body::{Encoded, form};
use crate::value::hex;

/// The parts in order. The boundary is made of what it stands between: one request has the same bytes at every try, and no
/// field can hold its own hash.
///
/// # Errors
/// None that a field can cause.
pub(super) fn encode(members: &Map<String, Value>, style: &FormStyle) -> Result<Encoded, FillError> {
    let mut fields: Vec<(String, String)> = Vec::new();
    form::flatten(members, style, &mut |name, text| fields.push((escape(name), text.to_owned())));
    let boundary = boundary(&fields);
    let mut out = String::with_capacity(256);
    for (name, text) in &fields {
        let _ = write!(out, "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n");
    }
    let _ = write!(out, "--{boundary}--\r\n");
    let media_type = HeaderValue::try_from(format!("multipart/form-data; boundary={boundary}"));
    let media_type = media_type.map_err(|_| FillError::Unfit(boundary, "header"))?;
    Ok(Encoded { bytes: out.into(), media_type, is_bound: true })
}

fn boundary(fields: &[(String, String)]) -> String {
    let mut hash = Sha256::new();
    for (name, text) in fields {
        hash.update(name.as_bytes());
        hash.update([0]);
        hash.update(text.as_bytes());
        hash.update([0]);
    }
    format!("part-{}", hex(&hash.finalize()[..16]))
}

/// A name between quotes, as browsers write it.
fn escape(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}
