//! Faults in what is read: discovery, credentials, creations, retrievals, lists and filters.

use serde_json::{Value, json};

use super::Mutant;
use crate::verify::server::{Asked, Directory, Reply, drop_member};

pub(super) const MUTANTS: &[Mutant] = &[
    // ------------------------------------------------------------ discovery
    Mutant {
        name: "the configuration has a text where a boolean is due",
        caught_by: &[("rfc-config", "a boolean `patch.supported`")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            let spoil = |body: &mut Value| body["patch"]["supported"] = json!("true");
            if asked.path == "/ServiceProviderConfig" { reply.body(spoil) } else { reply }
        },
    },
    Mutant {
        name: "the configuration tells nothing of authentication",
        caught_by: &[("rfc-auth-schemes", "an array `authenticationSchemes`, got none")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            let spoil = |body: &mut Value| drop_member(body, "authenticationSchemes");
            if asked.path == "/ServiceProviderConfig" { reply.body(spoil) } else { reply }
        },
    },
    Mutant {
        name: "resource types have no endpoint",
        caught_by: &[("rfc-resource-types", "a text `endpoint` in every resource type")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if asked.path == "/ResourceTypes" { reply.each(|kind| drop_member(kind, "endpoint")) } else { reply }
        },
    },
    Mutant {
        name: "schemas have no id",
        caught_by: &[("rfc-schemas", "a text `id` in every schema"), ("rfc-types-have-schemas", "it is not there")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if asked.path == "/Schemas" { reply.each(|schema| drop_member(schema, "id")) } else { reply }
        },
    },
    Mutant {
        name: "a schema cannot be read by its URN",
        caught_by: &[("rfc-schema-by-urn", "status 404")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if asked.path.starts_with("/Schemas/") { reply.with_status(404) } else { reply }
        },
    },
    // ------------------------------------------------------------ credentials
    Mutant {
        name: "everybody is let in",
        caught_by: &[
            ("rfc-401-no-token", "expected status 401, got status 200"),
            ("rfc-401-wrong-token", "expected status 401, got status 200"),
            ("rfc-401-changes-nothing", "expected status 401, got status 204"),
        ],
        between: |asked, directory| {
            let mut asked = asked.clone();
            let right = format!("Bearer {}", super::super::server::TOKEN);
            asked.headers.insert("authorization", right.parse().unwrap());
            directory.answer(&asked)
        },
    },
    Mutant {
        name: "a 401 does not say how to authenticate",
        caught_by: &[("rfc-401-challenge", "a header `WWW-Authenticate`, got none")],
        between: |asked, directory| directory.answer(asked).without_header("www-authenticate"),
    },
    // ------------------------------------------------------------ creations
    Mutant {
        name: "a creation is answered with 200",
        caught_by: &[
            ("rfc-create-status", "expected status 201, got status 200"),
            ("rfc-group-create", "expected status 201, got status 200"),
        ],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if reply.status == 201 { reply.with_status(200) } else { reply }
        },
    },
    Mutant {
        name: "a creation has no location",
        caught_by: &[("rfc-create-location", "a header `Location`, got none")],
        between: |asked, directory| directory.answer(asked).without_header("location"),
    },
    Mutant {
        name: "a location that leads nowhere",
        caught_by: &[("rfc-create-location", "a `Location` that a GET finds")],
        between: |asked, directory| {
            let mut reply = directory.answer(asked);
            reply.headers.iter_mut().filter(|(name, _)| name == "location").for_each(|(_, url)| url.push_str("-not"));
            reply
        },
    },
    Mutant {
        name: "schemas are missing in resources",
        caught_by: &[
            ("rfc-create-body", "got no `schemas`"),
            ("rfc-get-shape", "got no `schemas`"),
            ("rfc-put-status", "got no `schemas`"),
            ("rfc-patch-status", "got no `schemas`"),
            ("rfc-list-shapes-resources", "`schemas.0` in every resource, got none"),
        ],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if is_resource(asked) { reply.each(|resource| drop_member(resource, "schemas")) } else { reply }
        },
    },
    Mutant {
        name: "resources have numbers as ids",
        caught_by: &[("rfc-create-body", "a text `id`, got the number 7")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if asked.is("POST /Users") { reply.each(|user| user["id"] = json!(7)) } else { reply }
        },
    },
    Mutant {
        name: "the answer to a creation has no meta",
        caught_by: &[("rfc-create-body", "`meta.resourceType` to be \"User\", got no `meta.resourceType`")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if asked.is("POST /Users") { reply.each(|user| drop_member(user, "meta")) } else { reply }
        },
    },
    Mutant {
        name: "active is lost on creation",
        caught_by: &[
            ("rfc-create-keeps-values", "`active` to be true, got no `active`"),
            ("rfc-get-types", "`active` as a boolean, got none"),
        ],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if is_user(asked) { reply.each(|user| drop_member(user, "active")) } else { reply }
        },
    },
    Mutant {
        name: "the client chooses the id",
        caught_by: &[("rfc-create-ignores-id", "an `id` of the server's own, got the one that was sent")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            let id = asked.json()["id"].clone();
            if asked.is("POST /Users") && !id.is_null() { reply.each(|user| user["id"] = id.clone()) } else { reply }
        },
    },
    Mutant {
        name: "a duplicate is answered with 400",
        caught_by: &[("rfc-create-unique", "expected status 409, got status 400")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if reply.status == 409 { reply.with_status(400) } else { reply }
        },
    },
    Mutant {
        name: "a duplicate has no scimType",
        caught_by: &[("rfc-create-unique", "`scimType` to be \"uniqueness\", got no `scimType`")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if reply.status == 409 { reply.body(|body| drop_member(body, "scimType")) } else { reply }
        },
    },
    Mutant {
        name: "user names are compared with regard to case",
        caught_by: &[
            ("rfc-create-unique-any-case", "expected status 409, got status 201"),
            ("rfc-filter-value-case", "whose name is the same in lower case, got 0 users"),
        ],
        between: case_sensitive,
    },
    Mutant {
        name: "names of attributes are compared with regard to case",
        caught_by: &[("rfc-create-name-case", "got status 400")],
        between: |asked, directory| {
            let mut body = asked.json();
            drop_member(&mut body, "USERNAME");
            if asked.is("POST /Users") { directory.answer(&asked.with_json(&body)) } else { directory.answer(asked) }
        },
    },
    Mutant {
        name: "letters beyond ASCII are lost",
        caught_by: &[("rfc-create-unicode", "`name.familyName` to be \"Ünïcødé")],
        between: |asked, directory| {
            let body = asked.body.replace(|letter: char| !letter.is_ascii(), "?");
            directory.answer(&Asked { body, ..asked.clone() })
        },
    },
    Mutant {
        name: "passwords are returned",
        caught_by: &[("rfc-create-hides-password", "no `password` in the answer, got one")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            let password = asked.json()["password"].clone();
            if password.is_null() { reply } else { reply.each(|user| user["password"] = password.clone()) }
        },
    },
    // ------------------------------------------------------------ retrievals
    Mutant {
        name: "meta has the location of another server",
        caught_by: &[("rfc-get-shape", "`meta.location` to end in /Users/")],
        between: |asked, directory| {
            directory.answer(asked).each(|user| user["meta"]["location"] = json!("https://elsewhere.example/"))
        },
    },
    Mutant {
        name: "active is a text",
        caught_by: &[("rfc-get-types", "`active` as a boolean, got \"true\"")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if is_user(asked) { reply.each(|user| user["active"] = json!("true")) } else { reply }
        },
    },
    Mutant {
        name: "emails are a text",
        caught_by: &[("rfc-get-types", "`emails` as an array of objects, got \"a@example.com\"")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if is_user(asked) { reply.each(|user| user["emails"] = json!("a@example.com")) } else { reply }
        },
    },
    Mutant {
        name: "times have no zone",
        caught_by: &[("rfc-get-times", "a time with a zone in `meta.created`, got \"2026-01-31 12:00:00\"")],
        between: |asked, directory| {
            directory.answer(asked).each(|user| user["meta"]["created"] = json!("2026-01-31 12:00:00"))
        },
    },
    Mutant {
        name: "answers are plain JSON by their media type",
        caught_by: &[("rfc-media-type", "`Content-Type: application/scim+json`, got application/json")],
        between: |asked, directory| {
            let mut reply = directory.answer(asked);
            reply.headers.push(("content-type".to_owned(), "application/json".to_owned()));
            reply
        },
    },
    Mutant {
        name: "an unknown id is answered with 200 and nothing",
        caught_by: &[
            ("rfc-404-user", "expected status 404, got status 200"),
            ("rfc-404-endpoint", "expected status 404, got status 200"),
            ("rfc-delete-gone", "expected status 404, got status 200"),
            ("rfc-put-keeps-id", "expected status 404, got status 200"),
            ("rfc-group-404", "expected status 404, got status 200"),
        ],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if asked.method == "GET" && reply.status == 404 { Reply::new(200, json!({})) } else { reply }
        },
    },
    Mutant {
        name: "the status of an error is a number",
        caught_by: &[
            ("rfc-error-body", "`status` to be \"404\", got the number 404"),
            ("rfc-refuse-broken-json", "`status` to be \"400\", got the number 400"),
        ],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            let status = reply.status;
            if status >= 400 { reply.body(|body| body["status"] = json!(status)) } else { reply }
        },
    },
    Mutant {
        name: "errors have no schema",
        caught_by: &[("rfc-error-body", "messages:2.0:Error\", got no `schemas`")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if reply.status >= 400 { reply.body(|body| drop_member(body, "schemas")) } else { reply }
        },
    },
    Mutant {
        name: "attributes are ignored",
        caught_by: &[
            ("rfc-attributes", "no `name`, got {"),
            ("rfc-list-attributes", "resources with `userName` alone, got `name` as well"),
        ],
        between: |asked, directory| directory.answer(&asked.without_parameter("attributes")),
    },
    Mutant {
        name: "excludedAttributes are ignored",
        caught_by: &[("rfc-excluded-attributes", "no `emails`, got [")],
        between: |asked, directory| directory.answer(&asked.without_parameter("excludedAttributes")),
    },
    // ------------------------------------------------------------ lists
    Mutant {
        name: "lists have no schema",
        caught_by: &[("rfc-list-shape", "ListResponse\", got no `schemas`")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if asked.is("GET /Users") { reply.body(|body| drop_member(body, "schemas")) } else { reply }
        },
    },
    Mutant {
        name: "the total is a text",
        caught_by: &[
            ("rfc-list-shape", "`totalResults` as a number, got \"0\""),
            ("rfc-list-count-zero", "`totalResults` as a number, got none"),
        ],
        between: |asked, directory| {
            let spoil = |body: &mut Value| body["totalResults"] = json!(body["totalResults"].to_string());
            let reply = directory.answer(asked);
            if asked.is("GET /Users") { reply.body(spoil) } else { reply }
        },
    },
    Mutant {
        name: "startIndex counts from 0",
        caught_by: &[
            ("rfc-list-next-page", "another resource on the second page"),
            ("rfc-list-page-numbers", "`startIndex` to be the number 2, got the number 1"),
        ],
        between: |asked, directory| {
            let start = asked.parameter("startIndex").and_then(|start| start.parse::<u64>().ok());
            match start {
                Some(start) if start > 1 => {
                    directory.answer(&asked.with_parameter("startIndex", &(start - 1).to_string()))
                }
                _ => directory.answer(asked),
            }
        },
    },
    Mutant {
        name: "count is ignored",
        caught_by: &[
            ("rfc-list-count", "expected one resource, got 2 resources"),
            ("rfc-list-count-negative", "status 400"),
        ],
        between: |asked, directory| {
            if asked.parameter("count").is_some_and(|count| count.starts_with('-')) {
                return Reply::new(400, json!({}));
            }
            directory.answer(&asked.without_parameter("count"))
        },
    },
    Mutant {
        name: "the total is that of the page",
        caught_by: &[("rfc-list-total", "`totalResults` to be 2 or more, got the number 1")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            let spoil = |body: &mut Value| body["totalResults"] = body["itemsPerPage"].clone();
            if asked.is("GET /Users") { reply.body(spoil) } else { reply }
        },
    },
    Mutant {
        name: "count=0 gives a page of the usual size",
        caught_by: &[("rfc-list-count-zero", "no resources, got 3 resources")],
        between: |asked, directory| {
            if asked.parameter("count") != Some("0") {
                return directory.answer(asked);
            }
            directory.answer(asked).body(|body| body["Resources"] = json!([{}, {}, {}]))
        },
    },
    Mutant {
        name: "startIndex=0 is refused",
        caught_by: &[("rfc-list-start-zero", "expected status 200, got status 400")],
        between: |asked, directory| match asked.parameter("startIndex") {
            Some("0") => Reply::new(400, json!({})),
            _ => directory.answer(asked),
        },
    },
    Mutant {
        name: "a page past the end is not found",
        caught_by: &[("rfc-list-past-end", "expected status 200, got status 404")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            let start = asked.parameter("startIndex").map_or(1, |start| start.parse::<u64>().unwrap_or(1));
            if start > 1 && reply.body["itemsPerPage"] == 0 { reply.with_status(404) } else { reply }
        },
    },
    // ------------------------------------------------------------ filters
    Mutant {
        name: "filters are ignored",
        caught_by: &[
            ("rfc-filter-eq", "got 2 users"),
            ("rfc-filter-and", "no resources, got 2 resources"),
            ("rfc-filter-not", "no resources, got 2 resources"),
            ("rfc-filter-ne", "it is there"),
            ("rfc-filter-co", "it is there"),
            ("rfc-filter-sw", "it is there"),
            ("rfc-filter-or", "it is there"),
            ("rfc-filter-pr", "it is there"),
            ("rfc-filter-value-path", "it is there"),
            ("rfc-filter-invalid", "expected status 400, got status 200"),
            ("rfc-group-filter", "got 2 groups"),
            ("rfc-search", "expected the one user, got"),
        ],
        between: |asked, directory| {
            if asked.path.ends_with("/.search") {
                return Reply::new(200, json!({"totalResults": 0, "Resources": []}));
            }
            directory.answer(&asked.without_parameter("filter"))
        },
    },
    Mutant {
        name: "nobody matches is not found",
        caught_by: &[("rfc-filter-none", "expected status 200, got status 404")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            let nobody = asked.parameter("filter").is_some() && reply.body["totalResults"] == 0;
            if nobody { reply.with_status(404) } else { reply }
        },
    },
    Mutant {
        name: "operators are understood in lower case alone",
        caught_by: &[("rfc-filter-any-case", "expected status 200, got status 400")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            let strange = asked.parameter("filter").is_some_and(|filter| filter.contains(" Eq "));
            if strange { reply.with_status(400) } else { reply }
        },
    },
    Mutant {
        name: "an unreadable filter has another scimType",
        caught_by: &[("rfc-filter-invalid", "`scimType` to be \"invalidFilter\", got \"invalidValue\"")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            let spoil = |body: &mut Value| body["scimType"] = json!("invalidValue");
            if reply.status == 400 { reply.body(spoil) } else { reply }
        },
    },
    Mutant {
        name: "a quote in a filter ends its value",
        caught_by: &[("rfc-filter-escapes", "expected status 200, got status 500")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            let quoted = asked.parameter("filter").is_some_and(|filter| filter.contains('\\'));
            if quoted { reply.with_status(500) } else { reply }
        },
    },
];

/// Whether the request is about users.
fn is_user(asked: &Asked) -> bool {
    asked.path.starts_with("/Users")
}

/// Whether the request is about one user or group, or about those of a list.
fn is_resource(asked: &Asked) -> bool {
    is_user(asked) || asked.path.starts_with("/Groups")
}

/// Finds and knows names in lower case alone.
fn case_sensitive(asked: &Asked, directory: &mut Directory) -> Reply {
    let shouts = |text: &str| text.contains("@EXAMPLE.COM");
    if asked.parameter("filter").is_some_and(shouts) {
        return directory.answer(&asked.with_parameter("filter", "userName eq \"\""));
    }
    if asked.is("POST /Users") && shouts(&asked.body) {
        return directory
            .answer(&Asked { body: asked.body.replace("@EXAMPLE.COM", "@other.example"), ..asked.clone() });
    }
    directory.answer(asked)
}
