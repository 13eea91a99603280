//! Lists with a filter: asked of the upstream where a call can carry it, the rest decided here over a bounded walk.

use crate::bridge::Error;
use crate::bridge::collect::Collector;
use crate::bridge::fetch::{Found, Parts};
use crate::bridge::list::frame;
use crate::bridge::operation::{ListQuery, Reply};
use crate::bridge::pages::Pages;
use crate::bridge::terms::{self, Push, Term};
use crate::bridge::work::Work;
use crate::mapping::Call;
use crate::mapping::scope::Scope;
use crate::scim::filter::Filter;
use crate::scim::{self, Projection, Resource};

/// Branches of a top-level `or` that are asked one by one, at most.
const BRANCHES: usize = 10;

/// One question to the upstream: a list call and the values of its filter holes.
#[derive(Debug)]
struct Question<'a> {
    call: &'a Call,
    terms: Vec<Term>,
}

/// How a filter is answered.
#[derive(Debug)]
enum Way<'a> {
    /// No resource can match.
    Nowhere,
    /// One resource can match: the one with this id.
    One(&'a str),
    /// The union of these questions.
    Ask(Vec<Question<'a>>),
}

/// Answers a list with a filter.
///
/// # Errors
/// 400 `tooMany` beyond `limits.scan`, 400 `invalidFilter` where nothing can answer it, or whatever the upstream answers.
pub(crate) async fn search(work: &Work<'_>, query: &ListQuery, filter: &Filter) -> Result<Reply, Error> {
    let window = (query.start_index - 1, query.count);
    let mut collected = Collector::new(work.kind, &query.projection, window).filtered(filter);
    match way(work, filter)? {
        Way::Nowhere => {}
        Way::One(id) => {
            if let Some(found) = work.find_one(id, &query.projection).await? {
                found.record().into_iter().for_each(|record| collected.take(record));
            }
        }
        Way::Ask(questions) => {
            let mut read = 0;
            for question in &questions {
                ask(work, question, (query, filter), (&mut collected, &mut read)).await?;
            }
        }
    }
    let total = collected.matched;
    Ok(frame(&collected, total, query.start_index))
}

/// Chooses how to answer: by id, by the list call that takes most of the filter, by the branches of an `or`, or by a walk.
fn way<'a>(work: &Work<'a>, filter: &'a Filter) -> Result<Way<'a>, Error> {
    let view = &work.kind.mapping.view;
    if terms::is_impossible(filter, view) {
        return Ok(Way::Nowhere);
    }
    let conjuncts = terms::conjuncts(filter);
    if let Some(id) = terms::addresses(conjuncts, view) {
        return Ok(Way::One(id));
    }
    match question(work, conjuncts) {
        Some(None) => return Ok(Way::Nowhere),
        Some(Some(question)) if !question.terms.is_empty() => return Ok(Way::Ask(vec![question])),
        Some(Some(_)) | None => {}
    }
    if let Filter::Or(branches) = filter
        && branches.len() <= BRANCHES
        && let Some(questions) = union(work, branches)
    {
        return Ok(Way::Ask(questions));
    }
    let plain = work.kind.mapping.list.iter().find(|call| call.filters.iter().all(|hole| hole.optional));
    match plain {
        Some(call) => {
            work.bound(0)?;
            Ok(Way::Ask(vec![Question { call, terms: Vec::new() }]))
        }
        None if work.kind.mapping.list.is_empty() && work.kind.mapping.get.is_empty() => {
            Err(work.kind.unsupported("list"))
        }
        None => Err(scim::Error::invalid_filter("the application cannot search by this filter").into()),
    }
}

/// The usable call with most filter holes filled: `None` when no call is usable, `Some(None)` when no record can match.
fn question<'a>(work: &Work<'a>, conjuncts: &[Filter]) -> Option<Option<Question<'a>>> {
    let mut best: Option<Question<'a>> = None;
    for call in &work.kind.mapping.list {
        match terms::push(call, conjuncts, &work.kind.mapping.view) {
            Push::Unusable => {}
            Push::Nothing => return Some(None),
            Push::Terms(terms) => {
                if best.as_ref().is_none_or(|best| terms.len() > best.terms.len()) {
                    best = Some(Question { call, terms });
                }
            }
        }
    }
    best.map(Some)
}

