//! What of a SCIM filter the upstream can be asked: conjuncts as values for `{filter.x}` holes.

use serde_json::Value;

use crate::bridge::keep::key_text;
use crate::mapping::call::FilterHole;
use crate::mapping::{Call, Rule, View};
use crate::scim::filter::{Filter, Operator};
use crate::scim::schema::Place;
use crate::scim::{AttributePath, Resource};

/// A pushed-down term as the scope takes it: the hole's attribute, its operator, the value in the upstream's form.
pub(crate) type Term = (String, Operator, Value);

/// The terms that all must hold for the filter to hold.
pub(crate) fn conjuncts(filter: &Filter) -> &[Filter] {
    match filter {
        Filter::And(terms) => terms,
        Filter::Or(_) | Filter::Not(_) | Filter::Compare(..) | Filter::Present(_) | Filter::Element(..) => {
            std::slice::from_ref(filter)
        }
    }
}

/// Whether no resource can satisfy the filter, because it asks for a value of an attribute that the mapping does not have.
pub(crate) fn is_impossible(filter: &Filter, view: &View) -> bool {
    let unmapped = |path: &AttributePath| view.schema.attribute(path).is_none();
    match filter {
        Filter::And(terms) => terms.iter().any(|term| is_impossible(term, view)),
        Filter::Or(terms) => terms.iter().all(|term| is_impossible(term, view)),
        Filter::Not(_) => false,
        Filter::Compare(path, operator, value) => *operator != Operator::Ne && !value.is_null() && unmapped(path),
        Filter::Present(path) | Filter::Element(path, _) => unmapped(path),
    }
}

/// What an upstream call has to be given for a filter.
#[derive(Debug, PartialEq)]
pub(crate) enum Push {
    /// The call cannot be used: a filter hole that it needs is not in the filter.
    Unusable,
    /// No record can match: a value cannot be one of the upstream's (`id eq "x"` where ids are numbers).
    Nothing,
    /// The values for its filter holes, empty where it has none that the filter fills; several sets where the upstream heeds
    /// case and SCIM does not.
    Terms(Vec<Vec<Term>>),
}

/// Fills the filter holes of a list call from the terms that all must hold.
pub(crate) fn push(call: &Call, terms: &[Filter], view: &View) -> Push {
    if call.reads.sort {
        return Push::Unusable;
    }
    let mut sets = vec![Vec::new()];
    for hole in &call.filters {
        let Some((rule, literal)) = terms.iter().find_map(|term| fills(term, hole, view)) else {
            if hole.optional {
                continue;
            }
            return Push::Unusable;
        };
        match rule.encode(literal) {
            Some(value) => {
                let folded = rule.encode_folded(literal).filter(|folded| *folded != value);
                let folded = folded.map(|folded| with(sets.clone(), hole, &folded));
                sets = with(sets, hole, &value);
                sets.extend(folded.into_iter().flatten());
            }
            None if hole.operator == Operator::Eq => return Push::Nothing,
            None if hole.optional => {}
            None => return Push::Unusable,
        }
    }
    Push::Terms(sets)
}

/// Each set, with this value for the hole as well.
fn with(mut sets: Vec<Vec<Term>>, hole: &FilterHole, value: &Value) -> Vec<Vec<Term>> {
    for set in &mut sets {
        set.push((hole.attribute.clone(), hole.operator, value.clone()));
    }
    sets
}

/// The rule and the literal that a term gives a hole. A term that feeds several rules gives none: the upstream searches but one place.
fn fills<'a>(term: &'a Filter, hole: &FilterHole, view: &'a View) -> Option<(&'a Rule, &'a Value)> {
    match term {
        Filter::Compare(path, operator, literal) => fills_compared((path, None, *operator), literal, hole, view),
        // What else is asked of the element narrows further; that is decided here.
        Filter::Element(path, inner) => conjuncts(inner).iter().find_map(|term| match term {
            Filter::Compare(sub, operator, literal) => {
                fills_compared((path, Some(&sub.name), *operator), literal, hole, view)
            }
            Filter::And(_) | Filter::Or(_) | Filter::Not(_) | Filter::Present(_) | Filter::Element(..) => None,
        }),
        Filter::And(_) | Filter::Or(_) | Filter::Not(_) | Filter::Present(_) => None,
    }
}

fn fills_compared<'a>(
    (path, sub, operator): (&AttributePath, Option<&str>, Operator),
    literal: &'a Value,
    hole: &FilterHole,
    view: &'a View,
) -> Option<(&'a Rule, &'a Value)> {
    if operator != hole.operator || literal.is_null() {
        return None;
    }
    let sought = Sought::new(path, sub, view);
    // `{filter.groups}` is `{filter.groups.value}`.
    if !sought.is(&hole.attribute) && !sought.list_itself().is_some_and(|list| list.is(&hole.attribute)) {
        return None;
    }
    let mut feeding = view.rules.iter().filter(|rule| sought.is_fed_by(rule));
    match (feeding.next(), feeding.next()) {
        // Where several of the upstream's values read alike, asking for one of them would miss the others.
        (Some(rule), None) if rule.is_searchable(literal) && rule.codecs.carries(operator) => Some((rule, literal)),
        _ => None,
    }
}

