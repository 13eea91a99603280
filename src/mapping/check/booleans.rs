//! Booleans that clients can set to one value only.

use serde_json::Value;

use crate::mapping::codec::Codec;
use crate::mapping::compile::TypeMapping;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::TypeDocument;
use crate::mapping::equality::same;
use crate::mapping::rule::{ReadDefault, Rule};
use crate::scim::schema::Kind;

/// Warns of a `map` that has no row for one of the two values, where clients may write the attribute.
pub(super) fn check(written: &TypeDocument, compiled: &TypeMapping, found: &mut Diagnostics) {
    for rule in compiled.view.rules.iter().filter(|rule| rule.write_at.is_some()) {
        let Some(missing) = missing(rule) else { continue };
        let document = written.attributes.iter().find(|document| document.span == rule.span);
        let map = document.and_then(|document| document.map.as_ref());
        found
            .add(
                Code::W51,
                map.map_or_else(|| rule.span.clone(), |map| map.span.clone()),
                format!("no client can set `{}` to {missing}: `map` has no row for it", rule.name),
            )
            .help(format!(
                "add {missing} = \"…\"; or, where no value of yours stands for it: read_default = {missing}"
            ));
    }
}

/// The boolean that the rule cannot write.
fn missing(rule: &Rule) -> Option<bool> {
    if rule.attribute.kind != Kind::Boolean {
        return None;
    }
    let map = rule.codecs.codecs.iter().find_map(|codec| match codec {
        Codec::Map(map) => Some(map),
        Codec::ScimText(_) | Codec::Case(_) | Codec::Text(_) | Codec::Replace(_) | Codec::Time(_) | Codec::Type(_) => {
            None
        }
    })?;
    let is_default =
        |value: &Value| matches!(&rule.read_default, Some(ReadDefault::Value(default)) if default == value);
    [true, false].into_iter().find(|truth| {
        let value = Value::Bool(*truth);
        !is_default(&value) && !map.rows.iter().any(|(scim, _)| same(scim, &value))
    })
}
