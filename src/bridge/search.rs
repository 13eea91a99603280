//! Lists with a filter: asked of the upstream where a call can carry it, the rest decided here over a bounded walk.

use std::borrow::Cow;

use serde_json::Value;

use crate::bridge::Error;
use crate::bridge::collect::Collector;
use crate::bridge::fetch::{Found, Parts, Wanted};
use crate::bridge::list::Listed;
use crate::bridge::operation::ListQuery;
use crate::bridge::pages::Pages;
use crate::bridge::terms::{self, Address, Push, Term};
use crate::bridge::work::Work;
use crate::mapping::scope::Scope;
use crate::mapping::{Call, Rule};
use crate::scim::compare::fold;
use crate::scim::filter::Filter;
use crate::scim::sort::Key;
use crate::scim::{self, AttributePath, Projection, Resource, Sort};

/// Branches of a top-level `or` that are asked one by one, at most.
const BRANCHES: usize = 10;

/// One question to the upstream: a list call and the values of its filter holes.
#[derive(Debug)]
struct Question<'a> {
    call: &'a Call,
    terms: Vec<Term>,
}

impl Question<'_> {
    /// Whether it asks for less than everything.
    fn narrows(&self) -> bool {
        !self.terms.is_empty()
    }
}

/// How a filter is answered.
#[derive(Debug)]
enum Way<'a> {
    /// No resource can match.
    Nowhere,
    /// One resource can match.
    One(Address<'a>),
    /// Resources can match of which the bridge keeps this value.
    Kept(&'a Rule, String),
    /// The union of these questions.
    Ask(Vec<Question<'a>>),
}

/// What a search is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sought<'a> {
    /// What the resources must satisfy.
    pub(crate) filter: Option<&'a Filter>,
    /// Their order.
    pub(crate) sort: Option<&'a Sort>,
}

impl<'a> Sought<'a> {
    /// A filter that looks at all that must be known of a record.
    fn needs(&self) -> Option<Cow<'a, Filter>> {
        let sort = self.sort.map(|sort| Filter::Present(AttributePath { filter: None, sub: None, ..sort.by.clone() }));
        match (self.filter, sort) {
            (filter, None) => filter.map(Cow::Borrowed),
            (None, Some(sort)) => Some(Cow::Owned(sort)),
            (Some(filter), Some(sort)) => Some(Cow::Owned(Filter::And(vec![filter.clone(), sort]))),
        }
    }
}

impl Sought<'_> {
    /// Why so many records cannot be read, where it is for their order alone.
    fn explained(&self, work: &Work<'_>, refusal: Error) -> Error {
        let Some(sort) = self.sort.filter(|_| self.filter.is_none()) else { return refusal };
        let scan = work.bridge.settings.limits.scan;
        let detail = format!(
            "the application cannot sort by `{}`, and there are more than {scan} records to be read for it: leave `sortBy` \
             out, or ask with a filter that the application can search by",
            sort.by
        );
        scim::Error::too_many(detail).into()
    }
}

/// Answers a list with a filter or an order.
///
/// # Errors
/// 400 `tooMany` beyond `limits.scan`, 400 `invalidFilter` where nothing can answer it, or whatever the upstream answers.
pub(crate) async fn search(
    work: &Work<'_>,
    query: &ListQuery,
    sought: Sought<'_>,
    before: usize,
) -> Result<Listed, Error> {
    let needs = sought.needs();
    let mut collected = Collector::new(work.kind, &query.projection, (before, query.count)).needing(needs.as_deref());
    if let Some(filter) = sought.filter {
        collected = collected.filtered(filter);
    }
    if let Some(sort) = sought.sort {
        collected = collected.ordered(sort);
    }
    gather(work, sought, (&mut collected, &mut 0)).await?;
    Ok(Listed::of(collected, before))
}

