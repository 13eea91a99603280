//! PUT and PATCH: read, change, plan, calls.

use serde_json::Value;

use crate::bridge::fetch::{Found, Parts};
use crate::bridge::operation::Reply;
use crate::bridge::plan::{self, Change};
use crate::bridge::quick::{self, QuickPatch};
use crate::bridge::run::Sight;
use crate::bridge::work::Work;
use crate::bridge::{Error, blind, delta, inverse, keep, respond};
use crate::mapping::Rule;
use crate::mapping::document::PutMissing;
use crate::mapping::{Call, write};
use crate::scim::body::Missing;
use crate::scim::patch::{Applied, Patch};
use crate::scim::{self, Precondition, Projection, Resource};
use crate::upstream::Answer;

/// What a client wants a resource to become.
#[derive(Debug)]
pub(crate) enum Asked<'b> {
    /// PATCH.
    Patch(Patch),
    /// A usual PATCH, and its message.
    Usual(write::Asked<'b>, &'b [u8]),
    /// PUT: the body, with canonical names.
    Replace(Resource),
}

/// What a client wants, how it wants the answer, and which version it means.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask<'a> {
    /// The change.
    pub(crate) asked: &'a Asked<'a>,
    /// The attributes wanted in the answer.
    pub(crate) projection: &'a Projection,
    /// What the change depends on.
    pub(crate) precondition: Option<&'a Precondition>,
}

/// A change that was made, or turned out to be none.
#[derive(Debug)]
pub(crate) enum Made {
    /// Nothing differed; no call was made.
    Nothing,
    /// Calls were made; the record as the last one showed it, where it did so whole.
    Changed(Option<Found>),
}

/// Changes a resource.
///
/// # Errors
/// 404, 400 with the type that RFC 7644 gives, 412, or whatever the upstream answers.
pub(crate) async fn update(work: &mut Work<'_>, id: &str, ask: Ask<'_>) -> Result<Reply, Error> {
    let kind = work.kind;
    if kind.mapping.update.is_empty() && !kind.keeps() && kind.mapping.inverse.is_empty() {
        return Err(kind.unsupported("update"));
    }
    let key = kind.mapping.view.encode_id(id).ok_or_else(|| kind.not_found(id))?;
    let _alone = work.lock_own(id, inverse::may_change(kind, ask.asked)).await?;
    let mut attempts = work.attempts();
    loop {
        match once(work, (&key, id), ask).await {
            Err(failure) if attempts.again(work, &failure) => {}
            done => return done,
        }
    }
}

async fn once(work: &mut Work<'_>, (key, id): (&Value, &str), ask: Ask<'_>) -> Result<Reply, Error> {
    let Ask { asked: Asked::Usual(usual, message), projection, precondition } = ask else {
        return by_value(work, (key, id), ask, None).await;
    };
    if precondition.is_some() {
        let asked = Asked::Patch(Patch::parse(message)?);
        return by_value(work, (key, id), Ask { asked: &asked, ..ask }, None).await;
    }
    let begun = match quick::patch(work, (key, id), usual, projection).await? {
        Some(QuickPatch::Done(reply)) => return Ok(reply),
        Some(QuickPatch::Read(read)) => Some(Begun { read: *read, made: None }),
        Some(QuickPatch::Tried(answers, call)) => {
            let (read, answer) = *answers;
            Some(Begun { read, made: Some((call, answer)) })
        }
        None => None,
    };
    let asked = Asked::Patch(Patch::parse(message)?);
    by_value(work, (key, id), Ask { asked: &asked, ..ask }, begun).await
}

/// What was done already of a change.
struct Begun<'k> {
    /// The answer of the one call that reads the record.
    read: Answer,
    /// The call that carried all changes, and its answer.
    made: Option<(&'k Call, Answer)>,
}

