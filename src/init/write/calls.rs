//! The calls of a resource type.

use std::fmt::Write as _;

use serde_json::Value;

use crate::init::api::{Api, Call, Listing, Resource};
use crate::init::envelope::is_id;
use crate::init::names::{self, Want};
use crate::init::paging::quoted;
use crate::init::rules::{Rule, toml_value, value_field};
use crate::init::shape::Field;
use crate::init::words::{Noun, normal};

/// Writes all calls, in the order of the format's reference.
pub(super) fn write(resource: &Resource, rules: &[Rule], api: &Api, text: &mut String) {
    let kind = resource.noun.name();
    constants(resource, rules, text);
    match &resource.list {
        Some(list) => listing(&format!("[{kind}.list]"), list, resource, rules, text),
        None => text.push_str("\n# UNKNOWN: how all are listed; without a list nobody can be found or imported.\n"),
    }
    let parts = resource.members.as_ref();
    if let Some(get) = &resource.get {
        let header = if parts.is_some() { format!("[[{kind}.get]]") } else { format!("[{kind}.get]") };
        call(&header, get, &[], text);
    }
    if let Some(members) = parts {
        listing(&format!("[[{kind}.get]]"), members, resource, rules, text);
        text.push_str("into = \"members\"\n");
    }
    create(resource, rules, text);
    update(resource, rules, api, text);
    match &resource.delete {
        Some(delete) => call(&format!("[{kind}.delete]"), delete, &[], text),
        None => text.push_str("\n# No call deletes: a client who asks for it gets 501.\n"),
    }
}

/// A header and a call below it.
fn call(header: &str, call: &Call, more: &[String], text: &mut String) {
    let _ = writeln!(text, "\n{header}");
    for line in more.iter().filter(|line| line.starts_with('#')) {
        let _ = writeln!(text, "{line}");
    }
    let is_first = |line: &&String| ["for =", "when =", "each ="].iter().any(|begin| line.starts_with(begin));
    for line in more.iter().filter(is_first) {
        let _ = writeln!(text, "{line}");
    }
    let _ = writeln!(text, "call = {}", quoted(&call.request));
    if call.form {
        text.push_str("format = \"form\"\n");
    }
    if !call.body.is_null() {
        let _ = writeln!(text, "body = {}", toml_value(&call.body));
    }
    if let Some(item) = &call.item {
        let _ = writeln!(text, "item = {}", quoted(item));
    }
    for line in more.iter().filter(|line| !line.starts_with('#') && !is_first(line)) {
        let _ = writeln!(text, "{line}");
    }
}

/// A call that reads many.
fn listing(header: &str, listing: &Listing, resource: &Resource, rules: &[Rule], text: &mut String) {
    let is_part = header.starts_with("[[");
    let mut query: Vec<String> = listing.fixed.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut notes = Vec::new();
    let mut attributes: Vec<String> = Vec::new();
    for parameter in listing.searches.iter().filter(|_| !is_part) {
        let attribute = attribute_of(parameter, resource, rules).filter(|attribute| !attributes.contains(attribute));
        if let Some(attribute) = attribute {
            query.push(format!("{parameter}={{filter.{attribute}?}}"));
            attributes.push(attribute);
        } else if ["q", "query", "search", "filter", "keyword", "name"].contains(&normal(parameter).as_str())
            && resource.noun == Noun::User
        {
            notes.push(format!("# UNKNOWN: does `{parameter}` find everybody with exactly the given login? Then: {parameter}={{filter.userName?}}"));
        }
    }
    query.extend(listing.paging.iter().map(|(name, hole)| format!("{name}={hole}")));
    let searched = attributes.iter().any(|attribute| matches!(attribute.as_str(), "userName" | "displayName"));
    if !attributes.is_empty() {
        let names: Vec<String> = attributes.iter().map(|attribute| format!("`{attribute}`")).collect();
        notes.push(format!(
            "# Searches by {}. Each must find everybody with exactly that value, or more; else take it out.",
            names.join(", ")
        ));
    }
    if !searched && !is_part {
        let key = if resource.noun == Noun::User { "userName" } else { "displayName" };
        notes.push(format!(
            "# No parameter searches by `{key}`: the bridge reads records, `limits.scan` at most, and searches itself."
        ));
    }
    notes.extend(paging(listing).filter(|_| !is_part));
    let pages = listing.next.is_some() || listing.paging.iter().any(|(_, hole)| hole != "{count}");
    if !pages && listing.total.is_none() && !is_part {
        notes.push("# UNKNOWN: how are further pages asked for? If one answer holds all: unpaged = true".to_owned());
    }
    let mut whole = listing.call.clone();
    if !query.is_empty() {
        whole.request = format!("{}?{}", whole.request, query.join("&"));
    }
    if listing.items.is_empty() {
        notes.push(
            "# UNKNOWN: where the list is in the answer: \"$.data[*]\", or \"$[*]\" where it is the answer".to_owned(),
        );
    }
    let items = if listing.items.is_empty() { "$[*]" } else { &listing.items };
    notes.push(format!("items = {}", quoted(items)));
    notes.extend(listing.total.as_ref().map(|total| format!("total = {total}")));
    notes.extend(listing.next.as_ref().map(|next| format!("next = {next}")));
    call(header, &whole, &notes, text);
}

