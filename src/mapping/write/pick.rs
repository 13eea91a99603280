//! Where a rule's value stands in a body.

use serde_json::Value;

use super::body::{Body, Elements, Members};
use super::put::inside;
use crate::mapping::rule::Rule;

/// Where a rule's value stands in a body.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// A simple value.
    Single(usize),
    /// A part of one element.
    Element(Pick),
    /// All elements of a list.
    List(usize),
}

/// A part of the element that a value filter names.
#[derive(Clone, Debug)]
pub(super) struct Pick {
    list: usize,
    select: Vec<Term>,
    primary: bool,
    others: Vec<Vec<Term>>,
    part: usize,
}

/// A part, and what it must be.
#[derive(Clone, Debug)]
struct Term {
    part: usize,
    wanted: Wanted,
}

#[derive(Clone, Debug)]
enum Wanted {
    /// A text, in any case.
    Text(String),
    /// `true` or `false`.
    Truth(&'static str),
}

impl Place {
    /// The place of a rule; `None` where the body's members have none for it.
    pub(super) fn new(rule: &Rule, members: &Members) -> Option<Self> {
        let target = &rule.target;
        let (extension, sub) = (target.extension.as_deref(), target.sub.as_deref());
        if rule.parts().is_some() {
            return None;
        }
        if rule.list {
            return if sub.is_none() { members.list(extension, &target.name).map(Self::List) } else { None };
        }
        if !target.is_element() {
            return members.place(extension, &target.name, sub).map(Self::Single);
        }
        let list = members.list(extension, &target.name)?;
        let parts = members.parts(list);
        let part = parts.iter().position(|part| Some(part.as_str()) == sub)?;
        let select = terms(&target.select, parts)?;
        let others = target.others.iter().map(|select| terms(select, parts)).collect::<Option<_>>()?;
        Some(Self::Element(Pick { list, select, primary: target.primary, others, part }))
    }

    /// The text of the value.
    pub(super) fn find<'b>(&self, body: &Body<'b>) -> Option<&'b str> {
        match self {
            Self::Single(place) => body.value(*place),
            Self::Element(pick) => pick.find(body.elements(pick.list)),
            Self::List(_) => None,
        }
    }

    /// Whether the body has it.
    pub(super) fn is_in(&self, body: &Body<'_>) -> bool {
        match self {
            Self::Single(_) | Self::Element(_) => self.find(body).is_some(),
            Self::List(list) => body.elements(*list).all().len() > 0,
        }
    }
}

impl Pick {
    /// The part of the element that a client means; as `Target::element` says for values.
    fn find<'b>(&self, elements: &Elements<'b>) -> Option<&'b str> {
        let is_primary = |element: &&[Option<&str>]| elements.primary.is_some_and(|part| element[part] == Some("true"));
        let selected = || elements.all().filter(|element| satisfies(element, &self.select));
        let element = if !self.primary {
            selected().next()
        } else if let Some(primary) = selected().find(is_primary) {
            Some(primary)
        } else if !self.select.is_empty() && selected().next().is_some() {
            selected().next()
        } else {
            let is_free = |element: &&[Option<&str>]| !self.others.iter().any(|select| satisfies(element, select));
            let free = || elements.all().filter(is_free);
            if free().count() == 1 {
                free().next()
            } else if free().filter(is_primary).count() == 1 {
                free().find(is_primary)
            } else {
                None
            }
        };
        element?.get(self.part).copied().flatten()
    }
}

fn satisfies(element: &[Option<&str>], select: &[Term]) -> bool {
    select.iter().all(|term| {
        element[term.part].is_some_and(|text| match &term.wanted {
            Wanted::Text(wanted) => inside(text).is_some_and(|text| text.eq_ignore_ascii_case(wanted)),
            Wanted::Truth(wanted) => text == *wanted,
        })
    })
}

fn terms(select: &[(String, Value)], parts: &[String]) -> Option<Vec<Term>> {
    let term = |(name, wanted): &(String, Value)| {
        let part = parts.iter().position(|part| part.eq_ignore_ascii_case(name))?;
        let wanted = match wanted {
            Value::String(text) => Wanted::Text(text.clone()),
            Value::Bool(truth) => Wanted::Truth(if *truth { "true" } else { "false" }),
            Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => return None,
        };
        Some(Term { part, wanted })
    };
    select.iter().map(term).collect()
}
