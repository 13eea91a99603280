//! A change of simple attributes, from the message of a PATCH and the record as it is to what is sent.

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::body::{Body, Members};
use super::message;
use super::pick::Place;
use super::put::Put;
use crate::mapping::read::{Glance, ReadPlan};
use crate::mapping::rule::Rule;
use crate::mapping::view::View;
use crate::scim::schema::Mutability;

/// The rules whose values can be changed without making values of the whole record.
#[derive(Clone, Debug)]
pub struct ChangePlan {
    members: Members,
    /// For each simple value of a message, by its place.
    rules: Vec<Option<Changeable>>,
}

/// A rule of one value, written where it is read.
#[derive(Clone, Debug)]
struct Changeable {
    /// The index of the rule in the view.
    index: usize,
    rule: Rule,
    put: Put,
    /// The field of the record in which it writes.
    field: String,
    /// The rules of its attribute, itself included.
    siblings: Vec<usize>,
}

/// What a message asks for.
#[derive(Debug)]
pub struct Asked<'b>(Body<'b>);

/// What a change is, for one record.
#[derive(Debug)]
pub struct Change<'b> {
    /// The changed rules, and their values in the upstream's form; in the order of the view.
    changed: Vec<(&'b Changeable, String)>,
    /// Rules of the touched attributes.
    touched: Vec<usize>,
    /// Each changed field of the record, whole, as a JSON object.
    pub sent: String,
}

impl<'b> Asked<'b> {
    /// The names of attributes that have no effect.
    pub fn ignored(&self) -> &[&'b str] {
        &self.0.ignored
    }
}

impl Change<'_> {
    /// The indexes of the changed rules.
    pub fn rules(&self) -> impl Iterator<Item = usize> {
        self.changed.iter().map(|(rule, _)| rule.index)
    }
}

impl ChangePlan {
    /// The plan for a view; `None` where no rule can be changed so.
    pub fn compile(view: &View) -> Option<Self> {
        let members = Members::new(&view.schema)?;
        let mut rules: Vec<Option<Changeable>> = Vec::new();
        for (index, rule) in view.rules.iter().enumerate() {
            let Some(Place::Single(place)) = Place::new(rule, &members) else { continue };
            rules.resize_with(rules.len().max(place + 1), || None);
            rules[place] = changeable(index, rule, view);
        }
        rules.iter().any(Option::is_some).then_some(Self { members, rules })
    }

    /// What a message asks for; `None` where it asks for anything but values of such rules.
    pub fn read<'b>(&'b self, message: &'b [u8]) -> Option<Asked<'b>> {
        let body = message::read(std::str::from_utf8(message).ok()?, &self.members).ok()?;
        let is_known = |place: usize| self.rules.get(place).is_some_and(Option::is_some);
        let all_known = body.values().all(|(place, _)| is_known(place));
        all_known.then_some(Asked(body))
    }

    /// The change of a record; `None` where only values will do, or tell what is wrong with it.
    pub fn of<'b>(&'b self, asked: &Asked<'b>, plan: &ReadPlan, record: &Glance<'_>) -> Option<Change<'b>> {
        let mut change = Change { changed: Vec::new(), touched: Vec::new(), sent: String::new() };
        for (place, scim) in asked.0.values() {
            let rule = self.rules.get(place)?.as_ref()?;
            let mut yours = String::new();
            rule.put.write(scim, &mut yours).ok()?;
            change.touched.extend(&rule.siblings);
            if !rule.is_there(scim, &yours, plan.text_of(record, rule.index)) {
                change.changed.push((rule, yours));
            }
        }
        change.changed.sort_unstable_by_key(|(rule, _)| rule.index);
        change.sent = fields(&change.changed, record)?;
        Some(change)
    }

    /// Whether a change gives a rule this value, in SCIM's spelling, which it had not.
    pub fn makes(&self, asked: &Asked<'_>, change: &Change<'_>, rule: usize, value: &str) -> bool {
        let is_asked = |(place, text): (usize, &str)| {
            text == value && self.rules.get(place).and_then(Option::as_ref).is_some_and(|own| own.index == rule)
        };
        change.rules().any(|changed| changed == rule) && asked.0.values().any(is_asked)
    }

    /// Whether an answer is the record `before` with the change made: no field of it lacks, the touched attributes read as they
    /// shall.
    pub fn is_made(&self, change: &Change<'_>, plan: &ReadPlan, before: &Glance<'_>, after: &Glance<'_>) -> bool {
        let is_changed = |index: usize| change.changed.iter().any(|(rule, _)| rule.index == index);
        let stays = |index: &usize| match (plan.text_of(before, *index), plan.text_of(after, *index)) {
            (None, _) => true,
            (Some(before), Some(after)) => before == after || plan.shows_alike(*index, before, after),
            (Some(_), None) => false,
        };
        change.changed.iter().all(|(rule, yours)| plan.shows(after, rule.index, yours))
            && change.touched.iter().all(|index| is_changed(*index) || stays(index))
            && after.has_fields_of(before)
    }
}

