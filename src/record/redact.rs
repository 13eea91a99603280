//! What of an exchange is whose: which values are somebody's, and which are a protocol's or a mapping's.

use serde_json::{Map, Number, Value};

use crate::mapping::codec::Codec;
use crate::mapping::{Rule, TypeMapping};
use crate::record::disguise::Disguise;
use crate::scim::schema::Kind;

/// Attributes whose values say nothing about anybody, in lower case.
const PLAIN: [&str; 9] =
    ["schemas", "meta", "active", "locale", "timezone", "preferredlanguage", "type", "primary", "totalresults"];
/// List attributes whose `value` is another resource's id.
const REFERENCES: [&str; 3] = ["members", "groups", "manager"];
/// What SCIM itself puts into texts: types of addresses, and the words of PATCH.
const WORDS: [&str; 12] =
    ["work", "home", "other", "mobile", "fax", "pager", "add", "replace", "remove", "true", "false", "User"];

/// A mapping's own words, which stay: what its templates, tables and conditions hold literally.
pub(super) fn kept(text: &str) -> Vec<String> {
    let mut kept: Vec<String> = WORDS.map(str::to_owned).to_vec();
    if let Ok(table) = text.parse::<toml::Table>() {
        literals("", &toml::Value::Table(table), &mut kept);
    }
    kept
}

fn literals(key: &str, value: &toml::Value, kept: &mut Vec<String>) {
    const LITERAL: [&str; 12] = [
        "text",
        "scim_text",
        "show",
        "map",
        "replace",
        "unset",
        "default",
        "read_default",
        "constants",
        "body",
        "bits",
        "set",
    ];
    let is_literal = LITERAL.contains(&key);
    match value {
        toml::Value::Table(members) => {
            for (name, member) in members {
                if is_literal {
                    kept.push(name.clone());
                }
                literals(if is_literal { key } else { name }, member, kept);
            }
        }
        toml::Value::Array(items) => items.iter().for_each(|item| literals(key, item, kept)),
        toml::Value::String(text) => {
            // What conditions and filters compare with: `$.kind == 'work'`.
            kept.extend(text.split('\'').skip(1).step_by(2).map(str::to_owned));
            if is_literal {
                kept.push(without_holes(text));
            }
        }
        toml::Value::Integer(number) => kept.push(number.to_string()),
        toml::Value::Float(_) | toml::Value::Boolean(_) | toml::Value::Datetime(_) => {}
    }
}

/// The literal text of a template.
fn without_holes(text: &str) -> String {
    let mut depth = 0_u32;
    let outside = text.chars().filter(|sign| {
        match sign {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && *sign != '}'
    });
    outside.collect()
}

/// How much of a value may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// All.
    Plain,
    /// An id: numbers and UUIDs stay, a name does not.
    Id,
    /// Nothing, nor how long it is.
    Password,
    /// Nothing.
    Personal,
}

/// Replaces what is somebody's.
pub(super) struct Redactor<'r> {
    pub(super) disguise: &'r mut Disguise,
}

