//! One resource type at run time: the compiled mapping and what follows from it for a tenant.

use serde_json::Value;

use crate::bridge::collect::filter_paths;
use crate::bridge::delta::Delta;
use crate::bridge::version::Versions;
use crate::bridge::{Error, blind, delete, quick};
use crate::mapping::call::{Each, Purpose, Reads, Send};
use crate::mapping::compile::Delete;
use crate::mapping::hole::BodyTemplate;
use crate::mapping::path::Path;
use crate::mapping::read::{Glance, Unwritten, Written};
use crate::mapping::scope::{Name, Scope};
use crate::mapping::write::WritePlan;
use crate::mapping::{Rule, TypeMapping};
use crate::scim::{Filter, Projection, Resource};

/// What can be changed without reading it first.
#[derive(Debug)]
pub(crate) struct Unread {
    /// The list whose members come and go by calls of their own, if any.
    pub(crate) delta: Option<Delta>,
    /// Whether some update call may go out blind.
    pub(crate) blind: bool,
}

/// What a type asks of an operation itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asks {
    /// Values drawn once: `now`, `uuid`, `random.N`.
    pub(crate) drawn: bool,
    /// The idempotency key: `op.id`.
    pub(crate) operation_id: bool,
}

/// A resource type of one tenant.
#[derive(Debug)]
pub(crate) struct Kind {
    /// The index among the tenant's resource types.
    pub(crate) index: usize,
    /// The compiled mapping.
    pub(crate) mapping: TypeMapping,
    /// `https://scim.acme.example/scim/v2/Users/`: the encoded id follows.
    pub(crate) location: String,
    /// The public URL with the tenant's path.
    pub(crate) base: String,
    /// For each `get` call with `into`: its index and the rules that read what it brings.
    pub(crate) parts: Vec<Part>,
    /// What a PATCH may change without reading it first.
    pub(crate) unread: Unread,
    /// Where its lists and those of others are stored in one another: the lowest index of the types of that circle.
    pub(crate) circle: Option<usize>,
    /// The rule of `active`, if any.
    pub(crate) active: Option<usize>,
    /// Whether one `get` call reads a record whole, as bytes that can be streamed.
    pub(crate) in_one_call: bool,
    /// The attributes that a PUT without them keeps whatever `on_put_missing` says: lists that `each` calls write.
    pub(crate) kept_on_put: Vec<String>,
    /// Whether an update has to know the whole resource: a call looks at `scim`, or sends all that is mapped.
    pub(crate) plans_on_all: bool,
    /// What calls, constants and defaults ask of the operation itself.
    pub(crate) asks: Asks,
    /// The indexes of the rules whose values the bridge keeps itself.
    pub(crate) kept: Vec<usize>,
    /// How a usual create is made without values, where that can be.
    pub(crate) quick_create: Option<WritePlan>,
    /// How a usual PATCH is made without values, where that can be.
    pub(crate) changes: Option<quick::Changes>,
    /// Where versions come from.
    pub(crate) versions: Versions,
}

/// A part of the record that a `get` call of its own brings.
#[derive(Debug)]
pub(crate) struct Part {
    /// The index of the call among the `get` calls.
    pub(crate) call: usize,
    /// The rules that read there.
    pub(crate) rules: Vec<usize>,
    /// Whether it decides if the record is hidden, so that no read can do without it.
    pub(crate) decides: bool,
    /// Whether a delete has to know it.
    pub(crate) is_seen_by_delete: bool,
}

/// A record in the form at hand.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Record<'a> {
    /// As the upstream sent it.
    Raw(&'a str),
    /// The same, looked at by the read plan.
    Seen(&'a Glance<'a>),
    /// Parsed, or put together.
    Value(&'a Value),
    /// The same, with what stands beside it.
    Beside(&'a Value, &'a Resource),
}

/// Why a record shows no resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unshown {
    /// It is hidden: for SCIM it does not exist.
    Hidden,
    /// It is no object, or has no id that a URL can carry.
    Broken,
}