/// How a listing was understood to page.
fn paging(listing: &Listing) -> Option<String> {
    let by = |hole: &str| listing.paging.iter().find(|(_, known)| known == hole).map(|(name, _)| name);
    let way = if let Some(name) = by("{page}") {
        format!("by number (`{name}`)")
    } else if let Some(name) = by("{offset}") {
        format!("by offset (`{name}`)")
    } else if let Some(name) = by("{cursor?}") {
        format!("by a cursor (`{name}`), which each answer gives for the next one")
    } else {
        format!("by what each answer names as the next one ({})", listing.next.as_ref()?)
    };
    Some(format!("# Pages {way}."))
}

/// The attribute that a parameter searches by: the one whose field is called so, or whose names are.
fn attribute_of(parameter: &str, resource: &Resource, rules: &[Rule]) -> Option<String> {
    // `filter[email]` and `filter.email` search by `email`.
    let bare = parameter.trim_end_matches(']').rsplit(['[', '.']).next().unwrap_or(parameter);
    let wanted = normal(bare);
    let table = if resource.noun == Noun::User { names::USER } else { names::GROUP };
    let searchable = |rule: &&Rule| {
        rule.name != "id" && table.iter().any(|(name, want, _)| *name == rule.name && *want == Want::Text)
    };
    let by_field =
        rules.iter().filter(searchable).find(|rule| normal(rule.at.rsplit('.').next().unwrap_or_default()) == wanted);
    let by_name = || {
        rules
            .iter()
            .filter(searchable)
            .find(|rule| table.iter().any(|(name, _, names)| *name == rule.name && names.contains(&wanted.as_str())))
    };
    let rule = by_field.or_else(by_name)?;
    match rule.name.split_once('[') {
        None if rule.name.contains('.') => Some(rule.name.to_owned()),
        None => (!super::left(rule.name).starts_with('"')).then(|| rule.name.to_owned()),
        // Of several addresses a search by one field would miss the others.
        Some((attribute, _)) => {
            let alike = rules.iter().filter(|other| other.name.starts_with(attribute)).count();
            (alike == 1).then(|| format!("{attribute}.value"))
        }
    }
}

/// What a create must be given and no rule gives.
fn constants(resource: &Resource, rules: &[Rule], text: &mut String) {
    let required = resource.created.iter().flatten().filter(|field| field.required && field.path.len() == 1);
    let without_rule = required.filter(|field| {
        !rules.iter().any(|rule| rule.at == field.at() || rule.at.starts_with(&format!("{}.", field.at())))
    });
    let mut constants = Vec::new();
    let mut notes = Vec::new();
    for field in without_rule {
        let value = field.default.as_ref().or(least(&field.words)).or(field.example.as_ref());
        match value {
            Some(value) => {
                constants.push(format!("{} = {}", quoted_key(field.name()), toml_value(value)));
                if field.default.is_none() && field.words.len() != 1 {
                    let words: Vec<String> = field.words.iter().map(toml_value).collect();
                    let choice =
                        if words.is_empty() { String::new() } else { format!(" One of {}.", words.join(", ")) };
                    notes.push(format!(
                        "# UNKNOWN: a create must say `{}`: which one gets everybody?{choice}",
                        field.name()
                    ));
                }
            }
            None => notes.push(format!(
                "# UNKNOWN: a create must say `{}`: constants = {{ {} = … }}",
                field.name(),
                quoted_key(field.name())
            )),
        }
    }
    if constants.is_empty() && notes.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n[{}]", resource.noun.name());
    for note in notes {
        let _ = writeln!(text, "{note}");
    }
    if !constants.is_empty() {
        let _ = writeln!(text, "constants = {{ {} }}", constants.join(", "));
    }
}

