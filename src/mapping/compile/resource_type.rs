//! A resource type as written to a compiled one.

use serde_json::Value;

use crate::mapping::call::{Call, Each, Purpose};
use crate::mapping::compile::call::compile_calls;
use crate::mapping::compile::rule::{compile_view, report_unwritable};
use crate::mapping::compile::{Delete, TypeMapping, offered, own, policy};
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{RuleDocument, Spanned, Text, Tree, TypeDocument, UpstreamDocument};
use crate::mapping::hole::{BodyTemplate, Template};
use crate::mapping::name::{Site, SiteText, nearest};
use crate::mapping::read::ReadPlan;
use crate::mapping::scope::Name;
use crate::mapping::view::View;

/// What a create sends with its first call: the scope of `constants`.
const AT_CREATE: Site =
    Site { purpose: Some(Purpose::Create), follows: false, paged: false, each: false, text: SiteText::Request };

/// Compiles a resource type of a mapping that has these `types`; `None` where its rules make no view.
pub(super) fn compile(
    document: &TypeDocument,
    upstream: &UpstreamDocument,
    (unset, types, holding): (&Value, &[&str], Vec<&str>),
    found: &mut Diagnostics,
) -> Option<TypeMapping> {
    let name = document.name.as_ref()?;
    let policies = policy::compile(document, found);
    let constants = constants(&document.constants, found);
    check_delete(document, found);
    let full = own::schema(document, found)?;
    let mut view = compile_view(&full, &document.attributes, (unset, types, &holding), &name.span, found)?;
    let mut calls = |calls, purpose| compile_calls(calls, purpose, &view, upstream, found);
    let (list, get) = (calls(&document.list, Purpose::List), calls(&document.get, Purpose::Get));
    let (create, update) = (calls(&document.create, Purpose::Create), calls(&document.update, Purpose::Update));
    let delete_calls = calls(&document.delete, Purpose::Delete);
    check_writable(&view, create.iter().chain(&update), found);
    check_blind(document, found);
    let key = key(document.key.as_ref(), &view, found);
    policy::check((document, &policies), &view, (key, &list, &get), found);
    offered::settle(&mut view, !create.is_empty(), !update.is_empty());
    Some(TypeMapping {
        // What a hidden record is, only its values tell.
        plan: if document.hide.is_none() { ReadPlan::compile(&view) } else { None },
        list,
        get,
        create,
        update,
        delete: delete(delete_calls, &document.delete_set, &view, found),
        key,
        policies,
        constants: constants?,
        on_put_missing: document.on_put_missing.as_ref().map(|missing| missing.value).unwrap_or_default(),
        inverse: Vec::new(),
        view,
    })
}

/// Reports rules that can only be read and that a call sends in its record. Calls with `each` send elements alone.
fn check_writable<'a>(view: &View, calls: impl Iterator<Item = &'a Call>, found: &mut Diagnostics) {
    let over_elements = |call: &&Call| matches!(call.each, Some(Each::Added | Each::Removed));
    let whole: Vec<&Call> = calls.filter(|call| !over_elements(call)).collect();
    for (index, rule) in view.rules.iter().enumerate().filter(|(_, rule)| rule.unwritable.is_some()) {
        if whole.iter().any(|call| call.carries.contains(&index)) {
            report_unwritable(rule, found);
        }
    }
}

/// Warns of `blind` where the record has to be known whatever a call says.
fn check_blind(document: &TypeDocument, found: &mut Diagnostics) {
    let policy = if document.hide.is_some() { "hide" } else { "protect" };
    let looks = document.hide.is_some() || document.protect.is_some();
    for blind in document.update.iter().filter_map(|call| call.blind.as_ref()).filter(|blind| looks && blind.value) {
        let finding = found.add(Code::W61, blind.span.clone(), "this call never goes out blind");
        finding.note(format!("`{policy}` looks at the record before every change")).help("remove `blind`");
    }
}

