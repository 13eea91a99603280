//! Fields of a record as rules.

use serde_json::Value;

use crate::init::api::Resource;
use crate::init::envelope::is_id;
use crate::init::names::{self, Name, Want};
use crate::init::paging::quoted;
use crate::init::shape::{Field, Kind};
use crate::init::words::{Noun, normal};

mod active;
mod times;

/// A rule, ready to be written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    /// The SCIM attribute.
    pub(super) name: &'static str,
    /// Your place.
    pub(super) at: String,
    /// The other keys of the rule, as TOML.
    pub(super) keys: Vec<(&'static str, String)>,
    /// Why it is so.
    pub(super) why: Vec<String>,
    /// What somebody must look up.
    pub(super) unknown: Option<String>,
}

/// The rules of a resource, and the fields that have none.
pub(super) fn rules(resource: &Resource) -> (Vec<Rule>, Vec<String>) {
    let mut drafting = Drafting { resource, rules: Vec::new(), used: Vec::new() };
    drafting.id();
    let table = match resource.noun {
        Noun::User => names::USER,
        Noun::Group => names::GROUP,
    };
    for name in table {
        drafting.attribute(name);
    }
    drafting.whole_name();
    drafting.must_have();
    let Drafting { rules, used, .. } = drafting;
    let is_left = |field: &&Field| field.kind != Kind::Table && !used.contains(&field.path);
    (rules, resource.record.iter().filter(is_left).map(Field::at).collect())
}

struct Drafting<'r> {
    resource: &'r Resource,
    rules: Vec<Rule>,
    /// Places that a rule has.
    used: Vec<Vec<String>>,
}

