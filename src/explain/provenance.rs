//! Which rule an attribute comes from.

use std::fmt::Write as _;

use bytes::Bytes;
use serde_json::Value;

use crate::explain::Explained;
use crate::explain::desk::Desk;
use crate::mapping::scope::Scope;
use crate::mapping::source::{Source, Span};
use crate::mapping::{Call, Rule, TypeMapping};
use crate::scim::Resource;
use crate::transcript::write;

/// `mapping.toml:27`
pub(super) fn place(source: &Source, span: &Span) -> String {
    let name = source.path.rsplit(['/', '\\']).next().unwrap_or(&source.path);
    format!("{name}:{}", source.place(span.start).line)
}

/// What a create carries, and from which rule it is written.
pub(super) fn asked(desk: &Desk, call: &Call, scope: &Scope<'_>) -> String {
    let (Some(scim), Some((_, kind))) = (scope.scim, desk.part_of(call)) else { return String::new() };
    let mut text = String::new();
    for rule in call.carries.iter().filter_map(|index| kind.view.rules.get(*index)) {
        if let Some(value) = rule.value_in(scim) {
            let _ = writeln!(text, "#   {}", line(desk.source(), rule, Some(&value)));
        }
    }
    text
}

/// Where what a reply shows comes from.
pub(super) fn of_reply(explained: &Explained<'_>, target: &str, body: &Bytes) -> String {
    let endpoint = target.split('?').next().unwrap_or_default().split('/').nth(1).unwrap_or_default();
    let is_at = |kind: &&TypeMapping| kind.view.schema.endpoint.strip_prefix('/') == Some(endpoint);
    let Some(kind) = explained.mapping.types.iter().find(is_at) else { return String::new() };
    let Ok(Value::Object(body)) = serde_json::from_slice::<Value>(body) else { return String::new() };
    let resources: Vec<Resource> = match body.get("Resources") {
        Some(Value::Array(items)) => items.iter().filter_map(|item| item.as_object().cloned()).collect(),
        _ => vec![body],
    };
    let mut text = String::new();
    for rule in &kind.view.rules {
        if resources.iter().any(|resource| rule.value_in(resource).is_some()) {
            let _ = writeln!(text, "#   {}", line(explained.source, rule, None));
        }
    }
    if text.is_empty() { text } else { format!("\n# where it comes from\n{text}") }
}

fn line(source: &Source, rule: &Rule, value: Option<&Value>) -> String {
    let value = value.map_or_else(String::new, |value| format!(" {}", write::flat(value)));
    let at = rule.read_at.as_ref().or(rule.write_at.as_ref()).map_or("its own text", |path| path.text.as_str());
    format!("{}:{value} {at} ({})", rule.name, place(source, &rule.span))
}
