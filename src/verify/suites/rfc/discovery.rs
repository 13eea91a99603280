//! Discovery (RFC 7644 §4).

use serde_json::Value;

use crate::verify::answer::{Answer, LIST, quoted};
use crate::verify::check::Check;
use crate::verify::client::escape;
use crate::verify::play::Play;
use crate::verify::verdict::{Stop, Verdict, skipped};

/// The features that a configuration must say something of (RFC 7643 §5).
const FEATURES: [&str; 6] = ["patch", "bulk", "filter", "changePassword", "sort", "etag"];
/// The URN of the configuration.
const CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";

pub(super) const CHECKS: &[Check] = &[
    Check::reads(
        "rfc-config",
        "The service provider configuration says of every feature whether it is supported",
        "RFC 7643 §5, RFC 7644 §4",
        "Answer `GET /ServiceProviderConfig` with `schemas`, and a boolean `supported` in each feature",
        |play| Box::pin(config(play)),
    ),
    Check::reads(
        "rfc-auth-schemes",
        "The service provider configuration lists how clients authenticate",
        "RFC 7643 §5",
        "Give `authenticationSchemes` as an array of objects with `type`, `name` and `description`",
        |play| Box::pin(schemes(play)),
    ),
    Check::reads(
        "rfc-resource-types",
        "Every resource type has a name, an endpoint and a schema",
        "RFC 7643 §6, RFC 7644 §4",
        "Answer `GET /ResourceTypes` with a list of types that have `name`, `endpoint` and `schema`",
        |play| Box::pin(resource_types(play)),
    ),
    Check::reads(
        "rfc-schemas",
        "Every schema has its URN as id, and attributes with a name and a type",
        "RFC 7643 §7, RFC 7644 §4",
        "Answer `GET /Schemas` with a list of schemas that have `id` and `attributes`",
        |play| Box::pin(schemas(play)),
    ),
    Check::reads(
        "rfc-schema-by-urn",
        "A schema can be read by its URN",
        "RFC 7644 §4",
        "Answer `GET /Schemas/{urn}` with the same schema as in the list",
        |play| Box::pin(schema_by_urn(play)),
    ),
    Check::reads(
        "rfc-types-have-schemas",
        "The schema of every resource type is among the schemas",
        "RFC 7643 §6",
        "List in `/Schemas` every URN that `/ResourceTypes` names",
        |play| Box::pin(types_have_schemas(play)),
    ),
];

async fn config(play: &mut Play) -> Verdict {
    let answer = play.get("/ServiceProviderConfig").await?;
    answer.status(&[200])?.schema(CONFIG)?;
    for feature in FEATURES {
        let supported = answer.at(&format!("/{feature}/supported"));
        if !supported.is_some_and(Value::is_boolean) {
            let got = supported.map_or_else(|| "none".to_owned(), quoted);
            return Err(answer.fault(format!("a boolean `{feature}.supported`"), got));
        }
    }
    Ok(())
}

async fn schemes(play: &mut Play) -> Verdict {
    let answer = play.get("/ServiceProviderConfig").await?;
    answer.status(&[200])?.object()?;
    let Some(schemes) = answer.at("/authenticationSchemes").and_then(Value::as_array) else {
        return Err(answer.fault("an array `authenticationSchemes`", "none"));
    };
    each_has(&answer, schemes, "authentication scheme", &["type", "name", "description"])
}

async fn resource_types(play: &mut Play) -> Verdict {
    let (answer, types) = listed(play, "/ResourceTypes").await?;
    each_has(&answer, &types, "resource type", &["name", "endpoint", "schema"])
}

async fn schemas(play: &mut Play) -> Verdict {
    let (answer, schemas) = listed(play, "/Schemas").await?;
    each_has(&answer, &schemas, "schema", &["id"])?;
    for schema in &schemas {
        let id = schema.get("id").and_then(Value::as_str).unwrap_or_default();
        let Some(attributes) = schema.get("attributes").and_then(Value::as_array) else {
            return Err(answer.fault(format!("`attributes` of the schema {id}"), "none"));
        };
        each_has(&answer, attributes, &format!("attribute of {id}"), &["name", "type"])?;
    }
    Ok(())
}

async fn schema_by_urn(play: &mut Play) -> Verdict {
    let (_, schemas) = listed(play, "/Schemas").await?;
    let first = schemas.first().and_then(|schema| schema.get("id")).cloned().unwrap_or_default();
    let Some(id) = first.as_str() else { return Err(skipped("the list of schemas names none")) };
    let answer = play.get(&format!("/Schemas/{}", escape(id))).await?;
    answer.status(&[200])?.is("/id", &first)?;
    Ok(())
}

async fn types_have_schemas(play: &mut Play) -> Verdict {
    let (answer, types) = listed(play, "/ResourceTypes").await?;
    let (_, schemas) = listed(play, "/Schemas").await?;
    let known = |urn: &str| {
        let ids = schemas.iter().filter_map(|schema| schema.get("id")?.as_str());
        ids.into_iter().any(|id| id.eq_ignore_ascii_case(urn))
    };
    let named = types.iter().flat_map(|kind| {
        let extensions = kind.get("schemaExtensions").and_then(Value::as_array).into_iter().flatten();
        extensions.chain([kind]).filter_map(|holder| holder.get("schema")?.as_str())
    });
    match named.into_iter().find(|urn| !known(urn)) {
        Some(urn) => Err(answer.fault(format!("the schema {urn} in `/Schemas`"), "it is not there")),
        None => Ok(()),
    }
}

/// The resources of a discovery endpoint, which answers as a list.
async fn listed(play: &mut Play, target: &str) -> Result<(Answer, Vec<Value>), Stop> {
    let answer = play.get(target).await?;
    answer.status(&[200])?.schema(LIST)?;
    let resources = answer.at("/Resources").and_then(Value::as_array).cloned();
    match resources.filter(|all| !all.is_empty()) {
        Some(resources) => Ok((answer, resources)),
        None => Err(answer.fault("at least one element in `Resources`", "none")),
    }
}

/// Holds that each element has these texts.
fn each_has(answer: &Answer, elements: &[Value], what: &str, names: &[&str]) -> Verdict {
    for (element, name) in elements.iter().flat_map(|element| names.iter().map(move |name| (element, name))) {
        if element.get(name).and_then(Value::as_str).is_none_or(str::is_empty) {
            let got = element.get(name).map_or_else(|| "none".to_owned(), quoted);
            return Err(answer.fault(format!("a text `{name}` in every {what}"), got));
        }
    }
    Ok(())
}