impl<'r> Drafting<'r> {
    fn fields(&self) -> impl Iterator<Item = &'r Field> {
        self.resource.record.iter()
    }

    /// The rule for `id`: the field that the path names, or the one that is called like an id.
    fn id(&mut self) {
        let noun = self.resource.noun;
        let key = self.resource.key.as_deref().map(normal).unwrap_or_default();
        let scalar =
            |field: &&Field| matches!(field.kind, Kind::Text | Kind::Integer | Kind::Unknown) && field.path.len() <= 2;
        let called = |name: &str| self.fields().filter(scalar).find(|field| normal(field.name()) == name);
        // `userId` in a path is mostly the field `id`.
        let by_key = called(&key).or_else(|| is_id(&key, noun).then(|| called("id")).flatten());
        let any = || self.fields().filter(scalar).find(|field| is_id(field.name(), noun));
        let mut rule = Rule { name: "id", at: "id".to_owned(), keys: Vec::new(), why: Vec::new(), unknown: None };
        match by_key.or_else(any) {
            Some(field) => {
                rule.at = field.at();
                rule.keys.extend(type_key(&field.kind));
                if !key.is_empty() && normal(field.name()) != key {
                    rule.why.push(format!(
                        "taken for the `{}` of the paths",
                        self.resource.key.as_deref().unwrap_or_default()
                    ));
                }
                self.used.push(field.path.clone());
            }
            None => rule.unknown = Some("no field looks like an id: name the one that the paths take".to_owned()),
        }
        self.rules.push(rule);
    }

    /// The field for an attribute, by the order of its names and then the shortest path.
    fn find(&self, name: &Name) -> Option<&'r Field> {
        let (_, want, names) = name;
        let fits = |field: &&Field| match (want, &field.kind) {
            (Want::Values | Want::References, Kind::List(..)) => true,
            (Want::Values | Want::References, _) | (_, Kind::List(..) | Kind::Table) => false,
            (Want::Active, kind) => *kind != Kind::Number && !field.name().ends_with("_at"),
            (Want::Text | Want::Time | Want::Shown | Want::Password, kind) => *kind != Kind::Boolean,
        };
        let called = |field: &Field, name: &str| {
            let last = normal(field.name());
            let two = field.path.len().checked_sub(2).map(|from| normal(&field.path[from..].concat()));
            last == name || two.as_deref() == Some(name)
        };
        let ranked = self.fields().filter(fits).filter_map(|field| {
            let rank = names.iter().position(|name| called(field, name))?;
            // Of several marks the one that can be set is meant: `suspended`, not an `active` that the API works out.
            let fixed = *want == Want::Active && !self.is_taken(field);
            Some(((fixed, rank, self.used.contains(&field.path), field.path.len()), field))
        });
        ranked.min_by_key(|(weight, _)| *weight).map(|(_, field)| field)
    }

    /// Whether an update takes a field.
    fn is_taken(&self, field: &Field) -> bool {
        let known = self.resource.updated.as_ref();
        !field.read_only && known.is_none_or(|fields| fields.iter().any(|other| other.path == field.path))
    }

    /// One name for all of a person: the parts are split at its last space, and the display name is read from it.
    fn whole_name(&mut self) {
        let has_parts = self.rules.iter().any(|rule| rule.name.starts_with("name."));
        let Some(display) = self.rules.iter_mut().find(|rule| rule.name == "displayName") else { return };
        if has_parts || self.resource.noun == Noun::Group || !display.keys.is_empty() {
            return;
        }
        let mut name = display.clone();
        name.name = "name";
        name.keys = vec![("text", quoted("{givenName*} {familyName}"))];
        name.why = vec!["put together and taken apart at the last space".to_owned()];
        display.keys = vec![("mutability", quoted("readOnly"))];
        display.why = vec!["the same field as `name`, which writes it".to_owned()];
        let at = self.rules.iter().position(|rule| rule.name == "displayName").unwrap_or_default();
        self.rules.insert(at, name);
    }

    fn attribute(&mut self, name: &'static Name) {
        let (attribute, want, _) = *name;
        if want == Want::Password {
            return self.password();
        }
        let members_apart = attribute == "members" && self.resource.members.is_some();
        let Some(field) = self.find(name).filter(|_| !members_apart) else {
            if members_apart {
                self.members();
            }
            return;
        };
        let shared = self.used.contains(&field.path);
        // A full name twice would be the same value under two names.
        if shared && !matches!(attribute, "userName" | r#"emails[type eq "work" and primary eq true].value"#) {
            return;
        }
        let mut rule = Rule { name: attribute, at: field.at(), keys: Vec::new(), why: Vec::new(), unknown: None };
        convert(want, field, &mut rule);
        if shared {
            let mutability = if attribute == "userName" { "immutable" } else { "readOnly" };
            rule.keys.push(("mutability", quoted(mutability)));
            rule.why.push(format!(
                "the same field as {}",
                if attribute == "userName" { "`id`, and ids never change" } else { "`userName`, which writes it" }
            ));
        } else {
            self.writing(want, field, &mut rule);
        }
        self.used.push(field.path.clone());
        self.rules.push(rule);
    }

    /// Who may write it: the API's own times and marks nobody, and what no call takes nobody.
    fn writing(&self, want: Want, field: &Field, rule: &mut Rule) {
        let takes = |accepted: &Option<Vec<Field>>, call: bool| {
            call && accepted.as_ref().is_none_or(|fields| fields.iter().any(|other| other.path == field.path))
        };
        let resource = self.resource;
        let has_own_calls = match want {
            Want::Active => resource.status.is_some() || resource.enable.is_some() && resource.disable.is_some(),
            Want::References => rule.name == "members" && resource.add.is_some() && resource.remove.is_some(),
            Want::Text | Want::Time | Want::Password | Want::Values | Want::Shown => false,
        };
        let created = takes(&resource.created, resource.create.is_some());
        let updated = takes(&resource.updated, resource.update.is_some());
        let by_nature = matches!(want, Want::Time | Want::Shown) || field.read_only || rule.name == "groups";
        let mutability = match (by_nature && !has_own_calls, created, updated || has_own_calls) {
            (true, ..) | (false, false, false) => Some("readOnly"),
            (false, true, false) => Some("immutable"),
            (false, _, true) => None,
        };
        if let Some(mutability) = mutability {
            rule.keys.push(("mutability", quoted(mutability)));
            if want == Want::Active {
                rule.unknown = Some("no call shuts anybody out: how does your API do it?".to_owned());
            }
            if !by_nature {
                rule.why.push(if mutability == "immutable" {
                    "no update takes it".to_owned()
                } else {
                    "no call takes it".to_owned()
                });
            }
        }
        let of_create = resource.created.iter().flatten().find(|other| other.path == field.path);
        if mutability.is_none() && of_create.is_some_and(|field| field.required) && want != Want::Password {
            rule.keys.push(("required", "true".to_owned()));
        }
    }

    /// A password is in no record that is read; what a create takes, or a call of its own.
    fn password(&mut self) {
        let resource = self.resource;
        let sent = resource.created.iter().chain(&resource.updated).flatten().chain(self.fields());
        let field = sent.into_iter().find(|field| {
            names::USER
                .iter()
                .any(|(_, want, names)| *want == Want::Password && names.contains(&normal(field.name()).as_str()))
        });
        if field.is_none() && resource.password.is_none() {
            return;
        }
        let changes = resource.password.is_some()
            || resource.update.is_some()
                && resource.updated.as_ref().is_none_or(|fields| {
                    fields.iter().any(|other| Some(&other.path) == field.map(|field| &field.path))
                });
        let mutability = if changes { "writeOnly" } else { "immutable" };
        self.rules.push(Rule {
            name: "password",
            at: field.map_or_else(|| "password".to_owned(), Field::at),
            keys: vec![("mutability", quoted(mutability))],
            why: vec![if changes {
                "never comes back".to_owned()
            } else {
                "given at create only, never comes back".to_owned()
            }],
            unknown: None,
        });
        self.used.extend(field.map(|field| field.path.clone()));
    }

    /// Members that an endpoint of their own lists: they are put into the record.
    fn members(&mut self) {
        let mut rule = Rule {
            name: "members",
            at: "members".to_owned(),
            keys: Vec::new(),
            why: vec!["put there by the second `get`".to_owned()],
            unknown: None,
        };
        let kind = if self.resource.member.is_empty() { Kind::Text } else { Kind::Table };
        elements(&kind, &self.resource.member, Want::References, &mut rule);
        if self.resource.add.is_none() || self.resource.remove.is_none() {
            rule.keys.push(("mutability", quoted("readOnly")));
            rule.unknown = Some("no calls add and remove a member: how is membership changed?".to_owned());
        }
        self.rules.push(rule);
    }

    /// What SCIM wants of every resource, where no field is called so.
    fn must_have(&mut self) {
        let (name, at, unknown) = match self.resource.noun {
            Noun::User => {
                ("userName", "username", "no field looks like a login name: name the one by which people are known")
            }
            Noun::Group => ("displayName", "name", "no field looks like a name"),
        };
        if self.rules.iter().all(|rule| rule.name != name) {
            let writes = self.resource.update.is_some();
            let keys = if writes { Vec::new() } else { vec![("mutability", quoted("readOnly"))] };
            self.rules.push(Rule { name, at: at.to_owned(), keys, why: Vec::new(), unknown: Some(unknown.to_owned()) });
        }
    }
}