impl Kind {
    /// The run-time form of one resource type. `base` is the public URL with the tenant's path.
    pub(crate) fn new(index: usize, mapping: TypeMapping, base: &str) -> Self {
        let schema = &mapping.view.schema;
        let location = format!("{base}{}/", schema.endpoint);
        let parts = mapping.get.iter().enumerate().filter_map(|(index, call)| {
            let into = call.into.as_ref()?;
            let feeds = |path: &Option<Path>| path.as_ref().is_some_and(|path| path.overlaps(into));
            let rules = mapping.view.rules.iter().enumerate().filter(|(_, rule)| feeds(&rule.read_at));
            let decides = mapping.policies.hide.as_ref().is_some_and(|hide| hide.reads_record_at(into));
            let is_seen_by_delete = delete::looks_at(&mapping, into);
            Some(Part { call: index, rules: rules.map(|(index, _)| index).collect(), decides, is_seen_by_delete })
        });
        let parts: Vec<Part> = parts.collect();
        let delta = Delta::of(&mapping, &parts);
        let blind = blind::is_possible(&mapping);
        let active = mapping.view.rules.iter().position(|rule| rule.name == "active");
        let in_one_call = mapping.plan.is_some()
            && mapping.policies.hide.is_none()
            && mapping.view.rules.iter().all(|rule| rule.beside.is_none())
            && matches!(mapping.get.as_slice(), [call] if call.purpose == Purpose::Get && call.items.is_none() && call.when.is_none());
        let kept_on_put = kept_on_put(&mapping);
        let plans_on_all = mapping.update.iter().any(|call| call.reads.scim || call.send == Send::Mapped);
        let asks = Asks {
            drawn: reads(&mapping, |reads| reads.drawn, Name::is_drawn),
            operation_id: reads(&mapping, |reads| reads.operation_id, |name| *name == Name::OperationId),
        };
        let rules = mapping.view.rules.iter().enumerate();
        let kept = rules.filter(|(_, rule)| rule.is_kept()).map(|(index, _)| index).collect();
        let (quick_create, changes) = (quick::create_plan(&mapping), quick::changes(&mapping));
        let versions = Versions::of(&mapping, false);
        Self {
            index,
            mapping,
            base: base.to_owned(),
            location,
            parts,
            unread: Unread { delta, blind },
            circle: None,
            active,
            in_one_call,
            kept_on_put,
            plans_on_all,
            asks,
            kept,
            quick_create,
            changes,
            versions,
        }
    }

    /// The resource type's name.
    pub(crate) fn name(&self) -> &str {
        &self.mapping.view.schema.name
    }

    /// The 404 for an id.
    pub(crate) fn not_found(&self, id: &str) -> Error {
        Error::NotFound { kind: self.name().to_owned(), id: id.to_owned() }
    }

    /// The 501 for an operation.
    pub(crate) fn unsupported(&self, operation: &'static str) -> Error {
        Error::Unsupported { kind: self.name().to_owned(), operation }
    }

    /// Whether the bridge keeps attributes of this type itself.
    pub(crate) fn keeps(&self) -> bool {
        !self.kept.is_empty()
    }

    /// The rules whose values it keeps.
    pub(crate) fn kept(&self) -> impl Iterator<Item = &Rule> {
        self.kept.iter().filter_map(|index| self.mapping.view.rules.get(*index))
    }

    /// Whether the record does not exist for SCIM.
    pub(crate) fn hides(&self, record: &Value, kept: Option<&Resource>) -> bool {
        let scope = Scope { record: Some(record), kept, ..Scope::default() };
        self.mapping.policies.hide.as_ref().is_some_and(|hide| hide.holds(&scope))
    }

    /// Whether the record can be read, but not changed through SCIM.
    pub(crate) fn protects(&self, record: &Value, kept: Option<&Resource>) -> bool {
        let scope = Scope { record: Some(record), kept, ..Scope::default() };
        self.mapping.policies.protect.as_ref().is_some_and(|protect| protect.holds(&scope))
    }

    /// Refuses to change a protected record.
    ///
    /// # Errors
    /// [`Error::Protected`].
    pub(crate) fn admit_change(&self, record: &Value, kept: Option<&Resource>) -> Result<(), Error> {
        if self.protects(record, kept) { Err(Error::Protected { kind: self.name().to_owned() }) } else { Ok(()) }
    }