/// The same on values.
async fn by_value(
    work: &mut Work<'_>,
    (key, id): (&Value, &str),
    ask: Ask<'_>,
    begun: Option<Begun<'_>>,
) -> Result<Reply, Error> {
    if begun.is_none()
        && let Some(reply) = Box::pin(unread(work, (key, id), ask)).await?
    {
        return Ok(reply);
    }
    let Ask { asked, projection, precondition } = ask;
    let kind = work.kind;
    let apart = precondition.is_none() && inverse::is_apart(kind, asked, projection);
    let (read, written) = begun.map_or((None, None), |begun| (Some(begun.read), begun.made));
    let found = match (&read, kind.mapping.get.first()) {
        (Some(answer), Some(get)) => work.item_of(get, answer, key, id)?.map(|found| found.with_whole(true)),
        (Some(_) | None, _) => work.fetch(key, id, if apart { Parts::Own } else { Parts::All }).await?,
    };
    let found = found.ok_or_else(|| kind.not_found(id))?;
    work.admit_version(precondition, &found)?;
    let record = found.get().ok_or_else(|| Error::answer("get", "the record is not JSON"))?;
    work.identify_by(record);
    let old = as_it_is(work, &found, record, asked);
    let applied = apply(work, &old, asked)?;
    let made = if let Some((call, answer)) = written {
        let seen = (&applied.resource, before(record, &applied.resource));
        let shown = if call.specific { None } else { work.shown_by(call, &answer, (key, id), seen) };
        Made::Changed(shown.map(|shown| work.judged(shown, Some(record))))
    } else {
        work.ignored(applied.ignored.iter().map(String::as_str));
        if let Asked::Patch(patch) = asked {
            work.refuse_read_only(patch, record, (&old, &applied.resource))?;
        }
        let passage = work.brake_change(id, &old, &applied.resource)?;
        let outcome = work.pursue((key, id), &found, &old, &applied.resource).await;
        Work::passed(passage, &outcome);
        outcome?
    };
    let shown = match made {
        Made::Nothing => found,
        Made::Changed(Some(shown)) => shown,
        Made::Changed(None) => {
            let parts = if apart { Parts::Own } else { Parts::For(projection) };
            let Some(shown) = work.fetch(key, id, parts).await? else {
                let whole = apply(work, &kind.mapping.view.read_with(record, found.kept()), asked)?;
                return respond::resource_itself(kind, id, whole.resource, projection);
            };
            shown
        }
    };
    work.check_active(&applied.resource, &shown)?;
    // Without its inverse lists it is not the resource.
    if apart && kind.wants_some_inverse(projection) {
        return Ok(respond::nothing());
    }
    respond::resource(kind, &shown, projection)
}

/// A change for which the resource need not be read; `None` where it has to be.
async fn unread(work: &mut Work<'_>, (key, id): (&Value, &str), ask: Ask<'_>) -> Result<Option<Reply>, Error> {
    let kind = work.kind;
    let Ask { asked: Asked::Patch(patch), projection, precondition: None } = ask else { return Ok(None) };
    if let Some(delta) = &kind.unread.delta
        && let Some(named) = delta.named(patch, &kind.mapping)
    {
        return delta::change(work, (key, id), (delta, &named), projection).await.map(Some);
    }
    if let [inverse] = kind.mapping.inverse.as_slice()
        && let Some(members) = inverse::named(patch, kind, inverse)
    {
        return inverse::change(work, (key, id), (inverse, &members), projection).await.map(Some);
    }
    if kind.unread.blind {
        // A plan is for somebody who is there.
        let looks = work.plans() && !kind.mapping.get.is_empty();
        if looks && work.fetch(key, id, Parts::Own).await?.is_none() {
            return Err(kind.not_found(id));
        }
        return blind::change(work, (key, id), patch, projection).await;
    }
    Ok(None)
}

/// The resource as it is; only what a PATCH can touch, where nothing else is looked at.
fn as_it_is(work: &Work<'_>, found: &Found, record: &Value, asked: &Asked<'_>) -> Resource {
    let view = &work.kind.mapping.view;
    match asked {
        Asked::Patch(patch) if !work.kind.plans_on_all => match patch.touched() {
            Some(names) => view.read_only(record, found.kept(), &names),
            None => view.read_with(record, found.kept()),
        },
        Asked::Patch(_) | Asked::Usual(..) | Asked::Replace(_) => view.read_with(record, found.kept()),
    }
}

