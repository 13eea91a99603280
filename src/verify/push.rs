//! Updates as identity providers push them, in both styles.

use serde_json::{Value, json};

use crate::verify::answer::Answer;
use crate::verify::play::{Made, Play, made};
use crate::verify::verdict::{Stop, Style, Verdict};

impl Play {
    /// A new user as Okta makes one: searched for by its name, and made when nobody has it.
    pub(crate) async fn assign(&mut self, draft: Value) -> Result<Made, Stop> {
        let found = self.filter("/Users", &format!("userName eq {}", draft["userName"])).await?;
        found.status(&[200])?.is("/totalResults", &json!(0))?;
        let answer = self.post("/Users", &draft).await?;
        answer.status(&[201])?;
        made("/Users", draft, &answer)
    }

    /// A new user with the usual attributes, as Okta makes one.
    pub(crate) async fn assigned(&mut self) -> Result<Made, Stop> {
        let draft = self.draft();
        self.assign(draft).await
    }

    /// Changes a user: what is in `changes`, nested as in the resource. Gives the answer, which must mean success.
    ///
    /// A PATCH goes out as Okta sends it: one `replace` without a path. A PUT brings the whole user as it was read.
    pub(crate) async fn push(&mut self, style: Style, made: &Made, changes: &Value) -> Result<Answer, Stop> {
        match style {
            Style::Patch => {
                self.needs("patch")?;
                let answer = self.patch(&made.path, json!([{"op": "replace", "value": changes}])).await?;
                answer.status(&[200, 204])?;
                Ok(answer)
            }
            Style::Put => {
                let mut whole = self.read(made).await?.json;
                merge(&mut whole, changes);
                let answer = self.put(&made.path, &whole).await?;
                answer.status(&[200])?;
                Ok(answer)
            }
        }
    }

    /// Changes a user, and holds that a GET gives what was sent.
    pub(crate) async fn pushed(&mut self, style: Style, made: &Made, changes: &Value) -> Verdict {
        self.push(style, made, changes).await?;
        self.reads_as(made, changes).await
    }

    /// Holds that a GET gives these values, nested as in the resource.
    pub(crate) async fn reads_as(&mut self, made: &Made, wanted: &Value) -> Verdict {
        let read = self.read(made).await?;
        for (pointer, value) in leaves(wanted) {
            read.is(&pointer, &value)?;
        }
        Ok(())
    }

    /// Switches a user on or off, and holds that it is.
    pub(crate) async fn switch(&mut self, style: Style, made: &Made, active: bool) -> Verdict {
        self.needs_attribute("active")?;
        self.pushed(style, made, &json!({"active": active})).await
    }

    /// Adds and removes members as Okta does.
    pub(crate) async fn change_members(
        &mut self,
        style: Style,
        group: &Made,
        add: &[&Made],
        remove: &[&Made],
    ) -> Verdict {
        match style {
            Style::Patch => {
                self.needs("patch")?;
                let mut operations: Vec<Value> = remove
                    .iter()
                    .map(|made| json!({"op": "remove", "path": format!("members[value eq {}]", Value::from(made.id.as_str()))}))
                    .collect();
                if !add.is_empty() {
                    operations.push(json!({"op": "add", "path": "members", "value": references(add)}));
                }
                self.patch(&group.path, Value::Array(operations)).await?.status(&[200, 204])?;
            }
            Style::Put => {
                let mut whole = self.read(group).await?.json;
                let mut members = whole["members"].as_array().cloned().unwrap_or_default();
                members.retain(|member| !remove.iter().any(|made| member["value"] == made.id));
                members.extend(references(add));
                whole["members"] = Value::Array(members);
                self.put(&group.path, &whole).await?.status(&[200, 204])?;
            }
        }
        Ok(())
    }

    /// Makes these the members of a group, whoever was one before.
    pub(crate) async fn set_members(&mut self, style: Style, group: &Made, members: &[&Made]) -> Verdict {
        match style {
            Style::Patch => {
                self.needs("patch")?;
                let operations = json!([{"op": "replace", "path": "members", "value": references(members)}]);
                self.patch(&group.path, operations).await?.status(&[200, 204])?;
            }
            Style::Put => {
                let mut whole = self.read(group).await?.json;
                whole["members"] = Value::Array(references(members));
                self.put(&group.path, &whole).await?.status(&[200, 204])?;
            }
        }
        self.has_members(group, members).await
    }

    /// Renames a group as Okta does, and holds that it is renamed.
    pub(crate) async fn rename_group(&mut self, style: Style, group: &Made, name: &str) -> Verdict {
        match style {
            Style::Patch => {
                self.needs("patch")?;
                let value = json!({"id": group.id, "displayName": name});
                let answer = self.patch(&group.path, json!([{"op": "replace", "value": value}])).await?;
                answer.status(&[200, 204])?;
            }
            Style::Put => {
                let mut whole = self.read(group).await?.json;
                whole["displayName"] = json!(name);
                self.put(&group.path, &whole).await?.status(&[200, 204])?;
            }
        }
        self.read(group).await?.is("/displayName", &json!(name))?;
        Ok(())
    }
}

/// Members as Okta sends them.
fn references(members: &[&Made]) -> Vec<Value> {
    members.iter().map(|made| json!({"value": made.id, "display": made.user_name()})).collect()
}

/// Puts the changes over a resource: objects member by member, everything else whole.
fn merge(whole: &mut Value, changes: &Value) {
    match (whole, changes) {
        (Value::Object(members), Value::Object(changes)) => {
            for (name, change) in changes {
                merge(members.entry(name.as_str()).or_insert(Value::Null), change);
            }
        }
        (whole, changes) => *whole = changes.clone(),
    }
}

/// The values of a nested object by their JSON pointers. A list is compared by the `value` of its first element.
fn leaves(value: &Value) -> Vec<(String, Value)> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, member)| {
                leaves(member).into_iter().map(move |(pointer, value)| (format!("/{name}{pointer}"), value))
            })
            .collect(),
        Value::Array(elements) => match elements.first().and_then(|element| element.get("value")) {
            Some(first) => vec![("/0/value".to_owned(), first.clone())],
            None => Vec::new(),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => vec![(String::new(), value.clone())],
    }
}
