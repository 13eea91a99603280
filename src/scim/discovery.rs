//! The discovery documents (RFC 7644 §4; RFC 7643 §5, §6, §7), made of the resource types that are served.
//!
//! `base` is always the tenant's base URL without a slash at its end: `https://bridge.example/scim/v2`.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::scim::list::{CURSOR_LIFE, DEFAULT_COUNT, MAX_COUNT};
use crate::scim::schema::{Attribute, Kind, ResourceSchema, Schema, is_fixed};

/// What the service provider can do (RFC 7643 §5, RFC 9865 §4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The highest number of resources of one list.
    pub max_results: usize,
    /// Whether lists can be sorted.
    pub sort: bool,
    /// Whether resources have versions.
    pub etag: bool,
    /// Whether a client can set passwords.
    pub change_password: bool,
    /// The limits of `/Bulk`; `None` where it is not served.
    pub bulk: Option<BulkLimits>,
    /// Where people read about this service provider.
    pub documentation_uri: Option<String>,
}

impl Default for Capabilities {
    fn default() -> Self {
        Self {
            max_results: MAX_COUNT,
            sort: true,
            etag: true,
            change_password: false,
            bulk: Some(BulkLimits::default()),
            documentation_uri: None,
        }
    }
}

/// The limits of one bulk request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BulkLimits {
    /// The highest number of operations.
    pub max_operations: usize,
    /// The largest body, in bytes.
    pub max_payload_size: usize,
}

impl Default for BulkLimits {
    fn default() -> Self {
        Self { max_operations: 1000, max_payload_size: 1024 * 1024 }
    }
}

/// The `ServiceProviderConfig` document (RFC 7643 §5, RFC 9865 §4). Lists are paged by index, unless the client asks for
/// cursors: that is what identity providers know.
pub fn service_provider_config(capabilities: &Capabilities, base: &str) -> Value {
    let bulk = capabilities.bulk.unwrap_or(BulkLimits { max_operations: 0, max_payload_size: 0 });
    let mut document = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": true},
        "bulk": {
            "supported": capabilities.bulk.is_some(),
            "maxOperations": bulk.max_operations,
            "maxPayloadSize": bulk.max_payload_size
        },
        "filter": {"supported": true, "maxResults": capabilities.max_results},
        "changePassword": {"supported": capabilities.change_password},
        "sort": {"supported": capabilities.sort},
        "pagination": {
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": DEFAULT_COUNT.min(capabilities.max_results),
            "maxPageSize": capabilities.max_results,
            "cursorTimeout": CURSOR_LIFE.as_secs()
        },
        "etag": {"supported": capabilities.etag},
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "OAuth Bearer Token",
            "description": "Authentication with a bearer token in the Authorization header",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true
        }],
        "meta": {"resourceType": "ServiceProviderConfig", "location": format!("{base}/ServiceProviderConfig")}
    });
    if let (Some(uri), Some(members)) = (&capabilities.documentation_uri, document.as_object_mut()) {
        members.insert("documentationUri".to_owned(), Value::from(uri.as_str()));
    }
    document
}

/// The `ListResponse` of all resource types, in their order.
pub fn resource_types(types: &[ResourceSchema], base: &str) -> Value {
    list(&types.iter().map(|resource_type| document_of_type(resource_type, base)).collect::<Vec<_>>())
}

/// The document of the resource type with this name, exact spelling (RFC 7643 §6).
pub fn resource_type(types: &[ResourceSchema], name: &str, base: &str) -> Option<Value> {
    types.iter().find(|it| it.name == name).map(|resource_type| document_of_type(resource_type, base))
}

/// The `ListResponse` of all schemas of all resource types, each once: with all attributes that some type has of it.
pub fn schemas(types: &[ResourceSchema], base: &str) -> Value {
    list(&distinct(types).iter().map(|schema| document_of_schema(schema, base)).collect::<Vec<_>>())
}

/// The document of the schema with this URN, in any case (RFC 7643 §7).
pub fn schema(types: &[ResourceSchema], urn: &str, base: &str) -> Option<Value> {
    let schema = distinct(types).into_iter().find(|schema| schema.id.eq_ignore_ascii_case(urn))?;
    Some(document_of_schema(&schema, base))
}

