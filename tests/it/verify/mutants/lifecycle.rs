//! Faults in the life of users and groups, caught in both styles of updating.

use serde_json::{Value, json};

use super::Mutant;
use crate::verify::server::{Asked, Directory, Reply, drop_member};

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "the right credentials do not help after wrong ones",
        caught_by: &[
            ("C9341-patch", "expected status 200, got status 401"),
            ("C9341-put", "expected status 200, got status 401"),
        ],
        between: |asked, directory| {
            if directory.memory.is_empty() {
                let reply = directory.answer(asked);
                if reply.status == 401 {
                    directory.memory.push(json!("locked"));
                }
                return reply;
            }
            Reply::new(401, json!({}))
        },
    },
    Mutant {
        name: "credentials are looked at by GET alone",
        caught_by: &[
            ("C9340-patch", "expected status 401, got status 200"),
            ("C9340-put", "expected status 401, got status 200"),
        ],
        between: |asked, directory| {
            let mut asked = asked.clone();
            if asked.method != "GET" {
                let right = format!("Bearer {}", super::super::server::TOKEN);
                asked.headers.insert("authorization", right.parse().unwrap());
            }
            directory.answer(&asked)
        },
    },
    Mutant {
        name: "passwords are refused",
        caught_by: &[
            ("C9301-patch", "expected status 201, got status 400"),
            ("C9301-put", "expected status 201, got status 400"),
            ("C9302-patch", "expected status 200 or 204, got status 400"),
            ("C9302-put", "expected status 200, got status 400"),
        ],
        between: |asked, directory| {
            if asked.body.contains("\"password\"") { Reply::new(400, json!({})) } else { directory.answer(asked) }
        },
    },
    Mutant {
        name: "updates of users are answered and not carried out",
        caught_by: &[
            ("C9306-patch", "`name.givenName` to be \"Grace\", got \"Ada\""),
            ("C9306-put", "`name.givenName` to be \"Grace\", got \"Ada\""),
            ("C9291-patch", "`name.givenName` to be \"Grace\", got \"Ada\""),
            ("C9291-put", "`name.givenName` to be \"Grace\", got \"Ada\""),
            ("C9309-patch", "`name.familyName` to be \"Regrouped\", got \"Verify\""),
            ("C9309-put", "`name.familyName` to be \"Regrouped\", got \"Verify\""),
            ("C9310-patch", "to be \"Grace"),
            ("C9310-put", "to be \"Grace"),
            ("C9307-patch", "`name.familyName` to be \"Assigned\", got \"Verify\""),
            ("C9307-put", "`name.familyName` to be \"Assigned\", got \"Verify\""),
            ("C9334-patch", "to be \"Grace\", got \"Ada\""),
            ("C9334-put", "to be \"Grace\", got \"Ada\""),
            ("C9335-patch", "to be \"Grace\", got \"Ada\""),
            ("C9335-put", "to be \"Grace\", got \"Ada\""),
            ("C9336-patch", "`emails.0.value` to be"),
            ("C9336-put", "`emails.0.value` to be"),
            ("C9303-patch", "`name.familyName` to be \"Reimported\" in the list, got \"Verify\""),
            ("C9303-put", "`name.familyName` to be \"Reimported\" in the list, got \"Verify\""),
            ("C9305-patch", "`name.givenName` to be \"Grace\", got \"Ada\""),
            ("C9305-put", "`name.givenName` to be \"Grace\", got \"Ada\""),
            ("C9360-patch", "`name.givenName` to be \"Grace\" in the list, got \"Ada\""),
            ("C9360-put", "`name.givenName` to be \"Grace\" in the list, got \"Ada\""),
        ],
        between: |asked, directory| unmoved(asked, directory, "/Users"),
    },
    Mutant {
        name: "an update without a change is a conflict",
        caught_by: &[
            ("C9290-patch", "expected status 200 or 204, got status 409"),
            ("C9290-put", "expected status 200, got status 409"),
        ],
        between: |asked, directory| {
            if !matches!(asked.method.as_str(), "PUT" | "PATCH") {
                return directory.answer(asked);
            }
            let mut reading = asked.clone();
            "GET".clone_into(&mut reading.method);
            let without_meta = |mut body: Value| {
                drop_member(&mut body, "meta");
                body
            };
            let before = without_meta(directory.answer(&reading).body);
            let reply = directory.answer(asked);
            if without_meta(reply.body.clone()) == before { reply.with_status(409) } else { reply }
        },
    },
    Mutant {
        name: "an empty text is not understood",
        caught_by: &[
            ("C9337-patch", "expected status 200 or 204, got status 400"),
            ("C9337-put", "expected status 200, got status 400"),
        ],
        between: |asked, directory| {
            if asked.body.contains(":\"\"") { Reply::new(400, json!({})) } else { directory.answer(asked) }
        },
    },
    Mutant {
        name: "nobody can be switched off",
        caught_by: &[
            ("C9292-patch", "`active` to be false, got true"),
            ("C9292-put", "`active` to be false, got true"),
            ("C9294-patch", "`active` to be false, got true"),
            ("C9294-put", "`active` to be false, got true"),
            ("C9295-patch", "`active` to be false, got true"),
            ("C9295-put", "`active` to be false, got true"),
            ("C9311-patch", "`active` to be false, got true"),
            ("C9311-put", "`active` to be false, got true"),
            ("C9333-patch", "`active` to be false, got true"),
            ("C9333-put", "`active` to be false, got true"),
        ],
        between: |asked, directory| {
            let body = asked.body.replace("\"active\":false", "\"active\":true");
            directory.answer(&Asked { body, ..asked.clone() })
        },
    },
    Mutant {
        name: "who is switched off loses the family name",
        caught_by: &[
            ("C9293-patch", "`name.familyName` to be \"Verify\", got no `name.familyName`"),
            ("C9293-put", "`name.familyName` to be \"Verify\", got no `name.familyName`"),
            ("C9300-patch", "`name.familyName` to be \"Verify\", got no `name.familyName`"),
            ("C9300-put", "`name.familyName` to be \"Verify\", got no `name.familyName`"),
        ],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            if asked.body.contains("\"active\":false") && reply.status == 200 {
                let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
                let body = json!({"schemas": schemas, "Operations": [{"op": "remove", "path": "name.familyName"}]});
                let mut again = asked.with_json(&body);
                "PATCH".clone_into(&mut again.method);
                return directory.answer(&again);
            }
            reply
        },
    },
    Mutant {
        name: "who is switched off leaves all groups",
        caught_by: &[("C9300-patch", "], got []"), ("C9300-put", "], got []")],
        between: |asked, directory| {
            if asked.is_one("GET /Groups") && !directory.memory.is_empty() {
                return directory.answer(asked).body(|group| drop_member(group, "members"));
            }
            if asked.body.contains("\"active\":false") {
                directory.memory.push(json!("off"));
            }
            directory.answer(asked)
        },
    },
    Mutant {
        name: "the list has each user twice",
        caught_by: &[("C9304-patch", "the user once, got 2 times"), ("C9304-put", "the user once, got 2 times")],
        between: |asked, directory| {
            let twice = |body: &mut Value| {
                let users = body["Resources"].as_array().cloned().unwrap_or_default();
                body["Resources"] = Value::Array(users.iter().chain(&users).cloned().collect());
            };
            let reply = directory.answer(asked);
            let listed = asked.is("GET /Users") && asked.parameter("filter").is_none();
            if listed { reply.body(twice) } else { reply }
        },
    },
    Mutant {
        name: "the list has nobody who is switched off",
        caught_by: &[
            ("C9361-patch", "on one of the pages, got it is on none"),
            ("C9361-put", "on one of the pages, got it is on none"),
            ("okta-inactive-found-patch", "the user that is switched off, got nobody"),
            ("okta-inactive-found-put", "the user that is switched off, got nobody"),
        ],
        between: |asked, directory| {
            let hide = |body: &mut Value| {
                if let Some(users) = body["Resources"].as_array_mut() {
                    users.retain(|user| user["active"] != false);
                }
            };
            let reply = directory.answer(asked);
            if asked.is("GET /Users") { reply.body(hide) } else { reply }
        },
    },
    // ------------------------------------------------------------ groups
    Mutant {
        name: "updates of groups are answered and not carried out",
        caught_by: &[
            ("C9312-patch", "], got []"),
            ("C9312-put", "], got []"),
            ("C9316-patch", "], got []"),
            ("C9316-put", "], got []"),
            ("C9315-patch", "`displayName` to be"),
            ("C9315-put", "`displayName` to be"),
            ("C9320-patch", "the members ["),
            ("C9320-put", "the members ["),
            ("C9322-patch", "the members ["),
            ("C9322-put", "the members ["),
            ("C9323-patch", "], got []"),
            ("C9323-put", "], got []"),
            ("C9329-patch", "the members ["),
            ("C9329-put", "the members ["),
            ("C9330-patch", "the members ["),
            ("C9330-put", "the members ["),
            ("C9332-patch", "the members ["),
            ("C9332-put", "the members ["),
            ("C9333-patch", "the members ["),
            ("C9333-put", "the members ["),
            ("C9338-patch", "the members ["),
            ("C9338-put", "the members ["),
        ],
        between: |asked, directory| unmoved(asked, directory, "/Groups"),
    },
    Mutant {
        name: "a group needs members",
        caught_by: &[
            ("C9317-patch", "expected status 201, got status 400"),
            ("C9317-put", "expected status 201, got status 400"),
        ],
        between: |asked, directory| {
            let empty = asked.is("POST /Groups") && asked.json()["members"] == json!([]);
            if empty { Reply::new(400, json!({})) } else { directory.answer(asked) }
        },
    },
    Mutant {
        name: "groups cannot be deleted",
        caught_by: &[
            ("C9318-patch", "expected status 204, got status 405"),
            ("C9318-put", "expected status 204, got status 405"),
            ("C9325-patch", "expected status 204, got status 405"),
            ("C9325-put", "expected status 204, got status 405"),
            ("C9327-patch", "expected status 204, got status 405"),
            ("C9327-put", "expected status 204, got status 405"),
        ],
        between: |asked, directory| {
            if asked.is_one("DELETE /Groups") { Reply::new(405, json!({})) } else { directory.answer(asked) }
        },
    },
    Mutant {
        name: "a rename makes a second group",
        caught_by: &[
            ("C9315-patch", "`totalResults` to be the number 1, got the number 2"),
            ("C9315-put", "`totalResults` to be the number 1, got the number 2"),
        ],
        between: |asked, directory| {
            let reply = directory.answer(asked);
            let double = |body: &mut Value| {
                if body["totalResults"] == 1 {
                    body["totalResults"] = json!(2);
                }
            };
            // The first search finds the group of the app, the second one is by the new name.
            if asked.is("GET /Groups") && asked.parameter("filter").is_some() {
                directory.memory.push(json!("searched"));
                return if directory.memory.len() > 1 { reply.body(double) } else { reply };
            }
            reply
        },
    },
];

/// Answers updates below an endpoint with what was there before.
fn unmoved(asked: &Asked, directory: &mut Directory, endpoint: &str) -> Reply {
    let mut reading = asked.clone();
    "GET".clone_into(&mut reading.method);
    let moves = matches!(asked.method.as_str(), "PUT" | "PATCH") && asked.path.starts_with(endpoint);
    if moves { directory.answer(&reading) } else { directory.answer(asked) }
}
