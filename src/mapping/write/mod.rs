//! The simple rules compiled to one streaming plan for a create: the body of a POST to the record that is sent.
//!
//! A body is walked once (`body`); what it gives each rule is brought into the upstream's form on its raw text (`put`) and
//! written where the rule writes (`record`). The plan says what [`normalise`](crate::scim::body::normalise), the defaults,
//! the constants and `put` of all rules say; it takes usual bodies of valid values alone, and leaves to these
//! whatever is odd or at fault.

use serde_json::Value;

use crate::mapping::hole::BodyTemplate;
use crate::mapping::read::{Glance, ReadPlan};
use crate::mapping::rule::Rule;
use crate::mapping::scope::Scope;
use crate::mapping::view::View;
use crate::scim::schema::Mutability;

mod body;
mod change;
mod message;
mod pick;
mod put;
mod record;
#[cfg(test)]
mod tests;

pub use change::{Asked, Change, ChangePlan};

use body::{Body, Members};
use pick::Place;
use put::{ListPut, Put};
use record::Node;

/// A streaming write plan; exists where every rule that clients write is simple enough.
#[derive(Clone, Debug)]
pub struct WritePlan {
    members: Members,
    rules: Vec<Written>,
    /// What is not for the plan when the body has it: values that are checked though nothing writes them.
    absent: Vec<Place>,
    record: Vec<Node>,
}

/// A rule that the plan writes.
#[derive(Clone, Debug)]
struct Written {
    /// The index of the rule in the view.
    index: usize,
    place: Place,
    form: Form,
    /// The text of its default.
    default: Option<String>,
    required: bool,
}

#[derive(Clone, Debug)]
enum Form {
    Single(Box<Put>),
    List(Box<ListPut>),
}

/// What a create shall send.
#[derive(Debug)]
pub struct Draft<'b> {
    /// The record as JSON.
    pub record: String,
    /// Attributes of the body that have no effect here.
    pub ignored: Vec<&'b str>,
    /// What each rule of the plan wrote.
    asked: Vec<Option<Given<'b>>>,
}

/// What a rule was given, and what it made of it.
#[derive(Debug)]
struct Given<'b> {
    /// The SCIM value as JSON; of a list, nothing.
    scim: &'b str,
    /// Where the value stands in the record.
    yours: std::ops::Range<usize>,
}

/// A body that the plan leaves to values.
struct Odd;

impl WritePlan {
    /// The plan for a view and the constants of a create, or `None` where only values will do.
    pub fn compile(view: &View, constants: &BodyTemplate) -> Option<Self> {
        let members = Members::new(&view.schema)?;
        let mut record = record::constants(constants)?;
        let (mut rules, mut absent) = (Vec::new(), Vec::new());
        for (index, rule) in view.rules.iter().enumerate() {
            let Some(path) = rule.write_at.as_ref().filter(|_| rule.mutability != Mutability::ReadOnly) else {
                if rule.default.is_some() || rule.mutability != Mutability::ReadOnly && is_required(rule) {
                    return None;
                }
                let target = &rule.target;
                if !members.never_hold(target.extension.as_deref(), &target.name, target.sub.as_deref()) {
                    absent.push(Place::new(rule, &members)?);
                }
                continue;
            };
            let place = Place::new(rule, &members)?;
            record::add(&mut record, &path.names()?, rules.len())?;
            let form = match &place {
                Place::List(list) => Form::List(Box::new(ListPut::new(rule, members.parts(*list))?)),
                Place::Single(_) | Place::Element(_) => Form::Single(Box::new(Put::new(rule)?)),
            };
            let default = match &rule.default {
                Some(template) => default(template, &place).ok()?,
                None => None,
            };
            rules.push(Written { index, place, form, default, required: is_required(rule) });
        }
        Some(Self { members, rules, absent, record })
    }

    /// The indexes of the rules that the plan writes, in the view.
    pub fn rules(&self) -> impl Iterator<Item = usize> {
        self.rules.iter().map(|rule| rule.index)
    }

    /// What a body asks to be sent; `None` where only values will do, or tell what is wrong with it.
    pub fn draft<'b>(&'b self, body: &'b [u8]) -> Option<Draft<'b>> {
        let body = self.members.read(std::str::from_utf8(body).ok()?).ok()?;
        if self.absent.iter().any(|place| place.is_in(&body)) {
            return None;
        }
        let mut asked: Vec<_> = self.rules.iter().map(|_| None).collect();
        let mut record = String::with_capacity(512);
        let mut write = |rule: usize, out: &mut String| self.write(rule, &body, &mut asked, out);
        if !record::write(&self.record, &mut record, &mut write).ok()? {
            record.push_str("{}");
        }
        let lacks = |(rule, asked): (&Written, &Option<Given<'_>>)| rule.required && asked.is_none();
        if self.rules.iter().zip(&asked).any(lacks) {
            return None;
        }
        Some(Draft { record, ignored: body.ignored, asked })
    }

    /// Appends the value that a rule writes; false where the body gives it none.
    fn write<'b>(
        &'b self,
        rule: usize,
        body: &Body<'b>,
        asked: &mut [Option<Given<'b>>],
        out: &mut String,
    ) -> Result<bool, Odd> {
        let (Some(written), Some(asked)) = (self.rules.get(rule), asked.get_mut(rule)) else { return Err(Odd) };
        let start = out.len();
        let scim = match (&written.form, &written.place) {
            (Form::List(form), Place::List(list)) => {
                if !form.write(body.elements(*list), out)? {
                    return Ok(false);
                }
                ""
            }
            (Form::Single(put), place) => {
                let Some(scim) = place.find(body).or(written.default.as_deref()) else { return Ok(false) };
                put.write(scim, out)?;
                scim
            }
            (Form::List(_), Place::Single(_) | Place::Element(_)) => return Err(Odd),
        };
        *asked = Some(Given { scim, yours: start..out.len() });
        Ok(true)
    }

    /// The text that a rule of the view was given, where it is text.
    pub fn text_of<'b>(&self, draft: &Draft<'b>, rule: usize) -> Option<&'b str> {
        let place = self.rules.iter().position(|written| written.index == rule)?;
        put::inside(draft.asked.get(place)?.as_ref()?.scim)
    }

    /// Whether a record shows every value that the draft asks for; what is never shown was sent, which is enough.
    pub fn is_met(&self, draft: &Draft<'_>, plan: &ReadPlan, record: &Glance<'_>) -> bool {
        self.rules.iter().zip(&draft.asked).all(|(rule, asked)| match asked {
            Some(asked) => plan.shows(record, rule.index, &draft.record[asked.yours.clone()]),
            None => true,
        })
    }
}

fn is_required(rule: &Rule) -> bool {
    let by_schema = rule.attribute.required && rule.target.sub.is_none() && rule.target.select.is_empty();
    rule.required || by_schema
}

/// A default is not always the same, or no simple value.
struct Varies;

/// The text of a default that is always the same; `None` for one that is no value.
fn default(template: &BodyTemplate, place: &Place) -> Result<Option<String>, Varies> {
    if !template.holes().is_empty() || !matches!(place, Place::Single(_)) {
        return Err(Varies);
    }
    match template.fill(&Scope::default()).ok().flatten().ok_or(Varies)? {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) if text.contains(['"', '\\']) || text.chars().any(char::is_control) => Err(Varies),
        simple @ (Value::Bool(_) | Value::String(_)) => Ok(Some(simple.to_string())),
        Value::Number(_) | Value::Array(_) | Value::Object(_) => Err(Varies),
    }
}
