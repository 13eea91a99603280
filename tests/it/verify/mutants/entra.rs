//! Faults that Entra ID trips over.

use serde_json::{Value, json};

use super::Mutant;
use crate::verify::server::{Asked, Reply, drop_member};

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "a search for nobody finds everybody",
        caught_by: &[
            ("entra-connect", "`totalResults` to be the number 0"),
            ("entra-match-external-id", "the one user with the id id-1001, got 2 users"),
            ("entra-match-email", "the one user with the id id-1003, got 2 users"),
            ("entra-group-search", "the one group, got"),
        ],
        between: |asked, directory| {
            // One user is always there, so that a list of everybody is never empty.
            let reply = directory.answer(&asked.without_parameter("filter"));
            let pretend = |body: &mut Value| {
                if body["totalResults"] == 0 {
                    body["totalResults"] = json!(1);
                }
            };
            let searched = asked.parameter("filter").is_some();
            let reply = if searched { reply.body(pretend) } else { reply };
            if searched && asked.is("GET /Groups") { reply.body(|body| body["Resources"] = json!([])) } else { reply }
        },
    },
    Mutant {
        name: "meta in a body is refused",
        caught_by: &[
            ("entra-create", "expected status 201, got status 400"),
            ("entra-group-create", "expected status 201, got status 400"),
        ],
        between: |asked, directory| {
            let refused = asked.method == "POST" && asked.json().get("meta").is_some();
            if refused { Reply::new(400, json!({})) } else { directory.answer(asked) }
        },
    },
    Mutant {
        name: "a duplicate is answered with the user that is there",
        caught_by: &[("entra-duplicate", "expected status 409, got status 200")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if reply.status == 409 { reply.with_status(200) } else { reply }
        },
    },
    Mutant {
        name: "errors are plain JSON by their media type",
        caught_by: &[("entra-media-type", "`Content-Type: application/scim+json`, got application/json")],
        between: |asked, directory| {
            let mut reply = directory.answer(asked);
            if reply.status >= 400 {
                reply.headers.push(("content-type".to_owned(), "application/json".to_owned()));
            }
            reply
        },
    },
    Mutant {
        name: "every text is true",
        caught_by: &[
            ("entra-disable", "`Resources.0.active` to be false, got true"),
            ("entra-patch-boolean-text", "`active` to be false, got true"),
        ],
        between: |asked, directory| {
            directory.answer(&asked.with_operations(|operation| {
                if operation["path"] == "active" && operation["value"].is_string() {
                    operation["value"] = json!(true);
                }
            }))
        },
    },
    Mutant {
        name: "a second deletion is fine",
        caught_by: &[("entra-delete", "expected status 404, got status 204")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if asked.method == "DELETE" && reply.status == 404 { Reply::new(204, Value::Null) } else { reply }
        },
    },
    // ------------------------------------------------------------ PATCH
    Mutant {
        name: "operations are understood in lower case alone",
        caught_by: &[
            ("entra-patch-capitals", "a status that means success, got status 400"),
            ("entra-patch-remove", "a status that means success, got status 400"),
            ("entra-group-rename", "a status that means success, got status 400"),
        ],
        between: |asked, directory| {
            let strict = ["\"Add\"", "\"Replace\"", "\"Remove\""].iter().any(|op| asked.body.contains(op));
            if strict { Reply::new(400, json!({})) } else { directory.answer(asked) }
        },
    },
    Mutant {
        name: "user names never change",
        caught_by: &[("entra-patch-user-name", "the user under its new name, got 0 users")],
        between: |asked, directory| {
            let mut reading = asked.clone();
            "GET".clone_into(&mut reading.method);
            let renames = asked.method == "PATCH" && asked.body.contains("\"path\":\"userName\"");
            if renames { directory.answer(&reading) } else { directory.answer(asked) }
        },
    },
    Mutant {
        name: "a path with a filter changes nothing",
        caught_by: &[
            ("entra-patch-email", "`emails` with the type work to have the `value`"),
            ("entra-patch-new-element", "`phoneNumbers` with the type mobile"),
            ("entra-patch-address", "`addresses` with the type work"),
        ],
        between: |asked, directory| {
            let mut reading = asked.clone();
            "GET".clone_into(&mut reading.method);
            let filtered = asked.method == "PATCH" && asked.body.contains("[type eq");
            if filtered { directory.answer(&reading) } else { directory.answer(asked) }
        },
    },
    Mutant {
        name: "the enterprise extension is not kept",
        caught_by: &[
            ("entra-patch-enterprise", "department` to be \"Research\", got no `urn:ietf"),
            ("entra-patch-manager", "manager.value` to be"),
        ],
        between: |asked, directory| {
            let extension = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
            let reply = directory.answer(asked);
            if asked.path.starts_with("/Users") { reply.each(|user| drop_member(user, extension)) } else { reply }
        },
    },
    Mutant {
        name: "a new user has no manager",
        caught_by: &[("entra-create-manager", "manager.value` to be")],
        between: |asked, directory| {
            let body = if asked.method == "POST" {
                asked.body.replace("\"manager\":", "\"boss\":")
            } else {
                asked.body.clone()
            };
            directory.answer(&Asked { body, ..asked.clone() })
        },
    },
    Mutant {
        name: "a part of the manager is changed by nothing but the whole",
        caught_by: &[("entra-patch-manager-forms", "manager.value` to be")],
        between: |asked, directory| {
            let mut reading = asked.clone();
            "GET".clone_into(&mut reading.method);
            let part = asked.method == "PATCH" && asked.body.contains("manager.value");
            if part { directory.answer(&reading) } else { directory.answer(asked) }
        },
    },
    Mutant {
        name: "a manager is never taken away by an empty text",
        caught_by: &[("entra-patch-manager-unassign", "manager.value`, got")],
        between: |asked, directory| {
            let mut reading = asked.clone();
            "GET".clone_into(&mut reading.method);
            let empties = asked.body.contains("User:manager\"") && asked.body.contains("\"value\":\"\"");
            if empties { directory.answer(&reading) } else { directory.answer(asked) }
        },
    },
    Mutant {
        name: "names with dots are names of nothing",
        caught_by: &[("entra-patch-dotted", "`name.familyName` to be \"Patched\", got \"Verify\"")],
        between: |asked, directory| {
            let body = asked.body.replace("\"name.familyName\":", "\"nameFamilyName\":");
            directory.answer(&Asked { body, ..asked.clone() })
        },
    },
    Mutant {
        name: "the last operation alone is carried out",
        caught_by: &[("entra-patch-several", "`name.givenName` to be \"Grace\", got \"Ada\"")],
        between: |asked, directory| {
            let mut body = asked.json();
            if let Some(operations) = body.get_mut("Operations").and_then(Value::as_array_mut) {
                operations.drain(..operations.len() - 1);
                return directory.answer(&asked.with_json(&body));
            }
            directory.answer(asked)
        },
    },
    Mutant {
        name: "an empty text is refused",
        caught_by: &[("entra-patch-empty", "a status that means success, got status 400")],
        between: |asked, directory| {
            let empty = asked.json()["Operations"][0]["value"] == "";
            if empty { Reply::new(400, json!({})) } else { directory.answer(asked) }
        },
    },
    // ------------------------------------------------------------ groups
    Mutant {
        name: "members are always answered",
        caught_by: &[
            ("entra-group-read", "no `members`, got ["),
            ("entra-group-search", "no `Resources.0.members`, got ["),
        ],
        between: |asked, directory| directory.answer(&asked.without_parameter("excludedAttributes")),
    },
    Mutant {
        name: "one member at most",
        caught_by: &[("entra-group-add-member", "the members [\"id-")],
        between: |asked, directory| {
            directory.answer(&asked.with_operations(|operation| {
                if operation["path"] == "members" && operation["op"] == "Add" {
                    operation["op"] = json!("Replace");
                }
            }))
        },
    },
    Mutant {
        name: "the value of a removal is not looked at",
        caught_by: &[("entra-group-remove-member", "got []")],
        between: |asked, directory| {
            directory.answer(&asked.with_operations(|operation| {
                if operation["op"] == "Remove" {
                    drop_member(operation, "value");
                }
            }))
        },
    },
    Mutant {
        name: "deleted groups can be read",
        caught_by: &[("entra-group-delete", "expected status 404, got status 200")],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            let gone = asked.is_one("GET /Groups") && reply.status == 404;
            if gone { Reply::new(200, json!({})) } else { reply }
        },
    },
];