/// The resources that are sought, in the upstream's order: what each is ordered by, and its text. `read` counts the records
/// that were read for it, and for whatever was sought before.
///
/// # Errors
/// As for [`search`].
pub(crate) async fn keyed(
    work: &Work<'_>,
    projection: &Projection,
    (filter, sort): (Option<&Filter>, &Sort),
    read: &mut usize,
) -> Result<Vec<(Key, Vec<u8>)>, Error> {
    let sought = Sought { filter, sort: Some(sort) };
    let needs = sought.needs();
    let mut collected = Collector::new(work.kind, projection, (0, 0)).needing(needs.as_deref()).ordered(sort);
    if let Some(filter) = filter {
        collected = collected.filtered(filter);
    }
    gather(work, sought, (&mut collected, read)).await?;
    collected.report();
    Ok(collected.into_ordered())
}

/// Collects the resources that are sought.
async fn gather(
    work: &Work<'_>,
    sought: Sought<'_>,
    (collected, read): (&mut Collector<'_>, &mut usize),
) -> Result<(), Error> {
    let way = match sought.filter {
        Some(filter) => way(work, filter)?,
        None => everything(work)?,
    };
    match way {
        Way::Nowhere => {}
        Way::One(address) => {
            if let Some(found) = Box::pin(work.find_one(address, collected.parts())).await? {
                found.record().into_iter().for_each(|record| collected.take(record));
            }
        }
        Way::Kept(rule, text) => {
            let ids = work.kept_by(rule, &text).await?;
            for found in work.each_id(work.keyed(ids), collected.parts()).await? {
                found.record().into_iter().for_each(|record| collected.take(record));
            }
        }
        Way::Ask(questions) => {
            for question in &questions {
                ask(work, question, sought, (collected, read)).await?;
            }
        }
    }
    if collected.matched == 0
        && let Some(key) = sought.filter.and_then(|filter| work.key_in(filter))
        && let Some(found) = work.fetch_fresh(key, collected.parts()).await?
    {
        found.record().into_iter().for_each(|record| collected.take(record));
    }
    Ok(())
}

/// Chooses how to answer: by id, by what the bridge keeps, by the list call that takes most of the filter, by the branches of an
/// `or`, or by a walk.
fn way<'a>(work: &Work<'a>, filter: &'a Filter) -> Result<Way<'a>, Error> {
    let view = &work.kind.mapping.view;
    if terms::is_impossible(filter, view) {
        return Ok(Way::Nowhere);
    }
    let conjuncts = terms::conjuncts(filter);
    match terms::addresses(conjuncts, view) {
        // Without a `get`, a key is searched for like any other attribute.
        Some(Address::Key { .. }) if work.kind.mapping.get.is_empty() => {}
        Some(address) => return Ok(Way::One(address)),
        None => {}
    }
    if let Some((rule, text)) = terms::kept(conjuncts, view).filter(|_| !work.kind.mapping.get.is_empty()) {
        return Ok(Way::Kept(rule, text));
    }
    match choose(work, conjuncts) {
        Choice::Nothing => return Ok(Way::Nowhere),
        Choice::Ask(questions) if questions.iter().all(Question::narrows) => return Ok(Way::Ask(questions)),
        Choice::Ask(_) | Choice::Unusable => {}
    }
    if let Filter::Or(branches) = filter
        && branches.len() <= BRANCHES
        && let Some(questions) = union(work, branches)
    {
        return Ok(Way::Ask(questions));
    }
    everything(work)
}

/// The walk over all records.
fn everything<'a>(work: &Work<'a>) -> Result<Way<'a>, Error> {
    let plain = work.kind.mapping.list.iter().find(|call| call.is_plain());
    match plain {
        Some(call) => {
            if work.bridge.settings.limits.scan == 0 {
                return Err(cannot());
            }
            Ok(Way::Ask(vec![Question { call, terms: Vec::new() }]))
        }
        None if work.kind.mapping.list.is_empty() && work.kind.mapping.get.is_empty() => {
            Err(work.kind.unsupported("list"))
        }
        None => Err(cannot()),
    }
}

fn cannot() -> Error {
    scim::Error::invalid_filter("the application cannot search by this filter").into()
}

/// What the list calls make of terms that all must hold.
#[derive(Debug)]
enum Choice<'a> {
    /// No call is usable.
    Unusable,
    /// No record can match.
    Nothing,
    /// The usable call with most filter holes filled; several questions where the upstream heeds case and SCIM does not.
    Ask(Vec<Question<'a>>),
}