    /// Whether `part` brings something that `projection` asks for, or decides whether there is anything to show.
    pub(crate) fn wants(&self, part: &Part, projection: &Projection) -> bool {
        part.decides
            || part.rules.iter().any(|index| {
                let target = &self.mapping.view.rules[*index].target;
                projection.wants(target.extension.as_deref(), &target.name, target.sub.as_deref())
            })
    }

    /// Whether `filter` looks at something that `part` brings.
    pub(crate) fn is_searched(&self, part: &Part, filter: &Filter) -> bool {
        let mut paths = Vec::new();
        filter_paths(filter, &mut paths);
        self.wants(part, &Projection::Only(paths))
    }

    /// A look at a record, where the read plan shows all of it and none is hidden.
    pub(crate) fn glance<'r>(&self, record: Record<'r>) -> Option<Glance<'r>> {
        match (record, &self.mapping.plan, &self.mapping.policies.hide) {
            (Record::Raw(raw), Some(plan), None) => plan.glance(raw),
            (Record::Raw(_) | Record::Seen(_) | Record::Value(_) | Record::Beside(..), _, _) => None,
        }
    }

    /// Whether a record that was looked at satisfies a filter; `None` where that takes the resource. One that shows no
    /// resource satisfies none.
    pub(crate) fn satisfies(&self, glance: &Glance<'_>, filter: &Filter) -> Option<Result<bool, Unshown>> {
        let plan = self.mapping.plan.as_ref()?;
        if plan.satisfies(glance, filter, &self.location)? {
            return Some(Ok(true));
        }
        let id = plan.id_of(glance).filter(|id| has_url(id));
        Some(id.map(|_| false).ok_or(Unshown::Broken))
    }

    /// Appends the resource that a record shows, projected, with its location.
    ///
    /// # Errors
    /// [`Unshown`]; nothing is appended then.
    pub(crate) fn write(
        &self,
        record: Record<'_>,
        projection: &Projection,
        out: &mut Vec<u8>,
    ) -> Result<Written, Unshown> {
        let start = out.len();
        let written = match (record, &self.mapping.plan, &self.mapping.policies.hide) {
            (Record::Raw(raw), Some(plan), None) => match plan.write(raw.as_bytes(), projection, &self.location, out) {
                Ok(written) => written,
                Err(Unwritten::NoId) => return Err(Unshown::Broken),
                Err(Unwritten::NotAnObject) => self.write_parsed(raw, projection, out)?,
            },
            (Record::Seen(glance), Some(plan), None) => {
                let written = plan.write_glance(glance, projection, &self.location, out);
                written.map_err(|_| Unshown::Broken)?
            }
            (Record::Seen(glance), _, _) => self.write_parsed(glance.record, projection, out)?,
            (Record::Raw(raw), _, _) => self.write_parsed(raw, projection, out)?,
            (Record::Value(value), _, _) => self.write_value((value, None), projection, out)?,
            (Record::Beside(value, beside), _, _) => self.write_value((value, Some(beside)), projection, out)?,
        };
        if !has_url(&written.id) {
            out.truncate(start);
            return Err(Unshown::Broken);
        }
        Ok(written)
    }

    fn write_parsed(&self, raw: &str, projection: &Projection, out: &mut Vec<u8>) -> Result<Written, Unshown> {
        let value = self.parse(raw).ok_or(Unshown::Broken)?;
        self.write_value((&value, None), projection, out)
    }

    fn write_value(
        &self,
        (value, beside): (&Value, Option<&Resource>),
        projection: &Projection,
        out: &mut Vec<u8>,
    ) -> Result<Written, Unshown> {
        if self.hides(value, beside) {
            return Err(Unshown::Hidden);
        }
        let id = self.mapping.view.id(value).ok_or(Unshown::Broken)?;
        let mut resource = self.mapping.view.read_with(value, beside);
        self.finish(&mut resource, &id, projection);
        serde_json::to_writer(out, &resource).map_err(|_| Unshown::Broken)?;
        Ok(Written { id, version: None })
    }

    /// A record as a value; `None` when it is no JSON.
    pub(crate) fn parse(&self, raw: &str) -> Option<Value> {
        serde_json::from_str(raw).ok().map(|value| self.record_of(value))
    }

    /// An item as a record: a bare string or number is the id of one that has nothing else.
    pub(crate) fn record_of(&self, item: Value) -> Value {
        if !(item.is_string() || item.is_number()) {
            return item;
        }
        let mut record = Value::Null;
        if let Some(path) = self.mapping.view.rules.get(self.mapping.view.id).and_then(|rule| rule.read_at.as_ref()) {
            path.put(&mut record, item);
        }
        record
    }

    /// Adds the location and leaves out what the client did not ask for.
    pub(crate) fn finish(&self, resource: &mut Resource, id: &str, projection: &Projection) {
        let location = self.location_of(id);
        if let Some(Value::Object(meta)) = resource.get_mut("meta") {
            meta.insert("location".to_owned(), Value::String(location));
        }
        self.mapping.view.refer(resource, &self.base);
        for rule in self.kept().filter(|rule| rule.is_own()) {
            resource.shift_remove(&rule.name);
        }
        crate::scim::resource::project(resource, projection, &self.mapping.view.schema);
    }

    /// The id of a record; `None` when it has none.
    pub(crate) fn id_of(&self, record: Record<'_>) -> Option<String> {
        match record {
            Record::Raw(raw) => self.mapping.view.id(&self.parse(raw)?),
            Record::Seen(glance) => self.mapping.view.id(&self.parse(glance.record)?),
            Record::Value(value) | Record::Beside(value, _) => self.mapping.view.id(value),
        }
    }

    /// The URL of the resource with this id.
    pub(crate) fn location_of(&self, id: &str) -> String {
        let mut url = self.location.clone();
        url.extend(percent_encoding::utf8_percent_encode(id, crate::value::IN_URL));
        url
    }

    /// The id of the resource at this URL.
    pub(crate) fn id_at(&self, location: &str) -> Option<String> {
        let id = location.strip_prefix(&self.location)?;
        Some(percent_encoding::percent_decode_str(id).decode_utf8().ok()?.into_owned())
    }
}

