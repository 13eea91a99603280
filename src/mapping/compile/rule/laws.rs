//! What holds between the rules of a type: no two write one place, the id stays, each attribute is mapped in one way.

use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::path::{Path, Step};
use crate::mapping::rule::{Removal, Rule, Show};
use crate::scim::schema::Mutability;

/// The rules in file order, but those of one attribute together, and of those the ones of one element; each knows what the
/// other rules of its attribute select.
pub(super) fn arrange(rules: &[Rule]) -> Vec<Rule> {
    let same_attribute = |one: &Rule, other: &Rule| {
        one.target.extension == other.target.extension && one.target.name == other.target.name
    };
    let key = |rule: &Rule| {
        let attribute = rules.iter().position(|other| same_attribute(other, rule));
        let element = rules.iter().position(|other| other.target.shares_element(&rule.target));
        (attribute, element)
    };
    let others = |rule: &Rule| {
        let of_others = |other: &&Rule| {
            same_attribute(other, rule) && !other.target.select.is_empty() && !other.target.shares_element(&rule.target)
        };
        rules.iter().filter(of_others).map(|other| other.target.select.clone()).collect::<Vec<_>>()
    };
    let mut keyed: Vec<_> = rules.iter().map(|rule| (key(rule), others(rule))).zip(rules.iter().cloned()).collect();
    keyed.sort_by_key(|((key, _), _)| *key);
    keyed
        .into_iter()
        .map(|((_, others), mut rule)| {
            rule.target.others = others;
            rule
        })
        .collect()
}

/// Reports rules that do not go together.
pub(super) fn check(rules: &[Rule], found: &mut Diagnostics) {
    for (index, rule) in rules.iter().enumerate() {
        for earlier in &rules[..index] {
            if is_same_target(earlier, rule) {
                found
                    .add(
                        Code::E19,
                        rule.span.clone(),
                        format!("`{}` and `{}` map the same attribute", earlier.name, rule.name),
                    )
                    .help("remove one of the rules");
            } else if let (Some(one), Some(other)) = (&earlier.write_at, &rule.write_at)
                && one.overlaps(other)
            {
                found
                    .add(
                        Code::E08,
                        rule.span.clone(),
                        format!("`{}` and `{}` both write `{}`", earlier.name, rule.name, other.text),
                    )
                    .help("make one of them read-only: mutability = \"readOnly\"");
            }
        }
    }
    check_id(rules, found);
}

/// Whether two rules map one attribute, or one maps the whole of it and the other a part.
fn is_same_target(one: &Rule, other: &Rule) -> bool {
    let (left, right) = (&one.target, &other.target);
    if left.extension != right.extension || left.name != right.name {
        return false;
    }
    // `emails` and `emails[type eq "work"].value`, `name` and `name.givenName`.
    let whole = left.sub.is_none() || right.sub.is_none();
    whole || left.shares_element(right) && left.sub == right.sub
}

fn check_id(rules: &[Rule], found: &mut Diagnostics) {
    let Some(id) = rules.iter().find(|rule| rule.target.extension.is_none() && rule.target.name == "id") else {
        return;
    };
    let Some(id_at) = &id.read_at else { return };
    for rule in rules.iter().filter(|rule| rule.mutability == Mutability::ReadWrite) {
        if let Some(write_at) = rule.write_at.as_ref().filter(|write_at| write_at.overlaps(id_at)) {
            found
                .add(
                    Code::E07,
                    rule.span.clone(),
                    format!("`id` would change when `{}` changes: both are `{}`", rule.name, write_at.text),
                )
                .note("SCIM ids are stable (RFC 7643 3.1)")
                .help(format!("{} = {{ at = \"{}\", mutability = \"immutable\" }}", rule.name, write_at.text));
        }
    }
}

/// Decides what removing a value does: the element that a path goes through is dropped when no other rule needs it.
pub(super) fn settle_removals(mut rules: Vec<Rule>) -> Vec<Rule> {
    let places: Vec<Vec<Path>> = rules.iter().map(places).collect();
    for (index, rule) in rules.iter_mut().enumerate().filter(|(_, rule)| !rule.list) {
        if matches!(rule.removal, Removal::OwnUnset) {
            continue;
        }
        let Some(element) = rule.write_at.as_ref().and_then(Path::element) else { continue };
        let needed = places.iter().enumerate().filter(|(other, _)| *other != index).flat_map(|(_, paths)| paths);
        if !needed.into_iter().any(|path| needs(path, &element)) {
            rule.removal = Removal::Element(element);
        }
    }
    rules
}

/// Whether a path goes through an element, or through another element of its list by index, which a removal would shift.
fn needs(path: &Path, element: &Path) -> bool {
    let Some(steps) = element.steps.as_deref() else { return true };
    let Some((element_step, list)) = steps.split_last() else { return true };
    let by_index = matches!(element_step, Step::Index(_));
    match path.steps.as_deref() {
        Some(other) if by_index => other.len() > list.len() && other.starts_with(list),
        Some(other) => {
            let goes_through = other.len() >= steps.len() && path.overlaps(element);
            let shifted =
                other.len() > list.len() && other.starts_with(list) && matches!(other[list.len()], Step::Index(_));
            goes_through || shifted
        }
        None => path.overlaps(element),
    }
}

/// All places that a rule reads or writes.
fn places(rule: &Rule) -> Vec<Path> {
    let fields = rule.shows().flat_map(Show::paths);
    rule.read_at.iter().chain(&rule.write_at).chain(fields).cloned().collect()
}
