//! The discovery documents, made from the mapping (RFC 7644 §4).

use bytes::Bytes;
use serde_json::Value;

use crate::bridge::operation::{Discovery, Reply};
use crate::bridge::{Bridge, Error};
use crate::scim::ResourceSchema;
use crate::scim::discovery::{self, Capabilities};

/// Answers a discovery request.
///
/// # Errors
/// 404 for a schema or resource type that the mapping does not have.
pub(crate) fn discover(bridge: &Bridge, what: &Discovery) -> Result<Reply, Error> {
    let types: Vec<ResourceSchema> = bridge.kinds.iter().map(|kind| kind.mapping.view.advertised.clone()).collect();
    let base = &bridge.location;
    let password = bridge.kinds.iter().any(|kind| kind.mapping.view.rules.iter().any(|rule| rule.name == "password"));
    let bulk = Some(bridge.bulk);
    let capabilities = Capabilities { change_password: password, bulk, ..Capabilities::default() };
    let missing = |kind: &str, id: &str| Error::NotFound { kind: kind.to_owned(), id: id.to_owned() };
    let document: Value = match what {
        Discovery::ServiceProviderConfig => discovery::service_provider_config(&capabilities, base),
        Discovery::ResourceTypes => discovery::resource_types(&types, base),
        Discovery::ResourceType(name) => {
            discovery::resource_type(&types, name, base).ok_or_else(|| missing("resource type", name))?
        }
        Discovery::Schemas => discovery::schemas(&types, base),
        Discovery::Schema(urn) => discovery::schema(&types, urn, base).ok_or_else(|| missing("schema", urn))?,
    };
    Ok(Reply { status: 200, location: None, version: None, body: Bytes::from(document.to_string()) })
}
