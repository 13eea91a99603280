//! Calls and the upstream as written to compiled ones.

use http::header::ACCEPT;

use crate::mapping::call::{Batch, Call, Each, Purpose, Reads, Send, Source};
use crate::mapping::compile::call::place::Context;
use crate::mapping::compile::call::source::Paths;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{CallDocument, Format, Text, Tree, UpstreamDocument};
use crate::mapping::hole::{BodyTemplate, Hole, Template};
use crate::mapping::name::{Site, SiteText};
use crate::mapping::path::Path;
use crate::mapping::slot::SlottedPath;
use crate::mapping::view::View;

mod blind;
mod body;
mod carries;
mod count;
mod fit;
mod form;
mod line;
mod place;
mod reads;
mod row;
mod session;
mod sign;
mod sort;
mod source;
#[cfg(test)]
mod tests;
mod upstream;
mod xml;

pub(in crate::mapping::compile) use place::{check_kept, feeds};
pub use session::check_session;
pub use upstream::compile_upstream;

/// Compiles the calls of one operation of one type: templates, holes in scope at this place, conditions, sources, error rows,
/// and which rules each call carries. `purpose` is List, Get, Create, Update or Delete; `into` makes Part, `each` makes Add, Remove or Change.
pub fn compile_calls(
    calls: &[CallDocument],
    purpose: Purpose,
    view: &View,
    upstream: &UpstreamDocument,
    found: &mut Diagnostics,
) -> Vec<Call> {
    let mut compiled = Vec::with_capacity(calls.len());
    for (index, call) in calls.iter().enumerate() {
        let own = refine(call, purpose);
        let site = Site {
            purpose: Some(own),
            follows: index > 0,
            paged: call.items.is_some(),
            each: call.each.is_some(),
            text: SiteText::Request,
        };
        compiled.push(Compiler { view: Some(view), upstream, site, found: &mut *found }.call(call));
    }
    carries::assign(calls, &mut compiled, view, found);
    blind::assign(calls, &mut compiled, view, found);
    let compiled: Vec<_> = compiled.into_iter().flatten().collect();
    if purpose == Purpose::List && compiled.len() == calls.len() {
        fit::warn_of_unreachable(calls, &compiled, found);
    }
    compiled
}

/// The purpose of one call of an operation. The reader of the file lets no other words of `each` pass.
fn refine(call: &CallDocument, purpose: Purpose) -> Purpose {
    match (purpose, call.each.as_ref().map(|each| each.value.as_str()), &call.into) {
        (Purpose::Update, Some("added"), _) => Purpose::Add,
        (Purpose::Update, Some("removed"), _) => Purpose::Remove,
        (Purpose::Update, Some("changed"), _) => Purpose::Change,
        (Purpose::Get, _, Some(_)) => Purpose::Part,
        _ => purpose,
    }
}

/// Compiles one call at its site.
struct Compiler<'c> {
    /// The rules that filter holes name; a login has none.
    view: Option<&'c View>,
    upstream: &'c UpstreamDocument,
    site: Site,
    found: &'c mut Diagnostics,
}

