//! POST: the create calls, the id, and what is still to be settled after them.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use crate::bridge::fetch::Found;
use crate::bridge::operation::Reply;
use crate::bridge::quick::{self, Quick};
use crate::bridge::remembered::Remembered;
use crate::bridge::run::{Sight, with_added};
use crate::bridge::undelivered::Create;
use crate::bridge::work::Work;
use crate::bridge::{Error, adopt, get, intent, plan, respond, settle};
use crate::mapping::call::Then;
use crate::mapping::scope::Scope;
use crate::mapping::{Call, View};
use crate::scim::schema::Mutability;
use crate::scim::{self, ErrorType, Projection, Resource};
use crate::upstream::{self, Answer, Outcome};

/// A record that a create call made.
#[derive(Debug)]
pub(crate) struct Created {
    /// The id in the upstream's type.
    pub(crate) key: Value,
    /// The id as SCIM shows it.
    pub(crate) id: String,
    /// The record, where an answer showed it whole.
    pub(crate) shown: Option<Found>,
}

/// What a client itself asks of a new resource, where a create may take over one that exists.
pub(crate) type Asked = Option<Resource>;

/// What a create sends.
#[derive(Debug)]
pub(crate) struct Draft {
    /// The resource as it shall be, defaults included.
    pub(crate) new: Resource,
    /// The record as it shall be: constants and all writable values.
    pub(crate) record: Value,
    /// The indexes of the rules that a default filled in.
    pub(crate) defaulted: Vec<usize>,
    /// What the record has no place for, where the type has such attributes: what the bridge shall keep, inverse lists.
    pub(crate) kept: Option<Resource>,
}

/// Creates a resource. The repeat of a request whose answer nobody took is answered with what that one made.
///
/// # Errors
/// 400 for a body that does not fit, 409 `uniqueness` for one that exists, or whatever the upstream answers.
pub(crate) async fn create(work: &mut Work<'_>, body: &Bytes, projection: &Projection) -> Result<Reply, Error> {
    if work.plans() {
        return anew(work, body, projection).await;
    }
    let kind = work.kind;
    let Remembered { undelivered, fresh, .. } = &*work.bridge.state.remembered;
    let begun = undelivered.begin(&kind.location, body, work.left() / 2).await;
    let begun = begun.map_err(|_| Error::Locked { kind: kind.name().to_owned() })?;
    let repeated = match begun.repeated() {
        Some(location) => Box::pin(repeat(work, &begun, location, projection)).await?,
        None => None,
    };
    let is_repeated = repeated.is_some();
    let reply = match repeated {
        Some(reply) => reply,
        None => anew(work, body, projection).await?,
    };
    if let Some(location) = &reply.location {
        // One that was taken over was made by somebody else.
        if !is_repeated && !work.sees_hidden && !work.bridge.draws.is_frozen() {
            let id = kind.id_at(location).unwrap_or_default();
            fresh.made(&kind.location, &id, location, work.new_key.as_deref());
        }
        work.budget.trace.receipts.add(begun.answered(location.clone(), &work.budget.trace));
    }
    Ok(reply)
}

/// 201 with the resource that an earlier request of the same body made; `None` where it is there no longer.
async fn repeat(
    work: &mut Work<'_>,
    begun: &Create,
    location: String,
    projection: &Projection,
) -> Result<Option<Reply>, Error> {
    let Some(id) = work.kind.id_at(&location) else { return Ok(None) };
    match get::get(work, &id, projection, None).await {
        Ok(reply) => Ok(Some(Reply { status: 201, location: Some(location), ..reply })),
        Err(failure) if failure.is_not_found() => Ok(None),
        Err(failure) => {
            begun.lost(location, &work.budget.trace.id);
            Err(failure)
        }
    }
}

/// Makes a resource.
async fn anew(work: &mut Work<'_>, body: &[u8], projection: &Projection) -> Result<Reply, Error> {
    match quick::create(work, body, projection).await? {
        Quick::Done(reply) => Ok(reply),
        Quick::Tried(outcome, _alone) => by_value(work, body, Some(*outcome), projection).await,
        Quick::Not => by_value(work, body, None, projection).await,
    }
}