/// One question per branch of an `or`, where every branch can be asked.
fn union<'a>(work: &Work<'a>, branches: &[Filter]) -> Option<Vec<Question<'a>>> {
    let mut questions = Vec::new();
    for branch in branches {
        if terms::is_impossible(branch, &work.kind.mapping.view) {
            continue;
        }
        match question(work, terms::conjuncts(branch))? {
            None => {}
            Some(question) if question.terms.is_empty() => return None,
            Some(question) => questions.push(question),
        }
    }
    Some(questions)
}

/// Walks all pages of one question.
async fn ask(
    work: &Work<'_>,
    question: &Question<'_>,
    (query, filter): (&ListQuery, &Filter),
    (collected, read): (&mut Collector<'_>, &mut usize),
) -> Result<(), Error> {
    let call = question.call;
    let scope = Scope { filter: &question.terms, ..work.scope() };
    let each = work.needs_each(call, &query.projection, Some(filter));
    let mut pages = Pages::new(call);
    while let Some(answer) = pages.read(work, &scope).await? {
        let items = answer.items(call)?;
        pages.advance(work, &answer, &items)?;
        *read += items.len();
        // One answer is never cut: the bound is on going on reading.
        if !pages.ended {
            work.bound(*read + 1)?;
        }
        if each {
            for found in work.each_item(call, &items, &query.projection).await? {
                found.record().into_iter().for_each(|record| collected.take(record));
            }
        } else {
            items.iter().for_each(|item| collected.take((*item).into()));
        }
    }
    Ok(())
}

impl Work<'_> {
    /// The record with this id, if any.
    async fn find_one(&self, id: &str, projection: &Projection) -> Result<Option<Found>, Error> {
        match self.kind.mapping.view.encode_id(id) {
            Some(key) => self.fetch(&key, id, Parts::For(projection)).await,
            None => Ok(None),
        }
    }

    /// The record whose key is that of `resource`; `None` when there is none.
    ///
    /// # Errors
    /// Whatever the upstream answers; 400 where it cannot be searched for.
    pub(crate) async fn find_by_key(&self, resource: &Resource) -> Result<Option<Found>, Error> {
        let view = &self.kind.mapping.view;
        let rule = self.kind.mapping.key.and_then(|index| view.rules.get(index));
        let cannot = || Error::from(scim::Error::invalid_filter("the application cannot search by the key"));
        let filter = rule.and_then(|rule| terms::key_filter(rule, resource)).ok_or_else(cannot)?;
        let question = match way(self, &filter)? {
            Way::Nowhere => return Ok(None),
            Way::One(id) => return self.find_one(id, &Projection::Default).await,
            Way::Ask(mut questions) => questions.pop().ok_or_else(cannot)?,
        };
        let scope = Scope { filter: &question.terms, ..self.scope() };
        let mut pages = Pages::new(question.call);
        let mut read = 0;
        while let Some(answer) = pages.read(self, &scope).await? {
            let items = answer.items(question.call)?;
            pages.advance(self, &answer, &items)?;
            read += items.len();
            let found = if self.needs_each(question.call, &Projection::Default, Some(&filter)) {
                self.each_item(question.call, &items, &Projection::Default).await?
            } else {
                let records = items.iter().filter_map(|item| serde_json::from_str(item.get()).ok());
                records.map(Found::value).collect()
            };
            let is_it =
                |found: &Found| found.get().is_some_and(|record| filter.matches(&view.read(record), &view.schema));
            if let Some(found) = found.into_iter().find(is_it) {
                return Ok(Some(found));
            }
            if !pages.ended {
                self.bound(read + 1)?;
            }
        }
        Ok(None)
    }
}
