//! `total` from a call of its own.

use crate::mapping::call::{Counted, Purpose, Source};
use crate::mapping::compile::call::Compiler;
use crate::mapping::compile::call::place::{self, Context};
use crate::mapping::compile::call::source::Paths;
use crate::mapping::document::{CallDocument, SourceDocument};
use crate::mapping::hole::Template;
use crate::mapping::name::{Site, SiteText};
use crate::mapping::path::Path;
use crate::mapping::scope::Name;

impl Compiler<'_> {
    /// The call that counts, if the total comes from one. It counts all records: nothing of a page or a filter is in it.
    pub(super) fn counted(&mut self, total: &SourceDocument) -> Option<Counted> {
        let SourceDocument::Call { call: line, source } = total else { return None };
        let document = CallDocument { span: line.span.clone(), call: Some(line.clone()), ..CallDocument::default() };
        let site =
            Site { purpose: Some(Purpose::List), follows: false, paged: false, each: false, text: SiteText::Request };
        let mut compiler = Compiler { view: self.view, upstream: self.upstream, site, found: &mut *self.found };
        let mut call = compiler.template(&document)?;
        for hole in call.sent_holes().filter(|hole| is_of_a_page(&hole.name)) {
            // The holes' ranges are those of the parts of the line: the names are looked up in the whole of it.
            let whole = Template::parse(&line.value).ok();
            let place = whole.as_ref().and_then(|whole| whole.holes().find(|other| other.text == hole.text));
            let Some(place) = place else { continue };
            let mut context = Context { view: self.view, site, found: &mut *self.found };
            place::misplaced(&hole.name, line, &place.range, &mut context);
        }
        let at = match source {
            Some(source) => {
                let context =
                    Context { view: self.view, site: Site { text: SiteText::Source, ..site }, found: &mut *self.found };
                Paths { context, slots: &mut call.slots }.source(source, false)?
            }
            None => Source::Body(Path::parse("$").ok()?),
        };
        Some(Counted { call, at })
    }
}

fn is_of_a_page(name: &Name) -> bool {
    matches!(
        name,
        Name::Filter(..) | Name::Page | Name::Offset | Name::Count | Name::Last | Name::Cursor | Name::Sort(_)
    )
}