/// Chooses a list call for terms that all must hold.
fn choose<'a>(work: &Work<'a>, conjuncts: &[Filter]) -> Choice<'a> {
    let mut best: Option<(&Call, Vec<Vec<Term>>)> = None;
    let filled = |sets: &[Vec<Term>]| sets.first().map_or(0, Vec::len);
    for call in &work.kind.mapping.list {
        match terms::push(call, conjuncts, &work.kind.mapping.view) {
            Push::Unusable => {}
            Push::Nothing => return Choice::Nothing,
            Push::Terms(sets) => {
                if best.as_ref().is_none_or(|(_, best)| filled(&sets) > filled(best)) {
                    best = Some((call, sets));
                }
            }
        }
    }
    let questions = best.map(|(call, sets)| sets.into_iter().map(|terms| Question { call, terms }).collect::<Vec<_>>());
    questions.map_or(Choice::Unusable, Choice::Ask)
}

/// One question per branch of an `or`, where every branch can be asked.
fn union<'a>(work: &Work<'a>, branches: &[Filter]) -> Option<Vec<Question<'a>>> {
    let mut questions = Vec::new();
    for branch in branches {
        if terms::is_impossible(branch, &work.kind.mapping.view) {
            continue;
        }
        match choose(work, terms::conjuncts(branch)) {
            Choice::Nothing => {}
            Choice::Ask(asked) if asked.iter().all(Question::narrows) => questions.extend(asked),
            Choice::Ask(_) | Choice::Unusable => return None,
        }
    }
    Some(questions)
}