/// The first word that gives nobody power over others, where there is one.
fn least(words: &[Value]) -> Option<&Value> {
    let powers = ["admin", "administrator", "superadmin", "superuser", "sysadmin", "root", "owner"];
    let is_power = |word: &Value| word.as_str().is_some_and(|word| powers.contains(&normal(word).as_str()));
    words.iter().find(|word| !is_power(word)).or(words.first())
}

fn quoted_key(name: &str) -> String {
    let is_bare = !name.is_empty() && name.chars().all(|sign| sign.is_ascii_alphanumeric() || "_-".contains(sign));
    if is_bare { name.to_owned() } else { quoted(name) }
}

/// Whether a rule of this name can be written by calls.
fn writable(rules: &[Rule], name: &str) -> bool {
    rules.iter().any(|rule| {
        rule.name == name && !rule.keys.iter().any(|(key, value)| *key == "mutability" && value == "\"readOnly\"")
    })
}

/// Attributes that have update calls of their own, so that the general ones need not carry them.
fn own_calls(resource: &Resource, rules: &[Rule]) -> Vec<&'static str> {
    let by_toggle = resource.status.is_some() || resource.enable.is_some() && resource.disable.is_some();
    let all = [
        ("active", by_toggle),
        ("password", resource.password.is_some()),
        ("members", resource.add.is_some() && resource.remove.is_some()),
    ];
    all.into_iter().filter(|(name, own)| *own && writable(rules, name)).map(|(name, _)| name).collect()
}

fn create(resource: &Resource, rules: &[Rule], text: &mut String) {
    let kind = resource.noun.name();
    let Some(create) = &resource.create else {
        text.push_str("\n# No call creates: a client who asks for it gets 501.\n");
        return;
    };
    let takes = |name: &str| {
        let at = rules.iter().find(|rule| rule.name == name).map(|rule| rule.at.clone());
        resource.created.as_ref().is_some_and(|fields| fields.iter().any(|field| Some(field.at()) == at))
    };
    let without: Vec<String> = own_calls(resource, rules).into_iter().filter(|name| !takes(name)).map(quoted).collect();
    let mut more = Vec::new();
    if !without.is_empty() {
        more.push("# What a create does not take follows by the update calls.".to_owned());
        more.push(format!("without = [{}]", without.join(", ")));
        more.extend(
            resource
                .delete
                .as_ref()
                .filter(|delete| delete.body.is_null())
                .map(|delete| format!("undo = {}", quoted(&delete.request))),
        );
    }
    more.extend(
        create
            .location
            .as_ref()
            .map(|pattern| format!("capture = {{ id = {{ header = \"Location\", text = {} }} }}", quoted(pattern))),
    );
    if create.location.is_none() && !create.answers && resource.get.is_some() {
        let key = if resource.noun == Noun::User { "userName" } else { "displayName" };
        more.push(format!("# The answer tells no id: the bridge looks the new one up by `{key}`."));
    }
    call(&format!("[{kind}.create]"), create, &more, text);
}

