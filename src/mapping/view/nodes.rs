//! Which parts of a record the rules read.

use std::collections::HashMap;

use serde_json::Value;

use crate::mapping::path::{Path, Step};
use crate::mapping::rule::{Rule, Show};
use crate::mapping::view::View;

/// The parts of one record that rules read, each with its rule. It is of use as long as the record is not moved.
#[derive(Debug, Default)]
pub struct Nodes<'v> {
    by_address: HashMap<usize, (&'v Rule, &'v Rule)>,
}

impl View {
    /// The parts of a record that some rule reads.
    pub fn nodes(&self, record: &Value) -> Nodes<'_> {
        let mut nodes = Nodes::default();
        for rule in &self.rules {
            nodes.add((rule, rule), record);
        }
        nodes
    }
}

impl<'v> Nodes<'v> {
    /// The rule that reads a part of the record as a whole; for a part of a list's element, the list's rule and the element's.
    pub fn rules_of(&self, node: &Value) -> Option<(&'v Rule, &'v Rule)> {
        self.by_address.get(&address(node)).copied()
    }

    /// The paths of the values that no rule reads, lists by `[*]`, each once.
    pub fn unread(&self, record: &Value) -> Vec<String> {
        let mut paths = Vec::new();
        self.collect_unread(record, String::new(), &mut paths);
        paths
    }

    fn add(&mut self, (outer, rule): (&'v Rule, &'v Rule), record: &Value) {
        let paths = rule.read_at.iter().chain(rule.shows().flat_map(Show::paths));
        for path in paths {
            self.add_selectors((outer, rule), path, record);
            for node in path.get(record) {
                let Some(each) = &rule.each else {
                    self.by_address.insert(address(node), (outer, rule));
                    continue;
                };
                // The path selects the list, or its elements.
                let elements = node.as_array().map_or_else(|| std::slice::from_ref(node), Vec::as_slice);
                for (element, inner) in elements.iter().flat_map(|element| each.iter().map(move |rule| (element, rule)))
                {
                    self.add((outer, inner), element);
                }
            }
        }
    }

    /// What a path's filter looks at to find its element.
    fn add_selectors(&mut self, rules: (&'v Rule, &'v Rule), path: &Path, record: &Value) {
        let Some(element) = path.element() else { return };
        let Some(Step::Where(terms)) = element.steps.as_ref().and_then(|steps| steps.last()) else { return };
        for element in element.get(record) {
            for (names, _) in terms {
                let member = names.iter().try_fold(element, |node, name| node.as_object()?.get(name));
                if let Some(member) = member {
                    self.by_address.insert(address(member), rules);
                }
            }
        }
    }

    fn collect_unread(&self, node: &Value, path: String, paths: &mut Vec<String>) {
        if self.by_address.contains_key(&address(node)) {
            return;
        }
        match node {
            Value::Object(members) if !members.is_empty() => {
                for (name, member) in members {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    self.collect_unread(member, path, paths);
                }
            }
            Value::Array(items) if !items.is_empty() => {
                for item in items {
                    self.collect_unread(item, format!("{path}[*]"), paths);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                if !paths.contains(&path) {
                    paths.push(path);
                }
            }
        }
    }
}

/// What tells a part of a record from an equal one beside it.
fn address(node: &Value) -> usize {
    std::ptr::from_ref(node).addr()
}
