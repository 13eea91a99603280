//! The policies of a resource type: what is hidden, what is protected, what a create does about a resource that exists.

use crate::mapping::call::Call;
use crate::mapping::compile::call;
use crate::mapping::condition::Condition;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{Text, TypeDocument};
use crate::mapping::rule::Rule;
use crate::mapping::scope::Name;
use crate::mapping::view::View;
use crate::scim::filter::Operator;

/// What a create does about a resource that has its key already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// 409 `uniqueness`.
    #[default]
    Reject,
    /// It is taken over and changed to what was asked.
    Adopt,
    /// The same, but only one that is inactive or hidden.
    Revive,
}

/// The policies that decide without a call.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    /// Records that do not exist for SCIM.
    pub hide: Option<Condition>,
    /// Records that can be read but not changed or deleted.
    pub protect: Option<Condition>,
    /// What a create does about a resource that exists.
    pub existing: Existing,
    /// Whether a create looks its key up first, because the upstream would take a second one.
    pub looks_first: bool,
}

/// Compiles the policies of a type. The reader of the file lets no other words pass.
pub(super) fn compile(document: &TypeDocument, found: &mut Diagnostics) -> Policies {
    let is = |text: &Option<Text>, word: &str| text.as_ref().is_some_and(|text| text.value == word);
    let existing = if is(&document.existing, "adopt") {
        Existing::Adopt
    } else if is(&document.existing, "revive") {
        Existing::Revive
    } else {
        Existing::Reject
    };
    let mut condition =
        |text: &Option<Text>, key: &str, what: &str| text.as_ref().and_then(|text| on_record(text, (key, what), found));
    Policies {
        hide: condition(&document.hide, "hide", "hidden"),
        protect: condition(&document.protect, "protect", "protected"),
        existing,
        looks_first: is(&document.unique, "bridge"),
    }
}

/// A condition on the record, and what the bridge keeps beside it.
fn on_record(text: &Text, (key, what): (&str, &str), found: &mut Diagnostics) -> Option<Condition> {
    let condition = match Condition::parse(&text.value) {
        Ok(condition) => condition,
        Err(fault) => {
            let (span, message) = text.fault(&fault);
            let finding = found.add(Code::E12, span, message);
            finding.help = fault.help;
            return None;
        }
    };
    for name in condition.names().iter().filter(|name| !matches!(name, Name::Record | Name::Kept)) {
        let message = format!("`{}` does not exist in `{key}`", name.text());
        found.add(Code::E17, text.span.clone(), message).help(format!("a record is {what} by what is in it: $.record"));
    }
    Some(condition)
}

/// Reports policies that need a look-up by `key` which no call can answer, and those that nothing could ever apply to.
pub(super) fn check(
    (document, policies): (&TypeDocument, &Policies),
    view: &View,
    (key, list, get): (Option<usize>, &[Call], &[Call]),
    found: &mut Diagnostics,
) {
    for (condition, text) in [(&policies.hide, &document.hide), (&policies.protect, &document.protect)] {
        let (Some(condition), Some(text)) = (condition, text) else { continue };
        for member in condition.kept() {
            call::check_kept(view, member, text.span.clone(), found);
        }
    }
    let revive = document.existing.as_ref().filter(|_| policies.existing == Existing::Revive);
    if let Some(text) = revive {
        check_revive(document, view, text, found);
    }
    let unique = document.unique.as_ref().filter(|_| policies.looks_first);
    let existing = document.existing.as_ref().filter(|_| policies.existing != Existing::Reject);
    let asking = unique.map(|text| ("unique", text)).or(existing.map(|text| ("existing", text)));
    let Some((policy, text)) = asking else { return };
    if document.create.is_empty() {
        found
            .add(Code::E19, text.span.clone(), format!("`{policy}` is about creates, and this type has none"))
            .help(format!("add `create`, or remove `{policy}`"));
        return;
    }
    let Some(rule) = key.and_then(|index| view.rules.get(index)) else {
        let message = format!("`{policy}` looks for an existing resource, and nothing says by which attribute");
        found.add(Code::E66, text.span.clone(), message).help("say it: key = \"userName\"");
        return;
    };
    if is_addressed(rule, view, get) {
        return;
    }
    match look_up(rule, list) {
        LookUp::Walk if policies.looks_first => {
            let message = format!("every create reads the whole list to look for its `{}`", rule.name);
            found
                .add(Code::W67, text.span.clone(), message)
                .note("beyond limits.scan such a create is refused with 400 `tooMany`")
                .help(format!("let a list call search: `{{filter.{}}}`", rule.name));
        }
        LookUp::Asked | LookUp::Walk => {}
        LookUp::Nothing => {
            let message = format!("`{policy}` looks for an existing resource by `{}`, and no call can", rule.name);
            found
                .add(Code::E66, text.span.clone(), message)
                .help(format!("add a list call with `{{filter.{}}}`", rule.name));
        }
    }
}

/// Whether `get` finds a resource by this attribute.
fn is_addressed(rule: &Rule, view: &View, get: &[Call]) -> bool {
    let place = |rule: &Rule| rule.read_at.as_ref().map(|at| at.text.clone());
    let addressed = rule.is_kept() || view.rules.get(view.id).is_some_and(|id| place(id) == place(rule));
    addressed && !get.is_empty()
}

/// Whether some call finds a resource by this attribute without reading the others.
pub(in crate::mapping) fn is_looked_up(rule: &Rule, view: &View, (list, get): (&[Call], &[Call])) -> bool {
    is_addressed(rule, view, get) || matches!(look_up(rule, list), LookUp::Asked)
}

/// Whether some call finds a resource by this attribute, if only by reading all of them.
pub(in crate::mapping) fn can_be_found(rule: &Rule, view: &View, (list, get): (&[Call], &[Call])) -> bool {
    is_addressed(rule, view, get) || !matches!(look_up(rule, list), LookUp::Nothing)
}

/// Reports that nothing could be revived.
fn check_revive(document: &TypeDocument, view: &View, text: &Text, found: &mut Diagnostics) {
    let knows_active = view.rules.iter().any(|rule| rule.name == "active");
    if !knows_active && document.hide.is_none() {
        found
            .add(Code::E19, text.span.clone(), "`revive` takes over what is inactive or hidden, and nothing ever is")
            .help("map `active`, or say in `hide` which records are gone; or write `existing = \"adopt\"`");
    }
}

/// How the list calls find a resource by its key.
enum LookUp {
    /// A call asks for the key.
    Asked,
    /// All pages are read.
    Walk,
    /// Not at all.
    Nothing,
}

fn look_up(rule: &Rule, list: &[Call]) -> LookUp {
    let by_key = |attribute: &str, operator: Operator| operator == Operator::Eq && call::feeds(rule, attribute);
    let mut found = LookUp::Nothing;
    for call in list {
        let asks = call.filters.iter().any(|hole| by_key(&hole.attribute, hole.operator));
        let usable =
            !call.reads.sort && call.filters.iter().all(|hole| hole.optional || by_key(&hole.attribute, hole.operator));
        match (usable, asks) {
            (true, true) => return LookUp::Asked,
            (true, false) => found = LookUp::Walk,
            (false, _) => {}
        }
    }
    found
}
