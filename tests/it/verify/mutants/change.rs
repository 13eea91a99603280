//! Faults in what changes: PUT, PATCH, DELETE, groups, and what is announced.

use serde_json::{Value, json};

use super::Mutant;
use crate::verify::server::{Asked, Reply, drop_member};

pub(super) const MUTANTS: &[Mutant] = &[
    // ------------------------------------------------------------ PUT
    Mutant {
        name: "a PUT is answered with 204",
        caught_by: &[("rfc-put-status", "expected status 200, got status 204")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if asked.method == "PUT" && reply.is_done() { Reply::new(204, Value::Null) } else { reply }
        },
    },
    Mutant {
        name: "a PUT is answered and not carried out",
        caught_by: &[
            ("rfc-put-changes", "`name.familyName` to be \"Replaced\", got \"Verify\""),
            ("rfc-group-put", "`displayName` to be"),
            ("rfc-etag-precondition", "expected status 412, got status 200"),
        ],
        between: |asked, directory| {
            let mut reading = asked.clone();
            "GET".clone_into(&mut reading.method);
            if asked.method == "PUT" { directory.answer(&reading) } else { directory.answer(asked) }
        },
    },
    Mutant {
        name: "a PUT to an unknown id creates",
        caught_by: &[("rfc-put-unknown", "expected status 404, got status 201")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if !(asked.is_one("PUT /Users") && reply.status == 404) {
                return reply;
            }
            let mut creating = asked.clone();
            "POST".clone_into(&mut creating.method);
            "/Users".clone_into(&mut creating.path);
            directory.answer(&creating)
        },
    },
    Mutant {
        name: "a PUT takes a name that is taken",
        caught_by: &[("rfc-put-unique", "expected status 409, got status 200")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if asked.method == "PUT" && reply.status == 409 { reply.with_status(200) } else { reply }
        },
    },
    // ------------------------------------------------------------ PATCH
    Mutant {
        name: "a PATCH is answered with 202",
        caught_by: &[("rfc-patch-status", "expected status 200 or 204, got status 202")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if asked.method == "PATCH" && reply.is_done() { reply.with_status(202) } else { reply }
        },
    },
    Mutant {
        name: "a PATCH is answered and not carried out",
        caught_by: &[
            ("rfc-patch-replace", "`name.familyName` to be \"Patched\", got \"Verify\""),
            ("rfc-patch-active", "`active` to be false, got true"),
            ("rfc-patch-remove", "no `title`, got \"en\""),
            ("rfc-patch-value-path", "the work address to be"),
            ("rfc-group-clear-members", "the members [], got"),
        ],
        between: |asked, directory| {
            let mut reading = asked.clone();
            "GET".clone_into(&mut reading.method);
            if asked.method == "PATCH" { directory.answer(&reading) } else { directory.answer(asked) }
        },
    },
    Mutant {
        name: "a PATCH clears what it does not name",
        caught_by: &[("rfc-patch-keeps-others", "`name.givenName` to be \"Ada\", got no `name.givenName`")],
        between: |asked, directory| {
            let strange = |operation: &mut Value| {
                if operation["path"] == "name.familyName" {
                    let family = operation["value"].clone();
                    *operation = json!({"op": "remove", "path": "name.givenName", "value": family});
                }
            };
            directory.answer(&asked.with_operations(strange))
        },
    },
    Mutant {
        name: "a PATCH without a path does nothing",
        caught_by: &[("rfc-patch-no-path", "`name.familyName` to be \"Patched\", got \"Verify\"")],
        between: |asked, directory| {
            let nothing = |operation: &mut Value| {
                if operation.get("path").is_none() && operation.get("value").is_some() {
                    operation["value"] = json!({"unknown": 1});
                }
            };
            directory.answer(&asked.with_operations(nothing))
        },
    },
    Mutant {
        name: "add is not known",
        caught_by: &[("rfc-patch-add", "a status that means success, got status 400")],
        between: |asked, directory| {
            let strange = |operation: &mut Value| {
                if operation["op"] == "add" {
                    operation["op"] = json!("append");
                }
            };
            directory.answer(&asked.with_operations(strange))
        },
    },
    Mutant {
        name: "a path with the URN of the schema is not understood",
        caught_by: &[("rfc-patch-urn-path", "a status that means success, got status 400")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if asked.method == "PATCH" && asked.body.contains("User:name") { reply.with_status(400) } else { reply }
        },
    },
    Mutant {
        name: "of several operations the first alone is carried out",
        caught_by: &[("rfc-patch-in-order", "`name.familyName` to be \"Patched\", got \"First\"")],
        between: |asked, directory| {
            let mut body = asked.json();
            if let Some(operations) = body.get_mut("Operations").and_then(Value::as_array_mut) {
                operations.truncate(1);
                return directory.answer(&asked.with_json(&body));
            }
            directory.answer(asked)
        },
    },
    // ------------------------------------------------------------ refusals
    Mutant {
        name: "a user without a name is created",
        caught_by: &[("rfc-refuse-no-username", "expected status 400, got status 201")],
        between: |asked, directory| {
            let mut body = asked.json();
            if asked.is("POST /Users")
                && body.is_object()
                && body.get("userName").is_none()
                && body.get("USERNAME").is_none()
            {
                body["userName"] = json!("somebody");
                return directory.answer(&asked.with_json(&body));
            }
            directory.answer(asked)
        },
    },
    Mutant {
        name: "a broken body is an error of the server",
        caught_by: &[("rfc-refuse-broken-json", "expected status 400, got status 500")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            let broken = asked.method == "POST" && asked.json().is_null();
            if broken { reply.with_status(500) } else { reply }
        },
    },
    Mutant {
        name: "a PATCH of nobody is fine",
        caught_by: &[("rfc-refuse-patch-unknown", "expected status 404, got status 204")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if asked.method == "PATCH" && reply.status == 404 { Reply::new(204, Value::Null) } else { reply }
        },
    },
    Mutant {
        name: "a PATCH that cannot be understood is fine",
        caught_by: &[
            ("rfc-refuse-patch-op", "expected status 400, got status 200"),
            ("rfc-refuse-patch-path", "expected status 400, got status 200"),
            ("rfc-refuse-patch-no-target", "expected status 400, got status 200"),
            ("rfc-refuse-patch-read-only", "a refusal: status 400 to 499, got status 200"),
            ("rfc-patch-atomic", "a refusal: status 400 to 499, got status 200"),
        ],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if asked.method == "PATCH" && reply.status == 400 { Reply::new(200, json!({})) } else { reply }
        },
    },
    Mutant {
        name: "a removal without a path has another scimType",
        caught_by: &[("rfc-refuse-patch-no-target", "`scimType` to be \"noTarget\", got \"invalidSyntax\"")],
        between: |asked, directory| {
            let spoil = |body: &mut Value| body["scimType"] = json!("invalidSyntax");
            let reply = directory.answer(asked);
            if reply.status == 400 { reply.body(spoil) } else { reply }
        },
    },
    Mutant {
        name: "a PATCH that fails is carried out by half",
        caught_by: &[("rfc-patch-atomic", "`name.familyName` to be \"Verify\", got \"Half\"")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if asked.method == "PATCH" && reply.status == 400 {
                let mut body = asked.json();
                body["Operations"].as_array_mut().unwrap().truncate(1);
                directory.answer(&asked.with_json(&body));
            }
            reply
        },
    },
    // ------------------------------------------------------------ DELETE
    Mutant {
        name: "a deletion is answered with 200 and the user",
        caught_by: &[("rfc-delete-status", "expected status 204, got status 200")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if asked.method == "DELETE" && reply.status == 204 { Reply::new(200, json!({})) } else { reply }
        },
    },
    Mutant {
        name: "deleted users are only marked",
        caught_by: &[
            ("rfc-delete-gone", "expected status 404, got status 200"),
            ("rfc-delete-not-listed", "not the deleted user, got it is there"),
            ("rfc-delete-twice", "expected status 404, got status 204"),
            ("rfc-delete-frees-name", "a status that means success, got status 409"),
        ],
        between: |asked, directory| {
            if asked.is_one("DELETE /Users") { Reply::new(204, Value::Null) } else { directory.answer(asked) }
        },
    },
    // ------------------------------------------------------------ groups
    Mutant {
        name: "a group is created without its members",
        caught_by: &[("rfc-group-members", ", got []")],
        between: |asked, directory| {
            let mut body = asked.json();
            drop_member(&mut body, "members");
            if asked.is("POST /Groups") { directory.answer(&asked.with_json(&body)) } else { directory.answer(asked) }
        },
    },
    Mutant {
        name: "added members replace those that are there",
        caught_by: &[("rfc-group-add-member", "the members [\"id-")],
        between: |asked, directory| {
            let replace = |operation: &mut Value| {
                if operation["op"] == "add" {
                    operation["op"] = json!("replace");
                }
            };
            directory.answer(&asked.with_operations(replace))
        },
    },
    Mutant {
        name: "the removal of one member removes all",
        caught_by: &[("rfc-group-remove-member", "got []")],
        between: |asked, directory| {
            let all = |operation: &mut Value| {
                if operation["path"].as_str().is_some_and(|path| path.starts_with("members[")) {
                    operation["path"] = json!("members");
                }
            };
            directory.answer(&asked.with_operations(all))
        },
    },
    Mutant {
        name: "replaced members are added",
        caught_by: &[("rfc-group-replace-members", "the members [\"id-")],
        between: |asked, directory| {
            let add = |operation: &mut Value| {
                if operation["op"] == "replace" && operation["path"] == "members" {
                    operation["op"] = json!("add");
                }
            };
            directory.answer(&asked.with_operations(add))
        },
    },
    Mutant {
        name: "a group takes its members with it",
        caught_by: &[("rfc-group-delete", "expected status 200, got status 404")],
        between: |asked, directory| {
            if asked.is_one("DELETE /Groups") {
                let mut reading = asked.clone();
                "GET".clone_into(&mut reading.method);
                let group = directory.answer(&reading).body;
                for member in group["members"].as_array().into_iter().flatten() {
                    let mut deleting = asked.clone();
                    deleting.path = format!("/Users/{}", member["value"].as_str().unwrap());
                    directory.answer(&deleting);
                }
            }
            directory.answer(asked)
        },
    },
    // ------------------------------------------------------------ what is announced
    Mutant {
        name: "versions are announced and not compared",
        caught_by: &[
            ("rfc-etag-not-modified", "expected status 304, got status 200"),
            ("rfc-etag-precondition", "expected status 412, got status 200"),
            ("rfc-etag-delete", "expected status 412, got status 204"),
        ],
        between: |asked, directory| {
            let mut asked = asked.clone();
            asked.headers.remove("if-match");
            asked.headers.remove("if-none-match");
            directory.answer(&asked)
        },
    },
    Mutant {
        name: "the body has another version than the header",
        caught_by: &[("rfc-etag-body", "`meta.version` to be")],
        between: |asked, directory| directory.answer(asked).each(|body| body["meta"]["version"] = json!("1")),
    },
    Mutant {
        name: "a change is answered with the version before it",
        caught_by: &[("rfc-etag-answers", "expected the version of the GET, W/\"2\", got W/\"1\"")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if asked.method == "PATCH" { reply.with_header("etag", "W/\"1\"") } else { reply }
        },
    },
    Mutant {
        name: "a part of a resource has a version of its own",
        caught_by: &[("rfc-etag-projected", "expected the version of the GET, W/\"1\", got W/\"1-part\"")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            let is_part = asked.is_one("GET /Users") && asked.parameter("attributes").is_some();
            if is_part { reply.with_header("etag", "W/\"1-part\"") } else { reply }
        },
    },
    Mutant {
        name: "a version never changes",
        caught_by: &[("rfc-etag-changed", "another version than before the change")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if asked.is_one("GET /Users") { reply.with_header("etag", "W/\"1\"") } else { reply }
        },
    },
    Mutant {
        name: "no version is the current one",
        caught_by: &[("rfc-etag-current", "a status that means success, got status 412")],
        between: |asked, directory| {
            if asked.header("if-match").is_some() { Reply::new(412, json!({})) } else { directory.answer(asked) }
        },
    },
    Mutant {
        name: "sorting is announced and not done",
        caught_by: &[("rfc-sort", "another user first in descending order")],
        between: |asked, directory| directory.answer(&asked.without_parameter("sortOrder")),
    },
    Mutant {
        name: "references between bulk operations are not understood",
        caught_by: &[("rfc-bulk-reference", "`Operations.1.status` to be \"200\" or \"204\", got \"404\"")],
        between: |asked, directory| {
            let body = asked.body.replace("/Users/bulkId:", "/Users/of-");
            if asked.is("POST /Bulk") {
                directory.answer(&Asked { body, ..asked.clone() })
            } else {
                directory.answer(asked)
            }
        },
    },
    Mutant {
        name: "the failure of one bulk operation is that of all",
        caught_by: &[("rfc-bulk-failure", "expected status 200, got status 404")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            let failed = |operation: &Value| operation["status"].as_str().is_some_and(|status| status >= "400");
            let any = reply.body["Operations"].as_array().is_some_and(|operations| operations.iter().any(failed));
            if any { reply.with_status(404) } else { reply }
        },
    },
    Mutant {
        name: "bulk operations go on whatever fails",
        caught_by: &[("rfc-bulk-fail-on-errors", "nothing to be done after the first failure")],
        between: |asked, directory| {
            let mut body = asked.json();
            drop_member(&mut body, "failOnErrors");
            if asked.is("POST /Bulk") { directory.answer(&asked.with_json(&body)) } else { directory.answer(asked) }
        },
    },
    Mutant {
        name: "any number of bulk operations is taken",
        caught_by: &[("rfc-bulk-limit", "expected status 413, got status 200")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if reply.status == 413 { Reply::new(200, json!({})) } else { reply }
        },
    },
    Mutant {
        name: "the version of a bulk operation is not looked at",
        caught_by: &[("rfc-bulk-version", "`Operations.0.status` to be \"412\", got \"204\"")],
        between: |asked, directory| {
            let mut body = asked.json();
            if asked.is("POST /Bulk") {
                drop_member(&mut body["Operations"][0], "version");
                return directory.answer(&asked.with_json(&body));
            }
            directory.answer(asked)
        },
    },
    Mutant {
        name: "bulk operations are not carried out",
        caught_by: &[("rfc-bulk", "`Operations.0.status` to be \"201\", got \"400\"")],
        between: |asked, directory| {
            let mut body = asked.json();
            if asked.is("POST /Bulk") {
                body["Operations"][0]["data"] = json!({});
                return directory.answer(&asked.with_json(&body));
            }
            directory.answer(asked)
        },
    },
];
