//! What a compiled call asks of its operation: filter terms, parts of the scope.

use crate::mapping::call::{Call, FilterHole, Reads};
use crate::mapping::condition::Condition;
use crate::mapping::hole::{BodyTemplate, Hole, Template};
use crate::mapping::scope::Name;

/// Fills in `filters` and `reads` from the call's holes and conditions, its undo's included.
pub(super) fn fill_in(call: &mut Call) {
    let (mut reads, mut filters) = (Reads::default(), Vec::<FilterHole>::new());
    for hole in holes(call) {
        note(&hole.name, &mut reads);
        reads.fields |= hole.name == Name::Record && !hole.is_record();
        if let Name::Filter(attribute, operator) = &hole.name {
            let same = |known: &&mut FilterHole| {
                known.operator == *operator && known.attribute.eq_ignore_ascii_case(attribute)
            };
            match filters.iter_mut().find(same) {
                Some(known) => known.optional &= hole.optional,
                None => filters.push(FilterHole {
                    attribute: attribute.clone(),
                    operator: *operator,
                    optional: hole.optional,
                }),
            }
        }
    }
    let conditions = call.when.iter().chain(call.errors.iter().map(|row| &row.when));
    for name in conditions.flat_map(Condition::names) {
        note(&name, &mut reads);
        reads.fields |= name == Name::Record;
    }
    if let Some(undo) = &call.undo {
        reads.scim |= undo.reads.scim;
        reads.drawn |= undo.reads.drawn;
        reads.old |= undo.reads.old;
        reads.record |= undo.reads.record;
        reads.fields |= undo.reads.fields;
    }
    call.filters = filters;
    call.reads = reads;
}

/// All holes of what a call sends, and of its rows' texts.
pub(super) fn holes(call: &Call) -> impl Iterator<Item = &Hole> {
    let address = call.path.holes().chain(call.query.iter().flat_map(|(_, template)| template.holes()));
    let headers = call.headers.iter().flat_map(|(_, template)| template.holes());
    let body = call.body.iter().flat_map(BodyTemplate::holes);
    let details = call.errors.iter().filter_map(|row| row.detail.as_ref()).flat_map(Template::holes);
    address.chain(headers).chain(body).chain(details)
}

fn note(name: &Name, reads: &mut Reads) {
    match name {
        Name::Scim => reads.scim = true,
        Name::Old => reads.old = true,
        Name::Record => reads.record = true,
        Name::Page => reads.page = true,
        Name::Offset | Name::Last => reads.offset = true,
        Name::Count => reads.count = true,
        Name::Cursor => reads.cursor = true,
        Name::Session(_) => reads.session = true,
        Name::OperationId | Name::Now(_) | Name::Uuid | Name::Random(_) => reads.drawn = true,
        Name::Id
        | Name::Kept
        | Name::Item
        | Name::Filter(..)
        | Name::Got(_)
        | Name::Secret(_)
        | Name::Status
        | Name::Header(_)
        | Name::Body
        | Name::Tenant(_) => {}
    }
}