impl Compiler<'_> {
    /// `None` when something without which there is no call is missing or wrong; everything else is reported and left out.
    fn call(&mut self, call: &CallDocument) -> Option<Call> {
        fit::check(call, self.site.purpose?, self.found);
        form::check(&call.form, self.found);
        xml::check_lists(call.xml_lists.as_deref().unwrap_or_default(), self.found);
        self.template(call)
    }

    /// The same without a look at keys that do not go together.
    fn template(&mut self, call: &CallDocument) -> Option<Call> {
        let purpose = self.site.purpose?;
        let Some(text) = call.call.as_ref().or(self.upstream.call.as_ref()) else {
            let finding = self.found.add(Code::E20, call.span.clone(), "this call has no `call`");
            finding.help("write `call = \"GET /users\"` here, or once for all in [upstream]");
            return None;
        };
        let line = line::compile(text, &mut self.context())?;
        let answer = self.answer(call)?;
        let xml = xml::reading(call, self.upstream, (self.view, &answer));
        let mut compiled = Call {
            label: line.label,
            origin: line.origin,
            path: line.path,
            query: self.query(line.query, call),
            headers: self.headers(call, xml.is_some()),
            body: self.body(call, purpose),
            format: call
                .format
                .as_ref()
                .or(self.upstream.format.as_ref())
                .map_or(Format::default(), |format| format.value),
            form: form::style(&call.form, &self.upstream.form),
            purpose,
            send: send(call, purpose, &line.method),
            drop: call.drop.iter().filter_map(|path| self.path(path)).collect(),
            add: self.add(call),
            item: answer.item,
            items: answer.items,
            into: call.into.as_ref().and_then(|path| self.path(path)),
            total: answer.total,
            counted: call.total.as_ref().and_then(|total| self.counted(total)).map(Box::new),
            next: answer.next,
            sorts: Vec::new(),
            page_first: call.page.first.or(self.upstream.page.first).unwrap_or(1),
            page_size: call.page.size.or(self.upstream.page.size).unwrap_or(100).max(1),
            complete: call.complete.as_ref().is_none_or(|complete| complete.value),
            carries: Vec::new(),
            specific: call.carries.is_some(),
            blind: None,
            each: each(purpose),
            batch: batch(call),
            before: self.before(call),
            when: call.when.as_ref().and_then(|when| row::condition(when, &mut self.context_of(SiteText::When))),
            capture: answer.capture,
            undo: call.undo.as_ref().and_then(|undo| self.undo(undo)).map(Box::new),
            idempotent: call.idempotent.unwrap_or_else(|| is_idempotent(purpose, &line.method)),
            etag: self.upstream.etag && matches!(purpose, Purpose::Update | Purpose::Delete),
            xml,
            errors: self.rows(call),
            filters: Vec::new(),
            slots: answer.slots,
            reads: Reads::default(),
            span: call.span.clone(),
            method: line.method,
        };
        self.complete(call, &mut compiled);
        Some(compiled)
    }

    /// Fills in what follows from the call as a whole, and reports what does not go together in it.
    fn complete(&mut self, call: &CallDocument, compiled: &mut Call) {
        reads::fill_in(compiled);
        body::check(call, compiled, self.view, self.found);
        if compiled.purpose == Purpose::List {
            sort::fill_in(call, compiled, self.view, self.found);
        }
        self.check_add(call, compiled);
    }

    /// Reports an `add` without a `{record}` that it could put fields into.
    fn check_add(&mut self, call: &CallDocument, compiled: &Call) {
        let sends = matches!(compiled.purpose, Purpose::Create | Purpose::Update);
        if sends && compiled.add.is_some() && !compiled.sent_holes().any(Hole::is_record) {
            let span = call.add.first().map_or(call.span.clone(), |(name, _)| name.span.clone());
            let finding =
                self.found.add(Code::E19, span, "`add` puts fields into `{record}`, which this call does not send");
            finding.help("write `body = \"{record}\"`, or the fields into `body`");
        }
    }

    fn context(&mut self) -> Context<'_> {
        self.context_of(SiteText::Request)
    }

    fn context_of(&mut self, text: SiteText) -> Context<'_> {
        Context { view: self.view, site: Site { text, ..self.site }, found: self.found }
    }

    /// The call's headers. One that may be answered in XML says so, unless somebody wrote what it says.
    fn headers(&mut self, call: &CallDocument, takes_xml: bool) -> Vec<(http::HeaderName, Template)> {
        let mut headers = line::headers(&call.headers, &mut self.context());
        let mut written = call.headers.iter().chain(&self.upstream.headers);
        if takes_xml && !written.any(|(name, _)| name.value.eq_ignore_ascii_case(ACCEPT.as_str())) {
            headers.extend(Template::parse("application/xml").ok().map(|xml| (ACCEPT, xml)));
        }
        headers
    }

    /// The call's parameters: those of its address, its own table, the upstream's. Which of the last a login gets depends on
    /// where it goes.
    fn query(&mut self, mut query: Vec<(String, Template)>, call: &CallDocument) -> Vec<(String, Template)> {
        query.extend(line::parameters(&call.query, &mut self.context()));
        if self.site.purpose == Some(Purpose::Login) {
            return query;
        }
        // What is wrong with the upstream's own is reported once, where it stands.
        let mut reported = Diagnostics::default();
        let mut context = Context { view: None, site: self.site, found: &mut reported };
        query.extend(line::parameters(&self.upstream.query, &mut context));
        query
    }

    /// The body, or the default. One with a fault is reported and left out.
    fn body(&mut self, call: &CallDocument, purpose: Purpose) -> Option<BodyTemplate> {
        match &call.body {
            Some(tree) => {
                place::check_tree(tree, &mut self.context());
                BodyTemplate::compile(tree, self.found)
            }
            None if matches!(purpose, Purpose::Create | Purpose::Update) && call.carries.is_none() => {
                Template::parse("{record}").ok().map(BodyTemplate::of)
            }
            None => None,
        }
    }

    /// `add`. One with a fault is reported and left out.
    fn add(&mut self, call: &CallDocument) -> Option<BodyTemplate> {
        if call.add.is_empty() {
            return None;
        }
        let tree = Tree::Table(call.add.clone());
        place::check_tree(&tree, &mut self.context());
        BodyTemplate::compile(&tree, self.found)
    }

    /// Where the call finds what it wants in its answer.
    fn answer(&mut self, call: &CallDocument) -> Option<Answer> {
        let mut slots = Vec::new();
        let mut paths = Paths { context: self.context_of(SiteText::Source), slots: &mut slots };
        let item = match &call.item {
            Some(path) => paths.path(path),
            None => Path::parse("$").ok(),
        };
        let items = call.items.as_ref().and_then(|path| paths.path(path));
        let total = call.total.as_ref().and_then(|total| paths.source(total, false));
        let next = call.next.as_ref().and_then(|next| paths.source(next, true));
        let capture = paths.captures(&call.capture);
        Some(Answer { item: item?, items, total, next, capture, slots })
    }

    fn path(&mut self, text: &Text) -> Option<Path> {
        source::path(text, self.found)
    }

    /// The calls that run before each run.
    fn before(&mut self, call: &CallDocument) -> Vec<Call> {
        let site = Site { purpose: Some(Purpose::Before), follows: true, paged: false, ..self.site };
        let mut compiler = Compiler { view: self.view, upstream: self.upstream, site, found: self.found };
        call.before.iter().filter_map(|before| compiler.call(before)).collect()
    }

    fn undo(&mut self, undo: &CallDocument) -> Option<Call> {
        let site = Site { purpose: Some(Purpose::Undo), follows: true, paged: false, ..self.site };
        Compiler { view: self.view, upstream: self.upstream, site, found: self.found }.call(undo)
    }

    /// The call's own rows, then the upstream's, whose faults are reported where they stand.
    fn rows(&mut self, call: &CallDocument) -> Vec<crate::mapping::call::ErrorRow> {
        let mut rows: Vec<_> = Vec::new();
        for document in &call.errors {
            rows.extend(row::compile(document, &mut self.context_of(SiteText::Row)));
        }
        if self.site.purpose == Some(Purpose::Login) {
            return rows;
        }
        let mut reported = Diagnostics::default();
        let mut context = Context { view: None, site: Site { text: SiteText::Row, ..self.site }, found: &mut reported };
        rows.extend(self.upstream.errors.iter().filter_map(|document| row::compile(document, &mut context)));
        rows
    }
}

