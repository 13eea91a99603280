//! A resource type cut down to what a mapping maps.

use super::{Attribute, Kind, Mutability, Place, ResourceSchema, Returned, Schema};
use crate::scim::AttributePath;

impl ResourceSchema {
    /// This resource type with exactly the mapped attributes, each with the mutability given beside its path.
    ///
    /// A path to a sub-attribute keeps that sub-attribute and those that its value filter names (`type`, and `primary`
    /// with any value filter); a path to a whole complex attribute keeps all of it, unless other paths name its
    /// sub-attributes. Several paths to one place give it the most permissive mutability. A complex attribute is read-only
    /// iff all of its kept parts are. An extension is kept iff something in it is. Paths that name nothing here are
    /// passed over; `id`, `schemas` and `meta` are always there.
    #[must_use]
    pub fn only(&self, mapped: &[(AttributePath, Mutability)]) -> Self {
        let kept = |schema: &Schema| {
            let attributes = schema.attributes.iter().filter_map(|attribute| self.prune(attribute, mapped)).collect();
            Schema { attributes, ..schema.clone() }
        };
        let extensions =
            self.extensions.iter().map(kept).filter(|extension| !extension.attributes.is_empty()).collect();
        Self { core: kept(&self.core), extensions, ..self.clone() }
    }

    fn prune(&self, attribute: &Attribute, mapped: &[(AttributePath, Mutability)]) -> Option<Attribute> {
        let here = |place: Place<'_>| std::ptr::eq(place.attribute, attribute);
        let mapped: Vec<_> = mapped.iter().filter(|(path, _)| self.place(path).is_some_and(here)).collect();
        if mapped.is_empty() {
            return None;
        }
        let whole = mapped.iter().filter(|(path, _)| path.sub.is_none()).map(|(_, mutability)| *mutability);
        let whole = whole.reduce(Mutability::or);
        let mut kept = attribute.clone();
        if kept.kind == Kind::Complex {
            kept.sub_attributes = prune_parts(attribute, &mapped, whole);
        }
        if let Some(mutability) = whole {
            kept.mutability = mutability;
        }
        if !kept.sub_attributes.is_empty() && kept.sub_attributes.iter().all(is_read_only) {
            kept.mutability = Mutability::ReadOnly;
        }
        if kept.mutability == Mutability::WriteOnly {
            kept.returned = Returned::Never;
        }
        Some(kept)
    }
}

/// The parts that stay: named by a path (with its mutability), by a value filter, or all where the whole is mapped alone.
fn prune_parts(
    attribute: &Attribute,
    mapped: &[&(AttributePath, Mutability)],
    whole: Option<Mutability>,
) -> Vec<Attribute> {
    let parts_named = mapped.iter().any(|(path, _)| path.sub.is_some());
    let all_read_only = mapped.iter().all(|(_, mutability)| *mutability == Mutability::ReadOnly);
    let part = |sub: &Attribute| {
        let named = mapped.iter().filter(|(path, _)| path.sub.as_ref().is_some_and(|name| is(sub, name)));
        let mut kept = sub.clone();
        if let Some(mutability) = named.map(|(_, mutability)| *mutability).reduce(Mutability::or) {
            kept.mutability = mutability;
        } else if whole.is_some() && !parts_named || mapped.iter().any(|(path, _)| is_set_by_filter(sub, path)) {
            if all_read_only {
                kept.mutability = Mutability::ReadOnly;
            }
        } else {
            return None;
        }
        Some(kept)
    };
    attribute.sub_attributes.iter().filter_map(part).collect()
}

fn is_read_only(attribute: &Attribute) -> bool {
    attribute.mutability == Mutability::ReadOnly
}

fn is(attribute: &Attribute, name: &str) -> bool {
    attribute.name.eq_ignore_ascii_case(name)
}

fn is_set_by_filter(sub: &Attribute, path: &AttributePath) -> bool {
    let Some(filter) = &path.filter else {
        return false;
    };
    is(sub, "primary") || filter.equalities().is_some_and(|terms| terms.iter().any(|(path, _)| is(sub, &path.name)))
}
