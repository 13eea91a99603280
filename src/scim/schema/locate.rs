//! What a path means in a resource type. URNs are ambiguous as text; here the known schemas decide.

use super::{Attribute, ResourceSchema, Schema, common};
use crate::scim::AttributePath;

/// What a path names, its value filter and sub-attribute left aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Located<'a> {
    /// The core schema as a whole.
    Core,
    /// An extension as a whole.
    Extension(&'a Schema),
    /// An attribute.
    Attribute(Place<'a>),
}

/// Where an attribute stands in a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The extension whose URN is the key it stands under; `None` at the top of the resource.
    pub extension: Option<&'a Schema>,
    /// The attribute.
    pub attribute: &'a Attribute,
}

impl ResourceSchema {
    /// The definition that a path leads to: of the sub-attribute where the path names one. `None` for a URN alone.
    pub fn attribute(&self, path: &AttributePath) -> Option<&Attribute> {
        let attribute = self.place(path)?.attribute;
        match &path.sub {
            Some(sub) => attribute.sub(sub),
            None => Some(attribute),
        }
    }

    /// The attribute that a path names, and where it stands. `None` for a URN alone.
    pub fn place(&self, path: &AttributePath) -> Option<Place<'_>> {
        match self.locate(path)? {
            Located::Attribute(place) => Some(place),
            Located::Core | Located::Extension(_) => None,
        }
    }

    /// What a path names; `None` when this resource type has no such attribute and no such schema.
    pub fn locate(&self, path: &AttributePath) -> Option<Located<'_>> {
        let Some(urn) = path.schema.as_deref() else {
            return self.core_attribute(&path.name);
        };
        if path.is_schema() {
            return self.whole(urn).or_else(|| {
                let (urn, name) = urn.rsplit_once(':')?;
                self.attribute_of(urn, name)
            });
        }
        self.attribute_of(urn, &path.name).or_else(|| {
            if path.filter.is_some() || path.sub.is_some() {
                return None;
            }
            self.whole(&format!("{urn}:{}", path.name))
        })
    }

    fn whole(&self, urn: &str) -> Option<Located<'_>> {
        if self.core.id.eq_ignore_ascii_case(urn) {
            return Some(Located::Core);
        }
        self.extension(urn).map(Located::Extension)
    }

    fn attribute_of(&self, urn: &str, name: &str) -> Option<Located<'_>> {
        match self.whole(urn)? {
            Located::Extension(extension) => extension
                .attribute(name)
                .map(|attribute| Located::Attribute(Place { extension: Some(extension), attribute })),
            Located::Core | Located::Attribute(_) => self.core_attribute(name),
        }
    }

    fn core_attribute(&self, name: &str) -> Option<Located<'_>> {
        let attribute = self.core.attribute(name).or_else(|| common::fixed(name))?;
        Some(Located::Attribute(Place { extension: None, attribute }))
    }
}