impl Redactor<'_> {
    /// An id as it may stand in a path.
    pub(super) fn id(&mut self, id: &str) -> String {
        let is_number = id.bytes().all(|byte| byte.is_ascii_digit());
        let is_uuid = id.len() >= 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        if is_number || is_uuid { id.to_owned() } else { self.disguise.text(id) }
    }

    /// A SCIM body: a resource, a list of them, a PATCH, or an error.
    pub(super) fn scim(&mut self, body: &Value) -> Value {
        let Value::Object(members) = body else { return self.attribute("", body) };
        // Half of a detail is the bridge's own text, which is the same in every recording. Where the other half speaks of
        // somebody, nothing is expected of it.
        if members.contains_key("detail") {
            let mut members = members.clone();
            members.retain(|_, value| value.as_str().is_none_or(|text| self.disguise.known(text) == text));
            return Value::Object(members);
        }
        let is_list = members.contains_key("Resources");
        let is_patch = members.keys().any(|name| name.eq_ignore_ascii_case("Operations"));
        if !is_list && !is_patch {
            return self.attribute("", body);
        }
        self.members(members, |redactor, name, value| match value.as_array() {
            Some(items) if name == "Resources" => items.iter().map(|item| redactor.attribute("", item)).collect(),
            Some(items) if name.eq_ignore_ascii_case("Operations") => {
                items.iter().map(|operation| redactor.operation(operation)).collect()
            }
            Some(_) | None => value.clone(),
        })
    }

    fn members(
        &mut self,
        members: &Map<String, Value>,
        mut member: impl FnMut(&mut Self, &str, &Value) -> Value,
    ) -> Value {
        Value::Object(members.iter().map(|(name, value)| (name.clone(), member(self, name, value))).collect())
    }

    /// One operation of a PATCH.
    fn operation(&mut self, operation: &Value) -> Value {
        let Value::Object(members) = operation else { return operation.clone() };
        let path = members.iter().find(|(name, _)| name.eq_ignore_ascii_case("path"));
        let path = path.and_then(|(_, path)| path.as_str()).unwrap_or_default().to_owned();
        self.members(members, |redactor, name, value| {
            if name.eq_ignore_ascii_case("value") {
                return redactor.attribute(&path, value);
            }
            let path = value.as_str().filter(|_| name.eq_ignore_ascii_case("path"));
            path.map_or_else(|| value.clone(), |path| redactor.filter(path).into())
        })
    }

    /// A value of the attribute at a path: `name.givenName`, `members`, `emails[type eq "work"].value`.
    fn attribute(&mut self, path: &str, value: &Value) -> Value {
        match value {
            Value::Object(members) => self.members(members, |redactor, name, value| {
                // Below the name of an extension the paths begin anew.
                let below = match path {
                    _ if name.starts_with("urn:") => {
                        let last = name.rsplit(':').next().unwrap_or_default();
                        if last.starts_with(char::is_lowercase) { last.to_owned() } else { String::new() }
                    }
                    "" => name.to_owned(),
                    path => format!("{path}.{name}"),
                };
                redactor.attribute(&below, value)
            }),
            Value::Array(items) => Value::Array(items.iter().map(|item| self.attribute(path, item)).collect()),
            Value::String(text) => match class_of(path) {
                Class::Plain => value.clone(),
                Class::Id => self.id(text).into(),
                Class::Password => self.disguise.password(text).into(),
                Class::Personal if text.parse::<jiff::Timestamp>().is_ok() => value.clone(),
                Class::Personal => self.disguise.text(text).into(),
            },
            Value::Number(number) if class_of(path) == Class::Personal => self.number(number),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    /// A filter, or a path with filters in it: the texts that its attributes are compared with.
    pub(super) fn filter(&mut self, filter: &str) -> String {
        let mut out = String::with_capacity(filter.len());
        let mut rest = filter;
        while let Some(open) = rest.find('"') {
            let (before, after) = rest.split_at(open);
            let inside = &after[1..];
            let end = close(inside);
            out.push_str(before);
            // `members[value eq`: the attribute, and the list that it is an attribute of.
            let words: Vec<&str> = before.trim_end().rsplitn(3, [' ', '[', '(']).collect();
            let attribute = words.get(1).copied().unwrap_or_default();
            let list = words.get(2).and_then(|before| before.rsplit([' ', '.', '(']).next()).unwrap_or_default();
            let path = if before.contains('[') { format!("{list}.{attribute}") } else { attribute.to_owned() };
            let text = inside[..end].replace("\\\"", "\"").replace("\\\\", "\\");
            let text = match class_of(&path) {
                Class::Plain => text,
                Class::Id => self.id(&text),
                Class::Password => self.disguise.password(&text),
                Class::Personal => self.disguise.text(&text),
            };
            out.push_str(&Value::from(text).to_string());
            rest = inside.get(end + 1..).unwrap_or_default();
        }
        out + rest
    }

    /// A record of the upstream, or a part of one.
    pub(super) fn record(&mut self, record: &Value, kind: &TypeMapping) -> Value {
        let nodes = kind.view.nodes(record);
        self.node(record, &nodes)
    }

    fn node(&mut self, node: &Value, nodes: &crate::mapping::view::Nodes<'_>) -> Value {
        if let Some((outer, inner)) = nodes.rules_of(node) {
            return match (class_of_rule(outer, inner), node) {
                (Class::Password, Value::String(text)) => self.password(text, inner),
                (class, _) => self.whole(node, class),
            };
        }
        match node {
            Value::Object(members) => self.members(members, |redactor, _, value| redactor.node(value, nodes)),
            Value::Array(items) => Value::Array(items.iter().map(|item| self.node(item, nodes)).collect()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => self.whole(node, Class::Personal),
        }
    }

    /// A password as a rule writes it.
    fn password(&mut self, text: &str, rule: &Rule) -> Value {
        let stand_in = Value::from(self.disguise.password(text));
        if stand_in == text { stand_in } else { rule.codecs.encode(&stand_in).unwrap_or(stand_in) }
    }

    /// A value of which all is of one class.
    fn whole(&mut self, value: &Value, class: Class) -> Value {
        match (value, class) {
            (_, Class::Plain) | (Value::Null | Value::Bool(_), _) | (Value::Number(_), Class::Id) => value.clone(),
            (Value::String(text), Class::Id) => self.id(text).into(),
            (Value::String(text), Class::Password) => self.disguise.password(text).into(),
            (Value::String(text), Class::Personal) => self.disguise.text(text).into(),
            (Value::Number(number), Class::Password | Class::Personal) => self.number(number),
            (Value::Array(items), _) => Value::Array(items.iter().map(|item| self.whole(item, class)).collect()),
            (Value::Object(members), _) => self.members(members, |redactor, _, value| redactor.whole(value, class)),
        }
    }

    fn number(&mut self, number: &Number) -> Value {
        let digits = number.to_string();
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return number.clone().into();
        }
        let stand_in = self.disguise.digits(&digits);
        stand_in.parse::<Number>().map_or_else(|_| number.clone().into(), Value::Number)
    }

    /// A value that is nobody's but may speak of somebody.
    pub(super) fn known(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.disguise.known(text).into(),
            Value::Number(number) => {
                let known = self.disguise.known_digits(&number.to_string()).and_then(|digits| digits.parse().ok());
                Value::Number(known.unwrap_or_else(|| number.clone()))
            }
            Value::Array(items) => Value::Array(items.iter().map(|item| self.known(item)).collect()),
            Value::Object(members) => {
                Value::Object(members.iter().map(|(name, value)| (name.clone(), self.known(value))).collect())
            }
            Value::Null | Value::Bool(_) => value.clone(),
        }
    }
}