fn list(resources: &[Value]) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": resources.len(),
        "startIndex": 1,
        "itemsPerPage": resources.len(),
        "Resources": resources
    })
}

fn distinct(types: &[ResourceSchema]) -> Vec<Cow<'_, Schema>> {
    let mut schemas: Vec<Cow<'_, Schema>> = Vec::new();
    for schema in types.iter().flat_map(|it| std::iter::once(&it.core).chain(&it.extensions)) {
        let Some(known) = schemas.iter_mut().find(|known| known.id.eq_ignore_ascii_case(&schema.id)) else {
            schemas.push(Cow::Borrowed(schema));
            continue;
        };
        for attribute in &schema.attributes {
            if known.attribute(&attribute.name).is_none() {
                known.to_mut().attributes.push(attribute.clone());
            }
        }
    }
    schemas
}

fn document_of_type(resource_type: &ResourceSchema, base: &str) -> Value {
    let extension = |schema: &Schema| json!({"schema": schema.id, "required": false});
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": resource_type.name,
        "name": resource_type.name,
        "endpoint": resource_type.endpoint,
        "description": resource_type.description,
        "schema": resource_type.core.id,
        "schemaExtensions": resource_type.extensions.iter().map(extension).collect::<Vec<_>>(),
        "meta": {
            "resourceType": "ResourceType",
            "location": format!("{base}/ResourceTypes/{}", resource_type.name)
        }
    })
}

fn document_of_schema(schema: &Schema, base: &str) -> Value {
    // The common attributes belong to every schema and stand in none (RFC 7643 §3.1).
    let own = |attribute: &&Attribute| attribute.name != "externalId" && !is_fixed(&attribute.name);
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": schema.id,
        "name": schema.name,
        "description": schema.description,
        "attributes": schema.attributes.iter().filter(own).map(document_of_attribute).collect::<Vec<_>>(),
        "meta": {"resourceType": "Schema", "location": format!("{base}/Schemas/{}", schema.id)}
    })
}

