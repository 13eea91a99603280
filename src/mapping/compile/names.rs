//! What a mapping asks of the settings: secrets and variables of the tenant.

use crate::mapping::document::Document;
use crate::mapping::hole::Template;
use crate::mapping::scope::Name;
use crate::mapping::source::Span;

/// Names with the first place of use, in file order.
pub(super) type Uses = Vec<(String, Span)>;

/// The secrets and the variables that the holes of a document name; `{tenant.name}` needs no definition.
pub(super) fn used(document: &Document) -> (Uses, Uses) {
    let (mut secrets, mut variables) = (Uses::new(), Uses::new());
    for text in document.templates() {
        // A template with a fault was reported where it was compiled.
        let Ok(template) = Template::parse(&text.value) else { continue };
        for hole in template.holes() {
            match &hole.name {
                Name::Secret(name) => secrets.push((name.clone(), text.within(&hole.range))),
                Name::Tenant(name) if name != "name" => variables.push((name.clone(), text.within(&hole.range))),
                Name::Tenant(_)
                | Name::Id
                | Name::Scim
                | Name::Record
                | Name::Old
                | Name::Kept
                | Name::Item
                | Name::Filter(..)
                | Name::Page
                | Name::Offset
                | Name::Count
                | Name::Last
                | Name::Cursor
                | Name::Sort(_)
                | Name::Got(_)
                | Name::Session(_)
                | Name::Status
                | Name::Header(_)
                | Name::Body
                | Name::OperationId
                | Name::Now(_)
                | Name::Uuid
                | Name::Random(_) => {}
            }
        }
    }
    (first_uses(secrets), first_uses(variables))
}

/// Each name once.
fn first_uses(mut uses: Uses) -> Uses {
    uses.sort_by_key(|(_, span)| span.start);
    let mut first = Uses::new();
    for (name, span) in uses {
        if first.iter().all(|(other, _)| *other != name) {
            first.push((name, span));
        }
    }
    first
}