/// What `{record}` is. The reader of the file lets no other words pass.
fn send(call: &CallDocument, purpose: Purpose, method: &http::Method) -> Send {
    match call.send.as_ref().map(|word| word.value.as_str()) {
        Some("mapped") => Send::Mapped,
        Some("whole") => Send::Whole,
        Some("changed") => Send::Changed,
        _ if purpose == Purpose::Create => Send::Mapped,
        _ if *method == http::Method::PUT => Send::Whole,
        _ => Send::Changed,
    }
}

/// Where a call finds what it wants in its answer.
struct Answer {
    item: Path,
    items: Option<Path>,
    total: Option<Source>,
    next: Option<Source>,
    capture: Vec<(String, Source)>,
    slots: Vec<SlottedPath>,
}

fn each(purpose: Purpose) -> Option<Each> {
    match purpose {
        Purpose::Add => Some(Each::Added),
        Purpose::Remove => Some(Each::Removed),
        Purpose::Change => Some(Each::Changed),
        Purpose::List
        | Purpose::Get
        | Purpose::Part
        | Purpose::Create
        | Purpose::Update
        | Purpose::Before
        | Purpose::Delete
        | Purpose::Undo
        | Purpose::Login => None,
    }
}

/// `batch` and `join`; a batch of one is none.
fn batch(call: &CallDocument) -> Option<Batch> {
    let size = call.batch.as_ref().map(|size| usize::try_from(size.value).unwrap_or(usize::MAX))?;
    (size > 1).then(|| Batch { size, join: call.join.as_ref().map(|join| join.value.clone()) })
}

fn is_idempotent(purpose: Purpose, method: &http::Method) -> bool {
    matches!(purpose, Purpose::List | Purpose::Get | Purpose::Part | Purpose::Before | Purpose::Login)
        || method.is_idempotent()
}
