//! Inverse lists: which list of which other resource type holds them.

use crate::mapping::compile::TypeMapping;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{Document, RuleDocument, Text, TypeDocument};
use crate::mapping::name::nearest;
use crate::mapping::rule::Beside;
use crate::scim::filter::Operator;
use crate::scim::schema::Mutability;

/// A list that is stored in the resources of another type.
#[derive(Clone, Debug)]
pub struct InverseList {
    /// The index of its rule.
    pub rule: usize,
    /// The index of the other type.
    pub kind: usize,
    /// The index of the rule there that holds the ids.
    pub list: usize,
    /// Whether the other type's list can be asked who holds an id.
    pub searched: bool,
}

/// The left sides of a type's lists that hold inverse lists of others: only these are written there, and by no client.
pub(super) fn holding<'d>(name: &str, document: &'d Document) -> Vec<&'d str> {
    let texts = all(document).filter_map(|(_, _, inverse)| inverse.value.split_once('.'));
    texts.filter(|(kind, _)| *kind == name).map(|(_, list)| list).collect()
}

fn all(document: &Document) -> impl Iterator<Item = (usize, &RuleDocument, &Text)> {
    document.types.iter().enumerate().flat_map(|(index, kind)| {
        kind.attributes.iter().filter_map(move |rule| Some((index, rule, rule.inverse.as_ref()?)))
    })
}

/// Finds for every rule with `inverse` the list that holds it.
pub(super) fn link(document: &Document, types: &mut [TypeMapping], found: &mut Diagnostics) {
    for (index, rule, text) in all(document) {
        let Some((kind, list)) = find(document, types, text, found) else { continue };
        let own = types.get(index).and_then(|kind| kind.view.rules.iter().position(|it| it.span == rule.span));
        let (Some(own), Some(other)) = (own, types.get(kind)) else { continue };
        let is_changed = types[index].view.rules[own].mutability != Mutability::ReadOnly;
        let holder = &other.view.rules[list];
        if is_changed && !other.update.iter().any(|call| call.carries.contains(&list)) {
            found
                .add(
                    Code::E54,
                    text.span.clone(),
                    format!("no update call carries `{}`, which holds this list", text.value),
                )
                .help(format!(
                    "add an update call for `{}`, or make this list mutability = \"readOnly\"",
                    holder.target.name
                ));
        }
        let plain = &holder.target.name;
        let asks = |attribute: &str| {
            attribute.eq_ignore_ascii_case(plain) || attribute.eq_ignore_ascii_case(&format!("{plain}.value"))
        };
        let searched = other.list.iter().any(|call| {
            let mut holes = call.filters.iter();
            holes.any(|hole| asks(&hole.attribute) && hole.operator == Operator::Eq)
                && call.filters.iter().all(|hole| hole.optional || asks(&hole.attribute))
        });
        if !searched {
            let name = &other.view.schema.name;
            found
                .add(Code::W55, text.span.clone(), format!("whoever reads this list reads every {name}"))
                .note("beyond `limits.scan` records the answer is 400 `tooMany`")
                .help(format!("let {name}.list search for it, if your API can: `{{filter.{plain}?}}`"));
        }
        types[index].inverse.push(InverseList { rule: own, kind, list, searched });
    }
}

/// The type and the rule that a text names.
fn find(document: &Document, types: &[TypeMapping], text: &Text, found: &mut Diagnostics) -> Option<(usize, usize)> {
    let Some((kind, list)) = text.value.split_once('.') else {
        found
            .add(Code::E54, text.span.clone(), format!("`{}` names no list of another resource type", text.value))
            .help("a type and its list: inverse = \"User.groups\"");
        return None;
    };
    let is_it = |document: &TypeDocument| document.name.as_ref().is_some_and(|name| name.value == kind);
    let Some(index) = document.types.iter().position(is_it) else {
        let names = document.types.iter().filter_map(|kind| Some(kind.name.as_ref()?.value.as_str()));
        let near = nearest(kind, names);
        let finding = found.add(Code::E54, text.span.clone(), format!("there is no resource type `{kind}`"));
        finding.label = near.map(|near| format!("did you mean `{near}`?"));
        return None;
    };
    let view = &types.get(index)?.view;
    let Some(rule) = view.rules.iter().position(|rule| rule.name.eq_ignore_ascii_case(list)) else {
        let near = nearest(list, view.rules.iter().map(|rule| rule.name.as_str()));
        let finding = found.add(Code::E54, text.span.clone(), format!("{kind} has no rule for `{list}`"));
        finding.label = near.map(|near| format!("did you mean `{near}`?"));
        return None;
    };
    let holder = &view.rules[rule];
    let holds = holder.list && holder.attribute.sub("value").is_some() && holder.beside != Some(Beside::Inverse);
    if !holds || !holder.is_writable() {
        found
            .add(Code::E54, text.span.clone(), format!("`{}` is no list of ids that can be written", text.value))
            .help(format!("say there where your record has the list: {list} = \"group_ids\""));
        return None;
    }
    Some((index, rule))
}