impl<'a> From<&'a str> for Record<'a> {
    fn from(raw: &'a str) -> Self {
        Self::Raw(raw)
    }
}

/// Whether a URL leads to this id: whoever normalises one takes away the segments `.` and `..`.
fn has_url(id: &str) -> bool {
    !matches!(id, "." | "..")
}

/// The names of the list attributes that `each` calls write, or that other resources hold.
fn kept_on_put(mapping: &TypeMapping) -> Vec<String> {
    let each = mapping.update.iter().filter(|call| matches!(call.each, Some(Each::Added | Each::Removed)));
    let rules = each.flat_map(|call| &call.carries).filter_map(|index| mapping.view.rules.get(*index));
    let inverse = mapping.view.rules.iter().filter(|rule| rule.is_inverse());
    rules.chain(inverse).map(|rule| rule.target.name.clone()).collect()
}

/// Whether some call, constant or default reads a value of this kind.
fn reads(mapping: &TypeMapping, call: impl Fn(&Reads) -> bool, name: impl Fn(&Name) -> bool) -> bool {
    let deletes = match &mapping.delete {
        Delete::Calls(calls) => calls.as_slice(),
        Delete::None | Delete::Set(_) => &[],
    };
    let calls = [&mapping.list, &mapping.get, &mapping.create, &mapping.update].into_iter().flatten().chain(deletes);
    let all = calls.flat_map(|call| std::iter::once(call).chain(call.undo.as_deref()));
    let defaults = mapping.view.rules.iter().filter_map(|rule| rule.default.as_ref());
    let templates: Vec<&BodyTemplate> = std::iter::once(&mapping.constants).chain(defaults).collect();
    all.map(|made| &made.reads).any(call)
        || templates.iter().flat_map(|template| template.holes()).any(|hole| name(&hole.name))
}
