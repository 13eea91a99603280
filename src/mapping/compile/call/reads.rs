//! What a compiled call asks of its operation: filter terms, parts of the scope.

use crate::mapping::call::{Call, FilterHole, Reads};
use crate::mapping::condition::Condition;
use crate::mapping::hole::{Hole, Template};
use crate::mapping::scope::Name;
use crate::mapping::slot::SlottedPath;

/// Fills in `filters` and `reads` from the call's holes and conditions, its undo's and `before`'s included.
pub(super) fn fill_in(call: &mut Call) {
    let (mut reads, mut filters) = (Reads::default(), Vec::<FilterHole>::new());
    let of_answer = call.slots.iter().flat_map(SlottedPath::holes);
    for hole in call.sent_holes().chain(details(call)).chain(of_answer) {
        note(&hole.name, &mut reads);
        reads.fields |= hole.name == Name::Record && !hole.is_record();
        reads.sort |= matches!(hole.name, Name::Sort(_)) && !hole.optional;
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
    for other in call.undo.as_deref().into_iter().chain(&call.before) {
        reads.scim |= other.reads.scim;
        reads.drawn |= other.reads.drawn;
        reads.operation_id |= other.reads.operation_id;
        reads.old |= other.reads.old;
        reads.record |= other.reads.record;
        reads.fields |= other.reads.fields;
    }
    call.filters = filters;
    call.reads = reads;
}

/// The holes of its rows' texts.
fn details(call: &Call) -> impl Iterator<Item = &Hole> {
    call.errors.iter().filter_map(|row| row.detail.as_ref()).flat_map(Template::holes)
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
        Name::OperationId => reads.operation_id = true,
        Name::Now(_) | Name::Uuid | Name::Random(_) => reads.drawn = true,
        Name::Id
        | Name::Kept
        | Name::Item
        | Name::Filter(..)
        | Name::Sort(_)
        | Name::Got(_)
        | Name::Secret(_)
        | Name::Status
        | Name::Header(_)
        | Name::Body
        | Name::Tenant(_) => {}
    }
}
