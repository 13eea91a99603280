//! Examples of the documentation, completed to what can be loaded.

use toml::{Table, Value};

/// What an example leaves out. Its own keys win; rules stand here only for examples that have none.
const COMPLETED: &str = r#"
scim_bridge = 1
upstream.url = "https://api.acme.example/v1"
upstream.limits.scan = 1000
User.get = "GET /users/{id}"
User.create = { call = "POST /users", capture = { id = "$.id" } }
User.update = "PATCH /users/{id}"
"#;
const RULES: &str = r#"
User.attributes.id = "id"
User.attributes.userName = "login"
User.attributes.active = "enabled"
"#;
const MORE_RULES: &str = r#"
User.attributes.name.familyName = "last"
User.attributes.'emails[type eq "work"].value' = "mail"
"#;

/// Puts into `table` what it does not have of `other`.
pub(crate) fn complete(table: &mut Table, other: &str) {
    fn fill(table: &mut Table, other: Table) {
        for (key, value) in other {
            match (table.get_mut(&key), value) {
                (Some(Value::Table(inner)), Value::Table(value)) => fill(inner, value),
                (Some(_), _) => {}
                (None, value) => {
                    table.insert(key, value);
                }
            }
        }
    }
    fill(table, other.parse().unwrap());
}

/// A whole mapping made of an example: `file` is one, `rules` stand below `[User.attributes]`, others are tables of a file.
pub(crate) fn whole(kind: &str, example: &str) -> String {
    let text = match kind {
        "file" => return example.to_owned(),
        "rules" => format!("[User.attributes]\n{example}"),
        "" => example.to_owned(),
        other => panic!("`toml {other}` is no kind of example"),
    };
    let mut table: Table = text.parse().unwrap();
    let has_rules = text.contains("[User.attributes]");
    complete(&mut table, COMPLETED);
    complete(&mut table, RULES);
    if !has_rules {
        complete(&mut table, MORE_RULES);
    }
    toml::to_string(&table).unwrap()
}