/// The same on values. `tried` is what came of the first call, where it was made already: the key is locked then.
async fn by_value(
    work: &mut Work<'_>,
    body: &[u8],
    tried: Option<Result<Answer, Error>>,
    projection: &Projection,
) -> Result<Reply, Error> {
    let kind = work.kind;
    let (body, ignored) = scim::body::normalise(&scim::resource::parse(body)?, &kind.mapping.view.schema)?;
    if tried.is_none() {
        work.ignored(ignored.iter().map(String::as_str));
    }
    if kind.mapping.create.is_empty() {
        return Err(kind.unsupported("create"));
    }
    // What the client itself asks, without defaults: of an existing record nothing else is changed.
    let asked = kind.may_adopt().then(|| body.clone());
    let draft = work.draft(body)?;
    let key = kind
        .mapping
        .key
        .and_then(|index| kind.mapping.view.rules.get(index))
        .and_then(|rule| rule.value_in(&draft.new));
    let _alone = match key.as_ref().and_then(Value::as_str) {
        Some(key) if tried.is_none() => Some(work.lock_key(key).await?),
        Some(_) | None => None,
    };
    if work.plans() {
        return intent::create(work, &draft, asked, projection).await;
    }
    if kind.mapping.policies.looks_first
        && let Some(existing) = work.find_existing(&draft.new).await?
    {
        return adopt::adopt(work, existing, (asked, adopt::taken(kind)), projection).await;
    }
    let (created, done) = match make(work, &draft, tried).await? {
        Making::Done(created, done) => (created, done),
        Making::Taken(refusal) if asked.is_some() => {
            return match work.find_existing(&draft.new).await {
                Ok(Some(existing)) => adopt::adopt(work, existing, (asked, refusal), projection).await,
                Ok(None) | Err(Error::Request(_)) => Err(refusal),
                Err(failure) => Err(failure),
            };
        }
        Making::Taken(refusal) => return Err(refusal),
    };
    let shown = settle::settle(work, &draft, created, &done, projection).await?;
    Ok(respond::written(kind, &shown, projection)?.created(kind))
}

impl Work<'_> {
    /// The resource and the record that the body asks for.
    fn draft(&self, body: Resource) -> Result<Draft, Error> {
        let view = &self.kind.mapping.view;
        let mut new = body;
        let mut defaulted = Vec::new();
        for (index, rule) in view.rules.iter().enumerate() {
            let Some(default) = rule.default.as_ref().filter(|_| rule.found_in(&new).is_none()) else { continue };
            let filled = default.fill(&Scope { scim: Some(&new), ..self.scope() });
            if let Some(value) = filled.map_err(|fault| self.unfilled(fault))? {
                rule.set_in(&mut new, value);
                defaulted.push(index);
            }
        }
        self.require(&new)?;
        let mut record = self.constants(&new)?;
        for rule in view.rules.iter().filter(|rule| rule.mutability != Mutability::ReadOnly) {
            if let Some(value) = rule.found_in(&new) {
                rule.put(&mut record, Some(&value))?;
            }
        }
        let beside = self.kind.keeps() || !self.kind.mapping.inverse.is_empty();
        let kept = beside.then(|| view.beside_of(&new));
        Ok(Draft { new, record, defaulted, kept })
    }

    fn unfilled(&self, source: crate::mapping::hole::FillError) -> Error {
        Error::Upstream(upstream::Error::Fill { call: format!("{} create", self.kind.name()), source })
    }

    /// What create calls sent that carried these rules: constants and the values of the rules.
    ///
    /// # Errors
    /// As for the draft, of which it is a part.
    pub(crate) fn carried_by(&self, calls: &[&Call], draft: &Draft) -> Result<Value, Error> {
        let view = &self.kind.mapping.view;
        let mut record = self.constants(&draft.new)?;
        for call in calls {
            record = plan::mapped(call, view, record, &draft.new)?;
        }
        Ok(record)
    }

    fn constants(&self, new: &Resource) -> Result<Value, Error> {
        let constants = self.kind.mapping.constants.fill(&Scope { scim: Some(new), ..self.scope() });
        let constants = constants.map_err(|fault| self.unfilled(fault))?;
        Ok(constants.unwrap_or_else(|| Value::Object(serde_json::Map::new())))
    }

    /// What `{record}` is in a create call: constants and what the call carries, less `drop`.
    pub(crate) fn sent<'d>(&self, call: &Call, draft: &'d Draft) -> Result<Cow<'d, Value>, Error> {
        let view = &self.kind.mapping.view;
        let carries_all = view.rules.iter().enumerate().all(|(index, rule)| {
            call.carries.contains(&index) || rule.mutability == Mutability::ReadOnly || rule.write_at.is_none()
        });
        if carries_all && call.drop.is_empty() {
            return Ok(Cow::Borrowed(&draft.record));
        }
        let mut record = self.carried_by(&[call], draft)?;
        plan::drop_paths(&mut record, &call.drop);
        Ok(Cow::Owned(record))
    }
}

/// What came of the create calls.
enum Making<'k> {
    /// The resource, and the calls that ran, for taking back.
    Done(Created, Vec<&'k Call>),
    /// The first call was refused because the key is taken.
    Taken(Error),
}