/// `constants`: a table whose holes are in the scope of a create.
fn constants(members: &[(Text, Tree)], found: &mut Diagnostics) -> Option<BodyTemplate> {
    let mut texts = Vec::new();
    for (_, tree) in members {
        tree.texts(&mut texts);
    }
    for text in texts {
        let Ok(template) = Template::parse(&text.value) else { continue };
        // Constants are made before any call, a login too, and are themselves a part of the record.
        let is_later = |name: &Name| matches!(name, Name::Session(_) | Name::Record | Name::Kept);
        for hole in template.holes().filter(|hole| is_later(&hole.name) || !hole.name.exists_at(&AT_CREATE)) {
            let message = format!("hole {{{}}} does not exist in `constants`", hole.text);
            found
                .add(Code::E17, text.within(&hole.range), message)
                .note(format!("it exists in: {}", hole.name.whereabouts()));
        }
    }
    BodyTemplate::compile(&Tree::Table(members.to_vec()), found)
}

/// The index of the rule that identifies a resource: the one that `key` names, else the one of the SCIM name.
fn key(text: Option<&Text>, view: &View, found: &mut Diagnostics) -> Option<usize> {
    let Some(text) = text else {
        return match view.schema.name.as_str() {
            "User" => rule_called("userName", view),
            "Group" => rule_called("displayName", view),
            _ => None,
        };
    };
    let key = rule_called(&text.value, view);
    if key.is_none() {
        no_rule(text, "`key`", view, found);
    }
    key
}

/// Reports two ways to delete that exclude each other, and a `set` that nothing could send.
fn check_delete(document: &TypeDocument, found: &mut Diagnostics) {
    let kept = |name: &Text| {
        let is =
            |rule: &&RuleDocument| rule.left.as_ref().is_some_and(|left| left.value.eq_ignore_ascii_case(&name.value));
        document.attributes.iter().find(is).is_some_and(|rule| rule.kept.is_some())
    };
    let sent = document.delete_set.iter().find(|(name, _)| !kept(name));
    if let Some((name, _)) = sent.filter(|_| document.update.is_empty()) {
        let message = "`delete.set` needs `update`, which this type does not have";
        found.add(Code::E20, name.span.clone(), message).help("DELETE sets these attributes by update calls");
    }
}

/// What DELETE does.
fn delete(calls: Vec<Call>, set: &[(Text, Spanned<Value>)], view: &View, found: &mut Diagnostics) -> Delete {
    if set.is_empty() {
        return if calls.is_empty() { Delete::None } else { Delete::Calls(calls) };
    }
    let mut values = Vec::with_capacity(set.len());
    for (name, value) in set {
        let Some(index) = rule_called(&name.value, view) else {
            no_rule(name, "`delete.set`", view, found);
            continue;
        };
        let rule = &view.rules[index];
        if !rule.is_writable() {
            found.add(
                Code::E19,
                name.span.clone(),
                format!("`delete.set` cannot set `{}`: it is read-only", rule.name),
            );
        } else if !rule.list && rule.encode(&value.value).is_none() {
            found.add(Code::E14, value.span.clone(), format!("`{}` cannot have this value", rule.name));
        }
        values.push((index, value.value.clone()));
    }
    Delete::Set(values)
}

/// The index of the rule with this left side; attribute names have no case.
fn rule_called(name: &str, view: &View) -> Option<usize> {
    view.rules.iter().position(|rule| rule.name.eq_ignore_ascii_case(name))
}

/// Reports a name without a rule.
fn no_rule(text: &Text, place: &str, view: &View, found: &mut Diagnostics) {
    let message = format!("{place} names `{}`, which has no rule", text.value);
    let near = nearest(&text.value, view.rules.iter().map(|rule| rule.name.as_str()));
    let finding = found.add(Code::E28, text.span.clone(), message);
    if let Some(near) = near {
        finding.label(format!("did you mean `{near}`?"));
    }
}