fn document_of_attribute(attribute: &Attribute) -> Value {
    let mut document = Map::new();
    let mut put = |name: &str, value: Value| document.insert(name.to_owned(), value);
    put("name", attribute.name.as_str().into());
    put("type", attribute.kind.as_str().into());
    put("multiValued", attribute.multi_valued.into());
    put("description", attribute.description.as_str().into());
    put("required", attribute.required.into());
    if attribute.kind == Kind::Complex {
        put("subAttributes", attribute.sub_attributes.iter().map(document_of_attribute).collect());
    }
    if !attribute.canonical_values.is_empty() {
        put("canonicalValues", attribute.canonical_values.clone().into());
    }
    if matches!(attribute.kind, Kind::String | Kind::Reference | Kind::Binary) {
        put("caseExact", attribute.case_exact.into());
    }
    put("mutability", attribute.mutability.as_str().into());
    put("returned", attribute.returned.as_str().into());
    put("uniqueness", attribute.uniqueness.as_str().into());
    if attribute.kind == Kind::Reference {
        put("referenceTypes", attribute.reference_types.clone().into());
    }
    Value::Object(document)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::schema::{ENTERPRISE_USER, GROUP, USER};

    const BASE: &str = "https://bridge.example/scim/v2";

    fn types() -> Vec<ResourceSchema> {
        ["User", "Group"].into_iter().map(|name| ResourceSchema::full(name).unwrap()).collect()
    }

    #[test]
    fn the_configuration_says_what_is_supported() {
        let capabilities = Capabilities { change_password: true, bulk: None, ..Capabilities::default() };
        let document = service_provider_config(&capabilities, BASE);
        let cases = [
            ("patch", "/patch/supported", json!(true)),
            ("filter", "/filter", json!({"supported": true, "maxResults": 1000})),
            ("bulk", "/bulk", json!({"supported": false, "maxOperations": 0, "maxPayloadSize": 0})),
            ("password", "/changePassword/supported", json!(true)),
            ("sort", "/sort/supported", json!(true)),
            ("cursors", "/pagination/cursor", json!(true)),
            ("the usual way of paging", "/pagination/defaultPaginationMethod", json!("index")),
            ("the largest page", "/pagination/maxPageSize", json!(1000)),
            ("the life of a cursor", "/pagination/cursorTimeout", json!(600)),
            ("etag", "/etag/supported", json!(true)),
            ("authentication", "/authenticationSchemes/0/type", json!("oauthbearertoken")),
            ("location", "/meta/location", json!("https://bridge.example/scim/v2/ServiceProviderConfig")),
        ];
        for (name, pointer, want) in cases {
            assert_eq!(document.pointer(pointer), Some(&want), "{name}");
        }
        let document = service_provider_config(&Capabilities::default(), BASE);
        let bulk = json!({"supported": true, "maxOperations": 1000, "maxPayloadSize": 1_048_576});
        assert_eq!(document.get("bulk"), Some(&bulk));
        assert_eq!(document.get("documentationUri"), None, "nothing is said of documentation that is not there");
    }

    #[test]
    fn resource_types_are_listed_and_found_by_name() {
        let list = resource_types(&types(), BASE);
        assert_eq!(list.pointer("/totalResults"), Some(&json!(2)));
        assert_eq!(list.pointer("/Resources/0"), resource_type(&types(), "User", BASE).as_ref());
        let want = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": "User",
            "name": "User",
            "endpoint": "/Users",
            "description": "User Account",
            "schema": USER,
            "schemaExtensions": [{"schema": ENTERPRISE_USER, "required": false}],
            "meta": {"resourceType": "ResourceType", "location": "https://bridge.example/scim/v2/ResourceTypes/User"}
        });
        assert_eq!(resource_type(&types(), "User", BASE), Some(want));
        assert_eq!(resource_type(&types(), "Device", BASE), None);
    }

    #[test]
    fn schemas_are_listed_once_and_found_by_urn() {
        let mut twice = types();
        twice.extend(types());
        let list = schemas(&twice, BASE);
        let ids: Vec<_> = list["Resources"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect();
        assert_eq!(ids, [USER, ENTERPRISE_USER, GROUP]);
        assert_eq!(schema(&twice, &USER.to_uppercase(), BASE).as_ref(), list.pointer("/Resources/0"));
        assert_eq!(schema(&twice, "urn:acme:hr", BASE), None);
    }

    #[test]
    fn a_schema_that_two_types_share_has_the_attributes_of_both() {
        let mut two = types();
        two.truncate(1);
        let mut other = two[0].clone();
        two[0].core.attributes.retain(|attribute| attribute.name == "userName");
        other.core.attributes.retain(|attribute| matches!(attribute.name.as_str(), "userName" | "title"));
        two.push(other);
        let document = schema(&two, USER, BASE).unwrap();
        let names: Vec<_> = document["attributes"].as_array().unwrap().iter().map(|it| it["name"].clone()).collect();
        assert_eq!(names, ["userName", "title"]);
    }

    #[test]
    fn a_schema_document_holds_the_characteristics_of_every_attribute() {
        let user = schema(&types(), USER, BASE).unwrap();
        let find = |name: &str| user["attributes"].as_array().unwrap().iter().find(|it| it["name"] == name).cloned();
        assert_eq!(find("externalId"), None, "a common attribute belongs to no schema");
        let want = json!({
            "name": "profileUrl", "type": "reference", "multiValued": false,
            "description": "A fully qualified URL pointing to a page representing the User's online profile.",
            "required": false, "caseExact": false, "mutability": "readWrite", "returned": "default",
            "uniqueness": "none", "referenceTypes": ["external"]
        });
        assert_eq!(find("profileUrl"), Some(want));
        let cases = [
            ("a unique name", "userName", "/uniqueness", json!("server")),
            ("a required name", "userName", "/required", json!(true)),
            ("a secret", "password", "/mutability", json!("writeOnly")),
            ("a secret's return", "password", "/returned", json!("never")),
            ("parts", "emails", "/subAttributes/0/name", json!("value")),
            ("suggested values", "emails", "/subAttributes/2/canonicalValues", json!(["work", "home", "other"])),
            ("groups", "groups", "/mutability", json!("readOnly")),
        ];
        for (name, attribute, pointer, want) in cases {
            assert_eq!(find(attribute).unwrap().pointer(pointer), Some(&want), "{name}");
        }
        assert_eq!(find("active").unwrap().get("caseExact"), None, "case is of text only");
    }
}