/// Walks all pages of one question.
async fn ask(
    work: &Work<'_>,
    question: &Question<'_>,
    sought: Sought<'_>,
    (collected, read): (&mut Collector<'_>, &mut usize),
) -> Result<(), Error> {
    let call = question.call;
    let scope = Scope { filter: &question.terms, ..work.scope() };
    let reading = collected.reading(work, call);
    let mut pages = Pages::new(call);
    while let Some(answer) = pages.read(work, &scope).await? {
        let items = answer.items(call)?;
        pages.advance(work, &answer, &items)?;
        *read += items.len();
        // One answer is never cut: the bound is on going on reading.
        if !pages.ended {
            work.bound(*read + 1).map_err(|refusal| sought.explained(work, refusal))?;
        }
        work.take((call, reading), &items, collected).await?;
    }
    Ok(())
}

impl Work<'_> {
    /// The record that an address leads to, if any.
    async fn find_one(&self, address: Address<'_>, parts: Parts<'_>) -> Result<Option<Found>, Error> {
        let (rule, text) = match address {
            Address::Id(id) => {
                return match self.kind.mapping.view.encode_id(id) {
                    Some(key) => self.fetch(&key, id, parts).await,
                    None => Ok(None),
                };
            }
            Address::Key { rule, text } => (&self.kind.mapping.view.rules[rule], text),
        };
        let Some(key) = rule.encode(text) else { return Ok(None) };
        let found = self.fetch_wanted(&key, Wanted::Key, parts).await?;
        if found.is_some() || rule.attribute.case_exact {
            return Ok(found);
        }
        // The attribute is compared without regard to case, the upstream may take its ids as they stand: most keep them folded.
        let folded = rule.encode(&Value::from(fold(text.as_str().unwrap_or_default())));
        match folded.filter(|folded| *folded != key) {
            Some(folded) => self.fetch_wanted(&folded, Wanted::Key, parts).await,
            None => Ok(None),
        }
    }

    /// The record whose key is that of `resource`, a hidden one if no other; `None` when there is none.
    ///
    /// # Errors
    /// Whatever the upstream answers; 400 where it cannot be searched for.
    pub(crate) async fn find_existing(&self, resource: &Resource) -> Result<Option<Found>, Error> {
        let all = Work { sees_hidden: true, ..self.aside() };
        if let Some(found) = all.find_by_key(resource).await? {
            return Ok(Some(found));
        }
        let key = self.kind.mapping.key.and_then(|index| self.kind.mapping.view.rules.get(index));
        match key.and_then(|rule| rule.value_in(resource)) {
            Some(key) => all.fetch_fresh(&key, Parts::For(&Projection::Default)).await,
            None => Ok(None),
        }
    }

    /// The record that a create made, or may have made, by its key.
    ///
    /// # Errors
    /// As above. A key that only the bridge keeps cannot be searched for: of what was just made nothing is kept yet, so whatever
    /// has the key is another one.
    pub(crate) async fn find_created(&self, resource: &Resource) -> Result<Option<Found>, Error> {
        let key = self.kind.mapping.key.and_then(|index| self.kind.mapping.view.rules.get(index));
        if key.is_some_and(Rule::is_kept) { Err(cannot()) } else { self.find_by_key(resource).await }
    }

    /// [`find_existing`](Self::find_existing), of the records that SCIM sees.
    async fn find_by_key(&self, resource: &Resource) -> Result<Option<Found>, Error> {
        let view = &self.kind.mapping.view;
        let rule = self.kind.mapping.key.and_then(|index| view.rules.get(index));
        let filter = rule.and_then(|rule| terms::key_filter(rule, resource)).ok_or_else(cannot)?;
        let questions = match way(self, &filter)? {
            Way::Nowhere => return Ok(None),
            Way::One(address) => {
                let Some(found) = self.find_one(address, Parts::For(&Projection::Default)).await? else {
                    return Ok(None);
                };
                return Ok(self.satisfies(&found, &filter).then_some(found));
            }
            Way::Kept(rule, text) => {
                let ids = self.kept_by(rule, &text).await?;
                let parts = Parts::For(&Projection::Default);
                let mut found = self.each_id(self.keyed(ids), parts).await?;
                found.retain(|found| self.satisfies(found, &filter));
                let visible = found.iter().position(|found| !self.is_hidden(found)).unwrap_or_default();
                return Ok((!found.is_empty()).then(|| found.swap_remove(visible)));
            }
            Way::Ask(questions) => questions,
        };
        let mut hidden = None;
        for question in &questions {
            match self.find_in_answers(question, &filter).await? {
                Some(found) if self.is_hidden(&found) => hidden = hidden.or(Some(found)),
                Some(found) => return Ok(Some(found)),
                None => {}
            }
        }
        Ok(hidden.filter(|_| self.sees_hidden))
    }

    /// The first record among the answers to a question that a filter matches; a hidden one if no other.
    async fn find_in_answers(&self, question: &Question<'_>, filter: &Filter) -> Result<Option<Found>, Error> {
        let scope = Scope { filter: &question.terms, ..self.scope() };
        let mut pages = Pages::new(question.call);
        let (mut read, mut hidden) = (0, None);
        while let Some(answer) = pages.read(self, &scope).await? {
            let items = answer.items(question.call)?;
            pages.advance(self, &answer, &items)?;
            read += items.len();
            for item in &items {
                let Some(found) = self.whole(question.call, item).await? else { continue };
                if !self.satisfies(&found, filter) {
                    continue;
                }
                if !self.is_hidden(&found) {
                    return Ok(Some(found));
                }
                hidden = hidden.or(Some(found));
            }
            if !pages.ended {
                self.bound(read + 1)?;
            }
        }
        Ok(hidden)
    }

    fn satisfies(&self, found: &Found, filter: &Filter) -> bool {
        let view = &self.kind.mapping.view;
        found.get().is_some_and(|record| filter.matches(&view.read_with(record, found.kept()), &view.schema))
    }

    /// The record of a list's item: itself, or what its id leads to where items are stubs.
    async fn whole(&self, call: &Call, item: &str) -> Result<Option<Found>, Error> {
        if call.complete {
            let Some(record) = self.kind.parse(item) else { return Ok(None) };
            let found = Found::value(record);
            return if self.kind.keeps() { self.with_kept(found).await.map(Some) } else { Ok(Some(found)) };
        }
        match self.stub_id(call, item) {
            Some((key, id)) => self.fetch(&key, &id, Parts::For(&Projection::Default)).await,
            None => Ok(None),
        }
    }
}
