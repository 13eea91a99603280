//! Faults that Okta trips over.

use serde_json::{Value, json};

use super::Mutant;
use crate::verify::server::{Reply, drop_member};

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "an empty list has no resources",
        caught_by: &[
            ("okta-connect", "`Resources` as an array, got none"),
            ("okta-no-such-name", "`Resources` as an array, got none"),
        ],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if reply.body["totalResults"] == 0 { reply.body(|body| drop_member(body, "Resources")) } else { reply }
        },
    },
    Mutant {
        name: "lists of groups do not say how many they hold",
        caught_by: &[("okta-connect-groups", "`itemsPerPage` as a number, got none")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if asked.is("GET /Groups") { reply.body(|body| drop_member(body, "itemsPerPage")) } else { reply }
        },
    },
    Mutant {
        name: "groups are listed slowly",
        caught_by: &[("okta-groups-time", "an answer within 600 milliseconds")],
        between: |asked, directory| {
            if asked.is("GET /Groups") {
                directory.passes(620);
            }
            directory.answer(asked)
        },
    },
    Mutant {
        name: "a GET must have no content type",
        caught_by: &[("okta-get-content-type", "expected status 200, got status 415")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            let strange = asked.method == "GET" && asked.header("content-type").is_some();
            if strange { reply.with_status(415) } else { reply }
        },
    },
    Mutant {
        name: "a 401 has no body",
        caught_by: &[("okta-401", "`schemas` to hold")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if reply.status == 401 { Reply { body: json!({}), ..reply } } else { reply }
        },
    },
    Mutant {
        name: "errors have no detail",
        caught_by: &[
            ("okta-401", "a text `detail`"),
            ("okta-no-such-id", "a text `detail`"),
            ("okta-duplicate", "a text `detail`"),
        ],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if reply.status >= 400 { reply.body(|body| drop_member(body, "detail")) } else { reply }
        },
    },
    Mutant {
        name: "roles have no name",
        caught_by: &[("okta-roles", "a text `displayName` in every resource")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if asked.path == "/Roles" { reply.each(|role| drop_member(role, "displayName")) } else { reply }
        },
    },
    Mutant {
        name: "a 429 says the day and the hour",
        caught_by: &[("okta-retry-after", "`Retry-After` in whole seconds, got Fri, 31 Dec 2027")],
        between: |asked, directory| {
            if asked.path != "/ServiceProviderConfig" || !directory.memory.is_empty() {
                return directory.answer(asked);
            }
            directory.memory.push(json!("throttled"));
            let mut reply = Reply::new(429, json!({}));
            reply.headers.push(("retry-after".to_owned(), "Fri, 31 Dec 2027 23:59:59 GMT".to_owned()));
            reply
        },
    },
    // ------------------------------------------------------------ users
    Mutant {
        name: "users of a list have no family name",
        caught_by: &[
            ("okta-user-page", "`name.familyName` of every user, got none"),
            ("okta-user-read", "`name.familyName` of every user, got none"),
        ],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if asked.is("GET /Users") { reply.each(|user| drop_member(&mut user["name"], "familyName")) } else { reply }
        },
    },
    Mutant {
        name: "plain JSON is refused",
        caught_by: &[("okta-create", "expected status 201, got status 415")],
        between: |asked, directory| {
            if asked.header("content-type") == Some("application/json") {
                return Reply::new(415, json!({}));
            }
            directory.answer(asked)
        },
    },
    Mutant {
        name: "attributes that are not stored are refused",
        caught_by: &[("okta-create-everything", "expected status 201, got status 400")],
        between: |asked, directory| {
            if asked.body.contains("\"groups\":[]") { Reply::new(400, json!({})) } else { directory.answer(asked) }
        },
    },
    Mutant {
        name: "a created user has another family name",
        caught_by: &[("okta-created-read", "`name.familyName` to be \"Verify\", got \"Other\"")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            let other = |user: &mut Value| user["name"]["familyName"] = json!("Other");
            if asked.is_one("GET /Users") { reply.each(other) } else { reply }
        },
    },
    Mutant {
        name: "a name in capitals is refused",
        caught_by: &[("okta-name-capitals", "expected status 200, got status 404")],
        between: |asked, directory| {
            let shouts = asked.parameter("filter").is_some_and(|filter| filter.contains("@EXAMPLE"));
            if shouts { Reply::new(404, json!({})) } else { directory.answer(asked) }
        },
    },
    Mutant {
        name: "every page begins one too early",
        caught_by: &[("okta-import-pages", "every user once, got the user with the id id-1002 twice")],
        between: |asked, directory| match asked.parameter("startIndex") {
            Some("3") => directory.answer(&asked.with_parameter("startIndex", "2")),
            _ => directory.answer(asked),
        },
    },
    Mutant {
        name: "every page but the first leaves one out",
        caught_by: &[("okta-import-pages", "on one of the pages, got it is on none")],
        between: |asked, directory| match asked.parameter("startIndex") {
            Some("3") => directory.answer(&asked.with_parameter("startIndex", "4")),
            _ => directory.answer(asked),
        },
    },
    Mutant {
        name: "active cannot be switched off",
        caught_by: &[
            ("okta-life-patch", "`active` to be false, got true"),
            ("okta-life-put", "`active` to be false, got true"),
            ("okta-inactive-found-patch", "`active` to be false, got true"),
            ("okta-inactive-found-put", "`active` to be false, got true"),
        ],
        between: |asked, directory| {
            let body = asked.body.replace("\"active\":false", "\"active\":true");
            directory.answer(&crate::verify::server::Asked { body, ..asked.clone() })
        },
    },
    Mutant {
        name: "a new password is refused",
        caught_by: &[
            ("okta-password-patch", "expected status 200 or 204, got status 400"),
            ("okta-password-put", "expected status 200, got status 400"),
        ],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if asked.method != "POST" && asked.body.contains("password") { reply.with_status(400) } else { reply }
        },
    },
    // ------------------------------------------------------------ groups
    Mutant {
        name: "a search for a group is not found",
        caught_by: &[("okta-group-search", "expected status 200, got status 404")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            let nobody = asked.is("GET /Groups") && reply.body["totalResults"] == 0;
            if nobody { reply.with_status(404) } else { reply }
        },
    },
    Mutant {
        name: "an id in the value of a PATCH is refused",
        caught_by: &[("okta-group-rename", "expected status 200 or 204, got status 400")],
        between: |asked, directory| {
            let named = asked.json()["Operations"][0]["value"].get("id").is_some();
            if named { Reply::new(400, json!({})) } else { directory.answer(asked) }
        },
    },
    Mutant {
        name: "the members that a group has stay whatever is asked",
        caught_by: &[
            ("okta-group-members-patch", "the members [\"id-"),
            ("okta-group-members-put", "the members [\"id-"),
            ("okta-group-push-now-patch", "the members [\"id-"),
            ("okta-group-push-now-put", "the members [\"id-"),
        ],
        between: |asked, directory| {
            let mut reading = asked.clone();
            "GET".clone_into(&mut reading.method);
            let changes = matches!(asked.method.as_str(), "PUT" | "PATCH") && asked.path.starts_with("/Groups");
            if changes { directory.answer(&reading) } else { directory.answer(asked) }
        },
    },
    Mutant {
        name: "a member twice is a conflict",
        caught_by: &[("okta-member-twice", "expected status 200 or 204, got status 409")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if asked.json()["Operations"][0]["op"] == "add" { reply.with_status(409) } else { reply }
        },
    },
    Mutant {
        name: "a member that is not there cannot be removed",
        caught_by: &[("okta-member-absent", "expected status 200 or 204, got status 404")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if asked.json()["Operations"][0]["op"] == "remove" { reply.with_status(404) } else { reply }
        },
    },
    Mutant {
        name: "groups are never deleted",
        caught_by: &[("okta-group-unlink", "expected status 404, got status 200")],
        between: |asked, directory| {
            if asked.is_one("DELETE /Groups") { Reply::new(204, Value::Null) } else { directory.answer(asked) }
        },
    },
];