/// The place of the quotation mark that ends a text.
fn close(text: &str) -> usize {
    let mut escaped = false;
    for (index, sign) in text.char_indices() {
        match sign {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return index,
            _ => {}
        }
    }
    text.len()
}

/// What the value at a path of SCIM is.
fn class_of(path: &str) -> Class {
    let path = path.to_lowercase();
    let plain = path.split('[').map(|part| part.rsplit(']').next().unwrap_or_default()).collect::<String>();
    let names: Vec<&str> = plain.rsplit(':').next().unwrap_or_default().split('.').collect();
    let (first, last) = (names.first().copied().unwrap_or_default(), names.last().copied().unwrap_or_default());
    if first == "password" {
        return Class::Password;
    }
    let is_reference = REFERENCES.contains(&first) && (last == "value" || last == first);
    if PLAIN.contains(&first) || PLAIN.contains(&last) || last == "$ref" {
        Class::Plain
    } else if path == "id" || is_reference {
        Class::Id
    } else {
        Class::Personal
    }
}

/// What a value of the upstream is that a rule reads; `inner` is the rule of an element of the list that `outer` is for.
fn class_of_rule(outer: &Rule, inner: &Rule) -> Class {
    let closed = |codec: &Codec| matches!(codec, Codec::Map(_) | Codec::Time(_));
    let is_plain_kind = matches!(inner.attribute.kind, Kind::Boolean | Kind::DateTime);
    if is_plain_kind || inner.codecs.codecs.iter().any(closed) {
        return Class::Plain;
    }
    if outer.refers_to.is_some() || inner.refers_to.is_some() {
        return Class::Id;
    }
    let inner_name = inner.target.sub.as_deref().unwrap_or(&inner.target.name);
    let path =
        if std::ptr::eq(outer, inner) { outer.name.clone() } else { format!("{}.{inner_name}", outer.target.name) };
    class_of(&path)
}
