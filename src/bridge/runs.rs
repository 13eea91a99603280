//! The runs of calls with `each`: one per element, per so many elements, or per changed field. Pure.

use serde_json::{Map, Value, json};

use crate::bridge::plan::Change;
use crate::mapping::Rule;
use crate::mapping::call::{Batch, Call, Each};
use crate::mapping::found::Found;
use crate::mapping::path::Path;
use crate::mapping::scope::Scope;
use crate::scim;

/// One run of a call with `each`.
#[derive(Debug)]
pub(crate) struct Run {
    /// The index of the rule whose element or value it is.
    pub(crate) rule: usize,
    /// What `{item.x}` sees: the element in the upstream's form, the fields of a batch, or the changed field.
    pub(crate) item: Value,
    /// What `{item}` itself is where it is not `item`: the elements of a batch.
    pub(crate) batch: Option<Value>,
    /// The elements' `value`s, for messages; empty for a changed field.
    pub(crate) values: Vec<String>,
}

/// The runs of a call with `each` for the changed rules that it carries.
///
/// # Errors
/// 400 `invalidValue` for an element that cannot be brought into the upstream's form.
pub(crate) fn runs(
    (call, each): (&Call, Each),
    carried: &[usize],
    change: &Change<'_>,
    scope: &Scope<'_>,
) -> Result<Vec<Run>, scim::Error> {
    let mut runs = Vec::new();
    for (index, rule) in carried.iter().filter_map(|index| Some((*index, change.view.rules.get(*index)?))) {
        let is_wanted =
            |item: &Value| call.when.as_ref().is_none_or(|when| when.holds(&Scope { item: Some(item), ..*scope }));
        let run = |item, values| Run { rule: index, item, batch: None, values };
        match each {
            Each::Added => {
                let mut elements = Vec::new();
                for element in rule.added_and_removed(change.old, change.new).0 {
                    elements.push(run(rule.element_item(&element)?, vec![element_value(&element)]));
                }
                elements.retain(|run| is_wanted(&run.item));
                runs.extend(batched(elements, call.batch.as_ref()));
            }
            Each::Removed => {
                let mut elements = Vec::new();
                for element in rule.added_and_removed(change.old, change.new).1 {
                    let item = match rule.item_in(change.old_record, &element) {
                        Some(item) => item,
                        None => rule.element_item(&element)?,
                    };
                    elements.push(run(item, vec![element_value(&element)]));
                }
                elements.retain(|run| is_wanted(&run.item));
                runs.extend(batched(elements, call.batch.as_ref()));
            }
            Each::Changed => runs.extend(field(rule, change).filter(&is_wanted).map(|item| run(item, Vec::new()))),
        }
    }
    Ok(runs)
}

/// A changed rule as `{item}` of `each = "changed"`: the field's path, its value, and the one before.
fn field(rule: &Rule, change: &Change<'_>) -> Option<Value> {
    let path = rule.write_at.as_ref()?;
    let name = match path.names() {
        Some(names) => names.join("."),
        None => path.text.trim_start_matches("$.").to_owned(),
    };
    let at = |path: &Path, record: &Value| path.first(record).cloned().unwrap_or_default();
    let (value, old) = (at(path, change.record), at(rule.read_at.as_ref().unwrap_or(path), change.old_record));
    Some(json!({ "field": name, "value": value, "old": old }))
}

/// Runs over single elements put together to runs over so many.
fn batched(elements: Vec<Run>, batch: Option<&Batch>) -> Vec<Run> {
    let Some(batch) = batch else { return elements };
    let mut runs = Vec::new();
    let mut elements = elements.into_iter().peekable();
    while elements.peek().is_some() {
        let (mut rule, mut items, mut values) = (0, Vec::new(), Vec::new());
        for element in elements.by_ref().take(batch.size) {
            rule = element.rule;
            items.push(element.item);
            values.extend(element.values);
        }
        let columns = columns(&items.iter().collect::<Vec<_>>(), batch.join.as_deref());
        let whole = match &batch.join {
            Some(_) if !items.iter().any(|item| item.is_object() || item.is_array()) => columns.clone(),
            Some(_) | None => Value::Array(items),
        };
        runs.push(Run { rule, item: columns, batch: Some(whole), values });
    }
    runs
}

/// The elements of a batch field by field: each the list of the elements' values, null where one has none, or their texts
/// joined.
fn columns(items: &[&Value], join: Option<&str>) -> Value {
    let mut names: Vec<&String> = Vec::new();
    for name in items.iter().filter_map(|item| item.as_object()).flat_map(Map::keys) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if !names.is_empty() && items.iter().all(|item| item.is_object()) {
        let column = |name: &String| {
            let values: Vec<&Value> = items.iter().map(|item| item.get(name).unwrap_or(&Value::Null)).collect();
            (name.clone(), columns(&values, join))
        };
        return Value::Object(names.into_iter().map(column).collect());
    }
    match join {
        None => items.iter().copied().cloned().collect(),
        Some(join) => {
            let text = |item: &&Value| Found::Value(item).text().unwrap_or_default().into_owned();
            Value::String(items.iter().map(text).collect::<Vec<_>>().join(join))
        }
    }
}

/// The `value` of an element, as text for messages.
fn element_value(element: &Value) -> String {
    match element.get("value").unwrap_or(element) {
        Value::String(text) => text.clone(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            other.to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(item: Value) -> Run {
        Run { rule: 3, values: vec![item.to_string()], item, batch: None }
    }

    #[test]
    fn elements_are_put_together_to_batches() {
        let batch = |size, join: Option<&str>| Batch { size, join: join.map(str::to_owned) };
        let objects =
            || vec![json!({ "id": 1, "u": { "n": "a" } }), json!({ "id": 2 }), json!({ "id": 3, "u": { "n": "c" } })];
        let table = [
            (
                "lists",
                batch(3, None),
                objects(),
                vec![(json!({ "id": [1, 2, 3], "u": [{ "n": "a" }, null, { "n": "c" }] }), json!(objects()))],
            ),
            (
                "the last one is smaller",
                batch(2, None),
                vec![json!(1), json!(2), json!(3)],
                vec![(json!([1, 2]), json!([1, 2])), (json!([3]), json!([3]))],
            ),
            ("joined texts", batch(9, Some(",")), vec![json!("a"), json!(2)], vec![(json!("a,2"), json!("a,2"))]),
            (
                "joined fields",
                batch(9, Some(" ")),
                vec![json!({ "id": 1 }), json!({ "id": 2 })],
                vec![(json!({ "id": "1 2" }), json!([{ "id": 1 }, { "id": 2 }]))],
            ),
            (
                "fields of objects of one kind",
                batch(9, None),
                vec![json!({ "u": { "n": "a" } }), json!({ "u": { "n": "b" } })],
                vec![(json!({ "u": { "n": ["a", "b"] } }), json!([{ "u": { "n": "a" } }, { "u": { "n": "b" } }]))],
            ),
        ];
        for (name, batch, items, expected) in table {
            let runs = batched(items.into_iter().map(element).collect(), Some(&batch));
            let shown: Vec<_> = runs.into_iter().map(|run| (run.item, run.batch.unwrap_or_default())).collect();
            assert_eq!(shown, expected, "{name}");
        }
    }

    #[test]
    fn without_a_batch_elements_stay_alone() {
        let runs = batched(vec![element(json!(1)), element(json!(2))], None);
        assert!(runs.iter().all(|run| run.batch.is_none()));
        assert_eq!(runs.len(), 2);
    }
}
