//! What the server says of itself: its configuration, its resource types and its schemas.

use serde_json::Value;

use crate::scim::schema::USER;
use crate::verify::client::{Client, Received, Request};
use crate::verify::exchange::{Exchange, Outcome};

/// Attributes of a user that every identity provider sends, whatever a server announces.
const BASIC: [&str; 10] = [
    "userName",
    "name",
    "name.givenName",
    "name.familyName",
    "displayName",
    "emails",
    "emails.value",
    "emails.type",
    "emails.primary",
    "active",
];

/// The discovery documents; each `None` where the server has none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Announced {
    config: Option<Value>,
    resource_types: Option<Vec<Value>>,
    schemas: Option<Vec<Value>>,
    groups: bool,
}

/// A server that cannot be checked at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unusable(pub String);

impl Announced {
    /// Asks the server; first as Okta tests a connection.
    ///
    /// # Errors
    /// There is no answer, the credentials are refused, or what answers is not SCIM.
    pub(crate) async fn read(client: &Client) -> Result<Self, Unusable> {
        let (exchange, received) = client.send(&Request::new("GET", "/Users?startIndex=1&count=2")).await;
        usable(client, &exchange, received.as_ref())?;
        let config = document(client, "/ServiceProviderConfig").await;
        let resource_types = document(client, "/ResourceTypes").await.and_then(listed);
        let schemas = document(client, "/Schemas").await.and_then(listed);
        let groups = match &resource_types {
            Some(types) => types.iter().any(|kind| kind.get("endpoint").is_some_and(|endpoint| endpoint == "/Groups")),
            None => document(client, "/Groups?startIndex=1&count=1").await.is_some(),
        };
        Ok(Self { config, resource_types, schemas, groups })
    }

    /// Whether the server says that it supports `patch`, `filter`, …; `None` where it says nothing.
    pub(crate) fn supports(&self, feature: &str) -> Option<bool> {
        self.config.as_ref()?.get(feature)?.get("supported")?.as_bool()
    }

    /// A number that goes with a feature, such as `maxOperations`.
    pub(crate) fn limit(&self, feature: &str, name: &str) -> Option<u64> {
        self.config.as_ref()?.get(feature)?.get(name)?.as_u64()
    }

    /// Whether there are groups.
    pub(crate) fn has_groups(&self) -> bool {
        self.groups
    }

    /// The resource types, where the server lists them.
    pub(crate) fn resource_types(&self) -> &[Value] {
        self.resource_types.as_deref().unwrap_or_default()
    }

    /// The definition of an attribute, such as `name.givenName`; `None` where the schema lacks it, or there is none.
    pub(crate) fn attribute(&self, urn: &str, path: &str) -> Option<&Value> {
        let mut parts = path.split('.');
        let first = find(self.schema(urn)?.get("attributes")?, parts.next()?)?;
        parts.try_fold(first, |attribute, part| find(attribute.get("subAttributes")?, part))
    }

    /// The schema with that URN.
    pub(crate) fn schema(&self, urn: &str) -> Option<&Value> {
        let is_it =
            |schema: &&Value| schema.get("id").and_then(Value::as_str).is_some_and(|id| id.eq_ignore_ascii_case(urn));
        self.schemas.as_ref()?.iter().find(is_it)
    }

    /// Whether a client may write an attribute. Where the server announces no schema, this is so of the basic ones alone.
    pub(crate) fn writes(&self, urn: &str, path: &str) -> bool {
        if self.schemas.is_none() {
            return urn == USER && BASIC.contains(&path);
        }
        let open = |path: &str| {
            let mutability = self.attribute(urn, path).map(|attribute| attribute.get("mutability"));
            mutability.is_some_and(|word| word.is_none_or(|word| word != "readOnly"))
        };
        let parents = path.match_indices('.').map(|(at, _)| &path[..at]);
        parents.chain([path]).all(open)
    }

    /// Whether the server announces that an attribute heeds case.
    pub(crate) fn is_case_exact(&self, urn: &str, path: &str) -> bool {
        self.attribute(urn, path).and_then(|attribute| attribute.get("caseExact")?.as_bool()).unwrap_or(false)
    }

    /// A value for an attribute: the one that is wanted, unless the server suggests others and not this one.
    pub(crate) fn suggested<'a>(&'a self, urn: &str, path: &str, wanted: &'a str) -> &'a str {
        let values = self.attribute(urn, path).and_then(|attribute| attribute.get("canonicalValues")?.as_array());
        let mut texts = values.into_iter().flatten().filter_map(Value::as_str);
        if texts.clone().any(|text| text.eq_ignore_ascii_case(wanted)) {
            wanted
        } else {
            texts.next().unwrap_or(wanted)
        }
    }

    /// The attributes of the core User schema that a client must send.
    pub(crate) fn required(&self) -> Vec<&Value> {
        let attributes = self.schema(USER).and_then(|schema| schema.get("attributes")?.as_array());
        attributes.into_iter().flatten().filter(|attribute| is_required(attribute)).collect()
    }
}

/// Whether a client must send the attribute.
pub(crate) fn is_required(attribute: &Value) -> bool {
    attribute.get("required") == Some(&Value::Bool(true))
        && attribute.get("mutability").is_none_or(|word| word != "readOnly")
}

/// The attribute with that name, in any case.
fn find<'a>(attributes: &'a Value, name: &str) -> Option<&'a Value> {
    let is_it = |attribute: &&Value| {
        attribute.get("name").and_then(Value::as_str).is_some_and(|own| own.eq_ignore_ascii_case(name))
    };
    attributes.as_array()?.iter().find(is_it)
}

async fn document(client: &Client, target: &str) -> Option<Value> {
    let received = client.send(&Request::new("GET", target)).await.1?;
    let document: Value = serde_json::from_str(&received.body).ok()?;
    (received.status == 200 && document.is_object()).then_some(document)
}

fn listed(document: Value) -> Option<Vec<Value>> {
    match document {
        Value::Object(mut members) => match members.remove("Resources") {
            Some(Value::Array(resources)) => Some(resources),
            Some(_) | None => None,
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => None,
    }
}

/// Whether what answered can be a SCIM server that lets us in.
fn usable(client: &Client, exchange: &Exchange, received: Option<&Received>) -> Result<(), Unusable> {
    let base = client.base();
    let Some(received) = received else {
        let why = match &exchange.outcome {
            Outcome::Lost(why) => why.as_str(),
            Outcome::Answered { .. } => "no answer",
        };
        return Err(Unusable(format!("{base} cannot be reached: {why}")));
    };
    let asked = format!("GET {base}/Users");
    let is_json = serde_json::from_str::<Value>(&received.body).is_ok_and(|body| body.is_object());
    match received.status {
        401 | 403 => Err(Unusable(format!("{asked} answered {}: the token is not accepted", received.status))),
        404 => Err(Unusable(format!("{asked} answered 404: `--url` must be the URL before `/Users`"))),
        300..=399 => Err(Unusable(format!("{asked} answered {}: redirects are not followed", received.status))),
        status if !is_json => Err(Unusable(format!("{asked} answered {status} without JSON: this is no SCIM server"))),
        _ => Ok(()),
    }
}