/// Runs the create calls in order; the first that is not skipped makes the resource.
async fn make<'k>(
    work: &mut Work<'k>,
    draft: &Draft,
    tried: Option<Result<Answer, Error>>,
) -> Result<Making<'k>, Error> {
    let mut tried = tried;
    let mut created: Option<Created> = None;
    let mut done = Vec::new();
    for call in &work.kind.mapping.create {
        let sent = work.sent(call, draft)?;
        let key = created.as_ref().map(|created| &created.key);
        let sight = Sight {
            id: key,
            scim: &draft.new,
            record: &draft.record,
            old: None,
            kept: draft.kept.as_ref(),
            etag: None,
        };
        if call.when.as_ref().is_some_and(|when| !when.holds(&sight.scope(work))) {
            continue;
        }
        let sent = with_added(call, sent, &sight.scope(work))?;
        let scope = Scope { sent: Some(sent.as_ref()), ..sight.scope(work) };
        let answered = match tried.take() {
            Some(answered) => answered,
            None => work.send(call, &scope).await,
        };
        let outcome = match (answered, &created) {
            (Ok(answer), _) => Ok(Ok(answer)),
            (Err(failure), None) => probe(work, call, &scope, (draft, failure)).await,
            (Err(failure), Some(_)) => Err(failure),
        };
        match outcome {
            Ok(Ok(answer)) => {
                done.push(call);
                work.capture(call, &answer);
                if created.is_none() {
                    match identify(work, call, &answer, (draft, &sent)).await {
                        Ok(identified) => created = Some(identified),
                        Err(failure) => return Err(take_back(work, &done, None, (draft, failure)).await),
                    }
                }
            }
            Ok(Err(found)) => {
                done.push(call);
                created = Some(found);
            }
            Err(failure) if done.is_empty() && failure.is_uniqueness() => return Ok(Making::Taken(failure)),
            Err(failure) => {
                // The call that makes the resource is not taken back before it is known to have made it: whatever else its
                // `undo` finds is a stranger's.
                if created.is_some() && failure.may_be_done() {
                    done.push(call);
                }
                return Err(take_back(work, &done, created.as_ref(), (draft, failure)).await);
            }
        }
    }
    created.map(|created| Making::Done(created, done)).ok_or_else(|| work.kind.unsupported("create"))
}

/// Takes back create calls in reverse, and what is kept of the resource; gives the failure to report.
pub(crate) async fn take_back(
    work: &Work<'_>,
    done: &[&Call],
    created: Option<&Created>,
    (draft, failure): (&Draft, Error),
) -> Error {
    let key = created.map(|created| &created.key);
    let sight =
        Sight { id: key, scim: &draft.new, record: &draft.record, old: None, kept: draft.kept.as_ref(), etag: None };
    let undos = done.iter().rev().filter_map(|call| Some((call.undo.as_deref()?, sight.scope(work))));
    let undos: Vec<_> = undos.collect();
    let failure = work.take_back(&undos, failure).await;
    if let Some(created) = created.filter(|_| !undos.is_empty())
        && let Err(error) = work.forget(&created.id).await
    {
        tracing::error!(%error, request.id = work.budget.trace.id, "kept values of a create that failed stay");
    }
    failure
}

/// The id of what a create call made: captured, in the answer, in the sent record, or by a look-up.
async fn identify(
    work: &Work<'_>,
    call: &Call,
    answer: &Answer,
    (draft, sent): (&Draft, &Value),
) -> Result<Created, Error> {
    let view = &work.kind.mapping.view;
    if let Some(captured) = work.got.get("id") {
        let no_id = || Error::answer(&call.label, "the captured id is no id");
        let id = captured_id(view, captured).ok_or_else(no_id)?;
        let key = view.encode_id(&id).ok_or_else(no_id)?;
        let shown = work.shown_by(call, answer, (&key, &id), (&draft.new, None));
        return Ok(Created { shown: shown.map(|shown| work.judged(shown, None)), key, id });
    }
    let item = if answer.body.is_empty() { None } else { answer.item(call).ok().flatten() };
    let in_answer = item.and_then(|item| {
        let record: Value = serde_json::from_str(&item).ok()?;
        let id = view.id(&record)?;
        let whole = view.is_whole(&record, &draft.new, Some(&id));
        let found = || work.judged(work.tagged(Found::both(answer.bytes_of(&item), record), answer), None);
        Some((id, whole.then(found)))
    });
    let (id, shown) = match in_answer {
        Some(known) => known,
        None => {
            if let Some(id) = view.id(sent) {
                (id, None)
            } else {
                let found = match work.find_created(&draft.new).await {
                    // Nothing can look for it.
                    Err(Error::Request(_)) => None,
                    found => found?,
                };
                let id = found.as_ref().and_then(Found::get).and_then(|record| view.id(record));
                let id = id.ok_or_else(|| Error::answer(&call.label, "the created resource's id cannot be learnt"))?;
                // A list's row lacks what other `get` calls bring.
                (id, found.filter(|_| work.kind.parts.is_empty()))
            }
        }
    };
    let key = view.encode_id(&id).ok_or_else(|| Error::answer(&call.label, "the answer's id is no id"))?;
    Ok(Created { key, id, shown })
}

