//! What clients can do with the attributes of a type, by the operations that it has.

use crate::mapping::view::View;
use crate::scim::schema::{Attribute, Mutability};

/// Lets the schema that clients see promise no more than the operations keep. What the bridge keeps and what other resources
/// hold needs no call.
pub(super) fn settle(view: &mut View, creates: bool, updates: bool) {
    let rules = &view.rules;
    let needs_call = |urn: Option<&str>, name: &str| {
        let without = rules.iter().filter(|rule| rule.is_kept() || rule.is_inverse());
        !without.map(|rule| &rule.target).any(|target| target.extension.as_deref() == urn && target.name == name)
    };
    let advertised = &mut view.advertised;
    let core = std::iter::once((None, &mut advertised.core.attributes));
    let extensions = advertised.extensions.iter_mut().map(|own| (Some(own.id.as_str()), &mut own.attributes));
    for (urn, attributes) in core.chain(extensions) {
        attributes.iter_mut().filter(|own| needs_call(urn, &own.name)).for_each(|own| limit(own, creates, updates));
    }
}

fn limit(attribute: &mut Attribute, creates: bool, updates: bool) {
    attribute.mutability = limited(attribute.mutability, creates, updates);
    attribute.sub_attributes.iter_mut().for_each(|part| limit(part, creates, updates));
}

/// The mutability that is left: without `update` what can be written is set at creation alone, without `create` too it is
/// read-only.
pub(in crate::mapping) fn limited(mutability: Mutability, creates: bool, updates: bool) -> Mutability {
    match mutability {
        Mutability::ReadOnly => Mutability::ReadOnly,
        mutability if updates => mutability,
        Mutability::ReadWrite | Mutability::WriteOnly | Mutability::Immutable if creates => Mutability::Immutable,
        Mutability::ReadWrite | Mutability::WriteOnly | Mutability::Immutable => Mutability::ReadOnly,
    }
}