fn apply(work: &Work<'_>, old: &Resource, asked: &Asked<'_>) -> Result<Applied, scim::Error> {
    let view = &work.kind.mapping.view;
    match asked {
        Asked::Patch(patch) => patch.apply(old, &view.schema),
        Asked::Usual(_, message) => Patch::parse(message)?.apply(old, &view.schema),
        Asked::Replace(body) => {
            let clear = work.kind.mapping.on_put_missing == PutMissing::Clear;
            let missing = Missing { clear, keep: &work.kind.kept_on_put };
            let applied = scim::body::replace(old, body, &view.schema, missing)?;
            work.require(&applied.resource)?;
            Ok(applied)
        }
    }
}

/// Of a view that holds but what was touched, the rest is judged by the record as it was.
fn before<'r>(record: &'r Value, new: &Resource) -> Option<&'r Value> {
    (!new.contains_key("id")).then_some(record)
}

/// Whether a record has every field with a value that another has, at any depth of objects.
pub(crate) fn holds_all(record: &Value, other: &Value) -> bool {
    match (record, other) {
        (Value::Object(fields), Value::Object(others)) => others.iter().all(|(name, other)| match fields.get(name) {
            Some(field) => holds_all(field, other),
            None => other.is_null(),
        }),
        (_, Value::Object(_)) => false,
        (_, Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => true,
    }
}

impl Work<'_> {
    /// Refuses a body that leaves out what the schema or the mapping requires.
    ///
    /// # Errors
    /// 400 `invalidValue`, naming the attribute.
    pub(crate) fn require(&self, body: &Resource) -> Result<(), scim::Error> {
        for rule in &self.kind.mapping.view.rules {
            let by_schema = rule.attribute.required && rule.target.sub.is_none() && rule.target.select.is_empty();
            let writable = rule.mutability != scim::schema::Mutability::ReadOnly;
            if writable && (rule.required || by_schema) && rule.found_in(body).is_none() {
                return Err(scim::Error::invalid_value(format!("`{}` is required", rule.name)));
            }
        }
        Ok(())
    }

    /// Refuses a PATCH that names an attribute which the mapping makes read-only with `lossy = "reject"`, and asks it to be
    /// something else than it will be.
    ///
    /// # Errors
    /// 400 `mutability`, naming the attribute.
    fn refuse_read_only(
        &self,
        patch: &Patch,
        old_record: &Value,
        (old, new): (&Resource, &Resource),
    ) -> Result<(), scim::Error> {
        let view = &self.kind.mapping.view;
        for rule in view.rules.iter().filter(|rule| rule.strict) {
            let Some(asked) = patch.asked_at(&rule.name) else { continue };
            let mut record = old_record.clone();
            view.update(&mut record, old, new)?;
            if !rule.is_same(rule.get(&record).as_ref(), asked) {
                return Err(scim::Error::mutability(format!("`{}` is read-only", rule.name)));
            }
        }
        Ok(())
    }

    /// Plans the change from `old` to `new` and makes its calls.
    ///
    /// # Errors
    /// 400 `invalidValue` for a value that the record cannot hold and 403 for a protected record, before any call; or the
    /// first failing call.
    pub(crate) async fn pursue(
        &mut self,
        (key, id): (&Value, &str),
        found: &Found,
        old: &Resource,
        new: &Resource,
    ) -> Result<Made, Error> {
        let Some(old_record) = found.get().filter(|_| old != new) else {
            self.tell_planned((old, new), &[], &[]);
            return Ok(Made::Nothing);
        };
        let view = &self.kind.mapping.view;
        let mut record = old_record.clone();
        let changed = view.update(&mut record, old, new)?;
        if changed.is_empty() {
            self.tell_planned((old, new), &[], &[]);
            return Ok(Made::Nothing);
        }
        self.kind.admit_change(old_record, found.kept())?;
        let rules = || changed.iter().filter_map(|index| view.rules.get(*index));
        if self.kind.mapping.update.is_empty() && !rules().all(|rule| rule.beside.is_some()) {
            return Err(self.kind.unsupported("update"));
        }
        let is_inverse = |index: &usize| view.rules.get(*index).is_some_and(Rule::is_inverse);
        let (inverse, own): (Vec<usize>, Vec<usize>) = changed.iter().partition(|index| is_inverse(index));
        let made = if own.is_empty() {
            self.tell_planned((old, new), &changed, &[]);
            Made::Nothing
        } else {
            match self.carry_out((key, id), found, (old, new), (&record, &own, &changed)).await {
                Err(failure) if failure.is_planned() && !inverse.is_empty() => Made::Nothing,
                made => made?,
            }
        };
        if inverse.is_empty() {
            return Ok(made);
        }
        self.change_inverse(id, old, new).await?;
        Ok(Made::Changed(None))
    }

    /// Makes the calls of a change of these rules, out of all that change.
    async fn carry_out(
        &mut self,
        (key, id): (&Value, &str),
        found: &Found,
        (old, new): (&Resource, &Resource),
        (record, changed, planned): (&Value, &[usize], &[usize]),
    ) -> Result<Made, Error> {
        let view = &self.kind.mapping.view;
        let Some(old_record) = found.get() else { return Ok(Made::Nothing) };
        let rules = || changed.iter().filter_map(|index| view.rules.get(*index));
        let kept = keep::changed(rules(), new, found.kept());
        let get = &self.kind.mapping.get;
        let change = Change { view, get, old_record, old, new, record, changed };
        let sight = Sight {
            id: Some(key),
            scim: new,
            record,
            old: Some(old_record),
            kept: kept.as_ref().or(found.kept()),
            etag: found.etag(),
        };
        let steps = plan::plan(&self.kind.mapping.update, &change, &sight.scope(self))?;
        self.tell_planned((old, new), planned, &steps);
        let Some(last_step) = steps.last() else {
            if let Some(kept) = kept {
                self.keep(id, kept.clone()).await?;
                let shown = Found::value(old_record.clone()).beside(kept).with_whole(found.known().whole);
                return Ok(Made::Changed(Some(shown)));
            }
            tracing::warn!(
                request.id = self.budget.trace.id,
                "change ignored, no call carries it under these conditions"
            );
            return Ok(Made::Nothing);
        };
        let answer = self.run(&steps, sight).await?;
        let shown = match answer {
            Some(answer) if !last_step.call.specific => {
                self.shown_by(last_step.call, &answer, (key, id), (new, before(old_record, new)))
            }
            _ => None,
        };
        let shown = shown.map(|shown| self.judged(shown, Some(old_record)));
        if let Some(kept) = &kept {
            self.keep(id, kept.clone()).await?;
        }
        Ok(Made::Changed(match (shown, kept.or_else(|| found.kept().cloned())) {
            (Some(shown), Some(kept)) => Some(shown.beside(kept)),
            (shown, _) => shown,
        }))
    }

    /// The record in an answer, if the answer is the resource: this id, and every attribute with a value finds one; and every
    /// field of the record `before`, where that is given.
    pub(crate) fn shown_by(
        &self,
        call: &Call,
        answer: &Answer,
        (key, id): (&Value, &str),
        (new, before): (&Resource, Option<&Value>),
    ) -> Option<Found> {
        if answer.body.is_empty() {
            return None;
        }
        // An answer that is anything but the resource is no fault here: one `get` will tell.
        let found = self.item_of(call, answer, key, id).ok().flatten()?;
        let view = &self.kind.mapping.view;
        let is_shown = |record: &Value| {
            let as_before = before.is_none_or(|before| holds_all(record, before));
            // Who hides what by what it keeps sees so at the next read.
            as_before && view.is_whole(record, new, Some(id)) && !self.kind.hides(record, None)
        };
        let whole = found.get().is_some_and(is_shown);
        whole.then_some(found)
    }

    /// Refuses to answer 2xx when `active` reads otherwise than asked.
    ///
    /// # Errors
    /// [`Error::NotApplied`].
    pub(crate) fn check_active(&self, asked: &Resource, shown: &Found) -> Result<(), Error> {
        let Some(rule) = self.kind.active.and_then(|index| self.kind.mapping.view.rules.get(index)) else {
            return Ok(());
        };
        let Some(wanted) = rule.value_in(asked) else { return Ok(()) };
        let read = shown.get().and_then(|record| rule.get(record));
        match read {
            Some(read) if read != wanted => Err(Error::NotApplied),
            _ => Ok(()),
        }
    }
}