/// The SCIM id of a captured one: as the upstream keeps it, or as a header spells it.
fn captured_id(view: &View, captured: &Value) -> Option<String> {
    let codecs = &view.rules.get(view.id)?.codecs;
    let decode = |value: &Value| codecs.decode(value).ok().and_then(|id| id.as_str().map(str::to_owned));
    let number = || captured.as_str().and_then(|text| text.parse().ok()).map(Value::Number);
    let text = || captured.as_str().map_or_else(|| captured.to_string(), str::to_owned);
    Some(decode(captured).or_else(|| decode(&number()?)).unwrap_or_else(text))
}

/// After a failed create call: where its outcome is unknown, finds out by `key` whether it was carried out, and repeats it once
/// where it was not. The inner `Err` is a record that was found to be ours.
///
/// # Errors
/// The failure itself; 409 when the key belongs to another record; [`Error::Unknown`] when it cannot be found out.
async fn probe(
    work: &Work<'_>,
    call: &Call,
    scope: &Scope<'_>,
    (draft, failure): (&Draft, Error),
) -> Result<Result<Answer, Created>, Error> {
    let Error::Upstream(failure) = failure else { return Err(failure) };
    if failure.outcome() != Outcome::Unknown {
        return Err(Error::Upstream(failure));
    }
    let waits = &work.bridge.settings.limits.settle;
    for wait in std::iter::once(&Duration::ZERO).chain(waits) {
        if *wait > work.left() {
            return Err(Error::Unknown(failure));
        }
        tokio::time::sleep(*wait).await;
        match work.find_created(&draft.new).await {
            Ok(None) => {}
            Ok(Some(found)) => return ours(work, call, &found, draft).map(Err),
            Err(_) => return Err(Error::Unknown(failure)),
        }
    }
    let again = match work.send(call, scope).await {
        Ok(answer) => return Ok(Ok(answer)),
        Err(Error::Upstream(again)) => again,
        Err(other) => return Err(other),
    };
    // "Is there already": the first try may have been carried out after we had looked.
    let there = matches!(again, upstream::Error::Answered { then: Then::Type(ErrorType::Uniqueness), .. });
    // A refusal of what was sent holds for the first try as well; one of the way there says nothing of it.
    let is_refused = matches!(again, upstream::Error::Answered { .. }) && again.outcome() == Outcome::NotDone;
    if is_refused && !there {
        return Err(Error::Upstream(again));
    }
    match work.find_created(&draft.new).await {
        Ok(Some(found)) => ours(work, call, &found, draft).map(Err),
        Ok(None) | Err(_) if there => Err(Error::Upstream(again)),
        Ok(None) | Err(_) if again.outcome() == Outcome::Unknown => Err(Error::Unknown(again)),
        Ok(None) | Err(_) => Err(Error::Unknown(failure)),
    }
}

/// A record found under our key is ours only if it shows every value that the call sent: a stranger's account is never taken
/// over. The key itself was compared already, as SCIM does.
fn ours(work: &Work<'_>, call: &Call, found: &Found, draft: &Draft) -> Result<Created, Error> {
    let mapping = &work.kind.mapping;
    let view = &mapping.view;
    let sent = view.read(&work.carried_by(&[call], draft)?);
    let read = found.get().map(|record| view.read(record)).unwrap_or_default();
    let brought_by_get = |index: &usize| work.kind.parts.iter().any(|part| part.rules.contains(index));
    let comparable = call.carries.iter().filter(|index| Some(**index) != mapping.key && !brought_by_get(index));
    let equal = comparable.filter_map(|index| view.rules.get(*index)).all(|rule| {
        let value = rule.value_in(&sent);
        value.is_none() || rule.is_same(value.as_ref(), rule.value_in(&read).as_ref())
    });
    let id = found.get().and_then(|record| view.id(record));
    match id.and_then(|id| Some((view.encode_id(&id)?, id))) {
        Some((key, id)) if equal => Ok(Created { key, id, shown: None }),
        _ => Err(scim::Error::uniqueness("a resource with this key exists already").into()),
    }
}
