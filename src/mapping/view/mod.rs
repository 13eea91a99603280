//! All rules of a type together: record to resource and back, on values.

use serde_json::{Map, Value};

use crate::mapping::rule::{Rule, Show, Target};
use crate::scim::schema::{Mutability, Returned};
use crate::scim::{self, Resource, ResourceSchema};

mod nodes;
#[cfg(test)]
mod tests;

pub use nodes::Nodes;

/// The rules of one resource type.
#[derive(Clone, Debug)]
pub struct View {
    /// The rules, in file order, but those of one attribute together, and of those the ones of one element.
    pub rules: Vec<Rule>,
    /// The index of the `id` rule.
    pub id: usize,
    /// The schema of what is mapped: exactly the mapped attributes, with their true mutability.
    pub schema: ResourceSchema,
    /// The schema as `/Schemas` shows it: without `primary` where nobody can set it, with the `type`s that there are.
    pub advertised: ResourceSchema,
}

/// The URL of the resource with this id at an endpoint.
pub(crate) fn reference(base: &str, endpoint: &str, id: &str) -> String {
    let mut url = String::with_capacity(base.len() + endpoint.len() + 1 + id.len());
    url.push_str(base);
    url.push_str(endpoint);
    url.push('/');
    url.extend(percent_encoding::utf8_percent_encode(id, crate::value::IN_URL));
    url
}

impl View {
    /// The resource that a record shows: `schemas`, all mapped attributes that may be shown (a password never is), `meta`
    /// without `location`.
    ///
    /// Attributes come in the order of the rules, `schemas` first, then extensions and `meta`.
    pub fn read(&self, record: &Value) -> Resource {
        self.read_with(record, None)
    }

    /// The same with what stands beside the record, the bridge's own values included.
    pub fn read_with(&self, record: &Value, beside: Option<&Resource>) -> Resource {
        self.read_where((record, beside), |_| true)
    }

    /// The same with these core attributes alone, for a change that touches no others.
    pub fn read_only(&self, record: &Value, beside: Option<&Resource>, names: &[&str]) -> Resource {
        let is_wanted = |target: &Target| names.iter().any(|name| name.eq_ignore_ascii_case(&target.name));
        self.read_where((record, beside), |rule| {
            rule.is_own() || rule.target.extension.is_none() && is_wanted(&rule.target)
        })
    }

    fn read_where(&self, (record, beside): (&Value, Option<&Resource>), wanted: impl Fn(&Rule) -> bool) -> Resource {
        let mut core = Map::new();
        core.insert("schemas".to_owned(), Value::Null);
        let mut extensions: Vec<(&str, Resource)> = Vec::new();
        let mut meta = Map::new();
        meta.insert("resourceType".to_owned(), Value::from(self.schema.name.as_str()));
        for rule in self.rules.iter().filter(|rule| rule.is_shown() && wanted(rule)) {
            let Some(value) = rule.get_with(record, beside) else { continue };
            match (&rule.target.extension, &rule.target.sub) {
                (Some(urn), _) => {
                    let place = extensions.iter().position(|(known, _)| known == urn).unwrap_or_else(|| {
                        extensions.push((urn, Map::new()));
                        extensions.len() - 1
                    });
                    insert(&mut extensions[place].1, &rule.target, value);
                }
                (None, Some(sub)) if rule.target.name == "meta" => {
                    meta.insert(sub.clone(), value);
                }
                (None, _) => insert(&mut core, &rule.target, value),
            }
        }
        let urns = std::iter::once(self.schema.core.id.as_str()).chain(extensions.iter().map(|(urn, _)| *urn));
        let urns = urns.map(Value::from).collect();
        core.insert("schemas".to_owned(), Value::Array(urns));
        core.extend(extensions.into_iter().map(|(urn, extension)| (urn.to_owned(), Value::Object(extension))));
        core.insert("meta".to_owned(), Value::Object(meta));
        core
    }

    /// Puts a `$ref` beside every `value` that is another resource's id (RFC 7643 §2.4); `base` is the tenant's URL.
    pub fn refer(&self, resource: &mut Resource, base: &str) {
        for rule in &self.rules {
            let (Some(endpoint), Some(members)) = (&rule.refers_to, rule.target.members(resource)) else { continue };
            let elements = match members.get_mut(&rule.target.name) {
                Some(Value::Array(elements)) => elements.iter_mut().collect(),
                Some(single) => vec![single],
                None => Vec::new(),
            };
            for element in elements.into_iter().filter_map(Value::as_object_mut) {
                if let Some(id) = element.get("value").and_then(Value::as_str) {
                    let url = reference(base, endpoint, id);
                    // Beside the `value`, where the read plan writes it too.
                    let place = element.keys().position(|name| name == "value").map_or(element.len(), |at| at + 1);
                    element.shift_insert(place, "$ref".to_owned(), Value::String(url));
                }
            }
        }
    }