fn update(resource: &Resource, rules: &[Rule], api: &Api, text: &mut String) {
    let kind = resource.noun.name();
    let own = own_calls(resource, rules);
    let header = if own.is_empty() { format!("[{kind}.update]") } else { format!("[[{kind}.update]]") };
    if let Some(update) = &resource.update {
        let mut more = Vec::new();
        let dropped = dropped(resource);
        if update.request.starts_with("PUT") && !dropped.is_empty() {
            more.push(
                "# A PUT sends the record as it was read; what the API does not take back goes out of it.".to_owned(),
            );
            more.push(format!("drop = [{}]", dropped.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ")));
        }
        more.extend(addition(resource, update));
        if update.request.starts_with("PATCH") {
            more.push("# A PATCH sends the changed fields alone.".to_owned());
        }
        if update.request.starts_with("POST") && !api.form {
            more.push(
                "# UNKNOWN: does the API want changed fields only, as here, or all? Then: send = \"whole\"".to_owned(),
            );
        }
        call(&header, update, &more, text);
    } else if own.is_empty() {
        text.push_str("\n# No call changes anything: a client who asks for it gets 501.\n");
    }
    let one = |name: &str, asked: &Call, more: &[&str], text: &mut String| {
        let mut lines = vec![format!("for = [{}]", quoted(name))];
        lines.extend(more.iter().map(|line| (*line).to_owned()));
        call(&format!("[[{kind}.update]]"), asked, &lines, text);
    };
    if own.contains(&"active") {
        match (&resource.status, &resource.disable, &resource.enable) {
            (Some(status), ..) => one("active", status, &[], text),
            (None, Some(disable), Some(enable)) => {
                one("active", disable, &["when = \"$.scim.active == false\""], text);
                one("active", enable, &["when = \"$.scim.active == true\""], text);
            }
            (None, ..) => {}
        }
    }
    if let Some(password) = resource.password.as_ref().filter(|_| own.contains(&"password")) {
        let mut password = password.clone();
        if password.body.is_null() {
            password.body = serde_json::json!({ "password": "{scim.password}" });
            text.push_str("\n# UNKNOWN: the name of the new password in the next body.\n");
        }
        one("password", &password, &[], text);
    }
    let has_members = rules.iter().any(|rule| rule.name == "members");
    if !has_members && (resource.add.is_some() || resource.remove.is_some()) {
        text.push_str("\n# UNKNOWN: calls change the members, but no field and no call shows them.\n");
    }
    if own.contains(&"members") {
        let field = rules.iter().find(|rule| rule.name == "members").and_then(value_field);
        for (each, asked) in [("each = \"added\"", &resource.add), ("each = \"removed\"", &resource.remove)] {
            if let Some(asked) = asked {
                one("members", &of_element(asked, field.as_deref()), &[each], text);
            }
        }
    }
}

/// A call with the field of an element in place of the element: `{item.id}`.
fn of_element(call: &Call, field: Option<&str>) -> Call {
    let Some(field) = field else { return call.clone() };
    let hole = format!("{{item.{}}}", field.trim_start_matches("$."));
    let filled = |value: &Value| if value == "{item}" { Value::from(hole.as_str()) } else { value.clone() };
    let members = call.body.as_object().into_iter().flatten();
    let body: serde_json::Map<String, Value> = members.map(|(name, value)| (name.clone(), filled(value))).collect();
    let body = if body.is_empty() { Value::Null } else { Value::Object(body) };
    Call { request: call.request.replace("{item}", &hole), body, ..call.clone() }
}

/// What a call that sends changes alone must say beside them: the id and the only value of a field, as JSON:API wants them.
fn addition(resource: &Resource, update: &Call) -> Option<String> {
    if update.request.starts_with("PUT") || !update.body.is_object() {
        return None;
    }
    let top = resource.updated.iter().flatten().filter(|field| field.path.len() == 1);
    let parts = top.filter_map(|field| match field.words.as_slice() {
        [only] => Some(format!("{} = {}", quoted_key(field.name()), toml_value(only))),
        _ if is_id(field.name(), resource.noun) => Some(format!("{} = \"{{id}}\"", quoted_key(field.name()))),
        _ => None,
    });
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| format!("add = {{ {} }}", parts.join(", ")))
}

/// Fields of the record that a PUT does not take, where it is known what it takes.
fn dropped(resource: &Resource) -> Vec<String> {
    let Some(taken) = &resource.updated else { return Vec::new() };
    let top = resource.record.iter().filter(|field| field.path.len() == 1);
    top.filter(|field| taken.iter().all(|other| other.path != field.path)).map(Field::at).collect()
}