/// What a term asks about: `emails`, `emails.value` and `emails[type eq "work"].value` are all `emails.value`; a sub-attribute
/// of a single-valued attribute is `name.familyName`.
#[derive(Clone, Copy, Debug)]
struct Sought<'a> {
    /// The URN before the name; never the core schema's.
    urn: Option<&'a str>,
    name: &'a str,
    sub: Option<&'a str>,
}

impl<'a> Sought<'a> {
    fn new(path: &'a AttributePath, sub: Option<&'a str>, view: &View) -> Self {
        let holds_values = || {
            view.schema.place(path).is_some_and(|Place { attribute, .. }| {
                attribute.multi_valued && attribute.sub_attributes.iter().any(|sub| sub.name == "value")
            })
        };
        let sub = sub.or(path.sub.as_deref()).or_else(|| holds_values().then_some("value"));
        let urn = path.schema.as_deref().filter(|urn| !urn.eq_ignore_ascii_case(&view.schema.core.id));
        Self { urn, name: &path.name, sub }
    }

    /// The list whose `value`s these are.
    fn list_itself(self) -> Option<Self> {
        self.sub.is_some_and(|sub| sub.eq_ignore_ascii_case("value")).then_some(Self { sub: None, ..self })
    }

    /// Whether `text`, the name of a rule or of a hole, means this: `urn:…:User:manager.value`.
    fn is(self, text: &str) -> bool {
        let parts = [self.urn.map(|urn| (urn, "")), Some((self.name, ":")), self.sub.map(|sub| (sub, "."))];
        let mut rest = Some(text);
        for (index, (part, separator)) in parts.into_iter().flatten().enumerate() {
            let separator = if index == 0 { "" } else { separator };
            let after = rest.and_then(|rest| rest.strip_prefix(separator));
            rest = after.and_then(|rest| {
                let (start, end) = rest.split_at_checked(part.len())?;
                start.eq_ignore_ascii_case(part).then_some(end)
            });
        }
        rest == Some("")
    }

    /// Whether the rule's values are what this means.
    fn is_fed_by(self, rule: &Rule) -> bool {
        let target = &rule.target;
        let element_value = rule.list && !rule.attribute.sub_attributes.is_empty();
        let sub = target.sub.as_deref().or(element_value.then_some("value"));
        let same = |left: Option<&str>, right: Option<&str>| match (left, right) {
            (Some(left), Some(right)) => left.eq_ignore_ascii_case(right),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        self.name.eq_ignore_ascii_case(&target.name)
            && same(self.sub, sub)
            && same(self.urn, target.extension.as_deref())
    }
}

/// A term that names one resource.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Address<'a> {
    /// `id eq "…"`.
    Id(&'a str),
    /// An attribute that shares the id's place.
    Key {
        /// The index of its rule.
        rule: usize,
        /// The text it shall be equal to.
        text: &'a Value,
    },
}

/// The term among those that all must hold that names one resource: `id eq "…"`, or else an attribute that shares the id's place.
pub(crate) fn addresses<'a>(terms: &'a [Filter], view: &View) -> Option<Address<'a>> {
    let place = view.rules.get(view.id)?.read_at.as_ref()?;
    let mut keyed = None;
    for term in terms {
        let Filter::Compare(path, Operator::Eq, literal @ Value::String(text)) = term else { continue };
        let sought = Sought::new(path, None, view);
        let Some(rule) = view.rules.iter().position(|rule| sought.is(&rule.name)) else { continue };
        if rule == view.id {
            return Some(Address::Id(text));
        }
        let found = &view.rules[rule];
        let same_place = found.read_at.as_ref().is_some_and(|at| at.text == place.text);
        if same_place && !found.list && found.is_searchable(literal) {
            keyed = keyed.or(Some(Address::Key { rule, text: literal }));
        }
    }
    keyed
}

/// The first term among those that all must hold that asks for a value which the bridge keeps: its rule, and the value as it is
/// looked up.
pub(crate) fn kept<'a>(terms: &[Filter], view: &'a View) -> Option<(&'a Rule, String)> {
    terms.iter().find_map(|term| {
        let Filter::Compare(path, Operator::Eq, literal) = term else { return None };
        let sought = Sought::new(path, None, view);
        let rule = view.rules.iter().find(|rule| rule.is_kept() && sought.is(&rule.name))?;
        Some((rule, key_text(rule, literal)?))
    })
}

/// The filter `key eq value` for the resource's own value of a rule.
pub(crate) fn key_filter(rule: &Rule, resource: &Resource) -> Option<Filter> {
    let value = rule.value_in(resource)?;
    let path = AttributePath::parse(&rule.name).ok()?;
    Some(Filter::Compare(path, Operator::Eq, value))
}