    /// The record's id as SCIM shows it; never empty.
    pub fn id(&self, record: &Value) -> Option<String> {
        match self.rules.get(self.id)?.get(record)? {
            Value::String(id) if !id.is_empty() => Some(id),
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                None
            }
        }
    }

    /// A SCIM id in the upstream's type; `None` when no record can have it (`007`, text for an integer, empty).
    pub fn encode_id(&self, id: &str) -> Option<Value> {
        let rule = self.rules.get(self.id).filter(|_| !id.is_empty())?;
        let yours = rule.encode(&Value::from(id))?;
        (rule.decode(&yours)? == id).then_some(yours)
    }

    /// Puts all writable rules of `new` into `record` (the constants, on create); what `new` has no value for stays.
    ///
    /// # Errors
    /// 400 `invalidValue`, naming the attribute.
    pub fn build(&self, record: &mut Value, new: &Resource) -> Result<(), scim::Error> {
        for rule in &self.rules {
            if let Some(value) = rule.found_in(new) {
                rule.put(record, Some(&value))?;
            }
        }
        Ok(())
    }

    /// Puts what differs between `old` and `new` into `record`; gives the indexes of the changed rules, in order.
    ///
    /// A rule is changed iff its value differs between `old` and `new` *and* the record is another one after `put`. What is
    /// never shown (a password) is changed whenever `new` has a value; where the place of writing is not the place of
    /// reading, where the record has no place at all, or only calls with `each` write, the values alone decide.
    ///
    /// # Errors
    /// 400 `invalidValue`, naming the attribute.
    pub fn update(&self, record: &mut Value, old: &Resource, new: &Resource) -> Result<Vec<usize>, scim::Error> {
        let mut changed = Vec::new();
        for (index, rule) in self.rules.iter().enumerate().filter(|(_, rule)| rule.is_writable()) {
            let value = rule.found_in(new);
            if !rule.is_shown() {
                if value.is_some() {
                    rule.put(record, value.as_deref())?;
                    changed.push(index);
                }
                continue;
            }
            if rule.is_same(rule.found_in(old).as_deref(), value.as_deref()) {
                continue;
            }
            if rule.beside.is_some() {
                changed.push(index);
                continue;
            }
            let written = rule.write(record, value.as_deref())?;
            if written || rule.is_split() || rule.write_at.is_none() {
                changed.push(index);
            }
        }
        Ok(changed)
    }

    /// The values of a resource that the bridge keeps.
    pub fn kept_of(&self, resource: &Resource) -> Resource {
        let mut kept = Resource::new();
        for rule in self.rules.iter().filter(|rule| rule.is_kept()) {
            if let Some(value) = rule.value_in(resource) {
                rule.set_in(&mut kept, value);
            }
        }
        kept
    }

    /// The values of a resource that its record has no place for.
    pub fn beside_of(&self, resource: &Resource) -> Resource {
        let mut beside = Resource::new();
        for rule in self.rules.iter().filter(|rule| rule.beside.is_some()) {
            if let Some(value) = rule.value_in(resource) {
                rule.set_in(&mut beside, value);
            }
        }
        beside
    }

    /// Whether an answer of the upstream is the resource itself, so that it need not be read again: the id rule reads `id`
    /// from it (any id, for `None`), and every attribute with a value in `wanted` finds one in it. What is never shown
    /// does not count.
    pub fn is_whole(&self, answer: &Value, wanted: &Resource, id: Option<&str>) -> bool {
        let Some(found) = self.id(answer) else { return false };
        id.is_none_or(|id| id == found)
            && self.rules.iter().filter(|rule| rule.is_shown() && rule.beside.is_none()).all(|rule| {
                let value = rule.found_in(wanted);
                value.is_none() || rule.is_told_by(answer) || rule.shows_default(answer, value.as_deref())
            })
    }
}

impl View {
    /// Whether a record has something, if only null, for every rule whose value may be shown: what it leaves out is not known
    /// to be absent.
    pub fn tells_all(&self, record: &Value) -> bool {
        let shown = self.rules.iter().filter(|rule| rule.is_shown() && rule.beside.is_none());
        let paths = shown.flat_map(|rule| rule.read_at.iter().chain(rule.shows().flat_map(Show::paths)));
        { paths }.all(|path| path.is_told_by(record))
    }
}

impl Rule {
    /// Whether its value may stand in an answer: not a password, nor what is write-only.
    pub(crate) fn is_shown(&self) -> bool {
        self.mutability != Mutability::WriteOnly
            && self.attribute.returned != Returned::Never
            && self.target.name != "password"
    }
}

/// Puts a value where the target says; an element or a complex attribute is made by its first part.
fn insert(object: &mut Resource, target: &Target, value: Value) {
    let Some(sub) = &target.sub else {
        object.insert(target.name.clone(), value);
        return;
    };
    if !target.is_element() {
        let complex = object.entry(target.name.as_str()).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(parts) = complex {
            parts.insert(sub.clone(), value);
        }
        return;
    }
    let Value::Array(elements) = object.entry(target.name.as_str()).or_insert_with(|| Value::Array(Vec::new())) else {
        return;
    };
    if !elements.last().is_some_and(|element| is_of(element, target)) {
        let mut element = Map::new();
        element.extend(target.select.iter().cloned());
        if target.primary {
            element.insert("primary".to_owned(), Value::Bool(true));
        }
        elements.push(Value::Object(element));
    }
    if let Some(Value::Object(element)) = elements.last_mut() {
        // Before what the filter says: that is the order in which the read plan writes them.
        let fixed = target.select.len() + usize::from(target.primary);
        element.shift_insert(element.len().saturating_sub(fixed), sub.clone(), value);
    }
}

/// Whether an element is the one that rules with this target make.
fn is_of(element: &Value, target: &Target) -> bool {
    target.select.iter().all(|(name, value)| element.get(name) == Some(value))
        && element.get("primary").is_some() == target.primary
}
