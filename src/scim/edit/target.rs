//! What the path of an operation, or a key of a value without path, is to the bridge.

use crate::scim::schema::{Attribute, Located, Mutability, Place, Returned, Schema, is_fixed};
use crate::scim::{AttributePath, Error, Filter, ResourceSchema};

/// What a path names.
pub(super) enum Resolved<'a> {
    /// `id`, `meta`, `schemas`.
    Fixed,
    /// A schema as a whole; `None` is the core schema.
    Whole(Option<&'a Schema>),
    /// A mapped attribute.
    Target(Target<'a>),
    /// An attribute that RFC 7643 knows and the mapping does not.
    Unmapped {
        /// Whether clients may not write it at all.
        read_only: bool,
    },
    /// Nothing that anybody knows.
    Unknown,
}

/// A mapped attribute, its elements that a value filter selects, its sub-attribute.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    /// The URN under which it stands in a resource.
    pub(super) extension: Option<&'a str>,
    /// The attribute, with the mutability that the mapping gives it.
    pub(super) attribute: &'a Attribute,
    /// The attribute as RFC 7643 has it; the mapped one where the RFC has none.
    pub(super) standard: &'a Attribute,
    /// The value filter.
    pub(super) filter: Option<&'a Filter>,
    /// The sub-attribute.
    pub(super) sub: Option<&'a Attribute>,
}

impl<'a> Resolved<'a> {
    /// Looks a path up in the mapped schema, then in the RFC's.
    pub(super) fn of(path: &'a AttributePath, schema: &'a ResourceSchema) -> Self {
        if path.schema.is_none() && is_fixed(&path.name) {
            return Self::Fixed;
        }
        match schema.locate(path) {
            Some(Located::Core) => Self::Whole(None),
            Some(Located::Extension(extension)) => Self::Whole(Some(extension)),
            Some(Located::Attribute(place)) if is_fixed(&place.attribute.name) && place.extension.is_none() => {
                Self::Fixed
            }
            Some(Located::Attribute(place)) => Self::attribute(path, place, schema),
            None => Self::unmapped(path, schema),
        }
    }

    fn attribute(path: &'a AttributePath, place: Place<'a>, schema: &'a ResourceSchema) -> Self {
        let sub = match &path.sub {
            None => None,
            Some(name) => match place.attribute.sub(name) {
                None => return Self::unmapped(path, schema),
                sub => sub,
            },
        };
        let standard = ResourceSchema::standard(&schema.name).and_then(|standard| standard.place(path));
        Self::Target(Target {
            extension: place.extension.map(|extension| extension.id.as_str()),
            attribute: place.attribute,
            standard: standard.map_or(place.attribute, |standard| standard.attribute),
            filter: path.filter.as_deref(),
            sub,
        })
    }

    fn unmapped(path: &AttributePath, schema: &ResourceSchema) -> Self {
        let standard = ResourceSchema::standard(&schema.name);
        match standard.and_then(|standard| Some((standard.place(path)?.attribute, standard.attribute(path)?))) {
            Some((attribute, leaf)) => Self::Unmapped { read_only: is_read_only(attribute) || is_read_only(leaf) },
            // A whole extension of the RFC in which nothing is mapped.
            None if standard.is_some_and(|standard| standard.locate(path).is_some_and(is_whole)) => {
                Self::Unmapped { read_only: false }
            }
            None => Self::Unknown,
        }
    }
}

fn is_whole(located: Located<'_>) -> bool {
    match located {
        Located::Core | Located::Extension(_) => true,
        Located::Attribute(_) => false,
    }
}

impl Target<'_> {
    /// Whether RFC 7643 itself lets no client write it, and the mapping does not say otherwise.
    pub(super) fn is_read_only_by_rfc(&self) -> bool {
        let whole = is_read_only(self.attribute) && is_read_only(self.standard);
        whole || self.sub.is_some_and(|sub| self.is_part_read_only_by_rfc(sub))
    }

    /// The same for one part.
    pub(super) fn is_part_read_only_by_rfc(&self, sub: &Attribute) -> bool {
        is_read_only(sub) && is_read_only(self.standard.sub(&sub.name).unwrap_or(sub))
    }

    /// Whether it was fixed at creation and is never shown, so that no value can be told from the fixed one.
    pub(super) fn is_sealed(&self) -> bool {
        self.attribute.mutability == Mutability::Immutable && self.attribute.returned == Returned::Never
    }

    /// Refuses a value filter on an attribute without elements, and one over sub-attributes that do not exist or have no order.
    pub(super) fn check_filter(&self) -> Result<(), Error> {
        let Some(filter) = self.filter else {
            return Ok(());
        };
        let name = &self.attribute.name;
        if !self.attribute.multi_valued {
            return Err(Error::invalid_path(format!("`{name}` has one value, a value filter cannot select in it")));
        }
        let known = |path: &AttributePath| {
            let part = path.name.as_str();
            path.schema.is_none()
                && path.sub.is_none()
                && (self.attribute.sub(part).is_some()
                    || self.standard.sub(part).is_some()
                    || self.attribute.sub_attributes.is_empty() && part.eq_ignore_ascii_case("value"))
        };
        match first_path(filter, &|path| !known(path)) {
            Some(path) => Err(Error::invalid_path(format!("`{name}` has no sub-attribute `{path}`"))),
            None => filter.suits_elements(self.attribute),
        }
    }
}

fn is_read_only(attribute: &Attribute) -> bool {
    attribute.mutability == Mutability::ReadOnly
}

/// The first path in a filter that `wanted` picks.
fn first_path<'f>(filter: &'f Filter, wanted: &dyn Fn(&AttributePath) -> bool) -> Option<&'f AttributePath> {
    match filter {
        Filter::And(terms) | Filter::Or(terms) => terms.iter().find_map(|term| first_path(term, wanted)),
        Filter::Not(term) => first_path(term, wanted),
        Filter::Compare(path, ..) | Filter::Present(path) | Filter::Element(path, _) => wanted(path).then_some(path),
    }
}