/// The way of a rule; `None` where it is not simple enough, or not alone.
fn changeable(index: usize, rule: &Rule, view: &View) -> Option<Changeable> {
    let target = &rule.target;
    let is_free = rule.mutability == Mutability::ReadWrite && rule.attribute.mutability == Mutability::ReadWrite;
    let path = rule.write_at.as_ref()?;
    let field = (*path.names()?.first()?).to_owned();
    if !is_free || !rule.is_shown() || rule.is_split() || rule.read_at.is_none() || target.extension.is_some() {
        return None;
    }
    let of_it = |(index, other): (usize, &Rule)| {
        (other.target.extension.is_none() && other.target.name == target.name).then_some(index)
    };
    let siblings: Vec<usize> = view.rules.iter().enumerate().filter_map(of_it).collect();
    let alone = |place: &usize| {
        let other = &view.rules[*place];
        other.show.is_none()
            && other.parts().is_none()
            && !other.list
            && (*place == index || other.target.sub.is_some() && other.target.sub != target.sub)
    };
    // What is derived from a reference goes with it.
    if !siblings.iter().all(alone) || target.sub.as_deref() == Some("value") {
        return None;
    }
    Some(Changeable { index, rule: rule.clone(), put: Put::new(rule)?, field, siblings })
}

impl Changeable {
    /// Whether the record shows the value already: then it stays as it is.
    fn is_there(&self, scim: &str, yours: &str, seen: Option<&str>) -> bool {
        let Some(seen) = seen else { return false };
        let parse = |text: &str| serde_json::from_str::<Value>(text).ok();
        seen == yours
            || self.rule.is_same(parse(seen).and_then(|node| self.rule.decode(&node)).as_ref(), parse(scim).as_ref())
    }

    fn is_field(&self) -> bool {
        self.rule.write_at.as_ref().and_then(|path| path.steps.as_ref()).is_some_and(|steps| steps.len() == 1)
    }
}

/// Each field in which a changed rule writes, whole.
fn fields(changed: &[(&Changeable, String)], record: &Glance<'_>) -> Option<String> {
    let mut out = String::from("{");
    for (place, (rule, yours)) in changed.iter().enumerate() {
        if changed[..place].iter().any(|(other, _)| other.field == rule.field) {
            continue;
        }
        if out.len() > 1 {
            out.push(',');
        }
        out.push_str(&Value::from(rule.field.as_str()).to_string());
        out.push(':');
        if rule.is_field() {
            out.push_str(yours);
        } else {
            let here = changed.iter().filter(|(other, _)| other.field == rule.field);
            out.push_str(&field(&rule.field, here, record)?.to_string());
        }
    }
    out.push('}');
    Some(out)
}

/// A field of the record with its changes; `None` where something is in the way.
fn field<'c>(
    name: &str,
    changed: impl Iterator<Item = &'c (&'c Changeable, String)>,
    record: &Glance<'_>,
) -> Option<Value> {
    let members: Vec<(&str, &RawValue)> = record.members()?;
    let text = members.iter().rfind(|(member, _)| *member == name).map_or("null", |(_, text)| text.get());
    let mut whole = Value::Object(Map::from_iter([(name.to_owned(), serde_json::from_str(text).ok()?)]));
    for (rule, yours) in changed {
        let (path, yours) = (rule.rule.write_at.as_ref()?, serde_json::from_str::<Value>(yours).ok()?);
        path.put(&mut whole, yours.clone());
        if path.first(&whole) != Some(&yours) {
            return None;
        }
    }
    whole.get_mut(name).map(Value::take)
}