/// The codec that the field's values need.
fn convert(want: Want, field: &Field, rule: &mut Rule) {
    match want {
        Want::Text | Want::Shown | Want::Password => rule.keys.extend(type_key(&field.kind)),
        Want::Time => times::convert(field, rule),
        Want::Active => active::convert(field, rule),
        Want::Values | Want::References => {
            if let Kind::List(kind, inner) = &field.kind {
                elements(kind, inner, want, rule);
            }
        }
    }
}

/// `type`, where SCIM's text is another type of yours.
fn type_key(kind: &Kind) -> Option<(&'static str, String)> {
    match kind {
        Kind::Integer => Some(("type", quoted("int"))),
        Kind::Number => Some(("type", quoted("number"))),
        Kind::Boolean => Some(("type", quoted("bool"))),
        Kind::Text | Kind::List(..) | Kind::Table | Kind::Unknown => None,
    }
}

/// The rules of a list's elements.
fn elements(kind: &Kind, inner: &[Field], want: Want, rule: &mut Rule) {
    if *kind != Kind::Table {
        rule.keys.extend(type_key(kind));
        return;
    }
    let called = |names: &[&str]| {
        names.iter().find_map(|name| {
            inner
                .iter()
                .find(|field| field.path.len() == 1 && normal(field.name()) == *name && field.kind != Kind::Table)
        })
    };
    let values: &[&str] = match want {
        Want::References => {
            &["id", "userid", "groupid", "teamid", "uuid", "memberid", "accountid", "username", "login", "value"]
        }
        Want::Text | Want::Time | Want::Active | Want::Password | Want::Values | Want::Shown => {
            &["value", "address", "email", "mail", "number", "phone", "name", "id"]
        }
    };
    let value = called(values).or_else(|| inner.first());
    let Some(value) = value else {
        rule.unknown = Some("nobody says what an element looks like".to_owned());
        return;
    };
    let one = |field: &Field| match type_key(&field.kind) {
        Some((key, word)) => format!("{{ at = {}, {key} = {word} }}", quoted(&field.at())),
        None => quoted(&field.at()),
    };
    let mut parts = vec![format!("value = {}", one(value))];
    if want == Want::References {
        let display = called(&["displayname", "name", "fullname", "username", "login", "label", "title"]);
        parts.extend(
            display.filter(|field| field.path != value.path).map(|field| format!("display = {}", quoted(&field.at()))),
        );
    } else {
        parts.extend(called(&["type", "kind", "label"]).map(|field| format!("type = {}", quoted(&field.at()))));
        parts.extend(
            called(&["primary", "isprimary", "main", "default"])
                .filter(|field| field.kind == Kind::Boolean)
                .map(|field| format!("primary = {}", quoted(&field.at()))),
        );
    }
    rule.keys.push(("each", format!("{{ {} }}", parts.join(", "))));
}

/// The field of an element that is its value: `id` of `{ id = 7, name = … }`; `None` where elements are plain.
pub(super) fn value_field(rule: &Rule) -> Option<String> {
    let (_, each) = rule.keys.iter().find(|(key, _)| *key == "each")?;
    let table: toml::Table = format!("each = {each}").parse().ok()?;
    let value = table.get("each")?.get("value")?;
    let at = value.as_str().or_else(|| value.get("at")?.as_str())?;
    Some(at.to_owned())
}

/// A value as TOML.
pub(super) fn toml_value(value: &Value) -> String {
    match value {
        Value::Null => quoted(""),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => quoted(text),
        Value::Array(elements) => format!("[{}]", elements.iter().map(toml_value).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            let is_bare = |name: &str| {
                !name.is_empty() && name.chars().all(|sign| sign.is_ascii_alphanumeric() || "_-".contains(sign))
            };
            let key = |name: &String| if is_bare(name) { name.clone() } else { quoted(name) };
            let members = members.iter().map(|(name, value)| format!("{} = {}", key(name), toml_value(value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
    }
}
