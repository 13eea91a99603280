//! What came back, and what is expected of it.

use serde_json::Value;

use crate::verify::exchange::shortened;
use crate::verify::verdict::{Stop, fault};

/// The URN of an error message (RFC 7644 §3.12).
pub(crate) const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
/// The URN of a list (RFC 7644 §3.4.2).
pub(crate) const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// The longest value that stands in a sentence.
const LONGEST: usize = 160;

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// Which exchange of the check this is.
    pub(crate) at: usize,
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    /// The body; null when there is none, or when it is no JSON.
    pub(crate) json: Value,
    /// Whether a body came at all.
    pub(crate) has_body: bool,
}

/// A page of resources, read leniently: what must be there is a matter of checks of its own.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) total: Option<u64>,
    pub(crate) resources: Vec<Value>,
}

impl Answer {
    /// A fault that this answer shows.
    pub(crate) fn fault(&self, expected: impl Into<String>, got: impl Into<String>) -> Stop {
        fault(self.at, expected, got)
    }

    /// Holds the status.
    pub(crate) fn status(&self, wanted: &[u16]) -> Result<&Self, Stop> {
        if wanted.contains(&self.status) {
            return Ok(self);
        }
        let wanted: Vec<String> = wanted.iter().map(u16::to_string).collect();
        Err(self.fault(format!("status {}", wanted.join(" or ")), format!("status {}", self.status)))
    }

    /// Holds that the request was carried out, in whichever way.
    pub(crate) fn done(&self) -> Result<&Self, Stop> {
        if (200..300).contains(&self.status) {
            return Ok(self);
        }
        Err(self.fault("a status that means success", format!("status {}", self.status)))
    }

    /// Holds that the request was refused as the client's fault.
    pub(crate) fn refused(&self) -> Result<&Self, Stop> {
        if (400..500).contains(&self.status) {
            return Ok(self);
        }
        Err(self.fault("a refusal: status 400 to 499", format!("status {}", self.status)))
    }

    /// The value at a JSON pointer.
    pub(crate) fn at(&self, pointer: &str) -> Option<&Value> {
        self.json.pointer(pointer)
    }

    /// The text at a JSON pointer.
    pub(crate) fn text(&self, pointer: &str) -> Option<&str> {
        self.at(pointer).and_then(Value::as_str)
    }

    /// Holds that the body is a JSON object.
    pub(crate) fn object(&self) -> Result<&Self, Stop> {
        if self.json.is_object() {
            return Ok(self);
        }
        let got = if self.has_body { "a body that is none" } else { "no body" };
        Err(self.fault("a JSON object as body", got))
    }

    /// Holds the value at a JSON pointer.
    pub(crate) fn is(&self, pointer: &str, wanted: &Value) -> Result<&Self, Stop> {
        self.object()?;
        let name = name(pointer);
        match self.at(pointer) {
            Some(got) if same(got, wanted) => Ok(self),
            Some(got) => Err(self.fault(format!("`{name}` to be {}", quoted(wanted)), quoted(got))),
            None => Err(self.fault(format!("`{name}` to be {}", quoted(wanted)), format!("no `{name}`"))),
        }
    }

    /// Holds that nothing stands at a JSON pointer: not there, null, an empty text or an empty list.
    pub(crate) fn is_clear(&self, pointer: &str) -> Result<&Self, Stop> {
        match self.at(pointer).filter(|value| !is_empty(value)) {
            None => Ok(self),
            Some(got) => Err(self.fault(format!("no `{}`", name(pointer)), quoted(got))),
        }
    }

    /// Holds that `schemas` has the URN.
    pub(crate) fn schema(&self, urn: &str) -> Result<&Self, Stop> {
        self.object()?;
        let expected = || format!("`schemas` to hold \"{urn}\"");
        match self.json.get("schemas") {
            Some(Value::Array(urns)) if urns.iter().any(|own| own == urn) => Ok(self),
            Some(other) => Err(self.fault(expected(), quoted(other))),
            None => Err(self.fault(expected(), "no `schemas`")),
        }
    }

    /// Holds that this is a SCIM error with that status.
    pub(crate) fn error(&self, wanted: u16) -> Result<&Self, Stop> {
        self.status(&[wanted])?.error_body()
    }

    /// Holds that the body is a SCIM error that says the status of the answer.
    pub(crate) fn error_body(&self) -> Result<&Self, Stop> {
        self.schema(ERROR)?.is("/status", &Value::from(self.status.to_string()))
    }

    /// The resources of a page. An answer that is no list at all is a fault.
    pub(crate) fn page(&self) -> Result<Page, Stop> {
        self.status(&[200])?.object()?;
        let resources = match self.json.get("Resources") {
            Some(Value::Array(resources)) => resources.clone(),
            Some(_) | None => Vec::new(),
        };
        Ok(Page { total: self.json.get("totalResults").and_then(Value::as_u64), resources })
    }

    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl Page {
    /// The ids of the resources.
    pub(crate) fn ids(&self) -> Vec<&str> {
        self.resources.iter().filter_map(|resource| resource.get("id")?.as_str()).collect()
    }
}

/// Whether a value is as good as none (RFC 7643 §2.5; what clients send to clear).
pub(crate) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.values().all(is_empty),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The same value; of objects, at least what is wanted.
fn same(got: &Value, wanted: &Value) -> bool {
    match (got, wanted) {
        (Value::Object(got), Value::Object(wanted)) => {
            wanted.iter().all(|(name, wanted)| got.get(name).is_some_and(|got| same(got, wanted)))
        }
        _ => got == wanted,
    }
}

/// A value as it stands in a sentence: of the type that it has in JSON.
pub(crate) fn quoted(value: &Value) -> String {
    let kind = match value {
        Value::Number(_) => "the number ",
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => "",
    };
    format!("{kind}{}", shortened(&value.to_string(), LONGEST))
}

/// A JSON pointer as an attribute is written: `name.givenName`.
fn name(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}
